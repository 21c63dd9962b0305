"""Who may give a command: what GitHub says, and what the configuration asks for on top."""

import pytest

from workflowops.core.comment.access import is_at_least, least_role, refusal
from workflowops.core.comment.commands import SPECS, CommandName
from workflowops.core.incident.policy import CommandRule, Role

CLOSE, STATUS, APPROVE = CommandName.CLOSE, CommandName.STATUS, CommandName.APPROVE


def why(
    role: Role,
    *,
    name: CommandName = CLOSE,
    rule: CommandRule | None = None,
    login: str = "ada",
    memberships: dict[str, bool | None] | None = None,
) -> str | None:
    return refusal(name, login=login, role=role, rule=rule, memberships=memberships or {})


@pytest.mark.parametrize("name", CommandName)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("rule", [None, CommandRule(), CommandRule(role=Role.READ), CommandRule(role=Role.NONE)])
def test_nobody_below_triage_may_do_anything(name, role, rule) -> None:
    is_known = role not in (Role.NONE, Role.READ)
    least = SPECS[name].least_role if rule is None or rule.role is None else SPECS[name].lowest_role
    assert (why(role, name=name, rule=rule) is None) == (is_known and is_at_least(role, least))


@pytest.mark.parametrize(
    ("name", "rule", "least"),
    [
        pytest.param(CLOSE, None, Role.WRITE, id="as it comes"),
        pytest.param(CLOSE, CommandRule(role=Role.ADMIN), Role.ADMIN, id="raised"),
        pytest.param(CLOSE, CommandRule(role=Role.TRIAGE), Role.TRIAGE, id="lowered"),
        pytest.param(CLOSE, CommandRule(role=Role.READ), Role.TRIAGE, id="lowered too far"),
        pytest.param(CLOSE, CommandRule(users=("ada",)), Role.WRITE, id="a list alone"),
        pytest.param(STATUS, None, Role.TRIAGE, id="reading"),
        pytest.param(APPROVE, CommandRule(role=Role.TRIAGE), Role.WRITE, id="an approval takes write access"),
        pytest.param(APPROVE, CommandRule(role=Role.ADMIN), Role.ADMIN, id="an approval can take more"),
    ],
)
def test_a_rule_moves_the_least_role_within_bounds(name, rule, least) -> None:
    assert least_role(name, rule) is least


def test_the_roles_are_in_the_order_of_github() -> None:
    order = [Role.NONE, Role.READ, Role.TRIAGE, Role.WRITE, Role.MAINTAIN, Role.ADMIN]
    assert [[is_at_least(a, b) for b in order] for a in order] == [
        [place <= own for place in range(6)] for own in range(6)
    ]


@pytest.mark.parametrize(
    ("login", "memberships", "allowed"),
    [
        pytest.param("ada", {}, True, id="on the list"),
        pytest.param("ADA", {}, True, id="logins know no case"),
        pytest.param("bob", {"acme/leads": True}, True, id="in the team"),
        pytest.param("bob", {"acme/leads": False}, False, id="not in the team"),
        pytest.param("bob", {"acme/leads": None}, False, id="nobody knows"),
        pytest.param("bob", {}, False, id="nobody asked"),
        pytest.param("adam", {"acme/others": True}, False, id="in another team"),
    ],
)
def test_a_list_lets_only_those_on_it_through(login, memberships, allowed) -> None:
    rule = CommandRule(users=("@Ada",), teams=("acme/leads",))
    assert (why(Role.ADMIN, rule=rule, login=login, memberships=memberships) is None) == allowed


def test_a_list_does_not_replace_the_role() -> None:
    rule = CommandRule(users=("ada",), teams=("acme/leads",))
    assert why(Role.READ, rule=rule, memberships={"acme/leads": True}) is not None


def test_a_refusal_says_what_is_missing() -> None:
    assert why(Role.TRIAGE) == "`/close` takes the role `write` in this repository, and GitHub says `triage`."
    unread = why(Role.ADMIN, rule=CommandRule(teams=("acme/leads",)), memberships={"acme/leads": None})
    assert unread is not None
    assert "who is in `acme/leads` cannot be read" in unread
    left_out = why(Role.ADMIN, rule=CommandRule(users=("bob",)))
    assert left_out is not None
    assert "you are not among them" in left_out
