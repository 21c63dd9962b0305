"""What a command, or the form, asks for when workflows are to be put under Git."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.problems import shown
from workflowops.errors import ConfigurationError

MOST_WORKFLOWS = 200
"""Workflows that one command may name; `all` names more."""

_ALL = "all"
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SEPARATOR = re.compile(r"[,\s]+")
_EXAMPLE = "/onboard 2tUt1wbLX592XDdX"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingAsked:
    """Workflows of one environment, by n8n id or all of them, and how they are to be kept in Git.

    `environment` is None where the place of the command has to tell. What is None is decided by the workflow's name.
    """

    workflow_ids: tuple[str, ...] = ()
    is_all: bool = False
    environment: str | None = None
    slug: str | None = None
    file: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    message: str | None = None
    allow_secrets: bool = False
    link: bool = False


def onboarding_asked(given: Mapping[str, str]) -> OnboardingAsked:
    """Read what was asked for from the fields of a command or a form, in which empty counts as not given.

    Raises ConfigurationError for what is no n8n id, `all` beside ids, a slug or a file for several workflows, and a
    word that is neither yes nor no.
    """
    words = tuple(dict.fromkeys(word for each in _SEPARATOR.split(given.get("workflows", "")) if (word := _bare(each))))
    is_all = _ALL in {word.casefold() for word in words}
    ids = () if is_all else words
    _check_ids(words, ids, is_all=is_all)
    slug, file = _bare(given.get("slug", "")) or None, _bare(given.get("file", "")) or None
    if (slug or file) and (is_all or len(ids) > 1):
        raise ConfigurationError("A slug or a file is for one workflow.", fix=f"Name one n8n id, as in `{_EXAMPLE}`.")
    return OnboardingAsked(
        workflow_ids=ids,
        is_all=is_all,
        environment=_bare(given.get("environment", "")) or None,
        slug=slug,
        file=file,
        description=given.get("description", "").strip(),
        tags=tuple(dict.fromkeys(tag for each in given.get("tags", "").split(",") if (tag := each.strip()))),
        message=given.get("message", "").strip() or None,
        allow_secrets=_is_yes("allow_secrets", given),
        link=_is_yes("link", given),
    )


def _check_ids(words: tuple[str, ...], ids: tuple[str, ...], *, is_all: bool) -> None:
    if not words:
        raise ConfigurationError("No workflow is named.", fix=f"Name its n8n id, as in `{_EXAMPLE}`.")
    if is_all and len(words) > 1:
        raise ConfigurationError("`all` stands beside n8n ids.", fix="Write either `all` or the ids.")
    odd = next((each for each in ids if not _ID.fullmatch(each)), None)
    if odd is not None:
        raise ConfigurationError(
            f"{shown(odd)} is no n8n id: letters, digits, `_` and `-`, at most 64 of them.",
            fix=f"Take the id from the list of unmanaged workflows, as in `{_EXAMPLE}`. "
            'A text with blanks stands in double quotes, as in description="What it is for".',
        )
    if len(ids) > MOST_WORKFLOWS:
        raise ConfigurationError(
            f"{len(ids):,} workflows are named; {MOST_WORKFLOWS} are the most.", fix="Name fewer, or write `all`."
        )


def _is_yes(name: str, given: Mapping[str, str]) -> bool:
    word = given.get(name, "").strip().casefold()
    if word and word not in _YES | _NO:
        raise ConfigurationError(f"{name} is {shown(word)}.", fix=f"Write `{name}=yes`, or leave it out.")
    return word in _YES


def _bare(word: str) -> str:
    return word.strip().strip("`").strip()
