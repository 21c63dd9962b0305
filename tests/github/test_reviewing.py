"""One suite for every place of review: what the port promises holds on GitHub and in a folder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.github.reviewers import PLACES, RUN, Reviewers

from workflowops.core.incident.issue import Label
from workflowops.core.promotion.request import FORCE_LABEL, OVERWRITE_LABEL
from workflowops.core.promotion.review import (
    Annotation,
    CheckConclusion,
    CheckReport,
    CheckState,
    Protection,
)
from workflowops.errors import RemoteError

MARK = "<!-- workflowops:preview prod -->"
PENDING, DONE = Label("workflowops:pending", "fbca04", "Waits"), Label("workflowops:done", "0e8a16", "Done")


@pytest.fixture(params=PLACES)
def hands(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reviewers]:
    with PLACES[request.param](tmp_path) as hands:
        yield hands


def report(commit: str, *, conclusion: CheckConclusion = CheckConclusion.SUCCESS, remarks: int = 1) -> CheckReport:
    annotations = tuple(
        Annotation(path="prod/orders.json", line=number, level="warning", title="Look", message="A webhook moves.")
        for number in range(1, remarks + 1)
    )
    return CheckReport(
        name="WorkflowOps preview", commit=commit, conclusion=conclusion, title="1 workflow would change",
        summary="Orders is updated.", annotations=annotations,
    )  # fmt: skip


def test_a_pull_request_is_read_before_and_after_its_merge(hands) -> None:
    proposed = hands.propose()
    before = hands.pull_requests.pull_request(proposed.number)
    assert before is not None
    assert (before.head, before.base, before.title, before.body) == (
        proposed.head, "main", "Promote", "What changes.",
    )  # fmt: skip
    assert (before.is_open, before.merged_by, before.merge_commit) == (True, None, None)
    assert before.url
    commit = hands.merge(proposed.number, by="max")
    after = hands.pull_requests.pull_request(proposed.number)
    assert after == replace(before, is_open=False, merged_by="max", merge_commit=commit)


def test_the_pull_request_of_a_merge_is_found_by_its_commit(hands) -> None:
    hands.propose("other")
    proposed = hands.propose()
    commit = hands.merge(proposed.number)
    found = hands.pull_requests.of_commit(commit)
    assert found is not None
    assert (found.number, found.merge_commit) == (proposed.number, commit)


def test_a_commit_of_no_pull_request_has_none(hands) -> None:
    proposed = hands.propose()
    for commit in ("0" * 40, "", "main", proposed.head):
        assert hands.pull_requests.of_commit(commit) is None


def test_a_merge_into_another_branch_is_no_review_of_this_one(hands) -> None:
    commit = hands.merge(hands.propose("change", base="develop").number)
    assert hands.pull_requests.of_commit(commit) is None


def test_there_is_no_pull_request_of_a_number_that_was_never_given(hands) -> None:
    assert hands.pull_requests.pull_request(99) is None


def test_who_may_write_and_approved_the_last_commit_approves(hands) -> None:
    proposed = hands.propose()
    for login in ("max", "reed"):
        hands.approve(proposed.number, login)
    found = hands.pull_requests.pull_request(proposed.number)
    assert found is not None
    assert found.approved_by == ("max",)


def test_an_approval_of_an_earlier_commit_counts_no_longer(hands) -> None:
    proposed = hands.propose()
    hands.approve(proposed.number, "max")
    later = hands.push(proposed)
    found = hands.pull_requests.pull_request(proposed.number)
    assert found is not None
    assert (found.head, found.approved_by) == (later.head, ())


def test_checks_and_statuses_are_told_by_name(hands) -> None:
    head = hands.propose().head
    wanted = {"lint": CheckState.PASSED, "tests": CheckState.FAILED, "build": CheckState.PENDING}
    wanted |= {"status/a": CheckState.PASSED, "status/b": CheckState.FAILED, "status/c": CheckState.PENDING}
    for name, state in wanted.items():
        hands.finish(head, name, state)
    assert hands.pull_requests.checks(head).states == wanted


def test_a_check_of_ours_is_none_that_a_promotion_waits_for(hands) -> None:
    head = hands.propose().head
    hands.finish(head, "tests", CheckState.PASSED)
    hands.pull_requests.report_check(report(head, conclusion=CheckConclusion.ACTION_REQUIRED))
    assert hands.reported(head) == {"WorkflowOps preview": "action_required"}
    assert hands.pull_requests.checks(head).states == {"tests": CheckState.PASSED}


def test_a_later_report_stands_in_place_of_the_earlier_one(hands) -> None:
    head = hands.propose().head
    for conclusion in (CheckConclusion.FAILURE, CheckConclusion.SUCCESS):
        hands.pull_requests.report_check(report(head, conclusion=conclusion))
        assert hands.reported(head) == {"WorkflowOps preview": conclusion.value}


@pytest.mark.parametrize("reviewers", [("max",), ("max", "team:leads"), ()])
def test_the_reviewers_of_an_environment_are_told(hands, reviewers) -> None:
    hands.protect("prod", *reviewers)
    assert hands.pull_requests.protection("prod") == Protection(exists=True, reviewers=reviewers)
    assert hands.pull_requests.protection("PROD").exists


def test_an_environment_that_is_not_there_is_told_as_such(hands) -> None:
    hands.protect("staging", "max")
    assert hands.pull_requests.protection("prod") == Protection()


def test_every_word_on_the_environments_of_a_run_is_told(hands) -> None:
    hands.protect("prod", "max")
    hands.approve_run("reed", "prod", is_approved=False)
    hands.approve_run("max", "prod")
    given = hands.pull_requests.run_approvals(RUN)
    assert [(each.by, each.is_approved, each.environments) for each in given] == [
        ("reed", False, ("prod",)),
        ("max", True, ("prod",)),
    ]
    assert given[0].comment == "Looked at."


def test_nobody_approved_another_run_or_one_that_is_none(hands) -> None:
    hands.protect("prod", "max")
    hands.approve_run("max", "prod")
    for run in ("4712", "laptop-17", "", "4711/../4711"):
        assert list(hands.pull_requests.run_approvals(run)) == []


def test_one_comment_is_kept_up_to_date(hands) -> None:
    number = hands.propose().number
    hands.comment(number, "ada", "Please promote.")
    first = hands.pull_requests.say(number, f"Two workflows.\n\n{MARK}\n", marker=MARK)
    for _ in range(2):
        assert hands.pull_requests.say(number, f"Three workflows.\n\n{MARK}\n", marker=MARK) == first
    other = MARK.replace("prod", "staging")
    assert hands.pull_requests.say(number, "One workflow.", marker=other) != first
    texts = [(author, text.strip()) for author, text in hands.comments(number)]
    assert texts == [
        ("ada", "Please promote."),
        ("github-actions[bot]", f"Three workflows.\n\n{MARK}"),
        ("github-actions[bot]", f"One workflow.\n\n{other}"),
    ]


def test_a_comment_of_somebody_else_with_our_mark_is_never_changed(hands) -> None:
    number = hands.propose().number
    hands.comment(number, "ada", f"Nothing changes, believe me.\n\n{MARK}")
    hands.pull_requests.say(number, f"Everything changes.\n\n{MARK}", marker=MARK)
    texts = [text.partition("\n")[0] for _, text in hands.comments(number)]
    assert texts == ["Nothing changes, believe me.", "Everything changes."]


def test_our_labels_are_set_and_those_of_people_stay(hands) -> None:
    number = hands.propose().number
    hands.label(number, "urgent")
    hands.pull_requests.set_labels(number, [PENDING])
    assert hands.labels(number) == {"urgent", PENDING.name}
    hands.pull_requests.set_labels(number, [DONE])
    assert hands.labels(number) == {"urgent", DONE.name}
    hands.pull_requests.set_labels(number, [])
    assert hands.labels(number) == {"urgent"}


def test_the_labels_that_people_allow_something_with_are_theirs(hands) -> None:
    number = hands.propose().number
    hands.label(number, OVERWRITE_LABEL, FORCE_LABEL)
    for ours in ([PENDING], [DONE], []):
        hands.pull_requests.set_labels(number, ours)
        assert hands.labels(number) == {OVERWRITE_LABEL, FORCE_LABEL, *(each.name for each in ours)}


def test_everybody_who_wrote_a_commit_is_named_once_and_programs_are_nobody(hands) -> None:
    number = hands.propose().number
    hands.written_by(number, "ada", "max", "ada", "github-actions[bot]")
    assert hands.pull_requests.commit_authors(number) == ("ada", "max")


def test_a_commit_by_somebody_unknown_leaves_its_authors_unknown(hands) -> None:
    number = hands.propose().number
    hands.written_by(number, "ada", "")
    assert hands.pull_requests.commit_authors(number) is None


def test_nobody_is_asked_about_a_pull_request_that_is_not_there(hands) -> None:
    with pytest.raises(RemoteError):
        hands.pull_requests.commit_authors(99)


def test_what_is_not_there_cannot_be_written_to(hands) -> None:
    with pytest.raises(RemoteError):
        hands.pull_requests.say(99, f"Hello.\n\n{MARK}", marker=MARK)
    with pytest.raises(RemoteError):
        hands.pull_requests.set_labels(99, [PENDING])
