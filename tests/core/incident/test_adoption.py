"""Adopting: only what somebody changed in n8n, only what reads back the same, and no secret that Git does not hold."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from tests.builders import JSON_VALUES, LAW, corpus, needs_corpus, workflow
from tests.core.incident.affected import COPY, affected_now, verdict

from workflowops.core.canonical import canonicalize
from workflowops.core.drift import ValueChange
from workflowops.core.incident.adoption import Adopting, AdoptionPlan, new_secrets, plan_adoption
from workflowops.core.incident.affected import AffectedNow
from workflowops.core.standing import DriftKind
from workflowops.core.workflow_file import render_workflow

# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"
OTHER = "gh" + "p_" + "99C7e42F292c6912E7710c838347Ae178B4b"


def plan(*candidates: AffectedNow, allow_secrets: bool = False) -> AdoptionPlan:
    return plan_adoption(candidates, allow_secrets=allow_secrets)


def kinds(planned: AdoptionPlan) -> list[Adopting]:
    return [each.adopting for each in planned.workflows]


def test_the_file_is_what_n8n_runs_with_git_s_word_on_the_rest() -> None:
    live = workflow(name="Hot fix", active=False, tags=["other"])
    planned = plan(affected_now(live=live, file=workflow()))
    content = planned.files[COPY.git_file_path]
    assert content == render_workflow({**live, "active": True, "tags": ["customers"]})


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        pytest.param({"activation": ValueChange(old=True, new=False)}, "active", False, id="active"),
        pytest.param({"tags": ValueChange(old=["customers"], new=["other"])}, "tags", ["other"], id="tags"),
    ],
)
def test_what_drifted_beside_the_content_is_taken_over_and_the_content_left(changes, key, expected) -> None:
    now = affected_now(
        live=workflow(name="Not drifted by the verdict", active=False, tags=["other"]),
        file=workflow(),
        verdict=verdict(content=DriftKind.IN_SYNC, **changes),
    )
    content = json.loads(plan(now).files[COPY.git_file_path] or b"")
    assert content == {**json.loads(render_workflow(workflow())), key: expected}


def test_an_activation_that_only_git_changed_is_not_undone() -> None:
    """n8n still has what was last known good; the content drifted."""
    now = affected_now(
        live=workflow(name="Hot fix", active=False),
        file=workflow(active=True),
        verdict=verdict(activation=ValueChange(old=True, new=False)),
        applied_active=False,
    )
    assert json.loads(plan(now).files[COPY.git_file_path] or b"")["active"] is True


@needs_corpus
def test_every_real_workflow_can_be_adopted_and_reads_back_the_same() -> None:
    for name, live in corpus():
        document = {**live, "name": live.get("name") or "x"}
        planned = plan(affected_now(live=document, file=workflow()), allow_secrets=True)
        assert kinds(planned) == [Adopting.WRITTEN], name
        again = canonicalize(json.loads(planned.files[COPY.git_file_path] or b""))
        meant = canonicalize(document)
        assert (again.logic, again.references) == (meant.logic, meant.references), name


def test_what_would_not_read_back_the_same_is_refused() -> None:
    nested: Any = "x"
    for _ in range(600):
        nested = [nested]
    live = workflow()
    live["nodes"][1]["parameters"]["deep"] = nested
    planned = plan(affected_now(live=live, file=workflow()))
    assert (kinds(planned), planned.files) == ([Adopting.REFUSED], {})
    assert "deep" in (planned.workflows[0].reason or "")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param({"live": None}, Adopting.REFUSED, id="n8n's version cannot be read"),
        pytest.param({"file": None}, Adopting.REFUSED, id="the file cannot be read"),
        pytest.param({"copy": None}, Adopting.REFUSED, id="there is no file"),
        pytest.param({"verdict": None}, Adopting.LEFT, id="neither side knows it"),
        pytest.param({"verdict": verdict(DriftKind.IN_SYNC)}, Adopting.LEFT, id="in sync"),
        pytest.param({"verdict": verdict(DriftKind.PENDING)}, Adopting.LEFT, id="git is ahead"),
        pytest.param({"verdict": verdict(DriftKind.PENDING, awaits_git=True)}, Adopting.WRITTEN, id="accepted"),
        pytest.param({"verdict": verdict(DriftKind.CONFLICT)}, Adopting.WRITTEN, id="conflict"),
        pytest.param({"verdict": verdict(DriftKind.MISSING), "live": None}, Adopting.DELETED, id="missing"),
        pytest.param({"verdict": verdict(DriftKind.UNKNOWN, problem="Odd.")}, Adopting.REFUSED, id="unknown"),
    ],
)
def test_what_becomes_of_a_workflow(now, expected) -> None:
    planned = plan(affected_now(**{"live": workflow(name="Hot fix"), "file": workflow(), **now}))
    assert kinds(planned) == [expected]
    assert bool(planned.files) is (expected in (Adopting.WRITTEN, Adopting.DELETED))
    refused = planned.workflows[0]
    assert (refused.reason is None) is (expected in (Adopting.WRITTEN, Adopting.DELETED))
    assert (refused.fix is not None) is (expected is Adopting.REFUSED)


def test_a_file_that_says_it_already_is_left() -> None:
    now = affected_now(live=workflow(), file=workflow(), is_rendered=True)
    assert kinds(plan(now)) == [Adopting.LEFT]


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def holding(text: str, *, node: int = 1, key: str = "text") -> dict[str, Any]:
    content = workflow()
    content["nodes"][node]["parameters"][key] = text
    return content


def header(value: str, name: str = "Authorization") -> dict[str, Any]:
    content = workflow()
    content["nodes"][1]["parameters"]["headers"] = {"values": [{"name": name, "value": value}]}
    return content


@pytest.mark.parametrize(
    ("document", "known", "is_new"),
    [
        pytest.param(holding(f"a {TOKEN}"), workflow(), True, id="a token"),
        pytest.param(holding(f"a {TOKEN}"), holding(f"a {TOKEN}"), False, id="the same token"),
        pytest.param(holding(f"b {TOKEN} c"), holding(f"a {TOKEN}"), False, id="the same token in another text"),
        pytest.param(holding(TOKEN, node=2), holding(TOKEN), False, id="the same token in another node"),
        pytest.param(holding(f"a {OTHER}"), holding(f"a {TOKEN}"), True, id="another token at the same place"),
        pytest.param(holding(f"{TOKEN} {OTHER}"), holding(TOKEN), True, id="another token beside it"),
        pytest.param(header("Bearer hunter2hunter2"), workflow(), True, id="a header"),
        pytest.param(header("Bearer hunter2hunter2"), header("Bearer hunter2hunter2"), False, id="the same header"),
        pytest.param(header("Bearer hunter2hunter23"), header("Bearer hunter2hunter2"), True, id="a longer password"),
        pytest.param(holding("Secr3t-Pass", key="password"), workflow(), True, id="a password"),
        pytest.param(
            holding("Secr3t-Pass", key="password"), holding("Secr3t-Pass", key="note"), True,
            id="a word of Git's that becomes a password",
        ),
        pytest.param(workflow(), holding(TOKEN), False, id="a token less"),
    ],
)  # fmt: skip
def test_a_secret_is_new_when_git_does_not_hold_the_same(document, known, is_new) -> None:
    assert bool(new_secrets(document, known=known)) is is_new


def test_a_refused_secret_is_named_and_not_told_and_the_other_workflows_are_adopted() -> None:
    bad = affected_now(live=holding(f"a {TOKEN}"), file=workflow())
    good = affected_now(live=workflow(name="Hot fix"), file=workflow(), path="prod/other.json")
    planned = plan(bad, good)
    assert kinds(planned) == [Adopting.REFUSED, Adopting.WRITTEN]
    assert [*planned.files] == ["prod/other.json"]
    told = f"{planned.workflows[0].reason} {planned.workflows[0].fix}"
    assert "nodes[1].parameters.text of node 'Top'" in told
    assert TOKEN not in told
    assert kinds(plan(bad, allow_secrets=True)) == [Adopting.WRITTEN]


@LAW
@given(JSON_VALUES)
def test_nothing_is_a_new_secret_in_the_same_document(value) -> None:
    document = workflow()
    document["nodes"][1]["parameters"]["value"] = value
    document["nodes"][1]["parameters"]["apiKey"] = TOKEN
    assert new_secrets(document, known=copy.deepcopy(document)) == ()
