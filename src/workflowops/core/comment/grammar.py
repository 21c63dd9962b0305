"""The grammar of comments: which lines are commands, and what they were given."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflowops.core.comment.hidden import hidden_spans, is_hidden
from workflowops.core.problems import shown

_LINE = re.compile(
    r"^(?P<indent> {0,3})/(?P<name>[a-z][a-z-]*)[.,:;!?]{0,3}(?:[ \t]+(?P<rest>[^\n]*))?$", re.IGNORECASE | re.MULTILINE
)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_BLANKS = re.compile(r"[ \t]+")
_AFTER_A_QUOTE = re.compile(r"[.,:;!?]*(?=[ \t]|$)")
_CLOSING = {'"': '"', "\u201c": '\u201d"\u201c', "\u201d": '\u201d"', "\u201e": '\u201c\u201d"'}
_QUOTES = "".join(_CLOSING)


@dataclass(frozen=True, slots=True)
class Command:
    """A line that begins with a command. `line` counts from 1; names are in lower case, `_` for `-` in arguments.

    `text` holds the words that are no `key=value`, in order.
    """

    name: str
    line: int
    arguments: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A line that begins with a command and cannot be read on. `problem` is a sentence or two for its author."""

    name: str
    line: int
    problem: str


def parse(body: str) -> tuple[Command | Malformed, ...]:
    """Answer the commands of a comment, in order: lines whose first word is `/name`.

    What GitHub shows as code or quotation, and what it does not show, holds no commands. Values with blanks stand in
    double quotes, straight or curly. Never raises, and takes time in proportion to the length.
    """
    if "/" not in body:
        return ()
    text = body.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    return tuple(_commands(text))


def _commands(text: str) -> Iterator[Command | Malformed]:
    spans = hidden_spans(text)
    line, counted = 1, 0
    for found in _LINE.finditer(text):
        line, counted = line + text.count("\n", counted, found.start()), found.start()
        if not is_hidden(spans, found.end("indent")):
            yield _command(found["name"].lower(), line, found["rest"] or "")


def _command(name: str, line: int, rest: str) -> Command | Malformed:
    try:
        arguments, text = _Reader(name, rest).read()
    except _UnreadableError as unreadable:
        return Malformed(name, line, unreadable.problem)
    return Command(name, line, arguments, text)


class _UnreadableError(Exception):
    """Carries the problem out of the reader; never leaves this module."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class _Reader:
    """Walks along the rest of a command's line."""

    def __init__(self, name: str, rest: str) -> None:
        self._name = name
        self._rest = rest.rstrip(" \t")
        self._position = 0
        self._arguments: dict[str, str] = {}
        self._words: list[str] = []
        self._inner = ""
        self._key = ""

    def read(self) -> tuple[dict[str, str], str]:
        """Answer the arguments and the words beside them; a text that is one quotation loses its quotes."""
        while self._skip_blanks():
            if not self._argument():
                self._free_word()
        text = self._inner if len(self._words) == 1 and self._inner else " ".join(self._words)
        return self._arguments, text

    def _skip_blanks(self) -> bool:
        blanks = _BLANKS.match(self._rest, self._position)
        self._position = self._position if blanks is None else blanks.end()
        return self._position < len(self._rest)

    def _argument(self) -> bool:
        """Take a `key=value`; False when there is none here."""
        before, self._key = self._key, ""
        if before and self._rest[self._position] == "=":
            raise _UnreadableError(self._blanks_around(before))
        found = _KEY.match(self._rest, self._position)
        if found is None:
            return False
        end = found.end()
        if end >= len(self._rest) or self._rest[end] != "=":
            self._key = found[0] if end == len(self._rest) or self._rest[end] in " \t" else ""
            return False
        key = found[0].lower().replace("-", "_")
        if end + 1 == len(self._rest) or self._rest[end + 1] in " \t":
            raise _UnreadableError(self._blanks_around(found[0]))
        self._position = end + 1
        if key in self._arguments:
            raise _UnreadableError(f"{shown(key)} is given twice. Give it once, as in {self._example(key)}.")
        self._arguments[key] = self._value(key)
        return True

    def _value(self, key: str) -> str:
        first = self._rest[self._position]
        if first in _QUOTES:
            return self._quoted(self._example(key))
        if first in "'\u2018\u2019":
            raise _UnreadableError(f"{shown(key)} has single quotes. Use double quotes, as in {self._example(key)}.")
        return self._word()

    def _free_word(self) -> None:
        start = self._position
        if self._rest[start] in _QUOTES:
            self._inner = self._quoted(shown(f'/{self._name} "some words"'))
        else:
            self._word()
        self._words.append(self._rest[start : self._position])

    def _word(self) -> str:
        start = self._position
        blank = _BLANKS.search(self._rest, start)
        self._position = len(self._rest) if blank is None else blank.start()
        return self._rest[start : self._position]

    def _quoted(self, example: str) -> str:
        """Read up to the closing quote; a backslash takes its meaning from a quote or another backslash."""
        closing = _CLOSING[self._rest[self._position]]
        found = re.compile(rf"(?:[^\\{closing}]|\\[{_QUOTES}\\]|\\)*+[{closing}]").match(self._rest, self._position + 1)
        if found is None:
            raise _UnreadableError(f"A quotation mark is opened and not closed on its line. Close it, as in {example}.")
        after = _AFTER_A_QUOTE.match(self._rest, found.end())
        if after is None:
            raise _UnreadableError(f"Something is right behind a closing quotation mark. Write it as in {example}.")
        self._position = after.end()
        return re.sub(rf"\\([{_QUOTES}\\])", r"\1", found[0][:-1])

    def _blanks_around(self, key: str) -> str:
        return (
            f"There is a blank beside the `=` after {shown(key)}. Write it without blanks, as in {self._example(key)}. "
            "Where it is part of a text, put the text into double quotes."
        )

    def _example(self, key: str) -> str:
        return shown(f'/{self._name} {key}="some words"')
