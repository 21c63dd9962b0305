"""What an instance holds beside workflows, as names: never a value, and what is not told is not called empty."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.resources import ColumnShape, Resources, TableShape, render_resources, resources_path

TEXTS = st.text(min_size=1, max_size=20)
TABLES = st.lists(
    st.builds(TableShape, TEXTS, st.lists(st.builds(ColumnShape, TEXTS, TEXTS), max_size=3).map(tuple)), max_size=3
).map(tuple)
RESOURCES = st.builds(
    Resources, variables=st.none() | st.lists(TEXTS, max_size=4).map(tuple), data_tables=st.none() | TABLES
)
CUSTOMERS = TableShape("customers", (ColumnShape("name", "string"), ColumnShape("age", "number")))


def test_the_file_is_as_agreed() -> None:
    text = render_resources(Resources(variables=("SHOP_URL", "region"), data_tables=(CUSTOMERS,))).decode()
    assert text == (
        "# What the n8n instance of this folder holds beside its workflows: names and column types, never values.\n"
        "# Written by workflowops when workflows are onboarded. It is read by people; nothing is made from it.\n"
        "variables:\n- region\n- SHOP_URL\n"
        "data_tables:\n- name: customers\n  columns:\n"
        "  - name: age\n    type: number\n  - name: name\n    type: string\n"
    )


@given(RESOURCES)
def test_a_yaml_reader_reads_back_the_names_and_nothing_else(resources) -> None:
    told = yaml.safe_load(render_resources(resources)) or {}
    names = None if resources.variables is None else sorted(set(resources.variables))
    assert (None if "variables" not in told else sorted(told["variables"])) == names
    tables = None if resources.data_tables is None else sorted(each.name for each in resources.data_tables)
    assert (None if "data_tables" not in told else sorted(each["name"] for each in told["data_tables"])) == tables


@given(RESOURCES)
def test_the_order_in_which_n8n_answers_makes_no_difference(resources) -> None:
    turned = Resources(
        variables=None if resources.variables is None else resources.variables[::-1],
        data_tables=None if resources.data_tables is None else resources.data_tables[::-1],
    )
    names = [each.name for each in resources.data_tables or ()]
    if len(set(names)) == len(names):
        assert render_resources(turned) == render_resources(resources)


@pytest.mark.parametrize(("resources", "is_told"), [
    (Resources(), False),
    (Resources(variables=()), True),
    (Resources(data_tables=()), True),
])  # fmt: skip
def test_told_to_be_empty_is_told(resources, is_told) -> None:
    assert resources.is_told is is_told


def test_half_a_character_does_not_break_the_file() -> None:
    assert b"variables" in render_resources(Resources(variables=("a\ud83d",)))


def test_the_file_lies_in_the_folder_of_its_environment() -> None:
    assert resources_path("n8n/dev/") == "n8n/dev/resources.yml"
