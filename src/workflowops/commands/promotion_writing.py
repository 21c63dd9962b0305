"""Writing a plan to its target: drafts first, each read back, then what is to run, removals last."""

from collections.abc import Mapping

from workflowops.commands.promotion_addresses import LETTING_GO_SECONDS, addresses_in, listened_on
from workflowops.commands.promotion_session import Found, Session, held
from workflowops.core.configuration import OnDelete
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.created import first_versions
from workflowops.core.promotion.finding import FindingCode
from workflowops.core.promotion.plan import Content, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.position import is_content, is_unfinished
from workflowops.core.promotion.read_back import wrongly_bound
from workflowops.core.promotion.rebinding import created_in, with_created_ids
from workflowops.core.secrets import mask_text
from workflowops.errors import BlockedError, N8nAnswerError


class Writing:
    """One plan while it is written. Every method raises at the first thing that is not as it should be."""

    def __init__(self, session: Session, changes: tuple[PlannedWorkflow, ...]) -> None:
        self._session = session
        self._changes = changes
        self._firsts = first_versions(changes)
        self._drafts: dict[str, ListedWorkflow] = {}  # canonical id -> what was read back

    async def write_drafts(self) -> None:
        """Write every version that is to be, in order; a cycle is closed once all of its workflows exist.

        On a server that cannot save a draft beside what runs, what is active runs its new version from here on.
        """
        written = [each for each in self._changes if each.change_type is not WorkflowChangeType.REMOVED]
        waiting = []
        for number, planned in enumerate(written, start=1):
            if self._is_ahead_of_what_it_names(planned):
                waiting.append(planned)
            if planned.change_type is WorkflowChangeType.CREATED:
                await self._create(planned)
            elif planned not in waiting:
                await self._update(planned)
            self._session.execution.say(f"{number} of {len(written)} written: {_name(planned)}")
        for planned in waiting:
            if planned.change_type is WorkflowChangeType.CREATED:
                await self._complete(planned)
            else:
                await self._update(planned)

    async def publish(self) -> None:
        """Let run what is to run, dependencies first, then switch off what is to be off, callers first."""
        for planned in self._changes:
            if planned.publication is Publication.PUBLISH and planned.change_type is not WorkflowChangeType.REMOVED:
                await self._publish(planned)
        for planned in reversed(self._changes):
            if planned.publication is Publication.UNPUBLISH:
                await self._unpublish(planned)
        for planned in self._changes:
            if planned.published_document is not None and planned.document is not None:
                await self._put(planned, planned.document, planned.planned)

    async def remove(self) -> None:
        """Let go what is to go, in the order of the plan."""
        for planned in self._changes:
            if planned.change_type is WorkflowChangeType.REMOVED:
                await self._remove(planned)
                self._session.execution.say(f"removed ({planned.removal}): {_name(planned)}")

    def _is_ahead_of_what_it_names(self, planned: PlannedWorkflow) -> bool:
        """Say whether a document names a workflow that does not exist yet."""
        named = created_in(planned.published_document or planned.document or {})
        return any(each not in self._session.progress.ids for each in named)

    async def _create(self, planned: PlannedWorkflow) -> None:
        key, progress = planned.canonical_id, self._session.progress
        first = self._firsts.get(key)
        document = self._existing(first or planned.published_document or planned.document or {})
        wanted = _first_wanted(planned) if first is None else progress.changes[key].planned_first
        n8n_id = await self._session.create(progress.changes[key], lambda: self._session.n8n.create_workflow(document))
        progress.learn({key: n8n_id})
        await self._set_tags(planned, n8n_id, there=())
        self._check(planned, await self._session.read(n8n_id), document, wanted)

    async def _complete(self, planned: PlannedWorkflow) -> None:
        """Write a created workflow of a cycle again, now that all it refers to exists."""
        progress = self._session.progress
        n8n_id = progress.ids[planned.canonical_id]
        found = held(await self._session.read(n8n_id))
        if found is None or not is_unfinished(progress.changes[planned.canonical_id], found.draft, ids=progress.ids):
            raise _moved(planned)
        await self._put(planned, planned.published_document or planned.document or {}, _first_wanted(planned))

    async def _update(self, planned: PlannedWorkflow) -> None:
        found = await self._as_listed(planned)
        if found.is_archived:
            await self._session.write(
                planned.canonical_id,
                found.id,
                lambda: self._session.n8n.unarchive(found.id),
                is_done=lambda now: now is not None and not now.is_archived,
            )
        document = planned.published_document or planned.document
        if document is None and planned.tags is None:
            self._drafts[planned.canonical_id] = found
            return
        await self._put(planned, document, _first_wanted(planned), tags_there=found.tags)

    async def _put(
        self,
        planned: PlannedWorkflow,
        document: Mapping[str, Json] | None,
        wanted: Content | None,
        *,
        tags_there: tuple[str, ...] | None = None,
    ) -> None:
        """Write a document and tags, and read both back; tags only where `tags_there` tells those that there are."""
        n8n_id = self._n8n_id(planned)
        sent = None if document is None else self._existing(document)
        if sent is not None:
            as_draft = self._session.execution.saves_drafts
            was_on = planned.before is not None and planned.before.is_active
            goes_live = was_on and not as_draft and planned.publication is Publication.PUBLISH

            def is_done(now: Found) -> bool:
                # 1.x switches off what it saved and could not start; switched on again it would run its old version.
                return self._is_draft(now, wanted) and not (goes_live and now is not None and not now.active)

            await self._session.write(
                planned.canonical_id,
                n8n_id,
                lambda: self._session.n8n.update_workflow(n8n_id, sent, as_draft=as_draft),
                is_done=is_done,
            )
        if tags_there is not None:
            await self._set_tags(planned, n8n_id, there=tags_there)
        self._check(planned, await self._session.read(n8n_id), sent or {}, wanted)

    async def _set_tags(self, planned: PlannedWorkflow, n8n_id: str, *, there: tuple[str, ...]) -> None:
        wanted = planned.tags
        if wanted is None or set(wanted) == set(there):
            return
        ids = await self._session.tag_ids(wanted)
        await self._session.write(
            planned.canonical_id,
            n8n_id,
            lambda: self._session.n8n.set_tags(n8n_id, ids),
            is_done=lambda now: now is not None and set(now.tags) == set(wanted),
        )

    def _check(self, planned: PlannedWorkflow, found: Found, sent: Mapping[str, Json], wanted: Content | None) -> None:
        """Refuse to go on with what was read back as something else than was sent."""
        if found is None or not self._is_draft(found, wanted):
            raise N8nAnswerError(
                f"{_name(planned)} was written, and what n8n holds of it now is not what was sent.",
                fix="Compare the workflow in n8n with its file; somebody may have edited it at the same moment.",
            )
        wrong = wrongly_bound(sent, found.document(), must_be_found=self._must_be_found(planned))
        if wrong:
            raise N8nAnswerError(
                f"{_name(planned)}: {' '.join(wrong)}",
                fix="See that the target has exactly one credential of that type and name.",
            )
        self._drafts[planned.canonical_id] = found

    def _is_draft(self, found: Found, wanted: Content | None) -> bool:
        now = held(found)
        return now is not None and is_content(wanted, now.draft, ids=self._session.progress.ids)

    def _must_be_found(self, planned: PlannedWorkflow) -> frozenset[str]:
        """Name the nodes whose credential n8n has to find by itself."""
        execution = self._session.execution
        if execution.plan is None or execution.keeps_names:
            return frozenset()
        return frozenset(
            each.node_name
            for each in execution.plan.findings
            if each.code is FindingCode.CREDENTIAL_UNPROVEN
            and each.canonical_id == planned.canonical_id
            and each.node_name is not None
        )

    async def _publish(self, planned: PlannedWorkflow) -> None:
        """Publish exactly the version that was read back, unless that runs already."""
        draft = self._drafts[planned.canonical_id]
        if draft.active and (draft.published_version_id == draft.version_id or draft.published_version_id is None):
            return
        if self._takes_over(draft):
            self._session.execution.pause(LETTING_GO_SECONDS)
        abilities, n8n = self._session.abilities, self._session.n8n

        def is_done(now: Found) -> bool:
            is_other = now is None or now.version_id != draft.version_id
            return (
                not is_other and now is not None and now.active and now.published_version_id in (None, now.version_id)
            )

        await self._session.write(
            planned.canonical_id,
            draft.id,
            lambda: n8n.publish(draft.id, version_id=draft.version_id, abilities=abilities),
            is_done=is_done,
        )
        self._session.execution.say(f"published: {_name(planned)}")

    def _takes_over(self, draft: ListedWorkflow) -> bool:
        """Say whether a version listens on what another workflow of the plan listened on before."""
        wanted, bodies = addresses_in(draft.document(), draft.id), self._session.execution.look.bodies
        others = (each.target_workflow_id for each in self._changes if each.target_workflow_id not in (None, draft.id))
        return bool(wanted) and any(wanted & listened_on(bodies.get(other or "")) for other in others)

    async def _unpublish(self, planned: PlannedWorkflow) -> None:
        n8n_id, abilities = self._n8n_id(planned), self._session.abilities
        await self._session.write(
            planned.canonical_id,
            n8n_id,
            lambda: self._session.n8n.unpublish(n8n_id, abilities=abilities),
            is_done=lambda now: now is not None and not now.active,
        )

    async def _remove(self, planned: PlannedWorkflow) -> None:
        found = await self._as_listed(planned)
        key, n8n = planned.canonical_id, self._session.n8n
        match planned.removal:
            case OnDelete.ARCHIVE:
                await self._session.write(
                    key,
                    found.id,
                    lambda: n8n.archive(found.id),
                    is_done=lambda now: now is not None and now.is_archived,
                )
            case OnDelete.UNPUBLISH:
                await self._unpublish(planned)
            case OnDelete.DELETE:
                if found.active:
                    await self._unpublish(planned)
                await self._session.delete(key, found.id)
            case _:
                raise _moved(planned)

    async def _as_listed(self, planned: PlannedWorkflow) -> ListedWorkflow:
        """Read a workflow, which must be what it was when the plan was made. Raises BlockedError."""
        n8n_id = self._n8n_id(planned)
        listed, found = self._session.execution.look.bodies.get(n8n_id), await self._session.read(n8n_id)
        if found is None or listed is None or found.raw_digest != listed.raw_digest:
            raise _moved(planned)
        return found

    def _existing(self, document: Mapping[str, Json]) -> dict[str, Json]:
        return with_created_ids(document, self._session.progress.ids)

    def _n8n_id(self, planned: PlannedWorkflow) -> str:
        known = self._session.progress.changes[planned.canonical_id].n8n_workflow_id
        if known is None:
            raise _moved(planned)
        return known


def _first_wanted(planned: PlannedWorkflow) -> Content | None:
    """Answer the content of the first version that is written: what is to run, where that is another one."""
    return planned.planned if planned.published_document is None else planned.planned_published


def _name(planned: PlannedWorkflow) -> str:
    return mask_text(planned.workflow_name)


def _moved(planned: PlannedWorkflow) -> BlockedError:
    return BlockedError(
        f"{_name(planned)} is not what it was when the plan was made: somebody changed it in the meantime.",
        fix="Look at it in n8n. Run again to have it planned anew.",
    )
