"""What was seen of one n8n instance when it was examined, before anything is said about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from workflowops.core.abilities import Abilities
from workflowops.core.configuration import Connection, Environment
from workflowops.core.doctor.key import KeyRights
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.collisions import listeners_of
from workflowops.core.promotion.credentials import known_credential
from workflowops.core.promotion.target import Credential, Listener
from workflowops.errors import ConfigurationError, WorkflowOpsError


@dataclass(frozen=True, slots=True)
class CredentialUse:
    """A credential as a workflow names it; `id` is None where it names none."""

    type: str
    name: str
    id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedWorkflow:
    """What the checks need of a workflow. `size` is in bytes, of its draft as n8n sends it.

    `listeners` are those of the published version where it is active, else of the draft.
    """

    id: str
    name: str
    is_active: bool
    is_archived: bool
    size: int
    credentials: tuple[CredentialUse, ...] = ()
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Our clock before and after the server was asked for its own, which is None where it does not tell."""

    before: datetime
    server: datetime | None
    after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """One instance as it was found. `workflows` is None when they could not all be listed, and `failure` says why.

    `misconfigured` says why nothing was asked at all. `credentials` is None where the server or the key tells none;
    `credentials_failure` says why where that is known. `odd` are sentences about workflows that cannot be read.
    """

    environment: Environment
    connection: Connection | None = None
    misconfigured: ConfigurationError | None = None
    failure: WorkflowOpsError | None = None
    rights: KeyRights | None = None
    rights_failure: WorkflowOpsError | None = None
    abilities: Abilities | None = None
    clocks: Clocks | None = None
    workflows: tuple[ExaminedWorkflow, ...] | None = None
    odd: tuple[str, ...] = ()
    credentials: tuple[Credential, ...] | None = None
    credentials_failure: WorkflowOpsError | None = None

    @property
    def present(self) -> tuple[ExaminedWorkflow, ...]:
        """Answer the workflows that are not archived; none where they could not be listed."""
        return tuple(each for each in self.workflows or () if not each.is_archived)


def examined(listed: ListedWorkflow) -> ExaminedWorkflow:
    """Take from a workflow what the checks need. Raises ValueError when n8n's text of it is no JSON."""
    draft = listed.document()
    published = listed.published() if listed.active else None
    running = draft if published is None else published
    return ExaminedWorkflow(
        id=listed.id,
        name=listed.name,
        is_active=listed.active,
        is_archived=listed.is_archived,
        size=len(bytes(listed.draft.nodes)) + len(bytes(listed.draft.connections)) + len(bytes(listed.settings)),
        credentials=tuple(dict.fromkeys([*_credentials(draft), *_credentials(running)])),
        listeners=listeners_of(running, workflow_id=listed.id, workflow_name=listed.name),
    )


def _credentials(document: Mapping[str, Json]) -> Iterator[CredentialUse]:
    nodes = document.get("nodes")
    for node in nodes if isinstance(nodes, list) else []:
        held = node.get("credentials") if isinstance(node, dict) else None
        for kind, reference in (held if isinstance(held, dict) else {}).items():
            known = known_credential(reference, kind)
            name = reference.get("name") if isinstance(reference, dict) else None
            if known is not None:
                yield CredentialUse(kind, known.name, known.id)
            elif isinstance(name, str) and name:
                yield CredentialUse(kind, name, None)
