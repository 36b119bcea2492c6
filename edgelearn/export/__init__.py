"""What was learned, written for others: heads for microcontrollers as C, learned layers as an ONNX network.

>>> edgelearn.export.to_c(learner, "head.h")
>>> edgelearn.export.load_state(learner, device.read_state().data)
>>> edgelearn.export.to_onnx(learner.layers, "features.onnx")
"""

from edgelearn.export.state import describe, load_state, state_bytes
from edgelearn.export.to_c import Written, to_c
from edgelearn.export.to_onnx import Shipped, to_onnx

__all__ = ["Shipped", "Written", "describe", "load_state", "state_bytes", "to_c", "to_onnx"]
