"""What a promotion proposes: the source's content with what belongs to the target."""

import copy
import json
from typing import Any

import pytest
from tests.builders import changed, corpus, needs_corpus, node
from tests.core.promotion.rebinding_world import AUTH, calling, candidate, small, target, whole, with_credential

from workflowops.core.configuration import Publish
from workflowops.core.promotion.opening import Opened, opened_document, opened_files
from workflowops.core.promotion.rebinding import rebound
from workflowops.core.promotion.target import Credential
from workflowops.core.sidecar import Sidecar
from workflowops.core.workflow_file import parse_workflow
from workflowops.errors import BlockedError

SIDECAR = Sidecar(
    canonical_id="c-main", canonical_slug="main", description="Does it", created_by="ada", n8n_workflow_id="d-main"
)
PROD = Credential("t-prod", "API Auth (prod)", "httpBasicAuth")
MAPPED = {"credentials": {"API Auth": "API Auth (prod)"}}


def opened(source: Any, present: Any = None, live: Any = None, **more: Any) -> Opened:
    path = None if present is None else "staging/there.json"
    fields = {"sidecar": SIDECAR, "source_path": "main.json", "present_path": path, **more}
    return Opened(source=source, present=present, live=live, **fields)


def files(*each: Opened, occupied: Any = None, remove: Any = (), **more: Any) -> dict[str, bytes | None]:
    return opened_files(each, target=target(AUTH, PROD, **more), occupied=occupied or {}, remove=remove)


def document(source: Any, present: Any = None, live: Any = None, **more: Any) -> Any:
    written = files(opened(source, present, live), **more)
    content = written["staging/main.json" if present is None else "staging/there.json"]
    assert content is not None
    read, problems = parse_workflow(content, path="staging/main.json")
    assert read is not None, problems
    return read


def test_a_new_workflow_is_switched_off_and_has_the_source_s_tags() -> None:
    read = document(whole())
    assert (read["active"], read["tags"], read["name"]) == (False, ["customers"], "Customer Onboarding")


def test_what_the_target_s_file_says_beside_the_content_stays() -> None:
    read = document(whole(), small(active=True, tags=["own"]))
    assert (read["active"], read["tags"]) == (True, ["own"])


def test_a_file_that_is_silent_stays_silent() -> None:
    read = document(whole(), small())
    assert ("active" in read, "tags" in read) == (False, False)


def test_without_a_file_what_n8n_has_is_the_target_s_word() -> None:
    read = document(whole(), None, small(active=True, tags=["own"]))
    assert (read["active"], read["tags"]) == (True, ["own"])


@pytest.mark.parametrize("present", [None, small(active=False)], ids=["new", "there"])
def test_a_stage_that_matches_its_source_takes_over_whether_it_is_switched_on(present) -> None:
    assert document(whole(), present, stage={"publish": Publish.MATCH_SOURCE})["active"] is True


def test_the_sidecar_has_the_same_identity_and_the_target_s_workflow() -> None:
    sidecar = json.loads(files(opened(whole()))["staging/main.wfo.json"] or b"")
    assert (sidecar["canonical_id"], sidecar["description"], sidecar["n8n_workflow_id"]) == (
        "c-main", "Does it", "t-main")  # fmt: skip
    fresh = json.loads(files(opened(whole()), ids={})["staging/main.wfo.json"] or b"")
    assert "n8n_workflow_id" not in fresh


def test_the_ids_of_the_target_are_in_the_file() -> None:
    read = document(whole())
    assert read["nodes"][3]["parameters"]["workflowId"]["value"] == "t-sub"
    assert (read["settings"]["errorWorkflow"], read["settings"]["callerIds"]) == ("t-err", "t-sub,t-own")


def test_the_id_of_a_workflow_that_is_not_there_yet_stays_and_is_bound_by_the_plan() -> None:
    read = document(small(calling("d-new")))
    assert read["nodes"][0]["parameters"]["workflowId"]["value"] == "d-new"
    assert rebound(candidate(read), target=target(), created={"c-new"}).findings == ()


@pytest.mark.parametrize("where", ["present", "live"])
def test_nodes_and_webhooks_keep_the_ids_of_the_target(where) -> None:
    source = small(
        node("Hook", id="s", type="n8n-nodes-base.telegramTrigger", webhookId="w-source"), node("New", id="n")
    )
    there = small(node("Hook", id="t", type="n8n-nodes-base.telegramTrigger", webhookId="w-there"))
    read = document(source, there, there if where == "live" else None)
    assert [(each["id"], each.get("webhookId")) for each in read["nodes"]] == [("t", "w-there"), ("n", None)]


def test_node_groups_follow_their_nodes() -> None:
    groups = [{"id": "g", "name": "Group", "nodeIds": ["s"]}]
    read = document(small(node("A", id="s"), nodeGroups=groups), small(node("A", id="t")))
    assert read["nodeGroups"] == [{"id": "g", "name": "Group", "nodeIds": ["t"]}]


def test_a_setting_that_only_the_target_has_is_not_written_down_as_its_default() -> None:
    assert document(small(), small(settings={"timezone": "UTC"}))["settings"] == {}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        pytest.param({}, {"id": "t-auth", "name": "API Auth"}, id="the same name"),
        pytest.param(MAPPED["credentials"], {"id": "t-prod", "name": "API Auth (prod)"}, id="mapped"),
        pytest.param(
            {"API Auth": "API Auth (prod)", "API Auth (prod)": "API Auth"},
            {"id": "t-prod", "name": "API Auth (prod)"},
            id="exchanged",
        ),
        pytest.param({"API Auth": "Nobody's"}, {"id": None, "name": "Nobody's"}, id="mapped to none"),
    ],
)
def test_credentials_get_the_target_s_name_and_never_the_source_s_id(mapping, expected) -> None:
    read = document(small(with_credential({"id": "d-auth", "name": "API Auth"})), stage={"credentials": mapping})
    assert read["nodes"][0]["credentials"]["httpBasicAuth"] == expected


def test_what_is_opened_needs_no_other_credential_name() -> None:
    stage = {"credentials": {"API Auth": "API Auth (prod)", "API Auth (prod)": "API Auth"}}
    read = document(small(with_credential({"name": "API Auth"})), stage=stage)
    bound = rebound(candidate(read), target=target(AUTH, PROD, stage=stage), created=())
    assert (bound.findings, [each.id for each in bound.credentials]) == ((), ["t-prod"])


def table(table_id: str, name: str | None = "Customers") -> dict[str, Any]:
    held: dict[str, Any] = {"__rl": True, "mode": "list", "value": table_id}
    if name is not None:
        held["cachedResultName"] = name
    return small(node("Rows", parameters={"dataTableId": held}))


@pytest.mark.parametrize(
    ("source", "there", "expected"),
    [
        pytest.param(table("d-1"), table("t-1"), "t-1", id="the same name"),
        pytest.param(table("d-1", "Orders"), table("t-1"), "d-1", id="another table"),
        pytest.param(table("d-1", None), table("t-1", None), "d-1", id="no name"),
        pytest.param(table("d-1"), small(), "d-1", id="not there"),
    ],
)
def test_a_data_table_is_the_target_s_where_it_has_the_same_name(source, there, expected) -> None:
    assert document(source, there)["nodes"][0]["parameters"]["dataTableId"]["value"] == expected


def test_what_was_removed_in_the_source_stays_unless_it_is_asked_for() -> None:
    gone = opened(None, small())
    assert files(gone) == {}
    assert files(gone, remove={"c-main"}) == {"staging/there.json": None, "staging/there.wfo.json": None}
    assert files(opened(None), remove={"c-main"}) == {}


def test_what_the_source_still_has_is_not_removed() -> None:
    with pytest.raises(BlockedError, match="still has it"):
        files(opened(small(), small()), remove={"c-main"})


@pytest.mark.parametrize("taken", ["staging/main.json", "staging/MAIN.json"])
def test_the_file_of_another_workflow_is_not_overwritten(taken) -> None:
    with pytest.raises(BlockedError, match="another workflow"):
        files(opened(small()), occupied={taken: "c-other"})
    assert files(opened(small()), occupied={"staging/main.json": "c-main"})


def test_two_workflows_are_not_written_to_one_file() -> None:
    other = Sidecar(canonical_id="c-other", canonical_slug="other")
    with pytest.raises(BlockedError, match="another workflow"):
        files(opened(small()), opened(small(), sidecar=other))


@pytest.mark.parametrize("present", [None, whole(), small(node("Hook", id="t"))], ids=["new", "as it is", "other"])
def test_opening_again_what_was_opened_changes_nothing(present) -> None:
    first = files(opened(whole(), present), stage=MAPPED)
    content = first["staging/main.json" if present is None else "staging/there.json"]
    again = Opened(
        sidecar=SIDECAR, source=whole(), source_path="main.json", present=json.loads(content or b""),
        present_path="staging/main.json" if present is None else "staging/there.json",
    )  # fmt: skip
    assert files(again, stage=MAPPED) == first


@needs_corpus
def test_real_workflows_are_opened_the_same_every_time() -> None:
    for name, source in corpus():
        before = copy.deepcopy(source)
        one = opened(source)
        first = opened_document(one, source, target=target())
        assert source == before, name
        assert opened_document(opened(source, first), source, target=target()) == {
            **first, **{key: first[key] for key in ("active", "tags") if key in first}}, name  # fmt: skip


def test_the_source_s_ids_of_credentials_do_not_come_along() -> None:
    read = document(changed(whole(), "nodes.2.credentials.httpBasicAuth", {"id": "d-secret", "name": "Nobody's"}))
    assert "d-secret" not in json.dumps(read)
