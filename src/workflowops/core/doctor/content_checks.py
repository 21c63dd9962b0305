"""The checks of what an instance holds: names, addresses, credentials and sizes that will be in the way."""

from collections import defaultdict

from workflowops.core.doctor.check import Finding, broken, passed, skipped, unknown, warning
from workflowops.core.doctor.instance import ExaminedWorkflow, InstanceFacts
from workflowops.core.doctor.n8n_checks import why_not_usable
from workflowops.core.problems import shown
from workflowops.core.promotion.target import Credential
from workflowops.core.secrets import mask_text
from workflowops.core.text.plain import count
from workflowops.errors import N8nForbiddenError

LARGEST_SIZE = 12 * 2**20
"""In bytes: n8n refuses a body above 16 MiB unless it is told otherwise, and what is around the nodes counts too."""

MOST_DETAILS = 5_000
_NOT_LISTED = "The workflows could not be listed."


def workflows_can_be_read(facts: InstanceFacts) -> Finding:
    """Every workflow can be read."""
    if (unusable := why_not_usable(facts)) is not None:
        return skipped(unusable)
    if isinstance(facts.failure, N8nForbiddenError):
        return skipped("The key may not list them.")
    if facts.failure is not None:
        return broken(f"They could not all be listed. {facts.failure}", fix=facts.failure.fix)
    if facts.workflows is None:
        return unknown("They were not listed.", fix="Run this again.")
    if facts.odd:
        return warning(
            f"{count(len(facts.odd), 'workflow')} cannot be read and will never be compared.",
            fix="Open them in n8n's editor and save them, or delete them.",
            details=facts.odd[:MOST_DETAILS],
        )
    return passed(f"{count(len(facts.workflows), 'workflow')}, archived ones included.")


def names_are_unique(facts: InstanceFacts) -> Finding:
    """Every workflow has a name of its own."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    by_name: dict[str, list[ExaminedWorkflow]] = defaultdict(list)
    for workflow in facts.present:
        by_name[workflow.name.strip().casefold()].append(workflow)
    twice = sorted((each for each in by_name.values() if len(each) > 1), key=lambda each: each[0].name.casefold())
    if not twice:
        return passed()
    return warning(
        f"{count(len(twice), 'name')} {'is' if len(twice) == 1 else 'are'} used more than once.",
        fix="Rename all but one of each in n8n, or onboard them by id with a slug of their own (`--slug`).",
        details=[f"{_name(each[0].name)}: n8n ids {', '.join(one.id for one in each)}" for each in twice][
            :MOST_DETAILS
        ],
    )


def addresses_are_free(facts: InstanceFacts) -> Finding:
    """No two workflows listen on the same address."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    by_address: dict[tuple[str, str], dict[str, ExaminedWorkflow]] = defaultdict(dict)
    for workflow in facts.present:
        for each in workflow.listeners:
            by_address[each.method, each.path][workflow.id] = workflow
    shared = {address: list(users.values()) for address, users in sorted(by_address.items()) if len(users) > 1}
    if not shared:
        return passed()
    active = sum(1 for users in shared.values() if any(each.is_active for each in users))
    names = [shown(mask_text(f"{method} /{path}"), longest=100) for method, path in shared]
    return warning(
        f"{count(len(shared), 'address', 'addresses')} {'is' if len(shared) == 1 else 'are'} in more than one workflow "
        f"({active} of them taken by an active one). n8n refuses to publish the second.",
        fix="Give all but one of them another path, or remove those that nobody needs.",
        details=[
            f"{address}: {', '.join(_user(each) for each in users)}"
            for address, users in zip(names, shared.values(), strict=True)
        ][:MOST_DETAILS],
    )


def credentials_are_unique(facts: InstanceFacts) -> Finding:
    """Every credential has a name of its own among those of its type."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    if facts.credentials is None and facts.credentials_failure is not None:
        return unknown(f"They could not be listed. {facts.credentials_failure}", fix=facts.credentials_failure.fix)
    if facts.credentials is None:
        return skipped("This server does not list credentials.")
    by_label: dict[tuple[str, str], list[Credential]] = defaultdict(list)
    for credential in facts.credentials:
        by_label[credential.type, credential.name].append(credential)
    used = {(use.type, use.name) for workflow in facts.present for use in workflow.credentials}
    twice = sorted(label for label, held in by_label.items() if len(held) > 1)
    if not twice:
        return passed(f"{count(len(facts.credentials), 'credential')}.")
    needed = [label for label in twice if label in used]
    return warning(
        f"{count(len(twice), 'name')} of credentials {'stands' if len(twice) == 1 else 'stand'} for more than one "
        f"({len(needed)} used by workflows). A promotion cannot tell which is meant.",
        fix="Rename all but one of each in n8n.",
        details=[
            f"{credential_words(*label)}: {len(by_label[label])} of them{', used' if label in used else ''}"
            for label in twice
        ][:MOST_DETAILS],
    )


def sizes_are_small(facts: InstanceFacts) -> Finding:
    """Every workflow is small enough for n8n's API to take it."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    large = sorted((each for each in facts.present if each.size > LARGEST_SIZE), key=lambda each: -each.size)
    if not large:
        return passed()
    return warning(
        f"{count(len(large), 'workflow')} {'is' if len(large) == 1 else 'are'} near or above the limit of 16 MiB.",
        fix="Move data out of the nodes, or raise N8N_PAYLOAD_SIZE_MAX (MiB) of the instances they are promoted to.",
        details=[f"{_name(each.name)}: {each.size / 2**20:.1f} MiB" for each in large][:MOST_DETAILS],
    )


def _why_nothing(facts: InstanceFacts) -> Finding | None:
    if (unusable := why_not_usable(facts)) is not None:
        return skipped(unusable)
    return skipped(_NOT_LISTED) if facts.workflows is None else None


def _name(text: str) -> str:
    return shown(mask_text(text))


def _user(workflow: ExaminedWorkflow) -> str:
    return f"{_name(workflow.name)} ({'active' if workflow.is_active else 'not active'})"


def credential_words(kind: str, name: str) -> str:
    """Name a credential for people, masked where its name looks like a secret."""
    return f"{_name(name)} ({shown(kind)})"
