"""`/revert` with hands that record: who asked, what is recorded on which issue, and what is answered without hands."""

import json
from dataclasses import replace
from typing import Any

from tests.commands.comment_world import CommentWorld
from tests.commands.promotion_world import FakeSnapshots

from workflowops.commands.comment import answer_event
from workflowops.commands.comment_effects import effects_of
from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_files import known_promotion, promotion_ids
from workflowops.commands.promotion_hands import hands_of
from workflowops.core.comment.outcome import EventOutcome
from workflowops.core.configuration import Approval, Gates, Pipeline, Stage
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.timestamps import iso


class ReversalWorld(CommentWorld):
    """Incident 1 is open, and prod is the last stage of one pipeline or of two."""

    def __init__(self, gates: Gates | None = None, *, pipelines: int = 1) -> None:
        super().__init__()
        stages = (Stage(environment="dev"), Stage(environment="prod", gates=gates or Gates(approval=Approval.COMMENTS)))
        found = {f"p{number}": Pipeline(name=f"p{number}", stages=stages) for number in range(pipelines)}
        self.world.configuration = replace(self.world.configuration, pipelines=found)

    def deliver(self, event: Any, *, workspace: Any = None, **desk: Any) -> EventOutcome:
        at = self.desk(workspace=self.world.workspace(**(workspace or {})), **desk)
        promoting = Promoting(
            workspace=at.workspace,
            open_writer=self.world.open_n8n,  # type: ignore[arg-type]
            snapshots=FakeSnapshots([]),
            pull_requests=None,
            tracker=self.tracker,
            links=at.links,
            run_id=None,
            pause=self.pause,
        )
        return answer_event(at, event, effects=effects_of(at), hands=hands_of(promoting))

    @property
    def ids(self) -> tuple[str, ...]:
        return promotion_ids(self.world.state.view())

    def record(self, promotion_id: str = "promo-1") -> Promotion:
        return known_promotion(self.world.state.view(), promotion_id)


def test_a_reversal_is_recorded_for_who_asked_and_for_its_incident() -> None:
    world = ReversalWorld()
    world.say("/revert", "ada")
    record = world.record()
    assert (record.incident, record.created_by, record.created_at) == (1, "ada", iso(world.world.clock.now))
    assert (record.pipeline_id, record.source_stage, record.pull_request) == ("p0", None, None)
    assert record.git_commit_sha == world.world.repository.resolve("HEAD")
    assert [entry["action"] for entry in world.world.audit() if "promotion" in entry["action"]] == ["promotion.created"]
    assert record.plan_digest in world.last_answer


def test_a_reversal_that_waits_keeps_the_graph_that_it_would_change() -> None:
    world = ReversalWorld()
    world.say("/revert", "ada")
    assert world.record().status is PromotionStatus.PENDING_APPROVAL
    file = json.loads(world.world.state.files["promotions/promo-1.drawings.json"])
    (drawn,) = file["drawings"]
    assert "modified" in {each["change"] for each in drawn["drawing"]["nodes"]}


def test_what_nobody_has_to_approve_is_approved_at_once() -> None:
    world = ReversalWorld(Gates(approval=Approval.NONE))
    world.say("/revert")
    assert world.record().status is PromotionStatus.APPROVED
    assert "Nobody has to approve it." in world.last_answer


def test_an_environment_of_several_pipelines_goes_by_the_first() -> None:
    world = ReversalWorld(pipelines=2)
    world.say("/revert")
    assert world.record().pipeline_id == "p0"


def test_the_gates_of_the_pipeline_that_leads_there_count_wherever_another_begins_there() -> None:
    world = ReversalWorld()
    back = Pipeline(name="back", stages=(Stage(environment="prod"), Stage(environment="dev")))
    world.world.configuration = replace(
        world.world.configuration, pipelines={"back": back, **world.world.configuration.pipelines}
    )
    world.say("/revert")
    assert (world.record().pipeline_id, world.record().status) == ("p0", PromotionStatus.PENDING_APPROVAL)


def test_the_same_comment_delivered_again_records_nothing_more() -> None:
    world = ReversalWorld()
    event = world.event("/revert")
    world.deliver(event)
    assert world.is_unchanged_by(lambda: world.deliver(event))
    assert world.ids == ("promo-1",)


def test_a_workflow_that_is_not_part_of_the_incident_stays_out_of_it() -> None:
    world = ReversalWorld()
    incident = world.incident()
    world.say("/revert")
    assert world.record().workflow_selection == tuple(each["canonical_id"] for each in incident["affected_workflows"])


def test_who_may_not_give_the_command_has_nothing_recorded() -> None:
    world = ReversalWorld()
    world.say("/revert", "tina")
    assert world.ids == ()


def test_approving_on_the_incident_approves_the_reversal() -> None:
    world = ReversalWorld()
    world.tracker.roles["mia"] = world.tracker.roles["ada"]
    world.say("/revert", "ada")
    world.say(f"/approve {world.record().plan_digest}", "ada")
    assert world.record().status is PromotionStatus.PENDING_APPROVAL
    world.say(f"/approve {world.record().plan_digest} Checked", "mia")
    record = world.record()
    assert (record.status, record.approved_by, record.approval_comment) == (PromotionStatus.APPROVED, "mia", "Checked")


def test_without_hands_the_steps_are_told_and_nothing_is_recorded() -> None:
    world = CommentWorld()
    world.say("/revert")
    assert "Somebody does it by hand" in world.last_answer
    assert promotion_ids(world.world.state.view()) == ()
