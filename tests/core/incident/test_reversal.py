"""Taking back: Git's version with the ids of the instance, and the right steps."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW, applied, corpus, needs_corpus, node, workflow
from tests.core.incident.affected import COPY, affected_now, verdict

from workflowops.core.canonical import canonicalize
from workflowops.core.diff import compare
from workflowops.core.drift import ValueChange
from workflowops.core.incident.reversal import ReversalAction, plan_workflows
from workflowops.core.localization import Instance, Localized, localized, would_be_in_sync
from workflowops.core.standing import DriftKind

HERE = {"wf-sub": "c-sub", "wf-err": "c-err", "wf-own": "wf-own"}
ELSEWHERE = {"dev-sub": "c-sub", "dev-gone": "c-gone"}


def instance(**ids: str) -> Instance:
    """One that has `wf-sub` and `wf-err` under Git and `wf-own` not; `dev-...` are ids of another instance."""
    living = {"c-sub": "wf-sub", "c-err": "wf-err"} | ids
    return Instance(ids=living, here=HERE.get, anywhere=lambda each: HERE.get(each) or ELSEWHERE.get(each))


def placed(file: Mapping[str, Any], live: Mapping[str, Any] | None = None, was: Any = None) -> Localized:
    return localized(file, live=live, applied=was, instance=instance())


def calling(workflow_id: str) -> dict[str, Any]:
    content = workflow()
    content["nodes"][3]["parameters"]["workflowId"]["value"] = workflow_id
    return content


def called(written: Localized) -> Any:
    nodes: Any = written.document["nodes"]
    return nodes[3]["parameters"]["workflowId"]


# ── the ids of the instance ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("declared", "live", "was", "expected"),
    [
        pytest.param("wf-sub", "wf-own", None, "wf-sub", id="one of its own"),
        pytest.param("wf-own", "wf-sub", None, "wf-own", id="one of its own that git does not manage"),
        pytest.param("dev-sub", "wf-own", None, "wf-sub", id="the copy of another instance's"),
        pytest.param("nobody", "nobody", None, "nobody", id="as n8n has it, whatever it is"),
        pytest.param("nobody", "wf-own", "nobody", "nobody", id="as it was last known good"),
        pytest.param("nobody", "wf-own", "wf-sub", "wf-sub", id="unknown means what was last known good"),
    ],
)
def test_an_id_is_that_of_the_instance(declared, live, was, expected) -> None:
    known = None if was is None else applied(references={"workflows": {"Call": was}}, git_references={
        "workflows": {"Call": declared}})  # fmt: skip
    written = placed(calling(declared), calling(live), known)
    assert (called(written)["value"], written.unknown_ids) == (expected, ())


@pytest.mark.parametrize("declared", ["nobody", "dev-gone"])
def test_an_id_that_means_nothing_here_is_kept_and_named(declared) -> None:
    written = placed(calling(declared), calling("wf-own"))
    assert (called(written)["value"], written.unknown_ids) == (declared, (declared,))


def test_an_unknown_id_that_git_changed_since_does_not_mean_what_was_before() -> None:
    known = applied(references={"workflows": {"Call": "wf-sub"}}, git_references={"workflows": {"Call": "other"}})
    assert placed(calling("nobody"), calling("wf-own"), known).unknown_ids == ("nobody",)


def test_a_translated_locator_forgets_the_name_it_cached() -> None:
    assert called(placed(calling("dev-sub"), calling("wf-own"))) == {"__rl": True, "mode": "list", "value": "wf-sub"}


def test_the_error_workflow_and_the_callers_are_translated_too() -> None:
    file = workflow(settings={"errorWorkflow": "dev-sub", "callerIds": "dev-sub, wf-err", "executionOrder": "v1"})
    written = placed(file, workflow(settings={}))
    assert written.document["settings"] == {
        "errorWorkflow": "wf-sub",
        "callerIds": "wf-sub,wf-err",
        "executionOrder": "v1",
    }


def test_an_old_node_that_holds_a_plain_id_gets_a_plain_id() -> None:
    file, live = workflow(), workflow()
    file["nodes"][3]["parameters"]["workflowId"] = "dev-sub"
    assert called(placed(file, live)) == "wf-sub"


def test_a_webhook_id_of_the_instance_is_kept_unless_it_is_the_address() -> None:
    file, live = workflow(), workflow()
    live["nodes"][0]["webhookId"] = "hook-of-the-instance"
    nodes: Any = placed(file, live).document["nodes"]
    assert nodes[0]["webhookId"] == "hook-of-the-instance"
    for each in (file, live):
        each["nodes"][0]["parameters"] = {"path": "", "options": {}}
    nodes = placed(file, live).document["nodes"]
    assert nodes[0]["webhookId"] == "hook-1"


def test_a_credential_keeps_the_id_that_the_instance_has_under_its_name() -> None:
    file, live = workflow(), workflow()
    file["nodes"][2]["credentials"]["httpBasicAuth"]["id"] = "cred-of-dev"
    nodes: Any = placed(file, live).document["nodes"]
    assert nodes[2]["credentials"] == {"httpBasicAuth": {"id": "cred-1", "name": "API Auth"}}


def test_a_credential_without_an_id_is_never_sent_so() -> None:
    file = workflow()
    del file["nodes"][2]["credentials"]["httpBasicAuth"]["id"]
    nodes: Any = placed(file).document["nodes"]
    assert nodes[2]["credentials"] == {"httpBasicAuth": {"id": None, "name": "API Auth"}}


def test_only_what_n8n_s_api_takes_is_written() -> None:
    assert placed({**workflow(), "id": "x", "meta": {}, "pinData": {}}).document.keys() == {
        "name",
        "nodes",
        "connections",
        "settings",
    }


@pytest.mark.parametrize(
    ("git", "live", "written", "editor"),
    [
        pytest.param({}, {"timezone": "UTC"}, {"timezone": "DEFAULT"}, (), id="a setting too many"),
        pytest.param({}, {"callerIds": "a"}, {"callerIds": ""}, (), id="callers too many"),
        pytest.param({}, {"saveManualExecutions": True}, {}, ("saveManualExecutions",), id="only the editor can"),
        pytest.param({"binaryMode": "combined"}, {}, {"binaryMode": "combined"}, ("binaryMode",), id="n8n drops it"),
        pytest.param({"timezone": "UTC"}, {"timezone": "Asia/Tokyo"}, {"timezone": "UTC"}, (), id="another value"),
        pytest.param(None, {}, {}, (), id="no settings at all"),
    ],
)
def test_settings_are_written_so_that_merging_them_gives_git_s(git, live, written, editor) -> None:
    file = workflow(settings=git)
    if git is None:
        del file["settings"]
    done = placed(file, workflow(settings=live))
    assert (done.document["settings"], done.editor_settings) == (written, editor)
    assert canonicalize(done.document).logic["settings"] == canonicalize(file).logic["settings"]


def test_a_file_that_needs_no_translation_is_written_as_it_is() -> None:
    file = workflow()
    written = placed(file, workflow(name="Hot fix"))
    assert written.is_as_in_git
    assert written.document == {key: file[key] for key in ("name", "nodes", "connections", "settings")}
    assert not placed(calling("dev-sub"), calling("wf-own")).is_as_in_git


@LAW
@given(st.sampled_from(["wf-sub", "wf-own", "dev-sub", "nobody"]), st.sampled_from(["wf-sub", "wf-own", "nobody"]))
def test_what_is_written_is_in_sync_with_the_file(declared, live) -> None:
    file = calling(declared)
    before = copy.deepcopy(file)
    written = placed(file, calling(live))
    assert file == before
    assert canonicalize(written.document).logic == canonicalize(file).logic
    assert would_be_in_sync(written.document, file=file, applied=None, instance=instance())


@needs_corpus
def test_every_real_workflow_is_put_back_as_it_was() -> None:
    for name, document in corpus():
        written = placed(document, workflow())
        assert canonicalize(written.document).logic == canonicalize(document).logic, name
        assert would_be_in_sync(written.document, file=document, applied=None, instance=instance()), name


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(**changes: Any) -> list[ReversalAction]:
    now = affected_now(**{"live": workflow(name="Hot fix"), "file": workflow(), **changes})
    (planned,) = plan_workflows([now], instance=instance(), callers={})
    return [step.action for step in planned.steps]


ON, OFF = ValueChange(old=True, new=False), ValueChange(old=False, new=True)
WAS_OFF = replace(COPY, active=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, ["update"], id="edited"),
        pytest.param({"verdict": verdict(DriftKind.CONFLICT)}, ["update"], id="conflict"),
        pytest.param(
            {"verdict": verdict(activation=ON), "live": workflow(active=False)}, ["update", "switch_on"],
            id="edited and switched off",
        ),
        pytest.param(
            {"verdict": verdict(activation=OFF), "copy": WAS_OFF}, ["switch_off", "update"], id="edited and switched on"
        ),
        pytest.param(
            {"verdict": verdict(DriftKind.TAGS_CHANGED, content=DriftKind.IN_SYNC,
                                tags=ValueChange(old=["customers"], new=["x"]))}, ["set_tags"], id="tags",
        ),
        pytest.param(
            {"verdict": verdict(DriftKind.MISSING), "live": None}, ["create", "set_tags", "switch_on"], id="deleted"
        ),
        pytest.param(
            {"verdict": verdict(DriftKind.MISSING, is_archived=True), "live": workflow(active=False)},
            ["unarchive", "switch_on"], id="archived",
        ),
        pytest.param({"verdict": verdict(DriftKind.MISSING, is_archived=True), "live": None}, [], id="unread"),
        pytest.param({"verdict": verdict(DriftKind.PENDING)}, [], id="git is ahead"),
        pytest.param({"verdict": verdict(DriftKind.PENDING, awaits_git=True)}, [], id="accepted"),
        pytest.param({"verdict": None}, [], id="neither side knows it"),
        pytest.param({"copy": None}, [], id="git has no file"),
        pytest.param({"live": None}, [], id="n8n's version cannot be read"),
    ],
)  # fmt: skip
def test_the_steps_are_those_that_it_takes(changes, expected) -> None:
    assert steps(**changes) == expected


def test_the_difference_goes_from_n8n_to_git() -> None:
    live = workflow(nodes=[*workflow()["nodes"], node("Added by hand")])
    (planned,) = plan_workflows([affected_now(live=live, file=workflow())], instance=instance(), callers={})
    assert planned.steps[0].diff == compare(old=canonicalize(live), new=canonicalize(workflow()))
    assert planned.steps[0].diff is not None
    assert planned.steps[0].diff.nodes_removed == 1
