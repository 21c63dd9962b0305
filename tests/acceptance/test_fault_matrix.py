"""Every call of a promotion of five interdependent workflows, made to fail in every way: the target stays whole.

Each case makes one promotion on the sandbox, lets one request of it fail, and reads the instance: every workflow is as
before or as planned, as the record says, or the record names it. Where the process dies, the next run brings the
promotion to an end first. The second half lets a request fail while a failed promotion is being put back.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from tests.commands.promotion_faults import Died, Fault, Once, check_invariant, comparable, struck
from tests.commands.promotion_world import ALL, Answer, PromotionWorld, five

from workflowops.commands.executing import execute
from workflowops.core.configuration import OnDelete
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.errors import WorkflowOpsError
from workflowops.sandbox.generation import Generation

pytestmark = pytest.mark.long

FEWEST_CALLS = 16
"""What a promotion of the five asks n8n at least; a matrix of fewer calls has lost some."""


@dataclass
class Tally:
    """How many cases there were, and how they ended."""

    ends: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {end.replace('_', ' ')}" for end, count in sorted(self.ends.items()))
        return f"fault matrix: {self.ends.total()} cases: {told}"


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Print the number of cases once all have run."""
    counted = Tally()
    yield counted
    capturing = request.config.pluginmanager.getplugin("capturemanager")
    with capturing.global_and_fixture_disabled():
        print(f"\n{counted}")


@dataclass
class WhilePuttingBack:
    """Has the last write of the promotion refused, and hands every request after that on."""

    last: str
    then: Once
    is_failing: bool = False

    def __call__(self, request: httpx.Request, answer: Answer) -> httpx.Response:
        if self.is_failing:
            return self.then(request, answer)
        if request.method == "POST" and request.url.path.endswith(self.last):
            self.is_failing = True
            return struck(Fault.REFUSED_400, request, answer)
        return answer()


def a_world(generation: Generation) -> PromotionWorld:
    if generation is Generation.V2:
        return five()
    return five(generation=generation, on_delete=OnDelete.UNPUBLISH)


def ended(world: PromotionWorld, interfere: Any) -> Promotion:
    """Promote all five, and let the next run bring to an end what this one could not."""
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.interfere = interfere
    try:
        return execute(world.execution(seen, plan, promotion))
    except (Died, WorkflowOpsError):
        world.interfere = lambda _, answer: answer()
        stored = world.stored()
        return world.recover() if stored.status is PromotionStatus.RUNNING else stored


def nothing_fails(generation: Generation) -> tuple[int, Any]:
    """Answer how many calls a promotion makes, and what the target holds after it."""
    world, counting = a_world(generation), Once(None, 0)
    assert ended(world, counting).status is PromotionStatus.COMPLETED
    return counting.seen, comparable(world.held())


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("generation", Generation)
def test_whatever_call_fails_the_target_is_whole_afterwards(generation: Generation, fault: Fault, tally: Tally) -> None:
    calls, planned = nothing_fails(generation)
    assert calls >= FEWEST_CALLS
    for at in range(calls):
        world = a_world(generation)
        before = world.held()
        once = Once(fault, at)
        promotion = ended(world, once)
        assert once.met is not None
        check_invariant(world, promotion, before=before, planned=planned)
        assert promotion.status is not PromotionStatus.ROLLBACK_INCOMPLETE, (at, once.met)
        tally.ends[promotion.status] += 1


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("generation", Generation)
def test_whatever_call_fails_while_it_is_put_back_it_is_whole_afterwards(
    generation: Generation, fault: Fault, tally: Tally
) -> None:
    last = "/id-legacy/archive" if generation is Generation.V2 else "/id-legacy/deactivate"
    counting = WhilePuttingBack(last, Once(None, 0))
    assert ended(a_world(generation), counting).status is PromotionStatus.ROLLED_BACK
    assert counting.then.seen >= FEWEST_CALLS / 2
    for at in range(counting.then.seen):
        world = a_world(generation)
        before = world.held()
        interfere = WhilePuttingBack(last, Once(fault, at))
        promotion = ended(world, interfere)
        check_invariant(world, promotion, before=before, planned=None)
        assert promotion.status is PromotionStatus.ROLLED_BACK, (at, interfere.then.met)
        tally.ends[promotion.status] += 1


@pytest.mark.parametrize("fault", [each for each in Fault if "KILLED" not in each.name])
@pytest.mark.parametrize("generation", Generation)
def test_when_every_write_from_one_on_fails_the_record_names_what_is_left(
    generation: Generation, fault: Fault, tally: Tally
) -> None:
    planned = nothing_fails(generation)[1]
    for at in range(1, 12):
        world = a_world(generation)
        before = world.held()

        def interfere(request: httpx.Request, answer: Answer, *, world: PromotionWorld = world, at: int = at) -> Any:
            is_hit = request.method != "GET" and len(world.writes) >= at
            return struck(fault, request, answer) if is_hit else answer()

        promotion = ended(world, interfere)
        check_invariant(world, promotion, before=before, planned=planned)
        tally.ends[promotion.status] += 1
