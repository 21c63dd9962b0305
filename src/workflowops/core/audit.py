"""The audit log: one JSON line for each thing done, each carrying the hash of the line before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from workflowops.core.json import Json, canonical_text, parse, sha256
from workflowops.errors import StateError

BEGINNING = "0" * 64
"""Stands before the first line of an environment's log."""

_TEXTS = (
    "id",
    "user_id",
    "action",
    "resource_type",
    "resource_id",
    "environment",
    "timestamp",
    "previous_hash",
    "hash",
)
_FIELDS = frozenset({*_TEXTS, "details"})


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing. The two hashes are filled in by `append`.

    In the file `actor` is called `user_id` and `at` is called `timestamp`, as in the walkthroughs' audit_log.
    """

    id: str
    at: datetime
    actor: str
    action: str  # "sync.completed", "incident.acknowledged"
    resource_type: str
    resource_id: str
    environment: str
    details: Mapping[str, Json] = field(default_factory=dict)
    previous_hash: str = ""
    hash: str = ""


class AuditFault(StrEnum):
    """What can be wrong with a line."""

    UNREADABLE = "unreadable"
    EDITED = "edited"
    BROKEN_CHAIN = "broken_chain"
    BROKEN_MONTH = "broken_month"
    WRONG_MONTH = "wrong_month"
    REPEATED = "repeated"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """A fault in a log file; `line` counts from 1."""

    path: str
    line: int
    fault: AuditFault
    message: str


def audit_path(environment: str, *, at: datetime) -> str:
    """Name the file that holds the entries of that month (in UTC)."""
    return f"environments/{environment}/audit/{at.astimezone(UTC):%Y-%m}.jsonl"


def append(existing: bytes | None, entries: Sequence[AuditEntry], *, previous: str | None = None) -> bytes:
    """Answer the file with the entries added and chained; with no entries, the file as it is.

    `previous` is the last hash of the month before, or None when there is none; it counts only for a new file. No
    entry may be of a later month than the file. Raises StateError when the file's last line is cut short or not a line
    of ours: what comes after it could not be chained.
    """
    text = existing or b""
    last = last_hash(text) or previous or BEGINNING
    lines = [text]
    for entry in entries:
        line, last = _line(entry, previous_hash=last)
        lines.append(line)
    return b"".join(lines)


def last_hash(text: bytes) -> str | None:
    """Answer the hash of a log file's last line, None for an empty file. Raises StateError when it cannot be read."""
    if not text:
        return None
    line = text[text.rfind(b"\n", 0, -1) + 1 :]
    return _entry(line).hash


def read_entries(text: bytes) -> tuple[AuditEntry, ...]:
    """Answer the entries of a log file as they stand, without checking the chain. Raises StateError for a bad line."""
    return tuple(_entry(line + b"\n") for line in text.split(b"\n") if line)


def verify(files: Mapping[str, bytes], *, heads: Mapping[str, str] | None = None) -> tuple[AuditProblem, ...]:
    """Check the logs of any number of environments; answer every fault by file and line, in order.

    Files of one folder are one chain, in the order of their names. A chain cannot tell that its own last lines were
    removed; `heads` can: it says for a folder which hash its chain must end with, as it was kept elsewhere.
    """
    problems: list[AuditProblem] = []
    for folder in sorted({path.rpartition("/")[0] for path in files}):
        months = sorted(path for path in files if path.rpartition("/")[0] == folder)
        chain = _Chain(head=(heads or {}).get(folder))
        for path in months:
            chain.follow(path, files[path])
        chain.end(months[-1])
        problems += chain.problems
    return tuple(problems)


class _Chain:
    """The walk along one environment's log: what the next line has to follow, and what was wrong so far."""

    def __init__(self, *, head: str | None) -> None:
        self.problems: list[AuditProblem] = []
        self._head = head
        self._last: str | None = BEGINNING  # None after a line that could not be read
        self._known = {BEGINNING}
        self._ids: set[str] = set()
        self._lines = 0

    def follow(self, path: str, text: bytes) -> None:
        """Check one month."""
        lines = text.split(b"\n")
        self._lines = len(lines) - 1
        for number, line in enumerate(lines[:-1], start=1):
            self._check(path, number, line)
        if not text:
            self._tell(path, 1, AuditFault.CUT_SHORT, "the file is empty: its lines were removed")
        if lines[-1]:
            self._lines += 1
            self._tell(path, self._lines, AuditFault.CUT_SHORT, "the last line is cut short")
            self._last = None

    def end(self, path: str) -> None:
        """Check that the chain ends where it is known to end."""
        if self._head is not None and self._last != self._head:
            message = "the log does not end with the entry it is known to end with: later lines were removed or changed"
            self._tell(path, max(self._lines, 1), AuditFault.CUT_SHORT, message)

    def _check(self, path: str, number: int, line: bytes) -> None:
        found = _fields(line + b"\n")
        if found is None:
            self._tell(path, number, AuditFault.UNREADABLE, "the line is not an audit entry")
            self._last = None
            return
        own, previous = str(found["hash"]), str(found["previous_hash"])
        if _rendered(found) != (line + b"\n", own):
            self._tell(path, number, AuditFault.EDITED, f"entry {found['id']} is not what was hashed")
        if str(found["id"]) in self._ids:
            self._tell(path, number, AuditFault.REPEATED, f"entry {found['id']} stands in the log already")
        if self._last is not None and previous != self._last:
            self._tell_break(path, number, previous)
        month = path.rpartition("/")[2].removesuffix(".jsonl")
        if str(found["timestamp"])[: len(month)] > month:  # an earlier one is of a machine whose clock is behind
            self._tell(path, number, AuditFault.WRONG_MONTH, f"entry {found['id']} is of {found['timestamp']}")
        self._last = own
        self._known.add(own)
        self._ids.add(str(found["id"]))

    def _tell_break(self, path: str, number: int, previous: str) -> None:
        if number == 1:
            message = "the first line does not follow the end of the month before: lines or a month are missing"
            self._tell(path, number, AuditFault.BROKEN_MONTH, message)
        elif previous in self._known:
            message = "the line follows an earlier one: what stands between was inserted, or the order was changed"
            self._tell(path, number, AuditFault.BROKEN_CHAIN, message)
        else:
            message = "the line does not follow the one before: lines were removed, edited or reordered"
            self._tell(path, number, AuditFault.BROKEN_CHAIN, message)

    def _tell(self, path: str, line: int, fault: AuditFault, message: str) -> None:
        self.problems.append(AuditProblem(path=path, line=line, fault=fault, message=message))


def _entry(line: bytes) -> AuditEntry:
    found = _fields(line) if line.endswith(b"\n") else None
    if found is None:
        raise StateError(
            "A line of the audit log is cut short or not a line of an audit log.",
            fix="Run `workflowops audit verify`, then restore the file from the state branch's history.",
        )
    details = found["details"]
    return AuditEntry(
        id=str(found["id"]),
        at=datetime.fromisoformat(str(found["timestamp"])),
        actor=str(found["user_id"]),
        action=str(found["action"]),
        resource_type=str(found["resource_type"]),
        resource_id=str(found["resource_id"]),
        environment=str(found["environment"]),
        details=details if isinstance(details, dict) else {},
        previous_hash=str(found["previous_hash"]),
        hash=str(found["hash"]),
    )


def _line(entry: AuditEntry, *, previous_hash: str) -> tuple[bytes, str]:
    return _rendered(
        {
            "id": entry.id,
            "user_id": entry.actor,
            "action": entry.action,
            "resource_type": entry.resource_type,
            "resource_id": entry.resource_id,
            "environment": entry.environment,
            "details": dict(entry.details),
            "timestamp": entry.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "previous_hash": previous_hash,
        }
    )


def _rendered(fields: Mapping[str, Json]) -> tuple[bytes, str]:
    """Answer the line for these fields and its hash; a hash among them is left out of what is hashed."""
    hashed = {name: value for name, value in fields.items() if name != "hash"}
    own = sha256(canonical_text(hashed))
    return canonical_text({**hashed, "hash": own}) + b"\n", own


def _fields(line: bytes) -> dict[str, Json] | None:
    try:
        found = parse(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or found.keys() != _FIELDS or not isinstance(found["details"], dict):
        return None
    return found if all(isinstance(found[name], str) for name in _TEXTS) else None
