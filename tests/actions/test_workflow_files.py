"""The workflow files that come with the program: safe, complete, and the very ones that the READMEs show."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.actions.contract import PACKAGED, PLACEHOLDER, ROOT, Workflow, for_act, packaged_workflows, yaml_examples
from tests.actions.runner import ACT, Repository, make_repository

WORKFLOWS = {Path(workflow.where).stem.removeprefix("workflowops-"): workflow for workflow in packaged_workflows()}
SHOWN_BY = {
    "validate": "validate", "drift": "drift", "comments": "comment", "preview": "promote-preview",
    "promote": "promote-plan", "doctor": "doctor",
}  # fmt: skip
JOBS = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow.jobs]
# Jobs that speak of a commit of their own rather than of the default branch as it is by then.
OF_THEIR_COMMIT = {("validate", "validate"), ("preview", "preview"), ("promote", "plan")}
# The job that runs on pull requests from forks, and asks no instance.
WITHOUT_KEYS = {("validate", "validate")}
SCHEDULED = ("sync", "drift", "doctor")
# A job that waits for its reviewers holds nobody up; the program lets one at a time write.
WITHOUT_A_GROUP = {("promote", "apply"), ("comments", "apply")}
# Jobs of promotions; the one that answers comments is for incidents as well.
PROMOTING = [each for each in JOBS if each[0] in {"preview", "promote"} or each[1] == "apply"]
WORDS = ("promote", "approve", "reject", "rollback", "lock", "unlock", "help")
LABEL = {"name": "workflowops:incident"}
OURS = {"number": 7, "body": "Text\n<!-- workflowops:incident 4711 -->", "labels": [LABEL]}
THEIRS = {"number": 8, "body": "Please see https://example.com/a/b", "labels": [{"name": "bug"}]}
ADA = {"login": "ada", "type": "User"}
BOT = {"login": "stale[bot]", "type": "Bot"}


def job_of(name: str, job: str | None = None) -> dict[str, Any]:
    """A job of a file; the only one where none is named."""
    jobs = WORKFLOWS[name].jobs
    if job is None:
        (job,) = jobs
    return dict(jobs[job])


def checkout_of(name: str, job: str) -> dict[str, Any]:
    (found,) = [step for step in job_of(name, job)["steps"] if step["uses"].startswith("actions/checkout@")]
    return dict(found["with"])


def triggers(name: str) -> dict[str, Any]:
    """What starts a workflow; YAML reads the key `on` as true."""
    return WORKFLOWS[name].document[True]


def test_there_is_a_file_for_everything_that_starts_a_run() -> None:
    assert set(WORKFLOWS) == {*SHOWN_BY, "sync"}
    assert {path.name for path in PACKAGED.iterdir() if path.is_file()} == {
        f"workflowops-{name}.yml" for name in WORKFLOWS
    }


@pytest.mark.parametrize(("name", "action"), SHOWN_BY.items())
def test_the_readme_of_the_action_shows_the_file_as_it_is(name, action) -> None:
    (shown,) = yaml_examples(ROOT / "action" / action / "README.md", begin=("name:",))
    assert shown == WORKFLOWS[name].text


@pytest.mark.parametrize("name", WORKFLOWS)
def test_zizmor_finds_nothing(name, tmp_path) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "file.yml").write_text(WORKFLOWS[name].text.replace(PLACEHOLDER, "0" * 40), encoding="utf-8")
    found = subprocess.run(
        [
            str(Path(sys.executable).with_name("zizmor")),
            "--offline",
            "--strict-collection",
            "--no-progress",
            str(folder),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", WORKFLOWS)
def test_github_s_schema_of_workflows_is_kept(name) -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.github-workflows",
            str(ROOT / WORKFLOWS[name].where),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_the_queue_is_the_jobs_and_nothing_that_runs_is_cancelled(name, job) -> None:
    assert "concurrency" not in WORKFLOWS[name].document
    concurrency = job_of(name, job).get("concurrency")
    assert (concurrency is None) == ((name, job) in WITHOUT_A_GROUP)
    assert (concurrency or {}).get("cancel-in-progress", False) is False


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_the_default_branch_as_it_is_by_then_is_checked_out(name, job) -> None:
    checkout = checkout_of(name, job)
    assert checkout.get("ref") == (
        None if (name, job) in OF_THEIR_COMMIT else "${{ github.event.repository.default_branch }}"
    )
    assert checkout["persist-credentials"] is ((name, job) not in WITHOUT_KEYS)


@pytest.mark.parametrize(("name", "job"), PROMOTING)
def test_a_promotion_sees_the_commits_before_its_own(name, job) -> None:
    assert checkout_of(name, job)["fetch-depth"] == 0


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_a_run_that_hangs_ends(name, job) -> None:
    assert job_of(name, job)["timeout-minutes"] <= (60 if "environment" in job_of(name, job) else 30)


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_all_files_know_the_same_instances(name, job) -> None:
    known = job_of(name, job).get("env", {})
    assert known == ({} if (name, job) in WITHOUT_KEYS else job_of("drift")["env"])
    for variable, value in known.items():
        holder = "secrets" if variable.endswith("_KEY") else "vars"
        assert value == f"${{{{ {holder}.{variable} }}}}"


def test_the_schedules_keep_away_from_the_full_hour_and_from_each_other() -> None:
    minutes = []
    for name in SCHEDULED:
        (schedule,) = triggers(name)["schedule"]
        minutes.append(int(schedule["cron"].split()[0]))
        assert "workflow_dispatch" in triggers(name)
    assert 0 not in minutes
    assert len(set(minutes)) == len(SCHEDULED)
    assert {name for name in WORKFLOWS if "schedule" in triggers(name)} == set(SCHEDULED)


@pytest.mark.parametrize("name", ["sync", "drift"])
def test_the_dashboard_says_what_the_steps_before_could_not_read(name) -> None:
    *_, last = job_of(name)["steps"]
    assert last["uses"].startswith("OWNER/workflowops/action/status@")
    assert last["if"] == "${{ !cancelled() }}"
    assert last["with"] == {"issue": True}


def test_no_command_that_waits_is_pushed_out() -> None:
    concurrency = job_of("comments", "answer")["concurrency"]
    assert concurrency["queue"] == "max"
    assert "github.event.issue.number" in concurrency["group"]


def test_each_job_may_do_what_it_needs_and_no_more() -> None:
    answering = {"contents": "write", "issues": "write", "pull-requests": "write"}
    for name, job in (("comments", "answer"), ("sync", "sync"), ("drift", "drift")):
        assert job_of(name, job)["permissions"] == answering
    assert job_of("validate")["permissions"] == {"contents": "read"}
    assert set(job_of("doctor")["permissions"].values()) == {"read"}
    reading = {"checks": "read", "statuses": "read", "actions": "read"}
    for name, job in (("promote", "plan"), ("promote", "apply"), ("comments", "apply")):
        assert job_of(name, job)["permissions"] == {"contents": "write", "pull-requests": "write"} | reading
    told = {"contents": "read", "pull-requests": "write", "checks": "write"}
    assert job_of("preview")["permissions"] == reading | told


def test_only_the_job_that_writes_to_n8n_has_an_environment_and_so_its_key() -> None:
    gated = [(name, job) for name, job in JOBS if "environment" in job_of(name, job)]
    assert gated == [("comments", "apply"), ("promote", "apply")]
    for name, job in gated:
        assert job_of(name, job)["environment"] == "${{ matrix.promotion.environment }}"
    writing = [
        (name, job) for name, job in JOBS for step in job_of(name, job)["steps"] if "promote-apply" in step["uses"]
    ]
    assert writing == gated


def test_a_fork_gets_no_key() -> None:
    assert "pull_request_target" not in triggers("preview")
    assert "head.repo.full_name == github.repository" in job_of("preview")["if"]


def test_no_merge_is_pushed_out_before_it_is_planned() -> None:
    assert job_of("promote", "plan")["concurrency"] == {"group": "workflowops-promote-plan", "queue": "max"}


@pytest.mark.parametrize("name", ["promote", "comments"])
def test_one_target_does_not_cut_another_one_off(name) -> None:
    assert job_of(name, "apply")["strategy"]["fail-fast"] is False


def test_a_promotion_is_carried_out_alike_whatever_made_it_ready() -> None:
    own = {"needs", "if", "strategy"}
    merged, commented = (
        {key: value for key, value in job_of(name, "apply").items() if key not in own}
        for name in ("promote", "comments")
    )
    assert merged == commented


def test_only_what_the_program_answers_decides_what_is_carried_out() -> None:
    job = job_of("comments", "apply")
    assert job["needs"] == "answer"
    assert job_of("comments", "answer")["outputs"] == {"promotions": "${{ steps.comment.outputs.promotions }}"}
    answered = "needs.answer.result != 'skipped' && needs.answer.outputs.promotions || '[]'"
    assert job["strategy"]["matrix"] == {"promotion": f"${{{{ fromJSON({answered}) }}}}"}
    assert "github.event" not in job["if"]


def test_a_command_about_promotions_starts_the_job() -> None:
    from workflowops.core.comment.commands import ON_PULL_REQUESTS

    assert set(WORDS) == {str(each) for each in ON_PULL_REQUESTS}
    assert all(f"'/{word}'" in job_of("comments", "answer")["if"] for word in WORDS)


@pytest.mark.parametrize(("name", "job"), PROMOTING)
def test_no_promotion_waits_for_its_own_jobs(name, job) -> None:
    from workflowops.io.github.checks import OUR_JOBS

    assert job_of(name, job)["name"].startswith(OUR_JOBS)


@pytest.mark.parametrize(("name", "job"), JOBS)
def test_no_text_of_an_event_is_given_to_a_step(name, job) -> None:
    for step in job_of(name, job)["steps"]:
        assert "run" not in step
        given = str(step.get("with", {})) + str(step.get("env", {})) + str(job_of(name, job).get("env", {}))
        assert "github.event" not in given.replace("${{ github.event.repository.default_branch }}", "")


def payloads() -> Iterator[Any]:
    """What GitHub may send, and whether the file is subscribed to it."""
    for action in ("created", "edited", "deleted"):
        yield pytest.param("issue_comment", action, id=f"comment {action}")
    actions = ("opened", "edited", "deleted", "transferred", "pinned", "closed", "reopened", "assigned", "unassigned")
    for action in (*actions, "labeled", "unlabeled", "locked", "unlocked", "milestoned", "demilestoned"):
        yield pytest.param("issues", action, id=f"issue {action}")


@pytest.mark.parametrize(("event", "action"), [*payloads()])
def test_the_file_subscribes_to_what_the_program_reads_and_to_nothing_else(event, action) -> None:
    from workflowops.core.comment.event import Ignored, read_event

    payload = {
        "action": action,
        "issue": {
            "number": 7,
            "user": ADA,
            "html_url": "https://github.com/o/r/issues/7",
            "created_at": "2026-01-14T15:25:00Z",
            "labels": [{"name": "workflowops:onboard"}],
        },
        "comment": {
            "id": 4711,
            "body": "/status",
            "user": ADA,
            "html_url": "https://github.com/o/r/issues/7#issuecomment-4711",
            "created_at": "2026-01-14T15:25:00Z",
        },
        "sender": ADA,
    }
    is_read = not isinstance(read_event(event, payload), Ignored)
    assert is_read == (action in triggers("comments")[event]["types"])


def test_what_act_cannot_read_is_taken_out_for_it_and_nothing_else() -> None:
    text = WORKFLOWS["comments"].text
    gone = [line for line in text.splitlines() if line not in for_act(text).splitlines()]
    assert [line.split(":")[0].strip() for line in gone] == ["queue", "ref", "ref"]
    left = yaml.safe_load(for_act(text))["jobs"].values()
    assert [step["uses"] for job in left for step in job["steps"]] == [
        step["uses"] for step in WORKFLOWS["comments"].steps
    ]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return make_repository(tmp_path_factory.mktemp("comments"), files={"README.md": "Workflows\n"})


def without_steps(workflow: Workflow) -> str:
    """The file with a step in place of its own that tells that the job ran."""
    head, _, _ = workflow.text.partition("    steps:\n")
    return f"{head}    steps:\n      - run: echo the job ran\n"


def comment(body: str, *, issue: dict[str, Any] = OURS, sender: dict[str, str] = ADA) -> dict[str, Any]:
    return {"action": "created", "issue": issue, "comment": {"body": body, "user": sender}, "sender": sender}


def issue_event(action: str, issue: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"action": action, "issue": issue, "sender": ADA} | more


ON_A_PULL_REQUEST = OURS | {"pull_request": {"url": "https://api.github.com/repos/o/r/pulls/7"}}
BARE = OURS | {"labels": [], "body": None}
FORM = THEIRS | {"labels": [{"name": "workflowops:onboard"}]}
UNMANAGED = THEIRS | {"body": "<!-- workflowops:unmapped 4711 -->", "labels": [{"name": "workflowops:unmapped"}]}


@pytest.mark.act
@pytest.mark.skipif(ACT is None, reason="act is not installed")
@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        pytest.param(comment("/status"), True, id="a command"),
        pytest.param(comment("Well.\r\n\r\n  /status"), True, id="a command further down"),
        pytest.param(comment("I am looking."), False, id="no command"),
        pytest.param(comment("/status", sender=BOT), False, id="by a bot"),
        pytest.param(comment("/status", issue=THEIRS), False, id="on an issue of somebody else"),
        pytest.param(comment("/status", issue=OURS | {"labels": []}), True, id="labels lost"),
        pytest.param(comment("/status", issue=OURS | {"body": None}), True, id="body lost"),
        pytest.param(comment("/status", issue=ON_A_PULL_REQUEST), False, id="of an incident on a pull request"),
        *(
            pytest.param(comment(f"Well.\n/{word} x", issue=ON_A_PULL_REQUEST), True, id=f"{word} on a pull request")
            for word in WORDS
        ),
        pytest.param(comment("Approve https://a/b", issue=ON_A_PULL_REQUEST), False, id="a link on a pull request"),
        pytest.param(comment("/approve", issue=ON_A_PULL_REQUEST, sender=BOT), False, id="by a bot on a pull request"),
        pytest.param(comment("/rollback promo-7"), True, id="about a promotion on an incident"),
        pytest.param(comment("/rollback promo-7", issue=THEIRS), False, id="about a promotion on another issue"),
        pytest.param(issue_event("opened", FORM), True, id="the onboarding form"),
        pytest.param(issue_event("opened", FORM, sender=BOT), False, id="the form's label by a bot"),
        pytest.param(issue_event("opened", OURS), False, id="an incident opened by a person's token"),
        pytest.param(issue_event("opened", THEIRS), False, id="another issue opened"),
        pytest.param(comment("/onboard w-051", issue=FORM), True, id="a command on a form"),
        pytest.param(comment("/onboard all", issue=UNMANAGED), True, id="on the list of unmanaged workflows"),
        pytest.param(comment("/onboard all", issue=UNMANAGED | {"labels": []}), True, id="on the list, label lost"),
        pytest.param(comment("/onboard all", issue=UNMANAGED | {"body": None}), True, id="on the list, body lost"),
        pytest.param(issue_event("closed", OURS), True, id="closed by hand"),
        pytest.param(issue_event("closed", THEIRS), False, id="another issue closed"),
        pytest.param(issue_event("labeled", THEIRS, label={"name": "bug"}), False, id="another label"),
        pytest.param(issue_event("unlabeled", BARE, label=LABEL), True, id="our label taken off"),
        pytest.param(issue_event("edited", OURS, sender=BOT), False, id="edited by a bot"),
        pytest.param(issue_event("closed", OURS, sender=BOT), True, id="closed by a bot"),
        pytest.param(issue_event("reopened", OURS, sender=BOT), True, id="reopened by a bot"),
        pytest.param(issue_event("labeled", OURS, sender=BOT, label=LABEL), False, id="labeled by a bot"),
    ],
)
def test_a_job_starts_only_for_what_may_concern_an_incident(repository, payload, starts) -> None:
    event = "issue_comment" if "comment" in payload else "issues"
    run = repository.run(without_steps(WORKFLOWS["comments"]), event=event, payload=payload)
    assert ("the job ran" in run.shown()) == starts, run.text
