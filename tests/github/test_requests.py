"""How many requests a check costs: a job has a thousand an hour, and GitHub notices who writes much."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.github.proxy import GitHub
from tests.github.workshop import Workshop, opened_workshop

Open = Callable[..., Workshop]


@pytest.fixture
def open_workshop(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(opened_workshop(tmp_path, github, patch=monkeypatch, **options))


def told(what: str, count: int, writes: list[str]) -> None:
    kinds = ", ".join(f"{times} x {kind}" for kind, times in Counter(writes).items())
    print(f"\n{what}: {count} requests, {len(writes)} of them writes ({kinds or 'none'})")


def test_a_check_without_drift_asks_github_nothing(open_workshop) -> None:
    count, writes = open_workshop(workflows=2).counted_check()
    told("no drift", count, writes)
    assert count == 0


def test_a_detection_takes_a_handful_and_what_is_known_already_one_read(open_workshop) -> None:
    workshop = open_workshop(workflows=2)
    workshop.edit(0)
    count, writes = workshop.counted_check()
    told("first detection, labels included", count, writes)
    assert count <= 8
    assert writes.count("POST /repos/o/r/issues") == 1
    count, writes = workshop.counted_check()
    told("unchanged drift", count, writes)
    assert (count, writes) == (1, [])
    workshop.edit(1)
    count, writes = workshop.counted_check()
    told("drift that changed", count, writes)
    assert count <= 6
    workshop.edit(0, url="https://api.example.com/0")
    workshop.edit(1, url="https://api.example.com/1")
    count, writes = workshop.counted_check()
    told("drift that is gone", count, writes)
    assert count <= 6
    assert len(workshop.issues()) == 1


@pytest.mark.parametrize(
    "incidents",
    [
        pytest.param("  group_by: environment", id="one incident for the environment"),
        pytest.param("  group_by: workflow\n  storm_limit: 50", id="one for each workflow, but for the storm limit"),
    ],
)
def test_a_storm_of_500_workflows_opens_one_issue_that_github_takes(open_workshop, incidents) -> None:
    workshop = open_workshop(workflows=500, incidents=incidents)
    workshop.edit(*range(500))
    count, writes = workshop.counted_check()
    told(f"500 drifted workflows, {incidents.split()[1]}", count, writes)
    assert count <= 8
    (issue,) = workshop.issues()
    assert len(issue["body"]) <= 65_536
    assert workshop.open_numbers == {"*": issue["number"]}
    count, writes = workshop.counted_check()
    told("500 drifted workflows, unchanged", count, writes)
    assert (count, writes) == (1, [])


def test_an_incident_for_each_of_20_workflows_costs_one_request_each(open_workshop) -> None:
    workshop = open_workshop(workflows=20, incidents="  group_by: workflow\n  storm_limit: 20")
    workshop.edit(*range(20))
    count, writes = workshop.counted_check()
    told("20 drifted workflows, an incident each", count, writes)
    assert count <= 8 + 20
    assert len(workshop.issues()) == len(workshop.open_numbers) == 20
    count, writes = workshop.counted_check()
    told("20 incidents, unchanged", count, writes)
    assert (count, writes) == (1, [])
