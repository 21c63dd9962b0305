"""Opening a pull request, once for each head."""

from workflowops.core.incident.issue import NewPullRequest, PullRequest
from workflowops.core.incident.markers import is_outdated
from workflowops.core.json import Json
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import fault_of, foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.once import write_again, write_once
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of
from workflowops.io.github.sizes import fitting_text, fitting_title


def open_pull_request(new: NewPullRequest, exchange: Exchange, place: Place) -> PullRequest:
    """Open a pull request, or answer the open one of the same head. Two requests, or one when it is open.

    The text of an open one is brought up to date, with one request more, while it ends with our hidden mark. Raises
    GitHubForbiddenError with the setting that has to be switched on, GitHubRejectedError for a head without a commit of
    its own, and any other GitHubError.
    """
    found = _find(new, exchange, place, updates=True)
    if found is not None:
        return found
    request = Request(
        method="POST",
        path=place.path("pulls"),
        body={"title": fitting_title(new.title), "body": fitting_text(new.body), "head": new.head, "base": new.base},
        task=f"open a pull request from {place.quoted(new.head)}",
        needs="pull-requests: write",
    )

    def read(answer: Answer) -> PullRequest:
        if answer.status != 422:
            made = _pull_request(answer.data, is_new=True)
            if made is None:
                raise foreign_error(request, place, lack="a pull request was expected")
            return made
        existing = _find(new, exchange, place)  # somebody else was faster
        if existing is None:
            raise fault_of(answer, request, place).error
        return existing

    return write_once(exchange, request, find=lambda: _find(new, exchange, place), read=read, accept={422})


def _find(new: NewPullRequest, exchange: Exchange, place: Place, *, updates: bool = False) -> PullRequest | None:
    request = Request(
        method="GET",
        path=place.path("pulls"),
        query={"state": "open", "head": f"{place.owner}:{new.head}"},
        task=f"look for a pull request from {place.quoted(new.head)}",
        needs="pull-requests: read",
    )
    for page in exchange.pages(request):
        for entry in page:
            if _is_from(entry, new.head, place):
                found = _pull_request(entry, is_new=False)
                if found is not None and updates and is_outdated(text_of(entry, "body"), latest=new.body):
                    _update(found, new, exchange, place)
                return found
    return None


def _update(found: PullRequest, new: NewPullRequest, exchange: Exchange, place: Place) -> None:
    """Give an open pull request the latest title and text."""
    request = Request(
        method="PATCH",
        path=place.path("pulls", found.number),
        body={"title": fitting_title(new.title), "body": fitting_text(new.body)},
        task=f"bring the text of #{found.number} up to date",
        needs="pull-requests: write",
    )
    write_again(exchange, request)


def _is_from(data: Json, head: str, place: Place) -> bool:
    """Say whether a pull request comes from that branch of this repository; a fork may have one of the same name."""
    found = data.get("head") if isinstance(data, dict) else None
    repository = found.get("repo") if isinstance(found, dict) else None
    name = text_of(repository, "full_name")
    return text_of(found, "ref") == head and name.casefold() in {"", place.repository.casefold()}


def _pull_request(data: Json, *, is_new: bool) -> PullRequest | None:
    number = data.get("number") if isinstance(data, dict) else None
    url = text_of(data, "html_url")
    return PullRequest(number, url, is_new=is_new) if isinstance(number, int) and url else None
