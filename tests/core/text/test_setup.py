"""What `init` tells: every key, setting and permission, and how to go on."""

import re

import pytest
from tests.core.setup.setups import TEMPLATE_TEXTS, make_setup
from tests.core.text.golden import assert_golden

from workflowops.core.configuration import Approval
from workflowops.core.setup.document import setup_document
from workflowops.core.setup.files import plan_files
from workflowops.core.setup.localizing import TEMPLATES
from workflowops.core.setup.needs import READING_SCOPES, WRITING_SCOPES, Kind, Needs, needs_of
from workflowops.core.setup.updating import Fate, FilePlan
from workflowops.core.setup.wishes import Setup
from workflowops.core.text.setup import nothing_written, render_next, render_plans, render_setup
from workflowops.core.text.style import Style

PLANS = (
    FilePlan(path="workflowops.yml", fate=Fate.UNCHANGED, before="x"),
    FilePlan(path="a.yml", fate=Fate.WRITTEN, content="x"),
    FilePlan(
        path="b.yml", fate=Fate.UPDATED, content="y", before="x",
        difference=("--- a/b.yml", "+++ b/b.yml", "@@ -1 +1 @@", "-x", "+y", " same"),
    ),
    FilePlan(
        path="c.yml", fate=Fate.LEFT, before="x", difference=("+\x1b[2Jz", "+::error::forged"),
        advice="Somebody has edited c.yml since `init` wrote it. Take it over by hand.",
    ),
)  # fmt: skip


def needs(setup: Setup) -> Needs:
    return needs_of(setup, {each.name: TEMPLATE_TEXTS[each.file_name] for each in TEMPLATES})


@pytest.mark.parametrize("approval", [Approval.ENVIRONMENT, Approval.COMMENTS])
def test_what_is_left_to_do(approval) -> None:
    setup = make_setup(approval=approval)
    text = "\n\n".join([render_setup(setup, style=Style()), render_next(setup, needs(setup), style=Style())])
    assert_golden(f"setup_next_{approval}.txt", text)


def test_what_became_of_the_files() -> None:
    text = render_plans(PLANS, style=Style(), is_planned=False)
    assert_golden("setup_plans.txt", text + "\n\n" + render_plans(PLANS, style=Style(), is_planned=True))
    assert nothing_written(PLANS) == "Nothing was written; 2 files would be."


def test_nothing_in_a_file_moves_the_cursor_or_commands_a_runner() -> None:
    text = render_plans(PLANS, style=Style(), is_planned=False)
    assert "\x1b" not in text
    assert not re.search(r"^\s*::", text, re.MULTILINE)


def test_colour_repeats_signs_only() -> None:
    plain = render_plans(PLANS, style=Style(), is_planned=False)
    coloured = render_plans(PLANS, style=Style(color=True), is_planned=False)
    assert "\x1b[32m  +y\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_prose_fits_the_terminal(width) -> None:
    setup = make_setup()
    text = render_next(setup, needs(setup), style=Style(width=width))
    # Commands and names are whole, so that they can be copied.
    prose = [line for line in text.splitlines() if line.startswith("   ") and " " in line.strip()]
    assert all(len(line) <= width for line in prose if "secret" not in line and "variable" not in line), text


def test_each_key_has_its_place_and_its_scopes() -> None:
    values = {(each.name, each.environment): each for each in needs(make_setup("dev", "prod")).values}
    assert {place: each.kind for place, each in values.items()} == {
        ("N8N_DEV_URL", None): Kind.VARIABLE,
        ("N8N_DEV_API_KEY", None): Kind.SECRET,
        ("N8N_PROD_URL", None): Kind.VARIABLE,
        ("N8N_PROD_API_KEY", None): Kind.SECRET,
        ("N8N_PROD_API_KEY", "prod"): Kind.SECRET,
    }
    assert values["N8N_PROD_API_KEY", None].scopes == READING_SCOPES
    assert values["N8N_PROD_API_KEY", "prod"].scopes == WRITING_SCOPES


def test_a_reading_key_cannot_write() -> None:
    assert not any(re.search("create|update|delete|activate", scope) for scope in READING_SCOPES)


def test_the_scopes_are_those_that_the_sandbox_asks_for() -> None:
    from workflowops.sandbox.scopes import ALL_SCOPES

    assert set(WRITING_SCOPES) <= ALL_SCOPES


def test_every_permission_of_every_file_is_told_with_its_reason() -> None:
    import yaml

    told = {(each.workflow, each.permission) for each in needs(make_setup()).permissions}
    asked = {
        (name, f"{permission}: {level}")
        for name, text in TEMPLATE_TEXTS.items()
        for job in yaml.safe_load(text)["jobs"].values()
        for permission, level in job["permissions"].items()
    }
    assert told == asked
    assert all(each.why for each in needs(make_setup()).permissions)


def test_one_environment_needs_no_approval_and_no_key_that_writes() -> None:
    alone = needs(make_setup("prod"))
    assert alone.approvals == ()
    assert {each.environment for each in alone.values} == {None}


def test_the_document_says_all_of_it() -> None:
    setup = make_setup("dev", "prod")
    plans = plan_files(setup, templates=TEMPLATE_TEXTS, present={}, configuration=None)
    document = setup_document(setup, plans, needs(setup), is_dry_run=True)
    assert document["dry_run"] is True
    assert [each["name"] for each in document["environments"]] == ["dev", "prod"]
    assert {each["result"] for each in document["files"]} == {"written"}
    assert document["needs"].keys() == {"values", "settings", "permissions", "approvals"}
    *steps, last = [each["command"] for each in document["next"][1:]]
    assert [command.split()[1] for command in steps] == ["doctor", "sync", "onboard"]
    assert last == "git pull && workflowops sync && workflowops baseline"
