"""One suite for every tracker: what the port promises holds on GitHub, in a folder, and in the fake of the tests."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.github.trackers import TRACKERS, Hands

from workflowops.core.incident.issue import Issue, IssueEdit, Label, NewIssue, NewPullRequest, Reaction
from workflowops.core.incident.policy import Role
from workflowops.errors import RemoteError

LIST = "workflowops:incident"
LONG_AGO = "2020-01-01T00:00:00Z"
MARKER = "<!-- workflowops:incident 4711 -->"
NOTE = "<!-- workflowops:note 4711-1 -->"


@pytest.fixture(params=TRACKERS)
def hands(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hands]:
    with TRACKERS[request.param](tmp_path) as hands:
        yield hands


def opened(hands: Hands, *, marker: str = MARKER, look: bool = False, **more: tuple[str, ...]) -> Issue:
    new = NewIssue(
        title="Drift", body=f"It drifts.\n\n{marker}", labels=(LIST, *more.pop("labels", ())), marker=marker, **more
    )
    return hands.tracker.open_issue(new, look_since=LONG_AGO if look else None)


def noted(hands: Hands, number: int, *, look: bool = True) -> str:
    return hands.tracker.comment(number, f"Noted.\n\n{NOTE}", marker=NOTE, look_since=LONG_AGO if look else None)


def test_an_issue_is_as_it_was_opened(hands) -> None:
    issue = opened(hands, labels=("workflowops:detected",))
    assert issue == hands.tracker.issue(issue.number)
    assert (issue.title, issue.body, issue.is_open) == ("Drift", f"It drifts.\n\n{MARKER}", True)
    assert set(issue.labels) == {LIST, "workflowops:detected"}
    assert issue.author == "github-actions[bot]"
    assert issue.url
    assert not issue.is_locked


def test_an_issue_that_was_opened_already_is_found_by_its_marker(hands) -> None:
    first = opened(hands)
    assert opened(hands, look=True) == first
    assert opened(hands, marker="<!-- workflowops:incident 4712 -->", look=True).number != first.number


def test_an_issue_is_found_open_or_closed_and_by_label_and_marker_together(hands) -> None:
    issue = opened(hands)
    find = hands.tracker.find_issue
    assert find(LIST, MARKER, since=LONG_AGO) == issue
    hands.change(issue.number, is_open=False)
    found = find(LIST, MARKER, since=LONG_AGO)
    assert found is not None
    assert (found.number, found.is_open) == (issue.number, False)
    assert find(LIST, "<!-- workflowops:incident 1 -->", since=LONG_AGO) is None
    hands.change(issue.number, labels=["mine"])
    assert find(LIST, MARKER, since=LONG_AGO) is None


def test_a_pull_request_with_label_and_marker_is_no_issue(hands) -> None:
    number = hands.propose(f"Copied. {MARKER}", (LIST,))
    assert hands.tracker.issue(number) is None
    assert hands.tracker.find_issue(LIST, MARKER, since=LONG_AGO) is None
    assert list(hands.tracker.open_issues(LIST)) == []


def test_a_deleted_issue_is_gone(hands) -> None:
    number = opened(hands).number
    hands.delete(number)
    assert hands.tracker.issue(number) is None
    assert hands.tracker.find_issue(LIST, MARKER, since=LONG_AGO) is None
    with pytest.raises(RemoteError):
        noted(hands, number, look=False)
    with pytest.raises(RemoteError):
        hands.tracker.edit_issue(number, IssueEdit(title="Gone"))


def test_an_issue_that_never_was_is_none(hands) -> None:
    assert hands.tracker.issue(99) is None


def test_open_issues_are_listed_newest_first_and_by_label(hands) -> None:
    first, second, third = (opened(hands, marker=f"<!-- workflowops:incident {each} -->") for each in range(3))
    hands.change(second.number, is_open=False)
    assert [each.number for each in hands.tracker.open_issues(LIST)] == [third.number, first.number]
    assert list(hands.tracker.open_issues("workflowops:closed")) == []


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(IssueEdit(title="Other"), id="title"),
        pytest.param(IssueEdit(body="Other\n"), id="body"),
        pytest.param(IssueEdit(labels=(LIST, "mine")), id="labels"),
        pytest.param(IssueEdit(is_open=False), id="closed"),
        pytest.param(IssueEdit(title="Other", body="", labels=("mine",), is_open=False), id="everything"),
    ],
)
def test_an_edit_changes_what_it_names_and_nothing_else(hands, edit) -> None:
    before = opened(hands, labels=("workflowops:detected",))
    hands.tracker.edit_issue(before.number, edit)
    after = hands.tracker.issue(before.number)
    assert after is not None
    for name in ("title", "body", "labels", "is_open"):
        wanted = getattr(before if getattr(edit, name) is None else edit, name)
        found = getattr(after, name)
        assert sorted(found) == sorted(wanted) if name == "labels" else found == wanted


def test_a_closed_issue_is_opened_again(hands) -> None:
    issue = opened(hands)
    hands.change(issue.number, is_open=False)
    hands.tracker.edit_issue(issue.number, IssueEdit(is_open=True))
    assert hands.tracker.issue(issue.number) == issue


def test_whoever_can_be_assigned_is(hands) -> None:
    assert opened(hands, assignees=("ada",)).assignees == ("ada",)
    plain = opened(hands, marker="<!-- workflowops:incident 2 -->")
    hands.tracker.edit_issue(plain.number, IssueEdit(assignees=("ada",)))
    found = hands.tracker.issue(plain.number)
    assert found is not None
    assert found.assignees == ("ada",)


def test_a_comment_is_made_once_where_it_is_looked_for_first(hands) -> None:
    number = opened(hands).number
    first = noted(hands, number, look=False)
    assert noted(hands, number) == first
    assert [text for _, text in hands.comments(number)] == [f"Noted.\n\n{NOTE}"]


def test_a_marker_in_somebody_elses_comment_does_not_count(hands) -> None:
    number = opened(hands).number
    hands.say(number, "mallory", f"Already said. {NOTE}")
    noted(hands, number)
    assert [author for author, _ in hands.comments(number)] == ["mallory", "github-actions[bot]"]


def test_a_comment_leaves_what_people_wrote(hands) -> None:
    number = opened(hands).number
    hands.say(number, "ada", "/acknowledge")
    url = noted(hands, number)
    assert url
    assert [text for _, text in hands.comments(number)] == ["/acknowledge", f"Noted.\n\n{NOTE}"]


def test_the_same_reaction_twice_is_one(hands) -> None:
    number = opened(hands).number
    comment = hands.say(number, "ada", "/help")
    for reaction in (Reaction.SEEN, Reaction.SEEN, Reaction.DONE):
        hands.tracker.react(comment, reaction)
    assert sorted(hands.reactions(number, comment)) == ["+1", "eyes"]


def test_labels_that_are_missing_are_created_and_others_left_alone(hands) -> None:
    hands.make_label("Workflowops:Incident", "123456")
    wanted = [Label(LIST, "d93f0b", "An incident"), Label("workflowops:detected", "b60205", "Nobody has seen it yet")]
    for _ in range(2):
        hands.tracker.ensure_labels(wanted)
    assert {"Workflowops:Incident": "123456", "workflowops:detected": "b60205"}.items() <= hands.labels().items()
    assert LIST not in hands.labels()


@pytest.mark.parametrize(
    ("login", "role"),
    [
        pytest.param("ada", Role.WRITE, id="write"),
        pytest.param("tess", Role.TRIAGE, id="triage"),
        pytest.param("mallory", Role.READ, id="everybody else"),
    ],
)
def test_a_role_is_told(hands, login, role) -> None:
    assert hands.tracker.role_of(login) is role


def test_membership_is_told_and_unknown_is_not_no(hands) -> None:
    is_member = hands.tracker.is_member
    assert [is_member("ada", team="acme/leads"), is_member("tess", team="acme/leads")] == [True, False]
    assert is_member("ada", team="acme/others") is None


def test_a_pull_request_is_opened_once(hands) -> None:
    new = NewPullRequest(head="workflowops/adopt-7", base="main", title="Adopt", body="What n8n runs.")
    first = hands.tracker.open_pull_request(new)
    second = hands.tracker.open_pull_request(new)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.number == second.number


def test_the_text_of_an_open_pull_request_is_brought_up_to_date_while_it_is_ours(hands) -> None:
    mark = "<!-- workflowops:adopt 7 -->"
    new = NewPullRequest(head="workflowops/adopt-7", base="main", title="Adopt", body=f"What n8n ran.\n\n{mark}\n")
    number = hands.tracker.open_pull_request(new).number
    later = replace(new, body=f"What n8n runs now.\n\n{mark}\n")
    assert hands.tracker.open_pull_request(later).number == number
    assert "runs now" in hands.pull_request_body(number)
    hands.tracker.open_pull_request(replace(new, body="Somebody else's words."))
    assert "runs now" in hands.pull_request_body(number)


def test_a_marker_that_a_comment_of_ours_quotes_is_not_that_comment(hands) -> None:
    """What n8n holds can be shown in an answer; a note whose marker stands in there has not been said by that."""
    number = opened(hands).number
    begun = "2026-01-01T00:00:00Z"
    other = "<!-- workflowops:note other -->"
    hands.tracker.comment(
        number, f"A script holds this:\n\n{NOTE}\n\nThat is all.\n\n{other}\n", marker=other, look_since=None
    )
    hands.tracker.comment(number, f"The note itself.\n\n{NOTE}\n", marker=NOTE, look_since=begun)
    hands.tracker.comment(number, f"The note itself.\n\n{NOTE}\n", marker=NOTE, look_since=begun)
    assert len([text for _, text in hands.comments(number) if text.startswith("The note itself.")]) == 1


def test_the_default_branch_is_named(hands) -> None:
    assert hands.tracker.default_branch() == "main"


def test_the_longest_text_is_taken_as_it_is(hands) -> None:
    number = opened(hands).number
    text = "x" * (65_536 - len(NOTE)) + NOTE
    hands.tracker.comment(number, text, marker=NOTE, look_since=None)
    assert hands.comments(number)[-1][1] == text
