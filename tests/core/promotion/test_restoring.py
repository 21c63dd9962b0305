"""The steps that put a workflow back, tried on a small model of a server that does what n8n was measured to do."""

from dataclasses import dataclass, replace
from typing import Any, assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.promotion.restoring import (
    Archive,
    Delete,
    Publish,
    SetTags,
    Step,
    Unarchive,
    Unpublish,
    Write,
    former_document,
    is_as_it_was,
    steps_back,
)
from workflowops.core.promotion.snapshot import SnapshotWorkflow

KEYS = {
    "workflow_keys": ("name", "nodes", "connections", "settings", "nodeGroups"),
    "node_keys": (
        "id",
        "name",
        "type",
        "typeVersion",
        "position",
        "parameters",
        "credentials",
        "webhookId",
        "disabled",
    ),
    "settings_keys": ("executionOrder", "timezone", "errorWorkflow", "callerPolicy", "callerIds"),
}
DRAFTS = Abilities(
    source=AbilitySource.OPENAPI, publish=True, publish_if_active=True, archive=True, node_groups=True, **KEYS
)
NO_DRAFTS = Abilities(source=AbilitySource.OPENAPI, **KEYS)


def document(url: str = "https://a.example.com", *, credential: str = "cred-1", **settings: Any) -> dict[str, Any]:
    hook = {"id": "n1", "name": "Hook", "type": "n8n-nodes-base.webhook", "typeVersion": 1, "position": [0, 0]}
    ask = {"id": "n2", "name": "Ask", "type": "n8n-nodes-base.httpRequest", "typeVersion": 1, "position": [220, 0]}
    return {
        "name": "Orders",
        "nodes": [
            {**hook, "webhookId": "hook-1", "parameters": {"path": "orders"}},
            {**ask, "parameters": {"url": url}, "credentials": {"httpBasicAuth": {"id": credential, "name": "API"}}},
        ],
        "connections": {"Hook": {"main": [[{"node": "Ask", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1", **settings},
        "nodeGroups": [],
    }


def workflow(content: dict[str, Any], published: dict[str, Any] | None = None, **more: Any) -> SnapshotWorkflow:
    base = SnapshotWorkflow(
        id="w1",
        name=content["name"],
        active=published is not None,
        is_archived=False,
        tags=(),
        version_id="v1",
        published_version_id=None if published is None else "v1",
        document=content,
        published=published,
    )
    return replace(base, **more)


@dataclass
class Server:
    """One workflow of a server; `versions` is its history, `None` of it once it is deleted."""

    now: SnapshotWorkflow | None
    abilities: Abilities
    versions: dict[str, dict[str, Any]]
    number: int = 100

    def take(self, step: Step) -> None:
        now = self.now
        assert now is not None, "it is gone"
        match step:
            case Unarchive():
                assert now.is_archived
                self.now = replace(now, is_archived=False)
            case Archive():
                assert not now.is_archived
                self.now = replace(self._off(now), is_archived=True)
            case Unpublish():
                self.now = self._off(now)
            case SetTags(tags):
                self.now = replace(now, tags=tags)
            case Delete():
                assert not now.active, "n8n does not delete what is published"
                self.now = None
            case Write(written, as_draft):
                assert not now.is_archived, "n8n does not update what is archived"
                assert not as_draft or self.abilities.publish_if_active
                self.now = self._written(now, dict(written), as_draft=as_draft)
            case Publish(version_id):
                assert not now.is_archived
                key = version_id or now.version_id or ""
                self.now = replace(now, active=True, published_version_id=key, published=self.versions[key])
            case _:
                assert_never(step)

    def _off(self, now: SnapshotWorkflow) -> SnapshotWorkflow:
        return replace(now, active=False, published=None, published_version_id=None)

    def _written(self, now: SnapshotWorkflow, written: dict[str, Any], *, as_draft: bool) -> SnapshotWorkflow:
        self.number += 1
        settings = {**now.document["settings"], **written["settings"]}
        kept = {key: value for key, value in settings.items() if value != "DEFAULT"}
        content = {**now.document, **written, "settings": kept}
        key = f"v{self.number}"
        self.versions[key] = content
        new = replace(now, document=content, version_id=key, name=content["name"])
        return new if as_draft or not now.active else replace(new, published=content, published_version_id=key)


def server(now: SnapshotWorkflow, former: SnapshotWorkflow | None, *, abilities: Abilities) -> Server:
    versions = {now.version_id or "": now.document}
    if now.published is not None:
        versions[now.published_version_id or ""] = now.published
    if former is not None and former.published is not None:
        versions[former.published_version_id or ""] = former.published
    return Server(now, abilities, versions)


A, B, C = document(), document("https://b.example.com"), document("https://c.example.com", timezone="Europe/Berlin")
ON, OFF = workflow(A, A), workflow(A)
NEW = {"version_id": "v2", "published_version_id": "v2"}

CASES = [
    pytest.param(ON, ON, [], id="nothing happened"),
    pytest.param(ON, replace(ON, version_id="v7"), [], id="another version id is no difference"),
    pytest.param(ON, workflow(B, A, version_id="v2"), [Write], id="only a draft was written"),
    pytest.param(ON, workflow(B, B, **NEW), [Publish, Write], id="published"),
    pytest.param(ON, workflow(A), [Publish], id="switched off"),
    pytest.param(OFF, workflow(B, B, **NEW), [Unpublish, Write], id="switched on"),
    pytest.param(OFF, workflow(C, version_id="v2"), [Write], id="draft of what is off"),
    pytest.param(ON, workflow(A, is_archived=True), [Unarchive, Publish], id="archived"),
    pytest.param(replace(OFF, is_archived=True), workflow(B, B, **NEW), [Unpublish, Write, Archive], id="taken back"),
    pytest.param(replace(OFF, is_archived=True), replace(OFF, is_archived=True), [], id="still put away"),
    pytest.param(
        replace(OFF, is_archived=True),
        workflow(B, is_archived=True),
        [Unarchive, Write, Archive],
        id="put away, edited",
    ),
    pytest.param(workflow(C, A, version_id="v0"), workflow(B, B, **NEW), [Publish, Write], id="a draft was ahead"),
    pytest.param(replace(ON, tags=("a",)), replace(ON, tags=("b",)), [SetTags], id="tags"),
    pytest.param(
        ON, workflow(document(credential="cred-9"), A, version_id="v2"), [Write], id="another credential's id"
    ),
    pytest.param(None, workflow(B, B), [Unpublish, Delete], id="created and published"),
    pytest.param(None, workflow(B), [Delete], id="created"),
]


@pytest.mark.parametrize(("former", "now", "expected"), CASES)
def test_the_steps_back(former: SnapshotWorkflow | None, now: SnapshotWorkflow, expected: list[type]) -> None:
    steps = steps_back(former, now, abilities=DRAFTS)
    assert [type(each) for each in steps] == expected
    there = server(now, former, abilities=DRAFTS)
    for step in steps:
        there.take(step)
    assert there.now is None if former is None else there.now is not None and is_as_it_was(former, there.now)


DOCUMENTS = st.sampled_from([A, B, C, document(credential="cred-2"), document(errorWorkflow="w9")])
TAGS = st.sampled_from([(), ("a",), ("a", "b")])


@st.composite
def workflows(draw: st.DrawFn, *, has_drafts: bool = True) -> SnapshotWorkflow:
    content = draw(DOCUMENTS)
    published = draw(st.none() | (DOCUMENTS if has_drafts else st.just(content)))
    if published is not None:
        published = {**published, "name": content["name"], "settings": content["settings"]}
    is_archived = published is None and draw(st.booleans())
    number = draw(st.integers(min_value=0, max_value=1))
    return workflow(content, published, tags=draw(TAGS), is_archived=is_archived, version_id=f"d{number}")


@given(workflows(), workflows(), st.booleans())
def test_the_steps_back_lead_back_from_anywhere(
    former: SnapshotWorkflow, now: SnapshotWorkflow, is_version_lost: bool
) -> None:
    former = replace(former, published_version_id=None if former.published is None else "former")
    there = server(now, former, abilities=DRAFTS)
    if is_version_lost:
        there.versions.pop("former", None)
    for step in steps_back(former, now, abilities=DRAFTS, is_version_lost=is_version_lost):
        there.take(step)
    assert there.now is not None
    assert is_as_it_was(former, there.now)
    assert steps_back(former, there.now, abilities=DRAFTS) == ()


@given(workflows(has_drafts=False), workflows(has_drafts=False))
def test_on_a_server_without_drafts_they_do_too(former: SnapshotWorkflow, now: SnapshotWorkflow) -> None:
    there = server(now, former, abilities=NO_DRAFTS)
    for step in steps_back(former, now, abilities=NO_DRAFTS):
        there.take(step)
    assert there.now is not None
    assert is_as_it_was(former, there.now)


@given(workflows(), workflows())
def test_nothing_but_the_old_version_ever_runs_on_the_way(former: SnapshotWorkflow, now: SnapshotWorkflow) -> None:
    former = replace(former, published_version_id=None if former.published is None else "former")
    there = server(now, former, abilities=DRAFTS)
    allowed = [None, now.published, former.published]
    for step in steps_back(former, now, abilities=DRAFTS):
        there.take(step)
        assert there.now is not None
        assert there.now.published in allowed


def test_a_credential_without_an_id_is_sent_with_null() -> None:
    bare = document()
    bare["nodes"][1]["credentials"] = {"httpBasicAuth": {"name": "API"}}
    sent = former_document(bare, now=A, abilities=DRAFTS)
    assert sent["nodes"][1]["credentials"] == {"httpBasicAuth": {"id": None, "name": "API"}}


def test_a_setting_that_was_not_there_is_cleared_and_what_the_server_refuses_is_left_out() -> None:
    odd = {**document(), "meta": {"x": 1}}
    odd["nodes"][0]["color"] = 3
    sent = former_document(odd, now=document(errorWorkflow="w9", timezone="Europe/Berlin"), abilities=DRAFTS)
    assert sent["settings"] == {"executionOrder": "v1", "errorWorkflow": "DEFAULT", "timezone": "DEFAULT"}
    assert "meta" not in sent
    assert "color" not in sent["nodes"][0]
    assert set(sent) == {"name", "nodes", "connections", "settings", "nodeGroups"}
    assert "nodeGroups" not in former_document(odd, now=A, abilities=NO_DRAFTS)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(ON, True, id="the same"),
        pytest.param(replace(ON, version_id="v9", published_version_id="v9"), True, id="other version ids"),
        pytest.param(workflow(B, A), False, id="draft"),
        pytest.param(workflow(A, B), False, id="what runs"),
        pytest.param(workflow(A, document(credential="cred-9")), False, id="the credential's id in what runs"),
        pytest.param(OFF, False, id="off"),
        pytest.param(replace(ON, tags=("a",)), False, id="tags"),
        pytest.param(replace(OFF, is_archived=True), False, id="archived"),
    ],
)
def test_a_workflow_is_as_it_was_when_all_of_it_is(now: SnapshotWorkflow, expected: bool) -> None:
    assert is_as_it_was(ON, now) is expected
