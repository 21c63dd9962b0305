"""The issue form: what GitHub takes, for any names of environments."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.core.text.golden import assert_golden

from workflowops.core.setup.form import FORM_LABEL, FormField, onboarding_form

NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True), min_size=1, unique=True)


def read(*environments: str) -> Any:
    return yaml.safe_load(onboarding_form(environments))


def test_the_form_reads_as_agreed() -> None:
    assert_golden("onboarding_form.yml", onboarding_form(["dev", "staging", "prod"]))


@given(NAMES)
def test_every_environment_can_be_chosen_as_it_is_called(names) -> None:
    (dropdown,) = [each for each in read(*names)["body"] if each["type"] == "dropdown"]
    assert dropdown["attributes"]["options"] == names


@pytest.mark.parametrize("name", ["on", "no", "null", "1", "1e3", "~", "a: b", "- x", '"', "#"])
def test_a_name_that_means_something_in_yaml_stays_a_name(name) -> None:
    assert read(name)["body"][1]["attributes"]["options"] == [name]


def test_what_is_listed_twice_is_there_once() -> None:
    assert read("dev", "dev")["body"][1]["attributes"]["options"] == ["dev"]


def test_a_form_without_an_environment_is_none() -> None:
    with pytest.raises(ValueError, match="needs an environment"):
        onboarding_form([])


def test_the_headings_are_those_that_are_read_back() -> None:
    labels = [each["attributes"]["label"] for each in read("dev")["body"] if "id" in each]
    assert labels == [str(each) for each in FormField]
    assert read("dev")["labels"] == [FORM_LABEL]


def test_github_s_schema_of_forms_is_kept(tmp_path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("check_jsonschema")
    from importlib.resources import files

    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "github-issue-forms.json"
    jsonschema.Draft7Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(read("dev", "prod"))
