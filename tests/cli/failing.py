"""A command that fails as it is told, to see what the command line makes of it."""

import click

from workflowops import errors


@click.command()
@click.argument("name")
def fail(name: str) -> int:
    """Fail."""
    match name:
        case "interrupt":
            raise KeyboardInterrupt
        case "bug":
            raise ZeroDivisionError("our own mistake")
        case "nothing":
            return None
        case _ if name.isdigit():
            return errors.ExitCode(int(name))
        case _:
            raise getattr(errors, name)("The problem.\n::add-mask::x", fix="The fix.\n##[error]y")
