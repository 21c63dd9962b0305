"""The `incidents` of workflowops.yml: what holds for an environment, and words for what is wrong in them."""

from collections.abc import Iterator, Mapping
from typing import Any

from workflowops.core.incident.policy import (
    ESCALATE_AFTER_HOURS,
    CommandRule,
    Grouping,
    IncidentPolicy,
    OnDriftGone,
    Role,
)
from workflowops.core.problems import Fault, PathInDocument, Severity, shown, where

_STORM_LIMIT = IncidentPolicy().storm_limit


def incident_policy(shared: Mapping[str, Any], own: Mapping[str, Any], *, severity: str) -> IncidentPolicy:
    """Answer what holds for one environment: its own keys, else those at the top of the file, else the defaults.

    Both mappings have the shape of the schema. The keys replace each other one by one, the rules of `commands` command
    by command. `severity` is the environment's.
    """
    asked = {**shared, **own}
    return IncidentPolicy(
        enabled=asked.get("enabled", True),
        group_by=Grouping(asked.get("group_by", Grouping.ENVIRONMENT)),
        storm_limit=int(asked.get("storm_limit", _STORM_LIMIT)),
        on_drift_gone=OnDriftGone(asked.get("on_drift_gone", OnDriftGone.RECONCILE)),
        escalate_after_hours=_escalate_after(shared, own, severity),
        assignees=_each_once(asked.get("assignees", ())),
        mentions=_each_once(asked.get("mentions", ())),
        commands={
            name: _command_rule(rule)
            for name, rule in {**shared.get("commands", {}), **own.get("commands", {})}.items()
        },
        notify=_each_once(name.strip("${}") for name in asked.get("notify", ())),
    )


def _escalate_after(shared: Mapping[str, Any], own: Mapping[str, Any], severity: str) -> float | None:
    if "escalate_after_hours" in own:
        hours = own["escalate_after_hours"]
    else:
        by_severity = shared.get("escalate_after_hours", {})
        hours = None if by_severity is None else {**ESCALATE_AFTER_HOURS, **by_severity}[severity]
    return None if hours is None else float(hours)


def _command_rule(raw: Mapping[str, Any]) -> CommandRule:
    return CommandRule(
        role=Role(raw["role"]) if "role" in raw else None,
        users=_each_once(raw.get("users", ())),
        teams=_each_once(raw.get("teams", ())),
    )


def _each_once(names: Any) -> tuple[str, ...]:
    """Drop what is listed again."""
    return tuple(dict.fromkeys(names))


def storm_limits_have_effect(document: Mapping[str, Any]) -> Iterator[Fault]:
    """A storm limit is about incidents of single workflows. Who writes out the default has changed nothing."""
    found = dict(_incidents(document))
    shared = found.get(("incidents",), {}).get("group_by")
    groupings = {path: incidents.get("group_by", shared) for path, incidents in found.items()}
    for path, incidents in found.items():
        counting = groupings.values() if path == ("incidents",) else [groupings[path]]
        if incidents.get("storm_limit", _STORM_LIMIT) != _STORM_LIMIT and "workflow" not in counting:
            message = "storm_limit has no effect: there is one incident for a whole environment."
            fix = "Add `group_by: workflow`, or take storm_limit out."
            yield Fault((*path, "storm_limit"), "no-effect", message, fix, Severity.WARNING, is_key=True)


def _incidents(document: Mapping[str, Any]) -> Iterator[tuple[PathInDocument, dict[str, Any]]]:
    """Find what is said about incidents, at the top and then for each environment."""
    found: list[tuple[PathInDocument, Any]] = [(("incidents",), document.get("incidents"))]
    environments = document.get("environments")
    for name, environment in environments.items() if isinstance(environments, dict) else ():
        if isinstance(environment, dict):
            found.append((("environments", name, "incidents"), environment.get("incidents")))
    yield from ((path, incidents) for path, incidents in found if isinstance(incidents, dict))


def reworded(fault: Fault, document: Any) -> Fault:
    """Give a fault of the shape the words that help most, where it is about incidents; else answer it as it is."""
    match _within_incidents(fault.path):
        case ("notify", int(), *inside):
            return _literal_address_fault(fault.path[: len(fault.path) - len(inside)])
        case ("assignees", int()) | ("commands", _, "users", int()) if fault.rule == "bad-value":
            return _login_fault(fault.path, _value_at(document, fault.path))
        case ("commands", _, "teams", int()) if fault.rule == "bad-value":
            return _team_fault(fault.path, _value_at(document, fault.path))
        case ("mentions", int()) if fault.rule == "bad-value":
            return _mention_fault(fault.path, _value_at(document, fault.path))
        case ("commands", _, "role") if _value_at(document, fault.path) in (Role.NONE, Role.READ):
            return _role_fault(fault.path)
    return fault


def _within_incidents(path: PathInDocument) -> PathInDocument:
    """Answer the steps from `incidents` on, of the file or of an environment; none when a path leads elsewhere."""
    match path:
        case ("incidents", *steps) | ("environments", _, "incidents", *steps):
            return tuple(steps)
    return ()


def _value_at(document: Any, path: PathInDocument) -> Any:
    for step in path:
        document = document[step]
    return document


def _literal_address_fault(path: PathInDocument) -> Fault:
    return Fault(
        path,
        "literal-address",
        f"{where(path)} is not one whole ${{NAME}}. The address itself must not stand here: it holds a token.",
        'Write "${SLACK_WEBHOOK}", in quotes, and put the address into a secret of that name. If a real address was '
        "ever committed, have the service make a new one.",
    )


def _login_fault(path: PathInDocument, login: str) -> Fault:
    fix = "Write the name of the account as it stands in the address of its page: `octocat`."
    if login.startswith("@"):
        fix = "Write it without `@`."
    elif "@" in login:
        fix = "Write the GitHub login, not an e-mail address."
    elif "/" in login:
        fix = "GitHub assigns issues to people only." if "assignees" in path else "Put teams under `teams`."
    return Fault(path, "bad-login", f"{where(path)} is no GitHub login: {shown(login)}.", fix)


def _team_fault(path: PathInDocument, team: str) -> Fault:
    fix = "Write organization and slug, as in the address of the team's page: `acme/n8n-admins`."
    if team.startswith("@"):
        fix = "Write it without `@`."
    return Fault(path, "bad-team", f"{where(path)} is no GitHub team: {shown(team)}.", fix)


def _mention_fault(path: PathInDocument, mention: str) -> Fault:
    fix = 'Write "@octocat" for a person or "@acme/n8n-admins" for a team, in quotes.'
    if "@" in mention[1:]:
        fix = "GitHub knows people by login. An e-mail address goes into the variable of a notification."
    return Fault(path, "bad-mention", f"{where(path)} cannot be mentioned: {shown(mention)}.", fix)


def _role_fault(path: PathInDocument) -> Fault:
    message = f"{where(path)} is below triage. Whoever sees the repository could give the command."
    return Fault(path, "weak-role", message, "Write triage, write, maintain or admin; about promotions not triage.")
