"""`status`: what runs where and what is open, from the state alone; no instance is asked."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from workflowops.commands.incident_files import incident_paths, read_index
from workflowops.commands.ports import StateStore, StateView
from workflowops.commands.promotion_files import promotion_ids, read_lock
from workflowops.core.configuration import Configuration, Environment
from workflowops.core.figures import figures
from workflowops.core.incident.record import Incident
from workflowops.core.problems import shown
from workflowops.core.promotion.record import LockFile, Promotion, promotion_path
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    EnvironmentRecord,
    MappingFile,
    Record,
    decode,
    environment_path,
    mapping_path,
)
from workflowops.core.status import EnvironmentState, HeldClaim, History, StatusReport
from workflowops.core.status_matrix import columns_of, rows_of, unmanaged_of
from workflowops.core.status_open import held_claims, open_incidents, open_locks, waiting_promotions
from workflowops.core.timestamps import iso, odd_time
from workflowops.errors import StateError, WorkflowOpsError

Read = TypeVar("Read")


def read_status(
    state: StateStore, configuration: Configuration, environments: Sequence[Environment], *, now: datetime
) -> StatusReport:
    """Answer the matrix of workflows by environment, what is open and the figures, as the last checks left them.

    With all environments of the configuration, incidents and promotions of those that left it are told as well. What
    cannot be read of incidents, promotions, locks or claims is named in `problems`; a mapping or a record of an
    environment that cannot be read raises StateError, because nothing else could be believed. Raises RemoteError.
    """
    view = state.view()
    names = [each.name for each in environments]
    only = None if {*configuration.environments} <= {*names} else frozenset(names)
    problems: list[str] = []
    states = [_state_of(view, each) for each in environments]
    incidents = _incidents(view, only, problems)
    opening = _openings(view, only or _environments_with_incidents(view, names), problems)
    promotions = _promotions(view, only, problems)
    locks = _locks(view, names, problems)
    canonical = decode(view.read(CANONICAL_PATH), CanonicalFile, path=CANONICAL_PATH)
    observed = {each.environment.name: each.record.onboarded_at if each.record else None for each in states}
    rows = rows_of(canonical, states, promotions, now=now)
    return StatusReport(
        taken_at=iso(now),
        environments=columns_of(states, rows, now=now),
        workflows=rows,
        unmanaged=unmanaged_of(states),
        figures=figures((*incidents, *opening), promotions, observed_since=observed, now=now),
        incidents=open_incidents((*incidents, *opening), now=now),
        promotions=waiting_promotions(promotions, configuration, now=now),
        locks=open_locks(locks, now=now),
        claims=_claims(state, problems, now=now),
        history=History(incidents=incidents, promotions=promotions),
        problems=tuple(problems),
    )


def _state_of(view: StateView, environment: Environment) -> EnvironmentState:
    record, mapping = environment_path(environment.name), mapping_path(environment.name)
    return EnvironmentState(
        environment=environment,
        record=_sound(decode(view.read(record), EnvironmentRecord, path=record), path=record),
        mapping=decode(view.read(mapping), MappingFile, path=mapping),
    )


def _incidents(view: StateView, only: Collection[str] | None, problems: list[str]) -> tuple[Incident, ...]:
    """Read every incident of these environments, the newest first; None means of any."""
    found = _all_read(view, incident_paths(view), Incident, problems)
    wanted = [each for each in found if only is None or each.environment in only]
    return tuple(sorted(wanted, key=lambda each: (each.detected_at, each.number), reverse=True))


def _environments_with_incidents(view: StateView, names: Collection[str]) -> tuple[str, ...]:
    """Name the configured environments and those that left the configuration with incidents behind."""
    left = (path.split("/")[1] for path in view.list("environments/") if path.endswith("/incidents.json"))
    return tuple(dict.fromkeys((*names, *left)))


def _openings(view: StateView, names: Iterable[str], problems: list[str]) -> tuple[Incident, ...]:
    """Read the incidents that were decided and have no issue yet."""
    indexes = [_tried(read_index, view, name, problems) for name in sorted(names)]
    return tuple(each.incident for index in indexes if index is not None for each in index.opening.values())


def _promotions(view: StateView, only: Collection[str] | None, problems: list[str]) -> tuple[Promotion, ...]:
    """Read every promotion into these environments, the newest first; None means into any."""
    found = _all_read(view, map(promotion_path, promotion_ids(view)), Promotion, problems)
    return tuple(each for each in found if only is None or each.target_stage in only)


def _locks(view: StateView, names: Iterable[str], problems: list[str]) -> dict[str, LockFile]:
    found: dict[str, LockFile] = {}
    for name in names:
        lock = _tried(read_lock, view, name, problems)
        if lock is not None:
            found[name] = lock
    return found


def _claims(state: StateStore, problems: list[str], *, now: datetime) -> tuple[HeldClaim, ...] | None:
    try:
        return held_claims(state.holders(), now=now)
    except WorkflowOpsError as error:
        problems.append(f"Whether a run holds a claim is not known: {error}")
        return None


def _all_read(view: StateView, paths: Iterable[str], kind: type[Record], problems: list[str]) -> list[Record]:
    found: list[Record] = []
    for path in paths:
        try:
            record = _sound(decode(view.read(path), kind, path=path), path=path)
        except StateError as error:
            problems.append(str(error))
        else:
            found += [] if record is None else [record]
    return found


def _tried(
    read: Callable[[StateView, str], Read], view: StateView, environment: str, problems: list[str]
) -> Read | None:
    """Answer what is read; what cannot be read is a problem to be told, not the end of everything else."""
    try:
        return _sound(read(view, environment), path=f"What is known of {environment}")
    except StateError as error:
        problems.append(str(error))
        return None


def _sound(record: Read, *, path: str) -> Read:
    """Answer a record whose times can be reckoned with. Raises StateError for one that was damaged by hand."""
    odd = odd_time(msgspec.to_builtins(record))
    if odd is not None:
        raise StateError(
            f"{path} on the state branch cannot be read: {shown(odd)} is no time.",
            fix="Restore it from the branch's history (`git log` on the state branch).",
        )
    return record
