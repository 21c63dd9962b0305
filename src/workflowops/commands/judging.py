"""DECIDE for all commands that compare: from what was gathered to verdicts, and to what is written to the state."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.gathering import Declared, Look, known_of
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.abilities import remembered_abilities
from workflowops.core.baseline import refreshed
from workflowops.core.canonical import CANONICAL_FORM, canonicalize
from workflowops.core.diff import WorkflowDiff, compare, without_ignored
from workflowops.core.drawing import Drawing, drawing_of
from workflowops.core.listing import ListedWorkflow
from workflowops.core.mapping import Known, MappingPlan, plan_mapping
from workflowops.core.migration import translated
from workflowops.core.observation import live_document
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    Counts,
    CurrentFile,
    DriftStatus,
    EnvironmentRecord,
    MappingFile,
    current_path,
    decode,
    encode,
    mapping_path,
)
from workflowops.core.standing import DRIFT, Resolve
from workflowops.core.verdicts import Verdict, count, ignored_away, judge, resolver, status_of
from workflowops.core.workflow_file import parse_workflow
from workflowops.errors import WorkflowOpsError

IGNORED_BY_CONFIGURATION = "ignored by the configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One environment judged: its new mapping, a verdict a workflow, and what they add up to.

    Without a baseline nobody can say who moved (walkthrough 1, NEW gate): such verdicts are neither counted nor stored.
    """

    look: Look
    known: Known
    plan: MappingPlan
    anywhere: Resolve
    verdicts: tuple[Verdict, ...]
    counts: Counts
    status: DriftStatus
    ignored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference with the environment's ignore rules taken off, and what was not compared, by reason.

    `by_configuration` counts what the rules took off.
    """

    diff: WorkflowDiff
    ignored: Mapping[str, int]
    by_configuration: int
    drawing: Drawing


class Differences:
    """Differences between Git's and n8n's documents, each computed once and kept by the two contents."""

    def __init__(self, workspace: Workspace, declared: Declared, looks: Sequence[Look]) -> None:
        self._repository = workspace.repository
        self._declared = declared
        self._looks = {look.environment.name: look for look in looks}
        self._found: dict[tuple[str, str, str], Difference | None] = {}

    def prepare(self, judged: Sequence[tuple[str, Verdict]]) -> None:
        """Compute the differences of many verdicts, given with their environment, reading Git once."""
        wanted: dict[str, list[tuple[str, ListedWorkflow, str]]] = {}
        for environment, verdict in judged:
            key = self._key(environment, verdict)
            body = self._looks[environment].bodies.get(verdict.workflow_id or "")
            if key is None or key in self._found or body is None:
                continue
            wanted.setdefault(key[1], []).append((environment, body, verdict.file or ""))
        for blob, content in self._repository.blobs(wanted) if wanted else ():
            for environment, body, path in wanted[blob]:
                self._found[environment, blob, body.raw_digest] = self._between(environment, content, path, body)

    def of(self, environment: str, verdict: Verdict) -> Difference | None:
        """Answer the difference behind a verdict; None when one of the two documents is not at hand."""
        key = self._key(environment, verdict)
        if key is None:
            return None
        if key not in self._found:
            self.prepare([(environment, verdict)])
        return self._found.get(key)

    def _key(self, environment: str, verdict: Verdict) -> tuple[str, str, str] | None:
        body = self._looks[environment].bodies.get(verdict.workflow_id or "")
        workflow = self._declared.declaration.file.workflows.get(verdict.canonical_id or "")
        copy = None if workflow is None else workflow.copies.get(environment)
        if body is None or copy is None or not verdict.needs_diff:
            return None
        return environment, copy.git_blob, body.raw_digest

    def _between(self, environment: str, content: bytes, path: str, body: ListedWorkflow) -> Difference | None:
        document, _ = parse_workflow(content, path=path)
        if document is None:
            return None
        old, new = canonicalize(document), canonicalize(live_document(body))
        diff = compare(old=old, new=new)
        kept, by_rule = without_ignored(diff, self._looks[environment].environment.drift.ignore)
        ignored = {**new.ignored, **({IGNORED_BY_CONFIGURATION: by_rule} if by_rule else {})}
        return Difference(kept, ignored, by_rule, drawing_of(old=old, new=new, diff=kept))


def judge_all(
    view: StateView, declared: Declared, looks: Sequence[Look], differences: Differences, *, now: str
) -> tuple[Judgement, ...]:
    """Judge every environment that could be looked at. Differences that the configuration ignores count as in sync."""
    plans: dict[str, tuple[Look, Known, MappingPlan]] = {}
    for look in looks:
        if look.observation is not None:
            known = known_of(look.environment, view, declared)
            plan = plan_mapping(known, look.observation, now=now)
            plans[look.environment.name] = look, _in_todays_form(known, plan, view), plan
    drafts = []
    for name, (look, known, plan) in plans.items():
        others = [other.mapping for key, (_, _, other) in plans.items() if key != name]
        anywhere = _reading_when_asked(plan.mapping, others, view, plans.keys())
        drafts.append(_judged(look, known, plan, anywhere=anywhere))
    differences.prepare([(each.look.environment.name, verdict) for each in drafts for verdict in each.verdicts])
    return tuple(_settled(draft, differences) for draft in drafts)


def _in_todays_form(known: Known, plan: MappingPlan, view: StateView) -> Known:
    """Read a baseline of an older canonical form in that of today, as far as it can be proven."""
    if known.current is None or known.current.canonical_form == CANONICAL_FORM:
        return known
    current = translated(
        known.current,
        mapping_before=known.mapping,
        mapping_now=plan.mapping,
        canonical_before=decode(view.read(CANONICAL_PATH), CanonicalFile, path=CANONICAL_PATH),
        canonical_now=known.canonical,
        environment=known.environment,
    )
    return replace(known, current=current)


def rejudged(judgement: Judgement, current: CurrentFile, differences: Differences) -> Judgement:
    """Judge once more against another baseline, so that the state says what the next drift check will say."""
    known = replace(judgement.known, current=current)
    again = _judged(judgement.look, known, judgement.plan, anywhere=judgement.anywhere)
    return _settled(again, differences)


def _judged(look: Look, known: Known, plan: MappingPlan, *, anywhere: Resolve) -> Judgement:
    verdicts = judge(known, plan.mapping, anywhere=anywhere, policy=look.environment.drift)
    return Judgement(
        look=look,
        known=known,
        plan=plan,
        anywhere=anywhere,
        verdicts=verdicts,
        counts=Counts(),
        status=DriftStatus.UNKNOWN,
    )


def _reading_when_asked(
    own: MappingFile, others: Sequence[MappingFile], view: StateView, looked_at: Collection[str]
) -> Resolve:
    """Answer what an id means in any environment; what this run did not map is read for the first id only."""
    resolve: list[Resolve] = []

    def anywhere(n8n_id: str) -> str | None:
        if not resolve:
            resolve.append(resolver(own, *others, *_stored_mappings(view, except_for=looked_at)))
        return resolve[0](n8n_id)

    return anywhere


def _stored_mappings(view: StateView, *, except_for: Collection[str]) -> list[MappingFile | None]:
    found = []
    for path in view.list("environments/"):
        environment, _, file = path.removeprefix("environments/").partition("/")
        if file == "mapping.json" and environment not in except_for:
            found.append(decode(view.read(path), MappingFile, path=path))
    return found


def _settled(judgement: Judgement, differences: Differences) -> Judgement:
    """Take off what the configuration ignores, count, and write the verdicts beside the mapped workflows."""
    verdicts = tuple(_seen_through(verdict, judgement, differences) for verdict in judgement.verdicts)
    is_baselined = judgement.known.current is not None
    passed = tuple(verdict for verdict in verdicts if is_baselined or verdict.kind not in DRIFT)
    counts = count(passed)
    return replace(
        judgement,
        plan=_marked(judgement.plan, passed),
        verdicts=verdicts,
        counts=counts,
        status=status_of(
            counts, is_baselined=is_baselined, is_baseline_lost=judgement.known.is_baseline_lost and not is_baselined
        ),
        ignored=_ignored(judgement, differences),
    )


def _ignored(judgement: Judgement, differences: Differences) -> dict[str, int]:
    """Count everything that was left out of the comparison of an environment, by reason."""
    total: Counter[str] = Counter()
    for entry in judgement.plan.mapping.workflows.values():
        if entry.canonical_id is not None:
            total.update(entry.ignored)
    found = [differences.of(judgement.look.environment.name, verdict) for verdict in judgement.verdicts]
    by_rule = sum(difference.by_configuration for difference in found if difference is not None)
    if by_rule:
        total[IGNORED_BY_CONFIGURATION] = by_rule
    return dict(total)


def _seen_through(verdict: Verdict, judgement: Judgement, differences: Differences) -> Verdict:
    difference = differences.of(judgement.look.environment.name, verdict)
    is_nothing = difference is not None and not difference.diff.has_changes
    return ignored_away(verdict) if is_nothing else verdict


def _marked(plan: MappingPlan, verdicts: Sequence[Verdict]) -> MappingPlan:
    """Write the verdicts beside the mapped workflows, where `status` reads them."""
    kinds = {verdict.workflow_id: str(verdict.kind) for verdict in verdicts if verdict.workflow_id is not None}
    entries = {
        workflow_id: replace(entry, drift_status=kinds.get(workflow_id))
        for workflow_id, entry in plan.mapping.workflows.items()
    }
    return replace(plan, mapping=replace(plan.mapping, workflows=entries))


def judged_files(judgement: Judgement) -> dict[str, bytes | None]:
    """Answer what a judged environment writes beside its record: the mapping, and the baseline where there is one."""
    name = judgement.look.environment.name
    files: dict[str, bytes | None] = {mapping_path(name): encode(judgement.plan.mapping)}
    current = refreshed(judgement.known, judgement.plan.mapping, judgement.verdicts)
    if current is not None:
        files[current_path(name)] = encode(current)
    return files


def canonical_files(declared: Declared) -> dict[str, bytes | None]:
    """Answer the canonical records of the declared commit, as they are written."""
    return {CANONICAL_PATH: encode(declared.declaration.file)}


def checked_record(judgement: Judgement, record: EnvironmentRecord, *, commit: str, now: str) -> EnvironmentRecord:
    """Answer the record of an environment after a check that came to an end; `record` is what it was before."""
    is_news = judgement.status is DriftStatus.DRIFT_DETECTED and record.drift_status is not DriftStatus.DRIFT_DETECTED
    observation = judgement.look.observation
    return replace(
        record,
        title=judgement.look.environment.title,
        drift_status=judgement.status,
        drift_summary=judgement.counts,
        git_commit_sha=commit,
        last_drift_checked_at=now,
        last_drift_detected_at=now if is_news else record.last_drift_detected_at,
        problem=None,
        workflow_count=0 if observation is None else len(observation.workflows) - judgement.plan.archived_unmapped,
        abilities=remembered_abilities(judgement.look.abilities),
    )


def failed_record(record: EnvironmentRecord, failure: WorkflowOpsError) -> EnvironmentRecord:
    """Answer the record of an environment that could not be checked: unknown, with the reason; nothing else moved."""
    return replace(record, drift_status=DriftStatus.UNKNOWN, problem=str(failure))
