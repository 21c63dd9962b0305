"""How a team wants its incidents: what the configuration says about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ESCALATE_AFTER_HOURS: Mapping[str, float] = {"critical": 4.0, "high": 24.0, "medium": 72.0, "low": 168.0}
"""The age at which an incident escalates, by its severity, where the configuration says nothing."""


class Grouping(StrEnum):
    """What one incident is about: everything that drifted in an environment, or one workflow."""

    ENVIRONMENT = "environment"
    WORKFLOW = "workflow"


class OnDriftGone(StrEnum):
    """What becomes of an incident when the drift is gone: it is only told, or reconciled, or closed as well."""

    TELL = "tell"
    RECONCILE = "reconcile"
    CLOSE = "close"


class Role(StrEnum):
    """A repository role, weakest first; `NONE` stands for everybody whom GitHub does not know as more."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRule:
    """Who may give a command: the least role, and, where lists are given, only those on one of them as well.

    `users` are logins, `teams` are `org/slug`. The role is asked in either case.
    """

    role: Role | None = None
    users: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPolicy:
    """The `incidents` of an environment, defaults and the top level's values filled in.

    `escalate_after_hours` is the age at which an incident of this environment's severity escalates; None for never.
    `notify` names variables that hold the address of a notification service (`SLACK_WEBHOOK`), never the address.
    """

    enabled: bool = True
    group_by: Grouping = Grouping.ENVIRONMENT
    storm_limit: int = 10
    on_drift_gone: OnDriftGone = OnDriftGone.RECONCILE
    escalate_after_hours: float | None = None
    assignees: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    commands: Mapping[str, CommandRule] = field(default_factory=dict)
    notify: tuple[str, ...] = ()
