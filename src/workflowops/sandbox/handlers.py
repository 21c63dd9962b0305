"""What each endpoint does: from the call to the rules and back to bytes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from workflowops.core.json import Json
from workflowops.sandbox.accepted import CREATE_WORKFLOW, CREDENTIAL, PUBLISH, TAG, TAG_IDS, UPDATE_WORKFLOW
from workflowops.sandbox.bodies import accepted, accepted_workflow
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.listing import page_of, page_of_workflows, read_flag, read_query
from workflowops.sandbox.publishing import Label, archive, delete, publish, unarchive, unpublish
from workflowops.sandbox.records import Credential, Workflow
from workflowops.sandbox.refusal import Refused, bad_request, not_found
from workflowops.sandbox.rendering import (
    View,
    credential_document,
    data_table_document,
    listed_credential_document,
    render,
    render_version,
    tag_document,
    version_document,
)
from workflowops.sandbox.requests import Answer, Call, answer
from workflowops.sandbox.saving import Saving, create, update
from workflowops.sandbox.tagging import create_tag, delete_tag, rename_tag, set_workflow_tags


def list_workflows(call: Call) -> Answer:
    """GET /workflows."""
    return Answer(200, page_of_workflows(call.store, call.query))


def get_workflow(call: Call) -> Answer:
    """GET /workflows/{id}."""
    query = read_query(call.query, call.store.generation, known=("excludePinnedData",))
    excludes = read_flag(query, "excludePinnedData", call.store.generation) or False
    row = call.store.get(call.name())
    return Answer(200, [render(row, call.store, View.GET, excludes_pin_data=excludes)])


def create_workflow(call: Call) -> Answer:
    """POST /workflows."""
    shape = CREATE_WORKFLOW[call.store.generation]
    return _shown(call, create(call.store, accepted_workflow(call.body, shape, call.store.generation)), View.CREATED)


def update_workflow(call: Call) -> Answer:
    """PUT /workflows/{id}."""
    generation = call.store.generation
    body = accepted_workflow(call.body, UPDATE_WORKFLOW[generation], generation)
    known = ("publishIfActive",) if generation is Generation.V2 else ()
    wish = read_flag(read_query(call.query, generation, known=known), "publishIfActive", generation)
    if body.get("parentFolderId"):
        raise not_found(f"Could not find the folder: {body['parentFolderId']}")
    saving = Saving(publish_if_active=wish is not False, may_publish="workflow:activate" in call.scopes)
    row = update(call.store, call.name(), body, saving)
    return _shown(call, row, View.UPDATED)


def delete_workflow(call: Call) -> Answer:
    """DELETE /workflows/{id}."""
    return _shown(call, delete(call.store, call.name()), View.DELETED)


def publish_workflow(call: Call) -> Answer:
    """POST /workflows/{id}/publish, and its older name activate."""
    body = _publish_wish(call)
    label = Label(name=_text(body, "name"), description=_text(body, "description"))
    row = publish(call.store, call.name(), version_id=_text(body, "versionId"), label=label)
    return _shown(call, row, View.PUBLISHED)


def unpublish_workflow(call: Call) -> Answer:
    """POST /workflows/{id}/unpublish, and its older name deactivate."""
    return _shown(call, unpublish(call.store, call.name()), View.UNPUBLISHED)


def archive_workflow(call: Call) -> Answer:
    """POST /workflows/{id}/archive."""
    return _shown(call, archive(call.store, call.name()), View.UNPUBLISHED)


def unarchive_workflow(call: Call) -> Answer:
    """POST /workflows/{id}/unarchive."""
    return _shown(call, unarchive(call.store, call.name()), View.UNPUBLISHED)


def list_versions(call: Call) -> Answer:
    """GET /workflows/{id}/history: versions without their nodes."""
    row = call.store.get(call.name())
    versions = call.store.versions(row.id)
    pieces = page_of(versions, call.query, call.store.generation, lambda version: version_document(version, call.store))
    return Answer(200, pieces)


def get_version(call: Call) -> Answer:
    """GET /workflows/{id}/versions/{version}, on 1.x /workflows/{id}/{version}."""
    workflow_id, version_id = call.names.values()
    if call.store.generation is Generation.V2:
        call.store.get(workflow_id, otherwise="Workflow not found")
    return Answer(200, [render_version(call.store.version(workflow_id, version_id), call.store)])


def get_workflow_tags(call: Call) -> Answer:
    """GET /workflows/{id}/tags."""
    return _tags_of(call, call.store.get(call.name()))


def update_workflow_tags(call: Call) -> Answer:
    """PUT /workflows/{id}/tags."""
    body = accepted(call.body, TAG_IDS, call.store.generation)
    ids = [str(item["id"]) for item in (body if isinstance(body, list) else []) if isinstance(item, dict)]
    return _tags_of(call, set_workflow_tags(call.store, call.name(), ids))


def list_tags(call: Call) -> Answer:
    """GET /tags."""
    return Answer(200, page_of(list(call.store.tags.values()), call.query, call.store.generation, tag_document))


def post_tag(call: Call) -> Answer:
    """POST /tags."""
    return answer(tag_document(create_tag(call.store, _tag_name(call))), status=201)


def get_tag(call: Call) -> Answer:
    """GET /tags/{id}."""
    tag = call.store.tags.get(call.name())
    if tag is None:
        raise not_found()
    return answer(tag_document(tag))


def put_tag(call: Call) -> Answer:
    """PUT /tags/{id}."""
    return answer(tag_document(rename_tag(call.store, call.name(), _tag_name(call))))


def remove_tag(call: Call) -> Answer:
    """DELETE /tags/{id}."""
    return answer(tag_document(delete_tag(call.store, call.name())))


def list_credentials(call: Call) -> Answer:
    """GET /credentials: the one created last comes first, on 2.x only."""
    newest_first = list(reversed(call.store.credentials.values()))
    pieces = page_of(
        newest_first, call.query, call.store.generation, lambda row: listed_credential_document(row, call.store)
    )
    return Answer(200, pieces)


def list_data_tables(call: Call) -> Answer:
    """GET /data-tables."""
    rows = list(call.store.data_tables.values())
    document = partial(data_table_document, store=call.store)
    return Answer(200, page_of(rows, call.query, call.store.generation, document))


def list_variables(call: Call) -> Answer:
    """GET /variables: with their values, as n8n answers those who may list them."""
    if call.store.variables is None:
        return unlicensed("variables")
    rows = list(call.store.variables.items())
    return Answer(200, page_of(rows, call.query, call.store.generation, _variable_document))


def get_credential(call: Call) -> Answer:
    """GET /credentials/{id}."""
    return answer(credential_document(_credential(call)))


def post_credential(call: Call) -> Answer:
    """POST /credentials. Not imitated: the check of type and data against the credential types."""
    body = _fields(accepted(call.body, CREDENTIAL, call.store.generation))
    now = call.store.now()
    row = Credential(call.store.identifiers.short(), str(body["name"]), str(body["type"]), now, now)
    call.store.credentials[row.id] = row
    return answer(credential_document(row))


def patch_credential(call: Call) -> Answer:
    """PATCH /credentials/{id}: a new name shows in workflows only when they are saved again."""
    row = _credential(call)
    renamed = replace(row, name=str(_fields(call.body).get("name", row.name)), updated_at=call.store.now())
    call.store.credentials[row.id] = renamed
    return answer(credential_document(renamed))


def remove_credential(call: Call) -> Answer:
    """DELETE /credentials/{id}: allowed while workflows use it."""
    row = _credential(call)
    del call.store.credentials[row.id]
    return answer(credential_document(row))


def empty_page(_: Call) -> Answer:
    """A collection the sandbox has nothing in."""
    return answer({"data": [], "nextCursor": None})


def unlicensed(feature: str) -> Answer:
    """What a community instance answers for a paid feature."""
    message = (
        f"Your license does not allow for feat:{feature}. To enable feat:{feature}, "
        "please upgrade to a license that supports this feature."
    )
    raise Refused(403, message)


def _variable_document(row: tuple[str, str]) -> dict[str, object]:
    return {"id": row[0], "key": row[1], "type": "string", "value": f"value of {row[1]}", "project": None}


def _shown(call: Call, row: Workflow, view: View) -> Answer:
    return Answer(200, [render(row, call.store, view)])


def _tags_of(call: Call, row: Workflow) -> Answer:
    return answer([tag_document(call.store.tags[tag_id]) for tag_id in row.tag_ids])


def _credential(call: Call) -> Credential:
    row = call.store.credentials.get(call.name())
    if row is None:
        raise not_found("Credential not found")
    return row


def _tag_name(call: Call) -> str:
    return str(_fields(accepted(call.body, TAG, call.store.generation))["name"])


def _publish_wish(call: Call) -> Mapping[str, Json]:
    if call.store.generation is Generation.V1 or call.body is None:
        return _fields(call.body)
    if not isinstance(call.body, dict):
        raise bad_request(
            f"request/body Expected object, received {'array' if isinstance(call.body, list) else 'other'}"
        )
    return _fields(accepted(call.body, PUBLISH, call.store.generation))


def _fields(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _text(fields: Mapping[str, Json], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None else str(value)
