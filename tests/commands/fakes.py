"""The ports of the commands, answered from memory: they move, refuse and break as git and n8n do."""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.claims import Claim, Standing, judge, renewed, taking_over
from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page, parse_page, parse_workflow
from workflowops.core.resources import Resources
from workflowops.errors import BlockedError, ConfigurationError, MovedError, N8nUnauthorizedError, WorkflowOpsError

Files = Mapping[str, bytes | None]
ABILITIES = Abilities(source=AbilitySource.OPENAPI, list_offset=True, publish=True)


class FakeView:
    """The state at one commit; remembers what was asked of it."""

    def __init__(self, tip: str | None, files: Mapping[str, bytes]) -> None:
        self.tip = tip
        self._files = dict(files)
        self._read: dict[str, bytes | None] = {}
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes | None:
        self._read[path] = self._files.get(path)
        return self._read[path]

    def list(self, prefix: str) -> tuple[str, ...]:
        self._listed[prefix] = tuple(sorted(path for path in self._files if path.startswith(prefix)))
        return self._listed[prefix]

    def still_holds(self, latest: "FakeView", *, also: Files) -> bool:
        return (
            all(latest._files.get(path) == content for path, content in self._read.items())
            and all(latest._files.get(path) == self._files.get(path) for path in also)
            and all(FakeView(None, latest._files).list(prefix) == paths for prefix, paths in self._listed.items())
        )

    def moved_to(self, latest: "FakeView") -> "FakeView":
        latest._read |= self._read
        latest._listed |= self._listed
        return latest


class FakeStateStore:
    """A state branch that moves under its writers.

    `interference` holds what somebody else does between a writer's read and its push, one entry each push. `refusal` is
    raised by every push, `outage` by everything. `messages` has one entry a commit.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.messages: list[str] = []
        self.written: list[frozenset[str]] = []
        self.claims: dict[str, Claim] = {}
        self.dead_claims: set[str] = set()
        self.interference: list[Callable[[], None]] = []
        self.refusal: WorkflowOpsError | None = None
        self.renewal_refusal: WorkflowOpsError | None = None
        self.outage: WorkflowOpsError | None = None
        self.holders_outage: WorkflowOpsError | None = None
        self._moves = 0

    @property
    def tip(self) -> str | None:
        return f"{self._moves:040x}" if self._moves or self.files else None

    def write(self, files: Files, *, message: str = "somebody else") -> None:
        """Commit as somebody else would."""
        for path, content in files.items():
            if content is None:
                self.files.pop(path, None)
            else:
                self.files[path] = content
        self.messages.append(message)
        self.written.append(frozenset(files))
        self._moves += 1

    def document(self, path: str) -> Any:
        """One file of the state, decoded."""
        return json.loads(self.files[path])

    def view(self) -> FakeView:
        if self.outage is not None:
            raise self.outage
        return FakeView(self.tip, self.files)

    def change(self, decide: Callable[[FakeView], Files], *, message: str) -> str | None:
        view = self.view()
        writes = decide(view)
        for _ in range(40):
            changed = {path: content for path, content in writes.items() if self.files.get(path) != content}
            if not changed:
                return None
            if self.interference:
                self.interference.pop(0)()
            if self.refusal is not None:
                raise self.refusal
            if self.tip == view.tip:
                self.write(changed, message=message)
                return self.tip
            latest = self.view()
            if view.still_holds(latest, also=writes):
                view = view.moved_to(latest)
            else:
                view, writes = latest, decide(latest)
        raise MovedError("Somebody else was faster, 40 times.", fix="Run again in a minute.")

    def acquire(self, claim: Claim) -> Claim | None:
        if self.outage is not None:
            raise self.outage
        found = self.claims.get(claim.name)
        alive = False if found is not None and found.claim_id in self.dead_claims else None
        match judge(found, now=claim.renewed_at, alive=alive):
            case Standing.FREE:
                self.claims[claim.name] = claim
            case Standing.DEAD:
                assert found is not None
                self.claims[claim.name] = taking_over(claim, dead=found)
            case _:
                return found
        return None

    def renew(self, claim: Claim, *, now: Any) -> Claim:
        if self.renewal_refusal is not None:
            raise self.renewal_refusal
        self._require_ours(claim)
        self.claims[claim.name] = renewed(claim, now=now)
        return self.claims[claim.name]

    def release(self, claim: Claim) -> None:
        if claim.name in self.claims:
            self._require_ours(claim)
            del self.claims[claim.name]

    def holders(self) -> tuple[Claim, ...]:
        if self.holders_outage is not None:
            raise self.holders_outage
        return tuple(self.claims[name] for name in sorted(self.claims))

    def _require_ours(self, claim: Claim) -> None:
        found = self.claims.get(claim.name)
        if found is None or found.claim_id != claim.claim_id:
            raise MovedError(f"The claim of {claim.owner} on {claim.name} is gone.", fix="Run again.")


@dataclass(frozen=True, slots=True)
class FakeTreeFile:
    path: str
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class FakeCommittedFiles:
    commit: str
    branch: str
    fast_forwarded: bool


@dataclass(frozen=True, slots=True)
class FakeProposedFiles:
    commit: str
    branch: str
    is_new: bool
    is_ours: bool


@dataclass
class FakeRepository:
    """A clone on `main` and its remote. `read` lists every blob whose content was asked for.

    A checkout that is `behind` stays where it is when something is committed. `refusal` is raised by the push.
    `proposals` are the commits that are ours alone, with the one they were made on.
    """

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    head: str = ""
    tips: dict[str, str] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    is_behind: bool = False
    refusal: WorkflowOpsError | None = None
    proposals: dict[str, str] = field(default_factory=dict)
    _contents: dict[str, bytes] = field(default_factory=dict)

    def commit(self, files: Files) -> str:
        """Commit and push, as a person would."""
        self.head = self.tips["main"] = self._add({**self.commits.get(self.head, {}), **files})
        return self.head

    def push_elsewhere(self, files: Files, *, branch: str = "main") -> str:
        """Commit on the remote alone, as a colleague would."""
        self.tips[branch] = self._add({**self.commits[self.tips[branch]], **files})
        return self.tips[branch]

    def merge(self, branch: str) -> str:
        """Merge a branch whose commit was made on the tip of main, as a colleague would on GitHub, and pull."""
        base = self.commits[self.proposals[self.tips[branch]]]
        theirs = self.commits[self.tips[branch]]
        changed = {path: theirs.get(path) for path in base.keys() | theirs.keys() if base.get(path) != theirs.get(path)}
        return self.commit(changed)

    def files(self, branch: str = "main") -> dict[str, bytes]:
        return self.commits[self.tips[branch]]

    def resolve(self, ref: str) -> str:
        commit = self.head if ref == "HEAD" else self.tips.get(ref, ref)
        if commit not in self.commits:
            raise ConfigurationError(f"The repository knows no commit {ref!r}.", fix="Pass one that git log knows.")
        return commit

    def is_default_tip(self, commit: str) -> bool:
        return commit == self.tips.get("main")

    def default_tip(self) -> str | None:
        return self.tips.get("main")

    def first_parents(self, base: str, commit: str) -> Sequence[str]:
        history = list(self.commits)
        begin, end = (history.index(self.resolve(each)) for each in (base, commit))
        if begin > end:
            raise BlockedError(f"{base[:12]} is not behind {commit[:12]}.", fix="Name another with --base.")
        return history[end:begin:-1]

    def tree(self, commit: str, folder: str) -> Sequence[FakeTreeFile]:
        return [
            FakeTreeFile(path, _blob(content), len(content))
            for path, content in sorted(self.commits[commit].items())
            if path.startswith(f"{folder}/")
        ]

    def blobs(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        for blob in blobs:
            self.read.append(blob)
            yield blob, self._contents[blob]

    def commit_files(
        self, files: Files, *, message: str, branch: str | None, base: str | None = None
    ) -> FakeCommittedFiles:
        branch = branch or "main"
        if branch not in self.tips:
            raise ConfigurationError(f"The remote has no branch {branch}.", fix="Push it first.")
        there = self.commits[self.tips[branch]]
        before = self.commits[base] if base is not None else {}
        for path, content in files.items():
            if path in there and there[path] != content and (base is None or before.get(path) != there[path]):
                raise MovedError(f"{path} exists on the branch with other content.", fix="Look at that file.")
        if self.refusal is not None:
            raise self.refusal
        self.messages.append(message)
        self.tips[branch] = self._add({**there, **files})
        follows = branch == "main" and not self.is_behind
        if follows:
            self.head = self.tips[branch]
        return FakeCommittedFiles(self.tips[branch], branch, follows)

    def propose_files(self, files: Files, *, message: str, branch: str, base: str) -> FakeProposedFiles:
        changed = {path: content for path, content in files.items() if self.commits[base].get(path) != content}
        if not changed:
            raise BlockedError(f"{base[:12]} holds all of it already.", fix="There is nothing to propose.")
        tip = self.tips.get(branch)
        is_ours = tip is None or tip in self.proposals
        if tip is not None and self._proposes(tip, changed, base=base, is_ours=is_ours):
            return FakeProposedFiles(tip, branch, is_new=False, is_ours=is_ours)
        if not is_ours:
            raise BlockedError(f"Somebody has pushed to the branch {branch}.", fix="Merge or delete it.")
        if self.refusal is not None:
            raise self.refusal
        self.messages.append(message)
        self.tips[branch] = self._add({**self.commits[base], **changed})
        self.proposals[self.tips[branch]] = base
        return FakeProposedFiles(self.tips[branch], branch, is_new=True, is_ours=True)

    def _proposes(self, tip: str, changed: Files, *, base: str, is_ours: bool) -> bool:
        there = self.commits[tip]
        if not is_ours:
            return all(there.get(path) == content for path, content in changed.items())
        began = self.commits[self.proposals[tip]]
        wanted = {path: content for path, content in {**began, **changed}.items() if content is not None}
        return there == wanted and all(began.get(path) == self.commits[base].get(path) for path in changed)

    def _add(self, files: Files) -> str:
        kept = {path: content for path, content in files.items() if content is not None}
        self._contents |= {_blob(content): content for content in kept.values()}
        told = json.dumps([len(self.commits), {path: _blob(content) for path, content in sorted(kept.items())}])
        commit = hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()
        self.commits[commit] = kept
        return commit


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@dataclass
class FakeN8n:
    """An n8n as its client shows it: pages in the order of the ids, each workflow once, complete or an error.

    `fails_at` raises in place of the n-th page (from 1), `before_page` is told its number first. `unlisted` exist and
    are left out of the list, `get_fails` raises for an id. Abilities and the key are asked for as on a real server.
    """

    api_key: str = "key"
    store: dict[str, dict[str, Any]] = field(default_factory=dict)
    page_size: int = 250
    fails_at: dict[int, BaseException] = field(default_factory=dict)
    before_page: Callable[[int], None] = lambda _: None
    unlisted: set[str] = field(default_factory=set)
    get_fails: dict[str, WorkflowOpsError] = field(default_factory=dict)
    abilities_fail: WorkflowOpsError | None = None
    outage: WorkflowOpsError | None = None
    odd: list[OddWorkflow] = field(default_factory=list)
    held: Resources = field(default_factory=Resources)
    known_abilities: list[Abilities | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    is_open: bool = False

    async def __aenter__(self) -> "FakeN8n":
        self.is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_open = False

    def used_with(self, api_key: str) -> "FakeN8n":
        """Begin a run with a key; what was counted so far is forgotten."""
        self.asked.clear()
        self._given = api_key
        return self

    @property
    def requests(self) -> int:
        return len(self.asked)

    async def abilities(self) -> Abilities:
        self._ask("abilities")
        if self.abilities_fail is not None:
            raise self.abilities_fail
        return ABILITIES

    async def list_workflows(self, *, abilities: Abilities | None) -> AsyncGenerator[Page, None]:
        self.known_abilities.append(abilities)
        last, number = "", 0
        while True:
            number += 1
            self.before_page(number)
            self._ask(f"page {number}")
            self._authorize()
            if number in self.fails_at:
                raise self.fails_at[number]
            ids = sorted(each for each in self.store if each > last and each not in self.unlisted)
            data = [self.store[each] for each in ids[: self.page_size]]
            page = parse_page(json.dumps({"data": data, "nextCursor": None}).encode())
            yield Page(page.workflows, None, (*page.odd, *(self.odd if number == 1 else ())))
            if len(ids) <= self.page_size:
                return
            last = ids[self.page_size - 1]

    async def get_workflow(self, workflow_id: str) -> ListedWorkflow | OddWorkflow | None:
        self._ask(f"get {workflow_id}")
        self._authorize()
        if workflow_id in self.get_fails:
            raise self.get_fails[workflow_id]
        found = self.store.get(workflow_id)
        return None if found is None else parse_workflow(json.dumps(found).encode())

    async def resources(self) -> Resources:
        self._ask("resources")
        self._authorize()
        return self.held

    def _ask(self, what: str) -> None:
        assert self.is_open, "the client was used after it was closed"
        self.asked.append(what)
        if self.outage is not None:
            raise self.outage

    def _authorize(self) -> None:
        if self._given != self.api_key:
            raise N8nUnauthorizedError("n8n does not accept the API key.", fix="Make a new one.")
