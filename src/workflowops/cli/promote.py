"""`workflowops promote`: from one stage to the next."""

import click

from workflowops.cli.group import LazyGroup

COMMANDS = {
    "apply": ("workflowops.cli.promote_apply:apply", "Carry out an approved promotion."),
    "open": ("workflowops.cli.promote_open:open_promotion", "Propose a stage's workflows for the next one."),
    "plan": ("workflowops.cli.promote_plan:plan", "Make a record of what was merged."),
    "preview": ("workflowops.cli.promote_plan:preview", "Show what a change means for the next stages."),
    "rollback": ("workflowops.cli.promote_apply:rollback", "Take a completed promotion back."),
    "status": ("workflowops.cli.promote_status:status", "Show promotions and where they stand."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def promote() -> None:
    """Bring workflows from one stage of a pipeline to the next.

    What a stage shall run stands in its folder in Git. A merged pull request that changes the folder becomes a
    promotion; once its gates are passed it is carried out: everything of it, or nothing.

    \b
    Example:
      workflowops promote open --from dev --to staging --workflow order_processing
    """
