"""Reports made by hand, as the commands would answer them."""

from tests.core.forms import CODE, WEBHOOK, form, node, wire

from workflowops.core.diff import WorkflowDiff, compare
from workflowops.core.drift import DriftReport, EnvironmentDrift, ValueChange, WorkflowDrift
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.standing import DriftKind

CHECKED = "2026-01-14T15:25:00Z"
COMMIT = "abc123def4567890abc123def4567890abc123de"


def hot_fix() -> WorkflowDiff:
    """The difference of walkthrough 3."""
    return compare(
        old=form({"Call Payment API": node(parameters={"url": "https://api.paymentprocessor.com/charge"})}),
        new=form({"Call Payment API": node(parameters={"url": "https://api-new.paymentprocessor.com/charge"})}),
    )


def rebuilt() -> WorkflowDiff:
    """A difference with one of everything."""
    old = form(
        {
            "Webhook": node(WEBHOOK, parameters={"path": "orders", "httpMethod": "POST"}),
            "Check": node(CODE, parameters={"jsCode": "const total = 0;\nconst limit = 100;\nreturn total < limit;"}),
            "Notify": node(
                parameters={
                    "url": "https://hooks.example/a",
                    "headerParameters": {
                        "parameters": [{"name": "Authorization", "value": "Bearer hunter2hunter2"}],
                    },
                },
                credentials={"httpBasicAuth": "Notify (dev)"},
            ),
            "Old": node(parameters={"x": 1}),
            "Merge": node("n8n-nodes-base.merge", parameters={"mode": "append"}),
        },
        connections={
            "Webhook": {"main": [[wire("Check"), wire("Old")]]},
            "Check": {"main": [[wire("Notify")]]},
        },
        order={"Webhook": ["Check", "Old"]},
        settings={"timezone": "Europe/Berlin", "executionOrder": "v1"},
        references={"error_workflow": "w1"},
        node_ids={"Merge": "m1"},
    )
    new = form(
        {
            "Webhook": node(WEBHOOK, parameters={"path": "orders-v2", "httpMethod": "POST"}),
            "Check": node(CODE, parameters={"jsCode": "const total = 0;\nconst limit = 5000;\nreturn total < limit;"}),
            "Notify": node(
                parameters={
                    "url": "https://hooks.example/b",
                    "headerParameters": {
                        "parameters": [
                            {"name": "Accept", "value": "*/*"},
                            {"name": "Authorization", "value": "Bearer s3cret-s3cret"},
                        ],
                    },
                },
                credentials={"httpBasicAuth": "Notify (prod)"},
                onError="continueRegularOutput",
            ),
            "Check Inventory": node(CODE, parameters={"jsCode": "return [];\n// later"}),
            "Join": node("n8n-nodes-base.merge", parameters={"mode": "append"}),
        },
        name="Order Processing v2",
        connections={
            "Webhook": {"main": [[wire("Check"), wire("Check Inventory")]]},
            "Check": {"main": [[wire("Notify", index=1)]]},
        },
        order={"Webhook": ["Check Inventory", "Check"]},
        settings={"timezone": "UTC", "executionOrder": "v1"},
        references={"error_workflow": "w2"},
        node_ids={"Join": "m1"},
    )
    return compare(old=old, new=new)


def workflow(name: str, kind: DriftKind = DriftKind.MODIFIED, **fields) -> WorkflowDrift:
    """One workflow of a report."""
    return WorkflowDrift(
        **{
            "workflow_id": "wf-prod-042",
            "workflow_name": name,
            "canonical_id": "c-1",
            "canonical_slug": "payment_gateway",
            "file": "prod/payment_gateway.json",
            "kind": kind,
            "n8n_updated_at": "2026-01-14T15:22:00.000Z",
            **fields,
        }
    )


def environment(
    *workflows: WorkflowDrift, status: DriftStatus = DriftStatus.DRIFT_DETECTED, **fields
) -> EnvironmentDrift:
    """One environment of a report."""
    return EnvironmentDrift(
        **{
            "environment": "prod",
            "title": "Production",
            "drift_status": status,
            "checked_at": CHECKED,
            "git_commit_sha": COMMIT,
            "counts": Counts(in_sync=44, modified=len(workflows)),
            "workflows": workflows,
            "requests": 2,
            **fields,
        }
    )


def drift_of(diff: WorkflowDiff, name: str = "Payment Gateway") -> DriftReport:
    """A report of one workflow that differs."""
    return DriftReport((environment(workflow(name, diff=diff)),))


def everything() -> DriftReport:
    """A report with every kind of workflow and every status of an environment."""
    return DriftReport(
        (
            environment(
                workflow("Order Processing", DriftKind.CONFLICT, diff=rebuilt(), file="prod/order_processing.json",
                         draft_ahead=True, ignored={"pinData": 1, "ignored by the configuration": 2}),
                workflow("Payment Gateway", diff=hot_fix()),
                workflow("Nightly Export", DriftKind.MISSING, file="prod/nightly_export.json", is_archived=True),
                workflow("Cleanup", DriftKind.MISSING, file="prod/cleanup.json", n8n_updated_at=None),
                workflow("Invoices", DriftKind.ACTIVATION_CHANGED, file="prod/invoices.json",
                         activation=ValueChange(old=True, new=False)),
                workflow("Leads", DriftKind.TAGS_CHANGED, file="prod/leads.json",
                         tags=ValueChange(old=["crm", "eu"], new=["crm", "us"])),
                workflow("Broken", DriftKind.UNKNOWN, file="prod/broken.json",
                         problem="prod/broken.json is not JSON: line 3, column 7."),
                workflow("Survey", DriftKind.PENDING, file="prod/survey.json", diff=hot_fix()),
                workflow("Customer Survey", DriftKind.UNMAPPED, file=None, canonical_id=None, canonical_slug=None,
                         workflow_id="wf-77", suggestion="customer_survey"),
                counts=Counts(in_sync=38, conflict=1, modified=1, missing=2, activation_changed=1, tags_changed=1,
                              pending=1, unknown=1, unmapped=1, draft_ahead=1),
                ignored={"pinData": 12, "name or address that a resource locator cached": 31},
            ),
            environment(environment="staging", title="Staging", status=DriftStatus.UNKNOWN, counts=Counts(),
                        git_commit_sha="",
                        problems=("https://staging.n8n.example.com answered 401: the API key is wrong or expired.",)),
            environment(environment="dev", title="dev", status=DriftStatus.NEW, counts=Counts(unmapped=45)),
            environment(environment="qa", title="Quality", status=DriftStatus.IN_SYNC, counts=Counts(in_sync=12)),
        )
    )  # fmt: skip
