"""Every tracker there is, with hands that do to its issues what people do on GitHub's pages."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.commands.fake_tracker import FakeTracker
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.proxy import GitHub, github_held_to_its_word

from workflowops.commands.ports import IssueTracker
from workflowops.core.incident.issue import NewPullRequest
from workflowops.core.incident.policy import Role
from workflowops.io.github import GitHubTracker
from workflowops.io.issue_folder import IssueFolder


class Hands(Protocol):
    """A tracker and what people do to its issues. ada may write, tess triage, mallory is nobody's colleague."""

    tracker: IssueTracker

    def say(self, number: int, login: str, text: str) -> int:
        """Comment as somebody; answers the comment's id."""

    def change(self, number: int, **changes: Any) -> None:
        """Change `title`, `body`, `labels` or `is_open`."""

    def delete(self, number: int) -> None:
        """Delete an issue."""

    def propose(self, body: str, labels: tuple[str, ...]) -> int:
        """Open a pull request with this body and these labels by hand; answers its number."""

    def pull_request_body(self, number: int) -> str:
        """The text of a pull request."""

    def comments(self, number: int) -> list[tuple[str, str]]:
        """The comments of an issue: author and text."""

    def reactions(self, number: int, comment: int) -> list[str]:
        """The reactions to a comment."""

    def labels(self) -> dict[str, str]:
        """The labels that there are, with their colours."""

    def make_label(self, name: str, color: str) -> None:
        """Create a label by hand."""


@dataclass
class OnGitHub:
    """The tracker as it runs in a job, against emulate and our proxy."""

    github: GitHub
    told: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tracker = self.another_tracker()
        self.github.gaps.teams["acme/leads"] = {"ada"}
        self.github.gaps.are_teams_readable = True

    def another_tracker(self) -> GitHubTracker:
        """A tracker that remembers nothing of the first, as the one of the next run."""
        return GitHubTracker(
            REPOSITORY,
            token_of(ACTIONS_BOT),
            api_url=self.github.url,
            progress=self,
            sleep=self.waited.append,
            seconds_between_writes=0,
        )

    def say(self, number: int | str, login: str = "", text: str = "") -> int:
        """Comment as somebody; with one argument, the tracker's line of progress."""
        if isinstance(number, str):
            self.told.append(number)
            return 0
        answer = self._ask("POST", f"issues/{number}/comments", {"body": text}, login=login)
        return int(answer["id"])

    def change(self, number: int, **changes: Any) -> None:
        if "is_open" in changes:
            changes["state"] = "open" if changes.pop("is_open") else "closed"
        self._ask("PATCH", f"issues/{number}", changes, login="ada")

    def delete(self, number: int) -> None:
        self.github.gaps.deleted.add(number)

    def propose(self, body: str, labels: tuple[str, ...]) -> int:
        content = {"title": "By hand", "head": "by-hand", "base": "main", "body": body}
        number = self._ask("POST", "pulls", content, login="ada")["number"]
        self._ask("POST", f"issues/{number}/labels", {"labels": list(labels)}, login="ada")
        return int(number)

    def pull_request_body(self, number: int) -> str:
        return str(self._ask("GET", f"pulls/{number}")["body"])

    def comments(self, number: int) -> list[tuple[str, str]]:
        return [(each["user"]["login"], each["body"]) for each in self._ask("GET", f"issues/{number}/comments")]

    def reactions(self, number: int, comment: int) -> list[str]:
        return [each["content"] for each in self._ask("GET", f"issues/comments/{comment}/reactions")]

    def labels(self) -> dict[str, str]:
        return {each["name"]: each["color"] for each in self._ask("GET", "labels?per_page=100")}

    def make_label(self, name: str, color: str) -> None:
        self._ask("POST", "labels", {"name": name, "color": color})

    def _ask(self, method: str, path: str, content: Any = None, *, login: str = "ada") -> Any:
        return self.github.ask(method, f"/repos/{REPOSITORY}/{path}", content, login=login)


@dataclass
class InAFolder:
    """The tracker of the demo."""

    folder: Path

    def __post_init__(self) -> None:
        self.tracker = IssueFolder(self.folder)
        self._write("roles.json", {"ada": "write", "tess": "triage", "mallory": "read"})
        self._write("teams.json", {"acme/leads": ["ada"]})

    def say(self, number: int, login: str, text: str) -> int:
        return self.tracker.add_comment(number, login, text)

    def change(self, number: int, **changes: Any) -> None:
        if "is_open" in changes:
            changes["state"] = "open" if changes.pop("is_open") else "closed"
        self._write(f"issues/{number}.json", self._read(f"issues/{number}.json") | changes)

    def delete(self, number: int) -> None:
        (self.folder / f"issues/{number}.json").unlink()

    def propose(self, body: str, labels: tuple[str, ...]) -> int:
        new = NewPullRequest(head="by-hand", base="main", title="By hand", body=body)
        return self.tracker.open_pull_request(new).number

    def pull_request_body(self, number: int) -> str:
        return str(self._read(f"pull-requests/{number}.json")["body"])

    def comments(self, number: int) -> list[tuple[str, str]]:
        return [(each["author"], each["body"]) for each in self._read(f"issues/{number}.json")["comments"]]

    def reactions(self, number: int, comment: int) -> list[str]:
        comments = self._read(f"issues/{number}.json")["comments"]
        return next(each["reactions"] for each in comments if each["id"] == comment)

    def labels(self) -> dict[str, str]:
        path = self.folder / "labels.json"
        return {name: each["color"] for name, each in json.loads(path.read_bytes()).items()} if path.exists() else {}

    def make_label(self, name: str, color: str) -> None:
        self._write("labels.json", {name: {"color": color, "description": ""}})

    def _read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())

    def _write(self, name: str, content: Any) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")


@dataclass
class InMemory:
    """The fake that the tests of the commands use."""

    tracker: FakeTracker = field(
        default_factory=lambda: FakeTracker(
            roles={"ada": Role.WRITE, "tess": Role.TRIAGE, "mallory": Role.READ}, teams={"acme/leads": {"ada"}}
        )
    )

    def say(self, number: int, login: str, text: str) -> int:
        return self.tracker.say(number, login, text)

    def change(self, number: int, **changes: Any) -> None:
        labels = {"labels": tuple(changes["labels"])} if "labels" in changes else {}
        self.tracker.by_hand(number, **changes | labels)

    def delete(self, number: int) -> None:
        self.tracker.gone.add(number)

    def propose(self, body: str, labels: tuple[str, ...]) -> int:
        new = NewPullRequest(head="by-hand", base="main", title="By hand", body=body)
        return self.tracker.open_pull_request(new).number

    def pull_request_body(self, number: int) -> str:
        return self.tracker.pull_requests[number - 500].body

    def comments(self, number: int) -> list[tuple[str, str]]:
        return [(each.author, each.text) for each in self.tracker.comments[number]]

    def reactions(self, number: int, comment: int) -> list[str]:
        return [each.value for each in self.tracker.reactions.get(comment, [])]

    def labels(self) -> dict[str, str]:
        return {label.name: label.color for label in self.tracker.labels.values()}

    def make_label(self, name: str, color: str) -> None:
        from workflowops.core.incident.issue import Label

        self.tracker.labels[name] = Label(name, color, "")


@contextmanager
def on_github(_: Path) -> Iterator[Hands]:
    with github_held_to_its_word() as github:
        hands = OnGitHub(github)
        with hands.tracker:
            yield hands


@contextmanager
def in_a_folder(folder: Path) -> Iterator[Hands]:
    yield InAFolder(folder / "rehearsal")


@contextmanager
def in_memory(_: Path) -> Iterator[Hands]:
    yield InMemory()


TRACKERS: dict[str, Callable[[Path], AbstractContextManager[Hands]]] = {
    "github": on_github,
    "folder": in_a_folder,
    "memory": in_memory,
}
