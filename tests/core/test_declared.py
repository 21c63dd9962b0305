"""What Git declares: identity, digests, and files that cannot be read without hiding the others or looking removed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import COMMIT, LAW, blob_of, changed, workflow

from workflowops.core.canonical import CANONICAL_FORM, canonicalize, digests
from workflowops.core.declared import Declaration, FilePair, declare, pair_files, remember, unread_blobs
from workflowops.core.records import CanonicalFile, encode
from workflowops.core.sidecar import Sidecar, derived_canonical_id, render_sidecar, sidecar_path

FOLDERS = {"dev": "dev", "prod": "live/prod"}
BROKEN = b'{"nodes": ['


def file(document: Mapping[str, Any] | None = None) -> bytes:
    return json.dumps(workflow() if document is None else document).encode()


def sidecar(canonical_id: str, **more: Any) -> bytes:
    fields: dict[str, Any] = {"canonical_slug": "orders", "created_at": "2026-01-14T10:00:00Z", **more}
    return render_sidecar(Sidecar(canonical_id=canonical_id, **fields))


def identity(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


ONE, TWO, THREE = identity(1), identity(2), identity(3)


@dataclass
class Tree:
    """The files of a commit, read the way the commands read them: blobs in turn, none twice, none too many."""

    files: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)

    def pairs(self, folders: Mapping[str, str] = FOLDERS) -> list[FilePair]:
        blobs = {path: blob_of(content) for path, content in self.files.items()}
        return [pair for name, folder in folders.items() for pair in pair_files(name, folder, blobs)]

    def declare(self, known: CanonicalFile | None = None, folders: Mapping[str, str] = FOLDERS) -> Declaration:
        pairs = self.pairs(folders)
        contents = {blob_of(content): content for content in self.files.values()}
        stream = iter(unread_blobs(pairs, remember(known, pairs)))

        def content(blob: str) -> bytes:
            assert blob == next(stream), "asked for in another order than told"
            self.asked.append(blob)
            return contents[blob]

        found = declare(pairs, commit=COMMIT, known=known, content=content)
        assert next(stream, None) is None, "told to read more than was asked for"
        return found


def declared(files: Mapping[str, bytes], known: CanonicalFile | None = None) -> Declaration:
    return Tree(files).declare(known)


def of_dev(canonical_id: str = ONE, **more: Any) -> dict[str, bytes]:
    return {"dev/orders.json": file(), "dev/orders.wfo.json": sidecar(canonical_id, **more)}


def of_prod(canonical_id: str = ONE, **more: Any) -> dict[str, bytes]:
    return {"live/prod/orders.json": file(), "live/prod/orders.wfo.json": sidecar(canonical_id, **more)}


def rules(found: Declaration) -> list[tuple[str, str]]:
    return [(problem.path, problem.rule) for problem in found.problems]


def test_files_are_paired_with_their_sidecars_below_their_folder_alone() -> None:
    blobs = {
        "dev/b.json": "1",
        "dev/b.wfo.json": "2",
        "dev/sub/a.json": "3",
        "dev/.hidden/c.json": "4",
        "dev/readme.md": "5",
        "dev/orphan.wfo.json": "6",
        "developers/d.json": "7",
    }
    assert pair_files("dev", "dev", blobs) == (
        FilePair("dev", "dev/b.json", "b.json", "1", "2"),
        FilePair("dev", "dev/sub/a.json", "sub/a.json", "3", None),
    )
    assert pair_files("dev", "dev/", blobs) == pair_files("dev", "dev", blobs)


def test_a_file_is_declared_with_what_its_sidecar_says() -> None:
    more = {"description": "What comes in", "tags": ("a",), "created_by": "olive", "n8n_workflow_id": "w1"}
    found = declared(of_dev(**more))
    held = found.file.workflows[ONE]
    copy = held.copies["dev"]
    assert (held.canonical_slug, held.description, held.tags) == ("orders", "What comes in", ("a",))
    assert (held.created_by, held.created_at) == ("olive", "2026-01-14T10:00:00Z")
    assert (copy.git_file_path, copy.git_blob) == ("dev/orders.json", blob_of(file()))
    assert (copy.name, copy.active, copy.tags) == ("Customer Onboarding", True, ("customers",))
    assert copy.n8n_workflow_id == "w1"
    expected = digests(canonicalize(workflow()))
    assert (copy.content_hash, copy.layout_hash, copy.bindings_hash) == (
        expected.logic,
        expected.layout,
        expected.bindings,
    )
    assert copy.references == {"workflows": {"Call": "wf-sub"}, "error_workflow": "wf-err"}
    assert (found.file.git_commit_sha, found.file.canonical_form) == (COMMIT, CANONICAL_FORM)
    assert found.problems == ()


def test_copies_of_one_id_in_two_environments_are_one_workflow() -> None:
    found = declared({**of_dev(n8n_workflow_id="w1"), **of_prod(n8n_workflow_id="w9")})
    assert {name: copy.n8n_workflow_id for name, copy in found.file.workflows[ONE].copies.items()} == {
        "dev": "w1",
        "prod": "w9",
    }


def test_the_sidecar_that_was_written_first_describes_the_workflow_in_any_order() -> None:
    old = of_prod(created_at="2026-01-01T00:00:00Z", description="first", canonical_slug="first")
    new = of_dev(created_at="2026-02-01T00:00:00Z", description="second", canonical_slug="second")
    for folders in (FOLDERS, dict(reversed(FOLDERS.items()))):
        held = Tree({**new, **old}).declare(folders=folders).file.workflows[ONE]
        assert (held.description, held.canonical_slug) == ("first", "first")


@pytest.mark.parametrize(
    ("document", "active", "tags", "own"),
    [
        pytest.param({"active": ..., "tags": ...}, None, None, None, id="silent"),
        pytest.param({"active": "yes", "tags": "a"}, None, None, None, id="odd"),
        pytest.param({"tags": []}, True, (), None, id="no tags"),
        pytest.param({"tags": ["b", "a", "a"]}, True, ("a", "b"), None, id="names"),
        pytest.param({"tags": [{"id": "1", "name": "b"}, {"name": "a"}]}, True, ("a", "b"), None, id="n8n's objects"),
        pytest.param({"tags": ["a\ud83d"]}, True, ("a\ufffd",), None, id="half a character, as n8n's tags are read"),
        pytest.param({"id": "w7"}, True, ("customers",), "w7", id="a plain export with its id"),
        pytest.param({"id": ""}, True, ("customers",), None, id="an empty id"),
    ],
)
def test_a_plain_file_is_declared_by_its_path(document, active, tags, own) -> None:
    content = workflow()
    for key, value in document.items():
        content = changed(content, key, value)
    found = declared({"dev/sub/Orders 2.json": file(content)})
    held = found.file.workflows[derived_canonical_id("sub/Orders 2.json")]
    copy = held.copies["dev"]
    assert held.canonical_slug == "sub_orders_2"
    assert (copy.active, copy.tags, copy.n8n_workflow_id, copy.sidecar_blob) == (active, tags, own, None)


def test_plain_files_at_the_same_path_of_two_folders_are_one_workflow() -> None:
    found = declared({"dev/a.json": file(), "live/prod/a.json": file()})
    assert {*found.file.workflows[derived_canonical_id("a.json")].copies} == {"dev", "prod"}


def test_with_a_sidecar_the_id_inside_the_file_says_nothing() -> None:
    found = declared({"dev/orders.json": file(workflow(id="w7")), "dev/orders.wfo.json": sidecar(ONE)})
    assert found.file.workflows[ONE].copies["dev"].n8n_workflow_id is None


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(BROKEN, id="cut short"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"name": "no nodes"}', id="no workflow"),
        pytest.param(b"<<<<<<< HEAD\n{}", id="a merge conflict"),
        pytest.param(b"", id="empty"),
    ],
)
def test_an_unreadable_file_is_reported_and_is_not_removed(broken) -> None:
    found = declared({**of_dev(), "dev/orders.json": broken, **of_prod(TWO)})
    assert {*found.file.workflows} == {TWO}
    assert {path for path, _ in rules(found)} == {"dev/orders.json"}
    assert [*found.unreadable] == ["dev"]
    assert found.unreadable["dev"][ONE].startswith("dev/orders.json: ")


def test_an_unreadable_copy_leaves_the_copy_of_another_environment_alone() -> None:
    found = declared({**of_dev(), **of_prod(), "live/prod/orders.json": BROKEN})
    assert {*found.file.workflows[ONE].copies} == {"dev"}
    assert [*found.unreadable["prod"]] == [ONE]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(BROKEN, id="cut short"),
        pytest.param(b"{}", id="empty"),
        pytest.param(b'{"canonical_id": "' + ONE.encode() + b'"}', id="no slug"),
    ],
)
def test_an_unreadable_sidecar_keeps_the_identity_it_had_however_long_it_stays_broken(broken) -> None:
    files = {**of_dev(), "dev/orders.wfo.json": broken}
    known = declared(of_dev()).file
    for _ in range(3):
        found = declared(files, known)
        assert [*found.unreadable["dev"]] == [ONE]
        assert {path for path, _ in rules(found)} == {"dev/orders.wfo.json"}
        known = found.file
    mended = declared(of_dev(), known)
    assert mended.file == declared(of_dev()).file
    assert mended.unreadable == {}


def test_a_sidecar_that_was_never_read_leaves_the_path_to_name_the_workflow() -> None:
    found = declared({**of_dev(), "dev/orders.wfo.json": BROKEN})
    assert [*found.unreadable["dev"]] == [derived_canonical_id("orders.json")]


def test_a_readable_sidecar_names_a_broken_file_even_when_the_path_had_another_id() -> None:
    known = declared(of_dev(ONE)).file
    found = declared({"dev/orders.json": BROKEN, "dev/orders.wfo.json": sidecar(TWO)}, known)
    assert [*found.unreadable["dev"]] == [TWO]


def test_the_second_file_of_one_id_in_an_environment_is_reported_and_left_out() -> None:
    found = declared(
        {**of_dev(), "dev/copied.json": file(workflow(name="Copied")), "dev/copied.wfo.json": sidecar(ONE)}
    )
    assert found.file.workflows[ONE].copies["dev"].git_file_path == "dev/copied.json"
    assert rules(found) == [("dev/orders.json", "canonical-id-twice")]
    assert "dev/copied.json" in found.problems[0].message


def test_oddities_are_no_errors() -> None:
    odd = workflow(nodes=[{"parameters": {}}, "text", None], connections={"A": None})
    found = declared({"dev/odd.json": file(odd)})
    assert len(found.file.workflows) == 1
    assert found.problems == ()


def test_unchanged_files_are_not_read_again() -> None:
    files = {**of_dev(), **of_prod(TWO), "dev/plain.json": file(workflow(name="Plain"))}
    known = declared(files).file
    tree = Tree(files)
    assert tree.declare(known).file == known
    assert tree.asked == []


@pytest.mark.parametrize(
    ("edit", "read"),
    [
        pytest.param({"dev/orders.json": file(workflow(name="x"))}, 4, id="a file, and all copies of its workflow"),
        pytest.param({"dev/orders.wfo.json": sidecar(ONE, description="x")}, 4, id="a sidecar, and its other copies"),
        pytest.param({"dev/plain.json": file(workflow(name="x"))}, 1, id="a plain file"),
        pytest.param({"dev/new.json": file(workflow(name="x"))}, 1, id="a new file"),
    ],
)
def test_only_what_changed_is_read_again(edit, read) -> None:
    files = {**of_dev(), **of_prod(), "dev/plain.json": file(workflow(name="Plain"))}
    tree = Tree({**files, **edit})
    assert tree.declare(declared(files).file) == declared({**files, **edit})
    assert len(tree.asked) == read


def test_another_canonical_form_is_read_anew() -> None:
    known = declared(of_dev()).file
    older = replace(
        known,
        canonical_form=CANONICAL_FORM - 1,
        workflows={
            ONE: replace(
                known.workflows[ONE],
                copies={"dev": replace(known.workflows[ONE].copies["dev"], content_hash="of the older form")},
            )
        },
    )
    tree = Tree(of_dev())
    assert tree.declare(older).file == known
    assert len(tree.asked) == 2


def test_a_renamed_environment_is_read_anew() -> None:
    known = Tree(of_dev()).declare(folders={"dev": "dev"}).file
    again = Tree(of_dev()).declare(known, folders={"development": "dev"}).file
    assert {*again.workflows[ONE].copies} == {"development"}


def test_what_is_declared_can_be_stored_whatever_stands_in_it() -> None:
    odd = b'{"canonical_id": "' + ONE.encode() + b'", "canonical_slug": "orders", "description": "\\ud83d"}'
    found = declared({"dev/orders.json": file(workflow(name="a\ud83d")), "dev/orders.wfo.json": odd})
    assert found.file.workflows[ONE].copies["dev"].name == "a\ufffd"
    assert encode(found.file)


CONTENTS = st.sampled_from(
    [None, BROKEN, file(), file(workflow(name="b")), file(workflow(name="b", id="w1", active=False))]
)
SIDECARS = st.sampled_from(
    [
        None,
        None,
        BROKEN,
        sidecar(ONE),
        sidecar(ONE, created_at=None, description="undated"),
        sidecar(ONE, created_at="2026-01-01T00:00:00Z", description="old"),
        sidecar(TWO, n8n_workflow_id="w2"),
        sidecar(THREE, created_by="olive"),
    ]
)
PATHS = ("dev/a.json", "dev/b.json", "live/prod/a.json", "live/prod/sub/b.json")
COMMITS = st.fixed_dictionaries({path: st.tuples(CONTENTS, SIDECARS) for path in PATHS})


def files_of(commit: Mapping[str, tuple[bytes | None, bytes | None]]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path, (content, beside) in commit.items():
        if content is not None:
            files[path] = content
        if beside is not None:
            files[sidecar_path(path)] = beside
    return files


def without_descriptions(found: CanonicalFile, ids: Iterable[str]) -> CanonicalFile:
    """Leave out the words of workflows that two files of one environment claim, which is an error of its own."""
    plain = {"canonical_slug": "", "description": "", "tags": (), "created_by": None, "created_at": None}
    workflows = {each: replace(held, **plain) if each in ids else held for each, held in found.workflows.items()}
    return replace(found, workflows=workflows, unreadable_paths={})


@settings(LAW, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(COMMITS, min_size=2, max_size=4))
def test_remembering_comes_to_the_same_as_reading_everything(commits) -> None:
    known: CanonicalFile | None = None
    twice: set[str] = set()
    for commit in commits:
        fresh, remembered = declared(files_of(commit)), declared(files_of(commit), known)
        twice |= {each for each in fresh.file.workflows if any(each in p.message for p in fresh.problems)}
        assert without_descriptions(remembered.file, twice) == without_descriptions(fresh.file, twice)
        assert remembered.problems == fresh.problems
        assert {*remembered.unreadable} == {*fresh.unreadable}
        known = remembered.file


@LAW
@given(st.lists(COMMITS, min_size=2, max_size=2))
def test_no_file_that_is_there_counts_as_removed(commits) -> None:
    before = declared(files_of(commits[0])).file
    files = files_of(commits[1])
    found = declared(files, before)
    for canonical_id, held in before.workflows.items():
        for environment, copy in held.copies.items():
            if files.get(copy.git_file_path) == BROKEN and files.get(sidecar_path(copy.git_file_path)) == BROKEN:
                assert canonical_id in found.unreadable[environment]
