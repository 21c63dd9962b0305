"""What follows a merge: the mapping is linked, the log says so, and whoever asked is answered once."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.commands.builders import URL, document
from tests.commands.fake_tracker import Killed
from tests.commands.proposal_world import ProposalWorld

from workflowops.commands.delivery import MOST_OUTAGES
from workflowops.commands.desk import at_the_desk
from workflowops.commands.onboard import onboard
from workflowops.core.audit import verify
from workflowops.core.incident.issue import Issue
from workflowops.core.onboarding import Selection, Wishes
from workflowops.errors import (
    ExitCode,
    GitHubNotFoundError,
    GitHubRejectedError,
    GitHubUnreachableError,
    MovedError,
    N8nUnreachableError,
    PushRefusedError,
)

DOWN_N8N = N8nUnreachableError("https://dev.example.com does not answer.", fix="Start it.")
DOWN = GitHubUnreachableError("GitHub does not answer.", fix="Wait.")


def proposed(*, issue: int | None = None, more: int = 0) -> ProposalWorld:
    world = ProposalWorld()
    for number in range(more):
        world.world.put("dev", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.propose(issue=issue, requested_by="grace")
    return world


def merged(*, issue: int | None = None, more: int = 0) -> ProposalWorld:
    world = proposed(issue=issue, more=more)
    world.merge()
    world.world.sync()
    return world


def answered_on(world: ProposalWorld, *numbers: int) -> ProposalWorld:
    """Let the tracker hold the issues and pull requests of these numbers."""
    for number in numbers:
        url = f"https://github.com/o/r/issues/{number}"
        world.tracker.issues[number] = Issue(
            number=number, url=url, title="", body="", is_open=True, labels=(), author="ada"
        )
        world.tracker.comments[number] = []
    return world


def test_a_merged_proposal_is_linked_noted_and_answered_as_in_walkthrough_4() -> None:
    world = proposed(issue=7)
    commit = world.merge()
    world.world.sync()
    answered_on(world, 7, 500)
    finished = world.finish()
    request = world.request()
    assert (request["status"], request["git_commit_sha"]) == ("onboarded", commit)
    assert request["onboarded_at"] is not None
    assert [each.n8n_workflow_id for each in finished.onboarded] == ["w-051"]
    for number in (7, 500):
        [said] = world.tracker.ours(number)
        assert said.startswith(":white_check_mark: **Workflow successfully onboarded**")
        for line in ("Workflow: Customer Survey Automation", request["canonical_id"], "Status: LINKED"):
            assert line in said
        assert "The workflow is now tracked in Git and can be promoted to other environments." in said
    assert (world.unsaid, finished.unsaid, finished.problems) == ({}, 0, ())


def test_the_log_says_who_asked_and_which_commit_brought_it() -> None:
    world = answered_on(merged(), 500)
    world.finish()
    [entry] = [each for each in world.world.audit("dev") if each["action"] == "workflow.onboarded"]
    assert entry["details"]["git_commit_sha"] == world.tracker.ended[500]
    assert (entry["details"]["pull_request"], entry["details"]["requested_by"]) == (500, "grace")
    logs = {path: content for path, content in world.world.state.files.items() if "/audit/" in path}
    assert verify(logs, heads={"dev": world.world.record("dev")["audit_head"]}) == ()


def test_many_workflows_of_one_pull_request_are_one_answer() -> None:
    world = answered_on(merged(issue=7, more=40), 7, 500)
    finished = world.finish()
    assert len(finished.onboarded) == 41
    for number in (7, 500):
        [said] = world.tracker.ours(number)
        assert "**41 workflows successfully onboarded**" in said
        assert said.count("<code>dev/") == 41


def test_a_second_run_says_nothing_and_asks_for_nothing() -> None:
    world = answered_on(merged(), 500)
    world.finish()
    calls, state = len(world.tracker.calls), dict(world.world.state.files)
    finished = world.finish()
    assert (finished.onboarded, finished.withdrawn) == ((), ())
    assert (len(world.tracker.calls), world.world.state.files) == (calls, state)


def test_what_is_not_merged_yet_goes_on_waiting() -> None:
    world = proposed()
    world.world.sync()
    finished = world.finish()
    assert (finished.onboarded, finished.withdrawn, finished.problems) == ((), (), ())
    assert world.request()["status"] == "proposed"


def test_a_merge_that_no_sync_has_seen_yet_goes_on_waiting() -> None:
    world = proposed()
    world.merge()
    assert world.finish().onboarded == ()
    assert world.request()["status"] == "proposed"


def test_a_pull_request_closed_unmerged_withdraws_its_requests_and_says_so_once() -> None:
    world = answered_on(proposed(issue=7), 7, 500)
    world.tracker.end_pull_request(500, merge_commit=None)
    world.world.sync()
    for _ in range(2):
        world.finish()
    assert world.request()["status"] == "withdrawn"
    for number in (7, 500):
        [said] = world.tracker.ours(number)
        assert "closed without being merged" in said
    assert [each["action"] for each in world.world.audit("dev")].count("workflow.onboarded") == 0


def test_a_workflow_that_is_deleted_before_the_merge_is_not_said_to_be_linked() -> None:
    world = answered_on(proposed(), 500)
    del world.world.n8n["dev"].store["w-051"]
    world.merge()
    world.world.sync()
    finished = world.finish()
    assert (finished.onboarded, len(finished.withdrawn)) == ((), 1)
    [said] = world.tracker.ours(500)
    assert "gone from n8n" in said
    assert "successfully" not in said


def test_the_commit_of_the_merge_is_noted_although_main_went_on() -> None:
    world = answered_on(proposed(), 500)
    merge = world.merge()
    world.world.repository.commit({"README.md": b"newer"})
    world.world.sync()
    world.finish()
    assert world.request()["git_commit_sha"] == merge != world.world.repository.head


def test_an_instance_that_was_not_compared_since_the_merge_is_not_said_to_lack_anything() -> None:
    world = ProposalWorld("dev", "prod")
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    world.propose("w-052", environments=["dev"])
    world.merge()
    world.world.sync("prod")
    assert world.finish().withdrawn == ()
    assert world.request("w-052")["status"] == "proposed"


def test_an_environment_that_could_not_be_read_goes_on_waiting() -> None:
    world = answered_on(proposed(), 500)
    world.merge()
    world.world.n8n["dev"].outage = DOWN_N8N
    world.world.sync()
    assert world.finish().onboarded == ()
    assert world.request()["status"] == "proposed"
    world.world.n8n["dev"].outage = None
    world.world.sync()
    assert len(world.finish().onboarded) == 1


def test_what_people_changed_on_the_branch_is_what_is_said() -> None:
    world = answered_on(proposed(), 500)
    branch = world.tracker.pull_requests[0].head
    files = world.world.repository.files(branch)
    moved = {path.replace("customer_survey_automation", "survey"): content for path, content in files.items()}
    sidecar = moved["dev/survey.wfo.json"].replace(b"customer_survey_automation", b"survey")
    commit = world.world.repository.commit(
        {path: content for path, content in moved.items() if path.startswith("dev/")} | {"dev/survey.wfo.json": sidecar}
    )
    world.tracker.end_pull_request(500, merge_commit=commit)
    world.world.sync()
    world.finish()
    request = world.request()
    assert (request["canonical_slug"], request["git_file_path"]) == ("survey", "dev/survey.json")


FILE, SIDECAR = "dev/customer_survey_automation.json", "dev/customer_survey_automation.wfo.json"


def merged_as(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> ProposalWorld:
    """Let people change the branch, merge it, and sync."""
    world = answered_on(proposed(issue=7), 7, 500)
    files = world.world.repository.files(world.tracker.pull_requests[0].head)
    commit = world.world.repository.commit(change({path: files[path] for path in (FILE, SIDECAR)}))
    world.tracker.end_pull_request(500, merge_commit=commit)
    world.world.sync()
    return world


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda files: {SIDECAR: files[SIDECAR]}, id="the file deleted"),
        pytest.param(lambda files: {FILE: files[FILE], SIDECAR: b"{"}, id="the sidecar broken"),
        pytest.param(
            lambda files: {path.replace("dev/", "prod/"): content for path, content in files.items()},
            id="moved to another environment",
        ),
        pytest.param(lambda _: {"README.md": b"other"}, id="nothing of it left"),
    ],
)
def test_a_merge_that_ties_nothing_is_told_once_and_frees_the_workflow(change) -> None:
    world = merged_as(change)
    assert "which is merged" in world.propose("w-051").refused[0].reason
    finished = world.finish()
    assert (finished.onboarded, len(finished.withdrawn), finished.problems) == ((), 1, ())
    world.finish()
    for number in (7, 500):
        [said] = world.tracker.ours(number)
        assert "#500 is merged" in said
        assert "still unmanaged" in said
    assert world.propose("w-051").refused == ()
    assert [each["action"] for each in world.world.audit("dev")].count("workflow.onboarded") == 0


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda files: {FILE: files[FILE]}, id="the sidecar deleted"),
        pytest.param(lambda files: {"dev/other.json": files[FILE], SIDECAR: files[SIDECAR]}, id="the file renamed"),
        pytest.param(
            lambda files: {path.replace("dev/", "dev/sub/"): content for path, content in files.items()},
            id="moved below the folder",
        ),
    ],
)
def test_a_merge_that_ties_the_workflow_in_another_way_onboards_it(change) -> None:
    world = merged_as(change)
    assert len(world.finish().onboarded) == 1
    [said] = world.tracker.ours(500)
    assert world.request()["git_file_path"] in {path for path in world.world.repository.files() if "wfo" not in path}
    assert f"<code>{world.request()['git_file_path'].replace('_', '&#95;')}</code>" in said


def test_a_merge_that_the_last_comparison_may_not_hold_goes_on_waiting() -> None:
    world = answered_on(proposed(), 500)
    world.world.sync()
    world.merge()
    assert world.finish().withdrawn == ()
    assert world.request()["status"] == "proposed"


def test_a_tip_that_cannot_be_asked_for_proves_nothing(monkeypatch) -> None:
    world = merged_as(lambda _: {"README.md": b"other"})

    def fail() -> str:
        raise PushRefusedError("The remote does not answer.", fix="Wait.")

    monkeypatch.setattr(world.world.repository, "default_tip", fail)
    finished = world.finish()
    assert (finished.withdrawn, len(finished.problems), finished.exit_code) == ((), 1, ExitCode.REMOTE)
    assert world.request()["status"] == "proposed"


def test_a_merge_without_the_file_of_a_workflow_that_is_gone_ends_its_request() -> None:
    world = answered_on(proposed(), 500)
    del world.world.n8n["dev"].store["w-051"]
    world.tracker.end_pull_request(500, merge_commit=world.world.repository.commit({"README.md": b"other"}))
    world.world.sync()
    assert len(world.finish().withdrawn) == 1
    assert "gone from n8n" in world.tracker.ours(500)[0]


def test_a_pull_request_that_is_opened_again_and_merged_is_answered_after_all() -> None:
    world = answered_on(proposed(issue=7), 7, 500)
    world.tracker.end_pull_request(500, merge_commit=None)
    world.world.sync()
    world.finish()
    world.merge()
    world.world.sync()
    for _ in range(2):
        world.finish()
    assert world.request()["status"] == "onboarded"
    assert [len(world.tracker.ours(number)) for number in (7, 500)] == [2, 2]
    assert "successfully onboarded" in world.tracker.ours(7)[-1]
    assert [each["action"] for each in world.world.audit("dev")].count("workflow.onboarded") == 1


def test_what_was_turned_down_and_is_linked_under_another_identity_is_not_answered() -> None:
    world = answered_on(proposed(issue=7), 7, 500)
    world.tracker.end_pull_request(500, merge_commit=None)
    world.world.sync()
    world.finish()
    files = world.world.repository.files(world.tracker.pull_requests[0].head)
    world.world.repository.commit({"dev/by_hand.json": files[FILE]})
    world.world.sync()
    calls = len(world.tracker.calls)
    assert world.finish().onboarded == ()
    assert (world.request()["status"], len(world.tracker.calls)) == ("withdrawn", calls)


def test_what_github_does_not_take_is_said_by_the_next_run() -> None:
    world = answered_on(merged(), 500)
    world.tracker.fail_write(1, DOWN)
    finished = world.finish()
    assert (len(finished.problems), finished.unsaid, finished.exit_code) == (1, 1, ExitCode.REMOTE)
    assert world.request()["status"] == "onboarded"
    assert world.tracker.ours(500) == []
    assert world.finish().unsaid == 0
    assert len(world.tracker.ours(500)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_while_it_answers_answers_once_in_all(when) -> None:
    world = answered_on(merged(issue=7), 7, 500)
    world.tracker.fail_write(1, Killed(), when=when)
    with pytest.raises(Killed):
        world.finish()
    world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    world.finish()
    assert [len(world.tracker.ours(number)) for number in (7, 500)] == [1, 1]
    assert world.unsaid == {}


def test_one_place_that_refuses_does_not_keep_the_others_from_being_told() -> None:
    world = answered_on(merged(issue=7), 7, 500)
    world.tracker.fail_write(1, GitHubRejectedError("The issue is locked.", fix="Unlock it."))
    finished = world.finish()
    assert (len(finished.problems), finished.unsaid) == (1, 1)
    assert sum(len(world.tracker.ours(number)) for number in (7, 500)) == 1


def test_a_place_that_is_gone_is_not_asked_for_ever() -> None:
    world = answered_on(merged(), 500)
    world.tracker.fail_write(1, GitHubNotFoundError("Not found.", fix="Look."))
    finished = world.finish()
    assert (finished.unsaid, finished.problems, len(finished.warnings)) == (0, (), 1)


def test_where_pull_requests_stand_is_not_guessed_while_github_is_down() -> None:
    world = answered_on(proposed(), 500)
    world.tracker.end_pull_request(500, merge_commit=None)
    world.tracker.outage = DOWN
    finished = world.finish()
    assert (finished.withdrawn, len(finished.problems)) == ((), 1)
    assert world.request()["status"] == "proposed"


def test_a_linked_workflow_is_noted_without_github_and_told_later() -> None:
    world = answered_on(merged(), 500)
    finished = world.finish(has_tracker=False)
    assert (len(finished.onboarded), finished.unsaid) == (1, 1)
    assert world.request()["git_commit_sha"] == world.world.repository.head
    assert world.finish().unsaid == 0
    assert len(world.tracker.ours(500)) == 1


def test_a_dry_run_says_what_would_be_noted_and_writes_nothing() -> None:
    world = answered_on(merged(), 500)
    state = dict(world.world.state.files)
    assert len(world.finish(is_dry_run=True).onboarded) == 1
    assert (world.world.state.files, world.tracker.ours(500)) == (state, [])


def test_a_state_that_moves_meanwhile_is_read_again() -> None:
    world = answered_on(merged(), 500)
    world.world.state.interference.append(lambda: world.world.state.write({"onboarding.json": None}))
    assert world.finish().onboarded == ()


def test_a_state_that_cannot_be_written_says_nothing_on_github() -> None:
    world = answered_on(merged(), 500)
    world.world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
    with pytest.raises(PushRefusedError):
        world.finish()
    assert world.tracker.ours(500) == []


def test_what_was_committed_directly_meanwhile_ends_the_request_for_good() -> None:
    world = proposed()
    world.tracker.end_pull_request(500, merge_commit=None)
    onboard(
        world.world.workspace(), world.world.environments(), Selection(is_all=True), Wishes(), tracker=world.tracker
    )
    assert (world.request()["status"], world.request()["git_commit_sha"]) == ("onboarded", world.world.repository.head)
    assert world.finish().onboarded == ()
    assert [each["action"] for each in world.world.audit("dev")].count("workflow.onboarded") == 1


def test_a_claim_that_does_not_come_free_is_told() -> None:
    world = merged()
    other = world.desk(tracker=None)
    with at_the_desk(other), pytest.raises(MovedError):
        world.finish()


def test_two_pull_requests_that_were_asked_for_in_one_place_are_two_answers() -> None:
    world = proposed(issue=7)
    world.world.put("dev", "w1", document("Orders", url=f"{URL}/1"))
    world.propose("w1", issue=7)
    answered_on(world, 7, 500, 501)
    for number in (500, 501):
        world.tracker.end_pull_request(number, merge_commit=None)
    world.finish()
    assert sorted(number for said in world.tracker.ours(7) for number in ("#500", "#501") if number in said) == [
        "#500",
        "#501",
    ]
    assert len(world.tracker.ours(7)) == 2


def test_who_is_turned_down_twice_is_told_twice() -> None:
    world = answered_on(proposed(issue=7), 7, 500, 501)
    for number in (500, 501):
        world.tracker.end_pull_request(number, merge_commit=None)
        world.finish()
        world.propose("w-051", issue=7)
    assert len(world.tracker.ours(7)) == 2


def test_a_pull_request_that_is_gone_withdraws_its_requests() -> None:
    world = answered_on(proposed(issue=7), 7)
    world.tracker.ended[500] = None
    world.tracker.pull_requests.clear()
    assert world.tracker.pull_request_state(500) is None
    assert len(world.finish().withdrawn) == 1
    assert world.request()["status"] == "withdrawn"


def test_a_workflow_that_was_renamed_is_answered_under_the_name_it_has() -> None:
    world = answered_on(proposed(), 500)
    world.merge()
    world.world.put("dev", "w-051", document("Renamed Survey"), active=True)
    world.world.sync()
    world.finish()
    assert "Workflow: Renamed Survey" in world.tracker.ours(500)[0]


def test_an_outage_while_pull_requests_are_asked_for_is_not_met_once_for_each() -> None:
    world = proposed(issue=7)
    for number in range(8):
        world.world.put("dev", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
        world.propose(f"w{number}")
    world.tracker.outage = DOWN
    world.tracker.calls.clear()
    assert len(world.finish().problems) == len(world.tracker.calls) == MOST_OUTAGES


def test_an_outage_while_answers_are_given_is_not_met_once_for_each() -> None:
    world = merged()
    for number in range(8):
        world.world.put("dev", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
        world.propose(f"w{number}")
        world.merge(501 + number)
    world.world.sync()
    world.finish(has_tracker=False)
    world.tracker.outage = DOWN
    finished = world.finish()
    assert (len(finished.problems), finished.unsaid) == (MOST_OUTAGES, 9)


def test_an_environment_that_left_the_configuration_ends_its_requests_without_a_log() -> None:
    world = answered_on(merged(), 500)
    before = {path for path in world.world.state.files if "/audit/" in path}
    configuration = world.world.configuration
    finished = world.finish(configuration=replace(configuration, environments={}))
    assert len(finished.onboarded) == 1
    assert {path for path in world.world.state.files if "/audit/" in path} == before


def test_a_workflow_that_cannot_be_read_any_more_goes_on_waiting() -> None:
    world = merged_as(lambda _: {"README.md": b"other"})
    mapping = json.loads(world.world.state.files["environments/dev/mapping.json"])
    mapping["workflows"]["w-051"]["problem"] = "It cannot be read."
    world.world.state.write({"environments/dev/mapping.json": json.dumps(mapping).encode()})
    assert world.finish().withdrawn == ()
