"""Where a workflow stands: three copies, who moved, and references that mean the same under other ids."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.builders import LAW

from workflowops.core.standing import (
    DRIFT,
    Content,
    DriftKind,
    classify,
    classify_value,
    content_keys,
    strongest,
)

A, B, C = "a", "b", "c"
IN_SYNC, MODIFIED, PENDING = DriftKind.IN_SYNC, DriftKind.MODIFIED, DriftKind.PENDING
CONFLICT, MISSING, UNMAPPED = DriftKind.CONFLICT, DriftKind.MISSING, DriftKind.UNMAPPED

HERE = {"p1": "c1", "p2": "c2", "p9": "p9"}
ANYWHERE = {**HERE, "d1": "c1", "d2": "c2"}
"""Ids of production begin with p, those of dev with d; p9 is managed by nobody, and u1 and u2 nobody knows."""


@pytest.mark.parametrize(
    ("declared", "live", "applied", "expected"),
    [
        pytest.param(None, None, None, IN_SYNC, id="nothing anywhere"),
        pytest.param(None, None, A, IN_SYNC, id="gone on both sides"),
        pytest.param(None, None, B, IN_SYNC, id="gone on both sides, whatever it was"),
        pytest.param(None, A, None, UNMAPPED, id="only in n8n"),
        pytest.param(None, A, A, PENDING, id="git removed it"),
        pytest.param(None, A, B, CONFLICT, id="git removed it and n8n moved"),
        pytest.param(None, B, None, UNMAPPED, id="only in n8n, another"),
        pytest.param(None, B, A, CONFLICT, id="git removed it and n8n moved, the other way"),
        pytest.param(None, B, B, PENDING, id="git removed it, another"),
        pytest.param(A, None, None, PENDING, id="only in git"),
        pytest.param(A, None, A, MISSING, id="n8n lost it"),
        pytest.param(A, None, B, MISSING, id="n8n lost it and git moved"),
        pytest.param(A, A, None, IN_SYNC, id="equal, no baseline"),
        pytest.param(A, A, A, IN_SYNC, id="equal, as before"),
        pytest.param(A, A, B, IN_SYNC, id="equal, both moved alike"),
        pytest.param(A, B, None, CONFLICT, id="different, no baseline"),
        pytest.param(A, B, A, MODIFIED, id="n8n moved"),
        pytest.param(A, B, B, PENDING, id="git moved"),
        pytest.param(B, None, None, PENDING, id="only in git, another"),
        pytest.param(B, None, A, MISSING, id="n8n lost it and git moved, the other way"),
        pytest.param(B, None, B, MISSING, id="n8n lost it, another"),
        pytest.param(B, A, None, CONFLICT, id="different, no baseline, the other way"),
        pytest.param(B, A, A, PENDING, id="git moved, the other way"),
        pytest.param(B, A, B, MODIFIED, id="n8n moved, the other way"),
        pytest.param(B, B, None, IN_SYNC, id="equal, no baseline, another"),
        pytest.param(B, B, A, IN_SYNC, id="equal, both moved alike, the other way"),
        pytest.param(B, B, B, IN_SYNC, id="equal, as before, another"),
        pytest.param(A, B, C, CONFLICT, id="both moved apart"),
    ],
)
def test_classify(declared, live, applied, expected) -> None:
    assert classify(declared=declared, live=live, applied=applied) is expected


KEYS = st.none() | st.sampled_from("abc")


@LAW
@given(KEYS, KEYS, KEYS)
def test_what_n8n_runs_and_git_does_not_say_is_drift_unless_n8n_stood_still(declared, live, applied) -> None:
    kind = classify(declared=declared, live=live, applied=applied)
    if declared == live:
        assert kind is IN_SYNC
    elif applied is not None and live != applied:
        assert kind in DRIFT
    elif live is not None and live == applied:
        assert kind is PENDING


@pytest.mark.parametrize(
    ("declared", "live", "applied", "expected"),
    [
        pytest.param(None, True, None, IN_SYNC, id="the file is silent"),
        pytest.param(True, True, None, IN_SYNC, id="equal, no baseline"),
        pytest.param(True, True, False, IN_SYNC, id="equal, both moved"),
        pytest.param(True, False, True, DriftKind.ACTIVATION_CHANGED, id="n8n moved"),
        pytest.param(True, False, False, PENDING, id="git moved"),
        pytest.param(True, False, None, DriftKind.ACTIVATION_CHANGED, id="different, nobody knows who moved"),
        pytest.param(False, True, True, PENDING, id="git moved, the other way"),
        pytest.param(False, True, False, DriftKind.ACTIVATION_CHANGED, id="n8n moved, the other way"),
    ],
)
def test_activation_is_judged_three_ways(declared, live, applied, expected) -> None:
    kind = classify_value(declared=declared, live=live, applied=applied, drift=DriftKind.ACTIVATION_CHANGED)
    assert kind is expected


@pytest.mark.parametrize(
    ("declared", "live", "applied", "expected"),
    [
        pytest.param((), (), ("a",), IN_SYNC, id="none on both sides"),
        pytest.param((), ("a",), (), DriftKind.TAGS_CHANGED, id="n8n added one"),
        pytest.param(("a",), (), ("a",), DriftKind.TAGS_CHANGED, id="n8n took one away"),
        pytest.param(("a",), (), (), PENDING, id="git added one"),
        pytest.param(("a",), ("b",), ("c",), DriftKind.TAGS_CHANGED, id="both moved apart"),
    ],
)
def test_tags_are_judged_three_ways(declared, live, applied, expected) -> None:
    kind = classify_value(declared=declared, live=live, applied=applied, drift=DriftKind.TAGS_CHANGED)
    assert kind is expected


def test_drift_is_heard_before_everything_else() -> None:
    assert {CONFLICT, MISSING, MODIFIED, DriftKind.ACTIVATION_CHANGED, DriftKind.TAGS_CHANGED} == DRIFT
    for each in DriftKind:
        for drift in DRIFT:
            assert strongest(each, drift) in DRIFT
        assert strongest(each, IN_SYNC) is each
    assert strongest(MODIFIED, DriftKind.TAGS_CHANGED, PENDING) is MODIFIED
    assert strongest(DriftKind.UNKNOWN, PENDING) is DriftKind.UNKNOWN


def judged(declared: Any, live: Any, applied: Any = None, agreed: Any = None, **more: Any) -> DriftKind:
    """Judge three copies, each given as (content, references) or None."""
    three = content_keys(
        declared=declared and Content(*declared),
        live=live and Content(*live),
        applied=applied and Content(*applied),
        agreed=agreed and Content(*agreed),
        here=more.get("here", HERE).get,
        anywhere=more.get("anywhere", ANYWHERE).get,
    )
    return classify(declared=three.declared, live=three.live, applied=three.applied)


def calls(first: str, second: str | None = None) -> dict[str, Any]:
    return {"workflows": {"A": first} if second is None else {"A": first, "B": second}}


def callers(*ids: str) -> dict[str, Any]:
    return {"caller_ids": sorted(ids)}


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        pytest.param(calls("p1"), calls("p1"), IN_SYNC, id="the same id"),
        pytest.param(calls("p1"), calls("p2"), CONFLICT, id="another workflow"),
        pytest.param(calls("d1"), calls("p1"), IN_SYNC, id="the same workflow under dev's id"),
        pytest.param(calls("d1"), calls("p2"), CONFLICT, id="another workflow under dev's id"),
        pytest.param(calls("d1", "d2"), calls("p2", "p1"), CONFLICT, id="two of dev's swapped"),
        pytest.param(calls("d1", "p2"), calls("p1", "p2"), IN_SYNC, id="one of each instance"),
        pytest.param(calls("p9"), calls("p1"), CONFLICT, id="an unmanaged one of this instance"),
        pytest.param(calls("u1"), calls("p1"), IN_SYNC, id="an unknown one is not held against it"),
        pytest.param(calls("u1", "p1"), calls("p1", "p2"), CONFLICT, id="an unknown one hides no known difference"),
        pytest.param(calls("u1"), calls("u2"), IN_SYNC, id="unknown on both sides"),
        pytest.param(calls("u1"), calls("u1"), IN_SYNC, id="the same unknown one"),
        pytest.param(calls("p1"), {}, CONFLICT, id="only git refers to one"),
        pytest.param({}, calls("p1"), CONFLICT, id="only n8n refers to one"),
        pytest.param(callers("d1", "d2"), callers("p2", "p1"), IN_SYNC, id="a list under dev's ids"),
        pytest.param(callers("d1", "p1"), callers("p1"), IN_SYNC, id="a list that names one twice"),
        pytest.param(callers("d1"), callers("p1", "p2"), CONFLICT, id="a shorter list"),
        pytest.param(callers("u1", "d1"), callers("p1", "p2"), IN_SYNC, id="a list with an unknown one"),
        pytest.param({"error_workflow": "d1"}, {"error_workflow": "p1"}, IN_SYNC, id="the error workflow"),
        pytest.param({"data_tables": {"A": "t1"}}, {"data_tables": {"A": "t2"}}, IN_SYNC, id="data tables are unknown"),
        pytest.param(calls("d1"), {"error_workflow": "p1"}, CONFLICT, id="another kind of reference"),
    ],
)
def test_references_are_compared_by_what_they_mean(declared, live, expected) -> None:
    assert judged((A, declared), (A, live)) is expected


@pytest.mark.parametrize(
    ("declared", "live", "applied", "agreed", "expected"),
    [
        pytest.param("d1", "p1", "p1", "d1", IN_SYNC, id="as it was, under dev's id"),
        pytest.param("d1", "p2", "p1", "d1", MODIFIED, id="n8n's reference moved"),
        pytest.param("d2", "p1", "p1", "d1", PENDING, id="git's reference moved"),
        pytest.param("d2", "p2", "p1", "d1", IN_SYNC, id="both moved alike"),
        pytest.param("d2", "p9", "p1", "d1", CONFLICT, id="both moved apart"),
        pytest.param("u1", "p1", "p1", "u1", IN_SYNC, id="unknown, as it was"),
        pytest.param("u1", "p2", "p1", "u1", MODIFIED, id="unknown, n8n's reference moved"),
        pytest.param("u2", "p1", "p1", "u1", PENDING, id="unknown, git's reference moved"),
        pytest.param("u2", "p2", "p1", "u1", CONFLICT, id="unknown, both moved"),
        pytest.param("u2", "u2", "u1", "u1", IN_SYNC, id="unknown, both moved to the same id"),
        pytest.param("u2", "u1", "u1", "u1", PENDING, id="a data table changed in git"),
        pytest.param("u1", "u2", "u1", "u1", MODIFIED, id="a data table changed in n8n"),
        pytest.param("p1", "p1", "p1", "u1", IN_SYNC, id="git now says n8n's own id"),
        pytest.param("u1", "p1", "p1", None, IN_SYNC, id="unknown, nobody remembers what git said"),
        pytest.param("u1", "p2", "p1", None, MODIFIED, id="unknown, nobody remembers, n8n moved"),
    ],
)
def test_who_moved_a_reference(declared, live, applied, agreed, expected) -> None:
    kind = judged(
        (A, calls(declared)), (A, calls(live)), (A, calls(applied)), None if agreed is None else (A, calls(agreed))
    )
    assert kind is expected


def test_a_known_id_that_is_forgotten_goes_on_meaning_what_it_meant() -> None:
    three = (A, calls("d1")), (A, calls("p1")), (A, calls("p1")), (A, calls("d1"))
    assert judged(*three, anywhere=HERE) is IN_SYNC


@pytest.mark.parametrize(
    ("declared", "live", "expected"),
    [
        pytest.param(A, B, MODIFIED, id="nobody moved, and the rule that ignored the difference is gone"),
        pytest.param(A, C, MODIFIED, id="n8n moved"),
        pytest.param(C, B, PENDING, id="git moved"),
        pytest.param(B, B, IN_SYNC, id="git caught up"),
        pytest.param(A, A, IN_SYNC, id="n8n went back"),
    ],
)
def test_a_difference_that_was_ignored_at_the_baseline_does_not_hide_who_moved(declared, live, expected) -> None:
    assert judged((declared, {}), (live, {}), applied=(B, {}), agreed=(A, {})) is expected


@pytest.mark.parametrize("live", [pytest.param((A, {}), id="there"), pytest.param(None, id="gone")])
def test_an_absent_file_has_no_key(live) -> None:
    three = content_keys(
        declared=None, live=live and Content(*live), applied=Content(A, {}), here=HERE.get, anywhere=ANYWHERE.get
    )
    assert three.declared is None
    assert (three.live is None) is (live is None)


IDS = st.sampled_from(["p1", "p2", "p9", "d1", "d2", "u1", "u2"])
OWN = st.sampled_from(["p1", "p2", "p9", "u1", "u2"])


def references(ids: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "workflows": st.dictionaries(st.sampled_from("AB"), ids, min_size=1),
            "data_tables": st.dictionaries(st.sampled_from("AB"), ids, min_size=1),
            "error_workflow": ids,
            "caller_ids": st.lists(ids, min_size=1, max_size=3, unique=True).map(sorted),
        },
    )


CONTENT = st.tuples(st.sampled_from("ab"), references(IDS))
OWN_CONTENT = st.tuples(st.sampled_from("ab"), references(OWN))
RESOLVERS = st.dictionaries(IDS, st.sampled_from(["c1", "c2", "c3"]))


@LAW
@given(CONTENT, st.none() | CONTENT, st.none() | CONTENT, RESOLVERS, RESOLVERS)
def test_what_is_written_the_same_is_the_same_whatever_the_ids_mean(both, applied, agreed, here, anywhere) -> None:
    assert judged(both, both, applied, agreed, here=here, anywhere=anywhere) is IN_SYNC


@LAW
@given(CONTENT, CONTENT, st.none() | CONTENT, st.none() | CONTENT, RESOLVERS, RESOLVERS)
def test_a_different_content_is_never_in_sync(declared, live, applied, agreed, here, anywhere) -> None:
    assume(declared[0] != live[0])
    assert judged(declared, live, applied, agreed, here=here, anywhere=anywhere) is not IN_SYNC


@LAW
@given(CONTENT, OWN_CONTENT)
def test_n8n_that_stood_still_is_never_modified(declared, live) -> None:
    assert judged(declared, live, live) in (IN_SYNC, PENDING)
    assert judged(declared, live, live, live) in (IN_SYNC, PENDING)


@LAW
@given(CONTENT, OWN_CONTENT, OWN_CONTENT)
def test_git_that_stood_still_is_never_pending(declared, live, applied) -> None:
    assert judged(declared, live, applied, declared) in (IN_SYNC, MODIFIED)


@LAW
@given(st.data())
def test_an_unknown_id_never_hides_that_n8n_moved(data) -> None:
    slots = data.draw(st.lists(st.sampled_from("ABCD"), min_size=1, unique=True))
    unknown = {slot: data.draw(st.sampled_from(["u1", "u2", "u3"])) for slot in slots}
    was = {slot: data.draw(OWN) for slot in slots}
    now = {slot: data.draw(OWN) for slot in slots}
    assume(any(HERE.get(was[slot], was[slot]) != HERE.get(now[slot], now[slot]) for slot in slots))
    assume(all(unknown[slot] not in (was[slot], now[slot]) for slot in slots))
    agreed = data.draw(st.none() | st.just({"workflows": unknown}))
    content = data.draw(st.sampled_from("ab"))
    kind = judged(
        (content, {"workflows": unknown}),
        (content, {"workflows": now}),
        (A, {"workflows": was}),
        None if agreed is None else (A, agreed),
    )
    assert kind in DRIFT


SAYS = {"p1": ["p1", "d1", "u1", "u2"], "p2": ["p2", "d2", "u1"], "p9": ["p9", "u1", "u2"], "u1": ["u1"], "u2": ["u2"]}


@st.composite
def copies_in_sync(draw: st.DrawFn) -> tuple[tuple[str, Any], tuple[str, Any]]:
    """What a file says and what n8n runs, under other ids for the same things."""
    content, said = draw(OWN_CONTENT)

    def saying(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: saying(item) for key, item in value.items()}
        return value if isinstance(value, list) else draw(st.sampled_from(SAYS[value]))

    return (content, saying(said)), (content, said)


@LAW
@given(copies_in_sync(), st.sets(st.sampled_from(["d1", "d2"])))
def test_what_was_accepted_stays_in_sync_while_nobody_moves_whatever_is_forgotten(both, forgotten) -> None:
    declared, live = both
    remembered = {each: meaning for each, meaning in ANYWHERE.items() if each not in forgotten}
    assert judged(declared, live) is IN_SYNC
    assert judged(declared, live, live, declared, anywhere=remembered) is IN_SYNC


@LAW
@given(copies_in_sync(), OWN_CONTENT)
def test_n8n_that_moves_after_it_was_accepted_is_modified_or_says_what_git_says(both, moved) -> None:
    declared, live = both
    kind = judged(declared, moved, live, declared)
    if moved in (live, declared):
        assert kind is IN_SYNC
    elif kind is not MODIFIED:
        known = judged(declared, moved, anywhere={**ANYWHERE, "u1": "nothing here", "u2": "nothing here"})
        assert (kind, known) == (IN_SYNC, IN_SYNC)
