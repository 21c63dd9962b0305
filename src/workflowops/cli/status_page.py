"""`workflowops status --html`: the page, from the state to the disk."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.core.status import StatusReport


def write_status_page(at: "Opened", report: "StatusReport", folder: Path, *, is_plan: bool) -> str:
    """Write the page into a folder, unless this is a dry run, and answer where it lies."""
    from workflowops.commands.page import status_page
    from workflowops.io.page_file import NAME, write_page

    content = status_page(at.workspace.state.view(), report, repository=os.environ.get("GITHUB_REPOSITORY") or None)
    return str(folder / NAME if is_plan else write_page(folder, content))
