"""Every place where a promotion is reviewed, with hands that do there what people and other programs do."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.github.emulate_server import ACTIONS_BOT, OWNER, REPOSITORY, token_of
from tests.github.proxy import GitHub, github_held_to_its_word

from workflowops.commands.ports import PullRequests
from workflowops.core.incident.issue import NewPullRequest
from workflowops.core.promotion.review import CheckState
from workflowops.io.github import GitHubPullRequests
from workflowops.io.issue_folder import IssueFolder

RUN = "4711"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A pull request that somebody opened, and its last commit."""

    number: int
    head: str


class Reviewers(Protocol):
    """Pull requests and what happens to them. ada and max may write, reed may read."""

    pull_requests: PullRequests

    def propose(self, branch: str = "change", *, base: str = "main") -> Proposed:
        """Open a pull request as ada."""

    def merge(self, number: int, *, by: str = "max") -> str:
        """Merge it; answers the commit that the merge made."""

    def approve(self, number: int, by: str) -> None:
        """Approve its last commit."""

    def push(self, proposed: Proposed) -> Proposed:
        """Push another commit onto it."""

    def written_by(self, number: int, *people: str) -> None:
        """Have its commits be by these; an empty one is nobody whom GitHub knows."""

    def label(self, number: int, *names: str) -> None:
        """Label it by hand."""

    def labels(self, number: int) -> set[str]:
        """Its labels."""

    def comment(self, number: int, login: str, text: str) -> None:
        """Comment on it as somebody."""

    def comments(self, number: int) -> list[tuple[str, str]]:
        """Its comments: author and text."""

    def finish(self, commit: str, name: str, state: CheckState) -> None:
        """Let a check of somebody else end."""

    def reported(self, commit: str) -> Mapping[str, str]:
        """The conclusions of our checks by name."""

    def protect(self, environment: str, *reviewers: str) -> None:
        """Make an environment that these people have to review."""

    def approve_run(self, by: str, *environments: str, is_approved: bool = True) -> None:
        """Say a word on environments of the run 4711."""


@dataclass
class OnGitHub:
    """The client as it runs in a job, against emulate and our proxy."""

    github: GitHub
    told: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pull_requests = self.another()
        self._commit("main", "Begin", parent=None)

    def another(self, login: str = ACTIONS_BOT, *, run_id: str | None = None) -> GitHubPullRequests:
        """A client that remembers nothing of the first, as the one of the next run."""
        return GitHubPullRequests(
            REPOSITORY,
            token_of(login),
            api_url=self.github.url,
            progress=self,
            run_id=run_id,
            sleep=self.waited.append,
            seconds_between_writes=0,
        )

    def say(self, line: str) -> None:
        self.told.append(line)

    def propose(self, branch: str = "change", *, base: str = "main") -> Proposed:
        head = self._commit(branch, f"On {branch}", parent=self._tip("main"))
        if base != "main":
            self._commit(base, f"On {base}", parent=self._tip("main"))
        content = {"title": "Promote", "head": branch, "base": base, "body": "What changes."}
        return Proposed(int(self.ask("POST", "pulls", content)["number"]), head)

    def push(self, proposed: Proposed) -> Proposed:
        ref = self.ask("GET", f"pulls/{proposed.number}")["head"]["ref"]
        tree = self._tree(f"More on {ref}")
        content = {"message": "More", "tree": tree, "parents": [proposed.head]}
        head = str(self.ask("POST", "git/commits", content)["sha"])
        self.ask("PATCH", f"git/refs/heads/{ref}", {"sha": head})
        self.github.gaps.reviewing.heads[proposed.number] = head
        return Proposed(proposed.number, head)

    def merge(self, number: int, *, by: str = "max") -> str:
        return str(self.ask("PUT", f"pulls/{number}/merge", {}, login=by)["sha"])

    def approve(self, number: int, by: str, event: str = "APPROVE") -> None:
        self.ask("POST", f"pulls/{number}/reviews", {"event": event, "body": "My word."}, login=by)

    def written_by(self, number: int, *people: str) -> None:
        self.github.gaps.reviewing.authors[number] = [(each or None, each or None) for each in people]

    def label(self, number: int, *names: str) -> None:
        self.ask("POST", f"issues/{number}/labels", {"labels": list(names)})

    def labels(self, number: int) -> set[str]:
        return {each["name"] for each in self.ask("GET", f"issues/{number}/labels")}

    def comment(self, number: int, login: str, text: str) -> None:
        self.ask("POST", f"issues/{number}/comments", {"body": text}, login=login)

    def comments(self, number: int) -> list[tuple[str, str]]:
        return [(each["user"]["login"], each["body"]) for each in self.ask("GET", f"issues/{number}/comments")]

    def finish(self, commit: str, name: str, state: CheckState) -> None:
        if name.startswith("status/"):
            words = {CheckState.PASSED: "success", CheckState.PENDING: "pending", CheckState.FAILED: "error"}
            self.ask("POST", f"statuses/{commit}", {"context": name, "state": words[state]})
        else:
            self.run_check(commit, name, {CheckState.PASSED: "success", CheckState.FAILED: "failure"}.get(state))

    def run_check(self, commit: str, name: str, conclusion: str | None, **more: Any) -> int:
        """Report a check run as another program; without a conclusion it still runs."""
        ended = {"status": "completed", "conclusion": conclusion} if conclusion else {"status": "in_progress"}
        content = {"name": name, "head_sha": commit} | ended
        number = int(self.ask("POST", "check-runs", content)["id"])
        for kind, value in more.items():
            getattr(self.github.gaps.reviewing, kind)[number] = value
        return number

    def reported(self, commit: str) -> Mapping[str, str]:
        runs = self.ask("GET", f"commits/{commit}/check-runs")["check_runs"]
        return {each["name"]: each["conclusion"] for each in runs if each["external_id"].startswith("workflowops:")}

    def protect(self, environment: str, *reviewers: str) -> None:
        self.github.gaps.reviewing.environments[environment] = list(reviewers) or None

    def approve_run(self, by: str, *environments: str, is_approved: bool = True) -> None:
        state = "approved" if is_approved else "rejected"
        word = {"by": by, "environments": environments, "state": state, "comment": "Looked at."}
        self.github.gaps.reviewing.approvals.setdefault(int(RUN), []).append(word)

    def ask(self, method: str, path: str, content: Any = None, *, login: str = "ada") -> Any:
        login = OWNER if path.startswith("git/") else login  # emulate lets nobody else write commits
        return self.github.ask(method, f"/repos/{REPOSITORY}/{path}", content, login=login)

    def _tip(self, branch: str) -> str:
        return str(self.ask("GET", f"git/ref/heads/{branch}")["object"]["sha"])

    def _tree(self, content: str) -> str:
        entry = {"path": "file.json", "mode": "100644", "type": "blob", "content": content}
        return str(self.ask("POST", "git/trees", {"tree": [entry]})["sha"])

    def _commit(self, branch: str, message: str, *, parent: str | None) -> str:
        """Make a commit and the branch whose tip it is, or move the branch there."""
        content = {"message": message, "tree": self._tree(message), "parents": [parent] if parent else []}
        commit = str(self.ask("POST", "git/commits", content)["sha"])
        refs = {each["ref"] for each in self.ask("GET", "git/matching-refs/heads/")}
        if f"refs/heads/{branch}" in refs:
            self.ask("PATCH", f"git/refs/heads/{branch}", {"sha": commit, "force": True})
        else:
            self.ask("POST", "git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
        return commit


@dataclass
class InAFolder:
    """The place of rehearsals."""

    folder: Path
    commits: int = 0

    def __post_init__(self) -> None:
        self.pull_requests = IssueFolder(self.folder)
        self._write("roles.json", {"ada": "write", "max": "maintain", "reed": "read"})

    def propose(self, branch: str = "change", *, base: str = "main") -> Proposed:
        new = NewPullRequest(head=branch, base=base, title="Promote", body="What changes.")
        number = self.pull_requests.open_pull_request(new).number
        return self.push(Proposed(number, ""))

    def push(self, proposed: Proposed) -> Proposed:
        head = self._new_commit()
        self.pull_requests.push(proposed.number, commit=head)
        return Proposed(proposed.number, head)

    def merge(self, number: int, *, by: str = "max") -> str:
        commit = self._new_commit()
        self.pull_requests.merge(number, by=by, commit=commit)
        return commit

    def approve(self, number: int, by: str) -> None:
        self.pull_requests.approve_review(number, by=by)

    def written_by(self, number: int, *people: str) -> None:
        self._change(number, lambda content: {"commit_authors": people})

    def label(self, number: int, *names: str) -> None:
        self._change(number, lambda content: {"labels": [*content["labels"], *names]})

    def labels(self, number: int) -> set[str]:
        found = self.pull_requests.pull_request(number)
        return set(found.labels) if found else set()

    def comment(self, number: int, login: str, text: str) -> None:
        self.pull_requests.add_comment(number, login, text)

    def comments(self, number: int) -> list[tuple[str, str]]:
        content = json.loads((self.folder / f"pull-requests/{number}.json").read_bytes())
        return [(each["author"], each["body"]) for each in content["comments"]]

    def finish(self, commit: str, name: str, state: CheckState) -> None:
        self.pull_requests.finish_check(commit, name, state)

    def reported(self, commit: str) -> Mapping[str, str]:
        return {name: each.conclusion.value for name, each in self.pull_requests.reported(commit).items()}

    def protect(self, environment: str, *reviewers: str) -> None:
        self._write("environments.json", {environment: {"exists": True, "reviewers": reviewers}})

    def approve_run(self, by: str, *environments: str, is_approved: bool = True) -> None:
        word = {"by": by, "is_approved": is_approved, "comment": "Looked at.", "environments": environments}
        path = self.folder / "approvals.json"
        known = json.loads(path.read_bytes())[RUN] if path.exists() else []
        self._write("approvals.json", {RUN: [*known, word]})

    def _change(self, number: int, changed: Callable[[Any], Any]) -> None:
        path = f"pull-requests/{number}.json"
        content = json.loads((self.folder / path).read_bytes())
        self._write(path, content | changed(content))

    def _new_commit(self) -> str:
        self.commits += 1
        return f"{self.commits:040x}"

    def _write(self, name: str, content: Any) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def on_github(_: Path) -> Iterator[Reviewers]:
    with github_held_to_its_word() as github:
        reviewers = OnGitHub(github)
        with reviewers.pull_requests:
            yield reviewers


@contextmanager
def in_a_folder(folder: Path) -> Iterator[Reviewers]:
    yield InAFolder(folder / "rehearsal")


PLACES: dict[str, Callable[[Path], AbstractContextManager[Reviewers]]] = {
    "github": on_github,
    "folder": in_a_folder,
}
