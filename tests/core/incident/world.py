"""A simulated world: workflows that drift, people who act, and GitHub as a mirror that can be tampered with."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.core.incident.builders import NOW, drifted, issue_of

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drift import Compared, EnvironmentDrift, WorkflowDrift
from workflowops.core.incident.body import BEGIN, END
from workflowops.core.incident.index import reindexed
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.incident.lifecycle import Given, Refusal, advance
from workflowops.core.incident.mirror import edit_for
from workflowops.core.incident.policy import IncidentPolicy
from workflowops.core.incident.record import Event, Incident, IncidentsFile, IncidentStatus
from workflowops.core.incident.triage import Facts, Triage, dropped, opened, triage
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.timestamps import iso


@dataclass(slots=True)
class Workflow:
    """What Git and n8n say, as numbers; None where a side has nothing. Equal numbers are in sync."""

    git: int | None = 0
    live: int | None = 0
    is_readable: bool = True

    @property
    def kind(self) -> DriftKind:
        if not self.is_readable:
            return DriftKind.UNKNOWN
        if self.git == self.live:
            return DriftKind.IN_SYNC
        return DriftKind.MISSING if self.live is None else DriftKind.MODIFIED


@dataclass(slots=True)
class SimulatedWorld:
    """One environment with its incidents. `issues` is GitHub: a number that is not in it was deleted."""

    policy: IncidentPolicy = field(default_factory=IncidentPolicy)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    is_reachable: bool = True
    now: datetime = NOW
    index: IncidentsFile = field(default_factory=IncidentsFile)
    incidents: dict[int, Incident] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    intents: Iterator[int] = field(default_factory=itertools.count)
    versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # What a check sees

    def report(self) -> EnvironmentDrift:
        if not self.is_reachable:
            return self._checked(DriftStatus.UNKNOWN, (), {})
        told = tuple(self._told(each, it) for each, it in self.workflows.items() if it.kind is not DriftKind.IN_SYNC)
        compared = {
            each: Compared(it.kind, git_key=_key("git", it.git), live_key=_key("live", it.live))
            for each, it in self.workflows.items()
        }
        has_drift = any(each.kind in DRIFT for each in told)
        return self._checked(DriftStatus.DRIFT_DETECTED if has_drift else DriftStatus.IN_SYNC, told, compared)

    def _checked(
        self, status: DriftStatus, told: tuple[WorkflowDrift, ...], compared: Mapping[str, Compared]
    ) -> EnvironmentDrift:
        return EnvironmentDrift(
            environment="prod",
            title="Production",
            drift_status=status,
            checked_at=iso(self.now),
            git_commit_sha="c0ffee",
            workflows=told,
            compared=compared,
        )

    def _told(self, canonical_id: str, workflow: Workflow) -> WorkflowDrift:
        return drifted(canonical_id, f"{workflow.git} to {workflow.live}", kind=workflow.kind)

    def facts(self) -> Facts:
        numbers = self.index.open.values()
        return Facts(
            drift=self.report(),
            severity=IncidentSeverity.HIGH,
            policy=self.policy,
            index=self.index,
            incidents={number: self.incidents[number] for number in numbers},
            issues={number: self.issues.get(number) for number in numbers},
            detection_method="scheduled",
            now=self.now,
            new_intent=lambda: f"intent-{next(self.intents)}",
        )

    # What is done about it

    def decide(self) -> Triage:
        """Triage, and write what it says to the state."""
        result = triage(self.facts())
        self.index = result.index
        self.incidents |= result.incidents
        return result

    def open_issues(self) -> None:
        """Open an issue for every opening, or drop it when its drift is gone meanwhile."""
        for key, opening in dict(self.index.opening).items():
            ids = [each.canonical_id for each in opening.incident.affected_workflows]
            if not any(self.workflows[each].kind in DRIFT for each in ids):
                self.index = dropped(self.index, key)
                continue
            draft = replace(opening.incident, number=next(self.numbers), title=f"Drift {opening.intent}")
            self.issues[draft.number] = replace(issue_of(draft), url=f"https://github.example/{draft.number}")
            self.index, self.incidents[draft.number] = opened(self.index, opening, self.issues[draft.number])

    def mirror(self) -> dict[int, IssueEdit]:
        """Bring every issue to what its record says."""
        edits: dict[int, IssueEdit] = {}
        for number, incident in self.incidents.items():
            issue = self.issues.get(number)
            edit = None if issue is None else edit_for(incident, issue, body=_body(incident), title=incident.title)
            if issue is not None and edit is not None:
                edits[number] = edit
                self.issues[number] = edited(issue, edit)
        return edits

    # What people do

    def act(self, number: int, event: Event, fields: Mapping[str, str]) -> None:
        before = self.incidents[number]
        result = advance(before, Given(event=event, by="octocat", at=iso(self.now), fields=fields))
        if not isinstance(result, Refusal):
            self.incidents[number] = result
            self.index = reindexed(self.index, before=before, after=result)

    def accept(self, number: int, *, days: int) -> None:
        until = iso(self.now + timedelta(days=days))[:10]
        self.act(number, Event.ACCEPT, {"until": until})

    @property
    def open_numbers(self) -> list[int]:
        return sorted(self.index.open.values())


def edited(issue: Issue, edit: IssueEdit) -> Issue:
    """The issue as GitHub holds it after an edit; bodies come back with other line ends."""
    return replace(
        issue,
        title=issue.title if edit.title is None else edit.title.strip(),
        body=issue.body if edit.body is None else edit.body.replace("\n", "\r\n"),
        labels=issue.labels if edit.labels is None else edit.labels,
        is_open=issue.is_open if edit.is_open is None else edit.is_open,
    )


def is_unresolved(incident: Incident) -> bool:
    return incident.status not in (IncidentStatus.RECONCILED, IncidentStatus.CLOSED)


def _key(side: str, version: int | None) -> str | None:
    return None if version is None else f"{side}-{version}"


def _body(incident: Incident) -> str:
    names = "\n".join(f"- {each.workflow_name} {each.fingerprint}" for each in incident.affected_workflows)
    return f"{BEGIN}\n{incident.status}\n\n{names}\n{END}\n"
