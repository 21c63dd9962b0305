"""A team that promotes by GitHub alone: three instances, a remote, a GitHub, and the workflows of the program in it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.actions.contract import ROOT, yaml_examples
from tests.actions.generated import generated_workflows
from tests.actions.runner import Repository, Run, make_repository, runnable, runner_environment, with_environments
from tests.commands.promotion_shop import SLUGS, in_environment, plain_flow
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.proxy import GitHub, github_held_to_its_word
from tests.github.webhooks import Deliveries, webhooks_of

from workflowops.sandbox import Sandbox

STAGES = ("dev", "staging", "prod")
GATED = ("staging", "prod")
HOME = f"/repos/{REPOSITORY}"
# The scopes that the READMEs of the actions ask for.
READS = ("workflow:list", "workflow:read", "credential:list")
WRITES = (
    *READS, "workflow:create", "workflow:update", "workflow:delete", "workflow:activate", "workflow:deactivate",
    "tag:list", "tag:create", "workflowTags:update",
)  # fmt: skip
# The files that `init` writes for these stages, and the one that the README of action/rollback shows.
FILES = generated_workflows(*STAGES)


def reading_key(stage: str) -> str:
    return f"eyJ-reads-{stage}-4711"


def writing_key(stage: str) -> str:
    return f"eyJ-writes-{stage}-4711"


def path_of(name: str) -> str:
    return f".github/workflows/workflowops-{name}.yml"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Orders, Stock and Alarm run in dev, staging and prod, and stand in Git as they run.

    The repository's secrets are keys that read. Those that write are secrets of the environments of `gated`, each of
    its own. `hold_back` names environments whose secret nobody has set.
    """

    repository: Repository
    sandboxes: Mapping[str, Sandbox]
    github: GitHub
    deliveries: Deliveries
    hold_back: set[str]

    # What people do.

    def desk(self, *arguments: str, login: str = "ada") -> Any:
        """Run the program in the clone as somebody at a desk; answers what it prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workflowops", *arguments, "--json"],
            cwd=self.repository.clone,
            env=runner_environment(self.repository.home) | self._variables() | self._at_the_desk(login),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def develop(self, url: str, *, slug: str = "orders") -> None:
        """Edit a workflow in dev's editor, publish it, and put into Git what dev runs now."""

        def edit(document: dict[str, Any]) -> dict[str, Any]:
            document["nodes"][1]["parameters"]["url"] = url
            return {"nodes": document["nodes"]}

        self.sandboxes["dev"].instance.edit_by_hand(f"dev{slug}", edit, publish=True)
        path = self.repository.clone / "dev" / f"{slug}.json"
        document = json.loads(path.read_bytes())
        edit(document)
        self.repository.commit({f"dev/{slug}.json": json.dumps(document, indent=2) + "\n"})

    def propose(self, target: str = "staging", *, slug: str = "orders") -> int:
        """Let ada open a promotion; answers its pull request. GitHub sees the branch as it was pushed."""
        opened = self.desk("promote", "open", "--to", target, "--workflow", slug)
        assert opened["is_new"], opened
        number = int(opened["pull_request"]["number"])
        assert opened["git_commit_sha"] == self.git("rev-parse", opened["branch"])
        self.github.gaps.reviewing.heads[number] = opened["git_commit_sha"]
        return number

    def merge(self, number: int, *, by: str = "max") -> dict[str, Any]:
        """Merge a pull request; answers the event of the push that this is."""
        repository, pull = self.repository, self.pull(number)
        repository.git("checkout", "--quiet", "-B", "main", "origin/main")
        before = repository.git("rev-parse", "HEAD")
        repository.git("fetch", "--quiet", "origin")
        title = f"Merge pull request #{number}"
        repository.git("merge", "--quiet", "--no-ff", "--message", title, f"origin/{pull['head']['ref']}")
        repository.git("push", "--quiet", "origin", "main")
        after = repository.git("rev-parse", "HEAD")
        self.github.ask("PUT", f"{HOME}/pulls/{number}/merge", {}, login=by)
        self.github.gaps.reviewing.merges[number] = after
        return {"ref": "refs/heads/main", "before": before, "after": after} | self._event(by)

    def protect(self, environment: str, *reviewers: str) -> None:
        """Make an environment that these people have to review."""
        self.github.gaps.reviewing.environments[environment] = list(reviewers) or None

    def approve_run(
        self, run_id: str, by: str, *environments: str, is_approved: bool = True, while_it_waits: bool = False
    ) -> None:
        """Say a word on environments of a run, which then goes on."""
        word = {"by": by, "environments": environments, "comment": "Looked at."}
        word["state"] = "approved" if is_approved else "rejected"
        reviewing = self.github.gaps.reviewing
        words = reviewing.later_approvals if while_it_waits else reviewing.approvals
        words.setdefault(int(run_id), []).append(word)

    def say(self, number: int, login: str, text: str, *, run_id: str) -> Run:
        """Comment on a pull request; the webhook of it starts a run."""
        self.github.ask("POST", f"{HOME}/issues/{number}/comments", {"body": text}, login=login)
        payload = self.deliveries.take("issue_comment", "created", sender=login)
        return self.start("comments", event="issue_comment", payload=payload, run_id=run_id)

    # What GitHub does.

    def preview(self, number: int) -> Run:
        """The run of an opened pull request, which has the merge that GitHub makes for it in its checkout."""
        pull = self.pull(number)
        self.repository.git("fetch", "--quiet", "origin")
        self.repository.git("checkout", "--quiet", "-B", "main", "origin/main")
        title = "What GitHub would merge"
        self.repository.git("merge", "--quiet", "--no-ff", "--message", title, f"origin/{pull['head']['ref']}")
        payload = {"action": "opened", "number": number, "pull_request": pull} | self._event("ada")
        try:
            return self.start("preview", event="pull_request", payload=payload, run_id="100")
        finally:
            self.repository.git("reset", "--quiet", "--hard", "origin/main")

    def push(self, payload: Mapping[str, Any], *, run_id: str) -> Run:
        """The run of a push to the default branch."""
        return self.start("promote", event="push", payload=payload, run_id=run_id)

    def start(self, name: str, *, event: str, payload: Mapping[str, Any], run_id: str) -> Run:
        """A run of one of the workflows, with the token of a job and the secrets of the repository."""
        secrets = {f"N8N_{stage.upper()}_API_KEY": reading_key(stage) for stage in STAGES}
        secrets |= {
            f"{stage}__N8N_{stage.upper()}_API_KEY": writing_key(stage)
            for stage in GATED
            if stage not in self.hold_back
        }
        return self.repository.start(
            path_of(name),
            event=event,
            payload=payload,
            secrets=secrets,
            variables={f"N8N_{stage.upper()}_URL": sandbox.url for stage, sandbox in self.sandboxes.items()},
            api_url=self.github.url,
            token=token_of(ACTIONS_BOT),
            run_id=run_id,
        )

    # What is there.

    def git(self, *arguments: str) -> str:
        """Ask the remote."""
        return self.repository.git(*arguments, folder=self.repository.remote)

    def pull(self, number: int) -> Any:
        return self.github.ask("GET", f"{HOME}/pulls/{number}")

    def said(self, number: int) -> list[str]:
        """What we said on a pull request."""
        comments = self.github.ask("GET", f"{HOME}/issues/{number}/comments?per_page=100")
        return [each["body"] for each in comments if each["user"]["login"] == ACTIONS_BOT]

    def labels(self, number: int) -> set[str]:
        return {each["name"] for each in self.github.ask("GET", f"{HOME}/issues/{number}/labels")}

    def checks(self, number: int) -> dict[str, str]:
        """The conclusions of the checks on the last commit of a pull request."""
        commit = self.pull(number)["head"]["sha"]
        runs = self.github.ask("GET", f"{HOME}/commits/{commit}/check-runs")["check_runs"]
        return {each["name"]: each["conclusion"] for each in runs}

    def record(self, promotion_id: str = "promo-1") -> Any:
        return json.loads(self.git("show", f"workflowops-state:promotions/{promotion_id}.json"))

    def running(self, environment: str = "staging", *, slug: str = "orders") -> str:
        """The address that the published version of a workflow calls."""
        document: Any = self.sandboxes[environment].instance.document(f"{environment}{slug}")
        return str(document["activeVersion"]["nodes"][1]["parameters"]["url"])

    def writes(self) -> list[str]:
        """What wrote to the instances, or tried to, since that was forgotten."""
        return [
            f"{stage}: {each}"
            for stage, sandbox in self.sandboxes.items()
            for each in sandbox.requests
            if each.method != "GET"
        ]

    def forget(self) -> None:
        for sandbox in self.sandboxes.values():
            sandbox.clear_requests()

    def _variables(self) -> dict[str, str]:
        """The environment in which the program finds the instances; the keys read."""
        return {f"N8N_{stage.upper()}_API_KEY": reading_key(stage) for stage in STAGES} | {
            f"N8N_{stage.upper()}_URL": sandbox.url for stage, sandbox in self.sandboxes.items()
        }

    def _at_the_desk(self, login: str) -> dict[str, str]:
        return {
            "PYTHONPATH": str(ROOT / "src"),
            "USER": login,
            "GITHUB_TOKEN": token_of(login),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_API_URL": self.github.url,
        }

    def _event(self, login: str) -> dict[str, Any]:
        """What every event says."""
        sender = self.github.ask("GET", f"/users/{login}")
        return {"repository": self.github.ask("GET", HOME), "sender": sender}


def configuration(*, staging: str, prod: str) -> str:
    """The configuration of a pipeline; `staging` and `prod` are the gates of those stages, in YAML."""
    lines = ["version: 1", "environments:"]
    for stage in STAGES:
        name = f"N8N_{stage.upper()}"
        lines += [f"  {stage}:", f"    url: ${{{name}_URL}}", f"    api_key: ${{{name}_API_KEY}}"]
    lines += ["pipelines:", "  default:", "    stages:", "      - environment: dev"]
    for stage, gates in (("staging", staging), ("prod", prod)):
        lines += [f"      - environment: {stage}", f"        gates: {gates}"]
    return "\n".join(lines) + "\n"


def with_three_stages(workflow: str) -> str:
    """A workflow file with the names of the third instance beside those that it has, as its users add them."""
    lines = []
    for line in workflow.splitlines(keepends=True):
        if "N8N_PROD_" in line:
            lines.append(line.replace("N8N_PROD_", "N8N_STAGING_"))
        lines.append(line)
    return "".join(lines)


@contextmanager
def made_pipeline(folder: Path, *, staging: str = "{approval: environment}", prod: str = "{}") -> Iterator[Pipeline]:
    """Three instances with the same workflows, under Git and with a baseline, and a GitHub that has the repository."""
    files = {"workflowops.yml": configuration(staging=staging, prod=prod)}
    files |= {path_of(name): runnable(with_environments(text)) for name, text in FILES.items()}
    (rollback,) = yaml_examples(ROOT / "action" / "rollback" / "README.md", begin=("name:",))
    files[path_of("rollback")] = runnable(with_environments(with_three_stages(rollback)))
    with ExitStack() as stack:
        github = stack.enter_context(github_held_to_its_word())
        sandboxes = {stage: stack.enter_context(_furnished(stage)) for stage in STAGES}
        repository = make_repository(folder, files=files)
        deliveries = stack.enter_context(webhooks_of(github))
        pipeline = Pipeline(repository, sandboxes, github, deliveries, set())
        for arguments in (["onboard", "--all", "--direct"], ["sync"], ["baseline"]):
            pipeline.desk(*arguments)
        pipeline.forget()
        yield pipeline


@contextmanager
def _furnished(stage: str) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        instance = sandbox.instance
        instance.add_key(*READS, key=reading_key(stage))
        instance.add_key(*WRITES, key=writing_key(stage))
        instance.add_credential("API Auth", "httpHeaderAuth", id=f"credential-{stage}")
        for slug in SLUGS:
            instance.create_workflow(in_environment(plain_flow(slug), stage), id=f"{stage}{slug}", active=True)
        yield sandbox
