"""What a selection of workflows needs beside itself, and the order in which it can be written and published."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Order:
    """Ids with what they depend on before them; `cycles` are the groups whose members depend on each other."""

    ids: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...] = ()


def closure(selection: Iterable[str], *, calls: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Answer the selection, in its order, and behind it everything that is called from it, directly or not."""
    found = dict.fromkeys(selection)
    waiting = list(found)
    for each in waiting:
        added = [called for called in sorted(calls.get(each, ())) if called not in found]
        found.update(dict.fromkeys(added))
        waiting += added
    return tuple(found)


def in_order(ids: Iterable[str], *, depends_on: Mapping[str, Collection[str]]) -> Order:
    """Put dependencies first and leave the order as it is otherwise.

    What is not among the ids is nobody's dependency here, and neither is a workflow its own. The members of a cycle
    stand beside each other in the order in which they were given.
    """
    place = {each: number for number, each in enumerate(dict.fromkeys(ids))}
    needed = {
        each: sorted({other for other in depends_on.get(each, ()) if other in place} - {each}, key=place.__getitem__)
        for each in place
    }
    groups = [tuple(sorted(group, key=place.__getitem__)) for group in _Search(needed).groups()]
    return Order(tuple(each for group in groups for each in group), tuple(group for group in groups if len(group) > 1))


@dataclass(slots=True)
class _Search:
    """Tarjan's search for what depends on each other, without recursion: a chain may be thousands long."""

    needed: Mapping[str, list[str]]
    number: dict[str, int] = field(default_factory=dict)
    lowest: dict[str, int] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)

    def groups(self) -> Iterator[list[str]]:
        """Give the groups, each after all that it depends on."""
        for root in self.needed:
            if root not in self.number:
                yield from self._from(root)

    def _from(self, root: str) -> Iterator[list[str]]:
        path = [(root, self._entered(root))]
        while path:
            here, waiting = path[-1]
            for other in waiting:
                if other not in self.number:
                    path.append((other, self._entered(other)))
                    break
                if other in self.open:
                    self.lowest[here] = min(self.lowest[here], self.number[other])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    self.lowest[above] = min(self.lowest[above], self.lowest[here])
                if self.lowest[here] == self.number[here]:
                    yield self._left(here)

    def _entered(self, each: str) -> Iterator[str]:
        self.number[each] = self.lowest[each] = len(self.number)
        self.open[each] = None
        return iter(self.needed[each])

    def _left(self, first: str) -> list[str]:
        group: list[str] = []
        while not group or group[-1] != first:
            group.append(self.open.popitem()[0])
        return group
