"""What was answered where no incident stands behind it: remembered on the state branch, and said once."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from workflowops.commands.desk import Desk
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.elsewhere import COMMENTS_PATH, CommentsFile, Unsaid, without_said
from workflowops.core.comment.outcome import Acted, Answered, Became, EventOutcome
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.records import decode, encode
from workflowops.errors import ExitCode, WorkflowOpsError


def read_comments(view: StateView) -> CommentsFile:
    """Read what is remembered of comments where no incident is."""
    return decode(view.read(COMMENTS_PATH), CommentsFile, path=COMMENTS_PATH) or CommentsFile()


def handed_over(result: Answered, carry_out: Callable[[], Acted]) -> Answered:
    """Let a hand carry something out, and answer what became of it; what it could not do is told in the result."""
    try:
        acted = carry_out()
    except WorkflowOpsError as error:
        became = Became.IMPOSSIBLE if error.exit_code is ExitCode.RULE else Became.FAILED
        return replace(result, became=became, problem=f"{error} {error.fix}", exit_code=error.exit_code)
    became = {ExitCode.DONE: Became.DONE, ExitCode.RULE: Became.IMPOSSIBLE}.get(acted.exit_code, Became.FAILED)
    return replace(result, became=became, markdown=acted.markdown, exit_code=acted.exit_code)


def remembered(
    desk: Desk, outcome: EventOutcome, change: Callable[[CommentsFile], CommentsFile], *, message: str
) -> EventOutcome:
    """Store that an event was acted upon. Where that fails the answer is said all the same, and the run fails."""
    try:
        _change(desk, change, message=message)
    except WorkflowOpsError as error:
        problem = f"It could not be remembered that this was acted upon: {error} {error.fix}"
        return replace(
            outcome, problems=(*outcome.problems, problem), exit_code=max(outcome.exit_code, error.exit_code)
        )
    return outcome


def said(
    desk: Desk, tracker: IssueTracker, outcome: EventOutcome, unsaid: Unsaid | None, *, guard: str
) -> EventOutcome:
    """Say what was decided, once, and forget it then; where GitHub fails, it stays to be said by the next run."""
    if unsaid is None or desk.workspace.is_dry_run:
        return replace(outcome, requests=tracker.requests)
    marker = note_marker(guard)
    try:
        text = marked(unsaid.text, marker)
        url = tracker.comment(unsaid.pull_request, text, marker=marker, look_since=unsaid.since)
        _change(
            desk, lambda before: without_said(before, [guard]), message=f"comment: answered on #{unsaid.pull_request}"
        )
    except WorkflowOpsError as error:
        problem = f"The answer could not be said: {error} {error.fix}"
        return replace(
            outcome,
            problems=(*outcome.problems, problem),
            requests=tracker.requests,
            exit_code=max(outcome.exit_code, ExitCode.REMOTE),
        )
    return replace(outcome, url=url, requests=tracker.requests)


def _change(desk: Desk, change: Callable[[CommentsFile], CommentsFile], *, message: str) -> None:
    """Change what is remembered, by compare-and-swap; a dry run changes nothing."""

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        before = read_comments(tip)
        after = change(before)
        return {} if after == before else {COMMENTS_PATH: encode(after)}

    if not desk.workspace.is_dry_run:
        desk.workspace.state.change(decide, message=message)
