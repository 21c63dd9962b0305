"""The repository itself: its default branch, its labels, and the proof that its issues can be read."""

from collections.abc import Sequence

from workflowops.core.incident.issue import Label
from workflowops.core.json import JsonObject
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import fault_of, foreign_error, renamed_error, switched_off_error
from workflowops.io.github.messages import Request
from workflowops.io.github.once import write_again
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of
from workflowops.io.github.sizes import label_description, label_name


class RepositoryReader:
    """What is asked about a repository once and then remembered, for the few minutes that a run takes."""

    def __init__(self, exchange: Exchange, place: Place) -> None:
        self._exchange = exchange
        self._place = place
        self._repository: JsonObject | None = None
        self._labels: set[str] | None = None
        self._has_proof = False

    def default_branch(self) -> str:
        """Name the default branch. One request, the first time."""
        request = self._request()
        branch = text_of(self._read(request), "default_branch")
        if not branch:
            raise foreign_error(request, self._place, lack="it names no default branch")
        return branch

    def prove_issues(self) -> None:
        """Return when the repository is there, under this name, and its issues can be read. Two requests, once.

        GitHub answers 404 both for what is not there and for what a token may not see. An issue is believed to be gone
        only after this. Raises GitHubError.
        """
        if self._has_proof:
            return
        repository = self._read(self._request())
        name = text_of(repository, "full_name")
        if name.casefold() != self._place.repository.casefold():
            raise renamed_error(self._place, name=name)
        if repository.get("has_issues") is False:
            raise switched_off_error(self._place)
        request = Request(
            method="GET",
            path=self._place.path("issues"),
            query={"per_page": "1", "state": "all"},
            task="read the issues",
            needs="issues: read",
        )
        if not isinstance(self._exchange.read(request).data, list):
            raise foreign_error(request, self._place, lack="a list was asked for")
        self._has_proof = True

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        """Create the labels that are missing. The labels are listed once; then one request for each missing one."""
        for label in labels:
            name = label_name(label.name)
            if name.casefold() not in self._known_labels():
                self._create(label, name)
                self._known_labels().add(name.casefold())

    def _create(self, label: Label, name: str) -> None:
        request = Request(
            method="POST",
            path=self._place.path("labels"),
            body={
                "name": name,
                "color": label.color.removeprefix("#"),
                "description": label_description(label.description),
            },
            task=f"create the label {name}",
        )
        answer = write_again(self._exchange, request, accept={422})
        if answer.status == 422 and "already_exists" not in answer.error_codes:
            raise fault_of(answer, request, self._place).error

    def _known_labels(self) -> set[str]:
        if self._labels is None:
            request = Request(
                method="GET", path=self._place.path("labels"), task="list the labels", needs="issues: read"
            )
            pages = self._exchange.pages(request)
            self._labels = {text_of(entry, "name").casefold() for page in pages for entry in page}
        return self._labels

    def _request(self) -> Request:
        return Request(method="GET", path=self._place.path(), task="read the repository", needs="contents: read")

    def _read(self, request: Request) -> JsonObject:
        if self._repository is None:
            answer = self._exchange.read(request)
            if not isinstance(answer.data, dict) or not text_of(answer.data, "full_name"):
                raise foreign_error(request, self._place, lack="a repository was asked for")
            self._repository = answer.data
        return self._repository
