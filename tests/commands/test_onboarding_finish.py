"""What follows a merge: the mapping is linked, the log says so, and whoever asked is answered once."""

import pytest
from tests.commands.builders import URL, document
from tests.commands.fake_tracker import Killed
from tests.commands.proposal_world import ProposalWorld

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
    assert world.request()["status"] == "onboarded"
    assert world.finish().onboarded == ()
    assert [each["action"] for each in world.world.audit("dev")].count("workflow.onboarded") == 1


def test_a_claim_that_does_not_come_free_is_told() -> None:
    world = merged()
    other = world.desk(tracker=None)
    with at_the_desk(other), pytest.raises(MovedError):
        world.finish()
