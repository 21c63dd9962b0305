"""How the check runs and the commit statuses of a commit ended; our own are not among them."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflowops.core.json import JsonObject
from workflowops.core.promotion.review import Checks, CheckState
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of

OURS = "workflowops:"
"""What the external id of a check that we report begins with."""
OUR_JOBS = "WorkflowOps "
"""What the names of the jobs in our workflow files begin with."""

_ACTIONS = "github-actions"
_PASSED = frozenset({"success", "neutral", "skipped"})
_REPLACED = frozenset({"cancelled", "stale"})
_STATUSES = {"success": CheckState.PASSED, "pending": CheckState.PENDING}
_GRAVITY = {CheckState.PASSED: 0, CheckState.PENDING: 1, CheckState.FAILED: 2}


@dataclass(frozen=True, slots=True)
class _CheckRun:
    """A check run; `app` is who reported it, `started` a time in ISO 8601 or empty."""

    name: str
    app: str
    conclusion: str
    is_completed: bool
    started: str

    @property
    def state(self) -> CheckState:
        if not self.is_completed:
            return CheckState.PENDING
        return CheckState.PASSED if self.conclusion in _PASSED else CheckState.FAILED


def checks_of(commit: str, exchange: Exchange, place: Place, *, run_id: str | None) -> Checks:
    """Answer the state of everything that was checked for a commit, by name. Two requests.

    Left out are checks that we reported, jobs of our workflow files (their names begin with "WorkflowOps") and jobs of
    the run `run_id` (its number, with or without that of its attempt). Of several of one name the worst counts, except
    for a cancelled one that was started anew. Raises GitHubError.
    """
    states: dict[str, CheckState] = {}
    for name, state in (*_runs(commit, exchange, place, run_id=run_id), *_statuses(commit, exchange, place)):
        states[name] = max(state, states.get(name, state), key=lambda each: _GRAVITY[each])
    return Checks(states)


def _runs(commit: str, exchange: Exchange, place: Place, *, run_id: str | None) -> Iterator[tuple[str, CheckState]]:
    """Yield the check runs. Those that were cancelled or forgotten give way to a younger one of their app and name."""
    request = Request(
        method="GET",
        path=place.path("commits", commit, "check-runs"),
        query={"filter": "latest"},
        task=f"read the checks of {commit[:7]}",
        needs="checks: read",
    )
    found = [
        run
        for page in exchange.pages(request, key="check_runs")
        for entry in page
        if isinstance(entry, dict) and (run := _check_run(entry, place, run_id=run_id)) is not None
    ]
    youngest: dict[tuple[str, str], str] = {}
    for run in found:
        youngest[run.app, run.name] = max(run.started, youngest.get((run.app, run.name), ""))
    for run in found:
        if run.conclusion not in _REPLACED or run.started == youngest[run.app, run.name]:
            yield run.name, run.state


def _check_run(entry: JsonObject, place: Place, *, run_id: str | None) -> _CheckRun | None:
    """Read a check run; None for one of our own, and for one without a name."""
    name, app = text_of(entry, "name"), text_of(entry.get("app"), "slug")
    of_this_run = f"/{place.repository}/actions/runs/{(run_id or '').partition('-')[0]}/".casefold()
    is_ours = (
        text_of(entry, "external_id").startswith(OURS)
        or (app == _ACTIONS and name.startswith(OUR_JOBS))
        or (run_id is not None and of_this_run in f"{text_of(entry, 'details_url')}/".casefold())
    )
    if is_ours or not name:
        return None
    return _CheckRun(
        name=name,
        app=app,
        conclusion=text_of(entry, "conclusion"),
        is_completed=text_of(entry, "status") == "completed",
        started=text_of(entry, "started_at"),
    )


def _statuses(commit: str, exchange: Exchange, place: Place) -> Iterator[tuple[str, CheckState]]:
    """Yield the latest status of each context, which GitHub picks."""
    request = Request(
        method="GET",
        path=place.path("commits", commit, "status"),
        task=f"read the statuses of {commit[:7]}",
        needs="statuses: read",
    )
    for page in exchange.pages(request, key="statuses"):
        for entry in page:
            name = text_of(entry, "context")
            if name:
                yield name, _STATUSES.get(text_of(entry, "state"), CheckState.FAILED)
