"""The command line: opens io, runs a command, prints its outcome, and answers the exit code."""

import sys
from collections.abc import Sequence

from workflowops.errors import ExitCode, WorkflowOpsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit code (DESIGN section 6); never raises for what a person can put right."""
    import click

    from workflowops.cli.group import workflowops
    from workflowops.cli.printing import print_error, print_json, print_usage_error
    from workflowops.cli.stopping import stops_on_signals
    from workflowops.io.streams import write_line

    try:
        with stops_on_signals():
            answer = workflowops.main(
                args=None if arguments is None else list(arguments), prog_name="workflowops", standalone_mode=False
            )
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.ClickException as error:
        print_usage_error(error)
        return int(ExitCode.USAGE)
    except WorkflowOpsError as error:
        print_error(error)
        if "--json" in (sys.argv[1:] if arguments is None else arguments):
            print_json({"error": {"problem": str(error), "fix": error.fix, "exit_code": int(error.exit_code)}})
        return int(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        write_line("Stopped. What was finished is kept.", sys.stderr)
        return 130
    return int(answer) if isinstance(answer, int) else int(ExitCode.DONE)
