"""Git's version of a workflow as it is written to one instance: its ids, its credentials, what its API takes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.core.localization import Instance, Localized, localized
from workflowops.core.promotion.checking import Checked, faults_of, left_out
from workflowops.core.promotion.finding import Finding
from workflowops.core.promotion.placing import Nodes
from workflowops.core.promotion.plan import CREATED_PREFIX, CredentialBinding
from workflowops.core.promotion.references import (
    TO_WORKFLOWS,
    Reference,
    ReferenceKind,
    calls_of,
    changed_references,
)
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.promotion.writable import Settings, Writable, writable_on, written_settings
from workflowops.core.standing import Resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebound:
    """A workflow as it is sent, and what there is to know about it.

    `document` holds exactly what the body of a PUT or POST may hold. `staying` are settings that n8n goes on holding
    whatever is sent, `vanishing` those that it takes out when they are sent. `dropped` are the fields of the file that
    are not sent. `calls` are the canonical ids that have to be published before; `names` all that it refers to, itself
    not.
    """

    document: dict[str, Json]
    staying: Mapping[str, Json] = field(default_factory=dict)
    vanishing: tuple[str, ...] = ()
    credentials: tuple[CredentialBinding, ...] = ()
    dropped: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def read_back(self) -> dict[str, Json]:
        """Answer what n8n holds once the document is written."""
        held = self.document.get("settings")
        sent = held if isinstance(held, dict) else {}
        kept = {key: value for key, value in sent.items() if key not in self.vanishing}
        return {**self.document, "settings": {**self.staying, **kept}}


def rebound(candidate: Candidate, *, target: Target, created: Collection[str]) -> Rebound:
    """Give a file the ids of the target, as what runs there and what was applied there tell them.

    `created` are the canonical ids of the workflows that the same plan creates: what refers to one of them names it by
    CREATED_PREFIX and that id. Rebinding what is bound changes nothing. Whatever could not be proven to mean the right
    thing is a finding. Raises ValueError when there is no file, or when n8n's text of the workflow is not JSON.
    """
    if candidate.file is None:
        raise ValueError("There is no file to be written.")
    draft, running = _held(candidate)
    live = running or draft
    placed = localized(candidate.file, live=live, applied=candidate.applied, instance=_instance(target, created))
    writable = writable_on(target.abilities, live=draft)
    nodes = Nodes(candidate, target, live or {}, writable)
    settings = _settings(placed, draft, writable)
    document: dict[str, Json] = {
        "name": candidate.file.get("name"),
        "nodes": nodes.written(placed.document.get("nodes"), declared=candidate.file.get("nodes")),
        "connections": candidate.file.get("connections") or {},
        "settings": settings.written,
        **_groups(candidate.file, draft, nodes, writable),
    }
    references = calls_of(document, resolve=_namer(target))
    checked = Checked(candidate, target, [each for each in (draft, running) if each is not None])
    dropped = (*nodes.dropped, *(f"settings.{key}" for key in settings.dropped), *_unsent(candidate.file, writable))
    return Rebound(
        document=document,
        staying=settings.staying,
        vanishing=settings.vanishing,
        credentials=tuple(nodes.binder.bindings),
        dropped=dropped,
        calls=_canonical_ids(candidate, [each for each in references if _is_call(each)]),
        names=_canonical_ids(candidate, references),
        findings=(
            *faults_of(candidate, draft),
            *nodes.binder.findings,
            *checked.findings(references),
            *checked.ambiguous(),
            *checked.inline(document),
            *left_out(candidate, dropped=dropped, settings=settings),
        ),
    )


def with_created_ids(document: Mapping[str, Json], ids: Mapping[str, str]) -> dict[str, Json]:
    """Put n8n ids in place of what stood for workflows that did not exist yet; `ids` is canonical id -> n8n id."""

    def existing(held: str) -> str:
        return ids.get(held.removeprefix(CREATED_PREFIX), held) if held.startswith(CREATED_PREFIX) else held

    return changed_references(document, existing)


def without_created(document: Mapping[str, Json]) -> dict[str, Json]:
    """Empty every reference to a workflow that does not exist yet, so that this one can be created before it."""
    return changed_references(document, lambda held: "" if held.startswith(CREATED_PREFIX) else held)


def created_in(document: Mapping[str, Json]) -> tuple[str, ...]:
    """Name the canonical ids of the workflows that a document refers to and that do not exist yet."""
    found = (each.canonical_id for each in calls_of(document, resolve=_created_id) if each.kind in TO_WORKFLOWS)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _held(candidate: Candidate) -> tuple[dict[str, Json] | None, dict[str, Json] | None]:
    """Answer what n8n's editor shows of the workflow, and what it runs where that is kept apart."""
    return (None, None) if candidate.live is None else (candidate.live.document(), candidate.live.published())


def _instance(target: Target, created: Collection[str]) -> Instance:
    return Instance(
        ids={**target.ids, **{each: f"{CREATED_PREFIX}{each}" for each in created}},
        here=lambda held: _created_id(held) or target.here(held),
        anywhere=lambda held: _created_id(held) or target.anywhere(held),
    )


def _namer(target: Target) -> Resolve:
    """Answer what says which workflow under Git an id of the target stands for."""
    named = {workflow_id: canonical_id for canonical_id, workflow_id in target.ids.items()}
    return lambda held: _created_id(held) or named.get(held)


def _created_id(held: str) -> str | None:
    return held.removeprefix(CREATED_PREFIX) if held.startswith(CREATED_PREFIX) else None


def _settings(placed: Localized, draft: Mapping[str, Json] | None, writable: Writable) -> Settings:
    """Answer the settings to be written: those of the file with the target's ids, and what clears the others."""
    held, there = placed.document.get("settings"), None if draft is None else draft.get("settings")
    given = held if isinstance(held, dict) else {}
    own = {key: value for key, value in given.items() if key not in placed.added_settings}
    return written_settings(
        own, live=there if isinstance(there, dict) else {}, writable=writable, is_update=draft is not None
    )


def _groups(
    file: Mapping[str, Json], draft: Mapping[str, Json] | None, nodes: Nodes, writable: Writable
) -> dict[str, Json]:
    """Answer the node groups to be sent; none are sent only where the target has none either."""
    if not writable.node_groups:
        return {}
    wanted = nodes.groups(file.get("nodeGroups"))
    return {"nodeGroups": wanted} if wanted or (draft or {}).get("nodeGroups") else {}


def _unsent(file: Mapping[str, Json], writable: Writable) -> list[str]:
    keys = ("pinData", "staticData") if writable.node_groups else ("nodeGroups", "pinData", "staticData")
    return [key for key in keys if file.get(key)]


def _is_call(reference: Reference) -> bool:
    return reference.kind is ReferenceKind.EXECUTE_WORKFLOW and reference.is_used


def _canonical_ids(candidate: Candidate, references: Iterable[Reference]) -> tuple[str, ...]:
    found = dict.fromkeys(each.canonical_id for each in references if each.kind in TO_WORKFLOWS)
    return tuple(each for each in found if each is not None and each != candidate.canonical_id)
