"""GATHER for two gates: whether the stage before runs what a plan brings, as it was last looked at."""

from collections.abc import Iterable, Mapping, Sequence

from workflowops.commands.gathering import record_of
from workflowops.commands.ports import Workspace
from workflowops.commands.promoting import Seen
from workflowops.commands.promotion_files import promotions
from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.configuration import Stage
from workflowops.core.json import Json
from workflowops.core.promotion.gate_facts import Verified
from workflowops.core.promotion.plan import PlannedWorkflow, WorkflowChangeType
from workflowops.core.promotion.verification import Before, says_the_same_here, verified_before
from workflowops.core.records import DeclaredCopy, MappedWorkflow, MappingFile, MappingStatus
from workflowops.core.workflow_file import parse_workflow


def verified_changes(
    workspace: Workspace, seen: Seen, changes: Sequence[PlannedWorkflow]
) -> dict[str, Verified] | None:
    """Say of every changed workflow whether the stage before runs the same; None where there is no stage before.

    The instance of that stage is not asked: this runs where its key is not at hand. What the state says of it is
    believed when the last attempt to look at it succeeded. Raises StateError.
    """
    previous = seen.route.previous
    if previous is None:
        return None
    mapping = seen.mappings.get(previous.environment)
    entries = _linked(mapping)
    problem = _why_not_known(workspace, seen, previous, mapping)
    unreadable = seen.declared.declaration.unreadable.get(previous.environment, {})
    promoted = tuple(promotions(seen.view, environments=(previous.environment,)))
    files = _files(workspace, seen, previous, changes)
    found = {}
    for each in changes:
        canonical_id = each.canonical_id
        before = Before(
            stage=previous.environment,
            is_first=seen.route.pipeline.stages[0] == previous,
            copy=_copy(seen, previous.environment, canonical_id),
            is_same=_is_same(seen, files, previous, canonical_id),
            entry=entries.get(canonical_id),
            anywhere=seen.judgement.anywhere,
            promotions=promoted,
            problem=problem or unreadable.get(canonical_id),
        )
        is_removal = each.change_type is WorkflowChangeType.REMOVED
        found[canonical_id] = verified_before(canonical_id, before, is_removal=is_removal)
    return found


def _why_not_known(workspace: Workspace, seen: Seen, previous: Stage, mapping: MappingFile | None) -> str | None:
    environment = workspace.configuration.environments[previous.environment]
    record = record_of(environment, seen.view)
    if record.problem is not None:
        return f"it could not be looked at last time ({record.problem.removesuffix('.')})"
    if mapping is None:
        return "it was never looked at"
    return None if mapping.canonical_form == CANONICAL_FORM else "it was last looked at by another version"


def _linked(mapping: MappingFile | None) -> dict[str, MappedWorkflow]:
    return {
        entry.canonical_id: entry
        for entry in ({} if mapping is None else mapping.workflows).values()
        if entry.canonical_id is not None and entry.status is MappingStatus.LINKED
    }


def _copy(seen: Seen, environment: str, canonical_id: str) -> DeclaredCopy | None:
    workflow = seen.declared.declaration.file.workflows.get(canonical_id)
    return None if workflow is None else workflow.copies.get(environment)


def _is_same(seen: Seen, files: Mapping[str, Mapping[str, Json]], previous: Stage, canonical_id: str) -> bool | None:
    own, theirs = (_copy(seen, name, canonical_id) for name in (seen.route.environment, previous.environment))
    here = None if own is None else files.get(own.git_blob)
    there = None if theirs is None else files.get(theirs.git_blob)
    if here is None or there is None:
        return None
    names = seen.route.stage.credentials
    return says_the_same_here(here, before=there, names=names, anywhere=seen.judgement.anywhere)


def _files(
    workspace: Workspace, seen: Seen, previous: Stage, changes: Iterable[PlannedWorkflow]
) -> dict[str, dict[str, Json]]:
    """Read both stages' files of what changes, blob -> document; what cannot be read is left out."""
    copies = [
        copy
        for each in changes
        for name in (seen.route.environment, previous.environment)
        if (copy := _copy(seen, name, each.canonical_id)) is not None
    ]
    paths = {copy.git_blob: copy.git_file_path for copy in copies}
    read = ((blob, parse_workflow(content, path=paths[blob])[0]) for blob, content in _blobs(workspace, paths))
    return {blob: document for blob, document in read if document is not None}


def _blobs(workspace: Workspace, paths: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
    return workspace.repository.blobs(paths) if paths else ()
