"""The checks of what GitHub Actions do: workflow files, their schedules, and what the repository allows them."""

from datetime import timedelta

from workflowops.core.doctor.check import Finding, broken, passed, skipped, warning
from workflowops.core.doctor.repository_facts import ScheduledRun, Unread, WorkflowFile, WorkflowState
from workflowops.core.doctor.repository_view import Seen, enumerated, unread

FOLDER = ".github/workflows"
WITHOUT: dict[str, str] = {
    "drift": "nobody notices drift",
    "sync": "new workflows in n8n are not noticed",
    "comments": "nobody answers comments and forms",
    "validate": "pull requests are not checked for mistakes",
    "preview": "pull requests do not show what they would change in n8n",
    "promote": "nothing is promoted",
    "doctor": "these checks do not run by themselves",
}
"""What each workflow file is there for, said as what is missing without it."""
LATEST = {"drift": timedelta(days=1), "sync": timedelta(days=2), "doctor": timedelta(days=15)}
"""After so long without a run the schedule of a file does not work, however much GitHub delays."""

_ACTIONS_PAGE = "Look at Settings, Actions, General."
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})


def files_are_on_the_default_branch(seen: Seen) -> Finding:
    """The workflow files are on the default branch."""
    files = seen.facts.files
    if isinstance(files, Unread):
        return unread(files)
    missing = [name for name in WITHOUT if not {path_of(name), path_of(name, ending="yaml")} & files]
    branch = seen.overview.default_branch
    if len(missing) == len(WITHOUT):
        return broken(
            f"There is none on {branch}, so nothing runs by itself.",
            fix=f"Run `workflowops init`, commit what it wrote, and push it to {branch}: GitHub starts schedules and "
            "answers comments from there alone.",
        )
    if missing:
        lacks = enumerated([f"{path_of(name)} is missing ({WITHOUT[name]})" for name in missing], most=7)
        return warning(f"{lacks}.", fix=f"`workflowops init` writes them again; push them to {branch}.")
    return passed(f"All {len(WITHOUT)} are on {branch}.")


def workflows_are_active(seen: Seen) -> Finding:
    """GitHub runs the workflow files."""
    files, workflows = seen.facts.files, seen.facts.workflows
    if isinstance(files, Unread):
        return unread(files)
    if isinstance(workflows, Unread):
        return unread(workflows, look="Look at the tab Actions.")
    known = {each.path: each for each in workflows}
    ours = sorted(
        path for name in WITHOUT for ending in ("yml", "yaml") if (path := path_of(name, ending=ending)) in files
    )
    if not ours:
        return skipped("There are none on the default branch.")
    off = [known[path] for path in ours if path in known and known[path].state is not WorkflowState.ACTIVE]
    if off:
        return broken(
            f"{enumerated([f'{each.path} {_off(each)}' for each in off], most=7)}.",
            fix="Open the tab Actions, choose the workflow and press `Enable workflow`, or: "
            + "; ".join(f"gh workflow enable {each.path.rpartition('/')[2]}" for each in off),
        )
    unlisted = [path for path in ours if path not in known]
    if unlisted:
        return warning(
            f"GitHub does not list {enumerated(unlisted, most=7)} among its workflows.",
            fix="Right after a push that takes it a moment. Else open the tab Actions: a file that GitHub cannot read "
            "is shown there with its mistake, and in a fork workflows have to be switched on.",
        )
    return passed(f"All {len(ours)} are active.")


def schedules_start_runs(seen: Seen) -> Finding:
    """The schedules start runs."""
    workflows = seen.facts.workflows
    if isinstance(workflows, Unread):
        return unread(workflows, look="Look at the tab Actions.")
    known = {each.path: each for each in workflows if each.state is WorkflowState.ACTIVE}
    told: list[str] = []
    late: list[str] = []
    for name, limit in LATEST.items():
        workflow = known.get(path_of(name)) or known.get(path_of(name, ending="yaml"))
        if workflow is None:
            continue
        if isinstance(workflow.last_scheduled, Unread):
            return unread(workflow.last_scheduled, look="Look at the tab Actions.")
        problem = _late(name, workflow, workflow.last_scheduled, seen=seen, limit=limit)
        (late if problem else told).append(problem or _ran(name, workflow.last_scheduled, seen=seen))
    if late:
        return warning(
            f"{' '.join(late)}",
            fix="Start it by hand (tab Actions, `Run workflow`) and read its log; GitHub delays schedules under load, "
            "and switches them off in public repositories where nothing happened for 60 days.",
        )
    return passed(" ".join(told)) if told else skipped("No active workflow file of ours has a schedule.")


def actions_may_run(seen: Seen) -> Finding:
    """Actions may run here, and use the actions that the workflow files name."""
    allowed = seen.facts.actions
    if isinstance(allowed, Unread):
        return unread(allowed, look=_ACTIONS_PAGE)
    if not allowed.enabled:
        return broken(
            "GitHub Actions are switched off here.",
            fix="Allow them under Settings, Actions, General, Actions permissions.",
        )
    if allowed.allowed == "all":
        return passed("All actions may be used.")
    which = {"local_only": "actions of the same owner", "selected": "chosen actions"}
    return warning(
        f"Only {which.get(allowed.allowed, allowed.allowed)} may be used.",
        fix="See that the action that the workflow files name, actions/checkout and astral-sh/setup-uv are allowed "
        "(Settings, Actions, General, Actions permissions).",
    )


def actions_may_open_pull_requests(seen: Seen) -> Finding:
    """Jobs may open pull requests."""
    place = "Settings, Actions, General, Workflow permissions"
    allowed = seen.facts.may_open_pull_requests
    if isinstance(allowed, Unread):
        look = f'Look whether "Allow GitHub Actions to create and approve pull requests" is on ({place}).'
        return unread(allowed, look=look)
    if not allowed:
        return broken(
            "They may not, so onboarding, /adopt and /promote cannot propose anything.",
            fix=f'Switch on "Allow GitHub Actions to create and approve pull requests" ({place}); the organization may '
            "have to allow it first.",
        )
    return passed("They may.")


def path_of(name: str, *, ending: str = "yml") -> str:
    """Answer where the workflow file of that name stands."""
    return f"{FOLDER}/workflowops-{name}.{ending}"


def _off(workflow: WorkflowFile) -> str:
    match workflow.state:
        case WorkflowState.DISABLED_INACTIVITY:
            return "was switched off by GitHub, because nothing happened in the repository for 60 days"
        case WorkflowState.DISABLED_MANUALLY:
            return "was switched off by somebody"
        case WorkflowState.DISABLED_FORK:
            return "is off because this is a fork"
        case _:
            return f"is {workflow.state}"


def _late(name: str, workflow: WorkflowFile, run: ScheduledRun | None, *, seen: Seen, limit: timedelta) -> str | None:
    """Say what is wrong with a schedule; None when nothing is. A new file is given the time of its first turns."""
    if run is None:
        if workflow.since is not None and seen.now - workflow.since > limit:
            return f"The schedule of {name} has never started a run since {workflow.since:%Y-%m-%d}."
        return None
    if seen.now - run.at > limit:
        return f"The schedule of {name} last started a run {_ago(seen.now - run.at)} ({run.url})."
    if run.conclusion in _FAILED:
        return f"The last scheduled run of {name}, {_ago(seen.now - run.at)}, ended with {run.conclusion} ({run.url})."
    return None


def _ran(name: str, run: ScheduledRun | None, *, seen: Seen) -> str:
    if run is None:
        return f"{name}: no run yet."
    return f"{name}: {_ago(seen.now - run.at)}, {run.conclusion or 'still running'}."


def _ago(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
