"""The workflow files as `init` writes them for a team, for the tests that run them or look into them."""

from tests.core.setup.setups import PIN, TEMPLATE_TEXTS, make_setup

__all__ = ["PIN", "TEMPLATE_TEXTS", "generated_workflows", "written_files"]

from workflowops.core.setup.files import FORM_PATH, generated_files
from workflowops.core.setup.marking import marked


def written_files(*environments: str) -> dict[str, str]:
    """Every file that the program keeps up to date, by path, as it lies in the repository."""
    files = generated_files(make_setup(*environments), TEMPLATE_TEXTS)
    return {path: marked(text) for path, text in files.items()}


def generated_workflows(*environments: str) -> dict[str, str]:
    """The workflow files by short name: `drift`, `comments` and so on."""
    return {
        path.rpartition("/workflowops-")[2].removesuffix(".yml"): text
        for path, text in written_files(*environments).items()
        if path != FORM_PATH
    }
