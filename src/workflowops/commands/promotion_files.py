"""The files of promotions on the state branch: read, and written together with what speaks of them."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from workflowops.commands.auditing import promotion_entries, recorded
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.changes import WorkflowDiff
from workflowops.core.drawings_file import promotion_drawings_path
from workflowops.core.promotion.plan import PromotionKind, PromotionPlan
from workflowops.core.promotion.record import (
    INDEX_PATH,
    LockFile,
    Promotion,
    PromotionsIndex,
    lock_path,
    promotion_path,
)
from workflowops.core.promotion.register import PREFIX, Change, Registered, create, number_of
from workflowops.core.records import EnvironmentRecord, decode, encode, environment_path
from workflowops.errors import ConfigurationError, StateError

_FOLDER = f"promotions/{PREFIX}"

Files = dict[str, bytes | None]
Step = Callable[[Promotion, PromotionsIndex, StateView], Registered]
"""From a promotion as it stands to what it becomes. Called again when somebody was faster."""


def read_index(view: StateView) -> PromotionsIndex:
    """Read the last number given out and what has not ended."""
    return decode(view.read(INDEX_PATH), PromotionsIndex, path=INDEX_PATH) or PromotionsIndex()


def read_promotion(view: StateView, promotion_id: str) -> Promotion | None:
    """Read a promotion; None when there is none of that id."""
    if not number_of(promotion_id):
        return None
    path = promotion_path(promotion_id)
    return decode(view.read(path), Promotion, path=path)


def known_promotion(view: StateView, promotion_id: str) -> Promotion:
    """Read a promotion. Raises ConfigurationError, which names the latest ones, when there is none of that id."""
    found = read_promotion(view, promotion_id)
    if found is not None:
        return found
    latest = promotion_ids(view)[:10]
    fix = f"The latest are {', '.join(latest)}." if latest else "There is none yet."
    raise ConfigurationError(f"There is no promotion {promotion_id!r} in the state.", fix=fix)


def promotion_ids(view: StateView) -> tuple[str, ...]:
    """Name all promotions, the newest first."""
    names = [path.removeprefix("promotions/").removesuffix(".json") for path in view.list(_FOLDER)]
    return tuple(sorted(filter(number_of, names), key=number_of, reverse=True))


def promotions(view: StateView, *, environments: Collection[str] = ()) -> Iterator[Promotion]:
    """Yield the promotions into these environments (all when there are none named), the newest first."""
    for promotion_id in promotion_ids(view):
        found = known_promotion(view, promotion_id)
        if not environments or found.target_stage in environments:
            yield found


def open_promotions(view: StateView, environment: str) -> tuple[Promotion, ...]:
    """Read what has not ended in an environment, the oldest first.

    Raises StateError when the index names one that is not there: whether it runs is then unknown.
    """
    found = []
    for promotion_id in read_index(view).open.get(environment, ()):
        promotion = read_promotion(view, promotion_id)
        if promotion is None:
            raise StateError(
                f"{INDEX_PATH} names {promotion_id} as open, and {promotion_path(promotion_id)} is not there.",
                fix="Restore the file from the history of the state branch. Nothing was changed.",
            )
        found.append(promotion)
    return tuple(found)


def promotion_of_commit(view: StateView, *, target_stage: str, git_commit_sha: str) -> Promotion | None:
    """Find the latest promotion that a commit brought to a stage, ended or not: one merge makes one, however often
    its event comes."""
    for each in promotions(view, environments=(target_stage,)):
        if each.kind is PromotionKind.PROMOTION and each.git_commit_sha == git_commit_sha:
            return each
    return None


def read_lock(view: StateView, environment: str) -> LockFile | None:
    """Read who closed an environment for promotions; None when it is open."""
    path = lock_path(environment)
    return decode(view.read(path), LockFile, path=path)


def read_record(view: StateView, environment: str) -> EnvironmentRecord:
    """Read an environment's record; a new one where there is none, or where it left the configuration."""
    path = environment_path(environment)
    found = decode(view.read(path), EnvironmentRecord, path=path)
    return found or EnvironmentRecord(environment=environment, title=environment)


def files_for(registered: Registered) -> Files:
    """Answer the files of everything that changed in the register; who did it is not among them."""
    files: Files = {promotion_path(each.after.promotion_id): encode(each.after) for each in registered.changes}
    return {INDEX_PATH: encode(registered.index), **files}


def changed_files(workspace: Workspace, tip: StateView, registered: Registered, *, now: datetime) -> Files:
    """Answer the files of everything that changed in the register, and the audit entries that say who did it.

    For a change that writes nothing else about the environment; one that does puts `files_for` and the entries of
    `promotion_entries` together with its own.
    """
    entries = [
        entry
        for each in registered.changes
        if each.before != each.after
        for entry in promotion_entries(workspace, before=each.before, after=each.after, now=now)
    ]
    files = files_for(registered)
    if entries:
        files |= recorded(tip, read_record(tip, registered.promotion.target_stage), entries)
    return files


def drawing_files(promotion_id: str, plan: PromotionPlan) -> Files:
    """Answer the file with the graphs that a plan changes, before and after, as its record keeps them; masked."""
    from workflowops.core.drawing_masking import Drawn, stored_drawings  # loads the detectors

    drawn = stored_drawings(
        Drawn(
            canonical_id=each.canonical_id,
            workflow_name=each.workflow_name,
            drawing=each.drawing,
            diff=each.diff or WorkflowDiff(),
        )
        for each in plan.changes
        if each.drawing is not None
    )
    return {promotion_drawings_path(promotion_id): encode(drawn)} if drawn.drawings or drawn.left_out else {}


def step_promotion(workspace: Workspace, promotion_id: str, step: Step, *, message: str) -> Registered:
    """Take one step of a promotion in one commit, audit entries included; a dry run decides and writes nothing.

    Raises ConfigurationError for an unknown id, what `step` raises, and what the state branch raises; then nothing was
    changed.
    """
    latest: list[Registered] = []

    def decide(tip: StateView) -> Files:
        before = known_promotion(tip, promotion_id)
        latest.append(step(before, read_index(tip), tip))
        return changed_files(workspace, tip, latest[-1], now=workspace.clock())

    if workspace.is_dry_run:
        decide(workspace.state.view())
    else:
        workspace.state.change(decide, message=message)
    return latest[-1]


def registered_once(workspace: Workspace, new: Promotion, plan: PromotionPlan, *, message: str) -> Registered:
    """Register what takes something back; a waiting one of the same plan for the same thing is answered as it is.

    A dry run decides and writes nothing. Raises what `create` and the state branch raise; then nothing was changed.
    """
    latest: list[Registered] = []

    def decide(tip: StateView) -> Files:
        others = open_promotions(tip, new.target_stage)
        again = next((each for each in others if _wish(each) == _wish(new)), None)
        if again is not None:
            latest.append(Registered(read_index(tip), (Change(before=again, after=again),)))
            return {}
        latest.append(create(new, index=read_index(tip), others=others))
        drawn = drawing_files(latest[-1].promotion.promotion_id, plan)
        return changed_files(workspace, tip, latest[-1], now=workspace.clock()) | drawn

    if workspace.is_dry_run:
        decide(workspace.state.view())
    else:
        workspace.state.change(decide, message=message)
    return latest[-1]


def _wish(promotion: Promotion) -> tuple[PromotionKind, str | None, int | None, str]:
    return promotion.kind, promotion.rolls_back, promotion.incident, promotion.plan_digest
