"""What a baseline accepted and left out, in words."""

from collections.abc import Sequence

from workflowops.core.baseline import EnvironmentBaseline
from workflowops.core.text.plain import count, log_safe, visible
from workflowops.core.text.style import Style
from workflowops.core.text.words import KINDS, place, shown_name

_MOST_NAMED = 20


def render_baseline(environments: Sequence[EnvironmentBaseline], *, style: Style, is_dry_run: bool) -> str:
    """Tell for every environment how many workflows are last known good now, and name those that are not."""
    blocks = [_environment(each, style, is_dry_run=is_dry_run) for each in environments]
    if is_dry_run:
        blocks.append("Nothing was written: this was a dry run.")
    elif any(each.failed is None for each in environments):
        blocks.append("Next: `workflowops drift` tells from now on what n8n runs that Git does not say.")
    return log_safe("\n\n".join(blocks))


def summary_baseline(environments: Sequence[EnvironmentBaseline]) -> str:
    """Write the same for the step summary."""
    lines = ["### Baseline", "", "| environment | accepted | left out | unmanaged |", "|---|---:|---:|---:|"]
    for each in environments:
        accepted = "none" if each.failed is not None else f"{each.accepted:,}"
        lines.append(f"| `{each.environment}` | {accepted} | {len(each.left_out):,} | {each.unmapped:,} |")
    return "\n".join(lines) + "\n"


def _environment(each: EnvironmentBaseline, style: Style, *, is_dry_run: bool) -> str:
    where = style.strong(place(each.title, each.environment))
    if each.failed is not None:
        failed = f"{where}: {style.bad('no baseline')}. {visible(each.failed)}"
        return "\n".join([failed, f"  Fix: {visible(each.failed_fix or '')}", *_left_out(each)])
    would = "would be" if is_dry_run else "is" if each.accepted == 1 else "are"
    accepted = f"{count(each.accepted, 'workflow')} {would} last known good, at commit {each.git_commit_sha[:12]}"
    if not each.accepted:
        would = "would be" if is_dry_run else "is"
        accepted = (
            f"no workflow here and none in Git, which {would} last known good, at commit {each.git_commit_sha[:12]}"
        )
    lines = [f"{where}: {style.good(accepted)}."]
    if each.unmapped:
        lines.append(f"  {count(each.unmapped, 'unmanaged workflow')} not judged: nobody put them under Git.")
    return "\n".join([*lines, *_accepted_over(each), *_left_out(each)])


def _accepted_over(each: EnvironmentBaseline) -> list[str]:
    """Name every workflow that was accepted although the two sides differ: nobody may have looked at it."""
    if not each.accepted_over:
        return []
    lines = [f"  {count(len(each.accepted_over), 'workflow')} of them accepted although Git and n8n differ:"]
    return lines + [f"    {shown_name(verdict.workflow_name)}: {KINDS[verdict.kind]}" for verdict in each.accepted_over]


def _left_out(each: EnvironmentBaseline) -> list[str]:
    if not each.left_out:
        return []
    lines = [f"  {count(len(each.left_out), 'workflow')} left out, because Git and n8n differ:"]
    lines += [
        f"    {shown_name(verdict.workflow_name)}: {KINDS[verdict.content]}" for verdict in each.left_out[:_MOST_NAMED]
    ]
    if len(each.left_out) > _MOST_NAMED:
        lines.append(f"    and {len(each.left_out) - _MOST_NAMED:,} more; --json lists them all")
    lines.append("  Make them equal and run this again, or say which side is right: --accept git or --accept live.")
    return lines
