"""The client's writes: what each of them does on a real server, and what its errors prove."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from tests.acceptance.documents import Document, body_of, calling, node, schedule, unique, webhook, workflow
from tests.acceptance.servers import Server, eventually

from workflowops.core.abilities import Abilities
from workflowops.core.listing import ListedWorkflow
from workflowops.errors import (
    N8nError,
    N8nForbiddenError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUncertainError,
    N8nUnreachableError,
)
from workflowops.io.n8n import N8nClient

Result = TypeVar("Result")
Work = Callable[[N8nClient], Awaitable[Result]]

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

READING = ("workflow:read", "workflow:list")


def use(server: Server, work: Work[Result], *, key: str | None = None) -> Result:
    """Do some work with a client of the server."""

    async def run() -> Result:
        async with N8nClient(server.url, key or server.api.headers["X-N8N-API-KEY"], timeout=60) as n8n:
            return await work(n8n)

    return asyncio.run(run())


def failure(server: Server, work: Work[object], *, key: str | None = None) -> N8nError:
    """The error that the work ends in."""
    with pytest.raises(N8nError) as caught:
        use(server, work, key=key)
    assert caught.value.fix
    return caught.value


def held(server: Server, workflow_id: str) -> ListedWorkflow:
    """The workflow as the client reads it."""
    found = use(server, lambda n8n: n8n.get_workflow(workflow_id))
    assert isinstance(found, ListedWorkflow)
    return found


def names(document: Document | None) -> list[str]:
    """The names of the nodes."""
    return [each["name"] for each in (document or {}).get("nodes", [])]


@pytest.fixture(scope="session")
def abilities(server: Server) -> Abilities:
    return use(server, lambda n8n: n8n.abilities())


def extended(made: Document, *more: Document) -> Document:
    """The body of an update that adds nodes."""
    return body_of(made, nodes=[*made["nodes"], *more])


# Creating


def test_what_is_created_is_there_as_it_was_sent_and_does_not_run(server: Server) -> None:
    sent = workflow(None, schedule(), node("A", parameters={"text": "½ \u2028 😀", "number": 1.5, "big": 2**53}))
    made = held(server, use(server, lambda n8n: n8n.create_workflow(sent)))
    document = made.document()
    assert (made.active, made.published_graph, document["name"]) == (False, None, sent["name"])
    assert document["nodes"] == sent["nodes"]
    assert document["connections"] == {}


def test_a_body_that_the_server_does_not_know_creates_nothing(server: Server) -> None:
    name = unique("refused")
    error = failure(server, lambda n8n: n8n.create_workflow(workflow(name, unheardOf=1)))
    assert type(error) is N8nRejectedError
    assert "request/body" in str(error)
    assert server.api.get("/workflows", params={"name": name}).json()["data"] == []


@TWO
def test_an_impossible_graph_creates_nothing(server: Server) -> None:
    name = unique("refused")
    twice = [schedule("A"), node("A")]
    assert type(failure(server, lambda n8n: n8n.create_workflow(workflow(name, *twice)))) is N8nRejectedError
    assert server.api.get("/workflows", params={"name": name}).json()["data"] == []


# Updating


def test_an_update_of_what_runs_runs_at_once(server: Server) -> None:
    made = server.published()
    use(server, lambda n8n: n8n.update_workflow(made["id"], extended(made, node("B")), as_draft=False))
    after = held(server, made["id"])
    assert after.active
    assert names(after.document()) == names(after.published()) == ["Start", "B"]
    assert after.version_id == after.published_version_id != made["versionId"]


@TWO
def test_a_draft_leaves_what_runs_until_it_is_published(server: Server, abilities: Abilities) -> None:
    made = server.published()
    use(server, lambda n8n: n8n.update_workflow(made["id"], extended(made, node("B")), as_draft=True))
    between = held(server, made["id"])
    assert (names(between.document()), names(between.published())) == (["Start", "B"], ["Start"])
    assert between.published_version_id == made["versionId"]
    use(server, lambda n8n: n8n.publish(made["id"], version_id=between.version_id, abilities=abilities))
    after = held(server, made["id"])
    assert names(after.published()) == ["Start", "B"]
    assert after.version_id == after.published_version_id == between.version_id


@TWO
def test_the_version_that_ran_can_be_published_again_beside_a_newer_draft(server: Server, abilities: Abilities) -> None:
    made = server.published()
    use(server, lambda n8n: n8n.update_workflow(made["id"], extended(made, node("B")), as_draft=False))
    use(server, lambda n8n: n8n.publish(made["id"], version_id=made["versionId"], abilities=abilities))
    after = held(server, made["id"])
    assert (names(after.document()), names(after.published())) == (["Start", "B"], ["Start"])


@TWO
def test_settings_take_effect_at_once_even_as_a_draft(server: Server) -> None:
    made = server.published()
    body = body_of(made, settings={"timezone": "Europe/Berlin"})
    use(server, lambda n8n: n8n.update_workflow(made["id"], body, as_draft=True))
    after = held(server, made["id"])
    assert after.document()["settings"]["timezone"] == "Europe/Berlin"  # type: ignore[call-overload,index]
    assert after.published_version_id == after.version_id == made["versionId"]


def test_an_update_refused_for_its_body_changes_nothing(server: Server) -> None:
    made = server.published()
    before = held(server, made["id"]).raw_digest
    body = extended(made, node("B")) | {"unheardOf": 1}
    error = failure(server, lambda n8n: n8n.update_workflow(made["id"], body, as_draft=False))
    assert type(error) is N8nRejectedError
    assert held(server, made["id"]).raw_digest == before


def test_an_update_that_cannot_run_is_saved_all_the_same_and_told_as_uncertain(server: Server) -> None:
    made = server.published()
    body = extended(made, node("U", "n8n-nodes-foo.bar"))
    error = failure(server, lambda n8n: n8n.update_workflow(made["id"], body, as_draft=False))
    assert type(error) is N8nUncertainError
    assert "Unrecognized node type: n8n-nodes-foo.bar" in str(error)
    after = held(server, made["id"])
    assert names(after.document()) == ["Start", "U"]
    assert names(after.published()) == server.says(on_2=["Start"], on_1=[])
    assert after.active is server.is_2


@TWO
def test_a_key_that_may_not_publish_saves_the_draft_and_this_is_told_as_uncertain(server: Server) -> None:
    made = server.published()
    key = server.make_key("workflow:update", *READING)
    body = extended(made, node("B"))
    error = failure(server, lambda n8n: n8n.update_workflow(made["id"], body, as_draft=False), key=key)
    assert type(error) is N8nUncertainError
    assert "workflow:activate" in str(error)
    after = held(server, made["id"])
    assert (names(after.document()), names(after.published())) == (["Start", "B"], ["Start"])


@TWO
def test_what_is_archived_is_not_updated(server: Server) -> None:
    made = server.new()
    use(server, lambda n8n: n8n.archive(made["id"]))
    before = held(server, made["id"]).raw_digest
    assert "archived" in str(
        failure(server, lambda n8n: n8n.update_workflow(made["id"], extended(made, node("B")), as_draft=False))
    )
    assert held(server, made["id"]).raw_digest == before


# Publishing


def test_what_is_published_runs_and_what_is_unpublished_does_not(server: Server, abilities: Abilities) -> None:
    made = server.new()
    use(server, lambda n8n: n8n.publish(made["id"], version_id=None, abilities=abilities))
    assert held(server, made["id"]).published_version_id == made["versionId"]
    use(server, lambda n8n: n8n.unpublish(made["id"], abilities=abilities))
    after = held(server, made["id"])
    assert (after.active, after.published_version_id) == (False, None)
    use(server, lambda n8n: n8n.unpublish(made["id"], abilities=abilities))


def test_what_cannot_run_is_not_published(server: Server, abilities: Abilities) -> None:
    made = server.new(workflow(None, node("A")))
    error = failure(server, lambda n8n: n8n.publish(made["id"], version_id=None, abilities=abilities))
    assert type(error) is N8nRejectedError
    assert not held(server, made["id"]).active


@TWO
def test_what_calls_an_unpublished_workflow_is_not_published(server: Server, abilities: Abilities) -> None:
    called = server.new()
    made = server.new(workflow(None, schedule(), calling(called["id"])))
    error = failure(server, lambda n8n: n8n.publish(made["id"], version_id=made["versionId"], abilities=abilities))
    assert type(error) is N8nRejectedError
    assert called["name"] in str(error)
    assert not held(server, made["id"]).active


def test_a_path_that_is_taken_lets_nothing_be_published(server: Server, abilities: Abilities) -> None:
    path = unique("path").replace(" ", "-")
    server.published(workflow(None, webhook(path)))
    second = server.new(workflow(None, webhook(path)))
    error = failure(server, lambda n8n: n8n.publish(second["id"], version_id=None, abilities=abilities))
    assert type(error) is N8nRejectedError
    assert not held(server, second["id"]).active


@TWO
def test_an_unknown_version_is_not_published(server: Server, abilities: Abilities) -> None:
    made = server.new()
    error = failure(server, lambda n8n: n8n.publish(made["id"], version_id="none", abilities=abilities))
    assert type(error) is N8nNotFoundError
    assert not held(server, made["id"]).active


# Removing


@TWO
def test_what_is_archived_does_not_run_and_comes_back_unpublished(server: Server) -> None:
    made = server.published()
    use(server, lambda n8n: n8n.archive(made["id"]))
    put_away = held(server, made["id"])
    assert (put_away.is_archived, put_away.active, put_away.published_graph) == (True, False, None)
    use(server, lambda n8n: n8n.unarchive(made["id"]))
    back = held(server, made["id"])
    assert (back.is_archived, back.active, names(back.document())) == (False, False, ["Start"])


@ONE
def test_1x_cannot_archive_and_says_so(server: Server) -> None:
    made = server.new()
    assert type(failure(server, lambda n8n: n8n.archive(made["id"]))) is N8nRejectedError


def test_what_is_deleted_is_gone(server: Server) -> None:
    made = server.new()
    use(server, lambda n8n: n8n.delete_workflow(made["id"]))
    assert use(server, lambda n8n: n8n.get_workflow(made["id"])) is None


@TWO
def test_what_runs_is_not_deleted_and_what_ran_a_moment_ago_only_after_a_moment(
    server: Server, abilities: Abilities
) -> None:
    made = server.published()
    error = failure(server, lambda n8n: n8n.delete_workflow(made["id"]))
    assert type(error) is N8nRejectedError
    assert "Unpublish it before deleting" in str(error)
    use(server, lambda n8n: n8n.unpublish(made["id"], abilities=abilities))
    told = []

    def is_deleted() -> bool:
        try:
            use(server, lambda n8n: n8n.delete_workflow(made["id"]))
        except N8nRejectedError as refusal:
            told.append(str(refusal))
            return False
        return True

    assert eventually(is_deleted, bool)
    assert all("Workflow is still being unpublished. Please try again in a few moments." in each for each in told)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda n8n, of: n8n.update_workflow("none", workflow(), as_draft=False), id="update"),
        pytest.param(lambda n8n, of: n8n.publish("none", version_id=None, abilities=of), id="publish"),
        pytest.param(lambda n8n, of: n8n.unpublish("none", abilities=of), id="unpublish"),
        pytest.param(lambda n8n, of: n8n.delete_workflow("none"), id="delete"),
        pytest.param(lambda n8n, of: n8n.set_tags("none", []), id="tags"),
    ],
)
def test_a_workflow_that_does_not_exist_is_told_as_not_found(
    server: Server, abilities: Abilities, write: Callable[[N8nClient, Abilities], Awaitable[None]]
) -> None:
    assert type(failure(server, lambda n8n: write(n8n, abilities))) is N8nNotFoundError


# Tags and credentials


def test_a_workflow_has_exactly_the_tags_it_was_given(server: Server) -> None:
    made = server.new()
    first, second = unique("tag")[:20], unique("gat")[:20]

    async def tag(n8n: N8nClient) -> None:
        ids = [await n8n.create_tag(name) for name in (first, second)]
        assert {first: ids[0], second: ids[1]}.items() <= dict(await n8n.list_tags()).items()
        await n8n.set_tags(made["id"], ids)

    use(server, tag)
    assert held(server, made["id"]).tags == tuple(sorted((first, second)))
    use(server, lambda n8n: n8n.set_tags(made["id"], []))
    assert held(server, made["id"]).tags == ()


def test_a_tag_whose_name_is_taken_is_refused(server: Server) -> None:
    name = unique("tag")[:20]
    use(server, lambda n8n: n8n.create_tag(name))
    assert type(failure(server, lambda n8n: n8n.create_tag(name))) is N8nRejectedError


def test_unknown_tags_change_nothing(server: Server) -> None:
    made = server.new()
    assert type(failure(server, lambda n8n: n8n.set_tags(made["id"], ["none"]))) is N8nNotFoundError


@TWO
def test_credentials_are_listed_by_id_name_and_type_beyond_one_page(server: Server) -> None:
    prefix = unique("page")
    made = {server.new_credential(f"{prefix} {number}"): f"{prefix} {number}" for number in range(260)}
    listed = use(server, lambda n8n: n8n.list_credentials())
    assert {each.id: each.name for each in listed if each.name.startswith(prefix)} == made
    assert {each.type for each in listed if each.id in made} == {"httpBasicAuth"}


@ONE
def test_1x_does_not_list_credentials_and_says_so(server: Server) -> None:
    assert type(failure(server, lambda n8n: n8n.list_credentials())) is N8nRejectedError


# Keys and connections


@TWO
def test_a_scope_that_is_missing_is_told_and_nothing_is_changed(server: Server, abilities: Abilities) -> None:
    made = server.published()
    before = held(server, made["id"]).raw_digest
    key = server.make_key(*READING)
    writes: dict[str, Work[object]] = {
        "workflow:create": lambda n8n: n8n.create_workflow(workflow()),
        "workflow:update": lambda n8n: n8n.update_workflow(made["id"], body_of(made), as_draft=False),
        "workflow:activate": lambda n8n: n8n.publish(made["id"], version_id=None, abilities=abilities),
        "workflow:deactivate": lambda n8n: n8n.unpublish(made["id"], abilities=abilities),
        "workflow:delete": lambda n8n: n8n.archive(made["id"]),
        "workflowTags:update": lambda n8n: n8n.set_tags(made["id"], []),
        "tag:create": lambda n8n: n8n.create_tag("t"),
        "tag:list": lambda n8n: n8n.list_tags(),
        "credential:list": lambda n8n: n8n.list_credentials(),
    }
    for scope, write in writes.items():
        error = failure(server, write, key=key)
        assert type(error) is N8nForbiddenError, scope
        assert scope in error.fix
    assert held(server, made["id"]).raw_digest == before


def test_a_server_that_is_not_there_has_certainly_done_nothing() -> None:
    async def create() -> str:
        async with N8nClient("http://127.0.0.1:9", "key") as n8n:
            return await n8n.create_workflow(workflow())

    with pytest.raises(N8nUnreachableError, match="cannot be reached"):
        asyncio.run(create())
