"""Incidents, steps and answered events as the JSON documents that `--json` prints; field names as in walkthrough 3."""

from collections.abc import Sequence

import msgspec

from workflowops.core.comment.outcome import Answered, Became, CommandResult, EventOutcome, StepOutcome
from workflowops.core.incident.lifecycle import durations
from workflowops.core.incident.record import Incident
from workflowops.core.json import Json

Document = dict[str, Json]

_OURS_ALONE = ("schema", "intent", "author", "key", "notes", "handled", "refused")


def incident_document(incident: Incident) -> Document:
    """Write an incident with its timeline and how long each step took, in seconds.

    `undelivered` counts what was decided and could not be said on GitHub yet.
    """
    document: Document = msgspec.to_builtins(incident)
    for name in _OURS_ALONE:
        del document[name]
    took: Json = msgspec.to_builtins(durations(incident))
    return {**document, "durations_seconds": took, "undelivered": len(incident.notes)}


def incidents_document(incidents: Sequence[Incident]) -> Document:
    """Write a list of incidents, each in full."""
    return {"incidents": [incident_document(each) for each in incidents]}


def step_document(outcome: StepOutcome) -> Document:
    """Write a step that was taken by hand: the incident after it, and what GitHub was told."""
    return {
        "incident": incident_document(outcome.incident),
        "on_github": outcome.is_on_github,
        "problems": [*outcome.delivery.problems],
        "warnings": [*([] if outcome.warning is None else [outcome.warning]), *outcome.delivery.warnings],
        "dry_run": outcome.is_plan,
    }


def comment_document(outcome: EventOutcome) -> Document:
    """Write what became of an event, command by command."""
    return {
        "outcome": str(outcome.outcome),
        "reason": outcome.reason,
        "incident": None if outcome.incident is None else incident_document(outcome.incident),
        "pull_request": outcome.pull_request,
        "issue": outcome.issue,
        "commands": [_command(each) for each in outcome.commands],
        "answer": outcome.answer,
        "url": outcome.url,
        "requests": outcome.requests,
        "problems": [*outcome.problems],
        "warnings": [*outcome.warnings],
        "dry_run": outcome.is_plan,
    }


def understood_names(outcome: EventOutcome) -> list[Json]:
    """Name the commands of an event that were understood, in order."""
    return [str(each.name) for each in outcome.commands if each.became is not Became.MISUNDERSTOOD]


def _command(result: CommandResult | Answered) -> Document:
    about = result if isinstance(result, CommandResult) else None
    return {
        "name": str(result.name),
        "became": str(result.became),
        "status": None if about is None else str(about.incident.status),
        "problem": result.problem,
        "warning": None if about is None else about.warning,
    }
