"""The checks of the repository as a whole: issues, the token, labels, secrets and variables."""

from workflowops.core.access import variables_in
from workflowops.core.doctor.check import Finding, broken, passed, skipped, warning
from workflowops.core.doctor.repository_facts import Unread
from workflowops.core.doctor.repository_view import Seen, enumerated, unread
from workflowops.core.setup.form import FORM_FILE, FORM_LABEL

NEEDED = ("contents: read", "issues: read")
"""What no job of ours does without."""

_FORM = f".github/ISSUE_TEMPLATE/{FORM_FILE}"
_SECRETS_PAGE = "The names stand under Settings, Secrets and variables, Actions."


def repository_is_in_use(seen: Seen) -> Finding:
    """The repository is there under its name and can be written to."""
    overview = seen.overview
    if overview.is_archived:
        return broken(
            f"{overview.full_name} is archived: nothing can be written there.",
            fix="Unarchive it in the settings of the repository (General, Danger Zone).",
        )
    kind = "private" if overview.is_private else "public"
    return passed(f"{overview.full_name}, {kind}, default branch {overview.default_branch}.")


def issues_are_on(seen: Seen) -> Finding:
    """Issues are switched on."""
    if not seen.overview.has_issues:
        return broken(
            "Issues are switched off, so there is no place for incidents.",
            fix="Switch them on in the settings of the repository (General, Features, Issues)."
            + (" In a fork they are off at first." if seen.overview.is_fork else ""),
        )
    return passed("They are.")


def token_may_read(seen: Seen) -> Finding:
    """The token may read what these checks read."""
    outcomes = seen.facts.permissions
    refused = [needs for needs, found in outcomes.items() if found is not None and found.is_refused]
    lines = enumerated([f"`{needs}`" for needs in refused])
    fix = f"Add {lines} to the `permissions:` of the job, or give a token of your own that permission."
    if any(needs in NEEDED for needs in refused):
        return broken(f"It lacks {lines}.", fix=fix)
    if refused:
        return warning(f"It lacks {lines}, without which environments and schedules are hidden.", fix=fix)
    failed = [found for found in outcomes.values() if found is not None]
    if failed:
        return unread(failed[0])
    return passed(f"It reads {enumerated([needs.partition(':')[0] for needs in outcomes])}.")


def token_may_write(seen: Seen) -> Finding:
    """The token may write."""
    scopes = seen.overview.scopes
    if scopes is None:
        return skipped(
            "Only writing would show it, and nothing is written here. What a job may write is said by `permissions:` "
            "in its workflow file."
        )
    enough = {"repo"} if seen.overview.is_private else {"repo", "public_repo"}
    if not enough & scopes:
        return broken(
            f"This classic token has {f'the scopes {enumerated(sorted(scopes))}' if scopes else 'no scope'}.",
            fix="Give it the scope `repo`, or use `${{ github.token }}` in a workflow.",
        )
    if seen.overview.may_push is False:
        return broken(
            f"The account of this token may not push to {seen.overview.full_name}.",
            fix="Give the account the role Write (Settings, Collaborators and teams), or use another token.",
        )
    return passed("It has the scope, and its account may push.")


def form_label_exists(seen: Seen) -> Finding:
    """The label of the issue form exists."""
    labels, files = seen.facts.labels, seen.facts.files
    if isinstance(files, Unread):
        return unread(files)
    if _FORM not in files:
        return skipped(f"There is no {_FORM} on {seen.overview.default_branch}.")
    if isinstance(labels, Unread):
        return unread(labels, look="Look at the list of labels (Issues, Labels).")
    if FORM_LABEL.casefold() not in {label.casefold() for label in labels}:
        return broken(
            f"There is no label {FORM_LABEL}: GitHub leaves it off the issues that the form makes, and nobody answers "
            "them.",
            fix=f"Create the label {FORM_LABEL} (Issues, Labels), or: "
            f'gh label create "{FORM_LABEL}" --description "Asks for a workflow to be put under Git"',
        )
    return passed(f"{FORM_LABEL} is there; the other labels are created when they are first needed.")


def values_are_set(seen: Seen) -> Finding:
    """The secrets and variables that the configuration names are set."""
    if seen.configuration is None:
        return skipped("The configuration could not be read.")
    environments = seen.configuration.environments.values()
    keys = {name.upper() for each in environments for name in variables_in(each.api_key)}
    others = {name.upper() for each in environments for name in variables_in(each.url)} - keys
    secrets, variables = seen.facts.secrets, seen.facts.variables
    look = f"Compare them with {enumerated(sorted(keys | others), most=12)}. {_SECRETS_PAGE}"
    if isinstance(secrets, Unread):
        return unread(secrets, look=look)
    if isinstance(variables, Unread):
        return unread(variables, look=look)
    return _values(keys, others, secrets=secrets, variables=variables)


def _values(keys: set[str], others: set[str], *, secrets: frozenset[str], variables: frozenset[str]) -> Finding:
    """Judge the names of keys and of addresses by where they are kept. An address may be either."""
    exposed = sorted(keys & variables - secrets)
    if exposed:
        return broken(
            f"{enumerated(exposed)} {_is(exposed)} kept as a variable, which everybody who reads the repository can "
            "see.",
            fix="Delete the key in n8n and make a new one, store that as a secret of the same name, and delete the "
            "variable.",
        )
    missing = sorted((keys - secrets) | (others - secrets - variables))
    if missing:
        return broken(
            f"{enumerated(missing, most=12)} {_is(missing)} not set.",
            fix="Set the keys as secrets and the addresses as variables of the repository (Settings, Secrets and "
            "variables, Actions).",
        )
    return passed(f"{enumerated(sorted(keys | others), most=12) or 'None'}.")


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
