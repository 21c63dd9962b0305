"""What the checks on a repository look at together, and how they tell what could not be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflowops.core.configuration import Configuration
from workflowops.core.doctor.check import Finding, unknown
from workflowops.core.doctor.repository_facts import Overview, RepositoryFacts, Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A repository that could be read. `configuration` is None where workflowops.yml could not be."""

    configuration: Configuration | None
    facts: RepositoryFacts
    overview: Overview
    now: datetime


def unread(found: Unread, *, look: str = "") -> Finding:
    """Say that something could not be read; `look` is a sentence on where a person sees it."""
    return unknown(found.why, fix=f"{look} {found.fix}".strip())


def enumerated(words: Iterable[str], *, last: str = "and", most: int = 5) -> str:
    """Write a list as in a sentence; what is beyond `most` is counted."""
    listed = list(words)
    if len(listed) > most:
        listed = [*listed[:most], f"{len(listed) - most} more"]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} {last} {listed[-1]}" if listed else ""
