"""What we tell people to type is shown as it is typed, and is understood when they do."""

import pytest
from tests.core.text.hostile import as_read

from workflowops.core.comment.commands import SPECS, Understood, asked
from workflowops.core.drift import WorkflowDrift
from workflowops.core.incident.adoption import ALLOW_SECRETS, AdoptedWorkflow, Adopting, Adoption
from workflowops.core.incident.reversal import Reversal, ReversedWorkflow
from workflowops.core.standing import DriftKind
from workflowops.core.text.adoption import adoption_text, pull_request_body
from workflowops.core.text.comment_answers import commands_table
from workflowops.core.text.reversal import reversal_text

EXAMPLES = [*(spec.example for spec in SPECS.values()), "/adopt allow_secrets=yes"]
DRIFTED = WorkflowDrift(
    workflow_id="w0",
    workflow_name="Orders",
    canonical_id="c0",
    canonical_slug="orders",
    file="prod/orders.json",
    kind=DriftKind.MODIFIED,
)
FIXES = [
    f"Move it into a credential in n8n and ask again. {ALLOW_SECRETS}",
    "Run `workflowops onboard --workflow 53keTRLRQlKl4euc` to put it under Git again, or archive it in n8n.",
    "Archive it in n8n if that was meant, or put it under Git again with `workflowops onboard`.",
    "Export it from n8n by hand, and tell us about this workflow: it should not happen.",
    "Put that file right or delete it, and ask again.",
]


def shown(text: str) -> str:
    return as_read(text).replace("<code>", "").replace("</code>", "")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_understood(example) -> None:
    (wanted,) = asked(example)
    assert isinstance(wanted, Understood)


def test_help_shows_every_example_as_it_is_typed() -> None:
    told = shown("\n".join(commands_table()))
    assert [example for example in EXAMPLES[:-1] if example not in told] == []


@pytest.mark.parametrize("fix", FIXES)
def test_what_to_do_about_a_workflow_that_is_not_adopted_is_shown_as_it_is(fix) -> None:
    refused = AdoptedWorkflow(workflow=DRIFTED, adopting=Adopting.REFUSED, reason="Odd.", fix=fix)
    adoption = Adoption(incident=7, environment="prod", title="Production", workflows=(refused,))
    for text in (adoption_text(adoption), pull_request_body(adoption)):
        assert fix.replace("`", "") in shown(text)


@pytest.mark.parametrize("fix", FIXES[1:])
def test_what_to_do_about_a_workflow_that_is_not_taken_back_is_shown_as_it_is(fix) -> None:
    left = ReversedWorkflow(workflow=DRIFTED, reason="Odd.", fix=fix)
    reversal = Reversal(incident=7, environment="prod", title="Production", workflows=(left,))
    assert fix.replace("`", "") in shown(reversal_text(reversal))
