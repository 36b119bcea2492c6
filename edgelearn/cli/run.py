"""edgelearn run: the long-running process."""

import os
from pathlib import Path

import click

from edgelearn.cli._common import emit_json, json_option, say_when_compiling

STDOUT, STDERR = 1, 2


@click.command("run")
@click.argument("config", type=click.Path(path_type=Path))
@json_option
def command(config: Path, as_json: bool) -> None:
    """Decide on every sample of a source, learn from late labels, save, until SIGTERM.

    CONFIG is a TOML file; examples/run.toml explains every key. Standard output carries one JSON object a
    line: decisions with their tickets, feedback, saves. With --json it carries the last of them only, the
    summary, and the others go to standard error.
    """
    from edgelearn.run.stop import Stop

    _fill_descriptors()
    with Stop() as stop:  # before the heavy imports: a stop may be wanted while they load
        from edgelearn.run.config import load
        from edgelearn.run.process import run

        loaded = load(config)
        with say_when_compiling():
            summary = run(loaded, stop, STDERR if as_json else STDOUT)
    if as_json:
        emit_json(summary)


def _fill_descriptors() -> None:
    """Put what fails on every write where a standard stream is closed, or the next file opened sits there."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest number that is free
