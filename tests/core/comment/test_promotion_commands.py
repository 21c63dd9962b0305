"""Commands about promotions: what they take, what is missing, and where they count."""

import pytest

from workflowops.core.comment.commands import (
    ON_PULL_REQUESTS,
    PROMOTION,
    SPECS,
    CommandName,
    Misunderstood,
    Understood,
    asked,
    asked_on_pull_request,
)
from workflowops.core.comment.requests import Approve, Lock, Promote, Reject, Rollback, Unlock, request_of
from workflowops.core.comment.steps import EFFECTS
from workflowops.core.incident.policy import Role

DIGEST = "a1" * 32


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        pytest.param("/promote staging", Promote(stage="staging"), id="all that is pending"),
        pytest.param("/promote staging orders `invoices`, orders",
                     Promote(stage="staging", slugs=("orders", "invoices")), id="some, each once"),
        pytest.param("/promote to=staging workflows=orders with-dependencies=yes",
                     Promote(stage="staging", slugs=("orders",), with_dependencies=True), id="by name"),
        pytest.param(f"/approve {DIGEST}", Approve(digest=DIGEST), id="approve"),
        pytest.param(f"/approve `{DIGEST.upper()}` Looks good", Approve(digest=DIGEST, comment="Looks good"),
                     id="approve with a comment"),
        pytest.param("/reject The webhook would collide", Reject(reason="The webhook would collide"), id="reject"),
        pytest.param("/reject promo-7 Not now", Reject(promotion_id="promo-7", reason="Not now"), id="reject one"),
        pytest.param("/rollback promo-7", Rollback(promotion_id="promo-7"), id="roll back"),
        pytest.param("/rollback Promo-7 Counted twice allow_overwriting_hotfixes=yes",
                     Rollback(promotion_id="promo-7", reason="Counted twice", allow_overwriting_hotfixes=True),
                     id="roll back over later edits"),
        pytest.param("/lock prod Month-end closing", Lock(environment="prod", reason="Month-end closing"), id="lock"),
        pytest.param('/lock prod reason="x" force=true', Lock(environment="prod", reason="x", is_forced=True),
                     id="take a lock over"),
        pytest.param("/unlock prod", Unlock(environment="prod"), id="unlock"),
        pytest.param("/unlock prod all is well force=yes",
                     Unlock(environment="prod", reason="all is well", is_forced=True), id="unlock another's"),
    ],
)  # fmt: skip
def test_a_line_becomes_a_request(line, request_) -> None:
    (wanted,) = asked(line)
    assert isinstance(wanted, Understood)
    assert request_of(wanted) == request_
    assert asked_on_pull_request(line) == (wanted,)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        pytest.param("/promote", "the stage", id="no stage"),
        pytest.param("/approve", "the whole plan digest", id="no digest"),
        pytest.param("/approve a1a1a1a1a1a1", "the whole plan digest", id="the beginning of a digest"),
        pytest.param(f"/approve {DIGEST}a", "the whole plan digest", id="too long"),
        pytest.param(f"/approve digest={DIGEST[:12]}", "the whole plan digest", id="short by its name"),
        pytest.param("/approve looks good", "the whole plan digest", id="only words"),
        pytest.param("/reject", "the reason", id="no reason"),
        pytest.param("/reject promo-7", "the reason", id="no reason for one"),
        pytest.param("/rollback", "the promotion", id="no promotion"),
        pytest.param("/rollback staging", "the promotion", id="no id of a promotion"),
        pytest.param("/rollback promotion=../../x", "the promotion", id="a path"),
        pytest.param("/lock", "the environment", id="nothing to lock"),
        pytest.param("/lock prod", "the reason", id="no reason to lock"),
        pytest.param("/unlock", "the environment", id="nothing to unlock"),
    ],
)
def test_what_is_missing_is_said_with_an_example(line, missing) -> None:
    (wanted,) = asked_on_pull_request(line)
    assert isinstance(wanted, Misunderstood)
    assert f"needs {missing}" in wanted.problem
    assert SPECS[CommandName(wanted.name)].example in wanted.problem


@pytest.mark.parametrize(
    "body",
    [
        "/acknowledge", "/close", "/assign @octocat", "/status", "/sync", "/adopt", "/revert", "/diff x", "/accept now",
        "/merge", "/retest", "/lgtm", "/cc @octocat", "/hold", "/re", "/rebase", "/block", "/usr/bin", "text", "",
        "```\n/promote staging\n```", "> /promote staging", "    /promote staging", "<!--\n/promote staging\n-->",
    ],
)  # fmt: skip
def test_what_is_no_command_about_promotions_is_left_alone_on_a_pull_request(body) -> None:
    assert asked_on_pull_request(body) == ()


@pytest.mark.parametrize(("line", "meant"), [("/promot staging", "promote"), ("/rolback promo-7", "rollback")])
def test_what_is_nearly_one_of_them_is_answered_with_a_guess(line, meant) -> None:
    (wanted,) = asked_on_pull_request(line)
    assert isinstance(wanted, Misunderstood)
    assert f"Did you mean `/{meant}`?" in wanted.problem


def test_help_counts_on_a_pull_request() -> None:
    assert asked_on_pull_request("/help") == (Understood(CommandName.HELP),)


def test_several_commands_are_taken_in_order_and_no_more_than_ten() -> None:
    found = asked_on_pull_request("/close\n" + "/promote staging\n" * 12)
    assert [each.name for each in found] == ["promote"] * 11
    assert isinstance(found[-1], Misunderstood)


def test_every_one_of_them_reaches_further_than_a_record_and_takes_write_access() -> None:
    assert PROMOTION <= EFFECTS
    assert {SPECS[name].lowest_role for name in PROMOTION} == {Role.WRITE}
    assert {*ON_PULL_REQUESTS} == PROMOTION | {CommandName.HELP}


@pytest.mark.parametrize("name", [each for each in CommandName if each not in PROMOTION])
def test_no_other_command_is_taken_for_a_request(name) -> None:
    with pytest.raises(ValueError, match="not about promotions"):
        request_of(Understood(name))
