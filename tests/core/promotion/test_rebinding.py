"""A workflow as it is written: nothing in it may mean something else in the target than it was reviewed to mean."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW, applied, changed, corpus, needs_corpus, node
from tests.core.promotion.rebinding_world import AUTH, calling, candidate, small, target, whole, with_credential

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.canonical import canonicalize, digests
from workflowops.core.configuration import CredentialsMissing
from workflowops.core.promotion.finding import FindingCode, Gravity
from workflowops.core.promotion.plan import CREATED_PREFIX
from workflowops.core.promotion.rebinding import Rebound, created_in, rebound, with_created_ids, without_created
from workflowops.core.promotion.target import Credential
from workflowops.sandbox.binding import bind_credentials
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.records import Credential as Stored

TELLING = Abilities(source=AbilitySource.DISCOVER)
NEW = f"{CREATED_PREFIX}c-new"


def bound(file: Any, live: Any = None, *credentials: Credential, created: Any = (), **more: Any) -> Rebound:
    kept = {key: more.pop(key) for key in ("applied", "published", "origin") if key in more}
    return rebound(candidate(file, live, **kept), target=target(*credentials, **more), created=created)


def told(result: Rebound) -> list[tuple[FindingCode, Gravity]]:
    return [(each.code, each.gravity) for each in result.findings]


def nodes(result: Rebound) -> list[Any]:
    found: Any = result.document["nodes"]
    return found


def missing(gravity: Gravity = Gravity.BLOCKING) -> list[tuple[FindingCode, Gravity]]:
    return [(FindingCode.WORKFLOW_MISSING, gravity)]


# ── workflows ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("declared", "expected", "names"),
    [
        pytest.param("t-sub", "t-sub", ("c-sub",), id="the target's own"),
        pytest.param("d-sub", "t-sub", ("c-sub",), id="the same workflow elsewhere"),
        pytest.param("t-own", "t-own", (), id="one that git does not manage"),
        pytest.param("d-new", NEW, ("c-new",), id="one that the plan creates"),
        pytest.param(NEW, NEW, ("c-new",), id="one that stands for it already"),
        pytest.param("d-main", "t-main", (), id="itself"),
    ],
)
@pytest.mark.parametrize("is_plain", [False, True], ids=["locator", "plain text"])
def test_a_called_workflow_is_the_target_s_copy_of_it(declared, expected, names, is_plain) -> None:
    file = small(calling(declared))
    if is_plain:
        file["nodes"][0]["parameters"]["workflowId"] = declared
    result = bound(file, created={"c-new"})
    held = nodes(result)[0]["parameters"]["workflowId"]
    assert (held if is_plain else held["value"]) == expected
    assert (result.names, result.calls, result.findings) == (names, names, ())


@pytest.mark.parametrize("declared", ["nobody", "d-new", "d-gone"])
def test_a_workflow_that_does_not_live_there_blocks_and_the_node_is_named(declared) -> None:
    result = bound(small(calling(declared, "Call the sub")))
    assert told(result) == missing()
    assert (result.findings[0].node_name, result.calls) == ("Call the sub", ())
    assert f"`{declared}`" in result.findings[0].message


def test_a_dead_id_of_the_target_is_that_of_the_copy_which_the_plan_creates() -> None:
    dead = {"t-dead": "c-new"}
    known = {"here": dead.get, "anywhere": dead.get}
    file = small(calling("t-dead"))
    assert nodes(bound(file, file, created={"c-new"}, **known))[0]["parameters"]["workflowId"]["value"] == NEW
    assert told(bound(file, file, **known)) == missing()


@pytest.mark.parametrize(
    ("used", "gravity"),
    [
        pytest.param(calling("nobody"), Gravity.BLOCKING, id="called"),
        pytest.param(calling("nobody", disabled=True), Gravity.WARNING, id="by a disabled node"),
        pytest.param(calling("nobody", kind="@n8n/n8n-nodes-langchain.toolWorkflow"), Gravity.WARNING, id="as a tool"),
    ],
)
def test_what_dangled_before_blocks_only_where_n8n_would_refuse_it(used, gravity) -> None:
    assert told(bound(small(used), small(used))) == missing(gravity)


@pytest.mark.parametrize(("is_disabled", "calls"), [(False, ("c-sub",)), (True, ())])
def test_only_what_an_enabled_node_calls_has_to_be_published_before(is_disabled, calls) -> None:
    result = bound(small(calling("d-sub", disabled=is_disabled)))
    assert (result.calls, result.names) == (calls, ("c-sub",))


@pytest.mark.parametrize("kind", ["toolWorkflow", "retrieverWorkflow"])
def test_a_tool_is_referred_to_and_need_not_be_published_before(kind) -> None:
    result = bound(small(calling("d-sub", kind=f"@n8n/n8n-nodes-langchain.{kind}")))
    assert nodes(result)[0]["parameters"]["workflowId"]["value"] == "t-sub"
    assert (result.calls, result.names) == ((), ("c-sub",))


def test_a_node_that_takes_its_workflow_from_elsewhere_is_not_held_to_its_old_id() -> None:
    file = changed(small(calling("nobody")), "nodes.0.parameters.source", "parameter")
    assert (told(bound(file)), bound(file).calls) == (missing(Gravity.WARNING), ())


@pytest.mark.parametrize(
    ("expression", "gravity"),
    [("={{ $json.id }}", Gravity.NOTE), ("={{ 'd-sub' }}", Gravity.WARNING), ("={{ 't-sub' }}", Gravity.NOTE)],
)
def test_an_expression_stays_and_is_told(expression, gravity) -> None:
    result = bound(small(calling(expression)))
    assert nodes(result)[0]["parameters"]["workflowId"]["value"] == expression
    assert told(result) == [(FindingCode.WORKFLOW_BY_EXPRESSION, gravity)]


def test_error_workflow_and_callers_are_the_target_s_and_need_not_be_published_first() -> None:
    result = bound(small(settings={"errorWorkflow": "d-err", "callerIds": "d-sub, d-new"}), created={"c-new"})
    assert result.document["settings"] == {"errorWorkflow": "t-err", "callerIds": f"t-sub,{NEW}"}
    assert (result.calls, result.names) == ((), ("c-err", "c-sub", "c-new"))


@pytest.mark.parametrize("settings", [{"errorWorkflow": "d-gone"}, {"callerIds": "t-sub,d-gone"}], ids=str)
def test_an_error_workflow_or_a_caller_that_is_not_there_blocks(settings) -> None:
    assert told(bound(small(settings=settings))) == missing()


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_a_workflow_held_as_a_text_is_told_when_it_refers_to_anything(text) -> None:
    held = json.dumps(small(with_credential({"id": "d", "name": "API Auth"}))) if text is None else text
    holding = calling(None, "Inline", parameters={"source": "parameter", "workflowJson": held})
    result = bound(small(holding))
    assert nodes(result)[0]["parameters"]["workflowJson"] == held
    assert [(each.gravity, each.node_name) for each in result.findings] == [(Gravity.WARNING, "Inline")] * (
        text is None
    )


# ── data tables ─────────────────────────────────────────────────────────────────────────────────────────────────────


def table(table_id: str, name: str = "Rows") -> Any:
    held = {"__rl": True, "mode": "list", "value": table_id, "cachedResultName": "Customers"}
    return node(name, type="n8n-nodes-base.dataTable", parameters={"dataTableId": held})


@pytest.mark.parametrize(
    ("live", "was", "expected", "codes"),
    [
        pytest.param("t-table", None, "t-table", [], id="as n8n has it"),
        pytest.param(None, "t-table", "t-table", [], id="as it was last known good"),
        pytest.param("other", None, "t-table", [FindingCode.DATA_TABLE_UNPROVEN], id="n8n has another"),
        pytest.param(None, None, "t-table", [FindingCode.DATA_TABLE_UNPROVEN], id="nobody knows it"),
    ],
)
def test_a_data_table_has_to_be_known_to_be_the_target_s(live, was, expected, codes) -> None:
    known = None if was is None else applied(references={"data_tables": {"Rows": was}})
    result = bound(small(table("t-table")), None if live is None else small(table(live)), applied=known)
    assert nodes(result)[0]["parameters"]["dataTableId"]["value"] == expected
    assert [each.code for each in result.findings] == codes


def test_an_unknown_data_table_means_the_one_that_was_applied_for_it() -> None:
    known = applied(
        references={"data_tables": {"Rows": "t-table"}}, git_references={"data_tables": {"Rows": "d-table"}}
    )
    result = bound(small(table("d-table")), small(table("t-table")), applied=known)
    assert nodes(result)[0]["parameters"]["dataTableId"]["value"] == "t-table"
    assert result.findings == ()


def test_a_table_of_the_workflow_is_known_under_a_new_node_name() -> None:
    assert bound(small(table("t-table", "Renamed")), small(table("t-table"))).findings == ()


# ── credentials ─────────────────────────────────────────────────────────────────────────────────────────────────────

TWIN = Credential("t-twin", "API Auth", "httpBasicAuth")
OTHER = Credential("t-other", "Other", "httpBasicAuth")
SAME_NAME = Credential("t-header", "API Auth", "httpHeaderAuth")


def reference(result: Rebound) -> Any:
    return nodes(result)[0]["credentials"]["httpBasicAuth"]


@pytest.mark.parametrize("is_disabled", [False, True])
@pytest.mark.parametrize("given", [{"id": "d-auth", "name": "API Auth"}, {"name": "API Auth"}], ids=["id", "no id"])
def test_a_credential_is_the_one_of_its_type_and_name(given, is_disabled) -> None:
    result = bound(small(with_credential(given, disabled=is_disabled)), None, AUTH, OTHER, SAME_NAME)
    assert reference(result) == {"id": "t-auth", "name": "API Auth"}
    assert [(each.old_name, each.id, each.is_rewritten) for each in result.credentials] == [
        ("API Auth", "t-auth", True)
    ]
    assert result.findings == ()


def test_a_credential_that_is_right_already_is_not_called_rewritten() -> None:
    result = bound(small(with_credential({"id": "t-auth", "name": "API Auth"})))
    assert [each.is_rewritten for each in result.credentials] == [False]


def test_what_the_stage_before_calls_otherwise_is_rewritten_although_the_file_has_the_targets_own_already() -> None:
    """As after `promote open`: names and ids in the file are the target's (walkthrough 2 counts what was rewritten)."""
    before = small(with_credential({"id": "d-auth", "name": "API Auth (dev)"}))
    result = bound(small(with_credential({"id": "t-auth", "name": "API Auth"})), origin=before)
    assert [(each.old_name, each.name, each.id, each.is_rewritten) for each in result.credentials] == [
        ("API Auth (dev)", "API Auth", "t-auth", True)
    ]
    same = bound(small(with_credential({"id": "t-auth", "name": "API Auth"})), origin=small())
    assert [each.is_rewritten for each in same.credentials] == [False]


def test_of_several_credentials_the_one_that_the_node_uses_there_is_kept() -> None:
    file, live = (
        small(with_credential({"name": "API Auth"})),
        small(with_credential({"id": "t-twin", "name": "API Auth"})),
    )
    assert reference(bound(file, live, AUTH, TWIN))["id"] == "t-twin"
    assert told(bound(file, live, AUTH, TWIN)) == []


def test_what_runs_is_asked_before_what_the_editor_shows() -> None:
    file = small(with_credential({"name": "API Auth"}))
    draft = small(with_credential({"id": "t-auth", "name": "API Auth"}), active=True)
    published = small(with_credential({"id": "t-twin", "name": "API Auth"}))
    result = bound(file, draft, AUTH, TWIN, published={key: published[key] for key in ("nodes", "connections")})
    assert reference(result)["id"] == "t-twin"


@pytest.mark.parametrize(
    "live", [None, {"id": "gone", "name": "API Auth"}, {"id": "t-other", "name": "Other"}], ids=["new", "gone", "other"]
)
def test_of_several_credentials_none_is_chosen(live) -> None:
    result = bound(
        small(with_credential({"id": "d-auth", "name": "API Auth"})),
        None if live is None else small(with_credential(live)),
        AUTH, TWIN, OTHER,
    )  # fmt: skip
    assert reference(result) == {"id": None, "name": "API Auth"}
    assert told(result) == [(FindingCode.CREDENTIAL_AMBIGUOUS, Gravity.BLOCKING)]


@pytest.mark.parametrize(
    ("policy", "gravity"),
    [(CredentialsMissing.BLOCK, Gravity.BLOCKING), (CredentialsMissing.KEEP_NAME, Gravity.WARNING)],
)
def test_a_missing_credential_keeps_its_name_and_no_id(policy, gravity) -> None:
    file = small(with_credential({"id": "d-auth", "name": "API Auth"}))
    result = bound(file, None, OTHER, SAME_NAME, stage={"credentials_missing": policy})
    assert reference(result) == {"id": None, "name": "API Auth"}
    assert told(result) == [(FindingCode.CREDENTIAL_MISSING, gravity)]


def test_a_credential_that_was_renamed_there_is_told_under_its_new_name() -> None:
    file, live = small(with_credential({"name": "Old"})), small(with_credential({"id": "t-other", "name": "Old"}))
    assert "`Other` now" in bound(file, live, OTHER).findings[0].message


@pytest.mark.parametrize(
    ("name", "mapping", "expected", "codes"),
    [
        pytest.param("API Auth (prod)", {"API Auth": "API Auth (prod)"}, "t-prod", [], id="mapped in the file"),
        pytest.param(
            "API Auth", {"API Auth": "API Auth (prod)"}, "t-prod", [FindingCode.CREDENTIAL_NOT_MAPPED], id="not mapped"
        ),
        pytest.param("API Auth", {"API Auth": "API Auth"}, "t-auth", [], id="mapped to itself"),
        pytest.param("API Auth", {"API Auth": "Other", "Other": "API Auth"}, "t-auth", [], id="swapped"),
    ],
)
def test_a_name_means_what_the_stage_maps_it_to(name, mapping, expected, codes) -> None:
    prod = Credential("t-prod", "API Auth (prod)", "httpBasicAuth")
    result = bound(small(with_credential({"name": name})), None, AUTH, OTHER, prod, stage={"credentials": mapping})
    assert reference(result)["id"] == expected
    assert [each.code for each in result.findings] == codes


@pytest.mark.parametrize("given", ["API Auth", None, {"id": "t-auth"}, {"id": "t-auth", "name": ""}, 3], ids=str)
def test_a_credential_without_a_name_blocks_and_is_not_sent_as_it_is(given) -> None:
    result = bound(small(with_credential(given)))
    assert told(result) == [(FindingCode.CREDENTIAL_MISSING, Gravity.BLOCKING)]
    assert reference(result)["id"] is None


@pytest.mark.parametrize(
    ("seen", "live", "expected", "codes"),
    [
        pytest.param([AUTH], None, "t-auth", [], id="seen once"),
        pytest.param([OTHER], None, None, [FindingCode.CREDENTIAL_UNPROVEN], id="never seen"),
        pytest.param([AUTH, TWIN], None, None, [FindingCode.CREDENTIAL_UNPROVEN], id="seen twice"),
        pytest.param([AUTH, TWIN], "t-twin", "t-twin", [], id="seen twice and once here"),
        pytest.param([OTHER], "t-here", "t-here", [], id="seen only here"),
    ],
)
def test_a_server_that_lists_no_credentials_is_asked_by_name(seen, live, expected, codes) -> None:
    there = None if live is None else small(with_credential({"id": live, "name": "API Auth"}))
    result = bound(small(with_credential({"id": "d", "name": "API Auth"})), there, *seen, is_complete=False)
    assert reference(result) == {"id": expected, "name": "API Auth"}
    assert [(each.code, each.gravity) for each in result.findings] == [(code, Gravity.WARNING) for code in codes]


NAMES = st.sampled_from(["API Auth", "Other", "Third"])
TYPES = st.sampled_from(["httpBasicAuth", "httpHeaderAuth"])
REFERENCES = st.fixed_dictionaries({"name": NAMES}, optional={"id": st.sampled_from(["1", "2", "d-1", None])})


@LAW
@given(
    st.lists(st.tuples(NAMES, TYPES), max_size=5),
    st.lists(st.tuples(TYPES, REFERENCES, st.booleans()), min_size=1, max_size=4),
    st.lists(st.tuples(TYPES, REFERENCES), max_size=4),
    st.booleans(),
)
def test_n8n_binds_what_is_sent_to_nothing_else(stored, used, there, is_complete) -> None:
    """What n8n makes of the references, asked of the stand-in, is what the plan says, or nothing at all."""
    known = [Credential(str(number), name, kind) for number, (name, kind) in enumerate(stored)]
    seen = known if is_complete else known[::2]
    file = small(*(node(f"N{n}", credentials={kind: held}, disabled=off) for n, (kind, held, off) in enumerate(used)))
    live = small(*(node(f"N{n}", credentials={kind: held}) for n, (kind, held) in enumerate(there)))
    stage = {"credentials_missing": CredentialsMissing.KEEP_NAME}
    credentials = replace(target().credentials, known=tuple(seen), is_complete=is_complete)
    result = bound(file, live, credentials=credentials, stage=stage)
    sent = copy.deepcopy(result.document["nodes"])
    rows = [Stored(each.id, each.name, each.type, "", "") for each in known]
    bind_credentials(sent, credentials=rows, generation=Generation.V2)
    by_id = {(each.id, each.type): each.name for each in known}
    for n, (kind, held, _) in enumerate(used):
        got: Any = sent[n]["credentials"][kind]  # type: ignore[index,call-overload]
        assert nodes(result)[n]["credentials"][kind].keys() == {"id", "name"}
        assert got["name"] == held["name"] or not is_complete
        if is_complete and got["id"] is not None:
            assert by_id[got["id"], kind] == held["name"]


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def ids(*named: tuple[str, str | None]) -> Any:
    return small(*(node(name, id=node_id) for name, node_id in named))


@pytest.mark.parametrize(
    ("file", "live", "expected"),
    [
        pytest.param(ids(("A", "f")), ids(("A", "t")), ["t"], id="the target's"),
        pytest.param(ids(("A", "f")), ids(("B", "t")), ["f"], id="the file's for a new one"),
        pytest.param(ids(("B", "t")), ids(("A", "t")), ["t"], id="renamed in git"),
        pytest.param(ids(("A", "b"), ("B", "a")), ids(("A", "a"), ("B", "b")), ["a", "b"], id="exchanged"),
        pytest.param(ids(("A", "x"), ("B", "t")), ids(("A", "t")), ["t", None], id="the file's is taken"),
        pytest.param(ids(("A", None)), None, [None], id="none at all"),
        pytest.param(ids(("A", "x"), ("B", "x")), None, ["x", None], id="one for two"),
    ],
)
def test_every_node_has_an_id_of_its_own(file, live, expected) -> None:
    found = [each["id"] for each in nodes(bound(file, live))]
    assert [want if want is None else got for want, got in zip(expected, found, strict=True)] == expected
    assert len(set(found)) == len(found)
    assert found == [each["id"] for each in nodes(bound(file, live))]


def test_a_derived_id_depends_on_the_workflow_and_the_name() -> None:
    first = nodes(bound(ids(("A", None), ("B", None))))
    other = rebound(candidate(ids(("A", None)), canonical_id="c-2"), target=target(), created=())
    assert len({first[0]["id"], first[1]["id"], nodes(other)[0]["id"]}) == 3


def test_node_groups_name_the_nodes_by_the_ids_they_have_now() -> None:
    file = small(node("A", id="f"), nodeGroups=[{"id": "g", "name": "Group", "nodeIds": ["f"]}])
    result = bound(file, ids(("A", "t")))
    assert result.document["nodeGroups"] == [{"id": "g", "name": "Group", "nodeIds": ["t"]}]


def test_node_groups_that_git_does_not_have_are_taken_back() -> None:
    grouped = small(node("A"), nodeGroups=[{"id": "g", "name": "Group", "nodeIds": ["id-A"]}])
    assert bound(small(node("A")), grouped).document["nodeGroups"] == []
    assert "nodeGroups" not in bound(small(node("A"))).document


@pytest.mark.parametrize("kind", ["n8n-nodes-base.webhook", "n8n-nodes-base.telegramTrigger"])
@pytest.mark.parametrize("own", ["w-file", None])
def test_a_webhook_keeps_the_id_of_the_target(kind, own) -> None:
    file, live = (small(node("H", type=kind, parameters={"path": "in"}, webhookId=each)) for each in (own, "w-there"))
    assert nodes(bound(file, live))[0]["webhookId"] == "w-there"


def test_a_webhook_of_another_type_is_another_webhook() -> None:
    file = small(node("H", type="n8n-nodes-base.telegramTrigger", webhookId="w-file"))
    live = small(node("H", type="n8n-nodes-base.slackTrigger", webhookId="w-there"))
    assert "webhookId" not in nodes(bound(changed(file, "nodes.0.webhookId", ...), live))[0]


@pytest.mark.parametrize(
    ("file", "was", "git", "expected"),
    [
        pytest.param("w-file", "w-there", "w-file", "w-there", id="git did not move it"),
        pytest.param("w-moved", "w-there", "w-there", "w-moved", id="git moved it"),
        pytest.param("w-file", None, None, "w-there", id="nobody knows"),
    ],
)
def test_an_address_under_an_id_moves_only_when_git_moved_it(file, was, git, expected) -> None:
    kind = "n8n-nodes-base.formTrigger"
    document, live = (small(node("F", type=kind, parameters={}, webhookId=each)) for each in (file, "w-there"))
    known = None
    if was is not None:
        known = applied(references={"webhooks": {"F": was}}, git_references={"webhooks": {"F": git}})
    assert nodes(bound(document, live, applied=known))[0]["webhookId"] == expected


# ── what the server takes ───────────────────────────────────────────────────────────────────────────────────────────


def test_only_what_the_body_may_hold_is_sent() -> None:
    file = small(node("A"), active=True, tags=["x"], id="t-1", meta={}, pinData={"A": []}, staticData={"a": 1})
    result = bound(file)
    assert result.document.keys() == {"name", "nodes", "connections", "settings"}
    assert result.dropped == ("pinData", "staticData")
    assert told(result) == [(FindingCode.DROPPED_FIELD, Gravity.NOTE)] * 2


@pytest.mark.parametrize("abilities", [None, TELLING], ids=["nothing told", "no keys told"])
def test_a_server_that_does_not_tell_gets_what_every_version_takes(abilities) -> None:
    file = small(node("A", color="red", customTelemetryTags={"tag": []}), settings={"timeSavedMode": "dynamic"},
                 nodeGroups=[{"id": "g", "name": "G", "nodeIds": ["id-A"]}])  # fmt: skip
    result = bound(file, abilities=abilities)
    assert nodes(result)[0].keys() == {"id", "name", "type", "typeVersion", "position", "parameters"}
    assert result.dropped == ("nodes[].color", "nodes[].customTelemetryTags", "settings.timeSavedMode", "nodeGroups")
    assert [each.gravity for each in result.findings] == [
        Gravity.NOTE, Gravity.WARNING, Gravity.WARNING, Gravity.NOTE]  # fmt: skip


@pytest.mark.parametrize(
    ("git", "live", "sent", "staying", "codes"),
    [
        pytest.param({}, {"timezone": "UTC"}, {"timezone": "DEFAULT"}, {}, [], id="cleared"),
        pytest.param({}, {"errorWorkflow": "t-err"}, {"errorWorkflow": "DEFAULT"}, {}, [], id="no error workflow"),
        pytest.param({"timezone": "DEFAULT"}, {}, {}, {}, [], id="a default is not sent"),
        pytest.param({"executionTimeout": None}, {}, {}, {}, [], id="nothing is not sent"),
        pytest.param(
            {}, {"executionTimeout": 5}, {}, {"executionTimeout": 5}, [FindingCode.SETTING_STAYS], id="only the editor"
        ),
        pytest.param(
            {"saveManualExecutions": "DEFAULT"}, {"saveManualExecutions": True}, {}, {"saveManualExecutions": True},
            [FindingCode.SETTING_STAYS], id="a default that n8n refuses",
        ),
        pytest.param(
            {"binaryMode": "combined"}, {}, {}, {}, [FindingCode.DROPPED_FIELD], id="never taken"
        ),
        pytest.param(
            {"binaryMode": "combined"}, {"binaryMode": "combined"}, {}, {"binaryMode": "combined"}, [], id="there"
        ),
        pytest.param(
            {"executionTimeout": -1}, {}, {}, {}, [FindingCode.DROPPED_FIELD], id="a default that n8n takes out"
        ),
        pytest.param(
            {"executionTimeout": -1}, {"executionTimeout": -1}, {}, {}, [FindingCode.DROPPED_FIELD], id="and has"
        ),
        pytest.param({}, {"executionTimeout": -1}, {}, {}, [], id="a default that goes by itself"),
        pytest.param({}, {"callerPolicy": "workflowsFromSameOwner"}, {}, {}, [], id="n8n's own default"),
        pytest.param({"timezone": "UTC"}, {"timezone": "Asia/Tokyo"}, {"timezone": "UTC"}, {}, [], id="another value"),
    ],
)  # fmt: skip
def test_settings_end_as_git_says_or_it_is_told(git, live, sent, staying, codes) -> None:
    result = bound(small(settings=git), small(settings=live))
    assert (result.document["settings"], result.staying) == (sent, staying)
    assert [each.code for each in result.findings] == codes
    assert result.read_back["settings"] == {**staying, **sent}


def test_a_default_that_n8n_takes_out_is_sent_where_it_takes_another_value_out() -> None:
    result = bound(small(settings={"executionTimeout": -1}), small(settings={"executionTimeout": 60}))
    assert (result.document["settings"], result.read_back["settings"]) == ({"executionTimeout": -1}, {})
    assert bound(small(settings={"executionTimeout": -1})).read_back["settings"] == {"executionTimeout": -1}


@pytest.mark.parametrize("name", ["", "x" * 129, None, 3])
def test_a_name_that_n8n_refuses_blocks(name) -> None:
    assert told(bound(small(name=name))) == [(FindingCode.FILE_UNREADABLE, Gravity.BLOCKING)]
    assert told(bound(small(name="x" * 128))) == []


def test_a_name_that_the_server_has_already_is_its_own_affair() -> None:
    assert told(bound(small(name="x" * 200), small(name="x" * 200))) == []


def test_what_is_no_node_blocks() -> None:
    assert told(bound({**small(), "nodes": ["text"]})) == [(FindingCode.FILE_UNREADABLE, Gravity.BLOCKING)]


def test_without_a_file_nothing_can_be_rebound() -> None:
    with pytest.raises(ValueError, match="no file"):
        rebound(candidate(None), target=target(), created=())


# ── workflows that do not exist yet ─────────────────────────────────────────────────────────────────────────────────


def waiting() -> dict[str, Any]:
    text = f"={{{{ '{NEW}' }}}}"
    saying = node("Say", parameters={"workflowId": NEW, "text": NEW})
    settings = {"errorWorkflow": "d-new", "callerIds": "t-sub,d-new"}
    file = small(calling("d-new"), saying, calling(text, "Expression"), settings=settings)
    return bound(file, created={"c-new"}).document


def test_ids_take_the_place_of_what_stood_for_them_only_where_a_reference_stands() -> None:
    document: Any = with_created_ids(waiting(), {"c-new": "t-9"})
    assert document["nodes"][0]["parameters"]["workflowId"]["value"] == "t-9"
    assert document["nodes"][1]["parameters"] == {"workflowId": NEW, "text": NEW}
    assert document["settings"] == {"errorWorkflow": "t-9", "callerIds": "t-sub,t-9"}
    assert (created_in(waiting()), created_in(document)) == (("c-new",), ())


def test_references_to_what_does_not_exist_are_emptied_for_the_first_write() -> None:
    document: Any = without_created(waiting())
    assert document["nodes"][0]["parameters"]["workflowId"]["value"] == ""
    assert document["settings"] == {"callerIds": "t-sub"}
    assert created_in(document) == ()


def test_an_id_that_is_not_known_yet_goes_on_standing_for_it() -> None:
    assert with_created_ids(waiting(), {"c-other": "t-8"}) == waiting()


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PATHS = ["nodes.0.id", "nodes.1.id", "nodes.0.webhookId", "nodes.2.credentials.httpBasicAuth.id",
         "nodes.3.parameters.workflowId.value", "settings.errorWorkflow", "settings.callerIds", "settings.timezone",
         "settings.saveManualExecutions", "nodes.2.disabled"]  # fmt: skip
VALUES = st.sampled_from(["d-sub", "t-sub", "d-new", NEW, "nobody", "", "x", None])
EDITS = st.lists(st.tuples(st.sampled_from(PATHS), VALUES), max_size=4)


def edited(edits: Any) -> dict[str, Any]:
    document = whole()
    for path, value in edits:
        document = changed(document, path, value)
    return document


@LAW
@given(EDITS, st.none() | EDITS, st.sets(st.sampled_from(["c-new", "c-gone"])))
def test_rebinding_what_is_bound_changes_nothing(file, live, created) -> None:
    there = None if live is None else edited(live)
    once = bound(edited(file), there, created=created)
    twice = bound(once.document, there, created=created)
    assert twice.document == once.document
    assert (twice.names, twice.calls, twice.staying) == (once.names, once.calls, once.staying)
    assert not any(each.is_rewritten for each in twice.credentials if each.id is not None)


@LAW
@given(EDITS, EDITS)
def test_what_is_sent_over_itself_is_sent_the_same(file, live) -> None:
    first = bound(edited(file), edited(live))
    again = bound(edited(file), first.read_back)
    assert digests(canonicalize(again.read_back)).logic == digests(canonicalize(first.read_back)).logic
    assert canonicalize(again.read_back).references == canonicalize(first.read_back).references


@needs_corpus
def test_real_workflows_are_bound_once_and_keep_their_logic() -> None:
    for name, document in corpus():
        once = bound(document)
        assert bound(once.document).document == once.document, name
        node_ids = [each["id"] for each in nodes(once) if isinstance(each, dict)]
        assert len(set(node_ids)) == len(node_ids), name
        for each in nodes(once):
            held = each.get("credentials", {}) if isinstance(each, dict) else {}
            assert all(one.keys() == {"id", "name"} for one in held.values()), name


def test_secrets_in_names_are_masked_in_every_finding() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    file = small(calling("nobody", token), with_credential({"name": token}, f"{token} 2"), table("x", f"{token} 3"))
    assert token not in f"{bound(file).findings}"
