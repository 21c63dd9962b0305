"""Every check of the doctor by its id, and the order in which people put things right."""

from collections.abc import Mapping, Sequence

from workflowops.core.doctor import content_checks, n8n_checks, state_checks
from workflowops.core.doctor.check import (
    CONFIGURATION,
    STATE,
    Check,
    Finding,
    broken,
    check_of,
    environment_subject,
    passed,
    warning,
)
from workflowops.core.doctor.instance import InstanceFacts
from workflowops.core.doctor.n8n_checks import InstanceCheck
from workflowops.core.doctor.state_checks import EnvironmentCheck, EnvironmentFacts, StateCheck, StateFacts
from workflowops.core.problems import Problem, Severity
from workflowops.core.text.plain import count
from workflowops.errors import WorkflowOpsError

INSTANCE_CHECKS: Mapping[str, InstanceCheck] = {
    "n8n.settings": n8n_checks.settings_are_usable,
    "n8n.encryption": n8n_checks.key_is_encrypted,
    "n8n.answers": n8n_checks.server_answers,
    "n8n.key": n8n_checks.key_is_accepted,
    "n8n.scopes": n8n_checks.key_may_read,
    "n8n.excess": n8n_checks.key_may_no_more,
    "n8n.abilities": n8n_checks.api_can_promote,
    "n8n.clock": n8n_checks.clocks_agree,
    "n8n.workflows": content_checks.workflows_can_be_read,
    "n8n.names": content_checks.names_are_unique,
    "n8n.webhooks": content_checks.addresses_are_free,
    "n8n.credentials": content_checks.credentials_are_unique,
    "n8n.sizes": content_checks.sizes_are_small,
}

STATE_CHECKS: Mapping[str, StateCheck] = {
    "state.branch": state_checks.branch_is_readable,
    "state.files": state_checks.files_are_whole,
    "state.claims": state_checks.claims_are_alive,
    "state.audit": state_checks.audit_is_unbroken,
}

ENVIRONMENT_CHECKS: Mapping[str, EnvironmentCheck] = {
    "state.sync": state_checks.sync_is_recent,
    "state.baseline": state_checks.baseline_is_there,
    "state.lock": state_checks.environment_is_open,
}


def instance_checks(facts: InstanceFacts) -> tuple[Check, ...]:
    """Run every check of one instance."""
    subject = environment_subject(facts.environment.name)
    return tuple(check_of(unit, facts, identifier=name, subject=subject) for name, unit in INSTANCE_CHECKS.items())


def state_checks_of(facts: StateFacts) -> tuple[Check, ...]:
    """Run every check of the state branch as a whole."""
    return tuple(check_of(unit, facts, identifier=name, subject=STATE) for name, unit in STATE_CHECKS.items())


def environment_checks(facts: EnvironmentFacts) -> tuple[Check, ...]:
    """Run every check of what the state holds of one environment."""
    subject = environment_subject(facts.environment.name)
    return tuple(check_of(unit, facts, identifier=name, subject=subject) for name, unit in ENVIRONMENT_CHECKS.items())


def configuration_check(problems: Sequence[Problem] | WorkflowOpsError) -> Check:
    """Check what reading the configuration said: its problems, or the error of a file that is not there."""
    return check_of(configuration_is_readable, problems, identifier="configuration.file", subject=CONFIGURATION)


def configuration_is_readable(problems: Sequence[Problem] | WorkflowOpsError) -> Finding:
    """The configuration is there and in order."""
    if isinstance(problems, WorkflowOpsError):
        return broken(str(problems), fix=f"`workflowops init` writes one. {problems.fix}")
    errors = [each for each in problems if each.severity is Severity.ERROR]
    details = [_told(each) for each in problems]
    if errors:
        return broken(
            f"It has {count(len(errors), 'problem')}.",
            fix=f"{errors[0].fix} `workflowops validate` tells all of them without touching anything.",
            details=details,
        )
    if problems:
        return warning(f"It has {count(len(problems), 'warning')}.", fix=problems[0].fix, details=details)
    return passed()


def _told(problem: Problem) -> str:
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
    return f"{place}: {problem.message}"
