"""Pull requests, checks and approvals as files that one can open: a promotion without a GitHub, for rehearsals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from workflowops.core.incident.issue import Label, NewPullRequest, PullRequest, PullRequestState
from workflowops.core.incident.labels import repaired
from workflowops.core.incident.markers import is_marked, is_outdated, marked
from workflowops.core.incident.policy import Role
from workflowops.core.json import printable
from workflowops.core.promotion.review import (
    CheckReport,
    Checks,
    CheckState,
    MergedPullRequest,
    Protection,
    RunApproval,
)
from workflowops.io.folder_store import OURS, FolderStore
from workflowops.io.issue_file import StoredPullRequest

_MAY_APPROVE = frozenset({Role.WRITE, Role.MAINTAIN, Role.ADMIN})
_DEFAULT_BRANCH = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChecks:
    """`checks/<commit>.json`: how the checks of a commit ended, and what we reported, both by name."""

    states: dict[str, CheckState]
    reported: dict[str, CheckReport]


class PullRequestFolder:
    """Pull requests in a folder: `pull-requests/<number>.md` to be read, `pull-requests/<number>.json` with the data.

    Answers the port `PullRequests`. Where they are there, `roles.json` (login -> role), `environments.json` (name ->
    reviewers) and `approvals.json` (run -> approvals) are respected; without, everybody is an admin and there is no
    environment, so that approvals come by comments. `checks/<commit>.json` holds checks, `labels.json` the labels.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take a folder, which need not exist; `clock` answers the time in UTC."""
        self._store = FolderStore(folder, clock=clock)

    def role_of(self, login: str) -> Role:
        """Answer the role in `roles.json`; who is not in it is an admin."""
        roles = self._store.load(self._store.folder / "roles.json", dict[str, Role]) or {}
        return {name.casefold(): role for name, role in roles.items()}.get(login.casefold(), Role.ADMIN)

    def default_branch(self) -> str:
        """Name the branch that pull requests go into: here always `main`."""
        return _DEFAULT_BRANCH

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        """Create the labels that do not exist; those that do stay as they are."""
        path = self._store.folder / "labels.json"
        known = self._store.load(path, dict[str, dict[str, str]]) or {}
        present = {name.casefold() for name in known}
        missing = {each.name: each for each in labels if each.name.casefold() not in present}
        if missing:
            looks = {name: {"color": each.color, "description": each.description} for name, each in missing.items()}
            self._store.save(path, known | looks)

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Write a pull request down, or answer the open one of the same head."""
        for found in self._store.pull_requests():
            if found.head == new.head and found.state == "open":
                if is_outdated(found.body, latest=printable(new.body)):
                    self._store.save_entry(replace(found, title=printable(new.title), body=printable(new.body)))
                return found.pull_request(self._store.url(found), is_new=False)
        request = StoredPullRequest(
            number=self._store.next_number(),
            title=printable(new.title),
            body=printable(new.body),
            head=new.head,
            base=new.base,
            author=OURS,
            created_at=self._store.now(),
        )
        self._store.save_entry(request)
        return request.pull_request(self._store.url(request), is_new=True)

    def pull_request_state(self, number: int) -> PullRequestState | None:
        """Say where a pull request stands; None when its file is not there."""
        found = self._store.pull_request(number)
        if found is None:
            return None
        return PullRequestState(
            number=number,
            url=self._store.url(found),
            is_open=found.state == "open",
            merge_commit=found.merge_commit or None,
        )

    def of_commit(self, commit: str) -> MergedPullRequest | None:
        """Find the pull request whose merge made a commit of the default branch; None when there is none."""
        for found in self._store.pull_requests():
            if commit and found.merge_commit == commit and found.base == _DEFAULT_BRANCH:
                return self._answer(found)
        return None

    def pull_request(self, number: int) -> MergedPullRequest | None:
        """Read a pull request, merged or not; None when its file is not there."""
        found = self._store.pull_request(number)
        return None if found is None else self._answer(found)

    def commit_authors(self, number: int) -> tuple[str, ...] | None:
        """Answer who wrote its commits, as its file says; None where one of them is empty, and its author without."""
        stored = self._existing(number)
        people = stored.commit_authors or (stored.author,)
        return None if "" in people else tuple(dict.fromkeys(login for login in people if not login.endswith("[bot]")))

    def checks(self, commit: str) -> Checks:
        """Answer how the checks of a commit ended; what we reported ourselves is left out."""
        return Checks(dict(self._checks(commit).states))

    def protection(self, environment: str) -> Protection:
        """Answer what guards an environment, from `environments.json`."""
        path = self._store.folder / "environments.json"
        known = self._store.load(path, dict[str, Protection]) or {}
        return {name.casefold(): each for name, each in known.items()}.get(environment.casefold(), Protection())

    def run_approvals(self, run_id: str) -> Sequence[RunApproval]:
        """Answer who approved or rejected the environments of a run, from `approvals.json`."""
        path = self._store.folder / "approvals.json"
        return (self._store.load(path, dict[str, tuple[RunApproval, ...]]) or {}).get(run_id, ())

    def say(self, number: int, text: str, *, marker: str) -> str:
        """Keep one comment of ours with this marker on a pull request up to date, and answer its address."""
        stored = self._store.existing(number)
        text = text if is_marked(text, marker) else marked(text, marker)
        for comment in stored.comments:
            if comment.author == OURS and is_marked(comment.body, marker):
                latest = replace(comment, body=printable(text))
                if latest != comment:
                    comments = (latest if each.id == comment.id else each for each in stored.comments)
                    self._store.save_comments(stored, tuple(comments))
                return self._store.comment_url(stored, comment.id)
        return self._store.comment_url(stored, self._store.add_comment(number, OURS, text))

    def report_check(self, check: CheckReport) -> None:
        """Write our check on a commit down, in place of the one of its name."""
        stored = self._checks(check.commit)
        self._save_checks(check.commit, replace(stored, reported=stored.reported | {check.name: check}))

    def set_labels(self, number: int, labels: Sequence[Label]) -> None:
        """Give a pull request exactly these of our labels; those of people stay."""
        stored = self._existing(number)
        self.ensure_labels(labels)
        names = repaired(stored.labels, tuple(label.name for label in labels))
        if names is not None:
            self._store.save_entry(replace(stored, labels=names))

    # What people and other programs do.

    def push(self, number: int, *, commit: str) -> None:
        """Say which commit is the last one of a pull request."""
        self._store.save_entry(replace(self._existing(number), head_commit=commit))

    def merge(self, number: int, *, by: str, commit: str) -> None:
        """Merge a pull request as somebody: `commit` is the one that the merge made."""
        request = replace(self._existing(number), state="closed", merged_by=by, merge_commit=commit)
        self._store.save_entry(request)

    def approve_review(self, number: int, *, by: str) -> None:
        """Approve the last commit of a pull request as somebody."""
        stored = self._existing(number)
        self._store.save_entry(replace(stored, reviews=stored.reviews | {by: stored.head_commit}))

    def finish_check(self, commit: str, name: str, state: CheckState) -> None:
        """Let a check of somebody else end."""
        stored = self._checks(commit)
        self._save_checks(commit, replace(stored, states=stored.states | {name: state}))

    def reported(self, commit: str) -> Mapping[str, CheckReport]:
        """Answer what we reported on a commit, by the name of the check."""
        return self._checks(commit).reported

    def _existing(self, number: int) -> StoredPullRequest:
        found = self._store.pull_request(number)
        if found is None:
            raise self._store.missing(f"pull request #{number}")
        return found

    def _answer(self, stored: StoredPullRequest) -> MergedPullRequest:
        author = stored.author.casefold()
        approving = (login for login, commit in stored.reviews.items() if commit == stored.head_commit)
        return MergedPullRequest(
            number=stored.number,
            url=self._store.url(stored),
            title=stored.title,
            author=stored.author,
            head=stored.head_commit,
            base=stored.base,
            body=stored.body,
            merged_by=stored.merged_by,
            merge_commit=stored.merge_commit,
            is_open=stored.state == "open",
            labels=stored.labels,
            approved_by=tuple(
                login for login in approving if login.casefold() != author and self.role_of(login) in _MAY_APPROVE
            ),
        )

    def _checks(self, commit: str) -> StoredChecks:
        found = self._store.load(self._checks_path(commit), StoredChecks)
        return found or StoredChecks(states={}, reported={})

    def _save_checks(self, commit: str, checks: StoredChecks) -> None:
        self._store.save(self._checks_path(commit), checks)

    def _checks_path(self, commit: str) -> Path:
        if not (commit.isascii() and commit.isalnum()):
            raise self._store.missing(f"commit {commit!r}")
        return self._store.folder / "checks" / f"{commit}.json"
