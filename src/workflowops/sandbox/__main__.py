"""`python -m workflowops.sandbox`: serves the stand-in until Ctrl-C."""

import signal
import sys
from pathlib import Path
from threading import Event

import click

from workflowops.sandbox import Generation, Sandbox
from workflowops.sandbox.loading import load_folder


@click.command()
@click.option("--port", type=int, default=5678, show_default=True, help="Port on 127.0.0.1; 0 takes any free one.")
@click.option(
    "--behave-like", type=click.Choice([*Generation]), default=Generation.V2, show_default=True, help="Release of n8n."
)
@click.option("--load", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of workflow files.")
@click.option("--latency-ms", type=float, default=0.0, show_default=True, help="Wait before every answer.")
@click.option("--api-key", default="sandbox-api-key", show_default=True, help="A key with every scope.")
def main(port: int, behave_like: str, load: Path | None, latency_ms: float, api_key: str) -> None:
    """Serve an n8n stand-in on loopback; nothing it holds outlives it."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Sandbox(behave_like, api_key=api_key, port=port, latency=latency_ms / 1000) as sandbox:
        if load is not None:
            done = load_folder(sandbox.instance, load)
            click.echo(f"{done.loaded} workflows loaded, {len(done.refused)} files are no workflows", err=True)
        click.echo(f"url      {sandbox.url}")
        click.echo(f"api key  {api_key}")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main()
