"""The endpoints of each generation: path, scope, body, what answers."""

from collections.abc import Iterator
from functools import partial

from workflowops.sandbox import handlers
from workflowops.sandbox.accepted import CREATE_WORKFLOW, CREDENTIAL, PUBLISH, TAG, TAG_IDS, UPDATE_WORKFLOW
from workflowops.sandbox.discovery import discovery_document
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.requests import Answer, Call, answer
from workflowops.sandbox.route import Route


def routes_of(generation: Generation) -> tuple[Route, ...]:
    """Answer every endpoint that a server of this generation has and the sandbox imitates."""
    own = _routes_of_2() if generation is Generation.V2 else _routes_of_1()
    return (*_common_routes(generation), *own)


def _common_routes(generation: Generation) -> Iterator[Route]:
    """What both generations have, in the order of their API documents."""
    is_2 = generation is Generation.V2
    row = "/workflows/{workflowId}" if is_2 else "/workflows/{id}"
    yield from _collection_routes(generation)
    yield from _row_routes(row, generation)
    yield from _switches(row, is_2=is_2)
    yield from _row_tag_routes(row)
    yield from _tag_routes("/tags/{tagId}" if is_2 else "/tags/{id}")
    yield Route(
        method="POST",
        path="/credentials",
        operation="createCredential",
        scope="credential:create",
        handler=handlers.post_credential,
        body=CREDENTIAL,
    )
    yield from _others(is_2=is_2)


def _collection_routes(generation: Generation) -> Iterator[Route]:
    filters = ("limit", "cursor", "active", "tags", "name", "projectId", "excludePinnedData")
    yield Route(
        method="GET",
        path="/workflows",
        operation="getWorkflows",
        scope="workflow:list",
        handler=handlers.list_workflows,
        parameters=("offset", *filters) if generation is Generation.V2 else filters,
    )
    yield Route(
        method="POST",
        path="/workflows",
        operation="createWorkflow",
        scope="workflow:create",
        handler=handlers.create_workflow,
        body=CREATE_WORKFLOW[generation],
    )


def _row_routes(row: str, generation: Generation) -> Iterator[Route]:
    yield Route(
        method="GET",
        path=row,
        operation="getWorkflow",
        scope="workflow:read",
        handler=handlers.get_workflow,
        parameters=("excludePinnedData",),
    )
    yield Route(
        method="PUT",
        path=row,
        operation="updateWorkflow",
        scope="workflow:update",
        handler=handlers.update_workflow,
        body=UPDATE_WORKFLOW[generation],
        parameters=("publishIfActive",) if generation is Generation.V2 else (),
    )
    yield Route(
        method="DELETE",
        path=row,
        operation="deleteWorkflow",
        scope="workflow:delete",
        handler=handlers.delete_workflow,
    )


def _row_tag_routes(row: str) -> Iterator[Route]:
    yield Route(
        method="GET",
        path=f"{row}/tags",
        operation="getWorkflowTags",
        scope="workflowTags:list",
        handler=handlers.get_workflow_tags,
    )
    yield Route(
        method="PUT",
        path=f"{row}/tags",
        operation="updateWorkflowTags",
        scope="workflowTags:update",
        handler=handlers.update_workflow_tags,
        body=TAG_IDS,
    )


def _switches(row: str, *, is_2: bool) -> Iterator[Route]:
    on, off = handlers.publish_workflow, handlers.unpublish_workflow
    for action, handler in {"activate": on, "deactivate": off}.items():
        yield Route(
            method="POST",
            path=f"{row}/{action}",
            operation=f"{action}Workflow",
            scope=f"workflow:{action}",
            handler=handler,
            body=PUBLISH if is_2 and handler is on else None,
            needs_body=False,
        )


def _tag_routes(tag: str) -> Iterator[Route]:
    for method, path, name, scope, handler in (
        ("GET", "/tags", "getTags", "list", handlers.list_tags),
        ("POST", "/tags", "createTag", "create", handlers.post_tag),
        ("GET", tag, "getTag", "read", handlers.get_tag),
        ("PUT", tag, "updateTag", "update", handlers.put_tag),
        ("DELETE", tag, "deleteTag", "delete", handlers.remove_tag),
    ):
        yield Route(
            method=method,
            path=path,
            operation=name,
            scope=f"tag:{scope}",
            handler=handler,
            body=TAG if method in {"POST", "PUT"} else None,
            parameters=("limit", "cursor") if name == "getTags" else (),
        )


def _others(*, is_2: bool) -> Iterator[Route]:
    """Endpoints that only say whether something is there."""
    yield Route(
        method="GET",
        path="/executions",
        operation="getExecutions",
        scope="execution:list",
        handler=handlers.empty_page,
        parameters=("limit", "cursor"),
    )
    yield Route(
        method="GET",
        path="/variables",
        operation="getVariables",
        scope="variable:list",
        handler=handlers.list_variables,
        parameters=("limit", "cursor"),
    )
    features = {"/projects": ("projectRole:admin", "project:list")}
    if is_2:
        features["/projects/{projectId}/folders"] = ("folders", "folder:list")
        features["/source-control/status"] = ("sourceControl", "sourceControl:read")
    for path, (feature, scope) in features.items():
        handler = partial(lambda feature, _: handlers.unlicensed(feature), feature)
        yield Route(method="GET", path=path, operation=f"get-{feature}", scope=scope, handler=handler)


def _old_version_route() -> Route:
    return Route(
        method="GET",
        path="/workflows/{id}/{versionId}",
        operation="getWorkflowVersion",
        scope="workflow:read",
        handler=handlers.get_version,
    )


def _routes_of_1() -> Iterator[Route]:
    yield _old_version_route()
    yield Route(
        method="DELETE",
        path="/credentials/{id}",
        operation="deleteCredential",
        scope="credential:delete",
        handler=handlers.remove_credential,
    )


def _routes_of_2() -> Iterator[Route]:
    row = "/workflows/{workflowId}"
    for method, path, name, scope, handler in (
        ("POST", f"{row}/publish", "publishWorkflow", "workflow:activate", handlers.publish_workflow),
        ("POST", f"{row}/unpublish", "unpublishWorkflow", "workflow:deactivate", handlers.unpublish_workflow),
        ("POST", f"{row}/archive", "archiveWorkflow", "workflow:delete", handlers.archive_workflow),
        ("POST", f"{row}/unarchive", "unarchiveWorkflow", "workflow:delete", handlers.unarchive_workflow),
        ("GET", f"{row}/history", "getWorkflowHistory", "workflow:read", handlers.list_versions),
        ("GET", f"{row}/versions/{{versionId}}", "getWorkflowVersion", "workflow:read", handlers.get_version),
        ("GET", "/credentials", "getCredentials", "credential:list", handlers.list_credentials),
        ("GET", "/data-tables", "listDataTables", "dataTable:list", handlers.list_data_tables),
        ("GET", "/credentials/{credentialId}", "getCredential", "credential:read", handlers.get_credential),
        ("PATCH", "/credentials/{credentialId}", "updateCredential", "credential:update", handlers.patch_credential),
        ("DELETE", "/credentials/{credentialId}", "deleteCredential", "credential:delete", handlers.remove_credential),
    ):
        is_page = name in {"getWorkflowHistory", "getCredentials", "listDataTables"}
        yield Route(
            method=method,
            path=path,
            operation=name,
            scope=scope,
            handler=handler,
            body=PUBLISH if name == "publishWorkflow" else None,
            needs_body=name == "updateCredential",
            parameters=("limit", "cursor") if is_page else (),
        )
    yield Route(method="GET", path="/discover", operation="getDiscover", handler=_discover)
    yield _old_version_route()


def _discover(call: Call) -> Answer:
    """GET /discover: what this key may do on this server."""
    return answer(discovery_document(routes_of(call.store.generation), call.scopes, call.query))
