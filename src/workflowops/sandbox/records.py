"""What the stand-in's database holds. Large JSON stays text, as in n8n's own tables."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One entry of a workflow's history: what can be published."""

    version_id: str
    workflow_id: str
    nodes: bytes
    connections: bytes
    node_groups: bytes
    created_at: str
    updated_at: str
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A row of workflow_entity; `active_version` is what runs, the other columns are the draft."""

    id: str
    name: str
    nodes: bytes
    connections: bytes
    settings: bytes
    version_id: str
    created_at: str
    updated_at: str
    node_groups: bytes = b"[]"
    static_data: bytes = b"null"
    pin_data: bytes = b"null"
    meta: bytes = b"null"
    description: str | None = None
    active_version: Version | None = None
    is_archived: bool = False
    version_counter: int = 1
    trigger_count: int = 0
    tag_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishEvent:
    """A line of the publish history."""

    id: int
    workflow_id: str
    version_id: str
    event: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; names are unique."""

    id: str
    name: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential without its secret; names are not unique."""

    id: str
    name: str
    type: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class DataTable:
    """A data table without its rows; `columns` are name and type."""

    id: str
    name: str
    columns: tuple[tuple[str, str], ...]
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Owner:
    """The person whose instance this is: personal data that n8n answers with and nobody may commit."""

    user_id: str
    project_id: str
    first_name: str = "Sandy"
    last_name: str = "Owner"
    email: str = "sandy.owner@example.com"
    since: str = field(default="2026-01-01T00:00:00.000Z")

    @property
    def name(self) -> str:
        """First and last name, as the authors of a version are named."""
        return f"{self.first_name} {self.last_name}"


def instant(now: datetime) -> str:
    """Write a moment as n8n does: UTC, milliseconds, Z."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def whole_second(now: datetime) -> str:
    """Write a moment as the database does where n8n leaves it to a column's default."""
    return instant(now.replace(microsecond=0))
