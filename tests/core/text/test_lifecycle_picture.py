"""The picture of an incident's life says what the table of transitions says."""

import re
from pathlib import Path

import pytest

from workflowops.core.incident.lifecycle import TRANSITIONS, possible
from workflowops.core.incident.record import Event, IncidentStatus
from workflowops.core.text.incident import lifecycle_picture

GUIDE = Path(__file__).parents[3] / "docs" / "incidents.md"


def arrows() -> dict[tuple[str, str], set[str]]:
    """Source and target of every arrow, with what it is labelled."""
    found = re.findall(r"^  (\w+) --> (\w+): (.+)$", lifecycle_picture(), re.MULTILINE)
    return {(source, target): set(labels.split(", ")) for source, target, labels in found}


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: row.event)
def test_every_way_from_one_status_to_another_is_drawn(row) -> None:
    label = f"/{row.event}" if row.by_people else row.event.replace("_", " ")
    drawn = {source for (source, target), labels in arrows().items() if label in labels and target == row.target}
    assert drawn == {source for source in row.sources if row.target not in (None, source)}


@pytest.mark.parametrize("status", IncidentStatus)
def test_what_people_can_do_is_drawn_as_the_comment_they_write(status) -> None:
    labels = {label for (source, _), drawn in arrows().items() if source == status for label in drawn}
    assert {label for label in labels if label.startswith("/")} == {
        f"/{event}" for event in possible(status) if event is not Event.ASSIGN
    }


def test_it_begins_with_detection_and_ends_with_closing() -> None:
    lines = lifecycle_picture().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "  [*] --> detected: detect" in lines
    assert lines[-1] == "  closed --> [*]"


def test_the_guide_to_incidents_holds_exactly_it() -> None:
    region = re.search(r"<!-- lifecycle:begin -->\n(.*?)\n<!-- lifecycle:end -->", GUIDE.read_text("utf-8"), re.DOTALL)
    assert region is not None
    assert region[1].strip() == f"```mermaid\n{lifecycle_picture()}\n```"
