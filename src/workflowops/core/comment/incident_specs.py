"""The commands about an incident, which are given on its issue."""

from workflowops.core.comment.spec import CommandName, Spec
from workflowops.core.incident.policy import Role
from workflowops.core.incident.record import Event, ResolutionType

INCIDENT_SPECS = (
    Spec(
        name=CommandName.ACKNOWLEDGE,
        least_role=Role.TRIAGE,
        event=Event.ACKNOWLEDGE,
        arguments={"comment": "comment"},
        rest="comment",
        summary="Say that you are looking into it.",
        example="/acknowledge Reviewing the hot fix",
    ),
    Spec(
        name=CommandName.STABILIZE,
        least_role=Role.WRITE,
        event=Event.STABILIZE,
        arguments={
            "reason": "reason",
            "assigned_to": "assigned_to",
            "resolution_plan": "resolution_plan",
            "plan": "resolution_plan",
        },
        rest="reason",
        summary="Say that it can do no more harm, and how it goes on.",
        example='/stabilize reason="Hot fix is in Git" plan="Sync the other environments"',
    ),
    Spec(
        name=CommandName.RECONCILE,
        least_role=Role.WRITE,
        event=Event.RECONCILE,
        arguments={
            "resolution_type": "resolution_type",
            "type": "resolution_type",
            "resolution_details": "resolution_details",
            "details": "resolution_details",
            "lessons_learned": "lessons_learned",
            "lessons": "lessons_learned",
        },
        positional="resolution_type",
        looks="|".join(ResolutionType).replace("_", "[_-]"),
        rest="resolution_details",
        summary="Say how Git and n8n came together again.",
        example='/reconcile accepted_runtime_changes details="Git has the hot fix" lessons="Watch the API"',
    ),
    Spec(
        name=CommandName.CLOSE,
        least_role=Role.WRITE,
        event=Event.CLOSE,
        arguments={
            "closure_reason": "closure_reason",
            "reason": "closure_reason",
            "lessons_learned": "lessons_learned",
            "lessons": "lessons_learned",
        },
        rest="closure_reason",
        summary="Close a reconciled incident.",
        example='/close All environments are in step lessons="Watch the API"',
    ),
    Spec(
        name=CommandName.ASSIGN,
        least_role=Role.TRIAGE,
        event=Event.ASSIGN,
        arguments={"assigned_to": "assigned_to", "to": "assigned_to"},
        positional="assigned_to",
        summary="Say who takes care of it; without a name, you.",
        example="/assign @octocat",
    ),
    Spec(
        name=CommandName.ACCEPT,
        least_role=Role.WRITE,
        event=Event.ACCEPT,
        arguments={"until": "until", "reason": "reason"},
        positional="until",
        looks=r"\d{4}-\d\d-\d\d|now",
        rest="reason",
        summary="Let the difference stay until the end of a day (UTC); `until=now` ends that.",
        example='/accept until=YYYY-MM-DD reason="Freeze until the release"',
    ),
    Spec(
        name=CommandName.DIFF,
        least_role=Role.TRIAGE,
        arguments={"workflow": "workflow"},
        rest="workflow",
        summary="Show the differences in full, of all workflows or of one.",
        example="/diff payment_gateway",
    ),
    Spec(
        name=CommandName.STATUS,
        least_role=Role.TRIAGE,
        summary="Show where the incident stands and what happened so far.",
        example="/status",
    ),
    Spec(
        name=CommandName.SYNC,
        least_role=Role.WRITE,
        summary="Read n8n and Git again now, and say whether anything still differs.",
        example="/sync",
    ),
    Spec(
        name=CommandName.ADOPT,
        least_role=Role.WRITE,
        arguments={"allow_secrets": "allow_secrets"},
        summary="Open a pull request that puts n8n's version into Git.",
        example="/adopt",
    ),
    Spec(
        name=CommandName.REVERT,
        least_role=Role.WRITE,
        summary="Plan how n8n gets Git's version back: recorded, to be approved, and step by step.",
        example="/revert",
    ),
)
"""In the order in which `/help` lists them."""

HELP_SPEC = Spec(
    name=CommandName.HELP,
    least_role=Role.TRIAGE,
    summary="List the commands.",
    example="/help",
)
