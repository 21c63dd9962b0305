"""A team's repository with its remote and its instances, and the command line to work on them."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from tests.git_repositories import bare_remote, clone, commit_files, content_of, git, isolate_git, refs

from workflowops.cli import main
from workflowops.sandbox import Sandbox

STATE = "refs/heads/workflowops-state"
HOT_FIX = "https://api-new.paymentprocessor.com/charge"
EXAMPLES = ("customer_onboarding", "order_processing", "payment_gateway")


def key_of(environment: str) -> str:
    """The API key of an instance; a text that stands nowhere else."""
    return f"eyJ-key-of-{environment}-4711"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; the test fails when there is anything else."""
        return json.loads(self.out)

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


def run(*arguments: str) -> Ran:
    """Run the command line in this process, as `python -m workflowops` does."""
    out, err = io.BytesIO(), io.StringIO()
    stdout = io.TextIOWrapper(out, encoding="utf-8", write_through=True)
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(err):
        code = main(arguments)
    return Ran(code, out.getvalue().decode(), err.getvalue())


def alone(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Make the command line ignore whoever runs the tests, and the runner they may run in."""
    isolate_git(monkeypatch, home)
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "RUNNER_", "WORKFLOWOPS_", "N8N_")):
            monkeypatch.delenv(name)
    for name, value in {"NO_COLOR": "1", "USER": "ada", "LOGNAME": "ada", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)


def example(name: str) -> dict[str, Any]:
    """A workflow that comes with the sandbox."""
    return json.loads(resources.files("workflowops.sandbox").joinpath("examples", f"{name}.json").read_bytes())


def small(name: str = "Orders", *, url: str = "https://api.example.com/orders") -> dict[str, Any]:
    """A workflow of two nodes."""
    trigger = {"id": "n1", "name": "Begin", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1}
    call = {"id": "n2", "name": "Call", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4.2}
    return {
        "name": name,
        "nodes": [
            {**trigger, "position": [0, 0], "parameters": {}},
            {**call, "position": [220, 0], "parameters": {"url": url, "options": {}}},
        ],
        "connections": {"Begin": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    }


def with_url(url: str, *, node: str = "Call") -> Any:
    """An edit in n8n's editor: the node calls another address."""

    def edit(document: dict[str, Any]) -> dict[str, Any]:
        for each in document["nodes"]:
            if each["name"] == node:
                each["parameters"]["url"] = url
        return {"nodes": document["nodes"]}

    return edit


@dataclass(frozen=True, slots=True)
class Step:
    """The files through which a step speaks to its job."""

    output: Path
    summary: Path

    def outputs(self) -> dict[str, str]:
        """The outputs, read as GitHub's runner reads them."""
        found: dict[str, str] = {}
        lines = self.output.read_text(encoding="utf-8").split("\n")
        while lines and lines != [""]:
            name, separator, delimiter = lines.pop(0).partition("<<")
            assert separator
            end = lines.index(delimiter)
            found[name] = "\n".join(lines[:end])
            del lines[: end + 1]
        return found


def step_of_a_job(patch: pytest.MonkeyPatch, folder: Path, *, actor: str, run_id: str = "7", **more: str) -> Step:
    """Run as a step of a job on GitHub, but for its token; `more` are further variables."""
    files = Step(folder / "output", folder / "summary")
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(files.output),
        "GITHUB_STEP_SUMMARY": str(files.summary),
        "GITHUB_ACTOR": actor,
        "GITHUB_RUN_ID": run_id,
    }
    for name, value in (variables | more).items():
        patch.setenv(name, value)
    return files


@dataclass
class Shop:
    """A checkout, its remote, and a sandbox for each environment; commands run in the checkout."""

    root: Path
    instances: dict[str, Sandbox] = field(default_factory=dict)

    @property
    def checkout(self) -> Path:
        return self.root / "checkout"

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    def run(self, *arguments: str, code: int = 0) -> Ran:
        """Run a command; the test fails when its exit code is another one, or when it told a key."""
        with contextlib.chdir(self.checkout):
            ran = run(*arguments)
        assert ran.code == code, str(ran)
        for environment in self.instances:
            assert key_of(environment) not in ran.out + ran.err
        return ran

    def run_in_a_step(self, *arguments: str, code: int = 0) -> Ran:
        """Run a command where there is a runner; the keys stand in its masks, and nowhere else."""
        with contextlib.chdir(self.checkout):
            ran = run(*arguments)
        assert ran.code == code, str(ran)
        masks = [f"::add-mask::{key_of(environment)}" for environment in self.instances]
        assert [line for line in ran.err.splitlines() if line in masks] == masks
        others = [line for line in [*ran.out.splitlines(), *ran.err.splitlines()] if line not in masks]
        assert not any(key_of(environment) in line for line in others for environment in self.instances)
        return ran

    def json(self, *arguments: str, code: int = 0) -> Any:
        return self.run(*arguments, "--json", code=code).document

    def put(self, environment: str, document: Mapping[str, Any], **more: Any) -> str:
        """Create a workflow in an instance and answer its id."""
        return self.instances[environment].instance.create_workflow(document, **more)

    def id_of(self, name: str, environment: str = "prod") -> str:
        instance = self.instances[environment].instance
        return next(each for each in instance.ids() if instance.document(each)["name"] == name)

    def edit(self, name: str, change: Any, environment: str = "prod", *, publish: bool = True) -> None:
        """Edit a workflow by hand."""
        self.instances[environment].instance.edit_by_hand(self.id_of(name, environment), change, publish=publish)

    def commit(self, files: Mapping[str, bytes | None], *, push: bool = True) -> str:
        return commit_files(self.checkout, files, push=push)

    def file(self, path: str) -> bytes:
        """A file on the remote's main branch."""
        return content_of(self.remote, f"main:{path}")

    def state(self, path: str) -> Any:
        """A file of the state branch, decoded."""
        return json.loads(content_of(self.remote, f"{STATE}:{path}"))

    def write_state(self, files: Mapping[str, bytes | None]) -> None:
        """Change the state branch as somebody else would, with git alone."""
        path = self.root / "elsewhere"
        git("clone", "--quiet", "--branch", "workflowops-state", str(self.remote), str(path), cwd=self.root)
        commit_files(path, files, message="Somebody else")
        shutil.rmtree(path)

    def refs(self) -> dict[str, str]:
        """Every ref of the remote."""
        return refs(self.remote)

    def everything_written(self) -> bytes:
        """Every object that the remote holds, one after the other."""
        listed = git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", cwd=self.remote)
        return b"\n".join(content_of(self.remote, name) for name in listed.split())


def configuration(*environments: str) -> bytes:
    lines = ["version: 1", "environments:"]
    for name in environments:
        upper = name.upper()
        lines += [f"  {name}:", f"    title: {name.title()}", f"    url: ${{N8N_{upper}_URL}}"]
        lines += [f"    api_key: ${{N8N_{upper}_API_KEY}}"]
    return ("\n".join(lines) + "\n").encode()


@contextlib.contextmanager
def opened_shop(root: Path, *environments: str, **options: Any) -> Iterator[Shop]:
    """Open a shop whose instances hold nothing and whose repository holds its configuration alone."""
    bare_remote(root, files={"README.md": b"Workflows\n", "workflowops.yml": configuration(*environments)})
    clone(root / "remote.git", root / "checkout")
    with _staffed(Shop(root), environments, **options) as shop:
        yield shop


@dataclass(frozen=True, slots=True)
class Template:
    """A shop that was onboarded and has its baseline, to be copied: making it anew for each test would take long."""

    root: Path
    workflows: Mapping[str, Mapping[str, dict[str, Any]]]

    @contextlib.contextmanager
    def copy(self, root: Path) -> Iterator[Shop]:
        """Open a copy with instances of its own."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        git("remote", "set-url", "origin", str(root / "remote.git"), cwd=root / "checkout")
        with _staffed(Shop(root), tuple(self.workflows)) as shop:
            for environment, workflows in self.workflows.items():
                for workflow_id, document in workflows.items():
                    shop.put(environment, document, id=workflow_id, active=True)
            yield shop


def made_template(root: Path, *environments: str) -> Template:
    """Let a shop onboard the examples in every environment and take its baseline."""
    with opened_shop(root, *environments) as shop:
        for environment in environments:
            for name in EXAMPLES:
                shop.put(environment, example(name), id=f"{environment}{name.replace('_', '')}", active=True)
        shop.run("onboard", "--all", "--direct")
        shop.run("sync")
        shop.run("baseline")
        workflows = {
            environment: {each: _writable(sandbox.instance.document(each)) for each in sandbox.instance.ids()}
            for environment, sandbox in shop.instances.items()
        }
    return Template(root, workflows)


def _writable(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("name", "nodes", "connections", "settings")}


@contextlib.contextmanager
def _staffed(shop: Shop, environments: tuple[str, ...], **options: Any) -> Iterator[Shop]:
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name in environments:
            sandbox = stack.enter_context(Sandbox(api_key=key_of(name), **options))
            shop.instances[name] = sandbox
            patch.setenv(f"N8N_{name.upper()}_URL", sandbox.url)
            patch.setenv(f"N8N_{name.upper()}_API_KEY", key_of(name))
        yield shop
