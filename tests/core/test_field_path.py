"""Paths of fields are readable, and can be read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.field_path import is_at_or_below, parse_path, render_path

KEYS = st.text(max_size=6) | st.sampled_from(["url", "a.b", "[0]", "0", '"', "\\", "\u202e", "x y", "$json", "__rl"])


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        pytest.param(("parameters", "url"), "parameters.url", id="keys"),
        pytest.param(("parameters", "values", 0, "name"), "parameters.values[0].name", id="index"),
        pytest.param(("parameters", "a.b"), 'parameters["a.b"]', id="a key with a dot"),
        pytest.param(("", "x"), '[""].x', id="an empty key"),
        pytest.param((0, 1), "[0][1]", id="only indexes"),
        pytest.param((), "", id="the value itself"),
    ],
)
def test_a_path_reads_as_people_write_it(parts, path) -> None:
    assert render_path(parts) == path
    assert parse_path(path) == parts


@given(st.lists(KEYS | st.integers(0, 12), max_size=5))
def test_what_was_written_is_read_back(parts) -> None:
    assert parse_path(render_path(parts)) == tuple(parts)


@given(st.text(max_size=20))
def test_any_text_can_be_read_as_a_path(text) -> None:
    parse_path(text)


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        pytest.param("parameters.debug", "parameters.debug", True, id="itself"),
        pytest.param("parameters.debug.level", "parameters.debug", True, id="inside an object"),
        pytest.param("parameters.debug[0]", "parameters.debug", True, id="inside a list"),
        pytest.param("parameters.debugger", "parameters.debug", False, id="a longer name"),
        pytest.param("parameters", "parameters.debug", False, id="around it"),
    ],
)
def test_a_prefix_ends_at_the_end_of_a_name(path, prefix, expected) -> None:
    assert is_at_or_below(path, prefix=prefix) is expected
