"""Putting a target back: everything a promotion may have touched and nobody else has, read back to the last."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from workflowops.commands.execution import PATIENCE, Execution, Seen, look_again
from workflowops.commands.promotion_addresses import LETTING_GO_SECONDS, listened_on, listened_on_before
from workflowops.commands.promotion_session import Progress, Session, held, readable
from workflowops.core.configuration import connections
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.created import FoundCreated, find_created
from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.position import Position, position_of, told
from workflowops.core.promotion.record import Outcome, PromotedWorkflow
from workflowops.core.promotion.restoring import (
    Archive,
    Delete,
    Publish,
    SetTags,
    Step,
    Unarchive,
    Unpublish,
    Write,
    held_now,
    is_as_it_was,
    steps_back,
)
from workflowops.core.promotion.snapshot import SnapshotWorkflow
from workflowops.core.secrets import mask_text
from workflowops.errors import BlockedError, MovedError, N8nAnswerError, N8nError, N8nNotFoundError, N8nUnreachableError


@dataclass(slots=True)
class Restoring:
    """One putting back. `formers` is what the changed workflows were, by n8n id; `is_sure` says that `progress` knows
    of every write there was, which the one of a dead run does not.
    """

    execution: Execution
    progress: Progress
    formers: Mapping[str, SnapshotWorkflow]
    is_sure: bool
    problems: dict[str, str] = field(default_factory=dict)  # canonical id -> why it could not be put back
    lost: set[str] = field(default_factory=set)  # canonical ids whose published version n8n does not have any more
    put_away: set[str] = field(
        default_factory=set
    )  # canonical ids that were archived because they could not be deleted
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    found: Mapping[str, ListedWorkflow] = field(default_factory=dict)  # what the target held when it began

    def put_back(self) -> Seen:
        """Put back what is ours and not as before, in reverse order, and answer the target as it was read at the end.

        The outcome of every workflow is noted. Raises MovedError when the claim is lost, and what kept the target from
        being read: then it is not known, and nothing is said of it.
        """
        seen = look_again(self.execution)
        self._find(seen)
        self.found = seen.look.bodies
        waiting = [each for each in reversed(self.progress.changes.values()) if self._is_to_be_put_back(each, seen)]
        if waiting:
            asyncio.run(self._restore(waiting))
            seen = look_again(self.execution)
            self._find(seen)
        self._judge(seen)
        return seen

    def _find(self, seen: Seen) -> None:
        found = self._found(seen)
        self.progress.learn(found.ids)
        self.several = found.several

    def _found(self, seen: Seen) -> FoundCreated:
        new = {
            key: now
            for key, body in seen.look.bodies.items()
            if key not in self.progress.known and (now := readable(body)) is not None
        }
        return find_created(self.progress.changes.values(), new)

    def _is_to_be_put_back(self, change: PromotedWorkflow, seen: Seen) -> bool:
        if self.is_sure and change.canonical_id not in self.progress.touched:
            return False
        body = seen.look.bodies.get(change.n8n_workflow_id or "")
        return body is not None and not self._is_as_before(change, body)

    async def _restore(self, waiting: list[PromotedWorkflow]) -> None:
        """Go over them until all are put back, or nothing more can be done for a while."""
        execution = self.execution
        reached = connections([execution.environment], variables=execution.workspace.variables)
        pauses = iter(PATIENCE)
        async with execution.open_writer(reached[execution.environment.name], execution.environment) as n8n:
            session = Session(execution, n8n, self.progress, is_rollback=True)
            try:
                while waiting:
                    left = await self._pass(session, waiting)
                    if len(left) == len(waiting):
                        pause = next(pauses, None)
                        if pause is None:
                            break
                        execution.pause(pause)
                    waiting = left
                for change in waiting:
                    await self._put_away(session, change)
            finally:
                self.progress.requests += n8n.requests

    async def _pass(self, session: Session, waiting: list[PromotedWorkflow]) -> list[PromotedWorkflow]:
        """Try each once; answer those that failed. A server that does not answer at all is not asked on."""
        left: list[PromotedWorkflow] = []
        for number, change in enumerate(waiting):
            name = mask_text(change.workflow_name)
            try:
                await self._one(session, change)
            except MovedError:
                raise
            except N8nUnreachableError as error:
                self._note(change, error)
                return [*left, *waiting[number:]]
            except Exception as error:  # noqa: BLE001 - whatever keeps one from being put back must not keep the others
                self._note(change, error)
                left.append(change)
            else:
                self.execution.say(f"put back: {name}")
        return left

    def _note(self, change: PromotedWorkflow, error: Exception) -> None:
        self.problems[change.canonical_id] = mask_text(str(error) or type(error).__name__)
        self.execution.say(f"not put back yet: {mask_text(change.workflow_name)}. {error}")

    async def _one(self, session: Session, change: PromotedWorkflow) -> None:
        found = await session.read(self._n8n_id(change))
        if found is None or not self._position(change, found).is_ours:
            return  # it is judged at the end; what is not ours is not touched
        former = self.formers.get(found.id)
        is_lost = change.canonical_id in self.lost
        steps = steps_back(former, held_now(found), abilities=session.abilities, is_version_lost=is_lost)
        failed: N8nError | None = None
        for step in steps:
            try:
                await self._take(session, change, found.id, step)
            except N8nError as error:
                if not _stands_alone(step):
                    raise
                failed = error
        if failed is not None:
            raise failed
        now = await session.read(found.id)
        if not (now is None if former is None else now is not None and is_as_it_was(former, held_now(now))):
            raise N8nAnswerError("n8n holds something else than was put back.", fix="Look at the workflow in n8n.")
        self.problems.pop(change.canonical_id, None)

    async def _take(self, session: Session, change: PromotedWorkflow, n8n_id: str, step: Step) -> None:
        """Take one step; should it fail, the next pass looks at what is there."""
        key, n8n, abilities = change.canonical_id, session.n8n, session.abilities
        match step:
            case Unarchive():
                await session.send(key, lambda: n8n.unarchive(n8n_id))
            case Write(document, as_draft):
                await session.send(key, lambda: n8n.update_workflow(n8n_id, document, as_draft=as_draft))
            case Publish(version_id):
                if self._takes_back(n8n_id):
                    self.execution.pause(LETTING_GO_SECONDS)
                try:
                    await session.send(key, lambda: n8n.publish(n8n_id, version_id=version_id, abilities=abilities))
                except N8nNotFoundError:
                    self.lost.add(key)
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
        return bool(listened_on_before(self.formers.get(n8n_id)) - listened_on(self.found.get(n8n_id)))

    async def _put_away(self, session: Session, change: PromotedWorkflow) -> None:
        """Archive a created workflow that cannot be deleted, where the server can; at least it does not run."""
        is_created = change.change_type is WorkflowChangeType.CREATED
        if not is_created or session.abilities is None or not session.abilities.archive:
            return
        n8n_id = self._n8n_id(change)
        try:
            found = await session.read(n8n_id)
            if found is not None and not found.is_archived and self._position(change, found).is_ours:
                await self._take(session, change, n8n_id, Archive())
                self.put_away.add(change.canonical_id)
        except N8nError as error:
            self._note(change, error)

    def _judge(self, seen: Seen) -> None:
        for change in list(self.progress.changes.values()):
            outcome, problem = self._outcome(change, seen)
            self.progress.changes[change.canonical_id] = replace(change, outcome=outcome, problem=problem)

    def _outcome(self, change: PromotedWorkflow, seen: Seen) -> tuple[Outcome, str | None]:
        several = self.several.get(change.canonical_id)
        if several is not None and change.n8n_workflow_id is None:
            return Outcome.OTHERWISE, (
                f"{len(several)} workflows are exactly what was to be created, so none was touched: "
                f"{', '.join(several)}."
            )
        body = seen.look.bodies.get(change.n8n_workflow_id or "")
        is_untouched = self.is_sure and change.canonical_id not in self.progress.touched
        if body is not None and self._is_as_before(change, body):
            return (Outcome.NOT_TOUCHED if is_untouched else Outcome.AS_BEFORE), None
        if body is None and change.before is None and change.n8n_workflow_id not in seen.look.ids:
            return (Outcome.NOT_TOUCHED if is_untouched else Outcome.AS_BEFORE), None
        if is_untouched:
            return Outcome.NOT_TOUCHED, "Somebody else changed it in the meantime."
        return Outcome.OTHERWISE, self._why(change, body)

    def _why(self, change: PromotedWorkflow, body: ListedWorkflow | None) -> str:
        problem = self.problems.get(change.canonical_id)
        if body is None:
            return problem or "It is not there any more, or cannot be read."
        if readable(body) is None:
            return "What n8n holds of it cannot be read."
        if change.canonical_id in self.put_away:
            return f"It could not be deleted, and was archived instead. {problem}"
        position = self._position(change, body)
        if not position.is_ours:
            return f"Somebody else changed {told(position.strange)}, so it was not touched again."
        parts = position.not_as_before
        what = f"Not as before: {told(parts)}." if parts else "n8n changed an id in it when it was put back."
        return f"{what} {problem}" if problem else what

    def _is_as_before(self, change: PromotedWorkflow, body: ListedWorkflow) -> bool:
        if change.before is None:
            return False
        listed = self.execution.look.bodies.get(body.id) if self.is_sure else None
        if listed is not None and listed.raw_digest == body.raw_digest:
            return True
        former = self.formers.get(body.id)
        try:
            return former is not None and is_as_it_was(former, held_now(body))
        except (ValueError, TypeError):
            return False

    def _position(self, change: PromotedWorkflow, body: ListedWorkflow) -> Position:
        return position_of(change, held(body), ids=self.progress.ids, saves_drafts=self.execution.saves_drafts)

    def _n8n_id(self, change: PromotedWorkflow) -> str:
        known = self.progress.changes[change.canonical_id].n8n_workflow_id
        if known is None:
            raise BlockedError(f"{mask_text(change.workflow_name)} has no id in n8n.", fix="Report this bug.")
        return known


def _stands_alone(step: Step) -> bool:
    """Say whether the steps after this one make sense although it failed."""
    return isinstance(step, SetTags) or (isinstance(step, Publish) and step.version_id is not None)
