"""What travels through a sensor: the instants of a stretch of samples, what is seen at them, what comes out."""

from dataclasses import dataclass
from typing import NamedTuple

from edgelearn.emulator.sensors.draws import Draws
from edgelearn.types import F32, F64, I64, Array, Label


class Run(NamedTuple):
    """What a signal or a fault knows of the sensor it is in, from the first sample to the last."""

    rate_hz: float
    channels: int
    draws: Draws  # its own


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """When a stretch of samples is truly taken."""

    index: I64  # (n,) number of the sample, one after another
    time_s: F64  # (n,) since the start of the sensor
    position: F64  # (n,) the same in periods of the sensor; whole numbers without a fault of time


class Seen(NamedTuple):
    """What a signal is at these instants."""

    values: F64  # (n, channels)
    labels: Array  # (n,) of objects: text, whole number or None


@dataclass(slots=True, eq=False)
class Work:
    """A stretch of samples on its way through the faults; each changes it in place."""

    index: I64  # (n,)
    time_s: F64  # (n,) true
    values: F64  # (n, channels)
    labels: Array  # (n,) of objects
    lost: Array  # (n,) bool: never arrives


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A stretch of samples as the sensor gives it."""

    index: I64  # (n,)
    time_us: I64  # (n,) true
    stamp_us: I64  # (n,) by the sensor's own clock
    values: F32  # (n, channels), NaN where lost
    labels: Array  # (n,) of objects
    lost: Array  # (n,) bool
    faults: dict[str, Array]  # name of a fault of values -> (n,) bool, where it acted


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One sample of a sensor."""

    index: int
    time_us: int  # when it was truly taken, since the start of the sensor
    stamp_us: int  # when by the sensor's own clock
    values: F32 | None  # (channels,); None: lost
    label: Label | None
    faults: tuple[str, ...]  # names of the faults of values that acted on it
