"""What GitHub was told after a sync, for the terminal and the step summary."""

from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.text.markdown import code, escaped, with_commands
from workflowops.core.text.plain import count, cut, log_safe, visible
from workflowops.core.text.style import Style
from workflowops.core.text.unmapped import render_unmapped, summary_unmapped
from workflowops.core.text.words import shown_name
from workflowops.core.unmapped.following import SyncFollowed

_MOST_NAMED = 20
_LONGEST_NAME = 120
_LONGEST_LINE = 1_000


def render_followed(followed: SyncFollowed, *, style: Style) -> str:
    """Tell which workflows came under Git, what became of the issues, and what could not be told."""
    lines = [style.good(_onboarded(each)) for each in followed.finished.onboarded[:_MOST_NAMED]]
    lines += [_withdrawn(each) for each in followed.finished.withdrawn[:_MOST_NAMED]]
    left = sum(max(len(each) - _MOST_NAMED, 0) for each in (followed.finished.onboarded, followed.finished.withdrawn))
    lines += [f"and {count(left, 'more workflow')}"] if left else []
    issues = render_unmapped(followed.unmapped, style=style)
    lines += [issues] if issues else []
    lines += [style.bad(f"Not done: {visible(cut(each, _LONGEST_LINE))}") for each in followed.problems]
    lines += ["What was synced is kept. The next sync goes on with the rest."] if followed.problems else []
    return log_safe("\n".join(lines))


def summary_followed(followed: SyncFollowed) -> str:
    """Tell the same in Markdown."""
    lines = [
        f"- :white_check_mark: {escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME))} is source-managed now: "
        f"{code(cut(each.git_file_path, _LONGEST_NAME))}"
        for each in followed.finished.onboarded[:_MOST_NAMED]
    ]
    lines += [
        f"- {escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME))} stays unmanaged: its pull request was closed"
        for each in followed.finished.withdrawn[:_MOST_NAMED]
    ]
    lines += [f"- :x: {with_commands(cut(each, _LONGEST_LINE))}" for each in followed.problems]
    told = "\n".join(["", "### Told on GitHub", "", *lines]) + "\n" if lines else ""
    return told + summary_unmapped(followed.unmapped)


def _onboarded(each: OnboardingRequest) -> str:
    name = cut(shown_name(each.workflow_name), _LONGEST_NAME)
    return f"Onboarded: {name} is source-managed now, in {visible(cut(each.git_file_path, _LONGEST_NAME))}"


def _withdrawn(each: OnboardingRequest) -> str:
    name = cut(shown_name(each.workflow_name), _LONGEST_NAME)
    return f"Withdrawn: {name} stays unmanaged, because its pull request was closed without being merged"
