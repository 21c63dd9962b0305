"""The files of incidents on the state branch: read, and written together with what speaks of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflowops.commands.auditing import incident_entries, recorded
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.drawings_file import DrawingsFile, incident_drawings_path, is_drawable
from workflowops.core.incident.index import reindexed
from workflowops.core.incident.record import (
    Incident,
    IncidentsFile,
    details_path,
    incident_path,
    incidents_path,
)
from workflowops.core.records import EnvironmentRecord, decode, encode, environment_path
from workflowops.errors import StateError

_FOLDER = "incidents/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An incident before (None when it is new) and after; `details` as Markdown, None to leave them as they are.

    The same goes for the `drawings` of its workflows.
    """

    before: Incident | None
    after: Incident
    details: str | None = None
    drawings: DrawingsFile | None = None


def read_incident(view: StateView, number: int) -> Incident | None:
    """Read an incident from the state; None when there is none of that number."""
    return decode(view.read(incident_path(number)), Incident, path=incident_path(number))


def incident_paths(view: StateView) -> tuple[str, ...]:
    """Name the records of all incidents; what else lies beside them is left out."""
    names = view.list(_FOLDER)
    return tuple(each for each in names if each.removeprefix(_FOLDER).removesuffix(".json").isdecimal())


def read_index(view: StateView, environment: str) -> IncidentsFile:
    """Read which incidents an environment has."""
    path = incidents_path(environment)
    return decode(view.read(path), IncidentsFile, path=path) or IncidentsFile()


def read_details(view: StateView, number: int) -> str:
    """Read the differences of an incident in full, as Markdown."""
    return (view.read(details_path(number)) or b"").decode("utf-8", "replace")


def read_drawings(view: StateView, path: str) -> DrawingsFile:
    """Read the drawings of an incident or a promotion; none where none were made.

    Raises StateError for what is newer than this program, damaged, or could not be drawn.
    """
    found = decode(view.read(path), DrawingsFile, path=path) or DrawingsFile()
    if not is_drawable(found):
        raise StateError(
            f"{path} on the state branch cannot be read: its graphs are damaged.",
            fix="Restore it from the branch's history (`git log` on the state branch), or delete the file.",
        )
    return found


def changed_files(
    workspace: Workspace,
    tip: StateView,
    changes: Sequence[Change],
    *,
    indexes: Mapping[str, IncidentsFile] | None = None,
) -> dict[str, bytes | None]:
    """Answer the files for changed incidents, their environments' lists and the audit entries of every new step.

    `indexes` are lists that were decided already, by environment; the others are read.
    """
    files: dict[str, bytes | None] = {}
    lists = dict(indexes or {})
    for change in changes:
        after = change.after
        files[incident_path(after.number)] = encode(after)
        if change.details is not None:
            files[details_path(after.number)] = change.details.encode("utf-8", "replace")
        if change.drawings is not None:
            files[incident_drawings_path(after.number)] = encode(change.drawings)
        known = lists.get(after.environment) or read_index(tip, after.environment)
        lists[after.environment] = reindexed(known, before=change.before, after=after)
    for environment, index in lists.items():
        files[incidents_path(environment)] = encode(index)
        entries = [
            entry
            for change in changes
            if change.after.environment == environment
            for entry in incident_entries(workspace, before=change.before, after=change.after)
        ]
        if entries:
            files |= recorded(tip, _record(tip, environment), entries)
    return files


def _record(tip: StateView, environment: str) -> EnvironmentRecord:
    """Read an environment's record; it may have left the configuration while its incident is still open."""
    path = environment_path(environment)
    found = decode(tip.read(path), EnvironmentRecord, path=path)
    return found or EnvironmentRecord(environment=environment, title=environment)
