"""Where a pull request stands: open, merged, or closed without a merge."""

from workflowops.core.incident.issue import PullRequestState
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error, renamed_error
from workflowops.io.github.merged import prove_readable
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of


def pull_request_state(number: int, exchange: Exchange, place: Place) -> PullRequestState | None:
    """Say where a pull request stands; None when there is none of that number. One request, two for a no.

    GitHub answers 404 as well to a token that may not read: "there is none" is believed only where the pull requests of
    the repository can be read. Raises GitHubError. Source: docs.github.com, "Get a pull request".
    """
    request = Request(
        method="GET",
        path=place.path("pulls", number),
        task=f"read pull request #{number}",
        needs="pull-requests: read",
    )
    answer = exchange.read(request, accept={404})
    if answer.status == 404:
        prove_readable(exchange, place)
        return None
    data = answer.data
    state, url = text_of(data, "state"), text_of(data, "html_url")
    if not isinstance(data, dict) or data.get("number") != number or state not in {"open", "closed"} or not url:
        raise foreign_error(request, place, lack="a pull request was expected")
    base = data.get("base")
    home = text_of(base.get("repo") if isinstance(base, dict) else None, "full_name")
    if home and home.casefold() != place.repository.casefold():
        raise renamed_error(place, name=home)
    is_merged = data.get("merged") is True
    commit = text_of(data, "merge_commit_sha")
    if is_merged and not commit:
        raise foreign_error(request, place, lack="it is merged and names no commit")
    return PullRequestState(number=number, url=url, is_open=state == "open", merge_commit=commit if is_merged else None)
