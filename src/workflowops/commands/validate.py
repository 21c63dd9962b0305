"""`validate`: whether configuration, workflow files and sidecars can be used, before anything uses them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from workflowops.core.configuration import Configuration, read_configuration
from workflowops.core.problems import Problem
from workflowops.core.validation import validate_repository

ReadFolders = Callable[[Iterable[str]], Mapping[str, bytes]]
"""Answer the files below folders, by path from the repository's root."""


@dataclass(frozen=True, slots=True)
class ValidationOutcome:
    """Every problem at once, and how many files were read."""

    problems: tuple[Problem, ...]
    files: int

    @property
    def is_valid(self) -> bool:
        """Say whether everything can be used; warnings do not count."""
        return not any(problem.is_error for problem in self.problems)


def validate(source: bytes, *, path: str, read_folders: ReadFolders) -> ValidationOutcome:
    """Check the configuration, then all the files of its environments; nothing outside the repository is asked."""
    configuration, problems = read_configuration(source, path=path)
    if configuration is None:
        return ValidationOutcome(problems, files=1)
    files = read_folders(_folders(configuration))
    return ValidationOutcome((*problems, *validate_repository(configuration, files)), files=1 + len(files))


def _folders(configuration: Configuration) -> list[str]:
    return [environment.folder for environment in configuration.environments.values()]
