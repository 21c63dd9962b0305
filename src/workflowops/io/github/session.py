"""A session with GitHub about one repository: what it is opened with, what it counts, and how it ends."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import NotRequired, Self, TypedDict, Unpack

from workflowops.io.github.exchange import Exchange, Patience, Progress
from workflowops.io.github.place import Place

SECONDS_BETWEEN_WRITES = 1.0
"""What GitHub asks for between two requests that create something."""


class Connection(TypedDict):
    """How to reach GitHub, and how patiently: waiting for a limit ends after so many seconds, 120 when left out."""

    api_url: str
    progress: Progress
    wait_limit_seconds: NotRequired[float]
    sleep: NotRequired[Callable[[float], None]]
    seconds_between_writes: NotRequired[float]


class GitHubSession:
    """What every view of a repository has in common; a context manager that closes the connection.

    Reads are repeated while GitHub fails. Waiting for a limit is told through `progress`.
    """

    def __init__(self, repository: str, token: str, **connection: Unpack[Connection]) -> None:
        """Check the arguments without any request; raises ConfigurationError."""
        self._place = Place.of(repository, token, api_url=connection["api_url"])
        patience = Patience(
            wait_limit_seconds=connection.get("wait_limit_seconds", 120),
            seconds_between_writes=connection.get("seconds_between_writes", SECONDS_BETWEEN_WRITES),
            sleep=connection.get("sleep", time.sleep),
        )
        self._exchange = Exchange(self._place, progress=connection["progress"], patience=patience)

    def __enter__(self) -> Self:
        """Answer this itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; it is opened again when it is needed."""
        self._exchange.close()

    @property
    def requests(self) -> int:
        """How many requests were sent so far, repetitions included; redirects are followed within one."""
        return self._exchange.requests
