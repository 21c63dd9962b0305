"""`onboard` from the command line: by pull request, with issues and pull requests as files in a folder."""

import json
from pathlib import Path
from typing import Any

from tests.cli.shop import Shop, example
from tests.git_repositories import files_of, git

SLUG = "customer_survey_automation"
BRANCH = f"workflowops/onboard-dev-{SLUG}"


def folder(shop: Shop) -> Path:
    return shop.checkout.parent / "desk"


def onboard(shop: Shop, *arguments: str, code: int = 0) -> Any:
    return shop.json(*("onboard", "--environment", "dev", "--issues-folder", str(folder(shop))), *arguments, code=code)


def pull_request(shop: Shop, number: int = 1) -> Any:
    return json.loads((folder(shop) / "pull-requests" / f"{number}.json").read_text())


def test_a_workflow_is_proposed_merged_and_linked_by_the_next_sync(shop: Shop) -> None:
    created = shop.put("dev", example(SLUG), active=True)
    main = git("rev-parse", "main", cwd=shop.remote)
    document = onboard(
        shop,
        *("--workflow", created, "--description", "Collects answers", "--tags", "surveys,customers"),
        *("--message", "Add customer survey automation workflow"),
    )
    assert (document["workflows_proposed"], document["workflows_onboarded"], document["branch"]) == (1, 0, BRANCH)
    assert document["pull_request"]["number"] == 1
    assert document["workflows"][0]["workflow_mapping"]["status"] == "unmapped"
    assert git("rev-parse", "main", cwd=shop.remote) == main
    assert git("log", "-1", "--format=%P", BRANCH, cwd=shop.remote) == main
    assert git("log", "-1", "--format=%s", BRANCH, cwd=shop.remote) == "Add customer survey automation workflow"
    assert {*files_of(shop.remote, BRANCH)} - {*files_of(shop.remote, "main")} == {*document["files"]}
    assert (pull_request(shop)["head"], pull_request(shop)["base"]) == (BRANCH, "main")
    assert shop.state("onboarding.json")["requests"][f"dev/{created}"]["status"] == "proposed"

    git("fetch", "origin", BRANCH, cwd=shop.checkout)
    git("merge", "--ff-only", "FETCH_HEAD", cwd=shop.checkout)
    git("push", "origin", "HEAD:main", cwd=shop.checkout)
    shop.run("sync", "--environment", "dev")
    entry = shop.state("environments/dev/mapping.json")["workflows"][created]
    assert (entry["status"], entry["canonical_id"]) == (
        "linked",
        document["workflows"][0]["canonical_workflow"]["id"],
    )


def test_asked_twice_there_is_one_pull_request(shop: Shop) -> None:
    created = shop.put("dev", example(SLUG), active=True)
    onboard(shop, "--workflow", created)
    again = onboard(shop, "--workflow", created, code=3)
    assert "already proposed in #1" in again["refused"][0]["reason"]
    assert sorted(path.name for path in (folder(shop) / "pull-requests").glob("*.json")) == ["1.json"]


def test_a_dry_run_leaves_no_trace(shop: Shop) -> None:
    shop.put("dev", example(SLUG), active=True)
    before = shop.refs()
    document = onboard(shop, "--all", "--dry-run")
    assert (document["git_committed"], document["branch"], len(document["files"])) == (False, BRANCH, 2)
    assert shop.refs() == before
    assert not folder(shop).exists()


def test_without_github_the_branch_is_told(shop: Shop) -> None:
    created = shop.put("dev", example(SLUG), active=True)
    ran = shop.run("onboard", "--environment", "dev", "--workflow", created)
    assert BRANCH in ran.out
    assert "Open a pull request from" in ran.out


def test_a_direct_commit_waits_like_a_proposal_for_whoever_onboards_at_the_same_time(shop: Shop) -> None:
    shop.put("dev", example(SLUG), active=True)
    tree = git("hash-object", "-t", "tree", "-w", "--stdin", cwd=shop.remote)
    claim = git("commit-tree", tree, "-m", "Lock", "-m", "not a claim", cwd=shop.remote)
    git("update-ref", "refs/workflowops/locks/incidents", claim, cwd=shop.remote)
    before = shop.refs()
    onboard(shop, "--all", "--direct", code=2)
    assert shop.refs() == before
