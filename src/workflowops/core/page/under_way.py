"""What waits for somebody: open incidents, promotions that wait or run, locks and claims; and the figures."""

from collections.abc import Mapping, Sequence

from workflowops.core.configuration import Approval
from workflowops.core.figures import Figures
from workflowops.core.page.markup import element, link, named, nothing, text, timed
from workflowops.core.page.matrix import chip
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.status import HeldClaim, OpenIncident, OpenLock, OpenPromotion, StatusReport
from workflowops.core.text.incident_words import lasted
from workflowops.core.text.page import spread_told
from workflowops.core.text.plain import count
from workflowops.core.text.promotion_words import STATUSES

_MOST_NAMES = 5


def under_way(report: StatusReport, titles: Mapping[str, str]) -> str:
    """Answer lists of what is open; says so where nothing is, and where claims were not asked for."""
    is_whole = not report.problems
    return "".join((
        _list(
            "Open incidents",
            [_incident(each, titles) for each in report.incidents],
            "No incident is open.",
            is_whole=is_whole,
        ),
        _list(
            "Promotions that wait or run",
            [_promotion(each, titles) for each in report.promotions],
            "No promotion waits or runs.",
            is_whole=is_whole,
        ),
        _list(
            "Closed environments",
            [_lock(each, titles) for each in report.locks],
            "No environment is closed.",
            is_whole=is_whole,
        ),
        _claims(report.claims),
    ))  # fmt: skip


def _list(title: str, items: Sequence[str], told: str, *, is_whole: bool = True) -> str:
    body = element("ul", *items, class_="open") if items else nothing(told, is_whole=is_whole)
    return element("div", element("h3", text(title)), body, class_="panel")


def _incident(each: OpenIncident, titles: Mapping[str, str]) -> str:
    number = text(f"#{each.number}" if each.number else "its issue is not open yet")
    names = ", ".join(named(name) for name in each.workflows[:_MOST_NAMES])
    more = f" and {len(each.workflows) - _MOST_NAMES:,} more" if len(each.workflows) > _MOST_NAMES else ""
    assigned = f"assigned to {named(each.assigned)}" if each.assigned else "nobody is assigned"
    look = "unsure" if each.drift_is_gone else "bad"
    gone = "; nothing drifts any more" if each.drift_is_gone else ""
    return element(
        "li",
        chip(str(each.status), look),
        " ",
        link(each.url, element("strong", number)),
        " ",
        named(titles.get(each.environment, each.environment)),
        element(
            "span", text(f"severity {each.severity}, {lasted(each.age_seconds)} old, "), assigned, gone, class_="note"
        ),
        element("span", names, more, class_="note") if names else "",
    )


def _promotion(each: OpenPromotion, titles: Mapping[str, str]) -> str:
    source = f"{named(titles.get(each.source, each.source))} to " if each.source else ""
    label = element("strong", text(each.promotion_id))
    facts = f"{count(each.workflows, 'workflow')}, {lasted(each.age_seconds)} old"
    look = "work" if each.status is not PromotionStatus.ROLLBACK_INCOMPLETE else "bad"
    return element(
        "li",
        chip(STATUSES[each.status], look),
        " ",
        link(each.url, label),
        " ",
        source,
        named(titles.get(each.target, each.target)),
        element("span", text(facts), class_="note"),
        element("span", _approval(each), class_="note"),
        element("span", named(each.problem), class_="note problem") if each.problem else "",
    )


def _approval(each: OpenPromotion) -> str:
    if each.approval is None:
        return "needs no approval"
    by = "the environment's reviewers" if each.approval is Approval.ENVIRONMENT else "comments on its pull request"
    given = f"; approved so far by {', '.join(named(name) for name in each.approved_by)}" if each.approved_by else ""
    return f"{count(each.min_approvals, 'approval')} by {text(by)}{given}"


def _lock(each: OpenLock, titles: Mapping[str, str]) -> str:
    return element(
        "li",
        element("strong", named(titles.get(each.environment, each.environment))),
        " closed by ",
        named(each.locked_by),
        " since ",
        timed(each.locked_at),
        element("span", named(each.reason), class_="note"),
    )


def _claims(claims: tuple[HeldClaim, ...] | None) -> str:
    if claims is None:
        return _list("Runs at work", [], "Which runs are at work was not asked, or not answered.")
    return _list("Runs at work", [_claim(each) for each in claims], "No run holds a claim.")


def _claim(each: HeldClaim) -> str:
    age = "of unknown age" if each.age_seconds is None else f"for {lasted(each.age_seconds)}"
    state = "cannot be read and blocks" if each.is_unreadable else "its time ran out" if each.is_dead else "held"
    owner = link(each.run_url, named(each.owner))
    return element(
        "li", element("strong", text(each.name)), " ", owner, element("span", text(f"{state} {age}"), class_="note")
    )


def figures(found: Figures) -> str:
    """Answer the figures of the last 26 weeks as cards, each with what it is based on."""
    percent = found.change_failure_percent
    failed = found.rolled_back + found.undone
    cards = [
        ("Time to acknowledge", *spread_told(found.to_acknowledge)),
        ("Time to reconcile", *spread_told(found.to_reconcile)),
        ("Lead time of promotions", *spread_told(found.lead_time)),
        (
            "Promotions taken back",
            "no figure yet" if percent is None else f"{percent} %",
            f"{failed:,} of {found.carried_out:,} that were carried out",
        ),
    ]
    told = [
        element(
            "div",
            element("dt", text(name)),
            element("dd", text(large), class_="large"),
            element("dd", text(small), class_="quiet"),
            class_="card",
        )
        for name, large, small in cards
    ]
    return element("p", "Since ", text(found.since), ".", class_="quiet") + element("dl", *told, class_="cards figures")
