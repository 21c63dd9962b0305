"""Content policies: what the files of a stage must not hold."""

from collections.abc import Iterator, Mapping

from workflowops.core.configuration import ContentPolicy, SecretsPolicy
from workflowops.core.json import Json
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.references import inline_workflows, nodes_of
from workflowops.core.secrets import find_secrets, mask_text

_TOOL_SUFFIXES = ("", "HitlTool", "Tool")
"""n8n makes tool variants of every node that an agent may use, and they do what the node does."""


def content_findings(
    document: Mapping[str, Json], policy: ContentPolicy, *, canonical_id: str, file: str | None
) -> tuple[Finding, ...]:
    """Name the nodes of denied types and what looks like a secret; every message is masked.

    Disabled nodes count: one click in n8n's editor enables them, and no review would see it. So do those of a workflow
    that a node holds as a text.
    """
    return (
        *_denied(document, policy, canonical_id=canonical_id, file=file),
        *_secrets(document, policy.secrets, canonical_id=canonical_id, file=file),
    )


def is_denied(node_type: str, denied: str) -> bool:
    """Say whether an entry of `deny_node_types` means a type, or the node that the type is the tool variant of."""
    if denied.endswith("*"):
        return node_type.startswith(denied[:-1])
    return any(node_type == denied + suffix for suffix in _TOOL_SUFFIXES)


def _denied(
    document: Mapping[str, Json], policy: ContentPolicy, *, canonical_id: str, file: str | None
) -> Iterator[Finding]:
    inner = (node for _, each in inline_workflows(document) for node in nodes_of(each))
    for node in (*nodes_of(document), *inner):
        kind = str(node.get("type"))
        entry = next((each for each in policy.deny_node_types if is_denied(kind, each)), None)
        if entry is not None:
            name = mask_text(str(node.get("name")))
            yield Finding(
                code=FindingCode.NODE_TYPE_DENIED,
                gravity=Gravity.BLOCKING,
                message=f"Node {shown(name)} is a {shown(kind)}, which the stage does not allow ({shown(entry)}).",
                fix="Take the node out of the workflow, or change `policies.deny_node_types` of the stage.",
                canonical_id=canonical_id,
                node_name=name,
                file=file,
            )


def _secrets(
    document: Mapping[str, Json], policy: SecretsPolicy, *, canonical_id: str, file: str | None
) -> Iterator[Finding]:
    if policy is SecretsPolicy.ALLOW:
        return
    for found in find_secrets(dict(document)):
        place = "" if found.node_name is None else f" of node {shown(found.node_name)}"
        yield Finding(
            code=FindingCode.SECRET_IN_FILE,
            gravity=Gravity.BLOCKING if policy is SecretsPolicy.BLOCK else Gravity.WARNING,
            message=f"{shown(found.path, longest=200)}{place} looks like a secret ({found.kind}): {found.preview}.",
            fix="Move it into a credential of n8n and make a new one: what was committed stays in Git's history. "
            "If it is none, `policies.secrets: warn` lets it pass.",
            canonical_id=canonical_id,
            node_name=found.node_name,
            file=file,
        )
