"""What a workflow needs of its instance is found by name, and no value is taken along."""

from typing import Any

import pytest
from hypothesis import given
from tests.builders import JSON_VALUES, LAW, node

from workflowops.core.onboarding_needs import Needs, all_needs, needs_of

TABLE = {"__rl": True, "mode": "list", "value": "tbl1", "cachedResultName": "Orders"}


def needs(**parameters: Any) -> Needs:
    return needs_of({"nodes": [node("Call", parameters=parameters)]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("={{ $vars.API_URL }}/x", ("API_URL",), id="a dot"),
        pytest.param("={{ $vars['API_URL'] }}", ("API_URL",), id="an index"),
        pytest.param('={{ $vars[ "API-URL" ] }}', ("API-URL",), id="a name that is no identifier"),
        pytest.param("={{ $vars.B + $vars.A + $vars.A }}", ("A", "B"), id="several, each once and in order"),
        pytest.param("={{ $vars[$json.name] }}", (), id="a computed name"),
        pytest.param("={{ $variables.A }} $varsA", (), id="something else"),
    ],
)
def test_variables_are_found_where_expressions_name_them(text, expected) -> None:
    assert needs(deep=[{"url": text}]).variables == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(TABLE, ("Orders",), id="chosen from the list"),
        pytest.param({"mode": "name", "value": "Orders"}, ("Orders",), id="chosen by name"),
        pytest.param({"mode": "name", "value": "={{ $json.name }}"}, (), id="a computed name"),
        pytest.param({"mode": "id", "value": "tbl1"}, (), id="chosen by id"),
        pytest.param("tbl1", (), id="a bare text"),
    ],
)
def test_data_tables_are_named_by_name(reference, expected) -> None:
    assert needs(dataTableId=reference).data_tables == expected


def test_credentials_are_types_and_names_without_ids() -> None:
    held = {"smtp": {"id": "cred-1", "name": "Mail"}, "httpBasicAuth": "API", "oAuth2Api": {"id": "cred-2"}}
    found = needs_of({"nodes": [node("A", credentials=held), node("B", credentials={"smtp": {"name": "Mail"}})]})
    assert found.credentials == (("httpBasicAuth", "API"), ("oAuth2Api", ""), ("smtp", "Mail"))
    assert "cred-" not in repr(found)


def test_the_needs_of_several_are_named_once() -> None:
    one, other = Needs(variables=("B", "A")), Needs(variables=("A",), data_tables=("T",))
    assert all_needs([one, other]) == Needs(variables=("A", "B"), data_tables=("T",))


@LAW
@given(JSON_VALUES)
def test_whatever_a_document_holds_its_needs_are_texts(value) -> None:
    found = needs_of({"nodes": [value, {"parameters": value, "credentials": value}]})
    for text in (*found.variables, *found.data_tables, *(part for each in found.credentials for part in each)):
        text.encode()
