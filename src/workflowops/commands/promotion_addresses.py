"""Addresses that pass from one workflow to another, which takes n8n a moment longer than its answer says."""

from collections.abc import Mapping

from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.collisions import Address, listeners_of
from workflowops.core.promotion.snapshot import SnapshotWorkflow

LETTING_GO_SECONDS = 1.0
"""How long to wait before an address is taken that was in use until just now.

n8n 2.41 takes triggers down after it has answered. Who asks for such an address too soon is refused (409), and may be
refused from then on however long it waits; after a second the first try works. Source: measured on 2.41.1. Right after
the holder was published without the path: refused 16 times of 25, 3 of them for good. Right after the holder was
unpublished: refused 19 times of 25, each time for good. After a second: not once of 24.
"""


def addresses_in(document: Mapping[str, Json], workflow_id: str) -> frozenset[Address]:
    """Answer every address that a version listens on while it runs."""
    found = listeners_of(document, workflow_id=workflow_id, workflow_name="")
    return frozenset((each.method, each.path) for each in found)


def listened_on(body: ListedWorkflow | None) -> frozenset[Address]:
    """Answer every address that a workflow listens on; none where it is switched off, or cannot be read."""
    if body is None or not body.active:
        return frozenset()
    try:
        return addresses_in(body.published() or body.document(), body.id)
    except (ValueError, TypeError):
        return frozenset()


def listened_on_before(former: SnapshotWorkflow | None) -> frozenset[Address]:
    """Answer every address that a workflow of a snapshot listened on."""
    if former is None or not former.active:
        return frozenset()
    return addresses_in(former.published or former.document, former.id)
