"""A repository on GitHub where everything is in order, to be put out of order by the tests."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from workflowops.core.configuration import Approval, Configuration, Environment, Gates, Pipeline, Stage
from workflowops.core.doctor.check import Check
from workflowops.core.doctor.repository_checks import repository_checks
from workflowops.core.doctor.repository_facts import (
    ActionsPermission,
    BranchFacts,
    EnvironmentFacts,
    Overview,
    RepositoryFacts,
    Rule,
    ScheduledRun,
    Unread,
    WorkflowFile,
    WorkflowState,
)
from workflowops.core.doctor.repository_workflows import WITHOUT, path_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN = "https://github.com/acme/flows/actions/runs/7"
FORM = ".github/ISSUE_TEMPLATE/workflowops-onboard.yml"
REFUSED = Unread("Could not read it in acme/flows: GitHub does not allow it (403).", "Use a token.", is_refused=True)
FAILED = Unread("Could not read it in acme/flows: GitHub failed with 502.", "Run it again in a while.")


def configuration(*, production: Gates | None = None, staging: Gates | None = None) -> Configuration:
    """dev, staging and prod in one pipeline; prod is approved by reviewers unless it says otherwise."""
    gates = {"staging": staging or Gates(), "prod": production or Gates(approval=Approval.ENVIRONMENT)}
    names = ("dev", "staging", "prod")
    return Configuration(
        version=1,
        environments={name: environment(name) for name in names},
        pipelines={"default": Pipeline(name="default", stages=tuple(stage(each, gates.get(each)) for each in names))},
    )


def stage(name: str, gates: Gates | None) -> Stage:
    return Stage(environment=name, gates=gates or Gates())


def environment(name: str) -> Environment:
    upper = name.upper()
    url, key = f"${{N8N_{upper}_URL}}", f"${{N8N_{upper}_API_KEY}}"
    return Environment(name=name, title=name, url=url, api_key=key, folder=name)


def overview(**more: Any) -> Overview:
    told = {"full_name": "acme/flows", "default_branch": "main", "has_issues": True, "is_private": True}
    return Overview(**told | more)


def guarded(name: str = "prod", **more: Any) -> EnvironmentFacts:
    told = {"reviewers": ("max", "team:leads"), "prevents_self_review": True, "admins_bypass": True}
    return EnvironmentFacts(
        **{"name": name, "exists": True, "secrets": frozenset({f"N8N_{name.upper()}_API_KEY"})} | told | more
    )


def workflow(name: str, **more: Any) -> WorkflowFile:
    run = ScheduledRun(at=datetime(2026, 11, 22, 11, 17, tzinfo=UTC), conclusion="success", url=RUN)
    told = {"state": WorkflowState.ACTIVE, "since": datetime(2026, 6, 1, tzinfo=UTC), "last_scheduled": run}
    return WorkflowFile(**{"path": path_of(name)} | told | more)


def workflows(**changed: dict[str, Any]) -> tuple[WorkflowFile, ...]:
    return tuple(workflow(name, **changed.get(name, {})) for name in WITHOUT)


def branch(name: str, *rules: Rule, **more: Any) -> BranchFacts:
    return BranchFacts(**{"name": name, "exists": True, "rules": rules} | more)


def rule(kind: str, *, is_bypassed: bool | None = False, reviews: int = 0) -> Rule:
    return Rule(kind, "the ruleset Everything", is_bypassed=is_bypassed, reviews=reviews)


def facts(**more: Any) -> RepositoryFacts:
    """Facts in which nothing is wrong; `more` replaces some."""
    values = {f"N8N_{name}_{what}" for name in ("DEV", "STAGING", "PROD") for what in ("URL", "API_KEY")}
    told = RepositoryFacts(
        overview=overview(),
        plan="enterprise",
        files=frozenset({*map(path_of, WITHOUT), FORM}),
        workflows=workflows(),
        environments={"staging": guarded("staging", reviewers=()), "prod": guarded()},
        default_branch=branch("main", rule("pull_request", reviews=1)),
        state_branch=branch("workflowops-state"),
        proposals=branch("workflowops/onboard-example", exists=False),
        tag_rules=(),
        actions=ActionsPermission(enabled=True, allowed="all"),
        may_open_pull_requests=True,
        labels=frozenset({"bug", "workflowops:onboard"}),
        secrets=frozenset(name for name in values if name.endswith("KEY")),
        variables=frozenset(name for name in values if name.endswith("URL")),
        permissions={"contents: read": None, "issues: read": None, "actions: read": None},
    )
    return replace(told, **more)


def checked(*, by: Configuration | None = None, **more: Any) -> dict[str, Check]:
    """The checks by id, those of an environment by `id environment` (`github.approval prod`)."""
    found = repository_checks(by or configuration(), facts(**more), now=NOW)
    return {
        f"{each.id} {each.subject.removeprefix('environment ')}" if "environment" in each.subject else each.id: each
        for each in found
    }
