"""Whole promotions through three instances, by the command line: everything of them, or nothing."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.acceptance.conftest import NOT_ASKED, as_param, wanted_versions
from tests.acceptance.documents import SET, Document, node, schedule, targets, unique, webhook, workflow
from tests.acceptance.promotion_flows import (
    ALARM,
    CUSTOMERS,
    FOREIGN,
    GRAPH,
    LOOKUP,
    NEWCOMER,
    NIGHTLY,
    ORDERS,
    REPORT,
    STOCK,
    UNKNOWN,
    develop_graph,
    fill,
    own,
    url_of,
    with_node,
    with_path,
    with_url,
)
from tests.acceptance.promotion_team import (
    VERSIONS,
    Team,
    assert_as_before,
    changed_live,
    names_in,
    new_files,
    portable,
    state_of,
    working,
)
from tests.acceptance.servers import SandboxServer, answered, eventually
from tests.acceptance.three_instances import Place, ThreeInstances

from workflowops.sandbox import Generation

pytestmark = pytest.mark.long

FOREIGN_PATH = "somebodys-own"
MAPPED = "Mail gateway (prod)"
PIPELINE = """pipelines:
  default:
    stages:
      - environment: dev
      - environment: staging
        gates: {{approval: comments}}
        publish: match_source
        on_delete: {on_delete}
"""
PROD = """      - environment: prod
        gates: {{approval: comments, verified_in_previous: true}}
        publish: match_source
        on_delete: {on_delete}
        credentials: {{"Mail gateway": "{mapped}"}}
"""


@pytest.fixture(
    scope="module",
    params=[
        *(f"sandbox {generation}" for generation in Generation),
        *([as_param(name) for name in wanted_versions()] or [NOT_ASKED]),
    ],
)
def three(request: pytest.FixtureRequest) -> Iterator[ThreeInstances]:
    name: str = request.param
    is_sandbox = name.startswith("sandbox ")
    made = (
        ThreeInstances.sandboxes(Generation(name.removeprefix("sandbox "))) if is_sandbox else ThreeInstances.real(name)
    )
    with made as started:
        started.prod.add_credential(MAPPED)
        yield started


@pytest.fixture(scope="module")
def team(three: ThreeInstances, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Everything that is there from the beginning is under Git with a baseline; what dev made since is there alone.

    1.x has no prod here, and cannot archive.
    """
    is_2 = three.dev.server.is_2
    stages = ("dev", "staging", "prod") if is_2 else ("dev", "staging")
    lines = ["version: 1", "environments:"]
    for name in stages:
        lines += [f"  {name}:", *(f"    {key}: {value}" for key, value in three.environments()[name].items())]
    policy = {"on_delete": "archive" if is_2 else "unpublish", "mapped": MAPPED}
    pipeline = (PIPELINE + PROD if is_2 else PIPELINE).format(**policy)
    with working(tmp_path_factory.mktemp("team"), three, "\n".join(lines) + "\n" + pipeline, stages) as made:
        for stage in stages:
            fill(made.place(stage))
        made.onboard()
        for stage in stages[1:]:
            made.place(stage).load([own(FOREIGN, FOREIGN_PATH)])
        develop_graph(made.place("dev"))
        made.onboard("--environment", "dev")
        yield made


@pytest.fixture(scope="module")
def firsts(team: Team) -> dict[str, Any]:
    """The records of the promotion that brought the workflows of development into the other stages, by stage."""
    records = {}
    for stage in team.stages[1:]:
        number = team.opened(stage, ORDERS, NIGHTLY, options=("--with-dependencies",))
        preview = team.previewed(number, stage)
        assert preview["is_blocked"] is False, preview
        assert [each["gate_type"] for each in preview["gate_results"] if each["status"] == "failed"] == []
        records[stage] = team.carried_out(number, stage)
        settled(team, stage)
    return records


@pytest.fixture
def begun(team: Team, firsts: dict[str, Any]) -> Team:
    """The team once every stage has the workflows; a test leaves every stage in sync."""
    assert all(each["status"] == "completed" for each in firsts.values())
    return team


def settled(team: Team, stage: str) -> None:
    """Assert that a stage runs what Git declares, as far as that is managed, and that nobody touched the audit log."""
    assert kinds(team, stage) == set()
    team.verify()


def kinds(team: Team, stage: str) -> set[str]:
    """What the drift check says of managed workflows that are not in sync; pending work is no drift."""
    report = team.drift(stage)
    assert report["drift_status"] == "in_sync", report
    found = [each for each in report["workflows"] if each["canonical_id"] is not None]
    return {each["kind"] for each in found}


def address() -> str:
    return f"https://api.example.com/{unique('v').replace(' ', '-')}"


def running(shown: Document) -> Document:
    """The version that runs; of what is switched off, the draft."""
    version: Document | None = shown["activeVersion"]
    assert (version is not None) is shown["active"]
    return shown if version is None else version


def assert_same(before: Place, after: Place, *names: str) -> None:
    """Assert that workflows run in one place as in the other, each with what belongs to its own place."""
    there, here = before.workflows(), after.workflows()
    renamed = {f"<credential {MAPPED}>": "<credential Mail gateway>", f'"{MAPPED}"': '"Mail gateway"'}
    foreign = names_in(before)
    for name in names:
        ours, theirs = here[name], there[name]
        assert ours["active"] is theirs["active"], name
        for version in (running, lambda shown: shown):
            assert portable(after, version(ours), renamed=renamed) == portable(before, version(theirs)), name
        for version in (running(ours), ours):
            found = [foreign[each] for each in foreign if each in json.dumps([version["nodes"], ours["settings"]])]
            assert found == [], f"{name} in {after.name} refers to {before.name}"


def test_the_first_promotion_creates_what_a_stage_lacks(team: Team, firsts: dict[str, Any]) -> None:
    for stage, record in firsts.items():
        assert record["status"] == "completed"
        assert {(each["change_type"], each["outcome"]) for each in record["workflows"]} == {("created", "as_planned")}
        assert sorted(each["workflow_name"] for each in record["workflows"]) == sorted(GRAPH)
        assert_same(team.place("dev"), team.place(stage), *GRAPH, CUSTOMERS, REPORT)
        tags = [tag["name"] for tag in team.place(stage).workflows()[ORDERS]["tags"]]
        assert tags == ["billing"]


def test_a_later_promotion_updates_them_in_four_requests_each(begun: Team) -> None:
    team, new = begun, address()
    changed = (STOCK, ALARM, LOOKUP, ORDERS, CUSTOMERS)
    team.develop({name: with_url(new) for name in changed})
    for stage in team.stages[1:]:
        place = team.place(stage)
        before = state_of(place)
        number = team.opened(stage, *changed)
        preview = team.previewed(number, stage)
        assert sorted((each["workflow_name"], each["nodes_modified"]) for each in preview["workflows"]) == sorted(
            (name, 1) for name in changed
        )
        record = team.carried_out(number, stage)
        assert record["status"] == "completed"
        assert record["execution_result"]["n8n_requests"] <= 4 * len(changed)

        after = state_of(place)
        assert {name: shown["id"] for name, shown in after.items()} == {
            name: each["id"] for name, each in before.items()
        }
        assert {name for name in after if after[name] != before[name]} == set(changed)
        assert {url_of(running(place.workflows()[name])) for name in changed} == {new}
        assert_same(team.place("dev"), place, *GRAPH, CUSTOMERS)
        settled(team, stage)


def test_a_hot_fix_is_overwritten_only_where_that_is_allowed_and_stays_in_the_snapshot(begun: Team) -> None:
    team, new, hot = begun, address(), address()
    place = team.place(team.last)
    team.develop({ORDERS: with_url(new)})
    for stage in team.stages[1:-1]:
        assert team.carried_out(team.opened(stage, ORDERS), stage)["status"] == "completed"
    number = team.opened(team.last, ORDERS)
    team.merged(number)
    workflow_id = changed_live(place, ORDERS, with_url(hot))["id"]
    before = state_of(place)

    (blocked,) = team.planned(team.last, code=3)["blocked"]
    assert [(each["type"], each["is_allowed"]) for each in blocked["conflicts"]] == [("hotfix_in_target", False)]
    assert state_of(place) == before

    (promotion,) = team.planned(team.last, "--allow-overwriting-hotfixes")["promotions"]
    team.approve(promotion["promotion_id"])
    record = team.applied(promotion["promotion_id"])
    assert (record["status"], record["options"]["allow_overwriting_hotfixes"]) == ("completed", True)
    kept = team.in_snapshot(record["execution_result"]["target_pre_snapshot_id"], workflow_id)
    assert hot in json.dumps(kept)
    assert url_of(running(place.workflows()[ORDERS])) == new
    settled(team, team.last)


def test_a_workflow_that_cannot_be_published_rolls_everything_back(begun: Team) -> None:
    team, place = begun, begun.place("staging")
    before = state_of(place)
    files = {
        **team.edited("staging", STOCK, with_url(address())),
        **team.edited("staging", ORDERS, with_url(address())),
        **team.edited("staging", NIGHTLY, with_node(node("Odd", UNKNOWN, position=(900, 0)))),
        **new_files("staging", workflow(NEWCOMER, schedule(), active=True)),
    }
    with team.reverted(files) as number:
        record = team.carried_out(number, "staging", code=4)
        assert record["status"] == "rolled_back"
        assert UNKNOWN in record["problem"]
        assert record["execution_result"]["not_as_before"] == []
        assert len(record["workflows"]) == 4
        assert_as_before(place, before, apart_from=team.renewed)
        assert kinds(team, "staging") == {"pending"}
        team.verify()
    settled(team, "staging")


def test_a_path_that_somebody_takes_meanwhile_rolls_everything_back(begun: Team) -> None:
    team, place = begun, begun.place("staging")
    path = unique("taken").replace(" ", "-")
    late = place.server.new(own(unique("Late"), path))
    before = state_of(place)
    done = team.when_the_snapshot_is_pushed(place, f"/workflows/{late['id']}/activate")
    files = {
        **team.edited("staging", STOCK, with_url(address())),
        **team.edited("staging", ORDERS, with_path(path)),
    }
    with team.reverted(files) as number:
        record = team.carried_out(number, "staging", code=4)
        assert done.exists()
        assert record["status"] == "rolled_back"
        assert place.server.get(late["id"])["active"] is True, "what is not ours is not touched"
        answered(place.server.api.post(f"/workflows/{late['id']}/deactivate"))
        assert_as_before(place, before, apart_from=team.renewed)
        team.verify()
    settled(team, "staging")


def test_a_path_that_a_workflow_of_nobody_has_already_is_found_before_anything_is_written(begun: Team) -> None:
    team, place = begun, begun.place("staging")
    before = state_of(place)
    with team.reverted(team.edited("staging", ORDERS, with_path(FOREIGN_PATH))) as number:
        team.merged(number)
        (blocked,) = team.planned("staging", code=3)["blocked"]
        assert [each["code"] for each in blocked["findings"] if each["gravity"] == "blocking"] == ["webhook_collision"]
        assert FOREIGN in json.dumps(blocked["findings"])
        assert state_of(place) == before
    settled(team, "staging")


@pytest.mark.parametrize(
    ("is_refused", "is_new"),
    [
        pytest.param(False, False, id="carried out"),
        pytest.param(True, False, id="rolled back"),
        pytest.param(True, True, id="to a new one, rolled back"),
    ],
)
def test_a_path_passes_from_one_workflow_to_another(begun: Team, is_refused: bool, is_new: bool) -> None:
    team, place = begun, begun.place("staging")
    first, second = unique("Gate"), unique("Gate")
    paths = [unique("path").replace(" ", "-") for _ in range(3)]
    created = new_files("staging", listening(first, paths[0]), place=1)
    other = new_files("staging", listening(second, paths[1]), place=2)
    with team.reverted(created if is_new else created | other) as number:
        assert team.carried_out(number, "staging")["status"] == "completed"
        before = state_of(place)
        moved = team.edited("staging", first, with_path(paths[2]))
        if is_new:
            moved |= new_files("staging", listening(second, paths[0]), place=2)
        else:
            moved |= team.edited("staging", second, with_path(paths[0]))
        if is_refused:
            moved |= team.edited("staging", NIGHTLY, with_node(node("Odd", UNKNOWN, position=(900, 0))))
        with team.reverted(moved) as move:
            record = team.carried_out(move, "staging", code=4 if is_refused else 0)
            assert record["status"] == ("rolled_back" if is_refused else "completed"), record["problem"]
            assert record["execution_result"]["not_as_before"] == []
            if is_refused:
                assert UNKNOWN in record["problem"]
                assert_as_before(place, before, apart_from=team.renewed)
            answering = [paths[0]] if is_new else paths[:2] if is_refused else [paths[2], paths[0]]
            for name, path in zip((first, second), answering, strict=False):
                eventually(lambda path=path: called(place, path), lambda answer, name=name: answer == name)
            team.verify()
    for name in (first, second):
        if name in before:
            gone_for_good(place, before[name]["id"])
    settled(team, "staging")


def gone_for_good(place: Place, workflow_id: str) -> None:
    """Delete a workflow that runs, by hand."""
    answered(place.server.api.post(f"/workflows/{workflow_id}/deactivate"))
    eventually(lambda: place.server.api.delete(f"/workflows/{workflow_id}").is_success, bool)


def listening(name: str, path: str) -> Document:
    """A workflow that answers who it is on a path, and runs."""
    answer = {"assignments": {"assignments": [{"id": "a", "name": "name", "type": "string", "value": name}]}}
    say = node("Say", SET, typeVersion=3.4, position=(200, 0), parameters={**answer, "options": {}})
    return workflow(name, webhook(path), say, connections={"Hook": {"main": [targets("Say")]}}, active=True)


def called(place: Place, path: str) -> str | None:
    """Which workflow answers on a path; the sandbox runs nothing, so there it is who holds the path."""
    if isinstance(place.server, SandboxServer):
        holders = [
            name
            for name, shown in place.workflows().items()
            if shown["active"] and path in json.dumps(running(shown)["nodes"])
        ]
        return holders[0] if len(holders) == 1 else None
    answer = httpx.get(f"{place.server.url}/webhook/{path}", trust_env=False, timeout=30)
    return str(answer.json()["name"]) if answer.is_success else None


def test_a_completed_promotion_is_taken_back(begun: Team) -> None:
    team, place, stage = begun, begun.place("staging"), "staging"
    before = state_of(place)
    files = {
        **team.edited(stage, STOCK, with_url(address())),
        **team.edited(stage, ORDERS, with_url(address())),
        **new_files(stage, workflow(NEWCOMER, schedule(), active=True)),
    }
    with team.reverted(files) as number:
        undone = team.carried_out(number, stage)
        assert undone["status"] == "completed"
        outcome = team.json("promote", "rollback", "--promotion", undone["promotion_id"], code=3)
        promotion_id = outcome["promotion"]["promotion_id"]
        team.approve(promotion_id)
        record = team.applied(promotion_id)
        assert (record["status"], record["kind"]) == ("completed", "rollback")
        assert_as_before(place, before, apart_from=VERSIONS)
        assert kinds(team, stage) == {"pending"}
        team.verify()
    settled(team, stage)


def test_a_removal_takes_a_workflow_out_of_every_stage(begun: Team) -> None:
    team = begun
    team.write(team.removed("dev", REPORT))
    for stage in team.stages[1:]:
        place = team.place(stage)
        before = state_of(place)
        slug = team.slug(stage, REPORT)
        record = team.carried_out(team.opened(stage, NIGHTLY, options=("--remove", slug)), stage)
        assert [(each["change_type"], each["outcome"]) for each in record["workflows"]] == [("removed", "as_planned")]
        after = state_of(place)
        assert after[REPORT]["active"] is False
        assert after[REPORT]["isArchived"] is (team.place("dev").server.is_2)
        assert {name for name in after if after[name] != before[name]} == {REPORT}
        settled(team, stage)
