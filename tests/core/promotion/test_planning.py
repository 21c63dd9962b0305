"""Plans of promotions: what they bring about, what they leave alone, and what stops them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.promotion.planning_world import OLD, World, codes, content_in, document
from tests.core.promotion.simulation import simulate

from workflowops.core.configuration import CredentialsMissing, DriftPolicy, OnDelete, Publish, Stage
from workflowops.core.observation import live_document
from workflowops.core.promotion.content import held_of
from workflowops.core.promotion.finding import ConflictType
from workflowops.core.promotion.plan import (
    CREATED_PREFIX,
    Impact,
    Options,
    PlannedWorkflow,
    PromotionPlan,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.planning import plan_promotion
from workflowops.core.promotion.position import position_of, promoted_of
from workflowops.core.promotion.target import Credentials, Source
from workflowops.core.standing import content_keys

OVERWRITE = Options(allow_overwriting_hotfixes=True)
NEW = document("a", url="https://api.example.com/new")
DRAFTLESS = replace(OLD, publish=True)


def only(plan: PromotionPlan) -> PlannedWorkflow:
    (planned,) = plan.workflows
    return planned


def pending(**stage: Any) -> World:
    """A workflow that runs as it was applied, and a file that says something new."""
    world = World(stage=replace(Stage(environment="prod"), **stage))
    world.put("a")
    world.declare("a", NEW)
    return world


# What happens to one workflow


def test_a_file_that_says_what_runs_changes_nothing() -> None:
    world = World()
    world.put("a")
    world.declare("a")
    plan = world.plan()
    assert only(plan).change_type is WorkflowChangeType.UNCHANGED
    assert (plan.changes, plan.is_blocked, plan.can_proceed) == ((), False, True)


def test_a_changed_file_updates_the_workflow_that_is_linked_to_it() -> None:
    plan = pending().plan()
    planned = only(plan)
    assert (planned.change_type, planned.target_workflow_id) == (WorkflowChangeType.UPDATED, "t-a")
    assert planned.publication is Publication.PUBLISH
    assert planned.diff is not None
    assert [each.node_name for each in planned.diff.node_changes] == ["Ask"]
    assert planned.before is not None
    assert planned.before.is_active
    assert not plan.is_blocked


def test_a_file_without_a_workflow_creates_one_that_stays_off_and_says_so() -> None:
    world = World()
    world.declare("a")
    plan = world.plan()
    planned = only(plan)
    assert (planned.change_type, planned.target_workflow_id) == (WorkflowChangeType.CREATED, None)
    assert (planned.publication, planned.before) == (Publication.KEEP, None)
    assert codes(plan, gravity=("note",)) == ["created_switched_off"]
    assert not plan.is_blocked


def test_a_deleted_file_removes_what_was_applied() -> None:
    world = World()
    world.put("a")
    planned = only(world.plan())
    assert (planned.change_type, planned.removal) == (WorkflowChangeType.REMOVED, OnDelete.ARCHIVE)
    assert planned.document is None
    assert not world.plan().is_blocked


@pytest.mark.parametrize(
    ("on_delete", "is_on", "is_archived"),
    [
        pytest.param(OnDelete.ARCHIVE, False, True, id="what is archived is gone"),
        pytest.param(OnDelete.DELETE, False, True, id="what is archived is not deleted on top"),
        pytest.param(OnDelete.UNPUBLISH, False, False, id="what is off is unpublished"),
    ],
)
def test_nothing_is_removed_twice(on_delete, is_on, is_archived) -> None:
    world = World(stage=Stage(environment="prod", on_delete=on_delete))
    world.put("a", is_on=is_on)
    if is_archived:
        world.n8n.archive("t-a")
    assert world.plan().changes == ()


def test_what_git_never_had_there_is_left_alone() -> None:
    world = World()
    world.n8n.create(document("Free"), workflow_id="t-free")
    assert world.plan("free").changes == ()


def test_a_file_that_cannot_be_read_blocks_and_changes_nothing() -> None:
    world = World(problems={"a": "No nodes."})
    world.put("a")
    plan = world.plan()
    assert (plan.changes, codes(plan)) == ((), ["file_unreadable"])


def test_a_workflow_that_was_not_compared_blocks() -> None:
    world = pending()
    live = world.n8n.listed()
    unknown = replace(world.candidate("a", live), verdict=None)
    plan = plan_of(world, unknown)
    assert (plan.changes, codes(plan)) == ((), ["target_unknown"])


def plan_of(world: World, *candidates: Any, options: Options | None = None) -> PromotionPlan:
    return plan_promotion(
        candidates,
        target=world.target(world.n8n.listed()),
        pipeline_id="default",
        source_stage="dev",
        git_commit_sha=None,
        options=options or Options(),
    )


def test_a_setting_that_cannot_be_taken_back_is_expected_to_stay() -> None:
    world = World()
    world.put("a", document("a", settings={"executionOrder": "v1", "saveManualExecutions": False}))
    world.declare("a", NEW)
    plan = world.plan()
    assert codes(plan, gravity=("warning",)) == ["setting_stays"]
    after = simulate(plan, world.n8n)
    assert only(plan).planned == held_of(after.listed()["t-a"]).draft


# Publication and tags


@pytest.mark.parametrize(
    ("publish", "file_says", "source_is", "is_on", "expected"),
    [
        pytest.param(Publish.KEEP, False, False, True, Publication.PUBLISH, id="keep what runs running"),
        pytest.param(Publish.KEEP, True, True, False, Publication.KEEP, id="keep what is off off"),
        pytest.param(Publish.MATCH_SOURCE, True, False, False, Publication.PUBLISH, id="the file says on"),
        pytest.param(Publish.MATCH_SOURCE, False, True, True, Publication.UNPUBLISH, id="the file says off"),
        pytest.param(Publish.MATCH_SOURCE, False, True, False, Publication.KEEP, id="the file says off, and it is"),
        pytest.param(Publish.MATCH_SOURCE, None, True, False, Publication.PUBLISH, id="the source says on"),
        pytest.param(Publish.MATCH_SOURCE, None, False, True, Publication.UNPUBLISH, id="the source says off"),
        pytest.param(Publish.MATCH_SOURCE, None, None, True, Publication.PUBLISH, id="nobody says, and it runs"),
        pytest.param(Publish.MATCH_SOURCE, None, None, False, Publication.KEEP, id="nobody says, and it is off"),
        pytest.param(Publish.NEVER, True, True, True, Publication.KEEP, id="never, though it runs"),
        pytest.param(Publish.NEVER, True, True, False, Publication.KEEP, id="never, and it is off"),
    ],
)
def test_publication_follows_the_policy(publish, file_says, source_is, is_on, expected) -> None:
    world = World(stage=Stage(environment="prod", publish=publish))
    world.put("a", is_on=is_on)
    world.declare("a", NEW, **({} if file_says is None else {"active": file_says}))
    world.sources["a"] = Source(workflow_id="dev-a", is_active=source_is)
    assert only(world.plan()).publication is expected


def test_never_publishing_needs_a_server_with_drafts() -> None:
    world = pending(publish=Publish.NEVER)
    assert codes(world.plan()) == []
    assert codes(world.plan(), gravity=("note",)) == ["left_unpublished"]
    world.abilities = OLD
    assert codes(world.plan()) == ["not_supported"]


def test_switching_on_or_off_alone_writes_no_document() -> None:
    world = World()
    world.put("a", is_on=False)
    world.declare("a", active=True)
    assert world.plan().changes == ()
    planned = only(world.plan(publish=Publish.MATCH_SOURCE))
    assert (planned.publication, planned.document) == (Publication.PUBLISH, None)
    assert planned.before is not None
    assert planned.planned == planned.before.draft


@pytest.mark.parametrize(
    ("declared", "there", "expected"),
    [
        pytest.param(None, ("a",), None, id="the file is silent"),
        pytest.param(["b", "a"], ("a", "b"), None, id="the same, in another order"),
        pytest.param(["b"], ("a",), ("b",), id="others"),
        pytest.param([], ("a",), (), id="none at all"),
    ],
)
def test_tags_are_set_where_the_file_names_others(declared, there, expected) -> None:
    world = World()
    world.put("a", document("a", tags=list(there)))
    world.declare("a", **({} if declared is None else {"tags": declared}))
    planned = only(world.plan())
    assert planned.tags == expected
    assert planned.is_change is (expected is not None)
    assert (planned.document, planned.publication) == (None, Publication.KEEP)


# Conflicts


def test_an_edit_in_the_target_is_a_conflict_until_it_may_be_overwritten() -> None:
    world = pending()
    world.edit("t-a", document("a", url="https://hot.example.com"))
    (conflict,) = world.plan().conflicts
    assert (conflict.type, conflict.allowed_by) == (ConflictType.HOTFIX_IN_TARGET, "allow_overwriting_hotfixes")
    assert world.plan().is_blocked
    plan = world.plan(options=OVERWRITE)
    assert plan.conflicts[0].is_allowed
    assert not plan.is_blocked


def test_a_draft_of_somebody_is_a_conflict() -> None:
    world = pending()
    world.save("t-a", document("a", url="https://draft.example.com"))
    (conflict,) = world.plan().conflicts
    assert "draft" in conflict.message


def test_a_draft_that_says_what_would_be_written_is_none() -> None:
    world = pending()
    world.save("t-a", NEW)
    plan = world.plan()
    assert (plan.conflicts, len(plan.changes)) == ((), 1)


def test_a_draft_that_an_earlier_promotion_left_is_none() -> None:
    world = pending(publish=Publish.NEVER)
    left = document("a", url="https://api.example.com/earlier")
    world.save("t-a", left)
    world.applied["a"] = replace(world.applied["a"], git_content_hash=content_in(left).content_hash)
    assert world.plan().conflicts == ()


def test_what_was_never_applied_and_differs_counts_as_edited() -> None:
    world = pending()
    world.applied = {}
    (conflict,) = world.plan().conflicts
    assert "never applied" in conflict.message


def test_an_edit_is_a_conflict_for_a_removal_as_well() -> None:
    world = World()
    world.put("a")
    world.edit("t-a", document("a", url="https://hot.example.com"))
    assert [each.type for each in world.plan().conflicts] == [ConflictType.HOTFIX_IN_TARGET]


def test_a_source_that_runs_something_else_is_a_conflict_of_its_own() -> None:
    world = pending()
    world.sources["a"] = Source(workflow_id="dev-a", is_active=True, is_ahead=True)
    plan = world.plan(options=OVERWRITE)
    assert [(each.type, each.is_allowed) for each in plan.conflicts] == [(ConflictType.SOURCE_AHEAD, False)]
    forced = Options(allow_force_promotion_on_conflicts=True)
    assert not world.plan(options=forced).is_blocked


@pytest.mark.parametrize("policy", [DriftPolicy(), DriftPolicy(activation=False)])
def test_what_somebody_switched_off_is_not_switched_on_unasked(policy) -> None:
    world = pending(publish=Publish.MATCH_SOURCE)
    world.files["a"]["active"] = True
    world.policy = policy
    world.n8n.unpublish("t-a")
    conflicts = world.plan().conflicts
    assert [each.type for each in conflicts] == [ConflictType.HOTFIX_IN_TARGET] * policy.activation
    assert world.plan(publish=Publish.KEEP).conflicts == ()


def test_tags_that_somebody_changed_are_not_set_back_unasked() -> None:
    world = World()
    world.put("a", document("a", tags=["old"]))
    world.declare("a", tags=["new"])
    assert world.plan().conflicts == ()
    world.n8n.tag("t-a", ("urgent",))
    assert "tags" in world.plan().conflicts[0].message
    world.policy = DriftPolicy(tags=False)
    assert world.plan().conflicts == ()


def test_a_workflow_that_somebody_deleted_is_not_created_again_unasked() -> None:
    world = pending()
    del world.n8n.workflows["t-a"]
    assert codes(world.plan()) == ["target_missing"]
    plan = world.plan(options=OVERWRITE)
    assert (only(plan).change_type, plan.is_blocked) == (WorkflowChangeType.CREATED, False)


def test_a_workflow_that_somebody_archived_is_not_taken_back_unasked() -> None:
    world = pending()
    world.n8n.archive("t-a")
    assert codes(world.plan()) == ["target_archived"]
    plan = world.plan(options=OVERWRITE)
    assert (only(plan).change_type, plan.is_blocked) == (WorkflowChangeType.UPDATED, False)
    world.abilities = OLD
    assert codes(world.plan(options=OVERWRITE)) == ["not_supported"]


# Removal


@pytest.mark.parametrize(
    ("on_delete", "abilities", "expected"),
    [
        pytest.param(OnDelete.BLOCK, "new", ["removal_blocked"], id="block"),
        pytest.param(OnDelete.ARCHIVE, "old", ["not_supported"], id="a server that cannot archive"),
        pytest.param(OnDelete.DELETE, "old", [], id="delete"),
        pytest.param(OnDelete.UNPUBLISH, "old", [], id="unpublish"),
    ],
)
def test_the_policy_and_the_server_decide_about_a_removal(on_delete, abilities, expected) -> None:
    world = World(stage=Stage(environment="prod", on_delete=on_delete))
    world.put("a")
    if abilities == "old":
        world.abilities = OLD
    assert codes(world.plan()) == expected


def test_what_is_still_called_is_not_removed() -> None:
    world = World()
    world.put("sub")
    world.put("main", document("main", calls=["t-sub"]))
    world.declare("main", document("main", calls=["dev-sub"]))
    (finding,) = world.plan().findings
    assert (str(finding.code), "main" in finding.message) == ("still_called", True)
    assert codes(world.plan("sub")) == ["still_called"]


@pytest.mark.parametrize("is_removed_too", [True, False], ids=["the caller goes too", "the caller calls it no more"])
def test_a_removal_may_go_with_its_last_caller(is_removed_too) -> None:
    world = World()
    world.put("sub")
    world.put("main", document("main", calls=["t-sub"]))
    if not is_removed_too:
        world.declare("main", document("main"))
    plan = world.plan()
    assert codes(plan) == []
    assert [each.canonical_id for each in plan.workflows] == ["main", "sub"]
    simulate(plan, world.n8n)


# Workflows that refer to each other


def test_a_reference_to_a_workflow_that_is_created_waits_for_its_id() -> None:
    world = World(stage=Stage(environment="prod", publish=Publish.MATCH_SOURCE))
    world.declare("a", document("a", calls=["dev-b"]), active=True)
    world.declare("b", document("b"), active=True)
    plan = world.plan()
    assert [each.canonical_id for each in plan.workflows] == ["b", "a"]
    assert plan.workflows[1].depends_on == ("b",)
    assert plan.workflows[1].planned is not None
    assert plan.workflows[1].planned.references == {"workflows": {"Call 0": f"{CREATED_PREFIX}b"}}
    after = simulate(plan, world.n8n)
    assert content_in(after.workflows[after.created["a"]]).references == {"workflows": {"Call 0": after.created["b"]}}


def test_what_cannot_run_yet_stops_what_calls_it() -> None:
    world = World()
    world.put("main")
    world.declare("main", document("main", calls=["dev-sub"]))
    world.declare("sub", document("sub"), active=True)
    assert codes(world.plan()) == ["dependency_not_published"]
    assert codes(world.plan(publish=Publish.MATCH_SOURCE)) == []


@pytest.mark.parametrize(
    ("is_on", "expected"),
    [pytest.param(True, [], id="it runs"), pytest.param(False, ["dependency_not_published"], id="it is off")],
)
def test_what_is_called_and_not_promoted_has_to_run_already(is_on, expected) -> None:
    world = World()
    world.put("sub", is_on=is_on)
    world.put("main")
    world.declare("main", document("main", calls=["dev-sub"]))
    assert codes(world.plan("main")) == expected
    world.abilities = OLD
    assert codes(world.plan("main")) == []


def test_two_new_workflows_that_call_each_other_cannot_be_published() -> None:
    world = World()
    world.declare("a", document("a", calls=["dev-b"]), active=True)
    world.declare("b", document("b", calls=["dev-a"]), active=True)
    assert codes(world.plan(), gravity=("note",)).count("cycle") == 1
    assert codes(world.plan(publish=Publish.MATCH_SOURCE)) == ["cycle"]


def test_a_workflow_that_names_its_callers_is_published_before_them() -> None:
    world = World(stage=Stage(environment="prod", publish=Publish.MATCH_SOURCE))
    for caller in ("a", "b"):
        world.declare(caller, document(caller, calls=["dev-sub"]), active=True)
    called = document("sub")
    called["settings"] = {**called["settings"], "callerPolicy": "workflowsFromAList", "callerIds": "dev-a,dev-b"}
    world.declare("sub", called, active=True)
    plan = world.plan()
    assert [each.canonical_id for each in plan.workflows] == ["sub", "a", "b"]
    assert codes(plan) == []
    after = simulate(plan, world.n8n)
    wanted = {after.created["a"], after.created["b"]}
    assert set(content_in(after.workflows[after.created["sub"]]).references["caller_ids"]) == wanted


def test_two_running_workflows_that_call_each_other_can_be_updated() -> None:
    world = World()
    world.put("a", document("a", calls=["t-b"]))
    world.put("b", document("b", calls=["t-a"]))
    world.declare("a", document("a", calls=["dev-b"], url="https://api.example.com/new"))
    world.declare("b", document("b", calls=["dev-a"], url="https://api.example.com/new"))
    plan = world.plan()
    assert (codes(plan), len(plan.changes)) == ([], 2)
    simulate(plan, world.n8n)


def test_an_address_that_another_workflow_listens_on_blocks() -> None:
    world = pending()
    world.put("b", document("b", path="orders"))
    world.files["a"] = document("a", path="orders")
    assert codes(world.plan("a")) == ["webhook_collision"]


def test_what_the_files_hold_is_checked_only_where_it_is_written() -> None:
    world = pending()
    secret = "https://x.example.com/?key=AKIAIOSFODNN7EXAMPLX"
    world.files["a"] = document("a", url=secret)
    assert codes(world.plan()) == ["secret_in_file"]
    assert secret not in str(world.plan().findings)
    world.edit("t-a", document("a", url=secret))
    assert world.plan().findings == ()


def test_tags_alone_do_not_publish_somebodys_draft() -> None:
    world = World()
    world.put("a")
    world.declare("a", tags=["new"])
    world.save("t-a", document("a", url="https://draft.example.com"))
    plan = world.plan()
    assert (plan.conflicts, only(plan).publication) == ((), Publication.KEEP)
    assert held_of(simulate(plan, world.n8n).listed()["t-a"]).published == held_of(world.n8n.listed()["t-a"]).published


def test_a_credential_is_bound_by_its_name() -> None:
    world = pending()
    world.files["a"] = document("a", credential={"id": "dev-cred", "name": "Orders DB"})
    (binding,) = only(world.plan()).credentials
    assert (binding.id, binding.is_rewritten) == ("t-cred-1", True)
    world.credentials = Credentials(is_complete=True)
    assert codes(world.plan()) == ["credential_missing"]
    assert codes(world.plan(credentials_missing=CredentialsMissing.KEEP_NAME)) == []


# Impact


@pytest.mark.parametrize(
    ("changed", "is_on", "expected"),
    [
        pytest.param(document("a", url="{{ $env.API }}"), True, Impact.LOW, id="another address"),
        pytest.param(
            document("a", credential={"id": "x", "name": "Orders DB"}), True, Impact.MEDIUM, id="a credential"
        ),
        pytest.param(document("a", path="orders"), True, Impact.HIGH, id="the trigger of what runs"),
        pytest.param(document("a", path="orders"), False, Impact.MEDIUM, id="the trigger of what is off"),
    ],
)
def test_the_impact_is_that_of_the_worst_change(changed, is_on, expected) -> None:
    world = World()
    world.put("a", is_on=is_on)
    world.declare("a", changed)
    assert world.plan().estimated_impact is expected


@pytest.mark.parametrize(("is_on", "expected"), [(True, Impact.HIGH), (False, Impact.MEDIUM)])
def test_removing_what_runs_is_a_high_impact(is_on, expected) -> None:
    world = World()
    world.put("a", is_on=is_on)
    assert world.plan().estimated_impact is expected


@pytest.mark.parametrize(("number", "expected"), [(5, Impact.LOW), (6, Impact.MEDIUM), (21, Impact.HIGH)])
def test_many_changes_have_more_impact_than_one(number, expected) -> None:
    world = World()
    for each in range(number):
        world.put(f"w{each}")
        world.declare(f"w{each}", document(f"w{each}", url="{{ $env.API }}"))
    assert world.plan().estimated_impact is expected


# Laws

IDS = ("a", "b", "c", "d")


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A stage with some workflows in the instance, some files, and calls between them without circles."""
    world = World(
        stage=Stage(
            environment="prod",
            publish=draw(st.sampled_from([Publish.KEEP, Publish.MATCH_SOURCE, Publish.MATCH_SOURCE, Publish.NEVER])),
            on_delete=draw(st.sampled_from([OnDelete.ARCHIVE, OnDelete.UNPUBLISH, OnDelete.DELETE])),
        )
    )
    for each in IDS:
        if draw(st.integers(0, 2)):
            called = [f"t-{known}" for known in world.applied]
            world.put(each, draw(contents(each, called)), is_on=draw(st.integers(0, 3)) > 0)
        if draw(st.integers(0, 3)):
            called = [f"dev-{known}" for known in world.files]
            world.declare(each, draw(contents(each, called)), **draw(beside()))
    for each in world.linked:
        if draw(st.integers(0, 8)) == 8:
            world.edit(each, draw(contents(world.linked[each], [])))
        if draw(st.integers(0, 8)) == 8:
            world.save(each, draw(contents(world.linked[each], [])))
        if draw(st.integers(0, 10)) == 10:
            world.n8n.archive(each)
    return world


@st.composite
def contents(draw: st.DrawFn, name: str, called: list[str]) -> dict[str, Any]:
    settings = draw(
        st.fixed_dictionaries(
            {"executionOrder": st.just("v1")},
            optional={
                "timezone": st.sampled_from(["UTC", "Europe/Berlin"]),
                "errorWorkflow": st.sampled_from(called or ["DEFAULT"]),
                "callerPolicy": st.just("any"),
            },
        )
    )
    return document(
        draw(st.sampled_from([name, f"{name} 2"])),
        url=draw(st.sampled_from(["https://one.example.com", "https://two.example.com"])),
        calls=draw(st.lists(st.sampled_from(called), unique=True, max_size=2)) if called else (),
        path=draw(st.sampled_from([None, f"path-{name}"])),
        credential=draw(st.sampled_from([None, {"id": "dev-cred", "name": "Orders DB"}])),
        x=draw(st.sampled_from([0, 40])),
        settings=settings,
    )


def beside() -> st.SearchStrategy[dict[str, Any]]:
    tags = st.lists(st.sampled_from(["x", "y"]), unique=True)
    return st.fixed_dictionaries({}, optional={"active": st.booleans(), "tags": tags})


FEWER = settings(max_examples=60)
OPTIONS = st.sampled_from([Options(), OVERWRITE])


def means(file: dict[str, Any], version: Any, world: World) -> bool:
    """Say whether a drift check would find a file and a version equal."""
    keys = content_keys(
        declared=content_in(file), live=content_in(version), applied=None, here=world.here, anywhere=world.anywhere
    )
    return keys.declared == keys.live


@FEWER
@given(worlds(), OPTIONS)
def test_a_plan_that_is_carried_out_reaches_what_git_declares(world, options) -> None:
    plan = world.plan(options=options)
    if plan.is_blocked:
        return
    after = simulate(plan, world.n8n)
    now = World(n8n=after, linked=world.linked | {after.created[each]: each for each in after.created})
    listed = after.listed()
    ids = {canonical_id: each for each, canonical_id in now.linked.items() if each in listed}
    for planned in plan.workflows:
        live = listed.get(ids.get(planned.canonical_id, ""))
        file = world.files.get(planned.canonical_id)
        if file is None:
            assert live is None or live.is_archived or not live.active or not planned.is_change
            continue
        assert live is not None
        is_left_a_draft = planned.publication is Publication.KEEP and (
            planned.document is not None or not planned.is_change
        )
        versions = [live_document(live), *([live.document()] if is_left_a_draft else [])]
        assert any(means(file, version, now) for version in versions)
        if world.stage.publish is Publish.MATCH_SOURCE and "active" in file:
            assert live.active is file["active"]
        if "tags" in file:
            assert set(live.tags) == set(file["tags"])


@FEWER
@given(worlds(), OPTIONS)
def test_what_is_read_back_is_what_was_planned(world, options) -> None:
    plan = world.plan(options=options)
    if plan.is_blocked:
        return
    after = simulate(plan, world.n8n)
    listed = after.listed()
    for planned in plan.changes:
        live = listed.get(planned.target_workflow_id or after.created[planned.canonical_id])
        held = None if live is None else held_of(live)
        position = position_of(promoted_of(planned), held, ids=after.created, saves_drafts=True)
        assert position.not_as_planned == ()


@FEWER
@given(worlds(), OPTIONS)
def test_a_plan_touches_nothing_but_its_changes(world, options) -> None:
    plan = world.plan(options=options)
    if plan.is_blocked:
        return
    after = simulate(plan, world.n8n)
    touched = {each.target_workflow_id for each in plan.changes} | set(after.created.values())
    for workflow_id, entry in world.n8n.workflows.items():
        if workflow_id not in touched:
            assert after.workflows[workflow_id] == entry


@FEWER
@given(worlds(), OPTIONS)
def test_after_a_plan_there_is_nothing_left_to_plan(world, options) -> None:
    plan = world.plan(options=options)
    if plan.is_blocked:
        return
    world.n8n = simulate(plan, world.n8n)
    world.linked |= {known: each for each, known in world.n8n.created.items()}
    assert world.plan(options=options).changes == ()


@FEWER
@given(worlds(), OPTIONS)
def test_the_order_respects_dependencies_and_removals_come_last(world, options) -> None:
    plan = world.plan(options=options)
    place = {each.canonical_id: number for number, each in enumerate(plan.workflows)}
    for each in plan.workflows:
        assert all(place[needed] < place[each.canonical_id] for needed in each.depends_on)
    kinds = [each.change_type is WorkflowChangeType.REMOVED for each in plan.workflows]
    assert kinds == sorted(kinds)


@FEWER
@given(worlds(), OPTIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_is_no_part_of_the_plan(world, options, chance) -> None:
    live = world.n8n.listed()
    candidates = [world.candidate(each, live) for each in IDS]
    plan = plan_of(world, *candidates, options=options)
    chance.shuffle(candidates)
    assert plan_of(world, *candidates, options=options) == plan
