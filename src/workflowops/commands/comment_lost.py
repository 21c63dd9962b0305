"""Commands that could not be decided: told on the issue, because no later run comes back to them."""

from collections.abc import Sequence

from workflowops.commands.comment_portion import Call
from workflowops.commands.incident_files import read_incident
from workflowops.core.comment.commands import Understood
from workflowops.core.comment.handled import was_handled
from workflowops.core.comment.outcome import Became, CommandResult
from workflowops.core.comment.steps import Asked
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.text.comment_lost import lost_answer
from workflowops.errors import WorkflowOpsError


def tell_lost(
    call: Call,
    left: Sequence[tuple[int, Sequence[Asked]]],
    error: WorkflowOpsError,
    *,
    happened: Sequence[CommandResult],
) -> WorkflowOpsError:
    """Mark the comment and say which of its commands were not carried out; answers the error to end the run with.

    `left` are the portions that were to be decided, `happened` is what was done all the same. The sign and the comment
    are tried once each, and without the claim, which may be what could not be had: the marker keeps them single.
    """
    undecided = _undecided(call, left)
    if undecided is not None and not undecided:
        return error  # all was decided: the next run says what is left to be said
    portions = [portion for _, portion in left] if undecided is None else undecided
    done = _names([each.name for each in happened if each.became is Became.DONE])
    tried = _names([each.name for each in happened if each.became is not Became.DONE and each.name not in done])
    names = _names(
        [
            each.name
            for portion in portions
            for each in portion
            if each.name not in done and not (isinstance(each, Understood) and each.name in call.denied)
        ]
    )
    if not call.desk.workspace.is_dry_run and names:
        text = lost_answer(
            names, str(error), done=done, tried=tried, is_certain=undecided is not None, links=call.desk.links
        )
        _tell(call, text)
    if not happened:
        return error
    told = ", ".join(f"/{name}" for name in (*done, *tried))
    again = ", ".join(f"/{name}" for name in names)
    fix = f"What {told} did before stands." + (f" Write {again} in another comment." if again else "")
    return type(error)(str(error), fix=fix)


def _undecided(call: Call, left: Sequence[tuple[int, Sequence[Asked]]]) -> list[Sequence[Asked]] | None:
    """Answer the portions that the record knows nothing of; None when it cannot be read."""
    try:
        incident = read_incident(call.desk.workspace.state.view(), call.event.issue_number)
    except WorkflowOpsError:
        return None
    handled = () if incident is None else incident.handled
    return [portion for number, portion in left if not was_handled(handled, call.guard(number))]


def _tell(call: Call, text: str) -> None:
    """Say it by sign and in words, each as far as GitHub lets us."""
    marker = note_marker(f"{call.guard(0)}-lost")
    since = call.event.created_at
    for attempt in (
        lambda: call.tracker.react(call.event.comment_id, Reaction.CONFUSED),
        lambda: call.tracker.comment(call.event.issue_number, marked(text, marker), marker=marker, look_since=since),
    ):
        try:
            attempt()
        except WorkflowOpsError as error:
            call.desk.workspace.progress.say(f"It could not be told on the issue: {error}")


def _names(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
