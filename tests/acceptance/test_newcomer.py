"""From an empty repository to a working set-up: what a newcomer does, in their order, and what is true at the end."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.acceptance.conftest import NOT_ASKED, as_param, wanted_versions
from tests.acceptance.newcomer import CORPUS, PIN, READS, STAGES, Newcomer, made_newcomer

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the repository"),
]

INIT = ("init", *(word for stage in STAGES for word in ("--environment", stage)), "--yes", "--actions", PIN)
HOT_FIX = "A name that somebody gave it in n8n"
WORKFLOW_FILES = {
    f".github/workflows/workflowops-{name}.yml"
    for name in ("validate", "sync", "drift", "comments", "preview", "promote", "doctor")
}
# What is true of an instance full of workflows before anything was done about it, and no reason to stop.
NEW = {
    *((f"environment {stage}", f"state.{name}") for stage in STAGES for name in ("sync", "baseline")),
    ("state", "state.branch"),
    ("environment dev", "n8n.names"),
    ("environment dev", "n8n.webhooks"),
    ("environment staging", "n8n.credentials.next"),
}
FORM = ".github/ISSUE_TEMPLATE/workflowops-onboard.yml"


@dataclass(slots=True)
class Story:
    """Everything that the newcomer saw, by the step. `seconds` go from `init` to the first drift report.

    `names` are those of dev's workflows at the beginning, and how often each occurs.
    """

    newcomer: Newcomer
    names: Counter[str]
    seen: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    seconds: float = 0

    @property
    def workflows(self) -> int:
        """How many workflows dev has."""
        return self.names.total()

    def checks(self, step: str) -> dict[tuple[str, str], Any]:
        """What the doctor found in a step, by subject and id."""
        return {(each["subject"], each["id"]): each for each in self.seen[step]["checks"]}

    def verdicts(self, step: str, verdict: str) -> set[tuple[str, str]]:
        """The checks that ended so."""
        return {key for key, each in self.checks(step).items() if each["verdict"] == verdict}


@pytest.fixture(
    scope="module",
    params=[pytest.param("", id="sandbox"), *([as_param(name) for name in wanted_versions()[:1]] or [NOT_ASKED])],
)
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The whole way, once; the tests look at what was seen on it."""
    with made_newcomer(tmp_path_factory.mktemp("newcomer"), dev=request.param) as newcomer:
        told = Story(newcomer, names=Counter(each["name"] for each in newcomer.workflows("dev").values()))
        started = time.monotonic()
        set_up(told)
        bring_under_git(told)
        told.seconds = time.monotonic() - started
        edit_by_hand(told)
        yield told
        print(f"\n--- doctor, before\n{told.tables['before']}\n--- doctor, after\n{told.tables['after']}")
        print(f"--- from init to the first drift report: {told.seconds:.0f} s, {told.workflows} workflows in dev")


def set_up(story: Story) -> None:
    """`init`, push, and the doctor until it is content."""
    newcomer, seen = story.newcomer, story.seen
    seen["init"] = newcomer.json(*INIT)
    newcomer.follow(seen["init"]["next"][0]["command"])
    seen["init again"] = newcomer.json(*INIT)
    seen["changed by init again"] = newcomer.repository.git("status", "--porcelain")
    story.tables["before"] = newcomer.run("doctor", code=3).out
    seen["doctor with nothing"] = newcomer.json("doctor", code=3)
    newcomer.know_github()
    newcomer.know_instances()
    seen["doctor with keys"] = newcomer.json("doctor", code=3)
    newcomer.know_instances(*READS)
    newcomer.settle_github()
    story.tables["after"] = newcomer.run("doctor").out
    seen["doctor when settled"] = newcomer.json("doctor")


def bring_under_git(story: Story) -> None:
    """Sync, onboard by pull requests, merge them, accept that as last known good, and look for drift."""
    newcomer, seen = story.newcomer, story.seen
    seen["first sync"] = newcomer.json("sync")
    (seen["list"],) = newcomer.issues("workflowops:unmapped")
    seen["onboarded"] = newcomer.json("onboard", "--environment", "dev", "--all", code=3)
    seen["onboarded after a look"] = newcomer.json("onboard", "--environment", "dev", "--all", "--allow-secrets")
    seen["pulls"] = newcomer.open_pulls()
    seen["sync before the merge"] = newcomer.json("sync")
    for number in seen["pulls"]:
        newcomer.merge(number)
    seen["sync after the merge"] = newcomer.json("sync")
    seen["baseline"] = newcomer.json("baseline")
    seen["drift"] = newcomer.json("drift", "--fail-on-drift")
    seen["status"] = newcomer.json("status")
    seen["doctor in the end"] = newcomer.json("doctor")


def edit_by_hand(story: Story) -> None:
    """One workflow gets another name in n8n; the check finds that and nothing else."""
    newcomer, seen = story.newcomer, story.seen
    server = newcomer.servers["dev"]
    seen["edited"] = min(newcomer.workflows("dev"))
    server.edit_by_hand(seen["edited"], name=HOT_FIX)
    seen["drift after the edit"] = newcomer.json("drift", "--fail-on-drift", code=3)
    seen["status after the edit"] = newcomer.json("status")


def dev(document: Any) -> Any:
    """The part of a report that is about dev."""
    return next(each for each in document["environments"] if each["environment"] == "dev")


def test_init_writes_what_a_repository_needs_and_again_nothing(story: Story) -> None:
    assert {*WORKFLOW_FILES, FORM, "workflowops.yml", ".gitattributes"} <= set(story.newcomer.files())
    assert story.seen["changed by init again"] == ""


def test_the_doctor_names_everything_that_is_not_set(story: Story) -> None:
    assert story.verdicts("doctor with nothing", "broken") == {
        (f"environment {each}", "n8n.settings") for each in STAGES
    }
    checks = story.checks("doctor with nothing")
    for stage in STAGES:
        found = checks[f"environment {stage}", "n8n.settings"]
        assert f"N8N_{stage.upper()}_URL" in found["found"]
        assert f"N8N_{stage.upper()}_URL: ${{{{ vars.N8N_{stage.upper()}_URL }}}}" in found["fix"]
    (unknown,) = story.verdicts("doctor with nothing", "unknown")
    assert unknown[0] == "repository"
    assert "GITHUB_REPOSITORY" in checks[unknown]["found"]


def test_the_doctor_tells_of_keys_that_may_too_much_and_gates_that_guard_nothing(story: Story) -> None:
    assert story.verdicts("doctor with keys", "broken") == {
        ("environment prod", "github.approval"), ("repository", "github.values"), ("repository", "github.labels"),
    }  # fmt: skip
    assert story.verdicts("doctor with keys", "warning") - NEW == {
        *((f"environment {stage}", "n8n.excess") for stage in STAGES),
        *((f"environment {stage}", "github.writing_key") for stage in STAGES[1:]),
        ("repository", "github.default_branch"),
    }
    approval = story.checks("doctor with keys")["environment prod", "github.approval"]
    assert "required reviewers" in approval["fix"]
    assert "approval: comments" in approval["fix"]


def test_the_doctor_is_content_with_what_was_set_and_names_what_is_left(story: Story) -> None:
    for verdict, expected in (("broken", set()), ("unknown", set()), ("warning", NEW)):
        assert story.verdicts("doctor when settled", verdict) == expected
    same = [each["found"] for (_, name), each in story.checks("doctor when settled").items() if name == "n8n.names"]
    twice = sum(number > 1 for number in story.names.values())
    assert same[0].startswith(f"{twice} names are used more than once")


def test_the_doctor_has_nothing_to_say_about_the_state_in_the_end(story: Story) -> None:
    left = story.verdicts("doctor in the end", "warning") | story.verdicts("doctor in the end", "broken")
    assert left == NEW - {("state", "state.branch")} - {
        *((f"environment {stage}", "state.sync") for stage in STAGES),
        *((f"environment {stage}", "state.baseline") for stage in STAGES),
    }  # fmt: skip
    assert story.checks("doctor in the end")["state", "state.audit"]["verdict"] == "passed"


def test_the_first_sync_finds_what_is_there_and_lists_it(story: Story) -> None:
    found = story.seen["first sync"]
    assert (found["workflows_synced"], found["workflows_unmapped"]) == (story.workflows, story.workflows)
    assert len(found["created_workflow_ids"]) == story.workflows
    listed = story.seen["list"]
    assert listed["title"].startswith(f"{story.workflows} unmanaged workflows in ")
    assert len(listed["body"]) < 60_000


def test_what_looks_like_a_secret_is_left_out_until_somebody_has_looked(story: Story) -> None:
    first, second = story.seen["onboarded"], story.seen["onboarded after a look"]
    assert first["workflows_proposed"] + second["workflows_proposed"] == story.workflows
    assert len(first["refused"]) == second["workflows_proposed"] > 0
    assert not any("***" in each["fix"] for each in first["refused"])
    one, other = (story.newcomer.pull(number)["body"] for number in story.seen["pulls"])
    for refused in first["refused"]:
        assert refused["workflow_id"] in one.partition("### Not in it")[2]
        assert refused["workflow_id"] in other.partition("### Look at this before merging")[2]


def test_nothing_is_linked_before_the_merge_and_everything_after_it(story: Story) -> None:
    before, after = story.seen["sync before the merge"], story.seen["sync after the merge"]
    assert (before["workflows_linked"], before["workflows_unmapped"]) == (0, story.workflows)
    assert (after["workflows_linked"], after["workflows_unmapped"], after["errors"]) == (story.workflows, 0, 0)
    requests = story.newcomer.state("onboarding.json")["requests"].values()
    assert Counter(each["status"] for each in requests) == {"onboarded": story.workflows}
    for number in story.seen["pulls"]:
        assert any("successfully onboarded" in each for each in story.newcomer.said(number))
    (listed,) = story.newcomer.issues("workflowops:unmapped")
    assert listed["state"] == "closed"


def test_every_workflow_has_a_file_that_n8n_would_take_and_a_sidecar(story: Story) -> None:
    paths = [path for path in story.newcomer.files() if path.startswith("dev/")]
    sidecars = [path for path in paths if path.endswith(".wfo.json")]
    workflows = [path for path in paths if path.endswith(".json") and not path.endswith(".wfo.json")]
    assert len(workflows) == len(sidecars) == story.workflows
    clone = story.newcomer.repository.clone
    assert Counter(json.loads((clone / path).read_bytes())["name"] for path in workflows) == story.names


def test_the_first_check_is_in_sync(story: Story) -> None:
    assert dev(story.seen["baseline"])["accepted"] == story.workflows
    report = dev(story.seen["drift"])
    assert (report["drift_status"], report["counts"]["in_sync"]) == ("in_sync", story.workflows)


def test_the_matrix_shows_what_the_instances_hold(story: Story) -> None:
    status = story.seen["status"]
    cells = {each["cells"]["dev"]["n8n_workflow_id"]: each["cells"]["dev"] for each in status["workflows"]}
    held = story.newcomer.workflows("dev")
    assert {key: each["active"] for key, each in cells.items()} == {key: each["active"] for key, each in held.items()}
    assert Counter((each["kind"], each["freshness"]) for each in cells.values()) == {
        ("in_sync", "fresh"): story.workflows
    }
    assert {stage: story.newcomer.workflows(stage) for stage in STAGES[1:]} == {"staging": {}, "prod": {}}
    counted = {each["name"]: (each["drift_status"], each["counts"]["in_sync"]) for each in status["environments"]}
    assert counted == {"dev": ("in_sync", story.workflows), "staging": ("in_sync", 0), "prod": ("in_sync", 0)}


def test_the_matrix_shows_the_edit_and_its_incident(story: Story) -> None:
    status = story.seen["status after the edit"]
    kinds = {each["cells"]["dev"]["n8n_workflow_id"]: each["cells"]["dev"]["kind"] for each in status["workflows"]}
    assert [key for key, kind in kinds.items() if kind != "in_sync"] == [story.seen["edited"]]
    assert kinds[story.seen["edited"]] == "drifted"
    (incident,) = status["incidents"]
    assert (incident["environment"], incident["status"]) == ("dev", "detected")
    (issue,) = story.newcomer.issues("workflowops:incident")
    assert issue["number"] == incident["number"]


def test_an_edit_in_n8n_is_the_only_drift(story: Story) -> None:
    report = dev(story.seen["drift after the edit"])
    assert [each["workflow_id"] for each in report["workflows"]] == [story.seen["edited"]]
    assert report["counts"]["in_sync"] == story.workflows - 1


def test_the_audit_log_holds_from_its_beginning(story: Story) -> None:
    story.newcomer.run("audit", "verify")


def test_the_clone_holds_no_key(story: Story) -> None:
    keys = [value for name, value in story.newcomer.variables.items() if name.endswith("_API_KEY")]
    everything = story.newcomer.repository.git("log", "--all", "--patch", "--no-color")
    assert not any(key in everything for key in keys)
