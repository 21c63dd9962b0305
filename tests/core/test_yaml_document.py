"""YAML with places: what words mean, where values stand, what is refused before it can do harm."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.problems import Place, Problem
from workflowops.core.yaml_document import LARGEST_FILE, YamlNode, read_yaml

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def tree(text: str) -> YamlNode:
    node, problems = read_yaml(text.encode(), path="a.yml")
    assert problems == ()
    assert node is not None
    return node


def problem(text: str | bytes) -> Problem:
    _, problems = read_yaml(text if isinstance(text, bytes) else text.encode(), path="a.yml")
    assert len(problems) == 1
    assert problems[0].path == "a.yml"
    assert problems[0].fix
    return problems[0]


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("TRUE", True),
        ("false", False),
        ("'true'", "true"),
        ('"1"', "1"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
        ("1", 1),
        ("-7", -7),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2026-01-14", "2026-01-14"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 400, "9" * 400),
        ("=", "="),
        ("${NAME}", "${NAME}"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)
def test_words_mean_what_yaml_1_2_says(scalar, expected) -> None:
    value = tree(f"a: {scalar}\n").value
    assert isinstance(value, dict)
    assert value == {"a": expected}
    assert type(value["a"]) is type(expected)


def test_keys_are_text_as_written() -> None:
    assert tree("no: 1\non: 2\n1.0: 3\n~: 4\ntrue: 5\n").value == {"no": 1, "on": 2, "1.0": 3, "~": 4, "true": 5}


def test_aliases_give_a_whole_value() -> None:
    node = tree("a: &drift {tags: false}\nb: *drift\nc: [*drift]\n")
    assert node.value == {"a": {"tags": False}, "b": {"tags": False}, "c": [{"tags": False}]}


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_yaml(b"\xef\xbb\xbfa: 1", path="a.yml")[0] == tree("a: 1")


@pytest.mark.parametrize(
    ("path", "is_key", "expected"),
    [
        pytest.param((), False, Place(2, 1), id="the root"),
        pytest.param(("a",), False, Place(3, 3), id="a mapping"),
        pytest.param(("a",), True, Place(2, 1), id="its key"),
        pytest.param(("a", "b", 1), False, Place(3, 13), id="an item of a list"),
        pytest.param(("a", "c"), True, Place(4, 3), id="a key further down"),
        pytest.param(("a", "missing"), False, Place(3, 3), id="what is missing stands at what would hold it"),
        pytest.param(("a", "missing"), True, Place(3, 3), id="a missing key too"),
        pytest.param(("a", "b", 7, "x"), False, Place(3, 6), id="an item that does not exist"),
        pytest.param(("d", 0), False, Place(3, 10), id="inside an alias it is the anchored text"),
    ],
)
def test_every_value_has_its_place(path, is_key, expected) -> None:
    node = tree("# comment\na:\n  b: &b [x, y]\n  c: 1\nd: *b\n")
    assert node.place_of(path, is_key=is_key) == expected


@pytest.mark.parametrize(
    ("text", "rule", "line", "column"),
    [
        pytest.param("", "empty-file", None, None, id="an empty file"),
        pytest.param("# nothing\n", "empty-file", None, None, id="comments only"),
        pytest.param("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1, id="a key twice"),
        pytest.param("{a: 1, a: 2}", "duplicate-key", 1, 8, id="a key twice in braces"),
        pytest.param("a: 1\n---\nb: 2\n", "two-documents", 2, 1, id="two documents"),
        pytest.param("a: !!python/object/apply:os.system [id]\n", "tag", 1, 4, id="a tag that runs something"),
        pytest.param("a: !x b\n", "tag", 1, 4, id="a tag"),
        pytest.param("a: &a {b: 1}\nc:\n  <<: *a\n", "merge-key", 3, 3, id="a merge key"),
        pytest.param("? [a]\n: 1\n", "key-not-text", 1, 3, id="a list as a key"),
        pytest.param("a: &a b\n*a : 1\n", "key-not-text", 2, 1, id="an alias as a key"),
        pytest.param("a: *b\n", "alias-unknown", 1, 4, id="an alias of nothing"),
        pytest.param("a: &a [*a]\n", "alias-unknown", 1, 8, id="an alias of itself"),
        pytest.param("a:\n\tb: 1\n", "yaml-syntax", 2, 1, id="a tab"),
        pytest.param("a: [1, 2\nb: 3\n", "yaml-syntax", 2, 2, id="an open list"),
        pytest.param("a: 'x\n", "yaml-syntax", 2, 1, id="an open quote"),
        pytest.param("a: b: c\n", "yaml-syntax", 1, 5, id="two colons"),
        pytest.param("a: 1\n b: 2\n", "yaml-syntax", 2, 3, id="an indented key"),
        pytest.param("a: @b\n", "yaml-syntax", 1, 4, id="a character that begins nothing"),
        pytest.param("a: 1\nb: \x01\n", "unprintable-character", 2, 4, id="a control character"),
        pytest.param("a: \x00\n", "unprintable-character", 1, 4, id="NUL"),
        pytest.param("a: 1".encode("utf-16"), "not-utf-8", None, None, id="UTF-16"),
        pytest.param("a: ü".encode("latin-1"), "not-utf-8", 1, 4, id="Latin-1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text, rule, line, column) -> None:
    found = problem(text)
    assert (found.rule, found.line, found.column) == (rule, line, column)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a:\n\tb: 1\n", "tab", id="a tab as indentation"),
        pytest.param("a:\n  b: 1\n  \tc: 2\n", "tab", id="a tab after spaces"),
        pytest.param("a: {b: ${NAME}, c: 1}\n", "${NAME}", id="a variable within braces"),
        pytest.param("a: @b\n", "begins with a character", id="an at sign"),
        pytest.param("a: b: c\n", "colon", id="a colon too many"),
        pytest.param("a: 'x\n", "quotes", id="a quote that is not closed"),
        pytest.param('a: "\\q"\n', "quotes", id="an escape that does not exist"),
        pytest.param("%YAML x\n", "directive", id="a percent sign"),
        pytest.param("a: [1\n", "`[ ]`", id="a list that is not closed"),
        pytest.param("a: **\n", "alias", id="a star"),
        pytest.param("a: !<\n", "tag", id="an exclamation mark"),
        pytest.param("a:\n  - b\n  c: 1\n", "list item", id="a key among items"),
        pytest.param("a: 1\nb\n", "without a colon", id="a key without a colon"),
    ],
)
def test_a_syntax_fault_is_told_in_plain_words(text, said) -> None:
    found = problem(text)
    assert found.rule == "yaml-syntax"
    assert said in found.message


def test_a_document_with_a_key_twice_is_still_answered_with_the_first() -> None:
    node, problems = read_yaml(b"a: 1\na: 2\nb: 3\nb: 4", path="a.yml")
    assert node is not None
    assert node.value == {"a": 1, "b": 3}
    assert [found.line for found in problems] == [2, 4]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        pytest.param(LAUGHS, "document-too-large", id="billion laughs"),
        pytest.param(
            "a: &a " + "x" * 100_000 + "\nb: [" + "*a," * 100 + "]\n",
            "document-too-large",
            id="a large text many times",
        ),
        pytest.param("[" * 10_000, "nested-too-deeply", id="10,000 lists"),
        pytest.param("{a: " * 10_000, "nested-too-deeply", id="10,000 mappings"),
        pytest.param("- " * 10_000 + "x", "nested-too-deeply", id="10,000 items in a line"),
        pytest.param("? " * 10_000, "key-not-text", id="10,000 keys of keys"),
        pytest.param("a:\n" * 200_000, "document-too-large", id="200,000 times one key"),
        pytest.param("---\n" * 200_000, "two-documents", id="200,000 documents"),
        pytest.param("a: " + "x" * LARGEST_FILE, "file-too-large", id="more than 1 MiB"),
    ],
)
def test_a_bomb_does_not_go_off(source, rule) -> None:
    _, problems = read_yaml(source.encode(), path="a.yml")
    assert problems[-1].rule == rule


def test_a_text_of_almost_a_mebibyte_is_only_a_text() -> None:
    text = "x" * (LARGEST_FILE - 10)
    assert tree(f"a: {text}").value == {"a": text}


@settings(deadline=None)
@given(st.binary() | st.text("ab:&*!-[]{}'\"#|> \n\t?,<%@\\0${}", max_size=60).map(str.encode))
def test_whatever_the_bytes_there_is_a_document_or_a_problem(source) -> None:
    node, problems = read_yaml(source, path="a.yml")
    assert node is not None or problems
    assert all(found.fix and found.message for found in problems)


TEXTS = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]) | st.sampled_from("\n\t\r"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_json_written_as_yaml_is_read_as_it_was(value) -> None:
    node, _ = read_yaml(json.dumps(value, ensure_ascii=False).encode(), path="a.yml")
    assert node is not None
    assert node.value == value or "<<" in json.dumps(value)
