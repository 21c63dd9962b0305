"""The issue that lists the unmanaged workflows of an environment, and what a sync says about it."""

from urllib.parse import quote

from workflowops.core.incident.body import BEGIN, END
from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.records import mapping_path
from workflowops.core.secrets import mask_text
from workflowops.core.setup.form import FORM_FILE
from workflowops.core.sync import UnmappedWorkflow
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_words import instant
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, fence, joined, table
from workflowops.core.text.plain import count, cut, log_safe, visible
from workflowops.core.text.style import Style
from workflowops.core.text.words import place, shown_name
from workflowops.core.unmapped.alert import Deed, Listing, unmapped_marker
from workflowops.core.unmapped.outcome import UnmappedIssue, UnmappedOutcome

_ROOM = 60_000
_LONGEST_TITLE = 200
_LONGEST_NAME = 120
_HEADER = ["", "Workflow", "n8n id", "Nodes", "Active", "First seen", "Standing"]
_TODO, _DONE = "\N{BALLOT BOX}", "\N{BALLOT BOX WITH CHECK}"
_DEEDS = {
    Deed.OPENED: "opened",
    Deed.UPDATED: "brought up to date",
    Deed.CLOSED: "closed: nothing is left to list",
    Deed.REOPENED: "opened again",
    Deed.UNCHANGED: "as it was",
    Deed.LEFT_CLOSED: "left closed, as somebody wanted it; nothing is new since",
    Deed.DROPPED: "not needed",
}


def unmapped_title(listing: Listing) -> str:
    """Write the title: how many, and where."""
    where = mask_text(listing.title).strip() or listing.environment
    number = len(listing.workflows)
    if listing.has_left:
        return cut(f"Not looked at any more: {visible(where)}", _LONGEST_TITLE)
    if not number:
        return cut(f"No unmanaged workflows in {visible(where)}", _LONGEST_TITLE)
    return cut(f"{count(number, 'unmanaged workflow')} in {visible(where)}", _LONGEST_TITLE)


def unmapped_body(listing: Listing, *, intent: str, links: Links | None) -> str:
    """Write our part of the body, between its marks: what it means, the list, how to go on. Under 60,000 characters.

    Where not all fit, the rest is counted, and it is said where all of them stand.
    """
    head = [BEGIN, unmapped_marker(intent)]
    where = escaped(cut(place(mask_text(listing.title), listing.environment), _LONGEST_NAME))
    if not listing.workflows:
        managed = f"Every workflow in {where} is source-managed: it has a file in Git."
        told = _left(where) if listing.has_left else f"{managed} This is opened again when one has not."
        return "\n".join([*head, told, END])
    blocks = [_meaning(listing, where), _steps(listing, links)]
    least = units("\n".join(joined([head, *blocks, [END], _more(listing, len(listing.workflows), links)])))
    rows = _rows(listing, room=_ROOM - least)
    left = len(listing.workflows) - len(rows)
    middle = [*table(_HEADER, rows), *([] if not left else ["", *_more(listing, left, links)])]
    return "\n".join([*head, *joined([blocks[0], middle, blocks[1]]), END])


def settled_text(listing: Listing) -> str:
    """Say, as a comment, that nothing is left to be put under Git; or that nobody looks any more."""
    where = escaped(cut(place(mask_text(listing.title), listing.environment), _LONGEST_NAME))
    if listing.has_left:
        return f"{_left(where)} The issue is closed.\n"
    return (
        f":white_check_mark: Every workflow in {where} is source-managed now. The issue is closed, and opened again "
        "when an unmanaged workflow is found.\n"
    )


def render_unmapped(outcome: UnmappedOutcome, *, style: Style) -> str:
    """Tell what became of the issues, a line each; nothing where there is nothing to tell, and no problems."""
    lines = [_line(each, style, is_plan=outcome.is_plan) for each in outcome.issues if _is_worth_a_line(each)]
    return log_safe("\n".join(lines))


def summary_unmapped(outcome: UnmappedOutcome) -> str:
    """Tell the same in Markdown, for the step summary."""
    lines = []
    for each in outcome.issues:
        if _is_worth_a_line(each):
            number = "" if each.number is None else f" [#{each.number}]({each.url})"
            would = "would be " if outcome.is_plan else ""
            lines.append(
                f"- Issue{number} about unmanaged workflows in {code(each.environment)}: {would}{_DEEDS[each.deed]}"
            )
    return "\n".join(["", "### Issues about unmanaged workflows", "", *lines]) + "\n" if lines else ""


def _left(where: str) -> str:
    return f"{where} is not in the configuration any more, so nobody looks for unmanaged workflows there."


def _is_worth_a_line(each: UnmappedIssue) -> bool:
    return each.deed is not Deed.DROPPED and (each.deed is not Deed.UNCHANGED or each.workflows_unmapped > 0)


def _line(each: UnmappedIssue, style: Style, *, is_plan: bool) -> str:
    number = "Issue" if each.number is None else f"Issue #{each.number}"
    about = f"{number} about unmanaged workflows in {visible(each.environment)}"
    told = f"{about}: {'would be ' if is_plan else ''}{_DEEDS[each.deed]}."
    return style.good(told) if each.deed is Deed.CLOSED else told


def _meaning(listing: Listing, where: str) -> list[str]:
    number = len(listing.workflows)
    verb, they = ("has", "It is") if number == 1 else ("have", "They are")
    return [
        f"**{count(number, 'workflow')} in {where} {verb} no file in Git.** {they} not watched for drift, not promoted "
        "to other environments, and not restored from Git. Nothing is wrong with n8n: this is about what is not kept "
        "here."
    ]


def _rows(listing: Listing, *, room: int) -> list[list[str]]:
    rows: list[list[str]] = []
    room -= units("\n".join(table(_HEADER, []))) + 2
    for each in listing.workflows:
        row = _row(each, listing.requests.get(each.n8n_workflow_id))
        room -= units(" | ".join(row)) + 6
        if room < 0:
            break
        rows.append(row)
    return rows


def _row(each: UnmappedWorkflow, request: OnboardingRequest | None) -> list[str]:
    return [
        _TODO if request is None else _DONE,
        escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME)),
        code(cut(each.n8n_workflow_id, _LONGEST_NAME)),
        f"{each.node_count:,}",
        "yes" if each.active else "no",
        escaped(instant(each.detected_at)),
        _standing(each, request),
    ]


def _standing(each: UnmappedWorkflow, request: OnboardingRequest | None) -> str:
    if request is not None:
        where = code(cut(request.branch, _LONGEST_NAME))
        return f"proposed on {where}" if request.pull_request is None else f"proposed in #{request.pull_request}"
    return "" if each.suggestion is None else f"named like {code(cut(each.suggestion, _LONGEST_NAME))}"


def _more(listing: Listing, left: int, links: Links | None) -> list[str]:
    path = mapping_path(listing.environment)
    file = code(path) if links is None else f"[{code(path)}]({links.state_file(path)})"
    return [f"({left:,} more are not shown here. `workflowops status --json` lists all of them, and so does {file}.)"]


def _steps(listing: Listing, links: Links | None) -> list[str]:
    waiting = [each for each in listing.workflows if each.n8n_workflow_id not in listing.requests]
    example = (waiting or listing.workflows)[0].n8n_workflow_id
    named = visible(cut(example, _LONGEST_NAME))
    commands = [
        f"/onboard {named}",
        f'/onboard {named} slug=order_processing tags=orders,shop description="Takes orders"',
        "/onboard all",
    ]
    ends = ["Whoever may write in this repository can do that; each opens a pull request and writes nothing to n8n."]
    if links is not None:
        address = f"{links.server_url}/{links.repository}/issues/new?template={quote(FORM_FILE)}"
        ends.insert(0, f"The [form]({address}) asks for the same, one workflow at a time.")
    return ["To put them under Git, write a line of these in a comment here:", "", *fence(commands), "", *ends]
