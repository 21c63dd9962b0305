"""`workflowops validate`."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click

from workflowops.cli.options import config_option, json_option, with_options


@click.command()
@with_options(config_option, json_option)
@click.option(
    "--ref",
    envvar="WORKFLOWOPS_REF",
    default=None,
    metavar="COMMIT",
    help="Check the files of a commit; without it, the files as they lie in the checkout.",
)
def validate(config: str, as_json: bool, ref: str | None) -> int:
    """Check configuration, workflow files and sidecars.

    Asks no instance and writes nothing. In a pull request the problems stand on the lines they are about. Exit code 2
    when there is an error; warnings are told.

    \b
    Example:
      workflowops validate
    """
    from workflowops.cli.opening import read_file
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.validate import validate as run_validate
    from workflowops.core.documents import problems_document
    from workflowops.core.json import canonical_text
    from workflowops.core.text.problems import render_problems, summary_problems
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode
    from workflowops.io.runner import Runner

    runner = Runner(os.environ)
    outcome = run_validate(read_file(config), path=config, read_folders=_reader(ref))
    document = problems_document(outcome.problems)
    for problem in outcome.problems:
        runner.annotate(
            str(problem.severity), f"{problem.message}\nFix: {problem.fix}", file=problem.path, line=problem.line
        )
    runner.write_outputs(
        {
            "valid": str(outcome.is_valid).lower(),
            "problems": str(len(outcome.problems)),
            "result": canonical_text(document).decode(),
        }
    )
    runner.add_summary(lambda: summary_problems(outcome.problems, files=outcome.files))
    if as_json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_problems(outcome.problems, files=outcome.files, style=style))
    return ExitCode.DONE if outcome.is_valid else ExitCode.USAGE


def _reader(ref: str | None) -> Callable[[Iterable[str]], Mapping[str, bytes]]:
    """Answer what reads the folders of the configuration, from a commit or from the checkout."""
    from workflowops.io.checkout import GitRepository
    from workflowops.io.worktree import read_folders

    def of_checkout(folders: Iterable[str]) -> Mapping[str, bytes]:
        return read_folders(Path.cwd(), folders)

    def of_commit(folders: Iterable[str]) -> Mapping[str, bytes]:
        repository = GitRepository(Path.cwd())
        try:
            commit = repository.resolve(ref or "HEAD")
            files = [file for folder in folders for file in repository.tree(commit, folder)]
            contents = repository.blobs(file.blob for file in files)
            return {file.path: content for file, (_, content) in zip(files, contents, strict=True)}
        finally:
            repository.close()

    return of_checkout if ref is None else of_commit
