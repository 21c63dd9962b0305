"""Another canonical form: digests of the baseline are carried over where it is proven what they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.builders import LAW, NOW, applied, canonical, current, declared, known, mapped, mapping

from workflowops.core.baseline import refreshed
from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.configuration import DriftPolicy
from workflowops.core.migration import translated
from workflowops.core.records import AppliedWorkflow, CurrentFile, DeclaredCopy, MappedWorkflow, MappingStatus
from workflowops.core.standing import DriftKind
from workflowops.core.verdicts import judge, resolver

OLDER = CANONICAL_FORM - 1
References = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """What one side holds: a text, and whether it is what it was before the form changed."""

    text: str
    references: tuple[tuple[str, str], ...] = ()
    was: str | None = None
    is_missing: bool = False

    def form(self, number: int) -> tuple[str, dict[str, Any]]:
        """Read the text by a form; before the change it may have been another text."""
        text = self.text if number == CANONICAL_FORM or self.was is None else self.was
        return f"form {number} of {text}", references_of(number, self.references)

    def raw(self, number: int) -> str:
        text = self.text if number == CANONICAL_FORM or self.was is None else self.was
        return f"bytes of {text} {self.references}"


def references_of(number: int, ids: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The older form called them otherwise."""
    if not ids:
        return {}
    return {"workflows" if number == CANONICAL_FORM else "calls": dict(ids)}


def copy_of(side: Side, number: int) -> DeclaredCopy:
    content, references = side.form(number)
    return declared(content, references=references, git_blob=side.raw(number))


def entry_of(side: Side, number: int, canonical_id: str, git: Side | None = None) -> MappedWorkflow:
    content, references = side.form(number)
    copy = None if git is None else copy_of(git, number)
    if side.is_missing:
        content, references = Side(side.text, side.references).form(OLDER)
    return mapped(
        f"w-{canonical_id}",
        canonical_id,
        content,
        env_references=references,
        raw_hash="" if side.is_missing else side.raw(number),
        git_content_hash=None if copy is None else copy.content_hash,
        git_references=None if copy is None else copy.references,
        git_blob=None if copy is None else copy.git_blob,
        status=MappingStatus.MISSING if side.is_missing else MappingStatus.LINKED,
    )


@dataclass(frozen=True)
class World:
    """What Git declares, what n8n holds and what was applied, by canonical id."""

    git: Mapping[str, Side]
    live: Mapping[str, Side]
    applied: Mapping[str, AppliedWorkflow]

    def baseline(self) -> CurrentFile:
        return current(form=OLDER, **self.applied)

    def translated(self, **more: Any) -> CurrentFile:
        given: dict[str, Any] = {
            "mapping_before": self.mapping(OLDER),
            "mapping_now": self.mapping(CANONICAL_FORM),
            "canonical_before": self.canonical(OLDER),
            "canonical_now": self.canonical(CANONICAL_FORM),
            **more,
        }
        return translated(self.baseline(), environment="prod", **given)

    def mapping(self, number: int) -> Any:
        entries = [entry_of(side, number, each, self.git.get(each)) for each, side in self.live.items()]
        return mapping(*entries, form=number)

    def canonical(self, number: int) -> Any:
        return canonical({each: {"prod": copy_of(side, number)} for each, side in self.git.items()}, form=number)

    def kinds(self, number: int, baseline: CurrentFile) -> dict[str | None, DriftKind]:
        stored = self.mapping(number)
        before = known({each: copy_of(side, number) for each, side in self.git.items()}, baseline=baseline)
        verdicts = judge(before, stored, anywhere=resolver(stored), policy=DriftPolicy())
        return {each.canonical_id: each.kind for each in verdicts}


def was_applied(side: Side, canonical_id: str = "c1", **more: Any) -> AppliedWorkflow:
    content, references = Side(side.text, side.references).form(OLDER)
    return applied(content, f"w-{canonical_id}", references=references, **more)


def one(git: Side | None, live: Side | None, was: AppliedWorkflow | None) -> World:
    return World(
        {} if git is None else {"c1": git},
        {} if live is None else {"c1": live},
        {} if was is None else {"c1": was},
    )


A, B, C = Side("a"), Side("b"), Side("c")
GONE = Side("a", is_missing=True)


def test_a_baseline_of_this_form_is_left_alone() -> None:
    world = one(A, A, was_applied(A))
    baseline = replace(world.baseline(), canonical_form=CANONICAL_FORM)
    same = translated(
        baseline,
        mapping_before=world.mapping(OLDER),
        mapping_now=world.mapping(CANONICAL_FORM),
        canonical_before=None,
        canonical_now=world.canonical(CANONICAL_FORM),
        environment="prod",
    )
    assert same is baseline


def test_what_was_applied_is_said_in_the_form_of_today() -> None:
    calls = Side("a", (("Call", "w-c2"),))
    found = one(calls, calls, was_applied(calls, active=True, tags=("x",))).translated()
    assert found == current(
        c1=applied(
            f"form {CANONICAL_FORM} of a",
            "w-c1",
            references={"workflows": {"Call": "w-c2"}},
            active=True,
            tags=("x",),
        )
    )
    assert (found.onboarded_at, found.canonical_form) == (NOW, CANONICAL_FORM)


@pytest.mark.parametrize(
    ("git", "live", "was", "expected"),
    [
        pytest.param(A, A, A, DriftKind.IN_SYNC, id="in sync"),
        pytest.param(A, B, A, DriftKind.MODIFIED, id="n8n had moved"),
        pytest.param(B, A, A, DriftKind.PENDING, id="git had moved"),
        pytest.param(B, C, A, DriftKind.CONFLICT, id="both had moved"),
        pytest.param(B, B, A, DriftKind.IN_SYNC, id="both had moved alike"),
        pytest.param(Side("b", was="a"), A, A, DriftKind.PENDING, id="git moved since"),
        pytest.param(A, Side("b", was="a"), A, DriftKind.MODIFIED, id="n8n moved since"),
        pytest.param(Side("b", was="a"), Side("b", was="a"), A, DriftKind.IN_SYNC, id="both moved alike since"),
        pytest.param(Side("b", was="a"), Side("c", was="a"), A, DriftKind.CONFLICT, id="both moved apart since"),
        pytest.param(None, A, A, DriftKind.PENDING, id="git had removed it"),
        pytest.param(A, GONE, A, DriftKind.MISSING, id="missing"),
        pytest.param(Side("b", was="a"), GONE, A, DriftKind.MISSING, id="missing, and git moved since"),
        pytest.param(None, GONE, A, DriftKind.IN_SYNC, id="gone on both sides"),
    ],
)
def test_a_new_form_is_no_news(git, live, was, expected) -> None:
    world = one(git, live, was_applied(was))
    assert world.kinds(CANONICAL_FORM, world.translated())["c1"] is expected


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"mapping_before": None, "canonical_before": None}, id="no record of before"),
        pytest.param({"mapping_before": mapping(form=OLDER - 1), "canonical_before": None}, id="an older record"),
        pytest.param({"mapping_before": mapping(form=CANONICAL_FORM), "canonical_before": None}, id="a newer record"),
    ],
)
def test_without_a_proof_a_digest_is_left_out(more) -> None:
    world = one(A, A, was_applied(A))
    assert world.translated(**more).workflows == {}
    assert world.kinds(CANONICAL_FORM, world.translated(**more)) == {"c1": DriftKind.IN_SYNC}


def test_a_workflow_that_could_not_be_read_proves_nothing() -> None:
    world = one(None, A, was_applied(A))
    broken = replace(world.mapping(CANONICAL_FORM).workflows["w-c1"], problem="odd")
    assert world.translated(mapping_now=mapping(broken)).workflows == {}


def test_what_was_proven_by_one_side_alone_is_enough() -> None:
    assert [*one(A, Side("b", was="a"), was_applied(A)).translated().workflows] == ["c1"]
    assert [*one(Side("b", was="a"), A, was_applied(A)).translated().workflows] == ["c1"]
    assert [*one(A, A, was_applied(A)).translated(mapping_before=None).workflows] == ["c1"]
    assert [*one(A, A, was_applied(A)).translated(canonical_before=None).workflows] == ["c1"]


@pytest.mark.parametrize(
    ("git", "live", "was", "expected"),
    [
        pytest.param(A, Side("b", was="a"), A, DriftKind.MODIFIED, id="n8n moved since"),
        pytest.param(A, B, A, DriftKind.MODIFIED, id="n8n had moved"),
        pytest.param(Side("b", was="a"), Side("c", was="a"), A, DriftKind.CONFLICT, id="both moved since"),
    ],
)
def test_the_mapping_proves_what_git_said_when_another_check_rewrote_the_canonical_records(
    git, live, was, expected
) -> None:
    world = one(git, live, was_applied(was))
    found = world.translated(canonical_before=world.canonical(CANONICAL_FORM))
    assert world.kinds(CANONICAL_FORM, found)["c1"] is expected


def test_another_environments_file_proves_nothing() -> None:
    world = one(A, Side("b", was="c"), was_applied(A))
    forgotten = mapping(*(replace(each, git_blob=None) for each in world.mapping(OLDER).workflows.values()), form=OLDER)
    elsewhere = canonical({"c1": {"dev": copy_of(A, OLDER)}}, form=OLDER)
    assert world.translated(canonical_before=elsewhere, mapping_before=forgotten).workflows == {}


@pytest.mark.parametrize(
    ("git", "live", "expected"),
    [
        pytest.param("b", "a", DriftKind.MODIFIED, id="the rule is gone"),
        pytest.param("b", "c", DriftKind.MODIFIED, id="n8n had moved"),
        pytest.param("c", "a", DriftKind.PENDING, id="git had moved"),
    ],
)
def test_both_sides_of_an_ignored_difference_are_carried_over(git, live, expected) -> None:
    was = was_applied(A, git_content_hash=B.form(OLDER)[0])
    before = {"git": Side(git), "live": Side(live)}
    world = one(before["git"], before["live"], was)
    assert world.kinds(OLDER, world.baseline())["c1"] is expected
    held = world.translated().workflows.get("c1")
    if held is not None and git == "b":
        assert held.git_content_hash == f"form {CANONICAL_FORM} of b"


def test_ids_of_another_instance_stay_what_the_file_said() -> None:
    foreign, own = Side("a", (("Call", "dev-1"),)), Side("a", (("Call", "w-c2"),))
    was = was_applied(own, git_references=references_of(OLDER, foreign.references))
    found = one(foreign, own, was).translated().workflows["c1"]
    assert found.references == {"workflows": {"Call": "w-c2"}}
    assert found.git_references == {"workflows": {"Call": "dev-1"}}
    assert found.git_content_hash is None


def test_references_that_the_form_left_alone_stay_though_both_sides_moved() -> None:
    own = applied(A.form(OLDER)[0], "w-c1", references={"data_tables": {"A": "t1"}})
    before = replace(entry_of(A, OLDER, "c1"), env_references={"data_tables": {"A": "t2"}})
    now = replace(entry_of(A, CANONICAL_FORM, "c1"), env_references={"data_tables": {"A": "t2"}})
    found = translated(
        current(form=OLDER, c1=own),
        mapping_before=mapping(before, form=OLDER),
        mapping_now=mapping(now),
        canonical_before=None,
        canonical_now=canonical({}),
        environment="prod",
    )
    assert found.workflows["c1"].references == {"data_tables": {"A": "t1"}}
    changed = replace(now, env_references={"tables": {"A": "t2"}})
    dropped = translated(
        current(form=OLDER, c1=own),
        mapping_before=mapping(before, form=OLDER),
        mapping_now=mapping(changed),
        canonical_before=None,
        canonical_now=canonical({}),
        environment="prod",
    )
    assert dropped.workflows == {}


TEXTS = st.sampled_from("abc")
CALLS = st.sampled_from([(), (("Call", "w-c2"),), (("Call", "w-c3"),)])
SIDES = st.builds(Side, TEXTS, CALLS)
MOVED = st.builds(Side, TEXTS, CALLS, TEXTS)
IDS = st.sampled_from(["c1", "c2", "c3"])


def worlds(sides: st.SearchStrategy[Side], gone: st.SearchStrategy[bool]) -> st.SearchStrategy[World]:
    @st.composite
    def draw_world(draw: st.DrawFn) -> World:
        git = draw(st.dictionaries(IDS, sides))
        live = {each: replace(side, is_missing=draw(gone)) for each, side in draw(st.dictionaries(IDS, sides)).items()}
        was = {each: was_applied(draw(SIDES), each) for each in draw(st.sets(IDS))}
        return World(git, live, was)

    return draw_world()


@LAW
@given(worlds(SIDES, st.booleans()))
def test_while_nobody_moves_a_new_form_changes_no_verdict(world) -> None:
    before = world.kinds(OLDER, world.baseline())
    after = world.kinds(CANONICAL_FORM, world.translated())
    assume(not any(calls_what_nobody_knows(world, each) for each in before))
    for each, kind in before.items():
        was_removed = each not in world.git and each in world.live and kind is DriftKind.CONFLICT
        assert after[each] is (DriftKind.UNMAPPED if was_removed and after[each] is not kind else kind)


def calls_what_nobody_knows(world: World, canonical_id: str | None) -> bool:
    """Say whether Git and n8n differ only in a call, and the one that Git's file means lives nowhere.

    What such a call means is told by the baseline; one that cannot be carried over tells nothing (see below).
    """
    git, live = world.git.get(canonical_id or ""), world.live.get(canonical_id or "")
    if git is None or live is None or git.text != live.text or git.references == live.references:
        return False
    return any(called.removeprefix("w-") not in world.live for _, called in git.references)


@pytest.mark.xfail(strict=True, reason="a baseline that cannot be carried over no longer says what a lost id meant")
def test_a_call_of_what_nobody_knows_keeps_its_verdict_where_the_baseline_is_lost() -> None:
    git = {"c3": Side("a", (("Call", "w-c2"),))}
    live = {"c3": Side("a", (("Call", "w-c3"),))}
    world = World(git, live, {"c3": was_applied(Side("b", (("Call", "w-c2"),)), "c3")})
    assert world.kinds(CANONICAL_FORM, world.translated()) == world.kinds(OLDER, world.baseline())


@LAW
@given(worlds(SIDES | MOVED, st.just(False)))
def test_it_makes_no_difference_whether_another_check_came_first(world) -> None:
    linked = World({each: side for each, side in world.git.items() if each in world.live}, world.live, world.applied)
    later = linked.translated(canonical_before=linked.canonical(CANONICAL_FORM))
    assert linked.kinds(CANONICAL_FORM, later) == linked.kinds(CANONICAL_FORM, linked.translated())


@LAW
@given(worlds(SIDES | MOVED, st.just(False)))
def test_whoever_moves_nothing_that_is_equal_is_drift(world) -> None:
    for each, kind in world.kinds(CANONICAL_FORM, world.translated()).items():
        git, live, was = world.git.get(each or ""), world.live.get(each or ""), world.applied.get(each or "")
        if git is None or live is None:
            continue
        if git.text != live.text or git.references == live.references:
            assert (kind is DriftKind.IN_SYNC) is (git.text == live.text)
        if was is not None and live.was is None and live.form(OLDER) == (was.content_hash, was.references):
            assert kind in (DriftKind.IN_SYNC, DriftKind.PENDING)


@LAW
@given(worlds(SIDES | MOVED, st.booleans()))
def test_a_carried_over_baseline_is_of_this_form_and_is_not_carried_over_again(world) -> None:
    found = world.translated()
    assert found.canonical_form == CANONICAL_FORM
    assert found.workflows.keys() <= world.applied.keys()
    for each, held in found.workflows.items():
        is_there = each in world.live and not world.live[each].is_missing
        assert not is_there or held.content_hash.startswith(f"form {CANONICAL_FORM} ")
    stored = world.mapping(CANONICAL_FORM)
    before = replace(known({each: copy_of(side, CANONICAL_FORM) for each, side in world.git.items()}), current=found)
    verdicts = judge(before, stored, anywhere=resolver(stored), policy=DriftPolicy())
    after = refreshed(before, stored, verdicts)
    assert after is not None
    assert after.canonical_form == CANONICAL_FORM
