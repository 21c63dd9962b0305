"""Commits that we wrote ourselves, known again by a digest in their message, so that nobody else's are overwritten."""

import hashlib
import re
from collections.abc import Mapping

from workflowops.io.git import Git
from workflowops.io.git_objects import ObjectReader

_TRAILER = "Workflowops-Change"
_LINE = re.compile(rf"^{_TRAILER}: ([0-9a-f]{{64}})$", re.MULTILINE)

Entries = Mapping[str, str | None]
"""What a commit changes: path -> the id of the new content, None where the file is deleted."""


def own_message(message: str, *, parent: str, entries: Entries) -> str:
    """Answer the message with a line that is right for a commit on `parent` with these changes, and for no other."""
    return f"{message.strip()}\n\n{_TRAILER}: {_digest(parent, entries)}\n"


def is_own(git: Git, reader: ObjectReader, commit: str, *, entries: Entries | None = None) -> bool:
    """Say whether we wrote a commit and nobody changed it since; with `entries`, that it makes these changes alone.

    It guards against mistakes, not against somebody who forges the line: such a person may write to the branch anyway.
    """
    found = reader.read(commit)
    head, _, message = ("", "", "") if found is None else found.content.decode("utf-8", "replace").partition("\n\n")
    parents = re.findall(r"^parent ([0-9a-f]+)$", head, re.MULTILINE)
    digests = _LINE.findall(message)
    if len(parents) != 1 or len(digests) != 1 or reader.read(parents[0]) is None:
        return False
    changed = _changed(git, parents[0], commit)
    return digests[0] == _digest(parents[0], changed) and entries in (None, changed)


def _changed(git: Git, parent: str, commit: str) -> dict[str, str | None]:
    answer = git.require(
        *("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--full-index", parent, commit),
        doing="looking at a commit",
    )
    parts = answer.stdout.split(b"\0")[:-1]
    changed: dict[str, str | None] = {}
    for about, path in zip(parts[::2], parts[1::2], strict=True):
        new_mode, new_oid = about.split()[1], about.split()[3].decode()
        changed[path.decode("utf-8", "surrogateescape")] = None if new_mode == b"000000" else new_oid
    return changed


def _digest(parent: str, entries: Entries) -> str:
    lines = [f"{oid or 'deleted'} {path}\0" for path, oid in sorted(entries.items())]
    return hashlib.sha256(f"{parent}\0{''.join(lines)}".encode("utf-8", "surrogateescape")).hexdigest()
