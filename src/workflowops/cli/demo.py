"""`workflowops demo`: the main job, played on three sandbox instances and a throw-away git remote."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflowops.core.json import Json, parse

if TYPE_CHECKING:
    from workflowops.sandbox import Sandbox

_INSTANCES: Mapping[str, tuple[str, ...]] = {
    "dev": ("customer_onboarding", "invoice_processing", "order_processing", "payment_gateway"),
    "staging": ("customer_onboarding", "order_processing", "payment_gateway"),
    "prod": ("customer_onboarding", "order_processing", "payment_gateway"),
}
_TITLES = {"dev": "Development", "staging": "Staging", "prod": "Production"}
_HOT_FIX = "https://api-new.paymentprocessor.com/charge"


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where the demo plays: the checkout, and the running instances by environment."""

    checkout: Path
    instances: Mapping[str, "Sandbox"]


@click.command()
@click.option(
    "--directory",
    envvar="WORKFLOWOPS_DIRECTORY",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Play in this new folder and leave it there; a temporary one when left out.",
)
def demo(directory: Path | None) -> int:
    """Play the main job on three sandbox instances.

    Starts three n8n stand-ins on this machine and a git repository beside them, then runs the real commands: sync,
    onboard, baseline, a hot fix made by hand in production, drift found and shown. Touches nothing outside its folder.

    \b
    Example:
      workflowops demo
    """
    from workflowops.errors import ConfigurationError, ExitCode

    if directory is not None and directory.exists():
        raise ConfigurationError(f"{directory} exists already.", fix="Name a folder that does not exist yet.")
    with contextlib.ExitStack() as stack:
        root = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workflowops-demo-")))
        root.mkdir(parents=True, exist_ok=True)
        stage = stack.enter_context(_staged(root.resolve()))
        _play(stage)
    if directory is not None:
        _say(f"The repository is in {directory / 'repository'}, its state on the branch workflowops-state.")
    return ExitCode.DONE


@contextlib.contextmanager
def _staged(root: Path) -> Iterator[_Stage]:
    from workflowops.sandbox import Sandbox

    with contextlib.ExitStack() as stack:
        instances = {name: stack.enter_context(Sandbox(api_key=f"demo-key-{name}")) for name in _INSTANCES}
        for name, workflows in _INSTANCES.items():
            for workflow in workflows:
                instances[name].instance.create_workflow(_example(workflow), active=workflow != "invoice_processing")
        checkout = _repository(root, instances)
        stack.enter_context(contextlib.chdir(checkout))
        stack.enter_context(_variables({f"N8N_{name.upper()}_API_KEY": f"demo-key-{name}" for name in instances}))
        yield _Stage(checkout, instances)


def _play(stage: _Stage) -> None:
    _say("Three n8n instances run on this machine, and a git repository that knows none of their workflows.")
    _run("sync")
    _say("Put everything under Git: one file and one sidecar for each workflow, in one commit.")
    _run("onboard", "--all", "--direct")
    _say("Accept that as last known good. From here on, drift is judged.")
    _run("baseline")
    _run("drift")
    _say('Now somebody edits "Payment Gateway" by hand in production, and publishes it.')
    _hot_fix(stage.instances["prod"])
    _run("drift", "--environment", "prod", "--fail-on-drift", expected=3)
    _say('And somebody creates "Customer Survey Automation" in development, where nobody has it under Git.')
    created = stage.instances["dev"].instance.create_workflow(_example("customer_survey_automation"), active=True)
    _run("sync", "--environment", "dev")
    _run(
        *("onboard", "--environment", "dev", "--workflow", created),
        *("--slug", "customer_survey_automation", "--tags", "surveys,automation,customers", "--direct"),
    )
    _run("status")
    _run("audit", "verify")


def _hot_fix(instance: "Sandbox") -> None:
    """Walkthrough 3, step 1: the payment processor moved, and production cannot wait for a review."""
    for workflow_id in instance.instance.ids():
        if instance.instance.document(workflow_id)["name"] == "Payment Gateway":
            instance.instance.edit_by_hand(workflow_id, _with_new_address, publish=True)


def _with_new_address(document: dict[str, Json]) -> dict[str, Json]:
    nodes = document["nodes"]
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and isinstance(node["parameters"], dict) and node["name"] == "Call Payment API":
            node["parameters"]["url"] = _HOT_FIX
    return {"nodes": nodes}


def _run(*arguments: str, expected: int = 0) -> None:
    from workflowops.cli import main
    from workflowops.errors import BlockedError

    _say(f"$ workflowops {' '.join(arguments)}")
    code = main(arguments)
    sys.stdout.flush()
    if code != expected:
        raise BlockedError(
            f"The demo's `workflowops {arguments[0]}` ended with {code} instead of {expected}.",
            fix="This is a fault of WorkflowOps; please tell us what it printed.",
        )
    if code:
        _say(f"(exit code {code}, so the job fails and somebody looks)")


def _say(text: str) -> None:
    click.echo(f"\n{text}" if text.startswith("$") else f"\n# {text}")


def _example(name: str) -> dict[str, Json]:
    document = parse(resources.files("workflowops.sandbox").joinpath("examples", f"{name}.json").read_bytes())
    assert isinstance(document, dict)
    return document


def _repository(root: Path, instances: Mapping[str, "Sandbox"]) -> Path:
    remote, checkout = root / "remote.git", root / "repository"
    _git(root, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    _git(root, "init", "--quiet", "--initial-branch=main", str(checkout))
    _git(checkout, "remote", "add", "origin", str(remote))
    lines = ["version: 1", "environments:"]
    for name, instance in instances.items():
        lines += [
            f"  {name}:",
            f"    title: {_TITLES[name]}",
            f"    url: {instance.url}",
            f"    api_key: ${{N8N_{name.upper()}_API_KEY}}",
        ]
    (checkout / "workflowops.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _git(checkout, "add", "workflowops.yml")
    _git(checkout, "commit", "--quiet", "--message", "Name our n8n instances")
    _git(checkout, "push", "--quiet", "origin", "main")
    return checkout


def _git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=directory, check=True)


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
