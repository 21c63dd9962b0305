"""What came to a branch: a commit and its first parents, one for each merge."""

from workflowops.errors import BlockedError
from workflowops.io.git import Git

MOST_COMMITS = 250


def first_parents(git: Git, *, begin: str, end: str) -> tuple[str, ...]:
    """List the commit `end` and its first parents as far as they are not behind `begin`, the newest first.

    Raises BlockedError where `begin` is not behind `end`, or more than 250 commits came since.
    """
    if not git.run("merge-base", "--is-ancestor", begin, end).succeeded:
        raise BlockedError(
            f"{begin[:12]} is not behind {end[:12]}, so what came since is not known: the branch was pushed to by "
            "force, or its history is cut off here.",
            fix="Fetch the whole history (`fetch-depth: 0`), and name a commit of the branch with --base.",
        )
    answer = git.require(
        *("rev-list", "--first-parent", f"--max-count={MOST_COMMITS + 1}", end, f"^{begin}"),
        doing="listing what came to the branch",
    )
    found = tuple(answer.stdout.decode("ascii").split())
    if len(found) > MOST_COMMITS:
        raise BlockedError(
            f"More than {MOST_COMMITS} commits came to the branch between {begin[:12]} and {end[:12]}.",
            fix="Plan them in parts: name a newer commit with --base.",
        )
    return found
