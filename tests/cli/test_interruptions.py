"""Being told to stop, being two, being dead: what was read is kept, claims end, and nothing is done twice."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shop import Shop, opened_shop, small
from tests.git_repositories import git, install_hook
from tests.test_architecture import SOURCE

from workflowops.core.claims import Claim, render_claim
from workflowops.io.state import GitStateStore

LIST = "/api/v1/workflows"
LOCK = "refs/workflowops/locks/sync/prod"
PATIENCE = 300
"""Seconds after which a test gives up; nothing is measured by it."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """An environment of two pages that nobody synced yet."""
    with opened_shop(tmp_path / "shop", "prod") as opened:
        for number in range(300):
            opened.put("prod", small(f"W{number}", url=f"https://api.example.com/{number}"), id=f"id{number:04d}")
        yield opened


@contextlib.contextmanager
def stopped_at_page(shop: Shop, page: int) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Hold the answer to the n-th page back: the first event says that it was asked for, the second lets it go."""
    asked, go = threading.Event(), threading.Event()
    pages = 0

    def hold(request) -> None:
        nonlocal pages
        pages += request.path == LIST
        if request.path == LIST and pages == page:
            asked.set()
            go.wait(PATIENCE)

    shop.instances["prod"].before_request(hold)
    try:
        yield asked, go
    finally:
        go.set()


# A shell lets what it runs in the background ignore SIGINT, and that is inherited by whoever the tests start.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from workflowops.cli import main
sys.exit(main())
"""


def start(shop: Shop, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, *arguments],
        cwd=shop.checkout,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_sync_that_is_told_to_stop_keeps_what_it_read_and_gives_its_claim_back(shop: Shop, number) -> None:
    with stopped_at_page(shop, 2) as (asked, _), start(shop, "sync") as process:
        assert asked.wait(PATIENCE)
        assert process.stderr is not None
        assert process.stderr.readline() == b"prod: 250 workflows read\n"
        assert LOCK in shop.refs()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert (out, b"Traceback" in err) == (b"", False)
    assert b"Stopped." in err
    assert LOCK not in shop.refs()
    assert len(shop.state("environments/prod/mapping.json")["workflows"]) == 250
    job = shop.state("environments/prod/jobs.json")["jobs"][0]
    assert (job["status"], job["checkpoint"]["last_processed_index"]) == ("interrupted", 250)
    synced = shop.json("sync")
    assert (synced["workflows_skipped"], synced["workflows_synced"]) == (250, 300)


def test_a_drift_check_that_is_told_to_stop_says_nothing_and_writes_nothing(shop: Shop) -> None:
    with stopped_at_page(shop, 2) as (asked, _), start(shop, "drift") as process:
        assert asked.wait(PATIENCE)
        before = shop.refs()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (130, b""), err
    assert shop.refs() == before


def test_what_a_killed_sync_claimed_is_taken_over(shop: Shop) -> None:
    """At once on the machine that it ran on, which knows that it is gone; after its time anywhere else."""
    with stopped_at_page(shop, 1) as (asked, _), start(shop, "sync") as process:
        assert asked.wait(PATIENCE)
        process.kill()
        process.communicate(timeout=PATIENCE)
    assert LOCK in shop.refs()
    assert shop.json("sync")["environments"][0]["is_new"] is True
    assert LOCK not in shop.refs()
    _hold(shop, expires_in=timedelta(seconds=-1))
    assert shop.json("sync")["environments"][0]["is_new"] is True
    assert LOCK not in shop.refs()


def test_the_second_of_two_syncs_gets_the_running_job(shop: Shop) -> None:
    with stopped_at_page(shop, 1) as (asked, go), start(shop, "sync", "--json") as process:
        assert asked.wait(PATIENCE)
        second = shop.json("sync")["environments"][0]
        assert (second["is_new"], second["status"]) == (False, "running")
        assert second["job_id"].startswith("job-")
        go.set()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert f'"job_id": "{second["job_id"]}"'.encode() in out
    assert [job["id"] for job in shop.state("environments/prod/jobs.json")["jobs"]] == [second["job_id"]]


def _hold(shop: Shop, *, expires_in: timedelta) -> None:
    """Let somebody hold the sync of production, whoever does now."""
    if LOCK in shop.refs():
        git("update-ref", "-d", LOCK, cwd=shop.remote)
    now = datetime.now(UTC)
    claim = Claim(
        name="sync/prod",
        owner="grace",
        reason="sync of prod",
        claim_id="job-of-grace",
        created_at=now,
        renewed_at=now,
        expires_at=now + expires_in,
    )
    store = GitStateStore(shop.checkout)
    assert store.acquire(claim) is None
    store.close()


@pytest.mark.parametrize(("minutes", "is_new"), [(15, False), (-1, True)], ids=["living", "dead"])
def test_a_claim_is_respected_while_its_owner_lives(shop: Shop, minutes, is_new) -> None:
    _hold(shop, expires_in=timedelta(minutes=minutes))
    synced = shop.json("sync")["environments"][0]
    assert synced["is_new"] is is_new
    assert (synced["job_id"] == "job-of-grace") is not is_new
    assert (LOCK in shop.refs()) is not is_new


def test_a_claim_that_nobody_can_read_blocks_and_says_how_to_remove_it(shop: Shop) -> None:
    tree = git("hash-object", "-t", "tree", "-w", "--stdin", cwd=shop.remote)
    odd = git("commit-tree", tree, "-m", "Lock", "-m", "not a claim", cwd=shop.remote)
    git("update-ref", LOCK, odd, cwd=shop.remote)
    ran = shop.run("sync", code=4)
    assert f":{LOCK}" in ran.out
    assert shop.refs()[LOCK] == odd


def test_claims_of_other_environments_are_left_alone(shop: Shop) -> None:
    other = render_claim(
        Claim(
            name="sync/dev",
            owner="grace",
            reason="x",
            claim_id="c",
            created_at=datetime.now(UTC),
            renewed_at=datetime.now(UTC),
            expires_at=datetime.now(UTC),
        )
    ).decode()
    tree = git("hash-object", "-t", "tree", "-w", "--stdin", cwd=shop.remote)
    held = git("commit-tree", tree, "-m", "Lock", "-m", other, cwd=shop.remote)
    git("update-ref", "refs/workflowops/locks/sync/dev", held, cwd=shop.remote)
    shop.run("sync")
    assert shop.refs()["refs/workflowops/locks/sync/dev"] == held


def test_a_state_that_takes_nothing_gives_the_claim_back_where_it_can(shop: Shop) -> None:
    install_hook(shop.remote, "update", 'test "$1" != refs/heads/workflowops-state')
    shop.run("sync", code=4)
    assert LOCK not in shop.refs()
