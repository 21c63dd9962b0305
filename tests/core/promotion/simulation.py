"""An n8n instance as values: what a plan makes of it, by the rules that were measured on n8n 2.41."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from workflowops.core.configuration import OnDelete
from workflowops.core.json import canonical_text, sha256
from workflowops.core.listing import ListedWorkflow, parse_workflow
from workflowops.core.promotion.plan import PlannedWorkflow, PromotionPlan, Publication, WorkflowChangeType
from workflowops.core.promotion.rebinding import created_in, with_created_ids, without_created
from workflowops.core.promotion.references import ReferenceKind, calls_of

_GRAPH = ("nodes", "connections", "nodeGroups")


@dataclass
class Instance:
    """Workflows by id, each as n8n answers it."""

    workflows: dict[str, dict[str, Any]] = field(default_factory=dict)
    created: dict[str, str] = field(default_factory=dict)
    given: int = 0

    def copy(self) -> "Instance":
        return Instance(deepcopy(self.workflows), dict(self.created), self.given)

    def listed(self) -> dict[str, ListedWorkflow]:
        found: dict[str, ListedWorkflow] = {}
        for workflow_id, entry in self.workflows.items():
            read = parse_workflow(json.dumps(entry).encode())
            assert isinstance(read, ListedWorkflow)
            found[workflow_id] = read
        return found

    def create(self, document: Mapping[str, Any], *, workflow_id: str | None = None, tags: tuple[str, ...] = ()) -> str:
        """Store a workflow, which is off."""
        new = workflow_id or f"n8n-{self.given}"
        self.given += 1
        assert new not in self.workflows
        assert not created_in(document), "an id was sent that no server knows"
        self.workflows[new] = {
            "id": new,
            "active": False,
            "isArchived": False,
            "activeVersion": None,
            "nodeGroups": [],
            **deepcopy(dict(document)),
            "tags": [],
        }
        self._version(new)
        self.tag(new, tags)
        return new

    def save(self, workflow_id: str, document: Mapping[str, Any]) -> None:
        """Write the draft; settings are merged, and take effect at once."""
        entry = self.workflows[workflow_id]
        assert not entry["isArchived"], "Cannot update an archived workflow."
        assert not created_in(document), "an id was sent that no server knows"
        settings = {**entry["settings"], **document["settings"]}
        cleared = {key for key in ("timezone", "errorWorkflow") if settings.get(key) == "DEFAULT"}
        entry.update(deepcopy(dict(document)))
        entry["settings"] = {key: value for key, value in settings.items() if key not in cleared}
        self._version(workflow_id)

    def publish(self, workflow_id: str) -> None:
        """Make the draft run. n8n refuses one that calls what does not run."""
        entry = self.workflows[workflow_id]
        assert not entry["isArchived"], "Cannot activate an archived workflow."
        for each in calls_of(entry, resolve=lambda _: None):
            if each.kind is ReferenceKind.EXECUTE_WORKFLOW and each.id not in (None, workflow_id):
                assert self.workflows[str(each.id)]["active"], f"{workflow_id} references {each.id}, not published"
        entry["active"] = True
        entry["activeVersion"] = {"versionId": entry["versionId"], **deepcopy({key: entry[key] for key in _GRAPH})}

    def unpublish(self, workflow_id: str) -> None:
        self.workflows[workflow_id].update(active=False, activeVersion=None)

    def archive(self, workflow_id: str) -> None:
        self.unpublish(workflow_id)
        self.workflows[workflow_id]["isArchived"] = True

    def tag(self, workflow_id: str, tags: tuple[str, ...]) -> None:
        self.workflows[workflow_id]["tags"] = [{"id": f"tag-{each}", "name": each} for each in tags]

    def _version(self, workflow_id: str) -> None:
        entry = self.workflows[workflow_id]
        entry["versionId"] = sha256(canonical_text({key: entry[key] for key in _GRAPH}))[:12]


def simulate(plan: PromotionPlan, instance: Instance) -> Instance:
    """Answer the instance after the plan: everything written first, then published in its order, removals last."""
    after = instance.copy()
    after.created = {}
    for each in plan.changes:
        if each.change_type is not WorkflowChangeType.REMOVED:
            _write(each, after)
    for each in plan.changes:
        if each.document is not None and set(created_in(each.document)):
            after.save(_id(each, after), with_created_ids(each.document, after.created))
    for each in plan.changes:
        if each.change_type is not WorkflowChangeType.REMOVED:
            _publish(each, after)
    for each in plan.changes:
        if each.change_type is WorkflowChangeType.REMOVED:
            _remove(each, after)
    return after


def _id(planned: PlannedWorkflow, instance: Instance) -> str:
    return planned.target_workflow_id or instance.created[planned.canonical_id]


def _write(planned: PlannedWorkflow, instance: Instance) -> None:
    if planned.target_workflow_id is None:
        assert planned.document is not None
        known = with_created_ids(planned.document, instance.created)
        instance.created[planned.canonical_id] = instance.create(without_created(known))
    else:
        entry = instance.workflows[planned.target_workflow_id]
        entry["isArchived"] = False
        if planned.document is not None:
            instance.save(
                planned.target_workflow_id, without_created(with_created_ids(planned.document, instance.created))
            )
    if planned.tags is not None:
        instance.tag(_id(planned, instance), planned.tags)


def _publish(planned: PlannedWorkflow, instance: Instance) -> None:
    workflow_id = _id(planned, instance)
    if planned.publication is Publication.UNPUBLISH:
        instance.unpublish(workflow_id)
    elif planned.publication is Publication.PUBLISH:
        if planned.published_document is not None:
            instance.save(workflow_id, with_created_ids(planned.published_document, instance.created))
        if planned.document is not None or planned.before is None or not planned.before.is_active:
            instance.publish(workflow_id)
        if planned.published_document is not None and planned.document is not None:
            instance.save(workflow_id, with_created_ids(planned.document, instance.created))


def _remove(planned: PlannedWorkflow, instance: Instance) -> None:
    assert planned.target_workflow_id is not None
    match planned.removal:
        case OnDelete.ARCHIVE:
            instance.archive(planned.target_workflow_id)
        case OnDelete.UNPUBLISH:
            instance.unpublish(planned.target_workflow_id)
        case OnDelete.DELETE:
            del instance.workflows[planned.target_workflow_id]
        case _:
            raise AssertionError(f"{planned.removal} removes nothing")
