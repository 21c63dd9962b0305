"""What is said about onboarding: on the pull request, after the merge, and in the terminal."""

from typing import Any

import pytest
from hypothesis import given
from tests.builders import ANY_TEXT, LAW
from tests.core.text.golden import assert_golden

from workflowops.core.incident.issue import LONGEST_TEXT, PullRequest
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, OnboardingPlan, Refusal
from workflowops.core.onboarding_needs import Needs
from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.text.onboarding import render_onboarding, summary_onboarding
from workflowops.core.text.onboarding_answers import gone_answer, onboarded_answer, withdrawn_answer
from workflowops.core.text.onboarding_pull_request import onboarding_body, onboarding_title
from workflowops.core.text.style import Style

TITLES = {"dev": "Development", "prod": "Production"}
BRANCH = "workflowops/onboard-dev-customer_survey_automation"
PLAIN = Style(color=False, width=100)


def onboarded(**more: Any) -> Onboarded:
    fields: dict[str, Any] = {
        "environment": "dev",
        "workflow_id": "wf-dev-051",
        "workflow_name": "Customer Survey Automation",
        "canonical_id": "canon-uuid-051",
        "canonical_slug": "customer_survey_automation",
        "git_file_path": "dev/customer_survey_automation.json",
        "is_tied": False,
        "node_count": 3,
        "active": True,
        "needs": Needs(
            credentials=(("googleSheetsOAuth2", "Google Sheets"), ("smtp", "Email SMTP")),
            variables=("SURVEY_URL",),
            data_tables=("Answers",),
        ),
    }
    return Onboarded(**(fields | more))


LEAKING = Refusal(
    environment="dev",
    workflow_id="wf-dev-052",
    workflow_name="Leaking",
    reason="It holds what looks like a secret: nodes[1].parameters.token of node 'Call' (GitHub token).",
    fix="Move it into a credential in n8n, or pass --allow-secrets when these are not secrets.",
)
OTHER = onboarded(
    environment="prod",
    workflow_id="wf-prod-7",
    workflow_name="Orders | @team #12",
    canonical_slug="orders",
    git_file_path="prod/orders.json",
    is_tied=True,
    active=False,
    needs=Needs(credentials=(("smtp", "Email SMTP"), ("oAuth2Api", ""))),
)


def request(**more: Any) -> OnboardingRequest:
    fields: dict[str, Any] = {
        "n8n_workflow_id": "wf-dev-051",
        "workflow_name": "Customer Survey Automation",
        "environment": "dev",
        "canonical_id": "canon-uuid-051",
        "canonical_slug": "customer_survey_automation",
        "git_file_path": "dev/customer_survey_automation.json",
        "branch": BRANCH,
        "pull_request": 12,
        "requested_by": "ada",
        "requested_at": "2026-01-14T10:00:00Z",
    }
    return OnboardingRequest(**(fields | more))


def body(*entries: Onboarded, refused: tuple[Refusal, ...] = ()) -> str:
    plan = OnboardingPlan({}, entries, refused)
    return onboarding_body(plan, branch=BRANCH, titles=TITLES, requested_by="ada")


def test_the_pull_request_reads_as_it_should() -> None:
    entries = (onboarded(), OTHER)
    assert_golden(
        "onboarding_pull_request.md",
        f"{onboarding_title(entries, titles=TITLES)}\n\n{body(*entries, refused=(LEAKING,))}",
    )


def test_the_answers_read_as_they_should() -> None:
    other = request(workflow_name="Orders | @team", canonical_id="canon-2", git_file_path="dev/orders.json")
    told = [
        onboarded_answer([request()]),
        onboarded_answer([request(), other]),
        withdrawn_answer([request()]),
        withdrawn_answer([request(), other]),
        gone_answer([request()]),
    ]
    assert_golden("onboarding_answers.md", "\n---\n\n".join(told))


@pytest.mark.parametrize(
    ("name", "more", "is_dry_run"),
    [
        pytest.param("proposed", {"pull_request": PullRequest(12, "https://github.com/o/r/pull/12", True)}, False),
        pytest.param("open", {"pull_request": PullRequest(12, "https://github.com/o/r/pull/12", False)}, False),
        pytest.param("branch", {}, False),
        pytest.param("problem", {"problem": "GitHub said no.", "fix": "Allow it."}, False),
        pytest.param("state", {"state_problem": "Permission denied. Give contents: write."}, False),
        pytest.param("dry_run", {"commit_sha": None}, True),
    ],
)
def test_a_proposal_is_told_in_the_terminal(name, more, is_dry_run) -> None:
    fields: dict[str, Any] = {
        "onboarded": (onboarded(),),
        "refused": (LEAKING,),
        "files": (),
        "commit_sha": "ab" * 20,
        "branch": BRANCH,
        "is_proposal": True,
        "awaits_merge": True,
    }
    outcome = OnboardingOutcome(**(fields | more))
    told = render_onboarding(outcome, style=PLAIN, is_dry_run=is_dry_run)
    assert_golden(f"onboarding_{name}.txt", f"{told}\n\n=== summary\n{summary_onboarding(outcome)}")


@LAW
@given(ANY_TEXT, ANY_TEXT)
def test_nothing_from_n8n_is_markup_or_a_mention(name, workflow_id) -> None:
    told = body(onboarded(workflow_name=name, workflow_id=workflow_id))
    [row] = [line for line in told.splitlines() if line.startswith("| ") and "canonical" not in line][1:2] or [""]
    assert row.count("|") in {0, 7}
    assert "<script" not in told
    assert told.rstrip().endswith(f"<!-- workflowops:onboarding {BRANCH} -->")
    assert "\n" not in onboarding_title((onboarded(workflow_name=name),), titles=TITLES)


def test_what_looks_like_a_secret_and_comes_all_the_same_is_named_before_the_merge() -> None:
    told = body(onboarded(suspected=("nodes[1].parameters.url of node 'Pay' (Stripe)",)), onboarded())
    assert told.count("### Look at this before merging") == 1
    assert "of node 'Pay' (Stripe)" in told
    assert "Look at this" not in body(onboarded())


@pytest.mark.parametrize("number", [1, 3000])
def test_texts_stay_below_githubs_limit_whatever_the_names(number) -> None:
    wild = "<@&|`*" * 60
    entries = tuple(
        onboarded(workflow_name=wild, workflow_id=f"w{each}{wild}", suspected=(wild,) * 9) for each in range(number)
    )
    refused = tuple(
        Refusal(environment="dev", workflow_id=wild, workflow_name=wild, reason=wild * 5, fix=wild * 5)
        for _ in range(number)
    )
    assert len(body(*entries, refused=refused)) < LONGEST_TEXT
    answered = onboarded_answer([request(workflow_name=wild, n8n_workflow_id=str(each)) for each in range(number)])
    assert len(answered) < LONGEST_TEXT
