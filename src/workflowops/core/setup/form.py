"""The issue form by which people ask for a workflow to be put under Git."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

FORM_FILE = "workflowops-onboard.yml"
"""The file's name in `.github/ISSUE_TEMPLATE`; links to the form name it."""

FORM_LABEL = "workflowops:onboard"
"""The label by which an issue is known as one that the form made. GitHub sets it only where it exists."""


class FormField(StrEnum):
    """The fields of the form, by the headings under which GitHub writes what was entered."""

    ENVIRONMENT = "Environment"
    WORKFLOW = "n8n workflow id"
    SLUG = "Canonical slug"
    DESCRIPTION = "Description"
    TAGS = "Tags"
    FILE = "Target file"
    MESSAGE = "Commit message"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """How the form asks for a field: GitHub's kind of field, and the words below the heading."""

    field: FormField
    kind: str
    words: str
    example: str = ""
    is_required: bool = False


_ASKED = (
    _Asked(
        field=FormField.ENVIRONMENT,
        kind="dropdown",
        words="Where the workflow runs now.",
        is_required=True,
    ),
    _Asked(
        field=FormField.WORKFLOW,
        kind="input",
        words="The last part of the workflow's address in n8n. The issue about unmanaged workflows lists it.",
        example="2tUt1wbLX592XDdX",
        is_required=True,
    ),
    _Asked(
        field=FormField.SLUG,
        kind="input",
        words="The name that the workflow has everywhere: a-z, 0-9 and single _ between. Made from its name if empty.",
        example="customer_survey_automation",
    ),
    _Asked(
        field=FormField.DESCRIPTION,
        kind="textarea",
        words="What the workflow is for. It is written into the sidecar, beside the workflow file.",
        example="Automates customer survey collection and logging",
    ),
    _Asked(
        field=FormField.TAGS,
        kind="input",
        words="Separated by commas. They are written into the sidecar.",
        example="surveys, automation, customers",
    ),
    _Asked(
        field=FormField.FILE,
        kind="input",
        words="A path in the environment's folder that ends in .json. Made from the slug if empty.",
        example="dev/customer_survey_automation.json",
    ),
    _Asked(
        field=FormField.MESSAGE,
        kind="input",
        words="The message of the commit that adds the workflow. Written for you if empty.",
        example="Add customer survey automation workflow",
    ),
)

_INTRODUCTION = (
    "WorkflowOps reads the workflow from n8n and opens a pull request that adds it to this repository, with a sidecar "
    "that says who it is. The answer comes as a comment on the issue. It takes the role `write` in this repository."
)


def onboarding_form(environments: Sequence[str]) -> str:
    """Write the issue form for these environments, in order, as GitHub reads it from `.github/ISSUE_TEMPLATE`.

    Raises ValueError without an environment, which GitHub would not accept.
    """
    if not environments:
        raise ValueError("An issue form needs an environment to choose.")
    lines = [
        "name: Onboard an n8n workflow",
        "description: Put an unmanaged workflow under Git, by a pull request.",
        'title: "Onboard: "',
        f"labels: [{_quoted(FORM_LABEL)}]",
        "body:",
        "  - type: markdown",
        "    attributes:",
        f"      value: {_quoted(_INTRODUCTION)}",
    ]
    for asked in _ASKED:
        lines += _field(asked, tuple(dict.fromkeys(environments)))
    return "\n".join(lines) + "\n"


def _field(asked: _Asked, environments: Sequence[str]) -> list[str]:
    lines = [
        f"  - type: {asked.kind}",
        f"    id: {asked.field.name.lower()}",
        "    attributes:",
        f"      label: {_quoted(asked.field)}",
        f"      description: {_quoted(asked.words)}",
    ]
    if asked.kind == "dropdown":
        lines += ["      options:", *(f"        - {_quoted(name)}" for name in environments)]
    if asked.example:
        lines.append(f"      placeholder: {_quoted(asked.example)}")
    return [*lines, "    validations:", f"      required: {str(asked.is_required).lower()}"]


def _quoted(text: str) -> str:
    """Quote a text for YAML, of which JSON's strings are a part: an environment may be called `on`."""
    return json.dumps(str(text), ensure_ascii=False)
