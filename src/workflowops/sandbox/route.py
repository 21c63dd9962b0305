"""One endpoint: its path, its scope, the body it wants, what answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflowops.sandbox.requests import Answer, Call
from workflowops.sandbox.shape import Shape

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path. `body` None: a body is not looked at."""

    method: str
    path: str
    operation: str
    """n8n's operationId."""
    handler: Handler
    scope: str = ""
    body: Shape | None = None
    needs_body: bool = True
    parameters: tuple[str, ...] = ()

    def match(self, path: str) -> Mapping[str, str] | None:
        """Answer what the placeholders hold, or None when the path is another."""
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path), path)
        return None if found is None else found.groupdict()

    @property
    def resource(self) -> str:
        """The word under which /discover files the endpoint."""
        first = self.path.split("/")[1]
        return {"workflows": "workflow", "credentials": "credential"}.get(first, first)


def find_route(routes: tuple[Route, ...], method: str, path: str) -> tuple[Route | None, Mapping[str, str], bool]:
    """Answer the route, what its placeholders hold, and whether the path exists under any method."""
    exists = False
    for route in routes:
        names = route.match(path)
        if names is not None:
            exists = True
            if route.method == method:
                return route, names, True
    return None, {}, exists
