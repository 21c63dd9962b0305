"""The checks between two stages of a pipeline: what workflows of one lean on and the next does not have."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workflowops.core.configuration import Configuration, Stage
from workflowops.core.doctor.check import (
    Check,
    Finding,
    check_of,
    environment_subject,
    passed,
    skipped,
    unknown,
    warning,
)
from workflowops.core.doctor.content_checks import MOST_DETAILS, credential_words
from workflowops.core.doctor.instance import CredentialUse, InstanceFacts
from workflowops.core.problems import shown
from workflowops.core.promotion.credentials import mapped_name
from workflowops.core.secrets import mask_text
from workflowops.core.text.plain import count

CREDENTIALS_ID = "n8n.credentials.next"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two neighbouring stages of a pipeline, as their instances were found; None where one was not examined."""

    pipeline: str
    stage: Stage
    source_name: str
    source: InstanceFacts | None
    target: InstanceFacts | None


def pairs_of(configuration: Configuration, instances: Mapping[str, InstanceFacts]) -> tuple[Pair, ...]:
    """Name every two neighbouring stages of the pipelines of which at least the second was examined, each once."""
    found: dict[tuple[str, str], Pair] = {}
    for pipeline in configuration.pipelines.values():
        for before, stage in pairwise(pipeline.stages):
            if stage.environment in instances:
                pair = Pair(
                    pipeline=pipeline.name,
                    stage=stage,
                    source_name=before.environment,
                    source=instances.get(before.environment),
                    target=instances[stage.environment],
                )
                found.setdefault((before.environment, stage.environment), pair)
    return tuple(found.values())


def pair_checks(pairs: Sequence[Pair]) -> tuple[Check, ...]:
    """Check every pair; the subject is the stage that is promoted to."""
    return tuple(
        check_of(
            credentials_are_there,
            pair,
            identifier=CREDENTIALS_ID,
            subject=environment_subject(pair.stage.environment),
        )
        for pair in pairs
    )


def credentials_are_there(pair: Pair) -> Finding:
    """Credentials that the stage before uses are here, each exactly once."""
    source, target = pair.source, pair.target
    if source is None:
        return skipped(f"{pair.source_name} was not looked at.")
    if source.workflows is None or target is None or target.workflows is None:
        return skipped(f"The workflows of {pair.source_name} or of this instance could not be listed.")
    if target.credentials is None and target.credentials_failure is not None:
        return unknown(f"They could not be listed. {target.credentials_failure}", fix=target.credentials_failure.fix)
    if target.credentials is None:
        return unknown(
            "This server does not list credentials.",
            fix="Give the key the scope credential:list (n8n 2.8 and newer), or compare them by hand.",
        )
    return _compared(pair, needed_in(source, pair.stage.credentials), target)


def needed_in(source: InstanceFacts, mapping: Mapping[str, str]) -> Counter[tuple[str, str]]:
    """Count by type and name in the next stage how many workflows of this one use a credential.

    A name is what the credential is called now, where the instance lists them: the one in a node may be older.
    """
    called = {(each.type, each.id): each.name for each in source.credentials or ()}
    needed: Counter[tuple[str, str]] = Counter()
    for workflow in source.present:
        needed.update({(use.type, mapped_name(_current(use, called), mapping)) for use in workflow.credentials})
    return needed


def _current(use: CredentialUse, called: Mapping[tuple[str, str], str]) -> str:
    return use.name if use.id is None else called.get((use.type, use.id), use.name)


def _compared(pair: Pair, needed: Counter[tuple[str, str]], target: InstanceFacts) -> Finding:
    there = Counter((each.type, each.name) for each in target.credentials or ())
    missing = sorted(label for label in needed if not there[label])
    ambiguous = sorted(label for label in needed if there[label] > 1)
    unmapped = sorted({name for name in pair.stage.credentials.values() if all(name != held for _, held in there)})
    if not missing and not ambiguous and not unmapped:
        return passed(f"{count(len(needed), 'credential')} of {pair.source_name}.")
    parts = [
        (len(missing), "missing"),
        (len(ambiguous), "there more than once"),
        (len(unmapped), "named by `credentials` of the stage and not there"),
    ]
    told = ", ".join(f"{number} {word}" for number, word in parts if number)
    details = [
        *(f"{credential_words(*label)} is missing; {_users(needed[label])}." for label in missing),
        *(f"{credential_words(*label)} is there {there[label]} times." for label in ambiguous),
        *(f"{shown(mask_text(name))} is named by the stage and not there." for name in unmapped),
    ]
    return warning(
        f"Of {count(len(needed), 'credential')} that {pair.source_name} uses: {told}. A promotion of workflows that "
        "use them is stopped before it writes.",
        fix="Make them in n8n under the same name and type, or map them under `credentials` of the stage "
        f"{pair.stage.environment} in the pipeline {pair.pipeline}.",
        details=details[:MOST_DETAILS],
    )


def _users(number: int) -> str:
    return f"{count(number, 'workflow')} {'uses' if number == 1 else 'use'} it"
