"""Writes features.onnx, once: how strong the vibration is in each of 16 bands. Nothing in it is trained.

python -m watcher.make_network    # needs the onnx package; the device needs the file only
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ, WINDOW, TAPS = 1000, 128, 64
BANDS_HZ = np.arange(20, 480, 29)
FLOOR = 1e-9  # of the power, in parts of full scale: a machine that is off has a finite logarithm


def filters() -> np.ndarray:
    """Return a cosine and a sine a band, fading out at both ends, (2 · bands, 1, TAPS) float32."""
    turns = np.arange(TAPS) / RATE_HZ * BANDS_HZ[:, None]
    waves = np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=1)
    fading = np.hanning(TAPS + 2)[1:-1]
    return (waves * fading / fading.sum()).reshape(-1, 1, TAPS).astype(np.float32)


def network() -> onnx.ModelProto:
    """Return window (WINDOW,) -> logarithm of the power in each band (bands,), both with a batch in front."""
    bands = len(BANDS_HZ)
    constants = {
        "filters": filters(),
        "one_channel": np.array([0, 1, WINDOW]),
        "pairs": np.array([0, bands, -1]),  # the cosine and the sine of a band beside each other
        "floor": np.array([FLOOR], np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["window", "one_channel"], ["signal"]),
        helper.make_node("Conv", ["signal", "filters"], ["waves"]),
        helper.make_node("Mul", ["waves", "waves"], ["squares"]),
        helper.make_node("Reshape", ["squares", "pairs"], ["by_band"]),
        helper.make_node("ReduceMean", ["by_band"], ["power"], axes=[2], keepdims=0),
        helper.make_node("Add", ["power", "floor"], ["lifted"]),
        helper.make_node("Log", ["lifted"], ["features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "bands",
        [helper.make_tensor_value_info("window", TensorProto.FLOAT, ["n", WINDOW])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", bands])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


if __name__ == "__main__":
    model = network()
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, Path(__file__).with_name("features.onnx"))
