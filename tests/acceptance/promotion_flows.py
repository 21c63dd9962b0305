"""The workflows of the promotion tests: each refers to the others, and to what an instance has under ids of its own."""

from collections.abc import Callable

from tests.acceptance.documents import (
    CALLED_BY_WORKFLOW,
    HTTP_REQUEST,
    WEBHOOK,
    Document,
    body_of,
    calling,
    node,
    schedule,
    targets,
    webhook,
    workflow,
)
from tests.acceptance.servers import answered
from tests.acceptance.three_instances import Place

TOOL = "@n8n/n8n-nodes-langchain.toolWorkflow"
ERROR_TRIGGER = "n8n-nodes-base.errorTrigger"
DATA_TABLE = "n8n-nodes-base.dataTable"
UNKNOWN = "n8n-nodes-nobody.invented"

STOCK, ALARM, LOOKUP, ORDERS, NIGHTLY = "Stock", "Alarm", "Lookup", "Orders", "Nightly"
CUSTOMERS, REPORT, FOREIGN, NEWCOMER = "Customers", "Old report", "Somebody's own", "Newcomer"
GRAPH = (STOCK, ALARM, LOOKUP, ORDERS, NIGHTLY)
"""What development alone has at first. Each is called by, or reports to, another of them."""

V1 = "https://api.example.com/v1"


def fill(place: Place) -> None:
    """What an instance has from the beginning: a workflow with a data table, and one that will go."""
    fetch = node("Fetch", DATA_TABLE, typeVersion=1, position=(200, 0), parameters=reading(place))
    wired = {"Start": {"main": [targets("Fetch")]}, "Fetch": {"main": [targets("Call")]}}
    place.load(
        [
            workflow(CUSTOMERS, schedule(), fetch, request(place, position=(400, 0)), connections=wired),
            workflow(REPORT, schedule()),
        ]
    )


def own(name: str, path: str) -> Document:
    """A workflow that nobody has under Git, and that listens on a path."""
    return workflow(name, webhook(path, method="POST"))


def reading(place: Place) -> Document:
    """Parameters of a node that reads the data table; where the instance has none, of one that it could have."""
    table = place.data_tables.setdefault("customers", f"tableOf{place.name}1")
    chosen = {"__rl": True, "mode": "list", "value": table, "cachedResultName": "customers"}
    return {"resource": "row", "operation": "get", "dataTableId": chosen, "returnAll": True}


def request(place: Place, credential: str = "Billing API", *, url: str = V1, **fields: object) -> Document:
    """A node that calls an address with a credential of the instance."""
    kind = place.kinds[credential]
    parameters = {"url": url, "authentication": "genericCredentialType", "genericAuthType": kind, "options": {}}
    used = {kind: {"id": place.credentials[credential], "name": credential}}
    return node("Call", HTTP_REQUEST, **{"typeVersion": 4.2, "parameters": parameters, "credentials": used, **fields})


def develop_graph(place: Place) -> dict[str, str]:
    """Make the workflows that refer to each other, and publish what can start; answers name -> id."""
    server = place.server
    wired = {"Start": {"main": [targets("Call")]}}
    begin = node("Start", CALLED_BY_WORKFLOW, typeVersion=1.1, parameters={"inputSource": "passthrough"})
    ids = {
        STOCK: server.new(workflow(STOCK, begin, request(place, position=(200, 0)), connections=wired))["id"],
        ALARM: server.new(
            workflow(ALARM, node("Start", ERROR_TRIGGER), request(place, "Mail gateway"), connections=wired)
        )["id"],
        LOOKUP: server.new(workflow(LOOKUP, begin, request(place), connections=wired))["id"],
    }
    ids[ORDERS] = server.new(_orders(place, ids))["id"]
    ids[NIGHTLY] = server.new(_nightly(ids))["id"]
    stock = server.get(ids[STOCK])
    callers = {"callerPolicy": "workflowsFromAList", "callerIds": f"{ids[ORDERS]},{ids[NIGHTLY]}"}
    answered(server.put(ids[STOCK], body_of(stock, settings={"executionOrder": "v1", **callers})))
    tag = answered(server.api.post("/tags", json={"name": "billing"}))
    answered(server.api.put(f"/workflows/{ids[ORDERS]}/tags", json=[{"id": tag["id"]}]))
    for name in GRAPH if server.is_2 else (ORDERS, NIGHTLY):
        answered(server.activate(ids[name]))
        place.shown(ids[name], published=True)
    return ids


def _orders(place: Place, ids: dict[str, str]) -> Document:
    listed = {"__rl": True, "mode": "list", "value": ids[LOOKUP], "cachedResultName": LOOKUP}
    listed["cachedResultUrl"] = f"/workflow/{ids[LOOKUP]}"
    tool = {"description": "Looks something up", "workflowId": listed}
    return workflow(
        ORDERS,
        webhook("orders", "Start", method="POST"),
        calling(ids[STOCK], "Ask stock", position=(200, 0)),
        request(place, "Mail gateway", position=(400, 0)),
        node("Tool", TOOL, typeVersion=2.2, position=(400, 200), parameters=tool),
        connections={"Start": {"main": [targets("Ask stock")]}, "Ask stock": {"main": [targets("Call")]}},
        settings={"executionOrder": "v1", "errorWorkflow": ids[ALARM]},
    )


def _nightly(ids: dict[str, str]) -> Document:
    return workflow(
        NIGHTLY,
        schedule(),
        calling(ids[STOCK], "Ask stock", position=(200, 0)),
        connections={"Start": {"main": [targets("Ask stock")]}},
        settings={"executionOrder": "v1", "errorWorkflow": ids[ALARM]},
    )


def with_url(url: str) -> Callable[[Document], Document]:
    """The change that lets the node Call another address."""

    def change(document: Document) -> Document:
        nodes = [
            each | {"parameters": each["parameters"] | {"url": url}} if each["name"] == "Call" else each
            for each in document["nodes"]
        ]
        assert nodes != document["nodes"]
        return document | {"nodes": nodes}

    return change


def with_path(path: str) -> Callable[[Document], Document]:
    """The change that lets the webhook listen on another path."""

    def change(document: Document) -> Document:
        nodes = [
            each | {"parameters": each["parameters"] | {"path": path}} if each["type"] == WEBHOOK else each
            for each in document["nodes"]
        ]
        assert nodes != document["nodes"]
        return document | {"nodes": nodes}

    return change


def with_node(added: Document) -> Callable[[Document], Document]:
    """The change that adds a node."""
    return lambda document: document | {"nodes": [*document["nodes"], added]}


def url_of(graph: Document) -> str:
    """The address that the node Call of a version calls."""
    return next(str(each["parameters"]["url"]) for each in graph["nodes"] if each["name"] == "Call")
