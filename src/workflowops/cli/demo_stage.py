"""Where the demo plays: three sandbox instances, a throw-away git remote with a checkout, and issues as files."""

import contextlib
import html
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from workflowops.core.json import Json, parse

if TYPE_CHECKING:
    from workflowops.sandbox import Sandbox

_INSTANCES: Mapping[str, tuple[str, ...]] = {
    "dev": ("customer_onboarding", "invoice_processing", "order_processing", "payment_gateway"),
    "staging": ("customer_onboarding", "order_processing", "payment_gateway"),
    "prod": ("customer_onboarding", "order_processing", "payment_gateway"),
}
_CREDENTIALS = {"API Auth": "httpHeaderAuth", "Orders DB": "postgres"}
_PIPELINES = """pipelines:
  default:
    stages:
      - environment: dev
      - environment: staging
        gates: {approval: comments}
      - environment: prod
        gates: {approval: comments, verified_in_previous: true}
"""
_TITLES = {"dev": "Development", "staging": "Staging", "prod": "Production"}
_SEVERITIES = {"dev": "low", "staging": "medium", "prod": "high"}
_NOT_OURS = ("GITHUB_", "WORKFLOWOPS_")  # what a runner or somebody's shell may say, and the demo must not hear
_PICTURE = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
_FOLDED = re.compile(r"<details>\s*<summary>(.*?)</summary>.*?</details>", re.DOTALL)
_INVISIBLE = re.compile(r"</?(?:details|summary|sub|code|br)(?: open)?>|<!--.*?-->|\u200b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stage:
    """The checkout, the folder that stands for GitHub's issues, and the running instances by environment."""

    checkout: Path
    github: Path
    instances: Mapping[str, "Sandbox"]


@contextlib.contextmanager
def staged(root: Path) -> Iterator[Stage]:
    """Set everything up in a folder, and stand in the checkout until the end."""
    from workflowops.sandbox import Sandbox

    with contextlib.ExitStack() as stack:
        instances = {name: stack.enter_context(Sandbox(api_key=f"demo-key-{name}")) for name in _INSTANCES}
        for name, workflows in _INSTANCES.items():
            for credential, kind in _CREDENTIALS.items():
                instances[name].instance.add_credential(credential, kind)
            for workflow in workflows:
                instances[name].instance.create_workflow(earlier(workflow), active=workflow != "invoice_processing")
        stage = Stage(_repository(root, instances), root / "github", instances)
        stack.enter_context(contextlib.chdir(stage.checkout))
        keys = {f"N8N_{name.upper()}_API_KEY": f"demo-key-{name}" for name in instances}
        github = {"WORKFLOWOPS_ISSUES_FOLDER": str(stage.github)}
        unheard = dict.fromkeys(name for name in os.environ if name.startswith(_NOT_OURS))
        stack.enter_context(variables({**unheard, **keys, **github}))
        yield stage


def example(name: str) -> dict[str, Json]:
    """Read a workflow that comes with the sandbox."""
    document = parse(resources.files("workflowops.sandbox").joinpath("examples", f"{name}.json").read_bytes())
    assert isinstance(document, dict)
    return document


def earlier(name: str) -> dict[str, Json]:
    """Read a workflow as it was before the demo begins: orders are not checked against the inventory yet."""
    document = example(name)
    nodes, connections = document["nodes"], document["connections"]
    assert isinstance(nodes, list)
    assert isinstance(connections, dict)
    if name != "order_processing":
        return document
    kept = [node for node in nodes if isinstance(node, dict) and node["name"] != "Check Inventory"]
    return {**document, "nodes": [*kept], "connections": {"Webhook Trigger": connections["Check Inventory"]}}


def develop(stage: Stage, name: str) -> None:
    """Bring a workflow of development up to date, as a developer does: in n8n's editor, then as a commit."""
    from workflowops.core.workflow_file import render_workflow

    instance, wanted = stage.instances["dev"].instance, example(name)
    for workflow_id in instance.ids():
        if instance.document(workflow_id)["name"] == wanted["name"]:
            instance.edit_by_hand(workflow_id, {key: wanted[key] for key in ("nodes", "connections")}, publish=True)
            document = instance.document(workflow_id)
    path = next(each for each in (stage.checkout / "dev").glob(f"{name}*.json") if ".wfo." not in each.name)
    kept = {key: document[key] for key in ("name", "nodes", "connections", "settings", "active")}
    path.write_bytes(render_workflow(kept))
    git(stage.checkout, "commit", "--quiet", "--all", "--message", "Check the inventory before an order is created")
    git(stage.checkout, "push", "--quiet", "origin", "main")


def latest_pull_request(stage: Stage) -> int:
    """Answer the number of the pull request that was opened last, and fetch its branch."""
    git(stage.checkout, "fetch", "--quiet", "origin")
    return max(int(path.stem) for path in (stage.github / "pull-requests").glob("*.json"))


def latest_issue(stage: Stage) -> int:
    """Answer the number of the issue that was opened last."""
    return max(int(path.stem) for path in (stage.github / "issues").glob("*.json"))


def issue_about(stage: Stage, words: str) -> int:
    """Answer the number of the issue whose title holds these words."""
    for path in sorted((stage.github / "issues").glob("*.json")):
        issue = parse(path.read_bytes())
        if isinstance(issue, dict) and words in str(issue["title"]):
            return int(path.stem)
    raise LookupError(words)


def commit_of(stage: Stage, ref: str) -> str:
    """Answer the commit that a ref of the checkout means."""
    return git(stage.checkout, "rev-parse", ref).strip()


def plan_digest(stage: Stage, promotion_id: str) -> str:
    """Answer the digest of the plan that people are asked to approve."""
    git(stage.checkout, "fetch", "--quiet", "origin", "workflowops-state")
    record = parse(git(stage.checkout, "show", f"FETCH_HEAD:promotions/{promotion_id}.json").encode())
    assert isinstance(record, dict)
    return str(record["plan_digest"])


def answers_after(stage: Stage, number: int, comment: int) -> tuple[str, ...]:
    """Answer what was commented on an issue or pull request after that comment, as Markdown."""
    kept = (stage.github / folder / f"{number}.json" for folder in ("issues", "pull-requests"))
    issue = parse(next(path for path in kept if path.exists()).read_bytes())
    comments = issue.get("comments", []) if isinstance(issue, dict) else []
    found = [each for each in comments if isinstance(each, dict)] if isinstance(comments, list) else []
    return tuple(str(each["body"]) for each in found if isinstance(each["id"], int) and each["id"] > comment)


def as_shown(markdown: str) -> str:
    """Write Markdown for a terminal, indented: without pictures, tags, entities, and what is folded up or hidden."""
    text = _FOLDED.sub("(folded up: \\1)", _PICTURE.sub("(a picture of the changed nodes)", markdown))
    text = html.unescape(_INVISIBLE.sub("", text))
    lines = re.sub(r"\n{3,}", "\n\n", text).strip().split("\n")
    return "\n".join(f"    {line}".rstrip() for line in lines)


def git(directory: Path, *arguments: str) -> str:
    """Run git as somebody on the demo's team, and answer what it printed."""
    identity = ("-c", "user.name=Demo", "-c", "user.email=demo@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "--no-pager", *identity, *arguments], cwd=directory, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextlib.contextmanager
def variables(values: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables of the process, or unset those that are None, and put them back at the end."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _repository(root: Path, instances: Mapping[str, "Sandbox"]) -> Path:
    remote, checkout = root / "remote.git", root / "repository"
    git(root, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(root, "init", "--quiet", "--initial-branch=main", str(checkout))
    git(checkout, "remote", "add", "origin", str(remote))
    lines = ["version: 1", "environments:"]
    for name, instance in instances.items():
        lines += [
            f"  {name}:",
            f"    title: {_TITLES[name]}",
            f"    url: {instance.url}",
            f"    api_key: ${{N8N_{name.upper()}_API_KEY}}",
            f"    severity: {_SEVERITIES[name]}",
        ]
    (checkout / "workflowops.yml").write_text("\n".join(lines) + "\n" + _PIPELINES, encoding="utf-8")
    git(checkout, "add", "workflowops.yml")
    git(checkout, "commit", "--quiet", "--message", "Name our n8n instances")
    git(checkout, "push", "--quiet", "origin", "main")
    return checkout
