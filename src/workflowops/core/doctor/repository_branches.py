"""The checks of rules for branches and tags: what may be pushed, and what must not be pushed unreviewed."""

from collections.abc import Collection, Sequence

from workflowops.core.doctor.check import Finding, Verdict, broken, passed, unknown, warning
from workflowops.core.doctor.repository_facts import BranchFacts, Rule, Unread
from workflowops.core.doctor.repository_view import Seen, enumerated, unread

HARMLESS = frozenset({"deletion", "non_fast_forward", "required_linear_history", "copilot_code_review"})
"""Rules that what is only ever added to keeps by itself."""
BLOCKING = frozenset(
    {
        "creation", "update", "pull_request", "required_status_checks", "required_signatures", "required_deployments",
        "merge_queue", "workflows", "restrictions", "lock_branch",
    }
)  # fmt: skip
"""Rules that a push without a pull request does not keep. Of any other rule it is not known here."""
REVIEWING = "pull_request"

_RULES_PAGE = "Look at Settings, Rules and Settings, Branches."
_WORDS = {
    "creation": "restricted creation",
    "update": "restricted pushes",
    "restrictions": "restricted pushes",
    "lock_branch": "no pushes",
    "pull_request": "a pull request for every change",
    "required_status_checks": "passed checks",
    "required_signatures": "signed commits",
    "required_deployments": "deployments",
    "merge_queue": "a merge queue",
    "workflows": "passed workflows",
    "code_scanning": "code scanning",
    "deletion": "no deletion",
    "non_fast_forward": "no forced pushes",
    "required_linear_history": "a linear history",
}


def state_branch_can_be_pushed(seen: Seen) -> Finding:
    """No rule keeps the jobs from pushing the state branch."""
    branch = seen.facts.state_branch
    if isinstance(branch, Unread):
        return unread(branch, look=_RULES_PAGE)
    harmless = HARMLESS | ({"creation"} if branch.exists else set())
    return _pushed(seen, branch, harmless=harmless, blocking=BLOCKING, what=f"the branch {branch.name}")


def proposals_can_be_pushed(seen: Seen) -> Finding:
    """No rule keeps the jobs from pushing branches for pull requests."""
    branch = seen.facts.proposals
    if isinstance(branch, Unread):
        return unread(branch, look=_RULES_PAGE)
    harmless = HARMLESS - {"non_fast_forward"}  # a branch that proposes something else by now is pushed anew
    blocking = BLOCKING - {"update", "pull_request"}  # which may let a branch be made, and hold from then on
    return _pushed(seen, branch, harmless=harmless, blocking=blocking, what="branches that begin with workflowops/")


def snapshots_can_be_tagged(seen: Seen) -> Finding:
    """No rule keeps the jobs from making the tags of snapshots."""
    rules = seen.facts.tag_rules
    if isinstance(rules, Unread):
        return unread(rules, look="Look at Settings, Rules.")
    harmless = HARMLESS | {"update"}  # a snapshot is never changed
    return _judged(seen, rules, harmless=harmless, blocking=BLOCKING, what="tags that begin with snapshots/")


def default_branch_is_reviewed(seen: Seen) -> Finding:
    """What reaches the default branch was reviewed."""
    branch = seen.facts.default_branch
    if isinstance(branch, Unread):
        return unread(branch, look=_RULES_PAGE)
    reviewing = [rule for rule in branch.rules if rule.type == REVIEWING]
    fix = (
        f"Add a ruleset for {branch.name} that asks for a pull request with one approval (Settings, Rules, Rulesets)."
        + (" A private repository of GitHub Free has no rules." if seen.overview.is_private else "")
    )
    if any(rule.reviews > 0 for rule in reviewing):
        most = max(rule.reviews for rule in reviewing)
        return passed(f"{branch.name} asks for a pull request with {_approvals(most)}.")
    if branch.has_hidden_protection:
        return unknown(
            f"{branch.name} is protected; by what, only administrators may read.",
            fix="See that it asks for a pull request with an approval (Settings, Branches).",
        )
    if reviewing:
        return warning(f"{branch.name} asks for a pull request, and nobody has to approve it.", fix=fix)
    return warning(
        f"Whoever may write can push to {branch.name} unreviewed, and what is there is what the programs compare n8n "
        "with.",
        fix=fix,
    )


def _pushed(
    seen: Seen, branch: BranchFacts, *, harmless: Collection[str], blocking: Collection[str], what: str
) -> Finding:
    found = _judged(seen, branch.rules, harmless=harmless, blocking=blocking, what=what)
    if branch.has_hidden_protection and found.verdict is not Verdict.BROKEN:
        return unknown(
            f"By what {what} is protected, only administrators may read.",
            fix="See under Settings, Branches that the protection asks for no pull request, no check and no signature, "
            "or take the branch out of it: the jobs push there.",
        )
    return found


def _judged(
    seen: Seen, rules: Sequence[Rule], *, harmless: Collection[str], blocking: Collection[str], what: str
) -> Finding:
    """Judge rules that stand in the way by whether they may be passed by."""
    in_the_way = [rule for rule in rules if rule.type not in harmless]
    closed = [rule for rule in in_the_way if rule.is_bypassed is False and rule.type in blocking]
    fix = (
        f"Take {what} out of the rules, or let the jobs pass them by: add the app GitHub Actions to the bypass list "
        "(Settings, Rules, Rulesets; an organization has rules of its own)."
    )
    if closed:
        return broken(f"The rules for {what} ask for {_told(closed)}, which the jobs cannot meet.", fix=fix)
    doubtful = [rule for rule in in_the_way if not rule.is_bypassed]
    if doubtful:
        return warning(f"The rules for {what} ask for {_told(doubtful)}; the jobs may fail there.", fix=fix)
    if in_the_way:
        told = f"The rules for {what} ask for {_told(in_the_way)}, which this token may pass by."
        is_personal = seen.overview.scopes is not None
        return warning(f"{told} The token of the jobs is another.", fix=fix) if is_personal else passed(told)
    if rules:
        return passed(f"The rules for {what} ask for {_told(rules)}, which the jobs meet.")
    return passed(f"No rule holds for {what}.")


def _told(rules: Sequence[Rule]) -> str:
    """Name what rules ask for, and by which ruleset."""
    asked = dict.fromkeys(f"{_WORDS.get(rule.type, rule.type)} ({rule.source})" for rule in rules)
    return enumerated(asked)


def _approvals(count: int) -> str:
    return "one approval" if count == 1 else f"{count} approvals"
