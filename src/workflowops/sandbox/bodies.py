"""Request bodies: checked in the words of the generation, and read as it hands them on."""

from collections.abc import Mapping

from workflowops.core.json import Json
from workflowops.sandbox.accepted import DROPPED_SETTINGS
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.refusal import bad_request
from workflowops.sandbox.shape import (
    Shape,
    fault_in_words_of_1,
    fault_in_words_of_2,
    in_order_of,
    read_only_fault_of_2,
    with_defaults,
)

_WHERE = "request/body"


def accepted(body: Json, shape: Shape, generation: Generation) -> Json:
    """Answer the body as the schema hands it on. Raises Refused in the server's words."""
    if generation is Generation.V1:
        fault = fault_in_words_of_1(body, shape, path=_WHERE)
        handed_on = body if fault else with_defaults(shape, body)
    else:
        fault = read_only_fault_of_2(body, shape) or fault_in_words_of_2(body, shape, path=_WHERE)
        handed_on = body if fault else in_order_of(shape, body)
    if fault:
        raise bad_request(fault)
    return handed_on


def accepted_workflow(body: Json, shape: Shape, generation: Generation) -> Mapping[str, Json]:
    """Answer the body of POST or PUT of a workflow, without what is accepted and ignored. Raises Refused."""
    fields = accepted(body, shape, generation)
    if not isinstance(fields, dict):
        raise bad_request(f"{_WHERE} must be object")
    if generation is Generation.V1:
        return fields
    settings = fields["settings"]
    kept = {
        name: value
        for name, value in (settings if isinstance(settings, dict) else {}).items()
        if name not in DROPPED_SETTINGS
    }
    return {**{name: value for name, value in fields.items() if name != "shared"}, "settings": kept}
