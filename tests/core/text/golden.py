"""Texts that people read, held word by word in `tests/golden`.

After a wanted change write them anew, read the difference, and commit it:

    WORKFLOWOPS_GOLDEN=write python -m pytest tests/core/text
"""

import os
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "golden"


def assert_golden(name: str, text: str) -> None:
    """Compare a text with the file of that name; with WORKFLOWOPS_GOLDEN=write write the file."""
    path = FOLDER / name
    if os.environ.get("WORKFLOWOPS_GOLDEN") == "write":
        path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text.rstrip("\n") + "\n", f"differs from {path.name}: see golden.py"
