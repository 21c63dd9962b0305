"""The order of a plan, and what only shows once all its workflows stand side by side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.core.problems import shown
from workflowops.core.promotion.closure import Order, in_order
from workflowops.core.promotion.collisions import collisions
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import CREATED_PREFIX, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.references import TO_WORKFLOWS, Reference, ReferenceKind, calls_of
from workflowops.core.promotion.removal import still_called
from workflowops.core.promotion.target import Target
from workflowops.core.secrets import mask_text

_PUBLISH_IT = (
    "Promote and publish that one first, or have it published by this promotion: `publish: match_source`, and "
    "`active: true` in its file."
)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The workflows of a plan in their order, and what was found when they were put beside each other."""

    workflows: tuple[PlannedWorkflow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The workflows of a plan by canonical id, and what they refer to as they will be written: n8n ids, or
    CREATED_PREFIX and a canonical id. `calls` are those that have to run before.
    """

    workflows: Mapping[str, PlannedWorkflow]
    names: Mapping[str, tuple[str, ...]]
    calls: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, str]

    def within(self, references: Iterable[str]) -> set[str]:
        """Answer the canonical ids of those workflows of the plan that references name."""
        return {self.keys[each] for each in references if each in self.keys}


def arranged(workflows: Iterable[PlannedWorkflow], *, target: Target) -> Arrangement:
    """Put workflows in the order in which they are written and published, removals last, callers before called.

    A workflow depends on those that it calls, which have to run first, and on those that the plan creates, whose ids it
    needs. `depends_on` names those of them that stand before it.
    """
    plan = _plan(workflows)
    written = [key for key, each in plan.workflows.items() if each.change_type is not WorkflowChangeType.REMOVED]
    depends_on = {key: _dependencies(key, plan) for key in written}
    order = in_order(written, depends_on=depends_on)
    ids = _called_first(order, plan)
    place = {key: number for number, key in enumerate(ids)}
    ordered = [
        replace(plan.workflows[key], depends_on=tuple(each for each in depends_on[key] if place[each] < place[key]))
        for key in ids
    ]
    ordered += _removals(plan, target)
    findings = (
        *(finding for cycle in order.cycles for finding in _cycle(cycle, plan, target)),
        *(finding for each in ordered for finding in _not_published(each, plan, target)),
        *_collisions(ordered, target),
        *still_called(ordered, refers_to=plan.names, target=target),
    )
    return Arrangement(tuple(ordered), findings)


def _called_first(order: Order, plan: _Plan) -> tuple[str, ...]:
    """Within a cycle, put what is called before its callers: n8n 2 publishes it first, or refuses the caller.

    A workflow that names its callers (`callerIds`) and is called by them is such a cycle; names can be written later.
    """
    ids = [*order.ids]
    for cycle in order.cycles:
        calls = {key: plan.within(plan.calls.get(key, ())) for key in cycle}
        begin = ids.index(cycle[0])
        ids[begin : begin + len(cycle)] = in_order(cycle, depends_on=calls).ids
    return tuple(ids)


def _plan(workflows: Iterable[PlannedWorkflow]) -> _Plan:
    known = {each.canonical_id: each for each in sorted(workflows, key=lambda each: each.canonical_id)}
    references = {key: tuple(_references(each)) for key, each in known.items() if each.document is not None}
    return _Plan(
        workflows=known,
        names={key: tuple(dict.fromkeys(str(each.id) for each in found)) for key, found in references.items()},
        calls={
            key: tuple(dict.fromkeys(str(each.id) for each in found if _is_call(each)))
            for key, found in references.items()
        },
        keys={each.target_workflow_id or f"{CREATED_PREFIX}{key}": key for key, each in known.items()},
    )


def _references(planned: PlannedWorkflow) -> Iterator[Reference]:
    for document in (planned.document, planned.published_document):
        for each in () if document is None else calls_of(document, resolve=lambda _: None):
            if each.kind in TO_WORKFLOWS and each.id is not None:
                yield each


def _is_call(reference: Reference) -> bool:
    return reference.kind is ReferenceKind.EXECUTE_WORKFLOW and reference.is_used


def _dependencies(key: str, plan: _Plan) -> tuple[str, ...]:
    """Name what has to be written before a workflow; what is not changed is there already."""
    called, named = plan.within(plan.calls.get(key, ())), plan.within(plan.names.get(key, ()))
    created = {each for each in named if plan.workflows[each].change_type is WorkflowChangeType.CREATED}
    changed = {each for each in called if plan.workflows[each].is_change}
    gone = {each for each in called if plan.workflows[each].change_type is WorkflowChangeType.REMOVED}
    return tuple(sorted((created | changed) - gone - {key}))


def _removals(plan: _Plan, target: Target) -> list[PlannedWorkflow]:
    gone = {key: each for key, each in plan.workflows.items() if each.change_type is WorkflowChangeType.REMOVED}
    callers = {
        key: plan.within(target.callers.get(each.target_workflow_id or "", ())) & gone.keys()
        for key, each in gone.items()
    }
    return [gone[key] for key in in_order(gone, depends_on=callers).ids]


def _collisions(ordered: Sequence[PlannedWorkflow], target: Target) -> tuple[Finding, ...]:
    will_run = [
        (each.canonical_id, each.target_workflow_id or "", each.published_document or each.document)
        for each in ordered
        if each.publication is Publication.PUBLISH
    ]
    gone = [each.target_workflow_id for each in ordered if each.change_type is WorkflowChangeType.REMOVED]
    return collisions(
        [(key, workflow_id, document) for key, workflow_id, document in will_run if document is not None],
        listeners=target.listeners,
        leaving={each for each in gone if each is not None},
    )


def _cycle(cycle: Sequence[str], plan: _Plan, target: Target) -> Iterator[Finding]:
    """Tell workflows that refer to each other; n8n 2 publishes none of them while none of them is published."""
    names = ", ".join(shown(mask_text(plan.workflows[key].workflow_name)) for key in cycle)
    starting = {key for key in cycle if _starts(plan.workflows[key])}
    calls = {key: plan.within(plan.calls.get(key, ())) & starting for key in sorted(starting)}
    is_refused = bool(in_order(calls, depends_on=calls).cycles) and (
        target.abilities is None or target.abilities.publish
    )
    yield Finding(
        code=FindingCode.CYCLE,
        gravity=Gravity.BLOCKING if is_refused else Gravity.NOTE,
        message=f"{names} refer to each other"
        + (", and n8n publishes a workflow only after those that it calls." if is_refused else "."),
        fix="Let one of them call the other by an expression, or break the circle." if is_refused else "",
        canonical_id=cycle[0],
    )


def _starts(planned: PlannedWorkflow) -> bool:
    return planned.publication is Publication.PUBLISH and not _runs_already(planned)


def _runs_already(planned: PlannedWorkflow) -> bool:
    return planned.before is not None and planned.before.is_active


def _not_published(planned: PlannedWorkflow, plan: _Plan, target: Target) -> Iterator[Finding]:
    """Tell what a workflow could not be published for: that it calls something which does not run then."""
    if planned.publication is not Publication.PUBLISH or not planned.is_change:
        return
    is_refused = target.abilities is None or target.abilities.publish
    for called in plan.calls.get(planned.canonical_id, ()):
        own = plan.keys.get(called) == planned.canonical_id
        if own or (called not in plan.keys and called not in target.names) or _will_run(called, plan, target):
            continue
        known = plan.workflows[plan.keys[called]].workflow_name if called in plan.keys else target.names[called]
        told = f"{shown(mask_text(planned.workflow_name))} calls {shown(mask_text(known))}, which does not run in"
        yield Finding(
            code=FindingCode.DEPENDENCY_NOT_PUBLISHED,
            gravity=Gravity.BLOCKING if is_refused else Gravity.NOTE,
            message=f"{told} {target.environment.title} then" + ("; n8n refuses to publish it." if is_refused else "."),
            fix=_PUBLISH_IT if is_refused else "",
            canonical_id=planned.canonical_id,
            file=planned.file,
        )


def _will_run(called: str, plan: _Plan, target: Target) -> bool:
    planned = plan.workflows[plan.keys[called]] if called in plan.keys else None
    if planned is None or not planned.is_change:
        return called in target.published
    if planned.change_type is WorkflowChangeType.REMOVED:
        return True  # told as still called
    if planned.publication is Publication.KEEP:
        return _runs_already(planned)
    return planned.publication is Publication.PUBLISH
