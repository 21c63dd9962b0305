"""Secrets in workflows: found before they are committed, masked wherever a value is shown."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workflowops.core.field_path import Part, parse_path, render_path
from workflowops.core.json import Json
from workflowops.core.secret_fields import credential_spans
from workflowops.core.secret_names import first_secret_name, is_documentation, is_secret_name
from workflowops.core.secret_shapes import Span, merged, spans

MASK = "***"
TOO_DEEP = "*** (nested too deeply to be searched)"

_DEEPEST = 100
_LABEL_KEYS = ("name", "key", "field", "parameter", "header")
_BESIDE_A_LABEL = frozenset({"id", "type", *_LABEL_KEYS})
_OWN_IDS = frozenset({"id", "instanceId", "versionId", "webhookId", "cachedResultName", "cachedResultUrl"})
_ID_LIKE = re.compile(r"(?:ids?|folders?|files?|sheet|url|uri|model|hash|checksum|digest|path)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SuspectedSecret:
    """Where a document seems to hold a secret, and of what kind. The value itself is not in it.

    `path` starts at the document: `nodes[3].parameters.url`. `preview` is masked and safe to show.
    """

    path: str
    node_name: str | None
    kind: str
    preview: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A scalar of a value, with what its surroundings say about it."""

    path: tuple[Part, ...]
    secret_name: str
    """The name, of the field itself or of one around it, that says it holds a secret; empty without one."""
    is_id: bool


def find_secrets(document: Json) -> tuple[SuspectedSecret, ...]:
    """List what looks like a secret in a workflow document, in the order of the document.

    Quiet rather than complete: expressions that only refer to `$credentials`, `$env`, `$vars` or an item, placeholders
    of documentation and n8n's own ids are no secrets. A literal under a telling name (`apiKey`, a header called
    `Authorization`) is one, and so is a token of a known format anywhere.
    """
    found: dict[tuple[str, str], SuspectedSecret] = {}
    for place, text in _texts(document):
        for span in _found_in(text, place):
            path = render_path([mask_text(part) if isinstance(part, str) else part for part in place.path])
            preview = _preview(text[span.start : span.end])
            told = SuspectedSecret(path, _node_name(document, place.path), span.kind, preview)
            found.setdefault((path, preview), told)
    return tuple(found.values())


def mask(value: Json, *, path: str = "", labels: Sequence[str] = (), hidden: set[str] | None = None) -> Json:
    """Answer the value with what looks like a secret replaced by `***` and its length.

    `path` says where the value stands and `labels` what stands beside it, because names tell secrets that have no shape
    of their own. Rather masks too much: what is shown ends in logs and issues. Masking twice changes nothing. What was
    masked is added to `hidden`, so that it can be hidden where nothing around marks it as secret.
    """
    return _masked(value, _place_of(path, labels), set() if hidden is None else hidden)


def mask_text(text: str) -> str:
    """Answer a text of no particular place, such as a name, with tokens of known formats masked."""
    return _replaced(text, spans(text, is_guessing=True))


def _place_of(path: str, labels: Iterable[str]) -> _Place:
    parts = parse_path(path)
    names = [part for part in parts if isinstance(part, str)]
    if names[:1] == ["credentials"]:  # `credentials.jwtAuth` holds the name of a credential, which is no secret
        return _Place(parts, secret_name="", is_id=True)
    last = names[-1] if names else ""
    is_locator = last == "value" and len(parts) > 1 and isinstance(parts[-2], str)
    return _Place(
        parts, first_secret_name([*labels, *reversed(names)]), is_locator or _ID_LIKE.search(last) is not None
    )


def _inner(value: dict[str, Json], place: _Place, *, is_quiet: bool) -> Iterator[tuple[str, _Place]]:
    """Give the fields of an object with their places. When quiet, only `value` inherits that it is a secret."""
    is_locator = "__rl" in value
    is_node = "parameters" in value  # its name labels nothing
    labels = [] if is_node else [name for key in _LABEL_KEYS if isinstance(name := value.get(key), str)]
    label = first_secret_name(labels)
    for key in value:
        inherited = place.secret_name if not is_quiet or key == "value" else ""
        beside = "" if key in _BESIDE_A_LABEL else label
        own = key if is_secret_name(key) else ""
        yield (
            key,
            _Place((*place.path, key), own or beside or inherited, is_locator or _ID_LIKE.search(key) is not None),
        )


def _walk(value: Json, place: _Place, *, is_quiet: bool) -> Iterator[tuple[_Place, str]]:
    """Give every text of a value, keys of objects included, in order. What is nested too deeply is left out."""
    waiting: list[tuple[Json, _Place]] = [(value, place)]
    while waiting:
        current, here = waiting.pop()
        if isinstance(current, dict) and len(here.path) <= _DEEPEST:
            inner = [(current[key], there) for key, there in _inner(current, here, is_quiet=is_quiet)]
            yield from ((_Place(there.path, secret_name="", is_id=True), str(there.path[-1])) for _, there in inner)
            waiting += reversed(inner)
        elif isinstance(current, list) and len(here.path) <= _DEEPEST:
            waiting += reversed(
                [(item, _Place((*here.path, n), here.secret_name, here.is_id)) for n, item in enumerate(current)]
            )
        elif isinstance(current, str):
            yield here, current
        elif here.secret_name and isinstance(current, (int, float)) and not isinstance(current, bool):
            yield here, str(current)


def _texts(document: Json) -> Iterator[tuple[_Place, str]]:
    """Give the texts of a document that may hold a secret: not n8n's own ids, not names of credentials."""
    root = _Place((), secret_name="", is_id=False)
    for place, text in _walk(document, root, is_quiet=True):
        keys = [part for part in place.path if isinstance(part, str)]
        is_credential_name = keys[:2] == ["nodes", "credentials"] and len(keys) <= 4
        if not is_credential_name and keys[-1:] and keys[-1] not in _OWN_IDS:
            yield place, text


def _found_in(text: str, place: _Place) -> list[Span]:
    found = spans(text)
    if not found and place.secret_name:
        suspects = credential_spans(text, name=place.secret_name)
        return [span for span in suspects if _is_plausible(text[span.start : span.end])]
    return found


def _is_plausible(text: str) -> bool:
    """Say whether a literal under the name of a secret is worth stopping somebody for."""
    is_mixed = any(c.isdigit() for c in text) or not text.isalpha() or text.lower() != text or len(text) >= 16
    return len(text) >= 6 and not is_documentation(text) and is_mixed


def _shown_as_secret(text: str, place: _Place) -> list[Span]:
    found = spans(text, is_guessing=True, is_dense_allowed=place.is_id)
    return merged([*credential_spans(text, name=place.secret_name), *found]) if place.secret_name else found


def _masked(value: Json, place: _Place, hidden: set[str]) -> Json:
    if isinstance(value, (dict, list)) and len(place.path) > _DEEPEST:
        return TOO_DEEP
    if isinstance(value, dict):
        inner = _inner(value, place, is_quiet=False)
        return {mask_text(key): _masked(value[key], there, hidden) for key, there in inner}
    if isinstance(value, list):
        return [
            _masked(item, _Place((*place.path, n), place.secret_name, place.is_id), hidden)
            for n, item in enumerate(value)
        ]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not isinstance(value, str) and not (is_number and place.secret_name):
        return value
    text = str(value)
    found = _shown_as_secret(text, place)
    hidden.update(text[span.start : span.end] for span in found)
    return _replaced(text, found) if found else value


def _replaced(text: str, found: Sequence[Span]) -> str:
    """Replace the spans; a secret that ends the text is told with its length."""
    told = ""
    position = 0
    for span in found:
        told += text[position : span.start] + (_hidden(text[span.start : span.end]) if span.end == len(text) else MASK)
        position = span.end
    return told + text[position:]


def _hidden(text: str) -> str:
    return f"{MASK} ({len(text)} character{'s' if len(text) > 1 else ''})"


def _preview(text: str) -> str:
    """Show enough to find a long token again: its first characters name the vendor, not the secret."""
    return f"{text[:4]}{_hidden(text)}" if len(text) >= 24 and text.isascii() else _hidden(text)


def _node_name(document: Json, path: Sequence[Part]) -> str | None:
    if not isinstance(document, dict) or len(path) < 2 or path[0] != "nodes" or not isinstance(path[1], int):
        return None
    nodes = document.get("nodes")
    node = nodes[path[1]] if isinstance(nodes, list) else None
    name = node.get("name") if isinstance(node, dict) else None
    return mask_text(name) if isinstance(name, str) else None
