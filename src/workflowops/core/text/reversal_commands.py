"""The steps of a reversal as commands for n8n's public API (measured on n8n 1.123.81 and 2.41.1)."""

import json
import shlex
from urllib.parse import quote

from workflowops.core.incident.reversal import ReversalAction, ReversalStep, ReversedWorkflow
from workflowops.core.localization import Localized
from workflowops.core.secrets import mask_text
from workflowops.core.text.plain import visible

_CURL = 'curl --fail-with-body --silent --show-error --header "X-N8N-API-KEY: $N8N_API_KEY"'
_NEW_ID = "$id"


def commands_of(each: ReversedWorkflow, *, commit: str) -> list[str]:
    """Answer the commands, in the order of the steps; none where the file alone does not say what is to be written.

    Every name from Git or n8n is quoted for the shell. The content comes from the commit, so nothing secret is shown.
    """
    path = each.workflow.file or ""
    has_plain_path = visible(path) == path and mask_text(path) == path
    writing = [step.written for step in each.steps if step.written is not None]
    if writing and not (has_plain_path and all(written.is_as_in_git for written in writing)):
        return []
    is_new = any(step.action is ReversalAction.CREATE for step in each.steps)
    workflow_id = _NEW_ID if is_new else quote(each.workflow.workflow_id or "", safe="")
    return [line for step in each.steps for line in _command(step, workflow_id, source=f"{commit}:{path}")]


def _command(step: ReversalStep, workflow_id: str, *, source: str) -> list[str]:
    address = f'"$N8N_URL/api/v1/workflows/{workflow_id}'
    if step.written is not None:
        reading = f"git show {shlex.quote(source)} | jq {shlex.quote(_program(step.written))}"
        sending = f'{_CURL} --header "Content-Type: application/json" --data @-'
        if step.action is ReversalAction.CREATE:
            return [f"id=$({reading} \\", f'  | {sending} "$N8N_URL/api/v1/workflows" | jq --raw-output .id)']
        return [f"{reading} \\", f'  | {sending} --request PUT {address}"']
    match step.action:
        case ReversalAction.UNARCHIVE:
            return [
                "# n8n 2.16 or newer; else in the list of workflows",
                f'{_CURL} --request POST {address}/unarchive"',
            ]
        case ReversalAction.SWITCH_OFF:
            return [f'{_CURL} --request POST {address}/deactivate"']
        case ReversalAction.SWITCH_ON:
            return [f'{_CURL} --request POST {address}/activate"']
        case _:
            return ["# The tags are set in the editor: the API asks for their ids."]


def _program(written: Localized) -> str:
    """Answer the jq program that makes the body of the request from the file."""
    keys = [key for key in written.document if key != "settings"]
    settings = "(.settings // {})"
    if written.added_settings:
        settings = f"({settings} + {json.dumps(dict(written.added_settings), sort_keys=True)})"
    return f"{{{', '.join(keys)}, settings: {settings}}}"
