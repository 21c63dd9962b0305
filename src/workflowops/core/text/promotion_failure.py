"""Why a stage could not be planned, as Markdown for the pull request."""

from workflowops.core.promotion.outcome import Failed
from workflowops.core.text.incident_words import prose
from workflowops.core.text.promotion_words import LONGEST_NAME, plain, sentence


def failure_markdown(failed: Failed) -> str:
    """Tell that a merge is not recorded for a stage, why, and what to do. Without a marker."""
    target = prose(plain(failed.target), LONGEST_NAME)
    return "\n\n".join(
        [
            f"## :no_entry: {target}: not planned",
            f"Nothing is promoted to {target} by this merge, because it could not be planned.",
            sentence(failed.problem, failed.fix),
            "<sub>Nothing was written. Once it is put right, start the run of the merge again.</sub>",
        ]
    )
