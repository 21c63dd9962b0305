"""Hidden marks by which our own texts on GitHub are found again. They are looked for, never believed by themselves."""


def issue_marker(intent: str) -> str:
    """Answer what the body of an incident's issue holds."""
    return f"<!-- workflowops:incident {intent} -->"


def note_marker(note_id: str) -> str:
    """Answer what a comment of ours ends with."""
    return f"<!-- workflowops:note {note_id} -->"
