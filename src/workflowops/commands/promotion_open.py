"""`promote open`: a pull request that brings a stage's workflows into the folder of the next one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.commands.gathering import not_current
from workflowops.commands.ports import Workspace
from workflowops.commands.promoting import Promoting, Seen, look_at_target, target_of
from workflowops.core.configuration import Stage
from workflowops.core.incident.issue import NewPullRequest
from workflowops.core.json import Json, sha256
from workflowops.core.observation import live_document
from workflowops.core.problems import shown
from workflowops.core.promotion.closure import closure
from workflowops.core.promotion.opening import Opened, opened_files
from workflowops.core.promotion.outcome import OpenedPromotion
from workflowops.core.promotion.references import needed_by
from workflowops.core.promotion.request import requested_marker
from workflowops.core.promotion.route import Route
from workflowops.core.records import CanonicalWorkflow, DeclaredCopy
from workflowops.core.sidecar import Sidecar, parse_sidecar, sidecar_path
from workflowops.core.text.promotion_opening import pull_request_body, pull_request_title
from workflowops.core.workflow_file import parse_workflow
from workflowops.errors import BlockedError, ConfigurationError, ExitCode, WorkflowOpsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be promoted: slugs or canonical ids. `with_dependencies` adds what they call.

    `removed` are those whose removal is promoted as well. Where neither names any, all of the stage before is meant.
    """

    slugs: tuple[str, ...] = ()
    with_dependencies: bool = False
    removed: tuple[str, ...] = ()


def open_promotion(promoting: Promoting, route: Route, asked: Asked) -> OpenedPromotion:
    """Propose the stage before's files for a target: one commit on a branch of ours, and a pull request.

    The target is read anew, so that its own ids and names stand in the files. Nothing is written to n8n or to the
    state. Asked twice, the same branch and the same pull request are answered. Raises ConfigurationError for what
    cannot be promoted, and what kept the target from being read; what fails after the branch is there is told.
    """
    previous = _previous(route)
    seen = look_at_target(promoting.workspace, route)
    workflows = {
        canonical_id: workflow
        for canonical_id, workflow in seen.declared.declaration.file.workflows.items()
        if previous.environment in workflow.copies
    }
    sources = _documents(promoting.workspace, [each.copies[previous.environment] for each in workflows.values()])
    chosen = _chosen(seen, workflows, sources, previous, asked)
    removed = _removed(seen, previous, asked)
    opened = [_opened(promoting.workspace, seen, workflows[each], sources, previous) for each in chosen]
    opened += [_gone(seen, each) for each in removed]
    target = target_of(seen, [])
    occupied = {copy.git_file_path: canonical_id for canonical_id, copy in seen.judgement.known.copies.items()}
    files = opened_files(opened, target=target, occupied=occupied, remove=removed)
    differing = _differing(promoting.workspace, seen, files)
    outcome = OpenedPromotion(
        source_stage=previous.environment,
        target_stage=route.environment,
        pipeline_id=route.pipeline.name,
        canonical_slugs=tuple(
            each.sidecar.canonical_slug for each in opened if not _paths(each, seen).isdisjoint(differing)
        ),
        files=tuple(sorted(differing)),
        left_out=_unreadable(seen, previous),
        is_dry_run=promoting.workspace.is_dry_run,
    )
    branch = _branch(outcome, [each.sidecar.canonical_slug for each in opened])
    return _proposed(promoting, outcome, seen, files, branch=branch)


def _paths(opened: Opened, seen: Seen) -> set[str]:
    """Answer where a workflow's files are, or shall be, in the target's folder."""
    path = opened.present_path or f"{seen.environment.folder}/{opened.source_path}"
    return {path, sidecar_path(path)}


def _previous(route: Route) -> Stage:
    if route.previous is None:
        raise ConfigurationError(
            f"{route.environment} is the first stage of {route.pipeline.name}: nothing comes before it.",
            fix="Name a later stage with --to.",
        )
    return route.previous


def _documents(workspace: Workspace, copies: Sequence[DeclaredCopy]) -> dict[str, Mapping[str, Json]]:
    """Read the files of copies, by path."""
    wanted = {copy.git_blob: copy.git_file_path for copy in copies}
    found = {}
    for blob, content in workspace.repository.blobs(list(wanted)) if wanted else ():
        document, _ = parse_workflow(content, path=wanted[blob])
        found[blob] = document
    return {copy.git_file_path: each for copy in copies if (each := found.get(copy.git_blob)) is not None}


def _chosen(
    seen: Seen,
    workflows: Mapping[str, CanonicalWorkflow],
    sources: Mapping[str, Mapping[str, Json]],
    previous: Stage,
    asked: Asked,
) -> tuple[str, ...]:
    slugs = {each.canonical_slug: canonical_id for canonical_id, each in workflows.items()}
    lost = [each for each in asked.slugs if each not in workflows and each not in slugs]
    for reason in _reasons(seen, previous, lost):
        raise ConfigurationError(f"{reason} It cannot be read.", fix="Put the file right first, by a pull request.")
    if lost:
        raise ConfigurationError(
            f"{previous.environment} has no workflow {', '.join(map(shown, lost))} in Git.",
            fix=f"It has: {', '.join(sorted(slugs)) or 'none'}.",
        )
    chosen = [each if each in workflows else slugs[each] for each in asked.slugs]
    if not asked.slugs and not asked.removed:
        chosen = sorted(workflows)
    if not asked.with_dependencies:
        return tuple(dict.fromkeys(chosen))
    needs = {
        canonical_id: [
            each
            for each in needed_by(
                sources.get(workflow.copies[previous.environment].git_file_path, {}), resolve=seen.judgement.anywhere
            )
            if each in workflows
        ]
        for canonical_id, workflow in workflows.items()
    }
    return closure(chosen, calls=needs)


def _reasons(seen: Seen, previous: Stage, names: Collection[str]) -> list[str]:
    """Answer why workflows that are asked for cannot be read."""
    known = seen.judgement.known.canonical.workflows
    unreadable = seen.declared.declaration.unreadable.get(previous.environment, {})
    return [
        reason
        for canonical_id, reason in unreadable.items()
        if canonical_id in names or (canonical_id in known and known[canonical_id].canonical_slug in names)
    ]


def _removed(seen: Seen, previous: Stage, asked: Asked) -> tuple[str, ...]:
    """Answer the canonical ids whose removal is promoted: in the target's folder, and no longer in the source's."""
    known = seen.judgement.known
    found = []
    for name in asked.removed:
        ids = [each for each in known.copies if name in (each, known.canonical.workflows[each].canonical_slug)]
        if not ids:
            raise ConfigurationError(
                f"{seen.route.environment} has no workflow {shown(name)} in Git, so it cannot be removed.",
                fix="Name one that stands in the target's folder with --remove.",
            )
        if previous.environment in known.canonical.workflows[ids[0]].copies:
            raise BlockedError(
                f"{shown(name)} still is in {previous.environment}.",
                fix="Remove its file there first, and promote that.",
            )
        found += ids
    return tuple(found)


def _opened(
    workspace: Workspace,
    seen: Seen,
    workflow: CanonicalWorkflow,
    sources: Mapping[str, Mapping[str, Json]],
    previous: Stage,
) -> Opened:
    copy = workflow.copies[previous.environment]
    present = seen.judgement.known.copy(workflow.canonical_id)
    verdict = next((each for each in seen.judgement.verdicts if each.canonical_id == workflow.canonical_id), None)
    body = None if verdict is None else seen.look.bodies.get(verdict.workflow_id or "")
    folder = workspace.configuration.environments[previous.environment].folder.strip("/")
    return Opened(
        sidecar=_sidecar(workspace, workflow, copy),
        source=sources.get(copy.git_file_path),
        source_path=copy.git_file_path.removeprefix(f"{folder}/"),
        present=None if present is None else _documents(workspace, [present]).get(present.git_file_path),
        present_path=None if present is None else present.git_file_path,
        live=None if body is None else live_document(body),
    )


def _sidecar(workspace: Workspace, workflow: CanonicalWorkflow, copy: DeclaredCopy) -> Sidecar:
    if copy.sidecar_blob is not None:
        for _, content in workspace.repository.blobs([copy.sidecar_blob]):
            sidecar, _ = parse_sidecar(content, path=copy.git_file_path)
            if sidecar is not None:
                return sidecar
    return Sidecar(
        canonical_id=workflow.canonical_id,
        canonical_slug=workflow.canonical_slug,
        description=workflow.description,
        tags=workflow.tags,
        created_by=workflow.created_by,
        created_at=workflow.created_at,
    )


def _gone(seen: Seen, canonical_id: str) -> Opened:
    known = seen.judgement.known
    workflow, copy = known.canonical.workflows[canonical_id], known.copies[canonical_id]
    return Opened(
        sidecar=Sidecar(canonical_id=canonical_id, canonical_slug=workflow.canonical_slug),
        source=None,
        source_path="",
        present_path=copy.git_file_path,
    )


def _unreadable(seen: Seen, previous: Stage) -> dict[str, str]:
    reasons = seen.declared.declaration.unreadable.get(previous.environment, {})
    return {reason.partition(": ")[0]: reason.partition(": ")[2] for reason in reasons.values()}


def _differing(workspace: Workspace, seen: Seen, files: Mapping[str, bytes | None]) -> list[str]:
    """Name the files that are not there yet as they shall be."""
    folder = seen.environment.folder
    blobs = {each.path: each.blob for each in workspace.repository.tree(seen.declared.commit, folder)}
    wanted = [path for path in files if path in blobs]
    held = dict(workspace.repository.blobs(list(dict.fromkeys(blobs[path] for path in wanted)))) if wanted else {}
    return [
        path
        for path, content in files.items()
        if (path in blobs) != (content is not None) or (path in blobs and held[blobs[path]] != content)
    ]


def _proposed(
    promoting: Promoting, outcome: OpenedPromotion, seen: Seen, files: Mapping[str, bytes | None], *, branch: str
) -> OpenedPromotion:
    workspace = promoting.workspace
    if workspace.is_dry_run or not outcome.files:
        return outcome
    if not seen.declared.is_current:
        return replace(
            outcome,
            problem=not_current(seen.declared),
            fix="Bring the checkout to the tip of the default branch, and ask again.",
            exit_code=ExitCode.MOVED,
        )
    try:
        proposed = workspace.repository.propose_files(
            files, message=pull_request_title(outcome), branch=branch, base=seen.declared.commit
        )
        outcome = replace(outcome, branch=proposed.branch, commit=proposed.commit, is_new=proposed.is_new)
        if promoting.tracker is None:
            return outcome
        body = f"{pull_request_body(outcome)}\n\n{requested_marker(workspace.actor.name)}\n"
        opened = promoting.tracker.open_pull_request(
            NewPullRequest(
                head=proposed.branch,
                base=promoting.tracker.default_branch(),
                title=pull_request_title(outcome),
                body=body,
            )
        )
    except WorkflowOpsError as error:
        return replace(outcome, problem=str(error), fix=error.fix, exit_code=error.exit_code)
    return replace(outcome, pull_request=opened)


def _branch(outcome: OpenedPromotion, slugs: Sequence[str]) -> str:
    """Name the branch after what was asked for, so that the same is proposed once, whatever of it differs today."""
    what = slugs[0] if len(slugs) == 1 else sha256("\n".join(sorted(slugs)).encode())[:12]
    return f"workflowops/promote-{outcome.target_stage}-{what}"
