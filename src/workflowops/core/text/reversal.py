"""A reversal in words: how it is recorded and approved, and what to do in n8n, step by step, by hand."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from workflowops.core.diff import ChangeType, ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.incident.reversal import Reversal, ReversalAction, ReversalStep, ReversedWorkflow
from workflowops.core.masking import masked
from workflowops.core.promotion.reversal_outcome import ReversalWay
from workflowops.core.secrets import mask_text
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, details, escaped, fence, joined, size, table, with_commands
from workflowops.core.text.plain import count, cut
from workflowops.core.text.prospect import prospect_text
from workflowops.core.text.reversal_commands import commands_of
from workflowops.core.text.reversal_way import way_text
from workflowops.core.text.values import is_text_block
from workflowops.core.text.words import RISKS, kind_of, place, short_type
from workflowops.core.text.workflow_difference import LONGEST_NAME, field_row, shown, text_block

_MOST_BYTES = 58_000
_LONGEST_LIST = 6_000
_MOST_CHANGES = 60
_MOST_TEXT_LINES = 40
_LONGEST_VALUE = 300
_LONGEST_REASON = 1_000
_MOST_NAMED = 10
_MOST_MISSES = 3
_ACTIONS = {
    ReversalAction.CREATE: "create it again",
    ReversalAction.UNARCHIVE: "unarchive it",
    ReversalAction.SWITCH_OFF: "switch it off",
    ReversalAction.UPDATE: "put Git's version into it",
    ReversalAction.SET_TAGS: "set its tags",
    ReversalAction.SWITCH_ON: "switch it on",
}


def reversal_text(reversal: Reversal, *, links: Links | None = None, way: ReversalWay | None = None) -> str:
    """Answer the comment that asked, in Markdown: the plan with every step. Secrets masked; below 60,000 characters.

    `way` says how it goes on: its record, or why there is none.

    What does not fit is named with what is to be done; what does not fit then is counted.
    """
    if reversal.problem is not None:
        reason = f"{escaped(_shown(reversal.problem))} {with_commands(_shown(reversal.fix))}"
        return f"**No plan was made, and nothing was executed.** {reason}\n"
    planned = [each for each in reversal.workflows if each.steps]
    blocks = [_headline(reversal, planned, links, way), _others(reversal)]
    if planned:
        blocks.append(_by_hand(planned))
        blocks += _workflows(planned, reversal.git_commit_sha, room=_MOST_BYTES - size(joined(blocks)))
    return "\n".join(joined(blocks)) + "\n"


def _workflows(planned: Sequence[ReversedWorkflow], commit: str, *, room: int) -> list[list[str]]:
    """Tell as many workflows in full as fit, and name the others; after a few that did not fit no more are tried."""
    blocks: list[list[str]] = []
    left: list[tuple[int, ReversedWorkflow]] = []
    room -= _LONGEST_LIST
    for number, each in enumerate(planned, 1):
        part = _workflow(number, each, commit) if len(left) < _MOST_MISSES else []
        if part and size(part) + 1 <= room:
            room -= size(part) + 1
            blocks.append(part)
        else:
            left.append((number, each))
    return [*blocks, _left_over(left)]


def _headline(
    reversal: Reversal, planned: Sequence[ReversedWorkflow], links: Links | None, way: ReversalWay | None
) -> list[str]:
    where = escaped(cut(place(reversal.title, reversal.environment), LONGEST_NAME))
    if not planned:
        return [f"**There is nothing to take back in {where}.** Nothing was executed; n8n was only read."]
    commit = code(reversal.git_commit_sha[:12])
    told = commit if links is None else f"[{commit}]({links.commit(reversal.git_commit_sha)})"
    follows = "" if reversal.prospect is None else prospect_text(reversal.prospect, subject="this incident")
    return [
        f"**The plan that puts back into {where} what Git says at {told}**, for {count(len(planned), 'workflow')}.",
        "",
        *way_text(way, follows=follows),
    ]


def _others(reversal: Reversal) -> list[str]:
    others = [each for each in reversal.workflows if not each.steps]
    told = [*_fitting(_left_out(each) for each in others)]
    return [*told, f"- ({len(others) - len(told):,} more)"] if len(others) > len(told) else told


def _left_out(each: ReversedWorkflow) -> str:
    reason = escaped(_shown(each.reason))
    if each.fix is None:
        return f"- {_name(each)} is left out: {reason}."
    return f"- :warning: {_name(each)} is **not in the plan**: {reason} {with_commands(_shown(each.fix))}"


def _by_hand(planned: Sequence[ReversedWorkflow]) -> list[str]:
    told = [
        "The commands below are for a shell in a checkout of this repository, with `git`, `jq` and `curl`: set "
        "`N8N_URL` to the address of n8n and `N8N_API_KEY` to a key that may write. What to do in n8n's editor instead "
        "is told beside them."
    ]
    switched = [each for each in planned if any(_runs(step) for step in each.steps)]
    if len(switched) > 1:
        told += ["", "Begin with workflows that others call: n8n publishes none that calls one which is not published."]
    return told


def _runs(step: ReversalStep) -> bool:
    return step.goes_live or step.action is ReversalAction.SWITCH_ON


def _workflow(number: int, each: ReversedWorkflow, commit: str) -> list[str]:
    workflow = each.workflow
    lines = [f"### {number}. {_name(each)} {escaped(kind_of(workflow))}", ""]
    about = [f"n8n id {code(cut(workflow.workflow_id, LONGEST_NAME))}"] if workflow.workflow_id else []
    about += [f"file {code(cut(mask_text(workflow.file), 2 * LONGEST_NAME))}"] if workflow.file else []
    lines += [", ".join(about), *_warnings(each)]
    for place_, step in enumerate(each.steps, 1):
        lines += ["", f"**Step {place_}: {_ACTIONS[step.action]}.** {_how(step)}", *_detail(step)]
    commands = commands_of(each, commit=commit)
    if commands:
        lines += ["", *details("The same through n8n's API", fence(commands, "sh"))]
    return lines


def _name(each: ReversedWorkflow) -> str:
    return shown(each.workflow).name


def _warnings(each: ReversedWorkflow) -> list[str]:
    told = []
    if each.workflow.draft_ahead:
        told.append("Its editor holds a draft that is not published; that draft is lost.")
    if each.callers:
        names = ", ".join(code(cut(mask_text(name), LONGEST_NAME)) for name in each.callers[:_MOST_NAMED])
        told.append(f"It gets a new id, so choose it again where it is called, and put that into Git: {names}.")
    unknown = [each_id for step in each.steps if step.written for each_id in step.written.unknown_ids]
    if unknown:
        ids = ", ".join(code(cut(each_id, LONGEST_NAME)) for each_id in dict.fromkeys(unknown[:_MOST_NAMED]))
        told.append(f"Its file refers to what nobody knows in this instance: {ids}. Put the file right first.")
    elif not each.is_proven:
        told.append("Some ids in its file cannot be told for certain: look at the next drift check.")
    return ["", *(f"- :warning: {line}" for line in told)] if told else []


def _how(step: ReversalStep) -> str:
    match step.action:
        case ReversalAction.CREATE:
            return (
                "n8n gives it a new id. In the editor: create a workflow, import the file into it, and set its name "
                "and its settings as the file has them. The next drift check links it, because it says the same."
            )
        case ReversalAction.UNARCHIVE:
            return "In the list of workflows, show the archived ones, open it, and unarchive it. It stays switched off."
        case ReversalAction.SWITCH_OFF:
            return "In the editor: unpublish it (n8n 1.x: switch it off)."
        case ReversalAction.UPDATE:
            publish = " Then publish it (n8n 1.x runs it as soon as it is saved)." if step.goes_live else ""
            return (
                "In the editor: change what the table says, and save. A value that is masked or cut here stands in the "
                f"file.{publish}"
            )
        case ReversalAction.SET_TAGS:
            return f"It has {_tags(step.old_tags)}; give it exactly {_tags(step.new_tags)}. Tags take effect at once."
        case ReversalAction.SWITCH_ON:
            return "In the editor: publish it (n8n 1.x: switch it on)."


def _tags(tags: Sequence[str]) -> str:
    return ", ".join(code(cut(mask_text(tag), LONGEST_NAME)) for tag in tags[:_MOST_NAMED]) or "no tags"


def _detail(step: ReversalStep) -> list[str]:
    editor = () if step.written is None else step.written.editor_settings
    named = ", ".join(code(name) for name in editor)
    by_editor = [f"Only the editor can set these settings: {named}. Set them as the file has them, else to default."]
    blocks = [] if step.diff is None else _diff(masked(step.diff))
    told = joined([*blocks, by_editor if editor else []])
    return ["", *told] if told else []


def _diff(diff: WorkflowDiff) -> list[list[str]]:
    rows = [*itertools.islice(_rows(diff), _MOST_CHANGES)]
    total = sum(1 for _ in _rows(diff))
    more = [f"({count(total - len(rows), 'more change')}: see the file.)"] if total > len(rows) else []
    texts = [
        text_block(code(cut(node.node_name, LONGEST_NAME)), change, most_lines=_MOST_TEXT_LINES, width=200)
        for node in diff.node_changes[:_MOST_CHANGES]
        for change in node.changes[:_MOST_CHANGES]
        if is_text_block(change)
    ]
    return [table(["Where", "Field", "From (n8n)", "To (Git)", "Risk"], rows), more, *texts]


def _rows(diff: WorkflowDiff) -> Iterator[list[str]]:
    if diff.name is not None:
        yield _row("workflow", diff.name)
    for node in diff.node_changes:
        yield from _node_rows(node)
    for connection in diff.connection_changes:
        yield _connection_row(connection)
    for change in diff.fields:
        yield _row("workflow", change)


def _node_rows(node: NodeChange) -> Iterator[list[str]]:
    where = f"{code(cut(node.node_name, LONGEST_NAME))} {escaped(short_type(node.node_type))}"
    match node.change_type:
        case ChangeType.REMOVED:
            yield [where, "the node", "is there", "delete it", RISKS[node.risk]]
        case ChangeType.ADDED:
            yield [where, "the node", "is not there", "add it", RISKS[node.risk]]
            yield from (_row(where, change) for change in node.changes)
        case _:
            yield from (_row(where, change) for change in node.changes)


def _row(where: str, change: FieldChange) -> list[str]:
    return field_row(
        where, change, is_below=is_text_block(change), reordered="the same items, in the order of the file"
    )


def _connection_row(change: ConnectionChange) -> list[str]:
    source = code(cut(change.source, LONGEST_NAME))
    if change.change_type is ChangeType.REORDERED:
        old, new = (code(cut(", ".join(names), _LONGEST_VALUE)) for names in (change.old_order, change.new_order))
        return [source, "what runs first after it", old, new, "which nodes run"]
    target = code(f"{cut(change.target, LONGEST_NAME)} {change.input}")
    sides = ["no connection", f"connect {target}"]
    if change.change_type is ChangeType.REMOVED:
        sides = [target, "disconnect"]
    return [source, f"connection of {code(change.output)}", *sides, "which nodes run"]


def _left_over(left: Sequence[tuple[int, ReversedWorkflow]]) -> list[str]:
    """Name what did not fit, as long as there is room, and count the rest."""
    if not left:
        return []
    lines = [*_fitting(_in_short(number, each) for number, each in left)]
    more = [f"- and {count(len(left) - len(lines), 'more workflow')}"] if len(left) > len(lines) else []
    return ["### Not told in full here", "", "Put back the files that Git has:", "", *lines, *more]


def _in_short(number: int, each: ReversedWorkflow) -> str:
    return f"- {number}. {_name(each)}: {', '.join(_ACTIONS[step.action] for step in each.steps)}"


def _fitting(lines: Iterable[str]) -> Iterator[str]:
    """Give lines as long as there is room for them in a list."""
    room = _LONGEST_LIST - 200
    for line in lines:
        room -= size([line])
        if room < 0:
            return
        yield line


def _shown(text: str | None) -> str:
    return cut(mask_text(text or ""), _LONGEST_REASON)
