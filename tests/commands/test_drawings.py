"""Drawings are kept beside the incident and the promotion that they show, and the page finds them there."""

import json
from typing import Any

import pytest
from tests.commands.fakes import FakeStateStore
from tests.commands.incident_world import HOST, IncidentWorld
from tests.commands.promotion_world import ALL, five
from tests.core.page.reading import seen
from tests.core.page.reports import eventful

from workflowops.commands.page import status_page
from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.records import decode
from workflowops.errors import RemoteError


def kept(state: FakeStateStore, path: str) -> DrawingsFile:
    found = decode(state.files[path], DrawingsFile, path=path)
    assert found is not None
    return found


def changes(file: DrawingsFile) -> dict[str, dict[str, str]]:
    return {
        each.workflow_name: {n.name: str(n.change) for n in each.drawing.nodes if n.change != "same"}
        for each in file.drawings
    }


def detected(**policy: Any) -> IncidentWorld:
    world = IncidentWorld(workflows=2, **policy)
    world.edit()
    assert [each.number for each in world.check().opened] == [1]
    return world


def test_an_incident_keeps_the_graph_that_was_changed() -> None:
    world = detected()
    assert set(changes(kept(world.world.state, "incidents/1.drawings.json"))) == {"Orders 0"}
    assert "modified" in str(changes(kept(world.world.state, "incidents/1.drawings.json")))
    assert HOST not in world.world.state.files["incidents/1.drawings.json"].decode()
    assert world.index["opening"] == {}


def test_an_incident_that_grows_keeps_the_graphs_of_both() -> None:
    world = detected()
    world.edit(1)
    world.check()
    assert set(changes(kept(world.world.state, "incidents/1.drawings.json"))) == {"Orders 0", "Orders 1"}


def test_unchanged_drift_writes_no_drawing_again() -> None:
    world = detected()
    world.world.state.files.pop("incidents/1.drawings.json")
    world.check()
    assert "incidents/1.drawings.json" not in world.world.state.files


def test_an_issue_that_could_not_be_opened_keeps_its_drawing_until_it_is() -> None:
    world = IncidentWorld()
    world.edit()
    world.tracker.fail_write(1, RemoteError("GitHub is away.", fix="Wait."))
    world.check()
    assert "incidents/1.drawings.json" not in world.world.state.files
    [opening] = world.index["opening"].values()
    assert opening["drawings"]["drawings"][0]["workflow_name"] == "Orders 0"
    world.check()
    assert set(changes(kept(world.world.state, "incidents/1.drawings.json"))) == {"Orders 0"}


def test_a_promotion_keeps_the_graphs_that_it_changed() -> None:
    world = five()
    promotion = world.promote(*ALL)
    file = kept(world.state, f"promotions/{promotion.promotion_id}.drawings.json")
    drawn = {each.canonical_id for each in file.drawings}
    assert drawn == {each.canonical_id for each in promotion.workflows if each.change_type != "unchanged"}
    new = [each for each in promotion.workflows if each.change_type == "created"]
    by_id = {each.canonical_id: each.drawing for each in file.drawings}
    assert new
    assert all({node.change for node in by_id[each.canonical_id].nodes} == {"added"} for each in new)


def test_a_drawing_is_no_promotion() -> None:
    from workflowops.commands.promotion_files import promotion_ids

    world = five()
    world.promote(*ALL)
    assert promotion_ids(world.state.view()) == ("promo-1",)


def test_the_page_shows_what_was_kept() -> None:
    world = detected()
    state = FakeStateStore({"incidents/51.drawings.json": world.world.state.files["incidents/1.drawings.json"]})
    html = status_page(state.view(), eventful(), repository="o/r")
    assert len(seen(html).all("figure")) == 1
    assert seen(html).text.count("No graph was kept.") == 3


@pytest.mark.parametrize("content", [b"{", json.dumps({"schema": 99}).encode(), b"\xff"], ids=["cut", "newer", "bytes"])
def test_a_drawing_that_cannot_be_read_is_told_and_stops_nothing(content) -> None:
    html = status_page(
        FakeStateStore({"promotions/promo-9.drawings.json": content}).view(), eventful(), repository=None
    )
    assert "promotions/promo-9.drawings.json on the state branch" in seen(html).text
    assert "The graphs could not be read; see the top of the page." in seen(html).text
    assert seen(html).text.count("No graph was kept.") == 3


def node_of(name: str, change: str = "same", **place: int) -> dict[str, Any]:
    return {"name": name, "node_type": "t", "change": change, **({"after": place} if place else {})}


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param({"wires": [{"source": 0, "target": 9}]}, id="no such node"),
        pytest.param({"wires": [{"source": -1, "target": 0}]}, id="negative"),
        pytest.param({"wires": [{"source": 0, "target": 1}]}, id="an end that is not there yet"),
        pytest.param({"wires": [{"source": 0, "target": 0, "output": -2}]}, id="no output"),
        pytest.param({"nodes": [node_of("A", x=10**400, y=0)]}, id="farther than a number goes"),
        pytest.param({"nodes": [node_of(str(number)) for number in range(201)]}, id="too many nodes"),
        pytest.param({"wires": [{"source": 0, "target": 0}] * 601}, id="too many wires"),
    ],
)
def test_a_damaged_drawing_is_told_and_stops_nothing(drawing) -> None:
    damaged = {"nodes": [node_of("A"), node_of("B", "added")], **drawing}
    file = {"schema": 1, "drawings": [{"canonical_id": "c", "workflow_name": "w", "drawing": damaged}]}
    state = FakeStateStore({"promotions/promo-9.drawings.json": json.dumps(file).encode()})
    text = seen(status_page(state.view(), eventful(), repository=None)).text
    assert "promotions/promo-9.drawings.json on the state branch cannot be read" in text
    assert "The graphs could not be read; see the top of the page." in text


def test_graphs_that_were_too_large_to_keep_are_counted() -> None:
    content = json.dumps({"schema": 1, "left_out": 2}).encode()
    state = FakeStateStore({"promotions/promo-9.drawings.json": content})
    text = seen(status_page(state.view(), eventful(), repository=None)).text
    assert "The graphs of 2 workflows are not drawn here." in text
