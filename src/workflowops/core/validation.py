"""All workflow files and sidecars of a repository, each by itself and against each other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflowops.core.configuration import Configuration, Environment
from workflowops.core.json_document import JsonDocument, read_json
from workflowops.core.naming import (
    WORKFLOW_SUFFIX,
    folded_path,
    is_sidecar_path,
    is_workflow_path,
    path_fault,
    slug_of,
)
from workflowops.core.problems import Place, Problem, in_order, shown
from workflowops.core.sidecar import (
    LARGEST_FILE,
    Sidecar,
    derived_canonical_id,
    parse_sidecar,
    sidecar_path,
    workflow_path,
)
from workflowops.core.workflow_file import parse_workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    """A workflow file whose identity is known. `sidecar` is None where the identity is derived from the path."""

    environment: str
    path: str
    path_in_folder: str
    canonical_id: str
    canonical_slug: str
    sidecar: Sidecar | None


_Rule = Callable[[Sequence[_Copy]], Iterator[Problem]]


def validate_repository(configuration: Configuration, files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Say everything that is wrong with the files of all environments' folders.

    `files` is content by path from the root of the repository; what lies in no folder and what is no workflow or
    sidecar is passed over. A file without a sidecar is legal: a warning offers the id that it has meanwhile.
    """
    problems: list[Problem] = []
    copies: list[_Copy] = []
    inside: list[str] = []
    for environment in configuration.environments.values():
        paths = [path for path in sorted(files) if path.startswith(f"{environment.folder}/")]
        inside.extend(paths)
        found, read = _environment(environment, paths, files)
        problems.extend(found)
        copies.extend(read)
    problems.extend(_paths_that_clash(inside))
    for rule in _RULES:
        problems.extend(_placed(problem, files) for problem in rule(copies))
    return in_order(problems)


def _environment(
    environment: Environment, paths: Sequence[str], files: Mapping[str, bytes]
) -> tuple[list[Problem], list[_Copy]]:
    problems: list[Problem] = []
    copies: list[_Copy] = []
    for path in paths:
        if is_workflow_path(path):
            document, found = parse_workflow(files[path], path=path)
            problems.extend(found)
            sidecar = files.get(sidecar_path(path))
            if document is not None or sidecar is not None:
                copy, found = _copy(environment, path, sidecar)
                problems.extend(found)
                copies.extend([copy] if copy is not None else [])
        elif is_sidecar_path(path) and workflow_path(path) not in files:
            problems.extend([*parse_sidecar(files[path], path=path)[1], _orphan(path)])
        elif path.lower().endswith(WORKFLOW_SUFFIX) and not is_sidecar_path(path):
            problems.append(_not_read(path))
        fault = path_fault(path) if is_workflow_path(path) or is_sidecar_path(path) else None
        if fault is not None:
            message, fix = f"The path {shown(path)} {fault}.", "Rename it, so that every system can check it out."
            problems.append(Problem.warning(path, rule="bad-path", message=message, fix=fix))
    return problems, copies


def _copy(environment: Environment, path: str, sidecar: bytes | None) -> tuple[_Copy | None, tuple[Problem, ...]]:
    """Learn who a file is; None when its sidecar cannot be read."""
    path_in_folder = path.removeprefix(f"{environment.folder}/")
    read, problems = (None, ()) if sidecar is None else parse_sidecar(sidecar, path=sidecar_path(path))
    if sidecar is not None and read is None:
        return None, problems
    derived_slug = slug_of(path_in_folder.removesuffix(WORKFLOW_SUFFIX))
    copy = _Copy(
        environment=environment.name,
        path=path,
        path_in_folder=path_in_folder,
        canonical_id=derived_canonical_id(path_in_folder) if read is None else read.canonical_id,
        canonical_slug=derived_slug if read is None else read.canonical_slug,
        sidecar=read,
    )
    return copy, problems


def _orphan(path: str) -> Problem:
    return Problem.error(
        path,
        rule="sidecar-without-workflow",
        message=f"The sidecar belongs to {shown(workflow_path(path))}, which does not exist.",
        fix="Rename it as the workflow file was renamed, or delete it: a file without its sidecar is another workflow.",
    )


def _not_read(path: str) -> Problem:
    message = f"{shown(path)} is not read: it is hidden, or does not end in {WORKFLOW_SUFFIX} in lower case."
    return Problem.warning(path, rule="file-not-read", message=message, fix="Rename it if it is a workflow.")


def _paths_that_clash(paths: Sequence[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path in paths:
        other = first.setdefault(folded_path(path), path)
        if other != path:
            message = f"{shown(path)} and {shown(other)} are one file where upper and lower case are the same."
            yield Problem.error(path, rule="paths-clash", message=message, fix="Rename one of the two.")


def _ids_are_unique(copies: Sequence[_Copy]) -> Iterator[Problem]:
    """A canonical_id comes once in an environment."""
    first: dict[tuple[str, str], _Copy] = {}
    for copy in copies:
        other = first.setdefault((copy.environment, copy.canonical_id), copy)
        if other is not copy:
            message = f"The canonical_id {shown(copy.canonical_id)} is that of {shown(other.path)} in this environment."
            fix = "Give the newer of the two a canonical_id of its own."
            yield _error(copy, "canonical-id-twice", message, fix)


def _n8n_ids_are_unique(copies: Sequence[_Copy]) -> Iterator[Problem]:
    """A workflow of an instance is one file."""
    first: dict[tuple[str, str], _Copy] = {}
    for copy in copies:
        own = None if copy.sidecar is None else copy.sidecar.n8n_workflow_id
        if own is None:
            continue
        other = first.setdefault((copy.environment, own), copy)
        if other is not copy:
            message = f"The n8n_workflow_id {shown(own)} is that of {shown(other.path)} in this environment."
            yield _error(
                copy, "n8n-workflow-id-twice", message, "Take it out of the sidecar that it does not belong to."
            )


def _slugs_are_unique(copies: Sequence[_Copy]) -> Iterator[Problem]:
    """A slug is one workflow's, over all environments; a workflow has one slug."""
    by_slug: dict[str, _Copy] = {}
    by_id: dict[str, _Copy] = {}
    for copy in sorted(copies, key=lambda each: each.sidecar is None):
        other = by_slug.setdefault(copy.canonical_slug, copy)
        if other.canonical_id != copy.canonical_id:
            message = (
                f"The slug {shown(copy.canonical_slug)} is that of {shown(other.path)}, which is another workflow."
            )
            fix = "Give one of the two another canonical_slug, or the same canonical_id if they are one workflow."
            yield (
                _error(copy, "slug-twice", message, fix) if copy.sidecar else _warning(copy, "slug-twice", message, fix)
            )
        same = by_id.setdefault(copy.canonical_id, copy)
        if same.canonical_slug != copy.canonical_slug and copy.sidecar is not None:
            message = f"{shown(same.path)} is the same workflow and has the slug {shown(same.canonical_slug)}."
            yield _warning(copy, "slug-differs", message, "Write the same canonical_slug into both sidecars.")


def _sidecars_are_there(copies: Sequence[_Copy]) -> Iterator[Problem]:
    """A file without a sidecar is offered one, with the identity of its copy in another environment if there is one."""
    known = {copy.path_in_folder: copy for copy in reversed(copies) if copy.sidecar is not None}
    for copy in copies:
        if copy.sidecar is not None:
            continue
        twin = known.get(copy.path_in_folder)
        if twin is None:
            message = "The file has no sidecar; until it has one, its identity hangs on its path."
            offered = copy
        else:
            message = f"The file has no sidecar, so it is another workflow than {shown(twin.path)}."
            offered = twin
        content = f'{{"canonical_id": "{offered.canonical_id}", "canonical_slug": "{offered.canonical_slug}"}}'
        fix = f"Write {shown(sidecar_path(copy.path), longest=200)} with `{content}`."
        yield _warning(copy, "no-sidecar", message, fix)


_RULES: tuple[_Rule, ...] = (_ids_are_unique, _n8n_ids_are_unique, _slugs_are_unique, _sidecars_are_there)
_KEYS = {
    "canonical-id-twice": "canonical_id",
    "n8n-workflow-id-twice": "n8n_workflow_id",
    "slug-differs": "canonical_slug",
    "slug-twice": "canonical_slug",
}


def _error(copy: _Copy, rule: str, message: str, fix: str) -> Problem:
    path = copy.path if copy.sidecar is None else sidecar_path(copy.path)
    return Problem.error(path, rule=rule, message=message, fix=fix)


def _warning(copy: _Copy, rule: str, message: str, fix: str) -> Problem:
    path = copy.path if copy.sidecar is None else sidecar_path(copy.path)
    return Problem.warning(path, rule=rule, message=message, fix=fix)


def _placed(problem: Problem, files: Mapping[str, bytes]) -> Problem:
    """Add the line of the sidecar's key that a problem is about."""
    key = _KEYS.get(problem.rule)
    if key is None or not is_sidecar_path(problem.path):
        return problem
    document = read_json(files[problem.path], path=problem.path, limit=LARGEST_FILE)
    place: Place | None = document.place_of((key,)) if isinstance(document, JsonDocument) else None
    made = Problem.error if problem.is_error else Problem.warning
    return made(problem.path, rule=problem.rule, message=problem.message, fix=problem.fix, place=place)
