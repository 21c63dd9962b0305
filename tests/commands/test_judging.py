"""Judging: from what was gathered to verdicts, and to what the state says about them."""

from tests.commands.builders import URL, World, baselined, document, file_of

from workflowops.commands.gathering import Wanted, differs_from_git, look_at_all, read_declared
from workflowops.commands.judging import (
    Differences,
    Judgement,
    canonical_files,
    checked_record,
    failed_record,
    judge_all,
    judged_files,
    rejudged,
)
from workflowops.core.records import Counts, CurrentFile, DriftStatus, EnvironmentRecord, decode
from workflowops.errors import N8nUnreachableError

HOT = "https://hot-fix.example.com"
NOW = "2026-01-14T10:00:00Z"


class Judging:
    """One gathering of a world, judged as often as a test likes."""

    def __init__(self, world: World, *names: str) -> None:
        self.world = world
        self.view = world.state.view()
        workspace = world.workspace()
        self.declared = read_declared(workspace, self.view)
        wanted = Wanted(keep=differs_from_git)
        self.looks = look_at_all(workspace, world.environments(*names), self.view, self.declared, wanted=wanted)
        self.differences = Differences(workspace, self.declared, self.looks)

    def judge(self) -> tuple[Judgement, ...]:
        return judge_all(self.world.state.view(), self.declared, self.looks, self.differences, now=NOW)


def test_an_instance_that_was_not_read_is_not_judged() -> None:
    world = baselined("dev", "prod")
    world.n8n["dev"].outage = N8nUnreachableError("No answer.", fix="Start it.")
    assert [judgement.look.environment.name for judgement in Judging(world).judge()] == ["prod"]


def test_git_is_read_once_for_the_differences_however_often_it_is_judged() -> None:
    world = baselined("prod", workflows=5)
    for number in range(3):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=HOT))
    judging = Judging(world)
    world.repository.read.clear()
    first, second = judging.judge()[0], judging.judge()[0]
    assert len(world.repository.read) == 3
    assert first.verdicts == second.verdicts


def test_one_blob_in_two_environments_has_a_difference_in_each() -> None:
    world = baselined("dev", "prod")
    same = world.repository.files()["dev/orders_0.json"]
    assert same == world.repository.files()["prod/orders_0.json"]
    world.put("dev", "w0", document("Orders 0", url=HOT))
    world.put("prod", "w0", document("Orders 0", url=f"{HOT}/2"))
    judging = Judging(world)
    for judgement in judging.judge():
        difference = judging.differences.of(judgement.look.environment.name, judgement.verdicts[0])
        assert difference is not None
        expected = HOT if judgement.look.environment.name == "dev" else f"{HOT}/2"
        assert difference.diff.node_changes[0].new_value == expected


def test_what_is_in_sync_has_no_difference() -> None:
    world = baselined("prod")
    judging = Judging(world)
    verdict = judging.judge()[0].verdicts[0]
    assert judging.differences.of("prod", verdict) is None


def test_verdicts_stand_beside_the_mapped_workflows() -> None:
    world = baselined("prod", workflows=2)
    world.put("prod", "w1", document("Orders 1", url=HOT))
    world.put("prod", "new", document("Survey"))
    mapped = Judging(world).judge()[0].plan.mapping.workflows
    assert {each: entry.drift_status for each, entry in mapped.items()} == {
        "new": "unmapped",
        "w0": "in_sync",
        "w1": "modified",
    }


def test_without_a_baseline_nobody_is_accused() -> None:
    world = World()
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"))
    world.onboard()
    world.put("prod", "w0", document("Orders 0", url=HOT))
    judgement = Judging(world).judge()[0]
    assert (judgement.status, judgement.counts) == (DriftStatus.NEW, Counts())
    assert judgement.plan.mapping.workflows["w0"].drift_status is None


def test_the_same_gathering_is_judged_by_another_baseline() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url=HOT))
    judging = Judging(world)
    judgement = judging.judge()[0]
    assert judgement.counts.modified == 1
    empty = CurrentFile(canonical_form=1, onboarded_at=NOW, git_commit_sha="0" * 40)
    again = rejudged(judgement, empty, judging.differences)
    assert (again.counts.modified, again.counts.conflict) == (0, 1)
    assert again.plan.mapping.workflows["w0"].drift_status == "conflict"


def test_an_environment_that_was_not_looked_at_still_explains_references() -> None:
    """prod's file names a workflow by dev's id; dev was synced before and is not asked now."""
    world = World("dev", "prod")
    for name in ("dev", "prod"):
        caller = document("Caller")
        caller["nodes"][1] |= {"type": "n8n-nodes-base.executeWorkflow", "parameters": {"workflowId": f"{name}-sub"}}
        world.put(name, f"{name}-sub", document("Sub"))
        world.put(name, f"{name}-caller", caller)
    world.onboard("dev")
    files = world.repository.files()
    promoted = {path.replace("dev/", "prod/"): text.replace(b'"n8n_workflow_id": "dev-', b'"n8n_workflow_id": "prod-')
                for path, text in files.items() if path.startswith("dev/")}  # fmt: skip
    world.repository.commit(promoted)
    world.baseline("prod")
    assert world.n8n["prod"].asked
    assert world.drift_of("prod").drift_status is DriftStatus.IN_SYNC


def test_a_checked_record_says_what_was_found_and_keeps_the_rest() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url=HOT))
    before = EnvironmentRecord(
        environment="prod", title="Old", problem="It was dead.", last_sync_completed_at="2026-01-01T00:00:00Z"
    )
    record = checked_record(Judging(world).judge()[0], before, commit="c" * 40, now=NOW)
    assert (record.drift_status, record.problem, record.title) == (DriftStatus.DRIFT_DETECTED, None, "Prod")
    assert (record.last_drift_checked_at, record.last_drift_detected_at) == (NOW, NOW)
    assert (record.last_sync_completed_at, record.workflow_count) == ("2026-01-01T00:00:00Z", 1)


def test_drift_that_goes_on_keeps_the_time_at_which_it_was_detected() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url=HOT))
    judgement = Judging(world).judge()[0]
    first = checked_record(judgement, EnvironmentRecord(environment="prod", title="Prod"), commit="c", now=NOW)
    second = checked_record(judgement, first, commit="c", now="2026-01-14T11:00:00Z")
    assert (second.last_drift_checked_at, second.last_drift_detected_at) == ("2026-01-14T11:00:00Z", NOW)


def test_a_failed_record_is_unknown_and_nothing_else_moves() -> None:
    before = EnvironmentRecord(environment="prod", title="Prod", drift_status=DriftStatus.IN_SYNC, audit_head="a")
    record = failed_record(before, N8nUnreachableError("No answer.", fix="Start it."))
    assert (record.drift_status, record.problem, record.audit_head) == (DriftStatus.UNKNOWN, "No answer.", "a")


def test_what_is_written_can_be_read_again() -> None:
    world = baselined("prod")
    judging = Judging(world)
    files = judged_files(judging.judge()[0]) | canonical_files(judging.declared)
    assert set(files) == {"canonical.json", "environments/prod/current.json", "environments/prod/mapping.json"}
    current = decode(files["environments/prod/current.json"], CurrentFile, path="current.json")
    assert current is not None
    assert len(current.workflows) == 1


def test_without_a_baseline_none_is_written() -> None:
    world = World()
    world.put("prod", "w0")
    world.onboard()
    assert set(judged_files(Judging(world).judge()[0])) == {"environments/prod/mapping.json"}


def test_a_file_without_a_workflow_is_pending() -> None:
    world = baselined("prod")
    world.repository.commit({"prod/later.json": file_of(document("Later"))})
    assert Judging(world).judge()[0].counts.pending == 1
