"""The state branch: what cannot be read is never in order, what is held or old is told with its age."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.doctor.facts import NOW, environment, words

from workflowops.core.audit import AuditFault, AuditProblem
from workflowops.core.claims import Claim, unreadable_claim
from workflowops.core.doctor.catalogue import environment_checks, state_checks_of
from workflowops.core.doctor.check import Verdict
from workflowops.core.doctor.state_checks import (
    EnvironmentFacts,
    StateFacts,
    baseline_is_there,
    claims_are_alive,
    environment_is_open,
    sync_is_recent,
)
from workflowops.core.promotion.record import LockFile
from workflowops.core.records import DriftStatus, EnvironmentRecord
from workflowops.core.timestamps import iso
from workflowops.errors import RemoteError

WHOLE = StateFacts(now=NOW, tip="a" * 40, files=12, claims=(), audit_entries=3, audit_problems=())
OUTAGE = RemoteError("The remote cannot be reached.", fix="Look at it.")
HOUR = timedelta(hours=1)
RECORD = EnvironmentRecord(
    environment="dev", title="Dev", drift_status=DriftStatus.IN_SYNC, last_sync_completed_at=iso(NOW - HOUR),
    last_sync_succeeded=True, onboarded_at=iso(NOW - 9 * HOUR),
)  # fmt: skip


def claim(*, age: timedelta = timedelta(minutes=2), lease: timedelta = timedelta(minutes=5)) -> Claim:
    begun = NOW - age
    return Claim(
        name="sync/dev", owner="ada", reason="sync of dev", claim_id="c", created_at=begun, renewed_at=begun,
        expires_at=begun + lease,
    )  # fmt: skip


def facts(record: EnvironmentRecord | None = RECORD, **more) -> EnvironmentFacts:
    return EnvironmentFacts(environment=environment(), now=NOW, record=record, **more)


def verdicts(checks) -> dict[str, str]:
    return {check.id: str(check.verdict) for check in checks}


@pytest.mark.parametrize(("found", "expected"), [
    pytest.param(WHOLE, "passed passed passed passed", id="whole"),
    pytest.param(replace(WHOLE, failure=OUTAGE), "broken skipped passed skipped", id="not read"),
    pytest.param(replace(WHOLE, tip=None), "warning skipped passed skipped", id="none yet"),
    pytest.param(replace(WHOLE, unreadable=("a.json is cut.",)), "passed broken passed passed", id="a file"),
    pytest.param(replace(WHOLE, claims=None), "passed passed unknown passed", id="claims not read"),
    pytest.param(replace(WHOLE, audit_problems=None), "passed passed passed unknown", id="audit not read"),
    pytest.param(
        replace(WHOLE, audit_problems=(AuditProblem("environments/dev/audit", 3, AuditFault.EDITED, "was edited"),)),
        "passed passed passed broken", id="audit edited",
    ),
])  # fmt: skip
def test_each_part_of_the_state_has_its_own_verdict(found, expected) -> None:
    names = ("state.branch", "state.files", "state.claims", "state.audit")
    assert verdicts(state_checks_of(found)) == dict(zip(names, expected.split(), strict=True))


@pytest.mark.parametrize(("claims", "verdict", "named"), [
    pytest.param((), Verdict.PASSED, "None is held", id="none"),
    pytest.param((claim(),), Verdict.PASSED, "sync/dev by ada (sync of dev), for 2 minutes", id="alive"),
    pytest.param((claim(age=HOUR),), Verdict.WARNING, "takes it over by itself", id="expired"),
    pytest.param((claim(age=timedelta(minutes=5)),), Verdict.WARNING, "for 5 minutes", id="expired just now"),
    pytest.param(
        (claim(), unreadable_claim("incidents", object_name="x", why="it is a blob")), Verdict.BROKEN,
        "git push origin :refs/workflowops/locks/incidents", id="unreadable",
    ),
])  # fmt: skip
def test_claims_are_told_by_whether_they_are_in_the_way(claims, verdict, named) -> None:
    found = claims_are_alive(replace(WHOLE, claims=claims))
    assert found.verdict is verdict
    assert named in words(found)


@pytest.mark.parametrize(("record", "verdict", "named"), [
    pytest.param(None, Verdict.WARNING, "never synced", id="unknown environment"),
    pytest.param(RECORD, Verdict.PASSED, "60 minutes ago", id="an hour"),
    pytest.param(
        replace(RECORD, last_sync_completed_at=iso(NOW - 48 * HOUR)), Verdict.PASSED, "2 days ago", id="two days",
    ),
    pytest.param(
        replace(RECORD, last_sync_completed_at=iso(NOW - 49 * HOUR)), Verdict.WARNING, "2 days ago", id="older",
    ),
    pytest.param(
        replace(RECORD, last_sync_succeeded=False, problem="n8n was down."), Verdict.WARNING, "n8n was down",
        id="failed",
    ),
    pytest.param(replace(RECORD, last_sync_completed_at="soon"), Verdict.UNKNOWN, "cannot be read", id="no time"),
])  # fmt: skip
def test_a_sync_that_failed_or_is_old_is_told(record, verdict, named) -> None:
    found = sync_is_recent(facts(record))
    assert found.verdict is verdict
    assert named in words(found)


@pytest.mark.parametrize(("record", "verdict"), [
    (None, Verdict.WARNING),
    (replace(RECORD, onboarded_at=None), Verdict.WARNING),
    (replace(RECORD, drift_status=DriftStatus.UNKNOWN), Verdict.UNKNOWN),
    (replace(RECORD, drift_status=DriftStatus.DRIFT_DETECTED), Verdict.PASSED),
], ids=["no record", "no baseline", "not compared", "drift is no fault of the set-up"])  # fmt: skip
def test_an_environment_without_a_baseline_is_told(record, verdict) -> None:
    assert baseline_is_there(facts(record)).verdict is verdict


def test_a_lock_is_told_with_who_since_when_and_why() -> None:
    lock = LockFile(locked_by="ada", locked_at=iso(NOW - 3 * HOUR), reason="audit")
    found = environment_is_open(facts(lock=lock))
    assert (found.verdict, found.found) == (Verdict.WARNING, "ada locked it 3 hours ago: audit")
    assert "unlock --environment dev" in words(found)


def test_nothing_is_said_of_an_environment_whose_record_could_not_be_read() -> None:
    assert set(verdicts(environment_checks(facts(is_read=False))).values()) == {"skipped"}
