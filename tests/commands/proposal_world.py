"""Workflows that wait to come under Git, and the pull requests that bring them there."""

from collections.abc import Iterable
from typing import Any

from tests.commands.builders import MINUTE, World, document
from tests.commands.fake_tracker import FakeTracker

from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.onboarding_finish import finish_onboarding
from workflowops.commands.onboarding_request import propose_onboarding
from workflowops.core.onboarding import OnboardingOutcome, Selection, Wishes
from workflowops.core.onboarding_finish import FinishedOnboardings


class ProposalWorld:
    """One environment or several, each with the unmanaged workflow `w-051`, as in walkthrough 4."""

    def __init__(self, *names: str) -> None:
        self.world = World(*names or ("dev",))
        for name in self.world.n8n:
            self.world.put(name, "w-051", document("Customer Survey Automation"), active=True)
        self.world.sync()
        self.tracker = FakeTracker()

    def desk(self, *, tracker: FakeTracker | None, **workspace: Any) -> Desk:
        return Desk(workspace=self.world.workspace(**workspace), tracker=tracker, pause=lambda _: None)

    def propose(
        self,
        *ids: str,
        environments: Iterable[str] = (),
        wishes: Wishes | None = None,
        message: str | None = None,
        has_tracker: bool = True,
        requested_by: str | None = None,
        issue: int | None = None,
        **workspace: Any,
    ) -> OnboardingOutcome:
        """Ask for workflows by id, or for all."""
        self.world.clock.now += MINUTE
        desk = self.desk(tracker=self.tracker if has_tracker else None, **workspace)
        selection = Selection(workflow_ids=ids, is_all=not ids, message=message)
        with at_the_desk(desk):
            return propose_onboarding(
                desk,
                self.world.environments(*environments),
                selection,
                wishes or Wishes(),
                requested_by=requested_by,
                issue=issue,
            )

    def merge(self, number: int = 500) -> str:
        """Merge a pull request as a person would, and pull."""
        commit = self.world.repository.merge(self.tracker.pull_requests[number - 500].head)
        self.tracker.end_pull_request(number, merge_commit=commit)
        return commit

    def finish(self, *, has_tracker: bool = True, **workspace: Any) -> FinishedOnboardings:
        """What every sync does at its end."""
        self.world.clock.now += MINUTE
        return finish_onboarding(self.desk(tracker=self.tracker if has_tracker else None, **workspace))

    def request(self, workflow_id: str = "w-051", environment: str = "dev") -> Any:
        return self.world.state.document("onboarding.json")["requests"][f"{environment}/{workflow_id}"]

    @property
    def unsaid(self) -> Any:
        return self.world.state.document("onboarding.json")["unsaid"]
