"""Our labels on a pull request; those of people are never touched, not even for a moment."""

from collections.abc import Sequence

from workflowops.core.incident.issue import Label
from workflowops.core.incident.labels import repaired
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.messages import Request
from workflowops.io.github.once import write_again
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of
from workflowops.io.github.repository import RepositoryReader
from workflowops.io.github.sizes import label_name

_NEEDS = "pull-requests: write"


def set_labels(
    number: int, labels: Sequence[Label], exchange: Exchange, place: Place, repository: RepositoryReader
) -> None:
    """Give a pull request these labels, and take our others off. One request when it has them.

    Else one to list all labels, one for each that does not exist, one to add and one for each to take off: whoever
    labels at the same time loses nothing. Raises GitHubError.
    """
    existing = _labels_of(number, exchange, place)
    wanted = [label_name(label.name) for label in labels]
    theirs = repaired(existing, ())
    kept = {name.casefold() for name in (*wanted, *(existing if theirs is None else theirs))}
    missing = [name for name in wanted if name.casefold() not in {each.casefold() for each in existing}]
    if missing:
        repository.ensure_labels(labels)
        _add(number, missing, exchange, place)
    for name in existing:
        if name.casefold() not in kept:
            _take_off(number, name, exchange, place)


def _labels_of(number: int, exchange: Exchange, place: Place) -> list[str]:
    request = Request(
        method="GET",
        path=place.path("issues", number, "labels"),
        task=f"read the labels of #{number}",
        needs="pull-requests: read",
    )
    return [name for page in exchange.pages(request) for entry in page if (name := text_of(entry, "name"))]


def _add(number: int, names: Sequence[str], exchange: Exchange, place: Place) -> None:
    request = Request(
        method="POST",
        path=place.path("issues", number, "labels"),
        body={"labels": [*names]},
        task=f"label #{number}",
        needs=_NEEDS,
    )
    write_again(exchange, request)


def _take_off(number: int, name: str, exchange: Exchange, place: Place) -> None:
    request = Request(
        method="DELETE",
        path=place.path("issues", number, "labels", name),
        task=f"take a label off #{number}",
        needs=_NEEDS,
    )
    write_again(exchange, request, accept={404})
