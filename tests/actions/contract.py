"""Reads what the actions, their READMEs and the workflows promise, for the tests that compare them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMANDS_WITH_AN_ACTION = ("validate", "sync", "drift", "comment", "onboard", "status", "doctor")
COMMANDS_OF_THE_ROOT = ("sync", "drift", "comment", "validate", "onboard", "baseline", "status", "doctor")
COMMANDS_WITH_A_TOKEN = ("sync", "onboard", "status", "doctor")
COMMANDS_ON_GITHUB = ("drift", "comment")
PROMOTION_COMMANDS = ("promote preview", "promote plan", "promote apply", "promote rollback")
PLACEHOLDER = "FULL_COMMIT_SHA"
PACKAGED = ROOT / "src" / "workflowops" / "workflows"
# Inputs that are no options: the token, which a command line should not show, and what action/run.sh reads.
ON_GITHUB = {
    "token": ("GITHUB_TOKEN", "${{ github.token }}"),
    "notify": ("WORKFLOWOPS_NOTIFY", "false"),
}


@dataclass(frozen=True, slots=True)
class Action:
    """One action.yml: the command it runs (None at the root, which runs any), and the document."""

    command: str | None
    path: Path
    document: Mapping[str, Any]

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return self.path.parent.name

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.document["inputs"]

    @property
    def of_no_option(self) -> Mapping[str, tuple[str, str]]:
        """The inputs that are no options of the command, with the variable and the default of each."""
        if self.command in (*PROMOTION_COMMANDS, *COMMANDS_WITH_A_TOKEN):
            return {"token": ON_GITHUB["token"]}
        given = {} if self.command else {"command": ("WORKFLOWOPS_COMMAND", "")}
        return given | (ON_GITHUB if self.command in (None, *COMMANDS_ON_GITHUB) else {})

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self.document["outputs"]

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        return self.document["runs"]["steps"]


@dataclass(frozen=True, slots=True)
class Workflow:
    """A GitHub workflow: a file of ours, or an example in a README."""

    where: str
    text: str

    @property
    def document(self) -> Mapping[str, Any]:
        return yaml.safe_load(self.text)

    @property
    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        return self.document["jobs"]

    @property
    def steps(self) -> list[Mapping[str, Any]]:
        return [step for job in self.jobs.values() for step in job["steps"]]


def folder_of(command: str) -> str:
    """The folder of a command's action: `promote plan` has `promote-plan`, and a rollback is one of its own."""
    return command.replace("promote rollback", "rollback").replace(" ", "-")


def read_action(command: str | None) -> Action:
    path = ROOT / "action" / folder_of(command) / "action.yml" if command else ROOT / "action.yml"
    return Action(command=command, path=path, document=yaml.safe_load(path.read_text(encoding="utf-8")))


ACTIONS = tuple(read_action(command) for command in (None, *COMMANDS_WITH_AN_ACTION))
PROMOTION_ACTIONS = tuple(read_action(command) for command in PROMOTION_COMMANDS)


def yaml_examples(readme: Path, *, begin: tuple[str, ...] = ("",)) -> Iterator[str]:
    """The YAML blocks of a README that begin in one of these ways."""
    found = re.findall(r"^```yaml\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    yield from (text for text in found if text.startswith(begin))


def between(readme: Path, name: str) -> str:
    """What stands between the marks `<!-- name:begin -->` and `<!-- name:end -->`."""
    _, begun, rest = readme.read_text(encoding="utf-8").partition(f"<!-- {name}:begin -->")
    inside, ended, _ = rest.partition(f"<!-- {name}:end -->")
    assert begun, f"{readme} has no begin of {name}"
    assert ended, f"{readme} has no end of {name}"
    return inside.strip()


def readmes() -> tuple[Path, ...]:
    return (ROOT / "README.md", *(action.path.with_name("README.md") for action in (*ACTIONS[1:], *PROMOTION_ACTIONS)))


def example_workflows() -> Iterator[Workflow]:
    """The workflows among the examples of the READMEs."""
    for readme in readmes():
        for number, text in enumerate(yaml_examples(readme), start=1):
            if "jobs" in yaml.safe_load(text):
                yield Workflow(where=f"{readme.relative_to(ROOT)} example {number}", text=text)


def own_workflows() -> Iterator[Workflow]:
    """The workflows of this repository."""
    yield from _workflows_in(ROOT / ".github" / "workflows")


def packaged_workflows() -> Iterator[Workflow]:
    """The workflows that come with the program, for the user's repository."""
    yield from _workflows_in(PACKAGED)


def _workflows_in(folder: Path) -> Iterator[Workflow]:
    for path in sorted(folder.glob("*.yml")):
        yield Workflow(where=str(path.relative_to(ROOT)), text=path.read_text(encoding="utf-8"))


def for_act(text: str) -> str:
    """A workflow as act can run it: without `queue`, which it does not know, and without the `ref` of a checkout,
    for which it would ask GitHub."""
    return re.sub(
        r"^ +(queue: max|ref: \$\{\{ github\.event\.repository\.default_branch \}\}.*)\n", "", text, flags=re.MULTILINE
    )


def table(readme: Path, heading: str) -> list[list[str]]:
    """The rows of the first table whose head begins with `heading`, without the head."""
    lines = readme.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |")) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return rows
