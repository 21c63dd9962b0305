"""`doctor` looks at everything, whatever is broken, and writes nothing."""

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.commands.builders import World, baselined
from tests.commands.fakes import FakeN8n

from workflowops.commands.doctor import Doctor, diagnose
from workflowops.commands.ports_doctor import N8nExaminer
from workflowops.core.claims import Claim
from workflowops.core.configuration import Connection, Environment, Pipeline, Stage
from workflowops.core.doctor.check import Check, Verdict
from workflowops.core.doctor.key import KeyRights
from workflowops.core.doctor.report import Diagnosis
from workflowops.core.promotion.target import Credential
from workflowops.errors import (
    N8nForbiddenError,
    N8nNotFoundError,
    N8nUnauthorizedError,
    N8nUnreachableError,
    RemoteError,
)

READING = KeyRights(scopes=frozenset({"workflow:list", "workflow:read", "credential:list"}))
BASIC = "httpBasicAuth"


@dataclass
class ExaminedN8n:
    """A FakeN8n that also tells its clock, its credentials and what the key may do."""

    server: FakeN8n
    now: Any
    rights: KeyRights | Exception = READING
    held: tuple[Credential, ...] | Exception = ()
    asked_for_rights: bool = False

    async def __aenter__(self) -> "ExaminedN8n":
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server, name)

    async def clock(self) -> datetime | None:
        self.server._ask("clock")
        return self.now()

    async def key_rights(self) -> KeyRights:
        self.asked_for_rights = True
        if isinstance(self.rights, Exception):
            raise self.rights
        return self.rights

    async def list_credentials(self) -> tuple[Credential, ...]:
        if isinstance(self.held, Exception):
            raise self.held
        return self.held


class Ward:
    """A world and its doctor; `examined` are the instances as the doctor meets them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.examined = {name: ExaminedN8n(n8n, world.clock) for name, n8n in world.n8n.items()}

    def open(self, connection: Connection, environment: Environment) -> AbstractAsyncContextManager[N8nExaminer]:
        self.world.n8n[environment.name].used_with(connection.api_key)
        return self.examined[environment.name]

    def diagnosis(self, *names: str, **more: Any) -> Diagnosis:
        doctor = Doctor(
            workspace=self.world.workspace(is_dry_run=True),
            open_examiner=self.open,
            settings=None,
            state_branch="workflowops-state",
            wants_repository=False,
        )
        return diagnose(replace(doctor, **more), self.world.environments(*names))


def found(diagnosis: Diagnosis, *, subject: str) -> Mapping[str, Check]:
    return {check.id: check for check in diagnosis.checks if check.subject == subject}


def test_a_world_in_order_is_all_in_order_and_nothing_is_written() -> None:
    ward = Ward(baselined("dev", "prod"))
    ward.world.sync()
    before = dict(ward.world.state.files)
    diagnosis = ward.diagnosis()
    needing = {check.id: check.found for check in diagnosis.checks if check.fix is not None}
    assert set(needing) <= {"n8n.abilities"}  # the fake server is an older one
    assert not diagnosis.is_broken
    assert ward.world.state.files == before
    assert ward.world.state.claims == {}


def test_an_instance_that_is_down_does_not_keep_the_others_from_being_looked_at() -> None:
    ward = Ward(baselined("dev", "prod"))
    ward.world.n8n["prod"].outage = N8nUnreachableError("It cannot be reached.", fix="Start it.")
    diagnosis = ward.diagnosis()
    assert found(diagnosis, subject="environment prod")["n8n.answers"].verdict is Verdict.BROKEN
    assert found(diagnosis, subject="environment dev")["n8n.answers"].verdict is Verdict.PASSED
    assert diagnosis.is_broken


def test_a_variable_that_is_unset_breaks_its_environment_alone() -> None:
    ward = Ward(baselined("dev", "prod"))
    del ward.world.variables["KEY_DEV"]
    diagnosis = ward.diagnosis()
    settings = found(diagnosis, subject="environment dev")["n8n.settings"]
    assert (settings.verdict, "KEY_DEV" in settings.found) == (Verdict.BROKEN, True)
    assert found(diagnosis, subject="environment prod")["n8n.settings"].verdict is Verdict.PASSED


def test_a_wrong_key_is_told_as_such() -> None:
    ward = Ward(baselined("dev"))
    ward.world.variables["KEY_DEV"] = "key-of-prod"
    checks = found(ward.diagnosis(), subject="environment dev")
    assert (checks["n8n.answers"].verdict, checks["n8n.key"].verdict) == (Verdict.PASSED, Verdict.BROKEN)


def test_rights_and_credentials_that_cannot_be_asked_are_not_in_order() -> None:
    ward = Ward(baselined("dev"))
    refused = N8nForbiddenError("It may not.", fix="Let it.")
    ward.examined["dev"].rights, ward.examined["dev"].held = refused, refused
    checks = found(ward.diagnosis(), subject="environment dev")
    assert checks["n8n.excess"].verdict is Verdict.UNKNOWN
    assert checks["n8n.credentials"].verdict is Verdict.SKIPPED


@pytest.mark.parametrize(
    "error", [N8nNotFoundError, N8nForbiddenError, N8nUnauthorizedError], ids=["404", "403", "401"]
)
def test_what_has_not_shown_that_it_is_n8n_is_never_probed_for_the_rights_of_the_key(error) -> None:
    """The probes are a PUT and a POST: on another program behind this address they could do anything."""
    ward = Ward(baselined("dev"))
    refusal = error("No such thing.", fix="Check the url.")
    ward.world.n8n["dev"].abilities_fail = refusal
    ward.world.n8n["dev"].before_page = _raising(refusal)
    checks = found(ward.diagnosis(), subject="environment dev")
    assert not ward.examined["dev"].asked_for_rights
    assert checks["n8n.answers"].verdict is not Verdict.PASSED
    assert checks["n8n.excess"].verdict is not Verdict.PASSED


def _raising(error: Exception) -> Any:
    def fail(_: int) -> None:
        raise error

    return fail


def test_a_clock_that_is_off_is_told() -> None:
    ward = Ward(baselined("dev"))
    ward.examined["dev"].now = lambda: ward.world.clock.now + timedelta(hours=1)
    assert found(ward.diagnosis(), subject="environment dev")["n8n.clock"].verdict is Verdict.WARNING


def test_a_pipeline_is_checked_between_its_stages_and_a_single_environment_is_not_compared() -> None:
    ward = Ward(baselined("dev", "prod"))
    stages = (Stage(environment="dev"), Stage(environment="prod"))
    pipelines = {"default": Pipeline(name="default", stages=stages)}
    ward.world.configuration = replace(ward.world.configuration, pipelines=pipelines)
    assert "n8n.credentials.next" in found(ward.diagnosis(), subject="environment prod")
    alone = found(ward.diagnosis("prod"), subject="environment prod")["n8n.credentials.next"]
    assert (alone.verdict, alone.found) == (Verdict.SKIPPED, "dev was not looked at.")


@pytest.mark.parametrize(("path", "content", "named"), [
    ("environments/dev/mapping.json", b'{"schema": 1, "canon', "mapping.json"),
    ("environments/dev/mapping.json", json.dumps({"schema": 99}).encode(), "schema 99"),
    ("incidents/7.json", b"[]", "incidents/7.json"),
    *(
        (path, json.dumps({"schema": 1, "incidents": 1, "requests": 1, "handled": 1, "drawings": 1, "number": "x",
                           "intent": 7, "status": "?", "locked_by": 1, "open": 1, "last": "x"}).encode(), path)
        for path in (
            "incidents/7.json", "incidents/7.drawings.json", "environments/dev/incidents.json", "dashboard.json",
            "environments/dev/lock.json", "promotions/promo-1.json", "promotions/promo-1.drawings.json",
            "promotions/index.json", "onboarding.json", "comments/pull_requests.json",
        )
    ),
    ("later/unheard-of.json", json.dumps({"schema": 2}).encode(), "schema 2"),
])  # fmt: skip
def test_every_file_of_the_state_is_tried(path, content, named) -> None:
    ward = Ward(baselined("dev"))
    ward.world.state.write({path: content})
    check = found(ward.diagnosis(), subject="state")["state.files"]
    assert check.verdict is Verdict.BROKEN
    assert named in " ".join(check.details)


def test_a_state_that_cannot_be_reached_is_broken_and_its_parts_are_skipped() -> None:
    ward = Ward(baselined("dev"))
    ward.world.state.outage = RemoteError("The remote cannot be reached.", fix="Look at it.")
    diagnosis = ward.diagnosis()
    assert found(diagnosis, subject="state")["state.branch"].verdict is Verdict.BROKEN
    assert found(diagnosis, subject="environment dev")["state.sync"].verdict is Verdict.SKIPPED


def test_claims_that_cannot_be_listed_are_unknown() -> None:
    ward = Ward(baselined("dev"))
    ward.world.state.holders_outage = RemoteError("No.", fix="Look.")
    assert found(ward.diagnosis(), subject="state")["state.claims"].verdict is Verdict.UNKNOWN


def test_a_claim_of_a_run_that_died_is_told() -> None:
    ward = Ward(baselined("dev"))
    begun = ward.world.clock.now - timedelta(hours=2)
    ward.world.state.claims["sync/dev"] = Claim(
        name="sync/dev", owner="ada", reason="sync", claim_id="x", created_at=begun, renewed_at=begun,
        expires_at=begun + timedelta(minutes=5),
    )  # fmt: skip
    assert found(ward.diagnosis(), subject="state")["state.claims"].verdict is Verdict.WARNING


def test_an_audit_log_that_was_edited_is_broken() -> None:
    ward = Ward(baselined("dev"))
    path = next(path for path in ward.world.state.files if path.endswith(".jsonl"))
    ward.world.state.write({path: ward.world.state.files[path].replace(b"ada", b"eve", 1)})
    assert found(ward.diagnosis(), subject="state")["state.audit"].verdict is Verdict.BROKEN


@pytest.mark.parametrize(("wanted", "verdict"), [(True, Verdict.UNKNOWN), (False, Verdict.SKIPPED)])
def test_github_that_was_not_looked_at_is_never_in_order(wanted, verdict) -> None:
    diagnosis = Ward(baselined("dev")).diagnosis(wants_repository=wanted)
    assert {check.verdict for check in diagnosis.checks if check.subject == "repository"} == {verdict}


def test_a_workflow_that_cannot_be_read_is_named_and_masked() -> None:
    ward = Ward(baselined("dev"))
    ward.world.n8n["dev"].store["odd"] = {"id": "odd", "name": "Odd one"}
    check = found(ward.diagnosis(), subject="environment dev")["n8n.workflows"]
    assert check.verdict is Verdict.WARNING
    assert "Odd one" in " ".join(check.details)


@pytest.mark.parametrize(("path", "skipped"), [
    ("environments/dev/environment.json", {"state.sync", "state.baseline"}),
    ("environments/dev/lock.json", {"state.lock"}),
])  # fmt: skip
def test_a_damaged_file_hides_its_own_checks_alone_and_is_not_told_as_a_branch_that_cannot_be_read(
    path, skipped
) -> None:
    ward = Ward(baselined("dev"))
    ward.world.state.write({path: b"{"})
    diagnosis = ward.diagnosis()
    checks = found(diagnosis, subject="environment dev")
    assert {name for name, each in checks.items() if "state" in name and each.verdict is Verdict.SKIPPED} == skipped
    assert {checks[name].found for name in skipped} == {"Its file on the state branch cannot be read."}
    assert found(diagnosis, subject="state")["state.branch"].verdict is Verdict.PASSED
