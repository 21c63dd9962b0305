"""The files of a repository against each other."""

import json
from typing import Any

import pytest

from workflowops.core.configuration import Configuration, Environment
from workflowops.core.problems import Problem, Severity
from workflowops.core.sidecar import derived_canonical_id
from workflowops.core.validation import validate_repository

WORKFLOW = b'{"name": "W", "nodes": [], "connections": {}}'


def configuration(**folders: str) -> Configuration:
    return Configuration(
        version=1,
        environments={
            name: Environment(name=name, title=name, url="https://h", api_key="${K}", folder=folder)
            for name, folder in (folders or {"dev": "dev", "prod": "prod"}).items()
        },
    )


def sidecar(canonical_id: str = "id-1", slug: str = "orders", **more: Any) -> bytes:
    return json.dumps({"canonical_id": canonical_id, "canonical_slug": slug, **more}, indent=2).encode()


def problems_of(files: dict[str, bytes], **folders: str) -> list[Problem]:
    return list(validate_repository(configuration(**folders), files))


def test_a_repository_where_copies_share_an_identity_has_no_problems() -> None:
    files = {
        "dev/orders.json": WORKFLOW,
        "dev/orders.wfo.json": sidecar(n8n_workflow_id="wf-1"),
        "prod/orders.json": WORKFLOW,
        "prod/orders.wfo.json": sidecar(n8n_workflow_id="wf-1"),
        "dev/team/bills.json": WORKFLOW,
        "dev/team/bills.wfo.json": sidecar("id-2", "bills"),
    }
    assert problems_of(files) == []


def test_what_lies_elsewhere_or_is_no_workflow_is_passed_over() -> None:
    files = {
        "README.md": b"x",
        "package.json": b"{",
        "dev/README.md": b"x",
        "dev2/a.json": b"{",
        "devil.json": b"{",
        "DEV/a.json": b"{",
    }
    assert problems_of(files) == []


def test_a_repository_without_files_has_no_problems() -> None:
    assert problems_of({}) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"dev/a.json": b"{", "dev/a.wfo.json": sidecar()},
            [("dev/a.json", 1, "json-syntax", Severity.ERROR)],
            id="a file that is no JSON",
        ),
        pytest.param(
            {"dev/a.json": WORKFLOW, "dev/a.wfo.json": b"{}"},
            [("dev/a.wfo.json", 1, "missing-key", Severity.ERROR)] * 2,
            id="a sidecar without identity",
        ),
        pytest.param(
            {"dev/a.wfo.json": sidecar()},
            [("dev/a.wfo.json", None, "sidecar-without-workflow", Severity.ERROR)],
            id="a sidecar without its file",
        ),
        pytest.param(
            {"dev/a.wfo.json": b"[]"},
            [
                ("dev/a.wfo.json", None, "sidecar-without-workflow", Severity.ERROR),
                ("dev/a.wfo.json", 1, "wrong-type", Severity.ERROR),
            ],
            id="a sidecar without its file that is none",
        ),
        pytest.param(
            {
                "dev/a.json": WORKFLOW,
                "dev/a.wfo.json": sidecar(),
                "dev/b.json": WORKFLOW,
                "dev/b.wfo.json": sidecar(),
            },
            [("dev/b.wfo.json", 2, "canonical-id-twice", Severity.ERROR)],
            id="one identity twice in an environment",
        ),
        pytest.param(
            {
                "dev/a.json": WORKFLOW,
                "dev/a.wfo.json": sidecar(),
                "prod/b.json": WORKFLOW,
                "prod/b.wfo.json": sidecar("id-2"),
            },
            [("prod/b.wfo.json", 3, "slug-twice", Severity.ERROR)],
            id="one slug for two workflows",
        ),
        pytest.param(
            {
                "dev/a.json": WORKFLOW,
                "dev/a.wfo.json": sidecar(),
                "prod/a.json": WORKFLOW,
                "prod/a.wfo.json": sidecar(slug="bills"),
            },
            [("prod/a.wfo.json", 3, "slug-differs", Severity.WARNING)],
            id="two slugs for one workflow",
        ),
        pytest.param(
            {
                "dev/a.json": WORKFLOW,
                "dev/a.wfo.json": sidecar(n8n_workflow_id="wf-1"),
                "dev/b.json": WORKFLOW,
                "dev/b.wfo.json": sidecar("id-2", "bills", n8n_workflow_id="wf-1"),
            },
            [("dev/b.wfo.json", 4, "n8n-workflow-id-twice", Severity.ERROR)],
            id="one workflow of n8n in two files",
        ),
        pytest.param(
            {
                "dev/a.json": WORKFLOW,
                "dev/a.wfo.json": sidecar(),
                "dev/A.json": WORKFLOW,
                "dev/A.wfo.json": sidecar("id-2", "bills"),
            },
            [
                ("dev/a.json", None, "paths-clash", Severity.ERROR),
                ("dev/a.wfo.json", None, "paths-clash", Severity.ERROR),
            ],
            id="two files that are one on some systems",
        ),
        pytest.param(
            {"dev/orders.json": WORKFLOW},
            [("dev/orders.json", None, "no-sidecar", Severity.WARNING)],
            id="a file without a sidecar",
        ),
        pytest.param(
            {"dev/bills.json": WORKFLOW, "prod/a.json": WORKFLOW, "prod/a.wfo.json": sidecar(slug="bills")},
            [
                ("dev/bills.json", None, "no-sidecar", Severity.WARNING),
                ("dev/bills.json", None, "slug-twice", Severity.WARNING),
            ],
            id="a file without a sidecar whose slug is another's",
        ),
        pytest.param(
            {"dev/con.json": WORKFLOW, "dev/con.wfo.json": sidecar()},
            [
                ("dev/con.json", None, "bad-path", Severity.WARNING),
                ("dev/con.wfo.json", None, "bad-path", Severity.WARNING),
            ],
            id="a name that is no file on Windows",
        ),
        pytest.param(
            {"dev/a.JSON": WORKFLOW},
            [("dev/a.JSON", None, "file-not-read", Severity.WARNING)],
            id="a suffix in upper case",
        ),
        pytest.param(
            {"dev/.a.json": WORKFLOW}, [("dev/.a.json", None, "file-not-read", Severity.WARNING)], id="a hidden file"
        ),
    ],
)
def test_a_problem_is_told_on_its_file_and_line(files, expected) -> None:
    found = problems_of(files)
    assert [(problem.path, problem.line, problem.rule, problem.severity) for problem in found] == expected
    assert all(problem.fix for problem in found)


def test_a_file_without_a_sidecar_is_offered_the_identity_that_it_has_meanwhile() -> None:
    (found,) = problems_of({"dev/team/Orders 1.json": WORKFLOW})
    offered = json.loads(found.fix.split("with `")[1].removesuffix("`."))
    assert offered == {"canonical_id": derived_canonical_id("team/Orders 1.json"), "canonical_slug": "team_orders_1"}
    assert "`dev/team/Orders 1.wfo.json`" in found.fix


def test_a_file_without_a_sidecar_is_offered_the_identity_of_its_copy() -> None:
    files = {"dev/a.json": WORKFLOW, "dev/a.wfo.json": sidecar(), "prod/a.json": WORKFLOW}
    (found,) = problems_of(files)
    assert (found.path, found.rule) == ("prod/a.json", "no-sidecar")
    assert "another workflow than `dev/a.json`" in found.message
    assert '{"canonical_id": "id-1", "canonical_slug": "orders"}' in found.fix


def test_two_files_without_sidecars_at_one_place_are_one_workflow() -> None:
    found = problems_of({"dev/a.json": WORKFLOW, "prod/a.json": WORKFLOW})
    assert [problem.rule for problem in found] == ["no-sidecar", "no-sidecar"]
    assert derived_canonical_id("a.json") in found[0].fix
    assert derived_canonical_id("a.json") in found[1].fix


def test_a_file_that_cannot_be_read_hides_no_other() -> None:
    files = {"dev/a.json": b"{", "dev/b.json": b"[]", "prod/c.json": WORKFLOW}
    assert [(problem.path, problem.rule) for problem in problems_of(files)] == [
        ("dev/a.json", "json-syntax"),
        ("dev/b.json", "not-a-workflow"),
        ("prod/c.json", "no-sidecar"),
    ]


def test_a_folder_of_several_parts_is_looked_into() -> None:
    found = problems_of({"n8n/prod/a.json": b"{", "n8n/a.json": b"{"}, prod="n8n/prod")
    assert {problem.path for problem in found} == {"n8n/prod/a.json"}
