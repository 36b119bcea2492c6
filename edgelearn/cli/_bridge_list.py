"""The table of ``edgelearn bridge list``."""

from collections.abc import Mapping, Sequence

import click

from edgelearn.cli._common import emit_json
from firmware_bridge.identity import Info
from firmware_bridge.ports import Answer, Found


def show(found: Sequence[Found], answers: Mapping[str, Answer], as_json: bool) -> None:
    """Print the ports, and what answers where it was asked."""
    if as_json:
        rows = [port._asdict() | _plain(answers.get(port.url)) for port in found]
        emit_json({"ports": rows})
        return
    if not found:
        click.echo("no serial port is there; is the device plugged in, with a cable that carries data?")
    for port in found:
        click.echo("  ".join(part for part in (port.url, port.path, port.description) if part))
        answer = answers.get(port.url)
        if answer is not None:
            click.echo(f"    {answer.error if answer.info is None else words(answer.info)}")


def words(info: Info) -> str:
    """Return who a device is, in a line."""
    head = f"{info.rule} {info.number} {info.n_pre}x{info.n_post}" if info.layout else "no head"
    return f"{info.firmware}: {head}, layout {info.layout:#010x}, {info.applied} commands learned, MTU {info.mtu}"


def _plain(answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {}
    return {"hello": None if answer.info is None else answer.info._asdict(), "error": answer.error}
