import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.core.text.golden import assert_golden

from workflowops.core.incident.issue import IssueEdit, Label, NewIssue, NewPullRequest, Reaction
from workflowops.core.incident.policy import Role
from workflowops.errors import RemoteError
from workflowops.io.issue_folder import IssueFolder

LABEL = "workflowops:incident"
MARKER = "<!-- workflowops:incident 7d1 -->"
NOTE = "<!-- workflowops:note 7d1-2 -->"
US = "github-actions[bot]"


class Clock:
    """A minute passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def folder(tmp_path) -> IssueFolder:
    return IssueFolder(tmp_path / "desk", clock=Clock())


def new_issue(**changes) -> NewIssue:
    given = {"title": "Drift", "body": f"Text\n{MARKER}", "labels": (LABEL, "b"), "marker": MARKER}
    return NewIssue(**{**given, **changes})


def test_a_folder_that_is_not_there_yet_holds_nothing(folder, tmp_path) -> None:
    assert (folder.open_issues(LABEL), folder.issue(1), folder.requests) == ([], None, 0)
    assert list(tmp_path.iterdir()) == []


def test_an_issue_is_read_as_it_was_opened_by_whoever_comes_later(folder, tmp_path) -> None:
    opened = folder.open_issue(new_issue(assignees=("octocat",)), look_since=None)
    assert IssueFolder(tmp_path / "desk").issue(1) == opened
    assert (opened.number, opened.author, opened.is_open, opened.assignees) == (1, US, True, ("octocat",))
    assert opened.url == (tmp_path / "desk" / "issues" / "1.md").as_uri()


def test_issues_and_pull_requests_share_their_numbers(folder) -> None:
    request = NewPullRequest(head="h", base="main", title="T", body="")
    assert folder.open_issue(new_issue(), look_since=None).number == 1
    assert folder.open_pull_request(request).number == 2
    assert folder.open_issue(new_issue(), look_since=None).number == 3
    assert folder.issue(2) is None


def test_the_same_head_is_proposed_once_at_a_time(folder, tmp_path) -> None:
    request = NewPullRequest(head="h", base="main", title="T", body="")
    first = folder.open_pull_request(request)
    again = folder.open_pull_request(request)
    assert (first.is_new, again.is_new, again.number, again.url) == (True, False, first.number, first.url)
    assert "from h into main" in (tmp_path / "desk" / "pull-requests" / "1.md").read_text(encoding="utf-8")


def test_open_issues_are_listed_newest_first_by_their_label_in_any_case(folder) -> None:
    for number in range(12):
        folder.open_issue(new_issue(title=str(number)), look_since=None)
    folder.open_issue(new_issue(labels=("other",)), look_since=None)
    folder.edit_issue(3, IssueEdit(is_open=False))
    assert [each.number for each in folder.open_issues(LABEL.upper())] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 2, 1]


def test_an_issue_with_our_marker_is_found_and_not_opened_again(folder) -> None:
    opened = folder.open_issue(new_issue(), look_since=None)
    folder.edit_issue(1, IssueEdit(is_open=False))
    assert folder.open_issue(new_issue(), look_since="2026-11-22T10:00:00Z").number == opened.number
    assert folder.find_issue(LABEL, MARKER, since="2026-11-22T23:00:00Z") is None
    assert folder.find_issue("other", MARKER, since="2026-11-22T10:00:00Z") is None
    assert folder.find_issue(LABEL, "<!-- other -->", since="2026-11-22T10:00:00Z") is None


def test_an_edit_changes_what_it_names_and_adds_assignees(folder) -> None:
    folder.open_issue(new_issue(assignees=("a",)), look_since=None)
    folder.edit_issue(1, IssueEdit(title="T", assignees=("b", "a")))
    folder.edit_issue(1, IssueEdit(labels=("x",), body=""))
    issue = folder.issue(1)
    assert (issue.title, issue.body, issue.labels, issue.assignees, issue.is_open) == (
        "T",
        "",
        ("x",),
        ("a", "b"),
        True,
    )
    folder.edit_issue(1, IssueEdit(assignees=("c",), unassigned=("A", "nobody")))
    changed = folder.issue(1)
    assert changed is not None
    assert changed.assignees == ("b", "c")
    folder.edit_issue(1, IssueEdit(is_open=False))
    assert not folder.issue(1).is_open


def test_a_comment_is_said_once_and_only_ours_counts(folder) -> None:
    folder.open_issue(new_issue(), look_since=None)
    folder.add_comment(1, "mallory", NOTE)
    first = folder.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since="2026-11-22T10:00:00Z")
    assert folder.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since="2026-11-22T10:00:00Z") == first
    assert first.endswith("/issues/1.md#issuecomment-1002")


def test_reactions_are_kept_once_each(folder, tmp_path) -> None:
    folder.open_issue(new_issue(), look_since=None)
    comment = folder.add_comment(1, "alice", "/sync")
    for reaction in (Reaction.SEEN, Reaction.SEEN, Reaction.DONE):
        folder.react(comment, reaction)
    folder.react(4711, Reaction.DONE)
    data = json.loads((tmp_path / "desk" / "issues" / "1.json").read_text(encoding="utf-8"))
    assert data["comments"][0]["reactions"] == ["eyes", "+1"]


def test_labels_are_created_once(folder, tmp_path) -> None:
    folder.ensure_labels([Label("a", "ff0000", "first")])
    folder.ensure_labels([Label("A", "00ff00", "second"), Label("b", "0000ff", "")])
    data = json.loads((tmp_path / "desk" / "labels.json").read_text(encoding="utf-8"))
    assert data == {"a": {"color": "ff0000", "description": "first"}, "b": {"color": "0000ff", "description": ""}}


def test_everybody_is_an_admin_until_somebody_writes_it_down(folder, tmp_path) -> None:
    assert folder.role_of("alice") is Role.ADMIN
    folder.open_issue(new_issue(), look_since=None)
    (tmp_path / "desk" / "roles.json").write_text('{"Alice": "triage", "mallory": "none"}', encoding="utf-8")
    assert [folder.role_of(login) for login in ("alice", "mallory", "bob")] == [Role.TRIAGE, Role.NONE, Role.ADMIN]


def test_a_team_is_known_where_it_is_written_down(folder, tmp_path) -> None:
    assert folder.is_member("alice", team="acme/leads") is None
    folder.open_issue(new_issue(), look_since=None)
    (tmp_path / "desk" / "teams.json").write_text('{"acme/leads": ["Alice"]}', encoding="utf-8")
    assert folder.is_member("alice", team="acme/leads") is True
    assert folder.is_member("bob", team="acme/leads") is False
    assert folder.is_member("alice", team="acme/others") is None


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda folder: folder.edit_issue(5, IssueEdit(title="T")), id="edit"),
        pytest.param(lambda folder: folder.comment(5, NOTE, marker=NOTE, look_since=None), id="comment"),
        pytest.param(lambda folder: folder.comment_event(5, 1), id="event"),
    ],
)
def test_an_issue_that_is_not_there_is_an_error(folder, work) -> None:
    with pytest.raises(RemoteError, match="no issue #5") as caught:
        work(folder)
    assert caught.value.fix


@pytest.mark.parametrize("content", ["{", "[]", '{"number": "x"}', "\ufeff\x00"])
def test_a_file_that_cannot_be_read_is_named_and_left_alone(folder, tmp_path, content) -> None:
    folder.open_issue(new_issue(), look_since=None)
    path = tmp_path / "desk" / "issues" / "1.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RemoteError, match=r"issues.1\.json cannot be read"):
        folder.issue(1)
    assert path.read_text(encoding="utf-8") == content


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path) -> None:
    (tmp_path / "desk").write_text("a file", encoding="utf-8")
    with pytest.raises(RemoteError, match="cannot be"):
        IssueFolder(tmp_path / "desk").open_issue(new_issue(), look_since=None)


def test_nothing_half_written_is_left_behind(folder, tmp_path) -> None:
    folder.open_issue(new_issue(), look_since=None)
    folder.comment(1, "Hello", marker=NOTE, look_since=None)
    assert sorted(path.name for path in (tmp_path / "desk" / "issues").iterdir()) == ["1.json", "1.md"]


def test_half_characters_are_replaced(folder) -> None:
    folder.open_issue(new_issue(title="a\ud800", body="b\ud800"), look_since=None)
    folder.add_comment(1, "alice", "c\ud800")
    assert (folder.issue(1).title, folder.issue(1).body) == ("a\ufffd", "b\ufffd")


def test_a_comment_makes_the_event_that_github_would_send(folder) -> None:
    folder.open_issue(new_issue(), look_since=None)
    comment = folder.add_comment(1, "alice", "/acknowledge")
    event = folder.comment_event(1, comment)
    assert (event["action"], event["sender"]) == ("created", {"login": "alice", "type": "User"})
    assert (event["issue"]["number"], event["issue"]["state"]) == (1, "open")
    assert "pull_request" not in event["issue"]
    assert (event["comment"]["id"], event["comment"]["body"]) == (comment, "/acknowledge")
    assert event["comment"]["user"] == {"login": "alice", "type": "User"}
    assert event["comment"]["created_at"] == "2026-11-22T10:03:00Z"
    assert json.loads(json.dumps(event)) == event


def test_a_change_by_hand_makes_the_event_that_github_would_send(folder) -> None:
    folder.open_issue(new_issue(), look_since=None)
    folder.edit_issue(1, IssueEdit(is_open=False))
    event = folder.issue_event(1, "closed", "alice")
    assert (event["action"], event["issue"]["state"], event["sender"]["login"]) == ("closed", "closed", "alice")


def test_the_page_shows_what_a_reader_sees_on_github(folder, tmp_path) -> None:
    table = "| a | b |\n| - | - |\n| 1 | 2 |"
    body = f"<!-- workflowops:begin -->\n## What happened\n\n{table}\n\n{MARKER}\n<!-- workflowops:end -->"
    title = "Drift in Production: <b>Payment</b> & *more*"
    folder.open_issue(new_issue(title=title, body=body, assignees=("octocat",)), look_since=None)
    comment = folder.add_comment(1, "alice", '/acknowledge comment="I look"\r\nThanks')
    folder.react(comment, Reaction.SEEN)
    folder.react(comment, Reaction.DONE)
    folder.comment(1, f"Acknowledged by alice.\n\n{NOTE}\n", marker=NOTE, look_since=None)
    folder.edit_issue(1, IssueEdit(is_open=False))
    assert_golden("issue_page.md", _page(tmp_path))


def _page(tmp_path: Path) -> str:
    return (tmp_path / "desk" / "issues" / "1.md").read_text(encoding="utf-8")


def test_an_issue_is_pinned_once_and_only_when_it_is_there(folder, tmp_path) -> None:
    number = folder.open_issue(new_issue(), look_since=None).number
    assert [folder.pin_issue(number) for _ in range(2)] == [None, None]
    assert json.loads((tmp_path / "desk" / "pinned.json").read_text()) == [number]
    with pytest.raises(RemoteError):
        folder.pin_issue(99)
