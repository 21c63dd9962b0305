"""YAML with the place of every value, read as YAML 1.2's core schema and within limits."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workflowops.core.problems import PathInDocument, Place, Problem, shown
from workflowops.core.source import read_text
from workflowops.core.yaml_faults import syntax_problem

if TYPE_CHECKING:
    from workflowops.core.json import Json

LARGEST_FILE = 1024 * 1024
DEEPEST = 40
MOST_VALUES = 20_000
"""How many values a document may hold once its aliases are followed, and how many characters (`LARGEST_FILE`)."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]{1,300}(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_OTHER_BASE = re.compile(r"0(?:o[0-7]{1,300}|x[0-9a-fA-F]{1,300})")
_WORDS: dict[str, "Json"] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A value, where it begins, where its keys stand and what it holds.

    `values` and `characters` are its size with every alias in it followed.
    """

    value: "Json"
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    members: dict[str | int, "YamlNode"] = field(default_factory=dict)
    values: int = 1
    characters: int = 0

    def place_of(self, path: PathInDocument, *, is_key: bool = False) -> Place:
        """Answer where the value at `path` begins, or its key; what does not exist is placed at what would hold it."""
        node = self
        for number, step in enumerate(path):
            if is_key and number == len(path) - 1 and step in node.keys:
                return node.keys[str(step)]
            if step not in node.members:
                break
            node = node.members[step]
        return node.place


def read_yaml(source: bytes, *, path: str) -> tuple[YamlNode | None, tuple[Problem, ...]]:
    """Read one YAML document, at most 1 MiB of UTF-8.

    Plain words are read as YAML 1.2 and GitHub Actions do (`no`, `on` and `1:30` are text). Keys are text as written.
    Duplicate keys, tags and merge keys are problems; the document is still answered, so that more can be said about it.
    None: it cannot be read at all. Aliases are followed, but not without bound.
    """
    text = read_text(source, path=path, limit=LARGEST_FILE)
    if isinstance(text, Problem):
        return None, (text,)
    reading = _Reading(path)
    return reading.read(text), tuple(reading.problems)


def plain_value(text: str) -> "Json":
    """Answer what a scalar without quotes means in YAML 1.2's core schema; infinity and NaN stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text


class _StopError(Exception):
    """Nothing can be read any further; the problem has been told."""


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not been seen yet."""

    place: Place
    anchor: str | None
    is_mapping: bool
    key: tuple[str, Place] | None = None
    keys: dict[str, Place] = field(default_factory=dict)
    members: dict[str | int, YamlNode] = field(default_factory=dict)

    def closed(self) -> YamlNode:
        value: Json
        if self.is_mapping:
            value = {str(key): node.value for key, node in self.members.items()}
        else:
            value = [node.value for node in self.members.values()]
        return YamlNode(
            value,
            self.place,
            self.keys,
            self.members,
            values=1 + sum(node.values for node in self.members.values()),
            characters=sum(map(len, self.keys)) + sum(node.characters for node in self.members.values()),
        )


class _Reading:
    """Builds the tree from the parser's events, without recursion: depth and size are known before memory is used."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.anchors: dict[str, YamlNode] = {}
        self.open: list[_Open] = []
        self.root: YamlNode | None = None
        self.values = 0

    def read(self, text: str) -> YamlNode | None:
        import yaml  # 20 ms that `--help` does not need

        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event, type(event).__name__)
        except _StopError:
            return None
        except yaml.YAMLError as error:
            self.problems.append(syntax_problem(error, text, path=self.path))
            return None
        if self.root is None:
            self._tell(None, "empty-file", "The file is empty.", "Write `version: 1` and `environments:` into it.")
        return self.root

    def _take(self, event: Any, kind: str) -> None:
        if kind == "DocumentStartEvent" and self.root is not None:
            self._stop(_place(event), "two-documents", "The file holds a second document.", "Take out the line `---`.")
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._start(event, is_mapping=kind == "MappingStartEvent")
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            ended = self.open.pop()
            self._add(ended.closed(), ended.anchor)
        elif kind == "AliasEvent":
            self._alias(event)

    def _scalar(self, event: Any) -> None:
        place = _place(event)
        self._refuse_tag(event, place)
        if self._wants_key():
            self._key(event.value, place)
        else:
            value = plain_value(event.value) if event.implicit[0] else event.value
            self._add(YamlNode(value, place, characters=len(event.value)), event.anchor)

    def _start(self, event: Any, *, is_mapping: bool) -> None:
        place = _place(event)
        self._refuse_tag(event, place)
        if self._wants_key():
            self._stop(place, "key-not-text", "A key is a list or a mapping.", "Write a word as the key.")
        if len(self.open) >= DEEPEST:
            message = f"Lists and mappings are nested more than {DEEPEST} deep."
            self._stop(place, "nested-too-deeply", message, "Take the inner levels out; no setting needs them.")
        self.open.append(_Open(place, event.anchor, is_mapping))

    def _alias(self, event: Any) -> None:
        place = _place(event)
        node = self.anchors.get(event.anchor)
        if self._wants_key():
            self._stop(place, "key-not-text", "A key is an alias (`*name`).", "Write the key itself.")
        if node is None:
            message = "An alias (`*name`) stands for an anchor (`&name`) that does not exist, or that it is part of."
            fix = "Write the value itself, or put it in quotes if it begins with `*`."
            self._stop(place, "alias-unknown", message, fix)
            return
        self._add(node, None)

    def _wants_key(self) -> bool:
        return bool(self.open) and self.open[-1].is_mapping and self.open[-1].key is None

    def _key(self, key: str, place: Place) -> None:
        parent = self.open[-1]
        parent.key = (key, place)
        if key in parent.keys:
            self._tell(
                place,
                "duplicate-key",
                f"The key {shown(key)} stands here a second time; the first is on line {parent.keys[key].line}.",
                "Keep one of the two.",
            )
        elif key == "<<":
            fix = "Write the keys out, or give a whole value by an alias: `drift: *name`."
            self._tell(place, "merge-key", "Merge keys (`<<`) are not read.", fix)

    def _add(self, node: YamlNode, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = node
        self._limit(node)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if not parent.is_mapping:
            parent.members[len(parent.members)] = node
        elif parent.key is not None:
            key, place = parent.key
            parent.key = None
            if key not in parent.keys and key != "<<":
                parent.keys[key] = place
                parent.members[key] = node

    def _limit(self, node: YamlNode) -> None:
        self.values += 1
        if max(self.values, node.values) > MOST_VALUES or node.characters > LARGEST_FILE:
            self._stop(
                node.place,
                "document-too-large",
                f"With its aliases followed the document holds more than {MOST_VALUES:,} values or {LARGEST_FILE:,} "
                "characters.",
                "Take out the aliases that repeat each other.",
            )

    def _refuse_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            fix = "Take the tag out, or put the value in quotes if it begins with `!`."
            self._tell(place, "tag", "Tags (`!name`) are not read.", fix)

    def _tell(self, place: Place | None, rule: str, message: str, fix: str) -> None:
        self.problems.append(Problem.error(self.path, rule=rule, message=message, fix=fix, place=place))

    def _stop(self, place: Place, rule: str, message: str, fix: str) -> None:
        self._tell(place, rule, message, fix)
        raise _StopError


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)
