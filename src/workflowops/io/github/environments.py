"""What guards an environment of GitHub, and who approved the environments of a run."""

import re
from collections.abc import Sequence

from workflowops.core.json import Json
from workflowops.core.promotion.review import Protection, RunApproval
from workflowops.errors import GitHubError
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import fault_of, foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.place import Place
from workflowops.io.github.reading import login_of, text_of

_NEEDS = "actions: read"
_RUN = re.compile(r"(?P<run>\d{1,20})(?:-\d{1,6})?")
_WORDS = {"approved": True, "rejected": False}


def protection(environment: str, exchange: Exchange, place: Place) -> Protection:
    """Answer the required reviewers of an environment. One request, two where GitHub knows none of that name.

    What the token may not read is told as a problem, never as an environment without reviewers. Raises GitHubError when
    GitHub fails. Source: docs.github.com, "Get an environment".
    """
    request = Request(
        method="GET",
        path=place.path("environments", environment),
        task=f"read what guards the environment {place.quoted(environment)}",
        needs=_NEEDS,
    )
    answer = exchange.read(request, accept={403, 404})
    if answer.status == 200:
        return _protection(answer, request, place, environment=environment)
    if answer.status == 403:
        return _unreadable(fault_of(answer, request, place).error)
    listing = Request(method="GET", path=place.path("environments"), task=request.task, needs=_NEEDS)
    listed = exchange.read(listing, accept={403, 404})
    return Protection() if listed.status == 200 else _unreadable(fault_of(listed, listing, place).error)


def run_approvals(run_id: str, exchange: Exchange, place: Place) -> tuple[RunApproval, ...]:
    """Answer who approved or rejected environments of a run, of all its attempts. One request, none for a local run.

    `run_id` is the run's number, with or without the number of its attempt (`4711-2`). GitHub does not say when
    somebody approved. Raises GitHubError. Source: docs.github.com, "Get the review history for a workflow run".
    """
    found = _RUN.fullmatch(run_id)
    if found is None:
        return ()
    request = Request(
        method="GET",
        path=place.path("actions", "runs", found["run"], "approvals"),
        task=f"read who approved the run {found['run']}",
        needs=_NEEDS,
    )
    data = exchange.read(request).data
    if not isinstance(data, list):
        raise foreign_error(request, place, lack="a list was asked for")
    given = (_approval(entry) for entry in data)
    return tuple(each for each in given if each is not None)


def _protection(answer: Answer, request: Request, place: Place, *, environment: str) -> Protection:
    """Read the rules; upper and lower case of an environment's name are one, as on GitHub."""
    data = answer.data
    if not isinstance(data, dict) or text_of(data, "name").casefold() != environment.casefold():
        raise foreign_error(request, place, lack="an environment was expected")
    rules = _entries(data.get("protection_rules"))
    asking = [rule for rule in rules if text_of(rule, "type") == "required_reviewers"]
    return Protection(
        exists=True,
        reviewers=reviewers_of(rules),
        prevents_self_review=any(_field(rule, "prevent_self_review") is True for rule in asking),
    )


def reviewers_of(rules: Sequence[Json]) -> tuple[str, ...]:
    """Answer whom the protection rules of an environment ask: logins and `team:<slug>`."""
    asking = [rule for rule in rules if text_of(rule, "type") == "required_reviewers"]
    reviewers = [_reviewer(entry) for rule in asking for entry in _entries(_field(rule, "reviewers"))]
    return tuple(dict.fromkeys(name for name in reviewers if name))


def _reviewer(entry: Json) -> str:
    """Answer a login, or `team:<slug>`; empty for what is neither."""
    reviewer = _field(entry, "reviewer")
    if text_of(entry, "type") == "Team":
        slug = text_of(reviewer, "slug")
        return f"team:{slug}" if slug else ""
    return text_of(reviewer, "login")


def _approval(entry: Json) -> RunApproval | None:
    """Read one word; None for one that is still to be given."""
    is_approved = _WORDS.get(text_of(entry, "state"))
    if is_approved is None:
        return None
    names = (text_of(each, "name") for each in _entries(_field(entry, "environments")))
    return RunApproval(
        by=login_of(entry),
        is_approved=is_approved,
        comment=text_of(entry, "comment"),
        environments=tuple(name for name in names if name),
    )


def _unreadable(error: GitHubError) -> Protection:
    return Protection(problem=f"{error} {error.fix}")


def _field(data: Json, name: str) -> Json:
    return data.get(name) if isinstance(data, dict) else None


def _entries(data: Json) -> Sequence[Json]:
    return data if isinstance(data, list) else ()
