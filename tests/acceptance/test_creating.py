"""POST and the checks it shares with PUT: what is required, refused, completed."""

from typing import Any

import pytest
from tests.acceptance.documents import Document, body_of, node, schedule, targets, webhook, workflow
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")


def post(server: Server, document: Document) -> Any:
    return server.api.post("/workflows", json=document)


@pytest.mark.parametrize("field", ["name", "nodes", "connections", "settings"])
def test_four_fields_are_required(server: Server, field: str) -> None:
    document = workflow()
    del document[field]
    message = f"request/body must have required property '{field}'"
    if server.is_2 and field == "connections":
        message = "request/body/connections must be object"
    assert refused(post(server, document)) == (400, message)
    assert refused(server.put(server.new()["id"], document)) == (400, message)


@TWO
@pytest.mark.parametrize(
    "field",
    [
        "id", "active", "createdAt", "updatedAt", "isArchived", "versionId", "triggerCount", "meta", "tags",
        "activeVersion",
    ],
)  # fmt: skip
def test_what_2x_alone_may_write_is_read_only(server: Server, field: str) -> None:
    message = f"request/body/{field} is read-only"
    made = server.new()
    assert refused(post(server, workflow() | {field: made.get(field)})) == (400, message)
    assert refused(server.put(made["id"], body_of(made, **{field: made.get(field)}))) == (400, message)


@TWO
@pytest.mark.parametrize("field", ["versionCounter", "activeVersionId", "sourceWorkflowId", "parentFolder", "scopes"])
def test_other_fields_of_its_own_answers_are_unknown_to_2x(server: Server, field: str) -> None:
    made = server.new()
    answer = server.put(made["id"], body_of(made, **{field: made.get(field)}))
    assert refused(answer) == (400, f"request/body Unrecognized key(s) in object: '{field}'")


@ONE
@pytest.mark.parametrize("field", ["versionId", "meta", "pinData", "isArchived", "description", "foo"])
def test_1x_knows_no_other_fields(server: Server, field: str) -> None:
    assert refused(post(server, workflow() | {field: {}})) == (400, "request/body must NOT have additional properties")


@pytest.mark.parametrize(
    ("extra", "on_2", "on_1"),
    [
        pytest.param({"foo": 1, "bar": 2}, " Unrecognized key(s) in object: 'foo', 'bar'", " must NOT have", id="two"),
        pytest.param({"foo": 1, "id": "x"}, "/id is read-only", " must NOT have", id="read-only first on 2.x"),
        pytest.param({"name": 5, "foo": 1}, "/name Expected string, received number", " must NOT", id="type first"),
        pytest.param({"name": 5, "id": "x"}, "/id is read-only", "/id is read-only", id="id comes before name"),
        pytest.param({"name": None}, "/name Expected string, received null", "/name must be string", id="name null"),
        pytest.param({"nodes": {}}, "/nodes Expected array, received object", "/nodes must be array", id="nodes"),
        pytest.param({"connections": []}, "/connections must be object", "/connections must be object", id="links"),
        pytest.param(
            {"settings": []}, "/settings Expected object, received", "/settings must be object", id="settings"
        ),
        pytest.param(
            {"staticData": "x"}, "/staticData must be a JSON string", '/staticData must match format "json', id="s"
        ),
        pytest.param(
            {"staticData": 5}, "/staticData Invalid input", "/staticData must be string, request", id="number"
        ),
    ],
)
def test_the_first_fault_of_a_body_is_told(server: Server, extra: Document, on_2: str, on_1: str) -> None:
    status, message = refused(post(server, workflow() | extra))
    assert status == 400
    assert str(message).startswith("request/body" + server.says(on_2=on_2, on_1=on_1))


@pytest.mark.parametrize(
    ("fields", "on_2", "on_1"),
    [
        pytest.param(
            {"color": 1, "x": 2}, " Unrecognized key(s) in object: 'color', 'x'", " must NOT have", id="unknown"
        ),
        pytest.param({"createdAt": "x"}, "/createdAt is read-only", "/createdAt is read-only", id="createdAt"),
        pytest.param({"id": 5}, "/id Expected string, received number", "/id must be string", id="id"),
        pytest.param({"id": None}, "/id Expected string, received null", "/id must be string", id="id null"),
        pytest.param({"disabled": "true"}, "/disabled Expected boolean, received", "/disabled must be", id="disabled"),
        pytest.param({"notes": None}, "/notes Expected string, received null", "/notes must be string", id="notes"),
        pytest.param({"typeVersion": "1"}, "/typeVersion Expected number", "/typeVersion must be number", id="version"),
        pytest.param(
            {"position": ["1", 2]}, "/position/0 Expected number", "/position/0 must be number", id="position"
        ),
        pytest.param(
            {"parameters": None}, "/parameters Expected object", "/parameters must be object", id="parameters"
        ),
        pytest.param({"credentials": None}, "/credentials Expected object", "/credentials must be object", id="cred"),
        pytest.param({"maxTries": "3"}, "/maxTries Expected number", "/maxTries must be number", id="maxTries"),
        pytest.param({"extendsCredential": "x"}, " Unrecognized key(s)", " must NOT have", id="runtime key"),
    ],
)
def test_the_first_fault_of_a_node_is_told(server: Server, fields: Document, on_2: str, on_1: str) -> None:
    status, message = refused(post(server, workflow(None, schedule(**fields))))
    assert status == 400
    assert str(message).startswith("request/body/nodes/0" + server.says(on_2=on_2, on_1=on_1))


STRUCTURES = [
    pytest.param([node("A"), node("A")], {}, "nodes[1].name (duplicate_node_name): Duplicate", id="twice a name"),
    pytest.param(
        [node("A", id="1"), node("B", id="1")],
        {},
        'nodes[1].id (duplicate_node_id): Nodes "A" and "B" share the node ID "1"',
        id="twice an id",
    ),
    pytest.param(
        [node("A")],
        {"A": {"main": [targets("Z")]}},
        'connections.A.main[0][0].node (unknown_connection_target): Connection target "Z" does not',
        id="to nowhere",
    ),
    pytest.param(
        [node("A")], {"Z": {"main": [targets("A")]}}, "connections.Z (unknown_connection_source)", id="from nowhere"
    ),
    pytest.param([node("A")], {"A": None}, "connections.A (invalid_type): Expected object", id="null source"),
    pytest.param([node("A")], {"A": {"main": None}}, "connections.A.main (invalid_type)", id="null kind"),
    pytest.param([node("A")], {"A": {"main": [[None]]}}, "connections.A.main[0][0] (invalid_type)", id="null target"),
    pytest.param(
        [node("A")],
        {"A": {"main": [[{"node": "A", "type": "main"}]]}},
        "connections.A.main[0][0].index (invalid_type): Required",
        id="no index",
    ),
    pytest.param([node("A", position=[1, 2, 3])], {}, "nodes[0].position (too_big): Array must contain", id="3 places"),
    pytest.param([{"name": "A", "type": "t"}], {}, "nodes[0].position (invalid_type): Required", id="no position"),
    pytest.param([{"type": "t", "position": [0, 0]}], {}, "nodes[0].name (invalid_type): Required", id="no name"),
    pytest.param([node("")], {}, "nodes[0].name (too_small): String must contain at least 1", id="empty name"),
]


@pytest.mark.parametrize(("nodes", "connections", "told"), STRUCTURES)
def test_2x_checks_the_structure_and_1x_does_not(
    server: Server, nodes: list[Document], connections: Document, told: str
) -> None:
    answer = post(server, workflow(None, *nodes, connections=connections))
    if server.is_2:
        status, message = refused(answer)
        assert status == 400
        assert str(message).startswith(f"Workflow structure is invalid. {told}")
    else:
        assert answered(answer)["connections"] == connections


@TWO
def test_every_fault_of_the_structure_is_told_at_once(server: Server) -> None:
    document = workflow(None, node("A"), node("A"), connections={"Z": {"main": [targets("Y")]}})
    message = str(refused(post(server, document))[1])
    assert [part.split("(")[1].split(")")[0] for part in message.split("; ")] == [
        "duplicate_node_name",
        "unknown_connection_source",
        "unknown_connection_target",
    ]


@pytest.mark.parametrize("bucket", [None, []])
def test_an_output_without_targets_may_be_null_or_empty(server: Server, bucket: Any) -> None:
    connections = {"A": {"main": [bucket, targets("B")]}}
    assert server.new(workflow(None, node("A"), node("B"), connections=connections))["connections"] == connections


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        pytest.param("", False, id="empty"),
        pytest.param("x" * 128, True, id="128"),
        pytest.param("x" * 129, False, id="129"),
        pytest.param("😀" * 128, True, id="128 emoji"),
        pytest.param("  ", True, id="blank"),
    ],
)
def test_2x_wants_names_of_1_to_128_characters(server: Server, name: str, fits: bool) -> None:
    answer = post(server, workflow(None) | {"name": name})
    if fits or not server.is_2:
        assert answered(answer)["name"] == name
    else:
        assert refused(answer) == (400, "Workflow name must be 1 to 128 characters long.")


@TWO
def test_post_takes_no_description_and_put_no_project(server: Server) -> None:
    unknown = "request/body Unrecognized key(s) in object: "
    assert refused(post(server, workflow(description="d"))) == (400, f"{unknown}'description'")
    made = server.new()
    assert refused(server.put(made["id"], body_of(made, projectId="p"))) == (400, f"{unknown}'projectId'")


@TWO
def test_a_project_that_is_not_there_is_404(server: Server) -> None:
    assert refused(post(server, workflow(projectId="nosuchproject"))) == (404, "Project not found")


@pytest.mark.parametrize("given", [None, ""])
def test_a_node_without_an_id_gets_a_new_one_at_every_save(server: Server, given: str | None) -> None:
    bare = schedule()
    if given is None:
        del bare["id"]
    else:
        bare["id"] = given
    made = server.new(workflow(None, bare))
    first = made["nodes"][0]["id"]
    answered(server.put(made["id"], body_of(made, nodes=[bare])))
    second = server.get(made["id"])["nodes"][0]["id"]
    assert len({first, second, given}) == 3


@pytest.mark.parametrize("kind", ["webhook", "telegramTrigger", "formTrigger", "wait"])
def test_2x_gives_webhook_nodes_a_webhook_id_when_they_have_none(server: Server, kind: str) -> None:
    made = server.new(workflow(None, node("W", f"n8n-nodes-base.{kind}")))
    assert ("webhookId" in made["nodes"][0]) is server.is_2
    assert "webhookId" not in server.new(workflow(None, node("N")))["nodes"][0]


def test_a_webhook_id_that_is_there_stays(server: Server) -> None:
    sent = webhook("some-path")
    assert server.new(workflow(None, sent))["nodes"][0]["webhookId"] == sent["webhookId"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(node("N", "n8n-nodes-foo.bar"), id="unknown type"),
        pytest.param(node("N", typeVersion=99), id="unknown version"),
        pytest.param({"id": "1", "name": "N", "type": "t", "position": [0, 0]}, id="no version, no parameters"),
        pytest.param(node("N", onError="zzz", maxTries=99, continueOnFail=True), id="odd flags"),
        pytest.param(node("N", credentials={"httpBasicAuth": "Zip"}), id="credential as text"),
        pytest.param(node("N", position=[0.5, -1e9]), id="any number as position"),
    ],
)
def test_saving_takes_nodes_that_cannot_run(server: Server, sent: Document) -> None:
    assert server.new(workflow(None, sent))["nodes"] == [sent]


@TWO
def test_the_keys_of_a_node_come_back_in_the_order_of_the_schema(server: Server) -> None:
    sent = dict(reversed(schedule(disabled=True, notes="n").items()))
    shown = server.new(workflow(None, sent))["nodes"][0]
    assert list(shown) == ["id", "name", "disabled", "notes", "type", "typeVersion", "position", "parameters"]


GROUP = {"id": "g", "name": "G", "nodeIds": ["a"]}


@TWO
@pytest.mark.parametrize(
    ("groups", "told"),
    [
        pytest.param([GROUP], "", id="good"),
        pytest.param([GROUP | {"description": "d"}], "", id="with description"),
        pytest.param([GROUP | {"color": 1}], "request/body/nodeGroups/0 Unrecognized key(s)", id="unknown key"),
        pytest.param([{"name": "G"}], "request/body/nodeGroups/0 must have required property 'id'", id="no id"),
        pytest.param(
            [GROUP | {"description": "x" * 156}],
            "request/body/nodeGroups/0/description String must contain at most 155 character(s)",
            id="long description",
        ),
        pytest.param([GROUP | {"nodeIds": []}], 'Group "G" has no members.', id="empty"),
        pytest.param([GROUP | {"nodeIds": ["z"]}], 'Group "G" references node ID "z" that does not', id="unknown node"),
        pytest.param([GROUP, GROUP | {"nodeIds": ["b"], "name": "H"}], 'Duplicate node group ID "g".', id="same id"),
        pytest.param([GROUP, GROUP | {"nodeIds": ["b"], "id": "h"}], 'Duplicate node group name "G".', id="same name"),
        pytest.param(
            [GROUP, GROUP | {"id": "h", "name": "H"}], 'Node "A" belongs to multiple groups: "G" and "H".', id="shared"
        ),
        pytest.param(
            [GROUP | {"nodeIds": ["s"]}], 'Node group "G" cannot contain trigger nodes: Start.', id="trigger inside"
        ),
    ],
)
def test_frames_of_the_canvas_are_checked(server: Server, groups: list[Document], told: str) -> None:
    nodes = [schedule(id="s"), node("A", id="a"), node("B", id="b")]
    answer = post(server, workflow(None, *nodes, nodeGroups=groups))
    if told:
        status, message = refused(answer)
        assert status == 400
        assert str(message).startswith(told)
    else:
        assert answered(answer)["nodeGroups"] == groups


def test_static_data_may_come_as_text(server: Server) -> None:
    assert server.get(server.new(workflow(staticData='{"a":1}'))["id"])["staticData"] == {"a": 1}


def test_a_created_workflow_is_not_active(server: Server) -> None:
    made = server.get(server.new()["id"])
    assert (made["active"], made["activeVersionId"], made["triggerCount"], made["versionCounter"]) == (
        False,
        None,
        0,
        1,
    )
