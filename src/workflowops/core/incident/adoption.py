"""Adoption: n8n's version of an incident's workflows, as the files that Git would hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.canonical import CanonicalForm, canonicalize
from workflowops.core.drift import WorkflowDrift
from workflowops.core.field_path import parse_path
from workflowops.core.fields import are_equal
from workflowops.core.incident.affected import TAKEN_BACK, AffectedNow
from workflowops.core.incident.issue import PullRequest
from workflowops.core.incident.prospect import Expected, Prospect, is_all_of_n8n
from workflowops.core.incident.record import ResolutionType
from workflowops.core.json import Json
from workflowops.core.problems import has_error
from workflowops.core.secrets import SuspectedSecret, find_secrets, mask
from workflowops.core.sidecar import Sidecar, render_sidecar, sidecar_path
from workflowops.core.standing import DriftKind
from workflowops.core.workflow_file import parse_workflow, render_workflow, tag_names
from workflowops.errors import ExitCode, WorkflowOpsError

_MOST_SECRETS_NAMED = 5

ALLOW_SECRETS = "If these are no secrets: `/adopt allow_secrets=yes`."
"""Our own words, which look like a secret to whoever masks texts."""


def adoption_marker(incident: int) -> str:
    """Answer what the body of the pull request ends with, so that it can be told from other people's."""
    return f"<!-- workflowops:adopt {incident} -->"


class Adopting(StrEnum):
    """What becomes of the file of one workflow."""

    WRITTEN = "written"
    DELETED = "deleted"
    LEFT = "left"  # there is nothing to adopt
    REFUSED = "refused"  # there is, and it must not be or cannot be written


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedWorkflow:
    """What becomes of one workflow of the incident. `files` are the paths that change; `reason` and `fix` say why not.

    `overrules_git` says that Git had changed as well, and that this change is lost by adopting n8n's version.
    """

    workflow: WorkflowDrift
    adopting: Adopting
    files: tuple[str, ...] = ()
    overrules_git: bool = False
    reason: str | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """The files to propose (None: delete), by path from the repository's root, and what becomes of each workflow."""

    files: Mapping[str, bytes | None]
    workflows: tuple[AdoptedWorkflow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What came of adopting an incident's workflows.

    Without `branch` nothing was written. `is_new` says that a commit was pushed just now, `is_ours` that nobody else
    has pushed onto the branch. `prospect` is what merging leads to. `problem` and `fix` say what kept the rest from
    being done; `exit_code` how bad that is.
    """

    incident: int
    environment: str
    title: str
    workflows: tuple[AdoptedWorkflow, ...] = ()
    branch: str | None = None
    commit: str | None = None
    is_new: bool = False
    is_ours: bool = True
    is_dry_run: bool = False
    prospect: Prospect | None = None
    pull_request: PullRequest | None = None
    problem: str | None = None
    fix: str | None = None
    exit_code: ExitCode = ExitCode.DONE

    def of(self, *kinds: Adopting) -> tuple[AdoptedWorkflow, ...]:
        """Answer the workflows that come to one of these."""
        return tuple(each for each in self.workflows if each.adopting in kinds)


def plan_adoption(candidates: Sequence[AffectedNow], *, allow_secrets: bool) -> AdoptionPlan:
    """Write n8n's version of every workflow that drifted into its file, or say why not.

    Only what somebody changed in n8n is taken over: where Git is ahead, or is silent, its file keeps that. A workflow
    that is gone from n8n, or archived there, loses its file and its sidecar. What looks like a secret and is not in the
    file yet is refused by name. Every file is read again, and refused when it does not say what n8n runs.
    """
    files: dict[str, bytes | None] = {}
    workflows: list[AdoptedWorkflow] = []
    for now in candidates:
        adopted, written = _adopted(now, allow_secrets=allow_secrets)
        files |= written
        workflows.append(adopted)
    return AdoptionPlan(files, tuple(workflows))


def expected_of(candidates: Sequence[AffectedNow], adopted: Sequence[AdoptedWorkflow]) -> tuple[Expected, ...]:
    """Say what becomes of each workflow once the files are merged, in the order of the plan.

    How its drift went away can be told beforehand only while n8n runs what the record knows.
    """
    return tuple(_expected(now, each) for now, each in zip(candidates, adopted, strict=True))


def _expected(now: AffectedNow, adopted: AdoptedWorkflow) -> Expected:
    is_proposed = adopted.adopting in (Adopting.WRITTEN, Adopting.DELETED)
    is_known = is_all_of_n8n(now) and now.verdict is not None and now.verdict.live_key == now.recorded.live_key
    return Expected(
        workflow=adopted.workflow,
        is_proposed=is_proposed,
        resolution=ResolutionType.ACCEPTED_RUNTIME_CHANGES if is_proposed and is_known else None,
    )


def new_secrets(document: Json, *, known: Json) -> tuple[SuspectedSecret, ...]:
    """List what looks like a secret in a document and does not stand, the same, in the `known` one already."""
    held: set[str] = set()
    mask(known, hidden=held)
    shown: set[str] = set()
    mask(document, hidden=shown)
    fresh = shown - held
    return tuple(secret for secret in find_secrets(document) if _is_fresh(secret, document, shown, fresh))


def _is_fresh(secret: SuspectedSecret, document: Json, shown: set[str], fresh: set[str]) -> bool:
    """Say whether the value at the place of a secret holds a secret text that is new; where in doubt it is new."""
    text = _text_at(document, secret.path)
    if text is None or not any(each in text for each in shown):
        return True
    return any(each in text for each in fresh)


def _text_at(document: Json, path: str) -> str | None:
    current = document
    for part in parse_path(path):
        if isinstance(current, dict) and part in current:
            current = current[str(part)]
        elif isinstance(current, list) and isinstance(part, int) and part < len(current):
            current = current[part]
        else:
            return None
    return None if isinstance(current, dict | list) or current is None else str(current)


def _adopted(now: AffectedNow, *, allow_secrets: bool) -> tuple[AdoptedWorkflow, dict[str, bytes | None]]:
    verdict = now.verdict
    if verdict is None or verdict.kind is DriftKind.IN_SYNC:
        return _left(now, TAKEN_BACK), {}
    if verdict.kind is DriftKind.UNKNOWN:
        reason = verdict.problem or "It cannot be compared."
        return _refused(now, reason, fix="Put that right, and ask again."), {}
    if now.copy is None:
        return _refused(now, *_without_file(now)), {}
    if verdict.kind is DriftKind.MISSING:
        path = now.copy.git_file_path
        paths = (path, sidecar_path(path)) if now.has_sidecar else (path,)
        return AdoptedWorkflow(workflow=now.drift, adopting=Adopting.DELETED, files=paths), dict.fromkeys(paths)
    if not (now.has_other_content or now.is_switched or now.is_tagged):
        return _left(now, "Git is ahead of n8n, and nobody edited n8n"), {}
    return _written(now, allow_secrets=allow_secrets)


def _left(now: AffectedNow, reason: str) -> AdoptedWorkflow:
    return AdoptedWorkflow(workflow=now.drift, adopting=Adopting.LEFT, reason=reason)


def _refused(now: AffectedNow, reason: str, fix: str) -> AdoptedWorkflow:
    return AdoptedWorkflow(workflow=now.drift, adopting=Adopting.REFUSED, reason=reason, fix=fix)


def _without_file(now: AffectedNow) -> tuple[str, str]:
    """Say what to do about a workflow whose file is gone, or cannot be read, while n8n has moved."""
    drift = now.drift
    if drift.problem is not None:
        return drift.problem, "Put that file right or delete it, and ask again."
    return (
        "Git has no file for it any more, so there is none to write n8n's version into.",
        f"Run `workflowops onboard --workflow {drift.workflow_id}` to put it under Git again, or archive it in n8n.",
    )


def _written(now: AffectedNow, *, allow_secrets: bool) -> tuple[AdoptedWorkflow, dict[str, bytes | None]]:
    path = "" if now.copy is None else now.copy.git_file_path
    known, _ = parse_workflow(now.file or b"", path=path)
    if now.live is None or known is None:
        which = "What n8n runs" if now.live is None else "The file in Git"
        return _refused(now, f"{which} could not be read.", fix="Ask again in a minute."), {}
    document = _document(now, now.live, known)
    try:
        content = render_workflow(document)
    except WorkflowOpsError as error:
        return _refused(now, str(error), fix=error.fix), {}
    again, problems = parse_workflow(content, path=path)
    if again is None or has_error(problems) or not _says(again, document):
        return _refused(now, *_NOT_THE_SAME), {}
    found = () if allow_secrets else new_secrets(again, known=known)
    if found:
        return _refused(now, *_told(found)), {}
    if content == now.file:
        return _left(now, "its file says that already"), {}
    files: dict[str, bytes | None] = {path: content, **_identity(now, known)}
    adopted = AdoptedWorkflow(
        workflow=now.drift,
        adopting=Adopting.WRITTEN,
        files=tuple(files),
        overrules_git=now.verdict is not None and now.verdict.content is DriftKind.CONFLICT,
    )
    return adopted, files


_NOT_THE_SAME = (
    "Read back from a file, it would not be what n8n runs, so it is not written.",
    "Export it from n8n by hand, and tell us about this workflow: it should not happen.",
)


def _document(now: AffectedNow, live: Mapping[str, Json], known: Mapping[str, Json]) -> dict[str, Json]:
    """Take over what somebody changed in n8n, and keep what Git says about the rest; where it says nothing, nothing."""
    source = live if now.has_other_content else known
    document = {key: value for key, value in source.items() if key not in ("active", "tags")}
    for key, is_changed in (("active", now.is_switched), ("tags", now.is_tagged)):
        if is_changed:
            document[key] = live[key]
        elif key in known:
            document[key] = known[key]
    return document


def _says(file: Mapping[str, Json], document: Mapping[str, Json]) -> bool:
    """Say whether a file that was read again says what it was written from."""
    read, meant = canonicalize(file), canonicalize(document)
    return (
        _equal(read, meant)
        and file.get("active") == document.get("active")
        and tag_names(file.get("tags")) == tag_names(document.get("tags"))
    )


def _equal(one: CanonicalForm, other: CanonicalForm) -> bool:
    return are_equal(one.logic, other.logic) and are_equal(one.references, other.references)


def _identity(now: AffectedNow, known: Mapping[str, Json]) -> dict[str, bytes | None]:
    """Answer a sidecar for a plain export, whose own `id` ties it to n8n and is no part of the file as we write it."""
    verdict = now.verdict
    if now.has_sidecar or not known.get("id") or verdict is None or now.copy is None:
        return {}
    sidecar = Sidecar(
        canonical_id=verdict.canonical_id or "",
        canonical_slug=verdict.canonical_slug or "",
        n8n_workflow_id=verdict.workflow_id,
    )
    return {sidecar_path(now.copy.git_file_path): render_sidecar(sidecar)}


def _told(found: Sequence[SuspectedSecret]) -> tuple[str, str]:
    places = "; ".join(
        f"{each.path}{'' if each.node_name is None else f' of node {each.node_name!r}'} ({each.kind})"
        for each in found[:_MOST_SECRETS_NAMED]
    )
    more = f" and {len(found) - _MOST_SECRETS_NAMED} more" if len(found) > _MOST_SECRETS_NAMED else ""
    return (
        f"It holds what looks like a secret that Git does not hold yet: {places}{more}.",
        f"Move it into a credential in n8n and ask again. {ALLOW_SECRETS}",
    )
