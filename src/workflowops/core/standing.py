"""Where one workflow stands: three copies compared, and who moved."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.json import Json, JsonObject, canonical_text, sha256


class DriftKind(StrEnum):
    """What the comparison of a workflow says."""

    IN_SYNC = "in_sync"
    MODIFIED = "modified"
    PENDING = "pending"
    CONFLICT = "conflict"
    MISSING = "missing"
    UNMAPPED = "unmapped"
    ACTIVATION_CHANGED = "activation_changed"
    TAGS_CHANGED = "tags_changed"
    UNKNOWN = "unknown"


DRIFT = frozenset({
    DriftKind.MODIFIED,
    DriftKind.CONFLICT,
    DriftKind.MISSING,
    DriftKind.ACTIVATION_CHANGED,
    DriftKind.TAGS_CHANGED,
})  # fmt: skip
"""The kinds that mean: n8n runs what Git does not say. Git ahead of n8n is pending work, not drift."""

_RANK = (
    DriftKind.CONFLICT,
    DriftKind.MISSING,
    DriftKind.MODIFIED,
    DriftKind.ACTIVATION_CHANGED,
    DriftKind.TAGS_CHANGED,
    DriftKind.UNKNOWN,
    DriftKind.PENDING,
    DriftKind.UNMAPPED,
    DriftKind.IN_SYNC,
)

Resolve = Callable[[str], str | None]
"""From an id in a reference to the canonical id it stands for; the id itself when it is one of this instance that Git
does not manage; None when nobody knows what it stands for."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one copy of a workflow says: the digest of its logic, and the ids it refers to."""

    content_hash: str
    references: JsonObject


@dataclass(frozen=True, slots=True)
class ThreeKeys:
    """Keys of the three copies that are equal where their content is."""

    declared: str | None
    live: str | None
    applied: str | None


def classify(*, declared: str | None, live: str | None, applied: str | None) -> DriftKind:
    """Say where a workflow stands from three digests.

    `declared` is what git says now, `live` what n8n runs now, `applied` what was last known good. Two digests cannot
    tell "git is ahead" from "somebody edited n8n"; the third decides who moved. None is absence: of the file, of the
    workflow in n8n (proven), of a baseline. Both git and n8n absent is in sync: there is nothing left to compare.
    """
    if declared == live:
        return DriftKind.IN_SYNC
    if live is None:
        return DriftKind.PENDING if applied is None else DriftKind.MISSING
    if declared is None and applied is None:
        return DriftKind.UNMAPPED
    if declared == applied:
        return DriftKind.MODIFIED
    if live == applied:
        return DriftKind.PENDING
    return DriftKind.CONFLICT


def strongest(*kinds: DriftKind) -> DriftKind:
    """Answer the kind that a person has to hear first."""
    return min(kinds, key=_RANK.index)


def classify_value(*, declared: object, live: object, applied: object, drift: DriftKind) -> DriftKind:
    """Say where an attribute beside the content stands (`active`, tags). None: that copy says nothing about it."""
    if declared is None or declared == live:
        return DriftKind.IN_SYNC
    if applied is not None and live == applied:
        return DriftKind.PENDING
    return drift


def content_keys(
    *,
    declared: Content | None,
    live: Content | None,
    applied: Content | None,
    here: Resolve,
    anywhere: Resolve,
    agreed: Content | None = None,
) -> ThreeKeys:
    """Make keys of three copies, so that references which mean the same workflow do not tell them apart.

    The ids in `live` and `applied` belong to this instance (`here`); those in a declared file may come from the
    instance that it was promoted from (`anywhere`). A declared id that nobody knows is taken to mean what was applied;
    where nothing was applied it is not held against the copy.

    `agreed` is what the file said when `applied` was taken. While it still says that, Git did not move: the difference
    to `live` is n8n's. Once its unknown ids are others, they mean something that nobody knows.
    """
    live_key = None if live is None else _key(live.content_hash, _resolved({**live.references}, here))
    applied_key = None if applied is None else _key(applied.content_hash, _resolved({**applied.references}, here))
    if declared is None:
        return ThreeKeys(None, live_key, applied_key)
    meant = _Meaning(here, anywhere).of(
        {**declared.references},
        live={} if live is None else {**live.references},
        applied={} if applied is None else {**applied.references},
        agreed=None if agreed is None else {**agreed.references},
    )
    declared_key = _key(declared.content_hash, meant)
    return ThreeKeys(declared_key, live_key, declared_key if declared == agreed else applied_key)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """Says what declared references mean in this instance, one by one."""

    here: Resolve
    anywhere: Resolve

    def of(self, declared: Json, *, live: Json, applied: Json, agreed: Json) -> Json:
        if isinstance(declared, dict):
            return {
                key: self.of(item, live=_slot(live, key), applied=_slot(applied, key), agreed=_slot(agreed, key))
                for key, item in declared.items()
            }
        if declared == live:
            return _resolved(live, self.here)
        if declared == applied:
            return _resolved(applied, self.here)
        known = self._known(declared)
        if known is not None:
            return known
        if applied is not None:
            return _resolved(applied, self.here) if agreed in (None, declared) else {"unknown": declared}
        return {"unknown": declared} if live is None else _resolved(live, self.here)

    def _known(self, declared: Json) -> Json:
        """Answer what a declared id stands for; None when it, or one of a list, is not known."""
        if not isinstance(declared, list):
            return self.anywhere(str(declared))
        found = {self.anywhere(str(item)) for item in declared}
        return None if None in found else [*sorted(str(item) for item in found)]


def _slot(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None


def _key(content_hash: str, references: Json) -> str:
    return f"{content_hash} {sha256(canonical_text(references))}" if references else content_hash


def _resolved(value: Json, resolve: Resolve) -> Json:
    if isinstance(value, dict):
        return {key: _resolved(item, resolve) for key, item in value.items()}
    if isinstance(value, list):
        return [*sorted({str(_resolved(item, resolve)) for item in value})]
    return resolve(str(value)) or value
