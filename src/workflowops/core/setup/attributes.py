"""What .gitattributes says, so that diffs of workflows are readable: line ends, and files that nobody reviews."""

import re
from collections.abc import Sequence

from workflowops.core.naming import SIDECAR_SUFFIX, WORKFLOW_SUFFIX
from workflowops.core.setup.marking import Authorship, authorship, marked, with_plain_line_ends
from workflowops.core.setup.wishes import PlannedEnvironment

PATH = ".gitattributes"
_END = "# End of what workflowops init wrote."
_BLOCK = re.compile(
    r"^# Written by workflowops init [^\n]*\n.*?^" + re.escape(_END) + r"(?:\r?\n|\Z)", re.MULTILINE | re.DOTALL
)


def attribute_lines(environments: Sequence[PlannedEnvironment]) -> list[str]:
    """Write the attributes: workflow files keep their line ends on every system, sidecars are folded in diffs."""
    lines = []
    for each in environments:
        lines.append(f"{_pattern(each.folder, WORKFLOW_SUFFIX)} text eol=lf")
        lines.append(f"{_pattern(each.folder, SIDECAR_SUFFIX)} linguist-generated")
    return lines


def attributes_block(environments: Sequence[PlannedEnvironment]) -> str:
    """Write our part of the file, from its mark to its end."""
    return marked("\n".join(attribute_lines(environments)) + "\n") + _END + "\n"


def own_block(content: str) -> str | None:
    """Answer our part of a file, with its marks; None when it has none."""
    found = _BLOCK.search(with_plain_line_ends(content))
    return found[0] if found else None


def block_authorship(block: str) -> Authorship:
    """Say whether somebody has changed our part since we wrote it."""
    return authorship(block.removesuffix("\n").removesuffix(_END))


def with_block(content: str, block: str) -> str:
    """Answer the file with our part replaced, in its line ends; everything around it stays. The part must be there."""

    def replacement(found: re.Match[str]) -> str:
        return block.replace("\n", "\r\n") if "\r\n" in found[0] else block

    return _BLOCK.sub(replacement, content, count=1)


def missing_lines(content: str, environments: Sequence[PlannedEnvironment]) -> list[str]:
    """Answer the attributes that a file without a part of ours does not say."""
    said = {" ".join(line.split()) for line in with_plain_line_ends(content).splitlines()}
    return [line for line in attribute_lines(environments) if line not in said]


def _pattern(folder: str, suffix: str) -> str:
    """A pattern for all files below a folder; in quotes, as git reads them, where the folder needs it."""
    literal = re.sub(r"([\\*?\[\]!#])", r"\\\1", folder)
    pattern = f"{literal}/**/*{suffix}"
    if re.search(r'[\s"]', pattern) or pattern.startswith("\\"):
        return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return pattern
