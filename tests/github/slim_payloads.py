"""Makes payloads/*.json, real events of GitHub without what repeats itself: `python -m tests.github.slim_payloads`."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.github.npm_packages import Package, read_member

PACKAGE = Package(
    "@octokit/webhooks-examples",
    "7.6.1",
    "sha512-De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ==",
)
MEMBER = "api.github.com/index.json"
FOLDER = Path(__file__).with_name("payloads")
EVENTS = ("issue_comment", "issues")
LEFT_OUT = {"node_id", "gravatar_id", "reactions", "site_admin"}
KEPT_ADDRESSES = {"html_url", "issue_url"}
OF_A_REPOSITORY = {"id", "name", "full_name", "private", "owner", "html_url", "default_branch", "visibility"}


def slim(value: Any, *, key: str = "") -> Any:
    """Leave out addresses of the API, ids for GraphQL, and most of what is told of the repository."""
    if isinstance(value, list):
        return [slim(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: slim(each, key=name)
        for name, each in value.items()
        if name not in LEFT_OUT
        and (not name.endswith("_url") or name in KEPT_ADDRESSES)
        and (key != "repository" or name in OF_A_REPOSITORY)
    }


def main(arguments: list[str]) -> None:
    """Read the examples from a file that is given, else from the registry; one line for each example."""
    content = Path(arguments[0]).read_bytes() if arguments else read_member(PACKAGE, MEMBER)
    examples = {each["name"]: each["examples"] for each in json.loads(content)}
    FOLDER.mkdir(exist_ok=True)
    for event in EVENTS:
        lines = ",\n".join(json.dumps(slim(each), ensure_ascii=False) for each in examples[event])
        text = f'{{"source": "{PACKAGE}, MIT", "examples": [\n{lines}\n]}}\n'
        (FOLDER / f"{event}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
