"""Holds every exchange that `requests` makes to GitHub's contract: stubs that GitHub would never answer are found."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from tests.github.contract import Exchange, load_contract


@contextmanager
def checked_requests(*, answers: bool = True) -> Iterator[list[str]]:
    """Collect the faults of everything sent in the block; with `answers` False those of the requests alone.

    They are collected, not raised: the code under test may catch what is raised, and so hide it.
    """
    contract = load_contract()
    faults: list[str] = []
    send = requests.Session.send

    def checked_send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        try:
            response = send(session, request, **options)
        except requests.RequestException:
            faults.extend(contract.faults(_exchange(request)))
            raise
        first = response.history[0] if response.history else response  # redirects came through here on their own
        faults.extend(contract.faults(_exchange(request, first if answers else None)))
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", checked_send)
        yield faults


def _exchange(request: requests.PreparedRequest, response: requests.Response | None = None) -> Exchange:
    address = urlsplit(request.url or "")
    body = request.body.encode() if isinstance(request.body, str) else request.body
    asked = Exchange(
        method=request.method or "",
        path=f"{address.path}?{address.query}" if address.query else address.path,
        body=body if isinstance(body, bytes) else None,
    )
    if response is None:
        return asked
    return Exchange(asked.method, asked.path, asked.body, response.status_code, response.content)
