"""`audit verify`: an edited, cut or removed log is seen, an untouched one is not suspected."""

from datetime import timedelta

import pytest
from tests.commands.builders import World, baselined, document

from workflowops.commands.audit import AuditOutcome, verify_audit
from workflowops.core.audit import AuditFault
from workflowops.errors import RemoteError, StateError

LOG = "environments/prod/audit/2026-01.jsonl"


def busy() -> World:
    """A world with three months of log in two environments."""
    world = baselined("dev", "prod")
    for number in range(4):
        world.clock.now += timedelta(days=20)
        for name in ("dev", "prod"):
            world.put(name, "w0", document("Orders 0", url=f"https://{number}.example.com"), active=bool(number % 2))
        world.drift()
        world.baseline()
    return world


def faults(outcome: AuditOutcome) -> set[AuditFault]:
    return {problem.fault for problem in outcome.problems}


def test_what_the_commands_wrote_is_intact() -> None:
    world = busy()
    outcome = verify_audit(world.state)
    assert outcome.problems == ()
    assert outcome.files == sum(path.endswith(".jsonl") for path in world.state.files)
    assert outcome.files >= 4
    assert outcome.entries == len(world.audit("dev")) + len(world.audit("prod"))


def test_an_empty_state_is_intact() -> None:
    assert verify_audit(World().state) == AuditOutcome(files=0, entries=0, problems=())


def test_every_line_follows_the_one_before_over_months() -> None:
    entries = busy().audit("prod")
    assert [entry["previous_hash"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(lambda text: text.replace(b'"ada"', b'"eve"', 1), AuditFault.EDITED, id="a name edited"),
        pytest.param(lambda text: text.split(b"\n", 1)[1], AuditFault.BROKEN_MONTH, id="the first line removed"),
        pytest.param(lambda text: text[:-20], AuditFault.CUT_SHORT, id="cut short"),
        pytest.param(lambda text: text + text.splitlines(keepends=True)[-1], AuditFault.REPEATED, id="a line twice"),
        pytest.param(lambda text: b"", AuditFault.CUT_SHORT, id="emptied"),
    ],
)
def test_a_log_that_is_not_what_was_written_is_seen(change, fault) -> None:
    world = busy()
    world.state.write({LOG: change(world.state.files[LOG])})
    outcome = verify_audit(world.state)
    assert fault in faults(outcome)
    assert all(problem.path.startswith("environments/prod/") for problem in outcome.problems)


def test_the_last_lines_cannot_be_removed_unseen() -> None:
    world = busy()
    last = max(path for path in world.state.files if path.startswith("environments/prod/audit/"))
    lines = world.state.files[last].splitlines(keepends=True)
    world.state.write({last: b"".join(lines[:-1]) or None})
    assert verify_audit(world.state).problems != ()


def test_a_whole_log_cannot_be_removed_unseen() -> None:
    world = busy()
    world.state.write(dict.fromkeys([path for path in world.state.files if "/prod/audit/" in path]))
    outcome = verify_audit(world.state)
    assert [(problem.path, problem.fault) for problem in outcome.problems] == [
        ("environments/prod/audit", AuditFault.CUT_SHORT)
    ]


def test_a_record_that_cannot_be_read_is_told() -> None:
    world = busy()
    world.state.write({"environments/prod/environment.json": b"{"})
    with pytest.raises(StateError):
        verify_audit(world.state)


def test_a_remote_that_is_gone_is_told() -> None:
    world = busy()
    world.state.outage = RemoteError("The remote is gone.", fix="Look.")
    with pytest.raises(RemoteError):
        verify_audit(world.state)


def test_a_command_does_not_write_behind_a_broken_line() -> None:
    """What came after it could not be chained, so it would look like the forger's work."""
    world = baselined("prod")
    world.state.write({LOG: world.state.files[LOG][:-5]})
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    before = dict(world.state.files)
    report = world.drift("prod")
    assert report.not_recorded is not None
    assert "audit" in report.not_recorded.reason
    assert report.drifted == 1
    assert world.state.files == before
