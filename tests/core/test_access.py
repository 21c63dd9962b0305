"""How an instance is reached: variables, addresses, and keys that are never repeated."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.access import (
    Connection,
    connection,
    connections,
    has_broken_variable,
    is_in_clear,
    title_of,
    url_fault,
    variables_in,
)
from workflowops.errors import ConfigurationError

KEY = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl"


@dataclass(frozen=True)
class Reached:
    name: str = "prod"
    title: str = "Production"
    url: str = "https://n8n.example.com"
    api_key: str = "${KEY}"


def test_variables_are_replaced_by_what_the_process_environment_holds() -> None:
    reached = Reached(url="https://${HOST}/${PREFIX}/")
    found = connection(reached, variables={"HOST": "n8n.example.com", "PREFIX": "n8n", "KEY": KEY})
    assert found == Connection("https://n8n.example.com/n8n", KEY)


def test_a_whole_address_may_be_a_variable() -> None:
    found = connection(Reached(url="${URL}"), variables={"URL": " https://n8n.example.com/ ", "KEY": KEY})
    assert found.url == "https://n8n.example.com"


def test_white_space_around_a_secret_is_no_part_of_it() -> None:
    assert connection(Reached(), variables={"KEY": f" {KEY}\n"}).api_key == KEY


def test_a_variable_in_a_value_is_not_read_again() -> None:
    with pytest.raises(ConfigurationError, match="after its variables were read"):
        connection(Reached(url="${URL}"), variables={"URL": "https://${OTHER}", "OTHER": "x", "KEY": KEY})


def test_a_connection_does_not_print_its_key() -> None:
    found = connection(Reached(), variables={"KEY": KEY})
    assert KEY not in f"{found} {found!r} {[found]}"


def test_every_unset_variable_is_named_at_once_for_the_environments_in_use() -> None:
    used = [Reached(name="dev", url="https://${DEV_HOST}"), Reached(name="prod")]
    with pytest.raises(ConfigurationError) as caught:
        connections(used, variables={"OTHER": "x", "KEY": "  "})
    assert str(caught.value) == "Unset or empty: DEV_HOST (for dev.url), KEY (for dev.api_key, prod.api_key)."
    assert "DEV_HOST: ${{ vars.DEV_HOST }}" in caught.value.fix


def test_variables_of_other_environments_are_not_asked_for() -> None:
    assert connections([Reached(name="dev")], variables={"KEY": KEY})["dev"].api_key == KEY


@pytest.mark.parametrize("key", ["a b", "a\nb", "ключ", "a\x00b"])
def test_a_key_that_no_header_can_hold_is_refused_by_its_variable(key) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connection(Reached(), variables={"KEY": key})
    assert str(caught.value).startswith("KEY holds")
    assert key not in f"{caught.value} {caught.value.fix}"


@pytest.mark.parametrize("api_key", ["literal", "${KEY}x", "${KEY}${KEY}", "", "$KEY", "${}"])
def test_a_key_that_is_not_one_whole_variable_is_refused(api_key) -> None:
    with pytest.raises(ConfigurationError, match="not one whole"):
        connection(Reached(api_key=api_key), variables={"KEY": KEY})


@pytest.mark.parametrize(
    "url", ["n8n.example.com", f"https://x:{KEY}@h", f"https://h?key={KEY}", "ftp://h", f"{KEY}", "https://h/api/v1"]
)
def test_an_address_from_a_variable_is_checked_and_not_repeated(url) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connection(Reached(url="${URL}"), variables={"URL": url, "KEY": KEY})
    assert KEY not in f"{caught.value} {caught.value.fix}"
    assert "Look at URL." in caught.value.fix


def test_a_title_reads_variables_and_keeps_what_is_unset() -> None:
    assert title_of(Reached(title="${REGION} ${X}"), variables={"REGION": "Europe"}) == "Europe ${X}"


@pytest.mark.parametrize(
    ("text", "names", "is_broken"),
    [
        ("a", (), False),
        ("${A}/${B}", ("A", "B"), False),
        ("$A", (), False),
        ("${A", (), True),
        ("${A-B}", (), True),
        ("${}", (), True),
        ("${1A}", (), True),
        ("${A}${", ("A",), True),
    ],
)
def test_variables_are_found_and_broken_ones_are_seen(text, names, is_broken) -> None:
    assert variables_in(text) == names
    assert has_broken_variable(text) is is_broken


@pytest.mark.parametrize(
    "url",
    [
        "https://n8n.example.com",
        "http://localhost:5678",
        "https://example.com/n8n/",
        "HTTPS://EXAMPLE.COM",
        "https://[::1]:5678",
        "https://192.0.2.1:65535/a/b",
        "https://bücher.example",
        "${URL}",
        "${SCHEME}://${HOST}",
        "https://${HOST}:${PORT}/n8n",
        "https://n8n.${DOMAIN}",
    ],
)
def test_an_address_is_scheme_host_and_perhaps_a_path(url) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "said", "fix"),
    [
        pytest.param("n8n.example.com", "https://", "`https://n8n.example.com`", id="no scheme"),
        pytest.param("localhost:5678", "https://", "`https://localhost:5678`", id="no scheme, with a port"),
        pytest.param("ftp://n8n.example.com", "https://", "`https://n8n.example.com`", id="another scheme"),
        pytest.param("file:///etc/passwd", "https://", "", id="a file"),
        pytest.param("https://", "no host", "", id="nothing after the scheme"),
        pytest.param("https:///n8n", "no host", "", id="no host"),
        pytest.param("https://h:99999", "no port", "", id="a port that does not exist"),
        pytest.param("https://h:x", "no host", "", id="a port that is no number"),
        pytest.param("https://a b", "https://", "", id="a space"),
        pytest.param("https://h/a\nb", "https://", "", id="a line break"),
        pytest.param("https://h\\@evil", "https://", "", id="a backslash"),
        pytest.param("https://u@h", "user name", "API key", id="a user name"),
        pytest.param("https://u:p@h/n8n", "user name", "API key", id="a password"),
        pytest.param("https://${USER}@h", "user name", "API key", id="a user name from a variable"),
        pytest.param("https://h/?a=1", "query", "", id="a query"),
        pytest.param("https://h#a", "fragment", "", id="a fragment"),
        pytest.param("https://h/api/v1", "path of the API", "", id="with the API's path"),
        pytest.param("https://h/n8n/api/v1/", "path of the API", "", id="with a prefix and the API's path"),
        pytest.param("${URL}/api/v1", "path of the API", "", id="a variable with the API's path"),
    ],
)
def test_another_address_is_refused_with_a_fix(url, said, fix) -> None:
    fault = url_fault(url)
    assert fault is not None
    assert said in fault[0]
    assert fix in fault[1]


@settings(deadline=None)
@given(st.sampled_from(["{}", "https://{}@h", "https://h?{}", "https://h/#{}", "ftp://{}"]))
def test_what_may_be_secret_in_an_address_is_not_repeated(pattern) -> None:
    fault = url_fault(pattern.format(KEY))
    assert fault is not None
    assert KEY not in " ".join(fault)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://n8n:5678", True),
        ("http://n8n.example.com", True),
        ("HTTP://example.com", True),
        ("http://localhost:5678", False),
        ("http://127.0.0.1", False),
        ("http://[::1]:5678/", False),
        ("http://localhost.evil.example", True),
        ("https://n8n.example.com", False),
        ("${URL}", False),
    ],
)
def test_a_key_in_clear_is_seen(url, expected) -> None:
    assert is_in_clear(url) is expected
