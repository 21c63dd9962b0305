"""From a pull request to what n8n runs, and back: real runs in a real runner, on a GitHub of others."""

import json
from collections.abc import Iterator

import pytest
from tests.actions.pipeline import Pipeline, made_pipeline, reading_key, writing_key
from tests.actions.runner import ACT, Run
from tests.github.proxy import OUTSIDER

pytestmark = [pytest.mark.act, pytest.mark.skipif(ACT is None, reason="act is not installed")]

V1, V2 = (f"https://api.example.com/v{number}" for number in (1, 2))
MERGE, LATER, ASKED = "4711", "4712", "4713"
BY_HAND = {"inputs": {"promotion": "promo-1", "environment": "staging"}}


@pytest.fixture
def pipeline(tmp_path) -> Iterator[Pipeline]:
    """dev runs a new version of Orders; olga has to review what goes to staging."""
    with made_pipeline(tmp_path) as pipeline:
        pipeline.protect("staging", "olga")
        pipeline.develop(V2)
        yield pipeline


@pytest.fixture
def completed(pipeline) -> Pipeline:
    """The new version runs in staging, by pull request 1."""
    pipeline.approve_run(MERGE, "olga", "staging", while_it_waits=True)
    run = pipeline.push(pipeline.merge(pipeline.propose()), run_id=MERGE)
    assert run.outputs("apply")["status"] == "completed", run.text
    pipeline.forget()
    return pipeline


def keys_given_to(run: Run, step: str) -> set[str]:
    """The keys of the instances that a step had, all of which it masked in the log."""
    return {each for each in run.masks(step) if each.startswith("eyJ-")}


def reasons(run: Run) -> str:
    """What the step that carries out says in red."""
    return "\n".join(each.text for each in run.annotations("apply") if each.level == "error")


def test_a_merged_pull_request_is_what_staging_runs(pipeline) -> None:
    number = pipeline.propose()
    for _ in range(2):
        run = pipeline.preview(number)
        assert run.succeeded, run.text
        (preview,) = pipeline.said(number)
    digest = json.loads(run.outputs("preview")["result"])["previews"][0]["plan_digest"]
    for text in ("Orders", V2.removeprefix("https://"), digest):
        assert text in preview
    assert pipeline.checks(number) == {"WorkflowOps preview": "success"}
    push = pipeline.merge(number)
    assert (pipeline.writes(), pipeline.running()) == ([], V1)

    pipeline.approve_run(MERGE, "olga", "staging", while_it_waits=True)
    run = pipeline.push(push, run_id=MERGE)
    assert run.succeeded, run.text
    (planned,) = json.loads(run.outputs("plan")["promotions"])
    assert planned == {
        "promotion_id": "promo-1", "environment": "staging", "status": "pending_approval", "plan_digest": digest,
    }  # fmt: skip
    assert (run.outputs("apply")["promotion_id"], run.outputs("apply")["status"]) == ("promo-1", "completed")
    assert (pipeline.running(), pipeline.running("prod")) == (V2, V1)
    assert all(each.startswith("staging: ") for each in pipeline.writes())
    record = pipeline.record()
    assert (record["created_by"], record["merged_by"], record["pull_request"]) == ("ada", "max", number)
    assert [(each["by"], each["proof"]) for each in record["approvals"]] == [("olga", "environment")]
    assert pipeline.labels(number) == {"workflowops:staging-completed"}
    assert "completed" in pipeline.said(number)[-1]
    assert {"snapshots/promo-1-pre", "snapshots/promo-1-post"} <= set(pipeline.git("tag").splitlines())
    print("--- the comments", *pipeline.said(number), sep="\n")


def test_the_key_that_writes_is_in_the_job_of_the_environment_alone(pipeline) -> None:
    number = pipeline.propose()
    reading = {reading_key(stage) for stage in ("dev", "staging", "prod")}
    assert keys_given_to(pipeline.preview(number), "preview") == reading
    pipeline.approve_run(MERGE, "olga", "staging", while_it_waits=True)
    run = pipeline.push(pipeline.merge(number), run_id=MERGE)
    assert keys_given_to(run, "plan") == reading
    assert keys_given_to(run, "apply") == reading - {reading_key("staging")} | {writing_key("staging")}
    assert "eyJ-" not in run.shown()


def test_with_the_key_that_reads_nothing_is_changed(pipeline) -> None:
    pipeline.hold_back.add("staging")
    pipeline.approve_run(MERGE, "olga", "staging", while_it_waits=True)
    before = pipeline.sandboxes["staging"].instance.document("stagingorders")
    run = pipeline.push(pipeline.merge(pipeline.propose()), run_id=MERGE)
    assert not run.succeeded
    assert pipeline.sandboxes["staging"].instance.document("stagingorders") == before
    assert pipeline.record()["status"] == "rolled_back", run.text


def test_an_environment_that_nobody_has_to_review_lets_nothing_through(pipeline) -> None:
    pipeline.protect("staging")
    number = pipeline.propose()
    run = pipeline.push(pipeline.merge(number), run_id=MERGE)
    assert (run.succeeded, run.exit_code("apply")) == (False, 3), run.text
    assert "required reviewer" in reasons(run)
    assert (pipeline.writes(), pipeline.running()) == ([], V1)
    assert pipeline.record()["status"] == "pending_approval"
    assert pipeline.labels(number) == {"workflowops:staging-pending-approval"}


def test_an_approval_counts_for_its_own_run_and_the_promotion_can_be_started_by_hand(pipeline) -> None:
    pipeline.approve_run(LATER, "olga", "staging")
    number = pipeline.propose()
    run = pipeline.push(pipeline.merge(number), run_id=MERGE)
    assert (run.succeeded, pipeline.writes()) == (False, []), run.text
    assert "No required reviewer" in reasons(run)
    for login, text in ((OUTSIDER, "/rollback promo-1"), ("max", "/lock prod The end of the month")):
        run = pipeline.say(number, login, text, run_id=ASKED)  # asks the reviewers of the environment nothing
        assert (run.outputs("comment")["promotions"], run.outputs("apply")) == ("[]", {}), run.text
    run = pipeline.start("promote", event="workflow_dispatch", payload=BY_HAND, run_id=LATER)
    assert run.succeeded, run.text
    assert run.outputs("plan") == {}
    assert pipeline.running() == V2
    assert pipeline.labels(number) == {"workflowops:staging-completed"}


def test_a_comment_with_the_digest_approves_and_carries_out(tmp_path) -> None:
    with made_pipeline(tmp_path, staging="{approval: comments}") as pipeline:
        pipeline.develop(V2)
        number = pipeline.propose()
        run = pipeline.push(pipeline.merge(number), run_id=MERGE)
        assert run.succeeded, run.text
        assert (run.outputs("plan")["promotions"], run.outputs("apply")) == ("[]", {})
        digest = pipeline.record()["plan_digest"]
        for login, text in (
            ("ada", f"/approve {digest}"),  # wrote it
            ("reed", f"/approve {digest}"),  # may only read
            ("olga", f"/approve {'0' * 64}"),  # means another plan
        ):
            run = pipeline.say(number, login, text, run_id=ASKED)
            assert (run.outputs("comment")["promotions"], run.outputs("apply")) == ("[]", {}), run.text
        assert (pipeline.writes(), pipeline.running()) == ([], V1)

        run = pipeline.say(number, "olga", f"Looks good.\n\n/approve {digest} Tried it in dev", run_id=ASKED)
        assert run.succeeded, run.text
        (named,) = json.loads(run.outputs("comment")["promotions"])
        assert named == {
            "promotion_id": "promo-1", "environment": "staging", "status": "approved", "plan_digest": digest,
        }  # fmt: skip
        assert keys_given_to(run, "comment") == {reading_key(stage) for stage in ("dev", "staging", "prod")}
        assert writing_key("staging") in keys_given_to(run, "apply")
        assert run.outputs("apply")["status"] == "completed"
        assert pipeline.running() == V2
        assert [(each["by"], each["proof"]) for each in pipeline.record()["approvals"]] == [("olga", "comment")]
        assert pipeline.labels(number) == {"workflowops:staging-completed"}


def test_a_completed_promotion_is_taken_back_by_hand(completed) -> None:
    completed.approve_run(LATER, "olga", "staging")
    run = completed.start("rollback", event="workflow_dispatch", payload=BY_HAND, run_id=LATER)
    assert run.succeeded, run.text
    assert (run.outputs("rollback")["promotion_id"], run.outputs("rollback")["status"]) == ("promo-2", "completed")
    assert completed.running() == V1
    assert completed.record()["rolled_back_by"] == "promo-2"
    assert completed.record("promo-2")["rolls_back"] == "promo-1"


def test_a_comment_takes_a_promotion_back_once_its_job_is_reviewed(completed) -> None:
    run = completed.say(1, "reed", "/rollback promo-1", run_id=ASKED)
    assert (run.outputs("comment")["outcome"], run.outputs("comment")["promotions"]) == ("denied", "[]"), run.text
    assert (completed.writes(), completed.running()) == ([], V2)
    completed.approve_run(LATER, "olga", "staging", while_it_waits=True)
    run = completed.say(1, "max", "/rollback promo-1 Orders are counted twice", run_id=LATER)
    assert run.succeeded, run.text
    (named,) = json.loads(run.outputs("comment")["promotions"])
    assert (named["promotion_id"], named["environment"]) == ("promo-2", "staging")
    assert run.outputs("apply")["status"] == "completed"
    assert completed.running() == V1
