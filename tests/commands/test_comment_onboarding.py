"""`/onboard` and the form: who may, what is proposed and refused, and that it is acted upon and said once."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.commands.builders import URL, document
from tests.commands.comment_world import CommentWorld
from tests.commands.fake_tracker import Killed
from tests.commands.onboarding_world import FORM, OnboardingWorld
from tests.core.text.golden import assert_golden

from workflowops.commands.comment import answer_event, left_alone
from workflowops.commands.comment_effects import effects_of
from workflowops.commands.comment_memory import read_comments
from workflowops.commands.comment_onboarding import onboarding_hand
from workflowops.core.comment.elsewhere import CommentsFile, FormSeen, Unsaid, form_seen, with_form
from workflowops.core.comment.handled import MOST_REMEMBERED
from workflowops.core.comment.outcome import Became, EventOutcome, Outcome
from workflowops.core.incident.documents import comment_document, understood_names
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.policy import CommandRule, IncidentPolicy, Role
from workflowops.core.setup.form import FormField
from workflowops.core.text.comment_outcome import render_comment
from workflowops.core.text.style import Style
from workflowops.errors import ExitCode, RemoteError

# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def opened(*names: str, workflows: int = 2) -> OnboardingWorld:
    """A world in which the issue about unmanaged workflows is open."""
    world = OnboardingWorld(*names, workflows=workflows)
    world.follow()
    return world


def body(**changes: str) -> str:
    """What GitHub makes of the form; a field is named in lower case."""
    values = {"environment": "dev", "workflow": "w0"} | changes
    return "\n\n".join(f"### {each}\n\n{values.get(each.name.lower()) or '_No response_'}" for each in FormField)


def only(world: OnboardingWorld, environment: str, **rules: CommandRule) -> None:
    """Let an environment have its own rules for commands."""
    known = world.world.configuration.environments
    changed = replace(known[environment], incidents=replace(IncidentPolicy(), commands=rules))
    world.world.configuration = replace(world.world.configuration, environments={**known, environment: changed})


def said(world: OnboardingWorld, number: int | None = None) -> list[str]:
    return world.tracker.ours(world.issue.number if number is None else number)


def became(outcome: EventOutcome) -> list[Became]:
    return [each.became for each in outcome.answered]


# On the issue about unmanaged workflows


def test_a_workflow_is_proposed_and_the_answer_leads_to_the_pull_request() -> None:
    world = opened()
    event = world.comment('Please:\n/onboard w0 slug=order_processing tags=a,b description="Takes orders"')
    outcome = world.deliver(event)
    assert (outcome.outcome, outcome.issue, outcome.exit_code) == (Outcome.ANSWERED, world.issue.number, ExitCode.DONE)
    (proposed,) = world.tracker.pull_requests
    assert proposed.head == "workflowops/onboard-dev-order_processing"
    request = world.requests["dev/w0"]
    assert (request["requested_by"], request["issue"], request["pull_request"]) == ("ada", world.issue.number, 500)
    assert world.reactions(event) == [Reaction.SEEN, Reaction.DONE]
    assert_golden("comment_answer_onboard.md", said(world)[0])


def test_several_and_all_are_one_pull_request_each() -> None:
    world = opened(workflows=4)
    world.say("/onboard w0, w1")
    world.say("/onboard all")
    assert len(world.tracker.pull_requests) == 2
    assert {*world.requests} == {f"dev/w{number}" for number in range(4)}


def test_all_once_more_is_told_what_is_proposed_already_and_never_that_nothing_is_unmanaged() -> None:
    world = opened(workflows=3)
    world.say("/onboard w0")
    world.say("/onboard all")
    assert "1 workflow is proposed already in an earlier pull request, and left as it is." in said(world)[-1]
    world.say("/onboard all")
    assert "3 workflows are proposed already in an earlier pull request, and left as they are." in said(world)[-1]
    assert "No workflow is unmanaged" not in said(world)[-1]


def test_a_run_that_died_behind_its_proposal_says_nothing_new_was_proposed() -> None:
    world = opened()
    event = world.comment("/onboard w0")
    state, change = world.world.state, world.world.state.change

    def dies(decide: Any, *, message: str) -> Any:
        if message.startswith("comment:"):
            raise Killed
        return change(decide, message=message)

    state.change = dies  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.deliver(event)
    state.change = change  # type: ignore[method-assign]
    world.pause(400)
    world.deliver(event)
    assert "Nothing new was proposed" in said(world)[-1]
    assert "already proposed" in said(world)[-1]
    assert re.search(r"\(#\d+\): It is already proposed", said(world)[-1]), "the number has to be a link"
    assert len(world.tracker.pull_requests) == 1


def test_where_no_pull_request_could_be_opened_the_advice_opens_it() -> None:
    world = opened()
    world.tracker.fail_write(2, RemoteError("502.", fix="Wait."))
    world.say("/onboard w0")
    assert "Give the command again" in said(world)[-1]
    world.say("/onboard w0")
    assert len(world.tracker.pull_requests) == 1
    assert "1 workflow proposed" in said(world)[-1]


def test_what_is_refused_is_told_all_at_once_and_keeps_nothing_else() -> None:
    world = opened(workflows=1)
    world.put(1, name=f"Leak {TOKEN}")
    world.world.put("dev", "w2", document("Holds one", url=f"{URL}/?token={TOKEN}"))
    world.world.onboard(ids=["w1"])
    world.follow()
    outcome = world.say("/onboard w0 w1 w2 w9")
    assert became(outcome) == [Became.DONE]
    answer = said(world)[-1]
    assert "1 workflow proposed" in answer
    assert "3 workflows left out" in answer
    assert TOKEN not in answer
    assert "`" not in answer.replace("```", "")
    assert "allow&#95;secrets=yes" in answer


def test_a_slug_that_is_taken_is_refused_with_a_fix_that_can_be_written_in_a_comment() -> None:
    world = opened()
    world.world.onboard(ids=["w0"])
    world.follow()
    event = world.comment("/onboard w1 slug=ORDERS_0".replace("ORDERS", "orders"))
    assert became(world.deliver(event)) == [Became.IMPOSSIBLE]
    assert "already exists" in said(world)[-1]
    assert "link=yes" in said(world)[-1]
    assert "--" not in said(world)[-1].replace("<!--", "").replace("-->", "")
    assert world.reactions(event)[-1] is Reaction.CONFUSED


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("/onboard", "needs the n8n ids", id="nothing named"),
        pytest.param("/onboard all w0", "beside n8n ids", id="all and one"),
        pytest.param("/onboard w0 environment=nowhere", "No environment is called", id="no such environment"),
        pytest.param("/onboard w0!", "is no n8n id", id="no n8n id"),
        pytest.param("/onboard w0 file=../x.json", "holds", id="out of the folder"),
        pytest.param("/onboard w0 slug=A/B", "is no slug", id="no slug"),
        pytest.param("/close", "no such command", id="a command of incidents"),
    ],
)
def test_what_cannot_be_meant_is_told_and_nothing_is_proposed(line, told) -> None:
    world = opened()
    outcome = world.say(line)
    assert (outcome.outcome, outcome.exit_code) == (Outcome.ANSWERED, ExitCode.DONE)
    assert told in said(world)[-1]
    assert world.tracker.pull_requests == []


def test_help_lists_what_counts_there() -> None:
    world = opened()
    world.say("/help")
    assert "/onboard" in said(world)[0]
    assert "/acknowledge" not in said(world)[0]


def test_a_comment_without_a_command_is_left_alone() -> None:
    world = opened()
    event = world.comment("Thanks, see /usr/bin")
    assert left_alone(event) is not None
    assert world.deliver(event).outcome is Outcome.NOTHING_ASKED


def test_a_comment_on_any_other_issue_is_not_ours() -> None:
    world = opened()
    assert world.say("/onboard w0", number=77).outcome is Outcome.NOT_OURS
    assert world.tracker.pull_requests == []


@pytest.mark.parametrize("login", ["rita", "mallory"])
def test_without_write_access_nothing_is_proposed_and_that_is_said_once(login) -> None:
    world = opened()
    only(world, "dev", onboard=CommandRule(role=Role.READ))
    outcomes = [world.say("/onboard w0", login).outcome for _ in range(2)]
    assert outcomes == [Outcome.DENIED, Outcome.DENIED]
    assert len(said(world)) == 1
    assert world.tracker.pull_requests == []


@pytest.mark.parametrize(
    ("line", "is_allowed"),
    [
        pytest.param("/onboard w0", True, id="the issue's own"),
        pytest.param("/onboard w0 environment=prod", False, id="another one"),
        pytest.param("/onboard w0\n/onboard w0 environment=prod", False, id="both"),
        pytest.param("/onboard w0 environment=nowhere", False, id="one that nobody knows"),
    ],
)
def test_who_may_is_decided_by_the_environment_that_is_meant(line, is_allowed) -> None:
    world = opened("dev", "prod")
    only(world, "prod", onboard=CommandRule(users=("lea",)))
    assert (world.say(line).outcome is Outcome.ANSWERED) is is_allowed
    assert bool(world.tracker.pull_requests) is is_allowed


def test_a_comment_that_is_delivered_twice_acts_once() -> None:
    world = opened()
    event = world.comment("/onboard w0")
    assert [world.deliver(event).outcome for _ in range(2)] == [Outcome.ANSWERED, Outcome.REPEATED]
    assert (len(world.tracker.pull_requests), len(said(world))) == (1, 1)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_anywhere_is_repeated_and_proposes_once(number, when) -> None:
    world = opened()
    event = world.comment("/onboard w0")
    world.tracker.fail_write(number, Killed(), when=when)
    try:
        world.deliver(event)
    except Killed:
        world.pause(400)
        world.deliver(event)
    assert (len(world.tracker.pull_requests), len(said(world))) == (1, 1)


def test_an_answer_that_github_did_not_take_is_said_by_the_next_run() -> None:
    world = opened()
    event = world.comment("/onboard w0")
    world.tracker.fail_write(3, RemoteError("502", fix="Later."))
    assert world.deliver(event).exit_code is ExitCode.REMOTE
    assert world.deliver(event).exit_code is ExitCode.DONE
    assert len(said(world)) == 1


def test_a_dry_run_proposes_nothing() -> None:
    world = opened()
    files = dict(world.world.state.files)
    outcome = world.deliver(world.comment("/onboard w0"), is_dry_run=True)
    assert (outcome.is_plan, said(world), world.tracker.pull_requests) == (True, [], [])
    assert world.world.state.files == files


def test_without_a_hand_the_command_is_answered_and_not_carried_out() -> None:
    world = opened()
    desk = world.desk()
    outcome = answer_event(desk, world.comment("/onboard w0"), effects={})
    assert became(outcome) == [Became.FAILED]


# On an incident


def test_on_an_incident_the_environment_of_the_incident_is_meant() -> None:
    incident = CommentWorld()
    incident.world.put("prod", "n1", document("Not in Git", url=f"{URL}/new"))
    event = incident.event("/onboard n1")
    desk = incident.desk()
    outcome = answer_event(desk, event, effects=effects_of(desk), onboarding=onboarding_hand(desk))
    assert [each.became for each in outcome.results] == [Became.DONE]
    assert "1 workflow proposed" in incident.last_answer
    assert incident.world.state.document("onboarding.json")["requests"]["prod/n1"]["issue"] == 1


@pytest.mark.parametrize("line", ["/onboard w9 environment=nowhere", "/onboard all w0", "/onboard w0!"])
def test_a_slip_on_an_incident_is_told_and_does_not_fail_the_run(line) -> None:
    incident = CommentWorld()
    event = incident.event(line)
    desk = incident.desk()
    outcome = answer_event(desk, event, effects=effects_of(desk), onboarding=onboarding_hand(desk))
    assert [each.became for each in outcome.results] == [Became.IMPOSSIBLE]
    assert outcome.exit_code is ExitCode.DONE


# The form


def test_a_form_proposes_the_workflow_and_is_answered() -> None:
    world = OnboardingWorld()
    world.world.sync()
    outcome = world.deliver(world.form(body(slug="order_processing", tags="a, b", message="Add it")))
    assert (outcome.outcome, outcome.issue) == (Outcome.ANSWERED, FORM)
    assert world.requests["dev/w0"]["issue"] == FORM
    assert world.world.repository.messages[-1] == "Add it"
    assert_golden("form_answer.md", said(world, FORM)[0])


def test_a_form_is_acted_upon_once() -> None:
    world = OnboardingWorld()
    event = world.form(body())
    assert [world.deliver(event).outcome for _ in range(2)] == [Outcome.ANSWERED, Outcome.REPEATED]
    assert (len(world.tracker.pull_requests), len(said(world, FORM))) == (1, 1)


@pytest.mark.parametrize("author", ["rita", "mallory"])
def test_a_form_of_an_outsider_is_refused_in_words_and_has_no_effect(author) -> None:
    world = OnboardingWorld()
    event = world.form(body(), author)
    assert [world.deliver(event).outcome for _ in range(2)] == [Outcome.DENIED, Outcome.REPEATED]
    assert world.tracker.pull_requests == []
    assert_golden(f"form_refused_{author}.md", said(world, FORM)[0])


def test_what_is_changed_in_a_form_is_never_acted_upon() -> None:
    world = OnboardingWorld()
    world.deliver(world.form(body(), "mallory"))
    changed = world.form(body(workflow="w1"), "mallory", action="edited", sender="ada")
    assert [world.deliver(changed).outcome for _ in range(2)] == [Outcome.IGNORED, Outcome.REPEATED]
    assert world.tracker.pull_requests == []
    assert len(said(world, FORM)) == 2
    assert_golden("form_changed.md", said(world, FORM)[1])


@pytest.mark.parametrize("action", ["edited", "reopened", "moved"])
def test_a_form_that_nobody_saw_opened_is_not_acted_upon_either(action) -> None:
    world = OnboardingWorld()
    assert world.deliver(world.form(body(), action=action)).outcome is Outcome.IGNORED
    assert world.tracker.pull_requests == []
    assert world.deliver(world.form(body())).outcome is Outcome.ANSWERED


def test_a_form_with_a_field_that_was_forged_is_misunderstood_and_told() -> None:
    world = OnboardingWorld()
    outcome = world.deliver(world.form(body(description="x\n### n8n workflow id\n\nw1")))
    assert became(outcome) == [Became.MISUNDERSTOOD]
    assert world.tracker.pull_requests == []
    assert_golden("form_misunderstood.md", said(world, FORM)[0])


def test_a_workflow_that_was_deleted_between_form_and_answer_is_refused() -> None:
    world = OnboardingWorld()
    world.world.sync()
    event = world.form(body())
    del world.world.n8n["dev"].store["w0"]
    assert became(world.deliver(event)) == [Became.IMPOSSIBLE]
    assert world.tracker.pull_requests == []
    assert "Nothing new was proposed" in said(world, FORM)[0]


def test_a_command_on_a_form_means_the_environment_that_it_named_when_it_was_opened() -> None:
    world = OnboardingWorld("dev", "prod")
    world.put(0, "prod")
    world.deliver(world.form(body(), "mallory"))
    world.tracker.by_hand(FORM, body=body(environment="prod"))
    world.say("/onboard w0", number=FORM, is_on_form=True)
    assert {*world.requests} == {"dev/w0"}


def test_a_command_on_a_form_that_nobody_saw_opened_has_to_name_the_environment() -> None:
    world = OnboardingWorld("dev", "prod")
    world.form(body())
    outcome = world.say("/onboard w0", number=FORM, is_on_form=True)
    assert became(outcome) == [Became.IMPOSSIBLE]
    assert "environment=dev" in said(world, FORM)[0]
    assert became(world.say("/onboard w0 environment=dev", number=FORM, is_on_form=True)) == [Became.DONE]


def test_where_github_does_not_say_who_it_is_nothing_is_done_and_that_is_told() -> None:
    world = OnboardingWorld()
    world.tracker.role_of = lambda _: (_ for _ in ()).throw(RemoteError("502", fix="Later."))  # type: ignore[method-assign]
    with pytest.raises(RemoteError):
        world.deliver(world.form(body()))
    assert world.tracker.pull_requests == []
    assert "could not be carried out" in said(world, FORM)[0]
    assert "ask for it in a comment here" in said(world, FORM)[0]
    assert read_comments(world.world.state.view()).forms == {}


def test_an_incident_that_was_given_the_form_s_label_stays_an_incident() -> None:
    incident = CommentWorld()
    world = OnboardingWorld()
    event: Any = replace(world.form(body()), issue_number=1)
    desk = incident.desk()
    assert answer_event(desk, event, effects={}, onboarding=onboarding_hand(desk)).outcome is Outcome.IGNORED
    edited = replace(event, action="edited")
    assert answer_event(desk, edited, effects={}).outcome is Outcome.IN_ORDER
    assert incident.tracker.pull_requests == []


def test_a_form_so_old_that_it_was_forgotten_is_not_acted_upon_again() -> None:
    file = CommentsFile()
    for number in range(10, MOST_REMEMBERED + 20):
        unsaid = Unsaid(pull_request=number, text="x", since="2026-01-14T10:30:00Z")
        file = with_form(file, number, FormSeen(is_acted_upon=True), unsaid, guard=f"form-{number}")
    assert len(file.forms) == MOST_REMEMBERED
    assert form_seen(file, 11).is_acted_upon
    assert not form_seen(file, MOST_REMEMBERED + 20).is_acted_upon


def test_a_form_that_was_acted_upon_while_a_change_of_it_was_answered_stays_acted_upon() -> None:
    unsaid = Unsaid(pull_request=FORM, text="x", since="2026-01-14T10:30:00Z")
    file = with_form(CommentsFile(), FORM, FormSeen(environment="dev", is_acted_upon=True), unsaid, guard="a")
    file = with_form(file, FORM, FormSeen(is_change_answered=True), unsaid, guard="b")
    assert form_seen(file, FORM) == FormSeen(environment="dev", is_acted_upon=True, is_change_answered=True)


def test_a_form_is_told_in_the_log_and_in_the_document() -> None:
    world = OnboardingWorld()
    outcome = world.deliver(world.form(body()))
    assert render_comment(outcome, style=Style()).startswith(f"Issue #{FORM}: answered.")
    document = comment_document(outcome)
    assert (document["issue"], document["pull_request"], document["incident"]) == (FORM, None, None)
    assert understood_names(outcome) == ["onboard"]
