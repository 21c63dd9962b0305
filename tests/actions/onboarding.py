"""A team that brings workflows from n8n under Git by GitHub alone: the issue form, comments, and pull requests."""

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from tests.actions.contract import ROOT
from tests.actions.runner import Repository, Run, make_repository, runnable, runner_environment
from tests.actions.world import workflow_document
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.proxy import GitHub, github_held_to_its_word
from tests.github.webhooks import Deliveries, webhooks_of

from workflowops.sandbox import Sandbox

HOME = f"/repos/{REPOSITORY}"
PAYLOADS = ROOT / "tests" / "github" / "payloads" / "issues.json"
FORM = ".github/ISSUE_TEMPLATE/workflowops-onboard.yml"
PIN = f"acme/workflowops@{'5' * 40}"
READS = ("workflow:list", "workflow:read", "credential:list")
READING_KEY = "eyJ-reads-dev-4711"
LINKED = 50
SURVEY = "wf-dev-051"
# Walkthrough 4, step 5.
ANSWERS: Mapping[str, str] = {
    "environment": "dev",
    "workflow": SURVEY,
    "slug": "customer_survey_automation",
    "description": "Automates customer survey collection and logging",
    "tags": "surveys, automation, customers",
    "file": "dev/customer_survey_automation.json",
    "message": "Add customer survey automation workflow",
}


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Dev has 50 workflows that Git knows, and what people make there; the workflows of `init` run on its events.

    `seen` are the events that runs were started by, in order.
    """

    repository: Repository
    sandbox: Sandbox
    github: GitHub
    deliveries: Deliveries
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    # What people do.

    def desk(self, *arguments: str) -> Any:
        """Run the program in the clone, without GitHub; answers what it prints as JSON."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workflowops", *arguments, "--json"],
            cwd=self.repository.clone,
            env=runner_environment(self.repository.home)
            | {"PYTHONPATH": str(ROOT / "src"), "USER": "ada"}
            | {"N8N_DEV_URL": self.sandbox.url, "N8N_DEV_API_KEY": READING_KEY},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def create(self, document: Mapping[str, Any], workflow_id: str, *, active: bool = False) -> str:
        """Make a workflow in n8n's editor."""
        return self.sandbox.instance.create_workflow(document, id=workflow_id, active=active)

    def create_survey(self) -> str:
        """What the developer of walkthrough 4 makes."""
        text = resources.files("workflowops.sandbox").joinpath("examples", f"{ANSWERS['slug']}.json").read_bytes()
        return self.create(json.loads(text), SURVEY, active=True)

    def fill_in(self, login: str, *, body: str | None = None, **answers: str) -> int:
        """Send the issue form; answers the issue's number. GitHub gives it those of the form's labels that exist."""
        form = yaml.safe_load((self.repository.clone / FORM).read_text(encoding="utf-8"))
        known = {each["name"] for each in self.github.ask("GET", f"{HOME}/labels?per_page=100")}
        content = {
            "title": form.get("title") or "Onboard",
            "body": filled(form, {**ANSWERS, **answers}) if body is None else body,
            "labels": [each for each in form["labels"] if each in known],
        }
        return int(self.github.ask("POST", f"{HOME}/issues", content, login=login)["number"])

    def send_form(self, login: str, **answers: Any) -> tuple[int, Run]:
        """Send the form; the webhook of it starts a run."""
        number = self.fill_in(login, **answers)
        return number, self.answer("issues", real_event(self.deliveries.take("issues", "opened", sender=login)))

    def say(self, login: str, text: str, *, number: int) -> Run:
        """Somebody comments; the webhook of it starts a run."""
        self.github.ask("POST", f"{HOME}/issues/{number}/comments", {"body": text}, login=login)
        return self.answer("issue_comment", self.deliveries.take("issue_comment", "created", sender=login))

    def edit(self, login: str, number: int, body: str) -> Run:
        """Somebody edits an issue; the webhook of it starts a run."""
        self.github.ask("PATCH", f"{HOME}/issues/{number}", {"body": body}, login=login)
        return self.answer("issues", self.deliveries.take("issues", "edited", sender=login))

    def merge(self, number: int, *, by: str = "max") -> Run:
        """Merge a pull request; the push that this is starts a check."""
        git, pull = self.repository.git, self.pull(number)
        git("fetch", "--quiet", "origin")
        git("checkout", "--quiet", "-B", "main", "origin/main")
        before = git("rev-parse", "HEAD")
        git("merge", "--quiet", "--no-ff", "--message", f"Merge #{number}", f"origin/{pull['head']['ref']}")
        git("push", "--quiet", "origin", "main")
        after = git("rev-parse", "HEAD")
        self.github.ask("PUT", f"{HOME}/pulls/{number}/merge", {}, login=by)
        self.github.gaps.reviewing.merges[number] = after
        sender = self.github.ask("GET", f"/users/{by}")
        event = {"ref": "refs/heads/main", "before": before, "after": after, "sender": sender}
        return self.start("drift", "push", event | {"repository": self.github.ask("GET", HOME)})

    def turn_down(self, number: int, *, by: str = "max") -> None:
        """Close a pull request unmerged."""
        self.github.ask("PATCH", f"{HOME}/pulls/{number}", {"state": "closed"}, login=by)

    # What GitHub does.

    def sync(self) -> Run:
        """The scheduled look at n8n."""
        return self.start("sync", "schedule", {"schedule": "23 * * * *"})

    def answer(self, event: str, payload: dict[str, Any]) -> Run:
        """A run on an event, which may be one that was delivered before."""
        self.seen.append((event, payload))
        return self.start("comments", event, payload)

    def start(self, name: str, event: str, payload: Mapping[str, Any]) -> Run:
        """A run of one of the workflows that `init` wrote, with the token of a job and a key that reads."""
        return self.repository.start(
            f".github/workflows/workflowops-{name}.yml",
            event=event,
            payload=payload,
            secrets={"N8N_DEV_API_KEY": READING_KEY},
            variables={"N8N_DEV_URL": self.sandbox.url},
            api_url=self.github.url,
            token=token_of(ACTIONS_BOT),
        )

    # What is there.

    def issue(self, number: int) -> Any:
        return self.github.ask("GET", f"{HOME}/issues/{number}")

    def list_issue(self) -> Any:
        """The issue that lists dev's unmanaged workflows."""
        (found,) = self.github.ask("GET", f"{HOME}/issues?state=all&labels=workflowops:unmapped")
        return found

    def pull(self, number: int) -> Any:
        return self.github.ask("GET", f"{HOME}/pulls/{number}")

    def pulls(self) -> list[Any]:
        """The pull requests, the open ones and the others, oldest first."""
        return list(self.github.ask("GET", f"{HOME}/pulls?state=all&direction=asc"))

    def changed(self, number: int) -> list[str]:
        """The files that a pull request changes."""
        git, head = self.repository.git, self.pull(number)["head"]["ref"]
        git("fetch", "--quiet", "origin")
        return git("diff", "--name-only", f"origin/main...origin/{head}").splitlines()

    def said(self, number: int) -> list[str]:
        """What we said on an issue or pull request, as people read it there."""
        comments = self.github.ask("GET", f"{HOME}/issues/{number}/comments?per_page=100")
        return [
            html.unescape(each["body"]).replace("\u200b", "")
            for each in comments
            if each["user"]["login"] == ACTIONS_BOT
        ]

    def git(self, *arguments: str) -> str:
        """Ask the remote."""
        return self.repository.git(*arguments, folder=self.repository.remote)

    def state(self, path: str) -> Any:
        """A file of the state branch."""
        return json.loads(self.git("show", f"workflowops-state:{path}"))

    def audited(self, action: str) -> list[Any]:
        """The lines of dev's audit log about one kind of action."""
        paths = self.git("ls-tree", "-r", "--name-only", "workflowops-state", "environments/dev/audit").splitlines()
        lines = [line for path in paths for line in self.git("show", f"workflowops-state:{path}").splitlines()]
        return [each for each in map(json.loads, lines) if each["action"] == action]

    def tip(self) -> str:
        """The commit of the state branch."""
        return self.git("rev-parse", "workflowops-state")


def filled(form: Mapping[str, Any], answers: Mapping[str, str]) -> str:
    """The body that GitHub makes of a form: a heading for each field, and below it what somebody entered."""
    parts = []
    for element in form["body"]:
        if element["type"] == "markdown":
            continue
        label = element["attributes"]["label"]
        answer = answers.get(field_of(element["id"]), "") or "_No response_"
        if element["type"] == "checkboxes":
            answer = "\n".join(f"- [ ] {each['label']}" for each in element["attributes"]["options"])
        parts.append(f"### {label}\n\n{answer}")
    return "\n\n".join(parts)


def field_of(identity: str) -> str:
    """Our word for a field of the form."""
    words = re.split(r"[-_]", identity)
    return next((word for word in ANSWERS if word in words), identity)


def real_event(payload: Mapping[str, Any]) -> dict[str, Any]:
    """An event of an issue that was opened, with all that GitHub tells and nothing else, about what emulate did."""
    examples = json.loads(PAYLOADS.read_bytes())["examples"]
    real = next(each for each in examples if each["action"] == "opened" and "organization" not in each)
    return {name: _like(shown, payload.get(name, shown)) for name, shown in real.items()}


def _like(shown: Any, told: Any) -> Any:
    """What was told, in the shape of what is shown."""
    if not isinstance(shown, dict) or not isinstance(told, dict):
        return told
    return {name: _like(each, told.get(name, each)) for name, each in shown.items()}


@contextmanager
def made_onboarding(folder: Path) -> Iterator[Onboarding]:
    """A repository in which `init` was run, and 50 workflows of dev that were put under Git and have a baseline."""
    with ExitStack() as stack:
        github = stack.enter_context(github_held_to_its_word())
        sandbox = stack.enter_context(Sandbox())
        sandbox.instance.add_key(*READS, key=READING_KEY)
        for number in range(LINKED):
            document = workflow_document(f"Orders {number}", url=f"https://api.example.com/{number}")
            sandbox.instance.create_workflow(document, id=f"wf-dev-{number + 1:03}")
        repository = make_repository(folder, files={})
        deliveries = stack.enter_context(webhooks_of(github))
        github.gaps.settings.git = repository.remote
        github.ask("POST", f"{HOME}/labels", {"name": "workflowops:onboard", "color": "1d76db"})  # as `init` says
        made = Onboarding(repository, sandbox, github, deliveries)
        made.desk("init", "--environment", "dev", "--yes", "--actions", PIN)
        repository.commit(runnable_files(repository.clone))
        for arguments in (["onboard", "--all", "--direct"], ["sync"], ["baseline"]):
            made.desk(*arguments)
        repository.git("pull", "--quiet", "--ff-only", "origin", "main")
        yield made


def runnable_files(clone: Path) -> dict[str, str]:
    """The workflows of a checkout as act runs them."""
    paths = sorted((clone / ".github" / "workflows").glob("*.yml"))
    return {str(path.relative_to(clone)): runnable(path.read_text(encoding="utf-8")) for path in paths}
