"""Somebody who has three instances and an empty repository, and nothing of ours: what they type, and what they see."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.acceptance.documents import Document
from tests.acceptance.servers import RealServer, SandboxServer, Server, answered
from tests.actions.contract import ROOT
from tests.actions.runner import ADDRESS, Repository, runner_environment
from tests.cli.shop import Ran
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.proxy import GitHub, github_held_to_its_word

from workflowops.sandbox import Generation
from workflowops.sandbox.loading import load_folder

CORPUS = ROOT.parent / "shared" / "corpus"
STAGES = ("dev", "staging", "prod")
HOME = f"/repos/{REPOSITORY}"
STATE = "workflowops-state"
PIN = f"acme/workflowops@{'5' * 40}"
WHO = "olga"
# What a key needs that only reads, as the program names it.
READS = ("workflow:list", "workflow:read", "credential:list")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A clone of a repository without a commit, its GitHub, and an n8n for each stage; dev's is full of workflows.

    `variables` is what they have set so far in the shell that they work in. Every command is a process of its own.
    """

    repository: Repository
    github: GitHub
    servers: Mapping[str, Server]
    variables: dict[str, str] = field(default_factory=dict)

    # What they type.

    def run(self, *arguments: str, code: int = 0, width: int = 120) -> Ran:
        """Run a command; the test fails when its exit code is another one, or when it showed a key."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workflowops", *arguments],
            cwd=self.repository.clone,
            env=runner_environment(self.repository.home)
            | {"PYTHONPATH": str(ROOT / "src"), "USER": WHO, "COLUMNS": str(width), "NO_COLOR": "1"}
            | self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert ran.code == code, f"workflowops {' '.join(arguments)}: {ran}"
        assert not any(key in ran.out + ran.err for name, key in self.variables.items() if name.endswith("_API_KEY"))
        return ran

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command and answer its document."""
        return self.run(*arguments, "--json", code=code).document

    def follow(self, advice: str) -> None:
        """Type a line of the shell as it was printed."""
        subprocess.run(
            ["bash", "-euc", advice],
            cwd=self.repository.clone,
            env=runner_environment(self.repository.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=True,
        )

    # What they set.

    def know_github(self) -> None:
        """Make a token, and say which repository this is."""
        self.variables.update(GITHUB_TOKEN=token_of(WHO), GITHUB_REPOSITORY=REPOSITORY, GITHUB_API_URL=self.github.url)

    def know_instances(self, *scopes: str) -> None:
        """Set address and key of every instance; the keys have these scopes, or all of them."""
        for stage, server in self.servers.items():
            prefix = f"N8N_{stage.upper()}"
            key = server.make_key(*scopes) if scopes else str(server.api.headers["X-N8N-API-KEY"])
            self.variables.update({f"{prefix}_URL": server.url, f"{prefix}_API_KEY": key})

    def settle_github(self) -> None:
        """Set what `init` and the doctor ask for: values, reviewed environments with keys of their own, label, rule."""
        settings = self.github.gaps.settings
        for stage in STAGES:
            settings.secrets.add(f"N8N_{stage.upper()}_API_KEY")
            settings.variables.add(f"N8N_{stage.upper()}_URL")
        for stage in STAGES[1:]:
            self.github.gaps.reviewing.environments[stage] = ["max"]
            settings.environment_secrets[stage] = {f"N8N_{stage.upper()}_API_KEY"}
        self.github.gaps.reviewing.prevents_self_review = True
        settings.add_rules("Reviewed", "pull_request", include=("refs/heads/main",), reviews=1)
        label = {"name": "workflowops:onboard", "color": "1d76db"}
        self.github.ask("POST", f"{HOME}/labels", label, login=WHO)

    # What GitHub does, and shows.

    def merge(self, number: int, *, by: str = WHO) -> str:
        """Merge a pull request; answers the commit."""
        git = self.repository.git
        pull = self.pull(number)
        git("checkout", "--quiet", "main")
        git("pull", "--quiet", "--ff-only", "origin", "main")
        git("fetch", "--quiet", "origin", pull["head"]["ref"])
        git("merge", "--quiet", "--no-ff", "--message", f"Merge pull request #{number}", "FETCH_HEAD")
        git("push", "--quiet", "origin", "main")
        commit = git("rev-parse", "HEAD")
        self.github.ask("PUT", f"{HOME}/pulls/{number}/merge", {}, login=by)
        self.github.gaps.reviewing.merges[number] = commit
        return commit

    def pull(self, number: int) -> Any:
        return self.github.ask("GET", f"{HOME}/pulls/{number}")

    def open_pulls(self) -> list[int]:
        """The numbers of the open pull requests, oldest first."""
        return sorted(each["number"] for each in self.github.ask("GET", f"{HOME}/pulls?state=open"))

    def issues(self, label: str) -> list[Any]:
        """The issues with a label, open or closed."""
        return list(self.github.ask("GET", f"{HOME}/issues?state=all&labels={label}&per_page=100"))

    def said(self, number: int) -> list[str]:
        """What was said on an issue or a pull request by the program, whoever runs it."""
        comments = self.github.ask("GET", f"{HOME}/issues/{number}/comments?per_page=100")
        return [each["body"] for each in comments if each["user"]["login"] in {WHO, ACTIONS_BOT}]

    # What is there.

    def state(self, path: str) -> Any:
        """A file of the state branch."""
        return json.loads(self.repository.git("show", f"{STATE}:{path}", folder=self.repository.remote))

    def files(self) -> list[str]:
        """The paths on the default branch."""
        return self.repository.files("main")

    def workflows(self, stage: str) -> dict[str, Document]:
        """Every workflow that an instance lists, by id; archived ones are left out. Asked without the program."""
        found: dict[str, Document] = {}
        cursor: str | None = None
        while True:
            query = {"limit": "250"} | ({"cursor": cursor} if cursor else {})
            page = answered(self.servers[stage].api.get("/workflows", params=query))
            found |= {each["id"]: each for each in page["data"] if not each.get("isArchived")}
            cursor = page["nextCursor"]
            if cursor is None:
                return found


@contextmanager
def made_newcomer(folder: Path, *, dev: str = "") -> Iterator[Newcomer]:
    """Three instances, of which dev is a real n8n where a version is named, an empty repository and a GitHub."""
    with ExitStack() as stack:
        github = stack.enter_context(github_held_to_its_word())
        servers: dict[str, Server] = {}
        for stage in STAGES:
            is_real = stage == "dev" and bool(dev)
            servers[stage] = stack.enter_context(RealServer(dev) if is_real else SandboxServer(Generation.V2))
        fill(servers["dev"])
        repository = empty_repository(folder)
        github.gaps.settings.git = repository.remote
        yield Newcomer(repository, github, servers)


def empty_repository(folder: Path) -> Repository:
    """A bare repository without a commit and a clone of it, as GitHub makes one and `git clone` takes it."""
    repository = Repository(
        clone=folder / "clone", remote=folder / "remote.git", home=folder / "home", tree=folder / "workflowops"
    )
    for path in (repository.clone, repository.home):
        path.mkdir(parents=True)
    git = repository.git
    git("config", "--global", f"url.{repository.remote}.insteadOf", ADDRESS, folder=folder)
    git("config", "--global", "user.name", "Olga", folder=folder)
    git("config", "--global", "user.email", "olga@example.com", folder=folder)
    git("init", "--quiet", "--bare", "--initial-branch=main", str(repository.remote), folder=folder)
    git("init", "--quiet", "--initial-branch=main")
    git("remote", "add", "origin", ADDRESS)
    return repository


def fill(server: Server) -> None:
    """Put the real workflows of the corpus on an instance. A real n8n refuses keys of nodes that it does not know."""
    if isinstance(server, SandboxServer):
        load_folder(server._sandbox.instance, CORPUS)
        return
    for path in sorted(CORPUS.rglob("*.json")):
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and "nodes" in document:
            body = {"name": document.get("name") or path.stem, "nodes": document["nodes"], "settings": {}}
            body["connections"] = document.get("connections") or {}
            answer = server.api.post("/workflows", json=body)
            if answer.status_code == 400:
                unknown = set(re.findall(r"'(\w+)'", answer.json()["message"].partition("Unrecognized key")[2]))
                nodes = [{key: node[key] for key in node if key not in unknown} for node in body["nodes"]]
                answer = server.api.post("/workflows", json=body | {"nodes": nodes})
            answered(answer)
