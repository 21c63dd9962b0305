"""What a command does to an incident, and in which portions the commands of a comment are carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflowops.core.comment.commands import PROMOTION, SPECS, CommandName, Misunderstood, Understood
from workflowops.core.comment.outcome import Became, CommandResult
from workflowops.core.incident.lifecycle import Given, Refusal, advance
from workflowops.core.incident.policy import CommandRule
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, IncidentStatus, ResolutionType
from workflowops.core.incident.step_fields import AT_ONCE
from workflowops.core.problems import shown
from workflowops.core.records import DriftStatus, EnvironmentRecord

Asked = Understood | Misunderstood

EFFECTS = frozenset({CommandName.SYNC, CommandName.ADOPT, CommandName.REVERT, CommandName.ONBOARD}) | PROMOTION
"""The commands that do more than change or show the record."""

_MOST_NAMED = 20
_MYSELF = frozenset({"", "me", "@me"})
_CHANGES = frozenset({Event.DETECT, Event.DRIFT_CHANGED, Event.DRIFT_BACK})
_UNSEEN = "The difference changed after you wrote this. Look at it again, and repeat the command if it may stay."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when commands are carried out: who gave them, when (ISO 8601, UTC), and what the last check says.

    `details` are the incident's differences in full, `rules` those of the configuration by command. `written_at` is
    when the commands were written, as far as that was earlier.
    """

    by: str
    at: str
    written_at: str | None = None
    record: EnvironmentRecord | None = None
    details: str = ""
    rules: Mapping[str, CommandRule] = field(default_factory=dict)


def portions(asked: Sequence[Asked]) -> tuple[tuple[Asked, ...], ...]:
    """Split commands so that each portion begins with its effects: what stands behind them is judged by what they did.

    A portion is decided in one commit. Most comments are one portion.
    """
    split: list[list[Asked]] = []
    for each in asked:
        begins = not split or (is_effect(each) and not is_effect(split[-1][-1]))
        if begins:
            split.append([each])
        else:
            split[-1].append(each)
    return tuple(tuple(portion) for portion in split)


def is_effect(asked: Asked) -> bool:
    """Say whether a command does more than change or show the record."""
    return isinstance(asked, Understood) and asked.name in EFFECTS


def carried_out(incident: Incident, asked: Asked, facts: Facts) -> CommandResult:
    """Carry out one command on the record, or say why not; effects are not for this function.

    The result holds the incident as it stands afterwards.
    """
    if isinstance(asked, Misunderstood):
        return CommandResult(name=asked.name, became=Became.MISUNDERSTOOD, incident=incident, problem=asked.problem)
    event = SPECS[asked.name].event
    if event is None:
        return _shown(incident, asked)
    fields = dict(asked.fields)
    if event is Event.ASSIGN and fields.get("assigned_to", "").casefold() in _MYSELF:
        fields["assigned_to"] = facts.by
    after = advance(incident, Given(event=event, by=facts.by, at=facts.at, fields=fields))
    if not isinstance(after, Refusal) and event is Event.ACCEPT and _is_unseen(incident, after, facts.written_at):
        return CommandResult(name=asked.name, became=Became.IMPOSSIBLE, incident=incident, problem=_UNSEEN)
    if isinstance(after, Refusal):
        return CommandResult(
            name=asked.name, became=Became.IMPOSSIBLE, incident=incident, problem=_with_example(after, asked.name)
        )
    return CommandResult(
        name=asked.name,
        became=Became.DONE,
        incident=after,
        step=after.timeline[-1],
        warning=still_drifting(after, facts.record) if event in (Event.RECONCILE, Event.CLOSE) else None,
    )


def _is_unseen(incident: Incident, after: Incident, written_at: str | None) -> bool:
    """Say whether the difference changed after it was accepted in writing; a time that cannot be read is no proof."""
    if written_at is None or after.timeline[-1].fields["until"] == AT_ONCE:
        return False
    try:
        written = datetime.fromisoformat(written_at)
        return any(step.event in _CHANGES and datetime.fromisoformat(step.at) > written for step in incident.timeline)
    except (ValueError, TypeError):
        return True


def _shown(incident: Incident, asked: Understood) -> CommandResult:
    result = CommandResult(name=asked.name, became=Became.DONE, incident=incident, fields=asked.fields)
    wanted = asked.fields.get("workflow")
    if not wanted or workflows_called(incident, wanted):
        return result
    affected = incident.affected_workflows
    known = ", ".join(shown(each.canonical_slug or each.workflow_name) for each in affected[:_MOST_NAMED])
    more = f" and {len(affected) - _MOST_NAMED:,} more" if len(affected) > _MOST_NAMED else ""
    problem = f"The incident is not about {shown(wanted)}. It is about {known}{more}."
    return replace(result, became=Became.IMPOSSIBLE, problem=problem)


def workflows_called(incident: Incident, wanted: str) -> tuple[AffectedWorkflow, ...]:
    """Answer the affected workflows of that name, slug, canonical id or n8n id."""
    sought = wanted.strip("` ").casefold()
    return tuple(
        each
        for each in incident.affected_workflows
        if sought
        in {
            name.casefold()
            for name in (each.workflow_name, each.canonical_slug, each.canonical_id, each.workflow_id)
            if name is not None
        }
    )


def still_drifting(incident: Incident, record: EnvironmentRecord | None) -> str | None:
    """Warn when an incident is reconciled or closed while, as far as is known, n8n still differs from Git."""
    if incident.drift_gone_at is not None or incident.resolution_type is ResolutionType.ACCEPTED_UNTIL:
        return None
    if record is not None and record.drift_status is DriftStatus.IN_SYNC:
        return None
    if record is not None and record.drift_status is DriftStatus.UNKNOWN:
        found = "The last check could not read the environment, so nobody knows whether it still drifts."
    else:
        found = "Drift was still there at the last check."
    if incident.status is IncidentStatus.CLOSED:
        return f"{found} If it is there at the next check, that opens a new incident, which names this one."
    return f"{found} If it is there at the next check, that brings this incident back to detected."


def _with_example(refusal: Refusal, name: CommandName) -> str:
    spec = SPECS[name]
    return f"{refusal.problem} For example: `{spec.example}`." if spec.event in refusal.possible else refusal.problem
