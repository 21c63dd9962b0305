"""Names that can be files everywhere: slugs of workflows, and paths inside the repository."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from workflowops.core.problems import shown
from workflowops.errors import ConfigurationError

LONGEST_SLUG = 80
SIDECAR_SUFFIX = ".wfo.json"
WORKFLOW_SUFFIX = ".json"

_SLUG = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_RESERVED = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9\xb9\xb2\xb3]|conin\$|conout\$", re.IGNORECASE)
_LATIN_WITHOUT_PARTS = str.maketrans({
    "\u0111": "d", "\u00f0": "d", "\u0127": "h", "\u0131": "i", "\u0142": "l", "\u014b": "n", "\u00f8": "o",
    "\u0153": "oe", "\u00e6": "ae", "\u00fe": "th", "\u0167": "t",
})  # fmt: skip
"""Letters that Unicode does not take apart into a base letter and a mark, as Danish o and Polish l with a stroke."""
_NOT_IN_FILE_NAME = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')


def slug_of(name: str) -> str:
    """Make the slug of a name: `Customer Survey Automation` -> `customer_survey_automation`.

    The same name has the same slug in every environment. It consists of a-z, 0-9 and `_`, has 1 to 80 characters, is
    no name that Windows keeps for itself, and is its own slug. A name with nothing to keep (emoji, Chinese) becomes
    `workflow_` and eight characters of its digest.
    """
    folded = unicodedata.normalize(
        "NFKD", unicodedata.normalize("NFKC", name).casefold().translate(_LATIN_WITHOUT_PARTS)
    )
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    slug = _NOT_IN_SLUG.sub("_", bare).strip("_")[:LONGEST_SLUG].rstrip("_")
    if not slug:
        return f"workflow_{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
    return f"{slug}_workflow" if _RESERVED.fullmatch(slug) else slug


def free_slug(name: str, *, taken: AbstractSet[str]) -> str:
    """Make a slug that none of `taken` equals, upper and lower case being the same: `orders`, `orders_2`, ..."""
    return free_slugs([name], taken=taken)[0]


def free_slugs(names: Sequence[str], *, taken: Iterable[str]) -> tuple[str, ...]:
    """Make a slug for each name, in order, that neither `taken` nor another of them equals, case aside."""
    used = {slug.casefold() for slug in taken}
    next_number: dict[str, int] = {}
    slugs = []
    for name in names:
        base = slug = slug_of(name)
        while slug in used:
            next_number[base] = next_number.get(base, 1) + 1
            suffix = f"_{next_number[base]}"
            slug = base[: LONGEST_SLUG - len(suffix)].rstrip("_") + suffix
        used.add(slug)
        slugs.append(slug)
    return tuple(slugs)


def check_slug(slug: str) -> str:
    """Answer the slug as it is, or raise ConfigurationError with one that would do."""
    if slug_of(slug) == slug and _SLUG.fullmatch(slug):
        return slug
    raise ConfigurationError(
        f"{shown(slug)} is no slug: that is a-z and 0-9 with single `_` between, at most {LONGEST_SLUG} characters.",
        fix=f"Use {shown(slug_of(slug), longest=LONGEST_SLUG)}.",
    )


def is_workflow_path(path: str) -> bool:
    """Say whether a path in an environment's folder is read as a workflow: JSON, no sidecar, nothing hidden."""
    return path.endswith(WORKFLOW_SUFFIX) and not path.endswith(SIDECAR_SUFFIX) and not _is_hidden(path)


def is_sidecar_path(path: str) -> bool:
    """Say whether a path in an environment's folder is read as a sidecar."""
    return path.endswith(SIDECAR_SUFFIX) and not _is_hidden(path)


def folded_path(path: str) -> str:
    """Answer the form in which two paths are equal that one file system or another takes for the same file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def path_fault(path: str) -> str | None:
    """Say why a path cannot lie inside the repository on every system; None when it can. The sentence ends the fix."""
    if not path:
        return "is empty"
    if "\\" in path:
        return "holds a backslash; folders are separated by `/`"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "is absolute; it must begin inside the repository"
    for segment in path.split("/"):
        fault = _segment_fault(segment)
        if fault is not None:
            return fault
    return None


def _segment_fault(segment: str) -> str | None:
    if not segment:
        return "holds an empty part (`//`, or `/` at its end)"
    if segment in (".", ".."):
        return f"holds `{segment}`; it must name its folders one by one from the root of the repository"
    if segment.startswith("."):
        return "holds a hidden name, which begins with a dot"
    if segment.startswith("~") or re.match(r"git~[0-9]", segment, re.IGNORECASE):
        return "holds a name that a shell or Git reads as another one (`~`)"
    if _NOT_IN_FILE_NAME.search(segment):
        return 'holds a character that no file name can hold everywhere: a control character or one of < > : " | ? *'
    if segment.endswith((".", " ")) or segment.startswith(" "):
        return "holds a name that begins or ends with a space or ends with a dot"
    if _RESERVED.fullmatch(segment.partition(".")[0].rstrip()):
        return "holds a name that Windows keeps for itself"
    if len(segment.encode("utf-8", "surrogatepass")) > 255:
        return "holds a name of more than 255 bytes"
    if any("\ud800" <= character <= "\udfff" for character in segment):
        return "holds half a character"
    return None


def target_path(folder: str, file: str) -> str:
    """Answer the path, from the root of the repository, of a workflow file that is to be written below `folder`.

    Raises ConfigurationError for what is absolute, leaves the folder, is hidden, is no workflow file, or leaves no room
    for the name of the sidecar beside it.
    """
    like = f"{folder}/order_processing{WORKFLOW_SUFFIX}"
    fault = path_fault(file)
    if fault is None and not file.startswith(f"{folder}/"):
        fault = f"does not lie in the folder {shown(folder)}"
    if fault is None and file.endswith(SIDECAR_SUFFIX):
        fault = "is the name of a sidecar, which is written beside the workflow file"
    if fault is None and not file.endswith(WORKFLOW_SUFFIX):
        fault = f"does not end in {WORKFLOW_SUFFIX}"
    if fault is None:
        fault = path_fault(file.removesuffix(WORKFLOW_SUFFIX) + SIDECAR_SUFFIX)
    if fault is not None:
        raise ConfigurationError(f"The file {shown(file)} {fault}.", fix=f"Name a file such as {shown(like)}.")
    return file


def _is_hidden(path: str) -> bool:
    return any(segment.startswith(".") for segment in path.split("/"))
