"""Faults that a test orders: what goes wrong with the next request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class Drop(StrEnum):
    """When a connection is closed without an answer."""

    BEFORE = "before"
    """Nothing was done."""
    AFTER = "after"
    """The request was carried out, the client does not learn it."""


class Ending(StrEnum):
    """How a connection ends on which no answer comes."""

    CLOSE = "close"
    RESET = "reset"
    """The client's system reports a connection reset by its peer."""
    SILENCE = "silence"
    """It stays open until the client, or the end of the server, closes it: what a timeout is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong. Without `status` the real answer is given, late, cut or not at all as the other fields say."""

    status: int | None = None
    is_carried_out: bool = False
    """With `status`: the request is carried out all the same, and its real answer is lost."""
    body: bytes = b'{"message":"fault"}'
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    truncate_to: int | None = None
    """Bytes that are sent of an answer whose Content-Length promises all of them; then the connection closes."""
    drop: Drop | str | None = None
    ending: Ending | str = Ending.CLOSE
    """How the connection ends where `drop` says when."""
    delay: float = 0.0
    """Seconds before the answer."""
    method: str | None = None
    path: str = ""
    """Only requests whose path contains this."""


@dataclass(slots=True)
class _Order:
    fault: Fault
    times: int


class Faults:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []
        self._lock = Lock()

    def add(self, fault: Fault, *, times: int) -> None:
        """Let the next `times` requests that match fail so."""
        with self._lock:
            self._orders.append(_Order(fault, times))

    def take(self, *, method: str, path: str) -> Fault | None:
        """Answer the fault for this request, and count it down."""
        with self._lock:
            for order in self._orders:
                fault = order.fault
                if fault.method in (None, method) and fault.path in path:
                    order.times -= 1
                    if order.times <= 0:
                        self._orders.remove(order)
                    return fault
        return None

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self._lock:
            self._orders.clear()
