"""Installs a real n8n for the acceptance suite, into a cache outside the checkout."""

import json
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.node_installation import NODE_MAJOR, NODE_VERSION, Node, cache_folder, install_in_cache, run

DEFAULT_VERSION = "2.41.1"
OVERRIDES = {"1.123.81": {"xlsx": "0.18.5"}}  # that release takes xlsx from a site outside the registry
N8N_PROGRAM = Path("node_modules", "n8n", "bin", "n8n")


@dataclass(frozen=True, slots=True)
class Installation:
    """An n8n that can be started: `node folder/N8N_PROGRAM start`."""

    version: str
    node: Path
    folder: Path


def install(version: str = DEFAULT_VERSION, *, cache: Path | None = None) -> Installation:
    """Answer an installed n8n, installing what is missing: about four minutes and 3 GB the first time, nothing later.

    Safe to be killed and to be run twice at once. Raises InstallationError.
    """
    cache = cache or cache_folder()
    folder = cache / f"n8n-{version}"
    node = install_in_cache(folder, lambda target, node: _install_n8n(target, version=version, node=node), cache=cache)
    return Installation(version=version, node=node, folder=folder)


def _install_n8n(target: Path, *, version: str, node: Node) -> dict[str, str]:
    """Install without scripts (one of them needs a site that is often closed) and compile the one that matters."""
    manifest = {"private": True, "dependencies": {"n8n": version}, "overrides": OVERRIDES.get(version, {})}
    (target / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    run(
        [*node.npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        folder=target,
        path=node.path,
    )
    _build_sqlite(target, node=node)
    return {"n8n": version, "node": NODE_VERSION}


def _build_sqlite(target: Path, *, node: Node) -> None:
    """Compile n8n's database driver, or take the build an earlier installation kept in the cache."""
    package = target / "node_modules" / "sqlite3"
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    kept = target.parent / f"sqlite3-{version}-node{NODE_MAJOR}-{platform.machine()}.node"
    built = package / "build" / "Release" / "node_sqlite3.node"
    if kept.exists():
        built.parent.mkdir(parents=True)
        shutil.copy2(kept, built)
        return
    gyp = target / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    if not gyp.exists():
        run([*node.npm, "install", "--prefix", "gyp", "--no-audit", "--no-fund", "node-gyp@11"], folder=target)
        gyp = target / "gyp" / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    # A `nodedir` in the user's .npmrc would compile against the headers of another node: name ours.
    run([str(node.program), str(gyp), "rebuild", f"--nodedir={node.headers}"], folder=package, path=node.path)
    partial = kept.with_suffix(".part")
    shutil.copy2(built, partial)
    partial.rename(kept)
