"""Which side moved, when drift went away."""

from dataclasses import replace

import pytest
from tests.core.incident.builders import affected, after, detected, drifted, report, sides

from workflowops.core.drift import Compared
from workflowops.core.incident.lifecycle import EVIDENCE, Ending
from workflowops.core.incident.record import Event, ResolutionType
from workflowops.core.incident.resolution import combined, ending_of, evidence, says_agreement
from workflowops.core.standing import DriftKind

SYNC, PENDING = DriftKind.IN_SYNC, DriftKind.PENDING
ACCEPTED, REVERTED, REPLACED, OTHER = (
    ResolutionType.ACCEPTED_RUNTIME_CHANGES,
    ResolutionType.REVERTED_TO_GIT,
    ResolutionType.REPLACED,
    ResolutionType.OTHER,
)


@pytest.mark.parametrize(
    ("before", "now", "expected", "resolution"),
    [
        pytest.param(
            "live", Compared(SYNC, "git-2", "live"), Ending.ACCEPTED_RUNTIME_CHANGES, ACCEPTED, id="git moved"
        ),
        pytest.param("live", Compared(SYNC, "git", "live-2"), Ending.REVERTED_TO_GIT, REVERTED, id="n8n"),
        pytest.param("live", Compared(SYNC, "git-2", "live-2"), Ending.REPLACED, REPLACED, id="both"),
        pytest.param("live", Compared(SYNC, "git", "live"), Ending.OTHER, OTHER, id="neither moved: ignored now"),
        pytest.param(None, Compared(SYNC, "git", "live-2"), Ending.REVERTED_TO_GIT, REVERTED, id="missing, put back"),
        pytest.param(None, Compared(SYNC, "git-2", "live-2"), Ending.REPLACED, REPLACED, id="missing one made anew"),
        pytest.param(None, None, Ending.ACCEPTED_RUNTIME_CHANGES, ACCEPTED, id="missing one removed from git"),
        pytest.param("live", None, Ending.UNMANAGED, OTHER, id="not managed any more"),
        pytest.param("live", Compared(DriftKind.UNMAPPED, None, "live"), Ending.UNMANAGED, OTHER, id="not linked"),
        pytest.param(
            "live",
            Compared(PENDING, "git-3", "live-2"),
            Ending.GIT_AHEAD,
            OTHER,
            id="put back, git has a third",
        ),
        pytest.param(
            "live", Compared(PENDING, "git", "live-2"), Ending.LAST_KNOWN_GOOD, REVERTED, id="put back, git was ahead"
        ),
        pytest.param("live", Compared(PENDING, "git", "live"), Ending.GIT_AHEAD, OTHER, id="a new baseline"),
        pytest.param("live", Compared(PENDING, "git-2", "live"), Ending.GIT_AHEAD, OTHER, id="baseline, git moved"),
        pytest.param("live", Compared(PENDING, None, "live-2"), Ending.GIT_AHEAD, OTHER, id="put back, file removed"),
        pytest.param("live", Compared(PENDING, "git", None), Ending.GIT_AHEAD, OTHER, id="never put into n8n"),
    ],
)
def test_the_side_that_moved_tells_how_drift_went(before, now, expected, resolution) -> None:
    workflow = replace(affected(), git_key="git", live_key=before)
    assert ending_of(workflow, now) is expected
    assert EVIDENCE[expected] is resolution


@pytest.mark.parametrize("live", ["live", "live-2"])
def test_a_version_accepted_as_last_known_good_is_not_in_git_yet(live) -> None:
    workflow = replace(affected(), git_key="git", live_key="live")
    found = ending_of(workflow, Compared(PENDING, "git", live), awaits_git=True)
    assert (found, EVIDENCE[found]) == (Ending.GIT_TO_FOLLOW, OTHER)
    assert ending_of(workflow, Compared(SYNC, "git-2", "live"), awaits_git=True) is Ending.ACCEPTED_RUNTIME_CHANGES


def test_every_ending_stands_for_a_resolution() -> None:
    assert set(EVIDENCE) == set(Ending)


def test_the_evidence_names_the_workflows_by_how_they_went() -> None:
    gone = [affected("c1"), affected("c2"), affected("c3"), affected("c4"), affected("c5")]
    compared = {
        "c1": sides(SYNC, git="git-2", live="live-new"),
        "c2": sides(SYNC, git="git-old", live="live-2"),
        "c3": sides(SYNC, git="git-3", live="live-new"),
        "c4": sides(PENDING),
    }
    drift = report(drifted("c4", kind=PENDING, awaits_git=True), also=compared)
    assert evidence(gone, drift) == {
        "accepted_runtime_changes": "Workflow c1, Workflow c3",
        "reverted_to_git": "Workflow c2",
        "git_to_follow": "Workflow c4",
        "unmanaged": "Workflow c5",
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"reverted_to_git": "A"}, True),
        ({"accepted_runtime_changes": "A", "replaced": "B", "resolution_type": "mixed"}, True),
        ({"reverted_to_git": "A", "accepted": "B"}, False),
        ({"reverted_to_git": "A", "git_ahead": "B"}, False),
        ({"last_known_good": "A"}, False),
        ({"git_to_follow": "A"}, False),
        ({"unmanaged": "A"}, False),
        ({"other": "A"}, False),
        ({}, False),
    ],
)
def test_the_sides_agree_only_where_every_workflow_is_in_sync(fields, expected) -> None:
    assert says_agreement(after(detected(), Event.DRIFT_GONE, **fields).timeline[-1]) is expected


@pytest.mark.parametrize(
    ("on_the_way", "at_last", "expected"),
    [
        ([], [REVERTED], REVERTED),
        ([REVERTED], [REVERTED], REVERTED),
        ([REVERTED], [REPLACED], ResolutionType.MIXED),
        ([], [REVERTED, OTHER], ResolutionType.MIXED),
        ([], [], OTHER),
    ],
)
def test_several_ways_are_mixed(on_the_way, at_last, expected) -> None:
    incident = detected()
    for each in on_the_way:
        incident = after(incident, Event.DRIFT_CHANGED, gone="x", **{each: "x"})
    assert combined(incident, at_last) is expected


def test_what_ended_on_the_way_counts_by_what_it_stands_for() -> None:
    incident = after(detected(), Event.DRIFT_CHANGED, gone="x", last_known_good="x")
    assert combined(incident, [REVERTED]) is REVERTED
    assert combined(after(incident, Event.DRIFT_CHANGED, gone="y", git_ahead="y"), [REVERTED]) is ResolutionType.MIXED


def test_what_went_before_drift_came_back_does_not_count() -> None:
    incident = after(detected(), Event.DRIFT_CHANGED, gone="x", reverted_to_git="x")
    assert combined(after(incident, Event.DRIFT_BACK), [REPLACED]) is REPLACED
