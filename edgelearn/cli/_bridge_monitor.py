"""``edgelearn bridge monitor``: once a second what came, what was lost, and how the link is."""

import sys
import time
from contextlib import suppress
from typing import Any, NamedTuple

import click

from edgelearn.cli._bridge_common import tell
from edgelearn.cli._bridge_list import words
from edgelearn.cli._common import emit_json, say
from firmware_bridge.device import Device, Statistics, connect
from firmware_bridge.protocol.errors import DeadlineError

EVERY_S = 1.0


class Setup(NamedTuple):
    """How windows are to be made."""

    rate_hz: int
    window: int
    channels: int
    features: tuple[str, ...]


def watch(url: str, setup: Setup | None, seconds: float | None, as_json: bool, **options: Any) -> None:
    """Print until ``seconds`` are over or Ctrl-C."""
    with connect(url, notice=tell, **options) as device:
        say(words(device.hello()))
        if setup is not None:
            device.configure(
                rate_hz=setup.rate_hz, window=setup.window, channels=setup.channels, features=setup.features
            )
        device.stream()
        try:
            _follow(device, seconds, as_json)
        except KeyboardInterrupt:
            say("stopped")
        with suppress(DeadlineError):  # unplugged: it stops with its power
            device.stream(False)
        device.close(tell=False)


def _follow(device: Device, seconds: float | None, as_json: bool) -> None:
    start_s = time.monotonic()
    before, count, size, latest = device.statistics(device=False), 0, 0, None
    next_s = start_s + EVERY_S
    while seconds is None or next_s - start_s <= seconds + EVERY_S / 2:
        window = device.next_window(max(0.0, next_s - time.monotonic()))
        if window is not None:
            count, size, latest = count + 1, size + window.values.nbytes, window
        if time.monotonic() < next_s and not device.ended:
            continue
        now = device.statistics(device=False)
        row = _row(next_s - start_s, count, size, before, now) | {
            "index": None if latest is None else latest.index
        }
        _print(row, as_json)
        before, count, size, next_s = now, 0, 0, next_s + EVERY_S
    if sys.stdout.isatty() and not as_json:
        click.echo()


def _row(at_s: float, count: int, size: int, before: Statistics, now: Statistics) -> dict[str, Any]:
    return {
        "seconds": round(at_s, 1),
        "windows_s": count / EVERY_S,
        "bytes_s": size / EVERY_S,
        "windows_missing": now.windows_missing - before.windows_missing,
        "windows_received": now.windows_received,
        "windows_missing_in_all": now.windows_missing,
        "round_trip_ms": round(now.round_trip_ms, 2),
        "frames_resent": now.frames_resent,
        "bad_frames": now.host["bad_frames"],
        "unplugged": now.unplugged,
        "restarts": now.restarts,
    }


def _print(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(row)
        return
    text = (
        f"{row['seconds']:6.0f} s  {row['windows_s']:7.1f} windows/s  {row['bytes_s']:9,.0f} bytes/s  "
        f"missing {row['windows_missing']:4} of {row['windows_received'] + row['windows_missing_in_all']}  "
        f"resent {row['frames_resent']}  bad {row['bad_frames']}  round trip {row['round_trip_ms']} ms"
    )
    if sys.stdout.isatty():
        click.echo(f"\r\033[K{text}", nl=False)
    else:
        click.echo(text)
