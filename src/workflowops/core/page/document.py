"""The whole page: one file that can be opened from a disk, an artifact or any web server."""

from workflowops.core.page.drawn import PageDrawings
from workflowops.core.page.graph import legend
from workflowops.core.page.look import SCRIPT, STYLE, policy
from workflowops.core.page.markup import element, named, text, timed
from workflowops.core.page.matrix import environments, matrix, unmanaged
from workflowops.core.page.plot import drift_plot
from workflowops.core.page.timelines import incident_timelines, promotion_timelines, told_promotions
from workflowops.core.page.under_way import figures, under_way
from workflowops.core.status import StatusReport
from workflowops.core.text.page import summary

__all__ = ["PageDrawings", "page"]

_SECTIONS = (
    ("environments", "Environments"),
    ("workflows", "Workflows"),
    ("under-way", "Under way"),
    ("unmanaged", "Unmanaged workflows"),
    ("figures", "Figures"),
    ("incidents", "Incidents"),
    ("promotions", "Promotions"),
)


def page(report: StatusReport, drawings: PageDrawings, *, repository: str | None = None) -> str:
    """Write the status as one HTML document that asks for nothing else: no font, no picture, no script from anywhere.

    `repository` is what it is about, such as `acme/workflows`. Every text of the report is data: masked and escaped.
    The same report gives the same page.
    """
    titles = {each.name: each.title for each in report.environments}
    history = report.history
    parts = {
        "environments": environments(report),
        "workflows": matrix(report, linked=told_promotions(history.promotions)),
        "under-way": element("div", under_way(report, titles), class_="panels"),
        "unmanaged": unmanaged(report),
        "figures": figures(report.figures)
        + element("h3", "Drift found per week")
        + drift_plot(report.figures.drift_weeks, report.environments),
        "incidents": legend() + incident_timelines(history, drawings, is_whole=not report.problems),
        "promotions": promotion_timelines(history, drawings, titles, is_whole=not report.problems),
    }
    sections = (
        element(
            "section", element("h2", title, id=f"{name}-title"), parts[name], id=name, aria_labelledby=f"{name}-title"
        )
        for name, title in _SECTIONS
    )
    body = "\n".join((
        element("a", "Skip to the content", href="#content", class_="skip"),
        _header(report, repository),
        element("main", *sections, id="content", tabindex=-1),
        element("footer", element("p", "Written by WorkflowOps from its state branch; no n8n was asked.")),
    ))  # fmt: skip
    return f"<!DOCTYPE html>\n{element('html', _head(repository), element('body', body, _script()), lang='en')}\n"


def _head(repository: str | None) -> str:
    title = "WorkflowOps status" + (f" of {text(repository)}" if repository else "")
    return element(
        "head",
        element("meta", charset="utf-8"),
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}"/>',
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        f"<style>{STYLE}</style>",
    )


def _script() -> str:
    return f"<script>{SCRIPT}</script>"


def _header(report: StatusReport, repository: str | None) -> str:
    told, look = summary(report)
    problems = [element("li", named(each)) for each in report.problems]
    links = [element("li", element("a", title, href=f"#{name}")) for name, title in _SECTIONS]
    return element(
        "header",
        element("h1", "WorkflowOps status", f" of {named(repository)}" if repository else ""),
        element("p", "As of ", timed(report.taken_at), ", from what the last checks found.", class_="quiet"),
        element("p", text(told), class_=f"verdict {look}"),
        element("ul", *problems, class_="problem", aria_label="What could not be read") if problems else "",
        element("nav", element("ul", *links), aria_label="Sections"),
    )
