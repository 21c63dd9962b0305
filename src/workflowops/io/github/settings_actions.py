"""What GitHub Actions do here: the workflow files, their schedules, and what the repository allows them."""

import re
from datetime import datetime

from workflowops.core.doctor.repository_facts import (
    ActionsPermission,
    Read,
    ScheduledRun,
    Unread,
    WorkflowFile,
    WorkflowState,
)
from workflowops.core.json import Json
from workflowops.io.github.reading import text_of
from workflowops.io.github.settings_reading import SettingsReader, field, listed

FOLDERS = (".github/workflows", ".github/ISSUE_TEMPLATE")

_OURS = re.compile(r"\.github/workflows/workflowops-[^/]+\.ya?ml")
_ACTIONS, _ADMINISTRATION, _CONTENTS = "actions: read", "administration: read", "contents: read"


def files(reader: SettingsReader, *, branch: str) -> Read[frozenset[str]]:
    """Answer the paths of workflow files and issue forms of a branch. Two requests.

    Source: docs.github.com, "Get repository content".
    """
    paths: set[str] = set()
    for folder in FOLDERS:
        found = reader.answer(
            reader.place.path("contents", folder),
            task=f"list {folder}",
            needs=_CONTENTS,
            query={"ref": branch},
            accept={404},
        )
        if isinstance(found, Unread):
            return found
        paths |= {path for entry in listed(found.data) if (path := text_of(entry, "path"))}
    return frozenset(paths)


def workflows(reader: SettingsReader) -> Read[tuple[WorkflowFile, ...]]:
    """Answer our workflows as GitHub lists them, with their last scheduled runs. One request, one more for each.

    Source: docs.github.com, "List repository workflows" and "List workflow runs for a workflow".
    """
    path = reader.place.path("actions", "workflows")
    entries = reader.entries(path, task="list the workflows", needs=_ACTIONS, key="workflows")
    if isinstance(entries, Unread):
        return entries
    found = [_workflow(reader, entry) for entry in entries if _OURS.fullmatch(text_of(entry, "path"))]
    return tuple(each for each in found if each is not None)


def permission(reader: SettingsReader) -> Read[ActionsPermission]:
    """Answer whether Actions run here and which may be used. One request; a job's token is refused."""
    path = reader.place.path("actions", "permissions")
    found = reader.answer(path, task="read whether Actions are allowed", needs=_ADMINISTRATION)
    if isinstance(found, Unread):
        return found
    enabled = field(found.data, "enabled")
    if not isinstance(enabled, bool):
        return reader.foreign("whether Actions are allowed")
    return ActionsPermission(enabled=enabled, allowed=text_of(found.data, "allowed_actions") or "all")


def may_open_pull_requests(reader: SettingsReader) -> Read[bool]:
    """Answer whether a job may open pull requests. One request; a job's token is refused.

    Source: docs.github.com, "Get default workflow permissions for a repository".
    """
    path = reader.place.path("actions", "permissions", "workflow")
    found = reader.answer(path, task="read whether Actions may open pull requests", needs=_ADMINISTRATION)
    if isinstance(found, Unread):
        return found
    allowed = field(found.data, "can_approve_pull_request_reviews")
    return allowed if isinstance(allowed, bool) else reader.foreign("whether Actions may open pull requests")


def names(reader: SettingsReader, kind: str) -> Read[frozenset[str]]:
    """Answer the names of `secrets` or `variables` that every job sees, never a value. Two requests.

    Source: docs.github.com, "List repository secrets" and "List repository organization secrets".
    """
    found: set[str] = set()
    for path in (("actions", kind), ("actions", f"organization-{kind}")):
        read = names_at(reader, *path, kind=kind)
        if isinstance(read, Unread):
            return read
        found |= read
    return frozenset(found)


def names_at(reader: SettingsReader, *path: str, kind: str) -> Read[frozenset[str]]:
    """Answer the names of the secrets or variables that are kept in one place. One request."""
    entries = reader.entries(
        reader.place.path(*path), task=f"list the names of the {kind}", needs=f"{kind}: read", key=kind
    )
    if isinstance(entries, Unread):
        return entries
    return frozenset(name for entry in entries if (name := text_of(entry, "name").upper()))


def _workflow(reader: SettingsReader, entry: Json) -> WorkflowFile | None:
    state, number = text_of(entry, "state"), field(entry, "id")
    if state not in set(WorkflowState) or not isinstance(number, int):
        return None
    return WorkflowFile(
        path=text_of(entry, "path"),
        state=WorkflowState(state),
        since=_moment(text_of(entry, "created_at")),
        last_scheduled=_last_scheduled(reader, number, path=text_of(entry, "path")),
    )


def _last_scheduled(reader: SettingsReader, number: int, *, path: str) -> Read[ScheduledRun | None]:
    """Answer the newest run that a schedule started; GitHub lists the newest first."""
    found = reader.answer(
        reader.place.path("actions", "workflows", number, "runs"),
        task=f"read the runs of {reader.place.quoted(path)}",
        needs=_ACTIONS,
        query={"event": "schedule", "per_page": "1"},
    )
    if isinstance(found, Unread):
        return found
    runs = field(found.data, "workflow_runs")
    if not isinstance(runs, list):
        return reader.foreign("a list of runs")
    if not runs:
        return None
    at = _moment(text_of(runs[0], "created_at"))
    if at is None:
        return reader.foreign("a run")
    return ScheduledRun(at=at, conclusion=text_of(runs[0], "conclusion") or None, url=text_of(runs[0], "html_url"))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
