"""The state branch as the doctor looks at it: every file is tried, and what cannot be read is told, not raised."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workflowops.commands.audit import verify_audit
from workflowops.commands.ports import StateView, Workspace
from workflowops.commands.promotion_files import read_lock
from workflowops.core.comment.elsewhere import COMMENTS_PATH, CommentsFile
from workflowops.core.configuration import Environment
from workflowops.core.dashboard import DASHBOARD_PATH, DashboardFile
from workflowops.core.doctor.state_checks import EnvironmentFacts, StateFacts
from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.incident.record import Incident, IncidentsFile
from workflowops.core.onboarding_record import ONBOARDING_PATH, OnboardingFile
from workflowops.core.promotion.record import INDEX_PATH, LockFile, Promotion, PromotionsIndex
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    CurrentFile,
    EnvironmentRecord,
    JobsFile,
    MappingFile,
    Stored,
    decode,
    environment_path,
)
from workflowops.errors import WorkflowOpsError

_KINDS: dict[str, type[Stored]] = {
    **{
        re.escape(path): kind
        for path, kind in (
            (CANONICAL_PATH, CanonicalFile),
            (ONBOARDING_PATH, OnboardingFile),
            (DASHBOARD_PATH, DashboardFile),
            (COMMENTS_PATH, CommentsFile),
            (INDEX_PATH, PromotionsIndex),
        )
    },
    r"environments/[^/]+/environment\.json": EnvironmentRecord,
    r"environments/[^/]+/mapping\.json": MappingFile,
    r"environments/[^/]+/current\.json": CurrentFile,
    r"environments/[^/]+/jobs\.json": JobsFile,
    r"environments/[^/]+/incidents\.json": IncidentsFile,
    r"environments/[^/]+/lock\.json": LockFile,
    r"(?:incidents|promotions)/[^/]+\.drawings\.json": DrawingsFile,
    r"incidents/[0-9]+\.json": Incident,
    r"promotions/[^/]+\.json": Promotion,
}
"""The shapes of the files, by what their paths look like; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class SeenState:
    """What was found, and the view it was found in; None where the branch could not be read."""

    facts: StateFacts
    view: StateView | None


@dataclass(frozen=True, slots=True)
class _Header:
    schema: int


def state_facts(workspace: Workspace) -> SeenState:
    """Look at the whole state branch. Raises nothing that a broken state or remote causes."""
    facts = _with_claims(StateFacts(now=workspace.clock()), workspace)
    try:
        view = workspace.state.view()
        paths = view.list("") if view.tip is not None else ()
        facts = replace(facts, tip=view.tip, files=len(paths), unreadable=tuple(_unreadable(view, paths)))
    except WorkflowOpsError as error:
        return SeenState(replace(facts, failure=error), None)
    try:
        audit = verify_audit(workspace.state)
    except WorkflowOpsError:
        return SeenState(facts, view)
    return SeenState(replace(facts, audit_entries=audit.entries, audit_problems=audit.problems), view)


def environment_facts(workspace: Workspace, view: StateView | None, environment: Environment) -> EnvironmentFacts:
    """Look at what the state holds of one environment."""
    facts = EnvironmentFacts(environment=environment, now=workspace.clock())
    if view is None:
        return replace(facts, is_read=False)
    path = environment_path(environment.name)
    try:
        facts = replace(facts, record=decode(view.read(path), EnvironmentRecord, path=path))
    except WorkflowOpsError:
        facts = replace(facts, damaged=facts.damaged | {"record"})
    try:
        return replace(facts, lock=read_lock(view, environment.name))
    except WorkflowOpsError:
        return replace(facts, damaged=facts.damaged | {"lock"})


def _with_claims(facts: StateFacts, workspace: Workspace) -> StateFacts:
    try:
        return replace(facts, claims=workspace.state.holders())
    except WorkflowOpsError as error:
        return replace(facts, claims_failure=error)


def _unreadable(view: StateView, paths: tuple[str, ...]) -> Iterator[str]:
    """Say of each JSON file that it cannot be read, and why. Audit logs have a check of their own."""
    for path in paths:
        if path.endswith(".json"):
            try:
                _try(view.read(path), path)
            except WorkflowOpsError as error:
                yield str(error)


def _try(content: bytes | None, path: str) -> None:
    decode(content, next((kind for look, kind in _KINDS.items() if re.fullmatch(look, path)), _Header), path=path)
