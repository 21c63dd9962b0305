"""Whether the stage before runs the same: what proves it, and everything that does not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import changed, declared, mapped, node, workflow

from workflowops.core.promotion.mapped import with_mapped_credentials
from workflowops.core.promotion.plan import CREATED_PREFIX, Content, WorkflowChangeType
from workflowops.core.promotion.record import PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.promotion.verification import (
    Before,
    says_the_same_here,
    verified_before,
)

EARLY, LATE = "2026-11-20T08:00:00Z", "2026-11-21T09:30:00Z"
MEANS = {"dev-sub": "sub", "qa-sub": "sub", "prod-sub": "sub", "qa-other": "other"}
NAMES = {"API Auth": "API Auth (prod)"}


def content(logic: str = "hash-a", **references: Any) -> Content:
    return Content(logic=logic, layout="layout", graph="graph", references=references)


def brought(logic: str | None = "hash-a", **more: Any) -> PromotedWorkflow:
    fields: dict[str, Any] = {
        "canonical_id": "orders",
        "canonical_slug": "orders",
        "workflow_name": "Orders",
        "change_type": WorkflowChangeType.UPDATED,
        "planned": None if logic is None else content(logic),
    }
    return PromotedWorkflow(**{**fields, **more})


def promotion(*workflows: PromotedWorkflow, at: str | None = LATE, **more: Any) -> Promotion:
    fields: dict[str, Any] = {
        "promotion_id": "promo-7",
        "pipeline_id": "default",
        "source_stage": "dev",
        "target_stage": "qa",
        "status": PromotionStatus.COMPLETED,
        "workflow_selection": (),
        "plan_digest": "d",
        "git_commit_sha": "c",
        "created_by": "anna",
        "created_at": EARLY,
        "execution_completed_at": at,
        "workflows": workflows or (brought(),),
    }
    return Promotion(**{**fields, **more})


def before(**changes: Any) -> Before:
    """A stage in the middle of a pipeline that runs what was promoted to it."""
    fields: dict[str, Any] = {
        "stage": "qa",
        "is_first": False,
        "copy": declared(),
        "is_same": True,
        "entry": mapped("w1", "orders"),
        "anywhere": MEANS.get,
        "promotions": (promotion(),),
    }
    return Before(**{**fields, **changes})


def test_what_was_promoted_and_still_runs_is_verified_since_its_completion() -> None:
    found = verified_before("orders", before())
    assert found.is_verified
    assert found.since == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"problem": "n8n did not answer."}, "is not known: n8n did not answer.", id="not looked at"),
        pytest.param({"copy": None}, "no file", id="no file there"),
        pytest.param({"is_same": False}, "says something else", id="another version in its file"),
        pytest.param({"is_same": None}, "cannot be read", id="a file that cannot be read"),
        pytest.param({"entry": None}, "was not seen to hold it", id="not in n8n"),
        pytest.param(
            {"entry": mapped("w1", "orders", problem="odd")}, "could not be read: odd", id="unreadable in n8n"
        ),
        pytest.param({"entry": mapped("w1", "orders", "hash-b")}, "does not run what its file says", id="edited"),
        pytest.param({"copy": declared("hash-b")}, "does not run what its file says", id="not promoted there yet"),
        pytest.param({"promotions": ()}, "no completed promotion", id="nothing was promoted there"),
        pytest.param({"promotions": (promotion(brought("hash-b")),)}, "no completed", id="something else was"),
        pytest.param({"promotions": (promotion(brought(None)),)}, "no completed", id="nothing is known of it"),
        pytest.param(
            {"promotions": (promotion(brought(canonical_id="stock")),)}, "no completed", id="another workflow"
        ),
        pytest.param(
            {"promotions": (promotion(brought(change_type=WorkflowChangeType.UNCHANGED)),)}, "no", id="not changed"
        ),
        pytest.param({"promotions": (promotion(at=None),)}, "no completed", id="no time"),
        pytest.param({"promotions": (promotion(at="2026-11-21T09:30:00"),)}, "no completed", id="no time zone"),
        pytest.param({"promotions": (promotion(at="yesterday"),)}, "no completed", id="no time that can be read"),
        pytest.param(
            {"promotions": (promotion(at=EARLY), promotion(brought("hash-b"), at=LATE))}, "no completed", id="over it"
        ),
        pytest.param(
            {"promotions": (promotion(at=LATE), promotion(brought("hash-b"), at=None))}, "no completed", id="no order"
        ),
        pytest.param(
            {"promotions": (promotion(), promotion(status=PromotionStatus.RUNNING, promotion_id="promo-8"))},
            "promo-8 to qa has not ended",
            id="another one runs",
        ),
        pytest.param(
            {"promotions": (promotion(brought(planned_published=content("hash-b"))),)}, "no completed", id="the draft"
        ),
    ],
)
def test_what_is_not_proven_is_not_verified_and_says_why(changes, said) -> None:
    found = verified_before("orders", before(**changes))
    assert not found.is_verified
    assert found.since is None
    assert said in found.reason


@pytest.mark.parametrize("status", [each for each in PromotionStatus if each is not PromotionStatus.COMPLETED])
def test_only_a_completed_promotion_proves_anything(status) -> None:
    assert not verified_before("orders", before(promotions=(promotion(status=status),))).is_verified


def test_a_promotion_that_runs_for_other_workflows_changes_nothing() -> None:
    other = promotion(brought(canonical_id="stock"), status=PromotionStatus.RUNNING)
    assert verified_before("orders", before(promotions=(promotion(), other))).is_verified


@pytest.mark.parametrize("order", [1, -1])
def test_it_runs_since_the_latest_promotion_that_changed_it(order) -> None:
    unchanged = promotion(brought(change_type=WorkflowChangeType.UNCHANGED), at="2026-11-22T00:00:00Z")
    listed = (promotion(brought("hash-b"), at=EARLY), promotion(at=LATE), unchanged)[::order]
    found = verified_before("orders", before(promotions=listed))
    assert found.since == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_a_first_stage_is_verified_by_what_it_runs_and_nobody_knows_since_when() -> None:
    found = verified_before("orders", before(is_first=True, promotions=()))
    assert (found.is_verified, found.since) == (True, None)
    assert "since when" in found.reason
    edited = before(is_first=True, promotions=(), entry=mapped("w1", "orders", "hash-b"))
    assert not verified_before("orders", edited).is_verified


@pytest.mark.parametrize(
    ("file", "runs", "planned", "is_verified"),
    [
        pytest.param("qa-sub", "qa-sub", "qa-sub", True, id="one id"),
        pytest.param("dev-sub", "qa-sub", "qa-sub", True, id="the file says the source's id"),
        pytest.param("qa-sub", "qa-sub", f"{CREATED_PREFIX}sub", True, id="the promotion created it"),
        pytest.param("qa-sub", "qa-sub", f"{CREATED_PREFIX}other", False, id="the promotion created another one"),
        pytest.param("qa-sub", "qa-other", "qa-sub", False, id="n8n calls another one"),
        pytest.param("qa-sub", "qa-sub", "qa-other", False, id="another one was promoted"),
        pytest.param("qa-sub", "foreign", "qa-sub", False, id="n8n calls one that nobody knows"),
    ],
)
def test_what_is_called_has_to_be_the_same(file, runs, planned, is_verified) -> None:
    def calls(workflow_id: str) -> dict[str, Any]:
        return {"workflows": {"Call": workflow_id}}

    known = before(
        copy=declared(references=calls(file)),
        entry=mapped("w1", "orders", env_references=calls(runs)),
        promotions=(promotion(brought(planned=content(**calls(planned)))),),
    )
    assert verified_before("orders", known).is_verified is is_verified


@pytest.mark.parametrize(
    ("changes", "is_verified", "since"),
    [
        pytest.param({}, True, None, id="gone"),
        pytest.param({"copy": declared()}, False, None, id="still in Git"),
        pytest.param({"entry": mapped("w1", "orders")}, False, None, id="still in n8n"),
        pytest.param({"problem": "not checked"}, False, None, id="not known"),
        pytest.param(
            {"promotions": (promotion(brought(None, change_type=WorkflowChangeType.REMOVED)),)},
            True,
            datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            id="removed by a promotion",
        ),
        pytest.param({"promotions": (promotion(),)}, True, None, id="removed by hand after a promotion"),
    ],
)
def test_a_removal_is_verified_where_it_is_gone(changes, is_verified, since) -> None:
    known = before(**{"copy": None, "entry": None, "is_same": None, "promotions": (), **changes})
    found = verified_before("orders", known, is_removal=True)
    assert (found.is_verified, found.since) == (is_verified, since)


def called(workflow_id: str, **more: Any) -> dict[str, Any]:
    document = changed(workflow(), "nodes.3.parameters.workflowId.value", workflow_id)
    return {**document, "settings": {"executionOrder": "v1"}, **more}


MAPPED = changed(called("prod-sub"), "nodes.2.credentials.httpBasicAuth", {"id": "9", "name": "API Auth (prod)"})


@pytest.mark.parametrize(
    ("file", "is_same"),
    [
        pytest.param(MAPPED, True, id="names mapped, other ids"),
        pytest.param(changed(MAPPED, "nodes.5.position", [900, 900]), True, id="moved on the canvas"),
        pytest.param({**MAPPED, "active": False, "tags": []}, True, id="other state beside it"),
        pytest.param(called("prod-sub"), False, id="a name that was not mapped"),
        pytest.param(changed(MAPPED, "nodes.1.parameters.text", "c"), False, id="another parameter"),
        pytest.param(changed(MAPPED, "nodes.3.parameters.workflowId.value", "qa-other"), False, id="another call"),
        pytest.param({**MAPPED, "name": "Customers"}, False, id="another name"),
    ],
)
def test_two_files_say_the_same_when_they_mean_the_same_in_their_stages(file, is_same) -> None:
    assert says_the_same_here(file, before=called("dev-sub"), names=NAMES, anywhere=MEANS.get) is is_same


def test_files_that_are_nested_too_deeply_are_not_known_to_be_the_same() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    file = {**workflow(), "nodes": [node("Deep", parameters={"deep": deep})]}
    assert says_the_same_here(file, before=file, names={}, anywhere=MEANS.get) is None


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"nodes": None}, id="no nodes"),
        pytest.param({"nodes": ["odd", {"credentials": "odd"}, {"credentials": {"a": "odd", "b": {}}}]}, id="odd"),
    ],
)
def test_what_is_odd_stays_as_it_is(document) -> None:
    assert with_mapped_credentials(document, NAMES) == document


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("ABC")), st.sampled_from("abcd"))
def test_a_name_is_mapped_once(names, name) -> None:
    document = workflow(nodes=[node("N", credentials={"t": {"id": "1", "name": name}, "u": {"name": name}})])
    found = with_mapped_credentials(document, names)
    expected = names.get(name, name)
    assert found == workflow(
        nodes=[node("N", credentials={"t": {"id": "1", "name": expected}, "u": {"name": expected}})]
    )
