"""The scopes an API key may have, as far as the sandbox has something to guard."""

ALL_SCOPES = frozenset(
    f"{resource}:{operation}"
    for resource, operations in {
        "credential": "create delete list read update",
        "dataTable": "create delete list read update",
        "execution": "list read",
        "folder": "list",
        "project": "list",
        "sourceControl": "read",
        "tag": "create delete list read update",
        "variable": "create delete list update",
        "workflow": "activate create deactivate delete list read update",
        "workflowTags": "list update",
    }.items()
    for operation in operations.split()
)
