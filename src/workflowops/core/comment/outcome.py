"""What became of the commands of a comment, and of an event as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.outcome import Delivery
from workflowops.core.incident.record import Incident, Step
from workflowops.errors import ExitCode


class Became(StrEnum):
    """What became of one command."""

    DONE = "done"
    DENIED = "denied"  # whoever gave it may not
    IMPOSSIBLE = "impossible"  # not now, or not with these arguments
    MISUNDERSTOOD = "misunderstood"
    FAILED = "failed"  # n8n, git or GitHub did not do its part


@dataclass(frozen=True, slots=True)
class Acted:
    """What a command did that reaches further than the record, as Markdown; `exit_code` says how well it went."""

    markdown: str
    exit_code: ExitCode = ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What became of one command. `incident` is as it stood then, `step` what was added to it.

    `problem` is a sentence with code between backticks, everything else in it is data; `markdown` is finished text.
    """

    name: str
    became: Became
    incident: Incident
    step: Step | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    warning: str | None = None
    markdown: str | None = None
    exit_code: ExitCode = ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one command on a pull request or an issue, where no incident stands behind it.

    `problem` is a sentence with code between backticks, everything else in it is data; `markdown` is finished text.
    """

    name: str
    became: Became
    problem: str | None = None
    markdown: str | None = None
    exit_code: ExitCode = ExitCode.DONE


class Outcome(StrEnum):
    """What became of an event."""

    IGNORED = "ignored"  # a program, an edited comment, an event that says nothing
    NOT_OURS = "not_ours"  # the issue is no incident
    NOTHING_ASKED = "nothing_asked"  # the comment holds no command
    ANSWERED = "answered"  # commands were carried out, or it was said why not
    DENIED = "denied"  # whoever gave the commands may give none of them
    REPEATED = "repeated"  # it was acted upon before
    IN_ORDER = "in_order"  # the issue is as it should be
    REPAIRED = "repaired"  # the issue is again as it should be
    REOPENED = "reopened"  # the issue was closed too early
    CLOSED = "closed"  # closing the issue closed the incident
    CLOSED_AGAIN = "closed_again"  # the issue was reopened after its incident had been closed
    ISSUE_GONE = "issue_gone"  # the issue was deleted or transferred


@dataclass(frozen=True, slots=True, kw_only=True)
class EventOutcome:
    """What became of an event. `answer` is what was said, or would be; `url` is where.

    `results` are about `incident`, `answered` about the pull request or the other issue of that number; an event is
    about one of them.
    `problems` kept something from being said on GitHub, which stays to be said; `is_plan` marks a dry run.
    """

    outcome: Outcome
    reason: str = ""
    incident: Incident | None = None
    results: tuple[CommandResult, ...] = ()
    pull_request: int | None = None
    issue: int | None = None
    answered: tuple[Answered, ...] = ()
    answer: str | None = None
    url: str | None = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    requests: int = 0
    exit_code: ExitCode = ExitCode.DONE
    is_plan: bool = False

    @property
    def commands(self) -> tuple[CommandResult | Answered, ...]:
        """Answer what became of each command, wherever it was given."""
        return (*self.results, *self.answered)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """A step that was taken by hand. Without GitHub its issue follows later; `is_plan` marks a dry run."""

    incident: Incident
    warning: str | None = None
    delivery: Delivery = field(default_factory=Delivery)
    is_on_github: bool = True
    is_plan: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """Answer REMOTE where GitHub could not be told; the step stands all the same."""
        return ExitCode.REMOTE if self.delivery.problems else ExitCode.DONE


def reaction_to(results: Sequence[CommandResult | Answered]) -> Reaction:
    """Answer the sign that tells at a glance what became of a comment's commands: the worst of them counts."""
    became = {result.became for result in results}
    if became <= {Became.DONE}:
        return Reaction.DONE
    return Reaction.REFUSED if became <= {Became.DONE, Became.DENIED} else Reaction.CONFUSED
