"""A sync's figures and its job record, as walkthrough 1 gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LATER, LAW, NOW, declared, known, mapped, mapping, observation, observed

from workflowops.core.mapping import plan_mapping
from workflowops.core.observation import Observation
from workflowops.core.records import Checkpoint, DriftStatus, JobRecord, JobsFile, JobStatus, MappingStatus
from workflowops.core.sync import (
    EnvironmentSync,
    UnmappedWorkflow,
    WorkflowError,
    checkpointed_job,
    finished_job,
    job_result,
    summarise,
    unmapped_workflows,
    with_job,
    workflow_errors,
)

KNOWN = known(
    {"c1": declared("a"), "c2": declared("b"), "c3": declared("z")},
    stored=mapping(mapped("w1", "c1", "a"), mapped("w3", "c3", "z")),
)
SEEN = observation(
    observed("w1", "a", is_unchanged=True),
    observed("w2", "b"),
    observed("w4", "d", name="Beta", active=True),
    observed("w5", "e", name="alpha", problem="Its content cannot be read."),
    observed("w6", is_archived=True),
    proven_missing=frozenset({"w3"}),
    problems=("An entry of the list without an id was set aside.",),
)


def summary() -> EnvironmentSync:
    plan = plan_mapping(KNOWN, SEEN, now=NOW)
    return summarise(
        plan, SEEN, environment="prod", title="Production", job_id="job-1", status=DriftStatus.DRIFT_DETECTED
    )


def job(number: int = 1, **more: object) -> JobRecord:
    fields = {"environment": "prod", "status": JobStatus.RUNNING, "created_at": NOW, **more}
    return JobRecord(id=f"job-{number}", **fields)  # type: ignore[arg-type]


def test_a_sync_is_told_in_the_figures_of_the_walkthrough() -> None:
    found = summary()
    assert (found.workflows_synced, found.workflows_skipped) == (4, 1)
    assert (found.workflows_linked, found.workflows_unmapped, found.workflows_missing) == (2, 2, 1)
    assert found.created_workflow_ids == ("w2", "w4", "w5")
    assert (found.drift_status, found.is_new, found.failed) == (DriftStatus.DRIFT_DETECTED, True, None)
    assert found.problems == SEEN.problems


def test_every_workflow_that_was_read_is_linked_unmapped_or_missing() -> None:
    found = summary()
    by_status = found.workflows_linked + found.workflows_unmapped + found.workflows_missing
    assert by_status == found.workflows_synced + len(SEEN.proven_missing)


def test_an_odd_workflow_is_told_with_what_to_do_and_hides_no_other() -> None:
    assert summary().errors == (
        WorkflowError(
            workflow_id="w5",
            workflow_name="alpha",
            message="Its content cannot be read.",
            fix="Open it in n8n's editor, save it again, and run the sync once more.",
        ),
    )
    assert workflow_errors(Observation(workflows=())) == ()


def test_unmanaged_workflows_are_listed_by_name() -> None:
    stored = mapping(
        mapped("w2", workflow_name="beta", active=True, suggestion="orders"),
        mapped("w1", workflow_name="Alpha"),
        mapped("w3", "c1"),
        mapped("w4", "c2", status=MappingStatus.MISSING),
    )
    assert [each.n8n_workflow_id for each in unmapped_workflows(stored)] == ["w1", "w2"]
    assert unmapped_workflows(stored)[1] == UnmappedWorkflow(
        n8n_workflow_id="w2",
        workflow_name="beta",
        node_count=3,
        active=True,
        detected_at=NOW,
        suggestion="orders",
    )


def test_a_finished_job_holds_the_result_of_the_walkthrough() -> None:
    before = checkpointed_job(job(), CHECKPOINT, status=JobStatus.RUNNING, total=100)
    found = finished_job(before, summary(), now=LATER)
    assert (found.status, found.completed_at, found.progress_percent) == (JobStatus.COMPLETED, LATER, 100)
    assert (found.checkpoint, found.error) == (None, None)
    assert found.result == {
        "workflows_synced": 4,
        "workflows_skipped": 1,
        "workflows_linked": 2,
        "workflows_unmapped": 2,
        "workflows_missing": 1,
        "errors": ["w5"],
        "created_workflow_ids": ["w2", "w4", "w5"],
    }
    assert found.result == job_result(summary())


CHECKPOINT = Checkpoint(last_processed_index=25, workflows_synced=25, workflows_skipped=5)


def test_a_failed_job_says_why_and_keeps_how_far_it_came() -> None:
    before = checkpointed_job(job(), CHECKPOINT, status=JobStatus.RUNNING, total=100)
    failed = EnvironmentSync(environment="prod", title="Production", job_id="job-1", failed="No answer.")
    found = finished_job(before, failed, now=LATER)
    assert (found.status, found.error, found.completed_at) == (JobStatus.FAILED, "No answer.", LATER)
    assert (found.result, found.checkpoint, found.progress_percent) == (None, CHECKPOINT, 25)


@pytest.mark.parametrize(
    ("index", "total", "percent"),
    [
        pytest.param(25, 100, 25, id="a quarter"),
        pytest.param(100, 100, 99, id="all read, and not finished"),
        pytest.param(300, 100, 99, id="more than there were"),
        pytest.param(25, None, 0, id="nobody knows how many there are"),
        pytest.param(25, 0, 0, id="there were none"),
    ],
)
def test_progress_is_a_share_of_what_is_known(index, total, percent) -> None:
    checkpoint = Checkpoint(last_processed_index=index, workflows_synced=index, workflows_skipped=0)
    found = checkpointed_job(job(), checkpoint, status=JobStatus.INTERRUPTED, total=total)
    assert (found.progress_percent, found.status, found.checkpoint) == (percent, JobStatus.INTERRUPTED, checkpoint)


@LAW
@given(st.lists(st.integers(1, 40), max_size=60))
def test_the_latest_jobs_are_kept_newest_first_and_each_once(numbers) -> None:
    jobs: JobsFile | None = None
    for number in numbers:
        jobs = with_job(jobs, job(number))
    kept = [] if jobs is None else [each.id for each in jobs.jobs]
    latest = list(dict.fromkeys(f"job-{number}" for number in reversed(numbers)))
    assert kept == latest[: len(kept)]
    assert len(kept) == min(20, len(latest))


def test_a_later_state_of_a_job_takes_the_place_of_the_earlier_one() -> None:
    jobs = with_job(with_job(None, job(1)), job(1, status=JobStatus.COMPLETED))
    assert [each.status for each in jobs.jobs] == [JobStatus.COMPLETED]
