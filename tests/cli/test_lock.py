"""`lock` and `unlock` on the command line."""

import json

from tests.cli.shop import Shop

REASON = "Stock taking until Monday"


def test_an_environment_is_locked_and_unlocked(shop: Shop) -> None:
    locked = shop.run("lock", "prod", REASON).out
    assert locked.startswith("Prod (prod) is locked: no promotion into it begins until it is unlocked.\n  ada, 20")
    assert REASON in locked
    state = shop.state("environments/prod/lock.json")
    assert (state["locked_by"], state["reason"], state["schema"]) == ("ada", REASON, 1)
    assert "was locked already, for the same reason" in shop.run("lock", "prod", REASON).out
    unlocked = shop.run("unlock", "prod").out
    assert unlocked.startswith("Prod (prod) is unlocked: promotions into it can go on.\n  before: ada, 20")
    assert shop.run("unlock", "prod").out == "Prod (prod) was not locked.\n"
    shop.run("audit", "verify")


def test_one_json_document_says_all(shop: Shop) -> None:
    document = shop.json("lock", "prod", REASON)
    lock = document.pop("lock")
    assert document == {
        "environment": "prod",
        "locked": True,
        "previous_lock": None,
        "changed": True,
        "dry_run": False,
    }
    assert (lock["locked_by"], lock["reason"]) == ("ada", REASON)
    again = shop.json("unlock", "prod")
    assert (again["locked"], again["lock"], again["previous_lock"]) == (False, None, lock)


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    before = shop.refs()
    assert "nothing was written" in shop.run("lock", "prod", REASON, "--dry-run").out
    assert shop.refs() == before


def test_what_somebody_else_locked_is_taken_by_force_alone(shop: Shop) -> None:
    lock = {"schema": 1, "locked_by": "grace", "locked_at": "2026-01-14T09:00:00Z", "reason": "Audit"}
    shop.write_state({"environments/prod/lock.json": json.dumps(lock).encode()})
    for command in (["lock", "prod", REASON], ["unlock", "prod"]):
        refused = shop.run(*command, code=3).err
        assert "grace locked Prod at 2026-01-14T09:00:00Z: Audit" in refused
        assert "--force" in refused
    assert "before: grace, 2026-01-14 09:00 UTC: Audit" in shop.run("lock", "prod", REASON, "--force").out
    assert shop.state("environments/prod/lock.json")["locked_by"] == "ada"


def test_an_unknown_environment_is_a_usage_error(shop: Shop) -> None:
    assert "No environment is called" in shop.run("lock", "nowhere", REASON, code=2).err


def test_a_reason_needs_no_quotes(shop: Shop) -> None:
    assert shop.json("lock", "prod", *REASON.split())["lock"]["reason"] == REASON


def test_a_lock_without_a_reason_is_a_usage_error(shop: Shop) -> None:
    assert "REASON" in shop.run("lock", "prod", code=2).err


def test_a_reason_cannot_forge_a_line_of_the_log(shop: Shop) -> None:
    shown = shop.run("lock", "prod", "fine\n::error::forged \x1b[31mred").out
    assert "\n::error::" not in shown
    assert "\x1b" not in shown


def test_a_lock_file_that_cannot_be_read_blocks(shop: Shop) -> None:
    shop.write_state({"environments/prod/lock.json": b"{"})
    assert "lock.json on the state branch cannot be read" in shop.run("unlock", "prod", code=4).err
