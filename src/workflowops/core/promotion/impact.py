"""How much a promotion can hurt, from what it removes, what it touches and how much of it runs."""

from collections.abc import Iterable

from workflowops.core.promotion.plan import Impact, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.risk import Risk, rank

MANY_RUNNING = 20
"""More running workflows than these changed at once is a high impact."""

SEVERAL = 5
"""More changed workflows than these at once is a medium impact."""


def impact_of(workflows: Iterable[PlannedWorkflow]) -> Impact:
    """Estimate the impact of all changes together.

    High: something that runs is removed or switched off, the trigger of something that runs is changed, or more than
    MANY_RUNNING workflows that run are changed. Medium: anything else is removed, a change touches references,
    credentials, code or triggers, or more than SEVERAL workflows are changed. Low: the rest.
    """
    changed = [each for each in workflows if each.is_change]
    if any(_stops(each) or _moves_a_trigger(each) for each in changed) or sum(map(_runs, changed)) > MANY_RUNNING:
        return Impact.HIGH
    if len(changed) > SEVERAL or any(_is_grave(each) for each in changed):
        return Impact.MEDIUM
    return Impact.LOW


def _runs(workflow: PlannedWorkflow) -> bool:
    return workflow.before is not None and workflow.before.is_active


def _stops(workflow: PlannedWorkflow) -> bool:
    is_to_stop = workflow.publication is Publication.UNPUBLISH or workflow.change_type is WorkflowChangeType.REMOVED
    return is_to_stop and _runs(workflow)


def _moves_a_trigger(workflow: PlannedWorkflow) -> bool:
    return workflow.risk is Risk.TRIGGER and _runs(workflow)


def _is_grave(workflow: PlannedWorkflow) -> bool:
    if workflow.change_type is WorkflowChangeType.REMOVED:
        return True
    return workflow.risk is not None and rank(workflow.risk) >= rank(Risk.REFERENCE)
