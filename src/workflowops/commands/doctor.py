"""`doctor`: everything that has to be right is looked at, and nothing is written anywhere."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from workflowops.commands.doctor_state import environment_facts, state_facts
from workflowops.commands.ports import Workspace
from workflowops.commands.ports_doctor import N8nExaminer, OpenExaminer
from workflowops.commands.ports_repository import RepositorySettings
from workflowops.core.access import connection
from workflowops.core.configuration import Environment
from workflowops.core.doctor.catalogue import environment_checks, instance_checks, state_checks_of
from workflowops.core.doctor.check import REPOSITORY, Check, Verdict
from workflowops.core.doctor.instance import Clocks, ExaminedWorkflow, InstanceFacts, examined
from workflowops.core.doctor.n8n_checks import is_n8n
from workflowops.core.doctor.pairs import pair_checks, pairs_of
from workflowops.core.doctor.report import Diagnosis
from workflowops.core.doctor.repository_checks import asked_of, repository_checks
from workflowops.core.listing import Page
from workflowops.core.problems import shown
from workflowops.core.secrets import mask_text
from workflowops.errors import ConfigurationError, N8nUnauthorizedError, WorkflowOpsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor:
    """What the doctor works with. Without `settings` nobody can be asked about the repository on GitHub.

    `settings_failure` says why they cannot be opened though GitHub is configured. `wants_repository` is False when
    somebody asked to leave GitHub out.
    """

    workspace: Workspace
    open_examiner: OpenExaminer
    settings: RepositorySettings | None
    state_branch: str
    wants_repository: bool = True
    settings_failure: ConfigurationError | None = None


def diagnose(doctor: Doctor, environments: Sequence[Environment]) -> Diagnosis:
    """Run every check, also those after one that failed. Answers a diagnosis whatever is broken; writes nothing."""
    workspace = doctor.workspace
    instances = asyncio.run(_examined_all(doctor, environments))
    state = state_facts(workspace)
    checks: list[Check] = []
    pairs = pair_checks(pairs_of(workspace.configuration, {each.environment.name: each for each in instances}))
    for facts in instances:
        checks += instance_checks(facts)
        checks += [each for each in pairs if each.subject == f"environment {facts.environment.name}"]
        checks += environment_checks(environment_facts(workspace, state.view, facts.environment))
    checks += state_checks_of(state.facts)
    checks += _repository(doctor)
    return Diagnosis(tuple(checks))


def _repository(doctor: Doctor) -> tuple[Check, ...]:
    """Check the repository on GitHub, or say why that was not done."""
    if not doctor.wants_repository:
        return (_unlooked(Verdict.SKIPPED, "GitHub was left out (`--no-github`).", None),)
    if (failure := doctor.settings_failure) is not None:
        return (_unlooked(Verdict.BROKEN, str(failure), failure.fix),)
    if doctor.settings is None:
        return (
            _unlooked(
                Verdict.UNKNOWN,
                "GITHUB_TOKEN or GITHUB_REPOSITORY is not set, so nothing on GitHub was looked at.",
                "Set both (`gh auth token` prints a token), or run this as the workflow `workflowops-doctor.yml`.",
            ),
        )
    configuration = doctor.workspace.configuration
    facts = doctor.settings.facts(asked_of(configuration, state_branch=doctor.state_branch))
    return repository_checks(configuration, facts, now=doctor.workspace.clock())


def _unlooked(verdict: Verdict, found: str, fix: str | None) -> Check:
    return Check("github.settings", REPOSITORY, "The settings on GitHub fit", verdict, found, fix)


async def _examined_all(doctor: Doctor, environments: Sequence[Environment]) -> Sequence[InstanceFacts]:
    return await asyncio.gather(*(_examined(doctor, environment) for environment in environments))


async def _examined(doctor: Doctor, environment: Environment) -> InstanceFacts:
    """Look at one instance; what fails is kept with the facts and stops only what stands on it."""
    workspace = doctor.workspace
    workspace.progress.say(f"Looking at {environment.name}")
    facts = InstanceFacts(environment=environment)
    try:
        reached = connection(environment, variables=workspace.variables)
        async with doctor.open_examiner(reached, environment) as n8n:
            return await _looked_at(n8n, replace(facts, connection=reached), workspace)
    except ConfigurationError as error:
        return replace(facts, misconfigured=error)


async def _looked_at(n8n: N8nExaminer, facts: InstanceFacts, workspace: Workspace) -> InstanceFacts:
    """Ask the server for its clock, its abilities, its workflows, the key's rights and the credentials."""
    try:
        before = workspace.clock()
        server = await n8n.clock()
        facts = replace(facts, clocks=Clocks(before=before, server=server, after=workspace.clock()))
    except WorkflowOpsError as error:
        return replace(facts, failure=error)
    with suppress(WorkflowOpsError):  # its API document may be switched off; whether it answers at all is seen below
        facts = replace(facts, abilities=await n8n.abilities())
    facts = await _with_workflows(n8n, facts)
    facts = await _with_rights(n8n, facts)
    return await _with_credentials(n8n, facts)


async def _with_workflows(n8n: N8nExaminer, facts: InstanceFacts) -> InstanceFacts:
    seen: dict[str, ExaminedWorkflow] = {}
    odd: list[str] = []
    try:
        async with aclosing(n8n.list_workflows(abilities=facts.abilities)) as pages:
            async for page in pages:
                _take(page, seen, odd)
    except WorkflowOpsError as error:
        return replace(facts, failure=error)
    return replace(facts, workflows=tuple(seen.values()), odd=tuple(odd))


def _take(page: Page, seen: dict[str, ExaminedWorkflow], odd: list[str]) -> None:
    odd += [
        f"{shown(mask_text(each.name or each.id or 'a workflow without an id'))}: {each.problem}" for each in page.odd
    ]
    for listed in page.workflows:
        try:
            seen[listed.id] = examined(listed)
        except (ValueError, RecursionError):
            odd.append(
                f"{shown(mask_text(listed.name))} (n8n id {listed.id}): its content is no JSON that can be read."
            )


async def _with_rights(n8n: N8nExaminer, facts: InstanceFacts) -> InstanceFacts:
    """Ask what the key may do; only of what has shown that it is n8n, for the questions are harmless there alone."""
    if not is_n8n(facts) or isinstance(facts.failure, N8nUnauthorizedError):
        return facts
    try:
        return replace(facts, rights=await n8n.key_rights())
    except WorkflowOpsError as error:
        return replace(facts, rights_failure=error)


async def _with_credentials(n8n: N8nExaminer, facts: InstanceFacts) -> InstanceFacts:
    """List the credentials where the server is not known to have no such list."""
    if facts.workflows is None or (facts.abilities is not None and not facts.abilities.credentials_list):
        return facts
    try:
        return replace(facts, credentials=await n8n.list_credentials())
    except WorkflowOpsError as error:
        return replace(facts, credentials_failure=error)
