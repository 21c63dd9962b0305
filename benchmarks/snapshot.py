"""How long a snapshot takes to be made and pushed, next to git's own commands for the same files in the same run.

    python benchmarks/snapshot.py --corpus ../shared/corpus
    python benchmarks/snapshot.py --corpus ../shared/corpus --workflows 1000 --rounds 3

Both push to a local bare repository, from a fresh clone each round. Ours starts from what n8n listed and makes the
files as it goes; git starts from the files, which lie in the work tree already. Peak memory of this process is that of
the list and of the program, read from the kernel.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from drift import make_workflows  # noqa: E402
from workflowops.core.listing import ListedWorkflow, parse_page  # noqa: E402
from workflowops.core.promotion.snapshot import read_snapshot, snapshot_files  # noqa: E402
from workflowops.io.snapshots import GitSnapshots  # noqa: E402

IDENTITY = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com")
PAGE = 250
TAG = "promo-1-pre"


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a snapshot, as they came."""

    files: dict[str, bytes]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))


def main() -> None:
    """Make the workflows, and measure both ways in turn."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="workflowops-benchmark-") as folder:
        root = Path(folder)
        make_workflows(arguments.corpus, root / "workflows", count=arguments.workflows)
        listed = list_workflows(root / "workflows")
        made = Made(dict(_files(listed)))
        gits, ours = [], []
        for number in range(arguments.rounds):
            gits.append(_git_round(root / f"git-{number}", made))
            ours.append(_our_round(root / f"ours-{number}", listed))
            shutil.rmtree(root / f"git-{number}")
        second = _second_snapshot(root / f"ours-{arguments.rounds - 1}", listed)
        loaded, checked = _load(root / f"ours-{arguments.rounds - 1}")
    _print(arguments.workflows, made, gits, ours)
    print(f"a second one from the same clone: {second:.2f}s; read back in {loaded:.2f}s")
    if checked != len(listed):
        sys.exit(f"{checked} workflows were read back, not {len(listed)}.")


def list_workflows(folder: Path) -> list[ListedWorkflow]:
    """Answer the workflows of a folder as n8n lists them; every second one is published."""
    paths = sorted(folder.glob("*.json"))
    found: list[ListedWorkflow] = []
    for start in range(0, len(paths), PAGE):
        entries = [_entry(json.loads(path.read_bytes()), path) for path in paths[start : start + PAGE]]
        found += parse_page(json.dumps({"data": entries}).encode()).workflows
    return found


def _entry(document: dict[str, object], path: Path) -> dict[str, object]:
    is_active = int(path.stem) % 2 == 0
    graph = {key: document.get(key, {}) for key in ("nodes", "connections")}
    known = {"settings": document.get("settings") or {}, "nodeGroups": [], "tags": [], **graph}
    version = {"versionId": "v1", **graph} if is_active else None
    labels = {"id": f"wf{path.stem}", "name": document["name"], "active": is_active, "versionId": "v1"}
    return {**labels, **known, "activeVersion": version}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of exported workflows")
    parser.add_argument("--workflows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _files(listed: Sequence[ListedWorkflow]) -> Sequence[tuple[str, bytes]]:
    return list(snapshot_files(listed, environment="prod", promotion_id="promo-1", taken_at="2026-01-14T10:30:00Z"))


def _clone(root: Path) -> Path:
    remote, clone = root / "remote.git", root / "clone"
    _run(["init", "-q", "--bare", "-b", "main", str(remote)], ROOT)
    _run(["init", "-q", "-b", "main", str(clone)], ROOT)
    _run(["remote", "add", "origin", str(remote)], clone)
    return clone


def _git_round(root: Path, made: Made) -> float:
    clone = _clone(root)
    for path, content in made.files.items():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_bytes(content)
    started = perf_counter()
    _run(["add", "-A"], clone)
    _run([*IDENTITY, "commit", "-q", "-m", "Snapshot"], clone)
    _run(["push", "-q", "origin", "main"], clone)
    return perf_counter() - started


def _our_round(root: Path, listed: Sequence[ListedWorkflow]) -> float:
    clone = _clone(root)
    started = perf_counter()
    files = snapshot_files(listed, environment="prod", promotion_id="promo-1", taken_at="2026-01-14T10:30:00Z")
    GitSnapshots(clone).save(TAG, files, message="Snapshot")
    return perf_counter() - started


def _second_snapshot(root: Path, listed: Sequence[ListedWorkflow]) -> float:
    """Save the same workflows once more from the same clone, as a promotion does at its end."""
    started = perf_counter()
    files = snapshot_files(listed, environment="prod", promotion_id="promo-1", taken_at="2026-01-14T10:40:00Z")
    GitSnapshots(root / "clone").save("promo-1-post", files, message="Snapshot")
    return perf_counter() - started


def _load(root: Path) -> tuple[float, int]:
    """Read the last snapshot back through a clone that has never seen it."""
    reader = root / "reader"
    _run(["clone", "-q", str(root / "remote.git"), str(reader)], root)
    started = perf_counter()
    files = GitSnapshots(reader).load(TAG)
    return perf_counter() - started, 0 if files is None else len(read_snapshot(files).workflows)


def _run(arguments: Sequence[str], folder: Path) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def _print(workflows: int, made: Made, gits: list[float], ours: list[float]) -> None:
    print(f"{workflows} workflows, {len(made.files)} files, {made.size / 1e6:.1f} MB")
    for name, runs in (("git", gits), ("snapshot", ours)):
        print(f"{name:10}{min(runs):6.2f}s  all: {' '.join(f'{run:.2f}' for run in runs)}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print(f"ratio of wall time, snapshot to git: {min(ours) / min(gits):.2f}")


if __name__ == "__main__":
    main()
