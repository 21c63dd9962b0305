"""The values a difference between two workflows is made of."""

from dataclasses import dataclass

from workflowops.core.fields import ChangeType
from workflowops.core.json import Json
from workflowops.core.risk import Risk, highest


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field from one value to another.

    `path` starts at the node (`parameters.url`) or at the workflow (`settings.timezone`). A side without the field has
    the value None; `change_type` tells that from null. `labels` are the names that stand beside the value, such as
    `Authorization` beside the value of a header: the reader needs them, and masking does.
    """

    path: str
    old_value: Json
    new_value: Json
    risk: Risk
    change_type: ChangeType = ChangeType.MODIFIED
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A node that was added, removed, renamed or modified. A renamed one has its new name; `name` is in its changes."""

    node_name: str
    node_type: str
    change_type: ChangeType
    changes: tuple[FieldChange, ...]
    risk: Risk

    @property
    def fields_changed(self) -> tuple[str, ...]:
        """Answer the paths of the changed fields."""
        return tuple(change.path for change in self.changes)

    @property
    def old_value(self) -> Json:
        """Answer the value before when one field changed, else the values by field."""
        if len(self.changes) == 1:
            return self.changes[0].old_value
        return {c.path: c.old_value for c in self.changes if c.change_type is not ChangeType.ADDED}

    @property
    def new_value(self) -> Json:
        """Answer the value after when one field changed, else the values by field."""
        if len(self.changes) == 1:
            return self.changes[0].new_value
        return {
            change.path: change.new_value for change in self.changes if change.change_type is not ChangeType.REMOVED
        }


@dataclass(frozen=True, slots=True)
class ConnectionChange:
    """A connection that was added or removed, or an output whose targets start in another order.

    `output` and `input` name kind and index: `main[0]`. A reordered one has no single target: `old_order` and
    `new_order` hold the names of the targets in the order in which n8n starts them.
    """

    source: str
    output: str
    target: str
    change_type: ChangeType
    input: str = ""
    old_order: tuple[str, ...] = ()
    new_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkflowDiff:
    """The difference between two versions of a workflow: what runs, and which other workflows it names.

    `other_changes` holds what fits nowhere else, such as connections that could not be read; nothing that differs is
    left out.
    """

    name: FieldChange | None = None
    node_changes: tuple[NodeChange, ...] = ()
    connection_changes: tuple[ConnectionChange, ...] = ()
    settings_changes: tuple[FieldChange, ...] = ()
    reference_changes: tuple[FieldChange, ...] = ()
    other_changes: tuple[FieldChange, ...] = ()

    @property
    def has_changes(self) -> bool:
        """Say whether anything differs."""
        return self.name is not None or bool(self.node_changes or self.connection_changes) or bool(self.fields)

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """Answer the changed fields of the workflow itself, those of its nodes and its name not counted."""
        return self.settings_changes + self.reference_changes + self.other_changes

    @property
    def nodes_added(self) -> int:
        """Count the nodes that only the new version has."""
        return self._count(ChangeType.ADDED)

    @property
    def nodes_removed(self) -> int:
        """Count the nodes that only the old version has."""
        return self._count(ChangeType.REMOVED)

    @property
    def nodes_modified(self) -> int:
        """Count the nodes that were modified or renamed."""
        return self._count(ChangeType.MODIFIED) + self._count(ChangeType.RENAMED)

    @property
    def connections_changed(self) -> bool:
        """Say whether any connection, or the order in which targets start, differs."""
        return bool(self.connection_changes)

    @property
    def settings_changed(self) -> bool:
        """Say whether any setting differs."""
        return bool(self.settings_changes)

    @property
    def risk(self) -> Risk | None:
        """Answer the worst risk of all changes; None without changes."""
        risks = [change.risk for change in self.node_changes] + [change.risk for change in self.fields]
        if self.name is not None:
            risks.append(self.name.risk)
        if self.connection_changes:
            risks.append(Risk.STRUCTURE)
        return highest(risks)

    def _count(self, change_type: ChangeType) -> int:
        return sum(change.change_type is change_type for change in self.node_changes)
