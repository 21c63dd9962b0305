"""What was put under Git and what was refused, in words."""

from workflowops.core.onboarding import Onboarded, OnboardingOutcome
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import escaped
from workflowops.core.text.plain import count, log_safe, visible
from workflowops.core.text.style import Style
from workflowops.core.text.words import shown_name

_MOST_NAMED = 20


def render_onboarding(outcome: OnboardingOutcome, *, style: Style, is_dry_run: bool) -> str:
    """Tell what was committed, in walkthrough 4's words for one workflow; then every refusal with its fix."""
    blocks = [_done(outcome, style, is_dry_run=is_dry_run)]
    for refusal in outcome.refused:
        who = f"{shown_name(refusal.workflow_name)} ({visible(refusal.workflow_id)}, {refusal.environment})"
        blocks.append(f"{style.notable('Not onboarded')}: {who}\n  {visible(refusal.reason)}\n  {visible(refusal.fix)}")
    for environment, reason in outcome.failed.items():
        blocks.append(f"{style.alarming('NOT READ')}: {environment}. {visible(reason)}")
    if outcome.state_problem is not None:
        blocks.append(
            f"{style.bad('The files are committed, but the state could not be written')}: "
            f"{visible(outcome.state_problem)}\n  The next `workflowops sync` links them."
        )
    return log_safe("\n\n".join(blocks))


def summary_onboarding(outcome: OnboardingOutcome) -> str:
    """Write the same for the step summary."""
    number = len(outcome.onboarded) if outcome.commit_sha is not None else 0
    lines = ["### Onboarding", "", f"{count(number, 'workflow')} put under Git.", ""]
    if number:
        lines += ["| workflow | environment | file |", "|---|---|---|"]
        lines += [
            f"| {escaped(mask_text(each.workflow_name))} | `{each.environment}` | {escaped(each.git_file_path)} |"
            for each in outcome.onboarded[:1000]
        ]
    lines += [
        f"- not onboarded: {escaped(mask_text(refusal.workflow_name))}. "
        f"{escaped(refusal.reason)} {escaped(refusal.fix)}"
        for refusal in outcome.refused[:1000]
    ]
    lines += [f"- not read: `{environment}`. {escaped(reason)}" for environment, reason in outcome.failed.items()]
    return "\n".join(lines) + "\n"


def _done(outcome: OnboardingOutcome, style: Style, *, is_dry_run: bool) -> str:
    if not outcome.onboarded:
        return "Nothing to put under Git."
    if is_dry_run:
        lines = [f"Would put {count(len(outcome.onboarded), 'workflow')} under Git:"]
        return "\n".join([*lines, *_files(outcome), "Nothing was written: this was a dry run."])
    if outcome.commit_sha is None:
        return "Nothing was committed."
    where = f"commit {outcome.commit_sha[:12]} on {visible(outcome.branch or '')}"
    if len(outcome.onboarded) == 1:
        entry = _one(outcome.onboarded[0], awaits_merge=outcome.awaits_merge)
        lines = [style.good("Workflow onboarded"), *entry, f"  {where[0].upper()}{where[1:]}"]
        lines += ["", "The workflow is now tracked in Git."]
    else:
        lines = [f"{style.good(count(len(outcome.onboarded), 'workflow') + ' onboarded')}: {where}", *_files(outcome)]
    if outcome.awaits_merge:
        lines += ["", "Once that commit is on the default branch, the next `workflowops sync` links what it holds."]
    if not outcome.is_local_up_to_date:
        lines += ["", "This checkout does not have the commit yet: `git pull` brings it."]
    return "\n".join(lines)


def _one(entry: Onboarded, *, awaits_merge: bool) -> list[str]:
    return [
        f"  Workflow: {shown_name(entry.workflow_name)}",
        f"  Canonical ID: {entry.canonical_id}" + (" (as in another environment)" if entry.is_tied else ""),
        f"  Git File: {visible(entry.git_file_path)}",
        "  Status: waits for the merge" if awaits_merge else "  Status: LINKED",
    ]


def _files(outcome: OnboardingOutcome) -> list[str]:
    lines = [
        f"  {visible(entry.git_file_path)}  {shown_name(entry.workflow_name)}"
        for entry in outcome.onboarded[:_MOST_NAMED]
    ]
    left = len(outcome.onboarded) - _MOST_NAMED
    return [*lines, f"  and {left:,} more"] if left > 0 else lines
