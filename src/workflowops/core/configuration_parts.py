"""Parts of a configuration that may still have any shape, for the rules that look at what can be read of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflowops.core.problems import PathInDocument

_LONGEST_TEXT = 2000
"""Longer texts break the schema's bounds, and no rule looks at them."""


def mappings(document: Mapping[str, Any], key: str) -> Iterator[tuple[PathInDocument, dict[str, Any]]]:
    """Answer the members of a key that are mappings, with their places."""
    members = document.get(key)
    if isinstance(members, dict):
        for name, member in members.items():
            if isinstance(member, dict):
                yield (key, name), member


def stages(document: Mapping[str, Any]) -> Iterator[tuple[PathInDocument, list[dict[str, Any]]]]:
    """Answer the stages of every pipeline, with the place of their list; one that is no mapping is an empty one."""
    for path, pipeline in mappings(document, "pipelines"):
        listed = pipeline.get("stages")
        if isinstance(listed, list):
            yield (*path, "stages"), [stage if isinstance(stage, dict) else {} for stage in listed]


def is_text(value: Any) -> bool:
    """Say whether a rule can look at it: a text that is neither empty nor too long for the schema."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT
