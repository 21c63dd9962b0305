"""What carrying out a promotion takes, and looking at its target while that goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from workflowops.commands.gathering import Declared, Look, Wanted, look_at_all, read_declared
from workflowops.commands.ports import OpenN8nWriter, SnapshotStore, StateView, Workspace
from workflowops.core.configuration import CredentialsMissing, Environment
from workflowops.core.promotion.plan import PlannedWorkflow, PromotionPlan
from workflowops.core.promotion.record import Promotion
from workflowops.errors import N8nError, StateError

PATIENCE = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between two looks at a server that has just failed: what it was sent may still be on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One promotion that is being carried out, under the claim on its target.

    `look` is a complete look at the target with the bodies of all its workflows, made under the claim. `plan` is None
    for a record that a dead run left. `keep` prolongs the claim and raises MovedError once it is somebody else's;
    `pause` waits a number of seconds.
    """

    workspace: Workspace
    environment: Environment
    promotion: Promotion
    plan: PromotionPlan | None
    look: Look
    snapshots: SnapshotStore
    open_writer: OpenN8nWriter
    keep: Callable[[], None]
    pause: Callable[[float], None]

    @property
    def changes(self) -> tuple[PlannedWorkflow, ...]:
        """Answer what the plan writes, in its order."""
        return () if self.plan is None else self.plan.changes

    @property
    def keeps_names(self) -> bool:
        """Say whether the stage takes a credential that is not there by its name."""
        pipeline = self.workspace.configuration.pipelines.get(self.promotion.pipeline_id or "")
        stages = () if pipeline is None else pipeline.stages
        named = [each for each in stages if each.environment == self.environment.name]
        return any(each.credentials_missing is CredentialsMissing.KEEP_NAME for each in named)

    @property
    def saves_drafts(self) -> bool:
        """Say whether the server can save a draft beside what runs."""
        return self.look.abilities is not None and self.look.abilities.publish_if_active

    def say(self, line: str) -> None:
        """Show a line of progress."""
        self.workspace.progress.say(f"{self.environment.name}: {line}")


@dataclass(frozen=True, slots=True)
class Seen:
    """The target as it was read, and what Git declares."""

    view: StateView
    declared: Declared
    look: Look


def look_again(execution: Execution) -> Seen:
    """Read Git and the whole target anew. A server that fails is asked again for half a minute, then its error raised.

    Raises StateError when the list holds a workflow without its body: nothing could be said of it.
    """
    workspace = execution.workspace
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    wanted = Wanted(keep=lambda _, __: True)
    for pause in (*PATIENCE, None):
        look = look_at_all(workspace, [execution.environment], view, declared, wanted=wanted)[0]
        if look.failure is None:
            require_bodies(look)
            return Seen(view, declared, look)
        if pause is None or not isinstance(look.failure, N8nError):
            raise look.failure
        execution.say(f"{look.failure} It is asked again.")
        execution.pause(pause)
    raise AssertionError


def require_bodies(look: Look) -> None:
    """Refuse to judge a look from which workflows were left out. Raises StateError."""
    if look.observation is None:
        raise StateError("The target was not read.", fix="Run again.")
    lacking = [each.id for each in look.observation.workflows if each.id not in look.bodies and each.problem is None]
    if lacking:
        raise StateError(
            f"What {', '.join(lacking[:5])} holds was not kept when the target was read.", fix="Report this bug."
        )
