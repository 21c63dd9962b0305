"""The settings of a repository on GitHub, read and never changed."""

from collections.abc import Mapping

from workflowops.core.doctor.repository_facts import Asked, Overview, Read, RepositoryFacts, Unread
from workflowops.core.json import JsonObject
from workflowops.io.github import settings_actions
from workflowops.io.github.faults import renamed_error
from workflowops.io.github.messages import Answer
from workflowops.io.github.place import path_of
from workflowops.io.github.reading import text_of
from workflowops.io.github.session import GitHubSession
from workflowops.io.github.settings_environments import environment
from workflowops.io.github.settings_reading import SettingsReader, field
from workflowops.io.github.settings_rules import RulesReader

_ENTERPRISE = "enterprise"
_PROBES: Mapping[str, tuple[str, ...]] = {
    "contents: read": ("branches",),
    "issues: read": ("issues",),
    "actions: read": ("actions", "workflows"),
}
"""What a token with that permission can read, and one without it cannot, in a repository that is not public.

Only what is read for these facts: every job has a token of its own, and this one says nothing about the others.
"""


class GitHubSettings(GitHubSession):
    """The settings of one repository; answers the port `RepositorySettings`.

    Sends nothing but GET, some forty for three environments. Waiting for a limit is told through `progress` and ends
    after `wait_limit_seconds`.
    """

    def facts(self, asked: Asked) -> RepositoryFacts:
        """Read everything that can be read. Where the repository itself cannot be, nothing else is asked."""
        reader = SettingsReader(self._exchange, self._place)
        path, task = self._place.path(), "read the repository"
        answer = reader.answer(path, task=task, needs="metadata: read")
        if isinstance(answer, Unread):
            return RepositoryFacts(overview=answer)
        overview = _overview(answer, reader)
        if isinstance(overview, Unread):
            return RepositoryFacts(overview=overview)
        rules = RulesReader(reader)
        default = rules.branch(overview.default_branch)
        return RepositoryFacts(
            overview=overview,
            plan=_plan(answer, reader, overview=overview),
            files=settings_actions.files(reader, branch=overview.default_branch),
            workflows=settings_actions.workflows(reader),
            environments={name: environment(reader, name, default=default) for name in asked.environments},
            default_branch=default,
            state_branch=rules.branch(asked.state_branch),
            proposals=rules.branch(asked.proposal_branch),
            tag_rules=rules.tags(asked.state_tags),
            actions=settings_actions.permission(reader),
            may_open_pull_requests=settings_actions.may_open_pull_requests(reader),
            labels=_labels(reader),
            secrets=settings_actions.names(reader, "secrets"),
            variables=settings_actions.names(reader, "variables"),
            permissions=_permissions(reader),
        )


def _overview(answer: Answer, reader: SettingsReader) -> Read[Overview]:
    """Read the repository itself. Source: docs.github.com, "Get a repository", "Scopes for OAuth apps"."""
    data = answer.data
    name, branch = text_of(data, "full_name"), text_of(data, "default_branch")
    if not name or not branch:
        return reader.foreign("a repository")
    if name.casefold() != reader.place.repository.casefold():
        renamed = renamed_error(reader.place, name=name)
        return Unread(str(renamed), renamed.fix, is_refused=True)
    scopes = answer.headers.get("x-oauth-scopes")
    push = field(data, "permissions", "push")
    return Overview(
        full_name=name,
        default_branch=branch,
        has_issues=field(data, "has_issues") is not False,
        is_private=field(data, "private") is True,
        is_archived=field(data, "archived") is True,
        is_fork=field(data, "fork") is True,
        is_own_server="x-github-enterprise-version" in answer.headers,
        may_push=push if isinstance(push, bool) else None,
        scopes=None if scopes is None else frozenset(each.strip() for each in scopes.split(",") if each.strip()),
    )


def _plan(answer: Answer, reader: SettingsReader, *, overview: Overview) -> Read[str]:
    """Answer the name of the owner's plan. No request for a public repository or a server of one's own, else one.

    Only owners are told. What is `internal` exists on Enterprise alone. Source: docs.github.com, "Get an organization".
    """
    owner: JsonObject = {}
    found = field(answer.data, "owner")
    owner = found if isinstance(found, dict) else owner
    if overview.is_own_server or text_of(answer.data, "visibility") == "internal":
        return _ENTERPRISE
    hidden = Unread(
        f"GitHub does not tell this token which plan {reader.place.owner} has.",
        f"Look at the billing page of {reader.place.owner}, which its owners see.",
        is_refused=True,
    )
    if not overview.is_private:
        return hidden
    is_organization = text_of(owner, "type") == "Organization"
    path = path_of("orgs", reader.place.owner) if is_organization else "/user"
    asked = reader.answer(path, task="read the plan of the owner", needs="organization administration: read")
    if isinstance(asked, Unread):
        return hidden
    is_owner = text_of(asked.data, "login").casefold() == reader.place.owner.casefold()
    name = text_of(field(asked.data, "plan"), "name").lower()
    return name if name and is_owner else hidden


def _labels(reader: SettingsReader) -> Read[frozenset[str]]:
    entries = reader.entries(reader.place.path("labels"), task="list the labels", needs="issues: read")
    if isinstance(entries, Unread):
        return entries
    return frozenset(name for entry in entries if (name := text_of(entry, "name")))


def _permissions(reader: SettingsReader) -> dict[str, Unread | None]:
    """Try to read one thing for each permission. One request each."""
    found: dict[str, Unread | None] = {}
    for needs, parts in _PROBES.items():
        answer = reader.answer(reader.place.path(*parts), task=f"try {needs}", needs=needs, query={"per_page": "1"})
        found[needs] = answer if isinstance(answer, Unread) else None
    return found
