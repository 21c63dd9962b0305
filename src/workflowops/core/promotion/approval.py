"""Who approved a promotion, and how that is proven."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from workflowops.core.comment.access import is_at_least
from workflowops.core.configuration import Approval
from workflowops.core.incident.policy import Role
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import GateResult, GateType
from workflowops.core.promotion.gate_facts import GateFacts, failed, not_asked, open_question, passed, pending
from workflowops.core.promotion.record import ApprovalGiven
from workflowops.core.promotion.review import RunApproval

COMMENT_PROOF = "comment"
_BOT = "[bot]"
_EARLIER = "approved this run before the promotion was recorded"
_TEAM = "team:"


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose approvals count: logins, each once, in the order given.

    `left_out` are sentences that say whose do not, and why.
    """

    reviewers: tuple[str, ...] = ()
    commenters: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Answer everybody whose approval counts, however they gave it, each person once."""
        return _each_once((*self.reviewers, *self.commenters))


def counted(facts: GateFacts) -> Counted:
    """Sort out whose approvals count.

    A reviewer's counts when GitHub asked for it in this run for this environment after the promotion was recorded, and
    lists them or a team that they are proven to be in. A comment's counts when it gives exactly this plan's digest and
    its writer may write to the repository and did not write the change. With `four_eyes` nobody counts who wrote or
    merged it. What is not known does not count.
    """
    words = approved_words(facts)
    reviewers = [(each.by, _why_no_reviewer(each.by, facts)) for each in words]
    reviewers += [
        (each, _EARLIER) for each in facts.earlier_approvals if not _has_login(each, [own.by for own in words])
    ]
    commenters = [(each.by, _why_no_comment(each, facts)) for each in _comments(facts)]
    return Counted(
        _each_once(login for login, why in reviewers if why is None),
        _each_once(login for login, why in commenters if why is None),
        _each_once(f"{shown(login)} does not count: {why}." for login, why in (*reviewers, *commenters) if why),
    )


def require_approval(facts: GateFacts) -> GateResult:
    """Somebody who may do so has approved exactly this, and that is proven."""
    match facts.gates.approval:
        case Approval.NONE:
            return not_asked(GateType.REQUIRE_APPROVAL, "The configuration asks nobody to approve.")
        case Approval.ENVIRONMENT:
            return _by_environment(facts)
        case Approval.COMMENTS:
            return _by_comments(facts)


def min_approvals(facts: GateFacts) -> GateResult:
    """So many people have approved, each counted once."""
    wanted = facts.gates.min_approvals
    if facts.gates.approval is Approval.NONE:
        return not_asked(GateType.MIN_APPROVALS, "The configuration asks nobody to approve.")
    if wanted <= 1:
        return not_asked(GateType.MIN_APPROVALS, "One approval is enough.")
    so_far = counted(facts)
    if len(so_far.people) >= wanted:
        return passed(GateType.MIN_APPROVALS, f"{_names(so_far.people)} approved; {wanted} are asked for.")
    by = f": {_names(so_far.people)}" if so_far.people else ""
    return pending(
        GateType.MIN_APPROVALS,
        _sentences(f"{len(so_far.people)} of {wanted} people approved{by}.", so_far.left_out),
        fix=_how_to_comment(facts),
    )


def four_eyes(facts: GateFacts) -> GateResult:
    """Somebody has approved who neither wrote nor merged the change."""
    gate = GateType.FOUR_EYES
    if not facts.gates.four_eyes:
        return not_asked(gate, "The configuration does not ask for a second person.")
    if facts.gates.approval is Approval.NONE:
        fix = "Add `approval: environment` or `approval: comments`, or take out `four_eyes`."
        return failed(gate, "A second person is asked for, and nobody is asked to approve.", fix=fix)
    unknown = _unknown_hand(facts)
    if unknown is not None:
        fix = "Bring the change in by a pull request with fewer than 250 commits, all by addresses that GitHub knows."
        return open_question(gate, unknown, fix=fix, is_execution=facts.is_execution)
    so_far = counted(facts)
    if so_far.people:
        return passed(gate, f"{_names(so_far.people)} approved, and neither wrote nor merged the change.")
    return open_question(
        gate,
        _sentences("Nobody has approved who neither wrote nor merged the change.", so_far.left_out),
        fix=f"Have somebody other than {_names(_hands(facts))} approve.",
        is_execution=facts.is_execution and facts.gates.approval is Approval.ENVIRONMENT,
    )


def _by_environment(facts: GateFacts) -> GateResult:
    gate, name = GateType.REQUIRE_APPROVAL, f"the GitHub environment {shown(facts.target_stage)}"
    guard = facts.protection
    if guard is None or guard.problem is not None:
        problem = "it was not asked" if guard is None else f"{guard.problem}".removesuffix(".")
        message = f"What guards {name} is not known: {problem}."
        fix = "Let the token read the repository's environments (`actions: read`), and run it again."
        return open_question(gate, message, fix=fix, is_execution=facts.is_execution)
    if not guard.exists or not guard.reviewers:
        lack = "has no required reviewers" if guard.exists else "does not exist"
        message = (
            f"{name[0].upper()}{name[1:]} {lack}: its job starts although nobody approved, and that is no approval."
        )
        return failed(gate, message, fix=_NO_REVIEWERS_FIX)
    rejected = _each_once(each.by for each in _words(facts) if not each.is_approved)
    if rejected:
        message = f"{_names(rejected)} rejected this run for {name}."
        return failed(gate, message, fix="Start a new run once the reason is gone.")
    if not facts.is_execution:
        message = f"Waits for one of the required reviewers of {name}: {_names(guard.reviewers)}."
        return pending(gate, message, fix="Approve the waiting job on the page of its run.")
    if facts.run_approvals is None:
        message = f"Who approved this run for {name} is not known."
        return failed(gate, message, fix="Let the token read the run (`actions: read`), and run it again.")
    found = counted(facts)
    if found.reviewers:
        return passed(gate, f"{_names(found.reviewers)} approved this run as required reviewer of {name}.")
    message = f"No required reviewer of {name} is known to have approved this run."
    return failed(gate, _sentences(message, found.left_out), fix=_NOT_PROVEN_FIX)


_NO_REVIEWERS_FIX = (
    "Add required reviewers under Settings > Environments. Where the repository's plan has none (private ones outside "
    "of GitHub Enterprise), set `approval: comments`."
)
_NOT_PROVEN_FIX = (
    "Have a person approve the job whom the environment lists as reviewer. For members of a listed team the token has "
    "to read who is in it, which GITHUB_TOKEN cannot."
)


def _by_comments(facts: GateFacts) -> GateResult:
    found = counted(facts)
    if found.commenters:
        return passed(GateType.REQUIRE_APPROVAL, f"{_names(found.commenters)} approved this plan by comment.")
    message = _sentences("Nobody has approved this plan by comment.", found.left_out)
    return pending(GateType.REQUIRE_APPROVAL, message, fix=_how_to_comment(facts))


def _words(facts: GateFacts) -> Iterator[RunApproval]:
    """Answer what was said in this run about the target's environment; GitHub takes no account of case in its name."""
    wanted = facts.target_stage.casefold()
    for each in facts.run_approvals or ():
        if wanted in {name.casefold() for name in each.environments}:
            yield each


def approved_words(facts: GateFacts) -> tuple[RunApproval, ...]:
    """Answer the approvals of this run for the target's environment that came after the run knew the promotion.

    GitHub lists those of all attempts of a run and does not say when they were given. Whoever had approved before has
    to have approved once more.
    """
    if facts.gates.approval is not Approval.ENVIRONMENT:
        return ()
    earlier = Counter(each.casefold() for each in facts.earlier_approvals)
    later = []
    for each in _words(facts):
        if each.is_approved and earlier[each.by.casefold()]:
            earlier[each.by.casefold()] -= 1
        elif each.is_approved:
            later.append(each)
    return tuple(later)


def _comments(facts: GateFacts) -> Iterator[ApprovalGiven]:
    if facts.gates.approval is not Approval.NONE:
        yield from (each for each in facts.approvals if each.proof == COMMENT_PROOF)


def _why_no_reviewer(login: str, facts: GateFacts) -> str | None:
    guard = facts.protection
    reviewers = () if guard is None or guard.problem is not None or not guard.exists else guard.reviewers
    if not _has_login(login, [each for each in reviewers if not each.startswith(_TEAM)]):
        teams = {each.casefold() for each in reviewers if each.startswith(_TEAM)}
        proven = {team.casefold() for name, own in facts.memberships.items() if _is_same(name, login) for team in own}
        if not teams & proven:
            return "not known to be a required reviewer" if teams else "not a required reviewer"
    return _why_own_hand(login, facts) if facts.gates.four_eyes else None


def _why_no_comment(given: ApprovalGiven, facts: GateFacts) -> str | None:
    if not facts.plan_digest or given.plan_digest != facts.plan_digest:
        return "approved another plan"
    if given.by.endswith(_BOT):
        return "not a person"
    roles = [role for name, role in facts.roles.items() if _is_same(name, given.by)]
    if not roles or not all(is_at_least(role, Role.WRITE) for role in roles):
        return "without write access" if roles else "what they may do here is not known"
    if facts.author is None:
        return "who wrote the change is not known"
    if _has_login(given.by, (facts.author, *facts.also_wrote)):
        return "wrote the change"
    return _why_own_hand(given.by, facts) if facts.gates.four_eyes else None


def _why_own_hand(login: str, facts: GateFacts) -> str | None:
    return "wrote or merged the change" if _has_login(login, _hands(facts)) else None


def _hands(facts: GateFacts) -> tuple[str, ...]:
    """Answer who wrote or merged the change, as far as it is known."""
    return _each_once(each for each in (facts.author, *facts.also_wrote, facts.merged_by) if each)


def _unknown_hand(facts: GateFacts) -> str | None:
    if not facts.author:
        return "Who wrote the change is not known."
    if not facts.is_every_author_known:
        return "Who wrote every commit of the change is not known."
    if facts.brings_nothing_new or (facts.is_reviewed is False and facts.allow_unreviewed):
        return None  # there was nothing to merge
    return None if facts.merged_by else "Who merged the change is not known."


def _how_to_comment(facts: GateFacts) -> str:
    who = "neither wrote nor merged it" if facts.gates.four_eyes else "did not write it"
    return f"Somebody with write access who {who} comments `/approve {facts.plan_digest}`."


def _has_login(login: str, logins: tuple[str, ...] | list[str]) -> bool:
    return any(_is_same(login, each) for each in logins)


def _is_same(login: str, other: str) -> bool:
    """Say whether two logins are one account; GitHub takes no account of case."""
    return login.casefold() == other.casefold()


def _each_once(texts: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.casefold(), text)
    return tuple(found.values())


def _names(logins: tuple[str, ...]) -> str:
    return ", ".join(map(shown, logins))


def _sentences(first: str, others: tuple[str, ...]) -> str:
    return " ".join((first, *others))
