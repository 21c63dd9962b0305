"""The runner: what a step may tell it, and that nothing from outside can tell it more."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.io.runner import Runner

RUN = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/workflows",
    "GITHUB_RUN_ID": "17",
}


class Step:
    """A step of a job: files for outputs and summary, and a log."""

    def __init__(self, folder: Path, *, is_actions: bool = True, **variables: str) -> None:
        self.output, self.summary, self.log = folder / "output", folder / "summary", io.StringIO()
        paths = {"GITHUB_OUTPUT": str(self.output), "GITHUB_STEP_SUMMARY": str(self.summary)}
        actions = {"GITHUB_ACTIONS": "true"} if is_actions else {}
        self.runner = Runner({**paths, **actions, **variables}, log=self.log)

    @property
    def lines(self) -> list[str]:
        return self.log.getvalue().splitlines()

    def outputs(self) -> dict[str, str]:
        """Read the file as GitHub's runner does: `name<<delimiter`, lines, the delimiter alone."""
        found: dict[str, str] = {}
        lines = self.output.read_bytes().decode("utf-8").split("\n")
        while lines and lines != [""]:
            name, separator, delimiter = lines.pop(0).partition("<<")
            assert separator
            end = lines.index(delimiter)
            found[name] = "\n".join(lines[:end])
            del lines[: end + 1]
        return found


def test_outputs_are_handed_on(tmp_path) -> None:
    step = Step(tmp_path)
    step.runner.write_outputs({"drift_status": "in_sync", "result": '{"a": 1}'})
    step.runner.write_outputs({"later": "yes"})
    assert step.outputs() == {"drift_status": "in_sync", "result": '{"a": 1}', "later": "yes"}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="empty"),
        pytest.param("two\nlines\n", id="lines"),
        pytest.param("EOF\nforged=1\nEOF", id="a well-known delimiter"),
        pytest.param("x\nend-00000000000000000000000000000000\nforged=1", id="a delimiter like ours"),
        pytest.param("name<<x\nforged\nx", id="another output"),
        pytest.param("Zürich 🚀", id="not ASCII"),
    ],
)
def test_a_value_stays_a_value(tmp_path, value) -> None:
    step = Step(tmp_path)
    step.runner.write_outputs({"value": value, "after": "1"})
    assert step.outputs() == {"value": value, "after": "1"}


def test_a_value_cannot_know_its_delimiter(tmp_path) -> None:
    step = Step(tmp_path)
    step.runner.write_outputs({"first": "1"})
    seen = step.output.read_text().splitlines()
    step.runner.write_outputs({"second": "\n".join([*seen, "forged=1"])})
    assert set(step.outputs()) == {"first", "second"}


def test_half_a_character_does_not_end_the_step(tmp_path) -> None:
    step = Step(tmp_path)
    step.runner.write_outputs({"value": "half \ud83d"})
    step.runner.add_summary(lambda: "half \ud83d\n")
    step.runner.annotate("error", "half \ud83d")
    assert step.outputs() == {"value": "half ?"}
    assert step.summary.read_text() == "half ?\n"


@pytest.mark.parametrize(
    ("value", "is_whole"),
    [
        pytest.param("a" * 900_000, True, id="at the limit"),
        pytest.param("a" * 900_001, False, id="above"),
        pytest.param("ü" * 450_001, False, id="bytes count, not characters"),
    ],
)
def test_an_output_above_the_limit_is_replaced_by_a_pointer(tmp_path, value, is_whole) -> None:
    step = Step(tmp_path)
    step.runner.write_outputs({"result": value, "after": "1"})
    assert (step.outputs()["result"] == value) is is_whole
    assert is_whole or "--json" in step.outputs()["result"]
    assert step.outputs()["after"] == "1"


def test_summaries_of_one_step_stand_one_after_the_other(tmp_path) -> None:
    step = Step(tmp_path)
    step.runner.add_summary(lambda: "# One\n")
    step.runner.add_summary(lambda: "# Two\n")
    assert step.summary.read_text() == "# One\n# Two\n"


@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([1_500_000], id="one"),
        pytest.param([700_000, 700_000], id="two in one step"),
        pytest.param([1_500_000, 1_500_000, 10], id="three"),
    ],
)
def test_a_page_stays_below_githubs_limit(tmp_path, sizes) -> None:
    step = Step(tmp_path)
    for size in sizes:
        step.runner.add_summary(lambda size=size: "ü" * (size // 2))
    content = step.summary.read_bytes()
    assert len(content) < 1024 * 1024
    assert "The rest was cut" in content.decode()


@pytest.mark.parametrize(
    ("call", "line"),
    [
        pytest.param(lambda runner: runner.annotate("error", "Broken."), "::error::Broken.", id="alone"),
        pytest.param(
            lambda runner: runner.annotate("warning", "Odd.", file="dev/a.json", line=7),
            "::warning file=dev/a.json,line=7::Odd.",
            id="on a line",
        ),
        pytest.param(
            lambda runner: runner.annotate("notice", "Hm.", file="dev/a.json"),
            "::notice file=dev/a.json::Hm.",
            id="on a file",
        ),
        pytest.param(
            lambda runner: runner.annotate("error", "Lost.", line=7), "::error::Lost.", id="a line without a file"
        ),
        pytest.param(
            lambda runner: runner.annotate("error", "one\r\ntwo 100%"), "::error::one%0D%0Atwo 100%25", id="two lines"
        ),
        pytest.param(
            lambda runner: runner.annotate("error", "x", file="a,b:c\n::d.json"),
            "::error file=a%2Cb%3Ac%0A%3A%3Ad.json::x",
            id="a hostile file name",
        ),
    ],
)
def test_annotations(tmp_path, call, line) -> None:
    step = Step(tmp_path)
    call(step.runner)
    assert step.lines == [line]


@given(message=st.text(), file=st.none() | st.text())
def test_an_annotation_is_one_line_whatever_it_says(message, file) -> None:
    log = io.StringIO()
    Runner({"GITHUB_ACTIONS": "true"}, log=log).annotate("error", message, file=file)
    text = log.getvalue()
    assert text.count("\n") == 1
    assert "\r" not in text
    head, _, told = text.rstrip("\n").removeprefix("::").partition("::")
    assert (told.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")) == message
    assert head.startswith("error")


def test_a_secret_is_masked_line_by_line(tmp_path) -> None:
    step = Step(tmp_path)
    step.runner.mask(" first-half \n\nsecond%half\n")
    step.runner.mask("")
    step.runner.mask("   ")
    assert step.lines == ["::add-mask::first-half", "::add-mask::second%25half"]


def test_a_group_ends_even_when_what_is_in_it_fails(tmp_path) -> None:
    step = Step(tmp_path)
    with pytest.raises(ValueError, match="no"), step.runner.group("Syncing 100%"):
        raise ValueError("no")
    assert step.lines == ["::group::Syncing 100%25", "::endgroup::"]


@pytest.mark.parametrize("value", [None, "", "false", "1", "TRUE"])
def test_outside_of_actions_nothing_is_written(tmp_path, value) -> None:
    step = Step(tmp_path, is_actions=False, **({} if value is None else {"GITHUB_ACTIONS": value}))
    step.runner.write_outputs({"a": "1"})
    step.runner.add_summary(lambda: pytest.fail("it was rendered for nobody"))
    step.runner.annotate("error", "x")
    step.runner.mask("secret")
    with step.runner.group("x"):
        pass
    assert (step.lines, [*tmp_path.iterdir()]) == ([], [])


def test_a_runner_without_the_files_is_no_obstacle() -> None:
    runner = Runner({"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "", "GITHUB_STEP_SUMMARY": ""}, log=io.StringIO())
    runner.write_outputs({"a": "1"})
    runner.add_summary(lambda: pytest.fail("it was rendered for nobody"))


def test_commands_go_to_standard_error(capsys) -> None:
    """`--json` promises that standard output holds its document alone."""
    Runner({"GITHUB_ACTIONS": "true"}).mask("secret")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "::add-mask::secret\n")


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        pytest.param(RUN, "https://github.com/acme/workflows/actions/runs/17", id="in a run"),
        pytest.param({}, None, id="outside"),
        pytest.param({**RUN, "GITHUB_RUN_ID": ""}, None, id="without a run"),
    ],
)
def test_the_address_of_the_run(variables, url) -> None:
    assert Runner(variables).run_url == url
