"""Sensors that can be had again: recordings and generated signals, with faults, on a virtual clock."""

from edgelearn.emulator.sensors.block import Block, Reading
from edgelearn.emulator.sensors.faults import (
    ClockDrift,
    ConceptDrift,
    Dropout,
    GainDrift,
    Glitch,
    Jitter,
    Noise,
    OffsetDrift,
    Quantise,
    Saturation,
    StuckAt,
    TimeFault,
    ValueFault,
)
from edgelearn.emulator.sensors.generators import mixture, noise, sine, square, step, walk
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.emulator.sensors.sensor import Sensor

__all__ = [
    "Block",
    "ClockDrift",
    "ConceptDrift",
    "Dropout",
    "GainDrift",
    "Glitch",
    "Jitter",
    "Noise",
    "OffsetDrift",
    "Quantise",
    "Reading",
    "Recording",
    "Saturation",
    "Sensor",
    "StuckAt",
    "TimeFault",
    "ValueFault",
    "mixture",
    "noise",
    "sine",
    "square",
    "step",
    "walk",
]
