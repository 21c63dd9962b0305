"""A proposal to put workflows under Git, in words: the pull request's title and body."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workflowops.core.onboarding import Onboarded, OnboardingPlan, Refusal
from workflowops.core.onboarding_needs import all_needs
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import code, escaped, joined, size, table, with_commands
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.words import place, shown_name

_LONGEST_TITLE = 200
_LONGEST_NAME = 120
_LONGEST_REASON = 1_000
_LONGEST_PATH = 300
_ROOM = 36_000
"""Bytes for the table of workflows. All lists together stay below the 65,536 characters that GitHub takes."""

_ROOM_FOR_OTHERS = 6_000
_HEADER = ["Workflow", "n8n id", "Slug", "File", "Nodes", "Active"]


def onboarding_marker(branch: str) -> str:
    """Answer the hidden mark by which the body is known to be ours when the proposal is made anew."""
    return f"<!-- workflowops:onboarding {branch} -->"


def plain_title(name: str) -> str:
    """Keep a name from being a mention or a link, or from closing an issue; what looks like a secret is masked."""
    shown = visible(mask_text(cut(name, 100)))
    return re.sub(r"(?i)([@#](?=\w)|\bGH-(?=\w)|:(?=//))", "\\1\u200b", shown)


def onboarding_title(onboarded: Sequence[Onboarded], *, titles: Mapping[str, str]) -> str:
    """Write the title. `titles` are those of the environments."""
    where = ", ".join(plain_title(titles.get(name, name)) for name in _environments(onboarded))
    if len(onboarded) == 1:
        return cut(f"Onboard {plain_title(onboarded[0].workflow_name)} from {where}", _LONGEST_TITLE)
    return cut(f"Onboard {len(onboarded):,} workflows from {where}", _LONGEST_TITLE)


def onboarding_body(plan: OnboardingPlan, *, branch: str, titles: Mapping[str, str], requested_by: str) -> str:
    """Write the body: what comes under Git, what was refused, what the workflows need. Under GitHub's limit.

    Everything that comes from n8n is escaped and masked; of a secret only the place is named.
    """
    blocks = [
        [
            f"{_subject(plan.onboarded)} in n8n alone. This pull request puts "
            f"{'it' if len(plan.onboarded) == 1 else 'them'} into Git, as {code(requested_by)} asked: "
            "each as a file that n8n can import, with a sidecar beside it that holds its identity."
        ],
        *(_section(plan.onboarded, name, titles) for name in _environments(plan.onboarded)),
        _let_through(plan.onboarded),
        _refused(plan.refused),
        _needed(plan.onboarded),
        _merging(),
    ]
    return "\n".join([*joined(blocks), "", onboarding_marker(branch)]) + "\n"


def _environments(onboarded: Sequence[Onboarded]) -> list[str]:
    return list(dict.fromkeys(each.environment for each in onboarded))


def _subject(onboarded: Sequence[Onboarded]) -> str:
    number = len(onboarded)
    return f"{count(number, 'workflow')} {'exists' if number == 1 else 'exist'}"


def _section(onboarded: Sequence[Onboarded], environment: str, titles: Mapping[str, str]) -> list[str]:
    """List the workflows of an environment; each environment has its share of the room."""
    own = [each for each in onboarded if each.environment == environment]
    rows = [*_fitting((_row(each) for each in own), room=_ROOM // len(_environments(onboarded)))]
    title = escaped(cut(place(titles.get(environment, environment), environment), _LONGEST_NAME))
    left = len(own) - len(rows)
    more = ["", f"({left:,} more: see the changed files.)"] if left else []
    return [f"### {title}", "", *table(_HEADER, rows), *more]


def _row(each: Onboarded) -> list[str]:
    name = escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME))
    return [
        f"{name} (a copy of what another environment has)" if each.is_tied else name,
        code(cut(each.workflow_id, _LONGEST_NAME)),
        code(each.canonical_slug),
        code(cut(mask_text(each.git_file_path), _LONGEST_PATH)),
        f"{each.node_count:,}",
        "yes" if each.active else "no",
    ]


def _let_through(onboarded: Sequence[Onboarded]) -> list[str]:
    """Name what looks like a secret and comes all the same, because somebody said that it may."""
    suspected = [_suspected(each) for each in onboarded if each.suspected]
    if not suspected:
        return []
    lines = [line for (line,) in _fitting(([each] for each in suspected), room=_ROOM_FOR_OTHERS)]
    left = len(suspected) - len(lines)
    more = [f"- ({left:,} more)"] if left else []
    intro = (
        "This looks like secrets, and comes because somebody said that it is none. Merged, it stays in Git for good:"
    )
    return ["### Look at this before merging", "", intro, "", *lines, *more]


def _suspected(each: Onboarded) -> str:
    name = escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME))
    places = escaped(cut(mask_text("; ".join(each.suspected)), _LONGEST_REASON))
    return f"- :warning: {name} ({code(cut(each.workflow_id, _LONGEST_NAME))}): {places}"


def _refused(refused: Sequence[Refusal]) -> list[str]:
    if not refused:
        return []
    lines = [line for (line,) in _fitting(([_refusal(each)] for each in refused), room=_ROOM_FOR_OTHERS)]
    left = len(refused) - len(lines)
    more = [f"- ({left:,} more)"] if left else []
    return ["### Not in it", "", *lines, *more]


def _refusal(each: Refusal) -> str:
    name = escaped(cut(shown_name(each.workflow_name), _LONGEST_NAME))
    who = f"{name} ({code(cut(each.workflow_id, _LONGEST_NAME))})"
    reason = escaped(cut(mask_text(each.reason), _LONGEST_REASON))
    return f"- :warning: {who} is **refused**: {reason} {with_commands(cut(each.fix, _LONGEST_REASON))}"


def _needed(onboarded: Sequence[Onboarded]) -> list[str]:
    """Name what another environment must have before these run there."""
    needs = all_needs(each.needs for each in onboarded)
    credentials = [
        f"{code(cut(kind, _LONGEST_NAME))}: {escaped(cut(shown_name(name), _LONGEST_NAME)) or 'without a name'}"
        for kind, name in needs.credentials
    ]
    lines = [
        *_listed("Credentials", credentials),
        *_listed("Variables", [code(cut(mask_text(name), _LONGEST_NAME)) for name in needs.variables]),
        *_listed("Data tables", [escaped(cut(shown_name(name), _LONGEST_NAME)) for name in needs.data_tables]),
    ]
    if not lines:
        return []
    intro = "Another environment must have these before the workflows run there; what they hold stays in n8n:"
    return ["### What they need", "", intro, "", *lines]


def _listed(title: str, names: Sequence[str]) -> list[str]:
    shown = [line for (line,) in _fitting(([f"  - {name}"] for name in names), room=_ROOM_FOR_OTHERS // 2)]
    left = len(names) - len(shown)
    more = [f"  - ({left:,} more)"] if left else []
    return [f"- {title}", *shown, *more] if names else []


def _fitting(rows: Iterable[list[str]], *, room: int) -> Iterator[list[str]]:
    """Give rows as long as there is room for them."""
    for row in rows:
        room -= size(row)
        if room < 0:
            return
        yield row


def _merging() -> list[str]:
    return [
        "### Merging it",
        "",
        "- Nothing is written to n8n. The next `workflowops sync` links the workflows and says so here.",
        "- Slug, description and tags stand in the sidecars, and may be changed on this branch before it is merged.",
        "- Closing it without merging changes nothing: the workflows stay unmanaged and can be asked for again.",
        "- If it shows no checks: GitHub starts none for a pull request that was opened with `GITHUB_TOKEN`. "
        "Closing it and opening it again by hand starts them.",
    ]
