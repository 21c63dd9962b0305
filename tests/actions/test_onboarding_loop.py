"""Walkthrough 4: from an edit in n8n to a file in Git, by the issue form and by comments, in a real runner."""

import json
from collections.abc import Iterator

import pytest
from tests.actions.onboarding import ANSWERS, FORM, LINKED, SURVEY, Onboarding, filled, made_onboarding, real_event
from tests.actions.runner import ACT
from tests.actions.world import workflow_document
from tests.github.proxy import OUTSIDER

pytestmark = [pytest.mark.act, pytest.mark.skipif(ACT is None, reason="act is not installed")]

SLUG = ANSWERS["slug"]
FILES = [f"dev/{SLUG}.json", f"dev/{SLUG}.wfo.json"]
REFUSED: dict[str, dict[str, str]] = {
    "The canonical slug 'orders_0' already exists": {"slug": "orders_0", "file": ""},
    "`Orders_0` is no slug": {"slug": "Orders_0", "file": ""},
    "`../../etc/passwd` is no slug": {"slug": "../../etc/passwd", "file": ""},
    "`dev/../../outside.json` holds `..`": {"file": "dev/../../outside.json"},
    "No workflow with the id 'wf-dev-999' exists": {"workflow": "wf-dev-999"},
    "It is already linked to Git": {"workflow": "wf-dev-001", "slug": "", "file": ""},
}
SECRET = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture
def team(tmp_path) -> Iterator[Onboarding]:
    with made_onboarding(tmp_path) as made:
        yield made


@pytest.fixture
def found(team: Onboarding) -> Onboarding:
    """Somebody made the survey in n8n, and the scheduled sync has found it."""
    team.create_survey()
    run = team.sync()
    assert run.succeeded, run.text
    return team


def proposal(team: Onboarding) -> int:
    """The one pull request that is open."""
    (number,) = [each["number"] for each in team.pulls() if each["state"] == "open"]
    return number


def test_a_workflow_made_in_n8n_comes_under_git_by_the_form(team) -> None:
    # Steps 1 to 4: made in n8n, found by the sync, told in an issue.
    team.create_survey()
    run = team.sync()
    assert run.succeeded, run.text
    outputs = run.outputs("sync")
    names = ("workflows_synced", "workflows_linked", "workflows_unmapped", "workflows_missing", "errors")
    assert [outputs[name] for name in names] == [str(LINKED + 1), str(LINKED), "1", "0", "0"]
    assert json.loads(outputs["created_workflow_ids"]) == [SURVEY]
    listed = team.list_issue()
    assert listed["title"].startswith("1 unmanaged workflow in ")
    for text in ("Customer Survey Automation", SURVEY, "/onboard"):
        assert text in listed["body"]

    # Steps 5 and 6: the form, and the pull request with workflow and sidecar in one commit.
    number, run = team.send_form("ada")
    assert run.succeeded, run.text
    pull = proposal(team)
    assert team.changed(pull) == FILES
    head = team.pull(pull)["head"]["ref"]
    assert head == f"workflowops/onboard-dev-{SLUG}"
    assert team.git("log", "--format=%s", f"main..{head}").splitlines() == [ANSWERS["message"]]
    sidecar = json.loads(team.git("show", f"{head}:{FILES[1]}"))
    assert (sidecar["canonical_slug"], sidecar["description"]) == (SLUG, ANSWERS["description"])
    assert (sidecar["tags"], sidecar["created_by"]) == (["surveys", "automation", "customers"], "ada")
    assert any(f"#{pull}" in each for each in team.said(number))
    assert team.state("environments/dev/mapping.json")["workflows"][SURVEY]["status"] == "unmapped"

    # GitHub tells of the form's label as well, which asks for nothing more.
    event = team.seen[-1][1]
    said = team.said(number)
    assert [label["name"] for label in event["issue"]["labels"]] == ["workflowops:onboard"]
    assert team.answer("issues", event | {"action": "labeled", "label": event["issue"]["labels"][0]}).succeeded
    assert (team.said(number), proposal(team)) == (said, pull)

    # Step 7: merged, linked, and answered.
    run = team.merge(pull)
    assert run.succeeded, run.text
    entry = team.state("environments/dev/mapping.json")["workflows"][SURVEY]
    assert (entry["status"], entry["canonical_id"]) == ("linked", sidecar["canonical_id"])
    request = team.state("onboarding.json")["requests"][f"dev/{SURVEY}"]
    assert (request["status"], request["canonical_id"], request["pull_request"], request["requested_by"]) == (
        "onboarded", sidecar["canonical_id"], pull, "ada",
    )  # fmt: skip
    assert request["git_commit_sha"] in team.git("rev-list", "main").splitlines()
    success = team.said(number)[-1]
    for text in (
        "Workflow successfully onboarded",
        "Customer Survey Automation",
        sidecar["canonical_id"],
        FILES[0],
        "LINKED",
        "The workflow is now tracked in Git and can be promoted to other environments.",
    ):
        assert text in success
    assert any("Workflow successfully onboarded" in each for each in team.said(pull))
    (line,) = [each for each in team.audited("workflow.onboarded") if SURVEY in json.dumps(each)]
    assert sidecar["canonical_id"] in json.dumps(line)
    assert team.list_issue()["state"] == "closed"
    assert run.outputs("drift")["drift_detected"] == "false"

    # A further run has nothing to say.
    said, told = team.said(number), team.said(pull)
    assert team.sync().succeeded
    assert (team.said(number), team.said(pull)) == (said, told)
    print(f"\n--- the list\n{listed['body']}\n--- the answer\n{said[0]}\n--- at the end\n{success}")


def test_a_comment_on_the_list_does_what_the_form_does(found) -> None:
    listed = found.list_issue()["number"]
    command = f'/onboard {SURVEY} slug={SLUG} tags=surveys,customers description="Collects answers"'
    run = found.say("ada", command, number=listed)
    assert run.succeeded, run.text
    pull = proposal(found)
    assert found.changed(pull) == FILES
    sidecar = json.loads(found.git("show", f"{found.pull(pull)['head']['ref']}:{FILES[1]}"))
    assert (sidecar["tags"], sidecar["description"]) == (["surveys", "customers"], "Collects answers")
    assert any(f"#{pull}" in each for each in found.said(listed))

    # The list says so at the next sync, and what was delivered twice acts once.
    assert found.sync().succeeded
    assert f"#{pull}" in found.list_issue()["body"]
    tip, said = found.tip(), found.said(listed)
    assert found.answer(*found.seen[-1]).succeeded
    assert (found.tip(), found.said(listed), proposal(found)) == (tip, said, pull)

    # Asked for again while it waits, it is refused with the number.
    assert found.say("ada", f"/onboard {SURVEY}", number=listed).succeeded
    assert f"#{pull}" in found.said(listed)[-1]
    assert proposal(found) == pull


def test_all_of_the_list_come_by_one_pull_request(found) -> None:
    found.create(workflow_document("Invoices"), "wf-dev-052")
    found.create(workflow_document("Refunds"), "wf-dev-053")
    assert found.sync().succeeded
    listed = found.list_issue()
    assert listed["title"].startswith("3 unmanaged workflows in ")
    run = found.say("ada", "/onboard all", number=listed["number"])
    assert run.succeeded, run.text
    pull = proposal(found)
    assert {path for path in found.changed(pull) if path.endswith(".wfo.json")} == {
        FILES[1], "dev/invoices.wfo.json", "dev/refunds.wfo.json",
    }  # fmt: skip
    run = found.merge(pull)
    assert run.succeeded, run.text
    assert found.list_issue()["state"] == "closed"
    statuses = {each["status"] for each in found.state("onboarding.json")["requests"].values()}
    assert statuses == {"onboarded"}
    assert run.outputs("sync")["workflows_linked"] == str(LINKED + 3)


def test_an_outsider_gets_nothing_under_git(found) -> None:
    before = found.git("for-each-ref", "--format=%(refname)", "refs/heads")
    number, run = found.send_form(OUTSIDER)
    assert run.succeeded, run.text
    assert len(found.said(number)) == 1
    assert found.say(OUTSIDER, f"/onboard {SURVEY}", number=found.list_issue()["number"]).succeeded

    # Nor by editing the form of somebody who may, be it theirs or not.
    text = found.issue(number)["body"].replace(SLUG, "another")
    assert found.edit(OUTSIDER, number, text).succeeded
    assert found.pulls() == []
    assert found.git("for-each-ref", "--format=%(refname)", "refs/heads") == before
    assert f"dev/{SURVEY}" not in found.state("onboarding.json")["requests"]


def test_a_form_that_is_edited_later_counts_as_it_was_sent(found) -> None:
    """What the run does is what its author wrote, whatever somebody made of the issue meanwhile."""
    number = found.fill_in("ada")
    event = real_event(found.deliveries.take("issues", "opened", sender="ada"))
    edited = event["issue"]["body"].replace(SLUG, "another")
    found.github.ask("PATCH", f"/repos/o/r/issues/{number}", {"body": edited}, login="tess")
    assert found.answer("issues", event).succeeded
    assert found.changed(proposal(found)) == FILES
    payload = found.deliveries.take("issues", "edited", sender="tess")
    assert found.answer("issues", payload).succeeded
    assert [found.changed(each["number"]) for each in found.pulls()] == [FILES]


def test_a_form_that_asks_for_what_cannot_be_is_told_why(found) -> None:
    for words, answers in REFUSED.items():
        number, run = found.send_form("ada", **answers)
        assert run.succeeded, run.text
        (answer,) = found.said(number)
        assert words in answer
        assert found.pulls() == [], words
    number, run = found.send_form("ada", body="### Environment\n\ndev\n\n### Environment\n\nprod")
    assert run.succeeded, run.text
    assert len(found.said(number)) == 1
    assert found.pulls() == []


def test_a_workflow_that_is_deleted_between_the_form_and_the_answer_is_told_as_gone(found) -> None:
    number = found.fill_in("ada")
    event = real_event(found.deliveries.take("issues", "opened", sender="ada"))
    found.sandbox.instance.delete(SURVEY)
    assert found.answer("issues", event).succeeded
    (answer,) = found.said(number)
    assert SURVEY in answer
    assert found.pulls() == []
    assert found.sync().succeeded
    assert found.list_issue()["state"] == "closed"


def test_a_secret_is_named_and_never_shown_or_committed(found) -> None:
    document = workflow_document("Charges")
    parameters = {"url": "https://api.example.com", "options": {}, "headerParameters": {"parameters": []}}
    parameters["headerParameters"]["parameters"] = [{"name": "Authorization", "value": f"Bearer {SECRET}"}]
    document["nodes"][1]["parameters"] = parameters
    found.create(document, "wf-dev-052")
    assert found.sync().succeeded
    listed = found.list_issue()["number"]
    assert found.say("ada", "/onboard wf-dev-052", number=listed).succeeded
    answer = found.said(listed)[-1]
    assert "Get orders" in answer
    assert SECRET not in answer
    assert found.pulls() == []
    everything = found.git("log", "--all", "-p")
    assert SECRET not in everything


def test_a_pull_request_that_is_turned_down_frees_the_workflow(found) -> None:
    number, run = found.send_form("ada")
    assert run.succeeded, run.text
    pull = proposal(found)
    found.turn_down(pull)
    assert found.sync().succeeded
    assert found.state("onboarding.json")["requests"][f"dev/{SURVEY}"]["status"] == "withdrawn"
    said = found.said(number)
    assert any(f"#{pull}" in each for each in said[1:])
    assert found.sync().succeeded
    assert found.said(number) == said
    assert found.say("ada", f"/onboard {SURVEY} slug={SLUG}", number=number).succeeded
    assert proposal(found) > pull


def test_the_body_of_the_form_is_what_github_makes_of_it(team) -> None:
    import yaml

    form = yaml.safe_load((team.repository.clone / FORM).read_text(encoding="utf-8"))
    body = filled(form, ANSWERS)
    for value in ANSWERS.values():
        assert f"\n\n{value}" in body
