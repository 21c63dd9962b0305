"""`init`: the files that a repository needs, planned as a whole, written all or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from workflowops.core.configuration import Approval, Configuration
from workflowops.core.setup import configuration_file
from workflowops.core.setup.files import WORKFLOWS_FOLDER, paths, plan_files, present_configuration
from workflowops.core.setup.localizing import TEMPLATES, said_by
from workflowops.core.setup.needs import Needs, needs_of
from workflowops.core.setup.updating import Fate, FilePlan, to_write
from workflowops.core.setup.wishes import (
    PlannedEnvironment,
    Setup,
    check_variables,
    configured_approval,
    configured_environments,
)


class Folder(Protocol):
    """The work tree of the user's repository."""

    def read(self, paths: Iterable[str]) -> Mapping[str, str]:
        """Answer the content of the files that are there. Raises ConfigurationError for what is no real file."""

    def write(self, files: Mapping[str, str], *, before: Mapping[str, str]) -> None:
        """Write all or none. Raises MovedError for a file that is another one than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is there: files by path, and the configuration among them."""

    files: Mapping[str, str]
    configuration: Configuration | None

    @property
    def environments(self) -> tuple[PlannedEnvironment, ...]:
        """The environments of the configuration; () when there is none."""
        return configured_environments(self.configuration) if self.configuration else ()

    @property
    def approval(self) -> Approval | None:
        """Who approves by the configuration; None when there is none."""
        return configured_approval(self.configuration) if self.configuration else None

    @property
    def said(self) -> tuple[str | None, str | None]:
        """The branch and the runner of the workflow files that are there, which a second run keeps."""
        return said_by(self.files.get(f"{WORKFLOWS_FOLDER}/workflowops-drift.yml", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOutcome:
    """What became of each file, and what is left to do by hand. With `is_dry_run` nothing was written."""

    setup: Setup
    plans: tuple[FilePlan, ...]
    needs: Needs
    is_dry_run: bool

    @property
    def left(self) -> tuple[FilePlan, ...]:
        """The files that a person has to look at."""
        return tuple(plan for plan in self.plans if plan.fate is Fate.LEFT)


def look(folder: Folder) -> Present:
    """Read what a first run left, or a person made. Raises ConfigurationError for what cannot be worked with."""
    files = folder.read(paths())
    text = files.get(configuration_file.PATH)
    return Present(files=files, configuration=present_configuration(None if text is None else text.encode()))


def joined(present: Present, named: tuple[PlannedEnvironment, ...]) -> tuple[PlannedEnvironment, ...]:
    """Put the environments that are configured before those that are named as well.

    A workflow file that knew only some of them could not read the others. Which one is production the configuration
    has said already.
    """
    known = present.environments
    names = {each.name for each in known}
    added = (each for each in named if each.name not in names)
    together = (*known, *(replace(each, is_target=True, is_production=False) if known else each for each in added))
    check_variables(together)
    return together


def plan(setup: Setup, present: Present, *, templates: Mapping[str, str]) -> InitOutcome:
    """Decide what becomes of every file, and write nothing."""
    plans = plan_files(setup, templates=templates, present=present.files, configuration=present.configuration)
    wanted = {each.path: each.content or each.before or "" for each in plans}
    workflows = {each.name: wanted[f"{WORKFLOWS_FOLDER}/{each.file_name}"] for each in TEMPLATES}
    return InitOutcome(setup=setup, plans=plans, needs=needs_of(setup, workflows), is_dry_run=True)


def carry_out(planned: InitOutcome, folder: Folder, present: Present) -> InitOutcome:
    """Write what was planned, all of it or nothing."""
    folder.write(to_write(planned.plans), before=present.files)
    return InitOutcome(setup=planned.setup, plans=planned.plans, needs=planned.needs, is_dry_run=False)
