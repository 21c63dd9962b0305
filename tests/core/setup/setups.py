"""Set-ups for tests, with defaults."""

from workflowops.core.configuration import Approval
from workflowops.core.setup.wishes import ActionsPin, Setup, planned_environments
from workflowops.io.setup_folder import packaged_workflows

PIN = ActionsPin("acme/workflowops", "0123456789abcdef0123456789abcdef01234567")
TEMPLATE_TEXTS = packaged_workflows()


def make_setup(*names: str, approval: Approval = Approval.ENVIRONMENT, **more: object) -> Setup:
    """A set-up of these environments, dev, staging and prod where none is named."""
    given = {"pin": PIN, "repository": "acme/workflows", "approval": approval} | more
    return Setup(environments=planned_environments(names or ("dev", "staging", "prod")), **given)  # type: ignore[arg-type]
