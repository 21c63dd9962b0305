"""What became of an environment's incidents after a drift check."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.incident.record import Incident
from workflowops.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was said on GitHub. `problems` kept something from being said, which stays to be said; `warnings` did not.

    `comments` is the address of each comment by the id of its note.
    """

    comments: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsOutcome:
    """The incidents that were opened, changed and closed, and those that stand as they were.

    `waiting` counts incidents that were decided and whose issue could not be opened yet; the next run goes on with
    them. `left_alone` says why nothing was looked at. `is_plan` marks a dry run: nothing of it was done.
    """

    opened: tuple[Incident, ...] = ()
    updated: tuple[Incident, ...] = ()
    closed: tuple[Incident, ...] = ()
    unchanged: tuple[Incident, ...] = ()
    accepted: int = 0
    waiting: int = 0
    requests: int = 0
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.DONE
    left_alone: str | None = None
    is_plan: bool = False

    @property
    def is_complete(self) -> bool:
        """Say whether it speaks of all incidents: they could be read."""
        return self.exit_code is ExitCode.DONE and self.left_alone is None
