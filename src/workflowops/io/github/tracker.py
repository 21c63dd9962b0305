"""Incidents as GitHub issues: every method says how many requests it sends, and no write is done twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

from workflowops.core.incident.issue import (
    Issue,
    IssueEdit,
    Label,
    NewIssue,
    NewPullRequest,
    PullRequest,
    PullRequestState,
    Reaction,
)
from workflowops.core.incident.markers import is_marked
from workflowops.core.incident.policy import Role
from workflowops.core.json import Json, JsonObject
from workflowops.core.timestamps import iso
from workflowops.errors import GitHubNotFoundError
from workflowops.io.github import people
from workflowops.io.github.account import Account
from workflowops.io.github.assignees import assign, assigned, unassign
from workflowops.io.github.faults import failed_task, foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.once import write_again, write_once
from workflowops.io.github.pinning import pin_issue
from workflowops.io.github.pull_request_state import pull_request_state
from workflowops.io.github.pull_requests import open_pull_request
from workflowops.io.github.reading import has_label, is_pull_request, login_of, read_issue, repository_of, text_of
from workflowops.io.github.repository import RepositoryReader
from workflowops.io.github.session import Connection, GitHubSession
from workflowops.io.github.sizes import fitting_text, fitting_title, label_name

_SLACK = timedelta(hours=1)
"""By so much the clock of this machine and GitHub's may differ when something is looked for by its time."""


class GitHubTracker(GitHubSession):
    """The issues of one repository; answers the port `IssueTracker`.

    Reads are repeated while GitHub fails; a write is sent once, and again only after looking whether it was done.
    Waiting for a limit is told through `progress` and ends after `wait_limit_seconds`. Every method raises GitHubError.
    The numbers of requests in the docstrings are those of a GitHub in good health, for lists of one page (100 entries).
    """

    def __init__(self, repository: str, token: str, **connection: Unpack[Connection]) -> None:
        """Check the arguments without any request; raises ConfigurationError."""
        super().__init__(repository, token, **connection)
        self._repository = RepositoryReader(self._exchange, self._place)
        self._account = Account(self._exchange, self._place)

    def open_issues(self, label: str) -> Sequence[Issue]:
        """List the open issues with a label, newest first. One request for every 100.

        While it is read somebody may close an issue, so that one on a later page is missed: ask for that by its number.
        """
        found = self._list(label, state="open", task=f"list the issues labelled {label}")
        return sorted((issue for issue in found if issue.is_open), key=lambda issue: -issue.number)

    def issue(self, number: int) -> Issue | None:
        """Read one issue; None when it was deleted or transferred, or is a pull request. One request.

        "Gone" is believed only when the repository is there under its name and its issues can be read, which takes two
        requests more, once: GitHub answers 404 as well to a token that may not read.
        """
        request = self._get("issues", number, task=f"read issue #{number}")
        answer = self._exchange.read(request, accept={301, 404, 410})
        if answer.status == 200 and is_pull_request(answer.data):
            return None
        if answer.status == 200:
            issue = self._issue(answer, request)
            if self._is_ours(issue, number, answer.data):
                return issue
        self._repository.prove_issues()
        return None

    def find_issue(self, label: str, marker: str, *, since: str) -> Issue | None:
        """Find the issue with that label whose body holds the marker, open or closed, changed since then. One request.

        Of several the oldest is answered: a copy of the marker is always younger. An hour is allowed for clocks that
        differ.
        """
        found = self._list(label, state="all", task="look for an issue of ours", since=_earlier(since))
        return min((issue for issue in found if marker in issue.body), key=lambda issue: issue.number, default=None)

    def open_issue(self, new: NewIssue, *, look_since: str | None) -> Issue:
        """Open an issue. One request, one more with assignees, and one more where `look_since` says to look first.

        It is looked for by the first of its labels and its marker. Once it is open, assignees that GitHub does not take
        are told and left out; they never make it fail.
        """

        def find(since: str) -> Issue | None:
            return self.find_issue(new.labels[0], new.marker, since=since)

        found = None if look_since is None else find(look_since)
        if found is not None:
            return found
        request = self._post(
            "issues",
            body={
                "title": fitting_title(new.title),
                "body": fitting_text(new.body, marker=new.marker),
                "labels": [label_name(label) for label in new.labels],
            },
            task="open an issue",
        )
        issue = write_once(
            self._exchange, request, find=lambda: find(_now()), read=lambda answer: self._issue(answer, request)
        )
        self._account.learn(issue.author)
        if not new.assignees:
            return issue
        return replace(issue, assignees=assigned(issue.number, new.assignees, self._exchange, self._place))

    def edit_issue(self, number: int, edit: IssueEdit) -> None:
        """Change an issue. One request for everything but the assignees, one to take some away, and one to add some.

        Whoever is not named stays assigned; who cannot be assigned is told and left out. Raises GitHubNotFoundError
        when the issue is gone.
        """
        body = _changes(edit)
        if body:
            request = Request(
                method="PATCH", path=self._place.path("issues", number), body=body, task=f"change issue #{number}"
            )
            answer = write_again(self._exchange, request)
            if not self._is_ours(self._issue(answer, request), number, answer.data):
                raise self._transferred(number, request)
        if edit.unassigned:
            unassign(number, edit.unassigned, self._exchange, self._place)
        if edit.assignees:
            assign(number, edit.assignees, self._exchange, self._place)

    def comment(self, number: int, text: str, *, marker: str, look_since: str | None) -> str:
        """Comment and answer the address. One request; one more where `look_since` says to look first.

        The marker is looked for, not added. A comment that holds it counts only when we wrote it: see `Account` for how
        that is known, and for the one or two requests that it takes.
        """
        found = None if look_since is None else self._said(number, marker, since=look_since)
        if found is not None:
            return found
        request = self._post(
            "issues",
            number,
            "comments",
            body={"body": fitting_text(text, marker=marker)},
            task=f"comment on issue #{number}",
        )

        def read(answer: Answer) -> str:
            url, place = text_of(answer.data, "html_url"), text_of(answer.data, "issue_url")
            if not url:
                raise foreign_error(request, self._place, lack="a comment was expected")
            if place and not self._place.is_here(place):
                raise self._transferred(number, request)
            self._account.learn(login_of(answer.data))
            return url

        return write_once(self._exchange, request, find=lambda: self._said(number, marker, since=_now()), read=read)

    def react(self, comment_id: int, reaction: Reaction) -> None:
        """React to a comment; the same reaction twice is one. One request. A comment that is gone needs none."""
        request = self._post(
            "issues",
            "comments",
            comment_id,
            "reactions",
            body={"content": reaction.value},
            task=f"react to comment {comment_id}",
        )
        if write_again(self._exchange, request, accept={404}).status == 404:
            self._repository.prove_issues()
            self._exchange.progress.say(f"Comment {comment_id} is gone, so there is nothing to react to.")

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        """Create the labels that do not exist. The first time one request, then one for each that is missing.

        Those that exist stay as people made them; upper and lower case are one, as on GitHub.
        """
        self._repository.ensure_labels(labels)

    def role_of(self, login: str) -> Role:
        """Answer what somebody may do here; NONE when GitHub does not say. One request."""
        return people.role_of(login, self._exchange, self._place)

    def is_member(self, login: str, *, team: str) -> bool | None:
        """Say whether somebody is in a team (`org/slug`); None when it cannot be read. One request, two for a no."""
        return people.is_member(login, team, self._exchange)

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Open a pull request, or answer the open one of the same head. Two requests, or one when it is open."""
        return open_pull_request(new, self._exchange, self._place)

    def pull_request_state(self, number: int) -> PullRequestState | None:
        """Say where a pull request stands; None when there is none of that number. One request, two for a no."""
        return pull_request_state(number, self._exchange, self._place)

    def pin_issue(self, number: int) -> str | None:
        """Pin an issue; None when it is pinned now, else in words why it is not. Two requests, one when it is."""
        return pin_issue(number, self._exchange, self._place)

    def default_branch(self) -> str:
        """Name the branch that pull requests go into. One request, the first time."""
        return self._repository.default_branch()

    def _list(self, label: str, *, state: str, task: str, since: str | None = None) -> list[Issue]:
        """List issues. What was asked for is checked here again, for a redirect may lose the query."""
        query = {"labels": label_name(label), "state": state, "sort": "created", "direction": "desc"}
        request = self._get("issues", task=task, query=query | ({"since": since} if since else {}))
        found: dict[int, Issue] = {}
        for page in self._exchange.pages(request):
            for entry in page:
                issue = read_issue(entry)
                if issue is None and not is_pull_request(entry):
                    raise foreign_error(request, self._place, lack="an entry is no issue")
                if issue is not None and has_label(issue, label_name(label)):
                    found[issue.number] = issue
        return list(found.values())

    def _said(self, number: int, marker: str, *, since: str) -> str | None:
        """Answer the address of our comment that ends with a marker."""
        earlier = _earlier(since)
        request = self._get(
            "issues",
            number,
            "comments",
            task=f"read the comments of issue #{number}",
            query={"since": earlier} if earlier else {},
        )
        for page in self._exchange.pages(request):
            for entry in page:
                if is_marked(text_of(entry, "body"), marker) and self._account.wrote(login_of(entry), issue=number):
                    return text_of(entry, "html_url")
        return None

    def _issue(self, answer: Answer, request: Request) -> Issue:
        issue = read_issue(answer.data)
        if issue is None:
            raise foreign_error(request, self._place, lack="an issue was expected")
        return issue

    def _is_ours(self, issue: Issue, number: int, data: Json) -> bool:
        """Say whether an answer is the issue asked for: that of a transferred one is followed into its repository."""
        repository = repository_of(data)
        return issue.number == number and (not repository or self._place.is_here(repository))

    def _transferred(self, number: int, request: Request) -> GitHubNotFoundError:
        return GitHubNotFoundError(
            f"{failed_task(request, self._place)}: issue #{number} is in another repository by now.",
            fix="The next drift check notices, and opens another incident if n8n still drifts.",
        )

    def _get(self, *parts: str | int, task: str, query: dict[str, str] | None = None) -> Request:
        path = self._place.path(*parts)
        return Request(method="GET", path=path, query=query or {}, task=task, needs="issues: read")

    def _post(self, *parts: str | int, body: JsonObject, task: str) -> Request:
        return Request(method="POST", path=self._place.path(*parts), body=body, task=task)


def _changes(edit: IssueEdit) -> JsonObject:
    body: JsonObject = {}
    if edit.title is not None:
        body["title"] = fitting_title(edit.title)
    if edit.body is not None:
        body["body"] = fitting_text(edit.body)
    if edit.labels is not None:
        body["labels"] = [label_name(label) for label in edit.labels]
    if edit.is_open is not None:
        body |= {"state": "open"} if edit.is_open else {"state": "closed", "state_reason": "completed"}
    return body


def _now() -> str:
    return iso(datetime.now(UTC))


def _earlier(moment: str) -> str | None:
    """Answer a moment before, for GitHub's clock is not ours; None for what is no moment, which means: everything."""
    try:
        return iso(datetime.fromisoformat(moment) - _SLACK)
    except (ValueError, OverflowError):
        return None
