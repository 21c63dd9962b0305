"""GitHub's own parser of workflow files, installed into the cache outside the checkout."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.github.emulate_installation import ASKED_BY, is_asked_for
from tests.node_installation import Node, cache_folder, install_in_cache, install_locked, is_complete

PINNED = Path(__file__).with_name("parser")
VERSION: str = json.loads((PINNED / "package.json").read_bytes())["dependencies"]["@actions/workflow-parser"]


def faults_of(files: Iterable[Path]) -> dict[str, list[str]]:
    """Answer what GitHub would say about each file; skips the test where the parser is not installed."""
    cache = cache_folder()
    folder = cache / f"workflow-parser-{VERSION}"
    if not (is_asked_for() or is_complete(folder)):
        pytest.skip(f"Needs GitHub's parser, which {ASKED_BY}=1 installs into the cache.")
    node = install_in_cache(folder, _install, cache=cache)
    for name in ("check.mjs", "json_modules.mjs"):
        if not (folder / name).exists() or (folder / name).read_bytes() != (PINNED / name).read_bytes():
            shutil.copy(PINNED / name, folder / name)
    done = subprocess.run(
        [str(node), "--import", "./json_modules.mjs", "check.mjs", *map(str, files)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def _install(target: Path, node: Node) -> dict[str, str]:
    install_locked(PINNED, target, node)
    return {"@actions/workflow-parser": VERSION}
