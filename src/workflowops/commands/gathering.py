"""GATHER: what Git declares and what the instances hold, read once for every command that compares."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from workflowops.commands.ports import N8nReader, StateView, Workspace
from workflowops.core.abilities import Abilities, read_abilities
from workflowops.core.configuration import Environment, connections
from workflowops.core.declared import Declaration, FilePair, declare, pair_files, remember, unread_blobs
from workflowops.core.listing import ListedWorkflow, OddWorkflow
from workflowops.core.mapping import Known, has_lost_its_files, is_another_instance, known_workflows, must_be_proven
from workflowops.core.observation import Observation, ObservedWorkflow, observe, set_aside
from workflowops.core.promotion.target import Credential
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    CurrentFile,
    EnvironmentRecord,
    MappingFile,
    current_path,
    decode,
    environment_path,
    mapping_path,
)
from workflowops.core.resources import Resources
from workflowops.core.sync import BATCH_SIZE
from workflowops.errors import (
    BlockedError,
    ConfigurationError,
    N8nAnswerError,
    N8nError,
    N8nForbiddenError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUnreachableError,
    WorkflowOpsError,
)

Keep = Callable[[Known, ObservedWorkflow], bool]
"""Whether the body of a workflow will be needed after its page is gone."""

OnBatch = Callable[[Sequence[ObservedWorkflow]], None]
"""Told after every batch of 25, with all that was processed so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a command wants of the instances beside their digests.

    `on_batch` is by environment. Without `trusts_abilities` the servers are asked again what their API can do. With
    `credentials` the names of the credentials are listed as well, with `resources` those of variables and data tables,
    where the server and the key let us.
    """

    keep: Keep
    on_batch: Mapping[str, OnBatch] = field(default_factory=dict)
    trusts_abilities: bool = True
    credentials: bool = False
    resources: bool = False


@dataclass(frozen=True, slots=True)
class Declared:
    """What Git declares at one commit, and every path of the environments' folders there.

    Unless `is_current`, the commit is not the tip of the remote's default branch: it can be compared with, but what is
    known of the instances must not be changed by it.
    """

    commit: str
    is_current: bool
    declaration: Declaration
    paths: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was found at one instance. Either `observation` is complete, or `failure` says why there is none.

    `credentials` is None where nobody asked for them, or the server lists none; `resources` tells nothing then.
    """

    environment: Environment
    observation: Observation | None = None
    bodies: Mapping[str, ListedWorkflow] = field(default_factory=dict)
    abilities: Abilities | None = None
    credentials: tuple[Credential, ...] | None = None
    resources: Resources = field(default_factory=Resources)
    failure: WorkflowOpsError | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Answer the n8n ids of all workflows that were seen, readable or not."""
        return frozenset(() if self.observation is None else (each.id for each in self.observation.workflows))


def read_declared(workspace: Workspace, view: StateView) -> Declared:
    """Read the workflow files of all environments at the declared commit; contents seen before are not read again."""
    commit = workspace.repository.resolve(workspace.ref)
    pairs: list[FilePair] = []
    paths: set[str] = set()
    for environment in workspace.configuration.environments.values():
        blobs = {file.path: file.blob for file in workspace.repository.tree(commit, environment.folder)}
        paths |= blobs.keys()
        pairs.extend(pair_files(environment.name, environment.folder, blobs))
    known = decode(view.read(CANONICAL_PATH), CanonicalFile, path=CANONICAL_PATH)
    wanted = unread_blobs(pairs, remember(known, pairs))
    if len(wanted) > 2 * BATCH_SIZE:
        workspace.progress.say(f"Reading {len(wanted)} files at {commit[:12]}")
    contents = workspace.repository.blobs(wanted) if wanted else iter(())
    declaration = declare(pairs, commit=commit, known=known, content=_in_turn(contents))
    is_current = workspace.repository.is_default_tip(commit)
    return Declared(commit, is_current, declaration, frozenset(paths))


def require_current(workspace: Workspace, declared: Declared) -> None:
    """Refuse to record what a commit declares that the team does not share. Raises BlockedError."""
    if declared.is_current or workspace.is_dry_run:
        return
    raise BlockedError(not_current(declared), fix=NOT_CURRENT_FIX)


def _no_files(environment: Environment, declared: Declared) -> WorkflowOpsError:
    return ConfigurationError(
        f"There is no workflow file below {environment.folder}/ at {declared.commit[:12]}, although workflows of "
        f"{environment.name} are linked to Git. Nothing was compared.",
        fix="Check `folder` in the configuration and the commit that is checked out.",
    )


NOT_CURRENT_FIX = "Bring the checkout to the tip of the default branch (`git pull`, `git push`), and run this again."


def not_current(declared: Declared) -> str:
    """Say why nothing can be recorded for a commit."""
    return f"{declared.commit[:12]} is not the tip of the remote's default branch, so nothing may be recorded for it."


def _in_turn(contents: Iterator[tuple[str, bytes]]) -> Callable[[str], bytes]:
    """Answer contents in the order in which they stream in."""

    def next_content(blob: str) -> bytes:
        found, content = next(contents)
        if found != blob:
            message = f"git answered {found} where {blob} was asked for"
            raise AssertionError(message)
        return content

    return next_content


def known_of(environment: Environment, view: StateView, declared: Declared) -> Known:
    """Put together what state and Git say of an environment."""
    name = environment.name
    current = decode(view.read(current_path(name)), CurrentFile, path=current_path(name))
    return Known(
        environment=name,
        canonical=declared.declaration.file,
        mapping=decode(view.read(mapping_path(name)), MappingFile, path=mapping_path(name)),
        current=current,
        unreadable=declared.declaration.unreadable.get(name, {}),
        is_baseline_lost=current is None and record_of(environment, view).onboarded_at is not None,
    )


def record_of(environment: Environment, view: StateView) -> EnvironmentRecord:
    """Answer the record of an environment; a fresh one for an environment never seen."""
    path = environment_path(environment.name)
    record = decode(view.read(path), EnvironmentRecord, path=path)
    return record or EnvironmentRecord(environment=environment.name, title=environment.title)


def look_at_all(
    workspace: Workspace,
    environments: Sequence[Environment],
    view: StateView,
    declared: Declared,
    *,
    wanted: Wanted,
) -> tuple[Look, ...]:
    """Read all the instances at once. One that fails does not stop the others; its `Look` says what happened.

    API keys are resolved first: a variable that is not set is the caller's mistake, not an instance's failure.
    """
    reached = connections(environments, variables=workspace.variables)

    async def one(index: int) -> Look:
        environment = environments[index]
        about = _About(
            known=known_of(environment, view, declared),
            record=record_of(environment, view),
            wanted=wanted,
        )
        if has_lost_its_files(about.known):
            return Look(environment=environment, failure=_no_files(environment, declared))
        try:
            async with workspace.open_n8n(reached[environment.name], environment) as n8n:
                return await _look(n8n, environment, about)
        except WorkflowOpsError as error:
            return Look(environment=environment, failure=error)

    async def every() -> list[Look]:
        return await asyncio.gather(*(one(index) for index in range(len(environments))))

    return tuple(asyncio.run(every()))


async def _look(n8n: N8nReader, environment: Environment, about: "_About") -> Look:
    """Read one instance. What its API can do is remembered; a server that refuses on that ground is asked again."""
    remembered = read_abilities(about.record.abilities) if about.wanted.trusts_abilities else None
    abilities = remembered or await _abilities(n8n)
    try:
        seeing = await _see(n8n, about, abilities)
    except N8nRejectedError:
        if remembered is None:
            raise
        abilities = await _abilities(n8n)
        seeing = await _see(n8n, about, abilities)
    credentials = await _credentials(n8n, abilities) if about.wanted.credentials else None
    return Look(
        environment=environment,
        observation=Observation(
            workflows=tuple(seeing.workflows),
            proven_missing=frozenset(seeing.missing),
            problems=tuple(seeing.problems),
            requests=n8n.requests,
        ),
        bodies=seeing.bodies,
        abilities=abilities,
        credentials=credentials,
        resources=await _resources(n8n) if about.wanted.resources else Resources(),
    )


async def _resources(n8n: N8nReader) -> Resources:
    """Name variables and data tables; that they cannot be read keeps nothing else from being done."""
    try:
        return await n8n.resources()
    except N8nError:
        return Resources()


async def _credentials(n8n: N8nReader, abilities: Abilities | None) -> tuple[Credential, ...] | None:
    """List the credentials by name; None where the server has no such list, or the key may not see it."""
    if abilities is not None and not abilities.credentials_list:
        return None
    try:
        return await n8n.list_credentials()
    except (N8nForbiddenError, N8nNotFoundError, N8nRejectedError):
        return None


async def _abilities(n8n: N8nReader) -> Abilities | None:
    """Ask what the server's API can do; None when it does not tell, as 1.x with its API document switched off."""
    try:
        return await n8n.abilities()
    except N8nUnreachableError:
        raise
    except N8nError:
        return None


async def _see(n8n: N8nReader, about: "_About", abilities: Abilities | None) -> "_Seeing":
    """List every workflow, then ask by id for those that have to be there and were not listed."""
    seeing = _Seeing(about)
    async with aclosing(n8n.list_workflows(abilities=abilities)) as pages:
        async for page in pages:
            for odd in page.odd:
                seeing.set_aside(odd)
            for listed in page.workflows:
                seeing.take(listed)
    await _prove(n8n, about.known, seeing)
    return seeing


async def _prove(n8n: N8nReader, known: Known, seeing: "_Seeing") -> None:
    """Ask by id for what has to be there and was not listed; only n8n's own 404 makes it missing.

    The first failure ends it: a server that died would be asked hundreds of times, with a pause before each repetition.
    """
    absent = [workflow_id for workflow_id in must_be_proven(known) if workflow_id not in seeing.ids]
    asked = [asyncio.ensure_future(n8n.get_workflow(workflow_id)) for workflow_id in absent]
    try:
        answers = await asyncio.gather(*asked)
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    for workflow_id, answer in zip(absent, answers, strict=True):
        if answer is None:
            seeing.missing.add(workflow_id)
        elif isinstance(answer, OddWorkflow):
            seeing.set_aside(answer)
        else:
            seeing.take(answer)
    if is_another_instance(known, missing=seeing.missing):
        raise N8nAnswerError(
            f"None of the {len(seeing.missing)} workflows that {known.environment} is linked to exists there any more, "
            "so this is probably another instance, or a key whose user may not see them. Nothing is called missing.",
            fix="Check `url`, and use the key of an owner or admin. If they were all deleted on purpose, delete their "
            "files in Git.",
        )


@dataclass(frozen=True, slots=True)
class _About:
    """What is known of an instance before it is read, and what the command wants of it."""

    known: Known
    record: EnvironmentRecord
    wanted: Wanted


class _Seeing:
    """What has been seen of an instance so far."""

    def __init__(self, about: _About) -> None:
        self.missing: set[str] = set()
        self.workflows: list[ObservedWorkflow] = []
        self.ids: set[str] = set()
        self.bodies: dict[str, ListedWorkflow] = {}
        self.problems: list[str] = []
        self._about = about
        self._entries = known_workflows(about.known.mapping)

    def take(self, listed: ListedWorkflow) -> None:
        found = observe(listed, known=self._entries.get(listed.id))
        if self._about.wanted.keep(self._about.known, found):
            self.bodies[listed.id] = listed.kept()
        self._add(found)

    def set_aside(self, odd: OddWorkflow) -> None:
        found = set_aside(odd)
        if isinstance(found, str):
            self.problems.append(found)
        else:
            self._add(found)

    def _add(self, found: ObservedWorkflow) -> None:
        self.workflows.append(found)
        self.ids.add(found.id)
        on_batch = self._about.wanted.on_batch.get(self._about.known.environment)
        if on_batch is not None and len(self.workflows) % BATCH_SIZE == 0:
            on_batch(self.workflows)


def differs_from_git(known: Known, found: ObservedWorkflow) -> bool:
    """Keep what may have to be shown next to Git's version: its copy is known and is not the same."""
    entry = None if known.mapping is None else known.mapping.workflows.get(found.id)
    copy = known.copy(entry.canonical_id) if entry is not None and entry.canonical_id is not None else None
    if copy is None:
        copy = next((each for each in known.copies.values() if each.n8n_workflow_id == found.id), None)
    if copy is None or found.problem is not None:
        return False
    return copy.content_hash != found.content_hash or copy.references != found.references


def is_unmapped(known: Known, found: ObservedWorkflow) -> bool:
    """Keep what could be onboarded: nothing in Git is linked to it yet."""
    entry = None if known.mapping is None else known.mapping.workflows.get(found.id)
    is_linked = entry is not None and entry.canonical_id is not None and known.is_managed(entry.canonical_id)
    return not is_linked and not found.is_archived and found.problem is None
