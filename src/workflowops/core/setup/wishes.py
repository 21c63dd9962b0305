"""What a team wants set up: its environments in order, who approves, and where the actions come from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflowops.core.access import variables_in
from workflowops.core.configuration import Approval, Configuration
from workflowops.core.naming import path_fault
from workflowops.core.problems import shown
from workflowops.errors import ConfigurationError

LONGEST_TITLE = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ACTIONS = re.compile(r"(?P<repository>[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100})@(?P<commit>[0-9a-f]{40})")
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}")
_RUNNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KNOWN_TITLES = {"dev": "Development", "prod": "Production", "qa": "QA", "uat": "UAT", "stage": "Staging"}


@dataclass(frozen=True, slots=True)
class ActionsPin:
    """The repository that holds the actions (`OWNER/REPO`), and the commit of it that is used (40 hex digits)."""

    repository: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEnvironment:
    """An environment as the files name it. `url_variables` and `key_variable` are what its jobs read.

    `is_target` says whether something is promoted to it.
    """

    name: str
    title: str
    folder: str
    url_variables: tuple[str, ...]
    key_variable: str
    is_production: bool = False
    is_target: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything that decides what the files say. `repository` only spreads the schedules over the hour.

    `environments` stand in the order in which workflows are promoted. `runs_on` are the labels of a runner. `program`
    is how this program is called here, and `folder` where the files are, None where the caller stands there; both as a
    shell reads them.
    """

    environments: tuple[PlannedEnvironment, ...]
    pin: ActionsPin
    approval: Approval = Approval.ENVIRONMENT
    branch: str = "main"
    runs_on: tuple[str, ...] = ("ubuntu-latest",)
    repository: str = ""
    program: str = "workflowops"
    folder: str | None = None

    @property
    def targets(self) -> tuple[PlannedEnvironment, ...]:
        """The environments that something is promoted to."""
        return tuple(each for each in self.environments if each.is_target)


def planned_environments(
    names: Sequence[str], *, titles: Mapping[str, str] | None = None, production: str | None = None
) -> tuple[PlannedEnvironment, ...]:
    """Answer the environments of these names, in order. The last one is production where nobody says which.

    Something is promoted to all but the first.

    Raises ConfigurationError for no name, one that is none, one said twice, and two that would share a variable.
    """
    if not names:
        raise ConfigurationError(
            "No environment is named.", fix="Name each n8n instance, in order: --environment dev --environment prod."
        )
    for name in names:
        _check_name(name)
        if names.count(name) > 1:
            raise ConfigurationError(f"The environment {shown(name)} is named twice.", fix="Name it once.")
    live = production or names[-1]
    if live not in names:
        raise ConfigurationError(f"No environment is called {shown(live)}.", fix=f"Known: {', '.join(names)}.")
    said = titles or {}
    planned = tuple(
        _environment(name, title=said.get(name), is_production=name == live, is_target=name != names[0])
        for name in names
    )
    check_variables(planned)
    return planned


def check_variables(environments: Sequence[PlannedEnvironment]) -> None:
    """Raise ConfigurationError for two environments that would read the same key, as `a-b` and `a_b` would."""
    owners: dict[str, str] = {}
    for each in environments:
        other = owners.setdefault(each.key_variable, each.name)
        if other != each.name:
            raise ConfigurationError(
                f"The environments {shown(other)} and {shown(each.name)} would both read {each.key_variable}.",
                fix="Give one of them a name that differs in more than `-` and `_`, or a key of its own.",
            )


def configured_environments(configuration: Configuration) -> tuple[PlannedEnvironment, ...]:
    """Answer the environments of a configuration that is there already, with the variables that it names.

    Those of the first pipeline come first and in its order, because what comes later is promoted to.
    """
    staged = [stage.environment for each in configuration.pipelines.values() for stage in each.stages]
    names = dict.fromkeys([*staged, *configuration.environments])
    targets = {stage.environment for each in configuration.pipelines.values() for stage in each.stages[1:]}
    live = _severest(configuration)
    return tuple(
        PlannedEnvironment(
            name=name,
            title=environment.title,
            folder=environment.folder,
            url_variables=variables_in(environment.url),
            key_variable=variables_in(environment.api_key)[0],
            is_production=name == live,
            is_target=name in targets,
        )
        for name in names
        for environment in [configuration.environments[name]]
    )


def configured_approval(configuration: Configuration) -> Approval:
    """Answer who approves for the stage whose drift is worst, NONE when nobody does or nothing is promoted there."""
    live = _severest(configuration)
    gates = [stage.gates for each in configuration.pipelines.values() for stage in each.stages[1:]]
    there = [
        stage.gates
        for each in configuration.pipelines.values()
        for stage in each.stages[1:]
        if stage.environment == live
    ]
    return next((each.approval for each in there or gates if each.approval is not Approval.NONE), Approval.NONE)


def read_pin(text: str) -> ActionsPin:
    """Read `OWNER/REPO@COMMIT`. Raises ConfigurationError for anything that is no whole commit."""
    found = _ACTIONS.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(
            f"{shown(text)} names no commit of a repository: a branch or a tag can be moved to other code later.",
            fix="Pass --actions OWNER/REPO@COMMIT with the 40 digits that `git rev-parse HEAD` prints there.",
        )
    if set(found["commit"]) == {"0"}:
        raise ConfigurationError(
            "The commit of --actions is all zeros, which is no commit.", fix="Pass one that the repository has."
        )
    return ActionsPin(found["repository"], found["commit"])


def check_branch(branch: str) -> str:
    """Answer the branch as it is; a trigger takes it as a pattern, in which other characters mean something."""
    if _BRANCH.fullmatch(branch) and ".." not in branch and not branch.endswith(("/", ".", ".lock")):
        return branch
    raise ConfigurationError(
        f"The branch {shown(branch)} cannot stand in a trigger as it is.",
        fix="Name the default branch of the repository: letters, digits, `.`, `_`, `/` and `-`.",
    )


def check_approval(approval: str | None, *, configured: Approval | None) -> None:
    """Raise ConfigurationError for a wish that the configuration, which is never rewritten, does not grant."""
    if approval is not None and configured not in {None, Approval.NONE, approval}:
        raise ConfigurationError(
            f"workflowops.yml says `approval: {configured}`, and --approval does not change it.",
            fix="Change it there, at the gates of the stage, and leave --approval out.",
        )


def read_runner(text: str) -> tuple[str, ...]:
    """Read the labels of a runner, separated by commas. Raises ConfigurationError for what is no label."""
    labels = tuple(each.strip() for each in text.split(","))
    for label in labels:
        if _RUNNER.fullmatch(label) is None:
            raise ConfigurationError(
                f"{shown(label)} is no label of a runner.",
                fix="Pass --runs-on ubuntu-latest, or labels with commas between: --runs-on self-hosted,linux.",
            )
    return labels


def title_of(name: str) -> str:
    """Propose what people call an environment: `prod` -> `Production`, `prod-eu` -> `Production EU`."""
    first, *rest = [each for each in re.split(r"[-_]+", name) if each]
    words = [_KNOWN_TITLES.get(first, first.capitalize())]
    words += [_KNOWN_TITLES.get(each, each.upper() if len(each) <= 2 else each.capitalize()) for each in rest]
    return " ".join(words)


def variable_stem(name: str) -> str:
    """Make the part of a variable's name that stands for an environment: `prod-eu` -> `N8N_PROD_EU`."""
    return "N8N_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _environment(name: str, *, title: str | None, is_production: bool, is_target: bool) -> PlannedEnvironment:
    stem = variable_stem(name)
    return PlannedEnvironment(
        name=name,
        title=_checked_title(title or title_of(name), name),
        folder=name,
        url_variables=(f"{stem}_URL",),
        key_variable=f"{stem}_API_KEY",
        is_production=is_production,
        is_target=is_target,
    )


def _checked_title(title: str, name: str) -> str:
    if 0 < len(title) <= LONGEST_TITLE and title.isprintable() and "${" not in title:
        return title
    raise ConfigurationError(
        f"The title of {name} cannot be used.", fix=f"Write 1 to {LONGEST_TITLE} characters on one line."
    )


def _check_name(name: str) -> None:
    fault = None if _NAME.fullmatch(name) else "is no name of an environment"
    fault = fault or path_fault(name)
    if fault is not None:
        likely = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]
        proposal = f"For example {shown(likely)}. " if _NAME.fullmatch(likely) and path_fault(likely) is None else ""
        raise ConfigurationError(
            f"The environment {shown(name)} {fault}.",
            fix=f"{proposal}Take lower-case letters, digits, `-` and `_`; it begins with a letter or a digit and has "
            "at most 63 characters.",
        )


def _severest(configuration: Configuration) -> str:
    """The environment whose drift is worst; the last of those that are equally bad."""
    order = ("low", "medium", "high", "critical")
    named = enumerate(configuration.environments.items())
    return max((order.index(each.severity), index, name) for index, (name, each) in named)[2]
