"""Heads for microcontrollers: as C, and as the bytes that a device and a host hand to each other.

>>> edgelearn.export.to_c(learner, "head.h")
>>> edgelearn.export.load_state(learner, device.read_state().data)
"""

from edgelearn.export.state import describe, load_state, state_bytes
from edgelearn.export.to_c import Written, to_c

__all__ = ["Written", "describe", "load_state", "state_bytes", "to_c"]
