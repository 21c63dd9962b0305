"""The first workflowops.yml: environments, one pipeline, and comments that say what each line is for."""

import json
import re
from collections.abc import Sequence

from workflowops.core.configuration import Approval
from workflowops.core.setup.wishes import PlannedEnvironment, Setup

PATH = "workflowops.yml"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ]*[A-Za-z0-9]|[A-Za-z]")
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_APPROVERS = {
    Approval.ENVIRONMENT: "reviewers of the GitHub environment of this name; `comments`: /approve on the pull request",
    Approval.COMMENTS: "/approve on the pull request; `environment`: reviewers of the GitHub environment of this name",
}


def configuration_text(setup: Setup) -> str:
    """Write the configuration of a team. It passes `validate` as it is, and holds names of variables alone."""
    lines = [
        "# What WorkflowOps governs. Yours from here on: `init` never changes this file again.",
        "# `workflowops validate` checks it and tells every problem at once.",
        "version: 1",
        "",
        "# The n8n instances. Each owns the folder of the repository that holds its workflow files.",
        "environments:",
    ]
    for environment in setup.environments:
        lines += environment_lines(environment)
    if setup.targets:
        lines += ["", *_pipeline_lines(setup)]
    return "\n".join(lines) + "\n"


def environment_lines(environment: PlannedEnvironment) -> list[str]:
    """Write one environment as it stands under `environments`."""
    lines = [
        f"  {key(environment.name)}:",
        f"    title: {scalar(environment.title)}",
        f"    url: ${{{environment.url_variables[0]}}} # a variable of the repository",
        f"    api_key: ${{{environment.key_variable}}} # the name of a secret; a literal key is refused",
        f"    folder: {key(environment.folder)}",
    ]
    if environment.is_production:
        lines.append("    severity: high # of the incidents here: low, medium, high, critical")
    return lines


def _pipeline_lines(setup: Setup) -> list[str]:
    lines = [
        "# The way of a workflow from one instance to the next. Nothing is promoted to the first stage.",
        "pipelines:",
        "  default:",
        "    stages:",
        f"      - environment: {key(setup.environments[0].name)}",
    ]
    for stage in setup.targets:
        lines.append(f"      - environment: {key(stage.name)}")
        if stage.is_production:
            lines += ["        gates:", f"          approval: {setup.approval} # {_APPROVERS[setup.approval]}"]
        else:
            lines.append("        gates: {} # what was reviewed and merged is carried out; `approval:` asks once more")
    return lines


def missing_environments(wanted: Sequence[PlannedEnvironment], *, known: Sequence[str]) -> list[str]:
    """Write the lines of the environments that a configuration does not name yet; [] when it names all."""
    return [line for each in wanted if each.name not in known for line in environment_lines(each)]


def scalar(text: str) -> str:
    """Write a text as YAML reads it back, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS else json.dumps(text, ensure_ascii=False)


def key(name: str) -> str:
    """Write the name of an environment as YAML reads it back: `1`, `on` and `0x1f` would be no texts."""
    is_plain = re.fullmatch(r"[a-z][a-z0-9_-]*", name) and name not in _YAML_WORDS
    return name if is_plain else json.dumps(name, ensure_ascii=False)
