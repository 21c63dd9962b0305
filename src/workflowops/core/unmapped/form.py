"""The body of an issue that the form made, read back into what was entered."""

import re
from dataclasses import dataclass, field

from workflowops.core.comment.onboarding_request import OnboardingAsked, onboarding_asked
from workflowops.core.problems import shown
from workflowops.core.setup.form import FormField
from workflowops.errors import ConfigurationError

EMPTY = "_No response_"
"""What GitHub writes where nothing was entered."""

LONGEST_FORM = 20_000
"""Characters of a body that is read; a form has a few hundred."""

_HEADING = re.compile(r"### (\S.*?)\s*")
_SHORT = frozenset(FormField) - {FormField.DESCRIPTION}
_REQUIRED = (FormField.ENVIRONMENT, FormField.WORKFLOW)
_ASKED = {
    FormField.ENVIRONMENT: "environment",
    FormField.WORKFLOW: "workflows",
    FormField.SLUG: "slug",
    FormField.DESCRIPTION: "description",
    FormField.TAGS: "tags",
    FormField.FILE: "file",
    FormField.MESSAGE: "message",
}


@dataclass(slots=True)
class _Reading:
    """What was read so far: the lines below each heading, in order."""

    entered: dict[FormField, list[str]] = field(default_factory=dict)
    current: FormField | None = None


def read_form(body: str) -> OnboardingAsked:
    """Read what was entered into the form; one workflow of one environment.

    The body has to be what GitHub makes of the form: each heading once and in order, no other heading of the same
    rank, nothing before the first, one line below each but the description. Raises ConfigurationError for anything
    else: whoever can choose the text of one field must not be able to fill in another.
    """
    if len(body) > LONGEST_FORM:
        raise _misread(f"It has {len(body):,} characters; {LONGEST_FORM:,} are the most.")
    reading = _Reading()
    for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        _take(reading, line)
    missing = [each for each in FormField if each not in reading.entered]
    if missing:
        raise _misread(f"The heading {shown(missing[0])} is missing.")
    values = {each: _value(each, lines) for each, lines in reading.entered.items()}
    unfilled = next((each for each in _REQUIRED if not values[each]), None)
    if unfilled is not None:
        raise _misread(f"{shown(unfilled)} is empty.")
    asked = onboarding_asked({_ASKED[each]: value for each, value in values.items()})
    if asked.is_all or len(asked.workflow_ids) != 1:
        raise ConfigurationError(
            "The form is for one workflow.",
            fix="Name several in a comment here, as in `/onboard ID ID`, or `/onboard all`.",
        )
    return asked


def _take(reading: _Reading, line: str) -> None:
    heading = _HEADING.fullmatch(line)
    if heading is None:
        if reading.current is not None:
            reading.entered[reading.current].append(line)
        elif line.strip():
            raise _misread("There is text before the first heading.")
        return
    called = heading[1]
    if called not in {str(each) for each in FormField}:
        raise _misread(f"The heading {shown(called)} is none of the form.")
    found = FormField(called)
    if found in reading.entered:
        raise _misread(f"The heading {shown(called)} is there twice.")
    if [*reading.entered, found] != [*FormField][: len(reading.entered) + 1]:
        raise _misread(f"The heading {shown(called)} is not where the form has it.")
    reading.entered[found] = []
    reading.current = found


def _value(which: FormField, lines: list[str]) -> str:
    text = "\n".join(lines).strip()
    if text == EMPTY:
        return ""
    if which in _SHORT and "\n" in text:
        raise _misread(f"{shown(which)} has several lines.")
    return text


def _misread(problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"This is not what the form makes. {problem}",
        fix="Open the form anew, or name the workflow in a comment here, as in `/onboard 2tUt1wbLX592XDdX`.",
    )
