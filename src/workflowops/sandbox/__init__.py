"""An n8n stand-in for the demo and for rehearsals, held to the real n8n by the acceptance suite."""

from workflowops.sandbox.application import SeenRequest
from workflowops.sandbox.faults import Drop, Ending, Fault
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.instance import Instance
from workflowops.sandbox.refusal import Refused
from workflowops.sandbox.sandbox import Sandbox

__all__ = ["Drop", "Ending", "Fault", "Generation", "Instance", "Refused", "Sandbox", "SeenRequest"]
