"""Sending to n8n the steps by which a workflow is put back."""

from collections.abc import Mapping
from typing import assert_never

from workflowops.commands.promotion_addresses import LETTING_GO_SECONDS, listened_on, listened_on_before
from workflowops.commands.promotion_session import Session
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.restoring import Archive, Delete, Publish, SetTags, Step, Unarchive, Unpublish, Write
from workflowops.core.promotion.snapshot import SnapshotWorkflow
from workflowops.errors import N8nError, N8nNotFoundError


class Steps:
    """The steps of one putting back. `formers` is what workflows were and `found` what they are, by n8n id.

    Into `lost` goes the canonical id of each whose published version n8n does not have any more.
    """

    def __init__(
        self,
        session: Session,
        formers: Mapping[str, SnapshotWorkflow],
        found: Mapping[str, ListedWorkflow],
        lost: set[str],
    ) -> None:
        self._session = session
        self._formers = formers
        self._found = found
        self._lost = lost

    async def go(self, canonical_id: str, n8n_id: str, steps: tuple[Step, ...]) -> None:
        """Take steps in order; one that stands alone does not keep the next ones from being taken."""
        failed: N8nError | None = None
        for step in steps:
            try:
                await self.take(canonical_id, n8n_id, step)
            except N8nError as error:
                if not _stands_alone(step):
                    raise
                failed = error
        if failed is not None:
            raise failed

    async def take(self, canonical_id: str, n8n_id: str, step: Step) -> None:
        """Take one step; should it fail, the next pass looks at what is there."""
        key, session = canonical_id, self._session
        n8n, abilities = session.n8n, session.abilities
        match step:
            case Unarchive():
                await session.send(key, lambda: n8n.unarchive(n8n_id))
            case Write(document, as_draft):
                await session.send(key, lambda: n8n.update_workflow(n8n_id, document, as_draft=as_draft))
            case Publish(version_id):
                if self._takes_back(n8n_id):
                    session.execution.pause(LETTING_GO_SECONDS)
                try:
                    await session.send(key, lambda: n8n.publish(n8n_id, version_id=version_id, abilities=abilities))
                except N8nNotFoundError:
                    self._lost.add(key)
                    raise
            case Unpublish():
                await session.send(key, lambda: n8n.unpublish(n8n_id, abilities=abilities))
            case SetTags(tags):
                ids = await session.tag_ids(tags)
                await session.send(key, lambda: n8n.set_tags(n8n_id, ids))
            case Archive():
                await session.send(key, lambda: n8n.archive(n8n_id))
            case Delete():
                await session.delete(key, n8n_id)
            case _:
                assert_never(step)

    def _takes_back(self, n8n_id: str) -> bool:
        """Say whether it listened on an address that it did not have any more: that has been let go only just now."""
        return bool(listened_on_before(self._formers.get(n8n_id)) - listened_on(self._found.get(n8n_id)))


def _stands_alone(step: Step) -> bool:
    """Say whether the steps after this one make sense although it failed."""
    return isinstance(step, SetTags) or (isinstance(step, Publish) and step.version_id is not None)
