"""What becomes of each file: written, updated, or left as a person made it; decided before anything is written."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.setup import attributes
from workflowops.core.setup.marking import Authorship, authorship, marked, with_plain_line_ends

_DELETE = "Take over what you want of the difference by hand, or delete the file and run `init` again."


class Fate(StrEnum):
    """What `init` does with a file."""

    WRITTEN = "written"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """One file. `content` is what is to be written, None when nothing is. `before` is what lies there, if anything.

    `difference` is a unified diff from what lies there to what would be written; for a file that is left it is what
    the person is missing. `advice` says what to do then.
    """

    path: str
    fate: Fate
    content: str | None = None
    before: str | None = None
    difference: tuple[str, ...] = ()
    advice: str | None = None


def plan_generated(path: str, text: str, present: str | None) -> FilePlan:
    """Plan a file that is ours as long as nobody edits it: a workflow file, or the issue form."""
    wanted = marked(text)
    if present is None:
        return FilePlan(path=path, fate=Fate.WRITTEN, content=wanted)
    if with_plain_line_ends(present) in (wanted, text):
        return FilePlan(path=path, fate=Fate.UNCHANGED, before=present)
    difference = _difference(path, present, wanted)
    match authorship(present):
        case Authorship.OURS:
            return FilePlan(path=path, fate=Fate.UPDATED, content=wanted, before=present, difference=difference)
        case Authorship.EDITED:
            advice = f"Somebody has edited {path} since `init` wrote it. {_DELETE}"
        case Authorship.FOREIGN:
            advice = f"{path} was not written by `init`. {_DELETE}"
    return FilePlan(path=path, fate=Fate.LEFT, before=present, difference=difference, advice=advice)


def plan_configuration(path: str, text: str, present: str | None, *, missing: Sequence[str]) -> FilePlan:
    """Plan workflowops.yml, which is the team's once it is there. `missing` are lines that it would need."""
    if present is None:
        return FilePlan(path=path, fate=Fate.WRITTEN, content=text)
    if not missing:
        return FilePlan(path=path, fate=Fate.UNCHANGED, before=present)
    advice = f"{path} is yours and stays as it is. Add these lines under `environments`, and stages for them."
    added = tuple(f"+{line}" for line in missing)
    return FilePlan(path=path, fate=Fate.LEFT, before=present, difference=added, advice=advice)


def plan_attributes(block: str, present: str | None, *, missing: Sequence[str]) -> FilePlan:
    """Plan .gitattributes, of which only our part is ours. `missing` counts where the file has no part of ours."""
    path = attributes.PATH
    if present is None:
        return FilePlan(path=path, fate=Fate.WRITTEN, content=block)
    own = attributes.own_block(present)
    if own is None:
        return _plan_foreign_attributes(present, missing)
    if own == block:
        return FilePlan(path=path, fate=Fate.UNCHANGED, before=present)
    wanted = attributes.with_block(present, block)
    difference = _difference(path, present, wanted)
    if attributes.block_authorship(own) is Authorship.OURS:
        return FilePlan(path=path, fate=Fate.UPDATED, content=wanted, before=present, difference=difference)
    advice = f"Somebody has edited our part of {path}. Take over what you want of the difference by hand."
    return FilePlan(path=path, fate=Fate.LEFT, before=present, difference=difference, advice=advice)


def _plan_foreign_attributes(present: str, missing: Sequence[str]) -> FilePlan:
    path = attributes.PATH
    if not missing:
        return FilePlan(path=path, fate=Fate.UNCHANGED, before=present)
    advice = f"{path} is yours and stays as it is. Add these lines for readable diffs of workflows."
    added = tuple(f"+{line}" for line in missing)
    return FilePlan(path=path, fate=Fate.LEFT, before=present, difference=added, advice=advice)


def to_write(plans: Sequence[FilePlan]) -> Mapping[str, str]:
    """Answer what is to be written, by path."""
    return {plan.path: plan.content for plan in plans if plan.content is not None}


def _difference(path: str, before: str, after: str) -> tuple[str, ...]:
    old, new = with_plain_line_ends(before).splitlines(), after.splitlines()
    return tuple(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""))
