"""One workflow's difference as Markdown: what changed, from which value to which, and a picture of it."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workflowops.core.diff import ChangeType, ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.drift import WorkflowDrift
from workflowops.core.json import Json
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.standing import DRIFT
from workflowops.core.text.markdown import code, details, escaped, fence, joined, table
from workflowops.core.text.mermaid import graph
from workflowops.core.text.plain import count, cut
from workflowops.core.text.values import is_text_block, pair, text_difference, told
from workflowops.core.text.words import CHANGES, RISKS, activation_told, kind_of, notes_of, short_type, tags_told

LONGEST_NAME = 150
_LONGEST_VALUE = 300
_LONGEST_NOTE = 1_000
_COMMENT = re.compile(r"<(?=!--)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of a difference is told: changes, lines of a text, columns of such a line.

    `is_long_below` tells values that a table has to cut line by line below it.
    """

    most_changes: int
    most_text_lines: int
    width: int
    is_long_below: bool = False


IN_SHORT = Extent(most_changes=60, most_text_lines=40, width=200)
IN_FULL = Extent(most_changes=5_000, most_text_lines=5_000, width=2_000, is_long_below=True)


@dataclass(frozen=True, slots=True)
class ShownWorkflow:
    """A workflow as it may be shown: its name and its difference masked."""

    workflow: WorkflowDrift
    redaction: Redaction
    diff: WorkflowDiff | None

    @property
    def name(self) -> str:
        """Answer the name as Markdown."""
        return code(cut(self.redaction.text(self.workflow.workflow_name), LONGEST_NAME))


def shown(workflow: WorkflowDrift) -> ShownWorkflow:
    """Mask a workflow, so that it can be shown."""
    diff, redaction = (None, Redaction()) if workflow.diff is None else masked_with_redaction(workflow.diff)
    return ShownWorkflow(workflow, redaction, diff)


def section(one: ShownWorkflow, *, extent: Extent) -> list[str]:
    """Tell one workflow, folded; nothing for one that has nothing to unfold, such as one that is gone.

    No line of it but the first, the last and those of a code block's fence means anything to Markdown beyond itself, so
    that it can be cut between two lines (`shortened`).
    """
    workflow = one.workflow
    notes: list[str] = []
    if workflow.problem:
        notes.append(f"- :warning: {escaped(cut(one.redaction.text(workflow.problem), _LONGEST_NOTE))}")
    if workflow.activation is not None:
        notes.append(f"- {escaped(activation_told(workflow.activation))}")
    if workflow.tags is not None:
        notes.append(f"- {escaped(cut(one.redaction.text(tags_told(workflow.tags)), _LONGEST_NOTE))}")
    notes += [f"- {told}" for told in notes_of(workflow)]
    body = joined([notes, *([] if one.diff is None else difference(one.diff, extent=extent))])
    return details(f"{one.name} {escaped(kind_of(workflow))}", body, is_open=workflow.kind in DRIFT) if body else []


def difference(diff: WorkflowDiff, *, extent: Extent, sides: tuple[str, str] = ("Git", "n8n")) -> list[list[str]]:
    """Tell a masked difference in blocks: a picture, a table, long texts line by line. `sides` are called old and new.

    No line of it but those of a code block's fence means anything to Markdown beyond itself.
    """
    most = extent.most_changes
    picture = graph(diff)
    rows = [*itertools.islice(_rows(diff, extent), most)]
    more = sum(len(node.changes) for node in diff.node_changes) + len(diff.connection_changes) + len(diff.fields)
    return [
        fence(picture, "mermaid") if picture else [],
        table(["Where", "Field", *sides, "Risk"], rows) if rows else [],
        [f"(cut here: {count(more, 'change')} in all)"] if len(rows) == most and more > most else [],
        *(
            _text_block(code(cut(node.node_name, LONGEST_NAME)), change, extent)
            for node in diff.node_changes[:most]
            for change in node.changes[:most]
            if _is_below(change, extent)
        ),
        *(
            _text_block("workflow", change, extent)
            for change in (*([] if diff.name is None else [diff.name]), *diff.fields[:most])
            if _is_below(change, extent)
        ),
    ]


def _rows(diff: WorkflowDiff, extent: Extent) -> Iterator[list[str]]:
    if diff.name is not None:
        yield _row("workflow", diff.name, extent)
    for node in diff.node_changes:
        yield from _node_rows(node, extent)
    for connection in diff.connection_changes:
        yield _connection_row(connection)
    for change in diff.fields:
        yield _row("workflow", change, extent)


def _node_rows(node: NodeChange, extent: Extent) -> Iterator[list[str]]:
    where = f"{code(cut(node.node_name, LONGEST_NAME))} {escaped(short_type(node.node_type))}"
    if node.change_type in (ChangeType.ADDED, ChangeType.REMOVED):
        yield [where, CHANGES[node.change_type], "", "", RISKS[node.risk]]
        if node.change_type is ChangeType.REMOVED:
            return
    for change in node.changes:
        if node.change_type is not ChangeType.ADDED or change.path not in ("type", "typeVersion"):
            yield _row(where, change, extent)


def _row(where: str, change: FieldChange, extent: Extent) -> list[str]:
    return field_row(where, change, is_below=_is_below(change, extent), reordered="the same items in another order")


def field_row(where: str, change: FieldChange, *, is_below: bool, reordered: str) -> list[str]:
    """Answer the row of one changed field: where, field, old, new, risk. `reordered` says what became of an order."""
    labels = f" {escaped(cut(', '.join(change.labels[:2]), 80))}" if change.labels else ""
    field = f"{code(cut(change.path, LONGEST_NAME))}{labels}"
    if change.change_type is ChangeType.REORDERED:
        return [where, field, "", reordered, RISKS[change.risk]]
    if is_below:
        return [where, field, "", "see below", RISKS[change.risk]]
    old, new = pair(change, _LONGEST_VALUE)
    return [where, field, code(old), code(new), RISKS[change.risk]]


def _connection_row(change: ConnectionChange) -> list[str]:
    source = code(cut(change.source, LONGEST_NAME))
    if change.change_type is ChangeType.REORDERED:
        old, new = (code(cut(", ".join(names), _LONGEST_VALUE)) for names in (change.old_order, change.new_order))
        return [source, "what runs first after it", old, new, "which nodes run"]
    target = code(f"{cut(change.target, LONGEST_NAME)} {change.input}")
    sides = ["", target] if change.change_type is ChangeType.ADDED else [target, ""]
    return [source, f"connection {CHANGES[change.change_type]}, {code(change.output)}", *sides, "which nodes run"]


def _is_below(change: FieldChange, extent: Extent) -> bool:
    """Say whether a change is told below the table, line by line."""
    if change.change_type is ChangeType.REORDERED:
        return False
    return is_text_block(change) or (
        extent.is_long_below
        and any(len(told(value)) > _LONGEST_VALUE for value in (change.old_value, change.new_value))
    )


def _text_block(where: str, change: FieldChange, extent: Extent) -> list[str]:
    spread = change if is_text_block(change) else _spread(change)
    return text_block(where, spread, most_lines=extent.most_text_lines, width=extent.width)


def text_block(where: str, change: FieldChange, *, most_lines: int, width: int) -> list[str]:
    """Tell a changed text line by line, under its place; no line of it can pass for one of our markers."""
    difference = text_difference(change, most_lines=most_lines, width=width)
    title = f"{where} {code(cut(change.path, LONGEST_NAME))}"
    return [title, "", *map(_without_comments, fence(difference, "diff"))]


def _spread(change: FieldChange) -> FieldChange:
    """Put a value on several lines, as a file would hold it."""
    return replace(change, old_value=_lines(change.old_value), new_value=_lines(change.new_value))


def _lines(value: Json) -> Json:
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return told(value)


def _without_comments(line: str) -> str:
    """Keep a comment of HTML in a code block from being taken for one of our markers."""
    return _COMMENT.sub("<\u200b", line)
