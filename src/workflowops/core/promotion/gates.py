"""The gates of a promotion: each one function, all asked, and what is not known passes none of them."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from workflowops.core.problems import shown
from workflowops.core.promotion.approval import four_eyes, min_approvals, require_approval
from workflowops.core.promotion.finding import GateResult, GateType
from workflowops.core.promotion.gate_facts import (
    GateFacts,
    Verified,
    failed,
    not_asked,
    open_question,
    passed,
    pending,
)
from workflowops.core.promotion.review import CheckState
from workflowops.core.schedule import frozen_until
from workflowops.core.timestamps import iso

__all__ = ["GATES", "GateFacts", "Verified", "evaluate_gates"]

_MOST_NAMES = 10


def evaluate_gates(facts: GateFacts) -> tuple[GateResult, ...]:
    """Ask every gate, so that the reader learns all the reasons at once."""
    return tuple(gate(facts) for gate in GATES.values())


def require_all_tests_passed(facts: GateFacts) -> GateResult:
    """Every check of the change's last commit has passed, and there was at least one."""
    gate = GateType.REQUIRE_ALL_TESTS_PASSED
    if not facts.gates.require_all_tests_passed:
        return not_asked(gate, "The configuration does not ask for checks.")
    if facts.brings_nothing_new:
        return not_asked(gate, f"A {facts.kind} puts back what was there before.")
    if facts.checks is None:
        fix = "Let the token read checks and commit statuses (`checks: read`, `statuses: read`), and run it again."
        return open_question(gate, "How the checks ended is not known.", fix=fix, is_execution=facts.is_execution)
    if not facts.checks.states:
        fix = "Have a workflow test pull requests, or take out `require_all_tests_passed`."
        message = "No check ran on the change, so none has passed."
        return open_question(gate, message, fix=fix, is_execution=facts.is_execution)
    by_state = {state: [name for name, its in facts.checks.states.items() if its is state] for state in CheckState}
    if by_state[CheckState.FAILED]:
        message = f"Failed: {_listed(by_state[CheckState.FAILED])}."
        return failed(gate, message, fix="Put right what the checks say, or run them again.")
    if by_state[CheckState.PENDING]:
        return pending(gate, f"Not ended: {_listed(by_state[CheckState.PENDING])}.", fix="Wait until they have ended.")
    return passed(gate, f"Passed: {_listed(by_state[CheckState.PASSED])}.")


def verified_in_previous(facts: GateFacts) -> GateResult:
    """The stage before runs the same content of every workflow that changes."""
    gate = GateType.VERIFIED_IN_PREVIOUS
    if not facts.gates.verified_in_previous:
        return not_asked(gate, "The configuration does not ask for it.")
    if facts.brings_nothing_new:
        return not_asked(gate, f"A {facts.kind} puts back what was there before.")
    unproven = _unproven(facts)
    if unproven:
        fix = "Promote the same version to the stage before first, and leave it there as it is."
        message = f"Not verified in the stage before: {'; '.join(unproven)}."
        return open_question(gate, message, fix=fix, is_execution=facts.is_execution)
    return passed(gate, "The stage before runs the same.")


def soak(facts: GateFacts) -> GateResult:
    """The stage before has run the same content for so many hours."""
    gate, hours = GateType.SOAK, facts.gates.soak_hours
    if hours is None:
        return not_asked(gate, "The configuration does not ask for it.")
    if facts.brings_nothing_new:
        return not_asked(gate, f"A {facts.kind} puts back what was there before.")
    unproven = _unproven(facts, is_time_asked=True)
    if unproven:
        fix = "Promote the same version to the stage before first, and leave it there as it is."
        message = f"How long the stage before has run it is not known: {'; '.join(unproven)}."
        return open_question(gate, message, fix=fix, is_execution=facts.is_execution)
    starts = [each.since for each in _asked_of(facts).values() if each is not None and each.since is not None]
    if not starts:
        return passed(gate, "Nothing changes.")
    over = max(starts) + timedelta(hours=hours)
    if over > facts.now:
        message = f"The stage before has to run it for {hours:g} hours, which is until {iso(over)}."
        return pending(gate, message, fix="Run it again then.")
    return passed(gate, f"The stage before has run it since {iso(max(starts))}, for {hours:g} hours or more.")


def freeze(facts: GateFacts) -> GateResult:
    """It is no time of the week at which nothing is promoted."""
    gate = GateType.FREEZE
    if not facts.gates.freeze:
        return not_asked(gate, "No freeze is configured.")
    if facts.brings_nothing_new:
        return not_asked(gate, f"A freeze does not hold up a {facts.kind}.")
    try:
        until = frozen_until(facts.gates.freeze, now=facts.now)
    except ValueError as error:
        fix = "Write it like `Fri 16:00-Mon 08:00 Europe/Berlin`; the machine needs the time zone data (tzdata)."
        return failed(gate, f"Whether it is frozen now is not known. {error}", fix=fix)
    if until is not None:
        message = f"Nothing is promoted to {shown(facts.target_stage)} until {iso(until)}."
        return pending(gate, message, fix="Run it again then, or change `freeze` by a pull request.")
    return passed(gate, "It is not frozen now.")


def reviewed(facts: GateFacts) -> GateResult:
    """A merged pull request stands behind the commit."""
    gate = GateType.REVIEWED
    if facts.brings_nothing_new:
        return not_asked(gate, f"A {facts.kind} puts back what was there before.")
    if facts.is_reviewed:
        return passed(gate, "The change came by a merged pull request.")
    if facts.allow_unreviewed:
        return not_asked(gate, "The pipeline takes commits without a pull request.")
    fix = "Bring the change in by a pull request, or set `allow_unreviewed: true` for the pipeline."
    if facts.is_reviewed is None:
        message = "It is not merged yet, or nobody knows by which pull request."
        return open_question(gate, message, fix=fix, is_execution=facts.is_execution)
    return failed(gate, "The commit came to the branch without a pull request.", fix=fix)


def lock(facts: GateFacts) -> GateResult:
    """Nobody has closed the environment for promotions."""
    held = facts.lock
    if held is None:
        return passed(GateType.LOCK, f"{shown(facts.target_stage)} is not locked.")
    reason = f": {shown(held.reason, longest=200)}" if held.reason else ""
    return failed(
        GateType.LOCK,
        f"{shown(held.locked_by)} locked {shown(facts.target_stage)} at {held.locked_at}{reason}.",
        fix=f"Ask them, or unlock it with `/unlock {facts.target_stage}`.",
    )


def entitlement(facts: GateFacts) -> GateResult:
    """Promotions are switched on for the pipeline and for the stage."""
    pipeline = f"the pipeline {shown(facts.pipeline_id or '')}" if facts.pipeline_id else "this pipeline"
    off = [] if facts.is_pipeline_enabled else [pipeline]
    off += [] if facts.is_stage_enabled else [f"the stage {shown(facts.target_stage)}"]
    if off:
        message = f"Promotions are switched off for {' and '.join(off)}."
        return failed(GateType.ENTITLEMENT, message, fix="Take out its `enabled: false` in the configuration.")
    return passed(GateType.ENTITLEMENT, "Promotions are switched on.")


Gate = Callable[[GateFacts], GateResult]

GATES: Mapping[GateType, Gate] = {
    GateType.ENTITLEMENT: entitlement,
    GateType.LOCK: lock,
    GateType.REVIEWED: reviewed,
    GateType.REQUIRE_APPROVAL: require_approval,
    GateType.MIN_APPROVALS: min_approvals,
    GateType.FOUR_EYES: four_eyes,
    GateType.REQUIRE_ALL_TESTS_PASSED: require_all_tests_passed,
    GateType.VERIFIED_IN_PREVIOUS: verified_in_previous,
    GateType.SOAK: soak,
    GateType.FREEZE: freeze,
}
"""Every gate, in the order in which a person reads them."""


def _asked_of(facts: GateFacts) -> dict[str, Verified | None]:
    known = facts.verified or {}
    return {canonical_id: known.get(canonical_id) for canonical_id in facts.changed}


def _unproven(facts: GateFacts, *, is_time_asked: bool = False) -> list[str]:
    """Name the changed workflows that the stage before is not known to run, each with the reason."""
    found = []
    for canonical_id, verified in _asked_of(facts).items():
        name = shown(facts.changed[canonical_id])
        if verified is None:
            found.append(f"{name} (it was not looked up)")
        elif not verified.is_verified:
            found.append(f"{name} ({verified.reason or 'it is not the same'})")
        elif is_time_asked and verified.since is None:
            found.append(f"{name} ({verified.reason or 'nobody knows since when'})")
    return found if len(found) <= _MOST_NAMES else [*found[:_MOST_NAMES], f"{len(found) - _MOST_NAMES} more"]


def _listed(names: list[str]) -> str:
    some = ", ".join(map(shown, sorted(names)[:_MOST_NAMES]))
    return some if len(names) <= _MOST_NAMES else f"{some} and {len(names) - _MOST_NAMES} more"
