"""The record of onboarding on the state branch: read, and changed by compare-and-swap."""

from collections.abc import Callable, Mapping

from workflowops.commands.ports import StateView, Workspace
from workflowops.core.onboarding_record import ONBOARDING_PATH, OnboardingFile
from workflowops.core.records import decode, encode


def read_onboarding(view: StateView) -> OnboardingFile:
    """Read what is remembered of onboarding; an empty record where there is none. Raises StateError."""
    return decode(view.read(ONBOARDING_PATH), OnboardingFile, path=ONBOARDING_PATH) or OnboardingFile()


def onboarding_files(before: OnboardingFile, after: OnboardingFile) -> dict[str, bytes | None]:
    """Answer the file to write; none when nothing changed."""
    return {} if before == after else {ONBOARDING_PATH: encode(after)}


def change_onboarding(
    workspace: Workspace, change: Callable[[OnboardingFile], OnboardingFile], *, message: str
) -> OnboardingFile:
    """Change the record, and answer what it is then. A dry run writes nothing. Raises MovedError, PushRefusedError."""
    latest: list[OnboardingFile] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        before = read_onboarding(tip)
        latest.append(change(before))
        return onboarding_files(before, latest[-1])

    if workspace.is_dry_run:
        return change(read_onboarding(workspace.state.view()))
    workspace.state.change(decide, message=message)
    return latest[-1]
