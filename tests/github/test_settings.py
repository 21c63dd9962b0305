"""What the doctor reads of a repository's settings, and that what it may not read is never taken for a no."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.faults import FaultKind
from tests.github.proxy import GitHub

from workflowops.core.doctor.repository_facts import (
    ActionsPermission,
    Asked,
    BranchFacts,
    EnvironmentFacts,
    RepositoryFacts,
    Rule,
    ScheduledRun,
    Unread,
    WorkflowState,
)
from workflowops.io.github import GitHubSettings

ASKED = Asked(environments=("staging", "prod"), state_branch="workflowops-state")
DRIFT, DOCTOR = ".github/workflows/workflowops-drift.yml", ".github/workflows/workflowops-doctor.yml"
FORM = ".github/ISSUE_TEMPLATE/workflowops-onboard.yml"
ADMINISTRATOR = "olga"
Look = Callable[..., RepositoryFacts]


class Silence:
    def say(self, line: str) -> None:
        """Nobody listens."""


@pytest.fixture
def look(github: GitHub) -> Look:
    def look(login: str = ACTIONS_BOT, *, asked: Asked = ASKED, token: str | None = None) -> RepositoryFacts:
        settings = GitHubSettings(
            REPOSITORY, token or token_of(login), api_url=github.url, progress=Silence(), sleep=lambda _: None
        )
        with settings:
            facts = settings.facts(asked)
            assert settings.requests == len(github.asked)
        assert github.writes() == []
        return facts

    return look


def is_refused(value: object) -> bool:
    return isinstance(value, Unread) and value.is_refused and bool(value.why) and bool(value.fix)


def test_an_administrator_reads_everything(github, look) -> None:
    settings = github.gaps.settings
    settings.files = {DRIFT, DOCTOR, FORM, "workflowops.yml"}
    settings.secrets, settings.organization_secrets = {"N8N_DEV_API_KEY"}, {"N8N_PROD_API_KEY"}
    settings.variables = {"N8N_DEV_URL"}
    settings.scopes[ADMINISTRATOR] = "repo, workflow"
    facts = look(ADMINISTRATOR)
    assert facts.overview.full_name == REPOSITORY
    assert (facts.overview.default_branch, facts.overview.has_issues, facts.overview.is_private) == (
        "main",
        True,
        False,
    )
    assert facts.overview.scopes == {"repo", "workflow"}
    assert facts.files == {DRIFT, DOCTOR, FORM}
    assert facts.actions == ActionsPermission(enabled=True, allowed="all")
    assert facts.may_open_pull_requests is True
    assert facts.secrets == {"N8N_DEV_API_KEY", "N8N_PROD_API_KEY"}
    assert facts.variables == {"N8N_DEV_URL"}
    assert set(facts.permissions.values()) == {None}


def test_what_the_token_of_a_job_may_not_read_is_told_as_unread(github, look) -> None:
    github.gaps.reviewing.environments["prod"] = ["max"]
    facts = look()
    for value in (facts.actions, facts.may_open_pull_requests, facts.secrets, facts.variables):
        assert is_refused(value)
        assert "The token of a job can never read this." in value.fix
    prod = facts.environments["prod"]
    assert isinstance(prod, EnvironmentFacts)
    assert is_refused(prod.secrets)
    assert (prod.reviewers, prod.strangers, prod.admits_default_branch) == (("max",), (), True)


def test_workflows_are_told_with_their_state_and_their_last_scheduled_run(github, look) -> None:
    settings = github.gaps.settings
    settings.files = {DRIFT, DOCTOR, ".github/workflows/theirs.yml"}
    settings.states = {DOCTOR: "disabled_inactivity"}
    settings.scheduled = {DRIFT: ("2026-11-22T09:17:00Z", "success")}
    doctor, drift = look().workflows
    assert (doctor.path, doctor.state, doctor.last_scheduled) == (DOCTOR, WorkflowState.DISABLED_INACTIVITY, None)
    assert (drift.path, drift.state) == (DRIFT, WorkflowState.ACTIVE)
    assert drift.last_scheduled == ScheduledRun(
        at=datetime(2026, 11, 22, 9, 17, tzinfo=UTC), conclusion="success", url="https://github.com/o/r/actions/runs/7"
    )


def test_an_environment_that_is_not_there_is_told_apart_from_one_that_may_not_be_seen(github, look) -> None:
    github.gaps.reviewing.environments["staging"] = None
    facts = look()
    assert facts.environments["prod"] == EnvironmentFacts(name="prod", exists=False)
    assert (facts.environments["staging"].exists, facts.environments["staging"].reviewers) == (True, ())
    github.gaps.reviewing.may_read_actions = False
    github.forget()
    assert all(is_refused(each) for each in look().environments.values())


def test_a_reviewer_who_left_is_found(github, look) -> None:
    github.gaps.reviewing.environments["prod"] = ["max", "reed", "team:leads"]
    github.roles["reed"] = "none"
    assert look().environments["prod"].strangers == ("reed",)


@pytest.mark.parametrize(
    ("patterns", "admits"), [(["main"], True), (["ma*"], True), (["release/*"], False), ([], False)]
)
def test_the_branches_that_an_environment_admits_are_matched(github, look, patterns, admits) -> None:
    github.gaps.reviewing.environments["prod"] = ["max"]
    github.gaps.settings.deployment_branches["prod"] = patterns
    assert look().environments["prod"].admits_default_branch is admits


def test_the_rules_of_a_branch_come_with_their_ruleset_and_who_may_pass_them_by(github, look) -> None:
    settings = github.gaps.settings
    settings.add_rules("Everything", "pull_request", "deletion", include=("~ALL",), reviews=1)
    settings.add_rules("Robots", "required_signatures", include=("refs/heads/workflowops-*",), bypass="always")
    settings.add_rules("Off", "update", include=("~ALL",), enforcement="disabled")
    facts = look()
    asked = (
        Rule("pull_request", "the ruleset Everything", is_bypassed=False, reviews=1),
        Rule("deletion", "the ruleset Everything", is_bypassed=False),
    )
    signed = Rule("required_signatures", "the ruleset Robots", is_bypassed=True)
    assert facts.state_branch == BranchFacts(name="workflowops-state", exists=False, rules=(*asked, signed))
    assert facts.default_branch == BranchFacts(name="main", exists=True, rules=asked)
    assert facts.proposals.rules == asked


def test_a_protection_that_only_administrators_may_read_is_told_as_hidden(github, look) -> None:
    github.gaps.settings.branches["workflowops-state"] = True
    github.gaps.settings.classic["workflowops-state"] = {
        "required_pull_request_reviews": {
            "required_approving_review_count": 2, "dismiss_stale_reviews": False, "require_code_owner_reviews": False,
        },
        "required_signatures": {"url": "https://github.com/x", "enabled": True},
    }  # fmt: skip
    hidden = look().state_branch
    assert (hidden.exists, hidden.is_protected, hidden.has_hidden_protection, hidden.rules) == (True, True, True, ())
    github.forget()
    seen = look(ADMINISTRATOR).state_branch
    assert not seen.has_hidden_protection
    assert [(rule.type, rule.is_bypassed, rule.reviews) for rule in seen.rules] == [
        ("pull_request", False, 2),
        ("required_signatures", False, 0),
    ]


def test_a_branch_that_only_a_ruleset_protects_has_nothing_hidden_for_an_administrator(github, look) -> None:
    github.gaps.settings.branches["main"] = True
    github.gaps.settings.add_rules("Main", "pull_request", include=("~DEFAULT_BRANCH",), reviews=1)
    branch = look(ADMINISTRATOR).default_branch
    assert (branch.is_protected, branch.has_hidden_protection, len(branch.rules)) == (True, False, 1)


def test_the_rules_that_hold_for_the_tags_of_snapshots_are_found_by_their_patterns(github, look) -> None:
    settings = github.gaps.settings
    settings.add_rules("Releases", "creation", include=("refs/tags/v*",), target="tag")
    settings.add_rules("Nested", "creation", "deletion", include=("refs/tags/**/*",), target="tag")
    settings.add_rules("Branches", "update", include=("~ALL",))
    assert [(rule.type, rule.source) for rule in look().tag_rules] == [
        ("creation", "the ruleset Nested"),
        ("deletion", "the ruleset Nested"),
    ]


def test_a_plan_without_rules_has_none(github, look) -> None:
    github.gaps.settings.has_rules = False
    facts = look()
    assert (facts.default_branch.rules, facts.tag_rules) == ((), ())


@pytest.mark.parametrize(
    ("login", "overview", "plan"),
    [
        pytest.param(ADMINISTRATOR, {"private": True}, "team", id="an owner is told"),
        pytest.param(ACTIONS_BOT, {"private": True}, None, id="a job is not"),
        pytest.param(ACTIONS_BOT, {"private": True, "visibility": "internal"}, "enterprise", id="internal says it"),
        pytest.param(ADMINISTRATOR, {"private": False}, None, id="it does not matter in public"),
    ],
)
def test_the_plan_is_known_to_who_may_see_it(github, look, login, overview, plan) -> None:
    settings = github.gaps.settings
    owner = github.ask("GET", f"/repos/{REPOSITORY}")["owner"] | {"type": "Organization"}
    settings.plan, settings.overview = "team", overview | {"owner": owner}
    found = look(login).plan
    assert found == plan if plan else is_refused(found)


@pytest.mark.parametrize("permission", ["issues", "contents", "actions"])
def test_a_permission_that_the_token_lacks_is_named(github, look, permission) -> None:
    github.gaps.settings.lacking = {permission}
    found = look().permissions
    assert [needs for needs, problem in found.items() if problem is not None] == [f"{permission}: read"]
    assert f"`{permission}: read`" in found[f"{permission}: read"].fix


def test_a_permission_whose_lack_is_answered_404_is_refused_as_well(github, look) -> None:
    github.gaps.settings.hidden = {"actions", "issues"}
    facts = look()
    assert is_refused(facts.permissions["actions: read"])
    assert all(is_refused(each) for each in (facts.labels, facts.workflows, *facts.environments.values()))


def test_a_token_that_nobody_has_says_so_and_nothing_else_is_asked(github, look) -> None:
    facts = look(token="ghs_nobody")
    assert is_refused(facts.overview)
    assert "401" in facts.overview.why
    assert github.count() == 1


def test_a_repository_that_is_called_otherwise_by_now_is_told(github, look) -> None:
    github.gaps.settings.overview = {"full_name": "o/renamed"}
    facts = look()
    assert is_refused(facts.overview)
    assert "called o/renamed by now" in facts.overview.why


def test_a_failure_of_github_is_not_a_refusal(github, look) -> None:
    github.fail(FaultKind.BAD_GATEWAY_BEFORE, "GET", f"/repos/{REPOSITORY}/labels", at=(1, 2, 3, 4))
    labels = look().labels
    assert isinstance(labels, Unread)
    assert not labels.is_refused


def test_a_github_that_fails_three_times_is_left_in_peace(github, look) -> None:
    github.fail(FaultKind.BAD_GATEWAY_BEFORE, "GET", f"/repos/{REPOSITORY}/.+", at=range(1, 400))
    facts = look()
    assert not isinstance(facts.overview, Unread)
    assert all(isinstance(each, Unread) for each in (facts.files, facts.labels, facts.tag_rules, facts.secrets))
    assert github.count() == 1 + 3 * 4
    assert "failed 3 times" in facts.labels.why
