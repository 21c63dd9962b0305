"""GATHER for promotions: what Git wants of a stage, what its instance holds, and the plan between the two."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.commands.gathering import Declared, Look, Wanted, look_at_all, read_declared
from workflowops.commands.judging import Differences, Judgement, judge_all
from workflowops.commands.ports import IssueTracker, OpenN8nWriter, PullRequests, SnapshotStore, StateView, Workspace
from workflowops.core.configuration import Environment, select
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.naming import slug_of
from workflowops.core.problems import shown
from workflowops.core.promotion.collisions import listeners_of
from workflowops.core.promotion.plan import Options, PromotionKind, PromotionPlan
from workflowops.core.promotion.planning import plan_promotion
from workflowops.core.promotion.references import ReferenceKind, calls_of
from workflowops.core.promotion.route import Route
from workflowops.core.promotion.target import Candidate, Credential, Credentials, Listener, Source, Target
from workflowops.core.records import DeclaredCopy, MappedWorkflow, MappingFile, MappingStatus, decode, mapping_path
from workflowops.core.standing import DriftKind
from workflowops.core.text.links import Links
from workflowops.core.timestamps import iso
from workflowops.core.verdicts import resolver
from workflowops.core.workflow_file import parse_workflow
from workflowops.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoting:
    """What work on promotions takes. Without `pull_requests` nobody can be asked who approved what.

    `run_id` is that of the run on GitHub whose reviewers count, `run_attempt` counts its attempts from 1; `pause` waits
    a number of seconds.
    """

    workspace: Workspace
    open_writer: OpenN8nWriter
    snapshots: SnapshotStore
    pull_requests: PullRequests | None
    tracker: IssueTracker | None
    links: Links | None
    run_id: str | None
    run_attempt: int = 1
    pause: Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A target that was read just now, and what Git declares; `mappings` are those of the other environments."""

    route: Route
    view: StateView
    declared: Declared
    look: Look
    judgement: Judgement
    mappings: Mapping[str, MappingFile]

    @property
    def environment(self) -> Environment:
        """Answer the environment that is looked at."""
        return self.look.environment


def look_at_target(workspace: Workspace, route: Route) -> Seen:
    """Read Git and the target's instance anew. Nothing is written, to the state neither.

    Raises what kept the instance from being read.
    """
    environment = select(workspace.configuration, [route.environment])[0]
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    wanted = Wanted(keep=lambda _, __: True, credentials=True)
    look = look_at_all(workspace, [environment], view, declared, wanted=wanted)[0]
    if look.failure is not None:
        raise look.failure
    judgement = judge_all(view, declared, [look], Differences(workspace, declared, [look]), now=iso(workspace.clock()))[
        0
    ]
    others = [name for name in workspace.configuration.environments if name != environment.name]
    mappings = {
        name: found
        for name in others
        if (found := decode(view.read(mapping_path(name)), MappingFile, path=mapping_path(name))) is not None
    }
    return Seen(route=route, view=view, declared=declared, look=look, judgement=judgement, mappings=mappings)


def changed_ids(workspace: Workspace, route: Route, *, base: str, commit: str) -> tuple[str, ...]:
    """Name the canonical workflows of a stage whose files differ between two commits, removed ones included.

    Raises ConfigurationError where `base` is not there, as after a push by force.
    """
    view = workspace.state.view()
    _require_base(workspace, base)
    before, now = (read_declared(replace(workspace, ref=ref), view) for ref in (base, commit))
    return tuple(sorted(_differing(route.environment, before, now)))


def _require_base(workspace: Workspace, base: str) -> None:
    try:
        workspace.repository.resolve(base)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"What changed since {shown(base[:40])} cannot be told, because that commit is not there: the branch was "
            f"pushed by force, or its history was not fetched. {error}",
            fix="Fetch the whole history (`fetch-depth: 0`). After a push by force name what is to count as before: "
            "`workflowops promote plan --base <commit>`, for example the commit that was promoted last "
            "(`workflowops promote status`).",
        ) from error


def _differing(environment: str, before: Declared, now: Declared) -> set[str]:
    old, new = (
        {
            canonical_id: workflow.copies[environment].git_blob
            for canonical_id, workflow in each.declaration.file.workflows.items()
            if environment in workflow.copies
        }
        for each in (before, now)
    )
    unreadable = now.declaration.unreadable.get(environment, {})
    was_unreadable = before.declaration.unreadable.get(environment, {})
    news = {each for each, reason in unreadable.items() if was_unreadable.get(each) != reason}
    return {each for each in old.keys() | new.keys() if old.get(each) != new.get(each)} | news


def pending_ids(seen: Seen) -> tuple[str, ...]:
    """Name the canonical workflows of a target where Git and n8n are not the same."""
    return tuple(
        sorted(
            verdict.canonical_id
            for verdict in seen.judgement.verdicts
            if verdict.canonical_id is not None
            and verdict.kind is not DriftKind.IN_SYNC
            and seen.judgement.known.is_managed(verdict.canonical_id)
        )
    )


def selected(seen: Seen, canonical_ids: Sequence[str], slugs: Sequence[str]) -> tuple[str, ...]:
    """Answer those of the workflows that are named by slug or canonical id; all of them when none is named.

    Raises ConfigurationError for a name that no workflow has; one that is not among these is left out.
    """
    if not slugs:
        return tuple(canonical_ids)
    known = seen.judgement.known.canonical.workflows
    bodies = seen.look.bodies
    live = {each.canonical_id: bodies.get(each.workflow_id or "") for each in seen.judgement.verdicts}
    names = {each: _slug(seen, each, live.get(each)) for each in canonical_ids}
    found = {each for each in canonical_ids for slug in slugs if slug in (each, names[each])}
    everything = {**{each: workflow.canonical_slug for each, workflow in known.items()}, **names}
    lost = [slug for slug in slugs if slug not in everything and slug not in everything.values()]
    if lost:
        raise ConfigurationError(
            f"Nothing is to be promoted to {seen.route.environment} under the name {', '.join(map(shown, lost))}.",
            fix=f"There is: {', '.join(sorted(names.values())) or 'nothing'}.",
        )
    return tuple(each for each in canonical_ids if each in found)


def plan_for(
    workspace: Workspace,
    seen: Seen,
    canonical_ids: Iterable[str],
    *,
    options: Options,
    kind: PromotionKind = PromotionKind.PROMOTION,
) -> PromotionPlan:
    """Plan what makes the target run what Git declares of these workflows."""
    candidates = candidates_of(workspace, seen, canonical_ids)
    documents = [each.file for each in candidates if each.file is not None]
    return plan_promotion(
        candidates,
        target=target_of(seen, documents),
        pipeline_id=seen.route.pipeline.name,
        source_stage=None if seen.route.previous is None else seen.route.previous.environment,
        git_commit_sha=seen.declared.commit,
        options=options,
        kind=kind,
    )


def candidates_of(workspace: Workspace, seen: Seen, canonical_ids: Iterable[str]) -> tuple[Candidate, ...]:
    """Put together what is known of each workflow that the plan is asked about."""
    known = seen.judgement.known
    wanted = list(dict.fromkeys(canonical_ids))
    copies = {each: known.copy(each) for each in wanted}
    origins = {each: _origin(seen, each) for each in wanted}
    every = (*copies.values(), *origins.values())
    blobs = list(dict.fromkeys(copy.git_blob for copy in every if copy is not None))
    contents = dict(workspace.repository.blobs(blobs)) if blobs else {}
    verdicts = {each.canonical_id: each for each in seen.judgement.verdicts if each.canonical_id is not None}
    applied = {} if known.current is None else known.current.workflows
    candidates = []
    for canonical_id in wanted:
        copy, verdict = copies[canonical_id], verdicts.get(canonical_id)
        file, problem = None, known.unreadable.get(canonical_id)
        if copy is not None and problem is None:
            file, faults = parse_workflow(contents[copy.git_blob], path=copy.git_file_path)
            problem = None if file is not None else "; ".join(each.message for each in faults) or "It cannot be read."
        live = None if verdict is None else seen.look.bodies.get(verdict.workflow_id or "")
        origin = origins[canonical_id]
        candidates.append(
            Candidate(
                canonical_id=canonical_id,
                canonical_slug=_slug(seen, canonical_id, live),
                file=file,
                copy=copy,
                path=None if copy is None else copy.git_file_path,
                verdict=verdict,
                live=live,
                applied=applied.get(canonical_id),
                source=_source(seen, canonical_id),
                origin=None
                if origin is None
                else parse_workflow(contents[origin.git_blob], path=origin.git_file_path)[0],
                problem=problem,
            )
        )
    return tuple(candidates)


def _origin(seen: Seen, canonical_id: str) -> DeclaredCopy | None:
    """Answer the file of the stage before."""
    workflow = seen.declared.declaration.file.workflows.get(canonical_id)
    previous = seen.route.previous
    return None if workflow is None or previous is None else workflow.copies.get(previous.environment)


def _slug(seen: Seen, canonical_id: str, live: ListedWorkflow | None) -> str:
    """Answer the slug of a workflow; that of its name in n8n where its files are gone."""
    workflow = seen.judgement.known.canonical.workflows.get(canonical_id)
    if workflow is not None:
        return workflow.canonical_slug
    return canonical_id if live is None else slug_of(live.name)


def _source(seen: Seen, canonical_id: str) -> Source | None:
    """Say how the workflow stood in the stage before when that was last looked at."""
    if seen.route.previous is None:
        return None
    mapping = seen.mappings.get(seen.route.previous.environment)
    entry = None if mapping is None else _linked(mapping).get(canonical_id)
    if entry is None:
        return None
    is_ahead = entry.drift_status in (DriftKind.MODIFIED, DriftKind.CONFLICT)
    return Source(workflow_id=entry.n8n_workflow_id, is_active=entry.active, is_ahead=is_ahead)


def _linked(mapping: MappingFile) -> dict[str, MappedWorkflow]:
    return {
        entry.canonical_id: entry
        for entry in mapping.workflows.values()
        if entry.canonical_id is not None and entry.status is MappingStatus.LINKED
    }


def target_of(seen: Seen, documents: Sequence[Mapping[str, Json]]) -> Target:
    """Put together what is known of the target; `documents` are those whose addresses could collide there."""
    mapping = seen.judgement.plan.mapping
    bodies = seen.look.bodies
    return Target(
        environment=seen.environment,
        stage=seen.route.stage,
        abilities=seen.look.abilities,
        ids={canonical_id: entry.n8n_workflow_id for canonical_id, entry in _linked(mapping).items()},
        here=resolver(mapping),
        anywhere=seen.judgement.anywhere,
        names={workflow_id: body.name for workflow_id, body in bodies.items()},
        published=frozenset(workflow_id for workflow_id, body in bodies.items() if body.active),
        callers=_callers(mapping),
        credentials=_credentials(seen.look, documents),
        listeners=_listeners(bodies.values(), documents),
        in_source=_in_source(seen),
    )


def _in_source(seen: Seen) -> dict[str, MappedWorkflow]:
    previous = seen.route.previous
    mapping = None if previous is None else seen.mappings.get(previous.environment)
    linked = {} if mapping is None else _linked(mapping)
    return {entry.n8n_workflow_id: entry for entry in linked.values()}


def _callers(mapping: MappingFile) -> dict[str, tuple[str, ...]]:
    callers: dict[str, list[str]] = {}
    for entry in mapping.workflows.values():
        if entry.status is not MappingStatus.MISSING and not entry.is_archived:
            for called in sorted(_ids(entry.env_references)):
                callers.setdefault(called, []).append(entry.n8n_workflow_id)
    return {called: tuple(by) for called, by in callers.items()}


def _ids(references: Mapping[str, Json]) -> set[str]:
    """Answer the ids of workflows in references, of whatever kind."""
    workflows = references.get("workflows")
    callers = references.get("caller_ids")
    error = references.get("error_workflow")
    found = [*(workflows.values() if isinstance(workflows, dict) else ()), error]
    return {str(each) for each in (*found, *(callers if isinstance(callers, list) else ())) if each is not None}


def _credentials(look: Look, documents: Sequence[Mapping[str, Json]]) -> Credentials:
    """Answer the credentials of the target: all of them, or those that its workflows are seen to use."""
    if look.credentials is not None:
        return Credentials(known=look.credentials, is_complete=True)
    if not any(_used_credentials(each) for each in documents):
        return Credentials()
    seen = (each for body in look.bodies.values() for each in _used_credentials(_decoded(body)))
    return Credentials(known=tuple(dict.fromkeys(seen)))


def _used_credentials(document: Mapping[str, Json]) -> tuple[Credential, ...]:
    """Answer the credentials that a document names in full."""
    return tuple(
        Credential(each.id, each.name, each.credential_type)
        for each in calls_of(document, resolve=lambda _: None)
        if each.kind is ReferenceKind.CREDENTIAL
        and each.id is not None
        and each.name is not None
        and each.credential_type is not None
    )


def _listeners(bodies: Collection[ListedWorkflow], documents: Sequence[Mapping[str, Json]]) -> tuple[Listener, ...]:
    """Answer the addresses of active workflows; none where nothing that is planned listens."""
    if not any(listeners_of(each, workflow_id="", workflow_name="") for each in documents):
        return ()
    return tuple(
        listener
        for body in bodies
        if body.active
        for listener in listeners_of(_decoded(body), workflow_id=body.id, workflow_name=body.name)
    )


def _decoded(body: ListedWorkflow) -> Mapping[str, Json]:
    try:
        return body.published() or body.document()
    except ValueError:
        return {}
