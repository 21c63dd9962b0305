"""What GitHub is told after a sync: which wishes came true, and which workflows are unmanaged."""

from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.core.onboarding_finish import FinishedOnboardings
from workflowops.core.unmapped.outcome import UnmappedOutcome, unmapped_document


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncFollowed:
    """What became of GitHub after a sync; nothing where it was not asked for."""

    finished: FinishedOnboardings = field(default_factory=FinishedOnboardings)
    unmapped: UnmappedOutcome = field(default_factory=UnmappedOutcome)
    failures: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Tell what GitHub or the state did not take; the next sync goes on with it."""
        return tuple(dict.fromkeys((*self.failures, *self.finished.problems, *self.unmapped.problems)))


def followed_document(followed: SyncFollowed) -> dict[str, Json]:
    """Write what GitHub was told, for the document of a sync."""
    return {
        "issues": unmapped_document(followed.unmapped),
        "onboarded": [
            {
                "environment": each.environment,
                "n8n_workflow_id": each.n8n_workflow_id,
                "canonical_id": each.canonical_id,
                "canonical_slug": each.canonical_slug,
                "git_file_path": each.git_file_path,
                "git_commit_sha": each.git_commit_sha,
            }
            for each in followed.finished.onboarded
        ],
        "withdrawn": [
            {
                "environment": each.environment,
                "n8n_workflow_id": each.n8n_workflow_id,
                "pull_request": each.pull_request,
            }
            for each in followed.finished.withdrawn
        ],
        "problems": [*followed.problems],
    }
