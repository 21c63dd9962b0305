"""Claims as this run makes them, and how it gives them back."""

from datetime import datetime, timedelta

from workflowops.commands.ports import Workspace
from workflowops.core.claims import Claim
from workflowops.errors import WorkflowOpsError

LEASE = timedelta(minutes=5)
"""How long a claim stands without being prolonged."""


def new_claim(workspace: Workspace, name: str, *, claim_id: str, reason: str, now: datetime) -> Claim:
    """Answer a claim of whoever runs this, for the length of a lease; it is not taken yet."""
    return Claim(
        name=name,
        claim_id=claim_id,
        owner=workspace.actor.name,
        run_id=workspace.actor.run_id,
        run_url=workspace.actor.run_url,
        reason=reason,
        created_at=now,
        renewed_at=now,
        expires_at=now + LEASE,
    )


def release(workspace: Workspace, claim: Claim) -> None:
    """Give a claim back; that this fails changes nothing about what was done, and the claim ends by itself."""
    if workspace.is_dry_run:
        return
    try:
        workspace.state.release(claim)
    except WorkflowOpsError as error:
        workspace.progress.say(f"The claim on {claim.name} could not be given back: {error} It ends by itself.")
