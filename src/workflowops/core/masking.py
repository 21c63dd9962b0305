"""A difference as it may be shown: every value, name and path masked, by one gate."""

import re
from dataclasses import dataclass, replace

from workflowops.core.changes import ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.field_path import parse_path, render_path
from workflowops.core.json import Json
from workflowops.core.secrets import MASK, mask, mask_text

_MOST_KNOWN = 500


@dataclass(frozen=True, slots=True)
class Redaction:
    """Hides texts known to be secret wherever they occur, beside what gives itself away.

    A password has no shape of its own: the field `password` marks it, and nothing does where the same text stands in a
    code node or in a name.
    """

    known: re.Pattern[str] | None = None

    def text(self, text: str) -> str:
        """Mask a text of no particular place, such as the name of a workflow or a node."""
        return mask_text(self._without_known(text))

    def value(self, value: Json) -> Json:
        """Hide the known texts in a value that was masked by its place already."""
        if self.known is None:
            return value
        if isinstance(value, dict):
            return {self._without_known(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self._without_known(value) if isinstance(value, str) else value

    def _without_known(self, text: str) -> str:
        return text if self.known is None else self.known.sub(MASK, text)


def masked(diff: WorkflowDiff) -> WorkflowDiff:
    """Answer the difference with every secret hidden. Masking twice changes nothing."""
    return masked_with_redaction(diff)[0]


def masked_with_redaction(diff: WorkflowDiff) -> tuple[WorkflowDiff, Redaction]:
    """Answer the masked difference, and what hides its secrets in all else that is told about the workflow."""
    hidden: set[str] = set()
    by_place = WorkflowDiff(
        name=None if diff.name is None else _by_place(diff.name, hidden),
        node_changes=tuple(
            replace(node, changes=tuple(_by_place(change, hidden) for change in node.changes))
            for node in diff.node_changes
        ),
        connection_changes=diff.connection_changes,
        settings_changes=tuple(_by_place(change, hidden) for change in diff.settings_changes),
        # The path of a reference holds the name of a node, which says nothing about the id.
        reference_changes=tuple(_by_place(change, hidden, path="") for change in diff.reference_changes),
        other_changes=tuple(_by_place(change, hidden) for change in diff.other_changes),
    )
    known = sorted((text for text in hidden if _is_telling(text)), key=lambda text: (-len(text), text))[:_MOST_KNOWN]
    redaction = Redaction(re.compile("|".join(re.escape(text) for text in known)) if known else None)
    return _everywhere(by_place, redaction), redaction


def _by_place(change: FieldChange, hidden: set[str], path: str | None = None) -> FieldChange:
    where = change.path if path is None else path
    return replace(
        change,
        old_value=mask(change.old_value, path=where, labels=change.labels, hidden=hidden),
        new_value=mask(change.new_value, path=where, labels=change.labels, hidden=hidden),
    )


def _everywhere(diff: WorkflowDiff, redaction: Redaction) -> WorkflowDiff:
    return WorkflowDiff(
        name=None if diff.name is None else _field(diff.name, redaction),
        node_changes=tuple(_node(change, redaction) for change in diff.node_changes),
        connection_changes=tuple(_connection(change, redaction) for change in diff.connection_changes),
        settings_changes=tuple(_field(change, redaction) for change in diff.settings_changes),
        reference_changes=tuple(_field(change, redaction) for change in diff.reference_changes),
        other_changes=tuple(_field(change, redaction) for change in diff.other_changes),
    )


def _is_telling(text: str) -> bool:
    """Say whether a text is long enough to be hidden everywhere; `test` as a password would blot out half a page."""
    return len(text) >= 8 or (len(text) >= 6 and not text.isalpha())


def _field(change: FieldChange, redaction: Redaction) -> FieldChange:
    return replace(
        change,
        path=render_path([redaction.text(part) if isinstance(part, str) else part for part in parse_path(change.path)]),
        old_value=redaction.value(change.old_value),
        new_value=redaction.value(change.new_value),
        labels=tuple(redaction.text(label) for label in change.labels),
    )


def _node(change: NodeChange, redaction: Redaction) -> NodeChange:
    return replace(
        change,
        node_name=redaction.text(change.node_name),
        node_type=redaction.text(change.node_type),
        changes=tuple(_field(field, redaction) for field in change.changes),
    )


def _connection(change: ConnectionChange, redaction: Redaction) -> ConnectionChange:
    return replace(
        change,
        source=redaction.text(change.source),
        output=redaction.text(change.output),
        target=redaction.text(change.target),
        input=redaction.text(change.input),
        old_order=tuple(redaction.text(name) for name in change.old_order),
        new_order=tuple(redaction.text(name) for name in change.new_order),
    )
