"""What is promised about an incident: each prospect in its own words, and no resolution that cannot be known."""

import pytest
from tests.core.text.hostile import HOSTILE, unseen_characters, without_code

from workflowops.core.incident.prospect import Follows, Prospect
from workflowops.core.incident.record import ResolutionType
from workflowops.core.text.prospect import prospect_text

ACCEPTED = ResolutionType.ACCEPTED_RUNTIME_CHANGES
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def told(follows: Follows, **more) -> str:
    return prospect_text(Prospect(follows=follows, **more), subject="incident #7")


@pytest.mark.parametrize(
    ("follows", "more", "expected"),
    [
        pytest.param(
            Follows.RECONCILED,
            {"resolution": ACCEPTED},
            "The next drift check then reconciles incident #7 with the resolution `accepted_runtime_changes`.",
            id="reconciled",
        ),
        pytest.param(
            Follows.RECONCILED, {}, "The next drift check then reconciles incident #7.", id="resolution not known"
        ),
        pytest.param(
            Follows.RECONCILED,
            {"is_proven": False},
            "A drift check that finds no difference then reconciles incident #7.",
            id="not proven",
        ),
        pytest.param(
            Follows.CLOSED, {}, "The next drift check then reconciles incident #7, and closes it.", id="closed"
        ),
        pytest.param(
            Follows.TOLD,
            {},
            "The next drift check then tells that nothing differs any more, and leaves incident #7 open, as the "
            "configuration wants it (`on_drift_gone: tell`). Once it is stabilized, reconcile it with `/reconcile`.",
            id="told",
        ),
        pytest.param(
            Follows.RECONCILED_ALREADY,
            {},
            "For incident #7 nothing is left to do then but `/close`: it is reconciled already.",
            id="reconciled already",
        ),
        pytest.param(
            Follows.STAYS_OPEN,
            {"open_because": ("Survey",)},
            "These workflows then stop drifting; incident #7 stays open because of: <code>Survey</code>.",
            id="stays open",
        ),
    ],
)
def test_what_follows(follows, more, expected) -> None:
    assert told(follows, **more) == expected


def test_every_prospect_has_words() -> None:
    assert all(told(follows, open_because=("Survey",)) for follows in Follows)


def test_many_names_are_counted() -> None:
    text = told(Follows.STAYS_OPEN, open_because=tuple(f"Orders {number}" for number in range(500)))
    assert text.endswith("<code>Orders 9</code> and 490 more.")


@pytest.mark.parametrize("name", [*HOSTILE.values(), TOKEN])
def test_a_name_is_data_and_never_a_secret(name) -> None:
    text = told(Follows.STAYS_OPEN, open_because=(name,))
    assert unseen_characters(text.replace("\u200b", "")) == []
    assert "@octocat" not in without_code(text)
    assert TOKEN not in text
