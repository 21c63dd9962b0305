"""The command that puts unmanaged workflows under Git."""

from workflowops.core.comment.spec import CommandName, Spec
from workflowops.core.incident.policy import Role

ONBOARDING_SPECS = (
    Spec(
        name=CommandName.ONBOARD,
        least_role=Role.WRITE,
        lowest_role=Role.WRITE,
        arguments={
            "workflows": "workflows",
            "workflow": "workflows",
            "environment": "environment",
            "slug": "slug",
            "tags": "tags",
            "description": "description",
            "file": "file",
            "message": "message",
            "allow_secrets": "allow_secrets",
            "link": "link",
        },
        rest="workflows",
        required={"workflows": "the n8n ids of workflows, or `all`"},
        summary="Open a pull request that puts unmanaged workflows under Git; `all` for all of the environment.",
        example='/onboard 2tUt1wbLX592XDdX slug=order_processing tags=orders,shop description="Takes orders"',
    ),
)
"""In the order in which `/help` lists them."""
