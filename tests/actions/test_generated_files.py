"""What `init` writes for three instances: GitHub takes it, the linters find nothing, and a runner runs it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.actions.contract import ROOT
from tests.actions.generated import PIN, TEMPLATE_TEXTS, written_files
from tests.actions.github_parser import faults_of
from tests.actions.pipeline import STAGES, Pipeline, made_pipeline
from tests.actions.runner import ACT, runner_environment
from tests.commands.promotion_shop import SLUGS

from workflowops.core.setup.files import FORM_PATH, WORKFLOWS_FOLDER

OPTIONS = [part for stage in STAGES for part in ("--environment", stage)]
OPTIONS += ["--yes", "--actions", f"{PIN.repository}@{PIN.commit}"]
NAMES = [path.removesuffix(".yml") for path in TEMPLATE_TEXTS]


def initialize(folder: Path, home: Path, *arguments: str) -> str:
    """Run `init` in a repository, as somebody at a desk does; answers what it prints."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workflowops", "init", *OPTIONS, *arguments],
        cwd=folder,
        env=runner_environment(home) | {"PYTHONPATH": str(ROOT / "src")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository right after `init`."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "home").mkdir()
    subprocess.run(
        ["git", "init", "--quiet", "--initial-branch=main", str(folder / "flows")],
        check=True,
        env=runner_environment(folder / "home"),
    )
    initialize(folder / "flows", folder / "home")
    return folder / "flows"


def document_of(written: Path, name: str) -> dict[Any, Any]:
    return yaml.safe_load((written / WORKFLOWS_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def checked(*arguments: str) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_in_all_of_them(written) -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    checked(zizmor, "--offline", "--strict-collection", "--no-progress", str(written / WORKFLOWS_FOLDER))


def test_github_s_schema_of_workflows_is_kept(written) -> None:
    files = sorted(str(path) for path in (written / WORKFLOWS_FOLDER).iterdir())
    assert len(files) == len(NAMES)
    checked(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *files)


def test_github_s_own_parser_takes_all_of_them(written) -> None:
    found = faults_of(sorted((written / WORKFLOWS_FOLDER).iterdir()))
    assert len(found) == len(NAMES)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_github_s_own_parser_sees_a_fault(tmp_path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text('on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{run: "${{ foo.bar }}"}]\n', encoding="utf-8")
    ((_, faults),) = faults_of([wrong]).items()
    assert "Unrecognized named-value: 'foo'" in faults[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_whole_commit(written, name) -> None:
    used = re.findall(r"\buses: (\S+)", (written / WORKFLOWS_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    assert used
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w./-]+@[0-9a-f]{40}", each), each
    ours = [each for each in used if each.startswith(PIN.repository)]
    assert all(each.endswith(f"@{PIN.commit}") for each in ours)
    folders = [each.partition("@")[0].removeprefix(PIN.repository).strip("/") for each in ours]
    assert all((ROOT / folder / "action.yml").is_file() for folder in folders)


@pytest.mark.parametrize("name", NAMES)
def test_groups_are_the_jobs_and_no_schedule_falls_on_the_full_hour(written, name) -> None:
    document = document_of(written, name)
    assert "concurrency" not in document
    assert document["permissions"] == {}
    for schedule in document[True].get("schedule", ()):
        assert schedule["cron"].split()[0] not in {"0", "*"}


def test_the_form_offers_every_environment(written) -> None:
    form = yaml.safe_load((written / FORM_PATH).read_text(encoding="utf-8"))
    (dropdown,) = [each for each in form["body"] if each["type"] == "dropdown"]
    assert dropdown["attributes"]["options"] == list(STAGES)


def test_git_takes_the_attributes_as_they_are_meant(written) -> None:
    path = ["dev/a.json", "prod/deep/a.wfo.json", "a.json"]
    done = subprocess.run(
        ["git", "check-attr", "eol", "linguist-generated", "--", *path],
        cwd=written, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "dev/a.json: eol: lf",
        "dev/a.json: linguist-generated: unspecified",
        "prod/deep/a.wfo.json: eol: lf",
        "prod/deep/a.wfo.json: linguist-generated: set",
        "a.json: eol: unspecified",
        "a.json: linguist-generated: unspecified",
    ]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """Three instances in step with Git; the files of `init` lie in the repository, as a runner can run them."""
    with made_pipeline(tmp_path_factory.mktemp("team")) as team:
        yield team


def test_the_files_that_are_run_are_those_that_the_command_writes(written) -> None:
    generated = {path: text.partition("\n")[2] for path, text in written_files(*STAGES).items()}
    found = {path: (written / path).read_text(encoding="utf-8").partition("\n")[2] for path in generated}
    minute = re.compile(r'cron: "[0-9]+')
    assert {path: minute.sub("", text) for path, text in found.items()} == {
        path: minute.sub("", text) for path, text in generated.items()
    }


@pytest.mark.act
@pytest.mark.skipif(ACT is None, reason="act is not installed")
def test_a_runner_validates_without_any_key(team) -> None:
    run = team.start("validate", event="push", payload={}, run_id="1")
    assert run.succeeded, run.text
    assert run.outputs("validate")["valid"] == "true"


@pytest.mark.act
@pytest.mark.skipif(ACT is None, reason="act is not installed")
@pytest.mark.parametrize("name", ["sync", "drift"])
def test_a_runner_reads_every_instance_and_keeps_the_dashboard(team, name) -> None:
    run = team.start(name, event="schedule", payload={"schedule": "17 * * * *"}, run_id="2")
    assert run.succeeded, run.text
    assert run.outputs("sync")["workflows_linked"] == str(len(SLUGS) * len(STAGES))
    assert {
        environment["environment"] for environment in json.loads(run.outputs("sync")["result"])["environments"]
    } == set(STAGES)
    assert run.outputs("status"), run.text
    assert team.writes() == []


@pytest.mark.act
@pytest.mark.skipif(ACT is None, reason="act is not installed")
@pytest.mark.parametrize("asked", [True, False])
def test_the_button_takes_a_baseline_only_where_that_was_asked(team, asked) -> None:
    run = team.start(
        "sync", event="workflow_dispatch", payload={"inputs": {"baseline": str(asked).lower()}}, run_id="4"
    )
    assert run.succeeded, run.text
    assert bool(run.outputs("baseline")) is asked
    if asked:
        accepted = json.loads(run.outputs("baseline")["result"])["environments"]
        assert {each["environment"]: each["accepted"] for each in accepted} == dict.fromkeys(STAGES, len(SLUGS))


@pytest.mark.act
@pytest.mark.skipif(ACT is None, reason="act is not installed")
def test_a_runner_has_the_doctor_look_at_every_instance(team) -> None:
    run = team.start("doctor", event="workflow_dispatch", payload={}, run_id="3")
    assert all(f"environment {stage}" in run.outputs("doctor")["result"] for stage in STAGES), run.text
    assert team.writes() == []
