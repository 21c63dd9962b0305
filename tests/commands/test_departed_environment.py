"""An incident whose environment left the configuration: nobody may do more to it than before."""

from dataclasses import replace
from typing import Any

import pytest
from tests.commands.comment_world import CommentWorld, reconciled_world

from workflowops.commands.delivery import policy_of
from workflowops.core.comment.outcome import Outcome
from workflowops.core.incident.policy import CommandRule, IncidentPolicy, OnDriftGone, Role

BOSS_ONLY = {"close": CommandRule(role=Role.ADMIN, users=("boss",))}


def renamed(*, top: Any, other: Any) -> CommentWorld:
    """`prod` is called `production` now, with the rules `other`; `top` are those for all environments."""
    world = reconciled_world()
    world.tracker.roles["boss"] = Role.ADMIN
    configuration = world.world.configuration
    prod = configuration.environments["prod"]
    production = replace(prod, name="production", incidents=replace(prod.incidents, commands=other))
    world.world.configuration = replace(
        configuration,
        environments={"production": production},
        incidents=IncidentPolicy(commands=top, mentions=("@octocat",), on_drift_gone=OnDriftGone.TELL),
    )
    return world


CASES = [
    pytest.param({}, BOSS_ONLY, "ada", False, id="another environment's rule"),
    pytest.param(BOSS_ONLY, {}, "ada", False, id="the rule at the top"),
    pytest.param(BOSS_ONLY, {}, "boss", True, id="who may by that rule"),
    pytest.param({}, {}, "ada", True, id="no rule anywhere"),
]


@pytest.mark.parametrize(("top", "other", "login", "may"), CASES)
def test_a_command_keeps_to_the_strictest_rule(top, other, login, may) -> None:
    world = renamed(top=top, other=other)
    assert world.say("/close Moved away", login).outcome is (Outcome.ANSWERED if may else Outcome.DENIED)
    assert world.status == ("closed" if may else "reconciled")


@pytest.mark.parametrize(("top", "other", "login", "may"), CASES)
def test_closing_the_issue_by_hand_keeps_to_it_as_well(top, other, login, may) -> None:
    world = renamed(top=top, other=other)
    world.by_hand("closed", login, is_open=False)
    assert world.status == ("closed" if may else "reconciled")


def test_the_rest_is_what_the_configuration_says_for_all_environments() -> None:
    policy = policy_of(renamed(top={}, other=BOSS_ONLY).desk(), "prod")
    assert (policy.mentions, policy.on_drift_gone) == (("@octocat",), OnDriftGone.TELL)
