"""An issue as a file: the data of one, and the page that a reader sees of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from workflowops.core.incident.issue import Issue, PullRequest, Reaction
from workflowops.core.text.markdown import escaped

_HIDDEN = re.compile(r"^[ \t]*<!--(?:(?!-->).)*-->[ \t]*\n?", re.MULTILINE | re.DOTALL)
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\[bot\])?")
_SHOWN = {  # as GitHub's own page shows them
    Reaction.SEEN: "\N{EYES}",
    Reaction.DONE: "\N{THUMBS UP SIGN}",
    Reaction.REFUSED: "\N{THUMBS DOWN SIGN}",
    Reaction.CONFUSED: "\N{CONFUSED FACE}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredComment:
    """A comment. Times are ISO 8601 in UTC."""

    id: int
    author: str
    created_at: str
    body: str
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """`issues/<number>.json`. `state` is `open` or `closed`, as GitHub says it."""

    number: int
    title: str
    body: str
    state: str = "open"
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    author: str
    created_at: str
    updated_at: str
    comments: tuple[StoredComment, ...] = ()

    def issue(self, url: str) -> Issue:
        """Answer it as the tracker does."""
        return Issue(
            number=self.number,
            url=url,
            title=self.title,
            body=self.body,
            is_open=self.state == "open",
            labels=self.labels,
            assignees=self.assignees,
            author=self.author,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPullRequest:
    """`pull-requests/<number>.json`. `head` is a branch, `head_commit` its last commit, empty where nobody said it.

    `merge_commit` is the commit that the merge made. `reviews` are approvals, login -> the commit that was approved.
    `commit_authors` are who wrote its commits, an empty one for somebody unknown; none where its author wrote them all.
    """

    number: int
    title: str
    body: str
    head: str
    head_commit: str = ""
    base: str
    state: str = "open"
    author: str
    created_at: str
    merged_by: str | None = None
    merge_commit: str | None = None
    labels: tuple[str, ...] = ()
    reviews: dict[str, str] = field(default_factory=dict)
    commit_authors: tuple[str, ...] = ()
    comments: tuple[StoredComment, ...] = ()

    def pull_request(self, url: str, *, is_new: bool) -> PullRequest:
        """Answer it as the tracker does."""
        return PullRequest(self.number, url, is_new=is_new)


def issue_page(issue: StoredIssue) -> str:
    """Answer Markdown: title, state, labels, people, the body, and below it the comments in their order.

    Hidden comments, which no reader sees on GitHub, are left out; the data has them.
    """
    facts = [f"**{issue.state.capitalize()}**", f"opened by {_person(issue.author)} at {issue.created_at}"]
    if issue.labels:
        facts.append(f"labels: {_listed(map(escaped, issue.labels))}")
    if issue.assignees:
        facts.append(f"assigned to: {_listed(map(_person, issue.assignees))}")
    blocks = [f"# {escaped(issue.title)} (issue {issue.number})", " · ".join(facts), _visible(issue.body)]
    return _page([*blocks, *_comments(issue.comments)])


def pull_request_page(request: StoredPullRequest) -> str:
    """Answer Markdown: title, state, labels, which branch goes where, the body, and below it the comments."""
    state = "Merged" if request.merge_commit else request.state.capitalize()
    facts = [
        f"**{state}**",
        f"opened by {_person(request.author)} at {request.created_at}",
        f"from {escaped(request.head)} into {escaped(request.base)}",
    ]
    if request.labels:
        facts.append(f"labels: {_listed(map(escaped, request.labels))}")
    if request.merged_by:
        facts.append(f"merged by {_person(request.merged_by)}")
    title = f"# {escaped(request.title)} (pull request {request.number})"
    return _page([title, " · ".join(facts), _visible(request.body), *_comments(request.comments)])


def _comments(comments: Iterable[StoredComment]) -> Iterator[str]:
    for comment in comments:
        yield from ("---", f"**{_person(comment.author)}** commented at {comment.created_at}", _visible(comment.body))
        if comment.reactions:
            yield " ".join(_SHOWN[reaction] for reaction in comment.reactions)


def _visible(text: str) -> str:
    return _HIDDEN.sub("", text.replace("\r\n", "\n")).strip("\n")


def _person(login: str) -> str:
    return login if _LOGIN.fullmatch(login) else escaped(login)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _page(blocks: Sequence[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"
