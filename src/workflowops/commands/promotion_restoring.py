"""Putting a target back: everything a promotion may have touched and nobody else has, read back to the last."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from workflowops.commands.execution import PATIENCE, Execution, Seen, look_again
from workflowops.commands.promotion_session import Progress, Session, held, readable
from workflowops.commands.promotion_steps import Steps
from workflowops.core.configuration import OnDelete, connections
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.created import FoundCreated, find_created
from workflowops.core.promotion.left_over import RUNNING, former_of_ours, users_of, why_left
from workflowops.core.promotion.plan import Held, WorkflowChangeType
from workflowops.core.promotion.position import Part, Position, position_of, told
from workflowops.core.promotion.record import Outcome, PromotedWorkflow
from workflowops.core.promotion.restoring import (
    Archive,
    Unpublish,
    held_now,
    is_as_it_was,
    steps_back,
)
from workflowops.core.promotion.snapshot import SnapshotWorkflow
from workflowops.core.secrets import mask_text
from workflowops.errors import BlockedError, MovedError, N8nAnswerError, N8nError, N8nUnreachableError


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
    staying: dict[str, ListedWorkflow] = field(default_factory=dict)  # by n8n id: what is not put back as a whole
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)  # created, by canonical id -> who refers to it

    def put_back(self) -> Seen:
        """Put back what is ours and not as before, in reverse order, and answer the target as it was read at the end.

        Of a workflow that somebody else changed too, the parts that are still ours are put back, what runs among them.

        The outcome of every workflow is noted. Raises MovedError when the claim is lost, and what kept the target from
        being read: then it is not known, and nothing is said of it.
        """
        seen = look_again(self.execution)
        self._find(seen)
        self.found = seen.look.bodies
        self.staying = self._staying(seen)
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

    def _staying(self, seen: Seen) -> dict[str, ListedWorkflow]:
        """Answer the workflows that are not the promotion's, or that somebody else changed as well."""
        ours = {
            change.n8n_workflow_id
            for change in self.progress.changes.values()
            if self._is_to_be_put_back(change, seen)
            and (now := readable(seen.look.bodies[change.n8n_workflow_id or ""])) is not None
            and self._position_of(change, now).is_ours
        }
        return {key: body for key, body in seen.look.bodies.items() if key not in ours}

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
        if found is None:
            return  # it is judged at the end
        position = self._position(change, found)
        former, now = self.formers.get(found.id), held_now(found)
        if former is None and (not position.is_ours or self._is_used(change, found)):
            await self._keep_created(session, change, found, position)
            return
        wanted = former
        if former is not None and not position.is_ours:
            self.staying[found.id] = found
            saves_drafts = self.execution.saves_drafts
            wanted = former_of_ours(former, now, strange=position.strange, saves_drafts=saves_drafts)
        is_lost = change.canonical_id in self.lost
        if is_lost and Part.DRAFT in position.strange:
            raise N8nAnswerError(
                "n8n has the version that ran before no longer, and its draft is somebody else's.",
                fix="Publish in n8n what is to run.",
            )
        steps = steps_back(wanted, now, abilities=session.abilities, is_version_lost=is_lost)
        await self._steps(session).go(change.canonical_id, found.id, steps)
        after = await session.read(found.id)
        if not (after is None if wanted is None else after is not None and is_as_it_was(wanted, held_now(after))):
            raise N8nAnswerError("n8n holds something else than was put back.", fix="Look at the workflow in n8n.")
        self.problems.pop(change.canonical_id, None)

    def _steps(self, session: Session) -> Steps:
        return Steps(session, self.formers, self.found, self.lost)

    def _is_used(self, change: PromotedWorkflow, found: ListedWorkflow) -> bool:
        """Say whether something that stays refers to a created workflow. Raises while that may still be put back."""
        users = users_of(found.id, self.staying.values())
        self.kept[change.canonical_id] = tuple(mask_text(each.name) for each in users)
        if users:
            return True
        del self.kept[change.canonical_id]
        failed = [self.found.get(self._n8n_id(self.progress.changes[key])) for key in self.problems]
        others = users_of(found.id, [each for each in failed if each is not None])
        if others:
            raise N8nAnswerError(
                f"{mask_text(others[0].name)} refers to it and is not put back.", fix="Look at both in n8n."
            )
        return False

    async def _keep_created(
        self, session: Session, change: PromotedWorkflow, found: ListedWorkflow, position: Position
    ) -> None:
        """Leave a created workflow that is used, or that somebody edited; what runs for nobody is switched off."""
        self.staying[found.id] = found
        users = users_of(found.id, self.staying.values())
        if found.active and RUNNING.isdisjoint(position.strange) and not any(each.active for each in users):
            await self._steps(session).take(change.canonical_id, found.id, Unpublish())
        self.problems.pop(change.canonical_id, None)

    async def _put_away(self, session: Session, change: PromotedWorkflow) -> None:
        """Archive a created workflow that cannot be deleted, where the server can; at least it does not run."""
        is_created = change.change_type is WorkflowChangeType.CREATED
        if not is_created or session.abilities is None or not session.abilities.archive:
            return
        n8n_id = self._n8n_id(change)
        try:
            found = await session.read(n8n_id)
            if found is None or change.canonical_id in self.kept:
                return
            failed = (self.found.get(self._n8n_id(self.progress.changes[key])) for key in self.problems)
            users = users_of(n8n_id, [each for each in failed if each is not None])
            if users:
                self.kept[change.canonical_id] = tuple(mask_text(each.name) for each in users)
                await self._keep_created(session, change, found, self._position(change, found))
            elif not found.is_archived and self._position(change, found).is_ours:
                await self._steps(session).take(change.canonical_id, n8n_id, Archive())
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
        return Outcome.OTHERWISE, self._why(change, seen)

    def _why(self, change: PromotedWorkflow, seen: Seen) -> str:
        body = seen.look.bodies.get(change.n8n_workflow_id or "")
        problem = self.problems.get(change.canonical_id)
        if body is None:
            is_gone = change.removal is OnDelete.DELETE and change.n8n_workflow_id not in seen.look.ids
            gone = "It was deleted for good; what it held is in the snapshot from before."
            return problem or (gone if is_gone else "It is not there any more, or cannot be read.")
        now = readable(body)
        if now is None:
            return "What n8n holds of it cannot be read."
        if change.canonical_id in self.put_away:
            return f"It could not be deleted, and was archived instead. {problem}"
        position = self._position_of(change, now)
        where, more = self.execution.environment.title, "" if problem is None else f" {problem}"
        if change.canonical_id in self.kept and position.is_ours:
            users = ", ".join(self.kept[change.canonical_id])
            stays = "runs on" if body.active else "stays, switched off"
            return f"It was created, and {stays}, because {users} refers to it.{more}"
        if not position.is_ours:
            return f"{why_left(change, position, where=where, runs=body.active)}{more}"
        parts = position.not_as_before
        what = f"Not as before: {told(parts)}." if parts else "n8n changed an id in it when it was put back."
        return f"{what}{more}"

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

    def _position_of(self, change: PromotedWorkflow, now: Held) -> Position:
        return position_of(change, now, ids=self.progress.ids, saves_drafts=self.execution.saves_drafts)

    def _n8n_id(self, change: PromotedWorkflow) -> str:
        known = self.progress.changes[change.canonical_id].n8n_workflow_id
        if known is None:
            raise BlockedError(f"{mask_text(change.workflow_name)} has no id in n8n.", fix="Report this bug.")
        return known
