"""Carrying out a promotion on the sandbox: the order of things, what is recorded, and what is put back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.commands.builders import MINUTE
from tests.commands.promotion_faults import Died, Fault, check_invariant, comparable, struck
from tests.commands.promotion_world import (
    ALL,
    TARGET,
    Answer,
    PromotionWorld,
    alarm,
    call,
    canonical_of,
    five,
    flow,
    known_elsewhere,
    node,
    orders,
    request,
    stock,
)

from workflowops.commands.executing import execute
from workflowops.core.configuration import OnDelete, Publish
from workflowops.core.json import Json
from workflowops.core.promotion.record import Outcome, PromotionStatus
from workflowops.errors import BlockedError, MovedError, N8nError, RemoteError, StateError
from workflowops.sandbox.generation import Generation

OUTAGE = RemoteError("The remote is away.", fix="Wait.")


def planned_of(**options: Any) -> Any:
    world = five(**options)
    assert world.promote(*ALL).status is PromotionStatus.COMPLETED
    return comparable(world.held())


def when(wanted: str, fault: Fault, *, times: int = 1) -> Callable[[httpx.Request, Answer], httpx.Response]:
    """Let requests whose method and path begin so meet a fault, as often as told."""
    left = [times]

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        is_hit = f"{request.method} {request.url.path.removeprefix('/api/v1')}".startswith(wanted) and left[0] > 0
        left[0] -= is_hit
        return struck(fault, request, answer) if is_hit else answer()

    return interfere


# What a completed promotion did


def test_a_promotion_makes_the_target_run_what_git_declares() -> None:
    world = five()
    promotion = world.promote(*ALL)
    assert promotion.status is PromotionStatus.COMPLETED
    assert {each.outcome for each in promotion.workflows} == {Outcome.AS_PLANNED}
    counts = world.drift_of(TARGET).counts
    assert (counts.in_sync, counts.unmapped, counts.drifted, counts.pending) == (4, 1, 0, 0)


def test_the_published_versions_are_the_planned_ones_and_not_only_the_drafts() -> None:
    world = five()
    world.promote(*ALL)
    for name in ("Stock", "Orders", "Alarm", "Report"):
        document = world.by_name(name)
        assert document["activeVersion"]["nodes"] == document["nodes"], name
        assert document["activeVersionId"] == document["versionId"], name


def test_references_hold_the_ids_of_the_target_also_of_what_was_created() -> None:
    world = five()
    world.promote(*ALL)
    assert world.by_name("Orders")["settings"]["errorWorkflow"] == world.by_name("Alarm")["id"]


def test_everything_is_published_after_what_it_calls_and_removed_last() -> None:
    world = five()
    world.promote(*ALL)
    published = [each.split("/")[2] for each in world.writes if each.endswith("/publish")]
    report = world.by_name("Report")["id"]
    assert published.index("id-stock") < published.index("id-orders") < published.index(report)
    assert world.writes[-1] == "POST /workflows/id-legacy/archive"


def test_a_changed_workflow_takes_four_requests_beside_the_lists() -> None:
    world = five()
    promotion = world.promote("stock")
    lists = [each for each in world.reads if each == "GET /workflows"]
    assert len(lists) == 1
    assert promotion.execution_result is not None
    assert promotion.execution_result.n8n_requests == 4
    assert [*world.reads[:2], *world.writes] == [
        *["GET /workflows/id-stock"] * 2,
        "PUT /workflows/id-stock",
        "POST /workflows/id-stock/publish",
    ]


def test_the_record_says_what_came_of_it() -> None:
    world = five()
    world.clock.step = MINUTE / 60
    promotion = world.promote(*ALL)
    result = promotion.execution_result
    assert result is not None
    assert (result.workflows_promoted, result.workflows_failed, result.rollback_performed) == (5, 0, False)
    assert (result.target_pre_snapshot_id, result.target_post_snapshot_id) == ("promo-1-pre", "promo-1-post")
    assert result.execution_time_ms >= 1000
    assert promotion.executed_by == "ada"
    assert world.stored() == promotion
    created = {each.canonical_slug: each.n8n_workflow_id for each in promotion.workflows}
    assert created["alarm"] == world.by_name("Alarm")["id"]


def test_mapping_baseline_record_and_audit_are_of_one_commit() -> None:
    world = five()
    promotion = world.promote(*ALL)
    ending = dict(zip(world.state.messages, world.state.written, strict=True))["promote: promo-1 is completed"]
    month = world.clock.now.strftime("%Y-%m")
    names = {f"environments/{TARGET}/{each}.json" for each in ("mapping", "current", "environment")}
    assert names | {f"environments/{TARGET}/audit/{month}.jsonl", "promotions/promo-1.json"} <= ending
    assert "promotions/index.json" in ending
    alarm_id = world.by_name("Alarm")["id"]
    assert world.mapping(TARGET)[alarm_id]["canonical_id"] == canonical_of("alarm")
    assert set(world.current(TARGET)) == {canonical_of(slug) for slug in ALL if slug != "legacy"}
    actions = [each["action"] for each in world.audit(TARGET)]
    assert actions.count("promotion.started") == actions.count("promotion.completed") == 1
    assert promotion.status is PromotionStatus.COMPLETED


def test_an_environment_without_a_baseline_has_one_afterwards() -> None:
    world = PromotionWorld()
    world.declare("alarm", alarm(), active=True)
    world.promote("alarm")
    assert set(world.current(TARGET)) == {canonical_of("alarm")}
    assert world.record(TARGET)["drift_status"] == "in_sync"
    world.declare("alarm", alarm() | {"name": "Alarm 2"}, active=True)
    assert world.plan("alarm")[1].conflicts == ()


def test_a_workflow_that_stays_off_is_pending_and_no_drift() -> None:
    world = PromotionWorld(publish=Publish.KEEP)
    world.declare("alarm", alarm(), active=True)
    promotion = world.promote("alarm")
    assert promotion.status is PromotionStatus.COMPLETED
    assert not world.by_name("Alarm")["active"]
    assert world.drift_of(TARGET).counts.drifted == 0


def test_with_never_what_runs_goes_on_running_beside_the_new_draft() -> None:
    world = five(publish=Publish.NEVER)
    ran = world.instance.document("id-stock")["activeVersion"]["nodes"]
    promotion = world.promote("stock")
    assert promotion.status is PromotionStatus.COMPLETED
    document = world.instance.document("id-stock")
    assert document["activeVersion"]["nodes"] == ran
    assert document["nodes"] != ran
    assert world.drift_of(TARGET).counts.drifted == 0


@pytest.mark.parametrize("how", [OnDelete.ARCHIVE, OnDelete.UNPUBLISH, OnDelete.DELETE])
def test_a_removal_goes_as_the_stage_says(how: OnDelete) -> None:
    world = five(on_delete=how)
    assert world.promote("legacy").status is PromotionStatus.COMPLETED
    if how is OnDelete.DELETE:
        assert "id-legacy" not in world.instance.ids()
    else:
        document = world.instance.document("id-legacy")
        assert (document["active"], document["isArchived"]) == (False, how is OnDelete.ARCHIVE)
    assert canonical_of("legacy") not in world.current(TARGET)
    assert world.drift_of(TARGET).counts.missing == 0


def test_a_created_workflow_is_linked_by_its_id_and_not_by_what_looks_like_it() -> None:
    world = PromotionWorld()
    for each in ("id-twin-1", "id-twin-2"):
        world.instance.create_workflow(alarm(), id=each)
    world.declare("alarm", alarm(), active=True)
    promotion = world.promote("alarm")
    assert promotion.status is PromotionStatus.COMPLETED
    linked = [key for key, each in world.mapping(TARGET).items() if each["canonical_id"] == canonical_of("alarm")]
    assert linked == [promotion.workflows[0].n8n_workflow_id]


def ring(other: str, name: str) -> dict[str, Any]:
    """A workflow that hands the other one to an agent as a tool, which n8n publishes in any order."""
    begin = node("Daily", "n8n-nodes-base.scheduleTrigger", 0, parameters={"rule": {"interval": [{}]}})
    return flow(name, begin, call("Tool", other, 1, "@n8n/n8n-nodes-langchain.toolWorkflow"))


def a_cycle() -> PromotionWorld:
    world = PromotionWorld()
    world.declare("ping", ring("dev-pong", "Ping"), active=True)
    world.declare("pong", ring("dev-ping", "Pong"), active=True)
    known_elsewhere(world, {"dev-ping": "ping", "dev-pong": "pong"})
    return world


def test_workflows_that_refer_to_each_other_are_created_and_then_tied_together() -> None:
    world = a_cycle()
    assert world.promote("ping", "pong").status is PromotionStatus.COMPLETED
    ping, pong = world.by_name("Ping"), world.by_name("Pong")
    assert ping["activeVersion"]["nodes"][1]["parameters"]["workflowId"]["value"] == pong["id"]
    assert pong["activeVersion"]["nodes"][1]["parameters"]["workflowId"]["value"] == ping["id"]


@pytest.mark.parametrize("at", range(5))
def test_a_cycle_that_breaks_off_at_any_write_is_put_back(at: int) -> None:
    world = a_cycle()
    seen, plan = world.plan("ping", "pong")
    promotion = world.approved(plan)
    world.clear()
    world.interfere = lambda request, answer: (
        struck(Fault.KILLED_AFTER, request, answer) if len(world.writes) == at + 1 else answer()
    )
    try:
        ended = execute(world.execution(seen, plan, promotion))
    except Died:
        world.interfere = lambda _, answer: answer()
        ended = world.recover()
    if ended.status is PromotionStatus.ROLLED_BACK:
        assert world.held() == {}
    else:
        assert ended.status is PromotionStatus.COMPLETED
        assert at == 4


def test_an_archived_workflow_is_taken_back_and_put_away_again_on_failure() -> None:
    world = five()
    world.instance.archive("id-stock")
    before = world.held()
    options = replace(world.plan("legacy")[1].options, allow_overwriting_hotfixes=True)
    world.interfere = when("POST /workflows/id-stock/publish", Fault.REFUSED_400)
    promotion = world.promote("stock", options=options)
    assert promotion.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before
    world.interfere = lambda _, answer: answer()
    assert world.promote("stock", options=options).status is PromotionStatus.COMPLETED
    assert world.instance.document("id-stock")["active"] is True


# Invariant 1: the snapshot of the whole target is pushed before the first write


def test_the_snapshot_of_every_workflow_is_pushed_before_the_first_write() -> None:
    world = five()
    world.promote("stock")
    assert world.journal[0] == "snapshot promo-1-pre"
    assert world.journal[1].startswith("n8n PUT")
    files = [path for path in world.snapshots.saved["promo-1-pre"] if path.startswith("workflows/")]
    assert len(files) == 4  # those of the promotion, those it leaves alone, and somebody's


def test_without_a_pushed_snapshot_nothing_is_written() -> None:
    world = five()
    world.snapshots.refusal = OUTAGE
    with pytest.raises(RemoteError, match="The remote is away"):
        world.promote(*ALL)
    assert world.writes == []
    assert world.stored().status is PromotionStatus.APPROVED


def test_a_name_that_a_dead_run_used_up_is_not_written_over() -> None:
    world = five()
    world.snapshots.saved["promo-1-pre"] = {"snapshot.json": b"of a dead run"}
    promotion = world.promote("stock")
    assert promotion.execution_result is not None
    assert promotion.execution_result.target_pre_snapshot_id == "promo-1-pre-2"
    assert world.snapshots.saved["promo-1-pre"] == {"snapshot.json": b"of a dead run"}


def test_a_look_that_lacks_bodies_is_no_ground_for_a_snapshot() -> None:
    world = five()
    seen, plan = world.plan("stock")
    promotion = world.approved(plan)
    some = {key: body for key, body in seen.look.bodies.items() if key != "id-somebody"}
    execution = replace(world.execution(seen, plan, promotion), look=replace(seen.look, bodies=some))
    world.clear()
    with pytest.raises(StateError, match="id-somebody"):
        execute(execution)
    assert world.journal == []


def test_a_promotion_is_completed_although_the_snapshot_after_it_could_not_be_stored() -> None:
    world = five()
    world.snapshots.refusal, world.snapshots.refuses = OUTAGE, "post"
    promotion = world.promote("stock")
    assert promotion.status is PromotionStatus.COMPLETED
    assert promotion.execution_result is not None
    assert promotion.execution_result.target_post_snapshot_id is None


# Invariant 2: what is executed is what was approved


def another_digest(plan: Any) -> Any:
    return replace(plan, digest="0" * 64)


def another_document(plan: Any) -> Any:
    document = {**plan.workflows[0].document, "name": "Slipped in"}
    return replace(plan, workflows=(replace(plan.workflows[0], document=document), *plan.workflows[1:]))


@pytest.mark.parametrize("tamper", [another_digest, another_document])
def test_another_plan_than_the_approved_one_is_not_written(tamper: Callable[[Any], Any]) -> None:
    world = five()
    seen, plan = world.plan("stock")
    promotion = world.approved(plan)
    world.clear()
    with pytest.raises(BlockedError, match="not what was approved"):
        execute(world.execution(seen, tamper(plan), promotion))
    assert world.journal == []


def test_a_whole_plan_that_is_not_the_approved_one_is_not_written() -> None:
    world = five()
    promotion = world.approved(world.plan("stock")[1])
    seen, other = world.plan("legacy")
    world.clear()
    with pytest.raises(BlockedError, match="not what was approved"):
        execute(world.execution(seen, other, promotion))
    assert world.journal == []


def test_a_record_that_became_another_plan_in_the_meantime_is_not_written() -> None:
    world = five()
    seen, plan = world.plan("stock")
    promotion = world.approved(plan)
    stored = world.state.document("promotions/promo-1.json") | {"plan_digest": "0" * 64}
    world.state.write({"promotions/promo-1.json": _json(stored)})
    world.clear()
    with pytest.raises(BlockedError, match="another plan by now"):
        execute(world.execution(seen, plan, promotion))
    assert world.writes == []


@pytest.mark.parametrize("status", [each for each in PromotionStatus if each is not PromotionStatus.APPROVED])
def test_only_an_approved_promotion_is_written(status: PromotionStatus) -> None:
    world = five()
    seen, plan = world.plan("stock")
    promotion = world.approved(plan)
    world.clear()
    with pytest.raises(BlockedError):
        execute(world.execution(seen, plan, replace(promotion, status=status)))
    assert world.journal == []


def test_a_promotion_that_somebody_rejected_in_the_meantime_is_not_written() -> None:
    world = five()
    seen, plan = world.plan("stock")
    promotion = world.approved(plan)
    stored = world.state.document("promotions/promo-1.json") | {"status": "rejected"}
    world.state.write({"promotions/promo-1.json": _json(stored)})
    world.clear()
    with pytest.raises(BlockedError, match="rejected"):
        execute(world.execution(seen, plan, promotion))
    assert world.writes == []


def test_a_second_promotion_does_not_begin_while_another_runs_on_the_target() -> None:
    world = five()
    seen, plan = world.plan("stock")
    first, second = world.approved(plan), world.approved(plan)
    stored = world.state.document("promotions/promo-1.json") | {"status": "running"}
    world.state.write({"promotions/promo-1.json": _json(stored)})
    world.clear()
    with pytest.raises(BlockedError, match=f"{first.promotion_id} is running"):
        execute(world.execution(seen, plan, second))
    assert world.writes == []


def _json(document: Json) -> bytes:
    import json

    return json.dumps(document).encode()


# Invariant 3: nothing is written over what moved since the plan was made


def edit(world: PromotionWorld, workflow_id: str) -> None:
    document = world.instance.document(workflow_id)
    nodes = [{**each, "parameters": {**each["parameters"], "url": "https://hot.fix"}} for each in document["nodes"]]
    world.instance.edit_by_hand(workflow_id, {"nodes": nodes})


def test_an_edit_after_the_plan_stays_and_everything_else_is_as_before() -> None:
    world = five()
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    edit(world, "id-orders")
    before = world.held()
    ended = execute(world.execution(seen, plan, promotion))
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before
    told = {each.canonical_slug: each for each in ended.workflows}["orders"]
    assert told.outcome is Outcome.NOT_TOUCHED
    assert told.problem == "Somebody else changed it in the meantime."
    assert "somebody changed it in the meantime" in (ended.problem or "")


@pytest.mark.parametrize("slug", ["stock", "orders"])
@pytest.mark.parametrize("after", ["POST /workflows", "PUT /workflows/id-orders", "POST /workflows/id-legacy/archive"])
def test_an_edit_during_the_promotion_is_never_written_over(slug: str, after: str) -> None:
    world = five()
    before = world.held()
    done: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        given = answer()
        if not done and f"{request.method} {request.url.path.removeprefix('/api/v1')}" == after:
            done.append(after)
            edit(world, f"id-{slug}")
        return given

    world.interfere = interfere
    ended = world.promote(*ALL)
    world.interfere = lambda _, answer: answer()
    document = world.instance.document(f"id-{slug}")
    assert "hot.fix" in str(document["nodes"])
    assert "hot.fix" not in str(document["activeVersion"])  # a draft of somebody's is never published
    assert world.held()[f"id-{slug}"]["published"] == before[f"id-{slug}"]["published"]
    kept = [each.n8n_workflow_id for each in ended.workflows if "refers to it" in (each.problem or "")]
    others = {key: value for key, value in world.held().items() if key not in (f"id-{slug}", *kept)}
    assert others == {key: value for key, value in before.items() if key != f"id-{slug}"}
    assert all(key in str(document) for key in kept)
    told = {each.canonical_slug: each for each in ended.workflows}[slug]
    assert told.problem is not None
    if told.outcome is Outcome.OTHERWISE:
        assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
        assert ended.execution_result is not None
        assert f"id-{slug}" in " ".join(ended.execution_result.not_as_before)


def edited_after(label: str, workflow_id: str, changed: Any, *, publish: bool = False, **options: Any) -> Any:
    """Promote all five while somebody edits a workflow right after a request; answers the world and the record."""
    world = five(**options)
    before = world.held()
    done: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        given = answer()
        if not done and f"{request.method} {request.url.path.removeprefix('/api/v1')}".startswith(label):
            done.append(label)
            world.instance.edit_by_hand(workflow_id, changed, publish=publish)
        return given

    world.interfere = interfere
    ended = world.promote(*ALL)
    return world, before, ended


def problems_of(ended: Any) -> dict[str, str | None]:
    return {each.canonical_slug: each.problem for each in ended.workflows if each.outcome is Outcome.OTHERWISE}


def test_what_runs_is_put_back_beside_a_draft_of_somebodys() -> None:
    world, before, ended = edited_after(
        "DELETE", "id-orders", {"name": "Orders by Sam"}, publish=False, on_delete=OnDelete.DELETE
    )
    document = world.instance.document("id-orders")
    assert document["name"] == "Orders by Sam"
    assert world.held()["id-orders"]["published"] == before["id-orders"]["published"]
    assert problems_of(ended)["orders"] == (
        "Staging runs what it ran before. Somebody else changed its draft, so that was not touched again."
    )
    assert problems_of(ended)["legacy"] == ("It was deleted for good; what it held is in the snapshot from before.")


def test_a_created_workflow_that_something_left_over_refers_to_stays_and_is_named() -> None:
    world, _, ended = edited_after("DELETE", "id-orders", {"name": "Orders by Sam"}, on_delete=OnDelete.DELETE)
    alarm_id = world.by_name("Alarm")["id"]
    assert world.instance.document("id-orders")["settings"]["errorWorkflow"] == alarm_id
    assert problems_of(ended)["alarm"] == "It was created, and runs on, because Orders by Sam refers to it."
    assert "Report" not in [each["name"] for each in world.held().values()]


def test_what_somebody_published_is_left_and_named_as_what_runs() -> None:
    nodes = {"nodes": stock("https://api.example.com/sam")["nodes"]}
    world, _, ended = edited_after("POST /workflows/id-legacy/archive", "id-stock", nodes, publish=True)
    assert "api.example.com/sam" in str(world.instance.document("id-stock")["activeVersion"])
    assert problems_of(ended) == {
        "stock": "Somebody else changed its draft and its published version, so that was not touched again."
    }


def test_a_created_workflow_that_somebody_edited_stays_switched_off() -> None:
    world = five()
    done: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        given = answer()
        if not done and request.url.path.endswith("/id-legacy/archive"):
            done.append("")
            world.instance.edit_by_hand(world.by_name("Report")["id"], {"name": "Report by Sam"}, publish=False)
        return given

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert world.by_name("Report by Sam")["active"] is False
    assert list(problems_of(ended)) == ["report"]


def test_tags_that_somebody_changed_stay_and_all_else_is_put_back() -> None:
    world = five()
    before = world.held()
    world.interfere = when("POST /workflows/id-legacy/archive", Fault.REFUSED_400)
    plain = world.interfere

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.url.path.endswith("/id-legacy/archive"):
            world.instance.set_tags("id-stock", ["urgent"])
        return plain(request, answer)

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert world.held() == {**before, "id-stock": {**before["id-stock"], "tags": ["urgent"]}}
    assert problems_of(ended) == {
        "stock": "Staging runs what it ran before. Somebody else changed its tags, so that was not touched again."
    }


# Invariant 4: after a failure the target is as before, or the record names what is not


def test_a_publish_that_n8n_refuses_puts_everything_back() -> None:
    world = five()
    before = world.held()
    world.interfere = when("POST /workflows/id-orders/publish", Fault.REFUSED_400)
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before
    assert ended.problem is not None
    assert "something is wrong with it" in ended.problem
    assert ended.execution_result is not None
    assert (ended.execution_result.rollback_performed, ended.execution_result.workflows_failed) == (True, 5)
    counts = world.drift_of(TARGET).counts
    assert (counts.drifted, counts.pending) == (0, 5)


def test_a_node_type_that_the_server_does_not_know_is_put_back() -> None:
    world = five()
    before = world.held()
    odd = stock("https://api.example.com/v3")
    odd["nodes"].append(node("Odd", "n8n-nodes-base.doesNotExist", 2))
    world.declare("stock", odd, active=True)
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_a_write_that_lands_after_its_timeout_is_waited_for() -> None:
    world = five()
    late: list[Answer] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method == "PUT" and request.url.path.endswith("/id-stock") and not late:
            late.append(answer)
            raise httpx.ReadTimeout("", request=request)
        return answer()

    world.interfere = interfere
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)

    def pause(seconds: float) -> None:
        world.pauses.append(seconds)
        if len(world.pauses) == 2:
            late[0]()

    ended = execute(replace(world.execution(seen, plan, promotion), pause=pause))
    assert ended.status is PromotionStatus.COMPLETED
    assert world.pauses == [1.0, 2.0]


def test_a_target_that_cannot_be_read_any_more_is_left_to_the_next_run() -> None:
    world = five()
    before = world.held()

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if len(world.writes) >= 4:
            raise httpx.ConnectError("refused", request=request)
        return answer()

    world.interfere = interfere
    with pytest.raises(N8nError):
        world.promote(*ALL)
    assert world.stored().status is PromotionStatus.RUNNING
    world.interfere = lambda _, answer: answer()
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_what_cannot_be_put_back_is_named_with_its_id_and_the_reason() -> None:
    world = five()
    before = world.held()
    puts: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method == "PUT" and request.url.path.endswith("/id-stock"):
            puts.append("")
            if len(puts) > 1:
                return struck(Fault.REFUSED_400, request, answer)
        if request.url.path.endswith("/id-orders/publish"):
            return struck(Fault.REFUSED_409, request, answer)
        return answer()

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    check_invariant(world, ended, before=before, planned=None)
    assert ended.execution_result is not None
    (told,) = ended.execution_result.not_as_before
    assert told.startswith("Stock (id-stock): Not as before: its draft.")
    assert "something is wrong with it" in told


def test_a_created_workflow_that_cannot_be_deleted_is_archived_and_named() -> None:
    world = five()

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method == "DELETE":
            return struck(Fault.REFUSED_409, request, answer)
        return struck(Fault.REFUSED_400, request, answer) if "id-legacy" in request.url.path else answer()

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    for name in ("Alarm", "Report"):
        document = world.by_name(name)
        assert (document["active"], document["isArchived"]) == (False, True)
    assert ended.execution_result is not None
    assert len(ended.execution_result.not_as_before) == 2
    assert all(
        "It could not be deleted, and was archived instead." in each for each in ended.execution_result.not_as_before
    )


def test_a_created_workflow_that_is_there_twice_is_named_and_not_touched() -> None:
    world = five()

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/workflows") and b"Alarm" in request.content:
            answer()
            answer()
            raise httpx.ReadTimeout("", request=request)
        return answer()

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert not [each for each in world.writes if each.startswith("DELETE")]
    assert ended.execution_result is not None
    alarms = [each for each in world.instance.ids() if world.instance.document(each)["name"] == "Alarm"]
    assert len(alarms) == 2
    (told,) = ended.execution_result.not_as_before
    assert all(each in told for each in alarms)


def test_a_credential_that_n8n_binds_otherwise_fails_the_promotion() -> None:
    world = five()
    before = world.held()
    world.instance.add_credential("Other", "httpBasicAuth", id="cred-2")

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method == "PUT" and request.url.path.endswith("/id-stock"):
            del world.instance.store.credentials["cred-1"]
            world.instance.add_credential("API Auth", "httpBasicAuth", id="cred-9")
            world.interfere = lambda _, answer: answer()
        return answer()

    world.interfere = interfere
    ended = world.promote("stock")
    assert ended.problem is not None
    assert "another credential of type `httpBasicAuth` than was written" in ended.problem
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE  # n8n changes the id again when the old one is written
    assert before["id-stock"]["published"] == world.held()["id-stock"]["published"]


@pytest.mark.parametrize("slug", ["stock", "orders"])
def test_a_credential_that_somebody_exchanged_meanwhile_fails_the_promotion_at_its_end(slug: str) -> None:
    world = five()

    def exchanged(document: Any) -> Any:
        world.instance.add_credential("API Auth", "httpBasicAuth", id="cred-2")
        other = {"credentials": {"httpBasicAuth": {"id": "cred-2", "name": "API Auth"}}}
        return {"nodes": [each | (other if "credentials" in each else {}) for each in document["nodes"]]}

    done: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        given = answer()
        if not done and request.url.path.endswith(f"/id-{slug}/publish"):
            done.append("")
            world.instance.edit_by_hand(f"id-{slug}", exchanged, publish=True)
        return given

    world.interfere = interfere
    ended = world.promote(*ALL)
    assert ended.status is not PromotionStatus.COMPLETED
    assert "Node `Request` uses another credential of type `httpBasicAuth` than was written" in (ended.problem or "")


def test_a_version_that_n8n_has_forgotten_is_put_back_by_its_content() -> None:
    world = five()
    before = world.held()
    old = world.instance.document("id-stock")["activeVersionId"]

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.url.path.endswith("/id-legacy/archive"):
            del world.instance.store._versions["id-stock"][old]
            return struck(Fault.REFUSED_400, request, answer)
        return answer()

    world.interfere = interfere
    assert world.promote(*ALL).status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_a_server_that_restarts_is_waited_for() -> None:
    world = five()
    before = world.held()

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if len(world.writes) >= 4 and len(world.pauses) < 3:
            raise httpx.ConnectError("refused", request=request)
        return answer()

    world.interfere = interfere
    assert world.promote(*ALL).status is PromotionStatus.ROLLED_BACK
    assert world.held() == before
    assert world.pauses == [1.0, 2.0, 4.0]


def test_a_claim_that_cannot_be_prolonged_for_now_does_not_keep_the_target_from_being_put_back() -> None:
    world = five()
    before = world.held()

    def keep() -> None:
        if len(world.writes) >= 6:
            raise OUTAGE

    world.keep = keep
    assert world.promote(*ALL).status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


# Invariant 6: one promotion per target


def test_a_claim_that_lives_keeps_a_second_promotion_out_and_a_dead_one_is_taken_over() -> None:
    world = five()
    with world.claimed() as keep:
        keep()
        with pytest.raises(MovedError), world.claimed():
            pass
        held = world.state.claims[f"promotion/{TARGET}"]
        world.state.dead_claims.add(held.claim_id)
        with world.claimed():
            assert world.state.claims[f"promotion/{TARGET}"].took_over == held.claim_id
            world.clock.now += 3 * MINUTE
            with pytest.raises(MovedError):
                keep()


def test_a_claim_whose_time_is_over_and_that_cannot_be_prolonged_counts_as_lost() -> None:
    world = five()
    with world.claimed() as keep:
        world.state.renewal_refusal = OUTAGE
        world.clock.now += 2 * MINUTE
        with pytest.raises(RemoteError, match="The remote is away"):
            keep()
        world.clock.now += 3 * MINUTE
        with pytest.raises(MovedError, match="another run may be writing by now"):
            keep()


def test_nothing_is_put_back_any_more_once_the_time_of_the_claim_is_over() -> None:
    world = five()
    before = world.held()
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.clear()

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.url.path.endswith("/id-legacy/archive"):
            world.state.renewal_refusal = OUTAGE
            world.clock.now += 2 * MINUTE
            return struck(Fault.REFUSED_400, request, answer)
        if world.state.renewal_refusal is not None and request.method != "GET":
            world.clock.now += MINUTE
        return answer()

    world.interfere = interfere
    with pytest.raises(MovedError, match="another run may be writing by now"), world.claimed() as keep:
        execute(replace(world.execution(seen, plan, promotion), keep=keep))
    assert world.held() != before
    world.state.renewal_refusal, world.interfere = None, lambda _, answer: answer()
    assert world.recover().status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


@pytest.mark.parametrize("at", range(1, 12))
def test_after_the_claim_is_lost_nothing_is_written_and_the_next_run_recovers(at: int) -> None:
    world = five()
    before = world.held()
    asked: list[int] = []

    def keep() -> None:
        asked.append(len(world.writes))
        if len(asked) > at:
            raise MovedError("The claim is gone.", fix="Run again.")

    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.clear()
    with pytest.raises(MovedError):
        execute(replace(world.execution(seen, plan, promotion), keep=keep))
    assert len(world.writes) == asked[-1]
    assert len(asked) == at + 1
    ended = world.recover() if at else world.stored()
    check_invariant(world, ended, before=before, planned=planned_of())


def test_the_claim_is_asked_for_before_every_write() -> None:
    world = five()
    asked: list[int] = []
    world.keep = lambda: asked.append(len(world.writes))
    world.promote(*ALL)
    assert set(range(len(world.writes))) <= set(asked)


# n8n 1.x


def test_on_1x_a_save_that_leaves_a_workflow_switched_off_is_put_back() -> None:
    world = five(generation=Generation.V1, on_delete=OnDelete.UNPUBLISH)
    before = world.held()
    odd = orders("https://api.example.com/v9", stock_id="id-stock")
    odd["nodes"].append(node("Odd", "n8n-nodes-base.doesNotExist", 3))
    world.declare("orders", odd, active=True, tags=["sales"])
    ended = world.promote("orders", "stock")
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before
    assert world.instance.document("id-orders")["active"] is True


def test_on_1x_a_credential_that_is_not_found_fails_the_promotion() -> None:
    world = PromotionWorld(generation=Generation.V1)
    call = request(1, "https://api.example.com")
    call["credentials"] = {"httpBasicAuth": {"id": None, "name": "Not there"}}
    begin = node("Daily", "n8n-nodes-base.scheduleTrigger", 0, parameters={"rule": {"interval": [{}]}})
    world.declare("lonely", flow("Lonely", begin, call), active=True)
    ended = world.promote("lonely")
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert "n8n found no credential" in (ended.problem or "")
    assert world.held() == {}


def test_a_bug_of_ours_is_told_after_everything_was_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    world = five()
    before = world.held()
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)

    def broken(line: str) -> None:
        if "3 of 4" in line:
            raise KeyError("a bug")

    execution = world.execution(seen, plan, promotion)
    progress = type("Broken", (), {"say": staticmethod(broken)})()
    with pytest.raises(KeyError):
        execute(replace(execution, workspace=replace(execution.workspace, progress=progress)))
    assert world.held() == before
    assert world.stored().status is PromotionStatus.ROLLED_BACK
