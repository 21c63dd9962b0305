"""What a server takes of a workflow: all else is left out and named, before n8n refuses it or drops it unsaid."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from workflowops.core.abilities import Abilities
from workflowops.core.canonical import canonicalize
from workflowops.core.json import Json
from workflowops.core.localization import CLEARED, NOT_WRITABLE

_NODE_KEYS = frozenset({
    "alwaysOutputData", "continueOnFail", "credentials", "disabled", "executeOnce", "id", "maxTries", "name", "notes",
    "notesInFlow", "onError", "parameters", "position", "retryOnFail", "type", "typeVersion", "waitBetweenTries",
    "webhookId",
})  # fmt: skip
_SETTINGS_KEYS = frozenset({
    "availableInMCP", "callerIds", "callerPolicy", "errorWorkflow", "executionOrder", "executionTimeout",
    "saveDataErrorExecution", "saveDataSuccessExecution", "saveExecutionProgress", "saveManualExecutions",
    "timeSavedPerExecution", "timezone",
})  # fmt: skip
"""What n8n 1.123 and 2.41 both take: for a server that does not tell."""

_NOT_SAID: tuple[Json, ...] = (None, "", "DEFAULT")
"""Values of a setting that mean the same as leaving it out, and that n8n refuses for most of them or stores as text."""


_VANISHING: Mapping[str, Json] = {"executionTimeout": -1}
"""What a PUT takes out of the settings, sent or held: the default of a server that was not told another."""


@dataclass(frozen=True, slots=True)
class Writable:
    """The keys that a PUT of a workflow takes from a node and from the settings, and whether it takes node groups."""

    node_keys: Collection[str]
    settings_keys: Collection[str]
    node_groups: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings to be written. `staying` are those that n8n holds on to, since it merges what it is sent.

    `unwanted` are those of them that the file does not have. `vanishing` are keys that n8n takes out once they are
    sent. `dropped` are keys of the file that the server would not keep.
    """

    written: dict[str, Json] = field(default_factory=dict)
    staying: dict[str, Json] = field(default_factory=dict)
    unwanted: tuple[str, ...] = ()
    vanishing: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def writable_on(abilities: Abilities | None, *, live: Mapping[str, Json] | None) -> Writable:
    """Read what a server takes from what it says of itself; where it is silent, what every known version takes."""
    told = abilities is not None and bool(abilities.workflow_keys)
    groups = abilities.node_groups if told and abilities is not None else live is not None and "nodeGroups" in live
    return Writable(
        node_keys=(abilities.node_keys if abilities is not None else ()) or _NODE_KEYS,
        settings_keys=frozenset((abilities.settings_keys if abilities is not None else ()) or _SETTINGS_KEYS)
        - NOT_WRITABLE,
        node_groups=groups,
    )


def written_settings(
    given: Mapping[str, Json], *, live: Mapping[str, Json], writable: Writable, is_update: bool
) -> Settings:
    """Say which settings to send, so that n8n holds what is given, or as much of it as its API can bring about."""
    said = {key: value for key, value in given.items() if value not in _NOT_SAID}
    vanishing = tuple(key for key, value in _VANISHING.items() if is_update and said.get(key) == value)
    kept = {key for key in vanishing if live.get(key) in (None, _VANISHING[key])}
    written = {key: value for key, value in said.items() if key in writable.settings_keys and key not in kept}
    dropped = tuple(
        key for key, value in said.items() if key not in written and (key in kept or live.get(key) != value)
    )
    staying: dict[str, Json] = {}
    for key, value in live.items():
        is_vanishing = is_update and key in _VANISHING and value == _VANISHING[key]
        if key not in written and not is_vanishing and counts(key, value):
            if key not in said and key in CLEARED and key in writable.settings_keys:
                written[key] = CLEARED[key]
            else:
                staying[key] = value
    unwanted = tuple(key for key in staying if key not in said)
    return Settings(written=written, staying=staying, vanishing=vanishing, unwanted=unwanted, dropped=dropped)


def counts(key: str, value: Json) -> bool:
    """Say whether a setting of this value is something else than no setting at all."""
    form = canonicalize({"settings": {key: value}})
    return bool(form.logic["settings"] or form.references)
