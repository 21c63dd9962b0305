"""Reads what the actions, their READMEs and the workflows promise, for the tests that compare them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMMANDS_WITH_AN_ACTION = ("validate", "sync", "drift", "onboard")
COMMANDS_OF_THE_ROOT = ("sync", "drift", "validate", "onboard", "baseline", "status")
PLACEHOLDER = "FULL_COMMIT_SHA"


@dataclass(frozen=True, slots=True)
class Action:
    """One action.yml: the command it runs (None at the root, which runs any), and the document."""

    command: str | None
    path: Path
    document: Mapping[str, Any]

    @property
    def inputs(self) -> Mapping[str, Any]:
        return self.document["inputs"]

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
    def steps(self) -> list[Mapping[str, Any]]:
        return [step for job in self.document["jobs"].values() for step in job["steps"]]


def read_action(command: str | None) -> Action:
    path = ROOT / "action" / command / "action.yml" if command else ROOT / "action.yml"
    return Action(command=command, path=path, document=yaml.safe_load(path.read_text(encoding="utf-8")))


ACTIONS = tuple(read_action(command) for command in (None, *COMMANDS_WITH_AN_ACTION))


def yaml_examples(readme: Path) -> Iterator[str]:
    """The YAML blocks of a README."""
    yield from re.findall(r"^```yaml\n(.*?)^```$", readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def readmes() -> tuple[Path, ...]:
    return (ROOT / "README.md", *(ROOT / "action" / command / "README.md" for command in COMMANDS_WITH_AN_ACTION))


def example_workflows() -> Iterator[Workflow]:
    """The workflows among the examples of the READMEs."""
    for readme in readmes():
        for number, text in enumerate(yaml_examples(readme), start=1):
            if "jobs" in yaml.safe_load(text):
                yield Workflow(where=f"{readme.relative_to(ROOT)} example {number}", text=text)


def own_workflows() -> Iterator[Workflow]:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        yield Workflow(where=str(path.relative_to(ROOT)), text=path.read_text(encoding="utf-8"))


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
