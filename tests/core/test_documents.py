"""Outcomes as JSON: the field names of the walkthroughs, and nothing claimed that did not happen."""

import json
from typing import Any

import pytest
from tests.builders import COMMIT, NOW, workflow

from workflowops.core.audit import AuditFault, AuditProblem
from workflowops.core.baseline import EnvironmentBaseline
from workflowops.core.canonical import canonicalize
from workflowops.core.diff import compare
from workflowops.core.documents import (
    audit_document,
    baseline_document,
    drift_document,
    problems_document,
    sync_document,
)
from workflowops.core.drift import Counts, DriftReport, EnvironmentDrift, ValueChange, WorkflowDrift
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, Refusal
from workflowops.core.onboarding_document import onboarding_document
from workflowops.core.problems import Problem
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.sync import EnvironmentSync, SyncOutcome, UnmappedWorkflow, WorkflowError
from workflowops.core.verdicts import Verdict

TOKEN = "sk_live_51H8xYzAbCdEfGhIjKlMnOpQrStUv"


def edited(**more: Any) -> dict[str, Any]:
    document = workflow()
    document["nodes"][1]["parameters"] |= more
    return document


def drifted(**more: Any) -> WorkflowDrift:
    fields: dict[str, Any] = {
        "workflow_id": "w1",
        "workflow_name": "Orders",
        "canonical_id": "c1",
        "canonical_slug": "orders",
        "file": "prod/orders.json",
        "kind": DriftKind.MODIFIED,
        "diff": compare(old=canonicalize(workflow()), new=canonicalize(edited(text="x", apiKey=TOKEN))),
        "tags": ValueChange(["a"], ["a", "b"]),
        "ignored": {"pinData": 1},
    }
    return WorkflowDrift(**fields | more)


def report() -> DriftReport:
    environment = EnvironmentDrift(
        environment="prod",
        title="Production",
        drift_status=DriftStatus.DRIFT_DETECTED,
        checked_at=NOW,
        git_commit_sha=COMMIT,
        counts=Counts(modified=1, in_sync=41),
        workflows=(drifted(),),
        ignored={"pinData": 1},
        requests=2,
    )
    return DriftReport((environment,))


def test_a_drift_report_has_the_fields_of_the_walkthrough() -> None:
    found: Any = drift_document(report(), shows_ignored=False, incidents=IncidentsOutcome())
    assert (found["drift_status"], found["workflows_drifted"]) == ("drift_detected", 1)
    [environment] = found["environments"]
    assert environment["counts"]["in_sync"] == 41
    assert "ignored" not in environment
    [told] = environment["workflows"]
    assert (told["workflow_id"], told["canonical_slug"], told["kind"]) == ("w1", "orders", "modified")
    assert told["diff"]["has_changes"] is True
    assert told["diff"]["nodes_modified"] == 1
    assert told["tags"] == {"old_value": ["a"], "new_value": ["a", "b"]}
    assert told["activation"] is None
    assert json.loads(json.dumps(found)) == found


def test_a_drift_report_shows_what_was_ignored_when_asked() -> None:
    found: Any = drift_document(report(), shows_ignored=True, incidents=IncidentsOutcome())
    assert found["environments"][0]["ignored"] == {"pinData": 1}


def test_a_drift_report_repeats_no_secret() -> None:
    assert TOKEN not in json.dumps(drift_document(report(), shows_ignored=True, incidents=IncidentsOutcome()))


def synced(name: str, **more: Any) -> EnvironmentSync:
    return EnvironmentSync(environment=name, title=name.title(), job_id=f"job-{name}", **more)


def test_a_sync_adds_its_environments_up() -> None:
    outcome = SyncOutcome(
        (
            synced(
                "dev",
                workflows_synced=51,
                workflows_skipped=45,
                workflows_linked=50,
                workflows_unmapped=1,
                created_workflow_ids=("wf-dev-051",),
                unmapped=(
                    UnmappedWorkflow(
                        n8n_workflow_id="wf-dev-051",
                        workflow_name="Customer Survey Automation",
                        node_count=3,
                        active=True,
                        detected_at=NOW,
                    ),
                ),
            ),
            synced(
                "prod",
                workflows_synced=3,
                workflows_missing=1,
                errors=(WorkflowError(workflow_id="w1", workflow_name="Odd", message="Odd.", fix="Save it."),),
            ),
        )
    )
    found: Any = sync_document(outcome)
    assert (found["workflows_synced"], found["workflows_skipped"], found["workflows_missing"]) == (54, 45, 1)
    assert (found["errors"], found["created_workflow_ids"]) == (1, ["wf-dev-051"])
    assert found["environments"][0]["unmapped"][0]["node_count"] == 3
    assert found["environments"][1]["errors"][0]["workflow_id"] == "w1"
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(synced("prod"), "completed", id="done"),
        pytest.param(synced("prod", is_new=False), "running", id="another run is at it"),
        pytest.param(synced("prod", failed="No answer.", failed_fix="Try again."), "failed", id="failed"),
    ],
)
def test_a_sync_says_how_it_stands(result: EnvironmentSync, expected: str) -> None:
    found: Any = sync_document(SyncOutcome((result,)))
    assert found["environments"][0]["status"] == expected


ONBOARDED = Onboarded(
    environment="dev",
    workflow_id="wf-dev-051",
    workflow_name="Customer Survey Automation",
    canonical_id="canon-uuid-051",
    canonical_slug="customer_survey_automation",
    git_file_path="dev/customer_survey_automation.json",
    is_tied=False,
)


@pytest.mark.parametrize(
    ("more", "count", "status"),
    [
        pytest.param({"commit_sha": COMMIT, "branch": "main"}, 1, "linked", id="committed and linked"),
        pytest.param({"commit_sha": COMMIT, "state_problem": "moved"}, 1, "unmapped", id="committed, not linked yet"),
        pytest.param({}, 0, "unmapped", id="nothing was committed"),
    ],
)
def test_onboarding_says_what_was_done(more: dict[str, Any], count: int, status: str) -> None:
    refusal = Refusal(environment="dev", workflow_id="w2", workflow_name="b", reason="It holds a secret.", fix="No.")
    found: Any = onboarding_document(
        OnboardingOutcome(onboarded=(ONBOARDED,), refused=(refusal,), files=("dev/a.json",), **more)
    )
    assert (found["workflows_onboarded"], found["git_committed"]) == (count, count == 1)
    assert found["workflows"][0]["canonical_workflow"] == {
        "id": "canon-uuid-051",
        "canonical_slug": "customer_survey_automation",
        "name": "Customer Survey Automation",
        "git_file_path": "dev/customer_survey_automation.json",
        "git_commit_sha": more.get("commit_sha"),
    }
    assert found["workflows"][0]["workflow_mapping"]["status"] == status
    assert found["refused"][0]["reason"] == "It holds a secret."
    assert json.loads(json.dumps(found)) == found


def test_a_baseline_names_what_was_left_out() -> None:
    verdict = Verdict(
        kind=DriftKind.CONFLICT,
        content=DriftKind.CONFLICT,
        workflow_id="w1",
        workflow_name="Orders",
        canonical_id="c1",
        file="prod/orders.json",
    )
    found: Any = baseline_document(
        [
            EnvironmentBaseline(environment="prod", title="Production", accepted=3, left_out=(verdict,)),
            EnvironmentBaseline(environment="dev", title="Dev", failed="Nothing to accept.", failed_fix="Onboard."),
        ]
    )
    assert found["environments"][0]["left_out"][0]["kind"] == "conflict"
    assert (found["environments"][1]["failed"], found["environments"][1]["fix"]) == ("Nothing to accept.", "Onboard.")
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("problems", "is_valid"),
    [
        pytest.param([], True, id="none"),
        pytest.param([Problem.warning("a", rule="r", message="m", fix="f")], True, id="warnings"),
        pytest.param([Problem.error("a", rule="r", message="m", fix="f")], False, id="an error"),
    ],
)
def test_validation_fails_on_errors_alone(problems: list[Problem], is_valid: bool) -> None:
    found: Any = problems_document(problems)
    assert found["valid"] is is_valid
    assert [each["rule"] for each in found["problems"]] == ["r" for _ in problems]


def test_an_audit_is_intact_when_nothing_is_wrong_with_it() -> None:
    assert audit_document([], files=2, entries=9) == {"intact": True, "files": 2, "entries": 9, "problems": []}
    problem = AuditProblem("prod/audit/2026-01.jsonl", 3, next(iter(AuditFault)), "The chain is broken.")
    found: Any = audit_document([problem], files=1, entries=3)
    assert (found["intact"], len(found["problems"])) == (False, 1)
