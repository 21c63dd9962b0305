"""The baseline: what is accepted, what is left out, and that keeping it up to date hides no drift."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import COMMIT, LATER, LAW, NOW, applied, current, declared, known, mapped, mapping

from workflowops.core.baseline import Accept, BaselinePlan, plan_baseline, refreshed
from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.configuration import DriftPolicy
from workflowops.core.mapping import Known
from workflowops.core.records import AppliedWorkflow, MappedWorkflow, MappingStatus
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.verdicts import Verdict, ignored_away, judge, resolver

IN_SYNC, MODIFIED, PENDING, CONFLICT = DriftKind.IN_SYNC, DriftKind.MODIFIED, DriftKind.PENDING, DriftKind.CONFLICT
POLICY = DriftPolicy()


def judged(before: Known, *entries: MappedWorkflow, policy: DriftPolicy = POLICY) -> dict[str | None, Verdict]:
    stored = mapping(*entries)
    return {each.canonical_id: each for each in judge(before, stored, anywhere=resolver(stored), policy=policy)}


def accepted(before: Known, *entries: MappedWorkflow, accept: Accept | None = None) -> BaselinePlan:
    verdicts = [*judged(before, *entries).values()]
    return plan_baseline(before, mapping(*entries), verdicts, accept=accept, now=NOW)


def linked(content: str = "hash-a", **more: Any) -> MappedWorkflow:
    return mapped("w1", "c1", content, **more)


def test_what_is_in_sync_is_accepted_and_what_is_not_is_left_out() -> None:
    before = known({"c1": declared("hash-a"), "c2": declared("hash-b"), "c3": declared("hash-c")})
    plan = accepted(before, linked(active=True, tags=("a",)), mapped("w2", "c2", "hash-z"), mapped("w9"))
    assert plan.current.workflows == {"c1": applied("hash-a", active=True, tags=("a",))}
    assert [each.canonical_id for each in plan.accepted] == ["c1"]
    assert {each.canonical_id: each.kind for each in plan.left_out} == {"c2": CONFLICT, "c3": PENDING}
    assert (plan.current.onboarded_at, plan.current.git_commit_sha) == (NOW, COMMIT)
    assert plan.current.canonical_form == CANONICAL_FORM


def test_a_second_baseline_keeps_the_day_of_the_first_and_what_it_does_not_judge_anew() -> None:
    first = replace(current(c1=applied("hash-a"), c2=applied("hash-b", "w2")), onboarded_at="2025-12-24T00:00:00Z")
    before = known({"c1": declared("hash-n"), "c2": declared("hash-b")}, baseline=first)
    plan = accepted(before, linked("hash-n"), mapped("w2", "c2", "hash-z"))
    assert plan.current.onboarded_at == "2025-12-24T00:00:00Z"
    assert plan.current.workflows == {"c1": applied("hash-n", active=False, tags=()), "c2": applied("hash-b", "w2")}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, CONFLICT, id="nobody says who was right"),
        pytest.param(Accept.GIT, MODIFIED, id="git was right, so n8n drifts"),
        pytest.param(Accept.LIVE, PENDING, id="n8n was right, so git's version is work to be done"),
    ],
)
def test_who_was_right_decides_what_a_difference_is_from_now_on(accept, expected) -> None:
    before = known({"c1": declared("hash-a")})
    plan = accepted(before, linked("hash-b"), accept=accept)
    assert judged(replace(before, current=plan.current), linked("hash-b"))["c1"].kind is expected
    assert bool(plan.left_out) is (accept is None)


@pytest.mark.parametrize("references", [pytest.param({}, id="no references"), pytest.param({"a": "t1"}, id="some")])
@pytest.mark.parametrize(
    ("accept", "now", "expected"),
    [
        pytest.param(Accept.GIT, ("hash-a", "hash-a"), IN_SYNC, id="git: n8n is put right"),
        pytest.param(Accept.GIT, ("hash-a", "hash-c"), MODIFIED, id="git: n8n moves on"),
        pytest.param(Accept.GIT, ("hash-c", "hash-b"), CONFLICT, id="git: git moves on"),
        pytest.param(Accept.LIVE, ("hash-b", "hash-b"), IN_SYNC, id="live: git takes it over"),
        pytest.param(Accept.LIVE, ("hash-a", "hash-c"), CONFLICT, id="live: n8n moves on"),
        pytest.param(Accept.LIVE, ("hash-c", "hash-b"), PENDING, id="live: git moves on"),
    ],
)
def test_what_becomes_of_an_accepted_side(accept, now, expected, references) -> None:
    held = {"data_tables": references} if references else {}
    before = known({"c1": declared("hash-a", references=held)})
    plan = accepted(before, linked("hash-b", env_references=held), accept=accept)
    after = known({"c1": declared(now[0], references=held)}, baseline=plan.current)
    assert judged(after, linked(now[1], env_references=held))["c1"].kind is expected


def test_a_file_with_ids_that_nobody_knows_is_in_sync_again_once_n8n_is_put_right() -> None:
    foreign, own = {"data_tables": {"A": "t-dev"}}, {"data_tables": {"A": "t-prod"}}
    before = known({"c1": declared("hash-a", references=foreign)})
    plan = accepted(before, linked("hash-b", env_references=own), accept=Accept.GIT)
    after = replace(before, current=plan.current)
    assert judged(after, linked("hash-b", env_references=own))["c1"].kind is MODIFIED
    assert judged(after, linked("hash-a", env_references=own))["c1"].kind is IN_SYNC
    assert judged(after, linked("hash-a", env_references={"data_tables": {"A": "x"}}))["c1"].kind is MODIFIED


def test_when_the_references_are_the_whole_difference_git_is_held_to_them() -> None:
    before = known({"c1": declared(references={"workflows": {"A": "w2"}}), "c2": declared("hash-2")})
    entries = [linked(env_references={"workflows": {"A": "w3"}}), mapped("w2", "c2", "hash-2"), mapped("w3")]
    for accept, expected in ((Accept.GIT, MODIFIED), (Accept.LIVE, PENDING), (None, CONFLICT)):
        plan = accepted(before, *entries, accept=accept)
        assert judged(replace(before, current=plan.current), *entries)["c1"].kind is expected


@pytest.mark.parametrize("accept", [None, *Accept])
@pytest.mark.parametrize(
    ("copies", "entries", "unreadable"),
    [
        pytest.param({"c1": "hash-a"}, [], {}, id="not in n8n"),
        pytest.param({"c1": "hash-a"}, [linked(status=MappingStatus.MISSING)], {}, id="archived"),
        pytest.param({}, [linked()], {"c1": "prod/a.json: odd"}, id="an unreadable file"),
        pytest.param({}, [], {"c1": "prod/a.json: odd"}, id="an unreadable file, never linked"),
        pytest.param({"c1": "hash-a"}, [linked(problem="odd")], {}, id="an unreadable workflow"),
    ],
)
@pytest.mark.parametrize("baseline", [pytest.param(None, id="new"), pytest.param(current(c1=applied()), id="known")])
def test_what_is_absent_or_unreadable_is_never_accepted(copies, entries, unreadable, accept, baseline) -> None:
    before = known({each: declared(held) for each, held in copies.items()}, unreadable=unreadable, baseline=baseline)
    plan = accepted(before, *entries, accept=accept)
    assert plan.accepted == ()
    assert [each.canonical_id for each in plan.left_out] == ["c1"]
    assert plan.current.workflows == ({} if baseline is None else baseline.workflows)


@pytest.mark.parametrize("accept", [None, *Accept])
def test_a_file_that_git_removed_is_not_accepted_away(accept) -> None:
    plan = accepted(known(baseline=current(c1=applied())), linked(), accept=accept)
    assert ([each.kind for each in plan.left_out], [*plan.current.workflows]) == ([PENDING], ["c1"])


def test_what_is_gone_on_both_sides_is_forgotten() -> None:
    before = known(baseline=current(c1=applied()))
    gone = linked(status=MappingStatus.MISSING)
    assert accepted(before, gone).current.workflows == {}
    assert accepted(before, gone).left_out == ()
    after = refreshed(before, mapping(gone), [*judged(before, gone).values()])
    assert after is not None
    assert after.workflows == {}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        pytest.param(None, DriftKind.ACTIVATION_CHANGED, id="left out"),
        pytest.param(Accept.GIT, DriftKind.ACTIVATION_CHANGED, id="git was right"),
        pytest.param(Accept.LIVE, PENDING, id="n8n was right"),
    ],
)
def test_activation_and_tags_are_accepted_as_the_content_is(accept, expected) -> None:
    before = known({"c1": declared(active=True, tags=("a",))})
    entry = linked(active=False, tags=("b",))
    plan = accepted(before, entry, accept=accept)
    assert judged(replace(before, current=plan.current), entry)["c1"].kind is expected


def update(before: Known, *entries: MappedWorkflow) -> Known:
    """Judge, and bring the baseline up to date as every check does."""
    return replace(before, current=refreshed(before, mapping(*entries), [*judged(before, *entries).values()]))


def test_without_a_baseline_there_is_nothing_to_bring_up_to_date() -> None:
    assert update(known({"c1": declared()}), linked()).current is None


def test_a_change_that_went_through_git_and_then_n8n_becomes_the_last_known_good() -> None:
    before = known({"c1": declared("hash-b")}, baseline=current(c1=applied("hash-a")))
    after = update(before, linked("hash-b"))
    assert judged(after, linked("hash-c"))["c1"].kind is MODIFIED
    assert judged(before, linked("hash-c"))["c1"].kind is CONFLICT


@pytest.mark.parametrize("content", ["hash-b", "hash-c"])
def test_drift_is_never_taken_for_the_last_known_good(content) -> None:
    before = known({"c1": declared("hash-b")}, baseline=current(c1=applied("hash-a")))
    entry = linked("hash-z" if content == "hash-b" else "hash-a")
    assert update(before, entry).current == before.current


def test_a_new_workflow_in_sync_is_taken_up() -> None:
    after = update(known({"c1": declared()}, baseline=current()), linked())
    assert after.current is not None
    assert after.current.workflows == {"c1": applied(active=False, tags=())}


def test_what_runs_is_taken_up_though_it_was_deactivated() -> None:
    before = known({"c1": declared("hash-b", active=True)}, baseline=current(c1=applied("hash-a", active=True)))
    after = update(before, linked("hash-b", active=False))
    verdict = judged(after, linked("hash-c", active=False))["c1"]
    assert (verdict.kind, verdict.beside) == (MODIFIED, DriftKind.ACTIVATION_CHANGED)


def test_what_was_deactivated_before_it_was_taken_up_stays_drift() -> None:
    before = known({"c1": declared(active=True)}, baseline=current())
    after = update(before, linked(active=False))
    assert judged(after, linked(active=False))["c1"].kind is DriftKind.ACTIVATION_CHANGED


def test_what_was_deactivated_while_nobody_compared_it_is_drift_once_somebody_does() -> None:
    before = known({"c1": declared(active=True)}, baseline=current(c1=applied(active=True)))
    quiet = DriftPolicy(activation=False)
    entry = linked(active=False)
    verdicts = [*judged(before, entry, policy=quiet).values()]
    assert [each.kind for each in verdicts] == [IN_SYNC]
    after = replace(before, current=refreshed(before, mapping(entry), verdicts))
    assert judged(after, entry)["c1"].kind is DriftKind.ACTIVATION_CHANGED


def test_an_ignored_difference_is_drift_again_when_the_rule_is_gone() -> None:
    before = known({"c1": declared("hash-a")}, baseline=current(c1=applied("hash-a")))
    entry = linked("hash-with-debug")
    seen_through = [ignored_away(each) for each in judged(before, entry).values()]
    after = replace(before, current=refreshed(before, mapping(entry), seen_through))
    assert judged(after, entry)["c1"].kind is MODIFIED
    assert judged(after, linked("hash-hot-fix"))["c1"].kind is MODIFIED
    git_moved = replace(after, canonical=known({"c1": declared("hash-new")}).canonical)
    assert judged(git_moved, entry)["c1"].kind is PENDING


def test_a_renamed_file_leaves_nothing_behind() -> None:
    before = known({"new": declared()}, baseline=current(old=applied()))
    after = update(before, mapped("w1", "new"))
    assert after.current is not None
    assert [*after.current.workflows] == ["new"]


@pytest.mark.parametrize(
    ("entries", "unreadable"),
    [
        pytest.param([linked(status=MappingStatus.MISSING)], {"c1": "a: b"}, id="missing, and its file unreadable"),
        pytest.param([linked()], {"c1": "a: b"}, id="its file unreadable"),
        pytest.param([], {"c1": "a: b"}, id="not linked, and its file unreadable"),
        pytest.param([linked()], {}, id="removed from git"),
        pytest.param([linked("hash-z")], {}, id="removed from git, and n8n moved"),
    ],
)
def test_the_last_known_good_is_not_forgotten_while_one_side_holds_it(entries, unreadable) -> None:
    before = known(unreadable=unreadable, baseline=current(c1=applied()))
    assert update(before, *entries).current == before.current


def test_nothing_new_writes_nothing_new() -> None:
    before = known({"c1": declared()}, baseline=replace(current(c1=applied(active=False, tags=())), onboarded_at=LATER))
    assert update(before, linked()).current is before.current


IDS = ("c1", "c2", "c3")
HASHES = st.sampled_from(["a", "b", "c"])
REFERENCES = st.sampled_from(
    [
        {},
        {"workflows": {"A": "w2"}},
        {"workflows": {"A": "w3"}},
        {"workflows": {"A": "unknown"}},
        {"data_tables": {"A": "t1"}},
        {"data_tables": {"A": "t2"}},
    ]
)
TAGS = st.sampled_from([(), ("x",)])


@st.composite
def worlds(draw: st.DrawFn, *, is_baselined: bool) -> tuple[Known, list[MappedWorkflow]]:
    """Three workflows, each of which may be absent from any of the three copies."""
    copies = {
        each: declared(
            draw(HASHES),
            references=draw(REFERENCES),
            active=draw(st.none() | st.booleans()),
            tags=draw(st.none() | TAGS),
        )
        for each in draw(st.sets(st.sampled_from(IDS)))
    }
    entries = [
        mapped(
            f"w{each[1:]}",
            each,
            draw(HASHES),
            env_references=draw(REFERENCES),
            active=draw(st.booleans()),
            tags=draw(TAGS),
            status=draw(st.sampled_from([MappingStatus.LINKED, MappingStatus.LINKED, MappingStatus.MISSING])),
        )
        for each in sorted(draw(st.sets(st.sampled_from(IDS))))
    ]
    held: dict[str, AppliedWorkflow] = {
        each: applied(
            draw(HASHES),
            f"w{each[1:]}",
            references=draw(REFERENCES),
            git_content_hash=draw(st.none() | HASHES),
            git_references=draw(st.none() | REFERENCES),
            active=draw(st.none() | st.booleans()),
            tags=draw(st.none() | TAGS),
        )
        for each in draw(st.sets(st.sampled_from(IDS)))
    }
    unreadable = {each: "a: b" for each in draw(st.sets(st.sampled_from(IDS))) if each not in copies}
    return known(copies, baseline=current(**held) if is_baselined else None, unreadable=unreadable), entries


def kinds(before: Known, entries: list[MappedWorkflow]) -> dict[str | None, DriftKind]:
    return {each: verdict.kind for each, verdict in judged(before, *entries).items()}


@LAW
@given(st.booleans().flatmap(lambda is_baselined: worlds(is_baselined=is_baselined)))
def test_after_a_baseline_nothing_in_sync_is_drift(world) -> None:
    before, entries = world
    found = kinds(before, entries)
    plan = accepted(before, *entries)
    after = kinds(replace(before, current=plan.current), entries)
    assert {each for each, kind in found.items() if kind is IN_SYNC} <= {
        each for each, kind in after.items() if kind is IN_SYNC
    }
    assert {each.canonical_id for each in plan.accepted} == {
        each for each, kind in found.items() if kind is IN_SYNC and before.copy(each or "") is not None
    }


@LAW
@given(st.booleans().flatmap(lambda is_baselined: worlds(is_baselined=is_baselined)), st.sampled_from(Accept))
def test_an_accepted_side_is_the_only_one_that_stands_still(world, accept) -> None:
    before, entries = world
    plan = accepted(before, *entries, accept=accept)
    after = judged(replace(before, current=plan.current), *entries)
    for verdict in plan.accepted:
        again = after[verdict.canonical_id]
        if accept is Accept.LIVE:
            assert again.kind in (IN_SYNC, PENDING)
        else:
            assert again.kind in {IN_SYNC} | DRIFT
            assert again.content in (IN_SYNC, MODIFIED)


@LAW
@given(worlds(is_baselined=True))
def test_bringing_a_baseline_up_to_date_changes_no_verdict(world) -> None:
    before, entries = world
    after = update(before, *entries)
    assert kinds(after, entries) == kinds(before, entries)


@LAW
@given(worlds(is_baselined=True))
def test_bringing_a_baseline_up_to_date_twice_changes_nothing_more(world) -> None:
    before, entries = world
    once = update(before, *entries)
    assert update(once, *entries).current == once.current


@LAW
@given(worlds(is_baselined=True), worlds(is_baselined=True))
def test_what_was_in_sync_and_then_moved_in_n8n_alone_is_drift(world, later) -> None:
    before, entries = world
    in_sync = {each for each, kind in kinds(before, entries).items() if kind is IN_SYNC and before.copy(each or "")}
    after = update(before, *entries)
    moved = [entry for entry in later[1] if entry.status is MappingStatus.LINKED]
    for each, kind in kinds(after, moved).items():
        if each in in_sync and any(entry.canonical_id == each for entry in moved):
            assert kind in {IN_SYNC} | DRIFT
