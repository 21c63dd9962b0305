"""PUT: what a save changes, keeps, merges - and what the version numbers say about it."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.acceptance.documents import Document, body_of, node, schedule, targets, unique, workflow
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

Change = Callable[[Document], Document]


def moved(made: Document) -> Document:
    return {"nodes": [made["nodes"][0] | {"position": [9, 9]}]}


def changed_keys(before: Document, after: Document) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def save(server: Server, made: Document, change: Change) -> tuple[Document, Document]:
    """Answer the workflow before and after a PUT."""
    before = server.get(made["id"])
    answered(server.put(made["id"], body_of(before) | change(before)))
    return before, server.get(made["id"])


CHANGES: list[Any] = [
    pytest.param(lambda _: {}, set(), {"versionCounter"}, id="identical"),
    pytest.param(lambda _: {"name": unique("renamed")}, {"name"}, {"name", "versionId", "versionCounter"}, id="rename"),
    pytest.param(
        lambda _: {"settings": {"executionTimeout": 5}},
        {"settings", "versionCounter"},
        {"settings", "versionId", "versionCounter"},
        id="setting",
    ),
    pytest.param(
        moved, {"nodes", "versionId", "versionCounter"}, {"nodes", "versionId", "versionCounter"}, id="position"
    ),
    pytest.param(
        lambda made: {"nodes": [made["nodes"][0] | {"disabled": False}]},
        {"nodes", "versionId", "versionCounter"},
        {"nodes", "versionId", "versionCounter"},
        id="a default written out",
    ),
    pytest.param(
        lambda made: {"nodes": [dict(reversed(made["nodes"][0].items()))]},
        set(),
        {"versionCounter"},
        id="order of a node's keys",
    ),
    pytest.param(
        lambda _: {"connections": {"Start": {"main": []}}},
        {"connections", "versionId"},
        {"connections", "versionId", "versionCounter"},
        id="connections",
    ),
    pytest.param(
        lambda _: {"staticData": {"a": 1}},
        {"staticData"},
        {"staticData", "versionId", "versionCounter"},
        id="static data",
    ),
]


@pytest.mark.parametrize(("change", "on_2", "on_1"), CHANGES)
def test_what_a_save_changes(server: Server, change: Change, on_2: set[str], on_1: set[str]) -> None:
    before, after = save(server, server.new(), change)
    assert changed_keys(before, after) == server.says(on_2=on_2, on_1=on_1) | {"updatedAt"}


@TWO
@pytest.mark.parametrize(
    ("change", "changed"),
    [
        pytest.param({"description": "d"}, {"description"}, id="description"),
        pytest.param({"pinData": {"Start": [{"json": {}}]}}, {"pinData"}, id="pinned data"),
    ],
)
def test_what_else_a_save_changes_on_2x(server: Server, change: Document, changed: set[str]) -> None:
    before, after = save(server, server.new(), lambda _: change)
    assert changed_keys(before, after) == changed | {"updatedAt"}


@TWO
def test_a_frame_on_the_canvas_is_a_new_version_without_a_new_count(server: Server) -> None:
    made = server.new(workflow(None, schedule(), node("A", id="a")))
    groups = [{"id": "g", "name": "G", "nodeIds": ["a"]}]
    before, after = save(server, made, lambda _: {"nodeGroups": groups})
    assert changed_keys(before, after) == {"nodeGroups", "versionId", "updatedAt"}


@TWO
def test_the_counter_counts_texts_and_the_version_counts_meaning(server: Server) -> None:
    made = server.new(workflow(None, schedule(parameters={"a": 1, "b": 2})))
    before, after = save(server, made, lambda _: {"nodes": [made["nodes"][0] | {"parameters": {"b": 2, "a": 1}}]})
    assert changed_keys(before, after) == {"versionCounter", "updatedAt"}
    assert list(after["nodes"][0]["parameters"]) == ["b", "a"]


@TWO
def test_what_is_left_out_stays(server: Server) -> None:
    made = server.new(workflow(staticData={"a": 1}, pinData={"Start": [{"json": {}}]}))
    answered(server.put(made["id"], body_of(made, description="d")))
    after = server.get(made["id"])
    assert (after["staticData"], after["pinData"], after["description"]) == ({"a": 1}, {"Start": [{"json": {}}]}, "d")
    _, again = save(server, made, lambda _: {})
    assert (again["staticData"], again["pinData"], again["description"]) == (
        after["staticData"],
        after["pinData"],
        after["description"],
    )


@TWO
def test_null_clears_static_and_pinned_data_but_not_the_description(server: Server) -> None:
    made = server.new(workflow(staticData={"a": 1}, pinData={"Start": [{"json": {}}]}))
    _, after = save(server, made, lambda _: {"staticData": None, "pinData": None})
    assert (after["staticData"], after["pinData"]) == (None, None)
    answer = server.put(made["id"], body_of(made, description=None))
    assert refused(answer) == (400, "request/body/description Expected string, received null")
    _, after = save(server, made, lambda _: {"description": ""})
    assert after["description"] == ""


def test_an_unmodified_answer_cannot_be_sent_back(server: Server) -> None:
    made = server.get(server.new()["id"])
    assert refused(server.put(made["id"], made)) == (
        400,
        server.says(on_2="request/body/id is read-only", on_1="request/body must NOT have additional properties"),
    )


def test_whose_it_is_cannot_be_sent_back_either(server: Server) -> None:
    made = server.get(server.new()["id"])
    answer = server.put(made["id"], body_of(made, shared=made["shared"]))
    assert refused(answer) == (400, "request/body/shared/0/project/id is read-only")


def test_settings_are_merged(server: Server) -> None:
    made = server.new(workflow(settings={"executionOrder": "v1", "executionTimeout": 5, "timezone": "Europe/Berlin"}))
    _, after = save(server, made, lambda _: {"settings": {"executionTimeout": 6}})
    assert after["settings"] == {"executionOrder": "v1", "executionTimeout": 6, "timezone": "Europe/Berlin"} | (
        server.says(on_2={}, on_1={"callerPolicy": "workflowsFromSameOwner", "availableInMCP": False})
    )


@ONE
def test_1x_puts_two_settings_back_to_their_default_when_left_out(server: Server) -> None:
    made = server.new(workflow(settings={"callerPolicy": "any", "availableInMCP": True}))
    assert made["settings"] == {"callerPolicy": "any", "availableInMCP": True}
    _, after = save(server, made, lambda _: {"settings": {"executionTimeout": 6}})
    assert after["settings"] == {
        "callerPolicy": "workflowsFromSameOwner",
        "availableInMCP": False,
        "executionTimeout": 6,
    }


@TWO
def test_2x_adds_no_setting_of_its_own(server: Server) -> None:
    assert server.new(workflow(settings={}))["settings"] == {}


def test_the_word_default_clears_a_setting_on_put(server: Server) -> None:
    made = server.new(workflow(settings={"timezone": "Europe/Berlin", "errorWorkflow": "abc"}))
    _, after = save(server, made, lambda _: {"settings": {"timezone": "DEFAULT", "errorWorkflow": "DEFAULT"}})
    assert "timezone" not in after["settings"]
    assert after["settings"].get("errorWorkflow") == server.says(on_2=None, on_1="DEFAULT")


def test_the_word_default_is_stored_on_post(server: Server) -> None:
    settings = server.new(workflow(settings={"timezone": "DEFAULT", "errorWorkflow": "DEFAULT"}))["settings"]
    assert (settings["timezone"], settings["errorWorkflow"]) == ("DEFAULT", "DEFAULT")


def test_the_instances_own_timeout_clears_the_timeout_on_put_only(server: Server) -> None:
    made = server.new(workflow(settings={"executionTimeout": -1}))
    assert made["settings"]["executionTimeout"] == -1
    _, after = save(server, made, lambda _: {"settings": {"executionTimeout": -1}})
    assert "executionTimeout" not in after["settings"]


@pytest.mark.parametrize(
    ("settings", "on_2", "on_1"),
    [
        pytest.param({"foo": 1, "bar": 2}, " Unrecognized key(s) in object: 'foo', 'bar'", " must NOT", id="unknown"),
        pytest.param({"timezone": None}, "/timezone Expected string, received null", "/timezone must be", id="null"),
        pytest.param(
            {"executionTimeout": "5"}, "/executionTimeout Expected number", "/executionTimeout must", id="text"
        ),
        pytest.param(
            {"saveDataErrorExecution": "DEFAULT"},
            "/saveDataErrorExecution Invalid enum value. Expected 'all' | 'none', received 'DEFAULT'",
            "/saveDataErrorExecution must be equal to one of the allowed values: all, none",
            id="no DEFAULT for this one",
        ),
        pytest.param(
            {"saveManualExecutions": "DEFAULT"},
            "/saveManualExecutions Expected boolean, received string",
            "/saveManualExecutions must be boolean",
            id="nor for this one",
        ),
        pytest.param(
            {"callerPolicy": "x"},
            "/callerPolicy Invalid enum value. Expected 'any' | 'none' | 'workflowsFromAList'",
            "/callerPolicy must be equal to one of the allowed values: any, none, workflowsFromAList",
            id="policy",
        ),
        pytest.param({"engineType": "v1"}, " Unrecognized key(s) in object: 'engineType'", " must NOT", id="engine"),
    ],
)
def test_settings_are_checked(server: Server, settings: Document, on_2: str, on_1: str) -> None:
    made = server.new()
    for answer in (
        server.api.post("/workflows", json=workflow(settings=settings)),
        server.put(made["id"], body_of(made, settings=settings)),
    ):
        status, message = refused(answer)
        assert status == 400
        assert str(message).startswith("request/body/settings" + server.says(on_2=on_2, on_1=on_1))


@pytest.mark.parametrize(
    "settings",
    [
        {"executionOrder": "zzz"},
        {"executionTimeout": 5},
        {"errorWorkflow": "nosuchworkflow"},
        {"callerPolicy": "workflowsFromAList", "callerIds": "a, b"},
        {"saveExecutionProgress": True, "saveManualExecutions": False, "saveDataSuccessExecution": "none"},
        {"timezone": "Nowhere/Land"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_the_values_of_settings_are_hardly_checked(server: Server, settings: Document) -> None:
    shown = server.new(workflow(settings=settings))["settings"]
    assert {name: shown[name] for name in settings} == settings


@pytest.mark.parametrize(
    "settings",
    [{"binaryMode": "combined"}, {"credentialResolverId": "x"}, {"redactionPolicy": "all"}],
    ids=lambda settings: next(iter(settings)),
)
def test_some_settings_are_taken_and_dropped_by_2x(server: Server, settings: Document) -> None:
    answer = server.api.post("/workflows", json=workflow(settings=settings))
    if server.is_2:
        assert answered(answer)["settings"] == {}
    else:
        assert answer.status_code == 400


def test_the_editor_stores_keys_that_the_api_then_refuses(server: Server) -> None:
    made = server.new()
    server.edit_by_hand(made["id"], nodes=[made["nodes"][0] | {"color": 1}])
    shown = server.get(made["id"])
    assert shown["nodes"][0]["color"] == 1
    assert refused(server.put(made["id"], body_of(shown))) == (
        400,
        server.says(
            on_2="request/body/nodes/0 Unrecognized key(s) in object: 'color'",
            on_1="request/body/nodes/0 must NOT have additional properties",
        ),
    )


def test_the_editor_stores_settings_that_the_api_then_refuses(server: Server) -> None:
    made = server.new()
    server.edit_by_hand(made["id"], settings={"someFutureKey": 1, "binaryMode": "combined"})
    shown = server.get(made["id"])
    assert shown["settings"]["someFutureKey"] == 1
    assert shown["settings"]["binaryMode"] == "combined"
    assert server.put(made["id"], body_of(shown)).status_code == 400


@TWO
def test_a_save_keeps_the_binary_mode_that_only_the_editor_can_set(server: Server) -> None:
    made = server.new()
    server.edit_by_hand(made["id"], settings={"binaryMode": "combined"})
    _, after = save(server, made, lambda _: {"settings": {"binaryMode": "separate"}})
    assert after["settings"] == {"binaryMode": "combined"}


def test_the_editor_may_write_meta_which_the_api_only_shows(server: Server) -> None:
    made = server.new()
    server.edit_by_hand(made["id"], meta={"templateId": "5"})
    assert server.get(made["id"])["meta"] == {"templateId": "5"}


@TWO
def test_a_folder_that_is_not_there_is_404(server: Server) -> None:
    made = server.new()
    answer = server.put(made["id"], body_of(made, parentFolderId="nosuchfolder"))
    assert refused(answer) == (404, "Could not find the folder: nosuchfolder")


def test_saving_wires_nodes_as_they_were_sent(server: Server) -> None:
    made = server.new(workflow(None, schedule(), node("A"), node("B")))
    connections = {"Start": {"main": [targets("B", "A")]}, "A": {"ai_tool": [targets("B")]}}
    _, after = save(server, made, lambda _: {"connections": connections})
    assert after["connections"] == connections
    assert [target["node"] for target in after["connections"]["Start"]["main"][0]] == ["B", "A"]


@pytest.mark.parametrize("name", ["", "x" * 129], ids=["empty", "129"])
def test_a_rename_is_checked_unless_it_is_to_nothing(server: Server, name: str) -> None:
    made = server.new()
    answer = server.put(made["id"], body_of(made, name=name))
    if name:
        assert refused(answer) == (400, "Workflow name must be 1 to 128 characters long.")
    else:
        assert answered(answer)["name"] == ""
