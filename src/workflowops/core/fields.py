"""Changed fields of a JSON object: which ones, from what to what."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.alignment import align
from workflowops.core.field_path import Part
from workflowops.core.json import Json, canonical_text

_LARGEST = 2_000
"""Keys and items, over all levels, of what is looked into as a whole; a larger list is compared as one value."""

_DEEPEST = 60
_LABEL_KEYS = ("name", "key", "field", "parameter", "header")


class ChangeType(StrEnum):
    """What happened to a node, a field or a connection."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    RENAMED = "renamed"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class ChangedField:
    """One field that differs. Where a side lacks the field its value is None, and `change_type` tells it from null.

    The path stands in the new value, except for a removed field, which only the old value has. `labels` are the names
    that stand beside the value, such as `Authorization` beside the value of a header.
    """

    path: tuple[Part, ...]
    change_type: ChangeType
    old: Json
    new: Json
    labels: tuple[str, ...] = ()


class _Absent:
    """Stands for a field that one side lacks."""


_ABSENT = _Absent()


def are_equal(one: Json, other: Json) -> bool:
    """Say whether two values are the same JSON. Python alone would take `True` and `1` for equal."""
    return canonical_text(one) == canonical_text(other)


def changed_fields(old: Mapping[str, Json], new: Mapping[str, Json]) -> tuple[ChangedField, ...]:
    """List the fields in which two objects differ, in the order of their paths. Empty exactly when they are equal.

    A list item is named by its index; items are paired by content and by their `id` or `name`, so that one inserted at
    the front does not make all others look changed. Objects and lists beyond a size are compared as one value.
    """
    return tuple(sorted(_object_changes({**old}, {**new}, ()), key=_sort_key))


def _sort_key(change: ChangedField) -> tuple[list[tuple[int, int, str]], ChangeType]:
    return [(0, part, "") if isinstance(part, int) else (1, 0, part) for part in change.path], change.change_type


def _object_changes(old: dict[str, Json], new: dict[str, Json], path: tuple[Part, ...]) -> Iterator[ChangedField]:
    if are_equal(old, new):
        return
    if not (_is_small(old) and _is_small(new)):
        yield from _key_by_key(old, new, path)
        return
    from deepdiff import DeepDiff  # takes 90 ms, and is needed only where something differs

    found = DeepDiff(
        _outline(old),
        _outline(new),
        view="tree",
        ignore_private_variables=False,  # else `__rl`, n8n's mark of a resource locator, would be skipped
        threshold_to_diff_deeper=0,
    )
    for levels in found.values():
        for level in levels:
            inner = tuple(level.path(output_format="list"))
            yield from _changes(_at(old, inner), _at(new, inner), path + inner, _labels(old, new, inner))


def _key_by_key(old: dict[str, Json], new: dict[str, Json], path: tuple[Part, ...]) -> Iterator[ChangedField]:
    for key in old.keys() | new.keys():
        before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
        labels = _labels(old, new, (key,))
        if len(path) < _DEEPEST:
            yield from _changes(before, after, (*path, key), labels)
        elif isinstance(before, _Absent) or isinstance(after, _Absent) or not are_equal(before, after):
            yield _field(before, after, (*path, key), labels)


def _outline(value: Json) -> dict[str, object] | str:
    """Replace everything but objects by a text that stands for it, so that deepdiff neither guesses nor gets slow.

    Left as they are, `1` and `True` would be equal, a list of objects would be compared place by place, and a code text
    of 100,000 characters line by line.
    """
    if isinstance(value, dict):
        return {key: _outline(item) for key, item in value.items()}
    text = canonical_text(value)
    return text.decode("ascii") if len(text) <= 64 else hashlib.sha256(text).hexdigest()


def _changes(
    old: Json | _Absent, new: Json | _Absent, path: tuple[Part, ...], labels: tuple[str, ...]
) -> Iterator[ChangedField]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _object_changes(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(old, new, path, labels)
    elif isinstance(old, _Absent) or isinstance(new, _Absent) or not are_equal(old, new):
        yield _field(old, new, path, labels)


def _list_changes(
    old: list[Json], new: list[Json], path: tuple[Part, ...], labels: tuple[str, ...]
) -> Iterator[ChangedField]:
    alignment = align(old, new) if _is_small(old) and _is_small(new) else None
    if alignment is None:
        yield _field(old, new, path, labels)
        return
    if alignment.is_reordered:
        yield ChangedField(path, ChangeType.REORDERED, old, new, labels)
    for pair in alignment.pairs:
        before = _ABSENT if pair.old is None else old[pair.old]
        after = _ABSENT if pair.new is None else new[pair.new]
        index = pair.new if pair.new is not None else pair.old
        yield from _changes(before, after, (*path, index or 0), labels)


def _field(old: Json | _Absent, new: Json | _Absent, path: tuple[Part, ...], labels: tuple[str, ...]) -> ChangedField:
    if isinstance(old, _Absent):
        return ChangedField(path, ChangeType.ADDED, None, None if isinstance(new, _Absent) else new, labels)
    if isinstance(new, _Absent):
        return ChangedField(path, ChangeType.REMOVED, old, None, labels)
    return ChangedField(path, ChangeType.MODIFIED, old, new, labels)


def _is_small(value: Json) -> bool:
    """Say whether a value, with all that is in it, is small and shallow enough to be looked into."""
    count = 0
    waiting = [(value, 0)]
    while waiting:
        current, depth = waiting.pop()
        if not isinstance(current, (dict, list)):
            continue
        count += len(current)
        if count > _LARGEST or depth > _DEEPEST:
            return False
        inner = current.values() if isinstance(current, dict) else current
        waiting.extend((item, depth + 1) for item in inner)
    return True


def _at(value: Json, path: Sequence[Part]) -> Json | _Absent:
    current: Json = value
    for part in path:
        if not isinstance(current, dict) or part not in current:
            return _ABSENT
        current = current[str(part)]
    return current


def _labels(old: Json, new: Json, path: Sequence[Part]) -> tuple[str, ...]:
    """Answer the names that stand beside the field at `path`, on either side."""
    labels: dict[str, None] = {}
    for side in (old, new):
        holder = _at(side, path[:-1])
        if isinstance(holder, dict):
            names = [holder.get(key) for key in _LABEL_KEYS if key != path[-1]]
            labels |= {name: None for name in names if isinstance(name, str) and name}
    return tuple(labels)
