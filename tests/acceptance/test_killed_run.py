"""`promote apply` killed with SIGKILL at one of its writes: the next run of the command line puts the target back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shop import Shop, alone, configuration, opened_shop
from tests.commands.promotion_world import WRITES, essence, legacy, orders, stock

from workflowops.sandbox.application import SeenRequest

pytestmark = pytest.mark.long

SOURCE = Path(__file__).parents[2] / "src"
_PIPELINE = b"""
pipelines:
  default:
    allow_unreviewed: true
    stages:
      - environment: dev
      - environment: staging
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A target that runs three workflows, and a commit that changes two of them and removes the third."""
    alone(monkeypatch, tmp_path / "home")
    with opened_shop(tmp_path / "shop", "dev", "staging") as opened:
        opened.commit({"workflowops.yml": configuration("dev", "staging") + _PIPELINE})
        opened.instances["staging"].instance.add_credential("API Auth", "httpBasicAuth", id="cred-1")
        opened.put("staging", stock(), id="stock", active=True)
        opened.put("staging", orders("https://api.example.com/v1", stock_id="stock"), id="orders", active=True)
        opened.put("staging", legacy(), id="legacy", active=True)
        opened.run("onboard", "--all", "--direct", "--environment", "staging")
        opened.run("baseline", "--environment", "staging")
        changed: dict[str, bytes | None] = {}
        for name in ("stock", "orders"):
            path = opened.checkout / "staging" / f"{name}.json"
            document = json.loads(path.read_bytes())
            for node in document["nodes"]:
                if node["name"] == "Request":
                    node["parameters"]["url"] += "/changed"
            changed[f"staging/{name}.json"] = json.dumps(document, indent=2).encode()
        changed |= {"staging/legacy.json": None, "staging/legacy.wfo.json": None}
        opened.commit(changed)
        opened.run("promote", "plan", "--base", "HEAD~1")
        yield opened


def held(shop: Shop) -> dict[str, Any]:
    instance = shop.instances["staging"].instance
    return {workflow_id: essence(instance.document(workflow_id)) for workflow_id in instance.ids()}


def kill_at_write(shop: Shop, number: int) -> int:
    """Run `promote apply` in a process of its own, kill it when its n-th write arrives, and answer its exit code."""
    seen: list[str] = []

    def hook(request: SeenRequest) -> None:
        if request.method in WRITES:
            seen.append(request.path)
            if len(seen) == number:
                process.kill()
                process.wait()

    shop.instances["staging"].before_request(hook)
    process = subprocess.Popen(
        [sys.executable, "-m", "workflowops", "promote", "apply", "--promotion", "promo-1"],
        cwd=shop.checkout,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return process.wait()


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_a_run_that_is_killed_is_brought_to_an_end_by_the_next_one(shop: Shop, number: int) -> None:
    before = held(shop)
    assert kill_at_write(shop, number) == -signal.SIGKILL
    assert shop.state("promotions/promo-1.json")["status"] == "running"
    is_whole = number == 5
    shop.run("promote", "apply", "--promotion", "promo-1", code=0 if is_whole else 4)
    assert shop.state("promotions/promo-1.json")["status"] == ("completed" if is_whole else "rolled_back")
    assert (held(shop) == before) is not is_whole
