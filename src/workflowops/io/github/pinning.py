"""Pinning an issue to the top of the list, which only GitHub's GraphQL API can do."""

from collections.abc import Iterator, Mapping

from workflowops.core.json import Json, JsonObject
from workflowops.errors import GitHubForbiddenError, GitHubNotFoundError
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import failed_task, foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.once import write_again
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of

MOST_PINS = 3
"""Source: docs.github.com, "Pinning an issue to your repository"."""

_LOOK = """query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) { id isPinned }
    pinnedIssues(first: 10) { nodes { issue { number } } }
  }
}"""
_PIN = "mutation($issue: ID!) { pinIssue(input: {issueId: $issue}) { issue { isPinned } } }"


def pin_issue(number: int, exchange: Exchange, place: Place) -> str | None:
    """Pin an issue; None when it is pinned now, else one sentence that says why it is not. Two requests, one if it is.

    No right to do it, three pins already, and a GitHub that knows no pins are told in words, because a list without a
    pin is no failure. Raises GitHubError where GitHub fails, GitHubNotFoundError where there is no such issue.
    Source: docs.github.com, GraphQL reference, `pinIssue`.
    """
    owner, _, name = place.repository.partition("/")
    look = _request(
        place, _LOOK, {"owner": owner, "name": name, "number": number}, task=f"look at the pin of #{number}"
    )
    try:
        answer = exchange.read(look)
    except GitHubForbiddenError as error:
        return f"{error} {error.fix}"
    found = _within(answer.data, "data", "repository", "issue")
    if not isinstance(found, dict) or not text_of(found, "id"):
        return _not_found(number, answer, look, place)
    if found.get("isPinned") is True:
        return None
    pins = tuple(_pins(answer))
    if len(pins) >= MOST_PINS:
        shown = ", ".join(f"#{each}" for each in pins)
        return f"#{number} is not pinned: {shown} are pinned, and GitHub takes no more than {MOST_PINS}. Unpin one."
    return _pin(number, text_of(found, "id"), exchange, place)


def _pin(number: int, issue: str, exchange: Exchange, place: Place) -> str | None:
    """Pin it; twice is once, for a pin that is there already is what was wanted."""
    request = _request(place, _PIN, {"issue": issue}, task=f"pin #{number}")
    try:
        answer = write_again(exchange, request)
    except GitHubForbiddenError as error:
        return f"{error} {error.fix}"
    if _within(answer.data, "data", "pinIssue", "issue", "isPinned") is True:
        return None
    said = _said(answer, place)
    if "already pinned" in said.lower():
        return None
    if not said:
        raise foreign_error(request, place, lack="neither a pin nor a reason was answered")
    return f"#{number} is not pinned: {said}. Whoever may write to the repository can pin it on its page."


def _not_found(number: int, answer: Answer, request: Request, place: Place) -> str:
    """Tell why there is no issue to pin; raises where it is not there, and for what GitHub would not answer."""
    said = _said(answer, place)
    if any(text_of(error, "type") == "NOT_FOUND" for error in _errors(answer)) or (
        not said and isinstance(_within(answer.data, "data", "repository"), dict)
    ):
        raise GitHubNotFoundError(
            f"{failed_task(request, place)}: {place.server} finds no such issue.",
            fix="It was deleted or moved, or the token may not see it (`issues: read`).",
        )
    if not said:
        raise foreign_error(request, place, lack="no repository was answered")
    return f"#{number} is not pinned: {said}. Whoever may write to the repository can pin it on its page."


def _request(place: Place, query: str, variables: JsonObject, *, task: str) -> Request:
    body: JsonObject = {"query": query, "variables": variables}
    return Request(method="POST", path=place.graphql, body=body, task=task, needs="issues: write")


def _errors(answer: Answer) -> list[Json]:
    """GraphQL answers 200 to what it refuses, with the reasons beside the data."""
    found = _within(answer.data, "errors")
    return found if isinstance(found, list) else []


def _said(answer: Answer, place: Place) -> str:
    words = dict.fromkeys(text_of(each, "message").rstrip(".") for each in _errors(answer))
    return place.quoted("; ".join(word for word in words if word))


def _pins(answer: Answer) -> Iterator[int]:
    nodes = _within(answer.data, "data", "repository", "pinnedIssues", "nodes")
    for node in nodes if isinstance(nodes, list) else ():
        number = _within(node, "issue", "number")
        if isinstance(number, int):
            yield number


def _within(data: Json, *names: str) -> Json:
    for name in names:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
