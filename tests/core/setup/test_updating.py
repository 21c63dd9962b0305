"""What becomes of a file: nothing that a person made is ever written over."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.setup.setups import TEMPLATE_TEXTS, make_setup

from workflowops.core.setup import attributes, configuration_file
from workflowops.core.setup.files import (
    FORM_PATH,
    generated_files,
    paths,
    plan_files,
    present_configuration,
)
from workflowops.core.setup.marking import marked
from workflowops.core.setup.updating import Fate, plan_attributes, plan_configuration, plan_generated, to_write
from workflowops.errors import ConfigurationError

OLD, NEW = "a: 1\nb: 2\n", "a: 1\nb: 3\n"
PATH = ".github/workflows/x.yml"


@pytest.mark.parametrize(
    ("present", "fate", "is_written"),
    [
        pytest.param(None, Fate.WRITTEN, True, id="absent"),
        pytest.param(marked(NEW), Fate.UNCHANGED, False, id="as it should be"),
        pytest.param(marked(NEW).replace("\n", "\r\n"), Fate.UNCHANGED, False, id="with line ends of Windows"),
        pytest.param(NEW, Fate.UNCHANGED, False, id="the same by hand"),
        pytest.param(marked(OLD), Fate.UPDATED, True, id="ours, older"),
        pytest.param(marked(OLD).replace("\n", "\r\n"), Fate.UPDATED, True, id="ours, older, from Windows"),
        pytest.param(marked(OLD) + "c: 3\n", Fate.LEFT, False, id="edited"),
        pytest.param(OLD, Fate.LEFT, False, id="foreign"),
        pytest.param("", Fate.LEFT, False, id="empty"),
    ],
)
def test_a_generated_file(present, fate, is_written) -> None:
    plan = plan_generated(PATH, NEW, present)
    assert plan.fate is fate
    assert plan.content == (marked(NEW) if is_written else None)
    assert bool(plan.difference) == (fate in {Fate.UPDATED, Fate.LEFT})
    assert bool(plan.advice) == (fate is Fate.LEFT)


def test_the_difference_goes_from_what_is_there_to_what_would_be() -> None:
    difference = plan_generated(PATH, NEW, marked(OLD)).difference
    assert difference[:2] == (f"--- a/{PATH}", f"+++ b/{PATH}")
    assert "-b: 2" in difference
    assert "+b: 3" in difference


@given(st.text(max_size=100), st.text(max_size=100))
def test_what_a_person_wrote_is_never_written_over(present, text) -> None:
    assert plan_generated(PATH, text, present).content is None
    assert plan_configuration("workflowops.yml", text, present, missing=[]).content is None


def test_what_was_written_is_as_it_should_be_the_next_time() -> None:
    setup = make_setup()
    first = plan_files(setup, templates=TEMPLATE_TEXTS, present={}, configuration=None)
    assert {plan.fate for plan in first} == {Fate.WRITTEN}
    present = dict(to_write(first))
    assert set(present) == set(paths())
    configuration = present_configuration(present[configuration_file.PATH].encode())
    second = plan_files(setup, templates=TEMPLATE_TEXTS, present=present, configuration=configuration)
    assert {plan.fate for plan in second} == {Fate.UNCHANGED}
    assert to_write(second) == {}


def test_one_more_environment_updates_all_but_the_configuration() -> None:
    present = dict(to_write(plan_files(make_setup(), templates=TEMPLATE_TEXTS, present={}, configuration=None)))
    configuration = present_configuration(present[configuration_file.PATH].encode())
    wider = make_setup("dev", "staging", "prod", "prod-us")
    plans = {
        plan.path: plan
        for plan in plan_files(wider, templates=TEMPLATE_TEXTS, present=present, configuration=configuration)
    }
    unconcerned = ".github/workflows/workflowops-validate.yml"
    assert plans.pop(unconcerned).fate is Fate.UNCHANGED
    left = plans.pop(configuration_file.PATH)
    assert left.fate is Fate.LEFT
    assert left.difference[0] == "+  prod-us:"
    assert {plan.fate for plan in plans.values()} == {Fate.UPDATED}


def test_a_new_commit_of_the_actions_updates_every_workflow_file_and_not_the_form() -> None:
    setup = make_setup()
    files = {path: marked(text) for path, text in generated_files(setup, TEMPLATE_TEXTS).items()}
    newer = dataclasses.replace(setup, pin=dataclasses.replace(setup.pin, commit="f" * 40))
    plans = plan_files(newer, templates=TEMPLATE_TEXTS, present=files, configuration=None)
    fates = {plan.path: plan.fate for plan in plans if plan.path in files}
    assert fates.pop(FORM_PATH) is Fate.UNCHANGED
    assert set(fates.values()) == {Fate.UPDATED}


def test_a_template_that_did_not_come_with_the_program_is_an_error() -> None:
    some = {name: text for name, text in TEMPLATE_TEXTS.items() if "drift" not in name}
    with pytest.raises(ConfigurationError, match=r"workflowops-drift\.yml did not come"):
        generated_files(make_setup(), some)


def test_a_configuration_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(ConfigurationError, match="Line 3"):
        present_configuration(b"version: 1\nenvironments:\n  dev: 5\n")


def block(*names: str) -> str:
    return attributes.attributes_block(make_setup(*names).environments)


THEIRS = "*.png binary\n"


@pytest.mark.parametrize(
    ("present", "fate", "content"),
    [
        pytest.param(None, Fate.WRITTEN, block("dev"), id="absent"),
        pytest.param(block("dev"), Fate.UNCHANGED, None, id="as it should be"),
        pytest.param(THEIRS + block("dev"), Fate.UNCHANGED, None, id="beside theirs"),
        pytest.param((THEIRS + block("dev")).replace("\n", "\r\n"), Fate.UNCHANGED, None, id="from Windows"),
        pytest.param(THEIRS, Fate.LEFT, None, id="theirs alone"),
        pytest.param(
            "dev/**/*.json  text eol=lf\ndev/**/*.wfo.json linguist-generated", Fate.UNCHANGED, None, id="said by hand"
        ),
        pytest.param(
            THEIRS + block("old") + "# after\n", Fate.UPDATED, THEIRS + block("dev") + "# after\n", id="ours, older"
        ),
        pytest.param(block("old").replace(" text", " -text"), Fate.LEFT, None, id="edited"),
    ],
)
def test_of_the_attributes_only_our_part_is_ours(present, fate, content) -> None:
    missing = attributes.missing_lines(present or "", make_setup("dev").environments)
    plan = plan_attributes(block("dev"), present, missing=missing)
    assert (plan.fate, plan.content) == (fate, content)
    assert bool(plan.advice) == (fate is Fate.LEFT)


@given(st.text(alphabet="ab#\n *.=", max_size=60), st.text(alphabet="ab#\n *.=", max_size=60))
def test_what_stands_around_our_part_stays(before, after) -> None:
    before = before and before.rstrip("\n") + "\n"
    changed = attributes.with_block(before + block("old") + after, block("dev"))
    assert changed == before + block("dev") + after


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [
        ("dev", "dev/**/*.json text eol=lf"),
        ("n8n/dev", "n8n/dev/**/*.json text eol=lf"),
        ("my flows", '"my flows/**/*.json" text eol=lf'),
        ("a[1]", r"a\[1\]/**/*.json text eol=lf"),
    ],
)
def test_a_folder_is_written_as_git_reads_it(folder, pattern) -> None:
    (environment,) = make_setup("dev").environments
    lines = attributes.attribute_lines([dataclasses.replace(environment, folder=folder)])
    assert lines[0] == pattern
