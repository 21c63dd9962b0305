"""Paths that name a field inside a JSON value, as people write them: `parameters.values[0].name`."""

import json
import re
from collections.abc import Sequence

Part = str | int
"""A key of an object or an index of a list."""

_PLAIN_KEY = re.compile(r"[A-Za-z_$@][\w$@-]*", re.ASCII)
_STEP = re.compile(
    r"\.?([A-Za-z_$@][\w$@-]*)"
    r"|\[(\d+)\]"
    r'|\[("(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")\]',
    re.ASCII,
)


def render_path(parts: Sequence[Part]) -> str:
    """Write a path; keys that would be misread (with dots, spaces, other scripts) stand in brackets and quotes."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def parse_path(text: str) -> tuple[Part, ...]:
    """Read what `render_path` writes; what follows a step that cannot be read is taken as one key."""
    parts: list[Part] = []
    position = 0
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            parts.append(text[position:].lstrip("."))
            break
        key, index, quoted = step.groups()
        parts.append(key if key is not None else int(index) if index is not None else str(json.loads(quoted)))
        position = step.end()
    return tuple(parts)


def is_at_or_below(path: str, *, prefix: str) -> bool:
    """Say whether a path is the field that `prefix` names or lies inside it; `a.b` is not inside `a.bc`."""
    wanted = parse_path(prefix)
    return parse_path(path)[: len(wanted)] == wanted
