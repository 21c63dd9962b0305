"""`workflowops status --html`: the page, from the state to the disk."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.core.status import StatusReport


def write_status_page(at: "Opened", report: "StatusReport", folder: Path, *, is_plan: bool) -> str | None:
    """Write the page into a folder and answer where it lies; a dry run makes it, writes nothing and answers None."""
    from workflowops.commands.page import status_page
    from workflowops.io.page_file import write_page

    content = status_page(at.workspace.state.view(), report, repository=os.environ.get("GITHUB_REPOSITORY") or None)
    return None if is_plan else str(write_page(folder, content))
