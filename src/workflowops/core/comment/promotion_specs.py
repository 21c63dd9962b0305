"""The commands about promotions, which are given on pull requests and on incidents."""

from workflowops.core.comment.spec import CommandName, Spec
from workflowops.core.incident.policy import Role

DIGEST = r"[0-9a-f]{64}"
PROMOTION_ID = r"promo-[0-9]{1,9}"

_EXAMPLE_DIGEST = "0123456789abcdef" * 4

PROMOTION_SPECS = (
    Spec(
        name=CommandName.PROMOTE,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={
            "stage": "stage",
            "to": "stage",
            "workflows": "workflows",
            "workflow": "workflows",
            "with_dependencies": "with_dependencies",
        },
        positional="stage",
        rest="workflows",
        required={"stage": "the stage to promote to"},
        summary="Open a pull request that takes workflows to a stage; without names, all that are pending.",
        example="/promote staging order_processing",
    ),
    Spec(
        name=CommandName.APPROVE,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={"digest": "digest", "comment": "comment"},
        positional="digest",
        looks=DIGEST,
        rest="comment",
        required={"digest": "the whole plan digest, 64 characters, as the preview shows it"},
        summary="Approve exactly the plan of that digest, where the gates ask for comments.",
        example=f"/approve {_EXAMPLE_DIGEST} Looks good",
    ),
    Spec(
        name=CommandName.REJECT,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={"promotion": "promotion", "reason": "reason"},
        positional="promotion",
        looks=PROMOTION_ID,
        rest="reason",
        required={"reason": "the reason"},
        summary="Reject what waits for approval: this pull request's promotions, or the one that is named.",
        example="/reject promo-7 The webhook would collide",
    ),
    Spec(
        name=CommandName.ROLLBACK,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={
            "promotion": "promotion",
            "reason": "reason",
            "allow_overwriting_hotfixes": "allow_overwriting_hotfixes",
        },
        positional="promotion",
        looks=PROMOTION_ID,
        rest="reason",
        required={"promotion": "the promotion to undo, such as `promo-7`"},
        summary="Plan the undoing of a completed promotion; the plan passes the same gates.",
        example="/rollback promo-7 Orders are counted twice",
    ),
    Spec(
        name=CommandName.LOCK,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={"environment": "environment", "reason": "reason", "force": "force"},
        positional="environment",
        rest="reason",
        required={"environment": "the environment", "reason": "the reason"},
        summary="Close an environment for promotions until it is unlocked.",
        example="/lock production Month-end closing",
    ),
    Spec(
        name=CommandName.UNLOCK,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={"environment": "environment", "reason": "reason", "force": "force"},
        positional="environment",
        rest="reason",
        required={"environment": "the environment"},
        summary="Open an environment for promotions again.",
        example="/unlock production",
    ),
)
"""In the order in which `/help` lists them."""
