"""One promotion per target at a time: the claim under which an instance is written to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workflowops.commands.claiming import LEASE, new_claim, release
from workflowops.commands.ports import Workspace
from workflowops.core.claims import Claim
from workflowops.core.timestamps import iso
from workflowops.errors import MovedError, StateError, WorkflowOpsError


def claim_name(environment: str) -> str:
    """Name the claim on an instance that is written to."""
    return f"promotion/{environment}"


@contextmanager
def claimed(workspace: Workspace, environment: str, *, reason: str) -> Iterator[Callable[[], None]]:
    """Hold the claim on a target; yields what prolongs it.

    That raises MovedError once the claim is somebody else's, and once its time is over without having been prolonged,
    because any other run may take it over then; what else kept it from being prolonged is raised as it is before that.
    Raises MovedError at once when a living run holds it, StateError when nobody can read it. A claim whose run is over
    is taken over. Where the claim was lost it is not given back, because it is not ours.
    """
    now = workspace.clock()
    held = new_claim(
        workspace, claim_name(environment), claim_id=f"promotion-{workspace.new_id()}", reason=reason, now=now
    )
    holder = workspace.state.acquire(held)
    if holder is not None:
        raise _refusal(environment, holder)

    def keep() -> None:
        nonlocal held
        at = workspace.clock()
        if at - held.renewed_at <= LEASE / 5:
            return
        try:
            held = workspace.state.renew(held, now=at)
        except WorkflowOpsError as error:
            if at < held.expires_at:
                raise
            raise _ended(environment, held) from error

    try:
        yield keep
    finally:
        release(workspace, held)


def _ended(environment: str, held: Claim) -> MovedError:
    return MovedError(
        f"The claim on {environment} ended at {iso(held.expires_at)} and could not be prolonged; another run may be "
        "writing by now.",
        fix="Nothing more was written. Run this again: what is half done is brought to an end first.",
    )


def _refusal(environment: str, holder: Claim) -> MovedError | StateError:
    if holder.unreadable:
        return StateError(
            f"The claim {holder.name} blocks: {holder.reason}.",
            fix=f"When nothing is promoted to {environment}, remove it: "
            f"`git push origin :refs/workflowops/locks/{holder.name}`.",
        )
    where = f" ({holder.run_url})" if holder.run_url else ""
    return MovedError(
        f"{holder.owner} is writing to {environment} since {iso(holder.created_at)}{where}: {holder.reason}.",
        fix=f"Run this again when it has ended. A run that died is taken over at {iso(holder.expires_at)}.",
    )
