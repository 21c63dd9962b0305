"""Requests to GitHub through PyGithub: reads are repeated, writes are not, limits are waited for and told."""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import requests
import urllib3
from github import Auth, Github, GithubException

from workflowops.core.json import Json
from workflowops.errors import GitHubError
from workflowops.io.github.connection import connection_fault
from workflowops.io.github.faults import Fault, failed_task, fault_of, foreign_error, limited_error
from workflowops.io.github.limits import Limit, limit_of
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.place import Place

API_VERSION = "2022-11-28"
PER_PAGE = 100
TIMEOUT_SECONDS = 30

_READ_WAITS = (1.0, 2.0, 4.0)
_MOST_LIMITS = 4
_MOST_PAGES = 1000


class Progress(Protocol):
    """Where a person watches long work."""

    def say(self, line: str) -> None:
        """Show one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a limit is waited for at most (seconds, one request), and how the time passes."""

    wait_limit_seconds: float
    seconds_between_writes: float
    sleep: Callable[[float], None]


class Exchange:
    """Sends requests over a connection that is kept alive. `requests` counts every one that was sent, repetitions too.

    PyGithub sends them one by one, without repeating any: its own retry, even limited to GET, waits in silence and for
    as long as `retry-after` says, and does not repeat an answer that was cut short. Its objects are not used, because
    they complete themselves with requests that nobody asked for.
    """

    def __init__(self, place: Place, *, progress: Progress, patience: Patience) -> None:
        self.requests = 0
        self.progress = progress
        self._place = place
        self._patience = patience
        self._last_write: float | None = None
        logging.getLogger("github").setLevel(logging.WARNING)  # PyGithub prints its INFO lines onto standard error
        self._github = Github(
            auth=Auth.Token(place.token),
            base_url=place.api,
            timeout=TIMEOUT_SECONDS,
            user_agent="workflowops",
            per_page=PER_PAGE,
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
            api_version=API_VERSION,
        )

    def close(self) -> None:
        """Close the connection."""
        self._github.close()

    def read(self, request: Request, *, accept: Collection[int] = ()) -> Answer:
        """Answer a 2xx, or a status in `accept`; asks up to four times where that may help, else raises GitHubError."""
        tries = 0
        while True:
            outcome = self._within_limits(request, accept)
            if isinstance(outcome, Answer):
                return outcome
            tries += 1
            if not outcome.is_passing or tries > len(_READ_WAITS):
                raise _told(outcome, tries=tries) from outcome.cause
            self.pause(_READ_WAITS[tries - 1], because=str(outcome.error))

    def pages(self, request: Request, *, key: str | None = None, accept: Collection[int] = ()) -> Iterator[list[Json]]:
        """Yield the entries of a list, page by page to its end. Raises GitHubError, also for what is no list.

        With `key` the list stands under that name in an object. A status in `accept` means an empty list.
        """
        seen: set[str] = set()
        query = {**request.query, "per_page": str(PER_PAGE)}
        following: str | None = request.path
        while following is not None:
            seen.add(following)
            asked = Request(
                method="GET", path=following, task=request.task, query=query if len(seen) == 1 else {},
                needs=request.needs,
            )  # fmt: skip
            answer = self.read(asked, accept=accept)
            if answer.status in accept:
                return
            entries = answer.data
            if key is not None:
                entries = entries.get(key) if isinstance(entries, dict) else None
            if not isinstance(entries, list):
                raise foreign_error(request, self._place, lack="a list was asked for")
            yield entries
            following = answer.next_path(prefix=self._place.prefix)
            if following in seen or len(seen) == _MOST_PAGES:
                raise foreign_error(request, self._place, lack="its list has no end")

    def write(self, request: Request, *, accept: Collection[int] = ()) -> Answer | Fault:
        """Send a write once, a second after the one before; answers the fault where it may have been done all the same.

        A write that a limit refused was not done, and is sent again after the wait. Raises GitHubError where it
        certainly was not done.
        """
        outcome = self._within_limits(request, accept)
        if isinstance(outcome, Fault) and not outcome.may_be_done:
            raise outcome.error from outcome.cause
        return outcome

    def pause(self, seconds: float, *, because: str) -> None:
        """Wait, and say how long and why."""
        self.progress.say(f"{because} Waiting {seconds:.0f} second{'' if seconds == 1 else 's'}.")
        self._patience.sleep(seconds)

    def _within_limits(self, request: Request, accept: Collection[int]) -> Answer | Fault:
        """Send a request; while a limit of GitHub refuses it, wait as GitHub asks and send it again."""
        patience = self._patience.wait_limit_seconds
        waited, tries = 0.0, 0
        while True:
            outcome = self._send(request, accept)
            if not isinstance(outcome, Limit):
                return outcome
            seconds = outcome.seconds if outcome.is_told else outcome.seconds * 2**tries
            tries += 1
            if waited + seconds > patience or tries == _MOST_LIMITS:
                return Fault(limited_error(outcome, request, self._place, seconds=seconds, patience=patience))
            because = f"{failed_task(request, self._place)} yet: {outcome.name} at {self._place.server} is used up."
            self.pause(seconds, because=because)
            waited += seconds

    def _send(self, request: Request, accept: Collection[int]) -> Answer | Fault | Limit:
        """Send a request once. Nothing that a library raised is left behind as a context that shows the token."""
        if request.method != "GET":
            self._space_writes()
        self.requests += 1
        try:
            status, headers, text = self._github.requester.requestJson(
                request.method,
                request.path,
                parameters=dict(request.query),
                headers={"Accept": "application/vnd.github+json"},
                input=request.body,
            )
        except (
            requests.RequestException, urllib3.exceptions.HTTPError, GithubException, OSError, RuntimeError,
            AssertionError, ValueError,
        ) as error:  # fmt: skip
            return connection_fault(error, request, self._place, seconds=TIMEOUT_SECONDS)
        finally:
            self._last_write = self._last_write if request.method == "GET" else time.monotonic()
        answer = Answer.of(status, headers, text)
        limit = limit_of(answer)
        if limit is not None:
            return limit
        if status in accept or (200 <= status < 300 and answer.is_readable):
            return answer
        return fault_of(answer, request, self._place)

    def _space_writes(self) -> None:
        """Keep writes apart, as GitHub asks of everybody who writes much."""
        if self._last_write is None:
            return
        left = self._last_write + self._patience.seconds_between_writes - time.monotonic()
        if left > 0:
            self._patience.sleep(left)


def _told(fault: Fault, *, tries: int) -> GitHubError:
    problem = str(fault.error)
    return type(fault.error)(f"{problem} It was tried {tries} times." if tries > 1 else problem, fix=fault.error.fix)
