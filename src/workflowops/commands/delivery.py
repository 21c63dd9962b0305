"""Delivery: making GitHub show what the state says, and saying what is left to be said, once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.desk import Desk
from workflowops.commands.incident_files import read_details, read_incident, read_index
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.strictest import strictest_rules
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.incident.mirror import edit_for, is_the_issue_of, labels_of
from workflowops.core.incident.notes import with_notes
from workflowops.core.incident.outcome import Delivery
from workflowops.core.incident.policy import IncidentPolicy
from workflowops.core.incident.record import (
    Event,
    Incident,
    IncidentStatus,
    Note,
    NoteKind,
    incident_path,
    incidents_path,
)
from workflowops.core.records import encode
from workflowops.core.text.incident import incident_body, incident_title
from workflowops.errors import (
    GitHubAnswerError,
    GitHubLimitedError,
    GitHubUnauthorizedError,
    GitHubUnreachableError,
    MovedError,
    WorkflowOpsError,
)

MOST_OUTAGES = 2
"""After so many of these GitHub is left alone: it is down, has had enough of us, or the desk is somebody else's."""

OUTAGES = (GitHubUnreachableError, GitHubUnauthorizedError, GitHubLimitedError, GitHubAnswerError, MovedError)
"""What concerns every incident. Anything else, such as a locked issue, must not keep the others from being told."""


def deliver(
    desk: Desk,
    numbers: Sequence[int],
    *,
    fresh: Collection[str] = (),
    issues: Mapping[int, Issue] | None = None,
    keep: Callable[[], None] = lambda: None,
) -> Delivery:
    """Bring issues to what their records say, and say what their notes hold; the claim must be held.

    Notes in `fresh` were decided by this run, so nobody said them yet; all others are looked for first. `issues` spares
    reading what was read under the claim; `keep` prolongs it, before every write. Whatever fails is told and stays for
    the next run; what was done is noted even then.
    """
    if desk.tracker is None or desk.workspace.is_dry_run:
        return Delivery()
    current = _Round(desk, desk.tracker, desk.workspace.state.view(), fresh, issues or {}, keep)
    try:
        for number in numbers:
            if current.outages >= MOST_OUTAGES:
                break
            current.deliver(number)
    finally:
        current.note_what_was_done()
    return Delivery(
        comments=current.comments, problems=tuple(current.problems), warnings=tuple(dict.fromkeys(current.warnings))
    )


def policy_of(desk: Desk, environment: str) -> IncidentPolicy:
    """Answer how an environment wants its incidents.

    For one that left the configuration, what its top says, with the strictest rule for commands of all that are known:
    its own are lost, and nobody may do more because of that.
    """
    configuration = desk.workspace.configuration
    found = configuration.environments.get(environment)
    if found is not None:
        return found.incidents
    known = [each.incidents.commands for each in configuration.environments.values()]
    rules = strictest_rules([configuration.incidents.commands, *known])
    return replace(configuration.incidents, commands=rules)


def with_its_notes(
    desk: Desk, before: Incident | None, after: Incident, *, told_elsewhere: Collection[Event] = ()
) -> Incident:
    """Add what is to be said about the new steps of an incident, as its environment wants it told."""
    policy = policy_of(desk, after.environment)
    return with_notes(
        before,
        after,
        links=desk.links,
        mentions=policy.mentions,
        notifies=bool(policy.notify),
        skip=told_elsewhere,
    )


def body_of(desk: Desk, incident: Incident, details: str) -> str:
    """Answer our part of the body of an incident's issue."""
    return incident_body(incident, details, links=desk.links, mentions=policy_of(desk, incident.environment).mentions)


def differs(desk: Desk, incident: Incident, issue: Issue, details: str) -> bool:
    """Say whether an issue shows something else than its record says."""
    return _edit(desk, incident, issue, details) is not None


def _edit(desk: Desk, incident: Incident, issue: Issue, details: str) -> IssueEdit | None:
    return edit_for(incident, issue, body=body_of(desk, incident, details), title=incident_title(incident))


@dataclass(slots=True)
class _Round:
    """One delivery on its way: what it knows, and what it has done."""

    desk: Desk
    tracker: IssueTracker
    view: StateView
    fresh: Collection[str]
    issues: Mapping[int, Issue]
    keep: Callable[[], None]
    said: dict[int, set[str]] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    ended: dict[int, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    outages: int = 0

    def deliver(self, number: int) -> None:
        """Bring one issue up to date and say its notes; a failure is told, and the next issue is tried."""
        incident = read_incident(self.view, number)
        if incident is None:
            return
        try:
            issue = self.issues.get(number) or self.tracker.issue(number)
            if issue is None or not is_the_issue_of(incident, issue):
                self._without_issue(incident)
                return
            self._mirror(incident, issue)
            for note in incident.notes:
                self._say(incident, note)
            self._end(incident)
        except WorkflowOpsError as error:
            self.outages += isinstance(error, OUTAGES)
            self.problems.append(f"Incident #{number}: {error} {error.fix}")

    def note_what_was_done(self) -> None:
        """Take what was said out of the records; should that fail, the next run finds the markers on GitHub."""
        if not self.said and not self.titles and not self.ended:
            return
        try:
            self.desk.workspace.state.change(self._noted, message="incidents: said what was to be said")
        except WorkflowOpsError as error:
            self.problems.append(f"What was said could not be noted: {error} {error.fix} The next run notices.")

    def _noted(self, tip: StateView) -> Mapping[str, bytes | None]:
        files: dict[str, bytes | None] = {}
        for number in sorted({*self.said, *self.titles}):
            incident = read_incident(tip, number)
            if incident is None:
                continue
            left = tuple(note for note in incident.notes if note.id not in self.said.get(number, ()))
            title = self.titles.get(number, incident.title)
            files[incident_path(number)] = encode(replace(incident, notes=left, title=title))
        for environment in sorted(set(self.ended.values())):
            index = read_index(tip, environment)
            unsaid = tuple(number for number in index.unsaid if number not in self.ended)
            files[incidents_path(environment)] = encode(replace(index, unsaid=unsaid))
        return files

    def _without_issue(self, incident: Incident) -> None:
        """Nothing can be said where there is no issue; the next drift check closes the record."""
        if incident.status is IncidentStatus.CLOSED:
            self.said[incident.number] = {note.id for note in incident.notes}
            self._end(incident)
        else:
            self.warnings.append(
                f"Issue #{incident.number} is gone from GitHub. While n8n drifts, the next check opens another one."
            )

    def _end(self, incident: Incident) -> None:
        """Remember that all was said about an incident that is over."""
        if incident.status is IncidentStatus.CLOSED:
            self.ended[incident.number] = incident.environment

    def _mirror(self, incident: Incident, issue: Issue) -> None:
        edit = _edit(self.desk, incident, issue, read_details(self.view, incident.number))
        if edit is None:
            return
        self.keep()
        if edit.labels is not None:
            self.tracker.ensure_labels(labels_of(incident))
        self.tracker.edit_issue(incident.number, edit)
        if edit.title is not None:
            self.titles[incident.number] = edit.title

    def _say(self, incident: Incident, note: Note) -> None:
        self.keep()
        if note.kind is NoteKind.COMMENT:
            marker = note_marker(note.id)
            self.comments[note.id] = self.tracker.comment(
                incident.number,
                marked(note.text, marker),
                marker=marker,
                look_since=None if note.id in self.fresh else note.decided_at,
            )
        else:
            problem = self._notify(incident, note)
            if problem is not None:
                self.warnings.append(f"Notification about incident #{incident.number}: {problem}")
        self.said.setdefault(incident.number, set()).add(note.id)

    def _notify(self, incident: Incident, note: Note) -> str | None:
        names = policy_of(self.desk, incident.environment).notify
        missing = [name for name in names if not self.desk.addresses.get(name)]
        addresses = [self.desk.addresses[name] for name in names if self.desk.addresses.get(name)]
        told = [f"not set: {', '.join(missing)}"] if missing else []
        if addresses and self.desk.notifier is not None:
            problem = self.desk.notifier.send(addresses, title=note.title, text=note.text)
            told += [] if problem is None else [problem]
        return "; ".join(told) or None
