"""The demo plays to its end, and the README shows what it prints."""

import re
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from workflowops.cli import main

README = Path(__file__).resolve().parents[2] / "README.md"
VARYING = {
    r"\d{4}-\d\d-\d\d \d\d:\d\d UTC": "<time>",
    r"\bn8n id \w{16}\b": "n8n id <id>",
    r"--workflow \w{16}\b": "--workflow <id>",
    r"\b[0-9a-f]{12}\b": "<commit>",
    r"\b\d+\.\d s\b": "<seconds>",
}


def steady(text: str) -> str:
    """Take out what is different in every run."""
    for pattern, word in VARYING.items():
        text = re.sub(pattern, word, text)
    return text


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, Path]:
    """Play the demo once, in a folder that stays."""
    folder = tmp_path_factory.mktemp("demo") / "played"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "100")
        patch.delenv("GITHUB_ACTIONS", raising=False)
        written = BytesIO()
        patch.setattr("sys.stdout", TextIOWrapper(written, encoding="utf-8", write_through=True))
        code = main(["demo", "--directory", str(folder)])
    return code, written.getvalue().decode("utf-8"), folder


def test_the_demo_plays_to_its_end(played) -> None:
    code, text, _ = played
    assert code == 0
    assert "The audit log is intact" in text


def test_the_demo_finds_the_hot_fix_and_nothing_else(played) -> None:
    _, text, _ = played
    assert "- https://api.paymentprocessor.com/charge" in text
    assert "+ https://api-new.paymentprocessor.com/charge" in text
    assert re.findall(r"^  (.+): edited in n8n", text, re.MULTILINE) == ["Payment Gateway"]


def test_the_demo_leaves_its_repository_where_it_was_asked_to(played) -> None:
    _, _, folder = played
    assert (folder / "repository" / "prod" / "payment_gateway.wfo.json").is_file()


def test_the_readme_shows_what_the_demo_prints(played) -> None:
    _, text, _ = played
    shown = README.read_text(encoding="utf-8").partition("<!-- demo:begin -->")[2].partition("<!-- demo:end -->")[0]
    excerpt = shown.strip().removeprefix("```text").removesuffix("```").strip()
    assert excerpt
    assert steady(excerpt) in steady(text)
