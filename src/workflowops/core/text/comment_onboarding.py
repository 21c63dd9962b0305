"""The answers to `/onboard` and to the form: what was proposed, what was refused and why, and how to go on."""

from collections.abc import Mapping

from workflowops.core.comment.commands import ON_FORMS
from workflowops.core.comment.outcome import Answered, Became
from workflowops.core.incident.policy import CommandRule
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, Refusal
from workflowops.core.text.comment_answers import MARKS, commands_table, run_told
from workflowops.core.text.incident_sections import shortened
from workflowops.core.text.incident_words import name, prose
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, joined, table, with_commands
from workflowops.core.text.plain import count, cut
from workflowops.core.text.words import shown_name

_MOST_ROWS = 100
_NAME = 300
_TEXT = 2_000
_ROOM = 60_000
_OPTIONS = (
    ("--allow-secrets", "`allow_secrets=yes`"),
    ("--environment", "`environment=`"),
    ("--link", "`link=yes`"),
    ("--file", "`file=`"),
)


def onboarding_help(rules: Mapping[str, CommandRule]) -> str:
    """List the commands that count on an issue about unmanaged workflows; `rules` are those of the configuration."""
    return "\n".join(commands_table(rules, names=ON_FORMS))


def onboarding_answer(outcome: OnboardingOutcome, *, is_plan: bool) -> str:
    """Tell in Markdown what was proposed and where, and everything that was refused, with what to do about it."""
    blocks = [
        _proposed(outcome, is_plan=is_plan),
        _listed(outcome.onboarded),
        _failed(outcome),
        _refused(outcome.refused, is_all=not outcome.onboarded),
        _waiting(outcome.waiting),
    ]
    told = [each for each in blocks if each] or [["No workflow is unmanaged there. Nothing was proposed."]]
    return "\n".join(joined(told)) + "\n"


def form_answer(result: Answered, *, links: Links | None) -> str:
    """Answer an issue that the form made: what came of it, or what is wrong and how to go on."""
    problem = [] if result.problem is None else [f"{MARKS[result.became]} {with_commands(cut(result.problem, _TEXT))}"]
    told = [] if result.markdown is None else [MARKS[result.became], "", *result.markdown.strip("\n").split("\n")]
    on = [] if result.became is Became.DONE else [_how_to_go_on()]
    return shortened("\n".join(joined([problem, told, on, run_told(links)])), room=_ROOM) + "\n"


def form_lost_answer(reason: str, *, links: Links | None) -> str:
    """Tell that a form was not acted upon, and why; nothing was changed then."""
    lost = f":x: What the form asks for could not be carried out: {prose(reason, _TEXT)}"
    return "\n".join(joined([[lost], [f"Nothing was changed. {_how_to_go_on()}"], run_told(links)])) + "\n"


def form_changed_answer(login: str, *, links: Links | None) -> str:
    """Tell that a form counts as it was when it was opened; said once on each issue."""
    told = (
        f"{name(login, _NAME)}, a form counts as it was when the issue was opened. What is changed later is not acted "
        "upon, because somebody else may have changed it."
    )
    return "\n".join(joined([[told], [_how_to_go_on()], run_told(links)])) + "\n"


def form_refused_answer(login: str, reasons: list[str], *, links: Links | None) -> str:
    """Tell somebody that their form was not acted upon, and who can ask for it instead."""
    told = [f"- {with_commands(reason)}" for reason in dict.fromkeys(reasons)]
    head = f"{MARKS[Became.DENIED]} {name(login, _NAME)}, nothing was done."
    on = "Whoever has the role can ask for it in a comment here: " + code("/onboard 2tUt1wbLX592XDdX") + "."
    return "\n".join(joined([[head], told, [on], run_told(links)])) + "\n"


def _how_to_go_on() -> str:
    example = code("/onboard 2tUt1wbLX592XDdX slug=order_processing")
    return f"To go on, ask for it in a comment here: {example}. {code('/help')} lists what counts."


def _proposed(outcome: OnboardingOutcome, *, is_plan: bool) -> list[str]:
    if not outcome.onboarded:
        return []
    number = count(len(outcome.onboarded), "workflow")
    if is_plan:
        return [f"**{number}** would be proposed for Git."]
    lines: list[str] = []
    opened = outcome.pull_request
    branch = name(outcome.branch or "", _NAME)
    if opened is not None:
        was = "" if opened.is_new else " It was open already, and holds this now."
        lines.append(f"**{number} proposed for Git in [#{opened.number}]({opened.url}).**{was}")
        lines += ["", "Once it is merged, the next sync links what it holds, and says so here."]
    elif outcome.problem is not None:
        why = f"{prose(outcome.problem, _TEXT)} {with_commands(cut(outcome.fix or '', _TEXT))}"
        lines.append(f":x: The files stand on the branch {branch}, and no pull request could be opened: {why}")
        lines += ["", "Give the command again then: the pull request is opened from that branch."]
    else:
        lines.append(f"**{number} proposed for Git on the branch {branch}.** Open a pull request from it.")
    if not outcome.is_ours:
        lines.append("Somebody else has pushed onto its branch as well: look at the files before merging.")
    if outcome.state_problem is not None:
        lines.append(f":warning: The wish could not be remembered: {prose(outcome.state_problem, _TEXT)}")
    return lines


def _listed(onboarded: tuple[Onboarded, ...]) -> list[str]:
    if not onboarded:
        return []
    rows = [
        [
            escaped(cut(shown_name(each.workflow_name), _NAME)),
            code(cut(each.workflow_id, 100)),
            code(each.canonical_slug),
            code(cut(each.git_file_path, _NAME)),
        ]
        for each in onboarded[:_MOST_ROWS]
    ]
    left = len(onboarded) - len(rows)
    more = ["", f"({left:,} more: see the pull request.)"] if left else []
    return [*table(["Workflow", "n8n id", "Slug", "File"], rows), *more]


def _failed(outcome: OnboardingOutcome) -> list[str]:
    return [
        f":x: {code(environment)} could not be read: {prose(reason, _TEXT)}"
        for environment, reason in outcome.failed.items()
    ]


def _refused(refused: tuple[Refusal, ...], *, is_all: bool) -> list[str]:
    if not refused:
        return []
    head = "Nothing new was proposed:" if is_all else f"{count(len(refused), 'workflow')} left out:"
    lines = [_refusal(each) for each in refused[:_MOST_ROWS]]
    left = len(refused) - len(lines)
    return [head, "", *lines, *([f"- ({left:,} more)"] if left else [])]


def _waiting(number: int) -> list[str]:
    if not number:
        return []
    verb, as_they = ("is", "as it is") if number == 1 else ("are", "as they are")
    return [f"{count(number, 'workflow')} {verb} proposed already in an earlier pull request, and left {as_they}."]


def _refusal(each: Refusal) -> str:
    called = escaped(cut(shown_name(each.workflow_name), _NAME))
    who = f"{called} ({code(cut(each.workflow_id, 100))})" if each.workflow_name else code(cut(each.workflow_id, 100))
    fix = each.fix
    for option, written in _OPTIONS:
        fix = fix.replace(f"`{option}`", option).replace(option, written)
    where = "" if each.pull_request is None else f" (#{each.pull_request})"
    return f"- {who}{where}: {prose(each.reason, _TEXT)} {with_commands(cut(fix, _TEXT))}"
