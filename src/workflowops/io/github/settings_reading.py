"""Reading a setting that may be hidden from us: the answer, or why there is none."""

from collections.abc import Collection, Mapping

from workflowops.core.doctor.repository_facts import Unread
from workflowops.core.json import Json
from workflowops.errors import GitHubError, GitHubForbiddenError, GitHubNotFoundError, GitHubUnauthorizedError
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.place import Place

_MOST_FAILURES = 3
_BEYOND_JOBS = ("administration", "organization", "secrets", "variables")
"""What no `permissions:` can give to the token of a job. Source: docs.github.com, "Workflow syntax", permissions."""
_ADMINISTRATOR = (
    "The token of a job can never read this. With that of an administrator of the repository the doctor can: "
    "GITHUB_TOKEN=$(gh auth token) workflowops doctor"
)


class SettingsReader:
    """Reads what may be refused. After three failures of GitHub in a row nothing more is asked of it."""

    def __init__(self, exchange: Exchange, place: Place) -> None:
        self.place = place
        self._exchange = exchange
        self._failures = 0

    def answer(
        self, path: str, *, task: str, needs: str, accept: Collection[int] = (), query: Mapping[str, str] | None = None
    ) -> Answer | Unread:
        """Answer a 2xx or a status in `accept`. One request."""
        if self._failures >= _MOST_FAILURES:
            return _unasked(self.place)
        request = Request(method="GET", path=path, task=task, needs=needs, query=query or {})
        try:
            found = self._exchange.read(request, accept=accept)
        except GitHubError as error:
            return self._unread(error, needs=needs)
        self._failures = 0
        return found

    def entries(self, path: str, *, task: str, needs: str, key: str | None = None) -> list[Json] | Unread:
        """Answer a whole list, which stands under `key` where one is given. One request for every 100 entries."""
        if self._failures >= _MOST_FAILURES:
            return _unasked(self.place)
        request = Request(method="GET", path=path, task=task, needs=needs)
        try:
            found = [entry for page in self._exchange.pages(request, key=key) for entry in page]
        except GitHubError as error:
            return self._unread(error, needs=needs)
        self._failures = 0
        return found

    def foreign(self, what: str) -> Unread:
        """Say that what was answered is not of the expected form."""
        return Unread(
            f"{self.place.server} answered something else than {what}.",
            "Check that GITHUB_API_URL is the address of GitHub's REST API, not of another program.",
        )

    def _unread(self, error: GitHubError, *, needs: str) -> Unread:
        is_refused = isinstance(error, GitHubForbiddenError | GitHubNotFoundError | GitHubUnauthorizedError)
        self._failures = 0 if is_refused else self._failures + 1
        is_beyond_jobs = isinstance(error, GitHubForbiddenError) and needs.startswith(_BEYOND_JOBS)
        return Unread(str(error), _ADMINISTRATOR if is_beyond_jobs else error.fix, is_refused=is_refused)


def _unasked(place: Place) -> Unread:
    return Unread(
        f"It was not asked for: {place.server} had failed {_MOST_FAILURES} times in a row before.",
        "Run the doctor again in a while; https://www.githubstatus.com tells about outages.",
    )


def field(data: Json, *names: str) -> Json:
    """Answer what stands at a path of names; None where there is nothing."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def listed(data: Json) -> list[Json]:
    """Answer a list as it is; an empty one for anything else."""
    return data if isinstance(data, list) else []
