"""What follows a sync on GitHub: wishes that came true are answered, and unmanaged workflows are listed."""

from collections.abc import Sequence

from workflowops.commands.desk import Desk
from workflowops.commands.onboarding_files import read_onboarding
from workflowops.commands.onboarding_finish import finish_onboarding, is_anything_open
from workflowops.commands.ports import StateStore
from workflowops.commands.unmapped import update_unmapped
from workflowops.core.configuration import Environment
from workflowops.core.onboarding_finish import FinishedOnboardings
from workflowops.core.sync import SyncOutcome
from workflowops.core.unmapped.alert import is_on_its_way
from workflowops.core.unmapped.following import SyncFollowed
from workflowops.errors import WorkflowOpsError


def needs_following(state: StateStore, outcome: SyncOutcome) -> bool:
    """Say whether a sync can mean anything for GitHub: something is unmanaged, or somebody waits to be told.

    A record that cannot be read counts as yes, so that following it says why.
    """
    if any(each.workflows_unmapped for each in outcome.environments):
        return True
    try:
        view = state.view()
        file = read_onboarding(view)
        return is_anything_open(view, file) or any(is_on_its_way(each) for each in file.alerts.values())
    except WorkflowOpsError:
        return True


def follow_sync(desk: Desk, environments: Sequence[Environment]) -> SyncFollowed:
    """Answer the wishes that came true, and bring the issues about unmanaged workflows up to date.

    Raises no error of ours: whatever fails is told, and left to the next sync. One of the two does not keep the other.
    """
    failures: list[str] = []
    finished = FinishedOnboardings()
    try:
        finished = finish_onboarding(desk)
    except WorkflowOpsError as error:
        failures.append(f"{error} {error.fix}")
    return SyncFollowed(finished=finished, unmapped=update_unmapped(desk, environments), failures=tuple(failures))
