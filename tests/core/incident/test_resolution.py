"""Which side moved, when drift went away."""

from dataclasses import replace

import pytest
from tests.core.incident.builders import affected, after, detected, sides

from workflowops.core.drift import Compared
from workflowops.core.incident.record import Event, ResolutionType
from workflowops.core.incident.resolution import combined, evidence, resolution_of
from workflowops.core.standing import DriftKind

SYNC, PENDING = DriftKind.IN_SYNC, DriftKind.PENDING
ACCEPTED, REVERTED, REPLACED, OTHER = (
    ResolutionType.ACCEPTED_RUNTIME_CHANGES,
    ResolutionType.REVERTED_TO_GIT,
    ResolutionType.REPLACED,
    ResolutionType.OTHER,
)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(("git", "live"), Compared(SYNC, "git-2", "live"), ACCEPTED, id="git moved"),
        pytest.param(("git", "live"), Compared(SYNC, "git", "live-2"), REVERTED, id="n8n moved"),
        pytest.param(("git", "live"), Compared(SYNC, "git-2", "live-2"), REPLACED, id="both moved"),
        pytest.param(("git", "live"), Compared(SYNC, "git", "live"), OTHER, id="neither moved: ignored now"),
        pytest.param(("git", "live"), Compared(PENDING, "git", "live"), ACCEPTED, id="neither moved: a new baseline"),
        pytest.param(("git", None), Compared(SYNC, "git", "live-2"), REVERTED, id="missing one put back"),
        pytest.param(("git", None), Compared(SYNC, "git-2", "live-2"), REPLACED, id="missing one made anew from git"),
        pytest.param(("git", None), None, ACCEPTED, id="missing one removed from git"),
        pytest.param(("git", "live"), None, OTHER, id="not managed any more"),
        pytest.param(("git", "live"), Compared(PENDING, None, "live"), ACCEPTED, id="file removed, n8n as it was"),
    ],
)
def test_the_side_that_moved_tells_how_drift_went(before, now, expected) -> None:
    git, live = before
    assert resolution_of(replace(affected(), git_key=git, live_key=live), now) is expected


def test_the_evidence_names_the_workflows_by_how_they_went() -> None:
    gone = [affected("c1"), affected("c2"), affected("c3")]
    compared = {
        "c1": sides(SYNC, git="git-2", live="live-new"),
        "c2": sides(SYNC, git="git-old", live="live-2"),
        "c3": sides(SYNC, git="git-3", live="live-new"),
    }
    assert evidence(gone, compared) == {
        "accepted_runtime_changes": "Workflow c1, Workflow c3",
        "reverted_to_git": "Workflow c2",
    }


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


def test_what_went_before_drift_came_back_does_not_count() -> None:
    incident = after(detected(), Event.DRIFT_CHANGED, gone="x", reverted_to_git="x")
    assert combined(after(incident, Event.DRIFT_BACK), [REPLACED]) is REPLACED
