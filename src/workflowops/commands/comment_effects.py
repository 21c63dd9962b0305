"""What commands do that reaches further than an incident's record: check again, propose n8n's version, plan Git's."""

from collections.abc import Callable, Mapping

from workflowops.commands.desk import Desk
from workflowops.commands.incidents import update_incidents
from workflowops.core.comment.commands import CommandName, Understood
from workflowops.core.comment.outcome import Acted
from workflowops.core.incident.record import Incident
from workflowops.core.records import DriftStatus
from workflowops.core.text.comment_sync import checked_again_answer
from workflowops.errors import ConfigurationError, ExitCode, RemoteError

Effect = Callable[[Incident, Understood], Acted]
"""Carries a command out, and answers it. Raises WorkflowOpsError when it could not be carried out at all."""

Effects = Mapping[CommandName, Effect]

_YES = frozenset({"yes", "true", "1"})


def effects_of(desk: Desk) -> Effects:
    """Answer what `/sync`, `/adopt` and `/revert` do. The claim on incidents must not be held: `/sync` takes it."""
    return {
        CommandName.SYNC: lambda incident, _: check_again(desk, incident),
        CommandName.ADOPT: lambda incident, asked: _adopted(desk, incident, asked),
        CommandName.REVERT: lambda incident, _: _reversal(desk, incident),
    }


def check_again(desk: Desk, incident: Incident) -> Acted:
    """Read n8n and Git of the incident's environment, compare them, and bring its incidents up to date."""
    from workflowops.commands.drift import check_drift
    from workflowops.commands.sync import sync

    environment = desk.workspace.configuration.environments.get(incident.environment)
    if environment is None:
        raise ConfigurationError(
            f"The environment {incident.environment} is not in the configuration any more.",
            fix="Put it back into workflowops.yml, or close the incident.",
        )
    synced = sync(desk.workspace, [environment]).environments[0]
    if synced.failed is not None:
        raise RemoteError(synced.failed, fix=synced.failed_fix or "Give the command again later.")
    report = check_drift(desk.workspace, [environment])
    drift = report.environments[0]
    if drift.drift_status is DriftStatus.UNKNOWN:
        problem = " ".join(drift.problems) or "The environment could not be read."
        raise RemoteError(problem, fix="The incident stays as it is. Give the command again once this is put right.")
    outcome = update_incidents(desk, report)
    markdown = checked_again_answer(synced, drift, not_recorded=report.not_recorded, incidents=outcome)
    failed = report.not_recorded is not None and report.not_recorded.exit_code is not ExitCode.DONE
    return Acted(markdown, ExitCode.REMOTE if failed or outcome.problems else ExitCode.DONE)


def _adopted(desk: Desk, incident: Incident, asked: Understood) -> Acted:
    from workflowops.commands.adopt import adopt
    from workflowops.core.text.adoption import adoption_text

    allows_secrets = asked.fields.get("allow_secrets", "").casefold() in _YES
    adoption = adopt(desk, incident, allow_secrets=allows_secrets)
    return Acted(adoption_text(adoption, links=desk.links), adoption.exit_code)


def _reversal(desk: Desk, incident: Incident) -> Acted:
    from workflowops.commands.revert import plan_reversal
    from workflowops.core.text.reversal import reversal_text

    reversal = plan_reversal(desk, incident)
    return Acted(reversal_text(reversal, links=desk.links), reversal.exit_code)
