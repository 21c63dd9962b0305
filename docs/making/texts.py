"""Writes what the program says into README and guides: plays the demo and fills the blocks between their marks.

Run it as `python docs/making/texts.py` in the development environment; tests say when a block is old.
"""

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))

COMMANDS = "| In a comment | Who may | What it does |\n| --- | --- | --- |\n"
FOLDER = "workflowops-demo"


def main() -> None:
    """Play the demo once and rewrite every block."""
    from workflowops.core.text.incident import lifecycle_picture

    text, shown, github = played()
    begin, end = text.index("$ workflowops promote apply"), text.index("# This is issue ")
    put("README.md", "demo", f"```text\n{text[begin:end].strip()}\n```")
    page = next(each for each in shown if "**In Production" in each)
    put("docs/incidents.md", "incident", quoted(page[page.index("**In Production") :]))
    closing = next(each for each in reversed(shown) if "### Incident closed" in each)
    closing = closing[closing.index("### Incident closed") :].partition("**Possible now**")[0]
    put("docs/incidents.md", "closing", quoted(closing))
    put("docs/incidents.md", "lifecycle", f"```mermaid\n{lifecycle_picture().strip()}\n```")
    preview = (github / "pull-requests" / "4.md").read_text(encoding="utf-8")
    preview = preview[preview.index("## Promotion from") :]
    put("docs/promotion.md", "promotion", quoted(preview[: preview.index("\n---\n")]))
    list_commands()


def played() -> tuple[str, list[str], Path]:
    """Answer what the demo printed, the Markdown that it showed, and its folder of issues."""
    from workflowops.cli import demo, main

    os.environ |= {"NO_COLOR": "1", "COLUMNS": "100"}
    shown: list[str] = []
    show = demo._show
    demo._show = lambda markdown: (shown.append(markdown), show(markdown))[1]
    folder = tempfile.mkdtemp()
    printed = io.BytesIO()
    with (
        contextlib.redirect_stdout(io.TextIOWrapper(printed, encoding="utf-8", write_through=True)),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        code = main(["demo", "--directory", f"{folder}/{FOLDER}"])
    if code:
        raise SystemExit(f"the demo ended with {code}")
    return printed.getvalue().decode().replace(folder, "/tmp"), shown, Path(folder, FOLDER, "github")  # noqa: S108


def put(file: str, name: str, block: str) -> None:
    """Replace what stands between the marks of a block."""
    path = ROOT / file
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"<!-- {name}:begin -->")
    _, end, after = rest.partition(f"<!-- {name}:end -->")
    if not begin or not end:
        raise SystemExit(f"{file} has no block {name}")
    path.write_text(before + begin + "\n" + block.strip("\n") + "\n" + end + after, encoding="utf-8")


def quoted(markdown: str) -> str:
    """Quote Markdown, without what is hidden in it."""
    visible = re.sub(r"<!--.*?-->", "", markdown, flags=re.DOTALL)
    return "\n".join(f"> {line}".rstrip() for line in visible.strip().split("\n"))


def list_commands() -> None:
    """Write the table of the commands that a comment can give."""
    from workflowops.core.comment.commands import SPECS

    path = ROOT / "docs" / "comments.md"
    before, head, rest = path.read_text(encoding="utf-8").partition(COMMANDS)
    after = rest[rest.index("\n\n") :]
    rows = "\n".join(f"| `{spec.example}` | {spec.least_role} | {spec.summary} |" for spec in SPECS.values())
    path.write_text(before + head + rows + after, encoding="utf-8")


if __name__ == "__main__":
    main()
