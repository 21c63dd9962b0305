"""What GitHub's event payloads say, as far as it concerns us; everything in them is data from outside."""

from dataclasses import dataclass

from workflowops.core.json import Json
from workflowops.core.setup.form import FORM_LABEL

ACTIONS = ("closed", "reopened", "labeled", "unlabeled", "edited", "deleted", "transferred")
"""What can be done to an issue by hand that its incident has to answer."""

FORM_ACTIONS = ("opened", "edited", "reopened")
"""What can be done to an issue that the form made, and is answered."""

MOVED = "moved"
"""Our name for `opened` where the issue came from another repository, in which others may have changed it."""

_OUR_MARK = "<!-- workflowops:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentEvent:
    """Somebody wrote a comment. `is_marked` says that it ends as ours do, which anybody can paste.

    `is_on_form` says that the issue bears the label of the onboarding form.
    """

    issue_number: int
    comment_id: int
    author: str
    body: str
    url: str
    is_pull_request: bool
    created_at: str
    is_marked: bool = False
    is_on_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEvent:
    """Somebody did something to an issue. `action` is one of `ACTIONS`."""

    issue_number: int
    action: str
    sender: str
    is_by_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEvent:
    """An issue with the label of the onboarding form was opened, or changed later.

    `action` is one of `FORM_ACTIONS`, or `MOVED`.

    `body` is what stood there when the event was sent; `author` opened the issue, `sender` did what the event is about.
    """

    issue_number: int
    action: str
    author: str
    sender: str
    body: str
    url: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to be answered, and why, for the log."""

    reason: str


def read_event(name: str, payload: Json) -> CommentEvent | IssueEvent | FormEvent | Ignored:
    """Answer what an event asks of us. Never raises: what GitHub would not send is ignored with the reason.

    Only new comments of people count: one that is edited later was perhaps written by somebody else. A pull request
    may be commented on; what else is done to it is no concern of an incident.
    """
    try:
        if name == "issue_comment":
            return _comment_event(_object(payload, "payload"))
        if name == "issues":
            return _issue_event(_object(payload, "payload"))
    except _OddPayloadError as odd:
        return Ignored(f"The event is not what GitHub sends: {odd}.")
    return Ignored(f"The event is {name or 'nameless'}, which says nothing about incidents.")


def _comment_event(payload: dict[str, Json]) -> CommentEvent | Ignored:
    action = _text(payload, "action")
    if action != "created":
        return Ignored(f"The comment was {action}; only new comments are read.")
    issue, comment = _object(payload.get("issue"), "issue"), _object(payload.get("comment"), "comment")
    author = _object(comment.get("user"), "comment.user")
    if _is_bot(author) or _is_bot(_object(payload.get("sender", author), "sender")):
        return Ignored("The comment was written by a program.")
    body = "" if comment.get("body") is None else _text(comment, "body")
    return CommentEvent(
        issue_number=_number(issue, "number"),
        comment_id=_number(comment, "id"),
        author=_text(author, "login"),
        body=body,
        url=_text(comment, "html_url"),
        is_pull_request=issue.get("pull_request") is not None,
        created_at=_text(comment, "created_at"),
        is_marked=body.rstrip().endswith("-->") and _OUR_MARK in body,
        is_on_form=_is_form(issue),
    )


def _issue_event(payload: dict[str, Json]) -> IssueEvent | FormEvent | Ignored:
    action = _text(payload, "action")
    if action not in {*ACTIONS, *FORM_ACTIONS}:
        return Ignored(f"The issue was {action}, which is not answered.")
    issue, sender = _object(payload.get("issue"), "issue"), _object(payload.get("sender"), "sender")
    if issue.get("pull_request") is not None:
        return Ignored("The issue is a pull request.")
    if action in FORM_ACTIONS and _is_form(issue):
        changes = payload.get("changes")
        is_moved = action == "opened" and isinstance(changes, dict) and "old_issue" in changes
        return _form_event(MOVED if is_moved else action, issue, sender)
    if action not in ACTIONS:
        return Ignored(f"The issue was {action}, which is not answered: the onboarding form did not make it.")
    return IssueEvent(
        issue_number=_number(issue, "number"),
        action=action,
        sender=_text(sender, "login"),
        is_by_bot=_is_bot(sender),
    )


def _form_event(action: str, issue: dict[str, Json], sender: dict[str, Json]) -> FormEvent | Ignored:
    author = _object(issue.get("user"), "issue.user")
    if _is_bot(sender) or _is_bot(author):
        return Ignored("A program did that; the onboarding form is for people.")
    return FormEvent(
        issue_number=_number(issue, "number"),
        action=action,
        author=_text(author, "login"),
        sender=_text(sender, "login"),
        body="" if issue.get("body") is None else _text(issue, "body"),
        url=_text(issue, "html_url"),
        created_at=_text(issue, "created_at"),
    )


def _is_form(issue: dict[str, Json]) -> bool:
    """Say whether the issue bears the form's label; a list of labels that is none names none."""
    labels = issue.get("labels")
    names = [each.get("name") for each in labels if isinstance(each, dict)] if isinstance(labels, list) else []
    return FORM_LABEL in {each.casefold() for each in names if isinstance(each, str)}


class _OddPayloadError(Exception):
    """A field is not what it has to be; never leaves this module."""


def _is_bot(user: dict[str, Json]) -> bool:
    return user.get("type") == "Bot" or str(user.get("login")).endswith("[bot]")


def _object(value: Json, name: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _OddPayloadError(f"{name} is no object")
    return value


def _text(fields: dict[str, Json], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise _OddPayloadError(f"{name} is no text")
    return value


def _number(fields: dict[str, Json], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _OddPayloadError(f"{name} is no number")
    return value
