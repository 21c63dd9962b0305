"""What the doctor asks of an n8n instance beside what every command reads, said as a protocol."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from workflowops.commands.ports import N8nReader
from workflowops.core.configuration import Connection, Environment
from workflowops.core.doctor.key import KeyRights


class N8nExaminer(N8nReader, Protocol):
    """One n8n instance, looked at and never changed."""

    async def key_rights(self) -> KeyRights:
        """Answer what the key may do, by asking alone. Raises N8nError."""

    async def clock(self) -> datetime | None:
        """Answer the time by the server's clock, to the second; None when it does not say."""


OpenExaminer = Callable[[Connection, Environment], AbstractAsyncContextManager[N8nExaminer]]
