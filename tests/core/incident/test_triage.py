"""Triage, case by case: what opens, changes, goes, comes back, and what stays silent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.core.incident.builders import (
    AT,
    COMMIT,
    NOW,
    affected,
    after,
    detected,
    drifted,
    facts,
    issue_of,
    later,
    report,
    sides,
    standing,
)

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drift import WorkflowDrift
from workflowops.core.incident.index import reindexed
from workflowops.core.incident.policy import Grouping, OnDriftGone
from workflowops.core.incident.record import (
    WHOLE_ENVIRONMENT,
    Acceptance,
    Event,
    Incident,
    IncidentsFile,
    IncidentStatus,
    Opening,
    ResolutionType,
    Step,
)
from workflowops.core.incident.triage import Facts, Triage, dropped, opened, triage
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DRIFT, DriftKind

STAR = WHOLE_ENVIRONMENT
UNRESOLVED = (IncidentStatus.DETECTED, IncidentStatus.ACKNOWLEDGED, IncidentStatus.STABILIZED)
SYNCED = sides(DriftKind.IN_SYNC, git="git-old", live="live-old")
"""What is compared of a workflow that was put back to what Git says."""


def only(result: Triage) -> Incident:
    """The one incident that changed."""
    assert len(result.incidents) == 1
    return next(iter(result.incidents.values()))


def news(before: Incident, result: Triage) -> list[Step]:
    """The steps that triage added to the one incident that changed."""
    return list(only(result).timeline[len(before.timeline) :])


def ids(held: Incident | Opening) -> list[str]:
    incident = held.incident if isinstance(held, Opening) else held
    return [each.canonical_id for each in incident.affected_workflows]


def acceptance(canonical_id: str = "c1", *, version: str = "new", until: str = "2026-02-01") -> Acceptance:
    return Acceptance(
        canonical_id=canonical_id,
        fingerprint=affected(canonical_id, version).fingerprint,
        until=until,
        by="octocat",
        incident=42,
    )


def accepted(incident: Incident, until: str = "2026-02-01") -> tuple[Incident, IncidentsFile]:
    """An incident whose drift may stay, and the list that says so."""
    after_it = after(incident, Event.ACCEPT, until=until)
    workflows = {
        each.canonical_id: replace(acceptance(each.canonical_id, until=until), fingerprint=each.fingerprint)
        for each in incident.affected_workflows
    }
    return after_it, IncidentsFile(open={incident.key: incident.number}, accepted=workflows)


# Opening


def test_first_drift_opens_one_incident_with_all_that_is_known() -> None:
    result = triage(facts(report(drifted("c1"), drifted("c2")), severity=IncidentSeverity.CRITICAL))
    assert result.changed
    assert (result.incidents, result.details, result.index.open) == ({}, {}, {})
    assert [*result.index.opening] == [STAR]
    opening = result.index.opening[STAR]
    assert opening.intent == opening.incident.intent == "intent-new-1"
    assert opening.details.startswith("<details")
    assert opening.incident == Incident(
        number=0,
        intent="intent-new-1",
        key=STAR,
        environment="prod",
        environment_title="Production",
        severity=IncidentSeverity.CRITICAL,
        detected_at=AT,
        detection_method="scheduled",
        git_branch="main",
        git_commit_sha=COMMIT,
        affected_workflows=(affected("c1"), affected("c2")),
        timeline=(
            Step(
                event=Event.DETECT,
                at=AT,
                by="workflowops",
                previous_status=None,
                status=IncidentStatus.DETECTED,
                fields={"detection_method": "scheduled"},
            ),
        ),
    )


@pytest.mark.parametrize("kind", [*DriftKind])
def test_only_drift_opens_an_incident(kind) -> None:
    result = triage(facts(report(drifted(kind=kind), drift_status=DriftStatus.DRIFT_DETECTED)))
    assert bool(result.index.opening) is (kind in DRIFT) is result.changed


def test_an_unmanaged_workflow_is_no_incident() -> None:
    unmapped = drifted(kind=DriftKind.UNMAPPED, canonical_id=None)  # type: ignore[misc]
    assert not triage(facts(report(drifted("c1"), unmapped, drift_status=DriftStatus.IN_SYNC))).index.open


def test_without_drift_and_incidents_nothing_is_written() -> None:
    assert not triage(facts(report())).changed


def test_one_incident_a_workflow_where_the_team_wants_it() -> None:
    result = triage(facts(report(drifted("c1"), drifted("c2")), policy={"group_by": Grouping.WORKFLOW}))
    assert {key: ids(opening) for key, opening in result.index.opening.items()} == {"c1": ["c1"], "c2": ["c2"]}
    assert len({opening.intent for opening in result.index.opening.values()}) == 2


@pytest.mark.parametrize(("drifting", "keys"), [(3, 3), (4, 1)], ids=["at the limit", "beyond it"])
def test_a_storm_is_one_incident(drifting, keys) -> None:
    workflows = [drifted(f"c{number}") for number in range(drifting)]
    policy = {"group_by": Grouping.WORKFLOW, "storm_limit": 3}
    result = triage(facts(report(*workflows), policy=policy))
    assert len(result.index.opening) == keys
    assert (STAR in result.index.opening) is (drifting > 3)
    assert sum(len(ids(opening)) for opening in result.index.opening.values()) == drifting


def test_in_a_storm_a_workflow_with_an_incident_of_its_own_stays_there() -> None:
    own = detected(affected("c1"), key="c1")
    policy = {"group_by": Grouping.WORKFLOW, "storm_limit": 2}
    result = triage(facts(report(*(drifted(f"c{number}") for number in range(1, 5))), own, policy=policy))
    assert result.incidents == {}
    assert ids(result.index.opening[STAR]) == ["c2", "c3", "c4"]


def test_incidents_that_wait_for_their_issue_count_for_the_storm() -> None:
    policy = {"group_by": Grouping.WORKFLOW, "storm_limit": 2}
    first = triage(facts(report(drifted("c1"), drifted("c2")), policy=policy))
    everything = report(drifted("c1"), drifted("c2"), drifted("c3"))
    second = triage(facts(everything, index=first.index, policy=policy))
    assert {key: ids(opening) for key, opening in second.index.opening.items()} == {
        "c1": ["c1"],
        "c2": ["c2"],
        STAR: ["c3"],
    }


def test_drift_after_closing_opens_an_incident_that_names_the_old_one() -> None:
    index = IncidentsFile(latest_closed={STAR: 42, "c1": 7})
    assert triage(facts(report(drifted()), index=index)).index.opening[STAR].incident.previous_incident == 42
    own = triage(facts(report(drifted()), index=index, policy={"group_by": Grouping.WORKFLOW}))
    assert own.index.opening["c1"].incident.previous_incident == 7


@pytest.mark.parametrize("status", [DriftStatus.UNKNOWN, DriftStatus.NEW])
def test_an_environment_that_could_not_be_judged_opens_nothing(status) -> None:
    assert not triage(facts(report(drifted(), drift_status=status))).changed


# Openings that wait for their issue


def test_an_incident_that_waits_for_its_issue_is_not_decided_twice() -> None:
    first = triage(facts(report(drifted())))
    again = triage(facts(report(drifted()), index=first.index))
    assert not again.changed


def test_an_incident_that_waits_for_its_issue_begins_with_what_drifts_by_then() -> None:
    first = triage(facts(report(drifted("c1"), drifted("c2"))))
    drift = report(drifted("c2", "newer"), drifted("c3"), git_commit_sha="f" * 40)
    opening = triage(facts(drift, index=first.index)).index.opening[STAR]
    before = first.index.opening[STAR]
    assert (opening.intent, opening.incident.timeline) == (before.intent, before.incident.timeline)
    assert opening.incident.affected_workflows == (affected("c2", "newer"), affected("c3"))
    assert opening.incident.git_commit_sha == "f" * 40
    assert opening.details != before.details


def test_an_incident_that_waits_keeps_what_nobody_could_compare() -> None:
    first = triage(facts(report(drifted("c1"), drifted("c2"))))
    broken = drifted("c1", kind=DriftKind.UNKNOWN)
    opening = triage(facts(report(broken, drifted("c3")), index=first.index)).index.opening[STAR]
    assert ids(opening) == ["c3", "c1"]


def test_an_incident_that_waits_stays_when_its_drift_is_gone_because_the_issue_may_exist() -> None:
    first = triage(facts(report(drifted())))
    assert not triage(facts(report(also={"c1": SYNCED}), index=first.index)).changed


def test_an_issue_makes_an_opening_an_incident() -> None:
    first = triage(facts(report(drifted()), index=IncidentsFile(latest_closed={STAR: 3}))).index
    issue = replace(issue_of(detected(number=7)), title="Drift in Production")
    index, incident = opened(first, first.opening[STAR], issue)
    assert index == IncidentsFile(open={STAR: 7}, latest_closed={STAR: 3})
    assert (incident.number, incident.url, incident.author, incident.title) == (
        7,
        "https://github.example/o/r/issues/7",
        "workflowops[bot]",
        "Drift in Production",
    )
    assert incident.affected_workflows == first.opening[STAR].incident.affected_workflows


def test_a_title_that_was_written_down_counts_more_than_the_one_found() -> None:
    first = triage(facts(report(drifted()))).index
    opening = replace(first.opening[STAR], incident=replace(first.opening[STAR].incident, title="Ours"))
    _, incident = opened(first, opening, issue_of(detected(), title="Edited since"))
    assert incident.title == "Ours"


def test_an_opening_that_is_not_needed_is_dropped() -> None:
    first = triage(facts(report(drifted("c1"), drifted("c2")), policy={"group_by": Grouping.WORKFLOW})).index
    assert [*dropped(first, "c1").opening] == ["c2"]


# The same, changed, gone, back


@pytest.mark.parametrize("status", UNRESOLVED)
def test_the_same_difference_is_silence(status) -> None:
    incident = standing(status, detected(affected("c1"), affected("c2")))
    assert not triage(facts(report(drifted("c2"), drifted("c1")), incident, now=later(hours=1))).changed


@pytest.mark.parametrize("status", UNRESOLVED)
def test_a_changed_difference_is_told_once_with_the_names(status) -> None:
    incident = standing(status, detected(affected("c1"), affected("c2"), affected("c3")))
    drift = report(drifted("c1"), drifted("c2", "newer"), drifted("c4"), also={"c3": SYNCED}, git_commit_sha="f" * 40)
    result = triage(facts(drift, incident))
    changed = only(result)
    assert changed.status is status
    assert changed.affected_workflows == (affected("c1"), affected("c2", "newer"), affected("c4"))
    assert changed.git_commit_sha == "f" * 40
    (step,) = news(incident, result)
    assert (step.event, step.by) == (Event.DRIFT_CHANGED, "workflowops")
    assert step.fields == {
        "added": "Workflow c4",
        "changed": "Workflow c2",
        "gone": "Workflow c3",
        "reverted_to_git": "Workflow c3",
    }
    assert "newer" in result.details[42]


def test_of_many_names_some_are_listed_and_the_rest_is_counted() -> None:
    workflows = [drifted(f"c{number}", workflow_name="x" * 200) for number in range(2_000)]
    (step,) = news(detected(), triage(facts(report(drifted("c1"), *workflows), detected())))
    assert step.fields["added"].startswith("x" * 79 + "\u2026, ")
    assert step.fields["added"].endswith(" and 1,969 more")
    assert len(step.fields["added"]) < 3_000


def test_a_secret_in_a_name_is_in_no_step_and_no_entry() -> None:
    token = "ghp_" + "x7Kq9" * 7 + "z"
    changed = only(triage(facts(report(drifted(), drifted("c2", workflow_name=f"Sync {token}")), detected())))
    assert token not in repr(changed)
    assert "Sync ***" in repr(changed)


def test_keys_that_moved_under_the_same_difference_are_noted_silently() -> None:
    incident = detected(affected("c1"))
    drift = report(drifted("c1"), also={"c1": sides(git="git-2", live="live-2")})
    result = triage(facts(drift, incident))
    assert news(incident, result) == []
    assert (only(result).affected_workflows[0].git_key, only(result).affected_workflows[0].live_key) == (
        "git-2",
        "live-2",
    )
    assert result.details == {}


@pytest.mark.parametrize(
    ("policy", "status", "events"),
    [
        (OnDriftGone.TELL, None, [Event.DRIFT_GONE]),
        (OnDriftGone.RECONCILE, IncidentStatus.RECONCILED, [Event.DRIFT_GONE]),
        (OnDriftGone.CLOSE, IncidentStatus.CLOSED, [Event.DRIFT_GONE, Event.CLOSE]),
    ],
)
@pytest.mark.parametrize("before", UNRESOLVED)
def test_drift_that_is_gone_is_told_reconciled_or_closed_by_policy(before, policy, status, events) -> None:
    incident = standing(before, detected(affected("c1")))
    result = triage(facts(report(also={"c1": SYNCED}), incident, policy={"on_drift_gone": policy}))
    changed = only(result)
    assert changed.status is (status or before)
    assert [step.event for step in news(incident, result)] == events
    name = "likely_resolution_type" if policy is OnDriftGone.TELL else "resolution_type"
    assert news(incident, result)[0].fields == {name: "reverted_to_git", "reverted_to_git": "Workflow c1"}
    assert changed.drift_gone_at == AT
    assert changed.affected_workflows == incident.affected_workflows
    assert result.details == {}
    is_closed = policy is OnDriftGone.CLOSE
    assert (result.index.open, result.index.latest_closed) == (({}, {STAR: 42}) if is_closed else ({STAR: 42}, {}))


def test_a_file_that_left_git_together_with_the_drift_is_gone_as_well() -> None:
    missing = detected(affected("c1", kind=DriftKind.MISSING))
    changed = only(triage(facts(report(), missing)))
    assert (changed.status, changed.resolution_type) == (IncidentStatus.RECONCILED, "accepted_runtime_changes")


def test_how_drift_went_counts_every_workflow_on_the_way() -> None:
    incident = detected(affected("c1"), affected("c2"))
    first = only(triage(facts(report(drifted("c2"), also={"c1": SYNCED}), incident)))
    adopted = sides(DriftKind.IN_SYNC, git="git-new", live="live-new")
    second = only(triage(facts(report(also={"c1": SYNCED, "c2": adopted}), first)))
    assert second.resolution_type is ResolutionType.MIXED
    assert second.timeline[-1].fields["accepted_runtime_changes"] == "Workflow c2"


@pytest.mark.parametrize("policy", [OnDriftGone.TELL, OnDriftGone.RECONCILE])
def test_gone_drift_is_told_once(policy) -> None:
    drift = report(also={"c1": SYNCED})
    gone = only(triage(facts(drift, detected(), policy={"on_drift_gone": policy})))
    assert not triage(facts(drift, gone, policy={"on_drift_gone": policy}, now=later(days=300))).changed


@pytest.mark.parametrize("policy", [OnDriftGone.TELL, OnDriftGone.RECONCILE])
def test_drift_that_comes_back_is_the_same_incident_again(policy) -> None:
    gone = only(triage(facts(report(also={"c1": SYNCED}), detected(), policy={"on_drift_gone": policy})))
    result = triage(facts(report(drifted("c1"), drifted("c2")), gone, now=later(hours=2)))
    back = only(result)
    assert result.index.opening == {}
    assert (back.number, back.status, back.drift_gone_at) == (42, IncidentStatus.DETECTED, None)
    assert ids(back) == ["c1", "c2"]
    assert news(gone, result)[0].fields == {"added": "Workflow c2"}
    assert [step.event for step in news(gone, result)] == [Event.DRIFT_BACK]
    assert 42 in result.details


def test_drift_that_is_still_there_after_reconciling_brings_the_incident_back() -> None:
    incident = standing(IncidentStatus.RECONCILED)
    result = triage(facts(report(drifted("c1")), incident))
    assert only(result).status is IncidentStatus.DETECTED
    assert [step.event for step in news(incident, result)] == [Event.DRIFT_BACK]
    assert result.details == {}


def test_new_drift_brings_the_reconciled_incident_about_everything_back() -> None:
    gone = only(triage(facts(report(also={"c1": SYNCED}), detected())))
    result = triage(facts(report(drifted("c9"), also={"c1": SYNCED}), gone, policy={"group_by": Grouping.WORKFLOW}))
    assert (only(result).number, ids(only(result)), result.index.opening) == (42, ["c9"], {})


# What could not be compared


@pytest.mark.parametrize("status", [*UNRESOLVED, IncidentStatus.RECONCILED])
@pytest.mark.parametrize("of_environment", [DriftStatus.UNKNOWN, DriftStatus.NEW])
def test_an_environment_that_could_not_be_judged_changes_no_incident(status, of_environment) -> None:
    incident = standing(status)
    assert not triage(facts(report(drift_status=of_environment), incident)).changed


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "compared only"])
def test_a_workflow_that_could_not_be_compared_is_not_gone(is_told) -> None:
    incident = detected(affected("c1"), affected("c2"))
    broken = drifted("c1", kind=DriftKind.UNKNOWN)
    also = {"c1": sides(DriftKind.UNKNOWN), "c2": SYNCED}
    drift = report(*([broken] if is_told else []), also=also, drift_status=DriftStatus.DRIFT_DETECTED)
    result = triage(facts(drift, incident))
    assert only(result).status is IncidentStatus.DETECTED
    assert only(result).affected_workflows == (affected("c1"),)
    assert news(incident, result)[0].fields["gone"] == "Workflow c2"


def test_a_workflow_that_could_not_be_compared_stays_as_it_was_beside_others() -> None:
    incident = detected(affected("c1"), affected("c2"))
    drift = report(drifted("c2"), drifted("c1", kind=DriftKind.UNKNOWN))
    assert not triage(facts(drift, incident)).changed


def test_what_cannot_be_compared_after_drift_was_gone_changes_nothing() -> None:
    gone = only(triage(facts(report(also={"c1": SYNCED}), detected(), policy={"on_drift_gone": OnDriftGone.TELL})))
    drift = report(drifted("c1", kind=DriftKind.UNKNOWN), drift_status=DriftStatus.IN_SYNC)
    assert not triage(facts(drift, gone)).changed


# Grouping that was changed meanwhile


def test_an_open_incident_about_everything_takes_new_drift_whatever_the_grouping() -> None:
    incident = detected(affected("c1"))
    result = triage(facts(report(drifted("c1"), drifted("c2")), incident, policy={"group_by": Grouping.WORKFLOW}))
    assert (result.index.opening, ids(only(result))) == ({}, ["c1", "c2"])


def test_open_incidents_of_single_workflows_stay_when_the_grouping_changes() -> None:
    own = detected(affected("c1"), key="c1")
    result = triage(facts(report(drifted("c1"), drifted("c2")), own))
    assert result.incidents == {}
    assert {key: ids(opening) for key, opening in result.index.opening.items()} == {STAR: ["c2"]}


# Acceptance


def test_accepted_drift_is_silent_to_the_end_of_its_day() -> None:
    incident, index = accepted(detected(affected("c1")))
    last = replace(facts(report(drifted("c1")), incident, index=index), now=NOW.replace(month=2, day=1, hour=23))
    assert not triage(last).changed


def test_an_acceptance_that_has_expired_is_pruned_and_its_drift_is_back() -> None:
    incident, index = accepted(detected(affected("c1")))
    now = NOW.replace(month=2, day=2, hour=0, minute=0)
    result = triage(facts(report(drifted("c1")), incident, index=index, now=now))
    assert result.index.accepted == {}
    assert (only(result).status, only(result).timeline[-1].event) == (IncidentStatus.DETECTED, Event.DRIFT_BACK)


def test_another_difference_is_not_the_accepted_one() -> None:
    incident, index = accepted(detected(affected("c1"), affected("c2")))
    result = triage(facts(report(drifted("c1", "newer"), drifted("c2")), incident, index=index))
    assert [*result.index.accepted] == ["c2"]
    assert (only(result).status, ids(only(result))) == (IncidentStatus.DETECTED, ["c1"])
    assert only(result).timeline[-1].fields == {"changed": "Workflow c1"}


def test_accepted_drift_opens_nothing_after_closing() -> None:
    index = IncidentsFile(accepted={"c1": acceptance()}, latest_closed={STAR: 42})
    assert not triage(facts(report(drifted("c1")), index=index)).changed
    result = triage(facts(report(drifted("c1"), drifted("c2")), index=index))
    assert ids(result.index.opening[STAR]) == ["c2"]


@pytest.mark.parametrize("kind", [DriftKind.IN_SYNC, DriftKind.PENDING])
def test_an_acceptance_ends_when_its_workflow_is_seen_without_drift(kind) -> None:
    index = IncidentsFile(accepted={"c1": acceptance(), "c2": acceptance("c2")})
    seen = triage(facts(report(drifted("c2"), also={"c1": sides(kind)}), index=index))
    assert [*seen.index.accepted] == ["c2"]
    again = triage(facts(report(drifted("c1"), drifted("c2")), index=seen.index))
    assert ids(again.index.opening[STAR]) == ["c1"]


@pytest.mark.parametrize(
    "drift",
    [
        pytest.param(report(also={"c1": sides(DriftKind.UNKNOWN)}), id="could not be compared"),
        pytest.param(report(drifted("c1", kind=DriftKind.UNKNOWN)), id="told as unknown"),
        pytest.param(report(), id="not in the report"),
    ],
)
def test_an_acceptance_of_what_nobody_saw_waits_for_its_day(drift) -> None:
    assert not triage(facts(drift, index=IncidentsFile(accepted={"c1": acceptance()}))).changed


def test_an_acceptance_that_was_ended_brings_its_drift_back_at_the_next_check() -> None:
    incident, index = accepted(detected(affected("c1")))
    other = acceptance("c2")
    index = replace(index, accepted={**index.accepted, "c2": replace(other, incident=7)})
    ended = after(incident, Event.ACCEPT, until="now")
    index = reindexed(index, before=incident, after=ended)
    assert [*index.accepted] == ["c2"]
    result = triage(facts(report(drifted("c1"), drifted("c2")), ended, index=index))
    assert (only(result).status, ids(only(result))) == (IncidentStatus.DETECTED, ["c1"])


def test_another_day_for_an_acceptance_counts() -> None:
    incident, index = accepted(detected(affected("c1")))
    changed = after(incident, Event.ACCEPT, until="2026-01-16")
    index = reindexed(index, before=incident, after=changed)
    assert index.accepted["c1"].until == "2026-01-16"


def test_drift_that_is_back_leaves_out_what_is_accepted_still() -> None:
    incident, index = accepted(detected(affected("c1"), affected("c2"), affected("c3"), affected("c4")))
    index = replace(index, accepted={each: one for each, one in index.accepted.items() if each != "c4"})
    drift = report(
        drifted("c1", "newer"), drifted("c2"), also={"c3": sides(DriftKind.UNKNOWN), "c4": sides(DriftKind.UNKNOWN)}
    )
    back = only(triage(facts(drift, incident, index=index)))
    assert (back.status, ids(back)) == (IncidentStatus.DETECTED, ["c1", "c4"])


def test_what_was_accepted_in_an_incident_is_named_when_the_rest_is_gone() -> None:
    incident, index = accepted(detected(affected("c1")))
    back = only(triage(facts(report(drifted("c1"), drifted("c2")), incident, index=index)))
    assert ids(back) == ["c2"]
    result = triage(facts(report(drifted("c1"), also={"c2": SYNCED}), back, index=index))
    assert news(back, result)[0].fields["accepted"] == "Workflow c1"
    foreign = replace(index, accepted={"c1": replace(index.accepted["c1"], incident=7)})
    result = triage(facts(report(drifted("c1"), also={"c2": SYNCED}), back, index=foreign))
    assert "accepted" not in news(back, result)[0].fields


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (SYNCED, "Nothing drifts any more in: Workflow c1. Git and n8n agree there."),
        (sides(DriftKind.PENDING, git="git-3", live="live-2"), "Nothing drifts any more in: Workflow c1."),
        (None, "It is about nothing that drifts any more, or is managed under that identity: Workflow c1."),
    ],
)
def test_an_incident_closed_by_a_check_claims_no_more_than_it_saw(now, told) -> None:
    policy = {"on_drift_gone": OnDriftGone.CLOSE}
    assert (
        only(triage(facts(report(also={"c1": now} if now else {}), detected(), policy=policy))).closure_reason == told
    )


def test_an_accepted_incident_whose_drift_is_gone_says_so() -> None:
    incident, index = accepted(detected(affected("c1"), affected("c2")))
    half = triage(facts(report(drifted("c2"), also={"c1": SYNCED}), incident, index=index))
    assert (only(half).status, ids(only(half))) == (IncidentStatus.RECONCILED, ["c2"])
    all_of_it = report(also={"c1": SYNCED, "c2": SYNCED})
    done = only(triage(facts(all_of_it, only(half), index=half.index)))
    assert (done.status, done.resolution_type, done.drift_gone_at) == ("reconciled", "reverted_to_git", AT)


def test_an_environment_that_could_not_be_judged_leaves_acceptances_alone() -> None:
    index = IncidentsFile(accepted={"c1": acceptance(until="2020-01-01")})
    assert not triage(facts(report(drift_status=DriftStatus.UNKNOWN), index=index)).changed


# Escalation


@pytest.mark.parametrize("status", UNRESOLVED)
@pytest.mark.parametrize(("hours", "is_due"), [(23.99, False), (24, True), (500, True)])
def test_an_incident_escalates_at_its_age(status, hours, is_due) -> None:
    incident = standing(status)
    result = triage(facts(report(drifted()), incident, policy={"escalate_after_hours": 24}, now=later(hours=hours)))
    assert result.changed is is_due
    if is_due:
        assert [(step.event, step.fields) for step in news(incident, result)] == [("escalate", {"after_hours": "24"})]
        again = facts(report(drifted()), only(result), policy={"escalate_after_hours": 24}, now=later(days=300))
        assert not triage(again).changed


@pytest.mark.parametrize("is_read", [True, False], ids=["judged", "not judged"])
def test_an_incident_that_waited_too_long_for_its_issue_begins_escalated(is_read) -> None:
    policy = {"escalate_after_hours": 24}
    first = triage(facts(report(drifted()), policy=policy))
    drift = report(drifted()) if is_read else report(drift_status=DriftStatus.UNKNOWN)
    late = facts(drift, index=first.index, policy=policy, now=later(hours=24))
    assert triage(late).index.opening[STAR].incident.escalated_at == "2026-01-15T15:25:00Z"
    assert not triage(replace(late, now=later(hours=23))).changed


def test_an_incident_that_waits_and_drifts_no_longer_does_not_escalate() -> None:
    policy = {"escalate_after_hours": 24}
    first = triage(facts(report(drifted()), policy=policy))
    late = facts(report(also={"c1": SYNCED}), index=first.index, policy=policy, now=later(days=9))
    assert not triage(late).changed


def test_without_a_limit_nothing_escalates() -> None:
    assert not triage(facts(report(drifted()), detected(), now=later(days=365))).changed


def test_an_incident_escalates_while_its_environment_cannot_be_read() -> None:
    unread = report(drift_status=DriftStatus.UNKNOWN)
    result = triage(facts(unread, detected(), policy={"escalate_after_hours": 1}, now=later(hours=2)))
    assert only(result).escalated_at == "2026-01-14T17:25:00Z"


def test_accepted_and_gone_drift_does_not_escalate() -> None:
    policy = {"escalate_after_hours": 1, "on_drift_gone": OnDriftGone.TELL}
    incident, index = accepted(detected(affected("c1")))
    assert not triage(facts(report(drifted("c1")), incident, index=index, policy=policy, now=later(hours=2))).changed
    gone = only(triage(facts(report(also={"c1": SYNCED}), detected(), policy=policy)))
    assert not triage(facts(report(also={"c1": SYNCED}), gone, policy=policy, now=later(hours=2))).changed


def test_drift_that_came_back_escalates_anew_and_not_at_once() -> None:
    policy = {"escalate_after_hours": 24}
    old = replace(standing(IncidentStatus.RECONCILED), escalated_at=AT)
    back = only(triage(facts(report(drifted()), old, policy=policy, now=later(days=10))))
    assert (back.status, back.escalated_at) == (IncidentStatus.DETECTED, None)
    soon = facts(report(drifted()), back, policy=policy, now=later(days=10, hours=23))
    assert not triage(soon).changed
    assert only(triage(replace(soon, now=later(days=11)))).escalated_at is not None


def test_drift_that_comes_and_goes_escalates_at_its_age_and_once() -> None:
    policy = {"escalate_after_hours": 4}
    incident, escalations = detected(), 0
    for hours in range(2, 36, 3):
        gone = report(also={"c1": SYNCED})
        incident = only(triage(facts(gone, incident, policy=policy, now=later(hours=hours))))
        result = triage(facts(report(drifted()), incident, policy=policy, now=later(hours=hours + 0.1)))
        escalations += [step.event for step in news(incident, result)].count(Event.ESCALATE)
        incident = only(result)
    assert (escalations, incident.escalated_at) == (1, "2026-01-14T20:31:00Z")


def test_a_clock_that_was_set_back_escalates_nothing() -> None:
    assert not triage(
        facts(report(drifted()), detected(), policy={"escalate_after_hours": 0.5}, now=NOW - timedelta(days=9))
    ).changed


# The issue


def found(incident: Incident, drift: Any, issue: Any, **more: Any) -> Facts:
    return facts(drift, incident, issues={incident.number: issue}, **more)


@pytest.mark.parametrize("status", [*UNRESOLVED, IncidentStatus.RECONCILED])
def test_an_issue_that_is_gone_closes_its_incident_and_drift_opens_another(status) -> None:
    result = triage(found(standing(status), report(drifted("c1")), None))
    closed = only(result)
    assert (closed.status, closed.closed_by, closed.timeline[-1].event) == ("closed", "workflowops", "issue_gone")
    assert (result.index.open, result.index.latest_closed) == ({}, {STAR: 42})
    assert result.index.opening[STAR].incident.previous_incident == 42


def test_an_issue_that_is_gone_with_its_drift_closes_and_opens_nothing() -> None:
    result = triage(found(detected(), report(also={"c1": SYNCED}), None))
    assert (only(result).status, result.index.opening) == (IncidentStatus.CLOSED, {})


def test_an_issue_that_was_not_looked_at_says_nothing() -> None:
    assert not triage(facts(report(drifted()), detected(), issues={})).changed


@pytest.mark.parametrize("status", UNRESOLVED)
def test_an_issue_closed_too_early_is_reopened_and_told_once(status) -> None:
    incident = standing(status)
    closed = issue_of(incident, is_open=False)
    result = triage(found(incident, report(drifted()), closed))
    (step,) = news(incident, result)
    assert (step.event, only(result).status) == (Event.REOPEN, status)
    assert str(status) in step.fields["reason"]
    assert not triage(found(only(result), report(drifted()), closed)).changed


def test_an_issue_closed_too_early_is_reopened_even_while_nothing_can_be_checked() -> None:
    incident = detected()
    result = triage(found(incident, report(drift_status=DriftStatus.UNKNOWN), issue_of(incident, is_open=False)))
    assert news(incident, result)[0].event is Event.REOPEN


@pytest.mark.parametrize("status", [*UNRESOLVED, IncidentStatus.RECONCILED])
def test_a_check_that_finds_an_issue_closed_reopens_it_because_nobody_knows_who_did_it(status) -> None:
    incident = standing(status)
    result = triage(found(incident, report(drift_status=DriftStatus.UNKNOWN), issue_of(incident, is_open=False)))
    (step,) = news(incident, result)
    assert (step.event, only(result).status, only(result).closed_by) == (Event.REOPEN, status, None)
    assert "`/close`" in step.fields["reason"]
    assert result.index.open == {STAR: 42}


def test_an_issue_closed_once_reconciled_with_drift_still_there_is_open_again() -> None:
    incident = standing(IncidentStatus.RECONCILED)
    result = triage(found(incident, report(drifted()), issue_of(incident, is_open=False)))
    assert [step.event for step in news(incident, result)] == [Event.DRIFT_BACK, Event.REOPEN]
    assert result.index.opening == {}


def test_an_issue_that_still_looks_closed_after_another_step_is_not_told_again() -> None:
    incident = after(after(detected(), Event.REOPEN, reason="too early"), Event.ACKNOWLEDGE)
    assert not triage(found(incident, report(drifted()), issue_of(incident, is_open=False))).changed


def test_an_issue_that_was_open_again_and_is_closed_once_more_is_told_once_more() -> None:
    incident = after(detected(), Event.REOPEN, reason="too early")
    seen = triage(found(incident, report(drifted()), issue_of(incident)))
    assert news(incident, seen) == []
    assert not triage(found(only(seen), report(drifted()), issue_of(incident))).changed
    closed = triage(found(only(seen), report(drifted()), issue_of(incident, is_open=False)))
    assert [step.event for step in news(incident, closed)] == [Event.REOPEN]


@pytest.mark.parametrize(("policy", "last"), [(OnDriftGone.RECONCILE, Event.REOPEN), (OnDriftGone.CLOSE, Event.CLOSE)])
def test_an_issue_closed_by_hand_whose_drift_is_gone_is_closed_by_policy_alone(policy, last) -> None:
    incident = detected()
    closed = issue_of(incident, is_open=False)
    result = triage(found(incident, report(also={"c1": SYNCED}), closed, policy={"on_drift_gone": policy}))
    assert [step.event for step in news(incident, result)] == [Event.DRIFT_GONE, last]


# State that was damaged


def test_an_incident_without_a_record_is_given_up_and_its_drift_opens_another() -> None:
    result = triage(facts(report(drifted()), index=IncidentsFile(open={STAR: 13})))
    assert (result.index.open, result.index.latest_closed) == ({}, {STAR: 13})
    assert result.index.opening[STAR].incident.previous_incident == 13


def test_a_closed_incident_on_the_list_of_open_ones_leaves_it() -> None:
    closed = standing(IncidentStatus.CLOSED)
    result = triage(facts(report(drifted()), closed))
    assert (result.incidents, result.index.open, result.index.latest_closed) == ({}, {}, {STAR: 42})


def test_an_incident_about_nothing_is_over() -> None:
    empty = replace(detected(), affected_workflows=())
    assert only(triage(facts(report(), empty))).resolution_type is ResolutionType.OTHER


def test_a_workflow_with_an_incident_of_its_own_leaves_the_one_about_everything_silently() -> None:
    star, own = detected(affected("c1"), affected("c2")), detected(affected("c1"), key="c1", number=43)
    result = triage(facts(report(drifted("c1"), drifted("c2")), star, own))
    assert news(star, result) == []
    assert ids(only(result)) == ["c2"]


def test_many_workflows_are_judged_without_looking_at_each_pair() -> None:
    """Five thousand in an open incident, and five thousand with one each: compared by key, not one by one."""
    looked_at = 0

    class Counting(tuple[WorkflowDrift, ...]):
        __slots__ = ()

        def __iter__(self) -> Any:
            nonlocal looked_at
            looked_at += 1
            return super().__iter__()

    workflows = [drifted(f"c{number}", kind=DriftKind.MISSING) for number in range(5_000)]
    own = [detected(affected(each.canonical_id or "", kind=DriftKind.MISSING), key=each.canonical_id, number=n)
           for n, each in enumerate(workflows, start=1)]  # fmt: skip
    drift = report(*workflows)
    result = triage(facts(replace(drift, workflows=Counting(workflows)), *own))
    assert not result.changed
    assert looked_at == 1
