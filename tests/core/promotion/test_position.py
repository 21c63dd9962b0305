"""Where a workflow stands between what it was and what a promotion wants, part by part."""

from dataclasses import replace
from typing import Any

import pytest

from workflowops.core.configuration import OnDelete
from workflowops.core.promotion.plan import CREATED_PREFIX, Content, Held, Publication, WorkflowChangeType
from workflowops.core.promotion.position import Part, Position, is_content, position_of, told
from workflowops.core.promotion.record import PromotedWorkflow

OLD = Content(logic="old", layout="old", graph="old", references={"workflows": {"Call": "id-sub"}})
NEW = Content(logic="new", layout="new", graph="new", references={"workflows": {"Call": "id-sub"}})
RAN = Content(logic="ran", layout="ran", graph="ran")
ODD = Content(logic="odd", layout="odd", graph="odd")

BEFORE = Held(
    workflow_id="w1", draft=OLD, published=OLD, is_active=True, is_archived=False, tags=("sales",),
    version_id="v1", published_version_id="v1",
)  # fmt: skip
OFF = replace(BEFORE, published=None, is_active=False, published_version_id=None)
DONE = replace(BEFORE, draft=NEW, published=NEW, version_id="v2", published_version_id="v2")


def change(**more: Any) -> PromotedWorkflow:
    base = PromotedWorkflow(
        canonical_id="c1",
        canonical_slug="orders",
        workflow_name="Orders",
        change_type=WorkflowChangeType.UPDATED,
        n8n_workflow_id="w1",
        planned=NEW,
        before=BEFORE,
        publication=Publication.PUBLISH,
    )
    return replace(base, **more)


def created(**more: Any) -> PromotedWorkflow:
    return change(change_type=WorkflowChangeType.CREATED, before=None, **more)


def removed(how: OnDelete) -> PromotedWorkflow:
    kept = {"planned": None, "publication": Publication.KEEP, "removal": how}
    return change(change_type=WorkflowChangeType.REMOVED, **kept)


def where(change: PromotedWorkflow, now: Held | None, *, saves_drafts: bool = True, **ids: str) -> Position:
    return position_of(change, now, ids=ids, saves_drafts=saves_drafts)


BEFORE_, PLANNED, BETWEEN, STRANGE = "as before", "as planned", "in between", "strange"


def word(position: Position) -> str:
    if position.is_as_planned:
        return PLANNED
    if position.is_as_before:
        return BEFORE_
    return BETWEEN if position.is_ours else STRANGE


UPDATES = [
    pytest.param(change(), BEFORE, BEFORE_, id="untouched"),
    pytest.param(change(), replace(BEFORE, draft=NEW, version_id="v2"), BETWEEN, id="draft written"),
    pytest.param(change(), DONE, PLANNED, id="published"),
    pytest.param(change(), replace(DONE, version_id="v3"), BETWEEN, id="published, but another version than the draft"),
    pytest.param(change(), replace(DONE, version_id=None, published_version_id=None), PLANNED, id="no version ids"),
    pytest.param(change(), replace(BEFORE, draft=ODD), STRANGE, id="somebody's draft"),
    pytest.param(change(), replace(BEFORE, published=ODD, published_version_id="v9"), STRANGE, id="somebody published"),
    pytest.param(change(), OFF, STRANGE, id="somebody switched it off"),
    pytest.param(change(), replace(DONE, tags=()), STRANGE, id="somebody took its tags"),
    pytest.param(change(), replace(DONE, is_archived=True), STRANGE, id="somebody archived it"),
    pytest.param(change(), None, STRANGE, id="somebody deleted it"),
    pytest.param(change(tags=("a",)), replace(BEFORE, tags=("a",)), BETWEEN, id="tags set"),
    pytest.param(change(tags=("a", "b")), replace(DONE, tags=("b", "a")), PLANNED, id="the order of tags is nothing"),
    pytest.param(change(before=OFF), DONE, PLANNED, id="switched on"),
    pytest.param(change(before=OFF), replace(OFF, draft=NEW), BETWEEN, id="off, draft written"),
    pytest.param(change(publication=Publication.UNPUBLISH), replace(OFF, draft=NEW), PLANNED, id="switched off"),
    pytest.param(change(publication=Publication.UNPUBLISH), DONE, STRANGE, id="on, although to be switched off"),
    pytest.param(
        change(publication=Publication.KEEP),
        replace(BEFORE, draft=NEW, version_id="v2"),
        PLANNED,
        id="draft kept apart",
    ),
    pytest.param(
        change(publication=Publication.KEEP),
        replace(BEFORE, draft=NEW, published=replace(OLD, logic="other settings")),
        PLANNED,
        id="settings show in what still runs",
    ),
    pytest.param(change(publication=Publication.KEEP, before=OFF), replace(OFF, draft=NEW), PLANNED, id="stays off"),
    pytest.param(
        change(before=replace(OFF, is_archived=True)), replace(OFF, is_archived=False), BETWEEN, id="taken back"
    ),
    pytest.param(change(before=replace(OFF, is_archived=True)), DONE, PLANNED, id="taken back and published"),
    pytest.param(change(planned_published=RAN), replace(BEFORE, draft=RAN), BETWEEN, id="what is to run, as draft"),
    pytest.param(
        change(planned_published=RAN),
        replace(BEFORE, draft=NEW, published=RAN, published_version_id="v2", version_id="v3"),
        PLANNED,
        id="another version runs than the draft",
    ),
    pytest.param(
        change(before=replace(BEFORE, draft=ODD)),
        replace(BEFORE, draft=OLD, version_id="v2"),
        BETWEEN,
        id="what ran is written as draft while it is put back",
    ),
]


@pytest.mark.parametrize(("change", "now", "expected"), UPDATES)
def test_an_update_stands_where_its_parts_stand(change: PromotedWorkflow, now: Held | None, expected: str) -> None:
    assert word(where(change, now)) == expected


NEW_ONE = replace(OFF, workflow_id="w9", draft=NEW, tags=())

CREATIONS = [
    pytest.param(created(), None, BEFORE_, id="not there"),
    pytest.param(created(), NEW_ONE, BETWEEN, id="created, off"),
    pytest.param(created(), replace(DONE, tags=()), PLANNED, id="created and published"),
    pytest.param(created(publication=Publication.KEEP), NEW_ONE, PLANNED, id="created to stay off"),
    pytest.param(created(tags=("a",)), NEW_ONE, BETWEEN, id="created, tags missing"),
    pytest.param(created(), replace(NEW_ONE, draft=ODD), STRANGE, id="somebody edited it"),
    pytest.param(created(), replace(NEW_ONE, tags=("a",)), STRANGE, id="somebody tagged it"),
    pytest.param(created(planned_first=RAN), replace(NEW_ONE, draft=RAN), BETWEEN, id="of a cycle, not complete yet"),
]


@pytest.mark.parametrize(("change", "now", "expected"), CREATIONS)
def test_a_creation_stands_where_its_parts_stand(change: PromotedWorkflow, now: Held | None, expected: str) -> None:
    assert word(where(change, now)) == expected


ARCHIVED = replace(OFF, is_archived=True)

REMOVALS = [
    pytest.param(removed(OnDelete.ARCHIVE), BEFORE, BEFORE_, id="archive: untouched"),
    pytest.param(removed(OnDelete.ARCHIVE), ARCHIVED, PLANNED, id="archive: archived"),
    pytest.param(removed(OnDelete.ARCHIVE), OFF, BETWEEN, id="archive: only off"),
    pytest.param(removed(OnDelete.ARCHIVE), None, STRANGE, id="archive: somebody deleted it"),
    pytest.param(removed(OnDelete.UNPUBLISH), OFF, PLANNED, id="unpublish: off"),
    pytest.param(removed(OnDelete.UNPUBLISH), ARCHIVED, STRANGE, id="unpublish: somebody archived it"),
    pytest.param(removed(OnDelete.DELETE), OFF, BETWEEN, id="delete: off, still there"),
    pytest.param(removed(OnDelete.DELETE), None, PLANNED, id="delete: gone"),
    pytest.param(removed(OnDelete.DELETE), replace(OFF, draft=ODD), STRANGE, id="delete: somebody edited it"),
]


@pytest.mark.parametrize(("change", "now", "expected"), REMOVALS)
def test_a_removal_stands_where_its_parts_stand(change: PromotedWorkflow, now: Held | None, expected: str) -> None:
    assert word(where(change, now)) == expected


def test_a_server_without_drafts_may_leave_an_update_switched_off() -> None:
    now = replace(OFF, draft=NEW)
    assert word(where(change(), now, saves_drafts=True)) == STRANGE
    assert word(where(change(), now, saves_drafts=False)) == BETWEEN


def test_a_reference_to_a_created_workflow_means_its_id_once_that_is_known() -> None:
    planned = replace(NEW, references={"workflows": {"Call": f"{CREATED_PREFIX}c2"}})
    now = replace(DONE, draft=NEW, published=NEW)
    assert word(where(change(planned=planned), now)) == STRANGE
    assert word(where(change(planned=planned), now, c2="id-sub")) == PLANNED


def test_a_webhook_id_that_n8n_gave_counts_as_planned_and_another_one_does_not() -> None:
    given = replace(NEW, references={**NEW.references, "webhooks": {"Hook": "given"}})
    assert is_content(NEW, given, ids={})
    sent = replace(NEW, references={**NEW.references, "webhooks": {"Hook": "sent"}})
    assert not is_content(sent, given, ids={})
    assert not is_content(NEW, replace(given, references={"webhooks": {"Hook": "given"}}), ids={})


def test_an_unchanged_draft_is_as_before_and_as_planned_at_once() -> None:
    position = where(change(planned=OLD, publication=Publication.KEEP), BEFORE)
    assert position.is_as_before
    assert position.is_as_planned


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param((), "nothing", id="none"),
        pytest.param((Part.DRAFT,), "its draft", id="one"),
        pytest.param((Part.DRAFT, Part.ACTIVE, Part.TAGS), "its draft, whether it runs and its tags", id="three"),
    ],
)
def test_parts_are_named_in_words(parts: tuple[Part, ...], expected: str) -> None:
    assert told(parts) == expected
