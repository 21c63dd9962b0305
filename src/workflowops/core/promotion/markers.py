"""Hidden marks by which our texts about promotions are found again, and the names of our checks and labels."""

from workflowops.core.incident.markers import is_marked, marked

__all__ = ["OUR_MARK", "PREVIEW_MARKER", "answer_marker", "is_marked", "marked", "preview_marker", "promotion_marker"]

OUR_MARK = "<!-- workflowops:"
"""What every mark of ours begins with."""

PREVIEW_MARKER = "<!-- workflowops:promotion-preview -->"
"""The mark of a comment that tells everything a pull request would change, whatever the stages."""


def preview_marker(target_stage: str) -> str:
    """Answer what the comment ends with that tells what a pull request would change in one stage."""
    return f"<!-- workflowops:promotion-preview {_safe(target_stage)} -->"


def promotion_marker(promotion_id: str) -> str:
    """Answer what the comment about one promotion ends with; it is kept up to date from plan to end."""
    return f"<!-- workflowops:promotion {_safe(promotion_id)} -->"


def answer_marker(comment_id: int) -> str:
    """Answer what our answer to a comment on a pull request ends with."""
    return f"<!-- workflowops:answer comment-{comment_id} -->"


def _safe(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character in "-_.")
