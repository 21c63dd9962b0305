"""`drift`: what n8n runs that Git does not say, and never more than was proven."""

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of

from workflowops.core.baseline import Accept
from workflowops.core.configuration import DriftPolicy, IgnoreRule, Telling
from workflowops.core.drift import EnvironmentDrift, WorkflowDrift
from workflowops.core.listing import OddWorkflow
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.errors import (
    BlockedError,
    ConfigurationError,
    ExitCode,
    ListingUnstableError,
    N8nAnswerError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUnauthorizedError,
    N8nUnreachableError,
    PushRefusedError,
    RemoteError,
    StateError,
)

HOT = "https://hot-fix.example.com"
DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
SILENT = N8nAnswerError("The answer is cut short.", fix="Try again.")


def edited(number: int = 0, url: str = HOT) -> dict:
    """What a hot fix makes of the workflow `w<number>` of a baselined world."""
    return document(f"Orders {number}", url=url)


def told(report: EnvironmentDrift) -> dict[str, DriftKind]:
    return {workflow.workflow_name: workflow.kind for workflow in report.workflows}


def only(report: EnvironmentDrift) -> WorkflowDrift:
    assert len(report.workflows) == 1
    return report.workflows[0]


def test_what_was_onboarded_is_in_sync() -> None:
    world = baselined("prod", workflows=3)
    report = world.drift_of()
    assert report.drift_status is DriftStatus.IN_SYNC
    assert report.counts.in_sync == 3
    assert report.workflows == ()
    assert report.git_commit_sha == world.repository.head


def test_a_hot_fix_is_drift_with_old_and_new_value() -> None:
    world = baselined("prod", workflows=2)
    world.put("prod", "w1", edited(1))
    workflow = only(world.drift_of())
    assert (workflow.kind, workflow.workflow_id, workflow.file) == (DriftKind.MODIFIED, "w1", "prod/orders_1.json")
    assert workflow.diff is not None
    change = workflow.diff.node_changes[0]
    assert (change.node_name, change.fields_changed) == ("Call", ("parameters.url",))
    assert (change.old_value, change.new_value) == (f"{URL}/1", HOT)


def test_git_ahead_of_n8n_is_pending_and_no_drift() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(edited())})
    report = world.drift_of()
    assert told(report) == {"Orders 0": DriftKind.PENDING}
    assert report.drift_status is DriftStatus.IN_SYNC
    assert report.counts.drifted == 0


def test_both_moved_apart_is_a_conflict() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(edited(url="https://git.example.com"))})
    world.put("prod", "w0", edited())
    assert told(world.drift_of()) == {"Orders 0": DriftKind.CONFLICT}


def test_both_moved_to_the_same_is_in_sync() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(edited())})
    world.put("prod", "w0", edited())
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC


def test_a_change_that_went_through_git_and_n8n_becomes_the_last_known_good() -> None:
    """Without it, the next hot fix would count as moved by both."""
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": file_of(edited(url=f"{URL}/v2"))})
    world.put("prod", "w0", edited(url=f"{URL}/v2"))
    world.drift()
    world.put("prod", "w0", edited())
    assert told(world.drift_of()) == {"Orders 0": DriftKind.MODIFIED}


def test_a_workflow_taken_out_of_git_is_pending_while_n8n_has_it() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/orders_0.json": None, "prod/orders_0.wfo.json": None})
    assert told(world.drift_of()) == {"Orders 0": DriftKind.PENDING}


def test_a_workflow_taken_out_of_both_is_forgotten() -> None:
    world = baselined("prod", workflows=2)
    world.repository.commit({"prod/orders_0.json": None, "prod/orders_0.wfo.json": None})
    del world.n8n["prod"].store["w0"]
    for _ in range(2):
        report = world.drift_of()
        assert (report.workflows, report.drift_status) == ((), DriftStatus.IN_SYNC)
    assert len(world.current()) == 1


def test_a_new_workflow_is_unmapped_and_no_drift() -> None:
    world = baselined("prod")
    world.put("prod", "new", document("Survey"))
    report = world.drift_of()
    assert told(report) == {"Survey": DriftKind.UNMAPPED}
    assert report.drift_status is DriftStatus.IN_SYNC


def test_an_equal_name_is_suggested_and_not_linked() -> None:
    world = baselined("dev", "prod")
    del world.n8n["prod"].store["w0"]
    world.put("prod", "again", edited())
    suggestions = {each.workflow_id: each.suggestion for each in world.drift_of("prod").workflows}
    assert suggestions == {"again": "orders_0", "w0": None}


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param({"active": True}, DriftKind.ACTIVATION_CHANGED, id="activation"),
        pytest.param({"tags": ["urgent"]}, DriftKind.TAGS_CHANGED, id="tags"),
        pytest.param({"active": True, "tags": ["urgent"]}, DriftKind.ACTIVATION_CHANGED, id="both"),
    ],
)
def test_activation_and_tags_are_drift_of_their_own_kind(live, expected) -> None:
    world = baselined("prod")
    world.put("prod", "w0", edited(url=f"{URL}/0"), **live)
    report = world.drift_of()
    assert told(report) == {"Orders 0": expected}
    assert report.drift_status is DriftStatus.DRIFT_DETECTED
    workflow = only(report)
    changed = {name: getattr(workflow, name) for name in ("activation", "tags")}
    assert {name: change.new for name, change in changed.items() if change is not None} == {
        {"active": "activation", "tags": "tags"}[name]: value for name, value in live.items()
    }


def test_activation_and_tags_can_be_left_to_the_instance() -> None:
    world = baselined("prod", policy=DriftPolicy(activation=False, tags=False))
    world.put("prod", "w0", edited(url=f"{URL}/0"), active=True, tags=["urgent"])
    assert world.drift_of().workflows == ()


def test_a_draft_ahead_is_told_and_no_drift() -> None:
    world = World()
    world.put("prod", "w0", document(), active=True)
    world.onboard()
    world.baseline()
    published = world.n8n["prod"].store["w0"]["activeVersion"]
    world.put("prod", "w0", document(url=HOT), active=True, activeVersion=published)
    report = world.drift_of()
    assert report.drift_status is DriftStatus.IN_SYNC
    assert report.counts.draft_ahead == 1
    assert only(report).draft_ahead


def test_bindings_are_told_where_the_configuration_asks() -> None:
    world = baselined("prod", policy=DriftPolicy(bindings=Telling.REPORT))
    content = edited(url=f"{URL}/0")
    content["nodes"][1]["webhookId"] = "b7a1b8a0-7f0e-4f0b-9c38-1d1a5f0c5a10"
    world.put("prod", "w0", content)
    report = world.drift_of()
    assert only(report).bindings_changed
    assert report.drift_status is DriftStatus.IN_SYNC


@pytest.mark.parametrize("status", ["deleted", "archived"])
def test_what_is_gone_is_missing(status) -> None:
    world = baselined("prod", workflows=2)
    if status == "deleted":
        del world.n8n["prod"].store["w0"]
    else:
        world.put("prod", "w0", edited(url=f"{URL}/0"), isArchived=True)
    report = world.drift_of()
    assert told(report) == {"Orders 0": DriftKind.MISSING}
    assert report.drift_status is DriftStatus.DRIFT_DETECTED
    assert ("get w0" in world.n8n["prod"].asked) is (status == "deleted")


def test_missing_is_proven_again_each_time() -> None:
    world = baselined("prod", workflows=2)
    del world.n8n["prod"].store["w0"]
    world.drift()
    assert told(world.drift_of()) == {"Orders 0": DriftKind.MISSING}
    assert "get w0" in world.n8n["prod"].asked
    world.put("prod", "w0", edited(url=f"{URL}/0"))
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC


def test_what_the_list_passed_over_and_get_answers_is_not_missing() -> None:
    world = baselined("prod", workflows=2)
    world.n8n["prod"].unlisted.add("w0")
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    world.put("prod", "w0", edited())
    assert told(world.drift_of()) == {"Orders 0": DriftKind.MODIFIED}


def test_a_proof_that_fails_leaves_the_environment_unknown() -> None:
    world = baselined("prod", workflows=2)
    del world.n8n["prod"].store["w0"]
    world.n8n["prod"].get_fails["w0"] = SILENT
    report = world.drift_of()
    assert report.drift_status is DriftStatus.UNKNOWN
    assert report.workflows == ()
    assert world.record()["drift_status"] == "unknown"


def test_missing_is_proven_even_when_the_mapping_was_lost() -> None:
    """Deleting the file is what the error about an unreadable mapping advises."""
    world = baselined("prod", workflows=2)
    del world.n8n["prod"].store["w0"]
    world.state.write({"environments/prod/mapping.json": None})
    assert told(world.drift_of()) == {"Orders 0": DriftKind.MISSING}
    assert "get w0" in world.n8n["prod"].asked


def break_off(world: World, error: BaseException, *, page: int) -> None:
    world.n8n["prod"].page_size = 2
    world.n8n["prod"].fails_at = {page: error}


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(DEAD, id="dead"),
        pytest.param(SILENT, id="half a page"),
        pytest.param(N8nUnauthorizedError("n8n does not accept the API key.", fix="Make a new one."), id="401"),
        pytest.param(ListingUnstableError("The list changed.", fix="Run again."), id="unstable"),
        pytest.param(N8nRejectedError("n8n refused.", fix="Look."), id="400"),
    ],
)
@pytest.mark.parametrize("page", [1, 2], ids=["at once", "in the middle"])
def test_an_instance_that_fails_is_unknown_and_the_others_are_judged(error, page) -> None:
    world = baselined("dev", "prod", workflows=4)
    before = world.mapping()
    world.put("dev", "w1", edited(1))
    del world.n8n["prod"].store["w0"]
    break_off(world, error, page=page)
    report = world.drift()
    assert [each.drift_status for each in report.environments] == [DriftStatus.DRIFT_DETECTED, DriftStatus.UNKNOWN]
    assert report.status is DriftStatus.UNKNOWN
    unknown = report.environments[1]
    assert (unknown.counts.missing, unknown.counts.in_sync, unknown.workflows) == (0, 0, ())
    assert str(error) in unknown.problems[0]
    assert (world.record()["drift_status"], world.record()["problem"]) == ("unknown", str(error))
    assert world.record("dev")["drift_status"] == "drift_detected"
    assert world.mapping() == before


def test_an_instance_that_recovers_is_judged_again() -> None:
    world = baselined("prod")
    world.n8n["prod"].outage = DEAD
    world.drift()
    world.n8n["prod"].outage = None
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    assert (world.record()["drift_status"], world.record()["problem"]) == ("in_sync", None)


def test_a_server_that_cannot_tell_its_abilities_is_read_all_the_same() -> None:
    """1.x has no /discover, and its OpenAPI document can be switched off; the list needs neither."""
    world = World()
    world.put("prod", "w0")
    world.n8n["prod"].abilities_fail = N8nNotFoundError("There is no /discover.", fix="Update n8n.")
    report = world.drift_of()
    assert report.counts.unmapped == 1
    assert world.n8n["prod"].known_abilities == [None]


def test_a_server_that_does_not_answer_is_not_asked_for_the_next_thing() -> None:
    """Each question to a dead server costs its tries and the pauses between them."""
    world = World()
    world.n8n["prod"].outage = DEAD
    world.drift()
    assert world.n8n["prod"].asked == ["abilities"]


def test_abilities_are_remembered() -> None:
    world = baselined("prod")
    world.drift()
    assert world.n8n["prod"].asked == ["page 1"]


def test_a_server_that_refuses_what_it_was_able_to_is_asked_again() -> None:
    world = baselined("prod")
    world.n8n["prod"].fails_at = {1: N8nRejectedError("Unknown query parameter 'offset'.", fix="Look.")}
    world.n8n["prod"].before_page = lambda _: (
        world.n8n["prod"].fails_at.clear() if "abilities" in world.n8n["prod"].asked else None
    )
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    assert world.n8n["prod"].asked == ["page 1", "abilities", "page 1"]


def test_a_new_environment_passes_no_verdict() -> None:
    """Walkthrough 1, NEW gate: without a baseline nobody can say who moved."""
    world = World()
    world.put("prod", "w0")
    world.put("prod", "w1", document("Survey"))
    world.onboard(ids=["w0"])
    world.put("prod", "w0", document(url=HOT), active=True)
    report = world.drift()
    prod = report.environments[0]
    assert prod.drift_status is DriftStatus.NEW
    assert told(prod) == {"Survey": DriftKind.UNMAPPED}
    assert (report.drifted, prod.counts.drifted) == (0, 0)
    assert world.record()["drift_summary"]["conflict"] == 0
    assert world.mapping()["w0"]["drift_status"] is None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("prod/orders_0.json", b'{"nodes": [', id="workflow cut short"),
        pytest.param("prod/orders_0.json", b"[]", id="workflow of another shape"),
        pytest.param("prod/orders_0.json", b"<<<<<<< HEAD\n", id="merge markers"),
        pytest.param("prod/orders_0.wfo.json", b"{", id="sidecar cut short"),
        pytest.param("prod/orders_0.wfo.json", b"{}", id="sidecar without identity"),
    ],
)
def test_a_broken_file_in_git_is_never_read_as_removal(path, content) -> None:
    world = baselined("prod", workflows=2)
    world.repository.commit({path: content})
    for _ in range(3):
        report = world.drift_of()
        assert told(report) == {"Orders 0": DriftKind.UNKNOWN}
        assert report.drift_status is DriftStatus.UNKNOWN
        assert report.counts.in_sync == 1
        assert any(path in problem for problem in report.problems)
        assert len(world.current()) == 2


def test_an_odd_workflow_is_set_aside_without_hiding_the_others() -> None:
    world = baselined("prod", workflows=3)
    world.n8n["prod"].store["w1"]["nodes"] = "none"
    world.put("prod", "w2", edited(2))
    report = world.drift_of()
    assert told(report) == {"Orders 1": DriftKind.UNKNOWN, "Orders 2": DriftKind.MODIFIED}
    assert report.drift_status is DriftStatus.DRIFT_DETECTED


def test_an_odd_workflow_alone_keeps_the_environment_from_being_in_sync() -> None:
    world = baselined("prod", workflows=2)
    world.n8n["prod"].store["w1"]["nodes"] = "none"
    assert world.drift_of().drift_status is DriftStatus.UNKNOWN


def test_an_entry_without_an_id_is_told() -> None:
    world = baselined("prod")
    world.n8n["prod"].odd = [OddWorkflow(None, "Nobody", "It has no id.")]
    report = world.drift_of()
    assert report.problems == ("An entry of the list without an id was set aside. It has no id.",)


RULE = IgnoreRule(path="parameters.options")


def with_options(url: str = f"{URL}/0") -> dict:
    content = edited(url=url)
    content["nodes"][1]["parameters"]["options"] = {"timeout": 1}
    return content


def test_a_difference_that_the_configuration_ignores_is_in_sync_and_counted() -> None:
    world = baselined("prod", policy=DriftPolicy(ignore=(RULE,)))
    world.put("prod", "w0", with_options())
    report = world.drift_of()
    assert (report.drift_status, report.workflows, report.counts.in_sync) == (DriftStatus.IN_SYNC, (), 1)
    world.put("prod", "w0", with_options(HOT))
    workflow = only(world.drift_of())
    assert workflow.diff is not None
    assert workflow.diff.node_changes[0].fields_changed == ("parameters.url",)
    assert workflow.ignored["ignored by the configuration"] == 1


def test_a_hot_fix_beside_an_ignored_difference_is_n8ns_alone() -> None:
    world = baselined("prod", policy=DriftPolicy(ignore=(RULE,)))
    world.put("prod", "w0", with_options())
    world.drift()
    world.put("prod", "w0", with_options(HOT))
    assert told(world.drift_of()) == {"Orders 0": DriftKind.MODIFIED}


def test_git_ahead_beside_an_ignored_difference_is_pending() -> None:
    world = baselined("prod", policy=DriftPolicy(ignore=(RULE,)))
    world.put("prod", "w0", with_options())
    world.drift()
    world.repository.commit({"prod/orders_0.json": file_of(edited(url=f"{URL}/v2"))})
    assert told(world.drift_of()) == {"Orders 0": DriftKind.PENDING}


def test_a_dry_run_reports_and_writes_nothing() -> None:
    world = baselined("prod")
    world.put("prod", "w0", edited())
    before = dict(world.state.files)
    assert told(world.drift_of(is_dry_run=True)) == {"Orders 0": DriftKind.MODIFIED}
    assert world.state.files == before


def test_the_record_and_the_log_say_when_the_status_changed() -> None:
    world = baselined("prod")
    world.drift()
    lines = len(world.audit())
    world.put("prod", "w0", edited())
    world.drift()
    world.drift()
    record = world.record()
    assert record["drift_summary"]["modified"] == 1
    assert record["last_drift_detected_at"] < record["last_drift_checked_at"] == "2026-01-14T09:05:00Z"
    assert [entry["action"] for entry in world.audit()[lines:]] == ["environment.drift_detected"]
    assert record["audit_head"] == world.audit()[-1]["hash"]


def test_a_state_that_moved_is_judged_again_on_what_it_holds_now() -> None:
    """Somebody accepts what n8n runs as the new baseline between our reading and our writing."""
    world = baselined("prod")
    world.put("prod", "w0", edited())
    world.state.interference = [lambda: world.baseline(accept=Accept.LIVE)]
    assert told(world.drift_of()) == {"Orders 0": DriftKind.PENDING}
    assert world.record()["drift_summary"]["pending"] == 1
    assert world.state.messages[-2:] == ["baseline: prod", "drift: checked prod"]


def test_an_unrelated_write_does_not_disturb() -> None:
    world = baselined("prod")
    world.state.interference = [lambda: world.state.write({"incidents/1.json": b"{}"})]
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    assert world.state.files["incidents/1.json"] == b"{}"


def test_somebody_always_faster_is_told() -> None:
    world = baselined("prod")
    world.state.interference = [lambda: world.state.write({"environments/prod/new": b"1"})] * 50
    report = world.drift()
    assert report.not_recorded is not None
    assert report.not_recorded.exit_code is ExitCode.MOVED


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(PushRefusedError("Permission denied.", fix="Give contents: write."), id="no permission"),
        pytest.param(RemoteError("The remote is gone.", fix="Look."), id="network"),
    ],
)
def test_what_was_found_is_told_even_when_it_cannot_be_recorded(error) -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    before = dict(world.state.files)
    world.state.refusal = error
    report = world.drift()
    assert report.drifted == 1
    assert report.not_recorded is not None
    assert (report.not_recorded.reason, report.not_recorded.exit_code) == (str(error), error.exit_code)
    assert world.state.files == before


def test_a_commit_that_nobody_merged_changes_nothing_that_is_known() -> None:
    """A hot fix must stay drift, whatever branch somebody looks at it from."""
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    assert world.drift().drifted == 1
    before = dict(world.state.files)
    merged = world.repository.tips["main"]
    path = next(path for path in world.repository.files() if path.endswith("orders_0.json"))
    fixed = world.repository.files()[path].replace(b"example.com", b"elsewhere.example.com")
    world.repository.commit({path: fixed})
    world.repository.tips["main"] = merged
    report = world.drift()
    assert report.not_recorded is not None
    assert report.not_recorded.exit_code is ExitCode.DONE
    assert world.state.files == before
    for command in (world.sync, world.baseline):
        with pytest.raises(BlockedError, match="default branch"):
            command("prod")
    world.repository.head = merged
    assert world.drift().drifted == 1


@pytest.mark.parametrize("file", ["mapping.json", "current.json", "environment.json"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"schema": 99, "workflows": {}}', id="newer"),
        pytest.param(b'{"schema": 1, "workf', id="cut short"),
        pytest.param(b'{"schema": 1, "workflows": []}', id="another shape"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_state_file_that_cannot_be_read_stops_everything(file, content) -> None:
    world = baselined("prod")
    world.state.write({f"environments/prod/{file}": content})
    before = dict(world.state.files)
    with pytest.raises(StateError) as caught:
        world.drift()
    assert file in str(caught.value)
    assert world.state.files == before


def test_an_unset_key_is_the_callers_mistake_and_nothing_is_asked() -> None:
    world = baselined("dev", "prod")
    world.variables["KEY_PROD"] = ""
    world.n8n["dev"].asked.clear()
    before = dict(world.state.files)
    with pytest.raises(ConfigurationError, match="KEY_PROD"):
        world.drift()
    assert world.n8n["dev"].asked == []
    assert world.state.files == before


def test_an_unknown_commit_is_the_callers_mistake() -> None:
    with pytest.raises(ConfigurationError, match="no commit"):
        baselined("prod").drift(ref="feature")


def test_another_commit_can_be_the_declared_one() -> None:
    world = baselined("prod")
    old = world.repository.head
    world.repository.commit({"prod/orders_0.json": file_of(edited())})
    report = world.drift_of(ref=old)
    assert (report.drift_status, report.git_commit_sha) == (DriftStatus.IN_SYNC, old)


def test_files_that_did_not_change_are_not_read_again() -> None:
    world = baselined("prod", workflows=5)
    world.drift()
    world.repository.read.clear()
    world.drift()
    assert world.repository.read == []
    world.repository.commit({"prod/orders_0.json": file_of(edited())})
    world.drift()
    assert len(world.repository.read) == 3, "file and sidecar to learn what is declared, and the file for the diff"


def test_a_reference_to_the_same_workflow_under_another_id_is_no_drift() -> None:
    """The file was promoted from dev: it names dev's id of the sub-workflow, prod runs prod's."""

    def caller(sub: str) -> dict:
        content = document("Caller")
        reference = {"workflowId": {"__rl": True, "mode": "list", "value": sub}}
        content["nodes"][1] |= {"type": "n8n-nodes-base.executeWorkflow", "parameters": reference}
        return content

    world = World("dev", "prod")
    for name in ("dev", "prod"):
        world.put(name, f"{name}-sub", document("Sub"))
        world.put(name, f"{name}-caller", caller(f"{name}-sub"))
    world.onboard("dev")
    files = world.repository.files()
    world.repository.commit({"prod/caller.json": files["dev/caller.json"], "prod/sub.json": files["dev/sub.json"]})
    sidecars = {f"prod/{name}.wfo.json": files[f"dev/{name}.wfo.json"] for name in ("caller", "sub")}
    named = {path: content.replace(b'"dev-', b'"prod-') for path, content in sidecars.items()}
    world.repository.commit(named)
    world.sync()
    world.baseline()
    report = world.drift_of("prod")
    assert (report.drift_status, report.workflows) == (DriftStatus.IN_SYNC, ())
    world.put("prod", "other", document("Other"))
    world.put("prod", "prod-caller", caller("other"))
    moved = next(each for each in world.drift_of("prod").workflows if each.workflow_name == "Caller")
    assert moved.kind is DriftKind.MODIFIED
    assert moved.diff is not None
    assert len(moved.diff.reference_changes) == 1, "the reference is the whole difference, and it is shown"


def test_a_folder_without_files_is_unknown_and_no_workflow_is_called_pending() -> None:
    """A misspelt or moved folder must not read as: Git is ahead."""
    world = baselined("prod", workflows=2)
    gone = [path for path in world.repository.files() if path.startswith("prod/")]
    world.repository.head = world.repository.tips["main"] = world.repository._add(
        {path: content for path, content in world.repository.files().items() if path not in gone}
    )
    report = world.drift_of()
    assert report.drift_status is DriftStatus.UNKNOWN
    assert report.workflows == ()
    assert "no workflow file below prod/" in report.problems[0]


def test_a_baseline_that_is_lost_is_unknown_and_not_new() -> None:
    world = baselined("prod")
    world.state.write({"environments/prod/current.json": None})
    for _ in range(2):
        report = world.drift_of()
        assert report.drift_status is DriftStatus.UNKNOWN
        assert "baseline" in report.problems[0]


def test_two_files_of_one_workflow_are_unknown_because_nobody_can_say_which_is_meant() -> None:
    world = baselined("prod")
    files = world.repository.files()
    path = next(path for path in files if path.startswith("prod/") and not path.endswith(".wfo.json"))
    copy = path.replace(".json", "_copy.json")
    sidecar = path.replace(".json", ".wfo.json")
    world.repository.commit({copy: files[path], copy.replace(".json", ".wfo.json"): files[sidecar]})
    report = world.drift_of()
    assert report.drift_status is DriftStatus.UNKNOWN
    assert report.counts.in_sync == 0


def test_what_was_preferred_to_git_waits_for_git_until_the_file_changes() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    outcome = world.baseline("prod", accept=Accept.LIVE)
    assert [verdict.workflow_id for verdict in outcome.environments[0].accepted_over] == ["w0"]
    assert only(world.drift_of()).awaits_git
    path = next(path for path in world.repository.files() if path.endswith("orders_0.json"))
    world.repository.commit({path: world.repository.files()[path].replace(b"example.com", b"third.example.com")})
    assert not only(world.drift_of()).awaits_git
