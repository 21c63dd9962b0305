"""What became of an event or of a step by hand, for the terminal and the log."""

from workflowops.core.comment.outcome import Answered, Became, CommandResult, EventOutcome, StepOutcome
from workflowops.core.text.incident_words import environment_of
from workflowops.core.text.plain import cut, log_safe, visible
from workflowops.core.text.style import Style

_LONGEST = 1_000


def render_comment(outcome: EventOutcome, *, style: Style) -> str:
    """Tell an event in a line, its commands in a line each, and what could not be told on GitHub."""
    would = "Would be " if outcome.is_plan and outcome.commands else ""
    about = "" if outcome.incident is None else f"Incident #{outcome.incident.number}: "
    about = about if outcome.pull_request is None else f"Pull request #{outcome.pull_request}: "
    about = about if outcome.issue is None else f"Issue #{outcome.issue}: "
    lines = [f"{about}{would}{outcome.outcome.replace('_', ' ')}. {_line(outcome.reason)}".rstrip()]
    lines += [_command(each, style) for each in outcome.commands]
    lines += [] if outcome.url is None else [f"  {visible(outcome.url)}"]
    lines += [style.notable(f"Not told: {_line(each)}") for each in outcome.warnings]
    lines += [style.bad(f"Not done: {_line(each)}") for each in outcome.problems]
    if outcome.problems:
        lines.append("What was decided is kept. The next run says what is left to be said.")
    return log_safe("\n".join(lines))


def render_step(outcome: StepOutcome, *, style: Style) -> str:
    """Tell how an incident stands after a step by hand, and whether GitHub shows it."""
    incident, delivery = outcome.incident, outcome.delivery
    verb = "would be" if outcome.is_plan else "is"
    stands = f"Incident #{incident.number} ({visible(environment_of(incident))}) {verb} {incident.status} now."
    if incident.assigned_to:
        stands += f" {visible(incident.assigned_to)} takes care of it."
    lines = [style.good(stands)]
    lines += [] if outcome.warning is None else [style.notable(f"Warning: {_line(outcome.warning)}")]
    if not outcome.is_on_github:
        lines.append("GitHub is not configured here: the issue follows with the next run that has a token.")
    lines += [style.notable(f"Not told: {_line(each)}") for each in delivery.warnings]
    lines += [style.bad(f"Not done: {_line(each)}") for each in delivery.problems]
    if delivery.problems:
        lines.append("The step is kept. The next run says what is left to be said.")
    return log_safe("\n".join(lines))


def _command(result: CommandResult | Answered, style: Style) -> str:
    paint = style.good if result.became is Became.DONE else style.bad
    why = "" if result.problem is None else f" {_line(result.problem)}"
    told = result.warning if isinstance(result, CommandResult) else None
    warning = "" if told is None else f" Warning: {_line(told)}"
    return f"  {paint(f'/{visible(cut(result.name, 40))}: {result.became}.')}{why}{warning}"


def _line(text: str) -> str:
    return cut(visible(text), _LONGEST)
