"""Risk classes of a change: what can hurt production, and how much."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from urllib.parse import urlsplit

from workflowops.core.field_path import Part
from workflowops.core.json import Json
from workflowops.core.secret_names import first_secret_name


class Risk(StrEnum):
    """What a change touches, from harmless to dangerous; the order of the members is the ranking."""

    LAYOUT = "layout"
    NAME = "name"
    ERROR_HANDLING = "error_handling"
    SETTINGS = "settings"
    PARAMETER = "parameter"
    SCHEDULE = "schedule"
    STRUCTURE = "structure"
    URL = "url"
    REFERENCE = "reference"
    CREDENTIAL = "credential"
    CODE = "code"
    TRIGGER = "trigger"


_RANKS = {risk: rank for rank, risk in enumerate(Risk)}

_TRIGGER_TYPES = frozenset({"webhook", "emailReadImap", "start"})
_SCHEDULE_TYPES = frozenset({"scheduleTrigger", "cron", "interval"})
_CODE_TYPES = frozenset({"code", "function", "functionItem", "toolCode", "executeCommand"})
_CODE_KEYS = frozenset({"jsCode", "pythonCode", "functionCode", "code", "query", "command", "script", "workflowJson"})
_CREDENTIAL_KEYS = frozenset({"authentication", "nodeCredentialType", "genericAuthType"})
_ERROR_KEYS = frozenset({
    "alwaysOutputData", "continueOnFail", "maxTries", "neverError", "onError", "retryOnFail", "waitBetweenTries",
})  # fmt: skip
_URL_KEY = re.compile(r"url|uri|host|domain|endpoint|server|instance", re.IGNORECASE)
_ADDRESS = re.compile(r"=?\s*[a-z][\w+.-]*://", re.IGNORECASE)
_DEEPEST = 20
_ENTRANCE_SETTINGS = frozenset({"availableInMCP", "callerIds", "callerPolicy"})
_REFERENCE_MARKERS = frozenset({"<workflow>", "<workflows>", "<data table>"})


def rank(risk: Risk) -> int:
    """Answer how dangerous a risk class is; higher is worse."""
    return _RANKS[risk]


def highest(risks: Iterable[Risk]) -> Risk | None:
    """Answer the worst of several; None of none."""
    return max(risks, key=rank, default=None)


def is_trigger(node_type: str) -> bool:
    """Say whether a node starts the workflow: webhooks, schedules, forms, chats and the triggers of services."""
    name = _short_type(node_type)
    return name in _TRIGGER_TYPES or name in _SCHEDULE_TYPES or name.lower().endswith("trigger")


def risk_of_field(path: Sequence[Part], *, node_type: str, old: Json, new: Json, labels: Sequence[str] = ()) -> Risk:
    """Class a changed field of a node. `path` starts at the node: ("parameters", "url"). None stands for "absent".

    `labels` are names beside the field, such as `Authorization` beside the value of a header.
    """
    keys = [part for part in path if isinstance(part, str)]
    top = keys[0] if keys else ""
    if top == "name":
        return Risk.NAME
    if top == "credentials" or _CREDENTIAL_KEYS.intersection(keys) or first_secret_name([*keys, *labels]):
        return Risk.TRIGGER if top != "credentials" and is_trigger(node_type) else Risk.CREDENTIAL
    if top in ("disabled", "type"):
        return Risk.TRIGGER if is_trigger(node_type) else Risk.STRUCTURE
    if _ERROR_KEYS.intersection(keys):
        return Risk.ERROR_HANDLING
    return _risk_of_parameter(keys, node_type=node_type, old=old, new=new)


def risk_of_node(node_type: str, fields: Iterable[Risk]) -> Risk:
    """Class a node that was added or removed: at least a change of structure, a trigger as a trigger."""
    least = Risk.TRIGGER if is_trigger(node_type) else Risk.STRUCTURE
    return highest((least, *fields)) or least


def risk_of_setting(key: str) -> Risk:
    """Class a workflow setting: who may call the workflow, when it runs, what happens when it fails, or the rest."""
    if key in _ENTRANCE_SETTINGS:
        return Risk.TRIGGER
    if key == "timezone":
        return Risk.SCHEDULE
    return Risk.ERROR_HANDLING if key == "errorWorkflow" else Risk.SETTINGS


def risk_of_reference(kind: str) -> Risk:
    """Class an id of another workflow or data table by the part of the references that it stands in."""
    if kind == "caller_ids":
        return Risk.TRIGGER
    return Risk.ERROR_HANDLING if kind == "error_workflow" else Risk.REFERENCE


def _risk_of_parameter(keys: Sequence[str], *, node_type: str, old: Json, new: Json) -> Risk:
    name = _short_type(node_type)
    if name in _SCHEDULE_TYPES:
        return Risk.SCHEDULE
    if is_trigger(node_type):
        return Risk.TRIGGER
    if _CODE_KEYS.intersection(keys) or (name in _CODE_TYPES and keys[:1] == ["parameters"]):
        return Risk.CODE
    if _is_reference(old) or _is_reference(new):
        return Risk.REFERENCE
    if _moves_elsewhere(keys[-1] if keys else "", old, new):
        return Risk.URL
    inner = [
        _risk_of_parameter([*keys, key], node_type=node_type, old=None, new=value)
        for side in (old, new)
        if isinstance(side, dict) and len(keys) < _DEEPEST
        for key, value in side.items()
    ]
    return highest((Risk.PARAMETER, *inner)) or Risk.PARAMETER


def _is_reference(value: Json) -> bool:
    return isinstance(value, str) and value in _REFERENCE_MARKERS


def _moves_elsewhere(key: str, old: Json, new: Json) -> bool:
    """Say whether data may go to another host than before. An address that cannot be read may."""
    addresses = [value for value in (old, new) if isinstance(value, str)]
    if not any(_ADDRESS.match(value) for value in addresses) and not (addresses and _URL_KEY.search(key)):
        return False
    return len(addresses) < 2 or _origin(addresses[0]) is None or _origin(addresses[0]) != _origin(addresses[1])


def _origin(address: str) -> tuple[str, str] | None:
    """Answer scheme and authority; None for expressions and for what is no address."""
    try:
        parts = urlsplit(address.removeprefix("="))
    except ValueError:
        return None
    if not parts.netloc or "{{" in parts.netloc:
        return None
    return parts.scheme.lower(), parts.netloc.lower()


def _short_type(node_type: str) -> str:
    return node_type.rpartition(".")[2]
