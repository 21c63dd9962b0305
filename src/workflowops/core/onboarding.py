"""Putting unmanaged workflows under Git: which files to write, and what is refused with what reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.incident.issue import PullRequest
from workflowops.core.json import Json
from workflowops.core.naming import check_slug, free_slug, slug_of, target_path
from workflowops.core.onboarding_needs import Needs, needs_of
from workflowops.core.onboarding_registry import Registry
from workflowops.core.records import CanonicalWorkflow
from workflowops.core.secrets import SuspectedSecret, find_secrets
from workflowops.core.sidecar import Sidecar, render_sidecar, sidecar_path
from workflowops.core.workflow_file import render_workflow
from workflowops.errors import BlockedError, ConfigurationError, ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An unmanaged workflow of an environment, with the document that n8n runs."""

    environment: str
    folder: str
    workflow_id: str
    name: str
    document: Mapping[str, Json]
    active: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which workflows to onboard: all unmanaged ones, or those named by n8n id. `branch` is for a direct commit."""

    workflow_ids: tuple[str, ...] = ()
    is_all: bool = False
    message: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the form of walkthrough 4 asks for. `slug` and `file` are for one workflow; None lets the name decide."""

    slug: str | None = None
    file: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    allow_secrets: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Onboarded:
    """A workflow that gets a file. `canonical_id` is that of another environment's copy where they are the same.

    `suspected` are the places of what looks like a secret in it and was let through.
    """

    environment: str
    workflow_id: str
    workflow_name: str
    canonical_id: str
    canonical_slug: str
    git_file_path: str
    is_tied: bool
    content_hash: str = ""
    node_count: int = 0
    active: bool = False
    needs: Needs = field(default_factory=Needs)
    suspected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A workflow that is not onboarded, and why; `pull_request` is the number of the one that holds it already."""

    environment: str
    workflow_id: str
    workflow_name: str
    reason: str
    fix: str
    pull_request: int | None = None


@dataclass(frozen=True, slots=True)
class OnboardingPlan:
    """The files to commit, by path from the repository's root, and what they stand for."""

    files: Mapping[str, bytes]
    onboarded: tuple[Onboarded, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingOutcome:
    """What was put under Git. `commit_sha` is None when nothing was committed; `failed` is environment -> reason.

    `awaits_merge` says that the commit is not what the default branch holds, so that nothing is linked yet. Where it is
    proposed (`is_proposal`), `branch` holds the commit and `pull_request` leads to it; `problem` and `fix` say why none
    could be opened, and `is_ours` is False when somebody else has pushed onto the branch as well. `waiting` counts the
    workflows that were meant by "all" and wait in pull requests already.
    """

    onboarded: tuple[Onboarded, ...]
    refused: tuple[Refusal, ...]
    files: tuple[str, ...]
    commit_sha: str | None = None
    branch: str | None = None
    is_local_up_to_date: bool = False
    failed: Mapping[str, str] = field(default_factory=dict)
    waiting: int = 0
    state_problem: str | None = None
    awaits_merge: bool = False
    is_proposal: bool = False
    is_ours: bool = True
    pull_request: PullRequest | None = None
    problem: str | None = None
    fix: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """Answer what the shell is told: an instance, GitHub or the state that failed outranks a refusal."""
        if self.failed or self.state_problem is not None or self.problem is not None:
            return ExitCode.REMOTE
        return ExitCode.RULE if self.refused else ExitCode.DONE


def plan_onboarding(
    candidates: Sequence[Candidate],
    *,
    wishes: Wishes,
    registry: Registry,
    author: str,
    now: str,
    new_id: Callable[[], str],
) -> OnboardingPlan:
    """Give every candidate a slug, a file and a sidecar, or a reason why not.

    A candidate whose logic equals exactly one canonical workflow that has no copy in its environment becomes a copy of
    it, so that the same workflow on three instances has one canonical id (walkthrough 1, match by hash). With
    `wishes.link`, an equal slug or an equal name that only one has is enough; files of this environment that wait for
    their workflow go first. Refused: a slug that is taken or is none, a path in use or outside of the environment's
    folder, what looks like a secret in the document.
    """
    files: dict[str, bytes] = {}
    onboarded: list[Onboarded] = []
    refused: list[Refusal] = []
    for candidate in candidates:
        try:
            entry, written = _onboard(candidate, wishes, registry, author=author, now=now, new_id=new_id)
        except (BlockedError, ConfigurationError) as error:
            refused.append(_refusal(candidate, str(error), error.fix))
            continue
        files |= written
        onboarded.append(entry)
    return OnboardingPlan(files, tuple(onboarded), tuple(refused))


def _refusal(candidate: Candidate, reason: str, fix: str) -> Refusal:
    return Refusal(
        environment=candidate.environment,
        workflow_id=candidate.workflow_id,
        workflow_name=candidate.name,
        reason=reason,
        fix=fix,
    )


def _onboard(
    candidate: Candidate,
    wishes: Wishes,
    registry: Registry,
    *,
    author: str,
    now: str,
    new_id: Callable[[], str],
) -> tuple[Onboarded, dict[str, bytes]]:
    digest = digests(canonicalize(candidate.document)).logic
    tied = _tied_to(candidate, wishes, registry, digest=digest)
    if tied is None:
        slug = _new_slug(candidate, wishes, registry)
        canonical_id = new_id()
    else:
        slug, canonical_id = registry.slug_of[tied], tied
    existing = registry.own_paths.get((canonical_id, candidate.environment))
    path = existing or _path(candidate, slug, wishes, registry)
    sidecar = Sidecar(
        canonical_id=canonical_id,
        canonical_slug=slug,
        description=wishes.description,
        tags=wishes.tags,
        created_by=author,
        created_at=now,
        n8n_workflow_id=candidate.workflow_id,
    )
    sidecar = _carried_on(sidecar, registry.described.get(canonical_id), has_file=existing is not None)
    files = {sidecar_path(path): render_sidecar(sidecar)}
    suspected: tuple[str, ...] = ()
    if existing is None:
        suspected = _let_through(candidate, wishes)
        files[path] = render_workflow(candidate.document)
    registry.add(canonical_id, slug, candidate.environment, name=candidate.name, digest=digest)
    registry.take(canonical_id, candidate.environment, path)
    entry = _onboarded(candidate, sidecar, path=path, is_tied=tied is not None)
    return replace(entry, content_hash=digest, suspected=suspected), files


def _onboarded(candidate: Candidate, sidecar: Sidecar, *, path: str, is_tied: bool) -> Onboarded:
    nodes = candidate.document.get("nodes")
    return Onboarded(
        environment=candidate.environment,
        workflow_id=candidate.workflow_id,
        workflow_name=candidate.name,
        canonical_id=sidecar.canonical_id,
        canonical_slug=sidecar.canonical_slug,
        git_file_path=path,
        is_tied=is_tied,
        node_count=len(nodes) if isinstance(nodes, list) else 0,
        active=candidate.active,
        needs=needs_of(candidate.document),
    )


def _carried_on(sidecar: Sidecar, described: CanonicalWorkflow | None, *, has_file: bool) -> Sidecar:
    """Keep what people said about a workflow that is known already, and who put a file there that exists."""
    if described is None:
        return sidecar
    is_old = has_file and described.created_at is not None
    return replace(
        sidecar,
        description=sidecar.description or described.description,
        tags=sidecar.tags or described.tags,
        created_by=described.created_by if is_old else sidecar.created_by,
        created_at=described.created_at if is_old else sidecar.created_at,
    )


def _tied_to(candidate: Candidate, wishes: Wishes, registry: Registry, *, digest: str) -> str | None:
    """Answer the canonical workflow that this is a copy of, where there is exactly one."""
    same = _elsewhere(registry.by_digest.get(digest, set()), candidate, registry)
    if len(same) == 1 and (wishes.slug is None or registry.slug_of[same[0]] == wishes.slug):
        return same[0]
    if not wishes.link:
        return None
    if wishes.slug is not None:
        chosen = registry.slugs.get(wishes.slug)
        if chosen is not None and (chosen, candidate.environment) in registry.linked:
            raise BlockedError(
                f"{wishes.slug!r} has a workflow in {candidate.environment} already.",
                fix="Choose another slug, or archive that workflow in n8n first.",
            )
        return chosen
    named = registry.by_name.get(candidate.name, set())
    elsewhere = _elsewhere(named, candidate, registry)
    waiting = [each for each in named.difference(elsewhere) if (each, candidate.environment) not in registry.linked]
    found = waiting or elsewhere
    return found[0] if len(found) == 1 else None


def _elsewhere(canonical_ids: set[str], candidate: Candidate, registry: Registry) -> list[str]:
    return [each for each in canonical_ids if candidate.environment not in registry.environments.get(each, set())]


def _new_slug(candidate: Candidate, wishes: Wishes, registry: Registry) -> str:
    if wishes.slug is None:
        slug = slug_of(candidate.name)
        return slug if slug not in registry.slugs else free_slug(slug, taken=registry.slugs.keys())
    check_slug(wishes.slug)
    if wishes.slug in registry.slugs:
        raise BlockedError(
            f"The canonical slug {wishes.slug!r} already exists.",
            fix="Choose another slug, or pass --link to make this workflow its copy in this environment.",
        )
    return wishes.slug


def _path(candidate: Candidate, slug: str, wishes: Wishes, registry: Registry) -> str:
    if wishes.file is not None:
        path = target_path(candidate.folder, wishes.file)
        if registry.is_in_use(path):
            raise BlockedError(
                f"{path} already exists in the repository, or a pull request proposes it.", fix="Choose another --file."
            )
        return path
    number = 1
    while True:
        name = slug if number == 1 else f"{slug}_{number}"
        path = target_path(candidate.folder, f"{candidate.folder}/{name}.json")
        if not registry.is_in_use(path):
            return path
        number += 1


def _let_through(candidate: Candidate, wishes: Wishes) -> tuple[str, ...]:
    """Name the places of what looks like a secret. Raises BlockedError for them unless they are meant."""
    found = tuple(_told(secret) for secret in find_secrets(dict(candidate.document)))
    if found and not wishes.allow_secrets:
        places = "; ".join(found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise BlockedError(
            f"It holds what looks like a secret: {places}{more}.",
            fix="Move it into a credential in n8n. If these are not secrets, pass --allow-secrets.",
        )
    return found


def _told(secret: SuspectedSecret) -> str:
    node = "" if secret.node_name is None else f" of node {secret.node_name!r}"
    return f"{secret.path}{node} ({secret.kind})"
