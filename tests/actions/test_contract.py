"""Actions, READMEs and the command line promise the same things, and the actions are built safely."""

import json
import re
import subprocess
import sys

import click
import pytest
import yaml
from tests.actions.contract import (
    ACTIONS,
    COMMANDS_OF_THE_ROOT,
    DOCS,
    PLACEHOLDER,
    PROMOTION_ACTIONS,
    PROMOTION_COMMANDS,
    ROOT,
    Action,
    Workflow,
    between,
    example_workflows,
    own_workflows,
    packaged_workflows,
    table,
    yaml_examples,
)

from workflowops.errors import ExitCode

# `--json` decides what standard output holds; an action has the output `result` for that. The event is the runner's to
# tell, and issues as files are for rehearsals.
NOT_AN_INPUT = {"json", "help", "version", "event", "event-name", "issues-folder"}
ALL_ACTIONS = (*ACTIONS, *PROMOTION_ACTIONS)
SINGLE_ACTIONS = [action for action in ALL_ACTIONS if action.command]
WORKFLOWS = [*own_workflows(), *packaged_workflows(), *example_workflows()]


def action_id(action: Action) -> str:
    return action.command or "root"


def workflow_id(workflow: Workflow) -> str:
    return workflow.where


def command_line() -> click.Group:
    """The group that `workflowops` runs."""
    from workflowops.cli.group import workflowops

    return workflowops


def command_of(words: str) -> click.Command:
    """A command by its name: `drift`, or `promote plan`."""
    found: click.Command = command_line()
    for word in words.split():
        assert isinstance(found, click.Group)
        below = found.get_command(click.Context(found), word)
        assert below is not None, f"there is no command {words}"
        found = below
    return found


def options(command: str) -> dict[str, click.Option]:
    """The options of a command that an action offers, by the name of the input: `dry-run`."""
    found = command_of(command)
    named = {
        next(opt for opt in parameter.opts if opt.startswith("--")).removeprefix("--"): parameter
        for parameter in found.params
        if isinstance(parameter, click.Option)
    }
    return {name: option for name, option in named.items() if name not in NOT_AN_INPUT}


def expected_options(action: Action) -> dict[str, list[click.Option]]:
    """The options behind the inputs of an action: one each, at the root one for every command that has it."""
    found: dict[str, list[click.Option]] = {}
    for command in [action.command] if action.command else COMMANDS_OF_THE_ROOT:
        for name, option in options(command).items():
            found.setdefault(name, []).append(option)
    return found


def default_of(same: list[click.Option]) -> str:
    """The default of options as an input holds it; empty where the commands differ, which leaves it to them."""
    defaults = {as_input(option.to_info_dict()["default"]) for option in same}
    return defaults.pop() if len(defaults) == 1 else ""


def as_input(default: object) -> str:
    """A default of click as an action's input holds it: always text, empty for none."""
    match default:
        case bool():
            return str(default).lower()
        case str() | int() | float():
            return str(default)
        case _:
            return ""


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_the_inputs_are_the_options_of_the_command(action) -> None:
    assert set(action.inputs) - set(action.of_no_option) == set(expected_options(action))


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_the_inputs_have_the_defaults_of_the_options(action) -> None:
    told = {name: given.get("default", "") for name, given in action.inputs.items()}
    assert told == {name: default_of(same) for name, same in expected_options(action).items()} | {
        name: default for name, (_, default) in action.of_no_option.items()
    }


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_every_input_reaches_its_option_through_the_environment_and_nothing_else_does(action) -> None:
    (step,) = action.steps
    wanted = {
        option.envvar: f"${{{{ inputs.{name} }}}}" for name, same in expected_options(action).items() for option in same
    }
    wanted |= {variable: f"${{{{ inputs.{name} }}}}" for name, (variable, _) in action.of_no_option.items()}
    assert step["env"] == wanted


@pytest.mark.parametrize("command", [*COMMANDS_OF_THE_ROOT, *PROMOTION_COMMANDS])
def test_an_option_reads_the_variable_of_its_name(command) -> None:
    for name, option in options(command).items():
        assert option.envvar == "WORKFLOWOPS_" + name.upper().replace("-", "_")


@pytest.mark.parametrize("command", [*COMMANDS_OF_THE_ROOT, *PROMOTION_COMMANDS])
def test_an_input_that_was_not_given_is_an_option_that_was_not_given(command) -> None:
    found = command_of(command)
    needed = [text for name, option in options(command).items() if option.required for text in (f"--{name}", "promo-7")]
    empty = {str(option.envvar): "" for option in options(command).values() if not option.required}
    with pytest.MonkeyPatch.context() as patch:
        for name in empty:
            patch.delenv(name, raising=False)
        without = found.make_context(command, [*needed]).params
        for name, value in empty.items():
            patch.setenv(name, value)
        assert found.make_context(command, [*needed]).params == without


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_every_output_is_wired_from_the_step(action) -> None:
    for name, output in action.outputs.items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"
    assert action.steps[0]["id"] == "run"


def test_the_root_has_the_outputs_of_all_commands() -> None:
    root, *others = ACTIONS
    assert set(root.outputs) == {name for action in others for name in action.outputs}


def test_the_root_runs_the_commands_that_it_lists_and_no_other() -> None:
    root = ACTIONS[0]
    accepted = re.search(r"^ *([a-z |]+)\) ;;$", root.steps[0]["run"], re.MULTILINE)
    assert accepted is not None
    assert tuple(accepted[1].split(" | ")) == COMMANDS_OF_THE_ROOT
    assert root.inputs["command"]["required"] is True
    for command in COMMANDS_OF_THE_ROOT:
        assert command in root.inputs["command"]["description"]


@pytest.mark.parametrize("action", SINGLE_ACTIONS, ids=action_id)
def test_the_readme_lists_the_inputs(action) -> None:
    rows = table(action.path.with_name("README.md"), "Input")
    shown = {"": "none"}
    assert rows == [
        [f"`{name}`", row[1], shown.get(given["default"], f"`{given['default']}`")]
        for (name, given), row in zip(action.inputs.items(), rows, strict=True)
    ]
    assert [row[1].replace("`", "") for row in rows] == [given["description"] for given in action.inputs.values()]


@pytest.mark.parametrize("action", SINGLE_ACTIONS, ids=action_id)
def test_the_readme_lists_the_outputs(action) -> None:
    rows = table(action.path.with_name("README.md"), "Output")
    assert [[name, text.replace("`", "")] for name, text in rows] == [
        [f"`{name}`", output["description"]] for name, output in action.outputs.items()
    ]


def test_the_readme_lists_the_actions() -> None:
    rows = table(ROOT / "README.md", "Action")
    linked = {re.fullmatch(r"\[`(.+)`\]\((.+)\)", row[0]).groups() for row in rows}
    assert linked == {(f"action/{a.folder}", f"action/{a.folder}/README.md") for a in SINGLE_ACTIONS} | {
        ("action.yml", "action.yml")
    }


def test_the_readme_lists_the_commands() -> None:
    group = command_line()
    rows = table(ROOT / "README.md", "Command")
    assert {row[0].strip("`") for row in rows} == set(group.list_commands(click.Context(group)))


def test_the_guide_lists_the_commands_of_comments() -> None:
    from workflowops.core.comment.commands import SPECS

    assert table(DOCS / "comments.md", "In a comment") == [
        [f"`{spec.example}`", spec.least_role, spec.summary] for spec in SPECS.values()
    ]


def test_the_guide_draws_the_lifecycle_of_an_incident() -> None:
    from workflowops.core.text.incident import lifecycle_picture

    assert between(DOCS / "incidents.md", "lifecycle") == f"```mermaid\n{lifecycle_picture().strip()}\n```"


def test_the_readme_lists_the_exit_codes() -> None:
    rows = table(ROOT / "README.md", "Exit code")
    assert [int(row[0]) for row in rows] == [code.value for code in ExitCode]


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_every_step_names_its_shell_and_uses_no_other_action(action) -> None:
    for step in action.steps:
        assert step["shell"] == "bash"
        assert "uses" not in step


@pytest.mark.parametrize("action", ALL_ACTIONS, ids=action_id)
def test_every_action_says_who_it_is(action) -> None:
    assert action.document["branding"].keys() == {"icon", "color"}
    assert action.document["runs"]["using"] == "composite"
    assert action.document["description"].endswith(".")


@pytest.mark.parametrize(
    "where", [*ALL_ACTIONS, *WORKFLOWS], ids=lambda x: x.where if isinstance(x, Workflow) else action_id(x)
)
def test_no_expression_stands_in_a_script(where) -> None:
    for step in where.steps:
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=workflow_id)
def test_every_action_that_is_used_is_pinned_by_commit(workflow) -> None:
    for step in workflow.steps:
        if "uses" in step:
            pinned = re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])
            ours = re.fullmatch(rf"OWNER/workflowops(/action/[a-z-]+)?@{PLACEHOLDER}", step["uses"])
            assert pinned or ours, step["uses"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=workflow_id)
def test_every_pin_tells_its_version(workflow) -> None:
    for line in workflow.text.splitlines():
        if re.search(r"@[0-9a-f]{40}", line):
            assert re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=workflow_id)
def test_permissions_are_none_unless_a_job_says_which_and_why(workflow) -> None:
    assert workflow.document["permissions"] == {}
    granted = [permission for job in workflow.document["jobs"].values() for permission in job["permissions"].items()]
    wanted = {"contents", "issues", "pull-requests", "checks", "statuses", "actions"}
    assert {"contents"} <= {name for name, _ in granted} <= wanted
    for name, level in granted:
        assert re.search(rf"^ +{name}: {level} # [\w/]+", workflow.text, re.MULTILINE), name


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=workflow_id)
def test_github_takes_the_workflow(workflow, tmp_path) -> None:
    path = tmp_path / "workflow.yml"
    path.write_text(workflow.text, encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("workflow", [*packaged_workflows(), *example_workflows()], ids=workflow_id)
def test_an_example_gives_its_actions_only_inputs_that_they_have(workflow) -> None:
    known = {f"OWNER/workflowops/action/{action.folder}@{PLACEHOLDER}": action for action in SINGLE_ACTIONS}
    known[f"OWNER/workflowops@{PLACEHOLDER}"] = ACTIONS[0]
    used = [step for step in workflow.steps if step.get("uses", "").startswith("OWNER/")]
    assert used
    for step in used:
        assert set(step.get("with", {})) <= set(known[step["uses"]].inputs)


def test_the_configuration_that_is_shown_is_valid() -> None:
    from workflowops.core.configuration import read_configuration

    (whole,) = yaml_examples(ROOT / "README.md", begin=("version:",))
    (incidents,) = yaml_examples(DOCS / "incidents.md", begin=("incidents:",))
    for text in (whole, f"{whole}\n{incidents}"):
        configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
        assert problems == ()
        assert configuration is not None
        assert list(configuration.environments) == ["dev", "prod"]


def test_the_pipelines_that_are_shown_are_valid() -> None:
    from workflowops.core.configuration import read_configuration

    examples = [
        text
        for path in (ROOT / "README.md", DOCS / "promotion.md")
        for text in yaml_examples(path, begin=("pipelines:",))
    ]
    assert examples
    head = ["version: 1", "environments:"]
    head += [
        f"  {name}: {{url: 'https://{name}.example.com', api_key: '${{KEY}}'}}" for name in ("dev", "staging", "prod")
    ]
    for text in examples:
        configuration, problems = read_configuration("\n".join([*head, text]).encode(), path="workflowops.yml")
        assert problems == ()
        assert configuration is not None
        assert configuration.pipelines["default"].stages[0].environment == "dev"


def test_the_configuration_of_incidents_that_is_shown_knows_every_key() -> None:
    schema = json.loads((ROOT / "src" / "workflowops" / "schemas" / "workflowops.schema.json").read_bytes())
    (incidents,) = yaml_examples(DOCS / "incidents.md", begin=("incidents:",))
    keys = set(schema["$defs"]["incidents"]["properties"])
    assert set(yaml.safe_load(incidents)["incidents"]) == keys - {"enabled"}
    assert {row[0].strip("`") for row in table(DOCS / "incidents.md", "Key")} == keys
