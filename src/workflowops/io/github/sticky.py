"""One comment of ours on a pull request, kept up to date: found again by its hidden mark."""

from dataclasses import dataclass

from workflowops.core.incident.markers import is_marked, marked
from workflowops.core.json import Json
from workflowops.io.github.account import Account
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.once import write_again, write_once
from workflowops.io.github.place import Place
from workflowops.io.github.reading import login_of, text_of
from workflowops.io.github.sizes import fitting_text

_NEEDS = "pull-requests: write"


@dataclass(frozen=True, slots=True)
class _Comment:
    id: int
    url: str
    text: str


def say(number: int, text: str, *, marker: str, exchange: Exchange, place: Place, account: Account) -> str:
    """Write the comment with this marker, or change the one that is there, and answer its address.

    Two requests; one when it says the same already. The text ends with the marker, which is added where it does not.
    Raises GitHubError.
    """
    text = fitting_text(text if is_marked(text, marker) else marked(text, marker), marker=marker)
    found = _find(number, marker, exchange, place, account)
    if found is None:
        return _write(number, text, marker, exchange, place, account)
    if found.text.replace("\r\n", "\n").rstrip() != text.rstrip():
        request = Request(
            method="PATCH",
            path=place.path("issues", "comments", found.id),
            body={"body": text},
            task=f"bring our comment on #{number} up to date",
            needs=_NEEDS,
        )
        write_again(exchange, request)
    return found.url


def _write(number: int, text: str, marker: str, exchange: Exchange, place: Place, account: Account) -> str:
    request = Request(
        method="POST",
        path=place.path("issues", number, "comments"),
        body={"body": text},
        task=f"comment on #{number}",
        needs=_NEEDS,
    )

    def read(answer: Answer) -> str:
        written = _comment(answer.data)
        if written is None:
            raise foreign_error(request, place, lack="a comment was expected")
        account.learn(login_of(answer.data))
        return written.url

    def find() -> str | None:
        found = _find(number, marker, exchange, place, account)
        return None if found is None else found.url

    return write_once(exchange, request, find=find, read=read)


def _find(number: int, marker: str, exchange: Exchange, place: Place, account: Account) -> _Comment | None:
    """Find the oldest comment of ours that ends with the marker.

    A person's comment is ours only when the token is that person's. Of bots any counts: an App cannot ask for its own
    name, and no bot but ours has a reason to end a comment with this mark.
    """
    request = Request(
        method="GET",
        path=place.path("issues", number, "comments"),
        task=f"read the comments of #{number}",
        needs="pull-requests: read",
    )
    for page in exchange.pages(request):
        for entry in page:
            found = _comment(entry)
            if found is None or not is_marked(found.text, marker):
                continue
            if _is_bot(entry) or account.wrote(login_of(entry), issue=None):
                return found
    return None


def _comment(data: Json) -> _Comment | None:
    identity = data.get("id") if isinstance(data, dict) else None
    url = text_of(data, "html_url")
    return _Comment(identity, url, text_of(data, "body")) if isinstance(identity, int) and url else None


def _is_bot(data: Json) -> bool:
    user = data.get("user") if isinstance(data, dict) else None
    return text_of(user, "type") == "Bot"
