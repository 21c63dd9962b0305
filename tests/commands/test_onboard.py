"""`onboard`: walkthrough 4, for one workflow and for an instance of them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.commands.builders import URL, World, baselined, document, file_of, sidecar

from workflowops.commands.onboard import onboard
from workflowops.core.configuration import DriftPolicy, IgnoreRule
from workflowops.core.naming import path_fault
from workflowops.core.onboarding import Selection, Wishes
from workflowops.core.records import DriftStatus
from workflowops.errors import (
    ExitCode,
    MovedError,
    N8nUnreachableError,
    PushRefusedError,
    RemoteError,
)

SURVEY = Wishes(
    slug="customer_survey_automation",
    description="Automates customer survey collection and logging",
    tags=("surveys", "automation", "customers"),
    file="prod/customer_survey_automation.json",
)
ONE = "11111111-1111-4111-8111-111111111111"
DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def with_survey() -> World:
    world = World()
    world.put("prod", "w-051", document("Customer Survey Automation"), active=True)
    world.sync()
    return world


def test_one_workflow_is_onboarded_as_in_walkthrough_4() -> None:
    world = with_survey()
    outcome = world.onboard(ids=["w-051"], wishes=SURVEY)
    assert outcome.files == ("prod/customer_survey_automation.json", "prod/customer_survey_automation.wfo.json")
    assert (outcome.branch, outcome.is_local_up_to_date, outcome.exit_code) == ("main", True, ExitCode.DONE)
    files = world.repository.files()
    about = json.loads(files["prod/customer_survey_automation.wfo.json"])
    assert about == {
        "canonical_id": outcome.onboarded[0].canonical_id,
        "canonical_slug": "customer_survey_automation",
        "description": SURVEY.description,
        "tags": [*SURVEY.tags],
        "created_by": "ada",
        "created_at": "2026-01-14T09:02:00Z",
        "n8n_workflow_id": "w-051",
    }
    assert json.loads(files["prod/customer_survey_automation.json"])["name"] == "Customer Survey Automation"
    entry = world.mapping()["w-051"]
    assert (entry["status"], entry["canonical_id"]) == ("linked", about["canonical_id"])
    assert entry["env_content_hash"] == entry["git_content_hash"]
    canonical = world.state.document("canonical.json")
    assert canonical["git_commit_sha"] == outcome.commit_sha == world.repository.head
    assert canonical["workflows"][about["canonical_id"]]["copies"]["prod"]["git_file_path"] == SURVEY.file


def test_what_was_onboarded_is_in_the_log() -> None:
    world = with_survey()
    outcome = world.onboard(ids=["w-051"], wishes=SURVEY)
    entry = next(entry for entry in world.audit() if entry["action"] == "workflow.onboarded")
    assert (entry["user_id"], entry["resource_id"]) == ("ada", outcome.onboarded[0].canonical_id)
    assert entry["details"]["git_commit_sha"] == outcome.commit_sha


@pytest.mark.parametrize(
    ("message", "count", "expected"),
    [
        pytest.param("Add survey", 1, "Add survey", id="given"),
        pytest.param(None, 1, "Onboard Orders 0 from prod", id="one"),
        pytest.param(None, 3, "Onboard 3 workflows from prod", id="several"),
    ],
)
def test_the_commit_says_what_it_is(message, count, expected) -> None:
    world = World()
    for number in range(count):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    onboard(world.workspace(), world.environments(), Selection(is_all=True, message=message), Wishes())
    assert world.repository.messages == [expected]


def test_the_same_workflow_on_three_instances_has_one_identity() -> None:
    world = World("dev", "staging", "prod")
    for name in world.n8n:
        world.put(name, f"{name}-1")
    outcome = world.onboard()
    assert {entry.canonical_id for entry in outcome.onboarded} == {outcome.onboarded[0].canonical_id}
    assert [entry.is_tied for entry in outcome.onboarded] == [False, True, True]
    assert set(outcome.files) == {f"{name}/orders{end}" for name in world.n8n for end in (".json", ".wfo.json")}


def test_equal_names_within_an_instance_get_slugs_of_their_own() -> None:
    world = World()
    for number in range(3):
        world.put("prod", f"w{number}", document("Orders", url=f"{URL}/{number}"))
    slugs = [entry.canonical_slug for entry in world.onboard().onboarded]
    assert slugs == ["orders", "orders_2", "orders_3"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a/b/../../c", id="slashes and dots"),
        pytest.param("..", id="dots"),
        pytest.param("\N{PILE OF POO}", id="emoji"),
        pytest.param("x" * 300, id="300 characters"),
        pytest.param("CON", id="a device"),
        pytest.param("con.json", id="a device with an end"),
        pytest.param("", id="empty"),
        pytest.param("\\server\\share", id="backslashes"),
        pytest.param("new\nline\x00and nul", id="control characters"),
        pytest.param("::error::x ##[add-mask]y ${{ github.token }}", id="workflow commands"),
        pytest.param("\u202egnp.exe", id="right to left"),
    ],
)
def test_any_name_becomes_a_file_inside_the_folder(name) -> None:
    world = World()
    world.put("prod", "w0", document(name))
    outcome = world.onboard()
    assert len(outcome.files) == 2
    for path in outcome.files:
        assert path.startswith("prod/")
        assert path_fault(path) is None
    assert json.loads(world.repository.files()[outcome.files[0]])["name"] == name
    world.baseline()
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC


@settings(max_examples=30, deadline=None)
@given(names=st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_whatever_the_names_everything_is_in_sync_afterwards(names) -> None:
    world = World()
    for number, name in enumerate(names):
        world.put("prod", f"w{number}", document(name, url=f"{URL}/{number}"))
    outcome = world.onboard()
    assert len(outcome.onboarded) == len(names)
    assert len({path.casefold() for path in outcome.files}) == 2 * len(names)
    world.baseline()
    report = world.drift_of()
    assert (report.drift_status, report.counts.in_sync) == (DriftStatus.IN_SYNC, len(names))


def test_a_file_that_is_there_already_is_not_written_over() -> None:
    world = World()
    world.repository.commit({"prod/Orders.json": b'{"nodes": [], "connections": {}, "name": "Other"}'})
    world.put("prod", "w0")
    assert "prod/orders_2.json" in world.onboard().files


@pytest.mark.parametrize(
    ("workflow_id", "wishes", "told"),
    [
        pytest.param("w0", Wishes(), "already linked to Git, as prod/orders_0.json", id="not unmapped"),
        pytest.param("gone", Wishes(), "No workflow with the id 'gone' exists in prod", id="not there"),
        pytest.param("odd", Wishes(), "nodes", id="unreadable"),
        pytest.param("away", Wishes(), "archived in prod", id="archived"),
        pytest.param("lost", Wishes(), "n8n has no workflow with this id any more", id="linked and gone"),
        pytest.param("new", Wishes(slug="Not A Slug"), "no slug", id="no slug"),
        pytest.param("new", Wishes(slug="Orders_0"), "no slug", id="a slug that differs in case"),
        pytest.param("new", Wishes(file="../x.json"), "..", id="outside of the folder"),
        pytest.param("new", Wishes(file="dev/x.json"), "does not lie in", id="another folder"),
        pytest.param("new", Wishes(file="prod/ORDERS_0.json"), "already exists", id="a file that differs in case"),
    ],
)
def test_what_cannot_be_onboarded_is_refused_and_nothing_is_written(workflow_id, wishes, told) -> None:
    world = World()
    for number in range(2):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.n8n["prod"].store["lost"] = world.n8n["prod"].store.pop("w1") | {"id": "lost"}
    world.onboard()
    world.baseline()
    del world.n8n["prod"].store["lost"]
    world.sync()
    world.put("prod", "new", document("Survey"))
    world.put("prod", "odd", document("Odd"), nodes="none")
    world.put("prod", "away", document("Away"), isArchived=True)
    before, state = dict(world.repository.files()), dict(world.state.files)
    outcome = world.onboard(ids=[workflow_id], wishes=wishes)
    [refusal] = outcome.refused
    assert told in refusal.reason
    assert refusal.fix
    assert (refusal.workflow_id, outcome.exit_code, outcome.commit_sha) == (workflow_id, ExitCode.RULE, None)
    assert (world.repository.files(), world.state.files) == (before, state)


def test_one_refused_of_several_does_not_stop_the_others() -> None:
    world = with_survey()
    outcome = world.onboard(ids=["gone", "w-051"])
    assert [each.workflow_id for each in outcome.refused] == ["gone"]
    assert [each.workflow_id for each in outcome.onboarded] == ["w-051"]
    assert (outcome.exit_code, world.mapping()["w-051"]["status"]) == (ExitCode.RULE, "linked")


def test_an_id_that_an_unread_instance_may_hold_is_not_said_to_be_missing() -> None:
    world = World("dev", "prod")
    world.n8n["prod"].outage = DEAD
    outcome = world.onboard(ids=["w-051"])
    assert "Nobody can say whether it exists: prod" in outcome.refused[0].reason
    assert outcome.exit_code is ExitCode.REMOTE


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        pytest.param(Wishes(slug="orders_0"), "'orders_0' already exists", id="slug taken"),
        pytest.param(Wishes(file="prod/orders_0.json"), "already exists", id="file taken"),
    ],
)
def test_what_is_taken_is_refused_with_the_rules_exit_code(wishes, told) -> None:
    world = baselined("prod")
    world.put("prod", "new", document("Survey"))
    before = dict(world.repository.files())
    outcome = world.onboard(ids=["new"], wishes=wishes)
    assert told in outcome.refused[0].reason
    assert (outcome.commit_sha, outcome.exit_code) == (None, ExitCode.RULE)
    assert world.repository.files() == before


def test_a_workflow_that_holds_a_secret_is_named_and_left_out() -> None:
    world = World()
    for number in range(2):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    leaking = document("Leaking")
    leaking["nodes"][1]["parameters"]["options"] = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    world.put("prod", "leak", leaking)
    outcome = world.onboard()
    assert [refusal.workflow_name for refusal in outcome.refused] == ["Leaking"]
    assert outcome.exit_code is ExitCode.RULE
    assert len(outcome.onboarded) == 2
    everything = b"".join([*world.repository.files().values(), *world.state.files.values()])
    assert TOKEN.encode() not in everything
    assert TOKEN not in repr(outcome)
    assert len(world.onboard(wishes=Wishes(allow_secrets=True)).onboarded) == 1


def test_a_secret_in_a_document_that_only_gets_a_sidecar_is_no_obstacle() -> None:
    world = World()
    world.put("prod", "w0", document("Orders"))
    world.put("prod", "archived", document("Old"), isArchived=True)
    assert [entry.workflow_id for entry in world.onboard().onboarded] == ["w0"]


def test_an_unreadable_workflow_is_told_when_all_are_onboarded() -> None:
    world = World()
    world.put("prod", "w0")
    world.put("prod", "odd", document("Odd"), nodes="none")
    outcome = world.onboard()
    assert [entry.workflow_id for entry in outcome.onboarded] == ["w0"]
    assert [(refusal.workflow_id, bool(refusal.fix)) for refusal in outcome.refused] == [("odd", True)]
    assert outcome.exit_code is ExitCode.RULE


def test_nothing_to_onboard_is_done() -> None:
    world = baselined("prod")
    outcome = world.onboard()
    assert (outcome.onboarded, outcome.commit_sha, outcome.exit_code) == ((), None, ExitCode.DONE)


def test_an_instance_that_fails_does_not_hold_up_the_others() -> None:
    world = World("dev", "prod")
    world.put("dev", "w0")
    world.n8n["prod"].outage = DEAD
    outcome = world.onboard()
    assert [entry.environment for entry in outcome.onboarded] == ["dev"]
    assert outcome.exit_code is ExitCode.REMOTE
    assert "does not answer" in outcome.failed["prod"]
    assert "prod" not in {path.split("/")[0] for path in outcome.files}


def test_a_named_workflow_is_not_called_absent_while_an_instance_is_dead() -> None:
    world = World("dev", "prod")
    world.n8n["prod"].outage = DEAD
    outcome = world.onboard(ids=["w0"])
    assert (outcome.onboarded, outcome.exit_code) == ((), ExitCode.REMOTE)


def test_a_dry_run_tells_the_files_and_writes_nothing() -> None:
    world = with_survey()
    before, state = dict(world.repository.files()), dict(world.state.files)
    outcome = world.onboard(is_dry_run=True)
    assert len(outcome.files) == 2
    assert outcome.commit_sha is None
    assert (world.repository.files(), world.state.files) == (before, state)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(PushRefusedError("main is protected.", fix="Use --branch."), id="protected"),
        pytest.param(RemoteError("The remote is gone.", fix="Look."), id="network"),
        pytest.param(MovedError("Somebody was faster.", fix="Again."), id="moved"),
    ],
)
def test_a_commit_that_is_refused_leaves_the_state_alone(error) -> None:
    world = with_survey()
    state = dict(world.state.files)
    world.repository.refusal = error
    with pytest.raises(type(error)):
        world.onboard()
    assert world.state.files == state


def test_files_without_state_are_told_and_linked_by_the_next_sync() -> None:
    world = with_survey()
    world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
    outcome = world.onboard()
    assert outcome.commit_sha == world.repository.head
    assert "Permission denied." in (outcome.state_problem or "")
    assert outcome.exit_code is ExitCode.REMOTE
    world.state.refusal = None
    world.sync()
    assert world.mapping()["w-051"]["canonical_id"] == outcome.onboarded[0].canonical_id


def test_a_file_that_a_colleague_pushed_meanwhile_is_not_written_over() -> None:
    world = with_survey()
    theirs = world.repository.push_elsewhere({"prod/customer_survey_automation.json": b"theirs"})
    with pytest.raises(MovedError):
        world.onboard()
    assert world.repository.tips["main"] == theirs


def test_a_colleagues_other_files_are_kept() -> None:
    world = with_survey()
    world.repository.push_elsewhere({"prod/theirs.json": b"theirs"})
    world.onboard()
    assert world.repository.files()["prod/theirs.json"] == b"theirs"


def test_another_branch_can_be_committed_to() -> None:
    world = with_survey()
    world.repository.tips["onboarding"] = world.repository.head
    before = world.repository.head
    outcome = onboard(world.workspace(), world.environments(), Selection(is_all=True, branch="onboarding"), Wishes())
    assert (outcome.branch, outcome.is_local_up_to_date) == ("onboarding", False)
    assert world.repository.tips["main"] == before


def test_what_is_on_a_branch_of_its_own_is_linked_when_it_is_merged_and_not_before() -> None:
    """It may never be: then the workflow is as unmanaged as it was."""
    world = baselined("prod")
    world.put("prod", "new", document("Survey"))
    world.repository.tips["onboarding"] = world.repository.head
    outcome = onboard(world.workspace(), world.environments(), Selection(is_all=True, branch="onboarding"), Wishes())
    assert outcome.awaits_merge
    assert outcome.exit_code is ExitCode.DONE
    assert {str(each.kind) for each in world.drift_of().workflows} == {"unmapped"}
    world.repository.head = world.repository.tips["main"] = outcome.commit_sha or ""
    world.sync()
    assert world.mapping()["new"]["canonical_id"] == outcome.onboarded[0].canonical_id


@pytest.mark.parametrize(
    "slug",
    [
        pytest.param("orders", id="by slug"),
        pytest.param(None, id="by name"),
    ],
)
def test_a_workflow_can_be_tied_to_a_file_that_waits_for_it(slug) -> None:
    """The workflow was edited since its file was written, so content cannot link it."""
    world = World()
    world.repository.commit(
        {
            "prod/orders.json": file_of(document()),
            "prod/orders.wfo.json": sidecar(ONE, description="Takes orders", tags=["shop"], created_by="grace"),
        }
    )
    world.put("prod", "w0", document(url="https://edited.example.com"))
    outcome = world.onboard(ids=["w0"], wishes=Wishes(link=True, slug=slug))
    assert [(entry.canonical_id, entry.is_tied) for entry in outcome.onboarded] == [(ONE, True)]
    assert outcome.files == ("prod/orders.wfo.json",)
    about = json.loads(world.repository.files()["prod/orders.wfo.json"])
    assert (about["n8n_workflow_id"], about["description"], about["tags"]) == ("w0", "Takes orders", ["shop"])
    assert world.mapping()["w0"]["canonical_id"] == ONE


def test_a_file_that_has_its_workflow_takes_no_second_one() -> None:
    world = baselined("prod")
    world.put("prod", "new", document("Survey"))
    outcome = world.onboard(ids=["new"], wishes=Wishes(link=True, slug="orders_0"))
    assert (len(outcome.refused), outcome.commit_sha) == (1, None)
    assert world.mapping()["w0"]["status"] == "linked"


def test_onboarding_a_workflow_does_not_misjudge_the_others() -> None:
    world = baselined("prod", policy=DriftPolicy(ignore=(IgnoreRule(path="parameters.options"),)))
    content = document("Orders 0", url=f"{URL}/0")
    content["nodes"][1]["parameters"]["options"] = {"timeout": 1}
    world.put("prod", "w0", content)
    world.drift()
    world.put("prod", "new", document("Survey"))
    world.onboard()
    assert (world.record()["drift_status"], world.record()["drift_summary"]["in_sync"]) == ("in_sync", 2)


def test_a_status_that_onboarding_changes_is_in_the_log() -> None:
    world = baselined("prod", workflows=2)
    world.drift()
    world.put("prod", "w1", document("Orders 1", url="https://hot-fix.example.com"))
    world.put("prod", "new", document("Survey"))
    world.onboard()
    assert world.record()["drift_status"] == "drift_detected"
    assert {entry["action"] for entry in world.audit()[-2:]} == {"workflow.onboarded", "environment.drift_detected"}


def test_what_was_onboarded_after_the_baseline_is_no_drift_and_its_hot_fix_is() -> None:
    world = baselined("prod")
    world.put("prod", "new", document("Survey"))
    world.onboard()
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    world.put("prod", "new", document("Survey", url="https://hot-fix.example.com"))
    report = world.drift_of()
    assert {each.workflow_name: str(each.kind) for each in report.workflows} == {"Survey": "modified"}


def test_personal_data_stays_out() -> None:
    world = with_survey()
    world.onboard()
    everything = b"".join([*world.repository.files().values(), *world.state.files.values()])
    assert b"sandy.owner" not in everything
    assert b"shared" not in everything
