"""What a sync did, in words."""

from collections.abc import Iterator, Sequence

from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.sync import EnvironmentSync, SyncOutcome, UnmappedWorkflow
from workflowops.core.text.markdown import code, details, escaped, joined, table, with_commands
from workflowops.core.text.plain import count, cut, log_safe, visible, wrapped
from workflowops.core.text.style import Style
from workflowops.core.text.words import STATUSES, place

_MOST_NAMED = 20
_MOST_ROWS = 500
_LONGEST_NAME = 120
_LONGEST_MESSAGE = 600


def render_sync(outcome: SyncOutcome, *, style: Style) -> str:
    """Tell for every environment what was read and linked, what was set aside and why, and what to do next."""
    blocks = ["\n".join(_environment(each, style)) for each in outcome.environments] or ["No environment was synced."]
    steps = _next_steps(outcome)
    if steps:
        told = [line for step in steps for line in wrapped(step, width=style.width, indent="  - ", hanging="    ")]
        blocks.append("\n".join([style.strong("What to do"), *told]))
    return log_safe("\n\n".join(blocks))


def summary_sync(outcome: SyncOutcome) -> str:
    """Tell the same in Markdown, for the step summary."""
    header = ["Environment", "Synced", "Unchanged", "Source-managed", "Unmanaged", "Missing", "Set aside", "Seconds"]
    blocks = [["## Sync"], table(header, [_figures(each) for each in outcome.environments])]
    for each in outcome.environments:
        blocks += _environment_blocks(each)
    steps = [f"- {with_commands(step)}" for step in _next_steps(outcome)]
    if steps:
        blocks += [["### What to do"], steps]
    return "\n".join(joined(blocks)) + "\n"


def _environment_blocks(each: EnvironmentSync) -> Iterator[list[str]]:
    where = escaped(place(each.title, each.environment))
    if each.failed is not None:
        fix = f" {_message(each.failed_fix)}" if each.failed_fix else ""
        yield [f"- :warning: {where} was **not synced**: {_message(each.failed)}{fix}"]
    yield [f"- :warning: {where}: {_message(problem)}" for problem in each.problems[:_MOST_ROWS]]
    errors = [[_name(e.workflow_name), code(e.workflow_id), _message(e.message)] for e in each.errors[:_MOST_ROWS]]
    if errors:
        body = table(["Workflow", "n8n id", "Why"], errors)
        yield details(f"{where}: {count(len(each.errors), 'workflow')} set aside", body, is_open=True)
    unmapped = [
        [_name(one.workflow_name), code(one.n8n_workflow_id), escaped(_alike(one))]
        for one in each.unmapped[:_MOST_ROWS]
    ]
    if unmapped:
        body = table(["Workflow", "n8n id", "Named like"], unmapped)
        yield details(f"{where}: {count(len(each.unmapped), 'unmanaged workflow')}", body)


def _environment(each: EnvironmentSync, style: Style) -> Iterator[str]:
    where = place(each.title, each.environment)
    if each.failed is not None:
        yield style.alarming(f"{where}: NOT SYNCED.") + f" {visible(mask_text(each.failed))}"
        if each.failed_fix:
            yield from wrapped(
                visible(mask_text(each.failed_fix)), width=style.width, indent="  Fix: ", hanging="       "
            )
        return
    if not each.is_new:
        yield style.notable(f"{where}: a sync is running already (job {visible(each.job_id)}); this is its record.")
        return
    done = f"{where}: {count(each.workflows_synced, 'workflow')} synced in {each.duration_seconds:.1f} s"
    yield style.good(done) + f", {STATUSES[each.drift_status]}."
    yield f"  unchanged since the last sync: {each.workflows_skipped:,}"
    yield f"  source-managed: {each.workflows_linked:,}{_created(each)}"
    yield f"  unmanaged: {each.workflows_unmapped:,}"
    if each.workflows_missing:
        yield style.bad(f"  missing, gone from n8n: {each.workflows_missing:,}")
    for problem in each.problems:
        yield from (
            style.notable(line) for line in wrapped(_plain(problem), width=style.width, indent="  ! ", hanging="    ")
        )
    yield from _set_aside(each, style)
    yield from _unmanaged(each.unmapped, style)


def _created(each: EnvironmentSync) -> str:
    return (
        f", {count(len(each.created_workflow_ids), 'workflow')} seen for the first time"
        if each.created_workflow_ids
        else ""
    )


def _set_aside(each: EnvironmentSync, style: Style) -> Iterator[str]:
    if each.errors:
        yield style.bad(f"  set aside: {len(each.errors):,}")
    for error in each.errors[:_MOST_NAMED]:
        yield f"    {_short(error.workflow_name)} (n8n id {visible(error.workflow_id)})"
        yield from wrapped(_plain(error.message), width=style.width, indent="      ")
        yield from wrapped(_plain(error.fix), width=style.width, indent="      Fix: ", hanging="           ")
    if len(each.errors) > _MOST_NAMED:
        yield f"    and {len(each.errors) - _MOST_NAMED:,} more; --json lists them all"


def _unmanaged(workflows: Sequence[UnmappedWorkflow], style: Style) -> Iterator[str]:
    if workflows:
        yield style.strong("  Unmanaged workflows")
    for each in workflows[:_MOST_NAMED]:
        alike = f", named like {_alike(each)} in Git" if each.suggestion else ""
        facts = f"{count(each.node_count, 'node')}, {'active' if each.active else 'not active'}{alike}"
        yield f"    {_short(each.workflow_name)} (n8n id {visible(each.n8n_workflow_id)}, {facts})"
    if len(workflows) > _MOST_NAMED:
        yield f"    and {len(workflows) - _MOST_NAMED:,} more; --json lists them all"


def _next_steps(outcome: SyncOutcome) -> list[str]:
    steps: list[str] = []
    for each in outcome.environments:
        option = f"--environment {visible(each.environment)}"
        if each.failed is not None:
            steps.append(f"Put right what is named above, then `workflowops sync {option}` again.")
            continue
        if not each.is_new:
            continue
        if each.workflows_unmapped:
            steps.append(f"`workflowops onboard --all {option}` puts the unmanaged workflows under Git.")
        if each.workflows_missing:
            steps.append(f"`workflowops drift {option}` says what is gone.")
        if each.workflows_linked and each.drift_status is DriftStatus.NEW:
            steps.append(f"`workflowops baseline {option}` accepts what is in sync as last known good.")
    return steps


def _figures(each: EnvironmentSync) -> list[str]:
    where = escaped(place(each.title, each.environment))
    if each.failed is not None:
        return [where, ":warning: not synced", *[""] * 6]
    if not each.is_new:
        return [where, "running already", *[""] * 6]
    figures = (
        each.workflows_synced,
        each.workflows_skipped,
        each.workflows_linked,
        each.workflows_unmapped,
        each.workflows_missing,
        len(each.errors),
    )
    return [where, *(f"{figure:,}" for figure in figures), f"{each.duration_seconds:.1f}"]


def _alike(each: UnmappedWorkflow) -> str:
    return visible(mask_text(each.suggestion or ""))


def _plain(text: str) -> str:
    return cut(visible(mask_text(text)), _LONGEST_MESSAGE)


def _short(name: str) -> str:
    return cut(visible(mask_text(name)) or "(no name)", _LONGEST_NAME)


def _name(name: str) -> str:
    return code(cut(mask_text(name), _LONGEST_NAME))


def _message(text: str) -> str:
    return escaped(cut(mask_text(text), _LONGEST_MESSAGE))
