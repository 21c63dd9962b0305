"""A workflow that a plan removes and creates again under another identity: its file was moved, or its id changed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from workflowops.core.json import Json
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.references import nodes_of
from workflowops.core.promotion.target import Candidate
from workflowops.core.secrets import mask_text

_GIVEN_BY_N8N = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def identity_findings(candidates: Sequence[Candidate], workflows: Sequence[PlannedWorkflow]) -> Iterator[Finding]:
    """Tell which created workflow is one that the same plan removes: by its name, or by most of its nodes' ids.

    Only ids as n8n gives them are compared; ids such as `1` stand in many workflows.
    """
    of = {each.canonical_id: each for each in candidates}
    created = [each for each in workflows if each.change_type is WorkflowChangeType.CREATED]
    removed = [each for each in workflows if each.change_type is WorkflowChangeType.REMOVED]
    for new in created:
        for old in removed:
            if _is_same(new, of.get(new.canonical_id), old, of.get(old.canonical_id)):
                yield _finding(new, old)
                break


def _is_same(new: PlannedWorkflow, its: Candidate | None, old: PlannedWorkflow, former: Candidate | None) -> bool:
    name = None if former is None or former.live is None else former.live.name
    if new.workflow_name in (old.workflow_name, name):
        return True
    ones = set() if its is None else _node_ids(its.file or {})
    others = set() if former is None or former.live is None else _node_ids(former.live.document())
    return bool(ones and others) and 2 * len(ones & others) >= min(len(ones), len(others))


def _node_ids(document: Mapping[str, Json]) -> set[str]:
    ids = (str(node.get("id")) for node in nodes_of(document))
    return {each.lower() for each in ids if _GIVEN_BY_N8N.fullmatch(each)}


def _finding(new: PlannedWorkflow, old: PlannedWorkflow) -> Finding:
    is_on = new.publication is Publication.PUBLISH
    return Finding(
        code=FindingCode.IDENTITY_CHANGED,
        gravity=Gravity.BLOCKING,
        message=f"{shown(mask_text(new.workflow_name))} would be removed and created again: the file was moved or its "
        f"canonical_id changed; n8n would get a second workflow{'' if is_on else ', switched off'}.",
        fix=f"Put a sidecar with the old canonical_id beside the file: `{_sidecar(new)}` with "
        f'`"canonical_id": "{old.canonical_id}"`. If they are two workflows, remove the old one by a merge of its own.',
        canonical_id=new.canonical_id,
        file=new.file,
    )


def _sidecar(new: PlannedWorkflow) -> str:
    return f"{(new.file or new.canonical_slug).removesuffix('.json')}.wfo.json"
