"""A GitHub runner for tests: nektos/act in host mode, on a repository whose remote is a folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.actions.contract import PLACEHOLDER, ROOT, for_act

ACT = shutil.which("act", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
ADDRESS = "https://github.com/o/r.git"  # act wants GitHub's; git is told that it means the folder
NO_GITHUB = "http://127.0.0.1:9"  # nobody listens there: no test ever asks github.com
NO_TOKEN = "not-a-token"
ACTIONS_TREE = ("action.yml", "action", "src", "pyproject.toml")
# What a runner needs of this machine: programs, certificates, proxies, mirrors.
PASSED_THROUGH = re.compile(
    r"PATH|LANG|.*_PROXY|.*_proxy|SSL_.*|.*CERT.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|UV_.*|PIP_.*"
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """A message that GitHub shows beside a run, or on a line of a file."""

    level: str
    text: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of one workflow did, read from act's log."""

    lines: tuple[Mapping[str, Any], ...] = field(repr=False)
    succeeded: bool
    text: str  # the whole log, for people

    def _of(self, step: str) -> Iterator[Mapping[str, Any]]:
        """What the program inside the action wrote that stands as `step` in the workflow."""
        return (line for line in self.lines if line.get("stepID") == [step, "run"])

    def outputs(self, step: str) -> dict[str, str]:
        return {line["name"]: line["arg"] for line in self._of(step) if line.get("command") == "set-output"}

    def summary(self, step: str) -> str:
        return "".join(line["content"] for line in self._of(step) if line.get("command") == "summary")

    def annotations(self, step: str) -> list[Annotation]:
        return [
            Annotation(level=line["command"], text=line["arg"], properties=line["kvPairs"])
            for line in self._of(step)
            if line.get("command") in {"error", "warning", "notice"}
        ]

    def masks(self, step: str) -> set[str]:
        return {line["arg"] for line in self._of(step) if line.get("command") == "add-mask"}

    def exit_code(self, step: str) -> int:
        told = [re.fullmatch(r"exit status (\d+)", line["msg"]) for line in self._of(step)]
        return next((int(found[1]) for found in told if found), 0)

    def shown(self) -> str:
        """What somebody reads in the log on GitHub: every line that the steps printed, masked as there."""
        return "".join(line["msg"] for line in self.lines if line.get("raw_output"))


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone with a bare repository as its remote, and a HOME in which git knows that."""

    clone: Path
    remote: Path
    home: Path
    tree: Path

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com", *arguments],
            cwd=folder or self.clone,
            env=runner_environment(self.home),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> None:
        """Commit on what the remote has by now, and push."""
        if self.git("ls-remote", "origin", "refs/heads/main"):
            self.git("pull", "--quiet", "--ff-only", "origin", "main")
        for path, text in files.items():
            (self.clone / path).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / path).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        self.git("push", "--quiet", "origin", "main")

    def files(self, branch: str) -> list[str]:
        """The paths on a branch of the remote."""
        return self.git("ls-tree", "-r", "--name-only", branch, folder=self.remote).splitlines()

    def run(self, workflow: str, **options: Any) -> Run:
        """Commit a workflow, as the README writes it, and let act run it; `options` are those of `start`."""
        self.commit({".github/workflows/example.yml": runnable(workflow)})
        return self.start(".github/workflows/example.yml", **options)

    def start(
        self,
        path: str,
        *,
        event: str = "push",
        payload: Mapping[str, Any] | None = None,
        job: str | None = None,
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        api_url: str = NO_GITHUB,
        token: str = NO_TOKEN,
        run_id: str = "1",
    ) -> Run:
        """Let act run a workflow of the checkout as it is there; our actions are taken from this work tree.

        `api_url` is where the GitHub of this run listens, `token` the GITHUB_TOKEN it gives to the job.
        """
        event_file = self.home / "event.json"
        event_file.write_text(json.dumps(payload or {}), encoding="utf-8")
        given = [f"--secret={name}={value}" for name, value in (secrets or {}).items()]
        given += [f"--var={name}={value}" for name, value in (variables or {}).items()]
        done = subprocess.run(
            [
                str(ACT), event, *(["--job", job] if job else []), *given,
                "--eventpath", str(event_file), "--workflows", path, "--json",
                "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server", "--action-offline-mode",
                "--action-cache-path", str(self.home / "act"), "--local-repository", f"acme/workflowops@v1={self.tree}",
                f"--secret=GITHUB_TOKEN={token}", f"--env=GITHUB_API_URL={api_url}",
                f"--env=GITHUB_RUN_ID={run_id}",
            ],
            cwd=self.clone,
            env=runner_environment(self.home),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )  # fmt: skip
        lines = tuple(json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
        log = "\n".join(line["msg"].rstrip("\n") for line in lines)
        return Run(lines=lines, succeeded=done.returncode == 0, text=f"{log}\n{done.stderr}")


def runnable(workflow: str) -> str:
    """A workflow as act can run it, with our actions by a name that act finds on this machine."""
    ours = for_act(workflow).replace("OWNER/", "acme/").replace(f"@{PLACEHOLDER}", "@v1")
    return re.sub(r"(?<=uses: )(acme/workflowops\S*)@[0-9a-f]{40}$", r"\1@v1", ours, flags=re.MULTILINE)


def with_environments(workflow: str) -> str:
    """Let a job that names an environment have the secrets of that environment, which act does not know.

    Its secret NAME is given to act as `environment__NAME`, and stands in place of the repository's of the same name.
    """
    jobs = re.split(r"(?m)^(?=  \w+:$)", workflow)
    return "".join(_with_environment(job) for job in jobs)


def _with_environment(job: str) -> str:
    found = re.search(r"^    environment: \$\{\{ (\S+) \}\}.*\n", job, re.MULTILINE)
    if found is None:
        return job
    own = rf"secrets[format('{{0}}__\1', {found[1]})] || secrets.\1"
    return re.sub(r"secrets\.(\w+)", own, job.replace(found[0], ""))


def runner_environment(home: Path) -> dict[str, str]:
    """A HOME of its own, and no variable of whoever runs the tests but those a runner needs; the cache is shared."""
    passed = {name: value for name, value in os.environ.items() if PASSED_THROUGH.fullmatch(name)}
    cache = os.environ.get("WORKFLOWOPS_CACHE") or (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workflowops"
    )
    passed |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return passed | {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "WORKFLOWOPS_CACHE": str(cache)}


def make_repository(folder: Path, *, files: Mapping[str, str]) -> Repository:
    """A repository with these files committed and pushed. Its HOME has no git identity, like a runner's."""
    repository = Repository(
        clone=folder / "clone", remote=folder / "remote.git", home=folder / "home", tree=folder / "workflowops"
    )
    for path in (repository.clone, repository.home, repository.tree):
        path.mkdir()
    for name in ACTIONS_TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, repository.tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, repository.tree / name)
    repository.git("config", "--global", f"url.{repository.remote}.insteadOf", ADDRESS, folder=folder)
    repository.git("config", "--global", "init.defaultBranch", "main", folder=folder)
    repository.git("init", "--quiet", "--bare", str(repository.remote), folder=folder)
    repository.git("init", "--quiet")
    repository.git("remote", "add", "origin", ADDRESS)
    repository.commit(files)
    return repository
