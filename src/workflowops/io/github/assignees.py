"""Assigning people to issues, and taking that back: who cannot be assigned is left out, and told."""

from collections.abc import Sequence

from workflowops.errors import GitHubError
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error
from workflowops.io.github.messages import Request
from workflowops.io.github.once import write_again
from workflowops.io.github.place import Place
from workflowops.io.github.reading import read_issue
from workflowops.io.github.sizes import fitting_assignees


def assign(number: int, logins: Sequence[str], exchange: Exchange, place: Place) -> tuple[str, ...]:
    """Assign people, and answer who is assigned now. One request; one for each where GitHub refuses them together.

    Of more than ten, which GitHub does not take, the first ten. Raises GitHubError when GitHub fails.
    """
    wanted = fitting_assignees(logins)
    found = _ask(number, wanted, exchange, place)
    if found is None and len(wanted) > 1:
        for login in wanted:
            found = _ask(number, [login], exchange, place) or found
    present = {login.casefold() for login in found or ()}
    for login in wanted:
        if login.casefold() not in present:
            exchange.progress.say(f"{place.quoted(login)} cannot be assigned to issue #{number} and is left out.")
    return found or ()


def unassign(number: int, logins: Sequence[str], exchange: Exchange, place: Place) -> None:
    """Take people off an issue; whoever is not assigned needs nothing. One request. Raises GitHubError."""
    request = Request(
        method="DELETE",
        path=place.path("issues", number, "assignees"),
        body={"assignees": [*fitting_assignees(logins)]},
        task=f"unassign people from issue #{number}",
    )
    if read_issue(write_again(exchange, request).data) is None:
        raise foreign_error(request, place, lack="an issue was expected")


def assigned(number: int, logins: Sequence[str], exchange: Exchange, place: Place) -> tuple[str, ...]:
    """Assign people to an issue that was just opened, which is worth more than they are: a failure is told only."""
    try:
        return assign(number, logins, exchange, place)
    except GitHubError as error:
        exchange.progress.say(f"{error} {error.fix}")
        return ()


def _ask(number: int, logins: Sequence[str], exchange: Exchange, place: Place) -> tuple[str, ...] | None:
    """Answer who is assigned after asking for it; None when GitHub refuses."""
    request = Request(
        method="POST",
        path=place.path("issues", number, "assignees"),
        body={"assignees": list(logins)},
        task=f"assign people to issue #{number}",
    )
    answer = write_again(exchange, request, accept={404, 422})
    if answer.status >= 300:
        return None
    issue = read_issue(answer.data)
    if issue is None:
        raise foreign_error(request, place, lack="an issue was expected")
    return issue.assignees
