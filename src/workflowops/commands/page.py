"""What the status page needs beside the status: the drawings that were kept with incidents and promotions."""

from dataclasses import replace

from workflowops.commands.incident_files import read_drawings
from workflowops.commands.ports import StateView
from workflowops.core.drawings_file import DrawingsFile, incident_drawings_path, promotion_drawings_path
from workflowops.core.page.document import PageDrawings, page
from workflowops.core.page.timelines import MOST_TOLD
from workflowops.core.status import StatusReport
from workflowops.errors import StateError


def status_page(view: StateView, report: StatusReport, *, repository: str | None) -> str:
    """Write the page of a status; a drawing that cannot be read is told among the problems of the report."""
    problems: list[str] = []
    drawings = PageDrawings(
        incidents={
            each.number: _drawings(view, incident_drawings_path(each.number), problems)
            for each in report.history.incidents[:MOST_TOLD]
        },
        promotions={
            each.promotion_id: _drawings(view, promotion_drawings_path(each.promotion_id), problems)
            for each in report.history.promotions[:MOST_TOLD]
        },
    )
    return page(replace(report, problems=(*report.problems, *problems)), drawings, repository=repository)


def _drawings(view: StateView, path: str, problems: list[str]) -> DrawingsFile | None:
    try:
        return read_drawings(view, path)
    except StateError as error:
        problems.append(str(error))
        return None
