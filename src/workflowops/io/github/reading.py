"""What GitHub's JSON says, read into our values; None for what is not of the expected form."""

from collections.abc import Sequence

from workflowops.core.incident.issue import Issue
from workflowops.core.json import Json

NOBODY = "ghost"
"""The login that GitHub shows for an account that was deleted."""


def read_issue(data: Json) -> Issue | None:
    """Read an issue; None for anything else, and for a pull request, which GitHub lists among the issues."""
    if not isinstance(data, dict) or is_pull_request(data):
        return None
    number, url, title = data.get("number"), data.get("html_url"), data.get("title")
    if not isinstance(number, int) or not isinstance(url, str) or data.get("state") not in {"open", "closed"}:
        return None
    return Issue(
        number=number,
        url=url,
        title=title if isinstance(title, str) else "",
        body=text_of(data, "body"),
        is_open=data["state"] == "open",
        labels=names_of(data.get("labels"), key="name"),
        assignees=names_of(data.get("assignees"), key="login"),
        author=login_of(data),
        is_locked=data.get("locked") is True,
    )


def is_pull_request(data: Json) -> bool:
    """Say whether an issue is a pull request in truth."""
    return isinstance(data, dict) and data.get("pull_request") is not None


def repository_of(data: Json) -> str:
    """Answer the API's address of the repository that an issue is in; empty when it does not say."""
    return text_of(data, "repository_url")


def login_of(data: Json) -> str:
    """Answer who made an issue or a comment."""
    user = data.get("user") if isinstance(data, dict) else None
    return text_of(user, "login") or NOBODY


def text_of(data: Json, name: str) -> str:
    """Answer a text of an object; empty when there is none."""
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def has_label(issue: Issue, label: str) -> bool:
    """Say whether an issue has a label; upper and lower case are one, as on GitHub."""
    return label.casefold() in {name.casefold() for name in issue.labels}


def names_of(entries: Json, *, key: str) -> tuple[str, ...]:
    """Answer the names of labels (a text or an object each) or of people."""
    listed: Sequence[Json] = entries if isinstance(entries, list) else ()
    names = (entry if isinstance(entry, str) else text_of(entry, key) for entry in listed)
    return tuple(name for name in names if name)
