"""What a YAML parser says, in plain words and without the text of the file: it may hold a key."""

from typing import Any

from workflowops.core.problems import Place, Problem
from workflowops.core.source import place_of_offset

_QUOTES = "Close the quotes, or put the whole value in quotes."
_INDENTATION = "Compare the indentation with the lines around it; keys of one mapping begin in the same column."
_ADVICE = (
    (
        "mapping values are not allowed",
        "A colon stands where no key can stand.",
        f"Put a value that holds `: ` in quotes. {_INDENTATION}",
    ),
    ("block mapping", "A key was expected here.", _INDENTATION),
    ("block collection", "A list item was expected here.", _INDENTATION),
    ("simple key", "A key without a colon stands here.", f"Write `key: value`. {_INDENTATION}"),
    ("flow mapping", "A mapping in `{ }` is not written as it must be.", "Put commas between its keys and close it."),
    ("flow sequence", "A list in `[ ]` is not written as it must be.", "Put commas between its items and close it."),
    ("quoted scalar", "A text in quotes is not closed, or holds an escape that does not exist.", _QUOTES),
    ("alias", "A value begins with `*`, which means an alias.", "Put the value in quotes."),
    ("anchor", "A value begins with `&`, which means an anchor.", "Put the value in quotes."),
    ("tag", "A value begins with `!`, which means a tag.", "Put the value in quotes."),
    ("directive", "A line begins with `%`, which means a directive.", "Take the line out or put it in quotes."),
    ("block scalar", "A text after `|` or `>` is not indented as it must be.", _INDENTATION),
)


def syntax_problem(error: Exception, text: str, *, path: str) -> Problem:
    """Say what keeps a text from being YAML. Source of the wordings that are recognised: libyaml 0.2.5, PyYAML 6.0."""
    unprintable = next((at for at, character in enumerate(text) if _is_refused(character)), None)
    if unprintable is not None:
        return Problem.error(
            path,
            rule="unprintable-character",
            message="A character that cannot be printed stands here.",
            fix="Take it out, or write it as an escape in double quotes.",
            place=place_of_offset(text, unprintable),
        )
    mark: Any = getattr(error, "problem_mark", None)
    place = None if mark is None else Place(mark.line + 1, mark.column + 1)
    line = "" if mark is None else _line(text, mark.line)
    message, fix = _advice(error, line, column=0 if mark is None else mark.column)
    return Problem.error(path, rule="yaml-syntax", message=message, fix=fix, place=place)


def _is_refused(character: str) -> bool:
    """Say whether YAML has no place for a character (YAML 1.1 and 1.2, `c-printable`)."""
    code = ord(character)
    return (
        (code < 0x20 and character not in "\t\n\r")
        or (0x7F <= code < 0xA0 and code != 0x85)
        or code in (0xFFFE, 0xFFFF)
    )


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number] if number < len(lines) else ""


def _advice(error: Exception, line: str, *, column: int) -> tuple[str, str]:
    said = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    if "\t" in (line[column : column + 1], *_indentation(line)):
        return "A tab stands where YAML wants spaces.", "Indent with spaces."
    if "cannot start any token" in said:
        return "A value begins with a character that cannot begin one.", "Put the value in quotes."
    if "flow" in said and "${" in line:
        return "Braces within braces: `${NAME}` stands inside `{ }` or `[ ]`.", 'Put it in quotes: "${NAME}".'
    for words, message, fix in _ADVICE:
        if words in said:
            return message, fix
    return "The file is not YAML.", f"Check this line. {_INDENTATION}"
