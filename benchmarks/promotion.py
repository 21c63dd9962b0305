"""How long a preview takes next to a drift check of the same run, and how many requests an apply sends.

    python benchmarks/promotion.py --corpus ../shared/corpus
    python benchmarks/promotion.py --corpus ../shared/corpus --workflows 1000 --previewed 20 --applied 100

Each program is a process of its own, start-up included. All ask the same sandbox. The previewed and the applied change
are edits of workflow files, committed and pushed; nothing else differs between Git and the instance.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from drift import Measured, make_workflows, measured, sandbox, workflowops

_CONFIGURATION = """version: 1
environments:
  dev: {{url: "http://127.0.0.1:9", api_key: "${{N8N_API_KEY}}"}}
  prod: {{url: "{url}", api_key: "${{N8N_API_KEY}}"}}
pipelines:
  default:
    allow_unreviewed: true
    stages:
      - environment: dev
      - environment: prod
        credentials_missing: keep_name
        policies: {{secrets: allow}}
"""
_HARD = re.compile(rb'"credentials"|"workflowId"|"dataTableId"|"errorWorkflow"')
"""What makes a file of the corpus refer to something that the sandbox does not have."""


def main() -> None:
    """Put the workflows under Git, and measure both programs in turn."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="workflowops-benchmark-") as folder:
        root = Path(folder)
        size = make_workflows(arguments.corpus, root / "workflows", count=arguments.workflows)
        with sandbox(root / "workflows", latency=arguments.latency_ms) as url:
            repository = _repository(root, url)
            measured(
                workflowops("onboard", "--environment", "prod", "--all", "--direct", "--allow-secrets"), repository
            )
            for command in ("baseline", "drift"):
                measured(workflowops(command, "--environment", "prod"), repository)
            _edit(repository, arguments.previewed, "previewed")
            drifts, previews = [], []
            for _ in range(arguments.rounds):
                drifts.append(measured(workflowops("drift", "--environment", "prod", "--json"), repository))
                previews.append(
                    measured(workflowops("promote", "preview", *_SINCE, "--json"), repository, may_say_no=True)
                )
            _edit(repository, arguments.applied, "applied")
            applied = _applied(repository)
    _print(arguments, size, drifts, previews, applied)


_SINCE = ("--to", "prod", "--base", "HEAD^1")


def _applied(repository: Path) -> dict[str, Any]:
    plan = json.loads(measured(workflowops("promote", "plan", *_SINCE, "--json"), repository).printed)
    promotion = plan["promotions"][0]["promotion_id"]
    told = measured(workflowops("promote", "apply", "--promotion", promotion, "--json"), repository)
    record: dict[str, Any] = json.loads(told.printed)["promotion"]
    return {**record, "seconds": told.seconds}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of exported workflows")
    parser.add_argument("--workflows", type=int, default=1000)
    parser.add_argument("--previewed", type=int, default=20)
    parser.add_argument("--applied", type=int, default=100)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def _repository(root: Path, url: str) -> Path:
    repository = root / "repository"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(root / "remote.git")], check=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(repository)], check=True)
    (repository / "workflowops.yml").write_text(_CONFIGURATION.format(url=url), encoding="utf-8")
    _git(repository, "remote", "add", "origin", str(root / "remote.git"))
    _commit(repository, "Start")
    return repository


def _edit(repository: Path, count: int, word: str) -> None:
    """Change so many files, those that need nothing of the instance, and push that as one commit."""
    files = [path for path in sorted((repository / "prod").rglob("*.json")) if ".wfo." not in path.name]
    plain = [path for path in files if not _HARD.search(path.read_bytes())]
    if len(plain) < count:
        sys.exit(f"Only {len(plain)} workflows of the corpus can be edited so; ask for fewer.")
    for path in plain[:count]:
        document = json.loads(path.read_bytes())
        node = next(each for each in document["nodes"] if each["type"] != "n8n-nodes-base.stickyNote")
        node.setdefault("parameters", {})["benchmark"] = word
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    _commit(repository, f"Edit {count} workflows")


def _commit(repository: Path, message: str) -> None:
    _git(repository, "add", ".")
    _git(repository, "commit", "-q", "-m", message)
    _git(repository, "push", "-q", "origin", "main")


def _git(repository: Path, *command: str) -> None:
    identity = ["-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com"]
    subprocess.run(["git", *identity, *command], cwd=repository, check=True)


def _print(
    arguments: argparse.Namespace,
    size: int,
    drifts: list[Measured],
    previews: list[Measured],
    applied: dict[str, Any],
) -> None:
    plan = json.loads(previews[-1].printed)["previews"][0]
    changed = sum(each["change_type"] != "unchanged" for each in plan["workflows"])
    drift, preview = min(each.seconds for each in drifts), min(each.seconds for each in previews)
    print(f"{arguments.workflows} workflows, {size / 1e6:.1f} MB, {arguments.latency_ms:g} ms of latency a request")
    for name, runs in (("drift", drifts), ("preview", previews)):
        seconds = " ".join(f"{run.seconds:.2f}" for run in runs)
        print(f"{name:8}{min(run.seconds for run in runs):7.2f}s{seconds:>30}")
    print(f"preview of {changed} changed workflows; ratio of wall time, preview to drift: {preview / drift:.2f}")
    result = applied["execution_result"]
    written = sum(each["outcome"] == "as_planned" for each in applied["workflows"])
    requests = result["n8n_requests"]
    print(
        f"apply of {written} changed workflows: {applied['status']}, {applied['seconds']:.2f}s, {requests} requests of "
        f"the writing connection, {requests / max(written, 1):.2f} a workflow; lists come beside them"
    )


if __name__ == "__main__":
    main()
