"""What is wrong in a file of the repository, where it stands, and what to do about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_MOST_COMPARED = 200

PathInDocument = tuple[str | int, ...]
"""The keys and indexes that lead to a value: ("environments", "prod", "drift", "ignore", 0)."""


class Severity(StrEnum):
    """Whether a problem stops the work or is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A line and a column of a text file, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right. `line` and `column` count from 1; None means the file as a whole."""

    path: str
    line: int | None
    column: int | None
    rule: str
    message: str
    fix: str
    severity: Severity

    @classmethod
    def error(cls, path: str, *, rule: str, message: str, fix: str, place: Place | None = None) -> Self:
        """Make a problem that stops the work."""
        return cls(path, *_numbers(place), rule, message, fix, Severity.ERROR)

    @classmethod
    def warning(cls, path: str, *, rule: str, message: str, fix: str, place: Place | None = None) -> Self:
        """Make a problem that is only told."""
        return cls(path, *_numbers(place), rule, message, fix, Severity.WARNING)

    @property
    def is_error(self) -> bool:
        """Say whether the file cannot be used as it is."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem of a document before its line is known: `path` leads to the value, or to the key when `is_key`."""

    path: PathInDocument
    rule: str
    message: str
    fix: str
    severity: Severity = Severity.ERROR
    is_key: bool = False

    def located(self, path: str, place: Place | None) -> Problem:
        """Make the problem of the file at `path` that this fault is."""
        return Problem(path, *_numbers(place), self.rule, self.message, self.fix, self.severity)


def _numbers(place: Place | None) -> tuple[int | None, int | None]:
    return (None, None) if place is None else (place.line, place.column)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort as a person reads: by file, then from top to bottom, errors first where they share a place."""
    return tuple(
        sorted(
            problems,
            key=lambda problem: (problem.path, problem.line or 0, problem.column or 0, problem.severity, problem.rule),
        )
    )


def has_error(problems: Iterable[Problem]) -> bool:
    """Say whether any of them stops the work."""
    return any(problem.is_error for problem in problems)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Answer the known word that was probably meant; None when nothing is close, or there are too many to compare."""
    if len(known) > _MOST_COMPARED:
        return None
    import difflib  # only a mistake needs it

    folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    found = difflib.get_close_matches(word.casefold()[:100], folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def shown(text: str, *, longest: int = 60) -> str:
    """Quote a piece of somebody's file for a message: short, on one line, without characters that draw nothing."""
    cut = text if len(text) <= longest else f"{text[:longest]}..."
    return "`" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut).replace("`", "'") + "`"


def where(path: PathInDocument) -> str:
    """Name a place in a document as people write it: `environments.prod.drift.ignore[0].path`."""
    named = ""
    for step in path:
        named += f"[{step}]" if isinstance(step, int) else f".{step[:100]}" if named else step[:100]
    return shown(named, longest=300) if named else "The file"
