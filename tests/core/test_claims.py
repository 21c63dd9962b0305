"""Claims: which standing follows from what is known, and what survives being written as text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.claims import (
    Claim,
    Standing,
    judge,
    parse_claim,
    render_claim,
    renewed,
    taking_over,
    unreadable_claim,
)

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENTS = st.integers(0, 10**15).map(lambda microseconds: NOW + timedelta(microseconds=microseconds))
TEXTS = st.text(max_size=30)


def claim(*, at: datetime = NOW, lasts: timedelta = 10 * MINUTE, claim_id: str = "c-1", name: str = "prod") -> Claim:
    return Claim(
        name=name,
        owner="octocat",
        reason="sync",
        claim_id=claim_id,
        created_at=at,
        renewed_at=at,
        expires_at=at + lasts,
        run_id="42",
        run_url="https://github.com/o/r/actions/runs/42",
    )


@pytest.mark.parametrize(
    ("existing", "now", "alive", "expected"),
    [
        pytest.param(None, NOW, None, Standing.FREE, id="no claim"),
        pytest.param(claim(), NOW, None, Standing.HELD, id="just made"),
        pytest.param(
            claim(), NOW + 10 * MINUTE - timedelta(seconds=1), None, Standing.HELD, id="a second before its end"
        ),
        pytest.param(claim(), NOW + 10 * MINUTE, None, Standing.DEAD, id="at its end"),
        pytest.param(claim(), NOW, False, Standing.DEAD, id="its run has ended"),
        pytest.param(claim(), NOW + 60 * MINUTE, True, Standing.HELD, id="past its time but its run goes on"),
        pytest.param(
            unreadable_claim("prod", object_name="abc", why="?"), NOW, False, Standing.UNREADABLE, id="unreadable"
        ),
        pytest.param(
            unreadable_claim("prod", object_name="abc", why="?"),
            datetime.max.replace(tzinfo=UTC),
            None,
            Standing.UNREADABLE,
            id="unreadable at the end of time",
        ),
    ],
)
def test_a_claim_stands_as_its_time_and_its_run_say(existing, now, alive, expected) -> None:
    assert judge(existing, now=now, alive=alive) is expected


def test_a_renewed_claim_lasts_as_long_again_from_now() -> None:
    longer = renewed(claim(), now=NOW + 7 * MINUTE)
    assert (longer.created_at, longer.renewed_at, longer.expires_at) == (NOW, NOW + 7 * MINUTE, NOW + 17 * MINUTE)
    assert renewed(longer, now=NOW + 20 * MINUTE).expires_at == NOW + 30 * MINUTE


def test_a_take_over_records_whom_it_replaced() -> None:
    assert taking_over(claim(claim_id="new"), dead=claim(claim_id="old")).took_over == "old"


@given(
    st.builds(
        Claim,
        name=TEXTS,
        owner=TEXTS,
        reason=TEXTS,
        claim_id=TEXTS,
        created_at=MOMENTS,
        renewed_at=MOMENTS,
        expires_at=MOMENTS,
        run_id=st.none() | TEXTS,
        run_url=st.none() | TEXTS,
        took_over=st.none() | TEXTS,
    )
)
def test_a_claim_survives_its_text(written: Claim) -> None:
    text = render_claim(written)
    assert b"\n" not in text
    assert parse_claim(text, name=written.name, object_name="abc") == written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"locked by hand", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(render_claim(claim())[:-20], id="cut short"),
        pytest.param(render_claim(claim()).replace(b'"schema":1', b'"schema":2'), id="newer schema"),
        pytest.param(render_claim(claim()).replace(b'"prod"', b'"dev"'), id="of another lock"),
        pytest.param(render_claim(claim()).replace(b"2026-01-14T15:10:00Z", b"soon"), id="no time"),
        pytest.param(render_claim(claim()).replace(b"15:10:00Z", b"15:10:00"), id="a time without zone"),
        pytest.param(render_claim(claim()).replace(b'"octocat"', b"7"), id="an owner that is no text"),
        pytest.param(render_claim(claim()).replace(b'"42"', b"42"), id="a run that is no text"),
        pytest.param(render_claim(claim()) + b" " * 70_000, id="too long"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
    ],
)
def test_what_is_no_claim_is_an_unreadable_one(text: bytes) -> None:
    read = parse_claim(text, name="prod", object_name="abc")
    assert read.unreadable
    assert read.claim_id == "unreadable-abc"
    assert judge(read, now=NOW + 10_000 * MINUTE, alive=False) is Standing.UNREADABLE
