"""Git's version of a workflow as one instance has to hold it: with that instance's own ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.json import Json, printable
from workflowops.core.records import AppliedWorkflow
from workflowops.core.references import data_table_reference, workflow_reference
from workflowops.core.standing import Content, Resolve, content_keys

Object = Mapping[str, Json]

WRITTEN = ("name", "nodes", "connections", "settings", "nodeGroups")
CLEARED: Mapping[str, Json] = {
    "availableInMCP": False,
    "callerIds": "",
    "callerPolicy": "workflowsFromSameOwner",
    "customTelemetryTags": [],
    "errorWorkflow": "DEFAULT",
    "executionOrder": "v0",
    "timeSavedMode": "fixed",
    "timezone": "DEFAULT",
}
"""n8n merges settings, so one that Git does not have is written as what means the same (measured, 2.41.1)."""

NOT_WRITABLE = frozenset({"binaryMode", "engineType"})
"""Settings that n8n's API takes and drops, or refuses."""

_EDITOR_ONLY = frozenset({
    "executionTimeout", "saveDataErrorExecution", "saveDataSuccessExecution", "saveExecutionProgress",
    "saveManualExecutions", "timeSavedPerExecution",
})  # fmt: skip
"""Settings that can be set through n8n's API, but not be taken back to their default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """What ids mean. `ids` is canonical id -> n8n id of the workflows that live in this instance.

    `here` says what an id of this instance stands for, `anywhere` one of any instance.
    """

    ids: Mapping[str, str]
    here: Resolve
    anywhere: Resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Localized:
    """A document to be written. `unknown_ids` could not be translated; `editor_settings` only the editor can set.

    `is_as_in_git` says that only `added_settings` tell its parts from those of the file.
    """

    document: dict[str, Json]
    added_settings: Mapping[str, Json] = field(default_factory=dict)
    is_as_in_git: bool = True
    unknown_ids: tuple[str, ...] = ()
    editor_settings: tuple[str, ...] = ()


def localized(
    file: Mapping[str, Json], *, live: Mapping[str, Json] | None, applied: AppliedWorkflow | None, instance: Instance
) -> Localized:
    """Give a file this instance's ids of workflows, data tables, credentials and webhooks, wherever they are known.

    An id means what it would mean to a drift check (`content_keys`). The credentials that n8n has under the same type
    and name keep their id; a reference without any id is given null, because n8n binds it to any other one else.
    """
    meaning = _Meaning(instance, live=_references(live), applied=_applied(applied), agreed=_agreed(applied).references)
    given = {key: file[key] for key in WRITTEN if key in file}
    kept = dict(given)
    if isinstance(nodes := file.get("nodes"), list):
        live_nodes = _by_name(None if live is None else live.get("nodes"))
        kept["nodes"] = [_node(node, live_nodes, meaning) if isinstance(node, dict) else node for node in nodes]
    kept["settings"] = settings = _settings(file.get("settings"), meaning)
    lacking = _object(None if live is None else live.get("settings")).keys() - settings.keys()
    added = {key: CLEARED[key] for key in sorted(lacking) if key in CLEARED}
    return Localized(
        document={**kept, "settings": {**settings, **added}},
        added_settings=added,
        is_as_in_git=kept == {"settings": {}, **given},
        unknown_ids=tuple(dict.fromkeys(meaning.unknown)),
        editor_settings=tuple(sorted((lacking & _EDITOR_ONLY) | _not_writable(settings, live))),
    )


def would_be_in_sync(
    document: Mapping[str, Json], *, file: Mapping[str, Json], applied: AppliedWorkflow | None, instance: Instance
) -> bool:
    """Say whether a drift check would find the file and a workflow with this document equal."""
    keys = content_keys(
        declared=_content(file),
        live=_content(document),
        applied=None if applied is None else Content(applied.content_hash, applied.references),
        agreed=None if applied is None else _agreed(applied),
        here=instance.here,
        anywhere=instance.anywhere,
    )
    return keys.declared == keys.live


class _Meaning:
    """Says which id a declared one is in this instance, and remembers those that nobody knows."""

    def __init__(
        self, instance: Instance, *, live: dict[str, Json], applied: dict[str, Json], agreed: dict[str, Json]
    ) -> None:
        self._instance = instance
        self._said = (live, applied, agreed)
        self.unknown: list[str] = []

    def of(self, declared: str, *place: str) -> str:
        """Answer the id for a reference at a place, such as the workflows that the node `Call` names."""
        known = self.known(declared)
        if known is not None:
            return known
        live, applied, agreed = (_at(said, place) for said in self._said)
        if declared in (live, applied):
            return declared
        if isinstance(applied, str) and agreed in (None, declared):
            return applied
        self.unknown.append(declared)
        return declared

    def known(self, declared: str) -> str | None:
        """Answer the living workflow that an id stands for."""
        means = self._instance.anywhere(declared)
        if means is None or declared == means:
            return means
        is_own = self._instance.here(declared) == means
        return self._instance.ids.get(means, declared if is_own else None)

    def of_all(self, declared: list[str], *place: str) -> list[str]:
        """Answer the ids for a list of them."""
        is_said = any(_at(said, place) == [*sorted(declared)] for said in self._said[:2])
        return [self.known(each) or (each if is_said else self.of(each, *place)) for each in declared]


def _node(node: dict[str, Json], live_nodes: Mapping[str, dict[str, Json]], meaning: _Meaning) -> dict[str, Json]:
    name = str(node.get("name"))
    there = live_nodes.get(name, {})
    kept = dict(node)
    if isinstance(parameters := node.get("parameters"), dict):
        kept["parameters"] = {
            key: _parameter(key, value, node, _object(there.get("parameters")), meaning)
            for key, value in parameters.items()
        }
    if isinstance(credentials := node.get("credentials"), dict):
        known = _object(there.get("credentials"))
        kept["credentials"] = {kind: _credential(value, known.get(kind)) for kind, value in credentials.items()}
    own = _webhook_of(node)
    if isinstance(own, str):
        kept["webhookId"] = meaning.of(own, "webhooks", printable(name))
    elif there.get("webhookId") and "webhookId" in node:
        kept["webhookId"] = there["webhookId"]
    return kept


def _parameter(key: str, value: Json, node: Object, there: Object, meaning: _Meaning) -> Json:
    name = printable(str(node.get("name")))
    workflow = workflow_reference(node.get("type"), key, value)
    table = None if workflow is not None else data_table_reference(key, value)
    declared = workflow or table
    if declared is None:
        return value
    wanted = meaning.of(declared, "workflows" if workflow is not None else "data_tables", name)
    if wanted == declared:
        return value
    if not isinstance(value, dict):
        return wanted
    live = there.get(key)
    if isinstance(live, dict) and live.get("value") == wanted:
        return live
    return {**{part: held for part, held in value.items() if not part.startswith("cachedResult")}, "value": wanted}


def _credential(value: Json, there: Json) -> Json:
    if not isinstance(value, dict):
        return value
    if isinstance(there, dict) and there.get("name") == value.get("name") and there.get("id") is not None:
        return {**value, "id": there["id"]}
    return value if "id" in value else {**value, "id": None}


def _webhook_of(node: dict[str, Json]) -> Json:
    """Answer the webhookId of a node that is reached under it."""
    found = canonicalize({"nodes": [node]}).references.get("webhooks")
    return next(iter(found.values()), None) if isinstance(found, dict) else None


def _settings(settings: Json, meaning: _Meaning) -> dict[str, Json]:
    kept = dict(_object(settings))
    error_workflow, callers = kept.get("errorWorkflow"), kept.get("callerIds")
    if isinstance(error_workflow, str) and error_workflow not in ("", "DEFAULT"):
        kept["errorWorkflow"] = meaning.of(error_workflow, "error_workflow")
    if isinstance(callers, str) and callers.strip(", "):
        given = [each.strip() for each in callers.split(",") if each.strip()]
        wanted = meaning.of_all(given, "caller_ids")
        kept["callerIds"] = callers if wanted == given else ",".join(wanted)
    return kept


def _not_writable(settings: Object, live: Mapping[str, Json] | None) -> set[str]:
    there = _object(None if live is None else live.get("settings"))
    return {key for key in NOT_WRITABLE if settings.get(key) != there.get(key)}


def _references(document: Mapping[str, Json] | None) -> dict[str, Json]:
    return {} if document is None else canonicalize(document).references


def _applied(applied: AppliedWorkflow | None) -> dict[str, Json]:
    return {} if applied is None else applied.references


def _agreed(applied: AppliedWorkflow | None) -> Content:
    """Answer what the file said when the baseline was taken."""
    if applied is None:
        return Content("", {})
    return Content(
        applied.content_hash if applied.git_content_hash is None else applied.git_content_hash,
        applied.references if applied.git_references is None else applied.git_references,
    )


def _content(document: Mapping[str, Json]) -> Content:
    form = canonicalize(document)
    return Content(digests(form).logic, form.references)


def _at(value: Json, place: tuple[str, ...]) -> Json:
    for step in place:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _by_name(nodes: Json) -> dict[str, dict[str, Json]]:
    listed = nodes if isinstance(nodes, list) else []
    return {str(node.get("name")): node for node in listed if isinstance(node, dict)}


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
