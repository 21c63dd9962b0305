"""`promote status`: the promotions as the state has them."""

from collections.abc import Collection

from workflowops.commands.ports import StateStore
from workflowops.commands.promotion_files import known_promotion, open_promotions, promotions, read_index
from workflowops.core.promotion.record import Promotion
from workflowops.core.promotion.register import number_of


def list_promotions(state: StateStore, *, environments: Collection[str], is_all: bool) -> tuple[Promotion, ...]:
    """Answer the promotions that have not ended, the newest first; with `is_all` those that have as well.

    `environments` are names; all promotions when there are none, also those into environments that are configured no
    more. Without `is_all` only what is open is read. Raises StateError or RemoteError.
    """
    view = state.view()
    if is_all:
        return tuple(promotions(view, environments=environments))
    targets = [target for target in read_index(view).open if not environments or target in environments]
    found = [each for target in targets for each in open_promotions(view, target)]
    return tuple(sorted(found, key=lambda each: number_of(each.promotion_id), reverse=True))


def show_promotion(state: StateStore, promotion_id: str) -> Promotion:
    """Answer one promotion. Raises ConfigurationError for an unknown id."""
    return known_promotion(state.view(), promotion_id)
