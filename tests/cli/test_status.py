"""`status` on the command line: the terminal, one JSON document, the issue, the page, and nothing written unasked."""

import json
from pathlib import Path

import pytest
from tests.cli.shop import Shop, Step, with_url

PAYMENT = "Payment Gateway"


def drifted(shop: Shop) -> str:
    """The slug of a workflow of prod that somebody edited, once a check has seen it."""
    shop.edit(PAYMENT, with_url("https://other.example.com", node="Call Payment API"))
    shop.run("drift")
    return "payment_gateway"


def in_a_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Step:
    """Let commands run as steps of a job from now on."""
    found = Step(tmp_path / "output", tmp_path / "summary")
    for name, value in (("ACTIONS", "true"), ("OUTPUT", str(found.output)), ("STEP_SUMMARY", str(found.summary))):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    return found


def folder(shop: Shop) -> Path:
    return shop.checkout.parent / "github"


def test_it_tells_what_runs_where_without_writing_anything(shop: Shop) -> None:
    before = shop.refs()
    told = shop.run("status").out
    assert "Prod (prod): in sync" in told
    assert "Figures since" in told
    assert shop.refs() == before


def test_one_json_document_says_all(shop: Shop) -> None:
    document = shop.json("status")
    assert {each["name"] for each in document["environments"]} == {"dev", "prod"}
    kinds = {cell["kind"] for row in document["workflows"] for cell in row["cells"].values()}
    assert (kinds, document["claims"], document["problems"]) == ({"in_sync"}, [], [])
    assert (document["dashboard"], document["page"]) == (None, None)


def test_rows_are_chosen_by_name_and_kind(shop: Shop) -> None:
    slug = drifted(shop)
    assert [row["slug"] for row in shop.json("status", "--only", "drifted")["workflows"]] == [slug]
    assert [row["slug"] for row in shop.json("status", "--workflow", "PAYMENT G")["workflows"]] == [slug]
    assert "n8n id" in shop.run("status", "--workflow", slug).out
    assert "No source-managed workflow to show." in shop.run("status", "--only", "missing").out
    assert "'drifted', 'missing'" in shop.run("status", "--only", "lost", code=2).err


def test_the_issue_is_kept_in_place(shop: Shop) -> None:
    arguments = ("status", "--issue", "--issues-folder", str(folder(shop)))
    first = shop.json(*arguments)["dashboard"]
    assert (first["number"], first["is_new"], first["problem"], first["pin_problem"]) == (1, True, None, None)
    again = shop.run(*arguments).out
    assert "Dashboard issue #1 up to date" in again
    assert shop.state("dashboard.json")["number"] == 1
    assert json.loads((folder(shop) / "pinned.json").read_text(encoding="utf-8")) == [1]


def test_the_issue_shows_everything_whatever_is_chosen(shop: Shop) -> None:
    shop.run("status", "--issue", "--issues-folder", str(folder(shop)), "--only", "missing")
    body = next(folder(shop).rglob("*1*.md")).read_text(encoding="utf-8")
    assert "in sync everywhere" in body


def test_without_github_the_issue_is_refused_after_the_status_was_told(shop: Shop) -> None:
    ran = shop.run("status", "--issue", code=2)
    assert "Prod (prod): in sync" in ran.out
    assert "needs GitHub" in ran.err


def test_the_page_is_one_file(shop: Shop, tmp_path: Path) -> None:
    where = tmp_path / "public"
    assert f"Page: {where / 'index.html'}" in shop.run("status", "--html", str(where)).out
    assert [each.name for each in where.iterdir()] == ["index.html"]
    assert (where / "index.html").read_text(encoding="utf-8").casefold().startswith("<!doctype html>")
    assert shop.json("status", "--html", str(where))["page"] == str(where / "index.html")


def test_a_page_that_cannot_be_written_does_not_hide_the_status(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    ran = shop.run("status", "--html", str(tmp_path / "file" / "below"), code=2)
    assert "Prod (prod): in sync" in ran.out
    assert "--html" in ran.err


def test_a_dry_run_writes_nothing_anywhere(shop: Shop, tmp_path: Path) -> None:
    before = shop.refs()
    where, issues = tmp_path / "public", folder(shop)
    ran = shop.run("status", "--issue", "--html", str(where), "--issues-folder", str(issues), "--dry-run")
    assert "The dashboard issue would be opened." in ran.out
    assert "Page:" not in ran.out
    assert shop.refs() == before
    assert not where.exists()
    assert not issues.exists() or not list(issues.iterdir())


def test_in_a_step_outputs_and_summary_are_written(shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drifted(shop)
    step = in_a_step(monkeypatch, tmp_path)
    monkeypatch.setenv("WORKFLOWOPS_ISSUE", "true")
    monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(folder(shop)))
    monkeypatch.setenv("WORKFLOWOPS_HTML", "")
    monkeypatch.setenv("WORKFLOWOPS_ONLY", "")
    shop.run_in_a_step("status")
    summary, outputs = step.summary.read_text(encoding="utf-8"), step.outputs()
    assert "## Status" in summary
    assert "Dashboard: #1." in summary
    assert (outputs["workflows_drifted"], outputs["dashboard_issue"], outputs["page"]) == ("1", "1", "")
    assert json.loads(outputs["result"])["workflows"]


@pytest.mark.parametrize("width", ["40", "72", "160"])
def test_no_line_is_wider_than_the_terminal(shop: Shop, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert max(map(len, shop.run("status").out.splitlines())) <= int(width)
