"""Runs that do not touch each other, side by side: most of a run is a start that waits for the machine."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result

AT_ONCE = 4


def asked(
    work: Any, *args: object, device: Mapping[str, Any] | None = None, **options: Any
) -> partial[Result]:
    """Return a run that is still to come: ``device`` are its options, the others those of `run`."""
    return partial(EdgeDevice("pi-zero-2w", **(device or {})).run, work, *args, **options)


def together(runs: Mapping[str, partial[Result]]) -> dict[str, Result]:
    """Return what became of each."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(runs, pool.map(lambda run: run(), runs.values()), strict=True))
