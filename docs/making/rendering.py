"""Draws Markdown as an issue page and a terminal's output as a window, both as HTML for a browser to photograph."""

import html
import re

SIGNS = {
    ":white_check_mark:": ("\u2713", "#1f883d"),
    ":hourglass:": ("\u25cb", "#9a6700"),
    ":no_entry:": ("\u2715", "#cf222e"),
    ":no_entry_sign:": ("\u2715", "#cf222e"),
    ":x:": ("\u2715", "#cf222e"),
    ":warning:": ("!", "#9a6700"),
}
"""What GitHub draws as emoji, as a letter and a colour: fonts for emoji are not on every machine."""
_ALERT = re.compile(r"<blockquote>\s*<p>\[!(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]\s*(?:<br\s*/?>)?", re.IGNORECASE)
_COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
_STYLES = {"1": "font-weight:600", "2": "opacity:.72", "4": "text-decoration:underline"}

ISSUE_STYLE = """
body { margin: 0; background: #fff; color: #1f2328; font: 14px/1.5 "DejaVu Sans", "Liberation Sans", sans-serif; }
main { width: 1010px; padding: 20px 24px; }
h1 { font-size: 22px; font-weight: 500; margin: 0 0 6px; }
h1 small { color: #59636e; font-weight: 400; }
.state { display: inline-block; background: #1f883d; color: #fff; border-radius: 999px; padding: 3px 12px;
  margin-bottom: 14px; }
.state { text-transform: capitalize; } .state.merged, .state.closed { background: #8250df; }
.sign { color: #fff; border-radius: 4px; padding: 0 5px; margin-right: 2px; font-size: 12px; }
td code { overflow-wrap: normal; }
.label { display: inline-block; border: 1px solid #d1d9e0; border-radius: 999px; padding: 1px 9px;
  margin-left: 6px; font-size: 12px; }
article { border: 1px solid #d1d9e0; border-radius: 6px; margin-bottom: 14px; }
article > header { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 7px 14px;
  border-radius: 6px 6px 0 0; color: #59636e; }
article > header b { color: #1f2328; }
article > div { padding: 4px 16px 10px; }
table { border-collapse: collapse; margin: 10px 0; }
th, td { border: 1px solid #d1d9e0; padding: 5px 11px; text-align: left; }
tr:nth-child(2n) { background: #f6f8fa; }
h2 { font-size: 19px; border-bottom: 1px solid #d1d9e0; padding-bottom: 5px; }
h3 { font-size: 16px; }
code { background: #eff1f3; border-radius: 5px; padding: 1px 5px; font: 12px "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
pre { background: #f6f8fa; padding: 12px; border-radius: 6px; overflow: hidden; }
pre code { background: none; padding: 0; }
blockquote { border-left: 4px solid #d1d9e0; margin: 0; padding: 0 14px; color: #59636e; }
sub { color: #59636e; }
"""

TERMINAL_STYLE = """
body { margin: 0; background: #fff; }
figure { margin: 14px; display: inline-block; border-radius: 9px; overflow: hidden; box-shadow: 0 3px 14px #0004; }
figcaption { background: #30363d; padding: 8px 14px; }
figcaption i { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 7px; }
pre { margin: 0; background: #0d1117; color: #e6edf3; padding: 14px 18px;
  font: 13px/1.45 "DejaVu Sans Mono", monospace; }
"""


def issue_page(
    title: str, number: int, posts: list[tuple[str, str]], *, labels: tuple[str, ...] = (), state: str = "open"
) -> str:
    """Draw an issue or a pull request: its title, and posts as (login, Markdown), the body first."""
    drawn = "".join(
        f"<article><header><b>{html.escape(login)}</b> commented</header><div>{markdown_html(text)}</div></article>"
        for login, text in posts
    )
    marks = "".join(f'<span class="label">{html.escape(label)}</span>' for label in labels)
    head = f'<h1>{html.escape(title)} <small>#{number}</small></h1><span class="state {state}">{state}</span>{marks}'
    return _document(ISSUE_STYLE, f"<main>{head}{drawn}</main>")


def markdown_html(markdown: str) -> str:
    """Turn Markdown into HTML about as GitHub does: tables, fences, task lists, folded parts; comments are hidden."""
    from markdown import Markdown

    text = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    text = re.sub(r"^```mermaid\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<details( open)?>", r'<details\1 markdown="1">', text)
    drawn = Markdown(extensions=["tables", "fenced_code", "md_in_html", "sane_lists"], tab_length=2).convert(text)
    for name, (letter, colour) in SIGNS.items():
        drawn = drawn.replace(name, f'<b class="sign" style="background:{colour}">{letter}</b>')
    drawn = drawn.replace("[ ] ", "☐ ").replace("[x] ", "☑ ")
    return _ALERT.sub(lambda found: f"<blockquote><p><b>{found[1].capitalize()}</b><br>", drawn)


def terminal_page(text: str) -> str:
    """Draw what a program printed, with its colours (ANSI sequences), as a terminal window."""
    dots = "".join(f'<i style="background:{colour}"></i>' for colour in ("#ff5f57", "#febc2e", "#28c840"))
    return _document(TERMINAL_STYLE, f"<figure><figcaption>{dots}</figcaption><pre>{_coloured(text)}</pre></figure>")


def _coloured(text: str) -> str:
    drawn, is_open = [], False
    for part in re.split(r"(\x1b\[[0-9;]*m)", text.rstrip("\n")):
        if not part.startswith("\x1b["):
            drawn.append(html.escape(part))
            continue
        if is_open:
            drawn.append("</span>")
        codes = part[2:-1].split(";")
        styles = [f"color:{_COLOURS[code]}" for code in codes if code in _COLOURS]
        styles += [_STYLES[code] for code in codes if code in _STYLES]
        is_open = bool(styles)
        if is_open:
            drawn.append(f'<span style="{";".join(styles)}">')
    return "".join([*drawn, "</span>" if is_open else ""])


def _document(style: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>Picture</title><style>{style}</style>'
    return f'<!doctype html><html lang="en">{head}{body}</html>'
