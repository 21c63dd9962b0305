"""What happened to incidents and promotions, step by step, each with the graphs that it changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.incident.durations import durations
from workflowops.core.incident.lifecycle import BY_MACHINE
from workflowops.core.incident.record import Incident, IncidentStatus, Step
from workflowops.core.page.drawn import PageDrawings, bounded
from workflowops.core.page.graph import Sides, figure
from workflowops.core.page.markup import element, is_address, link, named, nothing, text, timed
from workflowops.core.page.matrix import chip
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import ENDED, PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.status import History
from workflowops.core.text.incident_words import event_told, fields_told, kind_told, lasted, seconds_between
from workflowops.core.text.plain import count, cut
from workflowops.core.text.promotion_words import CHANGE_TYPES, OUTCOMES, STATUSES

MOST_TOLD = 50
_MOST_WORKFLOWS = 50
_MOST_STEPS = 60
_LONGEST_FIELD = 600
_FAILED = frozenset({PromotionStatus.ROLLED_BACK, PromotionStatus.ROLLBACK_INCOMPLETE})
_CALM = frozenset({IncidentStatus.RECONCILED, IncidentStatus.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """One point of a timeline; `what` and `details` are HTML."""

    at: str | None
    what: str
    details: str = ""


def incident_timelines(history: History, drawings: PageDrawings, *, is_whole: bool) -> str:
    """Answer the incidents, the newest first; open ones are unfolded, older ones counted."""
    incidents = history.incidents
    if not incidents:
        return nothing("There has been no incident.", is_whole=is_whole)
    drawn = bounded(drawings.incidents, (each.number for each in incidents[:MOST_TOLD]))
    told = [_incident(each, drawn[each.number]) for each in incidents[:MOST_TOLD]]
    return "".join(told) + _older(len(incidents) - MOST_TOLD, "incident", "incidents/")


def promotion_timelines(history: History, drawings: PageDrawings, titles: Mapping[str, str], *, is_whole: bool) -> str:
    """Answer the promotions, the newest first; those that wait or run are unfolded, older ones counted."""
    promotions = history.promotions
    if not promotions:
        return nothing("There has been no promotion.", is_whole=is_whole)
    drawn = bounded(drawings.promotions, (each.promotion_id for each in promotions[:MOST_TOLD]))
    told = [_promotion(each, drawn[each.promotion_id], titles) for each in promotions[:MOST_TOLD]]
    return "".join(told) + _older(len(promotions) - MOST_TOLD, "promotion", "promotions/")


def told_promotions(promotions: Sequence[Promotion]) -> frozenset[str]:
    """Answer the ids of the promotions that the page tells, which a cell can lead to."""
    return frozenset(each.promotion_id for each in promotions[:MOST_TOLD])


def _older(number: int, what: str, folder: str) -> str:
    if number <= 0:
        return ""
    told = f"{count(number, f'older {what}')} not told here: see {folder} on the state branch."
    return element("p", text(told), class_="quiet")


def _incident(incident: Incident, drawn: DrawingsFile | None) -> str:
    number = f"#{incident.number}" if incident.number else "(its issue is not open yet)"
    took = durations(incident)
    passed = [
        f"{words} after {lasted(seconds)}"
        for words, seconds in (
            ("acknowledged", took.to_acknowledge),
            ("stabilized", took.to_stabilize),
            ("reconciled", took.to_reconcile),
            ("closed", took.to_close),
        )
        if seconds is not None
    ]
    steps = incident.timeline[-_MOST_STEPS:]
    moments = [_Moment(at=step.at, what=_what(step), details=_given(step)) for step in steps]
    heading = f"{text(number)} {named(incident.environment_title)}"
    state = chip(str(incident.status), "good" if incident.status in _CALM else "bad")
    return _entry(
        heading,
        state,
        [text(f"severity {incident.severity}, detected "), timed(incident.detected_at)],
        element("p", link(incident.url, "See the issue")) if is_address(incident.url) else "",
        element("p", text("; ".join(passed).capitalize() + "."), class_="quiet") if passed else "",
        _affected(incident),
        _timeline(moments, left_out=len(incident.timeline) - len(steps)),
        _graphs(drawn, Sides(before="Git declares", after="n8n ran"), key=f"i{incident.number}"),
        anchor=f"incident-{incident.number}" if incident.number else None,
        is_open=incident.status is not IncidentStatus.CLOSED,
    )


def _what(step: Step) -> str:
    by = "" if step.by == BY_MACHINE else f" by {named(step.by)}"
    return element("strong", text(event_told(step).capitalize())) + by


def _given(step: Step) -> str:
    told = [
        element("dt", text(title)) + element("dd", named(cut(value, _LONGEST_FIELD)))
        for title, value in fields_told(step.fields)
    ]
    return element("dl", *told, class_="given") if told else ""


def _affected(incident: Incident) -> str:
    found = incident.affected_workflows
    items = [
        element("li", named(each.workflow_name), ": ", text(kind_told(each)), text(_nodes_told(each)))
        for each in found[:_MOST_WORKFLOWS]
    ]
    return _listed(items, left_out=len(found) - len(items))


def _nodes_told(each: object) -> str:
    parts = [
        f"{number} {words}"
        for field_name, words in (("nodes_added", "added"), ("nodes_removed", "removed"), ("nodes_modified", "changed"))
        if (number := int(getattr(each, field_name)))
    ]
    return f" (nodes: {', '.join(parts)})" if parts else ""


def _promotion(promotion: Promotion, drawn: DrawingsFile | None, titles: Mapping[str, str]) -> str:
    source = promotion.source_stage and titles.get(promotion.source_stage, promotion.source_stage)
    target = titles.get(promotion.target_stage, promotion.target_stage)
    words = {PromotionKind.PROMOTION: "", PromotionKind.ROLLBACK: "rollback of ", PromotionKind.REVERSAL: "revert of "}
    way = f"{named(source)} to {named(target)}" if source else text(words[promotion.kind]) + named(target)
    label = link(promotion.pull_request_url, text(f"Pull request #{promotion.pull_request}"))
    look = "bad" if promotion.status in _FAILED else "good" if promotion.status is PromotionStatus.COMPLETED else "work"
    return _entry(
        f"{text(promotion.promotion_id)} {way}",
        chip(STATUSES[promotion.status], look),
        ["recorded ", timed(promotion.created_at)],
        element("p", label) if promotion.pull_request else "",
        element("p", named(promotion.problem), class_="problem") if promotion.problem else "",
        _promoted(promotion.workflows),
        _timeline(_moments(promotion)),
        _graphs(drawn, Sides(before=f"{target} before", after="As planned"), key=promotion.promotion_id),
        anchor=promotion.promotion_id,
        is_open=promotion.status not in ENDED,
    )


def _moments(promotion: Promotion) -> list[_Moment]:
    found = [_Moment(at=promotion.created_at, what=_by("Recorded", promotion.created_by))]
    found += [
        _Moment(at=each.at, what=_by("Approved", each.by), details=_comment(each.comment))
        for each in promotion.approvals
    ]
    if promotion.rejected_at:
        reason = _comment(promotion.rejection_reason)
        found.append(_Moment(at=promotion.rejected_at, what=_by("Rejected", promotion.rejected_by), details=reason))
    if promotion.execution_started_at:
        found.append(_Moment(at=promotion.execution_started_at, what=_by("Started", promotion.executed_by)))
    if promotion.execution_completed_at:
        start, end = promotion.execution_started_at, promotion.execution_completed_at
        took = lasted(seconds_between(start, end)) if start else ""
        ended = STATUSES[promotion.status].capitalize()
        found.append(_Moment(at=end, what=element("strong", text(ended)) + (f" after {took}" if took else "")))
    if promotion.superseded_by:
        found.append(_Moment(at=None, what=f"Superseded by {text(promotion.superseded_by)}"))
    if promotion.rolled_back_by:
        found.append(_Moment(at=None, what=f"Taken back later by {text(promotion.rolled_back_by)}"))
    return found


def _by(what: str, who: str | None) -> str:
    return element("strong", text(what)) + (f" by {named(who)}" if who else "")


def _comment(comment: str | None) -> str:
    return element("p", named(cut(comment, _LONGEST_FIELD)), class_="given") if comment else ""


def _promoted(workflows: Sequence[PromotedWorkflow]) -> str:
    items = [
        element("li", named(each.workflow_name), text(f": {CHANGE_TYPES[each.change_type]}, {OUTCOMES[each.outcome]}"))
        for each in workflows[:_MOST_WORKFLOWS]
    ]
    return _listed(items, left_out=len(workflows) - len(items))


def _listed(items: Sequence[str], *, left_out: int) -> str:
    more = element("li", f"{left_out:,} more", class_="quiet") if left_out > 0 else ""
    return element("ul", *items, more, class_="plain") if items else ""


def _entry(heading: str, state: str, facts: Iterable[str], *parts: str, anchor: str | None, is_open: bool) -> str:
    summary = element("summary", element("h3", heading), state, element("span", *facts, class_="quiet facts"))
    return element("details", summary, element("div", *parts, class_="body"), class_="entry", id=anchor, open=is_open)


def _timeline(moments: Sequence[_Moment], *, left_out: int = 0) -> str:
    skipped = element("li", f"{left_out:,} earlier steps", class_="quiet") if left_out > 0 else ""
    items = [
        element("li", element("span", timed(each.at), class_="when") if each.at else "", " ", each.what, each.details)
        for each in moments
    ]
    return element("ol", skipped, *items, class_="timeline")


def _graphs(drawn: DrawingsFile | None, sides: Sides, *, key: str) -> str:
    """Answer the graphs of an entry; what is not drawn is counted."""
    if drawn is None:
        return element("p", "The graphs could not be read; see the top of the page.", class_="problem")
    if not drawn.drawings and not drawn.left_out:
        return element("p", "No graph was kept.", class_="quiet")
    figures = [figure(each, sides, key=f"{key}-{number}") for number, each in enumerate(drawn.drawings)]
    more = drawn.left_out
    what = "more workflow" if figures else "workflow"
    told = f"The graphs of {count(more, what)} are not drawn here." if more else ""
    return element("div", *figures, element("p", told, class_="quiet") if told else "", class_="graphs")
