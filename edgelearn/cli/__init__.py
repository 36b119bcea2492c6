"""The command line: one file a command, loaded when it is called."""

import os
import sys
from contextlib import suppress
from errno import EPIPE
from importlib import import_module
from typing import Any

import click

from edgelearn.errors import EdgelearnError

COMMANDS = (
    "bench",
    "bridge",
    "cut",
    "demo",
    "doctor",
    "emulate",
    "eval",
    "export",
    "inspect",
    "run",
    "state",
)


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"edgelearn.cli.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EdgelearnError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == EPIPE:  # as `| head` does; click ends quietly
                raise
            _drop_output()
            what = error.filename or "the output"
            raise click.ClickException(f"{what} cannot be used: {error.strerror or error}") from error


def _drop_output() -> None:
    """Send what is left in the buffer of standard output nowhere, or the interpreter fails on it at its end."""
    with suppress(OSError):  # no descriptor below
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="edgelearn")
def main() -> None:
    """Adapt a deployed ONNX network on the device: it stays frozen, a fast memory on top learns."""
