"""How n8n merges workflow settings: what is left out stays, a few values mean "as the instance has it"."""

from workflowops.core.json import Json
from workflowops.sandbox.generation import Generation

_INSTANCE_TIMEOUT = -1
_DEFAULT_ON_1 = (
    "timezone",
    "saveDataErrorExecution",
    "saveDataSuccessExecution",
    "saveManualExecutions",
    "saveExecutionProgress",
)
_MAY_BE_DEFAULT = {Generation.V1: _DEFAULT_ON_1, Generation.V2: (*_DEFAULT_ON_1, "errorWorkflow")}


def merged(old: Json, new: Json, generation: Generation) -> Json:
    """Answer the settings after an update. Not called on creation, which stores "DEFAULT" as it comes."""
    both = {**(old if isinstance(old, dict) else {}), **(new if isinstance(new, dict) else {})}
    for name in _MAY_BE_DEFAULT[generation]:
        if both.get(name) == "DEFAULT":
            del both[name]
    if both.get("executionTimeout") == _INSTANCE_TIMEOUT:
        del both["executionTimeout"]
    if generation is Generation.V2 and not both.get("credentialResolverId", True):
        del both["credentialResolverId"]
    return both
