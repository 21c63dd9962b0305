"""The answers to comments: golden files for what people read, and nothing that people wrote is more than data."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code
from tests.core.text.incidents import (
    LINKS,
    acknowledged,
    affected,
    after,
    closed,
    details,
    detected,
    many,
    reconciled,
    stabilized,
)
from tests.core.text.reports import environment, workflow

from workflowops.core.comment.commands import SPECS, CommandName, asked
from workflowops.core.comment.outcome import Became, CommandResult, EventOutcome, Outcome, StepOutcome
from workflowops.core.comment.steps import Facts, carried_out
from workflowops.core.drift import NotRecorded
from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.incident.outcome import Delivery, IncidentsOutcome
from workflowops.core.incident.policy import CommandRule, Role
from workflowops.core.incident.record import Event, Incident
from workflowops.core.records import DriftStatus, EnvironmentRecord
from workflowops.core.standing import DriftKind
from workflowops.core.sync import EnvironmentSync
from workflowops.core.text.comment_answers import (
    answer,
    closed_again_answer,
    commands_table,
    possible_now,
    refused_answer,
)
from workflowops.core.text.comment_outcome import render_comment, render_step
from workflowops.core.text.comment_sync import checked_again_answer
from workflowops.core.text.incident_sections import SECTION, units
from workflowops.core.text.style import Style
from workflowops.errors import ExitCode

DRIFTING = EnvironmentRecord(
    environment="prod",
    title="Production",
    drift_status=DriftStatus.DRIFT_DETECTED,
    last_drift_checked_at="2026-01-14T17:55:00Z",
)
FACTS = Facts(by="user-lead-3", at="2026-01-14T18:00:00Z", record=DRIFTING, details=details())
TEXTS = st.sampled_from([*HOSTILE.values()]) | st.text(max_size=60)


def results(incident: Incident, body: str, facts: Facts = FACTS) -> tuple[CommandResult, ...]:
    done: list[CommandResult] = []
    for each in asked(body):
        done.append(carried_out(done[-1].incident if done else incident, each, facts))
    return tuple(done)


def answered(incident: Incident, body: str, facts: Facts = FACTS, *, links=LINKS) -> str:
    return answer(results(incident, body, facts), facts, links=links)


@pytest.mark.parametrize(
    ("name", "incident", "body"),
    [
        pytest.param("acknowledge", detected(), "/acknowledge Reviewing hotfix, will coordinate with team", id="step"),
        pytest.param("close", reconciled(), "/close Drift resolved, all environments synchronized", id="closing"),
        pytest.param("status", acknowledged(), "/status", id="status"),
        pytest.param("diff", acknowledged(), "/diff payment_gateway", id="diff"),
        pytest.param("help", detected(), "/help", id="help"),
        pytest.param("wrong", detected(), "/close\n/ack\n/accept until=soon\n/diff orders", id="what did not work"),
        pytest.param(
            "several",
            detected(),
            "/acknowledge on it\n/assign\n/stabilize committed plan=sync\n/reconcile replaced lessons=Watch",
            id="several steps",
        ),
    ],
)
def test_an_answer_reads_as_agreed(name, incident, body) -> None:
    assert_golden(f"comment_answer_{name}.md", answered(incident, body))


def test_a_refusal_reads_as_agreed() -> None:
    reasons = ["`/close` takes the role `write` in this repository, and GitHub says `none`."] * 2
    assert_golden("comment_answer_refused.md", refused_answer("mallory", reasons, links=LINKS))


def test_closing_again_reads_as_agreed() -> None:
    assert_golden("comment_answer_closed_again.md", closed_again_answer("mallory", closed(), links=LINKS))


def test_checking_again_reads_as_agreed() -> None:
    synced = EnvironmentSync(
        environment="prod",
        title="Production",
        job_id="job-1",
        workflows_synced=12,
        workflows_linked=10,
        workflows_unmapped=2,
    )
    told = checked_again_answer(
        synced,
        environment(workflow("Payment Gateway"), workflow("Orders", kind=DriftKind.MISSING)),
        not_recorded=NotRecorded(reason="The branch moved.", fix="Again.", exit_code=ExitCode.DONE),
        incidents=IncidentsOutcome(updated=(reconciled(),), problems=("GitHub is down.",), left_alone="No issues."),
    )
    assert_golden("comment_answer_sync.md", told)


def test_somebody_elses_sync_is_told() -> None:
    synced = EnvironmentSync(environment="prod", title="Production", job_id="job-1", is_new=False)
    told = checked_again_answer(synced, environment(), not_recorded=None, incidents=IncidentsOutcome())
    assert "Another run is reading n8n" in told


def test_without_links_nothing_points_anywhere() -> None:
    assert "The run" not in answered(detected(), "/acknowledge", links=None)
    assert "](" not in answered(detected(), "/diff\n/status\n/acknowledge x", links=None)


def test_what_is_possible_is_what_the_lifecycle_allows() -> None:
    told = "\n".join(possible_now(detected()))
    assert all(f"<code>/{name}" in told for name in ("acknowledge", "assign", "accept", "adopt", "revert", "help"))
    assert "/close" not in told
    assert possible_now(closed()) == []


def test_where_drift_is_gone_nothing_is_to_be_adopted() -> None:
    gone = after(detected(), Event.DRIFT_GONE, "16:00")
    assert "/adopt" not in "\n".join(possible_now(gone))


def test_the_table_of_commands_has_all_of_them_with_who_may() -> None:
    rules = {"close": CommandRule(role=Role.MAINTAIN, users=("ada",), teams=("acme/leads",)), "help": CommandRule()}
    lines = commands_table(rules)
    assert len(lines) == len(SPECS) + 2
    close = next(line for line in lines if "<code>/close" in line)
    assert "| maintain, and only <code>ada</code>, <code>acme/leads</code> |" in close
    assert any("<code>/help</code> | triage |" in line for line in lines)


@pytest.mark.parametrize("wanted", ["payment_gateway", "Payment Gateway", "wf-prod-042", "C-1", "`payment_gateway`"])
def test_a_difference_is_found_by_any_name_of_its_workflow(wanted) -> None:
    other = affected("Orders", canonical_id="c-2", canonical_slug="orders", workflow_id="wf-2")
    section = "<details open><summary><code>Orders</code> gone</summary>\n\nother\n\n</details>"
    facts = Facts(by="ada", at=FACTS.at, details=f"{section}\n\n{SECTION}\n\n{details()}")
    told = answered(detected(other, affected()), f"/diff {wanted}", facts)
    assert "api-new.paymentprocessor.com" in told
    assert "other" not in told
    assert "other" in answered(detected(other, affected()), "/diff", facts)


def test_a_difference_that_does_not_fit_is_cut_with_a_pointer() -> None:
    row = f"| {'x' * 200} | a | b | c | d |"
    long_one = "\n".join(["<details open><summary><code>Payment Gateway</code> edited</summary>", "", *[row] * 900])
    told = answered(detected(), "/diff", Facts(by="ada", at=FACTS.at, details=f"{long_one}\n\n</details>\n"))
    assert units(told) < 62_000
    assert "(cut here:" in told
    assert "blob/workflowops-state/incidents/42.md" in told


def test_nothing_to_show_is_said() -> None:
    assert "nothing to show" in answered(detected(), "/diff", Facts(by="ada", at=FACTS.at))


@pytest.mark.parametrize(
    ("record", "told"),
    [
        pytest.param(None, "| Last check | never |", id="never"),
        pytest.param(
            EnvironmentRecord(
                environment="prod",
                title="P",
                drift_status=DriftStatus.UNKNOWN,
                last_drift_checked_at=FACTS.at,
                problem="No answer @ada.",
            ),
            "NOT CHECKED. No answer &#64;&#8203;ada.",
            id="failed",
        ),
    ],
)
def test_the_last_check_is_told(record, told) -> None:
    assert told in answered(detected(), "/status", Facts(by="ada", at=FACTS.at, record=record))


def test_the_longest_answer_fits_into_a_comment() -> None:
    long_one = "\n\n".join(["line " * 30] * 2_000)
    facts = Facts(by="x" * 39, at=FACTS.at, record=DRIFTING, details=long_one)
    body = f"/acknowledge {'&' * 3_900}\n/assign\n" + "/diff\n/status\n/help\n" * 2 + "/stabilize\n/close"
    assert units(answered(detected(*many(300, "@" * 200)), body, facts)) < LONGEST_TEXT - 1_000


def test_an_effect_answers_with_its_own_text() -> None:
    done = CommandResult(name="adopt", became=Became.DONE, incident=detected(), markdown="**#500** is open.\n")
    assert "<code>/adopt</code>\n\n**#500** is open.\n\n**Possible now**" in answer([done], FACTS, links=None)


@pytest.mark.parametrize("name", ["sync", "adopt", "revert"])
def test_a_long_text_of_an_effect_is_cut(name) -> None:
    done = CommandResult(name=CommandName(name), became=Became.DONE, incident=detected(), markdown="line\n" * 40_000)
    told = answer([done, done], FACTS, links=LINKS)
    assert units(told) < LONGEST_TEXT
    assert told.count(f"<code>/{name}</code>\n") == 2
    assert "Possible now" in told


def test_long_problems_are_cut_as_well() -> None:
    failed = CommandResult(name="sync", became=Became.FAILED, incident=detected(), problem="@" * 5_000)
    assert units(answer([failed] * 10, FACTS, links=LINKS)) < LONGEST_TEXT


def harm(markdown: str) -> list[str]:
    """What foreign text may not do: mention, link, comment, command a runner, break a table, hide."""
    prose = without_code(re.sub(r"\]\(https://github\.com/acme-corp/workflows/[^\s()]*\)", "]", markdown))
    found = re.findall(r"<!--|<(?!/?(?:sub|code|details|summary)\b)|\]\(|://|(?<![\w&])@\w+", prose)
    return found + runner_commands(markdown) + unseen_characters(markdown.replace("\u200b", ""))


@settings(max_examples=60)
@given(TEXTS)
def test_what_people_write_stays_data(text) -> None:
    line = re.sub(r"\s+", " ", text).replace('"', "'")
    body = f'/acknowledge {line}\n/close "{line}"\n/diff {line}\n/{line}\n/assign {line}\n/x y\n/accept until="{line}"'
    facts = Facts(by=text, at=FACTS.at, record=DRIFTING, details=details())
    assert harm(answered(detected(affected(text)), body, facts)) == []
    assert harm(refused_answer(text, [f"`/close` takes {text}"], links=LINKS)) == []
    assert harm(closed_again_answer(text, detected(environment_title=text), links=LINKS)) == []


@settings(max_examples=30)
@given(TEXTS)
def test_what_went_wrong_elsewhere_is_data_too(text) -> None:
    failed = CommandResult(name="sync", became=Became.FAILED, incident=detected(), problem=text, warning=text)
    assert harm(answer([failed], FACTS, links=LINKS)) == []
    synced = EnvironmentSync(environment="prod", title=text, job_id="job-1")
    not_recorded = NotRecorded(reason=text, fix=text, exit_code=ExitCode.DONE)
    outcome = IncidentsOutcome(problems=(text,), warnings=(text,), left_alone=text)
    assert harm(checked_again_answer(synced, environment(), not_recorded=not_recorded, incidents=outcome)) == []


@settings(max_examples=30)
@given(TEXTS)
def test_nothing_in_the_log_commands_the_runner(text) -> None:
    failed = CommandResult(name=text, became=Became.FAILED, incident=detected(), problem=text, warning=text)
    outcome = EventOutcome(
        outcome=Outcome.ANSWERED,
        reason=text,
        incident=detected(),
        results=(failed,),
        url=text,
        problems=(text,),
        warnings=(text,),
    )
    step = StepOutcome(
        detected(environment_title=text, assigned_to=text),
        warning=text,
        delivery=Delivery(problems=(text,), warnings=(text,)),
        is_on_github=False,
    )
    for told in (render_comment(outcome, style=Style()), render_step(step, style=Style())):
        assert runner_commands(told) == []
        assert unseen_characters(told.replace("\u200b", "")) == []


def test_the_log_tells_each_command_and_what_was_not_told() -> None:
    done = results(detected(), "/acknowledge\n/close")
    outcome = EventOutcome(
        outcome=Outcome.ANSWERED,
        incident=done[-1].incident,
        results=done,
        url="https://github.com/acme-corp/workflows/issues/42#issuecomment-1",
        problems=("GitHub is down.",),
    )
    assert render_comment(outcome, style=Style()).splitlines() == [
        "Incident #42: answered.",
        "  /acknowledge: done.",
        "  /close: impossible. To close, the incident has to be reconciled; it is acknowledged.",
        "  https://github.com/acme-corp/workflows/issues/42#issuecomment-1",
        "Not done: GitHub is down.",
        "What was decided is kept. The next run says what is left to be said.",
    ]


def test_a_step_by_hand_without_github_says_that_the_issue_follows() -> None:
    told = render_step(StepOutcome(stabilized(), is_on_github=False), style=Style())
    assert told.splitlines() == [
        "Incident #42 (Production) is stabilized now. user-lead-3 takes care of it.",
        "GitHub is not configured here: the issue follows with the next run that has a token.",
    ]
    assert "would be stabilized" in render_step(StepOutcome(stabilized(), is_plan=True), style=Style())
