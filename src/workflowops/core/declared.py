"""What Git declares: the workflow files of a commit, with their identity and digests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.core.canonical import CANONICAL_FORM, canonicalize, digests
from workflowops.core.json import Json, printable
from workflowops.core.naming import is_workflow_path, slug_of
from workflowops.core.problems import Problem, Severity
from workflowops.core.records import CanonicalFile, CanonicalWorkflow, DeclaredCopy
from workflowops.core.sidecar import Sidecar, derived_canonical_id, parse_sidecar, sidecar_path
from workflowops.core.workflow_file import parse_workflow, tag_names


@dataclass(frozen=True, slots=True)
class FilePair:
    """A workflow file and the blob of its sidecar, where it has one."""

    environment: str
    path: str
    path_in_folder: str
    blob: str
    sidecar_blob: str | None


@dataclass(frozen=True, slots=True)
class Declaration:
    """The canonical workflows of a commit, and what was wrong with files that could not be taken.

    `unreadable` is environment -> canonical id -> reason, for files that are there and cannot be read: their workflows
    must not be taken for removed from Git.
    """

    file: CanonicalFile
    problems: tuple[Problem, ...]
    unreadable: Mapping[str, Mapping[str, str]]


Remembered = Mapping[tuple[str, str | None, str], tuple[CanonicalWorkflow, DeclaredCopy]]


def pair_files(environment: str, folder: str, blobs: Mapping[str, str]) -> tuple[FilePair, ...]:
    """Pair the workflow files below a folder with their sidecars; `blobs` is path from the root -> blob."""
    prefix = f"{folder.rstrip('/')}/"
    return tuple(
        FilePair(environment, path, path.removeprefix(prefix), blob, blobs.get(sidecar_path(path)))
        for path, blob in sorted(blobs.items())
        if path.startswith(prefix) and is_workflow_path(path)
    )


def remember(known: CanonicalFile | None, pairs: Sequence[FilePair]) -> Remembered:
    """Index what is known by content and path, so that workflows none of whose files changed are not read again.

    All copies of a workflow stand or fall together, because they share its description.
    """
    if known is None or known.canonical_form != CANONICAL_FORM:
        return {}
    present = {(pair.blob, pair.sidecar_blob, pair.path, pair.environment) for pair in pairs}
    remembered: dict[tuple[str, str | None, str], tuple[CanonicalWorkflow, DeclaredCopy]] = {}
    for workflow in known.workflows.values():
        keys = {
            (copy.git_blob, copy.sidecar_blob, copy.git_file_path, environment)
            for environment, copy in workflow.copies.items()
        }
        if keys <= present:
            for copy in workflow.copies.values():
                remembered[copy.git_blob, copy.sidecar_blob, copy.git_file_path] = workflow, copy
    return remembered


def unread_blobs(pairs: Sequence[FilePair], remembered: Remembered) -> tuple[str, ...]:
    """Name the blobs that `declare` asks for, in the order in which it asks."""
    wanted: list[str] = []
    for pair in pairs:
        if _key(pair) not in remembered:
            wanted.append(pair.blob)
            if pair.sidecar_blob is not None:
                wanted.append(pair.sidecar_blob)
    return tuple(wanted)


def declare(
    pairs: Sequence[FilePair], *, commit: str, known: CanonicalFile | None, content: Callable[[str], bytes]
) -> Declaration:
    """Make the canonical records of a commit.

    A file without a sidecar is taken under an id derived from its path. A file that cannot be read, and the second of
    two that claim one id within an environment, are reported and left out; the others are not affected. Which of the
    two is meant nobody can say, so their workflow counts as unreadable.
    """
    remembered = remember(known, pairs)
    gathered = _Gathered({}, [], {}, {}, _ids_by_path(known))
    for pair in pairs:
        read = remembered.get(_key(pair)) or _read(pair, content, gathered)
        if read is not None:
            _add(pair, *read, gathered)
    return Declaration(
        CanonicalFile(
            canonical_form=CANONICAL_FORM,
            git_commit_sha=commit,
            workflows=gathered.workflows,
            unreadable_paths=gathered.unreadable_paths,
        ),
        tuple(gathered.problems),
        gathered.unreadable,
    )


@dataclass(slots=True)
class _Gathered:
    """What has been declared so far."""

    workflows: dict[str, CanonicalWorkflow]
    problems: list[Problem]
    unreadable: dict[str, dict[str, str]]
    unreadable_paths: dict[str, str]
    ids_by_path: Mapping[str, str]


def _key(pair: FilePair) -> tuple[str, str | None, str]:
    return pair.blob, pair.sidecar_blob, pair.path


def _ids_by_path(known: CanonicalFile | None) -> dict[str, str]:
    if known is None:
        return {}
    return known.unreadable_paths | {
        copy.git_file_path: canonical_id
        for canonical_id, workflow in known.workflows.items()
        for copy in workflow.copies.values()
    }


def _add(pair: FilePair, workflow: CanonicalWorkflow, copy: DeclaredCopy, gathered: _Gathered) -> None:
    held = gathered.workflows.get(workflow.canonical_id)
    if held is not None and pair.environment in held.copies:
        first = held.copies[pair.environment].git_file_path
        problem = _claimed_twice(pair, first, workflow.canonical_id)
        gathered.problems.append(problem)
        told = f"{pair.path}: {problem.message}"
        gathered.unreadable.setdefault(pair.environment, {})[workflow.canonical_id] = told
        return
    copies = {} if held is None else held.copies
    base = workflow if held is None else min(held, workflow, key=_seniority)
    gathered.workflows[workflow.canonical_id] = replace(base, copies={**copies, pair.environment: copy})


def _seniority(workflow: CanonicalWorkflow) -> tuple[bool, str, str, str, tuple[str, ...], str]:
    """The sidecar that was written first describes the workflow, in whatever order the copies are read."""
    return (
        workflow.created_at is None,
        workflow.created_at or "",
        workflow.canonical_slug,
        workflow.description,
        workflow.tags,
        workflow.created_by or "",
    )


def _claimed_twice(pair: FilePair, first: str, canonical_id: str) -> Problem:
    return Problem(
        path=pair.path,
        line=None,
        column=None,
        rule="canonical-id-twice",
        message=f"The canonical_id {canonical_id} is already that of {first} in this environment.",
        fix="Give one of the two files a sidecar with a canonical_id of its own.",
        severity=Severity.ERROR,
    )


def _read(
    pair: FilePair, content: Callable[[str], bytes], gathered: _Gathered
) -> tuple[CanonicalWorkflow, DeclaredCopy] | None:
    document, problems = parse_workflow(content(pair.blob), path=pair.path)
    sidecar: Sidecar | None = None
    if pair.sidecar_blob is not None:
        sidecar, found = parse_sidecar(content(pair.sidecar_blob), path=sidecar_path(pair.path))
        problems = (*problems, *found)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    gathered.problems.extend(errors)
    if document is not None and (sidecar is not None or pair.sidecar_blob is None):
        return _described(pair, sidecar), _copy(pair, document, sidecar)
    canonical_id = _described(pair, sidecar).canonical_id
    if sidecar is None and pair.sidecar_blob is not None:
        canonical_id = gathered.ids_by_path.get(pair.path, canonical_id)
        gathered.unreadable_paths[pair.path] = canonical_id
    reason = "; ".join(problem.message for problem in errors) or "It cannot be read."
    gathered.unreadable.setdefault(pair.environment, {})[canonical_id] = f"{pair.path}: {reason}"
    return None


def _copy(pair: FilePair, document: Mapping[str, Json], sidecar: Sidecar | None) -> DeclaredCopy:
    form = canonicalize(document)
    hashes = digests(form)
    active = document.get("active")
    tags = tag_names(document.get("tags"))
    return DeclaredCopy(
        git_file_path=pair.path,
        git_blob=pair.blob,
        sidecar_blob=pair.sidecar_blob,
        name=printable(str(document.get("name") or "")),
        content_hash=hashes.logic,
        layout_hash=hashes.layout,
        bindings_hash=hashes.bindings,
        references=form.references,
        active=active if isinstance(active, bool) else None,
        tags=None if tags is None else tuple(sorted({printable(tag) for tag in tags})),
        n8n_workflow_id=_own_id(sidecar, document),
    )


def _described(pair: FilePair, sidecar: Sidecar | None) -> CanonicalWorkflow:
    if sidecar is None:
        stem = pair.path_in_folder.removesuffix(".json")
        return CanonicalWorkflow(canonical_id=derived_canonical_id(pair.path_in_folder), canonical_slug=slug_of(stem))
    return CanonicalWorkflow(
        canonical_id=sidecar.canonical_id,
        canonical_slug=sidecar.canonical_slug,
        description=sidecar.description,
        tags=sidecar.tags,
        created_by=sidecar.created_by,
        created_at=sidecar.created_at,
    )


def _own_id(sidecar: Sidecar | None, document: Mapping[str, Json]) -> str | None:
    """The id in this environment: the sidecar's word, else the one a plain export carries."""
    if sidecar is not None:
        return sidecar.n8n_workflow_id
    own = document.get("id")
    return own if isinstance(own, str) and own else None
