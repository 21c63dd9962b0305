"""`incident`: the incidents as the state has them, and their lifecycle by hand."""

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from dataclasses import replace

from workflowops.commands.delivery import deliver
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.incident_assignee import assign_on_github
from workflowops.commands.incident_change import decide_on, without_what_was_said
from workflowops.commands.incident_files import incident_paths, read_details, read_incident
from workflowops.commands.ports import StateStore, StateView
from workflowops.core.comment.outcome import StepOutcome
from workflowops.core.comment.steps import still_drifting
from workflowops.core.incident.lifecycle import Given, Refusal, advance
from workflowops.core.incident.record import Event, Incident, IncidentStatus
from workflowops.core.records import EnvironmentRecord, decode, environment_path
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, ConfigurationError

_FOLDER = "incidents/"


def list_incidents(state: StateStore, *, environments: Collection[str], is_all: bool) -> tuple[Incident, ...]:
    """Answer the open incidents, the newest first; with `is_all` the closed ones after them.

    `environments` are names; all incidents when there are none, also those of environments that are configured no more.
    """
    view = state.view()
    found = [
        each for path in incident_paths(view) if (each := decode(view.read(path), Incident, path=path)) is not None
    ]
    wanted = [
        each
        for each in found
        if (not environments or each.environment in environments)
        and (is_all or each.status is not IncidentStatus.CLOSED)
    ]
    return tuple(sorted(wanted, key=lambda each: (each.status is IncidentStatus.CLOSED, -each.number)))


def show_incident(state: StateStore, number: int) -> tuple[Incident, str]:
    """Answer an incident and its differences in full, as Markdown. Raises ConfigurationError for an unknown number."""
    view = state.view()
    return _known(view, number), read_details(view, number)


def take_step(desk: Desk, number: int, event: Event, fields: Mapping[str, str]) -> StepOutcome:
    """Let the one who runs this take a step; the issue is told as if somebody had commented.

    Raises ConfigurationError for an unknown number, BlockedError when the incident cannot take that step now or not
    with these fields.
    """
    workspace = desk.workspace
    _known(workspace.state.view(), number)
    given = Given(event=event, by=workspace.actor.name, at=iso(workspace.clock()), fields=fields)
    warnings: list[str | None] = [None]

    def judge(before: Incident, tip: StateView) -> Incident:
        after = advance(before, given)
        if isinstance(after, Refusal):
            raise BlockedError(f"Incident #{number}: {after.problem}", fix=_instead(after, number))
        path = environment_path(before.environment)
        record = decode(tip.read(path), EnvironmentRecord, path=path)
        warnings.append(still_drifting(after, record) if event in (Event.RECONCILE, Event.CLOSE) else None)
        return after

    with nullcontext() if desk.tracker is None else at_the_desk(desk):
        decided = decide_on(desk, number, judge, message=f"incident: {event} {number}")
        if decided is None:
            raise _unknown(workspace.state.view(), number)
        issue, problem = assign_on_github(desk, decided)
        issues = {} if issue is None else {number: issue}
        delivery = deliver(desk, [number], fresh=decided.fresh_notes, issues=issues)
    return StepOutcome(
        without_what_was_said(decided.after, delivery),
        warning=warnings[-1],
        delivery=delivery if problem is None else replace(delivery, warnings=(problem, *delivery.warnings)),
        is_on_github=desk.tracker is not None,
        is_plan=workspace.is_dry_run,
    )


def _known(view: StateView, number: int) -> Incident:
    incident = read_incident(view, number)
    if incident is None:
        raise _unknown(view, number)
    return incident


def _unknown(view: StateView, number: int) -> ConfigurationError:
    names = [path.removeprefix(_FOLDER).removesuffix(".json") for path in view.list(_FOLDER)]
    numbers = sorted(int(name) for name in names if name.isdecimal())
    known = ", ".join(f"#{each}" for each in numbers[-10:])
    fix = f"The latest are {known}; `workflowops incident list --all` shows all." if known else "There is none yet."
    return ConfigurationError(f"There is no incident #{number} in the state.", fix=fix)


def _instead(refusal: Refusal, number: int) -> str:
    if not refusal.possible:
        return "Nothing can be done with it any more; `workflowops incident list` shows what is open."
    commands = ", ".join(f"`workflowops incident {event} {number}`" for event in refusal.possible)
    return f"Possible now: {commands}. Each has --help."
