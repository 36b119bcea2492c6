"""One run of ``edgelearn emulate``: the command on the device, its output passed on, a view of it on a terminal."""

import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from edgelearn.emulator.device.passing import STDERR, Passing, unwound_by, writes_to

if TYPE_CHECKING:
    from edgelearn.emulator.device.edge import EdgeDevice
    from edgelearn.emulator.device.held import Look
    from edgelearn.emulator.device.result import Result


class Moment(NamedTuple):
    """The samples between two looks: when, how many, their median and 99th percentile in milliseconds."""

    t_s: float
    samples: int
    p50_ms: float
    p99_ms: float


def run(
    device: "EdgeDevice", command: Sequence[str], *, live: bool, out_to_err: bool, **options: Any
) -> "tuple[Result, list[Moment]]":
    """Run ``command`` to its end; ``live`` shows it where standard error is a terminal."""
    from edgelearn.cli._emulate_view import View

    view = View(device.ram_bytes, options["deadline_s"]) if live and sys.stderr.isatty() else None
    above = None if view is None else view.above
    out = writes_to(STDERR) if out_to_err else above if sys.stdout.isatty() else None
    moments: list[Moment] = []
    with (
        unwound_by(signal.SIGTERM, signal.SIGINT), view or nullcontext(), Passing(command, out, above) as passing,
    ):  # fmt: skip

        def watch(look: "Look") -> None:
            found_ms = passing.samples_ms()
            if found_ms:
                moments.append(moment(look.t_s, found_ms))
            if view is not None:
                view.show(look, moments[-1] if moments else None)

        result = device.run(passing.command, env=passing.env, watch=watch, **options)
    return result, moments


def moment(t_s: float, found_ms: list[float]) -> Moment:
    """Return what the samples of a moment say."""
    from edgelearn.emulator.device.latency import rank

    ordered = sorted(found_ms)
    return Moment(t_s, len(ordered), rank(ordered, 0.5), rank(ordered, 0.99))
