"""The gates: what each lets through, what it refuses, and that nothing unknown passes any of them."""

from collections import Counter
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.configuration import Approval, Gates
from workflowops.core.incident.policy import Role
from workflowops.core.promotion.approval import counted
from workflowops.core.promotion.finding import GateResult, GateStatus, GateType
from workflowops.core.promotion.gates import GATES, GateFacts, Verified, evaluate_gates
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import ApprovalGiven, LockFile
from workflowops.core.promotion.review import Checks, CheckState, Protection, RunApproval

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
DIGEST = "d" * 64
PASSED, PENDING, FAILED = GateStatus.PASSED, GateStatus.PENDING, GateStatus.FAILED
EVERYTHING = Gates(
    approval=Approval.ENVIRONMENT,
    min_approvals=2,
    four_eyes=True,
    require_all_tests_passed=True,
    verified_in_previous=True,
    soak_hours=24,
    freeze=("Fri 16:00-Mon 08:00 Europe/Berlin",),
)
GUARDED = Protection(exists=True, reviewers=("rita", "team:leads"))


def by_comment(login: str = "carl", *, digest: str | None = DIGEST, proof: str = "comment") -> ApprovalGiven:
    return ApprovalGiven(by=login, at="2026-11-23T10:00:00Z", plan_digest=digest, proof=proof)


def in_run(login: str = "rita", *environments: str, is_approved: bool = True) -> RunApproval:
    return RunApproval(by=login, is_approved=is_approved, comment="", environments=environments or ("prod",))


def facts(gates: Gates | None = None, **changes: Any) -> GateFacts:
    """Everything as it should be, in the job that writes, for gates that ask for everything."""
    asked: dict[str, Any] = {
        "gates": EVERYTHING if gates is None else gates,
        "target_stage": "prod",
        "pipeline_id": "default",
        "is_pipeline_enabled": True,
        "is_stage_enabled": True,
        "plan_digest": DIGEST,
        "changed": {"c1": "Orders"},
        "author": "anna",
        "merged_by": "mike",
        "is_reviewed": True,
        "allow_unreviewed": False,
        "checks": Checks({"test": CheckState.PASSED}),
        "protection": GUARDED,
        "is_every_author_known": True,
        "run_approvals": (in_run(),),
        "earlier_approvals": (),
        "approvals": (by_comment(),),
        "roles": {"carl": Role.WRITE},
        "lock": None,
        "verified": {"c1": Verified(is_verified=True, since=NOW - timedelta(hours=24))},
        "now": NOW,
        "is_execution": True,
    }
    return GateFacts(**{**asked, **changes})


def result(gate: GateType, asked: GateFacts) -> GateResult:
    return next(each for each in evaluate_gates(asked) if each.gate_type is gate)


def refused(asked: GateFacts) -> set[GateType]:
    return {each.gate_type for each in evaluate_gates(asked) if each.status is not PASSED}


def test_everything_as_it_should_be_passes_every_gate() -> None:
    results = evaluate_gates(facts())
    assert [each.status for each in results] == [PASSED] * len(results)
    assert all(each.required for each in results)


def test_every_gate_is_asked_once_whatever_the_others_say() -> None:
    locked = LockFile(locked_by="lena", locked_at="2026-11-23T09:00:00Z", reason="audit")
    asked = facts(
        protection=None, run_approvals=None, approvals=(), checks=None, verified=None, is_reviewed=None, author=None,
        merged_by=None, lock=locked, is_pipeline_enabled=False, now=NOW.replace(hour=3),
    )  # fmt: skip
    assert [each.gate_type for each in evaluate_gates(asked)] == list(GATES)
    assert set(GATES) == set(GateType)
    assert refused(asked) == set(GateType)


def test_gates_that_nothing_asks_for_pass_and_say_that_they_are_not_required() -> None:
    asked = facts(Gates(), protection=None, run_approvals=None, approvals=(), checks=None, verified=None, author=None)
    results = {each.gate_type: each for each in evaluate_gates(asked)}
    assert {each.status for each in results.values()} == {PASSED}
    assert {gate for gate, each in results.items() if each.required} == {
        GateType.ENTITLEMENT, GateType.LOCK, GateType.REVIEWED,
    }  # fmt: skip


@pytest.mark.parametrize("is_execution", [True, False])
@pytest.mark.parametrize(
    ("changes", "gates"),
    [
        pytest.param({"protection": None}, {GateType.REQUIRE_APPROVAL, GateType.MIN_APPROVALS}, id="protection"),
        pytest.param(
            {"protection": Protection(exists=True, reviewers=("rita",), problem="403")},
            {GateType.REQUIRE_APPROVAL, GateType.MIN_APPROVALS},
            id="a protection that could not be read",
        ),
        pytest.param({"run_approvals": None}, {GateType.REQUIRE_APPROVAL, GateType.MIN_APPROVALS}, id="run approvals"),
        pytest.param({"roles": {}}, {GateType.MIN_APPROVALS}, id="roles"),
        pytest.param({"author": None}, {GateType.FOUR_EYES, GateType.MIN_APPROVALS}, id="author"),
        pytest.param({"author": ""}, {GateType.FOUR_EYES}, id="an author without a name"),
        pytest.param({"merged_by": None}, {GateType.FOUR_EYES}, id="who merged"),
        pytest.param({"is_reviewed": None}, {GateType.REVIEWED}, id="pull request"),
        pytest.param({"checks": None}, {GateType.REQUIRE_ALL_TESTS_PASSED}, id="checks"),
        pytest.param({"verified": None}, {GateType.VERIFIED_IN_PREVIOUS, GateType.SOAK}, id="the stage before"),
        pytest.param({"verified": {}}, {GateType.VERIFIED_IN_PREVIOUS, GateType.SOAK}, id="a workflow there"),
        pytest.param({"verified": {"c1": Verified(is_verified=True)}}, {GateType.SOAK}, id="since when"),
        pytest.param({"plan_digest": ""}, {GateType.MIN_APPROVALS}, id="the plan's digest"),
    ],
)
def test_what_is_not_known_never_passes(changes, gates, is_execution) -> None:
    found = refused(facts(**changes, is_execution=is_execution))
    assert gates <= found
    assert found <= gates | (set() if is_execution else {GateType.REQUIRE_APPROVAL, GateType.MIN_APPROVALS})


def test_without_what_github_knows_nothing_is_written_and_before_that_it_is_waited_for() -> None:
    unknown = {"protection": None, "run_approvals": None, "checks": None, "verified": None, "is_reviewed": None}
    at_once = {each.gate_type: each.status for each in evaluate_gates(facts(**unknown))}
    before = {each.gate_type: each.status for each in evaluate_gates(facts(**unknown, is_execution=False))}
    asked = {
        GateType.REQUIRE_APPROVAL, GateType.REQUIRE_ALL_TESTS_PASSED, GateType.VERIFIED_IN_PREVIOUS, GateType.SOAK,
        GateType.REVIEWED,
    }  # fmt: skip
    assert {at_once[gate] for gate in asked} == {FAILED}
    assert {before[gate] for gate in asked} == {PENDING}


ENVIRONMENT = Gates(approval=Approval.ENVIRONMENT)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        pytest.param({}, PASSED, "`rita` approved this run", id="a listed reviewer"),
        pytest.param({"run_approvals": (in_run("RITA", "Prod"),)}, PASSED, "`RITA`", id="in another case"),
        pytest.param({"run_approvals": (in_run("rita", "qa", "prod"),)}, PASSED, "`rita`", id="several environments"),
        pytest.param(
            {"run_approvals": (in_run("tom"),), "memberships": {"Tom": ("team:leads",)}},
            PASSED,
            "`tom`",
            id="a proven member of a listed team",
        ),
        pytest.param(
            {"protection": Protection(exists=True)}, FAILED, "has no required reviewers", id="nobody has to approve"
        ),
        pytest.param(
            {"protection": Protection(exists=False)}, FAILED, "does not exist", id="there is no such environment"
        ),
        pytest.param(
            {"protection": Protection(exists=False, reviewers=("rita",))}, FAILED, "does not exist", id="contradictory"
        ),
        pytest.param({"protection": None}, FAILED, "not known: it was not asked", id="protection not asked"),
        pytest.param(
            {"protection": Protection(problem="403 Forbidden")}, FAILED, "not known: 403 Forbidden", id="not readable"
        ),
        pytest.param({"run_approvals": None}, FAILED, "is not known", id="approvals not asked"),
        pytest.param({"run_approvals": ()}, FAILED, "No required reviewer", id="nobody approved"),
        pytest.param(
            {"run_approvals": (in_run("rita", "staging"),)}, FAILED, "No required", id="another environment's approval"
        ),
        pytest.param(
            {"run_approvals": (in_run("adam"),)},
            FAILED,
            "`adam` does not count: not known to be a required reviewer.",
            id="an administrator who passed the rule by",
        ),
        pytest.param(
            {"run_approvals": (in_run("tom"),), "memberships": {"tom": ("team:others",)}},
            FAILED,
            "`tom` does not count",
            id="a member of another team",
        ),
        pytest.param(
            {"run_approvals": (in_run("tom"),), "memberships": {"tim": ("team:leads",)}},
            FAILED,
            "`tom` does not count",
            id="somebody else is a member",
        ),
        pytest.param(
            {"run_approvals": (in_run("tom"),), "protection": Protection(exists=True, reviewers=("rita",)),
             "memberships": {"tom": ("team:leads",)}},
            FAILED,
            "`tom` does not count: not a required reviewer.",
            id="a team that is not asked for",
        ),
        pytest.param(
            {"run_approvals": (in_run("team:leads"),)}, FAILED, "does not count", id="a login that looks like a team"
        ),
        pytest.param(
            {"run_approvals": (in_run(), in_run("tom", is_approved=False))}, FAILED, "`tom` rejected", id="rejected"
        ),
        pytest.param(
            {"run_approvals": (in_run(is_approved=False), in_run())}, FAILED, "rejected", id="rejected and approved"
        ),
        pytest.param(
            {"run_approvals": (in_run(), in_run("tom", "qa", is_approved=False))},
            PASSED,
            "`rita`",
            id="another environment rejected",
        ),
        pytest.param({"run_approvals": (), "approvals": (by_comment(),)}, FAILED, "No required", id="a comment alone"),
        pytest.param(
            {"run_approvals": (), "approvals": (by_comment("rita", proof="environment"),)},
            FAILED,
            "No required",
            id="a record that says so",
        ),
        pytest.param({"is_execution": False}, PENDING, "Waits for", id="before the job"),
        pytest.param(
            {"is_execution": False, "protection": Protection(exists=True)}, FAILED, "no approval", id="seen beforehand"
        ),
        pytest.param({"author": "rita"}, PASSED, "`rita`", id="the author, where one person is enough"),
        pytest.param(
            {"earlier_approvals": ("Rita",)}, FAILED, "before the promotion was recorded", id="a word from before"
        ),
        pytest.param(
            {"earlier_approvals": ("rita",), "run_approvals": (in_run(), in_run("mia"))},
            FAILED,
            "`mia` does not count: not known to be",
            id="a word from before and somebody else's",
        ),
        pytest.param(
            {"earlier_approvals": ("rita",), "run_approvals": (in_run(), in_run())}, PASSED, "`rita`", id="again"
        ),
        pytest.param(
            {"earlier_approvals": ("rita", "rita"), "run_approvals": (in_run(), in_run())},
            FAILED,
            "before the promotion was recorded",
            id="approved twice before",
        ),
        pytest.param({"earlier_approvals": ("tom",)}, PASSED, "`rita`", id="somebody else's word from before"),
    ],
)  # fmt: skip
def test_an_approval_by_environment_is_a_reviewers_word_on_this_run(changes, status, said) -> None:
    found = result(GateType.REQUIRE_APPROVAL, facts(ENVIRONMENT, **changes))
    assert (found.status, found.required) == (status, True)
    assert said in found.message
    assert bool(found.fix) is (status is not PASSED)


COMMENTS = Gates(approval=Approval.COMMENTS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"approvals": ()}, "Nobody has approved", id="nobody"),
        pytest.param({"approvals": (by_comment(digest="e" * 64),)}, "approved another plan", id="another plan"),
        pytest.param({"approvals": (by_comment(digest=DIGEST[:12]),)}, "another plan", id="a part of the digest"),
        pytest.param({"approvals": (by_comment(digest=None),)}, "another plan", id="no digest"),
        pytest.param({"approvals": (by_comment(digest=""),), "plan_digest": ""}, "another plan", id="two empty ones"),
        pytest.param({"author": "Carl"}, "wrote the change", id="the author"),
        pytest.param({"also_wrote": ("CARL",)}, "wrote the change", id="who asked for it"),
        pytest.param({"author": None}, "is not known", id="the author is not known"),
        pytest.param({"roles": {}}, "is not known", id="a role is not known"),
        pytest.param({"roles": {"carl": Role.TRIAGE}}, "without write access", id="no write access"),
        pytest.param({"roles": {"carl": Role.WRITE, "Carl": Role.READ}}, "without write", id="two roles"),
        pytest.param({"approvals": (by_comment("ci[bot]"),), "roles": {"ci[bot]": Role.ADMIN}}, "person", id="a bot"),
        pytest.param({"approvals": (by_comment(proof="environment"),)}, "Nobody", id="no comment"),
        pytest.param({"approvals": (), "run_approvals": (in_run(),)}, "Nobody", id="an environment's reviewer"),
    ],
)
@pytest.mark.parametrize("is_execution", [True, False])
def test_a_comment_that_does_not_count_is_waited_past(changes, said, is_execution) -> None:
    found = result(GateType.REQUIRE_APPROVAL, facts(COMMENTS, **changes, is_execution=is_execution))
    assert found.status is PENDING
    assert said in found.message
    assert "/approve" in found.fix


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="somebody who may write"),
        pytest.param({"roles": {"CARL": Role.ADMIN}}, id="in another case"),
        pytest.param({"author": "anna", "merged_by": "carl"}, id="who merged, where one person is enough"),
        pytest.param({"protection": None, "run_approvals": None}, id="without environments"),
    ],
)
def test_a_comment_counts_that_gives_exactly_this_plan(changes) -> None:
    found = result(GateType.REQUIRE_APPROVAL, facts(COMMENTS, **changes))
    assert (found.status, found.message) == (PASSED, "`carl` approved this plan by comment.")


TWO_BY_COMMENT = replace(COMMENTS, min_approvals=2)
TWO = replace(ENVIRONMENT, min_approvals=2)
WRITERS = {"carl": Role.WRITE, "cora": Role.MAINTAIN, "rita": Role.WRITE}


@pytest.mark.parametrize(
    ("gates", "changes", "status", "said"),
    [
        pytest.param(COMMENTS, {"approvals": ()}, PASSED, "One approval is enough", id="one is the other gate's"),
        pytest.param(TWO_BY_COMMENT, {}, PENDING, "1 of 2 people approved: `carl`.", id="one of two"),
        pytest.param(
            TWO_BY_COMMENT, {"approvals": (by_comment(), by_comment("CARL"))}, PENDING, "1 of 2", id="one twice"
        ),
        pytest.param(
            TWO_BY_COMMENT, {"approvals": (by_comment(), by_comment("cora"))}, PASSED, "`carl`, `cora`", id="two"
        ),
        pytest.param(
            TWO_BY_COMMENT,
            {"approvals": (by_comment(), by_comment("cora", digest="e"))},
            PENDING,
            "`cora` does not count: approved another plan.",
            id="two plans",
        ),
        pytest.param(
            TWO_BY_COMMENT, {"approvals": (by_comment(), by_comment("anna"))}, PENDING, "1 of 2", id="with the author"
        ),
        pytest.param(TWO, {}, PASSED, "`rita`, `carl` approved; 2", id="a reviewer and a comment"),
        pytest.param(TWO, {"approvals": ()}, PENDING, "1 of 2 people approved: `rita`.", id="the reviewer alone"),
        pytest.param(
            TWO, {"approvals": (by_comment("Rita"),)}, PENDING, "1 of 2", id="a reviewer who comments as well"
        ),
        pytest.param(
            TWO, {"approvals": (by_comment(),), "run_approvals": ()}, PENDING, "1 of 2", id="the comment alone"
        ),
        pytest.param(
            TWO, {"protection": Protection(exists=True)}, PENDING, "1 of 2", id="an environment without reviewers"
        ),
        pytest.param(TWO, {"run_approvals": (), "approvals": ()}, PENDING, "0 of 2 people approved.", id="nobody"),
    ],
)
def test_so_many_people_approve(gates, changes, status, said) -> None:
    found = result(GateType.MIN_APPROVALS, facts(gates, **{"roles": WRITERS, **changes}))
    assert found.status is status
    assert said in found.message


FOUR = replace(ENVIRONMENT, four_eyes=True)
FOUR_BY_COMMENT = replace(COMMENTS, four_eyes=True)
DIRECT = {"is_reviewed": False, "allow_unreviewed": True, "merged_by": None}


@pytest.mark.parametrize(
    ("gates", "changes", "status"),
    [
        pytest.param(FOUR, {}, PASSED, id="a third person"),
        pytest.param(FOUR, {"author": "rita", "approvals": ()}, FAILED, id="the author approved"),
        pytest.param(FOUR, {"merged_by": "Rita", "approvals": ()}, FAILED, id="who merged approved"),
        pytest.param(FOUR, {"also_wrote": ["rita"], "approvals": ()}, FAILED, id="who asked for it approved"),
        pytest.param(FOUR, {"author": "rita", "approvals": (), "is_execution": False}, PENDING, id="before the job"),
        pytest.param(FOUR, {"is_every_author_known": False}, FAILED, id="a commit by somebody unknown"),
        pytest.param(
            FOUR,
            {"is_every_author_known": False, "is_execution": False},
            PENDING,
            id="somebody unknown, before the job",
        ),
        pytest.param(FOUR, {"author": None}, FAILED, id="author not known"),
        pytest.param(FOUR, {"merged_by": None}, FAILED, id="merger not known"),
        pytest.param(FOUR, {"merged_by": None, "is_reviewed": False}, FAILED, id="unreviewed and not allowed"),
        pytest.param(FOUR, DIRECT, PASSED, id="nothing to merge"),
        pytest.param(FOUR, {"merged_by": None, "kind": PromotionKind.ROLLBACK}, PASSED, id="a rollback"),
        pytest.param(FOUR, {"merged_by": None, "kind": PromotionKind.REVERSAL}, PASSED, id="a reversal"),
        pytest.param(FOUR, {"author": "rita", "kind": PromotionKind.ROLLBACK, "approvals": ()}, FAILED, id="one's own"),
        pytest.param(FOUR_BY_COMMENT, {}, PASSED, id="a third person by comment"),
        pytest.param(FOUR_BY_COMMENT, {"merged_by": "carl"}, PENDING, id="who merged commented"),
        pytest.param(Gates(four_eyes=True), {}, FAILED, id="nobody is asked"),
    ],
)
def test_four_eyes(gates, changes, status) -> None:
    asked = facts(gates, **changes)
    found = result(GateType.FOUR_EYES, asked)
    assert (found.status, found.required) == (status, True)
    if status is not PASSED:
        assert refused(asked)


def test_who_wrote_every_commit_has_to_be_known_for_four_eyes_alone() -> None:
    asked = facts(replace(COMMENTS, four_eyes=False), is_every_author_known=False)
    assert refused(asked) == set()


def test_with_four_eyes_the_approval_of_the_author_is_none_at_all() -> None:
    asked = facts(FOUR, author="rita", approvals=())
    assert counted(asked).people == ()
    assert result(GateType.REQUIRE_APPROVAL, asked).status is FAILED


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        pytest.param({}, PASSED, "`test`", id="passed"),
        pytest.param({"checks": Checks()}, FAILED, "No check ran", id="none ran"),
        pytest.param({"checks": Checks(), "is_execution": False}, PENDING, "No check ran", id="none ran yet"),
        pytest.param(
            {"checks": Checks({"a": CheckState.PASSED, "b": CheckState.PENDING})}, PENDING, "`b`", id="one runs"
        ),
        pytest.param(
            {"checks": Checks({"a": CheckState.FAILED, "b": CheckState.PENDING})}, FAILED, "`a`", id="one failed"
        ),
        pytest.param(
            {"checks": Checks({f"check {n:02}": CheckState.FAILED for n in range(30)})},
            FAILED,
            "`check 09` and 20 more",
            id="many",
        ),
        pytest.param({"checks": None, "kind": PromotionKind.ROLLBACK}, PASSED, "rollback", id="a rollback"),
        pytest.param({"checks": None, "kind": PromotionKind.REVERSAL}, PASSED, "reversal", id="a reversal"),
    ],
)
def test_all_checks_have_passed(changes, status, said) -> None:
    found = result(GateType.REQUIRE_ALL_TESTS_PASSED, facts(**changes))
    assert found.status is status
    assert said in found.message


TWO_CHANGED = {"changed": {"c1": "Orders", "c2": "Stock"}}
THERE = Verified(is_verified=True, since=NOW - timedelta(hours=24))


@pytest.mark.parametrize(
    ("changes", "verified", "soaked"),
    [
        pytest.param({}, PASSED, PASSED, id="for exactly as long as asked"),
        pytest.param({"changed": {}, "verified": {}}, PASSED, PASSED, id="nothing changes"),
        pytest.param({"now": NOW - timedelta(seconds=1)}, PASSED, PENDING, id="a second too early"),
        pytest.param({"now": NOW - timedelta(days=2)}, PASSED, PENDING, id="completed in the future"),
        pytest.param({**TWO_CHANGED}, FAILED, FAILED, id="one of two was not looked up"),
        pytest.param(
            {**TWO_CHANGED, "verified": {"c1": THERE, "c2": Verified(is_verified=False, since=THERE.since)}},
            FAILED,
            FAILED,
            id="one of two is another version",
        ),
        pytest.param(
            {**TWO_CHANGED, "verified": {"c1": THERE, "c2": replace(THERE, since=NOW - timedelta(hours=1))}},
            PASSED,
            PENDING,
            id="one of two is new there",
        ),
        pytest.param({"verified": {"c1": replace(THERE, since=None)}}, PASSED, FAILED, id="nobody knows since when"),
        pytest.param({"verified": None, "kind": PromotionKind.ROLLBACK}, PASSED, PASSED, id="a rollback"),
        pytest.param({"verified": None, "kind": PromotionKind.REVERSAL}, PASSED, PASSED, id="a reversal"),
    ],
)
def test_the_stage_before_runs_the_same_for_long_enough(changes, verified, soaked) -> None:
    asked = facts(**changes)
    assert result(GateType.VERIFIED_IN_PREVIOUS, asked).status is verified
    assert result(GateType.SOAK, asked).status is soaked


def test_what_is_not_verified_is_named_with_the_reason() -> None:
    asked = facts(changed={"c1": "Orders"}, verified={"c1": Verified(is_verified=False, reason="edited in n8n")})
    message = "Not verified in the stage before: `Orders` (edited in n8n)."
    assert result(GateType.VERIFIED_IN_PREVIOUS, asked).message == message


def test_a_soak_says_until_when() -> None:
    found = result(GateType.SOAK, facts(now=NOW - timedelta(hours=3)))
    assert "for 24 hours, which is until 2026-11-23T12:00:00Z" in found.message


@pytest.mark.parametrize(
    ("windows", "now", "changes", "status", "said"),
    [
        pytest.param(EVERYTHING.freeze, NOW.replace(hour=6), {}, PENDING, "until 2026-11-23T07:00:00Z", id="frozen"),
        pytest.param(EVERYTHING.freeze, NOW.replace(hour=7), {}, PASSED, "not frozen", id="over"),
        pytest.param(("Mon 00:00-Tue 00:00 Mars/Olympus",), NOW, {}, FAILED, "Mars/Olympus", id="an unknown zone"),
        pytest.param(("weekends",), NOW, {}, FAILED, "not known", id="unreadable"),
        pytest.param(
            ("Tue 00:00-Wed 00:00 UTC", "Mon 00:00-Tue 00:00 Mars/Olympus"), NOW, {}, FAILED, "Mars", id="one of two"
        ),
        pytest.param(
            EVERYTHING.freeze,
            NOW.replace(hour=6),
            {"kind": PromotionKind.ROLLBACK},
            PASSED,
            "rollback",
            id="a rollback",
        ),
        pytest.param(
            EVERYTHING.freeze,
            NOW.replace(hour=6),
            {"kind": PromotionKind.REVERSAL},
            PASSED,
            "reversal",
            id="a reversal",
        ),
    ],
)
def test_a_freeze(windows, now, changes, status, said) -> None:
    found = result(GateType.FREEZE, facts(Gates(freeze=windows), now=now, **changes))
    assert found.status is status
    assert said in found.message


@pytest.mark.parametrize(
    ("changes", "status", "is_required"),
    [
        pytest.param({}, PASSED, True, id="merged"),
        pytest.param({"is_reviewed": False}, FAILED, True, id="pushed"),
        pytest.param({"is_reviewed": None}, FAILED, True, id="not known"),
        pytest.param({"is_reviewed": None, "is_execution": False}, PENDING, True, id="not merged yet"),
        pytest.param({"is_reviewed": False, "is_execution": False}, FAILED, True, id="pushed, seen beforehand"),
        pytest.param({"is_reviewed": False, "allow_unreviewed": True}, PASSED, False, id="pushed, and allowed"),
        pytest.param({"is_reviewed": None, "kind": PromotionKind.ROLLBACK}, PASSED, False, id="a rollback"),
        pytest.param({"is_reviewed": None, "kind": PromotionKind.REVERSAL}, PASSED, False, id="a reversal"),
    ],
)
def test_a_merged_pull_request_stands_behind_it(changes, status, is_required) -> None:
    found = result(GateType.REVIEWED, facts(**changes))
    assert (found.status, found.required) == (status, is_required)


@pytest.mark.parametrize("kind", PromotionKind)
def test_a_lock_stops_everything_and_says_who_and_why(kind) -> None:
    locked = LockFile(locked_by="lena", locked_at="2026-11-23T09:00:00Z", reason="audit `week`")
    found = result(GateType.LOCK, facts(lock=locked, kind=kind))
    assert found.status is FAILED
    assert found.message == "`lena` locked `prod` at 2026-11-23T09:00:00Z: `audit 'week'`."
    assert "/unlock prod" in found.fix


@pytest.mark.parametrize(
    ("pipeline", "stage", "said"),
    [
        pytest.param(False, True, "the pipeline `default`.", id="pipeline"),
        pytest.param(True, False, "the stage `prod`.", id="stage"),
        pytest.param(False, False, "the pipeline `default` and the stage `prod`.", id="both"),
    ],
)
@pytest.mark.parametrize("kind", PromotionKind)
def test_what_is_switched_off_is_not_promoted(pipeline, stage, said, kind) -> None:
    found = result(GateType.ENTITLEMENT, facts(is_pipeline_enabled=pipeline, is_stage_enabled=stage, kind=kind))
    assert found.status is FAILED
    assert found.message.endswith(said)


@pytest.mark.parametrize("kind", PromotionKind)
def test_every_kind_of_promotion_takes_an_approval(kind) -> None:
    assert GateType.REQUIRE_APPROVAL in refused(facts(kind=kind, run_approvals=(), approvals=()))


LOGINS = st.sampled_from(["anna", "Anna", "mike", "rita", "RITA", "carl", "tom", "ci[bot]"])
COMMENTED = st.builds(by_comment, LOGINS, digest=st.sampled_from([DIGEST, "e" * 64, "", None]))
SAID = st.builds(
    in_run, LOGINS, st.sampled_from(["prod", "Prod", "staging"]), is_approved=st.sampled_from([True, True, False])
)
GUARDS = st.sampled_from([
    None, GUARDED, Protection(), Protection(exists=True), Protection(exists=True, reviewers=("team:leads",)),
    Protection(exists=True, reviewers=("rita",), problem="404"), Protection(exists=True, reviewers=("anna",)),
])  # fmt: skip
WORLDS = st.fixed_dictionaries({
    "protection": GUARDS,
    "run_approvals": st.none() | st.lists(SAID, max_size=3),
    "approvals": st.lists(COMMENTED, max_size=3),
    "roles": st.dictionaries(LOGINS, st.sampled_from(Role), max_size=4),
    "memberships": st.dictionaries(LOGINS, st.sampled_from([("team:leads",), ("team:others",), ()]), max_size=2),
    "earlier_approvals": st.lists(LOGINS, max_size=2),
    "author": st.sampled_from(["anna", "rita", None]),
    "plan_digest": st.sampled_from([DIGEST, ""]),
})  # fmt: skip
ASKED = st.builds(
    Gates,
    approval=st.sampled_from([Approval.ENVIRONMENT, Approval.COMMENTS]),
    min_approvals=st.integers(1, 3),
    four_eyes=st.booleans(),
)


@given(ASKED, WORLDS)
def test_whoever_passes_the_approval_gates_has_a_real_approval(gates, world) -> None:
    asked = facts(gates, **world)
    if refused(asked) & {GateType.REQUIRE_APPROVAL, GateType.MIN_APPROVALS, GateType.FOUR_EYES}:
        return
    said = [each for each in world["run_approvals"] or () if {n.casefold() for n in each.environments} == {"prod"}]
    commented = {
        each.by.casefold()
        for each in world["approvals"]
        if each.plan_digest == DIGEST == world["plan_digest"] and each.by.casefold() != world["author"]
    }
    earlier = Counter(each.casefold() for each in world["earlier_approvals"])
    real = {*(Counter(each.by.casefold() for each in said if each.is_approved) - earlier)}
    if gates.approval is Approval.ENVIRONMENT:
        assert world["protection"].reviewers
        assert world["protection"].exists
        assert real
        assert all(each.is_approved for each in said)
    else:
        real = set()
        assert commented
    people = real | commented
    if gates.four_eyes:
        people -= {world["author"], "mike"}
    assert len(people) >= gates.min_approvals


@given(ASKED, WORLDS, st.sampled_from(["protection", "run_approvals", "approvals", "roles", "memberships"]))
def test_knowing_less_never_passes_more(gates, world, forgotten) -> None:
    nothing: dict[str, Any] = {
        "protection": None, "run_approvals": None, "approvals": (), "roles": {}, "memberships": {},
    }  # fmt: skip
    if forgotten == "run_approvals" and any(not each.is_approved for each in world["run_approvals"] or ()):
        return
    less = facts(gates, **{**world, forgotten: nothing[forgotten]})
    assert refused(facts(gates, **world)) <= refused(less)


def test_a_fact_that_is_left_out_lets_nothing_pass() -> None:
    optional = {each.name for each in fields(GateFacts) if not (each.default is each.default_factory is MISSING)}
    assert optional == {"kind", "also_wrote", "roles", "memberships"}
