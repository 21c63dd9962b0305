"""The issue of an incident: short enough, always the same, and nothing in it acts but what we mean to."""

import functools
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.forms import CODE, form, node
from tests.core.text.hostile import HOSTILE, unseen_characters, without_code
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
from tests.core.text.reports import environment, hot_fix, workflow

from workflowops.core.comment.commands import Understood, understand
from workflowops.core.comment.grammar import parse
from workflowops.core.diff import compare
from workflowops.core.incident.lifecycle import Given, advance, possible_now
from workflowops.core.incident.record import (
    ChangeSummary,
    Event,
    Incident,
    IncidentStatus,
    ResolutionType,
    Step,
)
from workflowops.core.standing import DriftKind
from workflowops.core.text.incident import incident_body, incident_title
from workflowops.core.text.incident_advice import advice
from workflowops.core.text.incident_details import details_of
from workflowops.core.text.incident_notes import step_note
from workflowops.core.text.incident_sections import SECTION, SMALLEST, sections_of, shared_out, shortened, units
from workflowops.core.text.incident_words import name, prose

LIMIT = 65_000
_TAGS = re.compile(r"</?(?:details|summary|sub|code)(?: open)?>")
_OURS = ("<!-- workflowops:begin -->", "<!-- workflowops:incident intent-1 -->", "<!-- workflowops:end -->")
_ADDRESS = re.escape(f"{LINKS.server_url}/{LINKS.repository}/")
_LINK = re.compile(rf"\[[^\[\]]*\]\({_ADDRESS}[\w./%-]*\)")

ANNOYING = "@octocat fixes #3 GH-4 a|b `c` <b>\n| x |\n<!-- workflowops:end -->\ud800[l](https://evil.example)"
TEXTS = st.sampled_from([*HOSTILE.values(), ANNOYING, ANNOYING * 700]) | st.text(max_size=40)


def acting(markdown: str, *, ours: tuple[str, ...] = (), links: int = 0) -> list[str]:
    """What in a text would do something on GitHub, our own marks, links and tags left out."""
    found = [f"{mark} {markdown.count(mark)} times" for mark in ours if markdown.splitlines().count(mark) != 1]
    for mark in ours:
        markdown = markdown.replace(mark, "")
    found += re.findall(r"<!--", markdown)
    prose = without_code(markdown)
    found += [] if len(_LINK.findall(prose)) <= links else ["links"]
    prose = _TAGS.sub("", _LINK.sub("", prose))
    found += re.findall(r"<|`|\]\(|://|(?<!\w)@\w+|\w#\d+|(?i:\bgh-\d)|(?<!&)#\d+|(?i:www\.)", prose)
    found += unseen_characters(markdown.replace("\u200b", ""))
    return found + _broken_tables(prose) + ([] if prose.count("<details") == prose.count("</details") else ["details"])


def _broken_tables(prose: str) -> list[str]:
    broken, width = [], 0
    for line in prose.splitlines():
        pipes = line.count("|")
        if not line.startswith("|"):
            width = 0
            broken += [line] if pipes else []
        elif width not in (0, pipes):
            broken.append(line)
        width = width or (pipes if line.startswith("|") else 0)
    return broken


@functools.cache
def hostile(text: str, number: int = 3) -> tuple[Incident, str]:
    """An incident with the same text wherever data may stand, and its differences in full."""
    step = {"resolution_plan": text, "assigned_to": text, "reason": text, text or "x": text, "run_url": text}
    steps = tuple(
        Step(event=event, at="2026-01-14T15:30:00Z", by=text, previous_status=None, status=IncidentStatus.CLOSED,
             fields=step)
        for event in Event
    )  # fmt: skip
    workflows = many(
        number,
        text,
        file=text,
        canonical_slug=text,
        risk=text,
        n8n_updated_at=text,
        change_summary=ChangeSummary(node_name=text, field=text, old_value=text, new_value=text),
    )
    incident = replace(
        closed(),
        affected_workflows=workflows,
        environment=text,
        environment_title=text,
        detection_method=text,
        git_branch=text,
        git_commit_sha=text,
        assigned_to=text,
        resolution_plan=text,
        resolution_details=text,
        lessons_learned=text,
        closure_reason=text,
        acknowledged_by=text,
        timeline=(*closed().timeline, *steps),
    )
    short = text[:600]
    diff = compare(
        old=form({short: node(parameters={"a": 1, "c": [short] * 3, "j": f"1\n{short}"})}, name=f"{short}1"),
        new=form(
            {short: node(parameters={"a": short, "c": [short] * 4, "j": f"2\n{short}"}), "B": node(short)}, name=short
        ),
        )  # fmt: skip
    drift = environment(*(workflow(short, diff=diff, canonical_id=f"c-{each}") for each in range(min(number, 4))))
    return incident, details_of(drift, {f"c-{each}" for each in range(number)})


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.booleans())
def test_nothing_in_the_data_acts_in_the_body(text, has_details) -> None:
    incident, told = hostile(text)
    body = incident_body(incident, told if has_details else "", links=LINKS, mentions=())
    assert units(body) < LIMIT
    assert acting(body, ours=_OURS, links=2) == []
    body.encode("utf-8")


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.sampled_from(Event))
def test_nothing_in_the_data_acts_in_a_comment(text, event) -> None:
    incident, _ = hostile(text)
    step = next(step for step in reversed(incident.timeline) if step.event is event)
    told = step_note(incident, step, links=replace(LINKS, run_url=None), mentions=())
    if told is not None:
        assert units(told[1]) < LIMIT
        assert acting(told[1].replace("| Incident | #42 |", "| Incident |  |")) == []


@pytest.mark.parametrize("text", [ANNOYING * 600, "x" * 60_000, "\ud800" * 60_000, "\U0001f468" * 60_000, "@" * 60_000])
def test_five_hundred_workflows_with_endless_names_fit(text) -> None:
    incident, told = hostile(text, number=500)
    body = incident_body(incident, told, links=LINKS, mentions=["@octocat"])
    assert units(body) < LIMIT
    assert re.search(r"\(\d+ more workflows\)", body)
    assert acting(body.replace("cc @octocat\n", ""), ours=_OURS, links=2) == []
    closing = step_note(incident, incident.timeline[4], links=LINKS, mentions=())
    assert closing is not None
    assert units(closing[1]) < LIMIT


@pytest.mark.parametrize("stand", [detected, acknowledged, stabilized, reconciled, closed])
def test_the_body_is_the_same_in_every_run(stand) -> None:
    one, two = (
        incident_body(stand(), details(), links=replace(LINKS, run_url=run), mentions=["@octocat"])
        for run in (None, "https://github.com/acme-corp/workflows/actions/runs/8")
    )
    assert one == two


def test_the_run_that_found_it_is_linked_where_its_step_names_it() -> None:
    address = "https://github.com/acme-corp/workflows/actions/runs/7"
    found = detected()
    step = replace(found.timeline[0], fields={"run_url": address})
    body = incident_body(replace(found, timeline=(step,)), "", links=None, mentions=())
    assert f"| Run | [the run that found it]({address}) |" in body


@pytest.mark.parametrize(
    ("mentions", "called"),
    [
        pytest.param(["@octocat", "@acme/n8n-admins"], "cc @octocat @acme/n8n-admins", id="people and teams"),
        pytest.param(["octocat", "@octocat"], "cc @octocat", id="once, with or without the sign"),
        pytest.param(["@octo cat", "@x](https://evil.example)", "@a/b/c", "", "@"], None, id="no names"),
    ],
)
def test_only_people_of_the_configuration_are_called(mentions, called) -> None:
    lines = incident_body(detected(), "", links=None, mentions=mentions).splitlines()
    assert [line for line in lines if line.startswith("cc ")] == ([called] if called else [])


def test_the_commit_is_linked_only_where_it_is_one() -> None:
    body = incident_body(detected(git_commit_sha="not a commit"), "", links=LINKS, mentions=())
    assert "| Git | <code>not a commit</code> on <code>main</code> |" in body


@functools.cache
def big(lines: int) -> str:
    """The difference of a workflow with that many lines of changed code, which has a picture as well."""
    diff = compare(
        old=form({"A": node(CODE, parameters={"jsCode": "".join(f"{n} {'a' * 60}\n" for n in range(lines))})}),
        new=form(
            {"A": node(CODE, parameters={"jsCode": "".join(f"{n} {'b' * 60}\n" for n in range(lines))}), "C": node()}
        ),
    )
    return details_of(environment(workflow("Big", diff=diff)), {"c-1"})


def test_a_long_difference_is_cut_with_a_pointer_to_the_rest() -> None:
    told = big(1_000)
    assert units(told) > LIMIT
    body = incident_body(detected(), told, links=LINKS, mentions=())
    address = "https://github.com/acme-corp/workflows/blob/workflowops-state/incidents/42.md"
    assert f"In full they stand in [<code>incidents/42.md</code>]({address})." in body
    assert re.search(r"^\(cut here: [\d,]+ more lines\)$", body, re.MULTILINE)
    assert acting(body, ours=_OURS, links=2) == []


def test_an_issue_that_is_being_opened_points_to_no_number() -> None:
    body = incident_body(detected(number=0), big(1_000), links=LINKS, mentions=())
    assert "In full they stand on the state branch." in body
    assert "incidents/0" not in body


def test_a_difference_that_fits_is_told_whole_and_without_pointer() -> None:
    body = incident_body(detected(), details(), links=LINKS, mentions=())
    assert details().strip() in body
    assert "In full" not in body


def test_a_long_difference_leaves_room_for_the_short_ones() -> None:
    told = f"\n\n{SECTION}\n\n".join([big(1_000), details()])
    body = incident_body(detected(*many(2)), told, links=LINKS, mentions=())
    assert details().strip() in body
    assert "(cut here" in body


def test_differences_that_have_no_room_are_counted() -> None:
    told = f"\n\n{SECTION}\n\n".join([big(200)] * 300)
    body = incident_body(detected(*many(300)), told, links=LINKS, mentions=())
    left_out = re.search(r"^(\d+) more differences left out here\.", body, re.MULTILINE)
    assert left_out is not None
    assert body.count("<details open><summary><code>Big</code>") == 300 - int(left_out[1])
    assert units(body) < LIMIT


def test_without_differences_the_record_tells_one_field_a_workflow() -> None:
    body = incident_body(detected(), "", links=None, mentions=())
    assert "| <code>Payment Gateway</code> | <code>Call Payment API</code> | <code>parameters.url</code> |" in body


@settings(max_examples=30, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 500))
def test_a_title_is_short_and_calls_nobody(name, environment_title, more) -> None:
    title = incident_title(detected(affected(name), *many(more), environment_title=environment_title))
    assert 0 < units(title) < 256
    assert re.search(r"[@#]\w|\n|(?i:gh-\d)", title) is None
    assert title == title.strip()
    assert unseen_characters(title.replace("\u200b", "")) == []


def test_a_nameless_workflow_has_a_title_all_the_same() -> None:
    assert incident_title(detected(affected("  "), environment_title="")) == "Drift in prod: (no name)"


@given(TEXTS | st.integers(0, 400).map(lambda number: "@<#" * number), st.integers(30, 400))
def test_data_takes_no_more_room_than_it_is_given(text, room) -> None:
    assert units(prose(text, room)) <= room
    assert units(name(text, room)) <= room
    assert prose("plain", room) == "plain"


# What can be done next


def accepted() -> Incident:
    return after(detected(), Event.ACCEPT, "15:40", "octocat", until="2026-02-01")


def commands_of(incident: Incident) -> list[str]:
    """The comments that the body proposes, as somebody would copy them."""
    import html

    codes = re.findall(r"<code>(/[^<]*)</code>", "\n".join(advice(incident)))
    return [html.unescape(each).replace("YYYY-MM-DD", "2026-02-01").replace("\u200b", "") for each in codes]


@pytest.mark.parametrize(
    "incident",
    [
        pytest.param(detected(), id="detected"),
        pytest.param(acknowledged(), id="acknowledged"),
        pytest.param(stabilized(), id="stabilized"),
        pytest.param(after(stabilized(), Event.DRIFT_GONE, "17:00"), id="gone"),
        pytest.param(reconciled(), id="reconciled"),
        pytest.param(accepted(), id="accepted"),
        pytest.param(after(accepted(), Event.DRIFT_GONE, "17:00", resolution_type="other"), id="accepted, gone"),
    ],
)
def test_every_proposed_comment_is_understood_and_possible(incident) -> None:
    proposed = commands_of(incident)
    assert proposed
    events = set()
    for comment in proposed:
        (command,) = parse(comment)
        understood = understand(command)
        assert isinstance(understood, Understood), comment
        if understood.name in {*Event}:
            event = Event(understood.name)
            events.add(event)
            moved = advance(incident, Given(event=event, by="octocat", at="2026-01-15T00:00:00Z",
                                            fields=understood.fields))  # fmt: skip
            assert isinstance(moved, Incident), moved
    assert events <= {*possible_now(incident)}
    assert events >= {*possible_now(incident)} & {Event.ACCEPT}


@pytest.mark.parametrize("stand", [detected, acknowledged, stabilized, reconciled])
def test_the_way_on_is_proposed_in_every_status(stand) -> None:
    moves = {IncidentStatus.DETECTED: "/acknowledge", IncidentStatus.ACKNOWLEDGED: "/stabilize",
             IncidentStatus.STABILIZED: "/reconcile", IncidentStatus.RECONCILED: "/close"}  # fmt: skip
    assert any(each.startswith(moves[stand().status]) for each in commands_of(stand()))


def test_nothing_is_proposed_once_it_is_closed() -> None:
    assert commands_of(closed()) == []


@pytest.mark.parametrize(
    ("incident", "said"),
    [
        pytest.param(detected(), "Nobody has acknowledged it yet.", id="detected"),
        pytest.param(
            after(detected(), Event.DRIFT_GONE, "15:40", reverted_to_git="Payment Gateway"),
            "**The incident is still open.** Nothing drifts any more in: <code>Payment Gateway</code>. "
            "When it was checked at 2026-01-14 15:40:00 UTC, Git and n8n agreed there.",
            id="gone, still open",
        ),
        pytest.param(
            after(detected(), Event.ACCEPT, "15:40", "octocat", until="2026-02-01"),
            "**Accepted until 2026-02-01 (UTC).** In Production n8n runs what Git does not say",
            id="accepted",
        ),
        pytest.param(reconciled(), "the next drift check says whether n8n agrees", id="reconciled by hand"),
        pytest.param(
            after(reconciled(), Event.DRIFT_GONE, "17:30", resolution_type=ResolutionType.MIXED),
            "**Reconciled.** Nothing drifts any more in: <code>Payment Gateway</code>, since 2026-01-14 17:30:00 UTC.",
            id="reconciled",
        ),
        pytest.param(
            after(accepted(), Event.DRIFT_GONE, "17:30", likely_resolution_type="other", git_ahead="Payment Gateway"),
            "**Reconciled.** Nothing drifts any more in: <code>Payment Gateway</code>, since 2026-01-14 17:30:00 UTC.",
            id="accepted, then gone",
        ),
        pytest.param(
            after(accepted(), Event.ACCEPT, "17:30", "octocat", until="now"),
            "**Accepted no longer; the next drift check brings the incident back if it drifts still.** In Production",
            id="accepted no longer",
        ),
        pytest.param(
            after(detected(*many(7)), Event.DRIFT_GONE, "15:40"),
            "<code>Payment Gateway 4</code> and 2 more workflows, since 2026-01-14 15:40:00 UTC.",
            id="many gone",
        ),
        pytest.param(closed(), "**Closed.**", id="closed"),
        pytest.param(detected(previous_incident=12), "| Follows | #12 |", id="follows another"),
        pytest.param(
            after(detected(), Event.ESCALATE, "2026-01-15T15:25:00Z"),
            "| Status | **detected**, escalated 2026-01-15 15:25:00 UTC |",
            id="escalated",
        ),
        pytest.param(
            detected(affected(drift_type=DriftKind.MISSING, n8n_updated_at=None)),
            "n8n does not tell when <code>Payment Gateway</code> was removed.",
            id="gone from n8n",
        ),
        pytest.param(
            detected(*many(6)), "6 workflows were last saved in n8n between 2026-01-14 15:22:00 UTC", id="many saved"
        ),
    ],
)
def test_the_body_says_how_it_stands(incident, said) -> None:
    assert said in incident_body(incident, "", links=LINKS, mentions=())


def test_a_long_timeline_keeps_its_beginning_and_its_end() -> None:
    incident = detected()
    for number in range(400):
        at = f"2026-01-{15 + number // 24 % 10}T{number % 24:02}:00:00Z"
        incident = after(incident, Event.DRIFT_CHANGED, at, changed=f"Workflow {number}")
    body = incident_body(incident, "", links=None, mentions=())
    assert "**detected**" in body
    assert "Workflow 399" in body
    assert re.search(r"- \(\d+ steps left out\)", body)
    assert body.index("**detected**") < body.index("steps left out") < body.index("Workflow 399")


# Sections


@settings(max_examples=30, deadline=None)
@given(st.integers(SMALLEST, 20_000), st.sampled_from([50, 400]), TEXTS)
def test_a_cut_section_fits_and_closes_what_it_opened(room, lines, text) -> None:
    _, hostile_details = hostile(text)
    for section in (big(lines).strip(), sections_of(hostile_details)[0]):
        told = shortened(section, room=room)
        assert units(told) <= room
        assert told == section or "(cut here" in told or "```mermaid" not in told
        prose = without_code(told)
        assert prose.count("<details") == prose.count("</details>") == 1


@given(st.lists(st.integers(1, 9_000), max_size=40), st.integers(0, 60_000))
def test_sections_share_the_room_and_none_is_cut_without_need(sizes, room) -> None:
    sections = ["\n".join(["x" * 99] * (size // 100 + 1)) for size in sizes]
    told = shared_out(sections, room=room)
    assert sum(units(each) + 2 for each in told) <= room
    if sum(units(each) + 2 for each in sections) <= room:
        assert [*told] == sections


def test_a_section_line_in_code_does_not_begin_a_section() -> None:
    texts = (f"a\n{SECTION}\nb", f"b\n{SECTION}\nc\n{SECTION}")
    old, new = (form({"A": node(CODE, parameters={"jsCode": text})}) for text in texts)
    told = details_of(environment(workflow("W", diff=compare(old=old, new=new))), {"c-1"})
    assert len(sections_of(told)) == 1
    assert SECTION not in told


def test_details_keep_what_a_table_would_cut() -> None:
    old = form({"A": node(parameters={"text": f"{'x ' * 2_000}old"})}, settings={"long": "y" * 400})
    new = form({"A": node(parameters={"text": f"{'x ' * 2_000}new"}), "B": node(parameters={"list": [*range(200)]})})
    told = details_of(environment(workflow("W", diff=compare(old=old, new=new))), {"c-1"})
    assert re.search(r"^-.*x old$", told, re.MULTILINE)
    assert re.search(r"^\+.*x new$", told, re.MULTILINE)
    assert "+  199" in told
    assert f"-{'y' * 400}" in told


def test_details_are_masked() -> None:
    old, new = (form({"A": node(parameters={"password": f"hunter2-{n}"})}, name=f"W hunter2-{n}") for n in "ab")
    told = details_of(environment(workflow("W hunter2-b", diff=compare(old=old, new=new))), {"c-1"})
    assert "hunter2" not in told


def test_details_have_an_end() -> None:
    diff = huge()
    told = details_of(
        environment(*(workflow(f"W{n}", diff=diff, canonical_id=f"c-{n}") for n in range(30))),
        {f"c-{n}" for n in range(30)},
    )
    assert len(told.encode()) < 5_000_000
    assert max(units(each) for each in sections_of(told)) <= 200_000
    assert re.search(r"\d+ more workflows left out here", told)


def huge():
    """A difference of more than a section holds."""
    return compare(
        old=form({"A": node(CODE, parameters={"jsCode": "".join(f"{n} {'a' * 300}\n" for n in range(360))})}),
        new=form({"A": node(CODE, parameters={"jsCode": "".join(f"{n} {'b' * 300}\n" for n in range(360))})}),
    )


def test_several_workflows_are_told_in_the_order_of_the_report() -> None:
    drift = environment(*(workflow(name, diff=hot_fix(), canonical_id=name) for name in ("B", "A", "C")))
    told = details_of(drift, {"A", "B"})
    assert re.findall(r"<summary><code>(\w)</code>", told) == ["B", "A"]
