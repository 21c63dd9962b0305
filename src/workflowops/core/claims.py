"""Claims: who holds a lock, as text, and the judgement whether it still stands."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from workflowops.core.json import Json, canonical_text, parse

CLAIM_SCHEMA = 1
_LONGEST_CLAIM = 64 * 1024


class Standing(StrEnum):
    """Whether somebody who wants a lock may have it."""

    FREE = "free"
    HELD = "held"
    DEAD = "dead"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's hold on the lock `name`, until `expires_at` unless renewed. All times are aware, in UTC.

    `took_over` is the claim_id of the dead claim that this one replaced. An `unreadable` claim stands for a lock whose
    text we cannot read; its `reason` says why, and its other fields mean nothing.
    """

    name: str
    owner: str
    reason: str
    claim_id: str
    created_at: datetime
    renewed_at: datetime
    expires_at: datetime
    run_id: str | None = None
    run_url: str | None = None
    took_over: str | None = None
    unreadable: bool = False


def judge(existing: Claim | None, *, now: datetime, alive: bool | None) -> Standing:
    """Say whether the claim that was found still stands.

    `alive` is what is known about its owner's run: False ends the claim at once, True keeps it even past its time (the
    owner may be cut off from git and still be writing to n8n), None leaves it to the time. Unreadable always blocks.
    """
    if existing is None:
        return Standing.FREE
    if existing.unreadable:
        return Standing.UNREADABLE
    if alive is None:
        return Standing.DEAD if now >= existing.expires_at else Standing.HELD
    return Standing.HELD if alive else Standing.DEAD


def renewed(claim: Claim, *, now: datetime) -> Claim:
    """Answer the claim as it stands after a renewal: it lasts as long again as it did, counted from `now`."""
    return replace(claim, renewed_at=now, expires_at=now + (claim.expires_at - claim.renewed_at))


def taking_over(claim: Claim, *, dead: Claim) -> Claim:
    """Answer the claim with the record of whom it replaced."""
    return replace(claim, took_over=dead.claim_id)


def render_claim(claim: Claim) -> bytes:
    """Write a claim as one line of JSON."""
    return canonical_text(
        {
            "schema": CLAIM_SCHEMA,
            "name": claim.name,
            "owner": claim.owner,
            "reason": claim.reason,
            "claim_id": claim.claim_id,
            "created_at": _moment(claim.created_at),
            "renewed_at": _moment(claim.renewed_at),
            "expires_at": _moment(claim.expires_at),
            "run_id": claim.run_id,
            "run_url": claim.run_url,
            "took_over": claim.took_over,
        }
    )


def parse_claim(text: bytes, *, name: str, object_name: str) -> Claim:
    """Read the claim that was found under the lock `name`; what cannot be read is an unreadable claim, never an error.

    `object_name` identifies what was found, so that even an unreadable lock can be released by who means exactly it.
    """
    try:
        return _read(text, name=name)
    except (ValueError, TypeError, KeyError) as error:
        return unreadable_claim(name, object_name=object_name, why=str(error))


def unreadable_claim(name: str, *, object_name: str, why: str) -> Claim:
    """Stand in for a lock whose text cannot be read. It never expires, because nobody knows when it would."""
    return Claim(
        name=name,
        owner="unknown",
        reason=f"the lock cannot be read: {why}",
        claim_id=f"unreadable-{object_name}",
        created_at=datetime.min.replace(tzinfo=UTC),
        renewed_at=datetime.min.replace(tzinfo=UTC),
        expires_at=datetime.max.replace(tzinfo=UTC),
        unreadable=True,
    )


def _read(text: bytes, *, name: str) -> Claim:
    if len(text) > _LONGEST_CLAIM:
        raise ValueError(f"it is longer than {_LONGEST_CLAIM} bytes")
    fields = parse(text)
    if not isinstance(fields, dict):
        raise TypeError("it is not a JSON object")
    if fields.get("schema") != CLAIM_SCHEMA:
        raise ValueError(f"its schema is {fields.get('schema')!r}, this program reads {CLAIM_SCHEMA}")
    if fields.get("name") != name:
        raise ValueError(f"it is a claim on {fields.get('name')!r}")
    return Claim(
        name=name,
        owner=_text(fields, "owner"),
        reason=_text(fields, "reason"),
        claim_id=_text(fields, "claim_id"),
        created_at=_time(fields, "created_at"),
        renewed_at=_time(fields, "renewed_at"),
        expires_at=_time(fields, "expires_at"),
        run_id=_optional_text(fields, "run_id"),
        run_url=_optional_text(fields, "run_url"),
        took_over=_optional_text(fields, "took_over"),
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(fields: dict[str, Json], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise TypeError(f"its field {key!r} is no text")
    return value


def _optional_text(fields: dict[str, Json], key: str) -> str | None:
    return None if fields.get(key) is None else _text(fields, key)


def _time(fields: dict[str, Json], key: str) -> datetime:
    moment = datetime.fromisoformat(_text(fields, key))
    if moment.tzinfo is None:
        raise ValueError(f"its field {key!r} has no time zone")
    return moment.astimezone(UTC)
