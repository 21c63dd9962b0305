"""JSON Schemas (2020-12) of every file that people write and we read."""

import json
import pkgutil
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any


class SchemaName(StrEnum):
    """A schema by the file that it describes; the value is the schema's own file name."""

    CONFIGURATION = "workflowops.schema.json"
    SIDECAR = "sidecar.schema.json"
    WORKFLOW = "workflow.schema.json"


@cache
def schema(name: SchemaName) -> Mapping[str, Any]:
    """Read a schema that ships with the package, from a folder or a zip file alike."""
    content = pkgutil.get_data(__name__, name)
    if content is None:
        raise FileNotFoundError(name)
    loaded: dict[str, Any] = json.loads(content)
    return loaded
