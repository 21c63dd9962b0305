"""What was put under Git and what was refused, in words."""

from workflowops.core.onboarding import Onboarded, OnboardingOutcome
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import code, escaped
from workflowops.core.text.plain import count, log_safe, visible
from workflowops.core.text.style import Style
from workflowops.core.text.words import shown_name

_MOST_NAMED = 20


def render_onboarding(outcome: OnboardingOutcome, *, style: Style, is_dry_run: bool) -> str:
    """Tell what was committed, in walkthrough 4's words for one workflow; then every refusal with its fix."""
    blocks = [_done(outcome, style, is_dry_run=is_dry_run)]
    if outcome.waiting:
        blocks.append(_waiting(outcome))
    for refusal in outcome.refused:
        who = f"{shown_name(refusal.workflow_name)} ({visible(refusal.workflow_id)}, {refusal.environment})"
        blocks.append(f"{style.notable('Not onboarded')}: {who}\n  {visible(refusal.reason)}\n  {visible(refusal.fix)}")
    for environment, reason in outcome.failed.items():
        blocks.append(f"{style.alarming('NOT READ')}: {environment}. {visible(reason)}")
    if outcome.problem is not None:
        blocks.append(
            f"{style.bad('The pull request could not be opened')}: {visible(outcome.problem)}\n"
            f"  {visible(outcome.fix or '')}\n  The files stand on that branch; run this again, or open it by hand."
        )
    if outcome.state_problem is not None:
        told = (
            "Nobody will be told when it is merged"
            if outcome.is_proposal
            else "The files are committed, nothing is linked"
        )
        blocks.append(
            f"{style.bad(f'{told}: the state could not be written')}: {visible(outcome.state_problem)}\n"
            "  The next `workflowops sync` links what the default branch holds."
        )
    return log_safe("\n\n".join(blocks))


def summary_onboarding(outcome: OnboardingOutcome) -> str:
    """Write the same for the step summary."""
    number = len(outcome.onboarded) if outcome.commit_sha is not None else 0
    did = f"proposed for Git{_by(outcome)}" if outcome.is_proposal else "put under Git"
    lines = ["### Onboarding", "", f"{count(number, 'workflow')} {did}.", ""]
    if number:
        lines += ["| workflow | environment | file |", "|---|---|---|"]
        lines += [
            f"| {escaped(mask_text(each.workflow_name))} | `{each.environment}` | {escaped(each.git_file_path)} |"
            for each in outcome.onboarded[:1000]
        ]
        lines.append("")
    lines += [f"- {_waiting(outcome)}"] if outcome.waiting else []
    lines += [
        f"- not onboarded: {escaped(mask_text(refusal.workflow_name))}. "
        f"{escaped(refusal.reason)} {escaped(refusal.fix)}"
        for refusal in outcome.refused[:1000]
    ]
    lines += [f"- not read: `{environment}`. {escaped(reason)}" for environment, reason in outcome.failed.items()]
    if outcome.problem is not None:
        lines.append(f"- the pull request could not be opened: {escaped(outcome.problem)} {escaped(outcome.fix or '')}")
    return "\n".join(lines) + "\n"


def _waiting(outcome: OnboardingOutcome) -> str:
    was = "was" if outcome.waiting == 1 else "were"
    left_out = f"{count(outcome.waiting, 'workflow')} {was} left out"
    return f"{left_out}, because an earlier pull request holds what was asked for."


def _by(outcome: OnboardingOutcome) -> str:
    """Name the pull request in a summary, or a branch where there is none; nothing that was not written."""
    if outcome.commit_sha is None:
        return ""
    if outcome.pull_request is None:
        return f" on the branch {code(outcome.branch)}" if outcome.branch else ""
    return f" in [#{outcome.pull_request.number}]({outcome.pull_request.url})"


def _done(outcome: OnboardingOutcome, style: Style, *, is_dry_run: bool) -> str:
    if not outcome.onboarded:
        is_proven = not (outcome.waiting or outcome.refused or outcome.failed)
        return "Nothing to put under Git." if is_proven else "Nothing was put under Git."
    if is_dry_run:
        verb = f"propose on {visible(outcome.branch or '')}" if outcome.is_proposal else "put under Git"
        lines = [f"Would {verb}: {count(len(outcome.onboarded), 'workflow')}"]
        return "\n".join([*lines, *_files(outcome), "Nothing was written: this was a dry run."])
    if outcome.commit_sha is None:
        return "Nothing was committed."
    if outcome.is_proposal:
        return _proposed(outcome, style)
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


def _proposed(outcome: OnboardingOutcome, style: Style) -> str:
    what = f"{count(len(outcome.onboarded), 'workflow')} proposed"
    opened = outcome.pull_request
    if opened is None:
        where = f"commit {(outcome.commit_sha or '')[:12]} on the branch {visible(outcome.branch or '')}"
        after = (
            "Open a pull request from that branch. Once it is merged, the next `workflowops sync` links what it holds."
        )
    else:
        where = f"pull request #{opened.number}, {visible(opened.url)}"
        after = "Once it is merged, the next `workflowops sync` links what it holds, and says so there."
    lines = [f"{style.good(what)}: {where}"]
    if opened is not None and not opened.is_new:
        lines.append("  It was open already, and holds this now.")
    if not outcome.is_ours:
        lines.append("  Somebody else has pushed onto its branch, too: look at the files before merging.")
    if len(outcome.onboarded) == 1:
        lines += _one(outcome.onboarded[0], awaits_merge=True)
    else:
        lines += _files(outcome)
    return "\n".join([*lines, "", after])


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
