"""What only GitHub does to a promotion: it lags, loses answers, has several apps, and does not let everybody read."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.github.faults import FaultKind
from tests.github.proxy import GitHub
from tests.github.reviewers import RUN, OnGitHub
from tests.github.test_reviewing import DONE, MARK, PENDING, report

from workflowops.core.promotion.review import CheckConclusion, CheckState
from workflowops.errors import GitHubForbiddenError

ROOT = "/repos/o/r"
CHECKS, COMMENTS = f"{ROOT}/check-runs", rf"{ROOT}/issues/\d+/comments"
OURS = "workflowops@users.noreply.github.com"
LOST = [FaultKind.RESET_AFTER, FaultKind.BAD_GATEWAY_AFTER, FaultKind.RESET_BEFORE, FaultKind.BAD_GATEWAY_BEFORE]


@pytest.fixture
def place(github: GitHub) -> Iterator[OnGitHub]:
    place = OnGitHub(github)
    with place.pull_requests:
        github.forget()
        yield place


def annotations_of(place: OnGitHub, commit: str) -> list[int]:
    runs = place.ask("GET", f"commits/{commit}/check-runs?filter=all")["check_runs"]
    return [each["output"]["annotations_count"] for each in runs]


def test_the_requests_are_as_few_as_stated(place) -> None:
    proposed = place.propose()
    place.protect("prod", "max")
    place.approve(proposed.number, "max")
    commit = place.merge(proposed.number)
    place.pull_requests.set_labels(proposed.number, [PENDING])

    def spent(act) -> int:
        place.github.forget()
        act(place.another())
        return place.github.count()

    assert spent(lambda on: on.of_commit(commit)) == 5
    assert spent(lambda on: on.pull_request(proposed.number)) == 3
    assert spent(lambda on: on.commit_authors(proposed.number)) == 1
    assert spent(lambda on: on.checks(proposed.head)) == 2
    assert spent(lambda on: on.protection("prod")) == 1
    assert spent(lambda on: on.protection("staging")) == 2
    assert spent(lambda on: on.run_approvals(RUN)) == 1
    assert spent(lambda on: on.run_approvals("laptop-17")) == 0
    assert spent(lambda on: on.say(proposed.number, "Once.", marker=MARK)) == 2
    assert spent(lambda on: on.say(proposed.number, "Twice.", marker=MARK)) == 2
    assert spent(lambda on: on.say(proposed.number, "Twice.", marker=MARK)) == 1
    assert spent(lambda on: on.report_check(report(proposed.head))) == 2
    assert spent(lambda on: on.report_check(report(proposed.head))) == 1
    assert spent(lambda on: on.set_labels(proposed.number, [PENDING])) == 1


def test_github_is_asked_again_while_it_does_not_know_the_merge_yet(place) -> None:
    proposed = place.propose()
    commit = place.merge(proposed.number)
    place.github.gaps.reviewing.lag = 2
    found = place.pull_requests.of_commit(commit)
    assert found is not None
    assert found.number == proposed.number
    assert place.waited == [3.0, 5.0]
    assert len(place.told) == 2


def test_a_push_without_a_pull_request_is_believed_after_some_seconds(place) -> None:
    assert place.pull_requests.of_commit("1" * 40) is None
    assert sum(place.waited) == 18


def test_every_commit_of_a_rebased_pull_request_came_by_it(place) -> None:
    proposed = place.propose()
    last = place.merge(proposed.number)
    place.github.gaps.reviewing.rebased["2" * 40] = [proposed.number]
    found = place.pull_requests.of_commit("2" * 40)
    assert found is not None
    assert (found.number, found.merge_commit) == (proposed.number, last)


def test_the_pull_request_whose_merge_made_the_commit_comes_before_one_that_held_it(place) -> None:
    inner, outer = place.propose("inner"), place.propose("outer")
    place.merge(inner.number)
    commit = place.merge(outer.number)
    place.github.gaps.reviewing.rebased[commit] = [inner.number]
    found = place.pull_requests.of_commit(commit)
    assert found is not None
    assert found.number == outer.number


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param([("ada", "web-flow"), ("max", "web-flow")], ("ada", "max"), id="written on GitHub's own pages"),
        pytest.param([("ada", "max")], ("ada", "max"), id="who committed it counts as well"),
        pytest.param([("ada", None)], None, id="committed by nobody known"),
        pytest.param([(OURS, OURS)], (), id="a commit of ours"),
        pytest.param([(OURS, OURS), ("max", "max")], ("max",), id="one pushed onto ours"),
        pytest.param([("ada", "ada")] * 249, ("ada",), id="as many as GitHub lists for sure"),
        pytest.param([("ada", "ada")] * 250, None, id="there may be more"),
        pytest.param([], None, id="none are listed"),
    ],
)
def test_who_wrote_the_commits(place, people, expected) -> None:
    number = place.propose().number
    place.github.gaps.reviewing.authors[number] = people
    assert place.pull_requests.commit_authors(number) == expected


@pytest.mark.parametrize(
    ("events", "approved"),
    [
        pytest.param(["APPROVE", "COMMENT"], ("max",), id="a comment takes nothing back"),
        pytest.param(["APPROVE", "REQUEST_CHANGES"], (), id="changes were asked for later"),
        pytest.param(["REQUEST_CHANGES", "APPROVE"], ("max",), id="approved in the end"),
        pytest.param(["COMMENT"], (), id="only a comment"),
    ],
)
def test_the_latest_word_counts(place, events, approved) -> None:
    number = place.propose().number
    for event in events:
        place.approve(number, "max", event)
    found = place.pull_requests.pull_request(number)
    assert found is not None
    assert found.approved_by == approved


def test_neither_a_bot_nor_the_author_reviews(place) -> None:
    number = place.propose().number
    for login in ("github-actions[bot]", "ada"):
        place.approve(number, login)
    found = place.pull_requests.pull_request(number)
    assert found is not None
    assert (found.author, found.approved_by) == ("ada", ())


@pytest.mark.parametrize(
    ("conclusion", "state"),
    [
        ("success", CheckState.PASSED),
        ("neutral", CheckState.PASSED),
        ("skipped", CheckState.PASSED),
        ("failure", CheckState.FAILED),
        ("timed_out", CheckState.FAILED),
        ("cancelled", CheckState.FAILED),
        ("action_required", CheckState.FAILED),
        (None, CheckState.PENDING),
    ],
)
def test_a_check_run_ends_as_github_counts_it(place, conclusion, state) -> None:
    head = place.propose().head
    place.run_check(head, "tests", conclusion)
    assert place.pull_requests.checks(head).states == {"tests": state}


def test_jobs_of_our_workflow_files_are_no_checks_but_other_apps_may_be_called_alike(place) -> None:
    head = place.propose().head
    place.run_check(head, "WorkflowOps promotion plan", "failure", apps="github-actions")
    place.run_check(head, "WorkflowOps nightly", "failure", apps="other-ci")
    assert place.pull_requests.checks(head).states == {"WorkflowOps nightly": CheckState.FAILED}


def test_what_we_reported_is_no_check_whatever_it_is_called(place) -> None:
    head = place.propose().head
    place.pull_requests.report_check(replace(report(head), name="Promotion"))
    assert place.pull_requests.checks(head).states == {}


@pytest.mark.parametrize(
    ("conclusions", "state"),
    [
        pytest.param(["cancelled", "success"], CheckState.PASSED, id="started anew"),
        pytest.param(["success", "cancelled"], CheckState.FAILED, id="cancelled at last"),
        pytest.param(["failure", "success"], CheckState.FAILED, id="failed for one event"),
    ],
)
def test_only_a_cancelled_check_gives_way_to_a_later_one_of_another_event(place, conclusions, state) -> None:
    head = place.propose().head
    for number, conclusion in enumerate(conclusions):
        place.run_check(head, "tests", conclusion, suites=number, started=f"2026-11-22T10:0{number}:00Z")
    assert place.pull_requests.checks(head).states == {"tests": state}


def test_a_word_that_is_still_to_be_given_is_none(place) -> None:
    place.protect("prod", "max")
    word = {"by": "max", "environments": ["prod"], "state": "pending", "comment": ""}
    place.github.gaps.reviewing.approvals[int(RUN)] = [word]
    assert list(place.pull_requests.run_approvals(RUN)) == []


@pytest.mark.parametrize("run_id", ["4711", "4711-2"])
def test_jobs_of_the_run_that_asks_are_no_checks(place, run_id) -> None:
    head = place.propose().head
    place.run_check(head, "ours", None, jobs="https://github.com/o/r/actions/runs/4711/job/1")
    place.run_check(head, "theirs", None, jobs="https://github.com/o/r/actions/runs/47110/job/1")
    assert place.another(run_id=run_id).checks(head).states == {"theirs": CheckState.PENDING}


def test_the_worse_of_a_check_run_and_a_status_of_one_name_counts(place) -> None:
    head = place.propose().head
    place.finish(head, "status/a", CheckState.PASSED)
    place.run_check(head, "status/a", "failure")
    assert place.pull_requests.checks(head).states == {"status/a": CheckState.FAILED}


def test_more_checks_than_a_page_holds_are_all_told(place) -> None:
    head = place.propose().head
    for number in range(101):
        place.run_check(head, f"check {number}", "success")
    assert len(place.pull_requests.checks(head).states) == 101


def test_a_rule_that_may_not_be_read_is_a_problem_and_no_lack_of_reviewers(place) -> None:
    place.protect("prod", "max")
    place.github.gaps.reviewing.may_read_actions = False
    found = place.pull_requests.protection("prod")
    assert (found.exists, found.reviewers) == (False, ())
    assert found.problem is not None
    assert "actions: read" in found.problem
    with pytest.raises(GitHubForbiddenError):
        place.pull_requests.run_approvals(RUN)


def test_an_environment_may_be_called_almost_anything(place) -> None:
    place.protect("eu/prod 1", "max")
    assert place.pull_requests.protection("eu/prod 1").reviewers == ("max",)


def test_self_review_is_told(place) -> None:
    place.protect("prod", "max")
    place.github.gaps.reviewing.prevents_self_review = True
    assert place.pull_requests.protection("prod").prevents_self_review


@pytest.mark.parametrize("remarks", [0, 1, 50, 51, 120])
def test_every_remark_is_shown_once(place, remarks) -> None:
    head = place.propose().head
    for _ in range(2):
        place.pull_requests.report_check(report(head, remarks=remarks))
    assert annotations_of(place, head) == [remarks]


@pytest.mark.parametrize("kind", LOST)
def test_a_check_whose_answer_is_lost_is_reported_once(place, kind) -> None:
    head = place.propose().head
    place.github.fail(kind, "POST", CHECKS)
    place.github.fail(kind, "PATCH", rf"{CHECKS}/\d+")
    place.pull_requests.report_check(report(head, remarks=120))
    assert annotations_of(place, head) == [120]


def test_a_report_that_was_cut_off_is_completed_by_the_next_run(place) -> None:
    head = place.propose().head
    place.pull_requests.report_check(report(head, remarks=120))
    (number,) = place.github.gaps.reviewing.annotations
    place.github.gaps.reviewing.annotations[number] = 50
    place.another().report_check(report(head, remarks=120))
    assert annotations_of(place, head) == [120]


@pytest.mark.parametrize("kind", LOST)
def test_a_comment_whose_answer_is_lost_is_there_once(place, kind) -> None:
    number = place.propose().number
    place.github.fail(kind, "POST", COMMENTS)
    place.github.fail(kind, "PATCH", rf"{ROOT}/issues/comments/\d+")
    for text in ("First.", "Second."):
        place.pull_requests.say(number, text, marker=MARK)
    assert [text.partition("\n")[0] for _, text in place.comments(number)] == ["Second."]


def test_the_owner_of_a_personal_token_finds_their_comment_again(place) -> None:
    number = place.propose().number
    first = place.another("max").say(number, "First.", marker=MARK)
    assert place.another("max").say(number, "Second.", marker=MARK) == first


@pytest.mark.parametrize("kind", LOST)
def test_labels_are_right_though_answers_are_lost(place, kind) -> None:
    number = place.propose().number
    place.pull_requests.set_labels(number, [PENDING])
    place.github.fail(kind, "POST", rf"{ROOT}/issues/{number}/labels")
    place.github.fail(kind, "DELETE", rf"{ROOT}/issues/{number}/labels/.*")
    place.pull_requests.set_labels(number, [DONE])
    assert place.labels(number) == {DONE.name}


def test_a_long_report_is_cut_to_what_github_takes(place) -> None:
    head = place.propose().head
    long = replace(report(head, conclusion=CheckConclusion.NEUTRAL), summary="x" * 100_000, title="y" * 300)
    place.pull_requests.report_check(long)
    (run,) = place.ask("GET", f"commits/{head}/check-runs")["check_runs"]
    assert len(run["output"]["summary"]) == 65_535
    assert len(run["output"]["title"]) <= 256
