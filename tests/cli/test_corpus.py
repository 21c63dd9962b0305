"""Every real workflow we have goes through onboarding, sync, baseline and drift: none is lost, none is accused."""

import json

from tests.builders import CORPUS, corpus, needs_corpus
from tests.cli.shop import opened_shop, with_url
from tests.git_repositories import files_of

from workflowops.sandbox.loading import load_folder

pytestmark = needs_corpus


def test_every_real_workflow_is_onboarded_and_in_sync(tmp_path) -> None:
    with opened_shop(tmp_path / "shop", "prod") as shop:
        instance = shop.instances["prod"].instance
        loading = load_folder(instance, CORPUS)
        count = len([*corpus()])
        assert (loading.loaded, loading.refused) == (count, ())
        assert count == len(instance.ids())

        first = shop.json("sync")
        assert (first["workflows_synced"], first["workflows_unmapped"], first["errors"]) == (count, count, 0)
        held_back = shop.json("onboard", "--all", "--direct", code=3)["refused"]
        assert 0 < len(held_back) < count // 4
        assert all("secret" in each["reason"] for each in held_back)
        rest = shop.json("onboard", "--all", "--direct", "--allow-secrets")
        assert rest["workflows_onboarded"] == len(held_back)

        files = [path for path in files_of(shop.remote, "main") if path.startswith("prod/")]
        assert len(files) == 2 * count
        assert len({path.casefold() for path in files}) == len(files)
        about = [json.loads(shop.file(path)) for path in files if path.endswith(".wfo.json")]
        assert {each["n8n_workflow_id"] for each in about} == set(instance.ids())
        assert len({each["canonical_slug"] for each in about}) == count

        second = shop.json("sync")
        assert (second["workflows_linked"], second["workflows_skipped"]) == (count, count)
        assert (second["workflows_unmapped"], second["workflows_missing"]) == (0, 0)
        assert shop.json("baseline")["environments"][0]["accepted"] == count
        report = shop.json("drift")["environments"][0]
        assert (report["drift_status"], report["counts"]["in_sync"], report["workflows"]) == ("in_sync", count, [])
        assert shop.json("validate")["valid"] is True

        called = _a_workflow_that_calls_out(shop)
        instance.edit_by_hand(called, with_url("https://hot-fix.example.com", node=_caller_of(shop, called)))
        report = shop.json("drift", "--fail-on-drift", code=3)["environments"][0]
        assert [(each["workflow_id"], each["kind"]) for each in report["workflows"]] == [(called, "modified")]


def _a_workflow_that_calls_out(shop) -> str:
    instance = shop.instances["prod"].instance
    return next(each for each in instance.ids() if _callers(instance.document(each)))


def _caller_of(shop, workflow_id: str) -> str:
    return _callers(shop.instances["prod"].instance.document(workflow_id))[0]


def _callers(document) -> list[str]:
    return [
        node["name"]
        for node in document["nodes"]
        if node.get("type") == "n8n-nodes-base.httpRequest" and "url" in node.get("parameters", {})
    ]
