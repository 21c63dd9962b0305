"""The differences of an incident in full, as the state branch keeps them."""

from collections.abc import Collection

from workflowops.core.drift import EnvironmentDrift
from workflowops.core.text.incident_sections import SECTION, shortened
from workflowops.core.text.markdown import escaped, size
from workflowops.core.text.plain import count
from workflowops.core.text.words import kind_of
from workflowops.core.text.workflow_difference import IN_FULL, section, shown

__all__ = ["SECTION", "details_of"]

_LONGEST_SECTION = 200_000
_MOST_BYTES = 5_000_000
_MARGIN = 1_000


def details_of(drift: EnvironmentDrift, canonical_ids: Collection[str]) -> str:
    """Tell in Markdown what differs in every workflow named, in the order of the report; sections joined by `SECTION`.

    Secrets are masked. A section has about 200,000 characters at most, all of them 5 MB; what does not fit is counted.
    """
    wanted = frozenset(canonical_ids)
    sections: list[str] = []
    taken = left_out = 0
    for workflow in drift.workflows:
        if workflow.canonical_id not in wanted:
            continue
        if taken > _MOST_BYTES - _MARGIN:
            left_out += 1
            continue
        one = shown(workflow)
        lines = section(one, extent=IN_FULL) or [f"{one.name} {escaped(kind_of(workflow))}"]
        told = shortened("\n".join(lines), room=_LONGEST_SECTION)
        taken += size([told, SECTION]) + 2
        if taken > _MOST_BYTES - _MARGIN:
            left_out += 1
        else:
            sections.append(told)
    if left_out:
        sections.append(f"**{count(left_out, 'more workflow')} left out here.**")
    return f"\n\n{SECTION}\n\n".join(sections) + "\n" if sections else ""
