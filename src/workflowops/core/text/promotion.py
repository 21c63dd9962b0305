"""Promotions in words: their previews, their records, and the remarks beside files."""

from workflowops.core.promotion.documents import preview_json, promotion_json
from workflowops.core.text.promotion_annotations import annotations
from workflowops.core.text.promotion_failure import failure_markdown
from workflowops.core.text.promotion_list import promotion_text, status_text
from workflowops.core.text.promotion_preview import preview_markdown
from workflowops.core.text.promotion_record import promotion_markdown
from workflowops.core.text.promotion_terminal import preview_text

__all__ = [
    "annotations",
    "failure_markdown",
    "preview_json",
    "preview_markdown",
    "preview_text",
    "promotion_json",
    "promotion_markdown",
    "promotion_text",
    "status_text",
]
