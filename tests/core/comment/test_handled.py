"""Which comments a record remembers, and what it takes for acted upon."""

from workflowops.core.comment.handled import MOST_REMEMBERED, guard_of, remembered, was_handled


def test_a_record_that_is_not_full_knows_every_comment() -> None:
    handled = remembered((guard_of(7, 0),), [guard_of(5, 0), guard_of(5, 1)])
    assert handled == ("comment-7", "comment-5", "comment-5-2")
    assert was_handled(handled, guard_of(5, 1))
    assert not was_handled(handled, guard_of(4, 0))
    assert not was_handled(handled, guard_of(7, 1))


def test_the_oldest_comment_is_forgotten_first_and_stays_refused() -> None:
    """Comments are not always answered in the order in which they were written."""
    full = tuple(guard_of(number, 0) for number in (1000, 10, *range(20, 18 + MOST_REMEMBERED)))
    assert len(full) == MOST_REMEMBERED
    handled = remembered(full, [guard_of(999, 0)])
    assert len(handled) == MOST_REMEMBERED
    assert guard_of(1000, 0) in handled
    assert guard_of(10, 0) not in handled
    assert was_handled(handled, guard_of(10, 0))
    assert was_handled(handled, guard_of(20, 1))
    assert not was_handled(handled, guard_of(998, 0))
