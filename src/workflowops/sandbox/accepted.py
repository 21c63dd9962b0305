"""What the public API of each generation accepts in a body: the tables, from the servers' own schemas."""

from workflowops.sandbox.generation import Generation
from workflowops.sandbox.shape import Kind, Shape

_STRING = Shape(kind=Kind.STRING)
_NUMBER = Shape(kind=Kind.NUMBER)
_BOOLEAN = Shape(kind=Kind.BOOLEAN)
_OBJECT = Shape(kind=Kind.OBJECT)
_READ_ONLY_STRING = Shape(kind=Kind.STRING, read_only=True)
_READ_ONLY_BOOLEAN = Shape(kind=Kind.BOOLEAN, read_only=True)
_TELEMETRY_TAGS = Shape(
    kind=Kind.ARRAY,
    item=Shape(kind=Kind.OBJECT, fields={"key": _STRING, "value": _STRING}, required=("key", "value")),
)


def _one_of(*choices: str) -> Shape:
    return Shape(kind=Kind.STRING, choices=choices)


_NODE_1 = {
    "id": _STRING,
    "name": _STRING,
    "webhookId": _STRING,
    "disabled": _BOOLEAN,
    "notesInFlow": _BOOLEAN,
    "notes": _STRING,
    "type": _STRING,
    "typeVersion": _NUMBER,
    "executeOnce": _BOOLEAN,
    "alwaysOutputData": _BOOLEAN,
    "retryOnFail": _BOOLEAN,
    "maxTries": _NUMBER,
    "waitBetweenTries": _NUMBER,
    "continueOnFail": _BOOLEAN,
    "onError": _STRING,
    "position": Shape(kind=Kind.ARRAY, item=_NUMBER),
    "parameters": _OBJECT,
    "credentials": _OBJECT,
    "createdAt": _READ_ONLY_STRING,
    "updatedAt": _READ_ONLY_STRING,
}
_NODE_2 = {
    **{name: part for name, part in _NODE_1.items() if not part.read_only},
    "customTelemetryTags": Shape(kind=Kind.OBJECT, fields={"tag": _TELEMETRY_TAGS}),
    "createdAt": _READ_ONLY_STRING,
    "updatedAt": _READ_ONLY_STRING,
}
_CALLER_POLICIES = ("any", "none", "workflowsFromAList", "workflowsFromSameOwner")
_SETTINGS_COMMON = {
    "saveExecutionProgress": _BOOLEAN,
    "saveManualExecutions": _BOOLEAN,
    "saveDataErrorExecution": _one_of("all", "none"),
    "saveDataSuccessExecution": _one_of("all", "none"),
    "executionTimeout": _NUMBER,
    "errorWorkflow": _STRING,
    "timezone": _STRING,
    "executionOrder": _STRING,
}
_SETTINGS_1 = {
    **_SETTINGS_COMMON,
    "callerPolicy": Shape(kind=Kind.STRING, choices=_CALLER_POLICIES, default="workflowsFromSameOwner"),
    "callerIds": _STRING,
    "timeSavedPerExecution": _NUMBER,
    "availableInMCP": Shape(kind=Kind.BOOLEAN, default=False),
}
_SETTINGS_2 = {
    **_SETTINGS_COMMON,
    "binaryMode": _one_of("separate", "combined"),
    "callerPolicy": _one_of(*_CALLER_POLICIES),
    "callerIds": _STRING,
    "timeSavedMode": _one_of("fixed", "dynamic"),
    "timeSavedPerExecution": _NUMBER,
    "redactionPolicy": _one_of("none", "non-manual", "manual-only", "all"),
    "availableInMCP": _BOOLEAN,
    "customTelemetryTags": _TELEMETRY_TAGS,
    "credentialResolverId": _STRING,
}
DROPPED_SETTINGS = frozenset({"binaryMode", "credentialResolverId", "redactionPolicy"})
"""Accepted by 2.x and not stored: derived, or unlicensed."""

_SHARED = Shape(
    kind=Kind.ARRAY,
    item=Shape(
        kind=Kind.OBJECT,
        fields={
            "role": _STRING,
            "workflowId": _STRING,
            "projectId": _STRING,
            "project": Shape(
                kind=Kind.OBJECT,
                known={"id": _READ_ONLY_STRING, "name": _STRING, "type": _READ_ONLY_STRING},
            ),
            "createdAt": _READ_ONLY_STRING,
            "updatedAt": _READ_ONLY_STRING,
        },
    ),
)
_NODE_GROUPS = Shape(
    kind=Kind.ARRAY,
    item=Shape(
        kind=Kind.OBJECT,
        fields={
            "id": _STRING,
            "name": _STRING,
            "description": Shape(kind=Kind.STRING, longest=155),
            "nodeIds": Shape(kind=Kind.ARRAY, item=_STRING),
        },
        required=("id", "name", "nodeIds"),
    ),
)
_REQUIRED = ("name", "nodes", "connections", "settings")
_READ_ONLY_ARRAY = Shape(kind=Kind.ARRAY, read_only=True)

_WORKFLOW_1 = Shape(
    kind=Kind.OBJECT,
    required=_REQUIRED,
    fields={
        "id": _READ_ONLY_STRING,
        "name": _STRING,
        "active": _READ_ONLY_BOOLEAN,
        "createdAt": _READ_ONLY_STRING,
        "updatedAt": _READ_ONLY_STRING,
        "nodes": Shape(kind=Kind.ARRAY, item=Shape(kind=Kind.OBJECT, fields=_NODE_1)),
        "connections": _OBJECT,
        "settings": Shape(kind=Kind.OBJECT, fields=_SETTINGS_1),
        "staticData": Shape(kind=Kind.STATIC_DATA),
        "tags": _READ_ONLY_ARRAY,
        "shared": _SHARED,
        "activeVersion": Shape(
            kind=Kind.OBJECT,
            nullable=True,
            read_only=True,
            read_only_complaint='must pass "readOnly" keyword validation',
        ),
    },
)


def _workflow_2(*, create: bool) -> Shape:
    """The body of POST takes a project and no description, that of PUT the other way round."""
    fields = {
        "id": _READ_ONLY_STRING,
        "name": _STRING,
        "active": _READ_ONLY_BOOLEAN,
        "createdAt": _READ_ONLY_STRING,
        "updatedAt": _READ_ONLY_STRING,
        "isArchived": _READ_ONLY_BOOLEAN,
        "versionId": _READ_ONLY_STRING,
        "triggerCount": Shape(kind=Kind.INTEGER, read_only=True),
        "nodes": Shape(kind=Kind.ARRAY, item=Shape(kind=Kind.OBJECT, fields=_NODE_2)),
        "connections": Shape(kind=Kind.OBJECT, complaint="must be object"),
        "settings": Shape(kind=Kind.OBJECT, fields=_SETTINGS_2),
        "nodeGroups": _NODE_GROUPS,
        "staticData": Shape(kind=Kind.STATIC_DATA),
        "pinData": Shape(kind=Kind.OBJECT, nullable=True),
        "parentFolderId": Shape(kind=Kind.STRING, nullable=True),
        **({"projectId": _STRING} if create else {}),
        "meta": Shape(kind=Kind.OBJECT, read_only=True),
        "tags": _READ_ONLY_ARRAY,
        "shared": _SHARED,
        "activeVersion": Shape(kind=Kind.OBJECT, read_only=True),
        **({} if create else {"description": _STRING}),
    }
    return Shape(kind=Kind.OBJECT, required=_REQUIRED, fields=fields)


CREATE_WORKFLOW = {Generation.V1: _WORKFLOW_1, Generation.V2: _workflow_2(create=True)}
UPDATE_WORKFLOW = {Generation.V1: _WORKFLOW_1, Generation.V2: _workflow_2(create=False)}
PUBLISH = Shape(kind=Kind.OBJECT, strips=True, fields={"versionId": _STRING, "name": _STRING, "description": _STRING})
TAG = Shape(
    kind=Kind.OBJECT,
    required=("name",),
    fields={
        "id": _READ_ONLY_STRING,
        "name": _STRING,
        "createdAt": _READ_ONLY_STRING,
        "updatedAt": _READ_ONLY_STRING,
    },
)
TAG_IDS = Shape(kind=Kind.ARRAY, item=Shape(kind=Kind.OBJECT, fields={"id": _STRING}, required=("id",)))
CREDENTIAL = Shape(
    kind=Kind.OBJECT,
    required=("name", "type", "data"),
    known={"name": _STRING, "type": _STRING, "data": _OBJECT},
)
