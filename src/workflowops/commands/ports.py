"""What the commands ask of the world, said as protocols; `workflowops.io` answers, tests answer with fakes."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workflowops.core.abilities import Abilities
from workflowops.core.claims import Claim
from workflowops.core.configuration import Configuration, Connection, Environment
from workflowops.core.incident.issue import (
    Issue,
    IssueEdit,
    Label,
    NewIssue,
    NewPullRequest,
    PullRequest,
    PullRequestState,
    Reaction,
)
from workflowops.core.incident.policy import Role
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page
from workflowops.core.promotion.review import CheckReport, Checks, MergedPullRequest, Protection, RunApproval
from workflowops.core.promotion.target import Credential
from workflowops.core.resources import Resources


class StateView(Protocol):
    """One commit of the state branch, or nothing yet. What is read through it decides whether a change is redone."""

    @property
    def tip(self) -> str | None:
        """The commit; None when the branch does not exist."""

    def read(self, path: str) -> bytes | None:
        """Answer the content of a file; None when there is none."""

    def list(self, prefix: str) -> tuple[str, ...]:
        """Answer the paths that start with a prefix, sorted."""


Decide = Callable[[StateView], Mapping[str, bytes | None]]
"""From what it reads to what is written: path -> content, None to delete. Called again when what it read has moved."""


class StateStore(Protocol):
    """The state branch: read a commit of it, change it by compare-and-swap, claim things."""

    def view(self) -> StateView:
        """Fetch the tip. Raises StateError or RemoteError."""

    def change(self, decide: Decide, *, message: str) -> str | None:
        """Commit what `decide` answers and push it; None when nothing changed. Raises MovedError, PushRefusedError."""

    def acquire(self, claim: Claim) -> Claim | None:
        """Take a claim; None when it is ours now, else the one that holds it."""

    def renew(self, claim: Claim, *, now: datetime) -> Claim:
        """Prolong a claim that we hold. Raises MovedError when it is ours no longer."""

    def release(self, claim: Claim) -> None:
        """Give a claim back. Raises MovedError when it is somebody else's by now, which is left alone."""

    def holders(self) -> tuple[Claim, ...]:
        """Answer every claim that is held, by name, those included that nobody can read. Raises RemoteError."""


class TreeFile(Protocol):
    """A file of a commit."""

    @property
    def path(self) -> str:
        """From the repository's root, with forward slashes."""

    @property
    def blob(self) -> str:
        """The id of its content."""

    @property
    def size(self) -> int:
        """In bytes."""


class CommittedFiles(Protocol):
    """What a commit to the user's branch came to."""

    @property
    def commit(self) -> str:
        """The new commit on the remote."""

    @property
    def branch(self) -> str:
        """The branch it is on."""

    @property
    def fast_forwarded(self) -> bool:
        """Whether the local checkout has it as well."""


class ProposedFiles(Protocol):
    """A branch of our own that proposes files."""

    @property
    def commit(self) -> str:
        """The commit at its tip on the remote."""

    @property
    def branch(self) -> str:
        """Its name."""

    @property
    def is_new(self) -> bool:
        """Whether the commit was made just now; False when the branch proposed the same already."""

    @property
    def is_ours(self) -> bool:
        """Whether nobody else has pushed onto the branch."""


class Repository(Protocol):
    """The team's repository: what is declared, and where onboarding commits."""

    def resolve(self, ref: str) -> str:
        """Answer the commit; raises ConfigurationError for an unknown one."""

    def is_default_tip(self, commit: str) -> bool:
        """Say whether a commit is the tip of the remote's default branch, which alone changes what is recorded."""

    def default_tip(self) -> str | None:
        """Answer the tip of the remote's default branch, fetched so that it can be read; None where it has none."""

    def first_parents(self, base: str, commit: str) -> Sequence[str]:
        """List what came to a branch since `base`: a commit and its first parents, the newest first.

        Raises BlockedError where `base` is not behind the commit, or more than 250 commits came since.
        """

    def tree(self, commit: str, folder: str) -> Sequence[TreeFile]:
        """List the files below a folder of a commit."""

    def blobs(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read contents, in the order asked for."""

    def commit_files(
        self, files: Mapping[str, bytes | None], *, message: str, branch: str | None, base: str | None = None
    ) -> CommittedFiles:
        """Commit files (None: delete) onto the tip of a remote branch and push it without force.

        A file that is there with other content is replaced only while it is what it was in the commit `base`.
        """

    def propose_files(
        self, files: Mapping[str, bytes | None], *, message: str, branch: str, base: str
    ) -> ProposedFiles:
        """Put files (None: delete) on a branch of our own: one commit on `base`, in place of an earlier one of ours.

        A branch that proposes the same already is left as it is. One that somebody else has pushed onto is never
        overwritten: BlockedError, unless the files stand there as they should. BlockedError also when `base` holds all.
        """


class N8nReader(Protocol):
    """One n8n instance, read only."""

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""

    async def abilities(self) -> Abilities:
        """Ask the server what its API can do."""

    def list_workflows(self, *, abilities: Abilities | None) -> AsyncGenerator[Page, None]:
        """Yield every workflow, page by page; raises rather than end early."""

    async def get_workflow(self, workflow_id: str) -> ListedWorkflow | OddWorkflow | None:
        """Read one workflow; None when the server proves that it does not exist, odd when it cannot be read."""

    async def list_credentials(self) -> tuple[Credential, ...]:
        """List all credentials by id, name and type; never what they hold. Raises where the server lists none."""

    async def resources(self) -> Resources:
        """Name variables and data tables; what the server or the key does not tell is None. Raises when it fails."""


OpenN8n = Callable[[Connection, Environment], AbstractAsyncContextManager[N8nReader]]


class N8nWriter(N8nReader, Protocol):
    """One n8n instance, to be written to. A write is sent once and never repeated by itself.

    Every write raises N8nUncertainError when it may have been carried out although no whole answer came, another
    N8nError when the server says that it was not. Only reading tells what is there afterwards.
    """

    async def create_workflow(self, document: Mapping[str, Json]) -> str:
        """Create a workflow, which is not published, and answer its id."""

    async def update_workflow(self, workflow_id: str, document: Mapping[str, Json], *, as_draft: bool) -> None:
        """Write name, nodes, connections, settings and groups; with `as_draft` what runs goes on running.

        `as_draft` needs `Abilities.publish_if_active`; settings take effect at once in either case.
        """

    async def publish(self, workflow_id: str, *, version_id: str | None, abilities: Abilities | None) -> None:
        """Make a version run, the draft's own where None is given; on servers without versions switch it on."""

    async def unpublish(self, workflow_id: str, *, abilities: Abilities | None) -> None:
        """Let nothing of it run."""

    async def archive(self, workflow_id: str) -> None:
        """Put it away, which unpublishes it."""

    async def unarchive(self, workflow_id: str) -> None:
        """Take it back; it is not published."""

    async def delete_workflow(self, workflow_id: str) -> None:
        """Remove it for good; it must not be published."""

    async def list_tags(self) -> Mapping[str, str]:
        """Answer the tags of the instance, name -> id."""

    async def create_tag(self, name: str) -> str:
        """Create a tag and answer its id."""

    async def set_tags(self, workflow_id: str, tag_ids: Sequence[str]) -> None:
        """Give a workflow exactly these tags."""


OpenN8nWriter = Callable[[Connection, Environment], AbstractAsyncContextManager[N8nWriter]]


class SnapshotStore(Protocol):
    """Snapshots: commits under tags of the remote, `snapshots/<name>`, that hold files and are never changed."""

    def save(self, name: str, files: Iterable[tuple[str, bytes]], *, message: str) -> str:
        """Store files (path, content) as a commit and push its tag; answers the commit once the remote has it.

        A tag that is there with the same files is answered as it is; with others BlockedError. Raises RemoteError.
        """

    def load(self, name: str, *, commit: str | None = None) -> Mapping[str, bytes] | None:
        """Read the files of a snapshot; None when the remote has no such tag. Raises RemoteError.

        Where `commit` is given, a tag that names another one is refused: BlockedError.
        """


class PullRequests(Protocol):
    """What a promotion asks of the place where pull requests are reviewed and runs are approved.

    Every method raises RemoteError (or one of its kind) when that place failed. What it does not know is told as such,
    never as an approval.
    """

    def of_commit(self, commit: str) -> MergedPullRequest | None:
        """Find the merged pull request that brought a commit to its branch; None when there is none."""

    def pull_request(self, number: int) -> MergedPullRequest | None:
        """Read a pull request, merged or not; None when there is none of that number."""

    def commit_authors(self, number: int) -> tuple[str, ...] | None:
        """Answer the people who wrote or committed the commits of a pull request; None where not all are known."""

    def checks(self, commit: str) -> Checks:
        """Answer how the check runs and commit statuses of a commit ended, except for those of our own."""

    def protection(self, environment: str) -> Protection:
        """Answer what guards an environment."""

    def run_approvals(self, run_id: str) -> Sequence[RunApproval]:
        """Answer who approved or rejected the environments of a run."""

    def say(self, number: int, text: str, *, marker: str) -> str:
        """Keep one comment of ours with this marker on a pull request up to date, and answer its address."""

    def report_check(self, check: CheckReport) -> None:
        """Create or update the check of this name on a commit."""

    def set_labels(self, number: int, labels: Sequence[Label]) -> None:
        """Give a pull request exactly these of our labels; those of people stay."""


class IssueTracker(Protocol):
    """Where incidents are issues. Reads may be repeated; a write is sent once, or again behind its marker.

    Every method raises RemoteError (or one of its kind) when the tracker failed, answered nonsense, or keeps us
    waiting longer than we are willing to; the limits of GitHub are waited for and told through the progress.
    """

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""

    def open_issues(self, label: str) -> Sequence[Issue]:
        """List the open issues with a label, newest first."""

    def issue(self, number: int) -> Issue | None:
        """Read one issue; None when it was deleted or transferred, or is a pull request."""

    def open_issue(self, new: NewIssue, *, look_since: str | None) -> Issue:
        """Open an issue; where `look_since` (ISO 8601) is given, answer the one with the marker if it exists."""

    def find_issue(self, label: str, marker: str, *, since: str) -> Issue | None:
        """Find the issue with that label whose body holds the marker, open or closed, changed since then."""

    def edit_issue(self, number: int, edit: IssueEdit) -> None:
        """Change an issue; assignees that cannot be assigned are left out."""

    def comment(self, number: int, text: str, *, marker: str, look_since: str | None) -> str:
        """Comment and answer the address; where `look_since` is given, look first whether that was said already.

        It was when a comment of the account that we are ends with the marker, which is looked for and not added.
        """

    def react(self, comment_id: int, reaction: Reaction) -> None:
        """React to a comment; the same reaction twice is one."""

    def ensure_labels(self, labels: Sequence[Label]) -> None:
        """Create the labels that do not exist; those that do stay as people made them."""

    def role_of(self, login: str) -> Role:
        """Answer what somebody may do here; NONE when GitHub does not say."""

    def is_member(self, login: str, *, team: str) -> bool | None:
        """Say whether somebody is in a team (`org/slug`); None when that cannot be read with this token."""

    def open_pull_request(self, new: NewPullRequest) -> PullRequest:
        """Open a pull request, or answer the open one of the same head, its text brought up to date if still ours."""

    def pull_request_state(self, number: int) -> PullRequestState | None:
        """Say where a pull request stands; None when there is none of that number."""

    def pin_issue(self, number: int) -> str | None:
        """Pin an issue to the top of the list; None when it is pinned now, else in words why it is not."""

    def default_branch(self) -> str:
        """Name the branch that pull requests go into."""


class Notifier(Protocol):
    """Tells people outside of GitHub."""

    def send(self, addresses: Sequence[str], *, title: str, text: str) -> str | None:
        """Send to every address; answers what went wrong (without any address), None when all were reached."""


class Progress(Protocol):
    """Where a person watches long work."""

    def say(self, line: str) -> None:
        """Show one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who runs this: a GitHub login or a local user, and the run's address where there is one."""

    name: str
    run_id: str
    run_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Everything a command works with. `ref` is the commit that is declared; `clock` answers the time in UTC."""

    configuration: Configuration
    variables: Mapping[str, str]
    ref: str
    state: StateStore
    repository: Repository
    open_n8n: OpenN8n
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    progress: Progress
    actor: Actor
    is_dry_run: bool = False
