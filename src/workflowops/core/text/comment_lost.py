"""What is said about commands that could not be carried out, and will not be by themselves."""

from collections.abc import Sequence

from workflowops.core.text.incident_words import name, prose
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import joined

_NAME = 100
_REASON = 1_000


def lost_answer(
    names: Sequence[str],
    reason: str,
    *,
    done: Sequence[str] = (),
    tried: Sequence[str] = (),
    is_certain: bool = True,
    links: Links | None,
) -> str:
    """Tell in Markdown that commands were not carried out, and why; `done` and `tried` are those before them.

    Where it is not `is_certain`, nobody could read whether something was changed. Of the names and the reason, nothing
    is taken for Markdown.
    """
    lost = _told(names)
    changed = f"Nothing was changed by {lost}." if is_certain else "Whether it changed anything could not be read."
    again = "Write it again." if is_certain else "Look at `/status` before you write it again."
    told = [f":x: {lost} could not be carried out: {prose(reason, _REASON)}", "", f"{changed} {again}"]
    before = [f"What {_told(done)} did before stands."] if done else []
    before += [f"{_told(tried)} was tried before, and did not end well."] if tried else []
    run = [f"<sub>[The run]({links.run_url}) that says this.</sub>"] if links is not None and links.run_url else []
    return "\n".join(joined([told, before, run])) + "\n"


def _told(names: Sequence[str]) -> str:
    return " and ".join(name(f"/{each}", _NAME) for each in names)
