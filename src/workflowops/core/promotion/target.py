"""What is known of a target instance when a plan is made for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.abilities import Abilities
from workflowops.core.configuration import Environment, Stage
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.records import AppliedWorkflow, DeclaredCopy, MappedWorkflow
from workflowops.core.standing import Resolve
from workflowops.core.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential of an instance by its labels; what it holds is never read."""

    id: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials of an instance.

    Unless `is_complete` the server lists none, and these are only those that its workflows were seen to use.
    """

    known: tuple[Credential, ...] = ()
    is_complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """An address that an active workflow of the target listens on; `path` is None-free, without slashes around it."""

    method: str
    path: str
    workflow_id: str
    workflow_name: str
    node_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One instance, freshly listed.

    `ids` is canonical id -> n8n id of the workflows that live there. `here` says what an id of this instance stands
    for, `anywhere` one of any instance. `names` and `published` are by n8n id; `callers` is n8n id -> n8n ids of the
    workflows there that refer to it. `listeners` are those of active workflows. `in_source` are the linked workflows of
    the stage before, by their ids there.
    """

    environment: Environment
    stage: Stage
    abilities: Abilities | None
    ids: Mapping[str, str]
    here: Resolve
    anywhere: Resolve
    names: Mapping[str, str] = field(default_factory=dict)
    published: frozenset[str] = frozenset()
    callers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)
    listeners: tuple[Listener, ...] = ()
    in_source: Mapping[str, MappedWorkflow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The same workflow in the stage before: None where there is no such stage or no such copy there.

    `is_ahead` says that n8n there runs something that its own file does not say.
    """

    workflow_id: str | None
    is_active: bool | None
    is_ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A workflow that the plan is asked about.

    `file` is what Git declares for the target, None where the file was removed or cannot be read; `verdict` how a drift
    check judges it there, None where neither side has it; `live` what n8n holds of it. `origin` is the stage before's
    file, None where there is none.
    """

    canonical_id: str
    canonical_slug: str
    file: Mapping[str, Json] | None
    copy: DeclaredCopy | None
    path: str | None
    verdict: Verdict | None
    live: ListedWorkflow | None
    applied: AppliedWorkflow | None
    source: Source | None = None
    origin: Mapping[str, Json] | None = None
    problem: str | None = None
