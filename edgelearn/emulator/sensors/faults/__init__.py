"""Faults of sensors, one class each; a list of them is applied in its order."""

from edgelearn.emulator.sensors.faults.base import TimeFault, ValueFault
from edgelearn.emulator.sensors.faults.clock import ClockDrift, Jitter
from edgelearn.emulator.sensors.faults.concept import ConceptDrift
from edgelearn.emulator.sensors.faults.levels import Glitch, Noise, Quantise, Saturation
from edgelearn.emulator.sensors.faults.loss import Dropout, StuckAt
from edgelearn.emulator.sensors.faults.slow import GainDrift, OffsetDrift

__all__ = [
    "ClockDrift",
    "ConceptDrift",
    "Dropout",
    "GainDrift",
    "Glitch",
    "Jitter",
    "Noise",
    "OffsetDrift",
    "Quantise",
    "Saturation",
    "StuckAt",
    "TimeFault",
    "ValueFault",
]
