"""Onboarding: what goes into Git reads back as what n8n runs, under an identity that is nobody else's."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    ANY_TEXT,
    COMMIT,
    JSON_VALUES,
    LAW,
    NOW,
    blob_of,
    canonical,
    changed,
    corpus,
    declared,
    needs_corpus,
    node,
    numbers,
    workflow,
)

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.declared import Declaration, declare, pair_files
from workflowops.core.onboarding import (
    Candidate,
    Onboarded,
    OnboardingOutcome,
    OnboardingPlan,
    Refusal,
    Wishes,
    plan_onboarding,
)
from workflowops.core.onboarding_needs import Needs
from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.onboarding_registry import Registry, registry_of
from workflowops.core.records import CanonicalFile
from workflowops.core.sidecar import parse_sidecar, sidecar_path
from workflowops.errors import ExitCode

EMPTY = canonical({})
SECRET = {"headers": {"Authorization": "Bearer sk_live_51H8xYzAbCdEfGhIjKlMnOpQrStUv"}}


def candidate(document: Mapping[str, Any] | None = None, environment: str = "dev", **more: Any) -> Candidate:
    held = workflow() if document is None else document
    fields: dict[str, Any] = {
        "folder": environment,
        "workflow_id": f"w-{environment}",
        "name": held.get("name", ""),
        **more,
    }
    return Candidate(environment=environment, document=held, **fields)


def plan(
    *candidates: Candidate, wishes: Wishes | None = None, registry: Registry | None = None, prefix: str = "id"
) -> OnboardingPlan:
    return plan_onboarding(
        candidates,
        wishes=wishes or Wishes(),
        registry=registry or registry_of(EMPTY, paths=()),
        author="olive",
        now=NOW,
        new_id=numbers(prefix).__next__,
    )


def digest(document: Mapping[str, Any]) -> str:
    return digests(canonicalize(document)).logic


def read_back(files: Mapping[str, bytes], folders: Sequence[str] = ("dev",)) -> Declaration:
    """Declare what was written, as the next run will."""
    blobs = {path: blob_of(content) for path, content in files.items()}
    contents = {blob_of(content): content for content in files.values()}
    pairs = [pair for folder in folders for pair in pair_files(folder, folder, blobs)]
    return declare(pairs, commit=COMMIT, known=None, content=contents.__getitem__)


def test_a_workflow_gets_a_file_and_a_sidecar_named_after_it() -> None:
    found = plan(candidate(), wishes=Wishes(description="What comes in", tags=("a", "b")))
    assert found.refused == ()
    assert {*found.files} == {"dev/customer_onboarding.json", "dev/customer_onboarding.wfo.json"}
    assert found.onboarded == (
        Onboarded(
            environment="dev",
            workflow_id="w-dev",
            workflow_name="Customer Onboarding",
            canonical_id="id-1",
            canonical_slug="customer_onboarding",
            git_file_path="dev/customer_onboarding.json",
            is_tied=False,
            content_hash=SAME,
            node_count=6,
            needs=Needs(credentials=(("httpBasicAuth", "API Auth"),)),
        ),
    )
    sidecar, problems = parse_sidecar(found.files["dev/customer_onboarding.wfo.json"], path="a")
    assert problems == ()
    assert sidecar is not None
    assert (sidecar.canonical_id, sidecar.canonical_slug, sidecar.n8n_workflow_id) == (
        "id-1",
        "customer_onboarding",
        "w-dev",
    )
    assert (sidecar.description, sidecar.tags) == ("What comes in", ("a", "b"))
    assert (sidecar.created_by, sidecar.created_at) == ("olive", NOW)


def test_what_was_written_is_declared_as_what_n8n_runs() -> None:
    found = read_back(plan(candidate()).files)
    assert found.problems == ()
    copy = found.file.workflows["id-1"].copies["dev"]
    expected = digests(canonicalize(workflow()))
    assert (copy.content_hash, copy.layout_hash, copy.bindings_hash) == (
        expected.logic,
        expected.layout,
        expected.bindings,
    )
    assert (copy.active, copy.tags, copy.n8n_workflow_id) == (True, ("customers",), "w-dev")


ODD = st.fixed_dictionaries(
    {
        "name": ANY_TEXT,
        "nodes": st.lists(JSON_VALUES | st.dictionaries(st.sampled_from(["name", "id", "parameters"]), JSON_VALUES)),
        "connections": st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=3),
    },
    optional={"settings": JSON_VALUES, "nodeGroups": JSON_VALUES, "tags": st.lists(ANY_TEXT)},
)


@LAW
@given(ODD)
def test_no_workflow_is_too_odd_to_be_put_into_git(document) -> None:
    found = plan(candidate(document), wishes=Wishes(allow_secrets=True))
    assert found.refused == ()
    declaration = read_back(found.files)
    assert (declaration.problems, declaration.unreadable) == ((), {})
    assert declaration.file.workflows["id-1"].copies["dev"].content_hash == digest(document)


@pytest.mark.parametrize(
    "name",
    ["CON", "../../etc/passwd", "a/b\\c", "\U0001f600", "", "x" * 300, ".hidden", "Größe", "nul.json", "a.wfo", "~"],
)
def test_a_name_that_is_no_file_name_gets_one(name) -> None:
    found = plan(candidate(workflow(name=name)))
    [entry] = found.onboarded
    assert entry.git_file_path.startswith("dev/")
    assert {*found.files} == {entry.git_file_path, sidecar_path(entry.git_file_path)}
    assert read_back(found.files).problems == ()


@LAW
@given(st.lists(st.sampled_from(["Orders", "orders", "Orders 2", "ORDERS!", "", "con"]), min_size=2, max_size=8))
def test_no_two_workflows_share_a_slug_or_a_file_whatever_they_are_called(names) -> None:
    candidates = [
        candidate(workflow(name=name, settings={"timezone": f"Zone/{number}"}), workflow_id=f"w{number}")
        for number, name in enumerate(names)
    ]
    found = plan(*candidates)
    assert len(found.onboarded) == len(names)
    assert len({entry.canonical_slug.casefold() for entry in found.onboarded}) == len(names)
    assert len({path.casefold() for path in found.files}) == 2 * len(names)
    assert len(read_back(found.files).file.workflows) == len(names)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["dev/orders.json"], "dev/orders_2.json", id="the file"),
        pytest.param(["dev/orders.wfo.json"], "dev/orders_2.json", id="a sidecar left behind"),
        pytest.param(["dev/ORDERS.json"], "dev/orders_2.json", id="the same on other file systems"),
        pytest.param(["dev/orders.json", "dev/orders_2.wfo.json"], "dev/orders_3.json", id="the next one too"),
        pytest.param(["prod/orders.json"], "dev/orders.json", id="another folder's"),
    ],
)
def test_a_path_in_use_is_left_alone(paths, expected) -> None:
    found = plan(candidate(workflow(name="Orders")), registry=registry_of(EMPTY, paths=paths))
    assert (found.onboarded[0].git_file_path, found.onboarded[0].canonical_slug) == (expected, "orders")


def test_a_path_that_another_workflow_of_the_same_run_got_is_left_alone() -> None:
    held = registry_of(EMPTY, paths=["dev/orders.json"])
    found = plan(candidate(workflow(name="Orders")), candidate(workflow(name="Orders 2")), registry=held)
    assert [entry.git_file_path for entry in found.onboarded] == ["dev/orders_2.json", "dev/orders_2_2.json"]


def test_the_same_workflow_on_three_instances_becomes_one_with_three_copies() -> None:
    environments = ("dev", "staging", "prod")
    found = plan(*(candidate(environment=each) for each in environments))
    assert [(entry.canonical_id, entry.is_tied) for entry in found.onboarded] == [
        ("id-1", False),
        ("id-1", True),
        ("id-1", True),
    ]
    declaration = read_back(found.files, environments)
    assert declaration.problems == ()
    copies = declaration.file.workflows["id-1"].copies
    assert {name: copy.n8n_workflow_id for name, copy in copies.items()} == {
        "dev": "w-dev",
        "staging": "w-staging",
        "prod": "w-prod",
    }


def test_copies_are_tied_though_ids_layout_and_tags_differ() -> None:
    other = changed(workflow(), "nodes.2.credentials.httpBasicAuth.id", "other")
    other = changed(other, "nodes.1.position", [7, 7])
    other = changed(other, "tags", ["prod only"])
    found = plan(candidate(), candidate(other, "prod"))
    assert [entry.canonical_id for entry in found.onboarded] == ["id-1", "id-1"]


def registry(
    copies: Mapping[str, Mapping[str, Any]], linked: Sequence[tuple[str, str]] = (), paths: Sequence[str] = ()
) -> Registry:
    return registry_of(canonical(copies), paths=paths, linked=linked)


SAME = digest(workflow())


def of(environment: str, content: str = SAME, **more: Any) -> dict[str, Any]:
    return {environment: declared(content, git_file_path=f"{environment}/theirs.json", **more)}


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        pytest.param({"one": of("prod")}, "one", id="the only one of this content"),
        pytest.param({"one": of("prod"), "two": of("staging")}, "id-1", id="two of this content"),
        pytest.param({"one": {**of("prod"), **of("dev")}}, "id-1", id="one that has a copy here"),
        pytest.param({"one": {**of("prod"), **of("dev")}, "two": of("prod")}, "two", id="the one that has none here"),
        pytest.param({"one": of("prod", "another content")}, "id-1", id="another content"),
    ],
)
def test_a_copy_is_tied_by_its_content_when_only_one_can_be_meant(copies, expected) -> None:
    [entry] = plan(candidate(), registry=registry(copies)).onboarded
    assert (entry.canonical_id, entry.is_tied) == (expected, expected != "id-1")
    assert entry.canonical_slug == ("customer_onboarding" if expected == "id-1" else expected)


def test_twins_in_one_environment_are_two_workflows() -> None:
    found = plan(candidate(workflow_id="w1"), candidate(workflow_id="w2"))
    assert [entry.canonical_id for entry in found.onboarded] == ["id-1", "id-2"]
    assert [entry.canonical_slug for entry in found.onboarded] == ["customer_onboarding", "customer_onboarding_2"]


@pytest.mark.parametrize(
    ("wishes", "copies", "expected"),
    [
        pytest.param(Wishes(), of("prod", "b", name="Customer Onboarding"), "id-1", id="a name alone ties nothing"),
        pytest.param(Wishes(link=True), of("prod", "b", name="Customer Onboarding"), "one", id="a name, with --link"),
        pytest.param(Wishes(link=True), of("prod", "b", name="Other"), "id-1", id="another name, with --link"),
        pytest.param(Wishes(link=True), of("dev", "b", name="Customer Onboarding"), "one", id="a name that waits here"),
        pytest.param(Wishes(link=True, slug="one"), of("prod", "b"), "one", id="a slug, with --link"),
        pytest.param(Wishes(link=True, slug="new"), of("prod", "b"), "id-1", id="a new slug, with --link"),
        pytest.param(Wishes(slug="one"), of("prod"), "one", id="a slug that is that of the same content"),
        pytest.param(Wishes(slug="new"), of("prod"), "id-1", id="a new slug goes before the same content"),
    ],
)
def test_wishes_decide_what_is_tied(wishes, copies, expected) -> None:
    [entry] = plan(candidate(), wishes=wishes, registry=registry({"one": copies})).onboarded
    assert entry.canonical_id == expected


def test_with_link_a_name_that_waits_here_goes_before_one_elsewhere_and_one_in_use_is_left_alone() -> None:
    copies = {
        "here": of("dev", "b", name="Customer Onboarding"),
        "there": of("prod", "c", name="Customer Onboarding"),
    }
    for linked, expected in (([], "here"), ([("here", "dev")], "there")):
        found = plan(candidate(), wishes=Wishes(link=True), registry=registry(copies, linked=linked))
        assert [entry.canonical_id for entry in found.onboarded] == [expected]


def test_with_link_a_file_that_waits_for_its_workflow_gets_a_sidecar_and_stays_as_it_is() -> None:
    held = registry({"one": of("dev", "reviewed")}, paths=["dev/theirs.json"])
    found = plan(candidate(), wishes=Wishes(link=True, slug="one"), registry=held)
    assert {*found.files} == {"dev/theirs.wfo.json"}
    assert found.onboarded[0].git_file_path == "dev/theirs.json"
    sidecar, _ = parse_sidecar(found.files["dev/theirs.wfo.json"], path="a")
    assert sidecar is not None
    assert (sidecar.canonical_id, sidecar.n8n_workflow_id) == ("one", "w-dev")


def test_with_link_no_workflow_takes_the_file_of_another_one() -> None:
    held = registry({"one": of("dev", "reviewed")}, linked=[("one", "dev")])
    found = plan(candidate(), wishes=Wishes(link=True, slug="one"), registry=held)
    assert found.files == {}
    assert "has a workflow in dev already" in found.refused[0].reason
    twice = plan(
        candidate(workflow_id="w1"),
        candidate(workflow(name="b"), workflow_id="w2"),
        wishes=Wishes(link=True, slug="one"),
        registry=registry({"one": of("dev", "reviewed")}),
    )
    assert ([entry.workflow_id for entry in twice.onboarded], len(twice.refused)) == (["w1"], 1)


def described() -> CanonicalFile:
    files = plan(candidate(), wishes=Wishes(description="What comes in", tags=("a",)), prefix="known").files
    return read_back(files).file


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param(Wishes(), ("What comes in", ("a",)), id="nothing new"),
        pytest.param(Wishes(description="Better", tags=("b",)), ("Better", ("b",)), id="something new"),
    ],
)
def test_what_people_said_about_a_workflow_is_carried_on(wishes, expected) -> None:
    found = plan(candidate(environment="prod"), wishes=wishes, registry=registry_of(described(), paths=()))
    sidecar, _ = parse_sidecar(found.files["prod/customer_onboarding.wfo.json"], path="a")
    assert sidecar is not None
    assert (sidecar.description, sidecar.tags) == expected


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        pytest.param(Wishes(slug="one"), "'one' already exists", id="a slug that is taken"),
        pytest.param(Wishes(file="dev/taken.json"), r"dev/taken\.json already exists", id="a file that is there"),
        pytest.param(Wishes(file="dev/Taken.json"), "already exists", id="a file that is there on other systems"),
        pytest.param(Wishes(file="dev/left.json"), "already exists", id="a sidecar that was left behind"),
    ],
)
def test_a_wish_that_somebody_elses_work_stands_against_is_refused(wishes, reason) -> None:
    held = registry({"one": of("prod", "another")}, paths=["dev/taken.json", "dev/left.wfo.json"])
    found = plan(candidate(), wishes=wishes, registry=held)
    assert (found.files, found.onboarded) == ({}, ())
    [refusal] = found.refused
    assert re.search(reason, refusal.reason)
    assert refusal.fix


@pytest.mark.parametrize(
    "wishes",
    [
        pytest.param(Wishes(slug="Not A Slug"), id="a slug that is none"),
        pytest.param(Wishes(file="../outside.json"), id="a file outside"),
        pytest.param(Wishes(file="prod/a.json"), id="a file in another folder"),
        pytest.param(Wishes(file="dev/a.txt"), id="a file of another kind"),
        pytest.param(Wishes(file="dev/.hidden.json"), id="a hidden file"),
        pytest.param(Wishes(file="dev/a.wfo.json"), id="a sidecar"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_with_what_would_do(wishes) -> None:
    found = plan(candidate(), wishes=wishes)
    assert (found.files, found.onboarded) == ({}, ())
    [refusal] = found.refused
    assert refusal.reason
    assert refusal.fix


def proposed(**more: Any) -> OnboardingRequest:
    fields: dict[str, Any] = {
        "n8n_workflow_id": "w-prod",
        "workflow_name": "Customer Onboarding",
        "environment": "prod",
        "canonical_id": "one",
        "canonical_slug": "customer_onboarding",
        "git_file_path": "prod/customer_onboarding.json",
        "content_hash": SAME,
        "branch": "workflowops/onboard-prod-customer_onboarding",
        "pull_request": 12,
        "requested_by": "ada",
        "requested_at": NOW,
    }
    return OnboardingRequest(**(fields | more))


def test_a_copy_of_what_is_proposed_elsewhere_shares_its_identity() -> None:
    found = plan(candidate(), registry=registry_of(EMPTY, paths=(), proposed=[proposed()]))
    assert [(each.canonical_id, each.is_tied) for each in found.onboarded] == [("one", True)]


def test_what_is_proposed_keeps_its_slug_and_its_file() -> None:
    other = proposed(environment="dev", content_hash="another", git_file_path="dev/Customer_Onboarding.json")
    found = plan(candidate(), registry=registry_of(EMPTY, paths=(), proposed=[other]))
    assert [(each.canonical_id, each.canonical_slug) for each in found.onboarded] == [("id-1", "customer_onboarding_2")]
    wished = plan(
        candidate(),
        wishes=Wishes(file="dev/customer_onboarding.json"),
        registry=registry_of(EMPTY, paths=(), proposed=[other]),
    )
    assert "a pull request proposes it" in wished.refused[0].reason


def test_a_secret_is_refused_named_and_not_repeated() -> None:
    document = workflow(nodes=[node("Call", parameters=SECRET)])
    found = plan(candidate(document), candidate(environment="prod"))
    [refusal] = found.refused
    assert (refusal.environment, refusal.workflow_id) == ("dev", "w-dev")
    assert "'Call'" in refusal.reason
    assert "sk_live" not in refusal.reason
    assert [entry.environment for entry in found.onboarded] == ["prod"]
    assert {path.partition("/")[0] for path in found.files} == {"prod"}


def test_a_refused_workflow_takes_no_name_from_the_others() -> None:
    refused = candidate(workflow(nodes=[node("Call", parameters=SECRET)]), workflow_id="w1")
    found = plan(refused, candidate(workflow_id="w2"))
    assert [(entry.workflow_id, entry.canonical_slug) for entry in found.onboarded] == [("w2", "customer_onboarding")]


def test_a_secret_is_written_when_it_is_said_to_be_none() -> None:
    document = workflow(nodes=[node("Call", parameters=SECRET)])
    found = plan(candidate(document), wishes=Wishes(allow_secrets=True))
    assert (len(found.onboarded), found.refused) == (1, ())
    [place] = found.onboarded[0].suspected
    assert "'Call'" in place
    assert "sk_live" not in place
    [harmless] = plan(candidate()).onboarded
    assert harmless.suspected == ()


def test_what_could_not_be_read_again_is_refused() -> None:
    deep: Any = "x"
    for _ in range(250):
        deep = [deep]
    found = plan(candidate(workflow(nodes=[node("A", parameters={"deep": deep})])), wishes=Wishes(allow_secrets=True))
    assert (found.files, len(found.refused)) == ({}, 1)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param({}, ExitCode.DONE, id="done"),
        pytest.param({"refused": True}, ExitCode.RULE, id="one refused"),
        pytest.param({"refused": True, "failed": {"prod": "no answer"}}, ExitCode.REMOTE, id="an instance failed"),
        pytest.param({"state_problem": "moved"}, ExitCode.REMOTE, id="the state did not take it"),
    ],
)
def test_the_exit_code_says_the_worst(more, expected) -> None:
    refusal = Refusal(environment="dev", workflow_id="w", workflow_name="", reason="", fix="")
    fields = {**more, "refused": (refusal,) if more.get("refused") else ()}
    assert OnboardingOutcome(onboarded=(), files=(), **fields).exit_code is expected


@needs_corpus
def test_every_real_workflow_goes_into_git_and_comes_back_whole() -> None:
    documents = {f"w-{name}": document for name, document in corpus()}
    candidates = [
        candidate(document, workflow_id=each, name=str(document.get("name") or ""))
        for each, document in documents.items()
    ]
    found = plan(*candidates, wishes=Wishes(allow_secrets=True))
    assert found.refused == ()
    declaration = read_back(found.files)
    assert (declaration.problems, declaration.unreadable) == ((), {})
    copies = [held.copies["dev"] for held in declaration.file.workflows.values()]
    assert len(copies) == len(documents) == 338
    for copy in copies:
        expected = digests(canonicalize(documents[str(copy.n8n_workflow_id)]))
        assert (copy.content_hash, copy.layout_hash) == (expected.logic, expected.layout)
