"""An issue as a file: the data of one, and the page that a reader sees of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
    """`pull-requests/<number>.json`."""

    number: int
    title: str
    body: str
    head: str
    base: str
    state: str = "open"
    author: str
    created_at: str

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
    for comment in issue.comments:
        blocks += ["---", f"**{_person(comment.author)}** commented at {comment.created_at}", _visible(comment.body)]
        if comment.reactions:
            blocks.append(" ".join(_SHOWN[reaction] for reaction in comment.reactions))
    return _page(blocks)


def pull_request_page(request: StoredPullRequest) -> str:
    """Answer Markdown: title, state, which branch goes where, and the body."""
    return _page(
        [
            f"# {escaped(request.title)} (pull request {request.number})",
            f"**{request.state.capitalize()}** · opened by {_person(request.author)} at {request.created_at} · from "
            f"{escaped(request.head)} into {escaped(request.base)}",
            _visible(request.body),
        ]
    )


def _visible(text: str) -> str:
    return _HIDDEN.sub("", text.replace("\r\n", "\n")).strip("\n")


def _person(login: str) -> str:
    return login if _LOGIN.fullmatch(login) else escaped(login)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _page(blocks: Sequence[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"
