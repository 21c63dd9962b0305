"""The user's repository: reading the files of a commit, and committing files to a branch without a work tree."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workflowops.errors import BlockedError, ConfigurationError, MovedError, PushRefusedError, WorkflowOpsError
from workflowops.io.git import Git
from workflowops.io.git_commit import Edit, write_commit
from workflowops.io.git_history import first_parents
from workflowops.io.git_objects import ObjectReader, TreeEntry, blob_oid, stream_blobs
from workflowops.io.git_remote import Backoff, GitRemote, PushStatus, check_ref_name
from workflowops.io.own_commits import is_own, own_message

LARGEST_FILE = 16 * 1024 * 1024
_TRIES = 10
Tip = TypeVar("Tip", bound=str | None)
_UNCERTAIN_TRIES = 3


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a commit: its path from the repository's root, the name of its content, its size in bytes."""

    path: str
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class CommittedFiles:
    """Where files were committed; `fast_forwarded` says whether the checkout holds them already."""

    commit: str
    branch: str
    fast_forwarded: bool


@dataclass(frozen=True, slots=True)
class ProposedFiles:
    """The branch that proposes files, and the commit at its tip.

    `is_new` says that this commit was made just now; `is_ours` that nobody else has pushed onto the branch.
    """

    commit: str
    branch: str
    is_new: bool
    is_ours: bool


class GitRepository:
    """The user's repository at `path`, and the remote that its branches are pushed to."""

    def __init__(self, path: Path, *, remote: str = "origin", backoff: Backoff | None = None) -> None:
        self._git = Git(path)
        self._remote = GitRemote(self._git, remote, backoff=backoff)
        self._reader = ObjectReader(self._git)

    def resolve(self, ref: str) -> str:
        """Answer the commit that a branch, tag, commit name or `HEAD` means. Raises ConfigurationError when none."""
        if ref and not ref.startswith("-") and "\0" not in ref:
            answer = self._git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            if answer.succeeded:
                return answer.text
        shallow = self._git.facts.shallow
        raise ConfigurationError(
            f"The repository knows no commit {ref!r}" + (": its history is cut off." if shallow else "."),
            fix="Give actions/checkout `fetch-depth: 0`, or run `git fetch --unshallow`."
            if shallow
            else "Pass a branch, a tag or a commit that `git log` knows with --ref; an empty repository has none yet.",
        )

    def is_default_tip(self, commit: str) -> bool:
        """Say whether a commit is what the remote's default branch holds now; True where the remote has no such branch.

        Only that commit speaks for the team: an older one, or one that nobody merged, must not change what is recorded.
        """
        tip = self._remote.default_tip()
        return tip is None or tip == commit

    def default_tip(self) -> str | None:
        """Answer the commit that the remote's default branch holds now, and bring it here where it is not.

        None where the remote has no such branch. Raises RemoteError when the remote cannot be asked.
        """
        tip = self._remote.default_tip()
        if tip is None or self._reader.read(f"{tip}^{{commit}}") is not None:
            return tip
        kept = self._remote.fetch("HEAD", depth=1)
        return None if kept is None else self.resolve(kept)

    def first_parents(self, base: str, commit: str) -> tuple[str, ...]:
        """List a commit and its first parents down to `base`, which is not among them, the newest first.

        That is what came to the branch since, one commit for each merge. Raises BlockedError where `base` is not
        behind the commit, or more than 250 commits came since; ConfigurationError for a commit that is not here.
        """
        return first_parents(self._git, begin=self.resolve(base), end=self.resolve(commit))

    def tree(self, commit: str, folder: str) -> tuple[TreeFile, ...]:
        """Answer the files below a folder (`.` for all), at any depth, sorted; () when the folder does not exist.

        Links and submodules are no files. One that could hide a workflow is refused with a ConfigurationError, because
        its workflow would be taken for missing; so is a JSON file whose name is not UTF-8.
        """
        folder = folder.strip("/")
        everything = folder in {"", "."}
        blocked = None if everything else self._reader.obstacle(commit, f"{folder}/x")
        if blocked is not None:
            raise ConfigurationError(f"{blocked} is not a folder in commit {commit[:12]}.", fix="Name a real folder.")
        answer = self._git.require(
            *("ls-tree", "-r", "-l", "-z", "--full-tree", commit),
            *([] if everything else ["--", f"{folder}/"]),
            doing=f"listing {folder or '.'}",
        )
        found = (_tree_file(line) for line in answer.stdout.split(b"\0") if line)
        return tuple(file for file in found if file is not None)

    def blobs(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read file contents in the order asked, one in memory at a time, through one git process.

        Raises ConfigurationError for a file above 16 MiB, RemoteError for content that the repository lacks.
        """
        return stream_blobs(self._git, blobs, largest=LARGEST_FILE)

    def commit_files(
        self, files: Mapping[str, bytes | None], *, message: str, branch: str | None = None, base: str | None = None
    ) -> CommittedFiles:
        """Commit files (None: delete) onto the tip of the remote's branch (default: the one checked out) and push,
        without force.

        A file that exists there with other content raises MovedError, unless it is still as it was in commit `base`.
        Files that stand there already are left; when all do, nothing is committed. The checkout follows when it is on
        that branch and nothing of the user's is in the way. Raises ConfigurationError for bad paths, a detached HEAD
        without `branch`, a branch that the remote lacks; PushRefusedError where a pull request is needed.
        """
        current = self._current_branch()
        branch = branch or current
        if branch is None:
            raise ConfigurationError(
                "HEAD is detached, so there is no branch to commit to.", fix="Name the branch with --branch."
            )
        check_ref_name(branch, what="a branch", fix="Name the branch with --branch.")
        for path, content in files.items():
            _check_file(path, content)

        def commit_on(tip: str) -> str:
            edits = self._edits(files, tip=tip, base=base)
            return write_commit(self._git, parent=tip, edits=edits, message=f"{message.strip()}\n") if edits else tip

        def tip() -> str:
            return self._tip(branch, is_current=branch == current)

        try:
            commit = self._publish(branch, tip=tip, commit_on=commit_on)
        except PushRefusedError as error:
            raise _needs_pull_request(error, branch) from error
        return CommittedFiles(commit, branch, fast_forwarded=branch == current and self._follow(commit))

    def propose_files(
        self, files: Mapping[str, bytes | None], *, message: str, branch: str, base: str
    ) -> ProposedFiles:
        """Put files (None: delete) on a branch of our own: one commit on `base`, in place of an earlier one of ours.

        A branch that proposes the same already is left as it is. One that somebody else has pushed onto is never
        overwritten: BlockedError, unless the files stand there as they should. Files that `base` holds already are left
        out; BlockedError when all are. The checkout stays where it is. Raises ConfigurationError for bad paths.
        """
        check_ref_name(branch, what="a branch", fix="Choose another name.")
        for path, content in files.items():
            _check_file(path, content)
        edits = self._edits(files, tip=base, base=base)
        if not edits:
            raise BlockedError(f"{base[:12]} holds all of it already.", fix="There is nothing to propose.")
        wanted = {path: None if (content := files[path]) is None else self._oid(content) for path in edits}
        seen: list[bool] = []

        def commit_on(tip: str | None) -> str:
            seen.append(tip is None or self._is_free(tip, base))
            if tip is not None and self._proposes(tip, wanted, base=base, is_ours=seen[-1]):
                return tip
            if not seen[-1]:
                raise _not_ours(branch)
            text = own_message(message, parent=base, entries=wanted)
            return write_commit(self._git, parent=base, edits=edits, message=text)

        before: list[str | None] = []

        def tip() -> str | None:
            kept = self._remote.fetch(f"refs/heads/{branch}", depth=2)
            before.append(None if kept is None else self.resolve(kept))
            return before[-1]

        commit = self._publish(branch, tip=tip, commit_on=commit_on)
        return ProposedFiles(commit, branch, is_new=commit not in before, is_ours=seen[-1])

    def close(self) -> None:
        """End the process that reads objects; it also ends with this repository."""
        self._reader.close()

    def _publish(self, branch: str, *, tip: Callable[[], Tip], commit_on: Callable[[Tip], str]) -> str:
        """Push what is committed on the branch's tip, again while others are faster; answers what is there at last.

        `commit_on` answers the tip itself when there is nothing to do.
        """
        at = tip()
        uncertain = 0
        for attempt in range(_TRIES):
            commit = commit_on(at)
            if commit == at:
                return commit
            pushed = self._remote.push(commit, f"refs/heads/{branch}", expected=at)
            if pushed.status is PushStatus.DONE:
                return commit
            self._remote.backoff.wait(attempt)
            at = tip()
            if pushed.status is PushStatus.UNCERTAIN:
                if self._remote.reached(commit, tip=at):
                    return commit
                uncertain += 1
                if uncertain >= _UNCERTAIN_TRIES:
                    break
        raise pushed.given_up(tries=attempt + 1)

    def _is_free(self, tip: str, base: str) -> bool:
        """Say whether nothing of anybody's is lost when a branch moves away from this tip."""
        return self._remote.reached(tip, tip=base) or is_own(self._git, self._reader, tip)

    def _proposes(self, tip: str, wanted: Mapping[str, str | None], *, base: str, is_ours: bool) -> bool:
        """Say whether a branch proposes this already.

        Of our own it is asked that it changes nothing else, and begins where these files are as they are in `base`.
        """
        if not is_ours:
            return all(_oid_of(self._reader.find(tip, path)) == oid for path, oid in wanted.items())
        return is_own(self._git, self._reader, tip, entries=wanted) and all(
            self._reader.find(f"{tip}^", path) == self._reader.find(base, path) for path in wanted
        )

    def _oid(self, content: bytes) -> str:
        return blob_oid(content, object_format=self._git.facts.object_format)

    def _tip(self, branch: str, *, is_current: bool) -> str:
        """Fetch the branch. The one checked out is fetched from where it is, so that it can be fast-forwarded."""
        kept = self._remote.fetch(f"refs/heads/{branch}", depth=None if is_current else 1)
        commit = self._reader.read(f"{kept}^{{commit}}") if kept else None
        if commit is None:
            raise ConfigurationError(
                f"The remote {self._remote.title} has no branch {branch}.",
                fix=f"Push it first (`git push -u {self._remote.title} {branch}`), or name another with --branch.",
            )
        return commit.oid

    def _edits(self, files: Mapping[str, bytes | None], *, tip: str, base: str | None) -> dict[str, Edit]:
        """Answer what has to be written on this tip. Raises MovedError where that would overwrite somebody's work."""
        edits: dict[str, Edit] = {}
        for path, content in sorted(files.items()):
            blocked = self._reader.obstacle(tip, path)
            if blocked is not None:
                raise ConfigurationError(f"{blocked} is not a folder on the branch.", fix="Choose another file name.")
            there = self._reader.find(tip, path)
            if _oid_of(there) == (None if content is None else self._oid(content)):
                continue
            if there is not None and (base is None or there != self._reader.find(base, path)):
                raise _exists(path)
            if content is None and there is not None and not there.is_file:
                raise ConfigurationError(f"{path} is no file, so it is not deleted.", fix="Name the files in it.")
            edits[path] = content
        return edits

    def _current_branch(self) -> str | None:
        answer = self._git.run("symbolic-ref", "--quiet", "HEAD")
        return answer.text.removeprefix("refs/heads/") if answer.succeeded else None

    def _follow(self, commit: str) -> bool:
        """Bring the checkout to the commit if that loses nothing; git refuses when local changes are in the way."""
        return self._git.run("merge", "--quiet", "--ff-only", "--no-stat", commit).succeeded


def _tree_file(line: bytes) -> TreeFile | None:
    head, _, name = line.partition(b"\t")
    mode, _, blob, size = head.split()
    path = name.decode("utf-8", "backslashreplace")
    holds_json = path.lower().endswith(".json")
    if mode == b"160000" or (mode == b"120000" and (holds_json or "." not in path.rpartition("/")[2])):
        kind = "submodule" if mode == b"160000" else "symbolic link"
        raise ConfigurationError(
            f"{path} is a {kind}; its workflows cannot be read.", fix="Put the files themselves there."
        )
    if mode == b"120000":
        return None
    if path.encode() != name:
        if holds_json:
            raise ConfigurationError(f"The name of {path} is not UTF-8.", fix="Rename the file.")
        return None
    return TreeFile(path=path, blob=blob.decode(), size=int(size))


_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"\\]|^/|/$|//|^[A-Za-z]:|(^|/)(\.|\.\.|\.git|git~1)(/|$)", re.IGNORECASE)


def _oid_of(entry: TreeEntry | None) -> str | None:
    return None if entry is None else entry.oid


def _exists(path: str) -> MovedError:
    return MovedError(
        f"{path} exists on the branch with other content.",
        fix="Run `git pull` and look at that file: somebody may have onboarded it meanwhile. If it is something else, "
        "pass another --file.",
    )


def _not_ours(branch: str) -> BlockedError:
    return BlockedError(
        f"Somebody has pushed to the branch {branch}, so it is not overwritten.",
        fix="Merge its pull request, or delete the branch, and ask again.",
    )


def _check_file(path: str, content: bytes | None) -> None:
    if not path or _UNSAFE.search(path) or len(path) > 1000 or not path.isprintable():
        raise ConfigurationError(f"{path!r} cannot be a file in the repository.", fix="Choose another file name.")
    if content is not None and len(content) > LARGEST_FILE:
        raise ConfigurationError(
            f"{path} would have {len(content)} bytes; the limit for one file is {LARGEST_FILE}.",
            fix="Make the workflow smaller: pinned data and embedded files do not belong in Git.",
        )


def _needs_pull_request(error: WorkflowOpsError, branch: str) -> PushRefusedError:
    return PushRefusedError(
        str(error),
        fix=f"If {branch} is protected, push to another branch with --branch and open a pull request from it; "
        f"otherwise: {error.fix}",
    )
