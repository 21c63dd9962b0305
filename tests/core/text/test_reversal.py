"""The plan of a reversal as people read it: every step, masked, short enough, and safe to copy into a shell."""

import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, unseen_characters, without_code
from tests.core.text.reports import COMMIT, hot_fix, rebuilt, workflow

from workflowops.core.changes import ChangeType, FieldChange
from workflowops.core.configuration import Approval, Gates
from workflowops.core.incident.prospect import Follows, Prospect
from workflowops.core.incident.record import ResolutionType
from workflowops.core.incident.reversal import Reversal, ReversalAction, ReversalStep, ReversedWorkflow
from workflowops.core.localization import Localized
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import (
    Content,
    Held,
    Options,
    PlannedWorkflow,
    PromotionKind,
    PromotionPlan,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.reversal_outcome import ReversalByHand, ReversalRecord
from workflowops.core.risk import Risk
from workflowops.core.standing import DriftKind
from workflowops.core.text.links import Links
from workflowops.core.text.reversal import reversal_text
from workflowops.core.text.reversal_commands import commands_of
from workflowops.core.text.workflow_difference import text_block
from workflowops.errors import ExitCode

LINKS = Links(server_url="https://github.com", repository="o/r", state_branch="workflowops-state")
PLAIN = Localized(document={"name": "x", "nodes": [], "connections": {}, "settings": {}})
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def step(action: ReversalAction, **more: Any) -> ReversalStep:
    return ReversalStep(action=action, **more)


def update(**more: Any) -> ReversalStep:
    return step(ReversalAction.UPDATE, **{"written": PLAIN, "diff": hot_fix(), **more})


def reversed_workflow(name: str = "Payment Gateway", *steps: ReversalStep, **more: Any) -> ReversedWorkflow:
    own = {"reason", "fix", "callers", "is_proven"}
    about = workflow(name, **{"diff": hot_fix(), **{key: more[key] for key in more.keys() - own}})
    return ReversedWorkflow(workflow=about, steps=steps, **{key: more[key] for key in more.keys() & own})


def reversal(*workflows: ReversedWorkflow, **more: Any) -> Reversal:
    fields: dict[str, Any] = {
        "incident": 12,
        "environment": "prod",
        "title": "Production",
        "git_commit_sha": COMMIT,
        "workflows": workflows or (reversed_workflow("Payment Gateway", update()),),
        "prospect": Prospect(follows=Follows.RECONCILED, resolution=ResolutionType.REVERTED_TO_GIT),
    }
    return Reversal(**fields | more)


def everything() -> Reversal:
    settings = {"timezone": "DEFAULT"}
    editor = replace(PLAIN, added_settings=settings, editor_settings=("saveManualExecutions",))
    return reversal(
        reversed_workflow("Payment Gateway", update(goes_live=True)),
        reversed_workflow("Order Processing", step(ReversalAction.SWITCH_OFF), update(diff=rebuilt(), written=editor),
                          kind=DriftKind.CONFLICT, diff=rebuilt(), draft_ahead=True, file="prod/order_processing.json"),
        reversed_workflow("Nightly Export", step(ReversalAction.UNARCHIVE), step(ReversalAction.SWITCH_ON),
                          kind=DriftKind.MISSING, is_archived=True, diff=None),
        reversed_workflow("Cleanup", step(ReversalAction.CREATE, written=PLAIN),
                          step(ReversalAction.SET_TAGS, new_tags=("crm", "eu")), step(ReversalAction.SWITCH_ON),
                          kind=DriftKind.MISSING, diff=None, callers=("Caller",), file="prod/cleanup.json"),
        reversed_workflow("Caller", update(written=replace(PLAIN, is_as_in_git=False, unknown_ids=("wf-of-dev",)))),
        reversed_workflow("Odd", update(written=replace(PLAIN, is_as_in_git=False)), is_proven=False),
        reversed_workflow("Leads", diff=None, reason="it is in sync by now"),
        reversed_workflow("Broken", reason="prod/broken.json is not JSON.", fix="Put that file right, and ask again."),
        prospect=Prospect(follows=Follows.STAYS_OPEN, open_because=("Broken",), is_proven=False),
    )  # fmt: skip


def test_the_plan() -> None:
    assert_golden("reversal.md", reversal_text(everything(), links=LINKS))


def test_the_short_answers() -> None:
    gone = reversal(reversed_workflow(reason="it is in sync by now"))
    failed = reversal(problem="https://prod answered 502.", fix="Start it.", exit_code=ExitCode.REMOTE)
    assert_golden("reversal_short.md", f"{reversal_text(gone)}\n{reversal_text(failed)}")


def test_it_is_said_plainly_that_nothing_was_executed() -> None:
    for told in (everything(), reversal(workflows=()), reversal(problem="x", fix="y")):
        assert "othing was executed" in reversal_text(told)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_from_outside_is_markup(text) -> None:
    written = replace(PLAIN, unknown_ids=(text,), is_as_in_git=False)
    told = reversal_text(
        reversal(
            reversed_workflow(text, update(written=written), workflow_id=text, file=text, callers=(text,)),
            reversed_workflow(text, step(ReversalAction.SET_TAGS, old_tags=(text,), new_tags=(text,))),
            reversed_workflow(text, reason=text, fix=text),
            title=text,
        )
    )
    assert unseen_characters(told.replace("\u200b", "")) == []
    prose = without_code(told)
    assert "@octocat" not in prose
    assert "<img" not in prose
    assert "](https://evil" not in prose
    assert "<!--" not in prose


def test_no_secret_is_told() -> None:
    told = reversal(
        reversed_workflow(TOKEN, update(), file=f"prod/{TOKEN}.json", callers=(TOKEN,)),
        reversed_workflow("x", step(ReversalAction.SET_TAGS, new_tags=(TOKEN,)), reason=TOKEN, fix=TOKEN),
    )
    assert TOKEN not in reversal_text(told)


@pytest.mark.parametrize(("size", "named", "is_counted"), [(1, 0, False), (40, 3, False), (2_000, 3, True)])
def test_whatever_the_size_the_text_stays_under_60_000_characters_and_names_and_counts_the_rest(
    size, named, is_counted
) -> None:
    diff = rebuilt()
    workflows = [reversed_workflow(f"Orders {n}", update(diff=diff), diff=None) for n in range(size)]
    told = reversal_text(reversal(*workflows))
    assert len(told) < 60_000
    assert ("Not told in full here" in told) is (named > 0)
    assert len(re.findall(r"^- \d+\. <code>Orders", told, re.MULTILINE)) >= named
    assert ("more workflow" in told) is is_counted


def test_names_of_any_length_stay_under_the_limit() -> None:
    long = "|" * 5_000
    told = reversal_text(
        reversal(
            *(reversed_workflow(long, update(), file=long, workflow_id=long, callers=(long,) * 90) for _ in range(200)),
            *(reversed_workflow(long, reason=long, fix=long) for _ in range(200)),
            title=long,
        )
    )
    assert len(told) < 60_000


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["$(touch x)", "a'b", "a`b`", "a b; c", "-rf", "$HOME", 'a"b', "a\\b"])
def test_a_path_is_one_word_for_the_shell(name) -> None:
    lines = commands_of(reversed_workflow("x", update(), file=f"prod/{name}.json"), commit=COMMIT)
    assert shlex.split(lines[0].removesuffix(" \\"))[2] == f"{COMMIT}:prod/{name}.json"


@pytest.mark.parametrize("workflow_id", ["$(touch x)", 'a"b', "a/../b", "a`b`", "$HOME"])
def test_an_id_cannot_leave_its_address(workflow_id) -> None:
    told = reversed_workflow("x", step(ReversalAction.SWITCH_ON), workflow_id=workflow_id)
    (line,) = commands_of(told, commit=COMMIT)
    address = re.search(r'"\$N8N_URL/api/v1/workflows/([^"]*)/activate"$', line)
    assert address
    assert re.fullmatch(r"[\w.%~-]+", address[1])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"written": replace(PLAIN, is_as_in_git=False)}, id="ids are translated"),
        pytest.param({"file": f"prod/{TOKEN}.json"}, id="the path is masked"),
        pytest.param({"file": "prod/a\u202eb.json"}, id="the path cannot be shown"),
    ],
)
def test_where_the_file_alone_does_not_say_it_there_are_no_commands(changes) -> None:
    written = changes.pop("written", PLAIN)
    assert commands_of(reversed_workflow("x", update(written=written), **changes), commit=COMMIT) == []


def test_a_script_in_a_plan_cannot_pass_for_one_of_our_markers() -> None:
    marker = "<!-- workflowops:note comment-7 -->"
    script = FieldChange(
        path="parameters.jsCode",
        change_type=ChangeType.MODIFIED,
        old_value=f"a\n{marker}",
        new_value="b\n",
        risk=Risk.CODE,
    )
    assert marker not in "\n".join(text_block("`Code`", script, most_lines=40, width=200))


# How it goes on


def promotion(**more: Any) -> Promotion:
    fields: dict[str, Any] = {
        "promotion_id": "promo-7", "kind": PromotionKind.REVERSAL, "pipeline_id": "default", "source_stage": None,
        "target_stage": "prod", "status": PromotionStatus.PENDING_APPROVAL, "workflow_selection": ("c0",),
        "plan_digest": "d1" * 32, "git_commit_sha": COMMIT, "created_by": "grace", "created_at": "2026-01-14T10:30:00Z",
        "incident": 12,
    }  # fmt: skip
    return Promotion(**fields | more)


def planned(name: str = "Payment Gateway", **more: Any) -> PlannedWorkflow:
    content = Content(logic="a", layout="b", graph="c")
    before = Held(workflow_id="wf-1", draft=content, published=content, is_active=True, is_archived=False, tags=())
    fields: dict[str, Any] = {
        "canonical_id": "c0", "canonical_slug": "slug", "workflow_name": name, "before": before,
        "change_type": WorkflowChangeType.UPDATED, "document": {}, "publication": Publication.PUBLISH,
    }  # fmt: skip
    return PlannedWorkflow(**fields | more)


def promotion_plan(*workflows: PlannedWorkflow, **more: Any) -> PromotionPlan:
    fields: dict[str, Any] = {
        "kind": PromotionKind.REVERSAL, "pipeline_id": "default", "source_stage": None, "target_stage": "prod",
        "target_title": "Production", "git_commit_sha": COMMIT, "workflows": workflows or (planned(),),
        "options": Options(), "digest": "d1" * 32,
    }  # fmt: skip
    return PromotionPlan(**fields | more)


def finding(message: str, gravity: Gravity = Gravity.BLOCKING, fix: str = "Promote Git's version.") -> Finding:
    return Finding(code=FindingCode.MOVED_SINCE, gravity=gravity, message=message, fix=fix)


def recorded(gates: Gates | None = None, *workflows: PlannedWorkflow, **more: Any) -> ReversalRecord:
    findings = more.pop("findings", ())
    is_again = more.pop("is_again", False)
    return ReversalRecord(
        promotion=promotion(**more),
        plan=promotion_plan(*workflows, findings=findings),
        gates=gates or Gates(approval=Approval.COMMENTS),
        is_again=is_again,
    )


def changes() -> tuple[PlannedWorkflow, ...]:
    return (
        planned(),
        planned("Cleanup", change_type=WorkflowChangeType.CREATED, before=None),
        planned("Leads", document=None, publication=Publication.UNPUBLISH),
        planned("Invoices", document=None, publication=Publication.KEEP, tags=("crm",)),
    )


def test_a_reversal_that_is_recorded_reads_as_agreed() -> None:
    note = finding("`Cleanup` gets a new id.", Gravity.WARNING, "Choose it again.")
    way = recorded(None, *changes(), findings=(note, finding("Only a note.", Gravity.NOTE, "")))
    assert_golden("reversal_recorded.md", reversal_text(reversal(), links=LINKS, way=way))


def test_a_reversal_that_is_not_recorded_reads_as_agreed() -> None:
    blocked = ReversalByHand(
        reason="The plan that would be carried out is blocked.",
        blocked=promotion_plan(findings=(finding("Git moved as well: its content."), finding("A note", Gravity.NOTE))),
    )
    by_hand = ReversalByHand(reason="`prod` is a stage of no pipeline, so nothing of ours writes to it.")
    told = [
        reversal_text(reversal(), links=LINKS, way=way).split("The commands below")[0] for way in (blocked, by_hand)
    ]
    assert_golden("reversal_by_hand.md", "\n".join(told))


@pytest.mark.parametrize(
    ("gates", "fields", "said"),
    [
        pytest.param(Gates(approval=Approval.NONE), {"status": PromotionStatus.APPROVED}, "Nobody has to", id="free"),
        pytest.param(Gates(approval=Approval.COMMENTS), {}, f"/approve {'d1' * 32}", id="comments"),
        pytest.param(Gates(approval=Approval.COMMENTS, min_approvals=2), {}, "2 people with", id="two comments"),
        pytest.param(Gates(approval=Approval.ENVIRONMENT), {}, "a required reviewer", id="environment"),
        pytest.param(Gates(approval=Approval.ENVIRONMENT, min_approvals=2), {}, "2 approvals are", id="and more"),
        pytest.param(
            Gates(approval=Approval.COMMENTS), {"status": PromotionStatus.APPROVED}, "It is approved.", id="approved"
        ),
        pytest.param(
            Gates(approval=Approval.COMMENTS), {"status": PromotionStatus.RUNNING}, "being carried out", id="running"
        ),
        pytest.param(Gates(approval=Approval.COMMENTS), {"is_again": True}, "recorded before", id="asked again"),
    ],
)
def test_it_is_said_how_it_comes_to_be_approved(gates, fields, said) -> None:
    told = reversal_text(reversal(), way=recorded(gates, **fields))
    assert said in told
    assert "promote apply --promotion promo-7" in told


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_of_a_promotion_is_markup_either(text) -> None:
    blocked = ReversalByHand(reason=text, blocked=promotion_plan(findings=(finding(text, fix=text),) * 3))
    record = recorded(None, planned(text), created_by=text, findings=(finding(text, Gravity.WARNING),))
    for way in (blocked, ReversalByHand(reason=text), record):
        told = reversal_text(reversal(), way=way)
        plain = without_code(told)
        assert not unseen_characters(told)
        assert not re.search(r"<script|<img|\]\(http|@everyone", plain)


def test_an_answer_about_many_workflows_is_short_enough_and_nothing_secret_is_in_it() -> None:
    many = [planned(f"Workflow {number} {TOKEN}") for number in range(2_000)]
    things = tuple(finding(f"{TOKEN} {'x' * 900}", Gravity.WARNING) for _ in range(50))
    workflows = [reversed_workflow(f"Payment {number}", update()) for number in range(200)]
    told = reversal_text(reversal(*workflows), way=recorded(None, *many, findings=things))
    assert len(told) < 60_000
    assert TOKEN not in told
    assert "more" in told
