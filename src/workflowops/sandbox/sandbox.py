"""An n8n stand-in that a test, the demo or a rehearsal starts and stops."""

from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import Self

from workflowops.sandbox.application import Application, SeenRequest
from workflowops.sandbox.faults import Fault
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.instance import Instance
from workflowops.sandbox.server import Server
from workflowops.sandbox.store import Store


class Sandbox:
    """A server on loopback with one instance behind it, gone when the block ends.

    `behave_like` is "2.41" or "1.123"; `latency` is seconds per request; port 0 takes any free one;
    `path_prefix` ("/n8n") serves below a path, as behind a proxy.
    """

    def __init__(
        self,
        behave_like: str = "2.41",
        *,
        api_key: str = "sandbox-api-key",
        port: int = 0,
        latency: float = 0.0,
        path_prefix: str = "",
    ) -> None:
        self.instance = Instance(Store(Generation(behave_like)))
        self.api_key = self.instance.add_key(key=api_key)
        self._application = Application(self.instance, latency=latency, path_prefix=path_prefix)
        self._server = Server(self._application, port=port)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """The base URL of the instance, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self._application.path_prefix}"

    @property
    def requests(self) -> list[SeenRequest]:
        """Every request answered so far, in the order of the answers."""
        return list(self._application.seen)

    def clear_requests(self) -> None:
        """Forget the requests seen so far."""
        self._application.seen.clear()

    def before_request(self, hook: Callable[[SeenRequest], None]) -> None:
        """Call `hook` before each request is handled, in the thread that handles it."""
        self._application.hooks.append(hook)

    def fail_next(self, fault: Fault, *, times: int = 1) -> None:
        """Let the next `times` requests that match the fault fail so; orders are carried out one after the other."""
        self._application.faults.add(fault, times=times)

    def clear_faults(self) -> None:
        """Forget the faults that have not happened."""
        self._application.faults.clear()

    def start(self) -> Self:
        """Start serving, for those who have no block."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, close every connection and wait for the threads; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
