"""Credentials of one instance put in the place of another's: by type and name, never by an id of somewhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.configuration import CredentialsMissing
from workflowops.core.json import Json
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import CredentialBinding
from workflowops.core.promotion.target import Credential, Target
from workflowops.core.secrets import mask_text


def _reference_in(node: Mapping[str, Json], kind: str) -> Mapping[str, Json] | None:
    credentials = node.get("credentials")
    held = credentials.get(kind) if isinstance(credentials, dict) else None
    return held if isinstance(held, dict) else None


def mapped_name(name: str, mapping: Mapping[str, str]) -> str:
    """Answer what a name means in a stage. One that something else is mapped to is the stage's own name already."""
    return name if name in mapping.values() else mapping.get(name, name)


@dataclass(slots=True)
class Binder:
    """Binds the credentials of one workflow, node by node, and remembers what it did and what stood against it."""

    target: Target
    canonical_id: str
    file: str | None
    origins: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)  # the nodes of the stage before, by name
    bindings: list[CredentialBinding] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def bound(self, node: Mapping[str, Json], *, live: Mapping[str, Json]) -> dict[str, Json] | None:
        """Answer the credentials of a node as they are written; None where it has none.

        `live` is the node that the target has under this name. Disabled nodes as well: n8n does not resolve theirs,
        so what is sent is what they have when somebody enables them.
        """
        given = node.get("credentials")
        name = str(node.get("name"))
        if isinstance(given, dict):
            held = live.get("credentials")
            there = held if isinstance(held, dict) else {}
            return {kind: self._reference(name, kind, value, there.get(kind)) for kind, value in given.items()}
        if given not in (None, []):
            self._tell(FindingCode.CREDENTIAL_MISSING, name, "has credentials that are no object.", _CHOOSE)
        return None

    def _reference(self, node_name: str, kind: str, given: Json, live: Json) -> Json:
        name = given.get("name") if isinstance(given, dict) else None
        if not isinstance(given, dict) or not isinstance(name, str) or not name:
            what = "gives its credential as a bare text" if isinstance(given, str) else "names no credential"
            self._tell(FindingCode.CREDENTIAL_MISSING, node_name, f"{what} of type {shown(kind)}.", _CHOOSE)
            return {"id": None, "name": given if isinstance(given, str) else ""}
        self.dropped += [key for key in given if key not in ("id", "name")]
        wanted = mapped_name(name, self.target.stage.credentials)
        if wanted != name:
            self._tell(
                FindingCode.CREDENTIAL_NOT_MAPPED,
                node_name,
                f"names the credential {_quoted(name)}; in this stage it is called {_quoted(wanted)}.",
                f"Run `workflowops promote open` again, or write {_quoted(wanted)} into the file.",
            )
        found = self._found(node_name, kind, wanted, live)
        before = _reference_in(self.origins.get(node_name, {}), kind) or given
        self.bindings.append(
            CredentialBinding(
                node_name=mask_text(node_name),
                credential_type=kind,
                old_name=str(before.get("name") or name),
                name=wanted,
                id=found,
                is_rewritten=found != before.get("id") or wanted != before.get("name"),
            )
        )
        return {"id": found, "name": wanted}

    def _found(self, node_name: str, kind: str, name: str, live: Json) -> str | None:
        """Answer the one id that a credential of this type and name has in the target."""
        known = self.target.credentials
        own = known_credential(live, kind)
        seen = known.known if known.is_complete or own is None else (*known.known, own)
        ids = sorted({each.id for each in seen if (each.type, each.name) == (kind, name) and each.id})
        if len(ids) == 1:
            return ids[0]
        if own is not None and own.id in ids:
            return own.id
        if not known.is_complete:
            self._unproven(node_name, kind, name, ids)
        elif ids:
            self._tell(
                FindingCode.CREDENTIAL_AMBIGUOUS,
                node_name,
                f"needs the credential {_quoted(name)} ({shown(kind)}), of which the target has {len(ids)}.",
                "Rename all but one of them in n8n, or choose one in n8n's editor and adopt that version.",
            )
        else:
            self._missing(node_name, kind, name, own)
        return None

    def _unproven(self, node_name: str, kind: str, name: str, ids: list[str]) -> None:
        seen = f"its workflows use {len(ids)} of that name" if ids else "none of its workflows uses it"
        self._tell(
            FindingCode.CREDENTIAL_UNPROVEN,
            node_name,
            f"needs the credential {_quoted(name)} ({shown(kind)}); this server lists no credentials, and {seen}, "
            "so n8n has to find it by its name.",
            "See in n8n that exactly one credential has this type and name.",
            gravity=Gravity.WARNING,
        )

    def _missing(self, node_name: str, kind: str, name: str, own: Credential | None) -> None:
        is_kept = self.target.stage.credentials_missing is CredentialsMissing.KEEP_NAME
        known = self.target.credentials.known
        renamed = next(
            (each.name for each in known if own is not None and (each.type, each.id) == (kind, own.id)), None
        )
        hint = "" if renamed is None else f" What this node uses there is called {_quoted(renamed)} now."
        self._tell(
            FindingCode.CREDENTIAL_MISSING,
            node_name,
            f"needs the credential {_quoted(name)} ({shown(kind)}), which the target does not have.{hint}",
            f"Make it in n8n under exactly this name, or map {_quoted(name)} to another one under `credentials` of the "
            "stage and open the promotion again.",
            gravity=Gravity.WARNING if is_kept else Gravity.BLOCKING,
        )

    def _tell(
        self, code: FindingCode, node_name: str, what: str, fix: str, *, gravity: Gravity = Gravity.BLOCKING
    ) -> None:
        node = mask_text(node_name)
        self.findings.append(
            Finding(
                code=code,
                gravity=gravity,
                message=f"Node {shown(node)} {what}",
                fix=fix,
                canonical_id=self.canonical_id,
                node_name=node,
                file=self.file,
            )
        )


_CHOOSE = "Choose the credential of this node in n8n's editor, and bring that version into the file."


def _quoted(name: str) -> str:
    return shown(mask_text(name))


def known_credential(reference: Json, kind: str) -> Credential | None:
    """Read a credential that a workflow uses; None where id or name is missing."""
    given = reference if isinstance(reference, dict) else {}
    credential_id, name = given.get("id"), given.get("name")
    if not isinstance(credential_id, str) or not isinstance(name, str) or not credential_id or not name:
        return None
    return Credential(credential_id, name, kind)
