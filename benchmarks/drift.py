"""How long a drift check takes, next to the floor that is measured in the same run.

    python benchmarks/drift.py --corpus ../shared/corpus
    python benchmarks/drift.py --corpus ../shared/corpus --workflows 1000 --latency-ms 20

Each program is a process of its own, start-up included; wall time and peak memory are read from the kernel. Both ask
the same sandbox, which runs as a third process. "Warm" means that one drift check was made before.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
KEY = "benchmark-key"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a program: seconds of wall time, peak memory in MiB, what it printed."""

    seconds: float
    memory: float
    printed: str


def main() -> None:
    """Make the workflows, put them under Git, and measure both programs in turn."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="workflowops-benchmark-") as folder:
        root = Path(folder)
        size = make_workflows(arguments.corpus, root / "workflows", count=arguments.workflows)
        with sandbox(root / "workflows", latency=arguments.latency_ms) as url:
            repository = _repository(root, url)
            for command in (["onboard", "--all", "--direct", "--allow-secrets"], ["baseline"], ["drift"]):
                measured(workflowops(*command), repository)
            floors, drifts = [], []
            for _ in range(arguments.rounds):
                floors.append(measured([sys.executable, str(ROOT / "benchmarks" / "floor.py"), url, KEY], repository))
                drifts.append(measured(workflowops("drift", "--json"), repository))
    _print(arguments, size, floors, drifts)


def make_workflows(corpus: Path, folder: Path, *, count: int) -> int:
    """Write `count` workflows made from the corpus, each with a name and an edit of its own; answers their bytes."""
    sources = [json.loads(path.read_bytes()) for path in sorted(corpus.rglob("*.json"))]
    if not sources:
        sys.exit(f"There are no workflows in {corpus}. Name the folder that holds them with --corpus.")
    folder.mkdir(parents=True)
    size = 0
    for number in range(count):
        document = json.loads(json.dumps(sources[number % len(sources)]))
        document["name"] = f"{document.get('name') or 'Workflow'} ({number})"[-128:]
        document.pop("id", None)
        document["active"] = False
        for node in document["nodes"][:1]:
            node["notes"] = f"Edit {number}"
            node.setdefault("parameters", {})["benchmark"] = f"edit {number}"
        text = json.dumps(document)
        size += len(text)
        (folder / f"{number:05}.json").write_text(text, encoding="utf-8")
    return size


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of exported workflows")
    parser.add_argument("--workflows", type=int, default=5000)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


@contextmanager
def sandbox(workflows: Path, *, latency: float) -> Iterator[str]:
    """Run a sandbox that holds these workflows, and answer its address."""
    command = [sys.executable, "-m", "workflowops.sandbox", "--port", "0", "--api-key", KEY]
    command += ["--load", str(workflows), "--latency-ms", str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        assert process.stdout is not None
        try:
            found = re.search(r"http\S+", process.stdout.readline())
            if found is None:
                sys.exit("The sandbox did not start.")
            yield found[0]
        finally:
            process.terminate()


def _repository(root: Path, url: str) -> Path:
    repository = root / "repository"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(root / "remote.git")], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository)], check=True)
    text = f"version: 1\nenvironments:\n  prod:\n    url: {url}\n    api_key: ${{N8N_API_KEY}}\n"
    (repository / "workflowops.yml").write_text(text, encoding="utf-8")
    identity = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com"]
    for command in (
        ["remote", "add", "origin", str(root / "remote.git")],
        ["add", "."],
        ["commit", "-q", "-m", "Start"],
        ["push", "-q", "origin", "main"],
    ):
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    return repository


def workflowops(*arguments: str) -> list[str]:
    """Answer the command that runs ours from the source."""
    return [sys.executable, "-m", "workflowops", *arguments]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cache = Path(tempfile.gettempdir()) / "workflowops-benchmark-bytecode"
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(cache), "N8N_API_KEY": KEY}


def measured(command: Sequence[str], folder: Path, *, may_say_no: bool = False) -> Measured:
    """Run a program to its end and measure it; `may_say_no` takes exit code 3, a rule's answer, for a good end."""
    started = perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.PIPE, env=_environment())
        assert process.stderr is not None
        errors = process.stderr.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        if process.returncode and not (may_say_no and process.returncode == 3):
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors}")
        output.seek(0)
        return Measured(seconds, usage.ru_maxrss / 1024, output.read())


def _print(arguments: argparse.Namespace, size: int, floors: list[Measured], drifts: list[Measured]) -> None:
    report: dict[str, Any] = json.loads(drifts[-1].printed)["environments"][0]
    counted = json.loads(floors[-1].printed)
    floor, drift = min(floors, key=_seconds), min(drifts, key=_seconds)
    print(f"{arguments.workflows} workflows, {size / 1e6:.1f} MB, {arguments.latency_ms:g} ms of latency a request")
    print(f"drift says {report['drift_status']}, {report['counts']['in_sync']} in sync, {report['requests']} requests")
    print(f"{'':8}{'best':>8}{'all':>30}{'memory':>12}")
    for name, best, runs in (("floor", floor, floors), ("drift", drift, drifts)):
        seconds = " ".join(f"{run.seconds:.2f}" for run in runs)
        print(f"{name:8}{best.seconds:7.2f}s{seconds:>30}{best.memory:8.0f} MiB")
    print(f"floor: {counted['workflows']} workflows in {counted['requests']} requests")
    print(f"ratio of wall time, drift to floor: {drift.seconds / floor.seconds:.2f}")
    print(f"ratio of peak memory, drift to floor: {drift.memory / floor.memory:.2f}")


def _seconds(run: Measured) -> float:
    return run.seconds


if __name__ == "__main__":
    main()
