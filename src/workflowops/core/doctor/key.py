"""What an API key may do, and what of that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NEEDED = ("workflow:list", "workflow:read")
"""Without these nothing can be read."""

USEFUL = ("credential:list",)
"""With these more can be told: which credentials a promotion will find."""

HARMLESS = frozenset({*NEEDED, *USEFUL, "tag:list", "tag:read", "workflowTags:list", "variable:list", "dataTable:list"})
"""Labels of things and nothing else: no run, no person, no row of a table, and nothing can be changed."""

PROBED = ("workflow:update", "workflow:activate")
"""What can be found out by requests that change nothing, where the server does not list a key's scopes."""

_READING = frozenset({"list", "read"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What a key may do. `scopes` is n8n's own list of them, None where it tells none.

    `proven` is scope -> whether the key has it, for the PROBED where there is no list; what could not be told is left
    out.
    """

    scopes: frozenset[str] | None = None
    proven: Mapping[str, bool] = field(default_factory=dict)

    def has(self, scope: str) -> bool | None:
        """Say whether the key has a scope; None where that is not known."""
        return self.proven.get(scope) if self.scopes is None else scope in self.scopes

    @property
    def excess(self) -> tuple[str, ...]:
        """Name the scopes that reading does not need, those that change something first."""
        held = self.scopes or {scope for scope, has in self.proven.items() if has}
        return tuple(sorted(held - HARMLESS, key=lambda scope: (not changes_something(scope), scope)))


def changes_something(scope: str) -> bool:
    """Say whether a scope allows more than looking; one whose kind is not known is taken for such."""
    return scope.partition(":")[2] not in _READING
