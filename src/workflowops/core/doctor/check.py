"""One finding of the doctor, and what the findings amount to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Facts = TypeVar("Facts")

REPOSITORY = "repository"
STATE = "state"
CONFIGURATION = "configuration"


class Verdict(StrEnum):
    """How a check ended. UNKNOWN: it could not be looked at, which is never the same as in order."""

    PASSED = "passed"
    WARNING = "warning"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


WITHOUT_FIX = frozenset({Verdict.PASSED, Verdict.SKIPPED})


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found on one subject.

    `id` is stable ("n8n.key"); `subject` is `environment_subject(name)`, REPOSITORY, STATE or CONFIGURATION; `title` is
    the claim that was checked, as a person reads it. `fix` says what to do: it is there for every verdict but PASSED
    and SKIPPED, and None for those two; a Check that breaks this cannot be built (ValueError). `details` are the single
    things behind `found`, one sentence each, where there are more than it can name.
    """

    id: str
    subject: str
    title: str
    verdict: Verdict
    found: str
    fix: str | None = None
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.fix is None) != (self.verdict in WITHOUT_FIX):
            raise ValueError(f"The check {self.id} is {self.verdict} and its fix is {self.fix!r}.")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says about its subject, before it is given the check's id and title."""

    verdict: Verdict
    found: str
    fix: str | None = None
    details: tuple[str, ...] = ()


def passed(found: str = "") -> Finding:
    """In order; `found` is what was seen where the title does not say it all."""
    return Finding(Verdict.PASSED, found)


def warning(found: str, *, fix: str, details: Iterable[str] = ()) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(Verdict.WARNING, found, fix, tuple(details))


def broken(found: str, *, fix: str, details: Iterable[str] = ()) -> Finding:
    """Something that the program needs does not work."""
    return Finding(Verdict.BROKEN, found, fix, tuple(details))


def unknown(found: str, *, fix: str) -> Finding:
    """It could not be looked at: `found` says why, `fix` where a person can look."""
    return Finding(Verdict.UNKNOWN, found, fix)


def skipped(found: str) -> Finding:
    """It does not apply here, or an earlier check that it stands on failed: `found` says which."""
    return Finding(Verdict.SKIPPED, found)


def check_of(unit: Callable[[Facts], Finding], facts: Facts, *, identifier: str, subject: str) -> Check:
    """Run one check on `facts`; the first line of its docstring, without the full stop, is its title.

    A unit without a docstring is a ValueError: a check that does not say what it checks is none.
    """
    text = (unit.__doc__ or "").strip()
    if not text:
        raise ValueError(f"The check {identifier} says nothing about what it checks.")
    finding = unit(facts)
    title = text.splitlines()[0].rstrip(".")
    return Check(
        id=identifier,
        subject=subject,
        title=title,
        verdict=finding.verdict,
        found=finding.found,
        fix=finding.fix,
        details=finding.details,
    )


def environment_subject(environment: str) -> str:
    """The subject of the checks of one environment: "environment dev"."""
    return f"environment {environment}"


def is_broken(checks: Iterable[Check]) -> bool:
    """Whether something was found broken: warnings and unknowns are not."""
    return any(check.verdict is Verdict.BROKEN for check in checks)
