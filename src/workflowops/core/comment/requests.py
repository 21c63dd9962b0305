"""What the commands about promotions ask for, read from their fields."""

from dataclasses import dataclass

from workflowops.core.comment.commands import Understood
from workflowops.core.comment.spec import CommandName

_YES = frozenset({"yes", "true", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Open a pull request that takes workflows (by slug; none named: all that are pending) to a stage."""

    stage: str
    slugs: tuple[str, ...] = ()
    with_dependencies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Approve exactly the plan of a digest, 64 characters in lower case."""

    digest: str
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Reject a promotion that waits; without an id, those of the pull request that the comment is on."""

    promotion_id: str | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """Plan the undoing of a completed promotion."""

    promotion_id: str
    reason: str | None = None
    allow_overwriting_hotfixes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Close an environment for promotions; `is_forced` takes over somebody else's lock."""

    environment: str
    reason: str
    is_forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """Open an environment for promotions; `is_forced` opens somebody else's lock."""

    environment: str
    reason: str | None = None
    is_forced: bool = False


Request = Promote | Approve | Reject | Rollback | Lock | Unlock


def request_of(asked: Understood) -> Request:
    """Answer what a command about promotions asks for. Raises ValueError for any other command."""
    given = asked.fields
    match asked.name:
        case CommandName.PROMOTE:
            return Promote(
                stage=_name(given["stage"]),
                slugs=tuple(dict.fromkeys(map(_name, given.get("workflows", "").replace(",", " ").split()))),
                with_dependencies=_is_yes(given.get("with_dependencies")),
            )
        case CommandName.APPROVE:
            return Approve(digest=given["digest"].lower(), comment=given.get("comment"))
        case CommandName.REJECT:
            return Reject(promotion_id=_id(given.get("promotion")), reason=given["reason"])
        case CommandName.ROLLBACK:
            return Rollback(
                promotion_id=given["promotion"].lower(),
                reason=given.get("reason"),
                allow_overwriting_hotfixes=_is_yes(given.get("allow_overwriting_hotfixes")),
            )
        case CommandName.LOCK:
            environment, is_forced = _name(given["environment"]), _is_yes(given.get("force"))
            return Lock(environment=environment, reason=given["reason"], is_forced=is_forced)
        case CommandName.UNLOCK:
            environment, is_forced = _name(given["environment"]), _is_yes(given.get("force"))
            return Unlock(environment=environment, reason=given.get("reason"), is_forced=is_forced)
        case _:
            raise ValueError(f"/{asked.name} is not about promotions.")


def _name(word: str) -> str:
    return word.strip("`")


def _id(promotion_id: str | None) -> str | None:
    return None if promotion_id is None else promotion_id.lower()


def _is_yes(word: str | None) -> bool:
    return (word or "").casefold() in _YES
