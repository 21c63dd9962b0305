"""What guards an environment of GitHub, as far as a setting of it can be wrong."""

from collections.abc import Sequence

from workflowops.core.doctor.ref_patterns import matches_ref
from workflowops.core.doctor.repository_facts import BranchFacts, EnvironmentFacts, Read, Unread
from workflowops.core.json import Json
from workflowops.io.github.environments import reviewers_of
from workflowops.io.github.place import is_login
from workflowops.io.github.reading import text_of
from workflowops.io.github.settings_actions import names_at
from workflowops.io.github.settings_reading import SettingsReader, field, listed

_NEEDS = "actions: read"
_GONE = frozenset({"none", ""})


def environment(reader: SettingsReader, name: str, *, default: Read[BranchFacts]) -> Read[EnvironmentFacts]:
    """Answer what guards an environment. Two requests, and one for each reviewer who is a person.

    One more where custom rules name the branches. A 404 is believed where the environments can be listed, for GitHub
    answers it as well to a token that may not see them. Source: docs.github.com, "Get an environment".
    """
    place = reader.place
    task = f"read what guards the environment {place.quoted(name)}"
    found = reader.answer(place.path("environments", name), task=task, needs=_NEEDS, accept={404})
    if isinstance(found, Unread):
        return found
    if found.status == 404:
        listing = reader.answer(place.path("environments"), task=task, needs=_NEEDS)
        return listing if isinstance(listing, Unread) else EnvironmentFacts(name=name, exists=False)
    if text_of(found.data, "name").casefold() != name.casefold():
        return reader.foreign("an environment")
    return _environment(reader, found.data, name=name, default=default)


def _environment(reader: SettingsReader, data: Json, *, name: str, default: Read[BranchFacts]) -> EnvironmentFacts:
    rules = listed(field(data, "protection_rules"))
    reviewers = reviewers_of(rules)
    waits = [field(rule, "wait_timer") for rule in rules if text_of(rule, "type") == "wait_timer"]
    bypass = field(data, "can_admins_bypass")
    return EnvironmentFacts(
        name=name,
        exists=True,
        reviewers=reviewers,
        strangers=_strangers(reader, reviewers),
        prevents_self_review=any(
            field(rule, "prevent_self_review") is True
            for rule in rules
            if text_of(rule, "type") == "required_reviewers"
        ),
        admins_bypass=bypass if isinstance(bypass, bool) else None,
        wait_minutes=max((wait for wait in waits if isinstance(wait, int)), default=0),
        admits_default_branch=_admits(reader, data, name=name, default=default),
        secrets=names_at(reader, "environments", name, "secrets", kind="secrets"),
    )


def _strangers(reader: SettingsReader, reviewers: Sequence[str]) -> Read[tuple[str, ...]]:
    """Answer the reviewers who cannot see the repository any more. One request for each person; none for a team.

    Source: docs.github.com, "Get repository permissions for a user".
    """
    strangers: list[str] = []
    for login in reviewers:
        if not is_login(login):
            continue
        path = reader.place.path("collaborators", login, "permission")
        found = reader.answer(path, task=f"ask for the role of {login}", needs="metadata: read", accept={404})
        if isinstance(found, Unread):
            return found
        if found.status == 404 or text_of(found.data, "permission") in _GONE:
            strangers.append(login)
    return tuple(strangers)


def _admits(reader: SettingsReader, data: Json, *, name: str, default: Read[BranchFacts]) -> Read[bool]:
    """Answer whether jobs of the default branch may use the environment.

    Source: docs.github.com, "List deployment branch policies".
    """
    policy = field(data, "deployment_branch_policy")
    if not isinstance(policy, dict):
        return True
    if isinstance(default, Unread):
        return default
    if policy.get("protected_branches") is True:
        return default.is_protected
    path = reader.place.path("environments", name, "deployment-branch-policies")
    task = f"read which branches may use the environment {reader.place.quoted(name)}"
    entries = reader.entries(path, task=task, needs=_NEEDS, key="branch_policies")
    if isinstance(entries, Unread):
        return entries
    patterns = [text_of(each, "name") for each in entries if text_of(each, "type") != "tag"]
    return any(matches_ref(pattern, default.name) for pattern in patterns)
