"""A prospect in words: what is promised about an incident, and no more than that."""

from workflowops.core.incident.prospect import Follows, Prospect
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import code
from workflowops.core.text.plain import cut
from workflowops.core.text.workflow_difference import LONGEST_NAME

_MOST_NAMED = 10


def prospect_text(prospect: Prospect, *, subject: str) -> str:
    """Answer sentences in Markdown; `subject` is how the incident is called in them, such as `this incident`."""
    check = "The next drift check then" if prospect.is_proven else "A drift check that finds no difference then"
    told = "" if prospect.resolution is None else f" with the resolution `{prospect.resolution}`"
    match prospect.follows:
        case Follows.RECONCILED:
            return f"{check} reconciles {subject}{told}."
        case Follows.CLOSED:
            return f"{check} reconciles {subject}{told}, and closes it."
        case Follows.TOLD:
            return (
                f"{check} tells that nothing differs any more, and leaves {subject} open, as the configuration wants "
                "it (`on_drift_gone: tell`). Once it is stabilized, reconcile it with `/reconcile`."
            )
        case Follows.RECONCILED_ALREADY:
            return f"For {subject} nothing is left to do then but `/close`: it is reconciled already."
        case Follows.STAYS_OPEN:
            these = "These workflows then" if prospect.is_proven else "Workflows that then say what Git says"
            return f"{these} stop drifting; {subject} stays open because of: {_names(prospect)}."


def _names(prospect: Prospect) -> str:
    names = prospect.open_because
    told = ", ".join(code(cut(mask_text(name), LONGEST_NAME)) for name in names[:_MOST_NAMED])
    return f"{told} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else told
