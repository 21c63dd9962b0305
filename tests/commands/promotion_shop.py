"""A team that promotes: three instances, a repository whose stages are gated, and a folder that stands for GitHub."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.cli.shop import Ran, Shop, Template, opened_shop, small
from tests.git_repositories import commit_files, files_of, git

from workflowops.io.issue_file import StoredPullRequest
from workflowops.io.issue_folder import IssueFolder

STAGES = ("dev", "staging", "prod")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SLUGS = ("stock", "orders", "alarm")
V1, V2, V3 = (f"https://api.example.com/v{number}" for number in (1, 2, 3))
HOT = "https://hot.example.com/fix"


def plain_flow(slug: str, *, url: str = V1) -> dict[str, Any]:
    """One of the three workflows: each calls an address, Orders with a credential, and Orders calls Stock."""
    document = small(slug.title(), url=url)
    document["nodes"][0] |= {"type": "n8n-nodes-base.scheduleTrigger", "parameters": {"rule": {"interval": [{}]}}}
    if slug == "stock":
        document["nodes"][0] |= {"type": "n8n-nodes-base.executeWorkflowTrigger", "parameters": {}}
    if slug == "orders":
        document["nodes"][1]["credentials"] = {"httpHeaderAuth": {"id": "credential-dev", "name": "API Auth"}}
        called = {"__rl": True, "mode": "list", "value": "devstock"}
        call = {"id": "n3", "name": "Ask", "type": "n8n-nodes-base.executeWorkflow", "typeVersion": 1}
        document["nodes"].append({**call, "position": [440, 0], "parameters": {"workflowId": called}})
        document["connections"]["Call"] = {"main": [[{"node": "Ask", "type": "main", "index": 0}]]}
    return document


def in_environment(document: Mapping[str, Any], environment: str) -> dict[str, Any]:
    """The same workflow with the ids that an instance has for the credential and for Stock."""
    text = json.dumps(document).replace("credential-dev", f"credential-{environment}")
    found: dict[str, Any] = json.loads(text.replace("devstock", f"{environment}stock"))
    return found


def made_promotion_template(root: Path) -> Template:
    """Three instances with the same three workflows, under Git and with a baseline; what is called comes first."""
    with opened_shop(root, *STAGES) as shop:
        for environment in STAGES:
            add_credentials(shop, environment)
            for slug in SLUGS:
                document = in_environment(plain_flow(slug), environment)
                shop.put(environment, document, id=f"{environment}{slug}", active=True)
        shop.run("onboard", "--all", "--direct")
        shop.run("sync")
        shop.run("baseline")
        workflows = {
            environment: {
                f"{environment}{slug}": writable(sandbox.instance.document(f"{environment}{slug}")) for slug in SLUGS
            }
            for environment, sandbox in shop.instances.items()
        }
    return Template(root, workflows)


def add_credentials(shop: Shop, environment: str) -> None:
    shop.instances[environment].instance.add_credential("API Auth", "httpHeaderAuth", id=f"credential-{environment}")


def writable(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("name", "nodes", "connections", "settings")}


class Team:
    """People around a shop: they change files, open, review and merge, comment, and run the commands."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.github = shop.root / "github"
        self.folder = IssueFolder(self.github)

    def configure(self, *, staging: str = "{}", prod: str = "{}", more: str = "", stage_more: str = "") -> None:
        """Commit a pipeline of the three stages; `staging` and `prod` are their gates in YAML."""
        base = (self.shop.checkout / "workflowops.yml").read_text().partition("pipelines:")[0]
        lines = [
            "pipelines:",
            "  default:",
            *([f"    {more}"] if more else []),
            "    stages:",
            "      - environment: dev",
            "      - environment: staging",
            f"        gates: {staging}",
            *([f"        {stage_more}"] if stage_more else []),
            "      - environment: prod",
            f"        gates: {prod}",
        ]
        self.shop.commit({"workflowops.yml": (base + "\n".join(lines) + "\n").encode()})

    # What people do.

    def write(self, files: Mapping[str, bytes | None], *, push: bool = True) -> str:
        return self.shop.commit(files, push=push)

    def changed(self, environment: str, slug: str, *, url: str) -> bytes:
        """The file of a workflow with another address, as it is in the checkout."""
        document = json.loads((self.shop.checkout / environment / f"{slug}.json").read_bytes())
        document["nodes"][1]["parameters"]["url"] = url
        return json.dumps(document, indent=2).encode() + b"\n"

    def develop(self, slug: str = "orders", *, url: str = V2) -> str:
        """Change a workflow in development's folder, straight on the branch."""
        return self.write({f"dev/{slug}.json": self.changed("dev", slug, url=url)})

    def propose(
        self,
        files: Mapping[str, bytes | None],
        *,
        author: str = "grace",
        branch: str = "change",
        labels: tuple[str, ...] = (),
        body: str = "",
    ) -> int:
        """Open a pull request by hand and answer its number."""
        git("switch", "--quiet", "--create", branch, cwd=self.shop.checkout)
        commit = commit_files(self.shop.checkout, files, push=False)
        git("push", "--quiet", "origin", branch, cwd=self.shop.checkout)
        git("switch", "--quiet", "main", cwd=self.shop.checkout)
        store = self.folder._store
        request = StoredPullRequest(
            number=store.next_number(),
            title="Change",
            body=body,
            head=branch,
            head_commit=commit,
            base="main",
            author=author,
            created_at=store.now(),
            labels=labels,
        )
        store.save_entry(request)
        return request.number

    def merge(self, number: int, *, by: str = "mia") -> str:
        """Merge a pull request on the branch and answer the commit that this made."""
        stored = self.folder._store.pull_request(number)
        assert stored is not None
        checkout = self.shop.checkout
        git("fetch", "--quiet", "origin", stored.head, cwd=checkout)
        self.folder.push(number, commit=git("rev-parse", "FETCH_HEAD", cwd=checkout))
        git("merge", "--quiet", "--no-ff", "--message", f"Merge {number}", "FETCH_HEAD", cwd=checkout)
        git("push", "--quiet", "origin", "main", cwd=checkout)
        commit = git("rev-parse", "HEAD", cwd=checkout)
        self.folder.merge(number, by=by, commit=commit)
        return commit

    def merged(self, *, environment: str = "staging", slug: str = "orders", url: str = V2, **more: Any) -> int:
        """Merge a change of one workflow of a stage, and answer the pull request."""
        branch = f"{environment}-{slug}-{url.rpartition('/')[2]}"
        number = self.propose(
            {f"{environment}/{slug}.json": self.changed(environment, slug, url=url)}, branch=branch, **more
        )
        self.merge(number)
        return number

    def hot_fix(self, slug: str = "orders", *, environment: str = "staging", url: str = HOT) -> None:
        """Edit a workflow in n8n's editor, and publish that."""

        def edit(document: dict[str, Any]) -> dict[str, Any]:
            document["nodes"][1]["parameters"]["url"] = url
            return {"nodes": document["nodes"]}

        self.shop.instances[environment].instance.edit_by_hand(f"{environment}{slug}", edit, publish=True)

    # What is there.

    def url(self, slug: str = "orders", environment: str = "staging") -> str:
        """The address that a workflow calls."""
        document = self.shop.instances[environment].instance.document(f"{environment}{slug}")
        return document["nodes"][1]["parameters"]["url"]  # type: ignore[index,call-overload,return-value]

    def running(self, slug: str = "orders", environment: str = "staging") -> str | None:
        """The address that the published version of a workflow calls; None when nothing of it runs."""
        document: dict[str, Any] = self.shop.instances[environment].instance.document(f"{environment}{slug}")
        version = document["activeVersion"]
        return None if version is None else version["nodes"][1]["parameters"]["url"]

    def record(self, promotion_id: str = "promo-1") -> Any:
        return self.shop.state(f"promotions/{promotion_id}.json")

    def records(self) -> list[str]:
        """The ids of all promotions, in no order that matters."""
        files = files_of(self.shop.remote, "workflowops-state")
        return sorted(
            path.removeprefix("promotions/").removesuffix(".json")
            for path in files
            if path.startswith("promotions/promo-") and not path.endswith(".drawings.json")
        )

    def status(self, promotion_id: str = "promo-1") -> str:
        return self.record(promotion_id)["status"]  # type: ignore[no-any-return]

    def writes(self, environment: str | None = None) -> list[str]:
        """The requests that wanted to write to the instances since they were forgotten."""
        instances = self.shop.instances if environment is None else {environment: self.shop.instances[environment]}
        return [str(each) for sandbox in instances.values() for each in sandbox.requests if each.method in WRITES]

    def forget(self) -> None:
        for sandbox in self.shop.instances.values():
            sandbox.clear_requests()

    def comments(self, number: int, *, of: str | None = "github-actions[bot]") -> list[str]:
        """The texts of the comments on a pull request, ours unless another login is asked for."""
        stored = self.folder._store.existing(number)
        return [each.body for each in stored.comments if of in (None, each.author)]

    def labels(self, number: int) -> list[str]:
        stored = self.folder._store.existing(number)
        return sorted(stored.labels)

    def everything(self) -> tuple[dict[str, str], dict[str, bytes], list[str]]:
        """All that could be written: refs of the remote, files of the folder, writing requests to n8n."""
        paths = [each for each in sorted(self.github.rglob("*")) if each.is_file()] if self.github.exists() else []
        files = {str(each.relative_to(self.github)): each.read_bytes() for each in paths}
        return self.shop.refs(), files, self.writes()

    # What is run.

    def run(self, *arguments: str, code: int = 0) -> Ran:
        return self.shop.run(*arguments, code=code)

    def json(self, *arguments: str, code: int = 0) -> Any:
        return self.shop.json(*arguments, code=code)

    def planned(self, *arguments: str, code: int = 0) -> Any:
        return self.json("promote", "plan", *arguments, code=code)

    def apply(self, promotion_id: str = "promo-1", *arguments: str, code: int = 0) -> Any:
        return self.json("promote", "apply", "--promotion", promotion_id, *arguments, code=code)

    def roll_back(self, promotion_id: str = "promo-1", *arguments: str, code: int = 0) -> Any:
        return self.json("promote", "rollback", "--promotion", promotion_id, *arguments, code=code)

    def digest(self, promotion_id: str = "promo-1") -> str:
        return self.record(promotion_id)["plan_digest"]  # type: ignore[no-any-return]

    def comment(self, number: int, login: str, text: str, *arguments: str, code: int = 0) -> Any:
        """Comment as somebody, and let the program answer; answers what it says about that."""
        comment = self.folder.add_comment(number, login, text)
        return self.answered(number, comment, *arguments, code=code)

    def answered(self, number: int, comment: int, *arguments: str, code: int = 0) -> Any:
        event = self.shop.root / "event.json"
        event.write_text(json.dumps(self.folder.comment_event(number, comment)))
        return self.json("comment", "--event", str(event), "--event-name", "issue_comment", *arguments, code=code)

    def approve(self, promotion_id: str = "promo-1", *, by: str = "lea", code: int = 0) -> Any:
        number = self.record(promotion_id)["pull_request"]
        return self.comment(number, by, f"/approve {self.digest(promotion_id)}", code=code)

    def save(self, name: str, value: Any) -> None:
        """Write a file of the folder that stands for GitHub's settings."""
        self.github.mkdir(exist_ok=True)
        (self.github / name).write_text(json.dumps(value))


@contextlib.contextmanager
def opened_team(template: Template, root: Path) -> Iterator[Team]:
    with template.copy(root) as shop:
        for environment in STAGES:
            add_credentials(shop, environment)
        yield Team(shop)
