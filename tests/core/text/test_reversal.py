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
from workflowops.core.localization import Localized
from workflowops.core.incident.prospect import Follows, Prospect
from workflowops.core.incident.record import ResolutionType
from workflowops.core.incident.reversal import Reversal, ReversalAction, ReversalStep, ReversedWorkflow
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
