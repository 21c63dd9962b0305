"""What is said on issues and pull requests when workflows came under Git, or were turned down."""

from collections.abc import Sequence

from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import code, escaped, size, table
from workflowops.core.text.plain import count, cut
from workflowops.core.text.words import shown_name

_LONGEST = 200
_ROOM = 50_000
"""Bytes for a table, below the 65,536 characters that GitHub takes."""

_TRACKED = "now tracked in Git and can be promoted to other environments."
_HEADER = ["Workflow", "Environment", "Canonical ID", "Git File"]


def onboarded_answer(requests: Sequence[OnboardingRequest]) -> str:
    """Write walkthrough 4's success message; a table where it is about several workflows."""
    if len(requests) == 1:
        only = requests[0]
        lines = [
            ":white_check_mark: **Workflow successfully onboarded**",
            "",
            f"Workflow: {_name(only)}<br>",
            f"Canonical ID: {code(only.canonical_id)}<br>",
            f"Git File: {_file(only)}<br>",
            "Status: LINKED",
            "",
            f"The workflow is {_TRACKED}",
        ]
    else:
        rows, left = _rows(requests)
        lines = [
            f":white_check_mark: **{count(len(requests), 'workflow')} successfully onboarded**",
            "",
            *table(_HEADER, rows),
            *(["", f"({left:,} more: see the changed files.)"] if left else []),
            "",
            "Status: LINKED",
            "",
            f"The workflows are {_TRACKED}",
        ]
    return "\n".join(lines) + "\n"


def withdrawn_answer(requests: Sequence[OnboardingRequest]) -> str:
    """Say that nothing came under Git, because the pull request was closed without a merge."""
    number = requests[0].pull_request
    who = _who(requests)
    verb = "stays" if len(requests) == 1 else "stay"
    return (
        f"**Not onboarded.** #{number} was closed without being merged, so {who} {verb} unmanaged. Nothing was changed "
        "in n8n or in Git. Whoever wants it after all asks again, by the same command as before.\n"
    )


def gone_answer(requests: Sequence[OnboardingRequest]) -> str:
    """Say that the files came to Git, and that n8n has the workflows no more."""
    number = requests[0].pull_request
    who = _who(requests)
    verb = "is" if len(requests) == 1 else "are"
    return (
        f"**Not onboarded.** #{number} is merged, and {who} {verb} gone from n8n: nothing there belongs to what it "
        "brought. Restore it in n8n and run `workflowops sync`, or delete its files from Git.\n"
    )


def unlinked_answer(requests: Sequence[OnboardingRequest]) -> str:
    """Say that the pull request was merged, and that nothing of what it brought is tied to the workflows."""
    number = requests[0].pull_request
    who = _who(requests)
    is_one = len(requests) == 1
    return (
        f"**Not onboarded.** #{number} is merged, and {who} {'is' if is_one else 'are'} still unmanaged: no file "
        f"of the default branch is tied to {'it' if is_one else 'them'}. Files or sidecars were changed, moved or left "
        "out before the merge; `workflowops validate` says what is wrong with what is there. Put them right and run "
        "`workflowops sync`, or ask again by the same command as before.\n"
    )


def _who(requests: Sequence[OnboardingRequest]) -> str:
    """Name the one workflow, or count them."""
    return _name(requests[0]) if len(requests) == 1 else count(len(requests), "workflow")


def _rows(requests: Sequence[OnboardingRequest]) -> tuple[list[list[str]], int]:
    room = _ROOM
    rows: list[list[str]] = []
    for each in requests:
        row = [_name(each), code(each.environment), code(each.canonical_id), _file(each)]
        room -= size([" | ".join(row)])
        if room < 0:
            break
        rows.append(row)
    return rows, len(requests) - len(rows)


def _name(request: OnboardingRequest) -> str:
    return escaped(cut(shown_name(request.workflow_name), _LONGEST))


def _file(request: OnboardingRequest) -> str:
    return code(cut(mask_text(request.git_file_path), _LONGEST))
