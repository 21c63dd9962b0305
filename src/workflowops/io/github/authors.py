"""Who wrote the commits of a pull request, as far as GitHub knows them by their addresses."""

from collections.abc import Iterator

from workflowops.core.json import Json
from workflowops.io.git import OUR_IDENTITY
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of

_MOST_COMMITS = 250
"""GitHub lists no more of a pull request. Source: docs.github.com, "List commits on a pull request"."""
_WEB_FLOW = "web-flow"
"""Who commits what is written, merged or suggested on GitHub's own pages; its author is who did that."""
_OURS = OUR_IDENTITY.partition("<")[2].removesuffix(">")


def commit_authors(number: int, exchange: Exchange, place: Place) -> tuple[str, ...] | None:
    """Answer the people who wrote or committed the commits of a pull request. One request for each 100 commits.

    None where GitHub knows nobody by the address in a commit, and where it may not list all of them. Programs are no
    people. The addresses are those that git was told: only signed commits prove them. Raises GitHubError.
    """
    request = Request(
        method="GET",
        path=place.path("pulls", number, "commits"),
        task=f"read who wrote the commits of #{number}",
        needs="pull-requests: read",
    )
    entries = [entry for page in exchange.pages(request) for entry in page]
    if not entries or len(entries) >= _MOST_COMMITS:
        return None
    people: dict[str, None] = {}
    for entry in entries:
        for login in _people(entry):
            if login is None:
                return None
            people[login] = None
    return tuple(people)


def _people(entry: Json) -> Iterator[str | None]:
    """Yield the logins of a commit's author and committer, None for one that is not known."""
    if not isinstance(entry, dict):
        yield None
        return
    told = entry.get("commit")
    for part in ("author", "committer"):
        user, named = entry.get(part), told.get(part) if isinstance(told, dict) else None
        login = text_of(user, "login")
        if text_of(named, "email") == _OURS or text_of(user, "type") == "Bot" or login.endswith("[bot]"):
            continue
        if not (part == "committer" and login == _WEB_FLOW):
            yield login or None
