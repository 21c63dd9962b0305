"""The laws of triage, in worlds that hypothesis makes up: nothing twice, nothing lost, nothing known that is not."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.core.incident.world import SimulatedWorld, Workflow, is_unresolved

from workflowops.core.incident.policy import Grouping, IncidentPolicy, OnDriftGone
from workflowops.core.incident.record import Event, IncidentsFile, IncidentStatus
from workflowops.core.incident.triage import triage
from workflowops.core.standing import DRIFT

IDS = [f"c{number}" for number in range(6)]
HOURS = st.sampled_from([0, 1, 12, 30, 24 * 10])


class IncidentWorlds(RuleBasedStateMachine):
    """Everything that can happen between two checks, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = SimulatedWorld(workflows={each: Workflow() for each in IDS})

    @initialize(
        group_by=st.sampled_from([*Grouping]),
        gone=st.sampled_from([*OnDriftGone]),
        limit=st.sampled_from([1, 2, 10]),
        hours=st.sampled_from([None, 1, 24]),
    )
    def begins(self, group_by, gone, limit, hours) -> None:
        self.world.policy = IncidentPolicy(
            group_by=group_by, on_drift_gone=gone, storm_limit=limit, escalate_after_hours=hours
        )

    # What happens to workflows

    @rule(ids=st.sets(st.sampled_from(IDS), min_size=1), is_deleted=st.booleans())
    def n8n_is_edited(self, ids, is_deleted) -> None:
        for each in ids:
            self.world.workflows[each].live = None if is_deleted else next(self.world.versions)

    @rule(ids=st.sets(st.sampled_from(IDS), min_size=1), way=st.sampled_from(["adopt", "revert", "replace"]))
    def drift_goes_away(self, ids, way) -> None:
        for each in ids:
            workflow = self.world.workflows[each]
            if way == "adopt":
                workflow.git = workflow.live
            elif way == "revert":
                workflow.live = workflow.git
            else:
                workflow.git = workflow.live = next(self.world.versions)

    @rule(one=st.sampled_from(IDS), is_readable=st.booleans())
    def a_file_breaks_or_is_mended(self, one, is_readable) -> None:
        self.world.workflows[one].is_readable = is_readable

    @rule(is_reachable=st.booleans())
    def n8n_goes_or_comes(self, is_reachable) -> None:
        self.world.is_reachable = is_reachable

    # What people do

    @rule(hours=HOURS)
    def time_passes(self, hours) -> None:
        self.world.now += timedelta(hours=hours)

    @rule(group_by=st.sampled_from([*Grouping]), gone=st.sampled_from([*OnDriftGone]))
    def the_configuration_changes(self, group_by, gone) -> None:
        self.world.policy = replace(self.world.policy, group_by=group_by, on_drift_gone=gone)

    @precondition(lambda self: self.world.index.open)
    @rule(data=st.data(), event=st.sampled_from([Event.ACKNOWLEDGE, Event.STABILIZE, Event.RECONCILE, Event.CLOSE]))
    def somebody_takes_a_step(self, data, event) -> None:
        fields = {"resolution_type": "other"} if event is Event.RECONCILE else {}
        self.world.act(data.draw(st.sampled_from(self.world.open_numbers)), event, fields)

    @precondition(lambda self: self.world.index.open)
    @rule(data=st.data(), days=st.integers(1, 12))
    def somebody_accepts_the_difference(self, data, days) -> None:
        self.world.accept(data.draw(st.sampled_from(self.world.open_numbers)), days=days)

    @precondition(lambda self: self.world.index.open)
    @rule(data=st.data())
    def somebody_ends_an_acceptance(self, data) -> None:
        number = data.draw(st.sampled_from(self.world.open_numbers))
        self.world.act(number, Event.ACCEPT, {"until": "now"})

    @precondition(lambda self: self.world.index.open)
    @rule(data=st.data(), what=st.sampled_from(["close", "delete", "labels", "body", "title", "around"]))
    def somebody_touches_an_issue(self, data, what) -> None:
        number = data.draw(st.sampled_from(self.world.open_numbers))
        issue = self.world.issues.get(number)
        if issue is None:
            return
        match what:
            case "delete":
                del self.world.issues[number]
                return
            case "close":
                issue = replace(issue, is_open=False)
            case "labels":
                issue = replace(issue, labels=("bug", "workflowops:closed"))
            case "body":
                issue = replace(issue, body="")
            case "title":
                issue = replace(issue, title="My own words")
            case _:
                issue = replace(issue, body=f"Before\r\n{issue.body}\r\nAfter")
        self.world.issues[number] = issue

    # What a run does

    @rule(dies=st.sampled_from(["no", "before the issues", "before the mirror"]))
    def a_check_runs(self, dies) -> None:
        world = self.world
        before = world.facts()
        result = world.decide()
        self._invents_nothing(before, result)
        self._keeps_what_happened(before, result)
        self._knows_nothing_of_what_it_could_not_see(before, result)
        self._leaves_no_drift_unanswered()
        assert not triage(world.facts()).changed, "a second look at the same changes something"
        if dies == "before the issues":
            return
        world.open_issues()
        if dies == "before the mirror":
            return
        world.mirror()
        self._notes_that_issues_are_open_again()
        assert not triage(world.facts()).changed, "its own actions change what it decides"
        assert world.mirror() == {}, "what was mirrored is mirrored again"

    def _notes_that_issues_are_open_again(self) -> None:
        before = dict(self.world.incidents)
        for number, after in self.world.decide().incidents.items():
            assert before[number].reopened_at is not None
            assert after == replace(before[number], reopened_at=None)

    def _invents_nothing(self, before, result) -> None:
        assert set(result.incidents) <= set(before.incidents)
        assert set(result.details) <= set(result.incidents)
        assert set(result.index.open.values()) <= set(before.index.open.values())
        new = set(result.index.opening) - set(before.index.opening)
        assert len(new) <= max(1, before.policy.storm_limit)
        assert not set(result.index.opening) & set(result.index.open)
        assert set(before.index.opening) <= set(result.index.opening)
        intents = [each.intent for each in result.index.opening.values()]
        assert len(set(intents)) == len(intents)

    def _keeps_what_happened(self, before, result) -> None:
        for number, after in result.incidents.items():
            old = before.incidents[number].timeline
            assert after.timeline[: len(old)] == old
            assert after != before.incidents[number]
            assert result.index.open.get(after.key) == number or (
                after.status is IncidentStatus.CLOSED and result.index.latest_closed[after.key] == number
            )

    def _knows_nothing_of_what_it_could_not_see(self, before, result) -> None:
        world = self.world
        still_accepted = result.index.accepted
        for number, incident in before.incidents.items():
            after = result.incidents.get(number, incident)
            news = {step.event for step in after.timeline[len(incident.timeline) :]}
            unseen = [
                each for each in incident.affected_workflows if not world.workflows[each.canonical_id].is_readable
            ]
            answered = {*after.affected_workflows} | {each for each in unseen if each.canonical_id in still_accepted}
            if not world.is_reachable:
                assert news <= {Event.ESCALATE, Event.REOPEN, Event.ISSUE_GONE}
                assert after.affected_workflows == incident.affected_workflows
            elif unseen:
                assert Event.DRIFT_GONE not in news
                assert set(unseen) <= answered

    def _leaves_no_drift_unanswered(self) -> None:
        world = self.world
        if not world.is_reachable:
            return
        answering = [each for each in world.incidents.values() if is_unresolved(each)]
        answering += [each.incident for each in world.index.opening.values()]
        for canonical_id, workflow in world.workflows.items():
            found = [
                each
                for incident in answering
                for each in incident.affected_workflows
                if each.canonical_id == canonical_id
            ]
            if workflow.kind in DRIFT and canonical_id not in world.index.accepted:
                assert len(found) == 1
                assert found[0].live_key == (None if workflow.live is None else f"live-{workflow.live}")
                assert found[0].git_key == (None if workflow.git is None else f"git-{workflow.git}")

    @invariant()
    def the_list_agrees_with_the_records(self) -> None:
        index: IncidentsFile = self.world.index
        for key, number in index.open.items():
            incident = self.world.incidents[number]
            assert incident.key == key
            assert incident.status is not IncidentStatus.CLOSED
        is_open = {number for number, each in self.world.incidents.items() if each.status is not IncidentStatus.CLOSED}
        assert set(index.open.values()) == is_open


IncidentWorlds.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestTheLawsOfTriage = IncidentWorlds.TestCase
