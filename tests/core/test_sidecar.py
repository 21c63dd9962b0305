"""Sidecars: read, written, and found beside their file."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.problems import Problem, Severity
from workflowops.core.sidecar import (
    Sidecar,
    derived_canonical_id,
    parse_sidecar,
    render_sidecar,
    sidecar_path,
    workflow_path,
)
from workflowops.errors import ConfigurationError

ID = "0c6b2f3e-5f0a-4f0e-9a59-0f4a3b7a51c2"
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=20)
SIDECARS = st.builds(
    Sidecar,
    canonical_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    canonical_slug=st.from_regex(r"[a-z0-9]{1,5}(_[a-z0-9]{1,5}){0,3}", fullmatch=True),
    description=TEXTS,
    tags=st.lists(TEXTS.filter(bool), max_size=3).map(tuple),
    created_by=st.none() | TEXTS,
    created_at=st.sampled_from([None, "2026-01-14T10:00:00Z", "2026-01-14T10:00:00.123+01:00"]),
    n8n_workflow_id=st.none() | TEXTS.filter(bool),
)


def read(value: object) -> tuple[Sidecar | None, tuple[Problem, ...]]:
    return parse_sidecar(json.dumps(value, indent=2).encode(), path="dev/a.wfo.json")


def test_the_sidecar_of_the_walkthrough_is_read() -> None:
    sidecar, problems = read(
        {
            "canonical_id": "canon-uuid-051",
            "canonical_slug": "customer_survey_automation",
            "tags": ["surveys", "automation", "customers"],
            "created_by": "user-dev-2",
            "created_at": "2026-01-14T10:00:00Z",
        }
    )
    assert problems == ()
    assert sidecar == Sidecar(
        canonical_id="canon-uuid-051",
        canonical_slug="customer_survey_automation",
        tags=("surveys", "automation", "customers"),
        created_by="user-dev-2",
        created_at="2026-01-14T10:00:00Z",
    )


def test_a_sidecar_is_written_for_reviewers() -> None:
    written = render_sidecar(
        Sidecar(canonical_id=ID, canonical_slug="orders", description="Größen", tags=("a",), n8n_workflow_id="wf-1")
    )
    assert written.decode() == (
        "{\n"
        f'  "canonical_id": "{ID}",\n'
        '  "canonical_slug": "orders",\n'
        '  "description": "Größen",\n'
        '  "tags": [\n    "a"\n  ],\n'
        '  "n8n_workflow_id": "wf-1"\n'
        "}\n"
    )


@settings(deadline=None)
@given(SIDECARS)
def test_what_was_written_is_read_and_written_alike(sidecar) -> None:
    written = render_sidecar(sidecar)
    read_again, problems = parse_sidecar(written, path="dev/a.wfo.json")
    assert (read_again, problems) == (sidecar, ())
    assert b"\r" not in written


@pytest.mark.parametrize(
    ("change", "rule", "place"),
    [
        pytest.param({"canonical_id": ""}, "bad-value", (2, 19), id="an empty id"),
        pytest.param({"canonical_id": "../x"}, "bad-value", (2, 19), id="an id that is a path"),
        pytest.param({"canonical_id": 5}, "wrong-type", (2, 19), id="a number as id"),
        pytest.param({"canonical_slug": "Orders"}, "bad-value", (3, 21), id="a slug in upper case"),
        pytest.param({"canonical_slug": "x" * 81}, "out-of-bounds", (3, 21), id="a long slug"),
        pytest.param({"tags": "a, b"}, "wrong-type", (4, 11), id="tags in one text"),
        pytest.param({"tags": ["a", 1]}, "wrong-type", (6, 5), id="a number among tags"),
        pytest.param({"created_at": "yesterday"}, "bad-value", (4, 17), id="a time in words"),
        pytest.param({"n8n_workflow_id": None}, "wrong-type", (4, 22), id="null as n8n's id"),
    ],
)
def test_a_sidecar_with_a_wrong_value_is_refused_with_its_place(change, rule, place) -> None:
    sidecar, (problem,) = read({"canonical_id": ID, "canonical_slug": "orders", **change})
    assert sidecar is None
    assert (problem.rule, (problem.line, problem.column)) == (rule, place)
    assert problem.fix


def test_a_sidecar_without_identity_is_refused_for_both_keys_at_once() -> None:
    sidecar, problems = read({"description": "x"})
    assert sidecar is None
    assert [problem.rule for problem in problems] == ["missing-key", "missing-key"]


@pytest.mark.parametrize(
    "sidecar",
    [
        pytest.param(Sidecar(canonical_id=ID, canonical_slug="Orders"), id="a slug in upper case"),
        pytest.param(Sidecar(canonical_id="", canonical_slug="orders"), id="no id"),
        pytest.param(Sidecar(canonical_id=ID, canonical_slug="orders", tags=("a", "")), id="an empty tag"),
        pytest.param(Sidecar(canonical_id=ID, canonical_slug="orders", description="x" * 10_001), id="a long text"),
    ],
)
def test_what_could_not_be_read_is_not_written(sidecar) -> None:
    with pytest.raises(ConfigurationError, match="The sidecar cannot be written") as caught:
        render_sidecar(sidecar)
    assert caught.value.fix


def test_a_key_that_is_not_known_is_a_warning_and_left_out() -> None:
    sidecar, (problem,) = read({"canonical_id": ID, "canonical_slug": "orders", "descripton": "x"})
    assert sidecar == Sidecar(canonical_id=ID, canonical_slug="orders")
    assert (problem.rule, problem.severity) == ("unknown-key", Severity.WARNING)
    assert "`description`" in problem.fix


@pytest.mark.parametrize(
    "source", [b"", b"[]", b"null", b'{"canonical_id": ', b"\xff\xfe{\x00}\x00", b'{"a": 1, "a": 1}']
)
def test_what_is_no_sidecar_is_refused(source) -> None:
    sidecar, problems = parse_sidecar(source, path="dev/a.wfo.json")
    assert sidecar is None
    assert problems
    assert all(problem.is_error for problem in problems)


@settings(deadline=None)
@given(st.binary())
def test_whatever_the_bytes_there_is_a_sidecar_or_an_error(source) -> None:
    sidecar, problems = parse_sidecar(source, path="a.wfo.json")
    assert (sidecar is None) is any(problem.is_error for problem in problems)


def test_a_sidecar_lies_beside_its_file() -> None:
    assert sidecar_path("dev/a.json") == "dev/a.wfo.json"
    assert workflow_path("dev/a.wfo.json") == "dev/a.json"
    assert workflow_path(sidecar_path("dev/x.y/b.c.json")) == "dev/x.y/b.c.json"


def test_a_derived_id_never_changes() -> None:
    assert derived_canonical_id("orders.json") == "3817067f-2024-5fd7-8f07-45b512debad4"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param("orders.json", "orders.json", True, id="the same path in every folder"),
        pytest.param("Orders.json", "orders.json", True, id="upper case"),
        pytest.param("caf\u00e9.json", "cafe\u0301.json", True, id="one letter in two codings"),
        pytest.param("a/orders.json", "orders.json", False, id="another folder below"),
    ],
)
def test_a_derived_id_is_that_of_the_path_below_the_folder(one, other, is_same) -> None:
    assert (derived_canonical_id(one) == derived_canonical_id(other)) is is_same
