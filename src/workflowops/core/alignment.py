"""Two versions of a list, item by item: which one became which."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from workflowops.core.json import Json, canonical_text

_LONGEST = 250
"""Items, after the common start and end of both lists, beyond which they are compared as one value."""

_IDENTITY_KEYS = ("id", "name", "key", "field")


@dataclass(frozen=True, slots=True)
class Pair:
    """An index in the old list and one in the new; None where the item exists on one side only."""

    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """The items that differ, in the order of the new list, and whether items that stayed changed their order."""

    pairs: tuple[Pair, ...]
    is_reordered: bool


def align(old: Sequence[Json], new: Sequence[Json]) -> Alignment | None:
    """Pair the items of two lists by content, then by `id` or `name`, then by place; None when they are too long.

    `align(new, old)` holds the same pairs with their sides swapped: difflib alone would not promise it.
    """
    old_texts = [canonical_text(item) for item in old]
    new_texts = [canonical_text(item) for item in new]
    sides = _Side(old, old_texts), _Side(new, new_texts)
    is_swapped = old_texts > new_texts
    matched = _match(*reversed(sides)) if is_swapped else _match(*sides)
    if matched is None:
        return None
    found = [(two, one) for one, two in matched] if is_swapped else matched
    kept = sorted((one, two) for one, two in found if one is not None and two is not None)
    followers = [two for _, two in kept]
    differing = [Pair(one, two) for one, two in found if one is None or two is None or old_texts[one] != new_texts[two]]
    return Alignment(
        pairs=tuple(sorted(differing, key=lambda pair: (_place(pair), pair.new is None))),
        is_reordered=followers != sorted(followers),
    )


def _place(pair: Pair) -> int:
    return pair.new if pair.new is not None else pair.old or 0


@dataclass(frozen=True, slots=True)
class _Side:
    items: Sequence[Json]
    texts: list[bytes]


@dataclass(frozen=True, slots=True)
class _Block:
    """A stretch of the old list that another stretch of the new one replaces."""

    old: list[int]
    new: list[int]


def _match(old: _Side, new: _Side) -> list[tuple[int | None, int | None]] | None:
    """Pair all items; `(i, None)` is gone, `(None, j)` has come."""
    shorter = min(len(old.texts), len(new.texts))
    start = 0
    while start < shorter and old.texts[start] == new.texts[start]:
        start += 1
    end = 0
    while end < shorter - start and old.texts[-1 - end] == new.texts[-1 - end]:
        end += 1
    if max(len(old.texts), len(new.texts)) - start - end > _LONGEST:
        return None
    same: list[tuple[int | None, int | None]] = [(index, index) for index in range(start)]
    same += [(len(old.texts) - 1 - back, len(new.texts) - 1 - back) for back in range(end)]
    matcher = difflib.SequenceMatcher(
        a=old.texts[start : len(old.texts) - end], b=new.texts[start : len(new.texts) - end], autojunk=False
    )
    blocks: list[_Block] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        old_range, new_range = range(start + old_from, start + old_to), range(start + new_from, start + new_to)
        if tag == "equal":
            same += zip(old_range, new_range, strict=True)
        else:
            blocks.append(_Block([*old_range], [*new_range]))
    return same + _match_rest(old, new, blocks)


def _match_rest(old: _Side, new: _Side, blocks: list[_Block]) -> list[tuple[int | None, int | None]]:
    gone = {index for block in blocks for index in block.old}
    come = {index for block in blocks for index in block.new}
    found: list[tuple[int | None, int | None]] = []

    def take(one: int, two: int) -> None:
        gone.discard(one)
        come.discard(two)
        found.append((one, two))

    for one, two in _by_content(old, new, sorted(gone), sorted(come)):
        take(one, two)
    for key in _IDENTITY_KEYS:
        for one, two in _by_identity(old, new, gone, come, key):
            take(one, two)
    for block in blocks:
        left, right = [each for each in block.old if each in gone], [each for each in block.new if each in come]
        for one, two in zip(left, right, strict=False):
            take(one, two)
    found += [(index, None) for index in gone]
    found += [(None, index) for index in come]
    return found


def _by_content(old: _Side, new: _Side, gone: list[int], come: list[int]) -> list[tuple[int, int]]:
    places: dict[bytes, list[int]] = {}
    for index in come:
        places.setdefault(new.texts[index], []).append(index)
    return [(index, places[text].pop(0)) for index in gone if places.get(text := old.texts[index])]


def _by_identity(old: _Side, new: _Side, gone: set[int], come: set[int], key: str) -> list[tuple[int, int]]:
    """Pair what carries the same value under `key`, where that value stands once on either side."""
    before, after = _places(old.items, gone, key), _places(new.items, come, key)
    return [
        (before[identity][0], after[identity][0])
        for identity in before
        if identity in after and len(before[identity]) == len(after[identity]) == 1
    ]


def _places(items: Sequence[Json], indexes: set[int], key: str) -> dict[bytes, list[int]]:
    places: dict[bytes, list[int]] = {}
    for index in sorted(indexes):
        item = items[index]
        if isinstance(item, dict) and isinstance(item.get(key), (str, int)):
            places.setdefault(canonical_text(item[key]), []).append(index)
    return places
