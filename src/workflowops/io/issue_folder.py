"""Incidents as files that one can open: the port of the tracker without a GitHub, for the demo and for rehearsals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeVar

import msgspec

from workflowops.core.incident.issue import Issue, IssueEdit, Label, NewIssue, NewPullRequest, PullRequest, Reaction
from workflowops.core.incident.markers import is_marked, is_outdated
from workflowops.core.incident.policy import Role
from workflowops.core.json import JsonObject, printable
from workflowops.core.timestamps import iso
from workflowops.errors import RemoteError
from workflowops.io.issue_file import (
    StoredComment,
    StoredIssue,
    StoredPullRequest,
    issue_page,
    pull_request_page,
)

Stored = TypeVar("Stored")
_OURS = "github-actions[bot]"
_FIRST_COMMENT = 1001


class IssueFolder:
    """Issues in a folder: `issues/<number>.md` to be read, `issues/<number>.json` with the data.

    Pull requests lie in `pull-requests/`; both share their numbers, as on GitHub. `labels.json` holds the labels.
    Where they are there, `roles.json` (login -> role) and `teams.json` (`org/slug` -> logins) are respected; without,
    everybody is an admin and no team can be read. One process writes at a time; every file is replaced as a whole.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take a folder, which need not exist; `clock` answers the time in UTC."""
        self._folder = folder.absolute()
        self._clock = clock

    @property
    def requests(self) -> int:
        """How many requests were sent: none, ever."""
        return 0

    def open_issues(self, label: str) -> Sequence[Issue]:
        """List the open issues with a label, newest first."""
        found = [issue for issue in self._issues() if issue.state == "open" and _has(issue, label)]
        return [self._answer(issue) for issue in reversed(found)]

    def issue(self, number: int) -> Issue | None:
        """Read one issue; None when its file is not there."""
        found = self._load(self._path("issues", number), StoredIssue)
        return None if found is None else self._answer(found)

    def find_issue(self, label: str, marker: str, *, since: str) -> Issue | None:
        """Find the oldest issue with that label whose body holds the marker, open or closed, changed since then."""
        for issue in self._issues():
            if marker in issue.body and _has(issue, label) and issue.updated_at >= since:
                return self._answer(issue)
        return None

    def open_issue(self, new: NewIssue, *, look_since: str | None) -> Issue:
        """Open an issue; where `look_since` is given, answer the one with the marker if it exists."""
        found = None if look_since is None else self.find_issue(new.labels[0], new.marker, since=look_since)
        if found is not None:
            return found
        issue = StoredIssue(
            number=self._next_number(),
            title=printable(new.title),
            body=printable(new.body),
            labels=tuple(dict.fromkeys(new.labels)),
            assignees=tuple(dict.fromkeys(new.assignees)),
            author=_OURS,
            created_at=self._now(),
            updated_at=self._now(),
        )
        self._save_issue(issue)
        return self._answer(issue)

    def edit_issue(self, number: int, edit: IssueEdit) -> None:
        """Change an issue; assignees are added and taken away. Raises RemoteError when it is not there."""
        issue = self._existing(number)
        gone = {login.casefold() for login in edit.unassigned or ()}
        stay = [login for login in issue.assignees if login.casefold() not in gone]
        state = issue.state if edit.is_open is None else "open" if edit.is_open else "closed"
        self._save_issue(
            replace(
                issue,
                title=issue.title if edit.title is None else printable(edit.title),
                body=issue.body if edit.body is None else printable(edit.body),
                labels=issue.labels if edit.labels is None else tuple(dict.fromkeys(edit.labels)),
                assignees=tuple(dict.fromkeys([*stay, *(edit.assignees or ())])),
                state=state,
                updated_at=self._now(),
            )
        )

    def comment(self, number: int, text: str, *, marker: str, look_since: str | None) -> str:
        """Comment and answer the address; where `look_since` is given, look for our comment with the marker first."""
        if look_since is not None:
            for comment in self._existing(number).comments:
                if comment.author == _OURS and is_marked(comment.body, marker) and comment.created_at >= look_since:
                    return self._comment_url(number, comment.id)
        return self._comment_url(number, self.add_comment(number, _OURS, text))

    def react(self, comment_id: int, reaction: Reaction) -> None:
        """React to a comment; the same reaction twice is one, and a comment that is gone needs none."""
        for issue in self._issues():
            comments = tuple(
                replace(each, reactions=tuple(dict.fromkeys([*each.reactions, reaction])))
                if each.id == comment_id
                else each
                for each in issue.comments
            )
            if comments != issue.comments:
                self._save_issue(replace(issue, comments=comments))

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        """Create the labels that do not exist; those that do stay as they are."""
        known = self._load(self._folder / "labels.json", dict[str, dict[str, str]]) or {}
        present = {name.casefold() for name in known}
        missing = {each.name: each for each in labels if each.name.casefold() not in present}
        if missing:
            looks = {name: {"color": each.color, "description": each.description} for name, each in missing.items()}
            self._save(self._folder / "labels.json", _encoded(known | looks))

    def role_of(self, login: str) -> Role:
        """Answer the role in `roles.json`; who is not in it is an admin."""
        roles = self._load(self._folder / "roles.json", dict[str, Role]) or {}
        return {name.casefold(): role for name, role in roles.items()}.get(login.casefold(), Role.ADMIN)

    def is_member(self, login: str, *, team: str) -> bool | None:
        """Say whether somebody is in a team of `teams.json`; None for a team that is not in it."""
        teams = self._load(self._folder / "teams.json", dict[str, tuple[str, ...]]) or {}
        members = teams.get(team)
        return None if members is None else login.casefold() in {name.casefold() for name in members}

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Write a pull request down, or answer the open one of the same head."""
        for number in self._numbers("pull-requests"):
            found = self._load(self._path("pull-requests", number), StoredPullRequest)
            if found is not None and found.head == new.head and found.state == "open":
                if is_outdated(found.body, latest=printable(new.body)):
                    self._save_request(replace(found, title=printable(new.title), body=printable(new.body)))
                return found.pull_request(self._url("pull-requests", number), is_new=False)
        request = StoredPullRequest(
            number=self._next_number(),
            title=printable(new.title),
            body=printable(new.body),
            head=new.head,
            base=new.base,
            author=_OURS,
            created_at=self._now(),
        )
        self._save_request(request)
        return request.pull_request(self._url("pull-requests", request.number), is_new=True)

    def _save_request(self, request: StoredPullRequest) -> None:
        path = self._path("pull-requests", request.number)
        self._save(path, _encoded(request))
        self._save(path.with_suffix(".md"), pull_request_page(request).encode())

    def default_branch(self) -> str:
        """Name the branch that pull requests go into: here always `main`."""
        return "main"

    # What people do, and what GitHub would send because of it.

    def add_comment(self, number: int, author: str, text: str) -> int:
        """Comment as somebody; answers the comment's id."""
        issue = self._existing(number)
        identity = max((each.id for found in self._issues() for each in found.comments), default=_FIRST_COMMENT - 1) + 1
        comment = StoredComment(id=identity, author=author, created_at=self._now(), body=printable(text))
        self._save_issue(replace(issue, comments=(*issue.comments, comment), updated_at=self._now()))
        return identity

    def comment_event(self, number: int, comment_id: int) -> JsonObject:
        """Answer the payload of the event `issue_comment` (created), as far as this program reads it."""
        issue = self._existing(number)
        comment = next((each for each in issue.comments if each.id == comment_id), None)
        if comment is None:
            raise self._missing(f"comment {comment_id} on issue #{number}")
        return {
            "action": "created",
            "issue": self._payload(issue),
            "comment": {
                "id": comment.id,
                "html_url": self._comment_url(number, comment.id),
                "body": comment.body,
                "user": _user(comment.author),
                "created_at": comment.created_at,
                "updated_at": comment.created_at,
                "author_association": "COLLABORATOR",
            },
            "sender": _user(comment.author),
        }

    def issue_event(self, number: int, action: str, sender: str) -> JsonObject:
        """Answer the payload of the event `issues` with that action, as far as this program reads it."""
        return {"action": action, "issue": self._payload(self._existing(number)), "sender": _user(sender)}

    def _payload(self, issue: StoredIssue) -> JsonObject:
        return {
            "number": issue.number,
            "html_url": self._url("issues", issue.number),
            "title": issue.title,
            "body": issue.body,
            "state": issue.state,
            "labels": [{"name": name} for name in issue.labels],
            "assignees": [_user(login) for login in issue.assignees],
            "user": _user(issue.author),
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
        }

    def _issues(self) -> list[StoredIssue]:
        found = (self._load(self._path("issues", number), StoredIssue) for number in self._numbers("issues"))
        return [issue for issue in found if issue is not None]

    def _existing(self, number: int) -> StoredIssue:
        found = self._load(self._path("issues", number), StoredIssue)
        if found is None:
            raise self._missing(f"issue #{number}")
        return found

    def _missing(self, what: str) -> RemoteError:
        return RemoteError(f"There is no {what} in {self._folder}.", fix="Look into the folder for what is there.")

    def _numbers(self, kind: str) -> list[int]:
        return sorted(int(path.stem) for path in (self._folder / kind).glob("*.json") if path.stem.isdecimal())

    def _next_number(self) -> int:
        return max([0, *self._numbers("issues"), *self._numbers("pull-requests")]) + 1

    def _path(self, kind: str, number: int) -> Path:
        return self._folder / kind / f"{number}.json"

    def _url(self, kind: str, number: int) -> str:
        return self._path(kind, number).with_suffix(".md").as_uri()

    def _comment_url(self, number: int, comment_id: int) -> str:
        return f"{self._url('issues', number)}#issuecomment-{comment_id}"

    def _answer(self, issue: StoredIssue) -> Issue:
        return issue.issue(self._url("issues", issue.number))

    def _now(self) -> str:
        return iso(self._clock())

    def _save_issue(self, issue: StoredIssue) -> None:
        path = self._path("issues", issue.number)
        self._save(path, _encoded(issue))
        self._save(path.with_suffix(".md"), issue_page(issue).encode())

    def _load(self, path: Path, kind: type[Stored]) -> Stored | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
            raise RemoteError(
                f"{path} cannot be read: {error}.", fix="Put it right, or delete it to go on without it."
            ) from error

    def _save(self, path: Path, content: bytes) -> None:
        """Replace a file as a whole: a reader sees the old one or the new one."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".new", delete=False) as file:
                file.write(content)
            Path(file.name).replace(path)
        except OSError as error:
            raise RemoteError(f"{path} cannot be written: {error.strerror}.", fix="Name another folder.") from error


def _has(issue: StoredIssue, label: str) -> bool:
    return label.casefold() in {name.casefold() for name in issue.labels}


def _user(login: str) -> JsonObject:
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def _encoded(value: StoredIssue | StoredPullRequest | Mapping[str, Mapping[str, str]]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
