"""What runs: publishing, what a save does to a published workflow, and what is refused."""

from typing import Any

import pytest
from tests.acceptance.documents import (
    Document,
    body_of,
    node,
)
from tests.acceptance.servers import Server, answered, eventually, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

NO_TRIGGER_2 = (
    "Workflow cannot be activated because it has no trigger node. "
    "At least one trigger, webhook, or polling node is required."
)
NO_TRIGGER_1 = "has no node to start the workflow - at least one trigger, poller or webhook node is required"


def moved(made: Document, place: int = 9) -> list[Document]:
    return [made["nodes"][0] | {"position": [place, place]}]


def place_of(version: Document) -> Any:
    return version["nodes"][0]["position"]


def test_publishing_shows_the_draft_as_the_active_version(server: Server) -> None:
    made = server.new()
    shown = answered(server.activate(made["id"]))
    assert shown["active"] is True
    assert shown["activeVersionId"] == shown["versionId"] == shown["activeVersion"]["versionId"]
    assert shown["activeVersion"]["nodes"] == made["nodes"]


def test_publishing_touches_neither_version_nor_date(server: Server) -> None:
    made = server.new()
    before = server.get(made["id"])
    answered(server.activate(made["id"]))
    after = eventually(lambda: server.get(made["id"]), lambda shown: shown["triggerCount"] and shown["staticData"])
    assert {name for name in before if before[name] != after[name]} == {
        "active",
        "activeVersionId",
        "activeVersion",
        "triggerCount",
        "staticData",
    } | server.says(on_2=set(), on_1={"versionCounter"})


def test_a_schedule_keeps_its_rules_in_the_static_data(server: Server) -> None:
    made = server.published()
    after = eventually(lambda: server.get(made["id"]), lambda shown: shown["staticData"] is not None)
    assert list(after["staticData"]) == ["node:Start"]


def test_unpublishing_clears_what_runs_and_nothing_else(server: Server) -> None:
    made = server.published()
    answered(server.api.post(f"/workflows/{made['id']}/deactivate"))
    after = server.get(made["id"])
    assert (after["active"], after["activeVersionId"], after["activeVersion"]) == (False, None, None)
    assert (after["versionId"], after["updatedAt"]) == (made["versionId"], made["updatedAt"])
    assert answered(server.api.post(f"/workflows/{made['id']}/deactivate"))["active"] is False, "twice does no harm"


def test_a_save_of_a_published_workflow_goes_live_at_once(server: Server) -> None:
    made = server.published()
    answered(server.put(made["id"], body_of(made, nodes=moved(made))))
    after = server.get(made["id"])
    assert after["activeVersionId"] == after["versionId"] != made["versionId"]
    assert place_of(after["activeVersion"]) == [9, 9]


@TWO
def test_a_save_can_leave_the_published_version_running(server: Server) -> None:
    made = server.published()
    answered(server.put(made["id"], body_of(made, nodes=moved(made)), publishIfActive="false"))
    after = server.get(made["id"])
    assert after["active"] is True
    assert after["activeVersionId"] == made["activeVersionId"] != after["versionId"]
    assert (place_of(after), place_of(after["activeVersion"])) == ([9, 9], [0, 0])


@TWO
def test_an_identical_save_publishes_the_draft_that_somebody_left(server: Server) -> None:
    made = server.published()
    server.edit_by_hand(made["id"], nodes=moved(made))
    draft = server.get(made["id"])
    assert draft["activeVersionId"] != draft["versionId"]
    answered(server.put(made["id"], body_of(draft)))
    after = server.get(made["id"])
    assert after["activeVersionId"] == after["versionId"] == draft["versionId"]


def test_the_editor_leaves_a_draft_on_2x_and_goes_live_on_1x(server: Server) -> None:
    made = server.published()
    server.edit_by_hand(made["id"], nodes=moved(made))
    after = server.get(made["id"])
    assert after["active"] is True
    assert place_of(after["activeVersion"]) == server.says(on_2=[0, 0], on_1=[9, 9])


@TWO
def test_publish_if_active_must_be_true_or_false(server: Server) -> None:
    made = server.new()
    assert refused(server.put(made["id"], body_of(made), publishIfActive="x")) == (
        400,
        "request/query/publishIfActive Invalid enum value. Expected 'true' | 'false', received 'x'",
    )


@ONE
def test_1x_knows_no_publish_if_active(server: Server) -> None:
    made = server.new()
    answer = server.put(made["id"], body_of(made), publishIfActive="false")
    assert refused(answer) == (400, "Unknown query parameter 'publishIfActive'")


BROKEN = [
    pytest.param(lambda _: [node("A")], NO_TRIGGER_2, NO_TRIGGER_1, id="no trigger"),
    pytest.param(
        lambda made: [*made["nodes"], node("U", "n8n-nodes-foo.bar")],
        "Unrecognized node type: n8n-nodes-foo.bar",
        "Unrecognized node type: n8n-nodes-foo.bar",
        id="unknown node type",
    ),
]


@TWO
@pytest.mark.parametrize(("nodes", "on_2", "_"), BROKEN)
def test_2x_keeps_the_draft_and_the_old_version_when_publishing_fails(
    server: Server, nodes: Any, on_2: str, _: str
) -> None:
    made = server.published()
    assert refused(server.put(made["id"], body_of(made, nodes=nodes(made)))) == (400, on_2)
    after = server.get(made["id"])
    assert after["nodes"] == nodes(made) or len(after["nodes"]) == len(nodes(made))
    assert after["active"] is True
    assert after["activeVersionId"] == made["activeVersionId"] != after["versionId"]
    assert after["activeVersion"]["nodes"] == made["nodes"]


@ONE
@pytest.mark.parametrize(("nodes", "_", "on_1"), BROKEN)
def test_1x_keeps_the_draft_and_stops_the_workflow_when_activating_fails(
    server: Server, nodes: Any, _: str, on_1: str
) -> None:
    made = server.published()
    status, message = refused(server.put(made["id"], body_of(made, nodes=nodes(made))))
    assert status == 400
    assert on_1 in message
    after = server.get(made["id"])
    assert len(after["nodes"]) == len(nodes(made))
    assert (after["active"], after["activeVersion"]) == (False, None)
    assert after["versionId"] == made["versionId"], "rolled back, although the nodes are new"


@TWO
def test_a_setting_takes_effect_without_publishing_the_draft(server: Server) -> None:
    made = server.published()
    answered(server.put(made["id"], body_of(made, nodes=moved(made)), publishIfActive="false"))
    draft = server.get(made["id"])
    answered(server.put(made["id"], body_of(draft, settings={"executionTimeout": 9}), publishIfActive="false"))
    after = server.get(made["id"])
    assert after["settings"] == {"executionTimeout": 9}
    assert after["activeVersionId"] == made["activeVersionId"] != after["versionId"] == draft["versionId"]


@TWO
def test_a_key_that_may_not_publish_saves_a_draft_and_is_told_so(server: Server) -> None:
    made = server.published()
    with server.client(server.make_key("workflow:update", "workflow:read")) as writer:
        answer = writer.put(f"/workflows/{made['id']}", json=body_of(made, nodes=moved(made)))
        assert answer.status_code == 403
        after = server.get(made["id"])
        assert answer.json() == {
            "message": "Your change was saved as a draft. It wasn't published because this API key does not have the "
            "workflow:activate scope.",
            "reason": "insufficient_api_key_scope",
            "versionId": after["versionId"],
        }
        assert after["activeVersionId"] == made["activeVersionId"] != after["versionId"]
        answered(writer.put(f"/workflows/{made['id']}", json=body_of(after), params={"publishIfActive": "false"}))
