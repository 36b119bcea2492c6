"""How long samples of work took here: the records that `edgelearn.emulator.probe` wrote.

>>> latency = read(folder); latency.p99_ms

Rule 1: a percentile is a sample that was seen (nearest rank), so the p99 of 50 samples is the slowest.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgelearn.emulator.probe import RECORD


@dataclass(frozen=True)
class Latency:
    """Milliseconds on this machine: of the wall clock, and of CPU time (of all threads of the process)."""

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    cpu_p50_ms: float
    cpu_p99_ms: float
    cpu_max_ms: float

    def as_dict(self) -> dict[str, float]:
        """Return it as JSON takes it."""
        return asdict(self)


def read(folder: Path) -> Latency | None:
    """Return the percentiles over all threads and processes; None where no sample was marked."""
    records = [
        found for file in folder.iterdir() for found in RECORD.iter_unpack(file.read_bytes()) if found[0]
    ]
    if not records:
        return None
    wall, cpu = (sorted(ns / 1e6 for ns in column) for column in zip(*records, strict=True))
    return Latency(len(wall), *_three(wall), *_three(cpu))


def _three(ordered: Sequence[float]) -> tuple[float, float, float]:
    return rank(ordered, 0.5), rank(ordered, 0.99), ordered[-1]


def rank(ordered: Sequence[float], share: float) -> float:
    """Return the least value that at least ``share`` of the ordered values do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
