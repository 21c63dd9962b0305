"""The audit log: whatever is done to a log after it was written is found, by file and line."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.audit import (
    BEGINNING,
    AuditEntry,
    AuditFault,
    append,
    audit_path,
    last_hash,
    read_entries,
    verify,
)
from workflowops.core.json import canonical_text, sha256
from workflowops.errors import StateError

JANUARY = "environments/prod/audit/2026-01.jsonl"
FEBRUARY = "environments/prod/audit/2026-02.jsonl"
MARCH = "environments/prod/audit/2026-03.jsonl"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def entry(number: int, *, month: int = 1, **changes) -> AuditEntry:
    made = AuditEntry(
        id=f"audit-{month:02}-{number:03}",
        at=datetime(2026, month, 14, 15, number % 60, tzinfo=UTC),
        actor="octocat",
        action="sync.completed",
        resource_type="environment",
        resource_id="prod",
        environment="prod",
        details={"workflows_synced": number, "title": "Zahlung früh"},
    )
    return replace(made, **changes)


def log(*, months: int = 2, lines: int = 4) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    previous = None
    for month, path in list(enumerate([JANUARY, FEBRUARY, MARCH], start=1))[:months]:
        files[path] = append(None, [entry(number, month=month) for number in range(lines)], previous=previous)
        previous = last_hash(files[path])
    return files


def found(files) -> list[tuple[str, int, AuditFault]]:
    return [(problem.path, problem.line, problem.fault) for problem in verify(files)]


def edited(files, path: str, change) -> dict[str, bytes]:
    lines = files[path].splitlines(keepends=True)
    return {**files, path: b"".join(change(lines))}


def swap(lines, first: int, second: int):
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def rehashed(line: bytes) -> bytes:
    """Do what a careful forger does: change the line and make its own hash right again."""
    fields = json.loads(line)
    fields["user_id"] = "mallory"
    del fields["hash"]
    return canonical_text({**fields, "hash": sha256(canonical_text(fields))}) + b"\n"


def test_a_line_has_the_field_names_of_the_walkthroughs() -> None:
    fields = json.loads(append(None, [entry(1)]))
    assert fields["previous_hash"] == BEGINNING
    assert fields["timestamp"] == "2026-01-14T15:01:00Z"
    assert fields["user_id"] == "octocat"
    assert set(fields) == {
        *("id", "user_id", "action", "resource_type", "resource_id", "details", "timestamp"),
        *("environment", "previous_hash", "hash"),
    }


def test_an_untouched_log_has_no_problem() -> None:
    assert verify(log(months=3)) == ()
    assert verify({}) == ()


def test_the_logs_of_several_environments_are_chains_of_their_own() -> None:
    dev = append(None, [entry(1, environment="dev")])
    assert verify({**log(), "environments/dev/audit/2026-01.jsonl": dev}) == ()


def test_appending_in_two_calls_is_appending_in_one() -> None:
    entries = [entry(number) for number in range(5)]
    assert append(append(None, entries[:2]), entries[2:], previous="ignored") == append(None, entries)


def test_appending_nothing_changes_nothing() -> None:
    assert append(None, []) == b""
    assert append(log()[JANUARY], []) == log()[JANUARY]


def test_what_was_appended_is_read_back_with_its_hashes() -> None:
    first, second = read_entries(append(None, [entry(1), entry(2)]))
    assert first.previous_hash == BEGINNING
    assert second.previous_hash == first.hash
    assert replace(second, previous_hash="", hash="") == entry(2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(
            lambda lines: [lines[0], lines[1].replace(b"octocat", b"mallory"), *lines[2:]],
            [(2, AuditFault.EDITED)],
            id="edited",
        ),
        pytest.param(
            lambda lines: [lines[0], rehashed(lines[1]), *lines[2:]],
            [(3, AuditFault.BROKEN_CHAIN)],
            id="edited and hashed again",
        ),
        pytest.param(
            lambda lines: [lines[0], lines[1].replace(b'","', b'", "', 1), *lines[2:]],
            [(2, AuditFault.EDITED)],
            id="white space added",
        ),
        pytest.param(lambda lines: [lines[0], *lines[2:]], [(2, AuditFault.BROKEN_CHAIN)], id="removed in the middle"),
        pytest.param(lambda lines: lines[1:], [(1, AuditFault.BROKEN_MONTH)], id="first removed"),
        pytest.param(
            lambda lines: [*lines[:2], lines[0], *lines[2:]],
            [(3, AuditFault.REPEATED), (3, AuditFault.BROKEN_CHAIN), (4, AuditFault.BROKEN_CHAIN)],
            id="a copy inserted",
        ),
        pytest.param(
            lambda lines: [*lines[:2], append(None, [entry(59)]), *lines[2:]],
            [(3, AuditFault.BROKEN_CHAIN), (4, AuditFault.BROKEN_CHAIN)],
            id="a line of one's own inserted",
        ),
        pytest.param(
            lambda lines: swap(lines, 1, 2),
            [(2, AuditFault.BROKEN_CHAIN), (3, AuditFault.BROKEN_CHAIN), (4, AuditFault.BROKEN_CHAIN)],
            id="reordered",
        ),
        pytest.param(lambda lines: [*lines[:1], b"{}\n", *lines[2:]], [(2, AuditFault.UNREADABLE)], id="no entry"),
        pytest.param(lambda lines: [*lines[:1], b"\n", *lines[1:]], [(2, AuditFault.UNREADABLE)], id="an empty line"),
        pytest.param(lambda lines: [*lines[:-1], lines[-1][:-9]], [(4, AuditFault.CUT_SHORT)], id="cut in a line"),
        pytest.param(
            lambda lines: [*lines[:-1], lines[-1][:-1]], [(4, AuditFault.CUT_SHORT)], id="cut at the line end"
        ),
    ],
)
def test_what_was_done_to_a_line_is_found_there(change, expected) -> None:
    files = edited(log(months=1), JANUARY, change)
    assert found(files) == [(JANUARY, line, fault) for line, fault in expected]


def test_lines_removed_at_the_end_of_a_month_break_its_border() -> None:
    files = edited(log(months=3), FEBRUARY, lambda lines: lines[:-1])
    assert found(files) == [(MARCH, 1, AuditFault.BROKEN_MONTH)]


def test_a_month_that_is_gone_breaks_the_border() -> None:
    files = log(months=3)
    del files[FEBRUARY]
    assert found(files) == [(MARCH, 1, AuditFault.BROKEN_MONTH)]


def test_an_emptied_month_is_found() -> None:
    assert found({**log(months=2), JANUARY: b""}) == [
        (JANUARY, 1, AuditFault.CUT_SHORT),
        (FEBRUARY, 1, AuditFault.BROKEN_MONTH),
    ]


def test_an_entry_in_the_file_of_another_month_is_found() -> None:
    files = {JANUARY: append(None, [entry(1), entry(2, month=2)])}
    assert found(files) == [(JANUARY, 2, AuditFault.WRONG_MONTH)]


def test_lines_removed_at_the_very_end_are_found_by_the_head_kept_elsewhere() -> None:
    files = log(months=2)
    heads = {"environments/prod/audit": last_hash(files[FEBRUARY]) or ""}
    shorter = edited(files, FEBRUARY, lambda lines: lines[:-1])
    assert verify(files, heads=heads) == ()
    assert verify(shorter) == ()
    (problem,) = verify(shorter, heads=heads)
    assert (problem.path, problem.line, problem.fault) == (FEBRUARY, 3, AuditFault.CUT_SHORT)


@pytest.mark.parametrize("text", [b"{", b"{}\n", b'{"hash": 1}\n', append(None, [entry(1)])[:-1]])
def test_nothing_is_appended_after_a_line_that_cannot_be_chained(text: bytes) -> None:
    with pytest.raises(StateError, match="audit log"):
        append(text, [entry(2)])


def test_a_file_is_named_after_its_month_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert audit_path("prod", at=datetime(2026, 2, 1, 3, tzinfo=tokyo)) == JANUARY


@given(st.lists(st.dictionaries(st.text(), JSON, max_size=3), min_size=1, max_size=4))
def test_whatever_the_details_hold_the_log_verifies(details) -> None:
    entries = [entry(number, details=one) for number, one in enumerate(details)]
    text = append(None, entries)
    assert verify({JANUARY: text}) == ()
    assert text.count(b"\n") == len(entries)


@given(st.data())
def test_no_byte_of_a_log_can_be_changed_unseen(data) -> None:
    text = log(months=1)[JANUARY]
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != text[place]))
    assert verify({JANUARY: text[:place] + bytes([byte]) + text[place + 1 :]}) != ()
