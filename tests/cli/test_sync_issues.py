"""`sync` with a place for issues: the unmanaged are listed there, unless it is told not to."""

from pathlib import Path

import pytest
from tests.cli.shop import Shop, Step, small, step_of_a_job


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Step:
    """A step of a job on GitHub, but for its token."""
    return step_of_a_job(monkeypatch, tmp_path, actor="ada")


def test_sync_keeps_an_issue_about_what_is_not_in_git(shop: Shop, tmp_path: Path) -> None:
    folder = str(tmp_path / "issues")
    shop.put("prod", small("Not in Git"))
    (issue,) = shop.json("sync", "--environment", "prod", "--issues-folder", folder)["issues"]["issues"]
    assert (issue["became"], issue["open"]) == ("opened", True)
    again = shop.json("sync", "--environment", "prod", "--issues-folder", folder)["issues"]["issues"]
    assert [each["became"] for each in again] == ["unchanged"]


def test_no_issues_and_a_dry_run_leave_them_alone(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "issues"
    shop.put("prod", small("Not in Git"))
    for option in ("--no-issues", "--dry-run"):
        assert shop.json("sync", "--issues-folder", str(folder), option)["issues"]["issues"] == []
    assert not folder.exists()


def test_a_step_gets_the_numbers_of_the_issues(shop: Shop, step: Step, tmp_path: Path) -> None:
    shop.put("prod", small("Not in Git"))
    shop.run_in_a_step("sync", "--environment", "prod", "--issues-folder", str(tmp_path / "issues"))
    assert step.outputs()["unmapped_issues"] == "[1]"


@pytest.mark.parametrize("option", ["--no-issues", "--dry-run", None])
def test_where_nobody_looked_at_the_issues_no_step_is_told_that_none_is_open(
    shop: Shop, step: Step, tmp_path: Path, option: str | None
) -> None:
    shop.put("prod", small("Not in Git"))
    folder = ["--issues-folder", str(tmp_path / "issues"), option] if option else []
    shop.run_in_a_step("sync", "--environment", "prod", *folder)
    assert step.outputs()["unmapped_issues"] == ""
