"""Pull requests as a promotion asks for them: which one brought a commit, who merged it, and whose approval counts."""

import re
from collections.abc import Iterator, Sequence

from workflowops.core.incident.policy import Role
from workflowops.core.json import Json
from workflowops.core.promotion.review import MergedPullRequest
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error, renamed_error
from workflowops.io.github.messages import Request
from workflowops.io.github.people import role_of
from workflowops.io.github.place import Place
from workflowops.io.github.reading import login_of, names_of, text_of
from workflowops.io.github.repository import RepositoryReader

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NEEDS = "pull-requests: read"
_LAG_SECONDS = (3.0, 5.0, 10.0)
"""GitHub knows which pull request a commit came by some seconds after the push; every other merge is asked too early.

Source: projectcalico/calico#13157 and tektoncd/pipelines-as-code#2382, which measured it and wait alike.
"""
_MAY_APPROVE = frozenset({Role.WRITE, Role.MAINTAIN, Role.ADMIN})
_DECISIVE = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def of_commit(commit: str, exchange: Exchange, place: Place, repository: RepositoryReader) -> MergedPullRequest | None:
    """Find the pull request by whose merge a commit came to the default branch; None when there is none.

    One merged into another branch does not count: what came from there by a push alone was reviewed for that branch
    and not for this one. Four requests, one more for each approval, and up to three more with 18 seconds of waiting
    where there is none. Raises GitHubError.
    """
    if not _COMMIT.fullmatch(commit):
        return None
    branch = repository.default_branch()
    for seconds in (*_LAG_SECONDS, None):
        entries = _listed(commit, exchange, place)
        number = _that_brought(entries, commit, branch=branch)
        if number is not None:
            return pull_request(number, exchange, place)
        if entries or seconds is None:
            break
        because = f"GitHub knows no pull request of {commit[:7]} yet, which takes it some seconds after a merge."
        exchange.pause(seconds, because=because)
    return None


def pull_request(number: int, exchange: Exchange, place: Place) -> MergedPullRequest | None:
    """Read a pull request, merged or not. Two requests, and one more for each approval.

    "There is none" is believed only where the pull requests of the repository can be read, which takes one more:
    GitHub answers 404 as well to a token that may not read. Raises GitHubError.
    """
    request = Request(method="GET", path=place.path("pulls", number), task=f"read pull request #{number}", needs=_NEEDS)
    answer = exchange.read(request, accept={404})
    if answer.status == 404:
        prove_readable(exchange, place)
        return None
    data = answer.data
    if not isinstance(data, dict) or data.get("number") != number or not text_of(data.get("head"), "sha"):
        raise foreign_error(request, place, lack="a pull request was expected")
    home = text_of(_within(data, "base", "repo"), "full_name")
    if home and home.casefold() != place.repository.casefold():
        raise renamed_error(place, name=home)
    is_merged = data.get("merged") is True
    author, head = login_of(data), text_of(data.get("head"), "sha")
    return MergedPullRequest(
        number=number,
        url=text_of(data, "html_url"),
        title=text_of(data, "title"),
        author=author,
        head=head,
        base=text_of(data.get("base"), "ref"),
        body=text_of(data, "body"),
        merged_by=(text_of(data.get("merged_by"), "login") or None) if is_merged else None,
        merge_commit=(text_of(data, "merge_commit_sha") or None) if is_merged else None,
        is_open=text_of(data, "state") == "open",
        labels=names_of(data.get("labels"), key="name"),
        approved_by=_approvals(number, exchange, place, head=head, author=author),
    )


def _listed(commit: str, exchange: Exchange, place: Place) -> list[Json]:
    """List the pull requests that GitHub connects with a commit; none for a commit that it does not know (422)."""
    request = Request(
        method="GET",
        path=place.path("commits", commit, "pulls"),
        task=f"look for the pull request of {commit[:7]}",
        needs=_NEEDS,
    )
    return [entry for page in exchange.pages(request, accept={409, 422}) for entry in page]


def _that_brought(entries: Sequence[Json], commit: str, *, branch: str) -> int | None:
    """Answer the number of the one that was merged into the branch; the one whose merge made the commit comes first."""
    found = [
        (text_of(entry, "merge_commit_sha") != commit, -number)
        for entry in entries
        if isinstance(entry, dict)
        and text_of(entry, "merged_at")
        and text_of(entry.get("base"), "ref") == branch
        and isinstance(number := entry.get("number"), int)
    ]
    return -min(found)[1] if found else None


def _approvals(number: int, exchange: Exchange, place: Place, *, head: str, author: str) -> tuple[str, ...]:
    """Answer whose latest word approves the last commit: people who may write here, other than the author.

    On a public repository everybody can press "approve"; GitHub counts only those who may write, and so do we. A
    comment is no word on it. Bots do not review.
    """
    latest: dict[str, tuple[str, bool]] = {}
    for review in _reviews(number, exchange, place):
        if text_of(review, "state") in _DECISIVE and not _is_bot(review):
            is_approval = text_of(review, "state") == "APPROVED" and text_of(review, "commit_id") == head
            login = login_of(review)
            latest[login.casefold()] = (login, is_approval)
    approving = [login for login, is_approval in latest.values() if is_approval]
    return tuple(
        login
        for login in approving
        if login.casefold() != author.casefold() and role_of(login, exchange, place) in _MAY_APPROVE
    )


def _reviews(number: int, exchange: Exchange, place: Place) -> Iterator[Json]:
    """Yield the reviews in the order in which they were given, as GitHub lists them."""
    request = Request(
        method="GET", path=place.path("pulls", number, "reviews"), task=f"read the reviews of #{number}", needs=_NEEDS
    )
    for page in exchange.pages(request):
        yield from page


def _is_bot(data: Json) -> bool:
    user = data.get("user") if isinstance(data, dict) else None
    return text_of(user, "type") == "Bot" or login_of(data).endswith("[bot]")


def prove_readable(exchange: Exchange, place: Place) -> None:
    """Return when the pull requests of the repository can be read. One request. Raises GitHubError."""
    request = Request(
        method="GET",
        path=place.path("pulls"),
        query={"state": "all", "per_page": "1"},
        task="read the pull requests",
        needs=_NEEDS,
    )
    if not isinstance(exchange.read(request).data, list):
        raise foreign_error(request, place, lack="a list was asked for")


def _within(data: Json, *names: str) -> Json:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data
