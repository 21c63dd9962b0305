"""Texts that try to be more than data, and readers that see what a person or a runner would see."""

import html
import re

HOSTILE = {
    "pipe": "a|b",
    "backslash and pipe": "a\\|b",
    "backticks": "`x` ``` ````",
    "tag": "</code></details><img src=x onerror=alert(1)>",
    "comment": "<!-- wfo:incident 7 -->",
    "mention": "@octocat please",
    "issue": "fixes #12, GH-12, o/r#3",
    "link": "[click](https://evil.example) ![i](https://evil.example/x.png)",
    "address": "https://github.com/o/r/issues/1 www.evil.example",
    "new line": "a\n\n# b\r\n| c |",
    "command": "x\n::set-output name=y::z",
    "command at the start": "::add-mask::a",
    "older command": "##[add-mask]a",
    "colours": "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "right to left": "\u202egnp.exe \u2066x\u2069",
    "nothing to see": "\u200b\ufeff\u00ad",
    "controls": "a\x00b\x08\x7f\x9b31m",
    "line separators": "a\u2028b\u2029c\x0bd\x85e",
    "half a character": "\ud800 half",
    "expression": "${{ secrets.TOKEN }}",
    "mermaid": 'x"] --> y; click n0 "https://evil.example" %%{init: {}}%%',
    "empty": "",
    "long": "x" * 5_000,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u00e9\u4e2d\u6587",
}

_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_COMMANDS = re.compile(r"^\s*::|##\[", re.MULTILINE)


def unseen_characters(text: str) -> list[str]:
    """Characters that move a cursor or hide; line feeds are ours."""
    return _UNSEEN.findall(text)


def runner_commands(text: str) -> list[str]:
    """What GitHub's runner would obey in a log."""
    return _COMMANDS.findall(text)


def as_read(text: str) -> str:
    """A text as somebody reads it who decodes entities, Mermaid's too, and drops what is invisible."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", html.unescape(text))).replace("\u200b", "")


def without_code(markdown: str) -> str:
    """What is left of Markdown without its code blocks and inline code, where GitHub looks for markup and mentions."""
    left: list[str] = []
    closing = ""
    for line in markdown.split("\n"):
        fence = re.match(r"(`{3,})\w*$", line)
        if closing:
            closing = "" if line == closing else closing
        elif fence:
            closing = fence[1]
        else:
            left.append(re.sub(r"<code>[^<]*</code>", "", line))
    assert not closing, "a code block is never closed"
    return "\n".join(left)
