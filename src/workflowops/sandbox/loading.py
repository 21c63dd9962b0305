"""Fills an instance from a folder of exported workflows, however odd they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflowops.core.json import Json
from workflowops.sandbox.instance import Instance
from workflowops.sandbox.javascript import read

_LONGEST_ID = 36


@dataclass(frozen=True, slots=True)
class Loading:
    """What came of the files: how many workflows, and which files were none."""

    loaded: int
    refused: tuple[str, ...]


def load_folder(instance: Instance, folder: Path) -> Loading:
    """Store every workflow below the folder as an older server might have, published where the file says active.

    The id in the file is kept when it is a text that n8n could have made and is not taken.
    """
    loaded = 0
    refused: list[str] = []
    for path in sorted(folder.rglob("*.json")):
        document = _document(path)
        if document is None:
            refused.append(str(path.relative_to(folder)))
            continue
        instance.create_workflow(
            document,
            id=_free_id(instance, document.get("id")),
            active=document.get("active") is True,
            lenient=True,
            tags=tuple(_tag_names(document.get("tags"))),
        )
        loaded += 1
    return Loading(loaded, tuple(refused))


def _document(path: Path) -> dict[str, Json] | None:
    """Answer a workflow; None when the file holds something else. One without a name gets the file's."""
    try:
        value = read(path.read_bytes())
    except ValueError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("nodes"), list):
        return None
    filled: dict[str, Json] = {"connections": {}, "settings": {}, "name": path.stem}
    return {**value, **{name: other for name, other in filled.items() if value.get(name) is None}}


def _free_id(instance: Instance, given: Json) -> str | None:
    if not isinstance(given, str) or not 1 <= len(given) <= _LONGEST_ID or not given.isascii():
        return None
    usable = given.replace("-", "").replace("_", "").isalnum() and given not in instance.store
    return given if usable else None


def _tag_names(tags: Json) -> Iterator[str]:
    for tag in tags if isinstance(tags, list) else []:
        name = tag.get("name") if isinstance(tag, dict) else tag
        if isinstance(name, str) and 1 <= len(name.strip()) <= 24:
            yield name.strip()
