"""`/adopt`: what n8n runs becomes a pull request, once, and never over anybody's work."""

import json
from typing import Any

import pytest
from tests.commands.affected_world import NUMBER, desk_of, edited, hot_fixed, incident_of
from tests.commands.builders import URL, World, baselined, document, file_of
from tests.commands.fake_tracker import FakeTracker

from workflowops.commands.adopt import adopt, adopt_branch
from workflowops.core.baseline import Accept
from workflowops.core.configuration import DriftPolicy
from workflowops.core.incident.adoption import Adopting, Adoption
from workflowops.core.incident.record import Incident
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.errors import ExitCode, N8nUnreachableError, PushRefusedError, RemoteError

BRANCH = adopt_branch(NUMBER)
DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def adopted(
    world: World, incident: Incident, *, tracker: FakeTracker | None = None, allow_secrets: bool = False, **changes: Any
) -> Adoption:
    return adopt(desk_of(world, tracker or FakeTracker(), **changes), incident, allow_secrets=allow_secrets)


def kinds(adoption: Adoption) -> dict[str, Adopting]:
    return {each.workflow.workflow_name: each.adopting for each in adoption.workflows}


def proposed(world: World, path: str = "prod/orders_0.json") -> Any:
    """A file of the branch, decoded; None when it is not there."""
    content = world.repository.files(BRANCH).get(path)
    return None if content is None else json.loads(content)


def merged(world: World) -> DriftStatus:
    """Merge the pull request and check again."""
    world.repository.merge(BRANCH)
    return world.drift_of().drift_status


def test_the_hot_fix_is_proposed_and_merging_it_ends_the_drift() -> None:
    world = hot_fixed("prod")
    tracker = FakeTracker()
    before = world.repository.files()
    adoption = adopted(world, incident_of(world), tracker=tracker)
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN}
    assert (adoption.branch, adoption.is_new, adoption.exit_code) == (BRANCH, True, ExitCode.DONE)
    assert adoption.pull_request is not None
    assert world.repository.files() == before
    changed = {path for path in before if world.repository.files(BRANCH)[path] != before[path]}
    assert changed == {"prod/orders_0.json"}
    assert proposed(world)["nodes"][1]["parameters"]["url"] == "https://hot-fix.example.com"
    (request,) = tracker.pull_requests
    assert (request.head, request.base) == (BRANCH, "main")
    assert merged(world) is DriftStatus.IN_SYNC


def test_nothing_is_written_to_n8n_or_to_the_state() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    files, store = dict(world.state.files), dict(world.n8n["prod"].store)
    adopted(world, incident)
    assert (world.state.files, world.n8n["prod"].store) == (files, store)


def test_only_the_folder_of_the_environment_is_touched() -> None:
    world = hot_fixed("dev", "prod")
    world.put("dev", "w0", edited())
    adopted(world, incident_of(world))
    assert world.repository.files(BRANCH)["dev/orders_0.json"] == world.repository.files()["dev/orders_0.json"]


@pytest.mark.parametrize(
    ("live", "key", "expected"),
    [
        pytest.param({"active": True}, "active", True, id="activation"),
        pytest.param({"tags": ["urgent", "crm"]}, "tags", ["crm", "urgent"], id="tags"),
    ],
)
def test_what_stands_beside_the_content_is_adopted_alone(live, key, expected) -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), **live)
    before = json.loads(world.repository.files()["prod/orders_0.json"])
    adoption = adopted(world, incident_of(world))
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN}
    assert proposed(world) == {**before, key: expected}
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_change_of_git_beside_the_drift_is_kept() -> None:
    """Git changed the content and n8n was switched on: only the switch is n8n's word."""
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(document("Orders 0", url=f"{URL}/v2"))})
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), active=True)
    adopted(world, incident_of(world))
    assert (proposed(world)["active"], proposed(world)["nodes"][1]["parameters"]["url"]) == (True, f"{URL}/v2")


def test_a_file_that_is_silent_stays_silent() -> None:
    world = baselined("prod")
    silent = {"prod/orders_0.json": json.dumps(document("Orders 0", url=f"{URL}/0")).encode()}
    world.repository.commit(silent)
    world.put("prod", "w0", edited(), active=True, tags=["urgent"])
    adopted(world, incident_of(world))
    assert {"active", "tags"} & proposed(world).keys() == set()
    assert merged(world) is DriftStatus.IN_SYNC


def test_what_the_configuration_does_not_compare_keeps_git_s_word() -> None:
    world = baselined("prod", policy=DriftPolicy(activation=False, tags=False))
    world.put("prod", "w0", edited(), active=True, tags=["urgent"])
    adopted(world, incident_of(world))
    assert (proposed(world)["active"], proposed(world)["tags"]) == (False, [])


def test_the_published_version_is_adopted_and_not_the_draft() -> None:
    world = baselined("prod")
    hot, draft = edited(), edited(url="https://draft.example.com")
    version = {"versionId": "v2", "nodes": hot["nodes"], "connections": hot["connections"]}
    world.put("prod", "w0", draft, active=True, activeVersion=version)
    adopted(world, incident_of(world))
    assert proposed(world)["nodes"][1]["parameters"]["url"] == "https://hot-fix.example.com"
    assert merged(world) is DriftStatus.IN_SYNC


@pytest.mark.parametrize("how", ["deleted", "archived"])
def test_a_workflow_that_is_gone_loses_its_file_and_its_sidecar(how) -> None:
    world = baselined("prod", workflows=2)
    if how == "deleted":
        del world.n8n["prod"].store["w0"]
    else:
        world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), isArchived=True)
    adoption = adopted(world, incident_of(world))
    assert kinds(adoption) == {"Orders 0": Adopting.DELETED}
    assert adoption.workflows[0].files == ("prod/orders_0.json", "prod/orders_0.wfo.json")
    assert [path for path in world.repository.files(BRANCH) if "orders_0" in path] == []
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_missing_workflow_without_a_sidecar_loses_its_file_alone() -> None:
    world = World()
    world.repository.commit({
        f"prod/w{number}.json": file_of(document(f"Orders {number}", url=f"{URL}/{number}")) for number in range(2)
    })  # fmt: skip
    for number in range(2):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.sync()
    world.baseline()
    del world.n8n["prod"].store["w0"]
    assert adopted(world, incident_of(world)).workflows[0].files == ("prod/w0.json",)
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_plain_export_gets_a_sidecar_with_the_id_that_it_loses() -> None:
    world = World()
    world.repository.commit({"prod/w0.json": file_of(document("Orders 0"), id="w0", versionId="x")})
    world.put("prod", "w0", document("Orders 0"))
    world.sync()
    world.baseline()
    world.put("prod", "w0", edited())
    incident = incident_of(world)
    adopted(world, incident)
    assert "id" not in proposed(world, "prod/w0.json")
    sidecar = proposed(world, "prod/w0.wfo.json")
    assert (sidecar["canonical_id"], sidecar["n8n_workflow_id"]) == (incident.affected_workflows[0].canonical_id, "w0")
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_re_pointed_sub_workflow_is_adopted() -> None:
    world = World()
    for number in range(2):
        world.put("prod", f"sub{number}", document(f"Sub {number}", url=f"{URL}/sub{number}"))
    world.put("prod", "w0", calling("sub0"))
    world.onboard()
    world.baseline()
    world.put("prod", "w0", calling("sub1"))
    adopted(world, incident_of(world))
    assert proposed(world, "prod/caller.json")["nodes"][1]["parameters"]["workflowId"]["value"] == "sub1"
    assert merged(world) is DriftStatus.IN_SYNC


def calling(workflow_id: str) -> dict[str, Any]:
    caller = document("Caller")
    caller["nodes"][1] |= {
        "type": "n8n-nodes-base.executeWorkflow",
        "parameters": {"workflowId": {"__rl": True, "mode": "list", "value": workflow_id}},
    }
    return caller


# ── what is left out ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_in_sync_by_now_is_left_out() -> None:
    world = hot_fixed("prod")
    world.put("prod", "w1", edited(1))
    incident = incident_of(world)
    world.put("prod", "w1", document("Orders 1", url=f"{URL}/1"))
    adoption = adopted(world, incident)
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN, "Orders 1": Adopting.LEFT}


def test_with_nothing_left_there_is_no_branch_and_no_pull_request() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"))
    tracker = FakeTracker()
    adoption = adopted(world, incident, tracker=tracker)
    assert (adoption.branch, adoption.pull_request, adoption.problem) == (None, None, None)
    assert BRANCH not in world.repository.tips
    assert tracker.calls == []


def test_a_workflow_that_neither_side_knows_any_more_is_left_out() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    del world.n8n["prod"].store["w0"]
    world.repository.commit({"prod/orders_0.json": None, "prod/orders_0.wfo.json": None})
    world.drift()
    assert kinds(adopted(world, incident)) == {"Orders 0": Adopting.LEFT}


def test_where_git_is_ahead_its_change_is_not_undone() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"))
    world.repository.commit({"prod/orders_0.json": file_of(edited(url=f"{URL}/v2"))})
    adoption = adopted(world, incident)
    assert kinds(adoption) == {"Orders 0": Adopting.LEFT}
    assert "ahead" in (adoption.workflows[0].reason or "")


def test_what_was_accepted_as_n8n_runs_it_can_be_adopted() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.baseline(accept=Accept.LIVE)
    assert kinds(adopted(world, incident)) == {"Orders 0": Adopting.WRITTEN}
    assert merged(world) is DriftStatus.IN_SYNC
    assert world.drift_of().counts.pending == 0


def test_a_conflict_is_adopted_and_told_as_one() -> None:
    world = hot_fixed("prod")
    world.repository.commit({"prod/orders_0.json": file_of(edited(url=f"{URL}/v2"))})
    tracker = FakeTracker()
    adoption = adopted(world, incident_of(world), tracker=tracker)
    assert adoption.workflows[0].workflow.kind is DriftKind.CONFLICT
    assert adoption.workflows[0].overrules_git
    assert "That change is undone" in tracker.pull_requests[0].body
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_workflow_whose_file_git_removed_is_refused_with_the_way_to_go() -> None:
    world = hot_fixed("prod")
    world.repository.commit({"prod/orders_0.json": None, "prod/orders_0.wfo.json": None})
    adoption = adopted(world, incident_of(world))
    assert (kinds(adoption), adoption.branch) == ({"Orders 0": Adopting.REFUSED}, None)
    assert "onboard --workflow w0" in (adoption.workflows[0].fix or "")
    assert adoption.exit_code is ExitCode.RULE


def test_a_workflow_that_cannot_be_read_is_told_and_the_others_are_adopted() -> None:
    world = hot_fixed("prod")
    world.put("prod", "w1", edited(1))
    incident = incident_of(world)
    world.n8n["prod"].store["w1"]["nodes"] = "not a list"
    adoption = adopted(world, incident)
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN, "Orders 1": Adopting.REFUSED}
    assert "nodes" in (adoption.workflows[1].reason or "")


def test_a_broken_file_is_told() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.repository.commit({"prod/orders_0.json": b"{"})
    adoption = adopted(world, incident)
    assert kinds(adoption) == {"Orders 0": Adopting.REFUSED}
    assert adoption.branch is None


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_token(token: str = TOKEN, url: str = f"{URL}/0") -> dict[str, Any]:
    content = document("Orders 0", url=url)
    content["nodes"][1]["parameters"]["body"] = f"token {token}"
    return content


def test_a_new_secret_is_refused_by_name_and_never_told() -> None:
    world = baselined("prod")
    world.put("prod", "w0", with_token())
    adoption = adopted(world, incident_of(world))
    assert kinds(adoption) == {"Orders 0": Adopting.REFUSED}
    assert "nodes[1].parameters.body of node 'Call'" in (adoption.workflows[0].reason or "")
    assert TOKEN not in f"{adoption.workflows[0].reason}"
    assert adoption.branch is None


def test_a_new_secret_is_written_when_that_is_allowed() -> None:
    world = baselined("prod")
    world.put("prod", "w0", with_token())
    tracker = FakeTracker()
    adoption = adopted(world, incident_of(world), tracker=tracker, allow_secrets=True)
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN}
    assert TOKEN not in tracker.pull_requests[0].body + tracker.pull_requests[0].title


def test_a_secret_that_git_holds_already_is_no_new_one() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(with_token())})
    world.put("prod", "w0", with_token())
    world.drift()
    world.put("prod", "w0", with_token(url="https://hot-fix.example.com"))
    assert kinds(adopted(world, incident_of(world))) == {"Orders 0": Adopting.WRITTEN}


# ── twice, and what goes wrong ──────────────────────────────────────────────────────────────────────────────────────


def test_asked_twice_nothing_is_pushed_and_the_same_pull_request_is_answered() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    tracker = FakeTracker()
    first = adopted(world, incident, tracker=tracker)
    second = adopted(world, incident, tracker=tracker)
    assert (second.is_new, second.commit) == (False, first.commit)
    assert second.pull_request is not None
    assert first.pull_request is not None
    assert second.pull_request.number == first.pull_request.number
    assert len(tracker.pull_requests) == 1


def test_a_later_hot_fix_takes_the_place_of_the_first_in_one_commit() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    tracker = FakeTracker()
    adopted(world, incident, tracker=tracker)
    world.put("prod", "w0", edited(url="https://second.example.com"))
    second = adopted(world, incident, tracker=tracker)
    assert second.is_new
    assert proposed(world)["nodes"][1]["parameters"]["url"] == "https://second.example.com"
    assert world.repository.proposals[world.repository.tips[BRANCH]] == world.repository.head
    assert merged(world) is DriftStatus.IN_SYNC


def test_a_branch_that_somebody_pushed_onto_is_not_overwritten() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    adopted(world, incident)
    theirs = world.repository.push_elsewhere({"prod/orders_0.json": b"{}"}, branch=BRANCH)
    tracker = FakeTracker()
    adoption = adopted(world, incident, tracker=tracker)
    assert world.repository.tips[BRANCH] == theirs
    assert BRANCH in (adoption.problem or "")
    assert (adoption.exit_code, tracker.calls) == (ExitCode.RULE, [])


def test_somebody_s_commit_beside_our_files_does_not_stand_in_the_way() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    adopted(world, incident)
    world.repository.push_elsewhere({"CHANGELOG.md": b"Adopted."}, branch=BRANCH)
    adoption = adopted(world, incident)
    assert (adoption.problem, adoption.is_new, adoption.is_ours) == (None, False, False)
    assert adoption.pull_request is not None


def test_an_instance_that_is_down_is_told_and_nothing_is_written() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.n8n["prod"].outage = DEAD
    tracker = FakeTracker()
    adoption = adopted(world, incident, tracker=tracker)
    assert (adoption.problem, adoption.fix, adoption.exit_code) == (str(DEAD), DEAD.fix, ExitCode.REMOTE)
    assert (tracker.calls, BRANCH in world.repository.tips) == ([], False)


def test_an_environment_that_left_the_configuration_is_told() -> None:
    world = hot_fixed("dev", "prod")
    incident = incident_of(world)
    del world.configuration.environments["prod"]  # type: ignore[attr-defined]
    assert "prod is not in the configuration" in (adopted(world, incident).problem or "")


def test_a_checkout_that_is_not_the_tip_of_the_default_branch_proposes_nothing() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.repository.push_elsewhere({"README.md": b"Later\n"})
    adoption = adopted(world, incident)
    assert (adoption.exit_code, adoption.branch) == (ExitCode.MOVED, None)
    assert "default branch" in (adoption.problem or "")


def test_a_remote_that_refuses_is_told() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.repository.refusal = PushRefusedError("The remote refuses.", fix="Give the job contents: write.")
    adoption = adopted(world, incident)
    assert (adoption.branch, adoption.problem) == (None, "The remote refuses.")


def test_a_pull_request_that_cannot_be_opened_leaves_the_branch_and_is_told_and_asked_again_it_is_opened() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    tracker = FakeTracker()
    tracker.fail_write(1, RemoteError("GitHub answered 403.", fix="Allow it."))
    adoption = adopted(world, incident, tracker=tracker)
    assert (adoption.branch, adoption.pull_request, adoption.problem) == (BRANCH, None, "GitHub answered 403.")
    again = adopted(world, incident, tracker=tracker)
    assert (again.is_new, again.problem) == (False, None)
    assert again.pull_request is not None


def test_without_github_the_branch_is_pushed() -> None:
    world = hot_fixed("prod")
    adoption = adopt(desk_of(world, None), incident_of(world), allow_secrets=False)
    assert (adoption.branch, adoption.pull_request, adoption.problem) == (BRANCH, None, None)


def test_a_dry_run_writes_nothing() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    tracker = FakeTracker()
    adoption = adopted(world, incident, tracker=tracker, is_dry_run=True)
    assert (adoption.is_dry_run, adoption.branch, tracker.calls) == (True, None, [])
    assert kinds(adoption) == {"Orders 0": Adopting.WRITTEN}
