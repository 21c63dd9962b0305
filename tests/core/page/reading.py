"""The page as a parser sees it: elements with their attributes, ids, links and the text that a person reads."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "input", "br", "rect", "circle", "line", "path", "polygon"}


@dataclass
class Seen:
    """What stands on a page; `unclosed` are elements that were opened and never closed, or the other way round."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [found for _, attributes in self.elements if (found := attributes.get(attribute)) is not None]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.seen.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & {*self.open}:
            self.seen.texts.append(data)


def seen(html: str) -> Seen:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.seen.unclosed += reader.open
    return reader.seen
