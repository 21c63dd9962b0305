"""The mapping: which workflow is which file. Links are proven, names only suggest, and nothing is lost on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    LATER,
    LAW,
    NOW,
    applied,
    current,
    declared,
    known,
    mapped,
    mapping,
    observation,
    observed,
)

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.mapping import (
    Known,
    MappingPlan,
    known_workflows,
    must_be_proven,
    partial_mapping,
    plan_mapping,
)
from workflowops.core.observation import Observation, ObservedWorkflow
from workflowops.core.records import DeclaredCopy, MappedWorkflow, MappingFile, MappingStatus

LINKED, UNMAPPED, MISSING = MappingStatus.LINKED, MappingStatus.UNMAPPED, MappingStatus.MISSING


def plan(before: Known, *seen: ObservedWorkflow, gone: Sequence[str] = (), now: str = NOW) -> MappingPlan:
    return plan_mapping(before, Observation(workflows=seen, proven_missing=frozenset(gone)), now=now)


def links(found: MappingPlan) -> dict[str, str | None]:
    return {each: entry.canonical_id for each, entry in found.mapping.workflows.items()}


def statuses(found: MappingPlan) -> dict[str, MappingStatus]:
    return {each: entry.status for each, entry in found.mapping.workflows.items()}


def test_the_stored_link_holds_whatever_the_workflow_has_become() -> None:
    before = known({"c1": declared("hash-a")}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w1", "hash-z", name="Renamed"))
    assert links(found) == {"w1": "c1"}
    assert found.mapping.workflows["w1"].workflow_name == "Renamed"
    assert found.created_workflow_ids == ()


def test_a_stored_link_outlives_a_change_of_the_canonical_form() -> None:
    before = known({"c1": declared("new")}, stored=mapping(mapped("w1", "c1", "old"), form=0))
    found = plan(before, observed("w1", "other"))
    assert links(found) == {"w1": "c1"}
    assert found.mapping.canonical_form == CANONICAL_FORM


def test_a_file_that_names_the_id_links_it() -> None:
    before = known({"c1": declared("hash-a", n8n_workflow_id="w1"), "c2": declared("hash-z")})
    assert links(plan(before, observed("w1", "hash-z"))) == {"w1": "c1"}


def test_the_stored_link_goes_before_what_a_file_says() -> None:
    copies = {"c1": declared("hash-a"), "c2": declared("hash-b", n8n_workflow_id="w1")}
    before = known(copies, stored=mapping(mapped("w1", "c1")))
    assert links(plan(before, observed("w1"))) == {"w1": "c1"}


def test_two_files_that_name_one_id_say_nothing() -> None:
    copies = {"c1": declared("hash-a", n8n_workflow_id="w1"), "c2": declared("hash-b", n8n_workflow_id="w1")}
    assert links(plan(known(copies), observed("w1", "hash-z"))) == {"w1": None}
    assert links(plan(known(copies), observed("w1", "hash-b"))) == {"w1": "c2"}


def test_the_only_file_of_equal_digest_is_linked() -> None:
    before = known({"c1": declared("hash-a"), "c2": declared("hash-b")})
    assert links(plan(before, observed("w1", "hash-b"))) == {"w1": "c2"}


@pytest.mark.parametrize(
    ("copies", "seen"),
    [
        pytest.param({"c1": "a", "c2": "a"}, {"w1": "a"}, id="two files"),
        pytest.param({"c1": "a"}, {"w1": "a", "w2": "a"}, id="two workflows"),
        pytest.param({"c1": "a", "c2": "a"}, {"w1": "a", "w2": "a"}, id="two of each"),
        pytest.param({"c1": "a"}, {"w1": "b"}, id="another digest"),
        pytest.param({"c1": ""}, {"w1": ""}, id="no digest"),
    ],
)
def test_an_ambiguous_digest_links_nothing(copies, seen) -> None:
    before = known({each: declared(content) for each, content in copies.items()})
    found = plan(before, *(observed(each, content) for each, content in seen.items()))
    assert {*links(found).values()} == {None}
    assert {*statuses(found).values()} == {UNMAPPED}


def test_an_ambiguity_that_other_links_settle_is_none() -> None:
    copies = {"c1": declared("a", n8n_workflow_id="w1"), "c2": declared("a")}
    assert links(plan(known(copies), observed("w1", "a"), observed("w2", "a"))) == {"w1": "c1", "w2": "c2"}


def test_a_file_of_another_environment_is_never_linked() -> None:
    before = known(elsewhere={"c1": {"dev": declared("hash-a", n8n_workflow_id="w1")}})
    assert links(plan(before, observed("w1", "hash-a"))) == {"w1": None}


def test_an_equal_name_suggests_and_never_links() -> None:
    before = known({"c1": declared("hash-a", name="Orders")})
    found = plan(before, observed("w1", "hash-b", name="Orders"))
    assert links(found) == {"w1": None}
    assert found.mapping.workflows["w1"].suggestion == "c1"


@pytest.mark.parametrize(
    ("copies", "elsewhere", "expected"),
    [
        pytest.param({"c1": "Orders", "c2": "Orders"}, {}, None, id="two here"),
        pytest.param({"c1": "Orders"}, {"c2": "Orders"}, "c1", id="one here goes before one elsewhere"),
        pytest.param({}, {"c2": "Orders"}, "c2", id="one elsewhere, which onboarding could tie"),
        pytest.param({}, {"c2": "Orders", "c3": "Orders"}, None, id="two elsewhere"),
        pytest.param({"c1": "orders"}, {}, None, id="another name"),
        pytest.param({}, {}, None, id="none"),
    ],
)
def test_a_suggestion_is_one_that_only_one_can_be_meant_by(copies, elsewhere, expected) -> None:
    before = known(
        {each: declared("hash-a", name=name) for each, name in copies.items()},
        elsewhere={each: {"dev": declared("hash-a", name=name)} for each, name in elsewhere.items()},
    )
    assert plan(before, observed("w1", "hash-b", name="Orders")).mapping.workflows["w1"].suggestion == expected


def test_a_workflow_in_use_is_nobodys_suggestion() -> None:
    before = known({"c1": declared("hash-a", name="Orders")}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w1"), observed("w2", "hash-b", name="Orders"))
    assert found.mapping.workflows["w2"].suggestion is None


def test_an_archived_workflow_keeps_its_link_and_is_missing() -> None:
    before = known({"c1": declared()}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w1", is_archived=True))
    assert (links(found), statuses(found)) == ({"w1": "c1"}, {"w1": MISSING})
    assert found.mapping.workflows["w1"].is_archived


def test_an_archived_workflow_that_nobody_manages_is_left_out() -> None:
    found = plan(known(), observed("w1", is_archived=True))
    assert (links(found), found.archived_unmapped, found.created_workflow_ids) == ({}, 1, ())


def test_an_archived_workflow_is_not_linked_by_digest() -> None:
    assert links(plan(known({"c1": declared()}), observed("w1", is_archived=True))) == {}


@pytest.mark.parametrize(
    "named", [pytest.param(None, id="by its digest"), pytest.param("w2", id="by the id in the sidecar")]
)
@pytest.mark.parametrize("is_archived", [pytest.param(True, id="archived"), pytest.param(False, id="deleted")])
def test_a_workflow_made_anew_takes_the_place_of_the_missing_one(named, is_archived) -> None:
    before = known({"c1": declared("hash-a", n8n_workflow_id=named)}, stored=mapping(mapped("w1", "c1")))
    seen = [observed("w2", "hash-a")]
    gone = () if is_archived else ("w1",)
    if is_archived:
        seen.append(observed("w1", "hash-a", is_archived=True))
    found = plan(before, *seen, gone=gone)
    assert links(found) == {"w2": "c1"}
    assert statuses(found) == {"w2": LINKED}


def test_a_changed_successor_of_an_archived_workflow_gets_a_suggestion() -> None:
    before = known({"c1": declared("hash-a", name="Orders")}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w1", is_archived=True), observed("w2", "hash-b", name="Orders"))
    assert statuses(found) == {"w1": MISSING, "w2": UNMAPPED}
    assert found.mapping.workflows["w2"].suggestion == "c1"


def test_two_workflows_that_claim_one_canonical_id_do_not_both_get_it() -> None:
    before = known({"c1": declared("hash-z")}, stored=mapping(mapped("w1", "c1"), mapped("w2", "c1")))
    found = plan(before, observed("w1"), observed("w2"))
    assert links(found) == {"w1": "c1", "w2": None}


def test_a_missing_workflow_stays_while_git_manages_it() -> None:
    before = known({"c1": declared()}, stored=mapping(mapped("w1", "c1", active=True)))
    found = plan(before, gone=("w1",))
    assert (links(found), statuses(found)) == ({"w1": "c1"}, {"w1": MISSING})
    assert not found.mapping.workflows["w1"].active
    again = plan(known({"c1": declared()}, stored=found.mapping), gone=("w1",), now=LATER)
    assert again.mapping == found.mapping


def test_a_missing_workflow_that_comes_back_is_linked_again() -> None:
    before = known({"c1": declared()}, stored=mapping(mapped("w1", "c1", status=MISSING)))
    assert statuses(plan(before, observed("w1"))) == {"w1": LINKED}


def test_an_unmanaged_workflow_that_is_gone_is_forgotten() -> None:
    assert links(plan(known(stored=mapping(mapped("w1"))), gone=("w1",))) == {}
    assert must_be_proven(known(stored=mapping(mapped("w1")))) == ()


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        pytest.param(None, {"w1": None}, id="never accepted: it is unmanaged"),
        pytest.param(current(c1=applied()), {"w1": "c1"}, id="accepted before: the removal is pending"),
    ],
)
def test_a_file_removed_from_git(baseline, expected) -> None:
    before = known(stored=mapping(mapped("w1", "c1")), baseline=baseline)
    assert links(plan(before, observed("w1"))) == expected


@pytest.mark.parametrize(
    ("copy", "seen"),
    [
        pytest.param(declared("hash-a"), observed("w1", "hash-a"), id="by its digest"),
        pytest.param(declared("hash-b", n8n_workflow_id="w1"), observed("w1", "hash-a"), id="by its id"),
    ],
)
def test_a_renamed_file_without_a_sidecar_finds_its_workflow(copy, seen) -> None:
    before = known({"new": copy}, stored=mapping(mapped("w1", "old")), baseline=current(old=applied()))
    assert links(plan(before, seen)) == {"w1": "new"}


def test_an_unreadable_file_does_not_look_like_a_removal() -> None:
    before = known(stored=mapping(mapped("w1", "c1")), unreadable={"c1": "prod/orders.json: It is cut short."})
    found = plan(before, observed("w1"))
    assert (links(found), statuses(found)) == ({"w1": "c1"}, {"w1": LINKED})
    assert must_be_proven(before) == ("w1",)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(None, id="lost altogether"),
        pytest.param(mapping(), id="emptied"),
        pytest.param(mapping(mapped("w1")), id="without the link"),
        pytest.param(mapping(mapped("w1", "forgotten")), id="linked to what nobody manages"),
    ],
)
def test_a_lost_mapping_is_made_good_from_the_baseline(stored) -> None:
    before = known({"c1": declared("hash-b")}, stored=stored, baseline=current(c1=applied("hash-b")))
    assert must_be_proven(before) == ("w1",)
    assert links(plan(before, observed("w1", "hash-z"))) == {"w1": "c1"}
    gone = plan(before, gone=("w1",))
    assert (links(gone), statuses(gone)) == ({"w1": "c1"}, {"w1": MISSING})


def test_what_was_neither_seen_nor_proven_gone_is_kept_and_not_judged() -> None:
    before = known({"c1": declared(), "c2": declared("hash-b")}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w2", "hash-b"))
    kept = found.mapping.workflows["w1"]
    assert (kept.canonical_id, kept.status, kept.raw_hash) == ("c1", LINKED, "")
    assert kept.problem is not None
    back = plan(known({"c1": declared()}, stored=found.mapping), observed("w1"))
    assert back.mapping.workflows["w1"].problem is None


def test_a_place_that_is_neither_seen_nor_proven_empty_is_not_given_away() -> None:
    before = known({"c1": declared("hash-a")}, stored=mapping(mapped("w1", "c1")))
    assert links(plan(before, observed("w2", "hash-a"))) == {"w2": None, "w1": "c1"}


def test_a_workflow_that_cannot_be_read_keeps_its_link_and_tells_why() -> None:
    before = known({"c1": declared()}, stored=mapping(mapped("w1", "c1")))
    found = plan(before, observed("w1", "", problem="Its content cannot be read."))
    assert links(found) == {"w1": "c1"}
    assert found.mapping.workflows["w1"].problem == "Its content cannot be read."


def test_new_workflows_are_named_once() -> None:
    first = plan(known(), observed("w1"), observed("w2", is_archived=True))
    assert first.created_workflow_ids == ("w1",)
    assert first.mapping.workflows["w1"].detected_at == NOW
    judged = mapping(*(replace(entry, drift_status="unmapped") for entry in first.mapping.workflows.values()))
    again = plan(known(stored=judged), observed("w1"), observed("w3"), now=LATER)
    assert again.created_workflow_ids == ("w3",)
    assert again.mapping.workflows["w1"].detected_at == NOW


def test_an_entry_holds_what_was_seen_beside_what_git_says() -> None:
    before = known({"c1": declared("hash-g", n8n_workflow_id="w1", git_blob="blob")})
    seen = observed("w1", "hash-n", active=True, tags=("a",), references={"error_workflow": "w2"}, node_count=7)
    entry = plan(before, seen).mapping.workflows["w1"]
    assert (entry.env_content_hash, entry.git_content_hash) == ("hash-n", "hash-g")
    assert (entry.git_blob, entry.git_references) == ("blob", {})
    assert (entry.active, entry.tags, entry.node_count) == (True, ("a",), 7)
    assert (entry.env_references, entry.n8n_updated_at) == ({"error_workflow": "w2"}, NOW)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(known(), (), id="nothing known"),
        pytest.param(known({"c1": declared()}, stored=mapping(mapped("w1", "c1"))), ("w1",), id="declared"),
        pytest.param(known(stored=mapping(mapped("w1", "c1")), baseline=current(c1=applied())), ("w1",), id="applied"),
        pytest.param(known(stored=mapping(mapped("w1", "c1"))), (), id="no longer managed"),
        pytest.param(
            known({"c1": declared()}, stored=mapping(mapped("w1", "c1"), form=0)), ("w1",), id="of another form"
        ),
        pytest.param(
            known({"c1": declared()}, stored=mapping(mapped("w2", "c1")), baseline=current(c1=applied())),
            ("w2",),
            id="made anew: the old id is nobody's",
        ),
    ],
)
def test_what_git_manages_must_be_proven_gone(before, expected) -> None:
    assert must_be_proven(before) == expected


def test_a_run_that_broke_off_keeps_what_it_saw() -> None:
    before = known({"c1": declared()}, stored=mapping(mapped("w1", "c1", drift_status="in_sync"), mapped("w2")))
    kept = partial_mapping(
        before,
        [
            observed("w1", "hash-b"),
            observed("w3", "hash-c"),
            observed("w4", is_archived=True),
            observed("w5", problem="It cannot be read."),
        ],
        now=LATER,
    )
    assert {*kept.workflows} == {"w1", "w2", "w3"}
    assert kept.workflows["w1"].env_content_hash == "hash-b"
    assert (kept.workflows["w1"].canonical_id, kept.workflows["w1"].drift_status) == ("c1", "in_sync")
    assert kept.workflows["w2"] == mapped("w2")
    assert (kept.workflows["w3"].status, kept.workflows["w3"].drift_status) == (UNMAPPED, None)


def test_a_run_that_broke_off_loses_no_link_of_another_canonical_form() -> None:
    stored = mapping(mapped("w1", "c1", "old"), form=CANONICAL_FORM - 1)
    assert partial_mapping(known({"c1": declared()}, stored=stored), [observed("w2")], now=NOW) == stored


def test_a_run_that_broke_off_before_anything_was_known() -> None:
    kept = partial_mapping(known({"c1": declared()}), [observed("w1")], now=NOW)
    assert links(MappingPlan(mapping=kept, created_workflow_ids=(), archived_unmapped=0)) == {"w1": None}
    assert kept.canonical_form == CANONICAL_FORM


IDS = st.sampled_from(["w1", "w2", "w3", "w4", "w5"])
CANONICAL_IDS = st.sampled_from(["c1", "c2", "c3"])
HASHES = st.sampled_from(["a", "b", "c"])
COPIES: st.SearchStrategy[dict[str, DeclaredCopy]] = st.dictionaries(
    CANONICAL_IDS, st.builds(declared, HASHES, n8n_workflow_id=st.none() | IDS, name=st.sampled_from("xyz"))
)


def _one_each(ids: Mapping[str, str | None]) -> list[str]:
    """Leave out who claims an id that another has."""
    claims = [*ids.values()]
    return [each for each, own in ids.items() if own is None or claims.count(own) == 1]


@st.composite
def mappings(draw: st.DrawFn, *, is_sound: bool) -> MappingFile | None:
    held: dict[str, str | None] = draw(st.dictionaries(IDS, st.none() | CANONICAL_IDS))
    if is_sound:
        held = {each: held[each] for each in _one_each(held)}
    judged = st.sampled_from(["in_sync", "unmapped", "missing"])
    entries = [
        mapped(each, canonical_id, draw(HASHES), drift_status=draw(judged)) for each, canonical_id in held.items()
    ]
    form = draw(st.sampled_from([CANONICAL_FORM, CANONICAL_FORM, 0]))
    return draw(st.just(mapping(*entries, form=form)) | st.none())


@st.composite
def knowns(draw: st.DrawFn, *, is_sound: bool = True) -> Known:
    """What is known of an environment; unsound where two entries of the mapping claim one canonical id."""
    ids = draw(st.none() | st.dictionaries(CANONICAL_IDS, IDS))
    baseline = None if ids is None else {each: applied(draw(HASHES), ids[each]) for each in _one_each(ids)}
    return known(
        draw(COPIES),
        stored=draw(mappings(is_sound=is_sound)),
        baseline=None if baseline is None else current(**baseline),
        unreadable=draw(st.dictionaries(CANONICAL_IDS, st.just("a: b"), max_size=1)),
        elsewhere={each: {"dev": declared("a", name="x")} for each in draw(st.sets(CANONICAL_IDS))},
    )


@st.composite
def listings(draw: st.DrawFn, before: Known) -> Observation:
    """A complete listing, with a proof for everything that has to be there and is not."""
    seen = draw(
        st.lists(
            st.builds(
                observed,
                IDS,
                HASHES,
                is_archived=st.booleans(),
                name=st.sampled_from("xyz"),
                problem=st.sampled_from([None, None, None, "odd"]),
            ),
            unique_by=lambda each: each.id,
        )
    )
    ids = {each.id for each in seen}
    return observation(*seen, proven_missing=frozenset(must_be_proven(before)) - ids)


def as_seen(entry: Observation, before: Known) -> Observation:
    """The same listing read by a run that knows this much."""
    entries = known_workflows(before.mapping)
    return replace(entry, workflows=tuple(_again(seen, entries.get(seen.id)) for seen in entry.workflows))


def _again(seen: ObservedWorkflow, entry: MappedWorkflow | None) -> ObservedWorkflow:
    is_same = entry is not None and entry.raw_hash == seen.raw_hash and entry.problem is None
    return replace(seen, is_unchanged=is_same and seen.problem is None)


@LAW
@given(st.data())
def test_links_are_one_to_one_and_no_managed_workflow_is_lost(data) -> None:
    before = data.draw(knowns(is_sound=data.draw(st.booleans())))
    seen = data.draw(listings(before))
    found = plan_mapping(before, seen, now=NOW)
    held = [entry.canonical_id for entry in found.mapping.workflows.values() if entry.canonical_id is not None]
    assert len(held) == len(set(held))
    for each in seen.workflows:
        assert each.is_archived or each.id in found.mapping.workflows
    for workflow_id in must_be_proven(before):
        entry = before.mapping.workflows.get(workflow_id) if before.mapping is not None else None
        canonical_id = entry.canonical_id if entry is not None else None
        assert canonical_id is None or not before.has_file(canonical_id) or canonical_id in held


@LAW
@given(st.data())
def test_missing_is_said_of_nothing_that_was_seen_in_use(data) -> None:
    before = data.draw(knowns(is_sound=data.draw(st.booleans())))
    seen = data.draw(listings(before))
    in_use = {each.id for each in seen.workflows if not each.is_archived}
    found = plan_mapping(before, seen, now=NOW)
    assert not in_use & {each for each, status in statuses(found).items() if status is MISSING}
    assert {each for each, status in statuses(found).items() if status is MISSING} <= seen.proven_missing | {
        each.id for each in seen.workflows if each.is_archived
    }


def mapping_and_baseline_agree(before: Known) -> bool:
    """Whether both name the same n8n workflow. Else the baseline is heard once its link is free."""
    links = {entry.canonical_id: each for each, entry in (before.mapping.workflows if before.mapping else {}).items()}
    baseline = {} if before.current is None else before.current.workflows
    return all(
        links.get(each, applied.n8n_workflow_id) == applied.n8n_workflow_id for each, applied in baseline.items()
    )


@LAW
@given(st.data())
def test_planning_again_changes_nothing(data) -> None:
    before = data.draw(knowns().filter(mapping_and_baseline_agree))
    seen = data.draw(listings(before))
    first = plan_mapping(before, seen, now=NOW)
    again = plan_mapping(replace(before, mapping=first.mapping), seen, now=LATER)
    assert again.mapping == first.mapping


@LAW
@given(st.data())
def test_going_on_after_a_break_comes_to_the_same_as_never_breaking_off(data) -> None:
    before = data.draw(knowns())
    seen = data.draw(listings(before))
    whole = plan_mapping(before, as_seen(seen, before), now=NOW)
    length = data.draw(st.integers(0, len(seen.workflows)))
    kept = replace(before, mapping=partial_mapping(before, as_seen(seen, before).workflows[:length], now=NOW))
    resumed = plan_mapping(kept, as_seen(seen, kept), now=NOW)
    assert resumed.mapping == whole.mapping
    assert resumed.created_workflow_ids == whole.created_workflow_ids
    assert {*must_be_proven(kept)} == {*must_be_proven(before)}
