"""What all checks together amount to, and the JSON document that `--json` prints."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.doctor.check import CONFIGURATION, REPOSITORY, STATE, Check, Verdict, is_broken
from workflowops.core.json import Json

_ORDER = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.WARNING, Verdict.PASSED)
"""From what counts most. A check that was skipped says nothing about the whole."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Every check that was made, in the order in which people put things right."""

    checks: tuple[Check, ...]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Count the checks by verdict; every verdict is there."""
        return {verdict: sum(each.verdict is verdict for each in self.checks) for verdict in Verdict}

    @property
    def verdict(self) -> Verdict:
        """The verdict that counts most: broken, then unknown, then warning; SKIPPED when nothing was looked at."""
        return next((verdict for verdict in _ORDER if self.counts[verdict]), Verdict.SKIPPED)

    @property
    def is_broken(self) -> bool:
        """Whether the doctor ends with exit code 3."""
        return is_broken(self.checks)

    def by_subject(self) -> Mapping[str, tuple[Check, ...]]:
        """Group the checks: configuration, then the environments in the order of the file, the state, the repository.

        Within a subject they keep their order.
        """
        subjects = dict.fromkeys(each.subject for each in self.checks)
        places = {CONFIGURATION: 0, STATE: 2, REPOSITORY: 3}
        ordered = sorted(subjects, key=lambda subject: places.get(subject, 1))
        return {subject: tuple(each for each in self.checks if each.subject == subject) for subject in ordered}


def doctor_document(diagnosis: Diagnosis) -> dict[str, Json]:
    """Write a diagnosis with every check and every detail."""
    return {
        "status": str(diagnosis.verdict),
        "counts": {str(verdict): number for verdict, number in diagnosis.counts.items()},
        "checks": [
            {
                "id": each.id,
                "subject": each.subject,
                "title": each.title,
                "verdict": str(each.verdict),
                "found": each.found,
                "fix": each.fix,
                "details": list(each.details),
            }
            for checks in diagnosis.by_subject().values()
            for each in checks
        ],
    }
