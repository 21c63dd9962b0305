"""Writing to a target under its claim: after any error, what is there decides, never the error alone."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from workflowops.commands.execution import PATIENCE, Execution
from workflowops.commands.ports import N8nWriter
from workflowops.core.abilities import Abilities
from workflowops.core.listing import ListedWorkflow, OddWorkflow
from workflowops.core.promotion.content import held_of
from workflowops.core.promotion.created import FoundCreated, find_created
from workflowops.core.promotion.plan import Held, WorkflowChangeType
from workflowops.core.promotion.record import PromotedWorkflow
from workflowops.core.secrets import mask_text
from workflowops.errors import (
    MovedError,
    N8nAnswerError,
    N8nError,
    N8nRejectedError,
    N8nUncertainError,
    WorkflowOpsError,
)

Found = ListedWorkflow | None
IsDone = Callable[[Found], bool]
Write = Callable[[], Awaitable[object]]

_DELETING = (0.5, 1.0, 2.0, 4.0)
"""Seconds between tries: n8n 2.41 refuses to delete what it has just unpublished for a moment (409)."""


@dataclass(slots=True)
class Progress:
    """How far a promotion came: its workflows by canonical id, in the plan's order, and what may have been written.

    `known` are the n8n ids that were there before it. It outlives the connection over which it was made.
    """

    changes: dict[str, PromotedWorkflow]
    known: frozenset[str]
    touched: set[str] = field(default_factory=set)
    requests: int = 0

    @property
    def ids(self) -> dict[str, str]:
        """Answer canonical id -> n8n id of created workflows that are known to exist."""
        return {
            each.canonical_id: each.n8n_workflow_id
            for each in self.changes.values()
            if each.change_type is WorkflowChangeType.CREATED and each.n8n_workflow_id is not None
        }

    def learn(self, ids: Mapping[str, str]) -> None:
        """Note the n8n ids of created workflows."""
        for canonical_id, n8n_id in ids.items():
            self.changes[canonical_id] = replace(self.changes[canonical_id], n8n_workflow_id=n8n_id)


class Session:
    """One connection to the target; every write goes through `write`, one after the other."""

    def __init__(self, execution: Execution, n8n: N8nWriter, progress: Progress, *, is_rollback: bool = False) -> None:
        self.execution = execution
        self.n8n = n8n
        self.progress = progress
        self._is_rollback = is_rollback
        self._tags: dict[str, str] | None = None

    @property
    def abilities(self) -> Abilities | None:
        """Answer what the server's API can do."""
        return self.execution.look.abilities

    async def read(self, workflow_id: str) -> Found:
        """Read a workflow; None where n8n proves that there is none. Raises N8nError, also for one it cannot read."""
        found = await self.n8n.get_workflow(workflow_id)
        if isinstance(found, OddWorkflow):
            raise N8nAnswerError(
                f"The workflow {workflow_id} cannot be read: {mask_text(found.problem)}", fix="Look at it in n8n."
            )
        return found

    async def send(self, canonical_id: str, write: Write) -> None:
        """Send one write, and raise its error. Raises MovedError, and sends nothing, when the claim is lost."""
        self._keep()
        self.progress.touched.add(canonical_id)
        await write()

    async def write(self, canonical_id: str, workflow_id: str, write: Write, *, is_done: IsDone) -> None:
        """Send one write. Where it fails, read: what is there as wanted counts as done; else its error is raised.

        Raises MovedError, and sends nothing, when the claim is somebody else's.
        """
        try:
            await self.send(canonical_id, write)
        except N8nError as error:
            for pause in _waits(error):
                if is_done(await self.read(workflow_id)):
                    self.execution.say(f"{error} The change is there all the same.")
                    return
                self._pause(pause)
            raise

    async def create(self, change: PromotedWorkflow, write: Callable[[], Awaitable[str]]) -> str:
        """Create a workflow and answer its id. Where the answer is lost, what the target has now is searched for it.

        Raises MovedError without sending anything, the error when there is none or when it could be several.
        """
        self._keep()
        self.progress.touched.add(change.canonical_id)
        try:
            return await write()
        except N8nError as error:
            for pause in _waits(error):
                ids = (await self.find()).ids
                if change.canonical_id in ids:
                    self.execution.say(f"{error} The workflow is there all the same.")
                    return ids[change.canonical_id]
                self._pause(pause)
            raise

    async def find(self) -> FoundCreated:
        """Look for created workflows among all that the target has now and did not have before."""
        new: dict[str, Held] = {}
        async with aclosing(self.n8n.list_workflows(abilities=self.abilities)) as pages:
            async for page in pages:
                fresh = (each for each in page.workflows if each.id not in self.progress.known)
                new |= {each.id: found for each in fresh if (found := readable(each)) is not None}
        return find_created(self.progress.changes.values(), new)

    async def delete(self, canonical_id: str, workflow_id: str) -> None:
        """Delete a workflow that is not published, patiently."""

        def is_gone(found: Found) -> bool:
            return found is None

        for pause in _DELETING:
            try:
                await self.write(
                    canonical_id, workflow_id, lambda: self.n8n.delete_workflow(workflow_id), is_done=is_gone
                )
            except N8nRejectedError:
                self._pause(pause)
            else:
                return
        await self.write(canonical_id, workflow_id, lambda: self.n8n.delete_workflow(workflow_id), is_done=is_gone)

    async def tag_ids(self, names: Iterable[str]) -> list[str]:
        """Answer the ids of tags by name; one that the instance lacks is created."""
        if self._tags is None:
            self._tags = {**await self.n8n.list_tags()}
        for name in names:
            if name not in self._tags:
                self._tags[name] = await self._new_tag(name)
        return [self._tags[name] for name in names]

    async def _new_tag(self, name: str) -> str:
        self._keep()
        try:
            return await self.n8n.create_tag(name)
        except N8nError:
            there = await self.n8n.list_tags()
            if name not in there:
                raise
            return there[name]

    def _keep(self) -> None:
        """Prolong the claim before a write. While putting back, only its loss stops us: the lease has not ended yet."""
        try:
            self.execution.keep()
        except MovedError:
            raise
        except WorkflowOpsError as error:
            if not self._is_rollback:
                raise
            self.execution.say(f"The claim could not be prolonged: {error}")

    def _pause(self, seconds: float) -> None:
        if seconds:
            self.execution.pause(seconds)


def held(found: Found) -> Held | None:
    """Digest what was read; None where there is nothing. Raises N8nAnswerError where it cannot be read."""
    if found is None:
        return None
    read = readable(found)
    if read is None:
        raise N8nAnswerError(f"What the workflow {found.id} holds cannot be read.", fix="Look at it in n8n.")
    return read


def readable(found: ListedWorkflow) -> Held | None:
    """Digest what was read; None where it cannot be read."""
    try:
        return held_of(found)
    except (ValueError, TypeError):
        return None


def _waits(error: N8nError) -> tuple[float, ...]:
    """Answer the pauses after each look: what was not answered may be carried out later, a refusal is final."""
    return (*PATIENCE[:3], 0.0) if isinstance(error, N8nUncertainError) else (0.0,)
