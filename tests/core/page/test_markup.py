"""HTML from data: nothing that was a text comes out as anything else."""

from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from tests.builders import ANY_TEXT, LAW

from workflowops.core.page.markup import element, link, named, text, timed
from workflowops.core.text.plain import visible


class _Attributes(HTMLParser):
    found: dict[str, str | None]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = dict(attrs)


@LAW
@given(ANY_TEXT)
def test_an_attribute_holds_the_text_and_ends_where_it_ends(value) -> None:
    reader = _Attributes()
    reader.feed(element("p", aria_label=value + "\"'<>&"))
    assert reader.found == {"aria-label": visible(value + "\"'<>&")}


@LAW
@given(ANY_TEXT)
def test_a_text_is_read_as_it_is_seen(value) -> None:
    assert unescape(text(value)) == visible(value)
    assert not {*"<>\"'"} & {*text(value)}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " https://a.example", "https://a.example/ x", "//a.example",
        "data:text/html,x", "file:///etc/passwd", "https://a.example\"onclick='x'", "https://", "", None,
        "https://a.example\njavascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_no_link(address) -> None:
    assert link(address, "label") == "label"


def test_a_web_address_is_a_link() -> None:
    address = "https://github.com/o/r/issues/1#c-2?a=b&c"
    assert link(address, "label") == f'<a href="{address.replace("&", "&amp;")}" rel="noreferrer">label</a>'


def test_a_secret_in_a_name_is_masked() -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    assert token not in named(f"Call {token}")


def test_a_name_of_nothing_is_told_as_such() -> None:
    assert named("  ") == "<bdi>(no name)</bdi>"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-14T15:25:00.000Z", '<time datetime="2026-01-14T15:25:00.000Z">2026-01-14 15:25 UTC</time>'),
        (None, "never"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_a_time_is_one_for_people_and_one_for_machines(value, expected) -> None:
    assert timed(value) == expected
