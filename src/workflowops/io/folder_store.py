"""The files of a folder that stands for a GitHub: issues and pull requests share their numbers, as there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias, TypeVar

import msgspec

from workflowops.core.json import printable
from workflowops.core.timestamps import iso
from workflowops.errors import RemoteError
from workflowops.io.issue_file import StoredComment, StoredIssue, StoredPullRequest, issue_page, pull_request_page

Stored = TypeVar("Stored")
StoredEntry: TypeAlias = StoredIssue | StoredPullRequest
OURS = "github-actions[bot]"
"""Who our own texts are by."""
ISSUES, PULL_REQUESTS = "issues", "pull-requests"

_FIRST_COMMENT = 1001


class FolderStore:
    """Reads and writes `issues/<number>.json`, `pull-requests/<number>.json` and a page of Markdown beside each.

    One process writes at a time; every file is replaced as a whole. Raises RemoteError.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take a folder, which need not exist; `clock` answers the time in UTC."""
        self.folder = folder.absolute()
        self._clock = clock

    def now(self) -> str:
        """Answer the time in ISO 8601."""
        return iso(self._clock())

    def issue(self, number: int) -> StoredIssue | None:
        """Read an issue; None when its file is not there."""
        return self.load(self._path(ISSUES, number), StoredIssue)

    def issues(self) -> list[StoredIssue]:
        """Read every issue, oldest first."""
        found = (self.issue(number) for number in self._numbers(ISSUES))
        return [issue for issue in found if issue is not None]

    def pull_request(self, number: int) -> StoredPullRequest | None:
        """Read a pull request; None when its file is not there."""
        return self.load(self._path(PULL_REQUESTS, number), StoredPullRequest)

    def pull_requests(self) -> list[StoredPullRequest]:
        """Read every pull request, oldest first."""
        found = (self.pull_request(number) for number in self._numbers(PULL_REQUESTS))
        return [request for request in found if request is not None]

    def entries(self) -> list[StoredEntry]:
        """Read every issue and every pull request."""
        return [*self.issues(), *self.pull_requests()]

    def existing(self, number: int) -> StoredEntry:
        """Read the issue or pull request of a number; raises RemoteError when there is neither."""
        found = self.issue(number) or self.pull_request(number)
        if found is None:
            raise self.missing(f"issue #{number}")
        return found

    def missing(self, what: str) -> RemoteError:
        """Say that something is not there."""
        return RemoteError(f"There is no {what} in {self.folder}.", fix="Look into the folder for what is there.")

    def next_number(self) -> int:
        """Answer the number of the next issue or pull request."""
        return max([0, *self._numbers(ISSUES), *self._numbers(PULL_REQUESTS)]) + 1

    def url(self, stored: StoredEntry) -> str:
        """Answer the address of the page."""
        return self._path(_kind(stored), stored.number).with_suffix(".md").as_uri()

    def comment_url(self, stored: StoredEntry, comment_id: int) -> str:
        """Answer the address of a comment."""
        return f"{self.url(stored)}#issuecomment-{comment_id}"

    def save_entry(self, stored: StoredEntry) -> None:
        """Write an issue or a pull request, and its page."""
        path = self._path(_kind(stored), stored.number)
        page = issue_page(stored) if isinstance(stored, StoredIssue) else pull_request_page(stored)
        self.save(path, stored)
        self._replace(path.with_suffix(".md"), page.encode())

    def add_comment(self, number: int, author: str, text: str) -> int:
        """Comment as somebody; answers the comment's id. Raises RemoteError when there is nothing of that number."""
        stored = self.existing(number)
        identity = max((each.id for found in self.entries() for each in found.comments), default=_FIRST_COMMENT - 1) + 1
        comment = StoredComment(id=identity, author=author, created_at=self.now(), body=printable(text))
        self.save_comments(stored, (*stored.comments, comment))
        return identity

    def save_comments(self, stored: StoredEntry, comments: tuple[StoredComment, ...]) -> None:
        """Write an issue or a pull request with other comments."""
        if isinstance(stored, StoredIssue):
            self.save_entry(replace(stored, comments=comments, updated_at=self.now()))
        else:
            self.save_entry(replace(stored, comments=comments))

    def load(self, path: Path, kind: type[Stored]) -> Stored | None:
        """Read a file of JSON; None when it is not there."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            raise RemoteError(
                f"{path} cannot be read: {error}.", fix="Put it right, or delete it to go on without it."
            ) from error

    def save(self, path: Path, value: Any) -> None:
        """Write a file of JSON."""
        self._replace(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")

    def _replace(self, path: Path, content: bytes) -> None:
        """Replace a file as a whole: a reader sees the old one or the new one."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)
        except OSError as error:
            raise RemoteError(f"{path} cannot be written: {error.strerror}.", fix="Name another folder.") from error

    def _numbers(self, kind: str) -> list[int]:
        return sorted(int(path.stem) for path in (self.folder / kind).glob("*.json") if path.stem.isdecimal())

    def _path(self, kind: str, number: int) -> Path:
        return self.folder / kind / f"{number}.json"


def _kind(stored: StoredEntry) -> str:
    return ISSUES if isinstance(stored, StoredIssue) else PULL_REQUESTS
