"""The patterns that rules of GitHub name branches and tags by."""

import re
from collections.abc import Iterable

EVERY_REF = "~ALL"
DEFAULT_BRANCH = "~DEFAULT_BRANCH"


def matches_ref(pattern: str, ref: str) -> bool:
    """Say whether a pattern means a ref, both as short names (`main`, `snapshots/promo-1-pre`) or both in full.

    `*` and `?` stand for anything but a slash, `**/` for any number of folders, `[abc]` for one of these letters.
    Source: docs.github.com, "Creating rulesets for a repository", which names Ruby's File.fnmatch with FNM_PATHNAME.
    """
    return re.fullmatch(_expression(pattern), ref) is not None


def is_meant(ref: str, *, include: Iterable[str], exclude: Iterable[str] = (), is_default: bool = False) -> bool:
    """Say whether the conditions of a ruleset mean a ref, given in full (`refs/tags/v1`)."""

    def is_named(patterns: Iterable[str]) -> bool:
        return any(
            pattern == EVERY_REF or (pattern == DEFAULT_BRANCH and is_default) or matches_ref(pattern, ref)
            for pattern in patterns
        )

    return is_named(include) and not is_named(exclude)


def _expression(pattern: str) -> str:
    parts: list[str] = []
    rest = pattern
    while rest:
        if rest.startswith("**/"):
            parts, rest = [*parts, "(?:[^/]+/)*"], rest[3:]
        elif rest[0] in "*?":
            stars = len(rest) - len(rest.lstrip("*")) or 1
            parts, rest = [*parts, "[^/]*" if rest[0] == "*" else "[^/]"], rest[stars:]
        elif (found := re.match(r"\[([!^]?)([^\]/]+)\]", rest)) is not None:
            letters = re.sub(r"([\\\[^&~|])", r"\\\1", found[2])
            parts, rest = [*parts, f"[{'^/' if found[1] else ''}{letters}]"], rest[found.end() :]
        elif rest[0] == "\\" and len(rest) > 1:
            parts, rest = [*parts, re.escape(rest[1])], rest[2:]
        else:
            parts, rest = [*parts, re.escape(rest[0])], rest[1:]
    return "".join(parts)
