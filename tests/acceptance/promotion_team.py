"""A team that promotes through three running instances with the command line alone, and reads what they hold."""

import contextlib
import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.documents import Document, body_of
from tests.acceptance.servers import answered, eventually
from tests.acceptance.three_instances import Place, ThreeInstances
from tests.cli.shop import alone, run
from tests.git_repositories import bare_remote, clone, commit_files, content_of, git, install_hook

from workflowops.core.sidecar import Sidecar, render_sidecar, sidecar_path
from workflowops.core.workflow_file import render_workflow
from workflowops.io.issue_file import StoredPullRequest
from workflowops.io.issue_folder import IssueFolder

STATE = "workflowops-state"
IN_A_FILE = ("name", "nodes", "connections", "settings", "nodeGroups", "active", "tags")
LIVE = ("name", "nodes", "connections", "settings", "active", "isArchived", "nodeGroups", "activeVersionId")
"""What of a workflow must read exactly as before once a promotion was put back, besides tags and published version."""
VERSIONS = frozenset({"activeVersionId", "versionId"})
"""What n8n gives a workflow anew with every version that is saved, be it the same as an old one."""

_MEANWHILE = """\
import pathlib, sys, urllib.request
done = pathlib.Path({mark!r})
if not done.exists() and any("refs/tags/snapshots/" in line for line in sys.stdin):
    asked = urllib.request.Request({address!r}, method="POST", headers={{"X-N8N-API-KEY": {key!r}}})
    urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(asked).close()
    done.touch()
"""


@dataclass(frozen=True, slots=True)
class Team:
    """A checkout whose stages are `stages`, the last of them where nothing may break, and a folder for GitHub."""

    root: Path
    three: ThreeInstances
    stages: tuple[str, ...]

    @property
    def checkout(self) -> Path:
        return self.root / "checkout"

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    @property
    def folder(self) -> IssueFolder:
        return IssueFolder(self.root / "github")

    @property
    def last(self) -> str:
        """The stage that counts."""
        return self.stages[-1]

    def place(self, stage: str) -> Place:
        return self.three.places[stage]

    @property
    def renewed(self) -> frozenset[str]:
        """What cannot be put back: 1.x has no publishing of an old version, so its content comes as a new one."""
        return frozenset() if self.place("dev").server.is_2 else VERSIONS

    # What is run.

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command, which must end with the exit code, and answer its document."""
        with contextlib.chdir(self.checkout):
            ran = run(*arguments, "--json")
        assert ran.code == code, f"workflowops {' '.join(arguments)}: {ran}"
        assert not any(place.key in ran.out + ran.err for place in self.three.places.values())
        return ran.document

    def drift(self, stage: str) -> Any:
        """Check for drift and answer the stage's part of the report."""
        return self.json("drift", "--environment", stage, "--no-incidents")["environments"][0]

    def verify(self) -> None:
        """Check the audit log from its beginning."""
        with contextlib.chdir(self.checkout):
            ran = run("audit", "verify")
        assert ran.code == 0, str(ran)

    def onboard(self, *options: str) -> None:
        """Put every workflow under Git, and accept that as last known good."""
        self.json("sync", *options)
        self.json("onboard", *options, "--all", "--direct")
        self.json("sync", *options)
        self.json("baseline", *options)

    # What people do.

    def write(self, files: Mapping[str, bytes | None]) -> str:
        """Push files on the default branch; answers the commit."""
        self.pull()
        return commit_files(self.checkout, files)

    def pull(self) -> None:
        git("pull", "--quiet", "--ff-only", "origin", "main", cwd=self.checkout)

    def file_of(self, stage: str, name: str) -> Path:
        """The file of a workflow, by the name in it, from the root of the checkout."""
        for path in sorted((self.checkout / stage).rglob("*.json")):
            if ".wfo." not in path.name and json.loads(path.read_bytes())["name"] == name:
                return path.relative_to(self.checkout)
        raise AssertionError(f"{stage} has no file of {name}")

    def declared(self, stage: str, name: str) -> Document:
        return dict(json.loads((self.checkout / self.file_of(stage, name)).read_bytes()))

    def develop(self, changes: Mapping[str, Callable[[Document], Document]]) -> None:
        """Change workflows in development's n8n, by name, and commit what that runs then."""
        files: dict[str, bytes | None] = {}
        for name, change in changes.items():
            shown = changed_live(self.place("dev"), name, change)
            files[str(self.file_of("dev", name))] = render_workflow(
                {key: shown[key] for key in IN_A_FILE if key in shown}
            )
        self.write(files)
        self.json("sync", "--environment", "dev")

    def opened(self, stage: str, *names: str, options: tuple[str, ...] = ()) -> int:
        """Let the program propose workflows of the stage before, by name; answers the pull request."""
        before = self.stages[self.stages.index(stage) - 1]
        slugs = [argument for name in names for argument in ("--workflow", self.slug(before, name))]
        self.pull()
        outcome = self.json("promote", "open", "--from", before, "--to", stage, *slugs, *options)
        assert outcome["problem"] is None
        return int(outcome["pull_request"]["number"])

    def proposed(self, files: Mapping[str, bytes | None], *, branch: str) -> int:
        """Open a pull request by hand and answer its number."""
        self.pull()
        git("switch", "--quiet", "--create", branch, cwd=self.checkout)
        commit = commit_files(self.checkout, files, push=False)
        git("push", "--quiet", "origin", branch, cwd=self.checkout)
        git("switch", "--quiet", "main", cwd=self.checkout)
        store = self.folder._store
        request = StoredPullRequest(
            number=store.next_number(),
            title=f"Change {branch}",
            body="",
            head=branch,
            head_commit=commit,
            base="main",
            author="grace",
            created_at=store.now(),
        )
        store.save_entry(request)
        return request.number

    @contextlib.contextmanager
    def reverted(self, files: Mapping[str, bytes | None]) -> Iterator[int]:
        """Open a pull request with files; what they were before is put back on the default branch at the end."""
        before = {path: self._content(path) for path in files}
        try:
            yield self.proposed(files, branch=f"change-{self.folder._store.next_number()}")
        finally:
            self.pull()
            self.write({path: content for path, content in before.items() if self._content(path) != content})

    def _content(self, path: str) -> bytes | None:
        return (self.checkout / path).read_bytes() if (self.checkout / path).exists() else None

    def edited(self, stage: str, name: str, change: Callable[[Document], Document]) -> dict[str, bytes | None]:
        """The file of a workflow as somebody would change it by hand."""
        self.pull()
        return {str(self.file_of(stage, name)): render_workflow(change(self.declared(stage, name)))}

    def removed(self, stage: str, name: str) -> dict[str, bytes | None]:
        """The files that go when a workflow is deleted."""
        self.pull()
        path = str(self.file_of(stage, name))
        return {path: None, sidecar_path(path): None}

    def when_the_snapshot_is_pushed(self, place: Place, path: str) -> Path:
        """Let somebody send a POST to an instance's API once: right after the next snapshot arrived at the remote.

        Answers the file that is there once n8n has carried it out.
        """
        program, done = self.root / "meanwhile.py", self.root / "meanwhile.done"
        address = f"{place.server.url}/api/v1{path}"
        program.write_text(_MEANWHILE.format(address=address, key=place.key, mark=str(done)))
        install_hook(self.remote, "post-receive", f'exec "{sys.executable}" "{program}"')
        return done

    def slug(self, stage: str, name: str) -> str:
        sidecar = self.checkout / sidecar_path(str(self.file_of(stage, name)))
        return str(json.loads(sidecar.read_bytes())["canonical_slug"])

    def previewed(self, number: int, stage: str) -> Any:
        """Preview a pull request for a stage."""
        stored = self.folder._store.pull_request(number)
        assert stored is not None
        git("fetch", "--quiet", "origin", cwd=self.checkout)
        at = ("--base", "origin/main", "--ref", f"origin/{stored.head}", "--pull-request", str(number))
        return self.json("promote", "preview", "--to", stage, *at)["previews"][0]

    def merged(self, number: int) -> str:
        """Review and merge a pull request; answers the commit that this made."""
        stored = self.folder._store.pull_request(number)
        assert stored is not None
        self.pull()
        git("fetch", "--quiet", "origin", stored.head, cwd=self.checkout)
        self.folder.push(number, commit=git("rev-parse", "FETCH_HEAD", cwd=self.checkout))
        git("merge", "--quiet", "--no-ff", "--message", f"Merge {number}", "FETCH_HEAD", cwd=self.checkout)
        git("push", "--quiet", "origin", "main", cwd=self.checkout)
        commit = git("rev-parse", "HEAD", cwd=self.checkout)
        self.folder.merge(number, by="mia", commit=commit)
        return commit

    def planned(self, stage: str, *options: str, code: int = 0) -> Any:
        return self.json("promote", "plan", "--to", stage, *options, code=code)

    def approve(self, promotion_id: str) -> None:
        """Somebody who wrote nothing of it approves exactly this plan, by a comment."""
        record = self.record(promotion_id)
        number = int(record["pull_request"])
        comment = self.folder.add_comment(number, "lea", f"/approve {record['plan_digest']} looks good")
        event = self.root / "event.json"
        event.write_text(json.dumps(self.folder.comment_event(number, comment)))
        self.json("comment", "--event", str(event), "--event-name", "issue_comment")

    def applied(self, promotion_id: str, *, code: int = 0) -> Any:
        """Carry out a promotion, and answer its record as the state holds it."""
        self.json("promote", "apply", "--promotion", promotion_id, code=code)
        return self.record(promotion_id)

    def carried_out(self, number: int, stage: str, *options: str, code: int = 0) -> Any:
        """Merge, plan, approve and apply; answers the record."""
        self.merged(number)
        planned = self.planned(stage, *options)
        assert [each["status"] for each in planned["promotions"]] == ["pending_approval"], planned
        promotion_id = planned["promotions"][0]["promotion_id"]
        self.approve(promotion_id)
        return self.applied(promotion_id, code=code)

    # What is there.

    def record(self, promotion_id: str) -> Any:
        return json.loads(content_of(self.remote, f"{STATE}:promotions/{promotion_id}.json"))

    def in_snapshot(self, name: str, workflow_id: str) -> Document:
        """A workflow as a pushed snapshot holds it."""
        return dict(json.loads(content_of(self.remote, f"refs/tags/snapshots/{name}:workflows/{workflow_id}.json")))


def changed_live(place: Place, name: str, change: Callable[[Document], Document]) -> Document:
    """Save a workflow changed, publish it where it was published, and answer it once n8n runs that."""
    server, shown = place.server, place.workflows()[name]
    answered(server.put(shown["id"], change(body_of(shown))))
    return eventually(lambda: server.get(shown["id"]), lambda now: now["active"] is shown["active"] and runs_draft(now))


def runs_draft(shown: Document) -> bool:
    return not shown["active"] or shown["activeVersionId"] in (None, shown["versionId"])


def state_of(place: Place) -> dict[str, Document]:
    """Everything of an instance that a promotion can change, published versions and archived workflows included."""
    return {name: _held(shown) for name, shown in place.workflows().items()}


def _held(shown: Document) -> Document:
    version = shown.get("activeVersion")
    ran = None if version is None else {key: version[key] for key in ("versionId", "nodes", "connections")}
    tags = sorted(tag["name"] for tag in shown.get("tags") or ())
    return {key: shown.get(key) for key in LIVE} | {"tags": tags, "activeVersion": ran, "id": shown["id"]}


def assert_as_before(place: Place, before: Mapping[str, Document], *, apart_from: frozenset[str] = frozenset()) -> None:
    """Assert that an instance reads exactly as before: every workflow, what runs of it, and no further one."""
    after = state_of(place)
    assert sorted(after) == sorted(before)
    for name in before:
        assert _without(after[name], apart_from) == _without(before[name], apart_from), name


def _without(shown: Document, keys: frozenset[str]) -> Document:
    version = shown["activeVersion"]
    ran = None if version is None else {key: value for key, value in version.items() if key not in keys}
    return {key: value for key, value in shown.items() if key not in keys} | {"activeVersion": ran}


def new_files(stage: str, document: Document, *, place: int = 0) -> dict[str, bytes | None]:
    """The files of a workflow that no instance has yet; among those that need nothing it comes first, by `place`."""
    slug = document["name"].lower().replace(" ", "_")
    sidecar = Sidecar(canonical_id=f"{place:08}-{str(uuid.uuid4())[9:]}", canonical_slug=slug)
    path = f"{stage}/{slug}.json"
    return {path: render_workflow(document), sidecar_path(path): render_sidecar(sidecar)}


def names_in(place: Place) -> dict[str, str]:
    """Every id that belongs to an instance alone -> the name of what it stands for."""
    found = {shown["id"]: f"workflow {name}" for name, shown in place.workflows().items()}
    found |= {identity: f"credential {name}" for name, identity in place.credentials.items()}
    return found | {identity: f"table {name}" for name, identity in place.data_tables.items()}


def portable(place: Place, graph: Document, *, renamed: Mapping[str, str] | None = None) -> Any:
    """Nodes and connections of a version with names in place of the instance's own ids, comparable across instances."""
    text = json.dumps({"nodes": graph["nodes"], "connections": graph["connections"], "settings": graph.get("settings")})
    for identity, name in names_in(place).items():
        text = text.replace(identity, f"<{name}>")
    for theirs, ours in (renamed or {}).items():
        text = text.replace(theirs, ours)
    document = json.loads(text)
    for node in document["nodes"]:
        node.pop("id")
        node.pop("webhookId", None)
        for chosen in node["parameters"].values():
            if isinstance(chosen, dict):
                chosen.pop("cachedResultUrl", None)  # what n8n's editor remembers of the other instance's list
                chosen.pop("cachedResultName", None)
    return document


@contextlib.contextmanager
def working(root: Path, three: ThreeInstances, configuration: str, stages: tuple[str, ...]) -> Iterator[Team]:
    """Give a team a repository with a configuration, and let commands run for it until the end."""
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, root / "home")
        for name, key in three.variables.items():
            patch.setenv(name, key)
        patch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(root / "github"))
        remote = bare_remote(root, files={"workflowops.yml": configuration.encode()})
        clone(remote, root / "checkout")
        yield Team(root, three, stages)
