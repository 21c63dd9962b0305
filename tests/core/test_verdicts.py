"""Drift: what is said of every workflow, and that nothing is called in sync, missing or drifted that is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    COMMIT,
    LAW,
    NOW,
    applied,
    blob_of,
    changed,
    current,
    declared,
    known,
    listed,
    mapped,
    mapping,
    observation,
    observed,
    wires,
    workflow,
)

from workflowops.core.baseline import plan_baseline
from workflowops.core.configuration import DriftPolicy, Telling
from workflowops.core.declared import declare, pair_files
from workflowops.core.drift import Counts, DriftReport, EnvironmentDrift, ValueChange
from workflowops.core.listing import OddWorkflow
from workflowops.core.mapping import Known, plan_mapping
from workflowops.core.observation import observe, set_aside
from workflowops.core.records import DriftStatus, MappedWorkflow, MappingFile, MappingStatus
from workflowops.core.sidecar import Sidecar, render_sidecar
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.verdicts import Verdict, count, ignored_away, judge, resolver, status_of
from workflowops.core.workflow_file import render_workflow

POLICY = DriftPolicy()
UNREADABLE = {"c1": "prod/orders.json: It is cut short."}
Document = dict[str, Any]


def judged(before: Known, *entries: MappedWorkflow, policy: DriftPolicy = POLICY) -> tuple[Verdict, ...]:
    stored = mapping(*entries)
    return judge(before, stored, anywhere=resolver(stored), policy=policy)


def only(before: Known, *entries: MappedWorkflow, policy: DriftPolicy = POLICY) -> Verdict:
    [verdict] = judged(before, *entries, policy=policy)
    return verdict


def linked(**more: Any) -> MappedWorkflow:
    return mapped("w1", "c1", **more)


BASELINE = current(c1=applied("hash-a", active=False, tags=()))
COPY = declared("hash-a", active=False, tags=())


@pytest.mark.parametrize(
    ("copy", "entry", "baseline", "expected"),
    [
        pytest.param("hash-a", linked(), "hash-a", DriftKind.IN_SYNC, id="in sync"),
        pytest.param("hash-a", linked(content="hash-b"), "hash-a", DriftKind.MODIFIED, id="n8n moved"),
        pytest.param("hash-b", linked(), "hash-a", DriftKind.PENDING, id="git moved"),
        pytest.param("hash-b", linked(content="hash-c"), "hash-a", DriftKind.CONFLICT, id="both moved"),
        pytest.param("hash-b", linked(), None, DriftKind.CONFLICT, id="different without a baseline"),
        pytest.param(None, linked(), "hash-a", DriftKind.PENDING, id="git removed it"),
        pytest.param("hash-a", linked(status=MappingStatus.MISSING), "hash-a", DriftKind.MISSING, id="missing"),
        pytest.param(
            "hash-a", linked(status=MappingStatus.MISSING), None, DriftKind.PENDING, id="missing, never accepted"
        ),
        pytest.param(None, linked(status=MappingStatus.MISSING), "hash-a", DriftKind.IN_SYNC, id="gone on both sides"),
    ],
)
def test_a_linked_workflow_is_judged_by_its_content(copy, entry, baseline, expected) -> None:
    before = known(
        {} if copy is None else {"c1": declared(copy)},
        baseline=None if baseline is None else current(c1=applied(baseline)),
    )
    verdict = only(before, entry)
    assert (verdict.kind, verdict.content) == (expected, expected)
    assert (verdict.workflow_id, verdict.canonical_id) == ("w1", "c1")


def test_a_verdict_names_both_sides() -> None:
    verdict = only(known({"c1": COPY}, baseline=BASELINE), linked(content="hash-b"))
    assert (verdict.workflow_name, verdict.canonical_slug, verdict.file) == ("Workflow w1", "c1", "prod/orders.json")
    assert verdict.needs_diff
    assert verdict.n8n_updated_at == NOW


def test_an_unmapped_workflow_is_told_and_is_no_drift() -> None:
    verdict = only(known(), mapped("w1", suggestion="orders"))
    assert (verdict.kind, verdict.canonical_id, verdict.suggestion) == (DriftKind.UNMAPPED, None, "orders")
    assert not verdict.needs_diff


@pytest.mark.parametrize(
    ("baseline", "expected"),
    [
        pytest.param(None, DriftKind.PENDING, id="never in n8n"),
        pytest.param(BASELINE, DriftKind.MISSING, id="it was in n8n"),
    ],
)
def test_a_declared_workflow_without_a_counterpart(baseline, expected) -> None:
    verdict = only(known({"c1": COPY}, baseline=baseline))
    assert (verdict.kind, verdict.file, verdict.needs_diff) == (expected, "prod/orders.json", False)
    assert verdict.workflow_name == "Orders"


def test_nothing_is_missing_whose_workflow_is_there_and_is_anothers_now() -> None:
    before = known({"c1": COPY, "c2": declared("hash-b")}, baseline=current(c1=applied(workflow_id="w1")))
    verdicts = {each.canonical_id: each for each in judged(before, mapped("w1", "c2", "hash-b"))}
    assert verdicts["c1"].kind is DriftKind.PENDING
    assert verdicts["c1"].workflow_id is None


@pytest.mark.parametrize("status", [MappingStatus.LINKED, MappingStatus.MISSING])
@pytest.mark.parametrize("baseline", [pytest.param(None, id="new"), pytest.param(BASELINE, id="baselined")])
def test_beside_an_unreadable_file_nothing_is_in_sync_or_pending(status, baseline) -> None:
    verdict = only(known(unreadable=UNREADABLE, baseline=baseline), linked(status=status))
    is_proven = status is MappingStatus.MISSING and baseline is not None
    assert verdict.kind is (DriftKind.MISSING if is_proven else DriftKind.UNKNOWN)
    assert verdict.problem == UNREADABLE["c1"]


@pytest.mark.parametrize("baseline", [pytest.param(None, id="new"), pytest.param(BASELINE, id="baselined")])
def test_an_unreadable_file_that_nothing_is_linked_to_is_told(baseline) -> None:
    verdict = only(known(unreadable=UNREADABLE, baseline=baseline))
    assert (verdict.kind, verdict.canonical_id, verdict.file) == (DriftKind.UNKNOWN, "c1", "prod/orders.json")
    assert verdict.problem == UNREADABLE["c1"]
    assert status_of(count((verdict,)), is_baselined=True) is DriftStatus.UNKNOWN


def test_a_workflow_that_cannot_be_read_is_unknown_and_nothing_else() -> None:
    found = set_aside(OddWorkflow("w1", None, "It cannot be read."))
    assert not isinstance(found, str)
    copy = declared("hash-a", active=True, tags=("a",), bindings_hash="other")
    before = known({"c1": copy}, stored=mapping(linked()), baseline=current(c1=applied(active=True, tags=("a",))))
    plan = plan_mapping(before, observation(found), now=NOW)
    policy = DriftPolicy(bindings=Telling.REPORT)
    [verdict] = judge(before, plan.mapping, anywhere=resolver(plan.mapping), policy=policy)
    assert (verdict.kind, verdict.problem) == (DriftKind.UNKNOWN, "It cannot be read.")
    assert (verdict.activation, verdict.tags, verdict.bindings_changed) == (None, None, False)
    assert verdict.workflow_name == "Orders"


def test_what_was_neither_seen_nor_proven_gone_is_unknown() -> None:
    before = known({"c1": COPY}, stored=mapping(linked()), baseline=BASELINE)
    plan = plan_mapping(before, observation(), now=NOW)
    [verdict] = judge(before, plan.mapping, anywhere=resolver(plan.mapping), policy=POLICY)
    assert verdict.kind is DriftKind.UNKNOWN


@pytest.mark.parametrize(
    ("copy", "entry", "baseline", "kind", "change"),
    [
        pytest.param(True, True, True, DriftKind.IN_SYNC, None, id="active on both sides"),
        pytest.param(True, False, True, DriftKind.ACTIVATION_CHANGED, (True, False), id="deactivated in n8n"),
        pytest.param(True, False, False, DriftKind.PENDING, (True, False), id="activated in git"),
        pytest.param(None, True, False, DriftKind.IN_SYNC, None, id="git is silent"),
    ],
)
def test_activation(copy, entry, baseline, kind, change) -> None:
    before = known({"c1": declared(active=copy)}, baseline=current(c1=applied(active=baseline)))
    verdict = only(before, linked(active=entry))
    assert (verdict.kind, verdict.content) == (kind, DriftKind.IN_SYNC)
    assert verdict.activation == (None if change is None else ValueChange(*change))


@pytest.mark.parametrize(
    ("copy", "entry", "baseline", "kind", "change"),
    [
        pytest.param(("a",), ("a",), ("a",), DriftKind.IN_SYNC, None, id="the same"),
        pytest.param(("a",), ("a", "b"), ("a",), DriftKind.TAGS_CHANGED, (["a"], ["a", "b"]), id="added in n8n"),
        pytest.param(("b",), ("a",), ("a",), DriftKind.PENDING, (["b"], ["a"]), id="changed in git"),
        pytest.param(None, ("a",), (), DriftKind.IN_SYNC, None, id="git is silent"),
        pytest.param((), ("a",), None, DriftKind.TAGS_CHANGED, ([], ["a"]), id="different, nobody knows who moved"),
    ],
)
def test_tags(copy, entry, baseline, kind, change) -> None:
    before = known({"c1": declared(tags=copy)}, baseline=current(c1=applied(tags=baseline)))
    verdict = only(before, linked(tags=entry))
    assert verdict.kind is kind
    assert verdict.tags == (None if change is None else ValueChange(*change))


def test_activation_and_tags_are_compared_as_the_configuration_says() -> None:
    before = known({"c1": declared(active=True, tags=("a",))}, baseline=current(c1=applied(active=True, tags=("a",))))
    entry = linked(active=False, tags=())
    assert only(before, entry).kind is DriftKind.ACTIVATION_CHANGED
    without_activation = only(before, entry, policy=DriftPolicy(activation=False))
    assert (without_activation.kind, without_activation.activation) == (DriftKind.TAGS_CHANGED, None)
    assert only(before, entry, policy=DriftPolicy(activation=False, tags=False)).kind is DriftKind.IN_SYNC


def test_the_content_is_heard_before_what_stands_beside_it() -> None:
    before = known({"c1": declared("hash-a", active=True)}, baseline=current(c1=applied("hash-a", active=True)))
    verdict = only(before, linked(content="hash-b", active=False))
    assert (verdict.kind, verdict.content) == (DriftKind.MODIFIED, DriftKind.MODIFIED)
    assert verdict.beside is DriftKind.ACTIVATION_CHANGED


@pytest.mark.parametrize(
    ("entry", "baseline", "expected"),
    [
        pytest.param({"active": True}, "hash-a", DriftKind.ACTIVATION_CHANGED, id="activation"),
        pytest.param({"tags": ("a",)}, "hash-a", DriftKind.TAGS_CHANGED, id="tags"),
        pytest.param({"active": True, "tags": ("a",)}, "hash-a", DriftKind.ACTIVATION_CHANGED, id="both"),
        pytest.param({}, "hash-a", DriftKind.IN_SYNC, id="nothing else"),
    ],
)
@pytest.mark.parametrize("content", ["hash-a", "hash-b"])
def test_an_ignored_difference_hides_nothing_that_stands_beside_it(entry, baseline, expected, content) -> None:
    before = known({"c1": COPY}, baseline=current(c1=applied(baseline, active=False, tags=())))
    verdict = ignored_away(only(before, linked(content=content, **entry)))
    assert (verdict.kind, verdict.content, verdict.needs_diff) == (expected, DriftKind.IN_SYNC, False)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(DriftPolicy(), False, id="not asked for"),
        pytest.param(DriftPolicy(bindings=Telling.REPORT), True, id="asked for"),
    ],
)
def test_bindings_are_told_when_asked_for_and_are_never_drift(policy, expected) -> None:
    before = known({"c1": declared(bindings_hash="other")}, baseline=current(c1=applied()))
    verdict = only(before, linked(), policy=policy)
    assert (verdict.bindings_changed, verdict.kind) == (expected, DriftKind.IN_SYNC)


@pytest.mark.parametrize(
    ("entry", "policy", "expected"),
    [
        pytest.param({"draft_content_hash": "d"}, DriftPolicy(), True, id="ahead"),
        pytest.param({"draft_content_hash": "d"}, DriftPolicy(draft=Telling.IGNORE), False, id="not asked for"),
        pytest.param({}, DriftPolicy(), False, id="published as it is"),
        pytest.param({"draft_content_hash": "d", "status": MappingStatus.MISSING}, DriftPolicy(), False, id="archived"),
    ],
)
def test_a_draft_ahead_is_told_and_is_never_drift(entry, policy, expected) -> None:
    verdict = only(known({"c1": declared()}, baseline=current(c1=applied())), linked(**entry), policy=policy)
    assert verdict.draft_ahead is expected
    assert count((verdict,)).draft_ahead == expected


def test_drift_comes_first_and_then_the_alphabet() -> None:
    before = known(
        {"c1": declared("hash-a"), "c2": declared("hash-a"), "c3": declared("hash-a")},
        baseline=current(c1=applied("hash-a"), c2=applied("hash-a"), c3=applied("hash-a")),
    )
    verdicts = judged(
        before,
        mapped("w1", "c1", workflow_name="zebra", content="hash-b"),
        mapped("w2", "c2", workflow_name="Apple"),
        mapped("w3", "c3", workflow_name="apple", content="hash-b"),
        mapped("w4", workflow_name="Mango"),
    )
    assert [each.workflow_name for each in verdicts] == ["apple", "zebra", "Apple", "Mango"]


def test_an_id_means_the_canonical_one_first_of_all_in_its_own_instance() -> None:
    own = mapping(mapped("1", "c1"), mapped("2"), mapped("3", "c3", status=MappingStatus.MISSING))
    other = mapping(mapped("1", "c9"), mapped("4", "c4"), mapped("5"))
    means = resolver(own, None, other)
    assert [means(each) for each in "123456"] == ["c1", "2", "c3", "c4", None, None]


@pytest.mark.parametrize(
    ("counts", "is_baselined", "expected"),
    [
        pytest.param(Counts(modified=1), False, DriftStatus.NEW, id="no baseline, no verdict"),
        pytest.param(Counts(in_sync=9), True, DriftStatus.IN_SYNC, id="in sync"),
        pytest.param(Counts(), True, DriftStatus.IN_SYNC, id="nothing there"),
        pytest.param(Counts(pending=1, unmapped=1, draft_ahead=1), True, DriftStatus.IN_SYNC, id="work, not drift"),
        pytest.param(Counts(unknown=1, in_sync=9), True, DriftStatus.UNKNOWN, id="one could not be compared"),
        pytest.param(Counts(unknown=1, modified=1), True, DriftStatus.DRIFT_DETECTED, id="drift all the same"),
        *(
            pytest.param(Counts(**{kind: 1}), True, DriftStatus.DRIFT_DETECTED, id=kind)
            for kind in sorted(str(each) for each in DRIFT)
        ),
    ],
)
def test_the_status_of_an_environment(counts, is_baselined, expected) -> None:
    assert status_of(counts, is_baselined=is_baselined) is expected


@LAW
@given(st.lists(st.sampled_from(DriftKind), max_size=30))
def test_every_verdict_is_counted_once(kinds) -> None:
    verdicts = tuple(
        Verdict(kind=kind, content=kind, workflow_id=None, workflow_name="", canonical_id=None) for kind in kinds
    )
    counts = count(verdicts)
    assert sum(getattr(counts, str(kind)) for kind in DriftKind) == len(kinds)
    assert counts.drifted == sum(kind in DRIFT for kind in kinds)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param([], DriftStatus.UNKNOWN, id="nothing was checked"),
        pytest.param(["in_sync", "new"], DriftStatus.NEW, id="one is new"),
        pytest.param(["new", "drift_detected"], DriftStatus.DRIFT_DETECTED, id="one drifted"),
        pytest.param(["drift_detected", "unknown", "in_sync"], DriftStatus.UNKNOWN, id="one could not be checked"),
        pytest.param(["in_sync", "in_sync"], DriftStatus.IN_SYNC, id="all in sync"),
    ],
)
def test_a_report_has_the_worst_status_of_its_environments(statuses, expected) -> None:
    report = DriftReport(
        tuple(
            EnvironmentDrift(
                environment=f"e{number}",
                title="",
                drift_status=DriftStatus(status),
                checked_at=NOW,
                git_commit_sha=COMMIT,
                counts=Counts(modified=1),
            )
            for number, status in enumerate(statuses)
        )
    )
    assert report.status is expected
    assert report.drifted == len(statuses)


# The whole core, from the file in Git and n8n's answer to the verdict.

IDENTITY = "00000000-0000-4000-8000-000000000001"
FILES = {
    "prod/orders.json": render_workflow(workflow()),
    "prod/orders.wfo.json": render_sidecar(
        Sidecar(canonical_id=IDENTITY, canonical_slug="orders", n8n_workflow_id="w1")
    ),
}


def baselined() -> Known:
    """Production with one workflow in sync and accepted, known from its files."""
    blobs = {path: blob_of(content) for path, content in FILES.items()}
    contents = {blob_of(content): content for content in FILES.values()}
    declaration = declare(pair_files("prod", "prod", blobs), commit=COMMIT, known=None, content=contents.__getitem__)
    before = Known(environment="prod", canonical=declaration.file, mapping=None, current=None)
    stored = looked_at(before, workflow())
    verdicts = judge(before, stored, anywhere=resolver(stored), policy=POLICY)
    assert [each.kind for each in verdicts] == [DriftKind.IN_SYNC]
    baseline = plan_baseline(before, stored, verdicts, accept=None, now=NOW).current
    return replace(before, mapping=stored, current=baseline)


def looked_at(before: Known, document: Document, **more: Any) -> MappingFile:
    entry = None if before.mapping is None else before.mapping.workflows["w1"]
    found = observe(listed("w1", document, **more), known=entry)
    return plan_mapping(before, observation(found), now=NOW).mapping


def told(document: Document, **more: Any) -> Verdict:
    """Judge one look at n8n after the baseline."""
    before = baselined()
    after = looked_at(before, document, **more)
    [verdict] = judge(before, after, anywhere=resolver(after), policy=POLICY)
    return verdict


def to(path: str, value: Any) -> Callable[[Document], Document]:
    return lambda document: changed(document, path, value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(to("nodes.1.parameters.text", "x"), DriftKind.MODIFIED, id="a parameter"),
        pytest.param(to("nodes.1.disabled", True), DriftKind.MODIFIED, id="a node disabled"),
        pytest.param(to("name", "Other"), DriftKind.MODIFIED, id="renamed"),
        pytest.param(to("active", False), DriftKind.ACTIVATION_CHANGED, id="deactivated"),
        pytest.param(to("tags", ["other"]), DriftKind.TAGS_CHANGED, id="tags"),
        pytest.param(to("settings.executionTimeout", 5), DriftKind.MODIFIED, id="a timeout"),
        pytest.param(to("settings.errorWorkflow", "wf-x"), DriftKind.MODIFIED, id="another error workflow"),
        pytest.param(to("settings.binaryMode", "combined"), DriftKind.MODIFIED, id="how files are held"),
        pytest.param(to("nodes.2.credentials.httpBasicAuth.name", "x"), DriftKind.MODIFIED, id="a credential's name"),
        pytest.param(to("nodes.3.parameters.workflowId.value", "wf-x"), DriftKind.MODIFIED, id="another callee"),
        pytest.param(to("connections.Top.main.0.0.node", "Sheet"), DriftKind.MODIFIED, id="a connection"),
        pytest.param(to("nodes.1.parameters.updatedAt", "x"), DriftKind.MODIFIED, id="a user's own updatedAt"),
        pytest.param(to("nodes.2.position", [200, -100]), DriftKind.MODIFIED, id="the vertical order"),
        pytest.param(to("nodes.2.credentials.httpBasicAuth.id", "x"), DriftKind.IN_SYNC, id="a credential's id"),
        pytest.param(to("nodes.1.id", "x"), DriftKind.IN_SYNC, id="a node id"),
        pytest.param(to("nodes.1.position", [5, 50]), DriftKind.IN_SYNC, id="a move"),
        pytest.param(to("connections.Hook.main.0", wires("Bottom", "Top")), DriftKind.IN_SYNC, id="order of targets"),
        pytest.param(to("staticData", {"a": 1}), DriftKind.IN_SYNC, id="static data"),
        pytest.param(to("pinData", {"Top": []}), DriftKind.IN_SYNC, id="pinned data"),
        pytest.param(to("settings.timezone", "DEFAULT"), DriftKind.IN_SYNC, id="a default written out"),
        pytest.param(to("nodes.1.parameters.text", "a\r\nb"), DriftKind.IN_SYNC, id="CRLF"),
        pytest.param(lambda document: document, DriftKind.IN_SYNC, id="nothing"),
    ],
)
@pytest.mark.parametrize("more", [pytest.param({"activeVersion": None}, id="1.x"), pytest.param({}, id="2.x")])
def test_the_noise_table(change, expected, more) -> None:
    assert told(change(workflow()), **more).kind is expected


def test_a_draft_that_is_not_published_is_no_drift() -> None:
    draft = changed(workflow(), "nodes.1.parameters.text", "draft")
    graph = {key: workflow()[key] for key in ("nodes", "connections")}
    verdict = told(draft, activeVersion={"versionId": "v1", **graph})
    assert (verdict.kind, verdict.draft_ahead) == (DriftKind.IN_SYNC, True)


def test_a_published_version_that_is_not_what_git_says_is_drift_under_an_untouched_draft() -> None:
    other = changed(workflow(), "nodes.1.parameters.text", "two weeks old")
    graph = {key: other[key] for key in ("nodes", "connections")}
    assert told(workflow(), activeVersion={"versionId": "v0", **graph}).kind is DriftKind.MODIFIED


def test_an_archived_workflow_is_missing() -> None:
    verdict = told(workflow(active=False), isArchived=True)
    assert (verdict.kind, verdict.is_archived) == (DriftKind.MISSING, True)
    assert (verdict.git_key, verdict.live_key) == (told(workflow(active=False)).git_key, None)


STATES = st.sampled_from([None, "a", "b", "c"])
SIDES = st.tuples(STATES, STATES, STATES, st.booleans(), st.booleans(), st.sampled_from([None, "odd"]))


@LAW
@given(st.lists(SIDES, max_size=4), st.booleans())
def test_every_workflow_of_either_side_is_judged_once(sides, is_baselined) -> None:
    names = [f"c{number}" for number in range(len(sides))]
    copies = {name: declared(copy) for name, (copy, *_) in zip(names, sides, strict=True) if copy is not None}
    unreadable = {
        name: f"prod/{name}.json: odd"
        for name, (copy, _, _, is_unreadable, _, _) in zip(names, sides, strict=True)
        if is_unreadable and copy is None
    }
    baseline = current(
        **{name: applied(was, f"w-{name}") for name, (_, _, was, *_) in zip(names, sides, strict=True) if was}
    )
    entries = [
        mapped(
            f"w-{name}",
            name,
            live,
            status=MappingStatus.MISSING if is_gone else MappingStatus.LINKED,
            problem=problem,
        )
        for name, (_, live, _, _, is_gone, problem) in zip(names, sides, strict=True)
        if live is not None
    ]
    before = known(copies, unreadable=unreadable, baseline=baseline if is_baselined else None)
    verdicts = judged(before, *entries)
    ids = [each.canonical_id for each in verdicts]
    assert len(ids) == len(set(ids))
    assert {*ids} == copies.keys() | unreadable.keys() | {entry.canonical_id for entry in entries}
    for verdict in verdicts:
        assert verdict.kind is not DriftKind.IN_SYNC or verdict.canonical_id not in unreadable
        assert verdict.kind is not DriftKind.IN_SYNC or verdict.problem is None or verdict.canonical_id not in copies


def test_seen_through_the_mapping_an_observed_workflow_keeps_its_labels() -> None:
    before = known({"c1": declared("hash-b")}, stored=mapping(linked()), baseline=BASELINE)
    plan = plan_mapping(before, observation(observed("w1", "hash-z", name="Renamed")), now=NOW)
    [verdict] = judge(before, plan.mapping, anywhere=resolver(plan.mapping), policy=POLICY)
    assert (verdict.workflow_name, verdict.kind) == ("Renamed", DriftKind.CONFLICT)
