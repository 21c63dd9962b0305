"""A sync told to people: figures, what was set aside, what to do."""

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code

from workflowops.core.records import DriftStatus
from workflowops.core.sync import EnvironmentSync, SyncOutcome, UnmappedWorkflow, WorkflowError
from workflowops.core.text.style import Style
from workflowops.core.text.sync import render_sync, summary_sync

PLAIN = Style(color=False, width=100)


def synced(**fields) -> EnvironmentSync:
    return EnvironmentSync(
        **{
            "environment": "staging",
            "title": "Staging",
            "job_id": "job-1",
            "drift_status": DriftStatus.NEW,
            "workflows_synced": 45,
            "workflows_skipped": 3,
            "workflows_linked": 30,
            "duration_seconds": 1.234,
            **fields,
        }
    )


def unmapped(name: str, **fields) -> UnmappedWorkflow:
    return UnmappedWorkflow(
        **{
            "n8n_workflow_id": "wf-77",
            "workflow_name": name,
            "node_count": 5,
            "active": True,
            "detected_at": "2026-01-14T15:25:00Z",
            **fields,
        }
    )


def outcome() -> SyncOutcome:
    return SyncOutcome(
        (
            synced(
                workflows_unmapped=2,
                workflows_missing=1,
                created_workflow_ids=("a", "b"),
                errors=(WorkflowError(workflow_id="wf-9", workflow_name="Odd", message="Its nodes are a text.",
                                      fix="Open it in n8n's editor, save it again, and run the sync once more."),),
                unmapped=(unmapped("Customer Survey", suggestion="customer_survey"),
                          unmapped("Leads", node_count=1, active=False)),
                problems=("prod/x.json could not be read and was left out.",),
            ),
            synced(environment="prod", title="prod", failed="https://prod.n8n.example.com answered 401.",
                   failed_fix="Put a valid key into N8N_PROD_API_KEY."),
            synced(environment="dev", title="dev", is_new=False),
        )
    )  # fmt: skip


def test_the_terminal_text_is_as_agreed() -> None:
    assert_golden("sync.txt", render_sync(outcome(), style=PLAIN))


def test_the_summary_is_as_agreed() -> None:
    assert_golden("sync.md", summary_sync(outcome()))


def test_an_environment_that_failed_is_never_told_with_figures() -> None:
    failed = SyncOutcome((synced(failed="Connection refused."),))
    told = render_sync(failed, style=PLAIN)
    assert told.startswith("Staging (staging): NOT SYNCED. Connection refused.")
    assert "45" not in told
    assert "45" not in summary_sync(failed)


def test_many_unmanaged_workflows_are_counted() -> None:
    many = SyncOutcome((synced(workflows_unmapped=500, unmapped=tuple(unmapped(f"W{n}") for n in range(500))),))
    assert "and 480 more; --json lists them all" in render_sync(many, style=PLAIN)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_text_from_n8n_acts(text) -> None:
    each = synced(
        title=text,
        errors=(WorkflowError(workflow_id=text, workflow_name=text, message=text, fix=text),),
        unmapped=(unmapped(text, n8n_workflow_id=text, suggestion=text),),
        problems=(text,),
    )
    told = SyncOutcome((each, synced(failed=text, failed_fix=text)))
    log, summary = render_sync(told, style=PLAIN), summary_sync(told)
    assert runner_commands(log) == unseen_characters(log) == []
    assert "](" not in without_code(summary)
    assert unseen_characters(summary.replace("\u200b", "")) == []
