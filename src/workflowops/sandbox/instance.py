"""The stand-in as a test or a rehearsal handles it from inside: create, edit by hand, publish, delete."""

from collections.abc import Callable, Mapping, Sequence
from threading import RLock

from workflowops.core.json import Json
from workflowops.sandbox.accepted import CREATE_WORKFLOW
from workflowops.sandbox.bodies import accepted_workflow
from workflowops.sandbox.javascript import as_javascript, read
from workflowops.sandbox.publishing import archive, delete, force_publish, publish, unpublish
from workflowops.sandbox.records import Credential, DataTable, Tag
from workflowops.sandbox.rendering import View, render
from workflowops.sandbox.saving import Saving, create, insert, update
from workflowops.sandbox.scopes import ALL_SCOPES
from workflowops.sandbox.store import Store
from workflowops.sandbox.tagging import create_tag, set_workflow_tags

Change = Mapping[str, Json] | Callable[[dict[str, Json]], Mapping[str, Json]]

_EMPTY: dict[str, Json] = {"nodes": [], "connections": {}, "settings": {}}


class Instance:
    """One n8n instance without its HTTP: every method is one whole step, safe beside the server's threads."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = Store() if store is None else store
        self.lock = RLock()

    def create_workflow(
        self,
        document: Mapping[str, Json],
        *,
        id: str | None = None,  # noqa: A002 - n8n's own word
        active: bool = False,
        lenient: bool = False,
        tags: Sequence[str] = (),
    ) -> str:
        """Store a document as POST would and answer its id; what is not for POST to say is left out.

        `lenient` stores it unchecked, as an older server might have, and publishes without asking. Raises Refused.
        """
        shape = CREATE_WORKFLOW[self.store.generation]
        writable = {name for name, part in (shape.fields or {}).items() if not part.read_only} - {"shared"}
        body = {**_EMPTY, "name": "My workflow", **{n: v for n, v in document.items() if n in writable}}
        with self.lock:
            if lenient:
                row = insert(self.store, {n: as_javascript(v) for n, v in body.items()}, workflow_id=id)
            else:
                row = create(self.store, accepted_workflow(body, shape, self.store.generation), workflow_id=id)
            if tags:
                self.set_tags(row.id, tags)
            if active and lenient:
                force_publish(self.store, self.store.get(row.id), self.store.version(row.id, row.version_id))
            elif active:
                publish(self.store, row.id)
            return row.id

    def edit_by_hand(self, workflow_id: str, change: Change, *, publish: bool = False) -> None:
        """Save as the editor does: unknown keys are taken; on 2.x it is a draft until published, on 1.x it goes live.

        `change` holds the changed fields (nodes, connections, settings, name, ...), or makes them from the document.
        Raises Refused.
        """
        with self.lock:
            fields = change(self.document(workflow_id)) if callable(change) else change
            update(self.store, workflow_id, fields, Saving(publish_if_active=False))
            if publish:
                self.publish(workflow_id)

    def document(self, workflow_id: str) -> dict[str, Json]:
        """Answer what GET answers, as a copy. Raises Refused (404)."""
        with self.lock:
            shown = read(render(self.store.get(workflow_id), self.store, View.GET))
        return shown if isinstance(shown, dict) else {}

    def ids(self) -> list[str]:
        """The ids of all workflows, in the order of the list."""
        with self.lock:
            return [row.id for row in self.store.rows()]

    def publish(self, workflow_id: str, *, version_id: str | None = None) -> None:
        """Publish the draft, or an older version. Raises Refused."""
        with self.lock:
            publish(self.store, workflow_id, version_id=version_id)

    def unpublish(self, workflow_id: str) -> None:
        """Let nothing of the workflow run. Raises Refused (404)."""
        with self.lock:
            unpublish(self.store, workflow_id)

    def archive(self, workflow_id: str) -> None:
        """Put the workflow away. Raises Refused (404)."""
        with self.lock:
            archive(self.store, workflow_id)

    def delete(self, workflow_id: str, *, force: bool = True) -> None:
        """Remove the workflow; `force` unpublishes it first. Raises Refused."""
        with self.lock:
            if force:
                unpublish(self.store, workflow_id)
                self.store.leaving.discard(workflow_id)
            delete(self.store, workflow_id)

    def set_tags(self, workflow_id: str, names: Sequence[str]) -> None:
        """Give the workflow exactly these tags, creating those that are missing. Raises Refused."""
        with self.lock:
            known = {tag.name: tag for tag in self.store.tags.values()}
            tags: list[Tag] = [known.get(name) or create_tag(self.store, name) for name in names]
            set_workflow_tags(self.store, workflow_id, [tag.id for tag in tags])

    def add_credential(self, name: str, type: str, *, id: str | None = None) -> str:  # noqa: A002 - n8n's own words
        """Store a credential (there is nothing secret in it) and answer its id."""
        with self.lock:
            now = self.store.now()
            credential = Credential(id or self.store.identifiers.short(), name, type, created_at=now, updated_at=now)
            self.store.credentials[credential.id] = credential
            return credential.id

    def add_data_table(self, name: str, columns: Mapping[str, str]) -> str:
        """Make a data table without rows (column name -> type) and answer its id."""
        with self.lock:
            now, identity = self.store.now(), self.store.identifiers.short()
            table = DataTable(identity, name, tuple(columns.items()), created_at=now, updated_at=now)
            self.store.data_tables[identity] = table
            return identity

    def set_variables(self, *keys: str) -> None:
        """License variables and let these be there; what they hold nobody may read here."""
        with self.lock:
            self.store.variables = {self.store.identifiers.short(): key for key in keys}

    def add_key(self, *scopes: str, key: str | None = None) -> str:
        """Make an API key with these scopes, or with all of them; 1.x enforces none."""
        with self.lock:
            key = key or f"key-{self.store.identifiers.short()}"
            self.store.keys[key] = frozenset(scopes) if scopes else ALL_SCOPES
            return key
