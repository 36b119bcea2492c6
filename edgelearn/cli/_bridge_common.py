"""What the commands of ``edgelearn bridge`` share: options of a port, errors of the link, notices as text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from edgelearn.cli._common import say
from firmware_bridge.notices import Notice, Refused, Restarted, Resumed, Silent, Unplugged
from firmware_bridge.protocol.constants import KEY_BYTES
from firmware_bridge.protocol.errors import BridgeError

F = TypeVar("F", bound=Callable[..., Any])


class BridgeGroup(click.Group):
    """A group whose commands end with one sentence where the link fails."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            raise click.ClickException(str(error)) from error


def port_options(command: F) -> F:
    """Add ``--baud``, ``--key-file`` and ``--timeout-s``."""
    for option in (
        click.option("--timeout-s", type=float, default=5.0, show_default=True, help="Longest silence."),
        click.option(
            "--key-file",
            type=click.Path(path_type=Path),
            help="Holds 64 hexadecimal digits, for firmware with a key.",
        ),
        click.option(
            "--baud", type=click.IntRange(1), default=115200, show_default=True, help="If the URL has none."
        ),
    ):
        command = option(command)
    return command


def key_of(path: Path | None) -> bytes | None:
    """Return the key in a file; raises click.UsageError for a file that holds none."""
    if path is None:
        return None
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} holds no key: {error}") from error
    if len(key) != KEY_BYTES:
        raise click.UsageError(
            f"{path} holds {len(key)} bytes; a key has {KEY_BYTES}, as {2 * KEY_BYTES} digits"
        )
    return key


def told(notice: Notice) -> str:
    """Return a notice as a sentence."""
    match notice:
        case Unplugged(reason, _):
            return f"unplugged: {reason}"
        case Silent(reason):
            return f"silent: {reason}"
        case Resumed(after_s, _):
            return f"resumed after {1e3 * after_s:.0f} ms, nothing lost"
        case Restarted(lost, resent, _):
            return f"the device restarted: {lost} commands forgotten, {resent} sent again"
        case Refused(reason):
            return f"refused: {reason}"


def tell(notice: Notice) -> None:
    """Print a notice for a person."""
    say(told(notice))
