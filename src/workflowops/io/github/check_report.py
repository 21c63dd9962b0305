"""Our check on a commit: written once for what it says, however often the run is repeated."""

from collections.abc import Sequence
from hashlib import sha256

from workflowops.core.json import Json, JsonObject, printable
from workflowops.core.promotion.review import Annotation, CheckReport
from workflowops.io.github.checks import OURS
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error
from workflowops.io.github.messages import Answer, Request
from workflowops.io.github.once import write_once
from workflowops.io.github.place import Place
from workflowops.io.github.reading import text_of
from workflowops.io.github.sizes import fitting_text, fitting_title

_NEEDS = "checks: write"
_MOST_ANNOTATIONS = 50
_LONGEST_SUMMARY = 65_535
_LONGEST_MESSAGE = 16_000
_LEVELS = frozenset({"notice", "warning", "failure"})


def report_check(report: CheckReport, exchange: Exchange, place: Place) -> None:
    """Report a check; GitHub shows the latest of its name. Two requests, one more for every 50 annotations.

    What says the same already is left as it is. A check that says something else is reported anew rather than changed,
    because GitHub only ever adds annotations to one. Raises GitHubError.
    """
    identity = _identity(report)
    annotations: list[Json] = [_annotation(each) for each in report.annotations]
    portions = [annotations[at : at + _MOST_ANNOTATIONS] for at in range(0, len(annotations), _MOST_ANNOTATIONS)]
    first, *others = portions or [[]]
    found = _find(report, identity, exchange, place)
    number, held = found if found is not None else (_create(report, identity, first, exchange, place), len(first))
    shown = len(first)
    for portion in others:
        if held < shown + len(portion):
            _add(report, number, portion, exchange, place, shown=shown)
        shown += len(portion)


def _identity(report: CheckReport) -> str:
    return f"{OURS}{sha256(repr(report).encode(errors='replace')).hexdigest()[:32]}"


def _find(report: CheckReport, identity: str, exchange: Exchange, place: Place) -> tuple[int, int] | None:
    """Answer the number of the check that says this, and how many annotations it has."""
    request = Request(
        method="GET",
        path=place.path("commits", report.commit, "check-runs"),
        query={"check_name": report.name, "filter": "latest"},
        task=f"look for the check {place.quoted(report.name)}",
        needs="checks: read",
    )
    for page in exchange.pages(request, key="check_runs"):
        for entry in page:
            number = _number(entry)
            if number is not None and text_of(entry, "external_id") == identity:
                return number, _annotations_of(entry)
    return None


def _create(report: CheckReport, identity: str, annotations: list[Json], exchange: Exchange, place: Place) -> int:
    request = Request(
        method="POST",
        path=place.path("check-runs"),
        body={
            "name": report.name,
            "head_sha": report.commit,
            "status": "completed",
            "conclusion": report.conclusion.value,
            "external_id": identity,
            "output": _output(report, annotations),
        },
        task=f"report the check {place.quoted(report.name)}",
        needs=_NEEDS,
    )

    def read(answer: Answer) -> int:
        number = _number(answer.data)
        if number is None:
            raise foreign_error(request, place, lack="a check was expected")
        return number

    def find() -> int | None:
        found = _find(report, identity, exchange, place)
        return None if found is None else found[0]

    return write_once(exchange, request, find=find, read=read)


def _add(
    report: CheckReport, number: int, annotations: list[Json], exchange: Exchange, place: Place, *, shown: int
) -> None:
    """Add annotations to those shown already; where the answer is lost, their number tells whether that was done."""
    path = place.path("check-runs", number)
    task = f"annotate the check {place.quoted(report.name)}"
    body: JsonObject = {"output": _output(report, annotations)}

    def find() -> bool | None:
        asked = Request(method="GET", path=path, task=task, needs="checks: read")
        return True if _annotations_of(exchange.read(asked).data) >= shown + len(annotations) else None

    request = Request(method="PATCH", path=path, body=body, task=task, needs=_NEEDS)
    write_once(exchange, request, find=find, read=lambda _: True)


def _output(report: CheckReport, annotations: Sequence[Json]) -> JsonObject:
    output: JsonObject = {
        "title": fitting_title(report.title),
        "summary": fitting_text(report.summary, longest=_LONGEST_SUMMARY),
    }
    return output | ({"annotations": [*annotations]} if annotations else {})


def _annotation(annotation: Annotation) -> JsonObject:
    line = max(1, annotation.line)
    return {
        "path": annotation.path,
        "start_line": line,
        "end_line": line,
        "annotation_level": annotation.level if annotation.level in _LEVELS else "notice",
        "title": fitting_title(annotation.title),
        "message": printable(annotation.message).replace("\0", "\ufffd")[:_LONGEST_MESSAGE],
    }


def _annotations_of(entry: Json) -> int:
    output = entry.get("output") if isinstance(entry, dict) else None
    count = output.get("annotations_count") if isinstance(output, dict) else None
    return count if isinstance(count, int) else 0


def _number(entry: Json) -> int | None:
    number = entry.get("id") if isinstance(entry, dict) else None
    return number if isinstance(number, int) else None
