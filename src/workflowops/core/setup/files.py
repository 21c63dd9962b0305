"""All the files of a set-up, and the plan of what becomes of each in a repository."""

from collections.abc import Mapping, Sequence

from workflowops.core.configuration import Configuration, read_configuration
from workflowops.core.problems import Problem
from workflowops.core.setup import attributes, configuration_file
from workflowops.core.setup.form import onboarding_form
from workflowops.core.setup.localizing import TEMPLATES, localized
from workflowops.core.setup.updating import FilePlan, plan_attributes, plan_configuration, plan_generated
from workflowops.core.setup.wishes import Setup
from workflowops.errors import ConfigurationError

WORKFLOWS_FOLDER = ".github/workflows"
FORM_PATH = ".github/ISSUE_TEMPLATE/workflowops-onboard.yml"


def paths() -> tuple[str, ...]:
    """Name every file that a set-up consists of, from the root of the repository."""
    workflows = (f"{WORKFLOWS_FOLDER}/{each.file_name}" for each in TEMPLATES)
    return (configuration_file.PATH, attributes.PATH, *workflows, FORM_PATH)


def generated_files(setup: Setup, templates: Mapping[str, str]) -> dict[str, str]:
    """Answer path -> text of the files that `init` keeps up to date: the workflow files and the issue form.

    `templates` are the packaged files by file name. The texts are without the mark.
    """
    files = {}
    for template in TEMPLATES:
        if template.file_name not in templates:
            raise ConfigurationError(
                f"{template.file_name} did not come with the program.", fix="Install WorkflowOps again."
            )
        files[f"{WORKFLOWS_FOLDER}/{template.file_name}"] = localized(templates[template.file_name], template, setup)
    return files | {FORM_PATH: onboarding_form([each.name for each in setup.environments])}


def plan_files(
    setup: Setup, *, templates: Mapping[str, str], present: Mapping[str, str], configuration: Configuration | None
) -> tuple[FilePlan, ...]:
    """Say what becomes of every file. `present` holds those that are there; `configuration` is the one among them."""
    known: Sequence[str] = list(configuration.environments) if configuration else ()
    is_configured = configuration_file.PATH in present
    plans = [
        plan_configuration(
            configuration_file.PATH,
            "" if is_configured else configuration_file.configuration_text(setup),
            present.get(configuration_file.PATH),
            missing=configuration_file.missing_environments(setup.environments, known=known),
        ),
        plan_attributes(
            attributes.attributes_block(setup.environments),
            present.get(attributes.PATH),
            missing=attributes.missing_lines(present.get(attributes.PATH, ""), setup.environments),
        ),
    ]
    for path, text in generated_files(setup, templates).items():
        plans.append(plan_generated(path, text, present.get(path)))
    return tuple(plans)


def present_configuration(content: bytes | None) -> Configuration | None:
    """Read the workflowops.yml that is there; None when there is none. Raises ConfigurationError when it has errors."""
    if content is None:
        return None
    configuration, problems = read_configuration(content, path=configuration_file.PATH)
    if configuration is None:
        raise ConfigurationError(_first(problems), fix="Run `workflowops validate`, put that right, and begin again.")
    return configuration


def _first(problems: Sequence[Problem]) -> str:
    error = next(each for each in problems if each.is_error)
    return f"{configuration_file.PATH} is there and cannot be used. Line {error.line}: {error.message}"
