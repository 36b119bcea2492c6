"""Emulated sensors: whether a seed gives the same bytes, and how much faster than real time they run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tools.bench.figure import Figure, Goal, Group, Measured

if TYPE_CHECKING:
    from edgelearn.emulator.sensors import Sensor

RUNS = 100
KINDS = {"audio": ("16 kHz, one channel", 16_000, 1, 60.0), "imu": ("50 Hz, three channels", 50, 3, 3600.0)}


def measure() -> Iterator[Measured]:
    digests = [_digest(_sensor(100, 3, 100.0, seed=7), size) for size in [4096, 333] * (RUNS // 2)]
    other = _digest(_sensor(100, 3, 100.0, seed=8), 4096)
    differences = sum(one != digests[0] for one in digests)
    yield Measured(
        "emulator_sensors.differences", differences if other != digests[0] else float("nan"),
        note=f"{RUNS} runs of all {len(_faults())} faults, 10,000 samples each, in blocks of two sizes; "
        "another seed differs",
    )  # fmt: skip
    for name, (_, rate_hz, channels, seconds) in KINDS.items():
        whole = _speed(lambda s: sum(1 for _ in s.windows(round(s.rate_hz))), rate_hz, channels, seconds)
        single = _speed(lambda s: sum(1 for _ in s), rate_hz, channels, seconds)
        clean = _speed(
            lambda s: sum(1 for _ in s.faultless().windows(round(s.rate_hz))), rate_hz, channels, seconds
        )
        yield Measured(
            f"emulator_sensors.{name}", whole,
            note=f"reading by reading {single:.0f} times; windows without faults {clean:.0f} times",
        )  # fmt: skip


def _faults() -> list[Any]:
    from edgelearn.emulator import sensors as s

    return [
        s.ClockDrift(40, wander_us=10),
        s.Jitter(5),
        s.GainDrift(1.2, over_s=60),
        s.OffsetDrift(0.1, over_s=60),
        s.ConceptDrift(30, lambda values: 0.5 * values, over_s=30),
        s.Noise(0.05),
        s.Glitch(0.001, 2.0),
        s.StuckAt(0.01, 20),
        s.Saturation(-1.2, 1.2),
        s.Quantise(12, 2.0),
        s.Dropout(0.01, 20),
    ]


def _sensor(rate_hz: int, channels: int, seconds: float, seed: int) -> "Sensor":
    """Play a recording that is there beforehand, so that making it is not measured."""
    import numpy as np

    from edgelearn.emulator.sensors import Sensor

    values = np.random.default_rng(0).normal(0, 0.5, (round(rate_hz * seconds), channels)).astype(np.float32)
    label = np.arange(len(values)) // rate_hz % 5
    return Sensor.play(values, rate_hz=rate_hz, label=label, faults=_faults(), seed=seed)


def _digest(sensor: "Sensor", size: int) -> str:
    from hashlib import sha256

    import numpy as np

    blocks = list(sensor.blocks(size))
    parts = [
        np.concatenate([getattr(b, name) for b in blocks])
        for name in ("time_us", "stamp_us", "values", "lost")
    ]
    parts += [np.concatenate([b.faults[name] for b in blocks]) for name in blocks[0].faults]
    labels = [label for b in blocks for label in b.labels.tolist()]
    return sha256(b"".join(part.tobytes() for part in parts) + repr(labels).encode()).hexdigest()


def _speed(read: Any, rate_hz: int, channels: int, seconds: float) -> float:
    """Return the seconds of the sensor in one of this machine, the best of three."""
    from time import perf_counter

    taken = []
    for _ in range(3):
        sensor = _sensor(rate_hz, channels, seconds, seed=1)
        start = perf_counter()
        read(sensor)
        taken.append(perf_counter() - start)
    return seconds / min(taken)


GROUP = Group(
    "emulator_sensors",
    (
        Figure("emulator_sensors.differences", "runs", f"of {RUNS} with one seed and every fault that differ from the "
               "first in any bit", Goal("<=", 0)),
        *(
            Figure(f"emulator_sensors.{name}", "× real time", f"{what}: windows of a second with every fault at once",
                   Goal(">=", 10))
            for name, (what, *_) in KINDS.items()
        ),
    ),
    measure,
)  # fmt: skip
