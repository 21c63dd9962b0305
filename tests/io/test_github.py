from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.io.fake_github import (
    API,
    REPOSITORY,
    ROOT,
    SINCE,
    SITE,
    TOKEN,
    US,
    FakeGitHub,
    World,
    refused,
    stub,
    world_of,
)

from workflowops.core.incident.issue import (
    LONGEST_TEXT,
    IssueEdit,
    Label,
    NewIssue,
    NewPullRequest,
    PullRequest,
    Reaction,
)
from workflowops.core.incident.policy import Role
from workflowops.errors import (
    ConfigurationError,
    GitHubForbiddenError,
    GitHubNotFoundError,
    GitHubRejectedError,
)
from workflowops.io.github import GitHubTracker
from workflowops.io.github.messages import Answer

LABEL = "workflowops:incident"
MARKER = "<!-- workflowops:incident 7d1 -->"
NOTE = "<!-- workflowops:note 7d1-2 -->"
LISTED = f"GET {ROOT}/issues?direction=desc&labels={LABEL}&per_page=100"
COMMENTS = f"GET {ROOT}/issues/1/comments?per_page=100&since=2026-11-22T09:00:00Z"


@pytest.fixture
def world() -> Iterator[World]:
    with world_of() as made:
        yield made


def new_issue(**changes) -> NewIssue:
    given = {"title": "Drift", "body": f"Text\n{MARKER}", "labels": (LABEL, "workflowops:detected"), "marker": MARKER}
    return NewIssue(**{**given, **changes})


# How it asks


def test_a_tracker_sends_nothing_before_it_is_asked(world) -> None:
    assert (world.tracker.requests, world.github.seen) == (0, [])


def test_every_request_names_the_version_of_the_api_and_the_program(world) -> None:
    world.tracker.default_branch()
    sent = world.github.headers[0]
    assert sent["X-GitHub-Api-Version"] == "2022-11-28"
    assert sent["User-Agent"] == "workflowops"
    assert sent["Accept"] == "application/vnd.github+json"
    assert sent["Authorization"] == f"token {TOKEN}"


REQUESTS = [
    pytest.param(lambda t: t.open_issues(LABEL), [f"{LISTED}&sort=created&state=open"], id="open_issues"),
    pytest.param(lambda t: t.issue(1), [f"GET {ROOT}/issues/1"], id="issue"),
    pytest.param(
        lambda t: t.find_issue(LABEL, MARKER, since=SINCE),
        [f"{LISTED}&since=2026-11-22T09:00:00Z&sort=created&state=all"],
        id="find_issue allows an hour for clocks",
    ),
    pytest.param(lambda t: t.open_issue(new_issue(), look_since=None), [f"POST {ROOT}/issues"], id="open_issue"),
    pytest.param(
        lambda t: t.open_issue(new_issue(assignees=("octocat",)), look_since=SINCE),
        [
            f"{LISTED}&since=2026-11-22T09:00:00Z&sort=created&state=all",
            f"POST {ROOT}/issues",
            f"POST {ROOT}/issues/2/assignees",
        ],
        id="open_issue looks first, and assigns",
    ),
    pytest.param(lambda t: t.edit_issue(1, IssueEdit()), [], id="edit_issue without a change"),
    pytest.param(
        lambda t: t.edit_issue(1, IssueEdit(title="a", body="b", labels=("c",), is_open=False)),
        [f"PATCH {ROOT}/issues/1"],
        id="edit_issue changes everything at once",
    ),
    pytest.param(
        lambda t: t.edit_issue(1, IssueEdit(is_open=True, assignees=("hubot",))),
        [f"PATCH {ROOT}/issues/1", f"POST {ROOT}/issues/1/assignees"],
        id="edit_issue assigns apart",
    ),
    pytest.param(
        lambda t: t.edit_issue(1, IssueEdit(assignees=("hubot",), unassigned=("octocat",))),
        [f"DELETE {ROOT}/issues/1/assignees", f"POST {ROOT}/issues/1/assignees"],
        id="edit_issue takes one away and adds another",
    ),
    pytest.param(
        lambda t: t.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since=None),
        [f"POST {ROOT}/issues/1/comments"],
        id="comment",
    ),
    pytest.param(
        lambda t: t.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since=SINCE),
        [COMMENTS, f"POST {ROOT}/issues/1/comments"],
        id="comment looks first",
    ),
    pytest.param(lambda t: t.react(1000, Reaction.SEEN), [f"POST {ROOT}/issues/comments/1000/reactions"], id="react"),
    pytest.param(
        lambda t: [t.ensure_labels([Label("Bug", "ff0000", "d")]), t.ensure_labels([Label("new", "ff0000", "d")])],
        [f"GET {ROOT}/labels?per_page=100", f"POST {ROOT}/labels"],
        id="ensure_labels lists once and creates what is missing",
    ),
    pytest.param(lambda t: t.role_of("alice"), [f"GET {ROOT}/collaborators/alice/permission"], id="role_of"),
    pytest.param(
        lambda t: t.role_of("dependabot[bot]"), [f"GET {ROOT}/collaborators/dependabot[bot]/permission"], id="a bot"
    ),
    pytest.param(
        lambda t: t.is_member("alice", team="acme/leads"),
        ["GET /orgs/acme/teams/leads/memberships/alice"],
        id="is_member",
    ),
    pytest.param(
        lambda t: t.is_member("bob", team="acme/leads"),
        ["GET /orgs/acme/teams/leads/memberships/bob", "GET /orgs/acme/teams/leads"],
        id="is_member proves a no",
    ),
    pytest.param(
        lambda t: t.open_pull_request(NewPullRequest(head="workflowops/adopt-1", base="trunk", title="T", body="")),
        [f"GET {ROOT}/pulls?head=acme:workflowops/adopt-1&per_page=100&state=open", f"POST {ROOT}/pulls"],
        id="open_pull_request",
    ),
    pytest.param(lambda t: [t.default_branch(), t.default_branch()], [f"GET {ROOT}"], id="default_branch"),
]


@pytest.mark.parametrize(("work", "sent"), REQUESTS)
def test_no_more_is_sent_than_the_docstrings_say(world, work, sent) -> None:
    world.github.add_issue(1, LABEL)
    world.github.add_comment(1, "hi", author="alice")
    world.github.labels["bug"] = stub("label", name="bug")
    world.github.teams["leads"] = {"alice": "active"}
    assert world.asked(lambda: work(world.tracker)) == sent


# Issues


def test_an_issue_is_read_with_what_matters_of_it(world) -> None:
    world.github.add_issue(5, LABEL, "bug", body="Text", author="octocat", locked=True)
    issue = world.tracker.issue(5)
    assert (issue.number, issue.url, issue.title, issue.body) == (5, f"{SITE}/issues/5", "Issue 5", "Text")
    assert (issue.labels, issue.author, issue.is_open, issue.is_locked) == ((LABEL, "bug"), "octocat", True, True)


def test_an_empty_body_and_an_account_that_was_deleted_can_be_read(world) -> None:
    world.github.add_issue(5, body=None, user=None)
    issue = world.tracker.issue(5)
    assert (issue.body, issue.author) == ("", "ghost")


def test_open_issues_come_newest_first_without_pull_requests_and_from_every_page(world) -> None:
    for number in range(1, 252):
        world.github.add_issue(number, LABEL)
    world.github.issues[7]["pull_request"] = {"diff_url": "", "html_url": "", "patch_url": "", "url": ""}
    world.github.issues[8]["state"] = "closed"
    found = world.tracker.open_issues("WORKFLOWOPS:incident")
    assert [issue.number for issue in found] == [number for number in range(251, 0, -1) if number not in {7, 8}]
    assert world.tracker.requests == 3


def test_a_label_that_a_redirect_lost_from_the_query_is_checked_here(world) -> None:
    world.github.add_issue(1, "bug")
    world.github.add_issue(2, LABEL)
    world.github._list_issues = lambda query, body: FakeGitHub._list_issues(world.github, {"per_page": "100"}, body)
    world.github.mangle = {1: world.github._list_issues({}, None)}
    assert [issue.number for issue in world.tracker.open_issues(LABEL)] == [2]


def test_of_two_issues_with_our_marker_the_older_one_is_ours(world) -> None:
    world.github.add_issue(3, LABEL, body=MARKER, state="closed")
    world.github.add_issue(9, LABEL, body=f"copied: {MARKER}")
    assert world.tracker.find_issue(LABEL, MARKER, since=SINCE).number == 3
    assert world.tracker.find_issue(LABEL, "<!-- another -->", since=SINCE) is None


def test_a_moment_that_cannot_be_read_means_that_everything_is_looked_through(world) -> None:
    world.tracker.find_issue(LABEL, MARKER, since="yesterday")
    assert "since" not in world.github.seen[0]


def test_an_issue_that_is_found_is_not_opened_again(world) -> None:
    first = world.tracker.open_issue(new_issue(), look_since=SINCE)
    assert world.tracker.open_issue(new_issue(), look_since=SINCE) == first
    assert len(world.github.issues) == 1


def test_an_issue_is_opened_with_labels_and_those_people_who_can_be_assigned(world) -> None:
    issue = world.tracker.open_issue(new_issue(assignees=("stranger", "octocat", "Octocat")), look_since=None)
    assert (issue.labels, issue.assignees, issue.author) == ((LABEL, "workflowops:detected"), ("octocat",), US)
    assert world.told.lines == ["stranger cannot be assigned to issue #1 and is left out."]


@pytest.mark.foreign_answers("GitHub answers 422 here, though its description does not say so")
def test_when_one_assignee_is_refused_the_others_are_assigned_one_by_one(world) -> None:
    world.github.refuses_assignees = True
    world.github.add_issue(1)
    world.tracker.edit_issue(1, IssueEdit(assignees=("octocat", "stranger", "hubot")))
    assert [each["login"] for each in world.github.issues[1]["assignees"]] == ["octocat", "hubot"]
    assert world.told.lines == ["stranger cannot be assigned to issue #1 and is left out."]


def test_who_is_unassigned_makes_room_and_others_stay(world) -> None:
    world.github.assignable |= {"ada"}
    world.github.add_issue(1)
    world.tracker.edit_issue(1, IssueEdit(assignees=("octocat", "ada")))
    world.tracker.edit_issue(1, IssueEdit(assignees=("hubot",), unassigned=("octocat",)))
    assert [each["login"] for each in world.github.issues[1]["assignees"]] == ["ada", "hubot"]


def test_at_most_ten_people_are_assigned(world) -> None:
    world.github.add_issue(1)
    world.tracker.edit_issue(1, IssueEdit(assignees=tuple(f"user-{number}" for number in range(15))))
    assert len(world.github.bodies[0]["assignees"]) == 10


@pytest.mark.parametrize(
    ("is_open", "sent"),
    [
        pytest.param(False, {"state": "closed", "state_reason": "completed"}, id="close"),
        pytest.param(True, {"state": "open"}, id="reopen"),
        pytest.param(None, {"title": "T"}, id="leave"),
    ],
)
def test_an_edit_says_only_what_is_to_change(world, is_open, sent) -> None:
    world.github.add_issue(1)
    world.tracker.edit_issue(1, IssueEdit(title="T" if is_open is None else None, is_open=is_open))
    assert world.github.bodies == [sent]


def test_labels_can_be_emptied_and_so_can_a_body(world) -> None:
    world.github.add_issue(1, "a")
    world.tracker.edit_issue(1, IssueEdit(labels=(), body=""))
    assert world.github.bodies == [{"body": "", "labels": []}]


# Gone or not gone


def test_a_pull_request_is_no_issue(world) -> None:
    world.github.add_issue(5, pull_request={"diff_url": "", "html_url": "", "patch_url": "", "url": ""})
    assert world.asked(lambda: world.tracker.issue(5)) == [f"GET {ROOT}/issues/5"]
    assert world.tracker.issue(5) is None


@pytest.mark.parametrize("how", ["never there", "deleted", "transferred", "transferred under the same number"])
def test_an_issue_is_gone_only_after_the_repository_was_seen(world, how) -> None:
    world.github.add_issue(6)
    world.github.deleted = {5} if how == "deleted" else set()
    world.github.moved = {"transferred": {5: 77}, "transferred under the same number": {5: 5}}.get(how, {})
    sent = world.asked(lambda: world.tracker.issue(5))
    assert sent == [f"GET {ROOT}/issues/5", *_followed(world), f"GET {ROOT}", f"GET {ROOT}/issues?per_page=1&state=all"]
    assert world.tracker.issue(5) is None


def _followed(world: World) -> list[str]:
    return [f"GET /repos/acme/elsewhere/issues/{number}" for number in world.github.moved.values()]


def test_that_the_repository_can_be_read_is_proved_once(world) -> None:
    assert [world.tracker.issue(number) for number in (5, 6, 7)] == [None, None, None]
    assert world.tracker.requests == 5


def test_a_repository_that_cannot_be_seen_does_not_make_its_issues_gone(world) -> None:
    world.github.is_readable = False
    with pytest.raises(GitHubNotFoundError, match=r"read the repository in acme/flows.*404") as caught:
        world.tracker.issue(5)
    assert "GITHUB_REPOSITORY" in caught.value.fix


def test_issues_that_are_switched_off_are_not_gone(world) -> None:
    world.github.has_issues = False
    world.github.deleted = {5}
    with pytest.raises(GitHubRejectedError, match="switched off") as caught:
        world.tracker.issue(5)
    assert "Features" in caught.value.fix


@pytest.mark.foreign_answers("a token without `issues` may get 404 here as well")
def test_a_token_that_may_not_read_issues_does_not_make_them_gone(world) -> None:
    world.github.mangle = {3: (404, {}, '{"message": "Not Found"}')}
    with pytest.raises(GitHubNotFoundError, match="read the issues"):
        world.tracker.issue(5)


def test_a_renamed_repository_does_not_make_its_issues_gone(world) -> None:
    world.github.add_issue(5, repository_url=f"{API}/repos/acme/automations")
    world.github.full_name = "acme/automations"
    with pytest.raises(GitHubNotFoundError, match=r"acme/flows is called acme/automations by now") as caught:
        world.tracker.issue(5)
    assert "new name" in caught.value.fix


def test_the_name_of_a_repository_may_be_written_in_other_case(world) -> None:
    world.github.add_issue(5, repository_url=f"{API}/repos/Acme/Flows")
    assert world.tracker.issue(5).number == 5


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda t: t.edit_issue(5, IssueEdit(title="T")), id="edit"),
        pytest.param(lambda t: t.comment(5, NOTE, marker=NOTE, look_since=None), id="comment"),
    ],
)
def test_writing_to_an_issue_that_is_gone_says_so(world, work) -> None:
    world.github.deleted = {5}
    with pytest.raises(GitHubNotFoundError, match=r"issue #5 in acme/flows.*410.*was deleted"):
        work(world.tracker)


def test_an_edit_that_was_redirected_into_another_repository_is_told(world) -> None:
    world.github.moved = {5: 77}
    with pytest.raises(GitHubNotFoundError, match="in another repository"):
        world.tracker.edit_issue(5, IssueEdit(title="T"))


# Comments


def test_a_comment_of_ours_is_found_again_and_not_said_twice(world) -> None:
    world.github.add_issue(1)
    first = world.tracker.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since=SINCE)
    assert first == f"{SITE}/issues/1#issuecomment-1000"
    assert world.tracker.comment(1, f"Hello\n{NOTE}", marker=NOTE, look_since=SINCE) == first
    assert world.tracker.requests == 3


WHO = [
    # opener of the issue, author of the comment, GITHUB_TOKEN or not, whose token, ours, requests beside listing
    pytest.param(US, US, True, US, True, 1, id="the opener of the issue"),
    pytest.param("acme-app[bot]", "acme-app[bot]", True, US, True, 1, id="an App that opened the issue"),
    pytest.param("acme-app[bot]", US, True, US, True, 2, id="the workflow, where an App opened it"),
    pytest.param("acme-app[bot]", "robot", False, "robot", True, 2, id="the owner of the token"),
    pytest.param("acme-app[bot]", "Robot", False, "robot", True, 2, id="in other case"),
    pytest.param(US, "mallory", True, US, False, 2, id="a stranger"),
    pytest.param(US, "mallory", False, "robot", False, 2, id="a stranger, with a personal token"),
    pytest.param("acme-app[bot]", US, False, "robot", False, 2, id="another workflow, with a personal token"),
]


@pytest.mark.parametrize(("opener", "author", "is_installation", "us", "is_ours", "asked"), WHO)
def test_a_marker_counts_only_in_a_comment_of_ours(opener, author, is_installation, us, is_ours, asked) -> None:
    with world_of(FakeGitHub(us=us, is_installation=is_installation)) as world:
        world.github.add_issue(1, author=opener)
        world.github.add_comment(1, f"Hello {NOTE}", author=author)
        sent = world.asked(lambda: world.tracker.comment(1, f"Hello {NOTE}", marker=NOTE, look_since=SINCE))
        assert sent[: asked + 1] == [COMMENTS, f"GET {ROOT}/issues/1", "GET /user"][: asked + 1]
        assert len(world.github.comments[1]) == (1 if is_ours else 2)


def test_who_we_are_is_asked_once(world) -> None:
    world.github.add_issue(1)
    for number in range(3):
        world.github.add_comment(1, f"Hello <!-- {number} -->", author="mallory")
    for number in range(3):
        marker = f"<!-- {number} -->"
        world.tracker.comment(1, marker, marker=marker, look_since=SINCE)
    assert world.github.seen.count("GET /user") == 1
    assert world.github.seen.count(f"GET {ROOT}/issues/1") == 1


def test_a_comment_on_a_later_page_is_found(world) -> None:
    world.github.add_issue(1)
    for _ in range(150):
        world.github.add_comment(1, "talk", author="alice")
    world.github.add_comment(1, NOTE)
    world.tracker.comment(1, NOTE, marker=NOTE, look_since=SINCE)
    assert len(world.github.comments[1]) == 151


def test_the_same_reaction_twice_is_one(world) -> None:
    world.github.add_comment(1, "/sync", author="alice")
    for reaction in (Reaction.SEEN, Reaction.SEEN, Reaction.DONE):
        world.tracker.react(1000, reaction)
    assert world.github.reactions == {1000: ["eyes", "+1"]}


@pytest.mark.foreign_answers("404 is not described for reactions")
def test_a_reaction_to_a_comment_that_is_gone_is_no_failure(world) -> None:
    world.tracker.react(1000, Reaction.SEEN)
    assert world.told.lines == ["Comment 1000 is gone, so there is nothing to react to."]


# Labels


def test_labels_that_exist_stay_as_they_are_and_missing_ones_are_created_once(world) -> None:
    world.github.labels["Workflowops:Incident"] = stub("label", name="Workflowops:Incident", color="ffffff")
    wanted = [Label(LABEL, "d73a4a", "Drift"), Label("workflowops:detected", "d73a4a", "d" * 200)]
    for _ in range(2):
        world.tracker.ensure_labels(wanted)
    assert list(world.github.labels) == ["Workflowops:Incident", "workflowops:detected"]
    assert world.github.bodies == [
        None,
        {"name": "workflowops:detected", "color": "d73a4a", "description": "d" * 100},
    ]


def test_labels_on_later_pages_are_known(world) -> None:
    world.github.labels = {f"label-{number}": stub("label", name=f"label-{number}") for number in range(130)}
    world.tracker.ensure_labels([Label("label-129", "ff0000", "")])
    assert world.tracker.requests == 2


def test_a_label_that_somebody_else_was_faster_to_create_is_fine(world) -> None:
    world.github.mangle = {1: (200, {"content-type": "application/json"}, "[]")}
    world.github.labels["new"] = stub("label", name="new")
    world.tracker.ensure_labels([Label("new", "ff0000", "")])


def test_a_label_that_is_refused_for_another_reason_is_an_error(world) -> None:
    world.github.mangle = {2: refused(422, "Validation Failed", codes=("invalid",))}
    with pytest.raises(GitHubRejectedError, match=r"create the label new in acme/flows.*invalid"):
        world.tracker.ensure_labels([Label("new", "no color", "")])


def test_a_long_label_is_cut_wherever_it_is_named(world) -> None:
    name = "workflowops:environment-" + "x" * 60
    world.tracker.ensure_labels([Label(name, "ff0000", "")])
    world.tracker.open_issue(new_issue(labels=(name,)), look_since=SINCE)
    assert list(world.github.labels) == [name[:50]]
    assert world.github.bodies[-1]["labels"] == [name[:50]]
    assert [issue.number for issue in world.tracker.open_issues(name)] == [1]


# People


@pytest.mark.parametrize(
    ("answered", "role"),
    [
        pytest.param(("admin", "admin"), Role.ADMIN, id="admin"),
        pytest.param(("write", "maintain"), Role.MAINTAIN, id="maintain, which permission calls write"),
        pytest.param(("read", "triage"), Role.TRIAGE, id="triage, which permission calls read"),
        pytest.param(("write", "Release crew"), Role.WRITE, id="a custom role"),
        pytest.param(("none", "none"), Role.NONE, id="none"),
        pytest.param(None, Role.NONE, id="404"),
    ],
)
def test_the_role_is_the_finest_that_github_tells(world, answered, role) -> None:
    world.github.roles = {"alice": answered} if answered else {}
    assert world.tracker.role_of("alice") is role


def test_403_on_a_role_denies(world) -> None:
    world.github.mangle = {1: (403, {}, '{"message": "Must have push access to view collaborator permission."}')}
    assert world.tracker.role_of("alice") is Role.NONE


@pytest.mark.parametrize("login", ["", "..", "a/b", "a b", "alice?x=1", "alice#", "-alice", "a" * 200, "ali\nce"])
def test_what_cannot_be_a_login_is_denied_without_a_request(world, login) -> None:
    assert world.tracker.role_of(login) is Role.NONE
    assert world.tracker.is_member(login, team="acme/leads") is None
    assert world.tracker.requests == 0


def test_a_role_that_is_told_of_somebody_else_denies(world) -> None:
    world.github.roles = {"alice": ("admin", "admin")}
    answer = world.github._role({}, None, "alice")
    world.github.mangle = {1: answer}
    assert world.tracker.role_of("bob") is Role.NONE


@pytest.mark.parametrize(
    ("login", "team", "answer"),
    [
        pytest.param("alice", "acme/leads", True, id="active"),
        pytest.param("alice", "@acme/leads", True, id="with an at sign"),
        pytest.param("carol", "acme/leads", False, id="invited"),
        pytest.param("bob", "acme/leads", False, id="not in it"),
        pytest.param("alice", "acme/unknown", None, id="a team that cannot be seen"),
    ],
)
def test_membership(world, login, team, answer) -> None:
    world.github.teams["leads"] = {"alice": "active", "carol": "pending"}
    assert world.tracker.is_member(login, team=team) is answer


def test_a_token_that_may_not_read_teams_says_nothing_about_members(world) -> None:
    world.github.mangle = {1: (403, {}, '{"message": "Resource not accessible by integration"}')}
    world.github.teams["leads"] = {"alice": "active"}
    assert world.tracker.is_member("alice", team="acme/leads") is None
    assert world.tracker.requests == 1


@pytest.mark.parametrize("team", ["leads", "acme/", "acme/../x", "acme/..", "a/b/c", "", "acme/a b"])
def test_what_cannot_be_a_team_is_not_asked_for(world, team) -> None:
    assert world.tracker.is_member("alice", team=team) is None
    assert world.tracker.requests == 0


# Pull requests

ADOPT = NewPullRequest(head="workflowops/adopt-1", base="trunk", title="Adopt", body="Text")


def test_a_pull_request_is_opened_once_for_a_head(world) -> None:
    assert world.tracker.open_pull_request(ADOPT) == PullRequest(500, f"{SITE}/pull/500", is_new=True)
    assert world.tracker.open_pull_request(ADOPT) == PullRequest(500, f"{SITE}/pull/500", is_new=False)
    assert len(world.github.pulls) == 1


def test_an_open_pull_request_is_brought_up_to_date_while_its_text_is_ours(world) -> None:
    pull = world.github.add_pull("workflowops/adopt-1")
    pull["body"] = "Before.\r\n\r\n<!-- workflowops:adopt 1 -->"
    new = replace(ADOPT, body="After.\n\n<!-- workflowops:adopt 1 -->\n")
    assert not world.tracker.open_pull_request(new).is_new
    assert world.tracker.requests == 2
    assert pull["body"] == new.body
    pull["body"] = "Somebody's own words."
    world.tracker.open_pull_request(new)
    assert pull["body"] == "Somebody's own words."


def test_a_pull_request_of_a_fork_with_the_same_branch_is_another_one(world) -> None:
    world.github.add_pull(ADOPT.head, repository="mallory/flows")
    world.github.mangle = {2: (201, {}, _made(world))}
    assert world.tracker.open_pull_request(ADOPT).is_new


def _made(world: World) -> str:
    import json

    return json.dumps(stub("pull-request", number=501, html_url=f"{SITE}/pull/501"))


def test_a_pull_request_that_somebody_else_was_faster_to_open_is_answered(world) -> None:
    world.github.mangle = {1: (200, {"content-type": "application/json"}, "[]")}
    world.github.add_pull(ADOPT.head)
    assert world.tracker.open_pull_request(ADOPT) == PullRequest(500, f"{SITE}/pull/500", is_new=False)
    assert world.tracker.requests == 3


@pytest.mark.foreign_answers("an error without a code, as GitHub does answer it")
def test_a_head_without_commits_of_its_own_is_refused_in_githubs_words(world) -> None:
    refusal = '{"message": "Validation Failed", "errors": [{"message": "No commits between trunk and x"}]}'
    world.github.mangle = {2: (422, {}, refusal.replace('"errors"', '"documentation_url": "", "errors"'))}
    with pytest.raises(GitHubRejectedError, match="No commits between trunk and x"):
        world.tracker.open_pull_request(ADOPT)


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        pytest.param(
            "GitHub Actions is not permitted to create or approve pull requests.",
            "Allow GitHub Actions to create and approve pull requests",
            id="setting",
        ),
        pytest.param("Resource not accessible by integration", "`pull-requests: write`", id="permission"),
    ],
)
def test_what_forbids_pull_requests_is_named(world, message, fix) -> None:
    world.github.mangle = {2: (403, {}, f'{{"message": "{message}"}}')}
    with pytest.raises(GitHubForbiddenError, match="open a pull request from workflowops/adopt-1") as caught:
        world.tracker.open_pull_request(ADOPT)
    assert fix in caught.value.fix


# Sizes


@pytest.mark.parametrize("work", ["issue", "edit", "comment", "pull request"])
def test_a_text_that_is_too_long_loses_its_middle_and_keeps_its_marker(world, work) -> None:
    world.github.add_issue(1)
    text = "start\n" + "word " * 20_000 + f"\nend\n\n{MARKER}\n"
    match work:
        case "issue":
            world.tracker.open_issue(new_issue(body=text), look_since=None)
        case "edit":
            world.tracker.edit_issue(1, IssueEdit(body=text))
        case "comment":
            world.tracker.comment(1, text, marker=MARKER, look_since=None)
        case _:
            world.tracker.open_pull_request(NewPullRequest(head="h", base="trunk", title="T", body=text))
    sent = world.github.bodies[-1]["body"]
    assert len(sent) <= LONGEST_TEXT
    assert sent.startswith("start\nword")
    assert sent.endswith(f"\nend\n\n{MARKER}\n")
    assert "left out" in sent


def test_a_marker_in_the_middle_of_a_long_text_is_not_lost(world) -> None:
    body = "a" * 70_000 + MARKER + "b" * 50_000
    world.tracker.open_issue(new_issue(body=body), look_since=None)
    sent = world.github.bodies[-1]["body"]
    assert len(sent) <= LONGEST_TEXT
    assert MARKER in sent


def test_a_text_of_just_the_right_size_is_left_alone(world) -> None:
    text = "a" * (LONGEST_TEXT - len(NOTE)) + NOTE
    world.github.add_issue(1)
    world.tracker.comment(1, text, marker=NOTE, look_since=None)
    assert world.github.bodies[-1]["body"] == text


def test_what_no_json_can_hold_is_replaced(world) -> None:
    world.tracker.open_issue(new_issue(title="a\ud800\nb" + "c" * 300, body=f"\ud800\0 {MARKER}"), look_since=None)
    sent = world.github.bodies[-1]
    assert sent["title"] == ("a\ufffd b" + "c" * 300)[:256]
    assert sent["body"] == f"\ufffd\ufffd {MARKER}"


# What it is made of


@pytest.mark.parametrize(
    ("link", "following"),
    [
        pytest.param(f'<{API}/repositories/1/issues?page=2>; rel="next"', "/repositories/1/issues?page=2", id="next"),
        pytest.param(
            f'<{API}/a?page=1>; rel="prev", <{API}/a?page=3&after=x%3D>; rel="next", <{API}/a?page=9>; rel="last"',
            "/a?page=3&after=x%3D",
            id="among others",
        ),
        pytest.param(f'<{API}/api/v3/a?page=2>; rel="next"', "/a?page=2", id="below a prefix"),
        pytest.param("</a?page=2>; rel=next", "/a?page=2", id="relative, without quotes"),
        pytest.param(f'<{API}/a?page=1>; rel="prev"', None, id="last page"),
        pytest.param("", None, id="no pages"),
        pytest.param("nonsense; next", None, id="nonsense"),
    ],
)
def test_the_next_page_is_read_from_the_link_header(link, following) -> None:
    assert Answer.of(200, {"link": link}, "[]").next_path(prefix="/api/v3") == following


@pytest.mark.parametrize(
    "repository",
    ["", "acme", "acme/", "/flows", "acme/flows/x", "acme/..", "acme/flo ws", "acme/flows?x", "a\nb/c", "https://x/y"],
)
def test_what_names_no_repository_is_refused_at_once(repository) -> None:
    with pytest.raises(ConfigurationError, match="does not name a repository") as caught, world_of() as world:
        GitHubTracker(repository, TOKEN, api_url=API, progress=world.told)
    assert "owner/name" in caught.value.fix


@pytest.mark.parametrize(
    "url",
    [
        "api.github.com",
        "ftp://api.github.com",
        "http://github.example.com/api/v3",
        "https://",
        "https://user:password@github.example.com",
        "https://api.github.com?x=1",
        "https://api.github.com:99999",
    ],
)
def test_an_address_that_no_token_may_be_sent_to_is_refused_at_once(url) -> None:
    with pytest.raises(ConfigurationError) as caught, world_of() as world:
        GitHubTracker(REPOSITORY, TOKEN, api_url=url, progress=world.told)
    assert "https://api.github.com" in caught.value.fix
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "  ", "ghs_a b", "ghs_\u00e4", "ghs_a\nghs_b"])
def test_what_cannot_be_a_token_is_refused_without_telling_it(token) -> None:
    with pytest.raises(ConfigurationError, match="token") as caught, world_of() as world:
        GitHubTracker(REPOSITORY, token, api_url=API, progress=world.told)
    assert "GITHUB_TOKEN" in caught.value.fix
    assert "ghs_" not in f"{caught.value} {caught.value.fix}"
