"""Printing: whatever stands in a name, standard output holds what was promised and the log no command."""

import io
import json
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.cli.printing import (
    StderrProgress,
    is_coloured,
    print_error,
    print_json,
    print_text,
    terminal_width,
)
from workflowops.errors import RemoteError

ODD = st.sampled_from(["\ud83d", "##[error]x", "\\##["])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Stdout:
    """Standard output as bytes, whatever encoding the text layer has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> None:
        self._bytes = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(self._bytes, encoding=encoding))

    @property
    def text(self) -> str:
        return self._bytes.getvalue().decode("utf-8")


@pytest.mark.parametrize(
    ("stream", "variables", "expected"),
    [
        pytest.param(Terminal(), {}, True, id="terminal"),
        pytest.param(Terminal(), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param(Terminal(), {"NO_COLOR": ""}, True, id="NO_COLOR empty"),
        pytest.param(Terminal(), {"TERM": "dumb"}, False, id="dumb terminal"),
        pytest.param(io.StringIO(), {}, False, id="no terminal"),
    ],
)
def test_colour_is_for_terminals(monkeypatch, stream, variables, expected) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert is_coloured(stream) is expected


def test_a_width_is_known_where_there_is_no_terminal(monkeypatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert terminal_width() >= 1
    monkeypatch.setenv("COLUMNS", "72")
    assert terminal_width() == 72


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_a_text_is_utf_8_and_ends_with_one_line_end(monkeypatch, encoding) -> None:
    stdout = Stdout(monkeypatch, encoding)
    print("before")
    print_text("Zürich 🚀 \ud83d\n\n")
    assert stdout.text == "before\nZürich 🚀 ?\n"


def test_a_text_goes_to_a_stream_without_bytes_too(monkeypatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    print_text("hello")
    assert stream.getvalue() == "hello\n"


def test_json_is_one_document(monkeypatch) -> None:
    stdout = Stdout(monkeypatch, "ascii")
    print_json({"name": "Zürich 🚀", "list": [1, {"a": None}], "empty": {}})
    assert json.loads(stdout.text) == {"name": "Zürich 🚀", "list": [1, {"a": None}], "empty": {}}
    assert stdout.text.endswith("}\n")


@given(document=st.dictionaries(st.text(), JSON, max_size=4))
def test_json_is_read_back_as_it_was_and_holds_no_command(document) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stdout = Stdout(patch)
        print_json(document)
        text = stdout.text
    assert json.loads(text) == document
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##[" not in text


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_who_left_is_no_error(monkeypatch, stream) -> None:
    read, write = os.pipe()
    os.close(read)
    monkeypatch.setattr(sys, stream, os.fdopen(write, "w", encoding="utf-8"))
    for _ in range(2):
        print_text("x" * 100_000)
        print_json({"a": 1})
        StderrProgress().say("x")
        print_error(RemoteError("The problem.", fix="The fix."))
    getattr(sys, stream).close()


def test_an_error_tells_problem_and_fix_each_line_set_off(capsys) -> None:
    print_error(RemoteError("One.\nTwo.", fix="Do this.\r\nThen that."))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: One.\n  Two.\nFix: Do this.\n  Then that.\n"


HOSTILE = "\x1b[2Jx", "\u202egnp", "##[error]x", *(f"a{end}::error::x" for end in ("\n", "\r", "\x0b", "\u2028"))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_an_error_commands_terminal_or_runner(capsys, text) -> None:
    print_error(RemoteError(text, fix=text))
    StderrProgress().say(text)
    err = capsys.readouterr().err
    assert not {"\x1b", "\u202e"} & set(err)
    assert not any(line.lstrip().startswith("::") for line in err.splitlines())
    assert "##[" not in err


def test_an_error_is_an_annotation_where_there_is_a_runner(capsys, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    print_error(RemoteError("One.", fix="Two."))
    assert capsys.readouterr().err.splitlines()[-1] == "::error::One.%0AFix: Two."
