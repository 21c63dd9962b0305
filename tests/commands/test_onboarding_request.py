"""`onboard` by pull request: one commit on a branch of ours, said in words, and remembered."""

import json
from dataclasses import replace

import pytest
from tests.commands.builders import URL, document
from tests.commands.proposal_world import ProposalWorld

from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.onboarding import Wishes
from workflowops.core.onboarding_document import onboarding_document
from workflowops.core.resources import Resources
from workflowops.core.text.onboarding import render_onboarding, summary_onboarding
from workflowops.core.text.style import Style
from workflowops.errors import (
    BlockedError,
    ExitCode,
    GitHubForbiddenError,
    GitHubUnreachableError,
    N8nUnreachableError,
    PushRefusedError,
)

SURVEY = Wishes(
    slug="customer_survey_automation",
    description="Automates customer survey collection and logging",
    tags=("surveys", "automation", "customers"),
    file="dev/customer_survey_automation.json",
)
BRANCH = "workflowops/onboard-dev-customer_survey_automation"
FILES = ("dev/customer_survey_automation.json", "dev/customer_survey_automation.wfo.json")
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"
DOWN = GitHubUnreachableError("GitHub does not answer.", fix="Wait.")


def test_a_workflow_is_proposed_with_its_sidecar_in_one_commit_as_in_walkthrough_4() -> None:
    world = ProposalWorld()
    outcome = world.propose("w-051", wishes=SURVEY, message="Add customer survey automation workflow", issue=7)
    assert (outcome.branch, outcome.files, outcome.exit_code) == (BRANCH, FILES, ExitCode.DONE)
    assert outcome.pull_request is not None
    assert (outcome.pull_request.number, outcome.pull_request.is_new, outcome.awaits_merge) == (500, True, True)
    assert world.world.repository.messages == ["Add customer survey automation workflow"]
    files = world.world.repository.files(BRANCH)
    about = json.loads(files[FILES[1]])
    assert (about["canonical_slug"], about["description"], about["tags"], about["n8n_workflow_id"]) == (
        SURVEY.slug,
        SURVEY.description,
        [*SURVEY.tags],
        "w-051",
    )
    assert FILES[0] not in world.world.repository.files("main")
    [opened] = world.tracker.pull_requests
    assert (opened.head, opened.base, opened.title) == (BRANCH, "main", "Onboard Customer Survey Automation from Dev")
    for told in ("Customer Survey Automation", "w-051", "customer&#95;survey&#95;automation", "| 2 | yes |"):
        assert told in opened.body


def test_who_waits_for_what_is_remembered_and_nothing_is_linked_before_the_merge() -> None:
    world = ProposalWorld()
    outcome = world.propose("w-051", wishes=SURVEY, requested_by="grace", issue=7)
    request = world.request()
    assert request["canonical_id"] == outcome.onboarded[0].canonical_id
    assert {name: request[name] for name in ("status", "pull_request", "issue", "requested_by", "branch")} == {
        "status": "proposed",
        "pull_request": 500,
        "issue": 7,
        "requested_by": "grace",
        "branch": BRANCH,
    }
    about = json.loads(world.world.repository.files(BRANCH)[FILES[1]])
    assert about["created_by"] == "grace"
    world.world.sync()
    assert world.world.mapping("dev")["w-051"]["status"] == "unmapped"


def test_several_workflows_are_one_pull_request_whose_branch_is_named_after_their_ids() -> None:
    world = ProposalWorld()
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    branches = {world.propose("w-051", "w-052", is_dry_run=True).branch for _ in range(2)}
    branches |= {world.propose("w-052", "w-051", is_dry_run=True).branch}
    outcome = world.propose()
    assert branches == {outcome.branch}
    assert outcome.branch is not None
    assert outcome.branch.startswith("workflowops/onboard-dev-")
    assert len(world.tracker.pull_requests) == 1
    assert world.tracker.pull_requests[0].title == "Onboard 2 workflows from Dev"


def test_workflows_of_several_environments_are_proposed_together_and_share_an_identity() -> None:
    world = ProposalWorld("dev", "prod")
    outcome = world.propose()
    assert outcome.branch is not None
    assert outcome.branch.startswith("workflowops/onboard-several-")
    assert len({each.canonical_id for each in outcome.onboarded}) == 1
    assert "### Dev" in world.tracker.pull_requests[0].body
    assert "### Prod" in world.tracker.pull_requests[0].body


def test_what_is_proposed_is_not_proposed_again_while_its_pull_request_is_open() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    outcome = world.propose("w-051")
    [refusal] = outcome.refused
    assert "already proposed in #500" in refusal.reason
    assert (outcome.exit_code, len(world.tracker.pull_requests)) == (ExitCode.RULE, 1)


def test_all_leaves_out_what_waits_for_its_merge_without_calling_it_refused() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    outcome = world.propose()
    assert [each.workflow_id for each in outcome.onboarded] == ["w-052"]
    assert (outcome.refused, outcome.waiting, outcome.exit_code) == ((), 1, ExitCode.DONE)


def test_a_pull_request_that_was_closed_unmerged_frees_its_workflows() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    world.tracker.end_pull_request(500, merge_commit=None)
    outcome = world.propose("w-051")
    assert outcome.pull_request is not None
    assert (outcome.pull_request.number, outcome.refused) == (501, ())
    assert world.request()["pull_request"] == 501


def test_what_is_merged_and_not_linked_yet_is_told_to_sync() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    world.tracker.end_pull_request(500, merge_commit="c" * 40)
    [refusal] = world.propose("w-051").refused
    assert "which is merged" in refusal.reason
    assert "workflowops sync" in refusal.fix


def test_a_pull_request_that_cannot_be_looked_at_still_holds_its_workflows() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    [refusal] = world.propose("w-051", has_tracker=False).refused
    assert "nobody can say whether that is still open" in refusal.reason


def test_a_copy_on_another_instance_joins_what_is_proposed_already() -> None:
    world = ProposalWorld("dev", "prod")
    first = world.propose("w-051", environments=["dev"])
    second = world.propose("w-051", environments=["prod"])
    assert second.onboarded[0].canonical_id == first.onboarded[0].canonical_id
    assert second.onboarded[0].is_tied


def test_a_slug_that_is_proposed_is_taken() -> None:
    world = ProposalWorld()
    world.propose("w-051", wishes=SURVEY)
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    [refusal] = world.propose("w-052", wishes=Wishes(slug=SURVEY.slug)).refused
    assert "already exists" in refusal.reason


def test_a_secret_is_named_by_node_and_never_shown() -> None:
    world = ProposalWorld()
    leaking = document("Leaking", url=f"{URL}/1")
    leaking["nodes"][1]["parameters"]["options"] = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    world.world.put("dev", "leak", leaking)
    outcome = world.propose()
    [opened] = world.tracker.pull_requests
    assert [each.workflow_id for each in outcome.refused] == ["leak"]
    assert "Leaking" in opened.body
    assert "Call" in opened.body
    everything = b"".join([*world.world.repository.files(outcome.branch or "").values(), opened.body.encode()])
    assert TOKEN.encode() not in everything
    assert b"authorization" not in b"".join(world.world.repository.files(outcome.branch or "").values())
    assert outcome.exit_code is ExitCode.RULE


def test_a_dry_run_says_what_it_would_propose_and_writes_nothing_anywhere() -> None:
    world = ProposalWorld()
    state = dict(world.world.state.files)
    outcome = world.propose("w-051", is_dry_run=True)
    assert (outcome.branch, outcome.commit_sha, len(outcome.files)) == (BRANCH, None, 2)
    assert world.tracker.calls == []
    assert (world.world.state.files, [*world.world.repository.tips]) == (state, ["main"])


def test_without_github_the_branch_is_all_there_is_and_may_be_proposed_again() -> None:
    world = ProposalWorld()
    first = world.propose("w-051", has_tracker=False)
    second = world.propose("w-051", has_tracker=False)
    assert (first.branch, first.pull_request, second.refused) == (BRANCH, None, ())
    assert world.request()["canonical_id"] == second.onboarded[0].canonical_id


def test_a_pull_request_that_github_refuses_is_told_and_opened_by_the_next_run() -> None:
    world = ProposalWorld()
    world.tracker.fail_write(1, GitHubForbiddenError("GitHub Actions may not open pull requests.", fix="Allow it."))
    outcome = world.propose("w-051")
    assert (outcome.problem, outcome.fix) == ("GitHub Actions may not open pull requests.", "Allow it.")
    assert (outcome.branch, outcome.exit_code) == (BRANCH, ExitCode.REMOTE)
    assert "onboarding.json" not in world.world.state.files
    again = world.propose("w-051")
    assert again.pull_request is not None
    assert (again.exit_code, len(world.tracker.pull_requests)) == (ExitCode.DONE, 1)
    assert world.request()["canonical_id"] == again.onboarded[0].canonical_id


def test_a_run_that_died_before_it_remembered_is_repaired_by_the_next_without_a_second_pull_request() -> None:
    world = ProposalWorld()
    world.world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
    outcome = world.propose("w-051")
    assert outcome.state_problem is not None
    assert outcome.exit_code is ExitCode.REMOTE
    world.world.state.refusal = None
    again = world.propose("w-051")
    assert again.pull_request is not None
    assert (again.pull_request.number, again.pull_request.is_new) == (500, False)
    about = json.loads(world.world.repository.files(BRANCH)["dev/customer_survey_automation.wfo.json"])
    assert about["canonical_id"] == world.request()["canonical_id"]


def test_nothing_is_proposed_on_a_commit_that_the_team_does_not_share() -> None:
    world = ProposalWorld()
    world.world.repository.push_elsewhere({"README.md": b"newer"})
    with pytest.raises(BlockedError, match="not the tip"):
        world.propose("w-051")
    assert world.tracker.pull_requests == []


def test_an_outage_of_github_while_it_is_asked_what_is_open_stops_everything() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    world.tracker.outage = DOWN
    with pytest.raises(GitHubUnreachableError):
        world.propose("w-051")


def test_the_body_stays_below_githubs_limit_with_3000_workflows() -> None:
    world = ProposalWorld()
    for number in range(2999):
        world.world.put("dev", f"w{number}", document(f"Orders @{number} | `x`", url=f"{URL}/{number}"))
    outcome = world.propose()
    [opened] = world.tracker.pull_requests
    assert (len(outcome.onboarded), outcome.exit_code) == (3000, ExitCode.DONE)
    assert len(opened.body) < LONGEST_TEXT
    assert "more: see the changed files" in opened.body


def test_names_of_variables_and_tables_come_along_and_values_never() -> None:
    world = ProposalWorld()
    world.world.n8n["dev"].held = Resources(variables=("api_url",))
    outcome = world.propose("w-051")
    content = world.world.repository.files(outcome.branch or "")["dev/resources.yml"].decode()
    assert "api_url" in content
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    world.merge()
    world.world.sync()
    assert "dev/resources.yml" not in world.propose("w-052").files


def test_a_resources_file_that_people_made_is_left_alone() -> None:
    world = ProposalWorld()
    world.world.n8n["dev"].held = Resources(variables=("api_url",))
    world.world.repository.commit({"dev/resources.yml": b"ours: true\n"})
    assert "dev/resources.yml" not in world.propose("w-051").files


def test_what_waits_is_never_told_as_nothing_to_do() -> None:
    world = ProposalWorld()
    world.propose("w-051")
    outcome = world.propose()
    told = render_onboarding(outcome, style=Style(color=False, width=80), is_dry_run=False)
    assert (outcome.onboarded, outcome.waiting) == ((), 1)
    assert "Nothing to put under Git" not in told
    for text in (told, summary_onboarding(outcome)):
        assert "1 workflow was left out, because an earlier pull request" in text
    assert onboarding_document(outcome)["workflows_waiting"] == 1


def test_an_environment_that_could_not_be_read_is_never_told_as_nothing_to_do() -> None:
    world = ProposalWorld()
    world.world.n8n["dev"].outage = N8nUnreachableError("https://dev.example.com does not answer.", fix="Start it.")
    told = render_onboarding(world.propose(), style=Style(color=False, width=80), is_dry_run=False)
    assert "Nothing to put under Git" not in told
    assert "NOT READ: dev" in told


def test_a_file_whose_sidecar_would_have_too_long_a_name_is_refused() -> None:
    world = ProposalWorld()
    [refusal] = world.propose("w-051", wishes=Wishes(file=f"dev/{'x' * 250}.json")).refused
    assert "more than 255 bytes" in refusal.reason
    assert world.propose("w-051", wishes=Wishes(file=f"dev/{'x' * 246}.json")).refused == ()


def test_a_pull_request_of_many_workflows_is_asked_for_once() -> None:
    world = ProposalWorld()
    for number in range(5):
        world.world.put("dev", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.propose()
    world.tracker.calls.clear()
    assert world.propose().waiting == 6
    assert len(world.tracker.calls) == 1


def test_the_branch_of_several_workflows_stays_when_one_is_renamed() -> None:
    world = ProposalWorld()
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    before = world.propose(is_dry_run=True).branch
    world.world.put("dev", "w-052", document("A Name That Comes First", url=f"{URL}/1"))
    assert world.propose(is_dry_run=True).branch == before


def test_where_the_pull_request_is_stands_in_the_record() -> None:
    world = ProposalWorld()
    outcome = world.propose("w-051")
    assert outcome.pull_request is not None
    assert world.request()["pull_request_url"] == outcome.pull_request.url


def test_an_environment_that_nothing_is_onboarded_from_gets_no_resources_file() -> None:
    world = ProposalWorld("dev", "prod")
    for n8n in world.world.n8n.values():
        n8n.held = Resources(variables=("api_url",))
    world.world.put("dev", "w-052", document("Orders", url=f"{URL}/1"))
    assert [path for path in world.propose("w-052").files if "resources" in path] == ["dev/resources.yml"]


def test_with_link_a_new_workflow_takes_the_place_of_one_that_is_gone() -> None:
    world = ProposalWorld()
    world.propose("w-051", wishes=SURVEY)
    world.merge()
    world.world.sync()
    gone = world.world.mapping("dev")["w-051"]["canonical_id"]
    del world.world.n8n["dev"].store["w-051"]
    world.world.put("dev", "w-052", document("Another Survey", url=f"{URL}/1"))
    outcome = world.propose("w-052", wishes=Wishes(slug=SURVEY.slug, link=True))
    assert [each.canonical_id for each in outcome.onboarded] == [gone], outcome.refused


def test_a_name_that_looks_like_a_secret_is_shown_nowhere_though_it_is_let_through() -> None:
    world = ProposalWorld()
    world.world.put("dev", "w-052", document(f"Orders {TOKEN}", url=f"{URL}/1"))
    outcome = world.propose("w-052", wishes=Wishes(slug="orders", allow_secrets=True))
    told = render_onboarding(outcome, style=Style(color=False, width=80), is_dry_run=False)
    for text in (told, summary_onboarding(outcome), json.dumps(onboarding_document(outcome))):
        assert "orders" in text
        assert TOKEN not in text
    [opened] = world.tracker.pull_requests
    assert TOKEN not in opened.title + opened.body
    assert all(TOKEN not in message for message in world.world.repository.messages)


def test_a_node_named_like_a_secret_is_masked_where_the_place_is_told() -> None:
    world = ProposalWorld()
    leaking = document("Leaking", url=f"{URL}/1")
    leaking["nodes"][1]["name"] = f"Call {TOKEN}"
    leaking["nodes"][1]["parameters"]["options"] = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    leaking["connections"] = {}
    world.world.put("dev", "leak", leaking)
    world.propose("leak", wishes=Wishes(allow_secrets=True))
    [opened] = world.tracker.pull_requests
    assert "Look at this before merging" in opened.body
    assert TOKEN not in opened.body


def test_the_body_stays_below_githubs_limit_with_many_workflows_of_several_environments() -> None:
    world = ProposalWorld("dev", "staging", "prod")
    for name in world.world.n8n:
        for number in range(400):
            world.world.put(name, f"w{number}", document(f"Orders {name} {number}", url=f"{URL}/{name}/{number}"))
    world.propose()
    [opened] = world.tracker.pull_requests
    assert len(opened.body) < LONGEST_TEXT
    assert all(f"### {title}" in opened.body for title in ("Dev", "Staging", "Prod"))


def test_a_branch_that_others_pushed_onto_is_told() -> None:
    world = ProposalWorld()
    outcome = replace(world.propose("w-051"), is_ours=False)
    told = render_onboarding(outcome, style=Style(color=False, width=80), is_dry_run=False)
    assert "Somebody else has pushed onto its branch" in told
