"""The desk where incidents are worked on: what that takes, and who sits at it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from workflowops.commands.claiming import LEASE, new_claim, release
from workflowops.commands.ports import IssueTracker, Notifier, Workspace
from workflowops.core.claims import Claim
from workflowops.core.text.links import Links
from workflowops.errors import ConfigurationError, MovedError

CLAIM = "incidents"
_PAUSE_SECONDS = 5.0
_MOST_TRIES = 72  # six minutes: longer than the claim of a run that died


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What work on incidents takes. Without a tracker the state is changed, and GitHub follows with a later run.

    `addresses` holds what the variables named under `notify` are set to. `pause` waits a number of seconds.
    """

    workspace: Workspace
    tracker: IssueTracker | None
    notifier: Notifier | None = None
    links: Links | None = None
    detection_method: str = "manual"
    git_branch: str | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    pause: Callable[[float], None]


@contextmanager
def at_the_desk(desk: Desk) -> Iterator[Callable[[], None]]:
    """Hold the claim under which issues are written, waiting for whoever has it; yields what prolongs it.

    Raises MovedError when it does not come free, StateError when nobody can read it. A dry run claims nothing.
    """
    if desk.workspace.is_dry_run:
        yield lambda: None
        return
    held = _claimed(desk)

    def keep() -> None:
        nonlocal held
        now = desk.workspace.clock()
        if now - held.renewed_at > LEASE / 5:
            held = desk.workspace.state.renew(held, now=now)

    try:
        yield keep
    finally:
        release(desk.workspace, held)


def _claimed(desk: Desk) -> Claim:
    workspace = desk.workspace
    who = ""
    for attempt in range(_MOST_TRIES):
        claim = new_claim(
            workspace,
            CLAIM,
            claim_id=f"desk-{workspace.new_id()}",
            reason="work on incidents",
            now=workspace.clock(),
        )
        holder = workspace.state.acquire(claim)
        if holder is None:
            return claim
        if holder.unreadable:
            raise ConfigurationError(
                f"The claim {CLAIM} blocks: {holder.reason}.",
                fix="When no other run works on incidents, remove it: "
                f"`git push origin :refs/workflowops/locks/{CLAIM}`.",
            )
        who = holder.run_url or holder.owner
        if attempt == 0:
            workspace.progress.say(f"Waiting for another run that works on incidents: {who}")
        desk.pause(_PAUSE_SECONDS)
    raise MovedError(
        f"Another run ({who}) has been working on incidents all the time.",
        fix="Look at that run, then run this one again; nothing was changed.",
    )
