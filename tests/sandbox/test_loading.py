"""Filling an instance from a folder, and the command that serves it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.sandbox.documents import node, workflow

from workflowops.sandbox import Instance
from workflowops.sandbox.loading import Loading, load_folder

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"


def write(folder: Path, name: str, value: object) -> None:
    (folder / name).write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def test_files_become_workflows_with_the_ids_names_tags_and_state_they_tell(tmp_path: Path) -> None:
    write(tmp_path, "a.json", workflow("A") | {"id": "a1", "active": True, "tags": [{"name": "prod"}, "x" * 30, 5]})
    (tmp_path / "sub").mkdir()
    write(tmp_path / "sub", "nameless.json", {"nodes": [node()]})
    instance = Instance()
    assert load_folder(instance, tmp_path) == Loading(2, ())
    shown = instance.document("a1")
    assert (shown["name"], shown["active"], [tag["name"] for tag in shown["tags"]]) == ("A", True, ["prod"])
    assert {instance.document(each)["name"] for each in instance.ids()} == {"A", "nameless"}


@pytest.mark.parametrize("given", ["a1", 5, None, "", "x" * 40, "../up", "ü"], ids=repr)
def test_an_id_that_cannot_be_kept_is_replaced(tmp_path: Path, given: object) -> None:
    write(tmp_path, "one.json", workflow() | {"id": "a1"})
    write(tmp_path, "two.json", workflow() | {"id": given})
    instance = Instance()
    load_folder(instance, tmp_path)
    assert len(instance.ids()) == 2
    assert "a1" in instance.ids()


@pytest.mark.parametrize("text", ["{", "[]", "5", '{"nodes": {}}', "{}"])
def test_what_is_no_workflow_is_named_and_left_out(tmp_path: Path, text: str) -> None:
    write(tmp_path, "odd.json", text)
    assert load_folder(Instance(), tmp_path) == Loading(0, ("odd.json",))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the repository")
def test_the_whole_corpus_can_be_loaded_and_read_back() -> None:
    instance = Instance()
    done = load_folder(instance, CORPUS)
    assert done == Loading(338, ())
    assert all(instance.document(each)["nodes"] for each in instance.ids())


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    write(tmp_path, "a.json", workflow("A"))
    command = [sys.executable, "-m", "workflowops.sandbox", "--port", "0", "--load", str(tmp_path), "--api-key", "k"]
    with subprocess.Popen(
        command, cwd=ROOT / "src", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        url = served.stdout.readline().split()[1]
        try:
            answer = httpx.get(f"{url}/api/v1/workflows", headers={"X-N8N-API-KEY": "k"}, trust_env=False)
            assert [item["name"] for item in answer.json()["data"]] == ["A"]
        finally:
            served.send_signal(signal.SIGTERM)
        assert served.wait(20) == 0
