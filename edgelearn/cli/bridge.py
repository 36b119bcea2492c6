"""edgelearn bridge: the serial line to a microcontroller that learns."""

from pathlib import Path

import click

from edgelearn.cli._bridge_common import BridgeGroup, key_of, port_options
from edgelearn.cli._common import emit_json, json_option


@click.group(cls=BridgeGroup)
def command() -> None:
    """Find, watch and measure devices on a serial line; write a head for their firmware.

    URL is a port (/dev/serial/by-id/…, COM3), serial:///dev/…?baud=…, or socket://host:port.
    """


@command.command("list")
@click.option("--probe", is_flag=True, help="Open each port and say what answers; this may restart a board.")
@port_options
@json_option
def list_ports(probe: bool, baud: int, key_file: Path | None, timeout_s: float, as_json: bool) -> None:
    """List the serial ports, by the names that stay the same."""
    from edgelearn.cli._bridge_list import show
    from firmware_bridge.ports import ask, ports

    key = key_of(key_file)
    found = ports()
    answers = {
        port.url: ask(port.url, baud=baud, key=key, timeout_s=min(timeout_s, 1.0)) for port in found if probe
    }
    show(found, answers, as_json)


@command.command()
@click.argument("url")
@click.option("--seconds", type=click.FloatRange(0.1), help="Stop after so long. [default: at Ctrl-C]")
@click.option("--rate-hz", type=click.IntRange(1), help="Have windows made at this rate.")
@click.option("--window", type=click.IntRange(1), default=64, show_default=True, help="Samples of a window.")
@click.option("--channels", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--feature", "features", multiple=True, help="mean, variance, energy, crossings; else raw samples."
)
@port_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a second and nothing else.")
def monitor(
    url: str,
    seconds: float | None,
    rate_hz: int | None,
    window: int,
    channels: int,
    features: tuple[str, ...],
    baud: int,
    key_file: Path | None,
    timeout_s: float,
    as_json: bool,
) -> None:
    """Watch the windows of a device, what was lost, and the link; survives unplugging."""
    from edgelearn.cli._bridge_monitor import Setup, watch

    setup = None if rate_hz is None else Setup(rate_hz, window, channels, features)
    watch(url, setup, seconds, as_json, baud=baud, key=key_of(key_file), timeout_s=timeout_s)


@command.command()
@click.argument("url")
@click.option(
    "--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Each direction."
)
@click.option("--trips", type=click.IntRange(1), default=200, show_default=True, help="Round trips timed.")
@port_options
@json_option
def bench(
    url: str, seconds: float, trips: int, baud: int, key_file: Path | None, timeout_s: float, as_json: bool
) -> None:
    """Measure payload in each direction against the line's rate, and round trips; changes nothing learned."""
    from edgelearn.cli._bridge_bench import run

    run(url, seconds, trips, as_json, baud=baud, key=key_of(key_file), timeout_s=timeout_s)


@command.command("flash-header")
@click.argument("learner_state", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@json_option
def flash_header(learner_state: Path, out: Path, as_json: bool) -> None:
    """Write the readout in a store as the C header that firmware is built with.

    LEARNER_STATE is a store as a Learner or `edgelearn run` keeps it; OUT is usually el_head.h. NCM goes on learning
    on the device, slda and ridge only predict there.
    """
    from edgelearn.cli._bridge_header import readout_of
    from edgelearn.export import to_c

    written = to_c(readout_of(learner_state), out)
    if as_json:
        emit_json({"path": str(written.path), "layout": written.layout.text, "flash_bytes": written.flash_bytes,
                   "ram_bytes": written.ram_bytes})  # fmt: skip
        return
    click.echo(f"{written.path}: {written.layout.text}")
    click.echo(f"{written.flash_bytes:,} bytes of flash, {written.ram_bytes:,} bytes of RAM for the head")


@command.command()
@click.option("--samples", type=click.IntRange(10, 1347), default=900, show_default=True)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the faults and the order."
)
@json_option
def demo(samples: int, seed: int, as_json: bool) -> None:
    """Teach an emulated Cortex-M over a bad line, and compare its bits with Python's; needs no device.

    Needs edgelearn[emulate]. Ends with 1 where anything was lost, learned twice or unequal.
    """
    from edgelearn.cli._bridge_demo import run

    run(seed, samples, as_json)
