"""What `init` did and what is left to do, in words for the terminal."""

from collections.abc import Iterator, Sequence

from workflowops.core.setup.needs import Kind, NeededValue, Needs, commands_to_follow
from workflowops.core.setup.updating import Fate, FilePlan
from workflowops.core.setup.wishes import Setup
from workflowops.core.text.plain import count, log_safe, visible, wrapped
from workflowops.core.text.style import Style

_DONE = {
    Fate.WRITTEN: "written",
    Fate.UPDATED: "updated",
    Fate.UNCHANGED: "as it should be",
    Fate.LEFT: "left as it is",
}
_WOULD = {**_DONE, Fate.WRITTEN: "would be written", Fate.UPDATED: "would be updated"}


def render_plans(plans: Sequence[FilePlan], *, style: Style, is_planned: bool) -> str:
    """Tell what became, or would become, of each file; then every difference, and what to do about it."""
    words = _WOULD if is_planned else _DONE
    widest = max(len(words[plan.fate]) for plan in plans)
    blocks = [
        "\n".join(f"  {_painted(plan.fate, words[plan.fate].ljust(widest), style)}  {plan.path}" for plan in plans)
    ]
    blocks += ["\n".join(_difference(plan, style)) for plan in plans if plan.difference]
    return log_safe("\n\n".join(blocks))


def render_next(setup: Setup, needs: Needs, *, style: Style) -> str:
    """Tell everything that a person has to do now, in order: values, settings, approval, commands."""
    blocks = [
        _section("What to set in GitHub (Settings, Secrets and variables, Actions)", _values(needs, style), style),
        _section("What to switch on in GitHub", _settings(needs, style), style),
    ]
    if needs.approvals:
        blocks.append(_section("Who approves: two ways", _approvals(needs, style), style))
    blocks.append(_section("What the jobs may do", _permissions(needs, style), style))
    blocks.append(_section("Then", _commands(setup, style), style))
    return log_safe("\n\n".join(blocks))


def render_setup(setup: Setup, *, style: Style) -> str:
    """Tell in a few lines what was asked for and where the rest comes from."""
    stages = ", ".join(f"{visible(each.title)} ({each.name})" for each in setup.environments)
    return "\n".join(
        [
            f"{style.strong('Environments')}: {stages}",
            f"{style.strong('Actions')}: {setup.pin.repository}@{setup.pin.commit}",
            f"{style.strong('Default branch')}: {setup.branch}, runner: {', '.join(setup.runs_on)}",
        ]
    )


def nothing_written(plans: Sequence[FilePlan]) -> str:
    """Say after a dry run, or a no, that the files are as they were."""
    writes = sum(plan.content is not None for plan in plans)
    return f"Nothing was written; {count(writes, 'file')} would be."


def _painted(fate: Fate, word: str, style: Style) -> str:
    match fate:
        case Fate.WRITTEN | Fate.UPDATED:
            return style.good(word)
        case Fate.UNCHANGED:
            return style.quiet(word)
        case Fate.LEFT:
            return style.notable(word)


def _difference(plan: FilePlan, style: Style) -> Iterator[str]:
    yield style.strong(f"Difference in {plan.path}") if plan.advice is None else style.notable(visible(plan.advice))
    for line in plan.difference:
        shown = f"  {visible(line)}"
        is_head = line.startswith(("---", "+++", "@@"))
        if is_head:
            yield style.quiet(shown)
        else:
            yield style.good(shown) if line.startswith("+") else style.bad(shown) if line.startswith("-") else shown


def _section(title: str, lines: Iterator[str], style: Style) -> str:
    return "\n".join([style.strong(title), *lines])


def _values(needs: Needs, style: Style) -> Iterator[str]:
    homes = list(dict.fromkeys(each.environment for each in needs.values))
    for home in homes:
        yield "  of the repository" if home is None else f"  of the environment {home} (Settings, Environments, {home})"
        for each in needs.values:
            if each.environment == home:
                yield from _value(each, style)


def _value(each: NeededValue, style: Style) -> Iterator[str]:
    kind = "secret  " if each.kind is Kind.SECRET else "variable"
    yield f"    {kind} {each.name}"
    yield from wrapped(each.what, width=style.width, indent=" " * 13)
    if each.scopes:
        scopes = f"scopes in n8n: {', '.join(each.scopes)}"
        yield from (style.quiet(line) for line in wrapped(scopes, width=style.width, indent=" " * 13))


def _settings(needs: Needs, style: Style) -> Iterator[str]:
    for each in needs.settings:
        yield from wrapped(f"{each.where}: {each.what}", width=style.width, indent="  ", hanging="    ")
        yield from (style.quiet(line) for line in wrapped(each.why, width=style.width, indent="    "))


def _approvals(needs: Needs, style: Style) -> Iterator[str]:
    for each in needs.approvals:
        chosen = " (chosen)" if each.is_chosen else ""
        said = f"approval: {each.approval}{chosen}. {each.what}"
        yield from wrapped(said, width=style.width, indent="  ", hanging="    ")
        for step in each.steps:
            yield from wrapped(f"- {step}", width=style.width, indent="    ", hanging="      ")


def _permissions(needs: Needs, style: Style) -> Iterator[str]:
    yield from wrapped("The files ask for it, job by job; nothing has to be set.", width=style.width, indent="  ")
    for workflow in dict.fromkeys(each.workflow for each in needs.permissions):
        own = ", ".join(each.permission for each in needs.permissions if each.workflow == workflow)
        yield from wrapped(f"{workflow}: {own}", width=style.width, indent="  ", hanging="    ")


def _commands(setup: Setup, style: Style) -> Iterator[str]:
    for command, what in commands_to_follow(setup):
        yield f"  {command}"
        yield from (style.quiet(line) for line in wrapped(what, width=style.width, indent="    "))
