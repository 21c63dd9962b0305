"""The whole loop: n8n is edited by hand, drift opens an issue, people comment, the webhook starts the next run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.actions.generated import generated_workflows
from tests.actions.runner import Run
from tests.actions.world import World, made_world
from tests.github.emulate_server import ACTIONS_BOT, token_of
from tests.github.proxy import GitHub, github_held_to_its_word
from tests.github.webhooks import Deliveries, webhooks_of

WORKFLOWS = generated_workflows("prod")
ISSUES = "/repos/o/r/issues"


@dataclass(frozen=True, slots=True)
class Loop:
    """Runs the workflows that come with the program, on the events that its own writes and people's bring about."""

    world: World
    github: GitHub
    deliveries: Deliveries
    seen: list[dict[str, Any]] = field(default_factory=list)

    def run(self, workflow: str, *, event: str, payload: dict[str, Any] | None = None) -> Run:
        """Let a runner run a workflow with the token of a job."""
        return self.world.repository.run(
            workflow,
            event=event,
            payload=payload,
            secrets={"N8N_PROD_API_KEY": self.world.api_key},
            variables={"N8N_PROD_URL": self.world.url},
            api_url=self.github.url,
            token=token_of(ACTIONS_BOT),
        )

    def check(self) -> Run:
        """The scheduled check."""
        return self.run(WORKFLOWS["drift"], event="schedule", payload={"schedule": "17 * * * *"})

    def say(self, login: str, text: str, *, number: int = 1) -> Run:
        """Somebody comments; the webhook of it starts a run."""
        self.github.ask("POST", f"{ISSUES}/{number}/comments", {"body": text}, login=login)
        return self.answer(self.deliveries.take("issue_comment", "created", sender=login))

    def answer(self, payload: dict[str, Any], *, event: str = "issue_comment") -> Run:
        """A run on an event, which may be one that was delivered before."""
        self.seen.append(payload)
        return self.run(WORKFLOWS["comments"], event=event, payload=payload)

    def do(self, login: str, *, number: int = 1, **changes: Any) -> Run:
        """Somebody closes or opens the issue; the webhook of it starts a run."""
        self.github.ask("PATCH", f"{ISSUES}/{number}", changes, login=login)
        action = {"closed": "closed", "open": "reopened"}[changes["state"]]
        return self.answer(self.deliveries.take("issues", action, sender=login), event="issues")

    def issue(self, number: int = 1) -> Any:
        return self.github.ask("GET", f"{ISSUES}/{number}")

    def labels(self, number: int = 1) -> set[str]:
        return {each["name"] for each in self.issue(number)["labels"]}

    def said(self, number: int = 1) -> list[str]:
        """What we said on an issue."""
        comments = self.github.ask("GET", f"{ISSUES}/{number}/comments?per_page=100")
        return [each["body"] for each in comments if each["user"]["login"] == ACTIONS_BOT]

    def reactions(self) -> set[str]:
        """Our reactions to the comment that was answered last."""
        comment = self.seen[-1]["comment"]["id"]
        return {each["content"] for each in self.github.ask("GET", f"{ISSUES}/comments/{comment}/reactions")}

    def state(self, path: str) -> Any:
        """A file of the state branch."""
        repository = self.world.repository
        return json.loads(repository.git("show", f"workflowops-state:{path}", folder=repository.remote))

    def incident(self, number: int = 1) -> Any:
        return self.state(f"incidents/{number}.json")

    def tip(self) -> str:
        """The commit of the state branch."""
        return self.world.repository.git("rev-parse", "workflowops-state", folder=self.world.repository.remote)


@contextmanager
def made_loop(folder: Path) -> Iterator[Loop]:
    """Two workflows under Git with a baseline, a GitHub, and its webhooks."""
    with github_held_to_its_word() as github, made_world(folder) as world, webhooks_of(github) as deliveries:
        for arguments in (["onboard", "--all", "--direct"], ["baseline"]):
            world.run(*arguments)
        yield Loop(world, github, deliveries)
