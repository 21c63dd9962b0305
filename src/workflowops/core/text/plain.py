"""Plain text from foreign data: nothing in it can move the cursor, start a line or command a runner."""

import re
import textwrap
import unicodedata

_HARMLESS_FORMATS = frozenset({"\u200d"})  # joins emoji
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
_ELLIPSIS = "…"


def visible(text: str) -> str:
    r"""Answer the text on one line, with every control and invisible character spelled out: `\n`, `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) for character in text)


def _spelled(character: str) -> str:
    number = ord(character)
    is_no_character = 0xFDD0 <= number <= 0xFDEF or number & 0xFFFE == 0xFFFE
    is_unsafe = unicodedata.category(character) in _UNSAFE and character not in _HARMLESS_FORMATS
    return character.encode("unicode_escape").decode("ascii") if is_unsafe or is_no_character else character


def log_safe(text: str) -> str:
    r"""Answer a whole text without lines that GitHub's runner would obey.

    It reads `::name::` at the start of a line, white space before it or not, and the older `##[name]` anywhere
    (actions/runner, `ActionCommand.TryParseV2` and `TryParse`). A backslash in between takes their meaning away.
    """
    return _COMMAND.sub(r"\1\\::", text).replace("##[", "#\\#[")


def cut(text: str, limit: int) -> str:
    """Answer at most `limit` characters of a text, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + _ELLIPSIS


def cut_pair(old: str, new: str, limit: int) -> tuple[str, str]:
    """Cut two texts to the same place, so that what differs stays in sight."""
    if len(old) <= limit and len(new) <= limit:
        return old, new
    shared = 0
    while shared < min(len(old), len(new)) and old[shared] == new[shared]:
        shared += 1
    start = max(0, shared - limit // 4)
    return _window(old, start, limit), _window(new, start, limit)


def _window(text: str, start: int, limit: int) -> str:
    if not start:
        return cut(text, limit)
    return _ELLIPSIS + cut(text[start:], limit - 1)


def columns(text: str) -> int:
    """Answer how many columns of a terminal a text takes; East Asian characters and emoji take two."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def padded(text: str, width: int) -> str:
    """Fill a text up to a number of columns, or cut it to them."""
    while columns(text) > width:
        text = cut(text, len(text) - 1) if not text.endswith(_ELLIPSIS) else cut(text[:-1], len(text) - 2)
    return text + " " * (width - columns(text))


def wrapped(text: str, *, width: int, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break prose into lines no wider than the terminal; long words stay whole, so that commands can be copied."""
    return textwrap.wrap(
        text,
        width=max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def count(number: int, one: str, many: str | None = None) -> str:
    """Say how many: `1 workflow`, `2,000 workflows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(iso: str | None) -> str:
    """Write `2026-01-14T15:25:00.000Z` as people read it; what is no such time is shown as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z", iso or "")
    return f"{match[1]} {match[2]} UTC" if match else visible(iso or "never")
