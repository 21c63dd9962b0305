"""The pull request that promotes: its title and its body."""

from workflowops.core.promotion.outcome import OpenedPromotion
from workflowops.core.text.markdown import code, escaped
from workflowops.core.text.plain import cut

_MOST_FILES = 200


def pull_request_title(outcome: OpenedPromotion) -> str:
    """Name what is promoted where, in one line."""
    slugs = outcome.canonical_slugs
    what = cut(slugs[0], 60) if len(slugs) == 1 else f"{len(slugs)} workflows"
    return f"Promote {what} from {outcome.source_stage} to {outcome.target_stage}"


def pull_request_body(outcome: OpenedPromotion) -> str:
    """Say what merging it does, and list the files."""
    listed = [f"- {code(path)}" for path in outcome.files[:_MOST_FILES]]
    more = len(outcome.files) - len(listed)
    if more > 0:
        listed.append(f"- and {more} more")
    return "\n".join(
        [
            f"Brings what Git has for **{escaped(outcome.source_stage)}** into the folder of "
            f"**{escaped(outcome.target_stage)}** (pipeline {escaped(outcome.pipeline_id)}). Names of credentials, "
            "ids, `active` and tags are the target's.",
            "",
            f"Merging it makes a promotion. n8n is written to only once the gates of "
            f"{escaped(outcome.target_stage)} are passed; a comment here says what would change.",
            "",
            *listed,
        ]
    )
