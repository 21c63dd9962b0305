"""A packaged file becomes a team's: every part is found and replaced, and nothing of a placeholder is left."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.core.setup.setups import PIN, TEMPLATE_TEXTS, make_setup

from workflowops.core.setup.localizing import TEMPLATES, Part, Template, localized, minute_of, said_by
from workflowops.core.setup.wishes import Setup
from workflowops.errors import ConfigurationError

BY_NAME = {each.name: each for each in TEMPLATES}


def written(template: Template, setup: Setup) -> str:
    return localized(TEMPLATE_TEXTS[template.file_name], template, setup)


def test_every_packaged_file_has_its_template_and_the_other_way_round() -> None:
    assert {each.file_name for each in TEMPLATES} == set(TEMPLATE_TEXTS)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_job_knows_every_instance_and_none_else(template) -> None:
    document = yaml.safe_load(written(template, make_setup("test", "live-eu")))
    expected = {
        "N8N_TEST_URL": "${{ vars.N8N_TEST_URL }}",
        "N8N_TEST_API_KEY": "${{ secrets.N8N_TEST_API_KEY }}",
        "N8N_LIVE_EU_URL": "${{ vars.N8N_LIVE_EU_URL }}",
        "N8N_LIVE_EU_API_KEY": "${{ secrets.N8N_LIVE_EU_API_KEY }}",
    }
    for job in document["jobs"].values():
        assert job.get("env", {}) == (expected if Part.INSTANCES in template.parts else {})


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_our_actions_are_pinned_to_the_commit_and_the_others_stay(template) -> None:
    before = yaml.safe_load(TEMPLATE_TEXTS[template.file_name])
    after = yaml.safe_load(written(template, make_setup()))
    for name, job in after["jobs"].items():
        for step, template_step in zip(job["steps"], before["jobs"][name]["steps"], strict=True):
            path = template_step["uses"].removeprefix("OWNER/workflowops").partition("@")[0]
            is_ours = template_step["uses"].startswith("OWNER/")
            assert step["uses"] == (f"{PIN.repository}{path}@{PIN.commit}" if is_ours else template_step["uses"])


@pytest.mark.parametrize(
    ("branch", "expected"),
    [("main", ["main"]), ("master", ["master"]), ("release/2", ["release/2"]), ("on", ["on"]), ("2026", ["2026"])],
)
@pytest.mark.parametrize("name", [each.name for each in TEMPLATES if Part.BRANCH in each.parts])
def test_a_push_to_the_default_branch_starts_it(name, branch, expected) -> None:
    document = yaml.safe_load(written(BY_NAME[name], make_setup(branch=branch)))
    assert document[True]["push"]["branches"] == expected


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_every_job_runs_where_the_team_says(template) -> None:
    document = yaml.safe_load(written(template, make_setup(runs_on=("self-hosted", "linux"))))
    assert {tuple(job["runs-on"]) for job in document["jobs"].values()} == {("self-hosted", "linux")}


@given(st.text(max_size=30))
def test_no_schedule_falls_on_the_full_hour_and_no_two_on_one_minute(repository) -> None:
    setup = make_setup(repository=repository)
    scheduled = [each for each in TEMPLATES if Part.MINUTE in each.parts]
    minutes = [int(re.findall(r'cron: "(\d+) ', written(each, setup))[0]) for each in scheduled]
    assert all(1 <= minute <= 59 for minute in minutes)
    assert len(set(minutes)) == len(minutes) == 3


def test_two_repositories_do_not_all_ask_at_one_minute() -> None:
    assert len({minute_of(f"acme/{number}") for number in range(100)}) > 30


@pytest.mark.parametrize(
    ("name", "change", "part"),
    [
        pytest.param(
            "drift", lambda text: text.replace("branches: [main]", "branches: [trunk]"), Part.BRANCH, id="branch"
        ),
        pytest.param("drift", lambda text: re.sub(r"cron: .*", "cron: daily", text), Part.MINUTE, id="minute"),
        pytest.param("sync", lambda text: text.replace("ubuntu-latest", "ubuntu-24.04"), Part.RUNNER, id="runner"),
        pytest.param(
            "sync", lambda text: text.replace("N8N_PROD_URL:", "N8N_LIVE_URL:"), Part.INSTANCES, id="instances"
        ),
        pytest.param("validate", lambda text: text.replace("FULL_COMMIT_SHA", "v1"), Part.PIN, id="pin"),
        pytest.param("sync", lambda text: text + "# OWNER/other\n", Part.PIN, id="a pin in another form"),
        pytest.param(
            "sync", lambda text: text + "    # ${{ secrets.N8N_PROD_API_KEY }}\n", Part.INSTANCES, id="an instance left"
        ),
        pytest.param(
            "preview",
            lambda text: text.replace("on:\n", "on:\n  push:\n    branches: [main]\n"),
            Part.BRANCH,
            id="unforeseen",
        ),
    ],
)
def test_a_part_that_is_not_found_or_not_foreseen_is_an_error(name, change, part) -> None:
    template = BY_NAME[name]
    changed = change(TEMPLATE_TEXTS[template.file_name])
    assert changed != TEMPLATE_TEXTS[template.file_name]
    with pytest.raises(ConfigurationError, match=str(part)):
        localized(changed, template, make_setup("test", "live"))


def test_an_instance_whose_address_stands_in_the_configuration_needs_no_variable() -> None:
    from dataclasses import replace

    setup = make_setup("dev", "prod")
    first = replace(setup.environments[0], url_variables=())
    text = written(BY_NAME["sync"], replace(setup, environments=(first, *setup.environments[1:])))
    assert "N8N_DEV_URL" not in text
    assert "N8N_DEV_API_KEY: ${{ secrets.N8N_DEV_API_KEY }}" in text


@pytest.mark.parametrize(("options", "said"), [
    pytest.param({}, ("main", "ubuntu-latest"), id="usual"),
    pytest.param(
        {"branch": "2024/x", "runs_on": ("self-hosted", "linux")}, ("2024/x", "self-hosted, linux"), id="of their own"
    ),
])  # fmt: skip
def test_what_a_generated_file_says_is_read_back(options, said) -> None:
    drift = next(each for each in TEMPLATES if each.name == "drift")
    assert said_by(localized(TEMPLATE_TEXTS[drift.file_name], drift, make_setup(**options))) == said


@pytest.mark.parametrize(
    "text",
    ["", "    branches: [main, dev]\n    runs-on: ${{ matrix.os }}\n", "    branches: [ma*n]\n", "branches: [x]\n"],
)
def test_what_no_option_could_say_is_not_read_out_of_a_file_that_people_edited(text) -> None:
    assert said_by(text) == (None, None)
