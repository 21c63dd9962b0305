"""What a command of a comment is: its name, what it takes, and who may give it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.incident.policy import Role
from workflowops.core.incident.record import Event


class CommandName(StrEnum):
    """The commands, as they are written behind the slash."""

    ACKNOWLEDGE = "acknowledge"
    STABILIZE = "stabilize"
    RECONCILE = "reconcile"
    CLOSE = "close"
    ASSIGN = "assign"
    ACCEPT = "accept"
    DIFF = "diff"
    STATUS = "status"
    SYNC = "sync"
    ADOPT = "adopt"
    REVERT = "revert"
    ONBOARD = "onboard"
    PROMOTE = "promote"
    APPROVE = "approve"
    REJECT = "reject"
    ROLLBACK = "rollback"
    LOCK = "lock"
    UNLOCK = "unlock"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What a command is. `arguments` maps every accepted key to the field it fills.

    The first free word fills `positional`, if `looks` fits it; all other free words fill `rest`. Where there is
    neither, free words are not taken, unless the command only shows something. `required` maps the fields that it does
    not do without to how people call them; one that is `positional` has to fit `looks`. No configuration lowers the
    role below `lowest_role`.
    """

    name: CommandName
    least_role: Role
    event: Event | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    positional: str | None = None
    looks: str = r".+"
    rest: str | None = None
    required: Mapping[str, str] = field(default_factory=dict)
    lowest_role: Role = Role.TRIAGE
    summary: str
    example: str
