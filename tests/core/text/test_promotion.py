"""Plans and records of promotions as people read them: complete, masked, short enough, and safe to show."""

import itertools
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from tests.core.forms import form, node
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, as_read, runner_commands, unseen_characters, without_code
from tests.core.text.promotions import (
    DIGEST,
    LINKS,
    binding,
    conflict,
    done,
    everything,
    finding,
    gate,
    plan,
    planned,
    promoted,
    promotion,
    walkthrough,
)
from tests.core.text.reports import rebuilt

from workflowops.core.configuration import OnDelete
from workflowops.core.diff import WorkflowDiff, compare
from workflowops.core.incident.markers import marked
from workflowops.core.promotion.finding import FindingCode, GateStatus, GateType, Gravity
from workflowops.core.promotion.markers import PREVIEW_MARKER, is_marked, preview_marker, promotion_marker
from workflowops.core.promotion.plan import Impact, PromotionKind, PromotionPlan, Publication, WorkflowChangeType
from workflowops.core.promotion.record import ApprovalGiven, ExecutionResult, Outcome, Promotion, PromotionStatus
from workflowops.core.text.incident_sections import units
from workflowops.core.text.promotion import (
    annotations,
    preview_json,
    preview_markdown,
    preview_text,
    promotion_json,
    promotion_markdown,
    promotion_text,
    status_text,
)
from workflowops.core.text.promotion_words import CHANGE_TYPES, GATES, IMPACTS, OUTCOMES, STATUSES, afterwards
from workflowops.core.text.style import Style

PLAIN = Style(width=100)
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def failed() -> Promotion:
    """A promotion that failed and could not be taken back wholly."""
    return done(
        status=PromotionStatus.ROLLBACK_INCOMPLETE,
        problem="n8n answered 400 when Order Processing v2 was published.",
        workflows=(
            promoted(outcome=Outcome.AS_BEFORE),
            promoted("Invoices", canonical_id="c-4", n8n_workflow_id="wf-9", outcome=Outcome.OTHERWISE,
                     problem="Somebody saved it while it was written."),
            promoted("Shared Steps", canonical_id="c-2", n8n_workflow_id=None, outcome=Outcome.NOT_TOUCHED,
                     change_type=WorkflowChangeType.CREATED),
        ),
        execution_result=ExecutionResult(
            workflows_failed=1, rollback_performed=True, target_pre_snapshot_id="snapshots/promo-1-pre",
            execution_time_ms=125_000, n8n_requests=31,
            not_as_before=("Invoices (wf-9): somebody saved it while it was written.",),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("walkthrough", walkthrough(), id="walkthrough 2"),
        pytest.param("everything", everything(), id="everything"),
        pytest.param("nothing", plan(planned(change_type=WorkflowChangeType.UNCHANGED, diff=None)), id="nothing to do"),
    ],
)
def test_a_preview_reads_as_agreed(name, wanted) -> None:
    assert_golden(f"promotion_preview_{name}.md", preview_markdown(wanted, links=LINKS))
    assert_golden(f"promotion_preview_{name}.txt", preview_text(wanted, PLAIN))


@pytest.mark.parametrize(
    ("name", "record"),
    [
        pytest.param("completed", done(), id="completed"),
        pytest.param("failed", failed(), id="rollback incomplete"),
        pytest.param(
            "rejected",
            promotion(PromotionStatus.REJECTED, rejected_by="rex", rejected_at="2026-01-14T11:00:00Z",
                      rejection_reason="The webhook would collide."),
            id="rejected",
        ),
        pytest.param("waiting", promotion(PromotionStatus.PENDING_APPROVAL), id="waiting"),
        pytest.param("undone", done(kind=PromotionKind.ROLLBACK, rolls_back="promo-1", promotion_id="promo-2"),
                     id="rollback"),
    ],
)  # fmt: skip
def test_a_record_reads_as_agreed(name, record) -> None:
    assert_golden(f"promotion_record_{name}.md", promotion_markdown(record, links=LINKS))
    assert_golden(f"promotion_record_{name}.txt", promotion_text(record, PLAIN))


def test_a_record_that_waits_counts_what_was_chosen() -> None:
    record = promotion(PromotionStatus.PENDING_APPROVAL, workflow_selection=("c-1", "c-2"), workflows=())
    for told in (promotion_markdown(record, links=None), promotion_text(record, PLAIN), status_text([record])):
        assert "2 workflows" in told
        assert "no workflow" not in told


def test_a_change_of_the_tags_alone_makes_no_draft() -> None:
    tags = planned(document=None, tags=("new",), publication=Publication.KEEP, diff=None)
    assert afterwards(tags) == "runs on as before"


def test_a_list_reads_as_agreed() -> None:
    records = [replace(promotion(each), promotion_id=f"promo-{n}") for n, each in enumerate(PromotionStatus, 1)]
    assert_golden("promotion_status.txt", status_text(records))
    assert status_text([]) == "There is no promotion."


def test_the_json_has_the_names_of_the_walkthrough() -> None:
    told = json.loads(json.dumps(preview_json(walkthrough(), None)))
    assert {"pipeline_id": "main", "source_stage": "dev", "target_stage": "staging"}.items() <= told.items()
    assert (told["promotion_id"], told["can_proceed"], told["estimated_impact"]) == (None, False, "low")
    assert told["plan_digest"] == DIGEST
    (workflow,) = told["workflows"]
    assert workflow.keys() >= {
        "workflow_id", "workflow_name", "change_type", "target_workflow_id", "nodes_added", "nodes_removed",
        "nodes_modified", "connections_changed", "settings_changed", "conflicts", "diff_summary",
    }  # fmt: skip
    assert (workflow["workflow_id"], workflow["target_workflow_id"]) == ("wf-dev-007", "wf-staging-005")
    assert (workflow["change_type"], workflow["nodes_added"], workflow["connections_changed"]) == ("updated", 1, True)
    assert workflow["diff_summary"]["has_changes"]
    approval = {"gate_type": "require_approval", "status": "pending", "required": True}
    assert approval.items() <= told["gate_results"][0].items()


def test_the_json_tells_a_conflict_beside_its_workflow_and_the_record_where_there_is_one() -> None:
    told = preview_json(everything(), done())
    assert (told["promotion_id"], told["status"]) == ("promo-1", "completed")
    conflicts = {each["canonical_id"]: [one["type"] for one in each["conflicts"]] for each in told["workflows"]}
    assert conflicts["c-1"] == ["hotfix_in_target", "source_ahead"]
    assert conflicts["c-2"] == []
    assert {each["code"] for each in told["findings"]} >= {"credential_missing", "still_called"}


def test_the_json_of_a_record_has_the_result_of_the_walkthrough() -> None:
    told = json.loads(json.dumps(promotion_json(done())))
    assert told["execution_result"].keys() >= {
        "workflows_promoted", "workflows_failed", "credentials_rewritten", "rollback_performed",
        "target_pre_snapshot_id", "target_post_snapshot_id",
    }  # fmt: skip
    assert (told["status"], told["approved_by"]) == ("completed", "lea")
    assert "schema" not in told


# How it stands


@pytest.mark.parametrize(
    ("wanted", "verdict"),
    [
        pytest.param(plan(), "Ready.", id="no gate asks"),
        pytest.param(plan(gate_results=(gate(status=GateStatus.PASSED),)), "Ready.", id="passed"),
        pytest.param(plan(gate_results=(gate(),)), "Waiting.", id="pending"),
        pytest.param(plan(gate_results=(gate(), gate(GateType.FREEZE, GateStatus.FAILED))), "Not now.", id="failed"),
        pytest.param(plan(conflicts=(conflict(),)), "Blocked.", id="conflict"),
        pytest.param(plan(conflicts=(conflict(is_allowed=True),)), "Ready.", id="conflict allowed"),
        pytest.param(plan(findings=(finding(),)), "Blocked.", id="finding"),
        pytest.param(plan(findings=(finding(gravity=Gravity.WARNING),)), "Ready.", id="warning"),
        pytest.param(plan(findings=(finding(),), gate_results=(gate(),)), "Blocked.", id="blocked outranks the gates"),
    ],
)
def test_a_preview_says_first_how_it_stands_and_agrees_with_the_plan(wanted: PromotionPlan, verdict) -> None:
    assert f"**{verdict}**" in preview_markdown(wanted, links=None).split("\n")[2]
    assert f": {verdict}" in preview_text(wanted, PLAIN).split("\n")[0]
    assert (verdict == "Ready.") == wanted.can_proceed
    assert (verdict == "Blocked.") == wanted.is_blocked


def test_a_plan_without_changes_that_is_blocked_is_not_said_to_be_in_order() -> None:
    nothing = plan(planned(change_type=WorkflowChangeType.UNCHANGED, diff=None), findings=(finding(),))
    assert "Nothing to do" not in preview_markdown(nothing, links=None) + preview_text(nothing, PLAIN)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        pytest.param({}, "runs this version", id="published"),
        pytest.param({"before": None}, "is switched on", id="published for the first time"),
        pytest.param({"publication": Publication.KEEP}, "runs on as before; this version is a draft", id="kept"),
        pytest.param({"publication": Publication.KEEP, "before": None}, "stays switched off", id="kept off"),
        pytest.param({"publication": Publication.UNPUBLISH}, "is switched off", id="unpublished"),
        pytest.param({"publication": Publication.UNPUBLISH, "before": None}, "stays switched off", id="was off"),
        *(
            pytest.param({"change_type": WorkflowChangeType.REMOVED, "removal": way}, told, id=f"removal: {way}")
            for way, told in {
                OnDelete.ARCHIVE: "is archived",
                OnDelete.DELETE: "is deleted for good",
                OnDelete.UNPUBLISH: "stays in n8n, switched off",
                OnDelete.BLOCK: "stays: its removal is blocked",
            }.items()
        ),
    ],
)
def test_it_is_told_what_runs_afterwards(fields, told) -> None:
    assert afterwards(planned(**fields)) == told


@pytest.mark.parametrize("status", PromotionStatus)
def test_only_a_completed_promotion_is_said_to_be_done(status) -> None:
    told = promotion_markdown(promotion(status), links=None)
    assert ("Done in" in told) == (status is PromotionStatus.COMPLETED)
    is_untouched = status not in (
        PromotionStatus.RUNNING, PromotionStatus.COMPLETED, PromotionStatus.ROLLED_BACK,
        PromotionStatus.ROLLBACK_INCOMPLETE,
    )  # fmt: skip
    assert ("Nothing was written" in told) == is_untouched


def test_a_completed_record_counts_what_was_read_back_and_no_more() -> None:
    half = done(workflows=(promoted(), promoted("Other", outcome=Outcome.NOT_TOUCHED)))
    assert "1 workflow was read back from n8n and is as planned" in promotion_markdown(half, links=None)


def test_what_a_rollback_could_not_put_back_is_named_before_everything_else() -> None:
    told = promotion_markdown(failed(), links=None)
    assert told.index("### Not as it was before") < told.index("| Workflows |")
    assert "Invoices (wf-9)" in told
    assert told.index("<code>Invoices</code>") < told.index("<code>Order Processing v2</code>")
    assert "Not as it was before" in promotion_text(failed(), PLAIN)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param(values, words, id=values.__name__)
        for values, words in [
            (WorkflowChangeType, CHANGE_TYPES), (Impact, IMPACTS), (GateType, GATES), (PromotionStatus, STATUSES),
            (Outcome, OUTCOMES),
        ]
    ],
)  # fmt: skip
def test_there_are_words_for_every_value(values, words) -> None:
    assert {*words} == {*values}


@pytest.mark.parametrize("kind", PromotionKind)
def test_every_kind_of_plan_is_called_by_its_name(kind) -> None:
    first = preview_text(plan(kind=kind, source_stage=None), PLAIN).split("\n")[0]
    assert first.startswith({"promotion": "Promotion to", "rollback": "Rollback of"}.get(kind, "What Git says, back"))


# What comes from outside


def hostile_plan(text: str) -> PromotionPlan:
    diff = rebuilt()
    diff = replace(diff, node_changes=tuple(replace(each, node_name=text) for each in diff.node_changes))
    fields: dict[str, Any] = {"canonical_slug": text, "workflow_id": text, "target_workflow_id": text, "file": text}
    credential = binding(node_name=text, credential_type=text, old_name=text, name=text, id=text)
    return plan(
        planned(text, diff=diff, tags=(text,), dropped=(text,), credentials=(credential,), **fields),
        planned(text, canonical_id="c-9", change_type=WorkflowChangeType.CREATED, **fields),
        pipeline_id=text,
        source_stage=text,
        target_title=text,
        target_stage=text,
        git_commit_sha=text,
        conflicts=(conflict(message=text, fix=text, allowed_by=text), conflict(message=text, is_allowed=True)),
        findings=(finding(message=text, fix=text, file=text, node_name=text),
                  finding(message=text, fix=text, file=text, node_name=text, gravity=Gravity.NOTE)),
        gate_results=(gate(message=text, fix=text),),
    )  # fmt: skip


def hostile_record(text: str) -> Promotion:
    return promotion(
        PromotionStatus.ROLLBACK_INCOMPLETE,
        promotion_id=text,
        pull_request=None,
        source_stage=text,
        target_stage=text,
        git_commit_sha=text,
        created_by=text,
        created_at=text,
        merged_by=text,
        plan_digest=text,
        approvals=(ApprovalGiven(by=text, at=text, plan_digest=text, comment=text, proof=text),),
        rejected_by=text,
        rejected_at=text,
        rejection_reason=text,
        superseded_by=text,
        rolls_back=text,
        rolled_back_by=text,
        execution_started_at=text,
        problem=text,
        workflows=(promoted(text, n8n_workflow_id=text, problem=text, outcome=Outcome.OTHERWISE),),
        execution_result=ExecutionResult(
            not_as_before=(text,), target_pre_snapshot_id=text, target_post_snapshot_id=text
        ),
    )


def harm(markdown: str) -> list[str]:
    prose = without_code(markdown)
    signs = ("@octocat", "<img", "](https://evil", "www.evil", "<!--", "GH-12")
    issues = re.findall(r"(?<!&)#12", prose)
    return [*(sign for sign in signs if sign in prose), *issues, *unseen_characters(markdown)]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_from_outside_is_markup_or_a_marker(text) -> None:
    told = preview_markdown(hostile_plan(text), links=LINKS, promotion_id=text)
    record = promotion_markdown(hostile_record(text), links=LINKS)
    assert [harm(told), harm(record)] == [[], []]
    assert "<!--" not in told + record
    tables = [[*lines] for is_row, lines in itertools.groupby(told.split("\n"), key=lambda line: line.startswith("|"))
              if is_row]  # fmt: skip
    assert [{row.count("|") for row in rows} for rows in tables] == [{rows[0].count("|")} for rows in tables]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_from_outside_moves_the_cursor_or_commands_a_runner(text) -> None:
    record = hostile_record(text)
    for told in (preview_text(hostile_plan(text), PLAIN), promotion_text(record, PLAIN), status_text([record], PLAIN)):
        assert runner_commands(told) == []
        assert unseen_characters(told) == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_remarks_hold_plain_text_of_a_line(text) -> None:
    for each in annotations(hostile_plan(text)):
        assert unseen_characters(each.title + each.message) == []
        assert "\n" not in each.title + each.message
        assert len(each.title) <= 255
        assert each.message


def test_no_secret_is_told() -> None:
    wanted, record = hostile_plan(f"x {TOKEN}"), hostile_record(f"x {TOKEN}")
    wanted = replace(wanted, git_commit_sha=None)
    record = replace(record, promotion_id="promo-1", git_commit_sha=None, plan_digest=DIGEST, created_at="",
                     rejected_at="", execution_started_at="", superseded_by=None, rolls_back=None, rolled_back_by=None,
                     approvals=(replace(record.approvals[0], at=""),),
                     execution_result=replace(record.execution_result, target_pre_snapshot_id=None,
                                              target_post_snapshot_id=None))  # fmt: skip
    told = [
        preview_markdown(wanted, links=LINKS),
        preview_text(wanted, PLAIN),
        promotion_markdown(record, links=LINKS),
        promotion_text(record, PLAIN),
        *(each.title + each.message for each in annotations(wanted)),
    ]
    assert [text for text in told if TOKEN in text] == []


def test_a_value_that_is_secret_by_its_place_is_told_nowhere() -> None:
    old = form({"Call": node(parameters={"password": "correct-horse-battery"})})
    new = form({"Call": node(parameters={"password": "staple-correct-horse", "note": "staple-correct-horse"})})
    wanted = plan(planned("staple-correct-horse", diff=compare(old=old, new=new)))
    for told in (
        preview_markdown(wanted, links=None),
        preview_text(wanted, PLAIN),
        json.dumps(preview_json(wanted, None)),
    ):
        assert "correct-horse" not in told


# How much


def long_plan(number: int, *, text: str = "x" * 4_000, diff: WorkflowDiff | None = None) -> PromotionPlan:
    things = [f"{place} {text}" for place in range(number)]
    return plan(
        *(planned(each, canonical_id=f"c-{each[:8]}", diff=diff or rebuilt(), tags=(each,) * 40) for each in things),
        pipeline_id=text,
        target_title=text,
        conflicts=tuple(conflict(message=each, fix=each) for each in things),
        findings=tuple(
            finding(message=each, fix=each, gravity=gravity, file=each)
            for each, gravity in zip(things, itertools.cycle(Gravity), strict=False)
        ),
        gate_results=tuple(gate(each, message=text, fix=text) for each in GateType),
    )


@pytest.mark.parametrize("text", ["x" * 4_000, "@" * 4_000, "\U0001f468" * 4_000, "\n" * 4_000, "`" * 4_000])
@pytest.mark.parametrize("number", [1, 60, 400])
def test_a_preview_stays_below_the_limit_whatever_comes(number, text) -> None:
    told = preview_markdown(long_plan(number, text=text), links=LINKS, promotion_id="promo-7")
    assert units(marked(told, PREVIEW_MARKER)) < 60_000
    assert told.count("<details") == told.count("</details>")
    without_code(told)


def test_what_is_cut_is_counted_with_a_pointer() -> None:
    told = preview_markdown(long_plan(400, text="x"), links=LINKS)
    more = re.findall(r"\((\d+) more workflows\)", told)
    rows = len(re.findall(r"^\| <code>\d+ x</code> \| \*\*updated", told, re.MULTILINE))
    assert [int(each) + rows for each in more] == [400]
    left, shown = re.search(r"(\d+) more workflows left out here", told), told.count("<details")
    assert left is not None
    assert int(left[1]) + shown == 400
    assert "`workflowops promote preview --json` tells all of it, and [the run](https://github.com/o/r/actions" in told


def test_a_text_that_is_whole_points_nowhere() -> None:
    assert "promote preview --json" not in preview_markdown(everything(), links=LINKS)


@pytest.mark.parametrize("text", ["x" * 4_000, "@" * 4_000, "\U0001f468" * 4_000])
def test_a_record_stays_below_the_limit_whatever_it_holds(text) -> None:
    record = replace(
        hostile_record(text),
        approvals=hostile_record(text).approvals * 500,
        workflows=hostile_record(text).workflows * 500,
        execution_result=ExecutionResult(not_as_before=(text,) * 500),
    )
    assert units(marked(promotion_markdown(record, links=LINKS), promotion_marker("promo-7"))) < 60_000


def test_a_few_differences_are_unfolded_and_many_are_not() -> None:
    assert preview_markdown(walkthrough(), links=None).count("<details open>") == 1
    assert preview_markdown(everything(), links=None).count("<details open>") == 0


def test_a_removed_workflow_shows_no_difference() -> None:
    gone = plan(planned(change_type=WorkflowChangeType.REMOVED, removal=OnDelete.ARCHIVE, diff=rebuilt()))
    assert "Check Inventory" not in preview_markdown(gone, links=None) + preview_text(gone, PLAIN)


def test_a_picture_and_the_two_sides_are_named_for_what_they_are() -> None:
    told = preview_markdown(walkthrough(), links=None)
    assert "```mermaid" in told
    assert "| Where | Field | n8n now | Afterwards | Risk |" in told


def test_only_credentials_that_become_others_are_listed() -> None:
    told = preview_markdown(walkthrough(), links=None)
    assert "cred-staging-010" in told
    assert "Untouched" not in told + preview_text(walkthrough(), PLAIN)


def test_changes_stand_in_the_order_in_which_they_are_written() -> None:
    for told in (preview_markdown(everything(), links=None), preview_text(everything(), PLAIN)):
        assert told.index("Shared Steps") < told.rindex("Order Processing v2")
    assert "Leads</code> |" not in preview_markdown(everything(), links=None)


# Remarks beside files


def test_every_conflict_and_finding_with_a_file_is_a_remark_and_what_blocks_comes_first() -> None:
    told = annotations(everything())
    assert [each.level for each in told] == ["failure", "failure", "warning", "warning", "notice"]
    assert {each.path for each in told} == {"staging/order_processing.json", "staging/shared_steps.json"}
    assert {each.line for each in told} == {1}
    assert "Create it in n8n" in told[1].message
    assert told[1].title == "staging: Credential missing: Notify"


def test_a_remark_is_made_once() -> None:
    assert len(annotations(plan(findings=(finding(), finding())))) == 1


def test_there_are_no_more_remarks_than_anybody_reads_and_what_blocks_is_among_them() -> None:
    notes = [finding(FindingCode.CYCLE, gravity=Gravity.NOTE, message=f"note {each}") for each in range(500)]
    told = annotations(plan(findings=(*notes, finding())))
    assert len(told) == 200
    assert told[0].level == "failure"


def test_what_has_no_file_is_no_remark() -> None:
    assert annotations(plan(findings=(finding(file=None, canonical_id=None),))) == ()


# Markers


def test_a_comment_of_ours_is_found_by_its_marker_and_nobody_forges_one_by_a_name() -> None:
    assert is_marked(marked(preview_markdown(plan(), links=None), PREVIEW_MARKER), PREVIEW_MARKER)
    assert preview_marker("staging") != preview_marker("prod")
    assert preview_marker("x --> <!-- y") == "<!-- workflowops:promotion-preview x--y -->".replace("x--y", "x----y")
    assert not is_marked(preview_markdown(plan(planned(PREVIEW_MARKER)), links=None), PREVIEW_MARKER)


def test_a_digest_is_shown_so_that_it_can_be_copied() -> None:
    assert DIGEST in as_read(preview_markdown(plan(), links=None))
    assert DIGEST in preview_text(plan(), PLAIN)
