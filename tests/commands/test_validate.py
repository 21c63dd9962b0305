"""`validate`: every problem at once, with nothing asked but the files of the configured folders."""

from collections.abc import Iterable, Mapping

import pytest
from tests.commands.builders import document, file_of, sidecar

from workflowops.commands.validate import ValidationOutcome, validate

CONFIGURATION = b"""\
version: 1
environments:
  dev: {url: "https://dev.example.com", api_key: "${DEV_KEY}"}
  prod: {url: "https://prod.example.com", api_key: "${PROD_KEY}", folder: workflows/prod}
"""
ONE = "11111111-1111-4111-8111-111111111111"
GOOD = {"dev/orders.json": file_of(document()), "dev/orders.wfo.json": sidecar(ONE)}


class Files:
    """A checkout; remembers which folders were asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] | None = None

    def __call__(self, folders: Iterable[str]) -> Mapping[str, bytes]:
        self.asked = list(folders)
        return {path: text for path, text in self.files.items() if path.startswith(tuple(f"{f}/" for f in self.asked))}


def validated(files: Mapping[str, bytes], *, source: bytes = CONFIGURATION) -> ValidationOutcome:
    return validate(source, path="workflowops.yml", read_folders=Files(files))


def test_good_files_have_no_problem() -> None:
    assert validated(GOOD) == ValidationOutcome(problems=(), files=3)


def test_the_folders_of_all_environments_are_read_and_nothing_else() -> None:
    files = Files({**GOOD, "src/broken.json": b"{"})
    assert validate(CONFIGURATION, path="workflowops.yml", read_folders=files).is_valid
    assert files.asked == ["dev", "workflows/prod"]


def test_a_configuration_that_cannot_be_used_is_told_before_any_file_is_read() -> None:
    files = Files(GOOD)
    outcome = validate(b"version: 2\nenvironment: {}\n", path="wfo.yml", read_folders=files)
    assert (outcome.is_valid, outcome.files, files.asked) == (False, 1, None)
    assert {problem.path for problem in outcome.problems} == {"wfo.yml"}
    assert len(outcome.problems) > 1


def test_problems_of_all_files_come_at_once() -> None:
    outcome = validated(
        {
            "dev/a.json": b"{",
            "dev/b.json": b"[]",
            "dev/c.wfo.json": b"{}",
            "workflows/prod/d.json": b"\xff",
        }
    )
    assert {problem.path for problem in outcome.problems if problem.is_error} == {
        "dev/a.json",
        "dev/b.json",
        "dev/c.wfo.json",
        "workflows/prod/d.json",
    }
    assert all(problem.fix for problem in outcome.problems)


def test_warnings_do_not_make_it_invalid() -> None:
    outcome = validated({"dev/orders.json": GOOD["dev/orders.json"]})
    assert [problem.rule for problem in outcome.problems] == ["no-sidecar"]
    assert outcome.is_valid


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        pytest.param(CONFIGURATION.replace(b"${DEV_KEY}", b"n8n_api_literal"), "literal-api-key", id="literal key"),
        pytest.param(CONFIGURATION.replace(b"workflows/prod", b"../prod"), "bad-folder", id="outside folder"),
        pytest.param(CONFIGURATION.replace(b"workflows/prod", b"/etc"), "bad-folder", id="absolute folder"),
        pytest.param(CONFIGURATION.replace(b"workflows/prod", b"dev"), "folders-overlap", id="folder shared"),
    ],
)
def test_a_configuration_that_endangers_something_is_refused(source, rule) -> None:
    outcome = validated(GOOD, source=source)
    assert rule in {problem.rule for problem in outcome.problems}
    assert not outcome.is_valid
    assert "n8n_api_literal" not in repr(outcome)
