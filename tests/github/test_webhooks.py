"""The webhooks of the GitHub of the tests are what our program reads, and come signed."""

from tests.github.webhooks import Deliveries, webhooks_of

from workflowops.core.comment.event import CommentEvent, IssueEvent, read_event


def test_a_comment_arrives_and_is_read(github) -> None:
    number = github.ask("POST", "/repos/o/r/issues", {"title": "Drift"})["number"]
    with webhooks_of(github) as deliveries:
        comment = github.ask("POST", f"/repos/o/r/issues/{number}/comments", {"body": "/help"}, login="ada")
        event = read_event("issue_comment", deliveries.take("issue_comment", "created", sender="ada"))
    assert isinstance(event, CommentEvent)
    assert (event.issue_number, event.comment_id, event.author, event.body) == (number, comment["id"], "ada", "/help")
    assert not event.is_pull_request


def test_a_comment_on_a_pull_request_says_so(github) -> None:
    number = github.ask("POST", "/repos/o/r/pulls", {"title": "P", "head": "topic", "base": "main"})["number"]
    with webhooks_of(github) as deliveries:
        github.ask("POST", f"/repos/o/r/issues/{number}/comments", {"body": "/help"}, login="ada")
        event = read_event("issue_comment", deliveries.take("issue_comment", "created", sender="ada"))
    assert isinstance(event, CommentEvent)
    assert event.is_pull_request


def test_what_somebody_does_to_an_issue_arrives_and_is_read(github) -> None:
    number = github.ask("POST", "/repos/o/r/issues", {"title": "Drift"})["number"]
    with webhooks_of(github) as deliveries:
        github.ask("PATCH", f"/repos/o/r/issues/{number}", {"state": "closed"}, login="tess")
        event = read_event("issues", deliveries.take("issues", "closed", sender="tess"))
    assert event == IssueEvent(issue_number=number, action="closed", sender="tess", is_by_bot=False)


def test_a_delivery_that_is_not_signed_is_not_taken_in(github) -> None:
    assert Deliveries(github).receive("issues", b'{"action": "closed"}', "sha256=00") is False
