"""Auditing: entries stand in the same write as what they speak of, one chain an environment."""

from dataclasses import replace
from datetime import timedelta

from tests.commands.builders import BEGIN, World, baselined, document

from workflowops.commands.audit import verify_audit
from workflowops.commands.auditing import baseline_entry, recorded
from workflowops.core.records import EnvironmentRecord, decode

RECORD = EnvironmentRecord(environment="prod", title="Prod")


def entry(world: World, *, at=BEGIN):
    return baseline_entry(world.workspace(), "prod", accepted=1, left_out=0, now=at)


def test_a_record_without_entries_is_written_alone() -> None:
    world = World()
    assert list(recorded(world.state.view(), RECORD, ())) == ["environments/prod/environment.json"]


def test_the_record_names_the_last_line() -> None:
    world = World()
    files = recorded(world.state.view(), RECORD, (entry(world), entry(world)))
    assert set(files) == {"environments/prod/environment.json", "environments/prod/audit/2026-01.jsonl"}
    world.state.write(files)
    path = "environments/prod/environment.json"
    record = decode(world.state.files[path], EnvironmentRecord, path=path)
    assert record is not None
    assert record.audit_head == world.audit()[-1]["hash"]
    assert verify_audit(world.state).problems == ()


def test_a_new_month_follows_the_one_before() -> None:
    world = World()
    for days in (0, 20, 50, 400):
        world.state.write(recorded(world.state.view(), RECORD, (entry(world, at=BEGIN + timedelta(days=days)),)))
    assert sum(path.endswith(".jsonl") for path in world.state.files) == 4
    assert len(world.audit()) == 4
    assert verify_audit(world.state).problems == ()


def test_the_log_of_another_environment_is_left_alone() -> None:
    world = World("prod", "production")
    world.state.write(recorded(world.state.view(), RECORD, (entry(world),)))
    other = replace(RECORD, environment="production")
    world.state.write(recorded(world.state.view(), other, (replace(entry(world), environment="production"),)))
    assert [len(world.audit(name)) for name in ("prod", "production")] == [1, 1]
    assert verify_audit(world.state).problems == ()


def test_who_did_it_is_in_every_line() -> None:
    world = baselined("prod")
    assert {line["user_id"] for line in world.audit()} == {"ada"}
    assert {line["environment"] for line in world.audit()} == {"prod"}
    assert len({line["id"] for line in world.audit()}) == len(world.audit())


def test_a_dry_run_leaves_no_line() -> None:
    world = baselined("prod")
    before = len(world.audit())
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    world.drift(is_dry_run=True)
    world.baseline(is_dry_run=True)
    assert len(world.audit()) == before


def test_a_decision_made_again_leaves_one_line() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    before = len(world.audit())
    world.state.interference = [lambda: world.state.write({"environments/prod/x": b""})] * 3
    world.drift()
    assert len(world.audit()) == before + 1
    assert verify_audit(world.state).problems == ()


def test_a_clock_that_is_behind_does_not_break_the_chain() -> None:
    """Two runners a second apart at the turn of a month."""
    world = World()
    for seconds in (0, -1):
        at = BEGIN.replace(month=2, day=1, hour=0) + timedelta(seconds=seconds)
        world.state.write(recorded(world.state.view(), RECORD, (entry(world, at=at),)))
    world.state.write(recorded(world.state.view(), RECORD, (entry(world, at=BEGIN.replace(month=2)),)))
    assert verify_audit(world.state).problems == ()
