"""`status`: what runs where, from the state alone; no instance is asked."""

from collections.abc import Sequence

from workflowops.commands.ports import StateStore
from workflowops.core.configuration import Environment
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    EnvironmentRecord,
    MappingFile,
    decode,
    environment_path,
    mapping_path,
)
from workflowops.core.status import EnvironmentState, StatusReport, plan_status


def read_status(state: StateStore, environments: Sequence[Environment]) -> StatusReport:
    """Answer the matrix of workflows by environment, as the last checks left it."""
    view = state.view()
    states = []
    for environment in environments:
        record, mapping = environment_path(environment.name), mapping_path(environment.name)
        states.append(
            EnvironmentState(
                environment=environment,
                record=decode(view.read(record), EnvironmentRecord, path=record),
                mapping=decode(view.read(mapping), MappingFile, path=mapping),
            )
        )
    return plan_status(decode(view.read(CANONICAL_PATH), CanonicalFile, path=CANONICAL_PATH), states)
