"""Objects: commits that change only what they should, and reading that neither blocks nor leaves anything behind."""

import subprocess
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, commit_files, git, isolate_git, refs

from workflowops.errors import ConfigurationError, RemoteError
from workflowops.io.git import OUR_IDENTITY, Git
from workflowops.io.git_commit import StoredBlob, write_commit
from workflowops.io.git_objects import ObjectReader, TreeEntry, blob_oid, stream_blobs


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return clone(bare_remote(tmp_path), tmp_path / "clone")


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_a_blob_is_named_as_git_names_it(tmp_path: Path, object_format: str) -> None:
    git("init", "--quiet", f"--object-format={object_format}", str(tmp_path / object_format), cwd=tmp_path)
    named = git("hash-object", "--stdin", cwd=tmp_path / object_format, given=b"n8n\0\xff")
    assert blob_oid(b"n8n\0\xff", object_format=object_format) == named
    assert Git(tmp_path / object_format).facts.object_format == object_format


def test_a_commit_changes_its_paths_and_leaves_everything_else(repository: Path) -> None:
    (repository / "link").symlink_to("README.md")
    (repository / "run.sh").write_bytes(b"#!/bin/sh\n")
    (repository / "run.sh").chmod(0o755)
    before = commit_files(repository, {"dev/a.json": b"a", "dev/b.json": b"b", 'odd "name\n.txt': b"odd"})
    local = refs(repository)
    stored = StoredBlob(git("rev-parse", "HEAD:dev/b.json", cwd=repository))
    commit = write_commit(
        Git(repository),
        parent=before,
        edits={"dev/a.json": None, "prod/new file é.json": b"new", "prod/b.json": stored},
        message="Title\n\nBody\0",
    )
    changed = git("-c", "core.quotePath=false", "diff", "--name-status", "--no-renames", before, commit, cwd=repository)
    assert changed.splitlines() == ["D\tdev/a.json", "A\tprod/b.json", "A\tprod/new file é.json"]
    told = git("log", "-1", "--format=%an <%ae>|%P|%B", commit, cwd=repository)
    assert told.strip() == f"{OUR_IDENTITY}|{before}|Title\n\nBody"
    assert refs(repository) == local
    assert git("status", "--porcelain", cwd=repository) == ""
    git("fsck", "--strict", commit, cwd=repository)


def test_a_reader_finds_what_stands_at_a_path(repository: Path) -> None:
    (repository / "link").symlink_to("README.md")
    commit = commit_files(repository, {"dev/sub/a.json": b"a"})
    reader = ObjectReader(Git(repository))
    assert reader.find(commit, "dev/sub/a.json") == TreeEntry("100644", blob_oid(b"a", object_format="sha1"))
    assert reader.find(commit, "dev/sub/b.json") is None
    assert reader.find(commit, "README.md/a.json") is None
    assert reader.obstacle(commit, "README.md/a.json") == "README.md"
    assert reader.obstacle(commit, "link/a.json") == "link"
    assert reader.obstacle(commit, "dev/other/a.json") is None
    assert list(reader.files(reader.root(commit))) == ["README.md", "dev/sub/a.json"]


def test_a_reader_sees_objects_that_arrive_later_and_survives_its_process(repository: Path) -> None:
    reader = ObjectReader(Git(repository))
    assert reader.read("refs/heads/none") is None
    later = commit_files(repository, {"a.json": b"later"})
    assert reader.find(later, "a.json") is not None
    reader.close()
    assert reader.require(later).kind == "commit"


class InterruptedPipe:
    """A pipe whose reader is interrupted once, in the middle of an answer."""

    def __init__(self, pipe) -> None:
        self._pipe = pipe
        self.readline, self.close = pipe.readline, pipe.close

    def read(self, size: int) -> bytes:
        self.read = self._pipe.read
        raise KeyboardInterrupt


class InterruptedGit(Git):
    interruptions = 1

    def start(self, *arguments: str, stderr: int) -> subprocess.Popen[bytes]:
        process = super().start(*arguments, stderr=stderr)
        if self.interruptions:
            self.interruptions -= 1
            process.stdout = InterruptedPipe(process.stdout)
        return process


def test_a_reader_that_was_interrupted_in_an_answer_does_not_mix_up_the_next(repository: Path) -> None:
    reader = ObjectReader(InterruptedGit(repository))
    head, readme = (git("rev-parse", name, cwd=repository) for name in ("HEAD", "HEAD:README.md"))
    with pytest.raises(KeyboardInterrupt):
        reader.read(readme)
    assert reader.require(head).kind == "commit"


def test_many_files_are_streamed_in_order_whatever_their_size(repository: Path) -> None:
    contents = [b"%d" % number * (200_000 if number % 50 == 0 else 3) for number in range(300)]
    commit_files(repository, {f"dev/{number:03}.json": content for number, content in enumerate(contents)}, push=False)
    oids = [blob_oid(content, object_format="sha1") for content in contents]
    streamed = list(stream_blobs(Git(repository), iter(oids), largest=10_000_000))
    assert streamed == list(zip(oids, contents, strict=True))
    assert list(stream_blobs(Git(repository), [], largest=1)) == []


def test_more_questions_than_a_pipe_holds_do_not_block(repository: Path) -> None:
    commit_files(repository, {"dev/a.json": b"a" * 1000}, push=False)
    oid = git("rev-parse", "HEAD:dev/a.json", cwd=repository)
    assert sum(1 for _ in stream_blobs(Git(repository), [oid] * 4000, largest=1000)) == 4000


def test_a_stream_that_is_not_read_to_its_end_leaves_no_process(repository: Path) -> None:
    oid = git("rev-parse", "HEAD:README.md", cwd=repository)
    stream = stream_blobs(Git(repository), [oid] * 1000, largest=1000)
    assert next(stream) == (oid, b"Workflows\n")
    stream.close()  # type: ignore[attr-defined]
    assert list(stream) == []


def test_a_file_too_large_and_a_file_not_there_are_told(repository: Path) -> None:
    oid = git("rev-parse", "HEAD:README.md", cwd=repository)
    with pytest.raises(ConfigurationError, match="10 bytes; the limit for one file is 9"):
        list(stream_blobs(Git(repository), [oid], largest=9))
    with pytest.raises(RemoteError, match="no file content"):
        list(stream_blobs(Git(repository), ["0" * 40], largest=9))
