"""An adoption in words: the pull request's title and body, and the answer to the comment that asked for it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from workflowops.core.incident.adoption import ALLOW_SECRETS, AdoptedWorkflow, Adopting, Adoption, adoption_marker
from workflowops.core.secrets import mask_text
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, joined, size, table, with_commands
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.prospect import prospect_text
from workflowops.core.text.words import RISKS, kind_of, place
from workflowops.core.text.workflow_difference import IN_SHORT, LONGEST_NAME, section, shown

_LONGEST_TITLE = 200
_LONGEST_BODY = 60_000
"""Bytes, below the 65,536 characters that GitHub takes."""

_LONGEST_LIST = 12_000
"""Bytes, for each of the two lists of workflows."""

_LONGEST_REASON = 1_000
_LONGEST_PATH = 300
_MOST_NAMED = 10
_MOST_MISSES = 3
_HAPPENS = {Adopting.WRITTEN: "written", Adopting.DELETED: "deleted"}
_SETTING = "Settings, Actions, General, “Allow GitHub Actions to create and approve pull requests”"


def pull_request_title(adoption: Adoption) -> str:
    """Write the title: plain text in which nothing is a mention or closes an issue, also as a commit message."""
    changed = adoption.of(Adopting.WRITTEN, Adopting.DELETED)
    first = _plain(cut(mask_text(changed[0].workflow.workflow_name), 100)) if changed else ""
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return cut(f"Adopt what n8n runs in {_plain(cut(adoption.title, 60))}: {first}{more}", _LONGEST_TITLE)


def pull_request_body(adoption: Adoption) -> str:
    """Write the body: which incident, what merging does, and every difference, masked. Under GitHub's limit."""
    changed = adoption.of(Adopting.WRITTEN, Adopting.DELETED)
    where = escaped(cut(place(adoption.title, adoption.environment), LONGEST_NAME))
    blocks = [
        [
            f"Incident #{adoption.incident}: somebody changed {count(len(changed), 'workflow')} of {where} in n8n. "
            "This pull request puts n8n's version into Git."
        ],
        _overview(changed),
        [*_merging(adoption, changed)],
        _not_in_it(adoption),
    ]
    ending = [_about(adoption), adoption_marker(adoption.incident)]
    room = _LONGEST_BODY - size(joined([*blocks, ending])) - 500
    blocks += [["### What changes", "", "“Git” is the file as it is, “n8n” what it says once this is merged."]]
    blocks += _sections(changed, room)
    return "\n".join(joined([*blocks, [ending[0]], [ending[1]]])) + "\n"


def adoption_text(adoption: Adoption, *, links: Links | None = None) -> str:
    """Answer the comment that asked, in Markdown: the pull request, or why there is none."""
    changed = adoption.of(Adopting.WRITTEN, Adopting.DELETED)
    return "\n".join(joined([_headline(adoption, changed, links), _overview(changed), _not_in_it(adoption)])) + "\n"


def _headline(adoption: Adoption, changed: Sequence[AdoptedWorkflow], links: Links | None) -> list[str]:
    if adoption.problem is not None:
        return _trouble(adoption, links)
    if not changed:
        refused = adoption.of(Adopting.REFUSED)
        return [
            "**Nothing was adopted.** No branch was pushed and no pull request opened."
            if refused
            else "**There is nothing to adopt any more.** No branch was pushed and no pull request opened."
        ]
    what = f"n8n's version of {count(len(changed), 'workflow')}"
    if adoption.is_dry_run:
        return [f"Would propose {what} on a branch, and open a pull request. Nothing was written: this was a dry run."]
    if adoption.pull_request is None:
        return [f"The branch {code(adoption.branch or '')} holds {what}. {_by_hand(adoption, links)}"]
    number = adoption.pull_request.number
    first = f"**#{number} puts {what} into Git.**"
    if not adoption.is_new:
        first = f"**#{number} puts {what} into Git already**; nothing was pushed."
    elif not adoption.pull_request.is_new:
        first = f"**#{number} now puts {what} into Git**; it was open already."
    told = [first]
    if not adoption.is_ours:
        told.append("Somebody else has pushed onto its branch, too: look at the files before merging.")
    told += [
        "Merging it writes nothing to n8n.",
        *_prospect(adoption, "this incident"),
        _no_checks(f"#{number}"),
    ]
    return [" ".join(told)]


def _trouble(adoption: Adoption, links: Links | None) -> list[str]:
    reason = f"{escaped(_shown(adoption.problem))} {with_commands(_advice(adoption.fix))}"
    if adoption.branch is None:
        return [f"**Nothing was adopted, and nothing was written.** {reason}"]
    return [
        f"**The pull request could not be opened.** {reason}",
        "",
        f"The files stand on the branch {code(adoption.branch)}. {_by_hand(adoption, links)} If GitHub refused it, "
        f"look at {_SETTING}.",
    ]


def _by_hand(adoption: Adoption, links: Links | None) -> str:
    if links is None:
        return "Open a pull request from it by hand."
    address = f"{links.server_url}/{links.repository}/pull/new/{quote(adoption.branch or '')}"
    return f"[Open a pull request]({address}) from it by hand."


def _merging(adoption: Adoption, changed: Sequence[AdoptedWorkflow]) -> list[str]:
    told = [
        "- Merging this writes nothing to n8n. It makes Git say what n8n runs.",
        *(f"- {sentence}" for sentence in _prospect(adoption, f"incident #{adoption.incident}")),
        "- Closing it without merging changes nothing: the incident stays open.",
    ]
    overruled = [each for each in changed if each.overrules_git]
    if overruled:
        names = ", ".join(shown(each.workflow).name for each in overruled[:_MOST_NAMED])
        names += f" and {len(overruled) - _MOST_NAMED} more" if len(overruled) > _MOST_NAMED else ""
        told.append(f"- :warning: Git was changed as well since n8n ran what Git says: {names}. That change is undone.")
    return [*told, f"- {_no_checks('this pull request')}"]


def _prospect(adoption: Adoption, subject: str) -> list[str]:
    return [] if adoption.prospect is None else [prospect_text(adoption.prospect, subject=subject)]


def _no_checks(what: str) -> str:
    return (
        f"If {what} shows no checks: GitHub starts none for a pull request that was opened with `GITHUB_TOKEN`. "
        "Closing it and opening it again by hand starts them."
    )


def _overview(changed: Sequence[AdoptedWorkflow]) -> list[str]:
    rows = [*_fitting(_row(each) for each in changed)]
    more = [f"({count(len(changed) - len(rows), 'more workflow')})"] if len(changed) > len(rows) else []
    return joined([table(["Workflow", "What happened", "Risk", "File"], rows), more]) if changed else []


def _row(each: AdoptedWorkflow) -> list[str]:
    one = shown(each.workflow)
    risk = RISKS[one.diff.risk] if one.diff is not None and one.diff.risk is not None else ""
    files = ", ".join(code(cut(mask_text(path), _LONGEST_PATH)) for path in each.files)
    return [one.name, escaped(kind_of(each.workflow)), risk, f"{files} ({_HAPPENS[each.adopting]})"]


def _not_in_it(adoption: Adoption) -> list[str]:
    others = adoption.of(Adopting.REFUSED, Adopting.LEFT)
    told = [line for (line,) in _fitting([_reason(each)] for each in others)]
    more = [f"- ({len(others) - len(told):,} more)"] if len(others) > len(told) else []
    return ["Not adopted:", "", *told, *more] if others else []


def _reason(each: AdoptedWorkflow) -> str:
    one = shown(each.workflow)
    reason = escaped(cut(one.redaction.text(each.reason or ""), _LONGEST_REASON))
    if each.adopting is Adopting.LEFT:
        return f"- {one.name} is left out: {reason}."
    return f"- :warning: {one.name} is **refused**: {reason} {with_commands(_advice(each.fix))}"


def _fitting(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Give rows as long as there is room for them in a list."""
    room = _LONGEST_LIST
    for row in rows:
        room -= size(row)
        if room < 0:
            return
        yield row


def _sections(changed: Sequence[AdoptedWorkflow], room: int) -> list[list[str]]:
    """Tell as many differences as fit, each whole; after a few that did not fit no more are tried."""
    blocks: list[list[str]] = []
    told = misses = 0
    for each in changed:
        part = section(shown(each.workflow), extent=IN_SHORT)
        if size(part) + 1 > room:
            misses += 1
            if misses > _MOST_MISSES:
                break
            continue
        room -= size(part) + 1
        told += 1
        blocks.append(part)
    left = len(changed) - told
    return [*blocks, [f"**{count(left, 'more difference')} left out here**: see the changed files."] if left else []]


def _about(adoption: Adoption) -> str:
    return (
        "This is what n8n ran when it was asked. When somebody asks again and n8n has changed, the branch and this "
        f"text are brought up to date, and the answer in #{adoption.incident} says so."
    )


def _shown(text: str | None) -> str:
    return cut(mask_text(text or ""), _LONGEST_REASON)


def _advice(fix: str | None) -> str:
    """Mask what is foreign in an advice; our own sentence in it looks like a secret and is none."""
    return ALLOW_SECRETS.join(_shown(part) for part in (fix or "").split(ALLOW_SECRETS))


def _plain(text: str) -> str:
    """Keep a text from being a mention or a link, or from closing an issue: an invisible character breaks the sign."""
    return re.sub(r"(?i)([@#](?=\w)|\bGH-(?=\w)|:(?=//))", "\\1\u200b", visible(text))
