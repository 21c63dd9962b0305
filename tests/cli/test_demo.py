"""The demo plays to its end, and the README shows what it prints."""

import json
import re
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from tests.actions.contract import ROOT, between
from tests.git_repositories import content_of

from workflowops.cli import main
from workflowops.cli.demo_stage import as_shown

README = ROOT / "README.md"
DOCS = ROOT / "docs"
VARYING = {
    r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC": "<time>",
    r"\bfile://\S+/github/": "file://<folder>/github/",
    r"\bn8n id \w{16}\b": "n8n id <id>",
    r"\| \w{16} \|": "| <id> |",
    r"\b(\d+m )?\d+s\b": "<seconds>",
    r"--workflow \w{16}\b": "--workflow <id>",
    r"/onboard \w{16}\b": "/onboard <id>",
    r"\b[0-9a-f]{64}\b": "<digest>",
    r"\b[0-9a-f]{12}\b": "<commit>",
    r"<code>\w{16}</code>": "<code><id></code>",
    r"\(n8n id \w{16}\)": "(n8n id <id>)",
    r"\b\d+\.\d s\b": "<seconds>",
}


CONFIGURED = {
    "GITHUB_TOKEN": "not-a-token",
    "GITHUB_REPOSITORY": "acme/workflows",
    "GITHUB_API_URL": "http://127.0.0.1:9",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF_NAME": "main",
    "GITHUB_REF_TYPE": "branch",
    "WORKFLOWOPS_ENVIRONMENT": "nowhere",
}


def steady(text: str) -> str:
    """Take out what is different in every run."""
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Play the demo once, in a folder that stays."""
    folder = tmp_path_factory.mktemp("demo") / "played"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "100")
        for variable, value in CONFIGURED.items():
            patch.setenv(variable, value)
        written = BytesIO()
        patch.setattr("sys.stdout", TextIOWrapper(written, encoding="utf-8", write_through=True))
        code = main(["demo", "--directory", str(folder)])
    return code, written.getvalue().decode("utf-8"), folder


INCIDENT = 5
"""The number of the incident's issue. Before it: an issue about what is unmanaged in each environment, a promotion."""


def issue(folder: Path) -> dict[str, Any]:
    """The incident's issue as it stands at the end."""
    return json.loads((folder / "github" / "issues" / f"{INCIDENT}.json").read_bytes())


def pull_request(folder: Path) -> dict[str, Any]:
    """The promotion's pull request as it stands at the end."""
    return json.loads((folder / "github" / "pull-requests" / "4.json").read_bytes())


def test_the_demo_plays_to_its_end(played) -> None:
    code, text, _ = played
    assert code == 0
    assert "The audit log is intact" in text


def test_the_demo_finds_the_hot_fix_and_nothing_else(played) -> None:
    _, text, _ = played
    assert "- https://api.paymentprocessor.com/charge" in text
    assert "+ https://api-new.paymentprocessor.com/charge" in text
    assert re.findall(r"^  (.+): edited in n8n", text, re.MULTILINE) == ["Payment Gateway"]


def test_the_incident_goes_all_the_way_from_detected_to_closed(played) -> None:
    _, _, folder = played
    record = json.loads(content_of(folder / "remote.git", f"workflowops-state:incidents/{INCIDENT}.json"))
    statuses = list(dict.fromkeys(step["status"] for step in record["timeline"]))
    assert statuses == ["detected", "acknowledged", "stabilized", "reconciled", "closed"]
    assert record["resolution_type"] == "accepted_runtime_changes"
    assert record["acknowledged_by"] == "oncall"
    assert record["closed_by"] == "lead"
    assert not record["notes"], "something was decided and never said"


def test_the_issue_shows_what_the_record_says(played) -> None:
    _, _, folder = played
    found = issue(folder)
    assert found["state"] == "closed"
    assert {"workflowops:incident", "workflowops:closed"} <= set(found["labels"])
    assert "### Incident closed" in found["comments"][-1]["body"]


def test_every_command_is_reacted_to_and_answered_once(played) -> None:
    _, text, folder = played
    comments = issue(folder)["comments"]
    people = [each for each in comments if not each["author"].endswith("[bot]")]
    asked = [re.search(r"^/\w+", each["body"], re.MULTILINE)[0] for each in people]
    assert asked == ["/acknowledge", "/adopt", "/stabilize", "/close"]
    assert all("+1" in each["reactions"] for each in people)
    heads = [each["body"].split("\n")[0] for each in comments if each not in people]
    assert [sum(f"<code>{command}</code>" in head for head in heads) for command in asked] == [1, 1, 1, 1]
    assert text.count("# The answer:") == 6, "four on the incident, one each on a pull request and an issue"


def test_the_promotion_goes_all_the_way_from_pull_request_to_completed(played) -> None:
    _, _, folder = played
    record = json.loads(content_of(folder / "remote.git", "workflowops-state:promotions/promo-1.json"))
    assert (record["status"], record["source_stage"], record["target_stage"]) == ("completed", "dev", "staging")
    assert (record["approved_by"], record["approval_comment"]) == (
        "lead",
        "Changes look good, inventory check is needed",
    )
    result = record["execution_result"]
    assert (result["workflows_promoted"], result["workflows_failed"], result["rollback_performed"]) == (1, 0, False)
    assert (result["target_pre_snapshot_id"], result["target_post_snapshot_id"]) == ("promo-1-pre", "promo-1-post")
    assert [each["outcome"] for each in record["workflows"]] == ["as_planned"]
    found = pull_request(folder)
    assert "workflowops:staging-completed" in found["labels"]
    assert any("promo-1</code> completed" in each["body"] for each in found["comments"])


def test_the_workflow_that_nobody_had_under_git_is_onboarded_and_told_so(played) -> None:
    _, _, folder = played
    mapping = json.loads(content_of(folder / "remote.git", "workflowops-state:environments/dev/mapping.json"))
    (entry,) = [each for each in mapping["workflows"].values() if each["workflow_name"] == "Customer Survey Automation"]
    sidecar = json.loads(content_of(folder / "remote.git", "main:dev/customer_survey_automation.wfo.json"))
    assert (entry["status"], entry["canonical_id"]) == ("linked", sidecar["canonical_id"])
    alert = json.loads((folder / "github" / "issues" / "1.json").read_bytes())
    assert alert["state"] == "closed"
    (told,) = [each["body"] for each in alert["comments"] if "successfully onboarded" in each["body"]]
    assert sidecar["canonical_id"] in told


def test_git_has_the_hot_fix_in_the_end(played) -> None:
    _, _, folder = played
    assert b"https://api-new.paymentprocessor.com/charge" in content_of(
        folder / "remote.git", "main:prod/payment_gateway.json"
    )
    assert b"api-new" not in content_of(folder / "remote.git", "main:staging/payment_gateway.json")


def test_the_demo_stays_readable(played) -> None:
    _, text, _ = played
    assert text.count("\n") < 700


def test_the_demo_leaves_its_repository_where_it_was_asked_to(played) -> None:
    _, text, folder = played
    assert (folder / "repository" / "prod" / "payment_gateway.wfo.json").is_file()
    assert str(folder / "github" / "issues") in text


def test_the_demo_hears_nothing_of_the_runner_that_it_finds_itself_in(played) -> None:
    """The fixture's variables name a repository, a run and an environment of somebody's."""
    code, text, folder = played
    assert code == 0
    for name in ("acme/workflows", "not-a-token", "nowhere", "::group::"):
        assert name not in text
    record = json.loads(content_of(folder / "remote.git", f"workflowops-state:incidents/{INCIDENT}.json"))
    assert (record["detection_method"], record["git_branch"]) == ("manual", None)


def test_the_readme_shows_what_the_demo_prints(played) -> None:
    _, text, _ = played
    excerpt = between(README, "demo").removeprefix("```text").removesuffix("```").strip()
    assert excerpt
    assert steady(excerpt) in steady(text)


@pytest.mark.parametrize("name", ["incident", "closing"])
def test_the_guide_shows_what_readers_of_the_issue_see(played, name) -> None:
    _, text, _ = played
    quoted = between(DOCS / "incidents.md", name).split("\n")
    assert all(line.startswith(">") for line in quoted)
    shown = as_shown("\n".join(line.removeprefix(">").removeprefix(" ") for line in quoted))
    assert len(shown) > 500
    assert steady(shown) in steady(text)


def test_the_guide_shows_the_preview_that_the_pull_request_got(played) -> None:
    _, _, folder = played
    quoted = between(DOCS / "promotion.md", "promotion").split("\n")
    shown = "\n".join(line.removeprefix(">").removeprefix(" ") for line in quoted)
    page = (folder / "github" / "pull-requests" / "4.md").read_text(encoding="utf-8")
    assert len(shown) > 500
    assert steady(shown) in steady(page)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        pytest.param("A <code>b&#95;c</code> <!-- mark -->", "    A b_c", id="tags, entities, hidden"),
        pytest.param("<details open><summary>A</summary>\n\nB\n</details>", "    A\n\n    B", id="folded out"),
        pytest.param("<details><summary>A</summary>\n\nB\n</details>", "    (folded up: A)", id="folded up"),
        pytest.param(
            "A\n\n```mermaid\nflowchart LR\n```\n\n\n\nB",
            "    A\n\n    (a picture of the changed nodes)\n\n    B",
            id="picture",
        ),
        pytest.param("&lt;code&gt;", "    <code>", id="what looks like a tag and is text"),
    ],
)
def test_markdown_is_shown_as_a_reader_sees_it(markdown, expected) -> None:
    assert as_shown(markdown) == expected
