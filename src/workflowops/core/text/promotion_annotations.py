"""What a plan has to say about files, as remarks beside them on the pull request."""

from workflowops.core.promotion.finding import Conflict, Finding, Gravity
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.review import Annotation
from workflowops.core.text.plain import cut
from workflowops.core.text.promotion_words import LONGEST_NAME, Thing, blocking, code_told, is_blocking, plain, to_know

_MOST = 200
_LONGEST_TITLE = 200


def annotations(plan: PromotionPlan) -> tuple[Annotation, ...]:
    """Answer a remark for every conflict and finding that has a file, what blocks first, each once, at most 200.

    All stand at the first line: a file is judged as a whole. What has no file stands in the text of the check alone.
    """
    files = {each.canonical_id: each.file for each in plan.workflows if each.file}
    remarks = [
        remark for each in (*blocking(plan), *to_know(plan)) if (remark := _remark(each, plan, files)) is not None
    ]
    return tuple(dict.fromkeys(remarks))[:_MOST]


def _remark(each: Thing, plan: PromotionPlan, files: dict[str, str]) -> Annotation | None:
    path = (each.file if isinstance(each, Finding) else None) or files.get(each.canonical_id or "")
    if not path:
        return None
    title = code_told(each.code if isinstance(each, Finding) else each.type)
    node = f": {plain(each.node_name, LONGEST_NAME)}" if isinstance(each, Finding) and each.node_name else ""
    is_allowed = isinstance(each, Conflict) and each.is_allowed
    message = " ".join(part for part in (plain(each.message), "" if is_allowed else plain(each.fix)) if part)
    return Annotation(
        path=path,
        line=1,
        level=_level(each),
        title=cut(f"{plain(plan.target_stage, 60)}: {title}{node}", _LONGEST_TITLE),
        message=message or title,
    )


def _level(each: Thing) -> str:
    if is_blocking(each):
        return "failure"
    return "notice" if isinstance(each, Finding) and each.gravity is Gravity.NOTE else "warning"
