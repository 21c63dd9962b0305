"""Readers of answers: what a 200 holds, or the fault that anything else is."""

from collections.abc import Callable
from typing import TypeVar

from workflowops.io.n8n.answers import Answer, fault_of, foreign_fault
from workflowops.io.n8n.faults import Fault

Read = TypeVar("Read")


def json_reader(parse: Callable[[bytes], Read], *, scope: str) -> Callable[[Answer], Read | Fault]:
    """Answer a reader for a JSON body that `parse` understands, or refuses with ValueError."""

    def read(answer: Answer) -> Read | Fault:
        if answer.status != 200:
            return fault_of(answer, scope=scope)
        if not answer.is_json:
            return foreign_fault(answer, problem="")
        try:
            return parse(answer.body)
        except (ValueError, RecursionError) as error:
            return foreign_fault(answer, problem=str(error))

    return read


def text_reader(parse: Callable[[bytes], Read], *, scope: str) -> Callable[[Answer], Read | Fault]:
    """Answer a reader for a body of any type but HTML."""

    def read(answer: Answer) -> Read | Fault:
        if answer.status != 200:
            return fault_of(answer, scope=scope)
        if answer.is_html:
            return foreign_fault(answer, problem="")
        try:
            return parse(answer.body)
        except (ValueError, RecursionError) as error:
            return foreign_fault(answer, problem=str(error))

    return read
