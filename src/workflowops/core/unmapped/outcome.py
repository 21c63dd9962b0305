"""What became of the issues about unmanaged workflows after a sync."""

from dataclasses import dataclass

from workflowops.core.json import Json
from workflowops.core.unmapped.alert import Deed
from workflowops.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedIssue:
    """The issue of one environment. `number` is None where it would be opened, or could not be."""

    environment: str
    deed: Deed
    workflows_unmapped: int
    number: int | None = None
    url: str | None = None
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedOutcome:
    """The issues that were looked at, and `unknown`: the environments that could not be read and were left alone.

    `left_alone` says why nothing was looked at. `is_plan` marks a dry run: nothing of it was done.
    """

    issues: tuple[UnmappedIssue, ...] = ()
    unknown: tuple[str, ...] = ()
    left_alone: str | None = None
    problems: tuple[str, ...] = ()
    requests: int = 0
    exit_code: ExitCode = ExitCode.DONE
    is_plan: bool = False

    @property
    def open_numbers(self) -> tuple[int, ...]:
        """Number the issues that are open and list workflows."""
        return tuple(sorted(each.number for each in self.issues if each.number is not None and each.is_open))


def unmapped_document(outcome: UnmappedOutcome) -> dict[str, Json]:
    """Write what became of the issues, for the document of a sync."""
    return {
        "issues": [
            {
                "environment": each.environment,
                "became": str(each.deed),
                "number": each.number,
                "url": each.url,
                "open": each.is_open,
                "workflows_unmapped": each.workflows_unmapped,
            }
            for each in outcome.issues
        ],
        "unknown": [*outcome.unknown],
        "left_alone": outcome.left_alone,
        "problems": [*outcome.problems],
        "requests": outcome.requests,
        "dry_run": outcome.is_plan,
    }
