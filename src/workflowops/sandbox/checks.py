"""What n8n asks before it lets a workflow run."""

from collections.abc import Iterator, Mapping

from workflowops.core.json import Json
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.node_types import can_start, is_known
from workflowops.sandbox.records import Workflow
from workflowops.sandbox.refusal import Refused, bad_request
from workflowops.sandbox.store import Store
from workflowops.sandbox.webhooks import Address, addresses

_NO_TRIGGER_2 = (
    "Workflow cannot be activated because it has no trigger node. "
    "At least one trigger, webhook, or polling node is required."
)
_NO_TRIGGER_1 = (
    'Workflow "{name}" (ID: {id}) has no node to start the workflow - '
    "at least one trigger, poller or webhook node is required"
)
_CONFLICT_2 = "There is a conflict with one of the webhooks."
_CONFLICT_1 = 'The URL path that the "{node}" node uses is already taken. Please change it to something else.'


def check_publishable(store: Store, row: Workflow, nodes: Json) -> None:
    """Raise Refused for the first reason why these nodes may not run.

    Not imitated: 2.x also looks for required parameters and credentials that its node types ask for.
    """
    for node in _nodes(nodes):
        if not is_known(str(node.get("type")), store.generation):
            raise bad_request(f"Unrecognized node type: {node.get('type')}")
    if store.generation is Generation.V1:
        _check_trigger(row, nodes, store.generation)
        _check_webhooks_on_1(store, row, nodes)
        return
    _check_webhooks_on_2(store, row, nodes)
    _check_trigger(row, nodes, store.generation)
    _check_sub_workflows(store, row, nodes)


def trigger_count(nodes: Json, generation: Generation) -> int:
    """How many enabled nodes can start the workflow from outside."""
    called = {"n8n-nodes-base.executeWorkflowTrigger", "n8n-nodes-base.errorTrigger"}
    return sum(
        can_start(str(node.get("type")), generation) and node.get("type") not in called for node in _enabled(nodes)
    )


def _check_trigger(row: Workflow, nodes: Json, generation: Generation) -> None:
    if not any(can_start(str(node.get("type")), generation) for node in _enabled(nodes)):
        is_1 = generation is Generation.V1
        raise bad_request(_NO_TRIGGER_1.format(name=row.name, id=row.id) if is_1 else _NO_TRIGGER_2)


def _check_webhooks_on_2(store: Store, row: Workflow, nodes: Json) -> None:
    wanted: set[Address] = set()
    for _, address in addresses(nodes, workflow_id=row.id):
        if address in wanted or store.webhooks.get(address, row.id) != row.id:
            raise Refused(409, _CONFLICT_2)
        wanted.add(address)


def _check_webhooks_on_1(store: Store, row: Workflow, nodes: Json) -> None:
    for name, address in addresses(nodes, workflow_id=row.id):
        if store.webhooks.get(address, row.id) != row.id:
            raise bad_request(_CONFLICT_1.format(node=name))


def _check_sub_workflows(store: Store, row: Workflow, nodes: Json) -> None:
    """Workflows that enabled Execute Workflow nodes name must be published; tools and error workflows need not."""
    faults = []
    for node in _enabled(nodes):
        if node.get("type") != "n8n-nodes-base.executeWorkflow":
            continue
        called = _called_workflow(node)
        if called is None or called == row.id:
            continue
        target = store.find(called)
        if target is None or target.active_version is None:
            name = f' ("{target.name}")' if target else ""
            faults.append(f'Node "{node.get("name")}" references workflow {called}{name} which is not published')
    if faults:
        told = "; ".join(faults)
        raise bad_request(f"Cannot publish workflow: {told}. Please publish all referenced sub-workflows first.")


def _called_workflow(node: Mapping[str, Json]) -> str | None:
    """The id a node calls; None when it names none, or only by an expression."""
    parameters = node.get("parameters")
    given = parameters if isinstance(parameters, dict) else {}
    if given.get("source", "database") != "database":
        return None
    locator = given.get("workflowId")
    value = locator.get("value") if isinstance(locator, dict) else locator
    return str(value) if value and not str(value).startswith("=") else None


def _nodes(nodes: Json) -> Iterator[Mapping[str, Json]]:
    return (node for node in (nodes if isinstance(nodes, list) else []) if isinstance(node, dict))


def _enabled(nodes: Json) -> Iterator[Mapping[str, Json]]:
    return (node for node in _nodes(nodes) if node.get("disabled") is not True)
