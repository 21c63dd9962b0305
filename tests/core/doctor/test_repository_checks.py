"""What the doctor makes of a repository: what is broken, what is unknown, and never a false word."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.doctor.repository import (
    FAILED,
    FORM,
    NOW,
    REFUSED,
    RUN,
    branch,
    checked,
    configuration,
    facts,
    guarded,
    overview,
    rule,
    workflow,
    workflows,
)
from tests.core.text.golden import assert_golden

from workflowops.core.configuration import Approval, Configuration, Gates, Pipeline, Stage
from workflowops.core.doctor.check import Verdict
from workflowops.core.doctor.repository_checks import (
    REPOSITORY_CHECKS,
    STAGE_CHECKS,
    STATE_CHECKS,
    asked_of,
    repository_checks,
)
from workflowops.core.doctor.repository_facts import (
    ActionsPermission,
    EnvironmentFacts,
    RepositoryFacts,
    ScheduledRun,
    Unread,
    WorkflowState,
)
from workflowops.core.doctor.repository_workflows import WITHOUT, path_of

BROKEN, WARNING, UNKNOWN = Verdict.BROKEN, Verdict.WARNING, Verdict.UNKNOWN
PASSED, SKIPPED = Verdict.PASSED, Verdict.SKIPPED
DAYS_AGO = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
BY_COMMENTS = Gates(approval=Approval.COMMENTS, min_approvals=2)


def late(**more: Any) -> dict[str, Any]:
    return {"last_scheduled": ScheduledRun(**{"at": DAYS_AGO, "conclusion": "success", "url": RUN} | more)}


def without(*names: str) -> frozenset[str]:
    return frozenset({*(path_of(name) for name in WITHOUT if name not in names), FORM})


CASES: list[tuple[str, str, Verdict, str, dict[str, Any]]] = [
    ("an archived repository", "github.repository", BROKEN, "is archived", {"overview": overview(is_archived=True)}),
    ("issues are off", "github.issues", BROKEN, "no place for incidents", {"overview": overview(has_issues=False)}),
    ("a fork starts without issues", "github.issues", BROKEN, "switched off",
     {"overview": overview(has_issues=False, is_fork=True)}),
    ("issues may not be read", "github.token", BROKEN, "`issues: read`", {"permissions": {"issues: read": REFUSED}}),
    ("environments are hidden", "github.token", WARNING, "`actions: read`",
     {"permissions": {"actions: read": REFUSED}}),
    ("GitHub failed meanwhile", "github.token", UNKNOWN, "502", {"permissions": {"issues: read": FAILED}}),
    ("a job's token", "github.token_writes", SKIPPED, "Only writing would show it", {}),
    ("a classic token that reads", "github.token_writes", BROKEN, "read:org",
     {"overview": overview(scopes=frozenset({"read:org"}))}),
    ("a classic token without a scope", "github.token_writes", BROKEN, "has no scope",
     {"overview": overview(scopes=frozenset())}),
    ("a public scope in private", "github.token_writes", BROKEN, "public_repo",
     {"overview": overview(scopes=frozenset({"public_repo"}))}),
    ("a public scope in public", "github.token_writes", PASSED, "may push",
     {"overview": overview(scopes=frozenset({"public_repo"}), is_private=False)}),
    ("an account that may not push", "github.token_writes", BROKEN, "may not push",
     {"overview": overview(scopes=frozenset({"repo"}), may_push=False)}),
    ("no workflow files", "github.files", BROKEN, "nothing runs by itself", {"files": frozenset({FORM})}),
    ("some are missing", "github.files", WARNING, "nobody notices drift", {"files": without("drift")}),
    ("another ending", "github.files", PASSED, "All 7",
     {"files": without("drift") | {path_of("drift", ending="yaml")}}),
    ("files may not be read", "github.files", UNKNOWN, "403", {"files": REFUSED}),
    ("idle for 60 days", "github.workflows", BROKEN, "60 days",
     {"workflows": workflows(drift={"state": WorkflowState.DISABLED_INACTIVITY})}),
    ("switched off by hand", "github.workflows", BROKEN, "by somebody",
     {"workflows": workflows(sync={"state": WorkflowState.DISABLED_MANUALLY})}),
    ("off in a fork", "github.workflows", BROKEN, "fork",
     {"workflows": workflows(sync={"state": WorkflowState.DISABLED_FORK})}),
    ("not listed", "github.workflows", WARNING, "does not list", {"workflows": workflows()[1:]}),
    ("no files, nothing to be active", "github.workflows", SKIPPED, "none on the default branch",
     {"files": frozenset()}),
    ("the list may not be read", "github.workflows", UNKNOWN, "403", {"workflows": REFUSED}),
    ("a schedule that stopped", "github.schedules", WARNING, "3 days ago", {"workflows": workflows(drift=late())}),
    ("a scheduled run that failed", "github.schedules", WARNING, "ended with failure",
     {"workflows": workflows(drift=late(at=datetime(2026, 11, 22, 11, 0, tzinfo=UTC), conclusion="failure"))}),
    ("a schedule that never worked", "github.schedules", WARNING, "never started a run since 2026-06-01",
     {"workflows": workflows(drift={"last_scheduled": None})}),
    ("a schedule whose first turn is to come", "github.schedules", PASSED, "drift: no run yet.",
     {"workflows": (workflow("drift", last_scheduled=None, since=NOW),)}),
    ("a run that is under way", "github.schedules", PASSED, "drift: 1 hour ago, still running.",
     {"workflows": (workflow("drift", **late(at=datetime(2026, 11, 22, 11, 0, tzinfo=UTC), conclusion=None)),)}),
    ("runs may not be read", "github.schedules", UNKNOWN, "403",
     {"workflows": workflows(drift={"last_scheduled": REFUSED})}),
    ("Actions are off", "github.actions", BROKEN, "switched off",
     {"actions": ActionsPermission(enabled=False, allowed="")}),
    ("only some actions", "github.actions", WARNING, "chosen actions",
     {"actions": ActionsPermission(enabled=True, allowed="selected")}),
    ("actions may not be read", "github.actions", UNKNOWN, "403", {"actions": REFUSED}),
    ("no pull requests by jobs", "github.pull_requests", BROKEN, "cannot propose", {"may_open_pull_requests": False}),
    ("whether they may is hidden", "github.pull_requests", UNKNOWN, "403", {"may_open_pull_requests": REFUSED}),
    ("a key that is not set", "github.values", BROKEN, "N8N_PROD_API_KEY is not set",
     {"secrets": frozenset({"N8N_DEV_API_KEY", "N8N_STAGING_API_KEY"})}),
    ("a key that everybody sees", "github.values", BROKEN, "can see", {
        "secrets": frozenset({"N8N_DEV_API_KEY", "N8N_STAGING_API_KEY"}),
        "variables": facts().variables | {"N8N_PROD_API_KEY"},
    }),
    ("an address that is a secret", "github.values", PASSED, "N8N_DEV_URL", {
        "secrets": facts().secrets | {"N8N_DEV_URL"}, "variables": facts().variables - {"N8N_DEV_URL"},
    }),
    ("names may not be read", "github.values", UNKNOWN, "403", {"secrets": REFUSED}),
    ("variables may not be read", "github.values", UNKNOWN, "403", {"variables": REFUSED}),
    ("a form without its label", "github.labels", BROKEN, "nobody answers", {"labels": frozenset({"bug"})}),
    ("a label in other case", "github.labels", PASSED, "is there", {"labels": frozenset({"WorkflowOps:Onboard"})}),
    ("no form", "github.labels", SKIPPED, "There is no", {"files": frozenset(), "labels": frozenset()}),
    ("labels may not be read", "github.labels", UNKNOWN, "403", {"labels": REFUSED}),
    ("unreviewed pushes", "github.default_branch", WARNING, "unreviewed", {"default_branch": branch("main")}),
    ("a pull request that nobody approves", "github.default_branch", WARNING, "nobody has to approve",
     {"default_branch": branch("main", rule("pull_request"))}),
    ("protected by what is hidden", "github.default_branch", UNKNOWN, "only administrators",
     {"default_branch": branch("main", is_protected=True, has_hidden_protection=True)}),
    ("the state branch asks for reviews", "github.state_branch", BROKEN, "a pull request for every change",
     {"state_branch": branch("workflowops-state", rule("pull_request"))}),
    ("rules that the state keeps", "github.state_branch", PASSED, "which the jobs meet",
     {"state_branch": branch("workflowops-state", rule("deletion"), rule("non_fast_forward"))}),
    ("a state branch that may not be made", "github.state_branch", BROKEN, "restricted creation",
     {"state_branch": branch("workflowops-state", rule("creation"), exists=False)}),
    ("a state branch that is there already", "github.state_branch", PASSED, "which the jobs meet",
     {"state_branch": branch("workflowops-state", rule("creation"))}),
    ("rules that are passed by", "github.state_branch", PASSED, "may pass by",
     {"state_branch": branch("workflowops-state", rule("update", is_bypassed=True))}),
    ("passed by a person, not by the jobs", "github.state_branch", WARNING, "The token of the jobs is another", {
        "overview": overview(scopes=frozenset({"repo"})),
        "state_branch": branch("workflowops-state", rule("update", is_bypassed=True)),
    }),
    ("rules of which it is not said", "github.state_branch", WARNING, "the jobs may fail there",
     {"state_branch": branch("workflowops-state", rule("update", is_bypassed=None))}),
    ("a rule that is new to us", "github.state_branch", WARNING, "quantum_signature",
     {"state_branch": branch("workflowops-state", rule("quantum_signature"))}),
    ("hidden beside what is harmless", "github.state_branch", UNKNOWN, "only administrators",
     {"state_branch": branch("workflowops-state", rule("deletion"), is_protected=True, has_hidden_protection=True)}),
    ("hidden beside what is broken", "github.state_branch", BROKEN, "signed commits", {
        "state_branch": branch("workflowops-state", rule("required_signatures"), has_hidden_protection=True),
    }),
    ("rules may not be read", "github.state_branch", UNKNOWN, "403", {"state_branch": REFUSED}),
    ("proposals are pushed anew", "github.proposals", WARNING, "no forced pushes",
     {"proposals": branch("workflowops/onboard-example", rule("non_fast_forward"))}),
    ("proposals may not be made", "github.proposals", BROKEN, "restricted creation",
     {"proposals": branch("workflowops/onboard-example", rule("creation"))}),
    ("tags may not be made", "github.snapshot_tags", BROKEN, "restricted creation", {"tag_rules": (rule("creation"),)}),
    ("tags that stay", "github.snapshot_tags", PASSED, "which the jobs meet",
     {"tag_rules": (rule("update"), rule("deletion"))}),
    ("tag rules may not be read", "github.snapshot_tags", UNKNOWN, "403", {"tag_rules": REFUSED}),
    ("no reviewers on Enterprise", "github.approval prod", BROKEN, "no required reviewers",
     {"environments": {"prod": guarded(reviewers=())}}),
    ("no reviewers on a plan without", "github.approval prod", BROKEN, "the plan team has no required reviewers",
     {"plan": "team", "environments": {"prod": guarded(reviewers=())}}),
    ("no reviewers on a plan that is hidden", "github.approval prod", BROKEN, "is refused",
     {"plan": REFUSED, "environments": {"prod": guarded(reviewers=())}}),
    ("no reviewers in public", "github.approval prod", BROKEN, "no required reviewers",
     {"plan": REFUSED, "overview": overview(is_private=False), "environments": {"prod": guarded(reviewers=())}}),
    ("no environment", "github.approval prod", BROKEN, "There is no environment prod",
     {"environments": {"prod": EnvironmentFacts(name="prod", exists=False)}}),
    ("an environment that is hidden", "github.approval prod", UNKNOWN, "403", {"environments": {"prod": REFUSED}}),
    ("an environment that was not asked for", "github.approval prod", UNKNOWN, "not asked", {"environments": {}}),
    ("a wait", "github.approval prod", PASSED, "waits 30 minutes",
     {"environments": {"prod": guarded(wait_minutes=30, admins_bypass=False)}}),
    ("all reviewers left", "github.reviewers prod", BROKEN, "Nobody can approve",
     {"environments": {"prod": guarded(reviewers=("max",), strangers=("max",))}}),
    ("a reviewer left", "github.reviewers prod", WARNING, "max cannot see",
     {"environments": {"prod": guarded(strangers=("max",))}}),
    ("only a team", "github.reviewers prod", PASSED, "Who is in team:leads is not looked at.",
     {"environments": {"prod": guarded(reviewers=("team:leads",))}}),
    ("roles may not be read", "github.reviewers prod", UNKNOWN, "403",
     {"environments": {"prod": guarded(strangers=REFUSED)}}),
    ("self-review", "github.self_review prod", WARNING, "may approve it as well",
     {"environments": {"prod": guarded(prevents_self_review=False)}}),
    ("a branch that is not admitted", "github.deployments prod", BROKEN, "does not admit main",
     {"environments": {"prod": guarded(admits_default_branch=False)}}),
    ("branches may not be read", "github.deployments prod", UNKNOWN, "403",
     {"environments": {"prod": guarded(admits_default_branch=REFUSED)}}),
    ("one key for all jobs", "github.writing_key prod", WARNING, "is no secret of the environment",
     {"environments": {"prod": guarded(secrets=frozenset())}}),
    ("its secrets are hidden", "github.writing_key prod", UNKNOWN, "403",
     {"environments": {"prod": guarded(secrets=REFUSED)}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "verdict", "words", "more"), [pytest.param(*rest, id=identity) for identity, *rest in CASES]
)
def test_a_repository_is_judged_by_its_facts(name, verdict, words, more) -> None:
    check = checked(**more)[name]
    assert check.verdict is verdict, check
    assert words in check.found


def test_a_repository_in_order_passes_every_check() -> None:
    found = checked()
    assert {check.verdict for check in found.values()} == {PASSED, SKIPPED}
    assert [name for name, check in found.items() if check.verdict is SKIPPED] == [
        "github.token_writes",
        "github.approval staging",
        "github.reviewers staging",
        "github.self_review staging",
    ]


@pytest.mark.parametrize("problem", [REFUSED, FAILED], ids=["refused", "failed"])
def test_what_could_not_be_read_is_never_in_order(problem) -> None:
    told = facts()
    hidden = RepositoryFacts(
        overview=told.overview, plan=problem, files=problem, workflows=problem,
        environments={"staging": problem, "prod": problem}, default_branch=problem, state_branch=problem,
        proposals=problem, tag_rules=problem, actions=problem, may_open_pull_requests=problem, labels=problem,
        secrets=problem, variables=problem, permissions={"contents: read": problem},
    )  # fmt: skip
    found = repository_checks(configuration(), hidden, now=NOW)
    passed = [check.id for check in found if check.verdict is PASSED]
    assert passed == ["github.repository", "github.issues"]


@pytest.mark.parametrize(("problem", "verdict"), [(REFUSED, BROKEN), (FAILED, UNKNOWN)])
def test_a_repository_that_cannot_be_read_is_the_only_thing_that_is_told(problem, verdict) -> None:
    (check,) = repository_checks(configuration(), RepositoryFacts(overview=problem), now=NOW)
    assert (check.id, check.verdict, check.found, check.fix) == ("github.repository", verdict, problem.why, problem.fix)


def test_without_a_configuration_nothing_is_said_about_stages() -> None:
    found = repository_checks(None, facts(), now=NOW)
    assert {check.id for check in found} == {*REPOSITORY_CHECKS, *STATE_CHECKS}
    values = next(check for check in found if check.id == "github.values")
    assert values.verdict is SKIPPED


def test_a_missing_reviewer_is_told_with_both_ways_out() -> None:
    for plan in ("enterprise", "team", REFUSED):
        fix = checked(plan=plan, environments={"prod": guarded(reviewers=())})["github.approval prod"].fix
        assert fix is not None
        assert "approval: comments" in fix.lower()
        assert "reviewers" in fix.lower()


def test_approval_by_comments_needs_no_reviewers_and_is_told_when_both_are_asked() -> None:
    by = configuration(production=BY_COMMENTS)
    found = checked(by=by, environments={"prod": guarded(reviewers=())})["github.approval prod"]
    assert (found.verdict, found.found) == (PASSED, "By 2 comments `/approve` of people who may write here.")
    both = checked(by=by)["github.approval prod"]
    assert (both.verdict, "max or team:leads" in both.found) == (WARNING, True)


def test_four_eyes_stands_in_for_the_self_review_of_the_environment() -> None:
    by = configuration(production=Gates(approval=Approval.ENVIRONMENT, four_eyes=True))
    found = checked(by=by, environments={"prod": guarded(prevents_self_review=False)})["github.self_review prod"]
    assert found.verdict is PASSED


def test_the_facts_are_asked_for_every_stage_that_something_is_promoted_to() -> None:
    asked = asked_of(configuration(), state_branch="state")
    assert (asked.environments, asked.state_branch) == (("staging", "prod"), "state")
    assert asked_of(None, state_branch="state").environments == ()


def test_of_two_pipelines_to_an_environment_the_reviewed_one_counts_and_one_that_is_off_does_not() -> None:
    def pipeline(name: str, approval: Approval, **more: Any) -> Pipeline:
        stages = (Stage(environment="dev"), Stage(environment="prod", gates=Gates(approval=approval)))
        return Pipeline(name=name, stages=stages, **more)

    first = configuration()
    both = {"a": pipeline("a", Approval.NONE), "b": pipeline("b", Approval.ENVIRONMENT)}
    by = Configuration(version=1, environments=first.environments, pipelines=both)
    assert asked_of(by, state_branch="state").environments == ("prod",)
    assert checked(by=by)["github.approval prod"].verdict is PASSED
    off = {"a": pipeline("a", Approval.ENVIRONMENT, enabled=False)}
    by = Configuration(version=1, environments=first.environments, pipelines=off)
    assert asked_of(by, state_branch="state").environments == ()


def test_every_unit_says_what_it_checks_in_one_sentence() -> None:
    for unit in (*REPOSITORY_CHECKS.values(), *STATE_CHECKS.values(), *STAGE_CHECKS.values()):
        assert unit.__doc__ is not None
        assert unit.__doc__.strip().endswith(".")
        assert "\n" not in unit.__doc__.strip()


def test_the_texts_read_as_they_should() -> None:
    lines: list[str] = []
    seen: set[tuple[str, str]] = set()
    for identity, name, verdict, _, more in [("in order", each, PASSED, "", {}) for each in checked()] + CASES:
        check = checked(**more)[name]
        if (name, check.found) in seen:
            continue
        seen.add((name, check.found))
        fix = f"\n  Fix: {check.fix}" if check.fix else ""
        lines.append(f"{name} ({identity}): {check.verdict}\n  {check.title}: {check.found}{fix}")
        assert verdict is PASSED or check.verdict is verdict
    assert_golden("doctor_repository.txt", "\n".join(lines))


def test_no_text_names_a_token() -> None:
    assert isinstance(REFUSED, Unread)
    assert all("ghs_" not in f"{check.found} {check.fix}" for check in checked(secrets=REFUSED).values())
