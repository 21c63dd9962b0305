"""Rules for commands where an environment's own are lost: the strictest of all that are known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.comment.access import is_at_least, least_role, refusal
from workflowops.core.comment.commands import CommandName
from workflowops.core.comment.strictest import strictest_rules
from workflowops.core.incident.policy import CommandRule, Role

CLOSE = CommandName.CLOSE
BOSS = CommandRule(role=Role.ADMIN, users=("boss",))
PEOPLE = ("ada", "boss", "tina")
TEAMS = ("acme/leads", "acme/ops")

RULES = st.builds(
    CommandRule,
    role=st.none() | st.sampled_from([Role.TRIAGE, Role.WRITE, Role.MAINTAIN, Role.ADMIN]),
    users=st.lists(st.sampled_from(PEOPLE), unique=True).map(tuple),
    teams=st.lists(st.sampled_from(TEAMS), unique=True).map(tuple),
)
PLACES = st.lists(st.dictionaries(st.just("close"), RULES), max_size=4)
MEMBERS = st.dictionaries(st.sampled_from(TEAMS), st.none() | st.booleans())


def is_allowed(login: str, role: Role, rule: CommandRule | None, memberships=None) -> bool:
    return refusal(CLOSE, login=login, role=role, rule=rule, memberships=memberships or {}) is None


def test_where_no_rule_is_known_every_command_keeps_its_own_role() -> None:
    assert strictest_rules([{}, {}]) == {}
    assert strictest_rules([]) == {}


def test_the_highest_role_counts() -> None:
    rules = strictest_rules([{"close": CommandRule(role=Role.MAINTAIN)}, {"close": CommandRule(role=Role.TRIAGE)}])
    assert rules == {CLOSE: CommandRule(role=Role.MAINTAIN)}


def test_a_role_that_was_lowered_elsewhere_is_not_lowered_here() -> None:
    assert strictest_rules([{}, {"close": CommandRule(role=Role.TRIAGE)}])[CLOSE].role is Role.WRITE


def test_the_rule_of_one_environment_holds() -> None:
    assert strictest_rules([{}, {"close": BOSS}, {}]) == {CLOSE: BOSS}


@pytest.mark.parametrize("login", PEOPLE)
def test_lists_that_share_nobody_let_nobody_pass(login) -> None:
    rules = strictest_rules([{"close": BOSS}, {"close": CommandRule(users=("ada",))}])
    assert not is_allowed(login, Role.ADMIN, rules[CLOSE])


def test_who_stands_on_every_list_passes_however_it_is_written() -> None:
    rules = strictest_rules([
        {"close": CommandRule(users=("@Ada", "boss"))}, {"close": CommandRule(users=("ada", "tina"))}
    ])  # fmt: skip
    assert is_allowed("ada", Role.WRITE, rules[CLOSE])
    assert not is_allowed("boss", Role.ADMIN, rules[CLOSE])


@given(PLACES, st.sampled_from(PEOPLE), st.sampled_from(Role), MEMBERS)
def test_nobody_may_do_what_one_of_the_rules_denies_them(places, login, role, memberships) -> None:
    strictest = strictest_rules(places).get(CLOSE)
    assert is_at_least(least_role(CLOSE, strictest), least_role(CLOSE, None))
    if is_allowed(login, role, strictest, memberships):
        assert all(is_allowed(login, role, each.get("close"), memberships) for each in places)
