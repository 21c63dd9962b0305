"""What stands against the references of a workflow that is about to be written."""

import re
from collections.abc import Iterator, Mapping, Sequence

from workflowops.core.canonical import canonicalize
from workflowops.core.json import Json
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import CREATED_PREFIX
from workflowops.core.promotion.references import TO_WORKFLOWS, Reference, ReferenceKind, calls_of, inline_workflows
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.promotion.writable import Settings, counts
from workflowops.core.secrets import mask_text

_ID_IN_TEXT = re.compile(r"[A-Za-z0-9_-]{4,64}")
_LONGEST_NAME = 128
_PLACES = {ReferenceKind.ERROR_WORKFLOW: "The error workflow", ReferenceKind.CALLER: "The list of callers"}


class Checked:
    """Asks of every reference of one workflow whether it means the right thing in the target."""

    def __init__(self, candidate: Candidate, target: Target, live: Sequence[Mapping[str, Json]]) -> None:
        self._candidate = candidate
        self._target = target
        self._living = {*target.names, *target.ids.values()}
        there = [each for document in live for each in calls_of(document, resolve=lambda _: None)]
        self._there = {(each.kind in TO_WORKFLOWS, each.id) for each in there}
        self._places = {(each.kind, each.node_name, each.id) for each in there}
        was = {} if candidate.applied is None else candidate.applied.references
        tables = [was.get("data_tables"), *(canonicalize(each).references.get("data_tables") for each in live)]
        self._tables = {str(each) for said in tables if isinstance(said, dict) for each in said.values()}

    def findings(self, references: Sequence[Reference]) -> Iterator[Finding]:
        """Tell what is missing, unproven, or only known while the workflow runs."""
        for each in references:
            if each.kind in TO_WORKFLOWS:
                found = self._workflow(each)
            else:
                found = self._table(each) if each.kind is ReferenceKind.DATA_TABLE else None
            if found is not None:
                yield found

    def ambiguous(self) -> Iterator[Finding]:
        """Tell of ids in the file that mean one workflow in the stage before and another one in the target.

        What the target named there already, live or when it was last applied, is its own.
        """
        was = {} if self._candidate.applied is None else self._candidate.applied.references
        applied = _strings(was)
        for each in calls_of(self._candidate.file or {}, resolve=lambda _: None):
            source = None if each.id is None else self._target.in_source.get(each.id)
            here = None if each.id is None else self._target.here(each.id)
            if each.kind not in TO_WORKFLOWS or each.id is None or source is None or here is None:
                continue
            is_known = (each.kind, each.node_name, each.id) in self._places or each.id in applied
            if here != source.canonical_id and not is_known:
                yield self._ambiguous(each, each.id, source.workflow_name, source.canonical_id or "")

    def _ambiguous(self, reference: Reference, held: str, source_name: str, canonical_id: str) -> Finding:
        title = self._target.environment.title
        there = shown(mask_text(self._target.names.get(held, held)))
        own = self._target.ids.get(canonical_id)
        meant = f"If {shown(mask_text(source_name))} is meant, " + (
            f"write its id in {title} into the file: {shown(own)}." if own else f"it has to be in {title} first."
        )
        return self._told(
            FindingCode.WORKFLOW_AMBIGUOUS,
            Gravity.BLOCKING,
            f"{_place(reference)} names {shown(held)}: that is {shown(mask_text(source_name))} in the stage before and "
            f"{there} in {title}, and nothing says which of them is meant.",
            f"{meant} If {there} is meant, let the node name it in n8n's editor of {title} first.",
            reference,
        )

    def inline(self, document: Mapping[str, Json]) -> Iterator[Finding]:
        """Tell of workflows that a node holds as a text: nothing in them is bound to the target."""
        for name, inner in inline_workflows(document):
            held = calls_of(inner, resolve=lambda _: None)
            if held:
                message = "holds a workflow as a text, and what it refers to is written as it stands."
                reference = Reference(kind=ReferenceKind.EXECUTE_WORKFLOW, id=None, node_name=name)
                yield self._told(
                    FindingCode.CREDENTIAL_UNPROVEN,
                    Gravity.WARNING,
                    f"{_place(reference)} {message}",
                    "Make it a workflow of its own, and call that.",
                    reference,
                )

    def _workflow(self, reference: Reference) -> Finding | None:
        place = _place(reference)
        if reference.id is None:
            return self._expression(reference, place)
        if reference.id in self._living or reference.id.startswith(CREATED_PREFIX):
            return None
        was_so = (True, reference.id) in self._there
        is_needed = reference.kind is ReferenceKind.EXECUTE_WORKFLOW or not was_so
        means = self._target.anywhere(reference.id)
        known = "" if means in (None, reference.id) else f" ({shown(str(means))} in Git)"
        return self._told(
            FindingCode.WORKFLOW_MISSING,
            Gravity.BLOCKING if is_needed and reference.is_used else Gravity.WARNING,
            f"{place} names the workflow {shown(reference.id)}{known}, which the target does not have.",
            "Promote that workflow as well (`--with-dependencies`), or let the file name one that lives there.",
            reference,
        )

    def _expression(self, reference: Reference, place: str) -> Finding:
        text = reference.expression or ""
        foreign = [
            each
            for each in _ID_IN_TEXT.findall(text)
            if each not in self._living and self._target.anywhere(each) is not None
        ]
        if foreign:
            return self._told(
                FindingCode.WORKFLOW_BY_EXPRESSION,
                Gravity.WARNING,
                f"{place} chooses its workflow by an expression that holds {shown(foreign[0])}, the id of a "
                "workflow of another instance. It is written as it stands.",
                "Let the expression read the id from a variable or a data table of the instance.",
                reference,
            )
        message = f"{place} chooses its workflow while it runs; what it means there is not checked."
        return self._told(FindingCode.WORKFLOW_BY_EXPRESSION, Gravity.NOTE, message, "", reference)

    def _table(self, reference: Reference) -> Finding | None:
        if reference.id is None or reference.id in self._tables:
            return None
        return self._told(
            FindingCode.DATA_TABLE_UNPROVEN,
            Gravity.BLOCKING,
            f"{_place(reference)} uses the data table {shown(reference.id)}; nothing shows that it is the target's.",
            "Choose the table by its name in n8n's editor, or write the id that it has in the target into the file of "
            "the target, after this node was set there once.",
            reference,
        )

    def _told(self, code: FindingCode, gravity: Gravity, message: str, fix: str, reference: Reference) -> Finding:
        return Finding(
            code=code,
            gravity=gravity,
            message=message,
            fix=fix,
            canonical_id=self._candidate.canonical_id,
            node_name=None if reference.node_name is None else mask_text(reference.node_name),
            file=self._candidate.path,
        )


def _place(reference: Reference) -> str:
    name = "" if reference.node_name is None else shown(mask_text(reference.node_name))
    return _PLACES.get(reference.kind, f"Node {name}")


def _strings(value: Json) -> set[str]:
    """Answer every text that stands in a value."""
    if isinstance(value, str):
        return {value}
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {text for each in within for text in _strings(each)}


def faults_of(candidate: Candidate, draft: Mapping[str, Json] | None) -> Iterator[Finding]:
    """Tell what no n8n takes: a name that is none, and nodes that are no nodes."""
    file = candidate.file or {}
    name, nodes = file.get("name"), file.get("nodes")
    is_kept = draft is not None and draft.get("name") == name
    if not isinstance(name, str) or not (is_kept or 1 <= _length(name) <= _LONGEST_NAME):
        yield _fault(
            candidate, f"n8n takes names of 1 to {_LONGEST_NAME} characters.", "Give the workflow such a name."
        )
    if not isinstance(nodes, list) or not all(isinstance(each, dict) for each in nodes):
        yield _fault(candidate, "Something in the list of nodes is no node.", "Export the workflow from n8n once more.")


def left_out(candidate: Candidate, *, dropped: Sequence[str], settings: Settings) -> Iterator[Finding]:
    """Tell which fields are not sent, and which settings of the target nothing that is sent would take back."""
    for each in dropped:
        yield Finding(
            code=FindingCode.DROPPED_FIELD,
            gravity=Gravity.WARNING if _matters(candidate, each) else Gravity.NOTE,
            message=f"{shown(mask_text(each))} is in the file, and the API of the target does not take it.",
            fix="Set it in n8n's editor if it matters, or take it out of the file."
            if _matters(candidate, each)
            else "",
            canonical_id=candidate.canonical_id,
            file=candidate.path,
        )
    for key in sorted(settings.unwanted):
        yield Finding(
            code=FindingCode.SETTING_STAYS,
            gravity=Gravity.WARNING,
            message=f"The target has the setting {shown(key)}, Git does not, and n8n's API cannot take it back.",
            fix="Set it back in n8n's editor, or write it into the file.",
            canonical_id=candidate.canonical_id,
            file=candidate.path,
        )


def _matters(candidate: Candidate, field: str) -> bool:
    """Say whether a field that is left out decides what runs."""
    settings = (candidate.file or {}).get("settings")
    key = field.removeprefix("settings.")
    if key != field:
        return isinstance(settings, dict) and counts(key, settings.get(key))
    return field == "nodes[].customTelemetryTags"


def _fault(candidate: Candidate, message: str, fix: str) -> Finding:
    return Finding(
        code=FindingCode.FILE_UNREADABLE,
        gravity=Gravity.BLOCKING,
        message=message,
        fix=fix,
        canonical_id=candidate.canonical_id,
        file=candidate.path,
    )


def _length(name: str) -> int:
    """Count characters as JavaScript does."""
    return len(name.encode("utf-16-le", "surrogatepass")) // 2
