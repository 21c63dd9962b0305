"""What is under way: the severest and oldest first, with its age, and nothing that is over."""

from datetime import UTC, datetime

import pytest
from tests.core.incident.builders import AT, detected, later, standing
from tests.core.promotion.records import approval, promotion

from workflowops.core.claims import Claim, unreadable_claim
from workflowops.core.configuration import (
    Approval,
    Configuration,
    Gates,
    IncidentSeverity,
    Pipeline,
    Stage,
)
from workflowops.core.incident.record import IncidentStatus
from workflowops.core.promotion.record import ENDED, LockFile, PromotionStatus
from workflowops.core.status_open import held_claims, open_incidents, open_locks, waiting_promotions

NOW = later(hours=2)
PROMOTED = datetime(2026, 1, 14, 12, 30, tzinfo=UTC)


def configured(**gates) -> Configuration:
    stages = (Stage(environment="dev"), Stage(environment="staging", gates=Gates(**gates)))
    return Configuration(version=1, environments={}, pipelines={"default": Pipeline(name="default", stages=stages)})


def test_incidents_that_are_not_closed_are_open() -> None:
    found = open_incidents([standing(status, detected(number=7)) for status in IncidentStatus], now=NOW)
    assert {each.status for each in found} == {*IncidentStatus} - {IncidentStatus.CLOSED}


def test_the_severest_comes_first_and_of_those_the_oldest() -> None:
    records = [
        detected(number=1, severity=IncidentSeverity.LOW, detected_at="2025-01-01T00:00:00Z"),
        detected(number=2),
        detected(number=3, detected_at="2026-01-13T15:25:00Z"),
        detected(number=4, severity=IncidentSeverity.CRITICAL),
    ]
    assert [each.number for each in open_incidents(records, now=NOW)] == [4, 3, 2, 1]


def test_an_incident_says_how_long_it_waits_and_what_drifted() -> None:
    [found] = open_incidents([detected(assigned_to="ada", drift_gone_at=AT)], now=NOW)
    assert (found.number, found.age_seconds, found.assigned, found.drift_is_gone) == (42, 7200, "ada", True)
    assert (found.workflows, found.environment) == (("Workflow c1",), "prod")


def test_an_incident_without_an_issue_has_no_number() -> None:
    assert open_incidents([detected(number=0, url=None)], now=NOW)[0].number is None


@pytest.mark.parametrize("status", [*PromotionStatus])
def test_a_promotion_is_open_until_it_has_ended(status) -> None:
    found = waiting_promotions([promotion(status=status)], configured(), now=PROMOTED)
    assert bool(found) is (status not in ENDED)


def test_a_promotion_says_who_approves_it_and_who_did() -> None:
    record = promotion(approvals=(approval(), approval("ada"), approval()), workflow_selection=("a", "b"))
    [found] = waiting_promotions([record], configured(approval=Approval.COMMENTS, min_approvals=3), now=PROMOTED)
    assert (found.approval, found.min_approvals, found.approved_by) == (Approval.COMMENTS, 3, ("grace", "ada"))
    assert (found.age_seconds, found.workflows, found.source, found.target) == (7200, 2, "dev", "staging")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(promotion(pipeline_id=None), id="outside of pipelines"),
        pytest.param(promotion(pipeline_id="gone"), id="a pipeline that is configured no more"),
        pytest.param(promotion(target_stage="gone"), id="a stage that is configured no more"),
        pytest.param(promotion(), id="nobody is asked"),
    ],
)
def test_where_no_gate_asks_for_approval_none_is_told(record) -> None:
    assert waiting_promotions([record], configured(approval=Approval.NONE), now=PROMOTED)[0].approval is None


def test_locks_stand_by_environment_with_their_age() -> None:
    def lock(at: str) -> LockFile:
        return LockFile(locked_by="ada", locked_at=at, reason="freeze")

    found = open_locks({"prod": lock("2026-01-14T17:24:00Z"), "dev": lock("2030-01-01T00:00:00Z")}, now=NOW)
    assert [(each.environment, each.age_seconds) for each in found] == [("dev", 0), ("prod", 60)]


def test_claims_say_whether_their_time_is_over() -> None:
    def claim(name: str, **hours: int) -> Claim:
        begun = later(hours=hours["begun"])
        return Claim(name, "ada", "sync", f"{name}-1", begun, begun, later(hours=hours["ends"]))

    unreadable = unreadable_claim("x", object_name="0" * 40, why="it is a blob")
    found = held_claims([unreadable, claim("b", begun=1, ends=3), claim("a", begun=0, ends=2)], now=NOW)
    assert [(each.name, each.age_seconds, each.is_dead, each.is_unreadable) for each in found] == [
        ("a", 7200, True, False),
        ("b", 3600, False, False),
        ("x", None, False, True),
    ]
