"""What a person still has to set: each key and address, each permission and setting, and who approves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.configuration import Approval
from workflowops.core.json import Json
from workflowops.core.setup.form import FORM_LABEL
from workflowops.core.setup.localizing import TEMPLATES
from workflowops.core.setup.wishes import PlannedEnvironment, Setup

READING_SCOPES = ("workflow:list", "workflow:read", "credential:list")
WRITING_SCOPES = (
    *READING_SCOPES, "workflow:create", "workflow:update", "workflow:delete", "workflow:activate",
    "workflow:deactivate", "tag:list", "tag:create", "workflowTags:update",
)  # fmt: skip
_PERMISSION = re.compile(r"^      (?P<name>[a-z-]+): (?P<level>read|write) # (?P<why>.+)$", re.MULTILINE)


class Kind(StrEnum):
    """How GitHub keeps a value: told to nobody again, or shown."""

    SECRET = "secret"  # noqa: S105
    VARIABLE = "variable"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededValue:
    """A secret or variable to set. `environment` is the GitHub environment it belongs to, None the repository."""

    name: str
    kind: Kind
    environment: str | None
    what: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededPermission:
    """What the token of one workflow's jobs may do. The files ask for it; nothing has to be set."""

    workflow: str
    permission: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededSetting:
    """A setting of the GitHub repository, where it stands, and why it is needed."""

    where: str
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOfApproval:
    """One of the ways in which a promotion is approved. `steps` are what has to be done for it."""

    approval: Approval
    is_chosen: bool
    what: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Everything that is left to do by hand, in the order in which a person does it."""

    values: tuple[NeededValue, ...]
    settings: tuple[NeededSetting, ...]
    permissions: tuple[NeededPermission, ...]
    approvals: tuple[WayOfApproval, ...]


def needs_of(setup: Setup, workflows: Mapping[str, str]) -> Needs:
    """Say what a set-up needs. `workflows` are its workflow files by short name; they say what their jobs may do."""
    return Needs(
        values=_values(setup),
        settings=_settings(setup),
        permissions=_permissions(workflows),
        approvals=_approvals(setup) if setup.targets else (),
    )


def commands_to_follow(setup: Setup) -> tuple[tuple[str, str], ...]:
    """Answer the commands that come next, each with what it does; as written they work in the folder of this call."""
    commit = "git add workflowops.yml .gitattributes .github && git commit --message 'Set up WorkflowOps'"
    program = setup.program
    into = ((f"cd {setup.folder}", "the files are there, and the rest is to be run there"),) if setup.folder else ()
    return (
        *into,
        (
            f"{commit} && git push origin HEAD",
            f"puts it on GitHub; what is on {setup.branch} runs, from another branch it gets there by pull request",
        ),
        (
            f"{program} doctor",
            "says what is still missing and how to put it right: here, with the same variables set, GITHUB_TOKEN and "
            "GITHUB_REPOSITORY as well; or in the Actions tab as `WorkflowOps doctor`",
        ),
        (f"{program} sync", "lists what there is"),
        (f"{program} onboard --all", "proposes all of it by pull request"),
        (
            f"git pull && {program} sync && {program} baseline",
            "once that is merged: links it, and accepts what is in sync as last known good",
        ),
    )


def needs_document(needs: Needs) -> dict[str, Json]:
    """Make the JSON of what is left to do."""
    values: list[Json] = [
        {"name": each.name, "kind": str(each.kind), "environment": each.environment, "what": each.what,
         "scopes": list(each.scopes)}
        for each in needs.values
    ]  # fmt: skip
    settings: list[Json] = [{"where": each.where, "what": each.what, "why": each.why} for each in needs.settings]
    permissions: list[Json] = [
        {"workflow": each.workflow, "permission": each.permission, "why": each.why} for each in needs.permissions
    ]
    approvals: list[Json] = [
        {"approval": str(each.approval), "chosen": each.is_chosen, "what": each.what, "steps": list(each.steps)}
        for each in needs.approvals
    ]
    return {"values": values, "settings": settings, "permissions": permissions, "approvals": approvals}


def _values(setup: Setup) -> tuple[NeededValue, ...]:
    values = []
    for each in setup.environments:
        part = "" if len(each.url_variables) == 1 else "a part of "
        for name in each.url_variables:
            what = f"{part}the address of {each.name}, as in the browser, without /api/v1"
            values.append(NeededValue(name=name, kind=Kind.VARIABLE, environment=None, what=what))
        what = f"a key of {each.name} that reads"
        values.append(_key(each, environment=None, what=what, scopes=READING_SCOPES))
    for each in setup.targets:
        what = f"a key of {each.name} that may write; only its approved jobs see it"
        values.append(_key(each, environment=each.name, what=what, scopes=WRITING_SCOPES))
    return tuple({(each.name, each.environment): each for each in values}.values())


def _key(each: PlannedEnvironment, *, environment: str | None, what: str, scopes: tuple[str, ...]) -> NeededValue:
    return NeededValue(name=each.key_variable, kind=Kind.SECRET, environment=environment, what=what, scopes=scopes)


def _settings(setup: Setup) -> tuple[NeededSetting, ...]:
    targets = ", ".join(each.name for each in setup.targets)
    settings = [
        NeededSetting(
            where="Settings, General, Features",
            what="Issues: on",
            why="incidents, unmanaged workflows and the dashboard are issues",
        ),
        NeededSetting(
            where="Issues, Labels",
            what=f"a label {FORM_LABEL}",
            why="GitHub puts it on what the form makes only where it exists; by it a request is known as one",
        ),
        NeededSetting(
            where="Settings, Actions, General, Workflow permissions",
            what="Allow GitHub Actions to create and approve pull requests: on",
            why="/onboard, /adopt and /promote open pull requests",
        ),
        NeededSetting(
            where="Settings, Branches or Rules",
            what=f"a rule for {setup.branch} that asks for a pull request; none for workflowops-state and snapshots/*",
            why="what is merged is what runs next; the jobs push the state and the snapshots themselves",
        ),
    ]
    if targets:
        environments = NeededSetting(
            where="Settings, Environments",
            what=f"an environment for each of: {targets}",
            why="the job that writes names it, and the key that may write is kept there",
        )
        settings.insert(-1, environments)
    return tuple(settings)


def _permissions(workflows: Mapping[str, str]) -> tuple[NeededPermission, ...]:
    found: dict[tuple[str, str], NeededPermission] = {}
    for template in TEMPLATES:
        for line in _PERMISSION.finditer(workflows.get(template.name, "")):
            permission = f"{line['name']}: {line['level']}"
            needed = NeededPermission(workflow=template.file_name, permission=permission, why=line["why"])
            found.setdefault((template.name, permission), needed)
    return tuple(found.values())


def _approvals(setup: Setup) -> tuple[WayOfApproval, ...]:
    guarded = [each.name for each in setup.targets if each.is_production] or [setup.targets[-1].name]
    names = ", ".join(guarded)
    return (
        WayOfApproval(
            approval=Approval.ENVIRONMENT,
            is_chosen=setup.approval is Approval.ENVIRONMENT,
            what="The reviewers of a GitHub environment let the job go on. Its key does not exist before.",
            steps=(
                "The repository is public, or its organization is on GitHub Enterprise: on other plans a private "
                "repository has no required reviewers, and every promotion would be refused.",
                f"Settings, Environments, {names}: required reviewers (at most 6; one approval is enough).",
                "Switch off there that administrators may bypass the rules, unless that is meant.",
            ),
        ),
        WayOfApproval(
            approval=Approval.COMMENTS,
            is_chosen=setup.approval is Approval.COMMENTS,
            what="/approve with the digest of the plan, as a comment on the pull request.",
            steps=(
                "It works on every plan of GitHub; whoever may write to the repository and did not write the change "
                "may approve.",
                f"In workflowops.yml, at {names}: gates: {{approval: comments, four_eyes: true}} where whoever merged "
                "it shall not count either.",
            ),
        ),
    )
