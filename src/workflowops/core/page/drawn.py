"""The drawings of a page, as many as a page can carry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from workflowops.core.drawing import Drawing
from workflowops.core.drawings_file import DrawingsFile

MOST_GRAPHS = 10
_MOST_PIECES = 5_000

_Key = TypeVar("_Key", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDrawings:
    """The drawings that were kept, of incidents by number and of promotions by id; nothing where there are none.

    None stands for a file that could not be read.
    """

    incidents: Mapping[int, DrawingsFile | None] = field(default_factory=dict)
    promotions: Mapping[str, DrawingsFile | None] = field(default_factory=dict)


def bounded(files: Mapping[_Key, DrawingsFile | None], newest_first: Iterable[_Key]) -> dict[_Key, DrawingsFile | None]:
    """Answer what is drawn of the files: ten graphs of each, the newest first, until the page is large enough.

    A piece, which is a node or a wire, takes about 400 bytes of it. What is taken off is counted in `left_out`.
    """
    room = _MOST_PIECES
    found: dict[_Key, DrawingsFile | None] = {}
    for key in newest_first:
        file = files.get(key, DrawingsFile())
        if file is not None:
            kept = []
            for each in file.drawings[:MOST_GRAPHS]:
                if (pieces := _pieces(each.drawing)) <= room:
                    room -= pieces
                    kept.append(each)
            left_out = file.left_out + len(file.drawings) - len(kept)
            file = replace(file, drawings=tuple(kept), left_out=left_out)
        found[key] = file
    return found


def _pieces(drawing: Drawing) -> int:
    return len(drawing.nodes) + len(drawing.wires)
