"""The answers to comments on pull requests: what happened or why not."""

from collections.abc import Mapping, Sequence

from workflowops.core.comment.commands import ON_PULL_REQUESTS
from workflowops.core.comment.outcome import Answered
from workflowops.core.incident.policy import CommandRule
from workflowops.core.text.comment_answers import MARKS, commands_table, run_told
from workflowops.core.text.incident_sections import shortened
from workflowops.core.text.incident_words import name
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import joined, with_commands
from workflowops.core.text.plain import cut

_ROOM = 60_000
_FRAME = 3_000
_TEXT = 2_000


def pull_request_answer(results: Sequence[Answered], *, links: Links | None) -> str:
    """Answer a comment on a pull request: a block for each command, in some 60,000 characters at most."""
    long_ones = sum(each.markdown is not None for each in results)
    room = (_ROOM - _FRAME * (len(results) + 1)) // max(long_ones, 1)
    blocks = [_block(each, room=room) for each in results]
    return shortened("\n".join(joined([*blocks, run_told(links)])), room=_ROOM + _FRAME) + "\n"


def pull_request_help(rules: Mapping[str, CommandRule]) -> str:
    """List the commands that count on a pull request; `rules` are those of the configuration."""
    return "\n".join(commands_table(rules, names=ON_PULL_REQUESTS))


def _block(each: Answered, *, room: int) -> list[str]:
    head = f"{MARKS[each.became]} {name('/' + each.name, 100)}"
    if each.problem is not None:
        return [f"{head}: {with_commands(cut(each.problem, _TEXT))}"]
    told = [] if each.markdown is None else shortened(each.markdown.strip("\n"), room=room).split("\n")
    return joined([[head], told])
