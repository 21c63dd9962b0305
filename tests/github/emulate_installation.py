"""Installs emulate, a GitHub that others wrote, into a cache outside the checkout."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tests.node_installation import Node, cache_folder, install_in_cache, install_locked

PINNED = Path(__file__).with_name("emulate")
VERSION: str = json.loads((PINNED / "package.json").read_bytes())["dependencies"]["emulate"]
ASKED_BY = "WORKFLOWOPS_EMULATED_GITHUB"
WHY_NOT = f"Needs emulate on node 24, which {ASKED_BY}=1 installs into the cache."


def is_asked_for() -> bool:
    """Whether this run must have it: then it is installed, and a failure to do so fails the tests."""
    return bool(os.environ.get(ASKED_BY))


@dataclass(frozen=True, slots=True)
class Installation:
    """An emulate that can be started."""

    node: Path
    folder: Path


def install(*, cache: Path | None = None) -> Installation:
    """Answer an installed emulate: a few seconds the first time, nothing later. Raises InstallationError."""
    cache = cache or cache_folder()
    folder = cache / f"emulate-{VERSION}"
    return Installation(node=install_in_cache(folder, _install, cache=cache), folder=folder)


def _install(target: Path, node: Node) -> dict[str, str]:
    install_locked(PINNED, target, node)
    return {"emulate": VERSION}
