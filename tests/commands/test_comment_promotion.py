"""Commands about promotions, on pull requests and on incidents: who may, what the hands are asked, and said once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.commands.builders import MINUTE
from tests.commands.comment_world import CommentWorld
from tests.commands.fake_tracker import Killed
from tests.core.text.golden import assert_golden

from workflowops.commands.comment import answer_event, left_alone
from workflowops.commands.comment_effects import effects_of
from workflowops.commands.comment_memory import read_comments
from workflowops.commands.comment_promotion import PromotionHands, Voice
from workflowops.core.comment.elsewhere import CommentsFile, Unsaid, with_decided, without_said
from workflowops.core.comment.event import CommentEvent
from workflowops.core.comment.outcome import Acted, Became, EventOutcome, Outcome
from workflowops.core.comment.requests import Lock, Promote, Request, Rollback
from workflowops.core.incident.documents import comment_document, understood_names
from workflowops.core.incident.issue import Issue, Reaction
from workflowops.core.incident.policy import CommandRule, IncidentPolicy, Role
from workflowops.core.promotion.record import (
    INDEX_PATH,
    Promotion,
    PromotionsIndex,
    PromotionStatus,
    promotion_path,
)
from workflowops.core.records import encode
from workflowops.core.text.comment_outcome import render_comment
from workflowops.core.text.style import Style
from workflowops.errors import BlockedError, ConfigurationError, ExitCode, RemoteError

PULL = 12
DIGEST = "a1" * 32


@dataclass
class Hands:
    """Remembers what was asked; `fault` is raised instead of an answer, `acted` is the answer."""

    asked: list[tuple[Voice, Request]] = field(default_factory=list)
    fault: BaseException | None = None
    acted: Acted = field(default_factory=lambda: Acted("**Done** by the hand."))

    def __call__(self, voice: Voice, request: Request) -> Acted:
        self.asked.append((voice, request))
        if self.fault is not None:
            raise self.fault
        return self.acted

    @property
    def hands(self) -> PromotionHands:
        return PromotionHands(open=self, approve=self, reject=self, rollback=self, lock=self, unlock=self)

    @property
    def requests(self) -> list[Request]:
        return [request for _, request in self.asked]


class PromotionWorld(CommentWorld):
    """Incident 1 is open, pull request 12 as well. Beside prod there is staging."""

    def __init__(self, **staging: Any) -> None:
        super().__init__()
        self.hands = Hands()
        prod = self.world.configuration.environments["prod"]
        policy = replace(IncidentPolicy(), **staging)
        environments = {"prod": prod, "staging": replace(prod, name="staging", title="Staging", incidents=policy)}
        self.world.configuration = replace(self.world.configuration, environments=environments)
        self.tracker.issues[PULL] = Issue(
            number=PULL, url="", title="", body="", is_open=True, labels=(), assignees=(), author="dora"
        )

    def only(self, environment: str, **rules: CommandRule) -> None:
        """Let an environment have its own rules for commands."""
        known = self.world.configuration.environments
        changed = replace(known[environment], incidents=replace(known[environment].incidents, commands=rules))
        self.world.configuration = replace(self.world.configuration, environments={**known, environment: changed})

    def put_promotion(self, number: int, *, target: str, **fields: Any) -> None:
        """Let a promotion wait."""
        promotion = Promotion(
            promotion_id=f"promo-{number}", pipeline_id="main", source_stage="dev", target_stage=target,
            status=PromotionStatus.PENDING_APPROVAL, workflow_selection=("c0",), git_commit_sha="c" * 40,
            created_by="dora", created_at="2026-01-14T10:30:00Z", **{"plan_digest": DIGEST, **fields},
        )  # fmt: skip
        files = self.world.state.files
        files[promotion_path(promotion.promotion_id)] = encode(promotion)
        files[INDEX_PATH] = encode(PromotionsIndex(last=number, open={target: (promotion.promotion_id,)}))

    def on_pull_request(self, text: str, login: str = "ada", **more: Any) -> CommentEvent:
        return self.event(text, login, number=PULL, is_pull_request=True, **more)

    def deliver(self, event: Any, *, workspace: Any = None, **desk: Any) -> EventOutcome:
        self.world.clock.now += MINUTE
        at = self.desk(workspace=self.world.workspace(**(workspace or {})), **desk)
        alone = left_alone(event)
        return alone or answer_event(at, event, effects=effects_of(at), hands=self.hands.hands)

    def propose(self, text: str, login: str = "ada", **more: Any) -> EventOutcome:
        """Somebody comments on the pull request, and the run answers."""
        return self.deliver(self.on_pull_request(text, login), **more)

    def said(self, number: int = PULL) -> list[str]:
        return self.tracker.ours(number)


def test_a_command_on_a_pull_request_is_carried_out_and_answered() -> None:
    world = PromotionWorld()
    event = world.on_pull_request("Please:\n/promote staging orders")
    outcome = world.deliver(event)
    assert outcome.outcome is Outcome.ANSWERED
    ((voice, request),) = world.hands.asked
    assert request == Promote(stage="staging", slugs=("orders",))
    assert (voice.by, voice.pull_request, voice.incident, voice.url) == ("ada", PULL, None, event.url)
    (answer,) = world.said()
    assert "**Done** by the hand." in answer
    assert answer.rstrip().endswith(f"<!-- workflowops:note comment-{event.comment_id} -->")
    assert world.reactions(event) == [Reaction.SEEN, Reaction.DONE]
    assert (outcome.pull_request, outcome.incident, outcome.exit_code) == (PULL, None, ExitCode.DONE)
    assert outcome.url is not None


def test_an_answer_on_a_pull_request_reads_as_agreed() -> None:
    world = PromotionWorld()
    world.hands.acted = Acted("**Production is locked** since 10:00, by <code>ada</code>.")
    world.propose("/lock prod Month-end\n/approve a1\n/promot staging\n/help")
    assert_golden("comment_answer_pull_request.md", world.said()[0])


def test_a_command_on_an_incident_reaches_the_same_hands() -> None:
    world = PromotionWorld()
    outcome = world.say("/rollback promo-7 Orders are counted twice")
    ((voice, request),) = world.hands.asked
    assert request == Rollback(promotion_id="promo-7", reason="Orders are counted twice")
    assert (voice.by, voice.pull_request, voice.incident) == ("ada", None, 1)
    assert [each.became for each in outcome.results] == [Became.DONE]
    assert "**Done** by the hand." in world.last_answer


def test_a_closed_incident_is_no_hindrance_to_a_command_about_promotions() -> None:
    world = PromotionWorld()
    world.say("/acknowledge\n/stabilize x plan=y\n/reconcile replaced\n/close done")
    assert world.status == "closed"
    world.say("/unlock prod")
    assert len(world.hands.asked) == 1


@pytest.mark.parametrize("body", ["/close", "/merge", "Looks good", "/status", ""])
def test_a_comment_that_is_not_about_promotions_is_left_alone(body) -> None:
    world = PromotionWorld()
    assert world.is_unchanged_by(lambda: world.propose(body))
    assert world.said() == []
    assert world.propose(body).outcome is Outcome.NOT_OURS


def test_a_comment_of_ours_gives_no_command() -> None:
    world = PromotionWorld()
    text = "/promote staging\n\n<!-- workflowops:promotion-preview -->"
    outcome = world.deliver(world.on_pull_request(text, is_marked=True))
    assert outcome.outcome is Outcome.IGNORED
    assert world.hands.asked == []


@pytest.mark.parametrize(
    ("login", "least"), [("tina", "triage"), ("rita", "read"), ("mallory", "none")], ids=["triage", "read", "unknown"]
)
@pytest.mark.parametrize("line", [f"/approve {DIGEST}", "/promote staging", "/lock prod x", "/rollback promo-1"])
def test_without_write_access_nothing_is_asked_of_a_hand(login, least, line) -> None:
    world = PromotionWorld()
    outcome = world.propose(line, login)
    assert outcome.outcome is Outcome.DENIED
    assert f"GitHub says `{least}`" in outcome.reason
    assert world.say(line, login).outcome is Outcome.DENIED
    assert world.hands.asked == []


def test_a_rule_cannot_lower_an_approval_below_write_access() -> None:
    world = PromotionWorld()
    world.put_promotion(1, target="staging")
    world.only("staging", approve=CommandRule(role=Role.TRIAGE))
    assert world.propose(f"/approve {DIGEST}", "tina").outcome is Outcome.DENIED
    assert world.hands.asked == []


def test_a_refusal_is_said_once_to_everybody_on_each_pull_request() -> None:
    world = PromotionWorld()
    for login in ("rita", "rita", "Rita", "mallory"):
        world.propose("/promote staging", login)
    assert len(world.said()) == 2


@pytest.mark.parametrize("place", ["pull request", "incident of another environment"])
@pytest.mark.parametrize(
    ("line", "is_allowed"),
    [
        pytest.param("/promote staging", False, id="its stage"),
        pytest.param("/lock staging x", False, id="its lock"),
        pytest.param("/promote prod", True, id="another stage"),
        pytest.param("/promote prod\n/promote staging", False, id="both"),
        pytest.param("/rollback promo-1", False, id="a promotion of it"),
        pytest.param("/reject promo-1 x", False, id="rejecting one of it"),
        pytest.param(f"/approve {DIGEST}", False, id="a plan of it"),
        pytest.param("/rollback promo-9", False, id="a promotion that nobody knows"),
        pytest.param(f"/approve {'b2' * 32}", False, id="a plan that nobody knows"),
        pytest.param("/promote nowhere", False, id="a stage that nobody knows"),
    ],
)
def test_who_may_is_decided_by_the_environment_that_is_meant(place, line, is_allowed) -> None:
    world = PromotionWorld()
    rule = CommandRule(users=("lea",))
    world.only("staging", promote=rule, lock=rule, rollback=rule, approve=rule, reject=rule)
    world.put_promotion(1, target="staging")
    give: Callable[..., EventOutcome] = world.propose if place == "pull request" else world.say
    give(line)
    assert bool(world.hands.asked) is is_allowed
    world.tracker.roles["lea"] = Role.WRITE
    world.hands.asked.clear()
    give(line, "lea")
    assert len(world.hands.asked) == line.count("\n") + 1


def test_rejecting_what_a_pull_request_waits_for_falls_under_its_target() -> None:
    world = PromotionWorld()
    world.only("staging", reject=CommandRule(users=("lea",)))
    world.put_promotion(1, target="staging", pull_request=PULL)
    assert world.propose("/reject no").outcome is Outcome.DENIED
    world.put_promotion(1, target="prod", pull_request=PULL)
    assert world.propose("/reject no").outcome is Outcome.ANSWERED


# Once


def test_a_comment_that_is_delivered_twice_acts_once_and_is_answered_once() -> None:
    world = PromotionWorld()
    event = world.on_pull_request("/lock prod x")
    assert [world.deliver(event).outcome for _ in range(3)] == [Outcome.ANSWERED, Outcome.REPEATED, Outcome.REPEATED]
    assert world.hands.requests == [Lock(environment="prod", reason="x")]
    assert len(world.said()) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_github_did_not_take_is_said_by_the_next_run_and_once(when) -> None:
    world = PromotionWorld()
    event = world.on_pull_request("/lock prod x")
    world.tracker.fail_write(2, RemoteError("GitHub answered 502.", fix="Later."), when=when)
    outcome = world.deliver(event)
    assert (outcome.outcome, outcome.exit_code) == (Outcome.ANSWERED, ExitCode.REMOTE)
    assert "502" in outcome.problems[0]
    again = world.deliver(event)
    assert (again.outcome, again.exit_code) == (Outcome.REPEATED, ExitCode.DONE)
    assert (len(world.hands.asked), len(world.said())) == (1, 1)
    assert read_comments(world.world.state.view()).unsaid == {}


def test_a_run_that_dies_while_it_answers_leaves_the_answer_to_the_next() -> None:
    world = PromotionWorld()
    event = world.on_pull_request("/lock prod x")
    world.tracker.fail_write(2, Killed())
    with pytest.raises(Killed):
        world.deliver(event)
    world.deliver(event)
    assert (len(world.hands.asked), len(world.said())) == (1, 1)


def test_a_dry_run_says_what_would_be_and_writes_nothing() -> None:
    world = PromotionWorld()
    files = dict(world.world.state.files)
    outcome = world.propose("/lock prod x", workspace={"is_dry_run": True})
    assert outcome.is_plan
    assert outcome.answer is not None
    assert (world.said(), world.world.state.files) == ([], files)


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "became", "code"),
    [
        pytest.param(RemoteError("n8n answered 502.", fix="Start it."), Became.FAILED, ExitCode.REMOTE, id="remote"),
        pytest.param(ConfigurationError("No stage `qa`.", fix="Name one."), Became.FAILED, ExitCode.USAGE, id="usage"),
        pytest.param(BlockedError("It is locked.", fix="Unlock it."), Became.IMPOSSIBLE, ExitCode.DONE, id="a rule"),
    ],
)
def test_what_a_hand_could_not_do_is_told_and_the_others_go_on(fault, became, code) -> None:
    world = PromotionWorld()
    world.hands.fault = fault
    event = world.on_pull_request("/lock prod x\n/help")
    outcome = world.deliver(event)
    assert [each.became for each in outcome.answered] == [became, Became.DONE]
    assert outcome.exit_code is code
    assert fault.fix.replace("`", "") in world.said()[0]
    assert world.reactions(event)[-1] is Reaction.CONFUSED


def test_an_answer_of_a_hand_that_says_no_is_shown_as_one() -> None:
    world = PromotionWorld()
    world.hands.acted = Acted("It moved since.", ExitCode.RULE)
    outcome = world.propose("/rollback promo-1")
    assert outcome.answered[0].became is Became.IMPOSSIBLE
    assert "It moved since." in world.said()[0]


def test_where_github_does_not_say_who_it_is_nothing_is_done_and_that_is_told() -> None:
    world = PromotionWorld()
    event = world.on_pull_request("/lock prod x")
    world.tracker.role_of = lambda _: (_ for _ in ()).throw(RemoteError("502", fix="Later."))  # type: ignore[method-assign]
    with pytest.raises(RemoteError):
        world.deliver(event)
    assert world.hands.asked == []
    assert "could not be carried out" in world.said()[0]
    assert read_comments(world.world.state.view()).handled == ()


def test_without_hands_the_commands_are_answered_and_not_carried_out() -> None:
    world = PromotionWorld()
    world.world.clock.now += MINUTE
    at = world.desk(workspace=world.world.workspace())
    outcome = answer_event(at, world.on_pull_request("/lock prod x"), effects={})
    assert [each.became for each in outcome.answered] == [Became.FAILED]
    assert "Promotions cannot be commanded from here" in world.said()[0]


def test_a_long_answer_is_cut_below_the_limit() -> None:
    world = PromotionWorld()
    world.hands.acted = Acted("line of an answer\n" * 20_000)
    world.propose("/promote staging\n/promote prod")
    assert world.said()[0].count("cut here") == 2


# What is told beside GitHub


def test_a_pull_request_is_told_in_the_log_and_in_the_document() -> None:
    world = PromotionWorld()
    outcome = world.propose("/lock prod x\n/approve")
    told = render_comment(outcome, style=Style())
    assert told.startswith("Pull request #12: answered.")
    assert "/lock: done." in told
    document = comment_document(outcome)
    assert (document["pull_request"], document["incident"]) == (PULL, None)
    assert understood_names(outcome) == ["lock"]
    assert [each["status"] for each in document["commands"]] == [None, None]  # type: ignore[index, union-attr, call-overload]


def test_what_is_remembered_does_not_grow_without_end() -> None:
    comments = CommentsFile()
    for number in range(1, 700):
        unsaid = Unsaid(pull_request=1, text="x", since="2026-01-14T10:30:00Z")
        comments = with_decided(comments, f"comment-{number}", unsaid, refused=f"1:u{number}")
    assert (len(comments.handled), len(comments.refused), len(comments.unsaid)) == (500, 500, 50)
    assert "comment-699" in comments.unsaid
    assert without_said(comments, ["comment-699"]).unsaid.keys() == comments.unsaid.keys() - {"comment-699"}
