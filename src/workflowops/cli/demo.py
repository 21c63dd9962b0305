"""`workflowops demo`: the main job, played on three sandbox instances and a throw-away git remote."""

import contextlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from workflowops.cli.demo_stage import Stage
    from workflowops.core.json import Json

_HOT_FIX = "https://api-new.paymentprocessor.com/charge"
_HINTS = "**Possible now**"  # the same below every answer; the issue has shown them


@click.command()
@click.option(
    "--directory",
    envvar="WORKFLOWOPS_DIRECTORY",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Play in this new folder and leave it there; a temporary one when left out.",
)
def demo(directory: Path | None) -> int:
    """Play the main job on three sandbox instances.

    Starts three n8n stand-ins on this machine and a git repository beside them, then runs the real commands: sync,
    onboard, baseline, a promotion to staging, a hot fix made by hand in production, the incident that drift opens, the
    comments that take it to its end, and a new workflow that is onboarded. Issues are files. Touches nothing outside
    its folder.

    \b
    Example:
      workflowops demo
    """
    from workflowops.cli.demo_stage import staged
    from workflowops.errors import ConfigurationError, ExitCode

    if directory is not None and directory.exists():
        raise ConfigurationError(f"{directory} exists already.", fix="Name a folder that does not exist yet.")
    with contextlib.ExitStack() as stack:
        root = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="workflowops-demo-")))
        root.mkdir(parents=True, exist_ok=True)
        stage = stack.enter_context(staged(root.resolve()))
        _set_up()
        _promote_a_workflow(stage)
        _resolve_an_incident(stage)
        _onboard_a_workflow(stage)
        _run("status")
        _run("audit", "verify")
    if directory is not None:
        _say(f"The repository is in {directory / 'repository'}, its state on the branch workflowops-state.")
        _say(f"The issues are in {directory / 'github' / 'issues'}.")
    return ExitCode.DONE


def _set_up() -> None:
    """Play walkthrough 1: everything comes under Git."""
    _say("Three n8n instances run on this machine, and a git repository that knows none of their workflows.")
    _run("sync")
    _say("Put everything under Git: one file and one sidecar for each workflow, in one commit.")
    _run("onboard", "--all", "--direct")
    _say("Accept that as last known good. From here on, drift is judged.")
    _run("baseline")
    _run("drift")


def _promote_a_workflow(stage: "Stage") -> None:
    """Play walkthrough 2: a change goes from development to staging, reviewed and approved."""
    from workflowops.cli.demo_stage import commit_of, develop, latest_pull_request, plan_digest
    from workflowops.io.pull_request_folder import PullRequestFolder

    branch = "workflowops/promote-staging-order_processing_v2"
    folder = PullRequestFolder(stage.github)

    _say('A developer adds the node "Check Inventory" to "Order Processing v2" in development, and commits that.')
    develop(stage, "order_processing")
    _run("sync", "--environment", "dev")
    _run("promote", "open", "--from", "dev", "--to", "staging", "--workflow", "order_processing_v2")
    pull_request = latest_pull_request(stage)
    folder.push(pull_request, commit=commit_of(stage, f"origin/{branch}"))
    _say("What its check says:")
    at = ("--base", "main", "--ref", f"origin/{branch}", "--pull-request", str(pull_request))
    _run("promote", "preview", "--to", "staging", *at)
    _merge(stage, branch, "Promote order_processing_v2 to staging")
    folder.merge(pull_request, by="developer", commit=commit_of(stage, "HEAD"))
    _run("promote", "plan", "--to", "staging")
    digest = plan_digest(stage, "promo-1")
    _comment(stage, "lead", f"/approve {digest} Changes look good, inventory check is needed", on=pull_request)
    _run("promote", "apply", "--promotion", "promo-1")
    _run("drift", "--environment", "staging")


def _resolve_an_incident(stage: "Stage") -> None:
    """Play walkthrough 3: from a hot fix in production to the end of its incident."""
    from workflowops.cli.demo_stage import latest_issue

    _say('Now somebody edits "Payment Gateway" by hand in production, and publishes it.')
    _hot_fix(stage)
    _run("drift", "--environment", "prod")
    incident = latest_issue(stage)
    _say(f"This is issue {incident}, as its readers see it:")
    _show((stage.github / "issues" / f"{incident}.md").read_text(encoding="utf-8"))
    _comment(stage, "oncall", "/acknowledge Reviewing the hot fix, will coordinate with the team", on=incident)
    _comment(stage, "lead", "The payment processor moved without notice, so n8n is right.\n\n/adopt", on=incident)
    _comment(
        stage,
        "lead",
        '/stabilize reason="The hot fix is in a pull request" assigned_to=lead '
        'plan="Merge it, then sync the other environments"',
        on=incident,
    )
    _merge(stage, f"workflowops/adopt-{incident}", "Merge the adoption of the hot fix")
    _run("drift", "--environment", "prod")
    _comment(
        stage,
        "lead",
        "/close Drift resolved, Git has the hot fix "
        'lessons="The processor should announce changes of its API; we watch it now"',
        on=incident,
    )


def _onboard_a_workflow(stage: "Stage") -> None:
    """Play walkthrough 4: a workflow that nobody has under Git."""
    from workflowops.cli.demo_stage import answers_after, commit_of, example, issue_about, latest_pull_request
    from workflowops.io.pull_request_folder import PullRequestFolder

    _say('And somebody creates "Customer Survey Automation" in development, where nobody has it under Git.')
    created = stage.instances["dev"].instance.create_workflow(example("customer_survey_automation"), active=True)
    _run("sync", "--environment", "dev")
    issue = issue_about(stage, "unmanaged workflow in Development")
    wanted = 'tags=surveys,automation,customers description="Automates customer survey collection and logging"'
    _comment(stage, "developer", f"/onboard {created} slug=customer_survey_automation {wanted}", on=issue)
    pull_request = latest_pull_request(stage)
    _merge(stage, "workflowops/onboard-dev-customer_survey_automation", "Onboard Customer Survey Automation")
    PullRequestFolder(stage.github).merge(pull_request, by="lead", commit=commit_of(stage, "HEAD"))
    _run("sync", "--environment", "dev")
    _say(f"What #{issue} is told then:")
    _show(answers_after(stage, issue, 0)[-2])


def _hot_fix(stage: "Stage") -> None:
    """Walkthrough 3, step 1: the payment processor moved, and production cannot wait for a review."""
    instance = stage.instances["prod"].instance
    for workflow_id in instance.ids():
        if instance.document(workflow_id)["name"] == "Payment Gateway":
            instance.edit_by_hand(workflow_id, _with_new_address, publish=True)


def _with_new_address(document: "dict[str, Json]") -> "dict[str, Json]":
    nodes = document["nodes"]
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and isinstance(node["parameters"], dict) and node["name"] == "Call Payment API":
            node["parameters"]["url"] = _HOT_FIX
    return {"nodes": nodes}


def _comment(stage: "Stage", login: str, text: str, *, on: int) -> None:
    """Comment on an issue or pull request as somebody, let the program answer, and show the answer."""
    from workflowops.cli.demo_stage import answers_after
    from workflowops.core.json import canonical_text
    from workflowops.io.issue_folder import IssueFolder

    issues = IssueFolder(stage.github)
    _say(f"{login} comments on #{on}:")
    _show(text)
    comment = issues.add_comment(on, login, text)
    (stage.github / "event.json").write_bytes(canonical_text(issues.comment_event(on, comment)))
    _run("comment", "--event", "../github/event.json", "--event-name", "issue_comment")
    for answer in answers_after(stage, on, comment):
        _say("The answer:")
        _show(answer.partition(_HINTS)[0])


def _merge(stage: "Stage", branch: str, message: str) -> None:
    """Review a pull request and merge it, as a person would."""
    from workflowops.cli.demo_stage import git

    _say("Somebody reviews the pull request, and merges it.")
    git(stage.checkout, "fetch", "--quiet", "origin", branch)
    _say(f"$ git diff main...{branch}")
    click.echo(git(stage.checkout, "diff", "--no-color", "--no-ext-diff", "--unified=1", "HEAD...FETCH_HEAD").rstrip())
    git(stage.checkout, "merge", "--quiet", "--no-ff", "--message", message, "FETCH_HEAD")
    git(stage.checkout, "push", "--quiet", "origin", "main")


def _show(markdown: str) -> None:
    from workflowops.cli.demo_stage import as_shown

    click.echo(as_shown(markdown))


def _run(*arguments: str, expected: int = 0) -> None:
    from workflowops.cli import main
    from workflowops.errors import BlockedError

    _say(f"$ workflowops {' '.join(arguments)}")
    code = main(arguments)
    sys.stdout.flush()
    if code != expected:
        raise BlockedError(
            f"The demo's `workflowops {arguments[0]}` ended with {code} instead of {expected}.",
            fix="This is a fault of WorkflowOps; please tell us what it printed.",
        )
    if code:
        _say(f"(exit code {code}, so the job fails and somebody looks)")


def _say(text: str) -> None:
    click.echo(f"\n{text}" if text.startswith("$") else f"\n# {text}")
