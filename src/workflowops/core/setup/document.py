"""The JSON that `init --json` prints: what was asked, what became of each file, what is left to do."""

from workflowops.core.json import Json
from workflowops.core.setup.needs import Needs, commands_to_follow, needs_document
from workflowops.core.setup.updating import FilePlan
from workflowops.core.setup.wishes import Setup


def setup_document(setup: Setup, plans: tuple[FilePlan, ...], needs: Needs, *, is_dry_run: bool) -> dict[str, Json]:
    """Make the document. A difference is a list of lines, as a unified diff."""
    environments: list[Json] = [
        {
            "name": each.name,
            "title": each.title,
            "folder": each.folder,
            "url_variables": list(each.url_variables),
            "key_variable": each.key_variable,
            "production": each.is_production,
        }
        for each in setup.environments
    ]
    files: list[Json] = [
        {"path": each.path, "result": str(each.fate), "difference": list(each.difference), "advice": each.advice}
        for each in plans
    ]
    following: list[Json] = [{"command": command, "what": what} for command, what in commands_to_follow(setup)]
    return {
        "dry_run": is_dry_run,
        "environments": environments,
        "actions": f"{setup.pin.repository}@{setup.pin.commit}",
        "approval": str(setup.approval),
        "branch": setup.branch,
        "runs_on": list(setup.runs_on),
        "files": files,
        "needs": needs_document(needs),
        "next": following,
    }
