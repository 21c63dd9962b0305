"""HTML from data: every text and every attribute is escaped here, and nowhere else."""

import re
from html import escape

from workflowops.core.text.plain import moment, visible
from workflowops.core.text.words import shown_name

Attribute = str | int | float | bool | None

_VOID = frozenset({"br", "circle", "input", "line", "meta", "path", "polygon", "rect"})
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")


def text(value: str) -> str:
    """Answer a text of ours or of anybody as HTML that means nothing: invisible characters are spelled out."""
    return escape(visible(value), quote=True)


def named(value: str, *, empty: str = "(no name)") -> str:
    """Answer a foreign name as HTML: what looks like a secret is masked, and its direction stays its own."""
    return f"<bdi>{escape(shown_name(value).strip() or empty, quote=True)}</bdi>"


def element(tag: str, *children: str, **attributes: Attribute) -> str:
    """Answer an element of children that are HTML already; `class_` is `class`, `aria_label` is `aria-label`.

    True is an attribute without a value; None and False leave it out.
    """
    told = "".join(_attribute(key.strip("_").replace("_", "-"), value) for key, value in attributes.items())
    if tag in _VOID:
        return f"<{tag}{told}/>"
    return f"<{tag}{told}>{''.join(children)}</{tag}>"


def nothing(told: str, *, is_whole: bool) -> str:
    """Say that there is nothing; where not everything could be read, only that nothing was found in the rest."""
    return element(
        "p", text(told if is_whole else "None in what could be read; see the top of the page."), class_="quiet"
    )


def link(address: str | None, label: str) -> str:
    """Answer a link to a web address around HTML; anything but http and https is no link."""
    if not is_address(address):
        return label
    return element("a", label, href=address, rel="noreferrer")


def is_address(address: str | None) -> bool:
    """Say whether a text can be linked to."""
    return address is not None and _ADDRESS.fullmatch(address) is not None


def timed(iso: str | None) -> str:
    """Answer a time as people read it, with the exact one for machines."""
    shown = text(moment(iso))
    is_time = iso is not None and shown.endswith(" UTC")
    return element("time", shown, datetime=iso) if is_time else shown


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
