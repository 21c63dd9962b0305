"""The process that sends notifications: reads what to send, answers in codes, and is gone."""

import json
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_FILE_PARAMETERS = frozenset({"keyfile", "pgppub", "pgpprv", "subfile"})
"""Parameters of an address that name a file, whatever the service."""
_NAMES_A_FILE = re.compile(r"(?:key|template) ?(?:file|path)|\bfile$", re.IGNORECASE)
_STATUS = re.compile(r"\berror=([1-5][0-9]{2})\b")
_UNREACHABLE = re.compile(r"connection error|could not be established|timed? ?out", re.IGNORECASE)
_SECOND_ADDRESS = re.compile(r"[\s,][a-z0-9]{2,20}://", re.IGNORECASE)
_SHORT_MESSAGE = 1000
"""Services that take less than so many characters (SMS) get the beginning; to others the rest follows."""


class Outcome(StrEnum):
    """What became of one address."""

    SENT = "sent"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    LOCAL = "local"
    READS_FILES = "reads_files"
    LACKING = "lacking"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    FAILED = "failed"
    SLOW = "slow"


@dataclass(slots=True)
class _Sending:
    """One address on its way. `kind` is the service's own word for it, and holds nothing of the address."""

    address: str
    kind: str | None = None
    status: int | None = None
    outcome: Outcome | None = None

    def run(self, title: str, text: str) -> None:
        """Send; whatever a service's code raises is an outcome, for its text may hold the address."""
        try:
            self.outcome = self._sent(title, text)
        except Exception:  # noqa: BLE001 - 180 services, each with failures of its own
            self.outcome = Outcome.FAILED

    def _sent(self, title: str, text: str) -> Outcome:
        import apprise
        from apprise.manager_plugins import NotificationManager
        from apprise.plugins import url_to_dict

        if _SECOND_ADDRESS.search(self.address):
            return Outcome.SEVERAL
        parts = url_to_dict(self.address)
        if not parts:
            return Outcome.UNKNOWN
        self.kind = str(parts["schema"])
        plugin = NotificationManager()[self.kind]
        if is_local(plugin):
            return Outcome.LOCAL
        if reads_files(plugin, parts.get("qsd", {})):
            return Outcome.READS_FILES
        if not plugin.enabled:
            return Outcome.LACKING
        service = apprise.Apprise.instantiate(parts, asset=_asset())
        if service is None:
            return Outcome.FAILED
        if "overflow" not in parts.get("qsd", {}):
            is_short = service.body_maxlen < _SHORT_MESSAGE
            service.overflow_mode = apprise.OverflowMode.TRUNCATE if is_short else apprise.OverflowMode.SPLIT
        sender = apprise.Apprise(asset=service.asset)
        sender.add(service)
        result = sender.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT)
        return Outcome.SENT if result else self._why(" ".join(entry.message for entry in result.logs()))

    def _why(self, log: str) -> Outcome:
        """Take from what a service logged only what cannot hold a secret: a status, and whether it was reached."""
        status = _STATUS.search(log)
        if status is not None:
            self.status = int(status[1])
        elif _UNREACHABLE.search(log):
            return Outcome.UNREACHABLE
        return Outcome.REFUSED


def is_local(plugin: Any) -> bool:
    """Say whether a service is a part of this machine (its desktop, its log): it can do without any host or key."""
    return "{schema}://" in plugin.templates


def reads_files(plugin: Any, parameters: Mapping[str, str]) -> bool:
    """Say whether the parameters of an address make the service read a file of this machine."""
    named = {name: str(argument.get("name", "")) for name, argument in plugin.template_args.items()}
    return any(name in _FILE_PARAMETERS or _NAMES_A_FILE.search(named.get(name, "")) is not None for name in parameters)


def _asset() -> Any:
    import apprise

    return apprise.AppriseAsset(
        app_id="WorkflowOps",
        app_desc="WorkflowOps",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        storage_mode="memory",
        service_timeout=0,  # the limit is kept here, over all addresses
        allow_templates=False,
        pgp_autogen=False,
        pem_autogen=False,
    )


def send_all(asked: Mapping[str, Any], *, until: float) -> list[dict[str, Any]]:
    """Send to all addresses at once and answer, in their order, what became of each by then (monotonic seconds)."""
    sendings = [_Sending(address) for address in asked["addresses"]]
    threads = [
        threading.Thread(target=sending.run, args=(asked["title"], asked["text"]), daemon=True) for sending in sendings
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [
        {"outcome": sending.outcome or Outcome.SLOW, "kind": sending.kind, "status": sending.status}
        for sending in sendings
    ]


def main() -> None:
    """Read what to send as JSON, send it, write the outcomes as JSON. Ends without waiting for whoever still sends."""
    asked = json.load(sys.stdin)
    answer_to = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a service prints is not an answer
    from apprise.manager_plugins import NotificationManager

    NotificationManager().load_modules()  # the code of every service, once, before the threads and the limit
    outcomes = send_all(asked, until=time.monotonic() + asked["limit_seconds"])
    os.write(answer_to, json.dumps(outcomes).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
