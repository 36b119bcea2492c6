"""``edgelearn bridge bench``: payload against the rate of the line, and round trips."""

import sys
from collections.abc import Callable
from typing import Any

import click

from edgelearn.cli._bridge_common import tell
from edgelearn.cli._bridge_list import words
from edgelearn.cli._common import emit_json, say
from firmware_bridge import measure
from firmware_bridge.device import Device, connect
from firmware_bridge.transport import parse

Measure = Callable[[Device, float, measure.Told], measure.Rate]
DIRECTIONS: dict[str, Measure] = {"to the device": measure.down, "from the device": measure.up}


def run(url: str, seconds: float, trips: int, as_json: bool, *, baud: int, **options: Any) -> None:
    """Measure and print."""
    line = parse(url, baud).baud
    with connect(url, baud=baud, notice=tell, **options) as device:
        say(words(device.hello()))
        times = measure.round_trips(device, trips)
        rates = {name: _direction(device, name, one, seconds) for name, one in DIRECTIONS.items()}
        seen = device.statistics()
    points = {
        f"p{percent}": times[min(len(times) - 1, len(times) * percent // 100)] for percent in (50, 90, 99)
    }
    if as_json:
        emit_json({
            "url": url, "baud": line, "round_trip_ms": points,
            "rates": {name: rate._asdict() | {"share": _share(rate, line)} for name, rate in rates.items()},
            "frames_resent": seen.frames_resent, "bad_frames": seen.host["bad_frames"],
            "device": seen.device,
        })  # fmt: skip
        return
    click.echo("round trip  " + "  ".join(f"{name} {value:.2f} ms" for name, value in points.items()))
    for name, rate in rates.items():
        share = _share(rate, line)
        of = "" if share is None or line is None else f", {share:.1%} of the line's {line / 10:,.0f}"
        click.echo(f"{name:16}{rate.bytes_s:12,.0f} bytes/s in messages of {rate.message_bytes}{of}")
    click.echo(
        f"resent {seen.frames_resent} here, {seen.device['resent']} there; "
        f"damaged frames {seen.host['bad_frames']} here, {seen.device['bad_frames']} there"
    )


def _direction(device: Device, name: str, one: Measure, seconds: float) -> measure.Rate:
    """Measure one direction under a bar with the live rate, when standard error is a terminal."""
    if not sys.stderr.isatty():
        return one(device, seconds, lambda *_: None)
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rate]:,.0f} bytes/s"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=seconds, rate=0.0)
        return one(device, seconds, lambda done_s, bytes_s: bar.update(task, completed=done_s, rate=bytes_s))


def _share(rate: measure.Rate, baud: int | None) -> float | None:
    return None if baud is None else rate.bytes_s / (baud / 10)
