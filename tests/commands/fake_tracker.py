"""GitHub's issues in memory, as far as the port goes: they are locked, deleted, closed by hand, and fail half-way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workflowops.core.incident.issue import (
    LONGEST_TEXT,
    Issue,
    IssueEdit,
    Label,
    NewIssue,
    NewPullRequest,
    PullRequest,
    PullRequestState,
    Reaction,
)
from workflowops.core.incident.markers import is_marked, is_outdated
from workflowops.core.incident.policy import Role
from workflowops.errors import RemoteError

US = "github-actions[bot]"


class Killed(BaseException):
    """The run ends here, as by kill -9: nothing catches it."""


@dataclass(frozen=True, slots=True)
class Comment:
    id: int
    author: str
    text: str


@dataclass
class FakeTracker:
    """Issues and what was done to them. `calls` names every method called, one entry a request.

    `faults` maps the number of a write (from 1) to what happens then: ("before" | "after", exception).
    """

    issues: dict[int, Issue] = field(default_factory=dict)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    reactions: dict[int, list[Reaction]] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    teams: dict[str, set[str]] = field(default_factory=dict)
    pull_requests: list[NewPullRequest] = field(default_factory=list)
    ended: dict[int, str | None] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    pin_problem: str | None = None
    gone: set[int] = field(default_factory=set)
    locked_out: set[int] = field(default_factory=set)
    unassignable: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    faults: dict[int, tuple[str, BaseException]] = field(default_factory=dict)
    outage: Exception | None = None
    _writes: int = 0
    _numbers: int = 0
    _comment_ids: int = 1000

    @property
    def requests(self) -> int:
        return len(self.calls)

    def open_issues(self, label: str) -> Sequence[Issue]:
        self._read("open_issues")
        found = [issue for issue in self.issues.values() if issue.is_open and label in issue.labels]
        return sorted((each for each in found if each.number not in self.gone), key=lambda each: -each.number)

    def issue(self, number: int) -> Issue | None:
        self._read("issue")
        return None if number in self.gone else self.issues.get(number)

    def find_issue(self, label: str, marker: str, *, since: str) -> Issue | None:
        del since
        self._read("find_issue")
        return self._find(label, marker)

    def open_issue(self, new: NewIssue, *, look_since: str | None) -> Issue:
        if look_since is not None:
            found = self.find_issue(new.labels[0], new.marker, since=look_since)
            if found is not None:
                return found
        assert len(new.body) <= LONGEST_TEXT
        assert new.marker in new.body

        def write() -> Issue:
            number = self.next_number()
            issue = Issue(
                number=number,
                url=f"https://github.com/o/r/issues/{number}",
                title=new.title,
                body=new.body,
                is_open=True,
                labels=new.labels,
                assignees=tuple(each for each in new.assignees if each not in self.unassignable),
                author=US,
            )
            self.issues[number] = issue
            self.comments[number] = []
            return issue

        return self._write("open_issue", write)

    def edit_issue(self, number: int, edit: IssueEdit) -> None:
        assert edit.body is None or len(edit.body) <= LONGEST_TEXT
        changes: dict[str, Any] = {
            name: value for name in ("title", "body", "labels", "is_open") if (value := getattr(edit, name)) is not None
        }
        gone = {each.casefold() for each in edit.unassigned or ()}
        new = [each for each in edit.assignees or () if each not in self.unassignable]

        def write() -> None:
            self._require(number)
            issue = self.issues[number]
            stay = [each for each in issue.assignees if each.casefold() not in gone]
            known = {each.casefold() for each in stay}
            assignees = (*stay, *(each for each in new if each.casefold() not in known))
            self.issues[number] = replace(issue, **changes, assignees=assignees)

        self._write("edit_issue", write)

    def comment(self, number: int, text: str, *, marker: str, look_since: str | None) -> str:
        assert len(text) <= LONGEST_TEXT
        assert is_marked(text, marker)
        if look_since is not None:
            self._read("comments")
            for comment in self.comments.get(number, ()):
                if comment.author == US and is_marked(comment.text, marker):
                    return self._url(number, comment.id)

        def write() -> str:
            self._require(number)
            return self._url(number, self._add(number, US, text))

        return self._write("comment", write)

    def react(self, comment_id: int, reaction: Reaction) -> None:
        def write() -> None:
            given = self.reactions.setdefault(comment_id, [])
            if reaction not in given:
                given.append(reaction)

        self._write("react", write)

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        self._read("labels")
        for label in labels:
            if label.name.casefold() not in {name.casefold() for name in self.labels}:
                self._write("create_label", lambda label=label: self.labels.update({label.name: label}))

    def role_of(self, login: str) -> Role:
        self._read("role_of")
        return self.roles.get(login, Role.NONE)

    def is_member(self, login: str, *, team: str) -> bool | None:
        self._read("is_member")
        return login in self.teams[team] if team in self.teams else None

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        self._read("pull_requests")
        heads = [each.head if at + 500 not in self.ended else None for at, each in enumerate(self.pull_requests)]
        if new.head in heads:
            at = heads.index(new.head)
            if is_outdated(self.pull_requests[at].body, latest=new.body):
                self._write("edit_pull_request", lambda: self.pull_requests.__setitem__(at, new))
            return PullRequest(at + 500, f"https://github.com/o/r/pull/{at + 500}", is_new=False)

        def write() -> PullRequest:
            self.pull_requests.append(new)
            number = len(self.pull_requests) + 499
            return PullRequest(number, f"https://github.com/o/r/pull/{number}", is_new=True)

        return self._write("open_pull_request", write)

    def pull_request_state(self, number: int) -> PullRequestState | None:
        self._read("pull_request_state")
        if not 500 <= number < 500 + len(self.pull_requests):
            return None
        return PullRequestState(
            number=number,
            url=f"https://github.com/o/r/pull/{number}",
            is_open=number not in self.ended,
            merge_commit=self.ended.get(number),
        )

    def pin_issue(self, number: int) -> str | None:
        def write() -> str | None:
            self._require(number)
            if self.pin_problem is None and number not in self.pinned:
                self.pinned.append(number)
            return self.pin_problem

        return self._write("pin_issue", write)

    def default_branch(self) -> str:
        self._read("repository")
        return "main"

    # What people and time do to it.

    def next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def end_pull_request(self, number: int, *, merge_commit: str | None) -> None:
        """Merge a pull request (500 is the first), or close it unmerged where no commit is given."""
        self.ended[number] = merge_commit

    def by_hand(self, number: int, **changes: Any) -> None:
        """Change an issue as a person would on GitHub's page."""
        self.issues[number] = replace(self.issues[number], **changes)

    def say(self, number: int, author: str, text: str) -> int:
        """Comment as a person; answers the comment's id."""
        return self._add(number, author, text)

    def ours(self, number: int) -> list[str]:
        """What we said on an issue, oldest first."""
        return [comment.text for comment in self.comments.get(number, ()) if comment.author == US]

    def fail_write(self, number: int, error: BaseException, *, when: str = "before") -> None:
        """Let the write of that number from now on (1 is the next) fail, `before` or `after` it was done."""
        self.faults[self._writes + number] = (when, error)

    def _find(self, label: str, marker: str) -> Issue | None:
        for issue in self.issues.values():
            if label in issue.labels and marker in issue.body and issue.number not in self.gone:
                return issue
        return None

    def _add(self, number: int, author: str, text: str) -> int:
        self._comment_ids += 1
        self.comments.setdefault(number, []).append(Comment(self._comment_ids, author, text))
        return self._comment_ids

    def _url(self, number: int, comment: int) -> str:
        return f"https://github.com/o/r/issues/{number}#issuecomment-{comment}"

    def _require(self, number: int) -> None:
        if number in self.gone or number not in self.issues:
            raise RemoteError(f"There is no issue #{number}.", fix="It was deleted.")
        if number in self.locked_out:
            raise RemoteError(f"Issue #{number} is locked.", fix="Unlock it.")

    def _read(self, name: str) -> None:
        self.calls.append(name)
        if self.outage is not None:
            raise self.outage

    def _write(self, name: str, write: Callable[[], Any]) -> Any:
        self._read(name)
        self._writes += 1
        when, error = self.faults.pop(self._writes, ("", None))
        if error is not None and when == "before":
            raise error
        done = write()
        if error is not None:
            raise error
        return done
