"""Hidden marks by which our own texts on GitHub are found again. They are looked for, never believed by themselves."""


def issue_marker(intent: str) -> str:
    """Answer what the body of an incident's issue holds."""
    return f"<!-- workflowops:incident {intent} -->"


def marked(text: str, marker: str) -> str:
    """Answer a comment with its marker as the last line."""
    return f"{text.rstrip()}\n\n{marker}\n"


def is_marked(text: str, marker: str) -> bool:
    """Say whether a comment ends with a marker. Further up it would be something that we quoted."""
    return text.rstrip().endswith(marker)


def is_outdated(existing: str, *, latest: str) -> bool:
    """Say whether a text is an earlier one of ours: it ends with the same hidden mark, and says something else."""
    before, after = existing.replace("\r\n", "\n").rstrip(), latest.rstrip()
    mark = after.rpartition("\n")[2]
    return mark.startswith("<!-- workflowops:") and before.rpartition("\n")[2] == mark and before != after


def note_marker(note_id: str) -> str:
    """Answer what a comment of ours ends with."""
    return f"<!-- workflowops:note {note_id} -->"
