"""The register: a promotion takes only the steps that follow, and the index names exactly what has not ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.promotion.records import (
    BEGUN,
    DIGEST,
    EMPTY,
    ENDED_AT,
    approval,
    indexed,
    promoted,
    promotion,
    result,
)

from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import ENDED, ExecutionResult, Promotion, PromotionsIndex, PromotionStatus
from workflowops.core.promotion.register import (
    Registered,
    Run,
    approve,
    begin,
    complete,
    create,
    fail,
    hold,
    next_id,
    number_of,
    pass_without_approval,
    plan_changed,
    progress,
    reject,
)
from workflowops.core.promotion.snapshot import StoredSnapshot
from workflowops.errors import BlockedError

PENDING = PromotionStatus.PENDING_APPROVAL
APPROVED = PromotionStatus.APPROVED
RUNNING = PromotionStatus.RUNNING
SNAPSHOT = StoredSnapshot("promo-7-pre", "c" * 40)
SECRET = "ghp_" + "a1B2" * 9
RUN = Run(by="ci", at=BEGUN, url="https://github.com/o/r/actions/runs/1")

Step = Callable[[Promotion, PromotionsIndex], Registered]
STEPS: dict[str, Step] = {
    "approve": lambda one, index: approve(one, approval(), index=index),
    "pass": lambda one, index: pass_without_approval(one, index=index),
    "reject": lambda one, index: reject(one, index=index, by="grace", at=BEGUN, reason="Not now"),
    "hold": lambda one, index: hold(one, index=index, problem="A freeze until Monday"),
    "plan_changed": lambda one, index: plan_changed(one, index=index, problem="n8n moved"),
    "begin": lambda one, index: begin(
        one, index=index, others=(one,), workflows=[promoted()], pre_snapshot=SNAPSHOT, run=RUN
    ),
    "progress": lambda one, index: progress(one, index=index, workflows=[promoted()]),
    "complete": lambda one, index: complete(one, index=index, workflows=[promoted()], result=result(), at=ENDED_AT),
    "fail": lambda one, index: fail(
        one, index=index, workflows=[promoted()], result=result(), at=ENDED_AT, problem="n8n said no"
    ),
}
ALLOWED: dict[PromotionStatus, dict[str, PromotionStatus]] = {
    PENDING: {
        "approve": APPROVED,
        "pass": APPROVED,
        "reject": PromotionStatus.REJECTED,
        "hold": PENDING,
        "plan_changed": PromotionStatus.PLAN_CHANGED,
    },
    APPROVED: {
        "approve": APPROVED,
        "pass": APPROVED,
        "reject": PromotionStatus.REJECTED,
        "hold": APPROVED,
        "plan_changed": PromotionStatus.PLAN_CHANGED,
        "begin": RUNNING,
    },
    RUNNING: {"progress": RUNNING, "complete": PromotionStatus.COMPLETED, "fail": PromotionStatus.ROLLED_BACK},
}


@pytest.mark.parametrize("status", PromotionStatus)
@pytest.mark.parametrize("step", STEPS)
def test_a_promotion_takes_only_the_steps_that_follow(status: PromotionStatus, step: str) -> None:
    before = promotion(status=status)
    expected = ALLOWED.get(status, {}).get(step)
    if expected is None:
        with pytest.raises(BlockedError, match=f"promo-7 cannot .* it is {status.replace('_', ' ')}") as caught:
            STEPS[step](before, indexed(before))
        assert "promote status promo-7" in caught.value.fix
    else:
        taken = STEPS[step](before, indexed(before))
        assert taken.promotion.status is expected
        assert taken.changes[0].before == before


@settings(max_examples=200)
@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=8))
def test_the_index_names_exactly_what_has_not_ended(names: list[str]) -> None:
    registered = create(promotion(), index=EMPTY, others=())
    for name in names:
        try:
            registered = STEPS[name](registered.promotion, registered.index)
        except BlockedError:
            continue
        is_open = registered.promotion.status not in ENDED
        assert registered.index.open == ({"staging": ("promo-1",)} if is_open else {})
        is_completed = registered.promotion.status is PromotionStatus.COMPLETED
        assert registered.index.latest_completed == ({"staging": "promo-1"} if is_completed else {})


# ── new ones ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_are_given_out_once() -> None:
    first = create(promotion("whatever"), index=EMPTY, others=())
    second = create(promotion(workflow_selection=("other",)), index=first.index, others=(first.promotion,))
    assert (first.promotion.promotion_id, second.promotion.promotion_id) == ("promo-1", "promo-2")
    assert second.index.open == {"staging": ("promo-1", "promo-2")}
    assert next_id(second.index) == "promo-3"


def test_an_ended_number_is_not_given_out_again() -> None:
    first = create(promotion(), index=EMPTY, others=())
    ended = reject(first.promotion, index=first.index, by="grace", at=BEGUN, reason=None)
    assert next_id(ended.index) == "promo-2"


@pytest.mark.parametrize(
    ("promotion_id", "number"), [("promo-7", 7), ("promo-", 0), ("promo-x", 0), ("7", 0), ("promo-²", 0), ("", 0)]
)
def test_a_number_is_read_from_an_id(promotion_id: str, number: int) -> None:
    assert number_of(promotion_id) == number


def test_open_ones_are_listed_oldest_first_by_number() -> None:
    index = replace(indexed(promotion("promo-9", workflow_selection=("a",))), last=9)
    taken = create(promotion(workflow_selection=("b",)), index=index, others=())
    assert taken.index.open == {"staging": ("promo-9", "promo-10")}


@pytest.mark.parametrize("status", [each for each in PromotionStatus if each not in {PENDING, APPROVED}])
def test_only_one_that_waits_can_be_new(status: PromotionStatus) -> None:
    with pytest.raises(BlockedError):
        create(promotion(status=status), index=EMPTY, others=())


SUPERSEDING = [
    pytest.param({}, {}, True, id="same workflow"),
    pytest.param({"status": APPROVED}, {}, True, id="approved one"),
    pytest.param({"workflow_selection": ("a", "b")}, {"workflow_selection": ("b", "c")}, True, id="overlap"),
    pytest.param({"workflow_selection": ("a",)}, {"workflow_selection": ("b",)}, False, id="other workflows"),
    pytest.param({"target_stage": "prod"}, {}, False, id="other target"),
    pytest.param({"status": RUNNING}, {}, False, id="running"),
    pytest.param({"status": PromotionStatus.COMPLETED}, {}, False, id="completed"),
    pytest.param({"status": PromotionStatus.REJECTED}, {}, False, id="rejected"),
    pytest.param({}, {"kind": PromotionKind.ROLLBACK}, False, id="a rollback does not replace a promotion"),
    pytest.param({"kind": PromotionKind.ROLLBACK}, {}, False, id="a promotion does not replace a rollback"),
    pytest.param({"kind": PromotionKind.ROLLBACK}, {"kind": PromotionKind.ROLLBACK}, True, id="a rollback again"),
]


@pytest.mark.parametrize(("older", "newer", "is_superseded"), SUPERSEDING)
def test_a_newer_one_supersedes_what_waits_for_the_same(
    older: dict[str, Any], newer: dict[str, Any], is_superseded: bool
) -> None:
    waiting = promotion(**older)
    taken = create(promotion(**newer), index=indexed(waiting), others=(waiting,))
    passed = {each.after.promotion_id: each.after for each in taken.changes[1:]}
    assert set(passed) == ({"promo-7"} if is_superseded else set())
    assert taken.promotion.promotion_id == "promo-8"
    assert ("promo-7" in taken.index.open.get(waiting.target_stage, ())) is not is_superseded
    for each in passed.values():
        assert (each.status, each.superseded_by) == (PromotionStatus.SUPERSEDED, "promo-8")


# ── approval ────────────────────────────────────────────────────────────────────────────────────────────────────────


def approved(one: Promotion, *approvals: Any, is_enough: bool = True) -> Promotion:
    for each in approvals:
        one = approve(one, each, index=indexed(one), is_enough=is_enough).promotion
    return one


def test_who_approved_when_and_what_they_said_is_kept() -> None:
    after = approved(promotion(), approval())
    assert (after.approved_by, after.approved_at, after.approval_comment) == (
        "grace",
        "2026-01-14T10:35:00Z",
        "Looks good",
    )
    assert after.approvals == (approval(),)


def test_an_approval_that_is_not_enough_is_kept_and_waits() -> None:
    after = approved(promotion(), approval(), is_enough=False)
    assert (after.status, after.approved_by, after.approvals) == (PENDING, None, (approval(),))


def test_the_same_person_counts_once_for_each_proof() -> None:
    again = approval(comment="Still good")
    other = approval(proof="environment", plan_digest=None)
    after = approved(promotion(), approval(), approval("linus"), again, other)
    assert after.approvals == (approval("linus"), again, other)


def test_a_login_in_other_letters_is_the_same_person() -> None:
    after = approved(promotion(), approval("lea"), approval("LEA"))
    assert after.approvals == (approval("LEA"),)


def test_an_approval_of_another_plan_is_refused() -> None:
    with pytest.raises(BlockedError, match=r"e{12};.*dddddddddddd"):
        approve(promotion(), approval(plan_digest="e" * 64), index=EMPTY)


def test_the_beginning_of_a_digest_is_not_the_digest() -> None:
    with pytest.raises(BlockedError):
        approve(promotion(), approval(plan_digest=DIGEST[:12]), index=EMPTY)


def test_an_approval_by_a_reviewer_of_the_environment_names_no_plan() -> None:
    given_approval = approval(plan_digest=None, proof="environment")
    assert approved(promotion(), given_approval).status is APPROVED


def test_an_approval_by_comment_names_its_plan() -> None:
    with pytest.raises(BlockedError, match="names no plan"):
        approve(promotion(), approval(plan_digest=None), index=EMPTY)


# ── carrying it out ─────────────────────────────────────────────────────────────────────────────────────────────────


def running(**changes: Any) -> Promotion:
    before = promotion(status=APPROVED, **changes)
    return STEPS["begin"](before, indexed(before)).promotion


def test_the_beginning_names_run_snapshot_and_workflows() -> None:
    after = running(problem="A freeze until Monday")
    assert (after.execution_started_at, after.executed_by, after.run_url) == (BEGUN, "ci", RUN.url)
    assert after.execution_result == ExecutionResult(
        target_pre_snapshot_id="promo-7-pre", target_pre_snapshot_commit="c" * 40
    )
    assert after.workflows == (promoted(),)
    assert after.problem is None


def test_one_promotion_runs_on_a_target_at_a_time() -> None:
    first, second = running(), promotion("promo-8", status=APPROVED)
    with pytest.raises(BlockedError, match="promo-7 is running on staging"):
        begin(second, index=EMPTY, others=(second, first), workflows=(), pre_snapshot=SNAPSHOT, run=RUN)


def test_one_that_runs_elsewhere_is_nobodys_business() -> None:
    first, second = running(target_stage="prod"), promotion("promo-8", status=APPROVED)
    after = begin(second, index=EMPTY, others=(first, second), workflows=(), pre_snapshot=SNAPSHOT, run=RUN)
    assert after.promotion.status is RUNNING


def test_a_completed_promotion_keeps_its_result() -> None:
    before = running()
    after = complete(before, index=indexed(before), workflows=[promoted()], result=result(), at=ENDED_AT).promotion
    assert (after.execution_result, after.execution_completed_at) == (result(), ENDED_AT)


def test_a_failure_that_left_something_behind_is_told_as_such() -> None:
    left = result(rollback_performed=True, not_as_before=("Orders (wf-1): n8n refuses the old version",))
    before = running()
    after = fail(before, index=indexed(before), workflows=(), result=left, at=ENDED_AT, problem="503").promotion
    assert after.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert after.execution_result == left
    assert after.problem == "503"


def test_a_failure_does_not_become_the_latest_completed_one() -> None:
    before = running()
    index = replace(indexed(before), latest_completed={"staging": "promo-3"})
    assert STEPS["fail"](before, index).index.latest_completed == {"staging": "promo-3"}
    assert STEPS["complete"](before, index).index.latest_completed == {"staging": "promo-7"}


def test_a_rollback_tells_the_promotion_that_it_took_back() -> None:
    older = promotion("promo-3", status=PromotionStatus.COMPLETED)
    before = running(kind=PromotionKind.ROLLBACK, rolls_back="promo-3")
    taken = complete(before, index=indexed(before), workflows=(), result=result(), at=ENDED_AT, undone=older)
    assert [each.after.promotion_id for each in taken.changes] == ["promo-7", "promo-3"]
    assert taken.changes[1].after == replace(older, rolled_back_by="promo-7")
    assert taken.index.open == {}


def test_a_rollback_takes_back_only_the_one_it_names() -> None:
    with pytest.raises(BlockedError, match="takes back None, not promo-3"):
        complete(running(), index=EMPTY, workflows=(), result=result(), at=ENDED_AT, undone=promotion("promo-3"))


TEXTS: list[Any] = [
    pytest.param(lambda: approved(promotion(), approval(comment=f"ok {SECRET}")), id="approval"),
    pytest.param(lambda: reject(promotion(), index=EMPTY, by="a", at=BEGUN, reason=SECRET).promotion, id="rejection"),
    pytest.param(lambda: hold(promotion(), index=EMPTY, problem=SECRET).promotion, id="hold"),
    pytest.param(lambda: plan_changed(promotion(), index=EMPTY, problem=SECRET).promotion, id="plan changed"),
    pytest.param(
        lambda: (
            fail(
                running(),
                index=EMPTY,
                workflows=(),
                result=result(not_as_before=(f"Orders {SECRET}",)),
                at=ENDED_AT,
                problem=f"n8n: {SECRET}",
            ).promotion
        ),
        id="failure",
    ),
]


@pytest.mark.parametrize("make", TEXTS)
def test_no_secret_stays_in_a_record(make: Callable[[], Promotion]) -> None:
    assert SECRET not in repr(make())
    assert "***" in repr(make())
