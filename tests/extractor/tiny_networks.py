"""Tiny networks written with onnx.helper: one for each kind of input the extractor has to take."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

F, U8, I8 = TensorProto.FLOAT, TensorProto.UINT8, TensorProto.INT8
# The IR version that came with an operator set: older runtimes refuse newer ones.
IR = {8: 3, 9: 4, 11: 6, 13: 7, 15: 8, 17: 8, 19: 9, 21: 10, 23: 11}


def weights(*shape: int, seed: int = 0) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[tuple[str, int, Sequence[int | str | None]]],
    outputs: Sequence[tuple[str, int, Sequence[int | str | None]]],
    constants: dict[str, np.ndarray[Any, Any]],
    opset: int = 13,
) -> Path:
    """Write a model and return its path; below IR version 4 the weights are inputs as well."""
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    declared = [helper.make_tensor_value_info(*value) for value in inputs]
    if IR[opset] < 4:
        declared += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in tensors]
    graph = helper.make_graph(
        nodes, "tiny", declared, [helper.make_tensor_value_info(*value) for value in outputs], tensors
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=IR[opset])
    path.write_bytes(model.SerializeToString())
    return path


def classifier(
    path: Path,
    *,
    opset: int = 13,
    batch: int | str | None = 1,
    layout: str = "CHW",
    dtype: int = F,
    names: tuple[str, str, str] = ("x", "pooled", "y"),
    channels: int = 3,
    size: int = 8,
) -> Path:
    """Conv, Relu, GlobalAveragePool to 6 features named names[1], Flatten, Gemm to 4 classes, Softmax."""
    source, feature, output = names
    sample = [channels, size, size] if layout == "CHW" else [size, size, channels]
    nodes, now = [], source
    if dtype != F:
        nodes.append(helper.make_node("Cast", [now], ["as_float"], to=F))
        now = "as_float"
    if layout == "HWC":
        nodes.append(helper.make_node("Transpose", [now], ["chw"], perm=[0, 3, 1, 2]))
        now = "chw"
    nodes += [
        helper.make_node("Conv", [now, "kernel", "offset"], ["conv"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], [feature]),
        helper.make_node("Flatten", [feature], ["flat"]),
        helper.make_node("Gemm", ["flat", "head", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [output], axis=1),
    ]
    constants = {
        "kernel": weights(6, channels, 3, 3),
        "offset": weights(6, seed=1),
        "head": weights(6, 4, seed=2),
        "bias": weights(4, seed=3),
    }
    return save(path, nodes, [(source, dtype, [batch, *sample])], [(output, F, [batch, 4])], constants, opset)


def quantised(path: Path) -> Path:
    """QDQ int8: features 'pool_prequant', then Q, Reshape, DQ, MatMul, Softmax, Q to an int8 output."""
    q, dq = ["scale", "zero"], ["scale", "zero"]
    nodes = [
        helper.make_node("DequantizeLinear", ["x", *dq], ["x_float"]),
        helper.make_node("DequantizeLinear", ["kernel", "scale", "zero"], ["kernel_float"]),
        helper.make_node("Conv", ["x_float", "kernel_float"], ["conv"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("QuantizeLinear", ["relu", *q], ["relu_q"]),
        helper.make_node("DequantizeLinear", ["relu_q", *dq], ["relu_dq"]),
        helper.make_node("AveragePool", ["relu_dq"], ["pool_prequant"], kernel_shape=[6, 6]),
        helper.make_node("QuantizeLinear", ["pool_prequant", *q], ["pool_q"]),
        helper.make_node("Reshape", ["pool_q", "two"], ["pool_flat"]),
        helper.make_node("DequantizeLinear", ["pool_flat", *dq], ["pool_dq"]),
        helper.make_node("DequantizeLinear", ["head", *dq], ["head_float"]),
        helper.make_node("MatMul", ["pool_dq", "head_float"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["soft"]),
        helper.make_node("QuantizeLinear", ["soft", *q], ["y"]),
    ]
    rng = np.random.default_rng(0)
    constants = {
        "scale": np.float32(0.05),
        "zero": np.int8(0),
        "kernel": rng.integers(-128, 128, (6, 3, 3, 3), np.int8),
        "head": rng.integers(-128, 128, (6, 4), np.int8),
        "two": np.array([-1, 6], np.int64),
    }
    arrays = {name: np.asarray(value) for name, value in constants.items()}
    return save(path, nodes, [("x", I8, ["n", 3, 8, 8])], [("y", I8, ["n", 4])], arrays)


def vector(path: Path, shape: Sequence[int | str | None] = (5,), dtype: int = F) -> Path:
    """An embedding: features = tanh(x as float), of the input's shape less what Flatten does not touch."""
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=F), helper.make_node("Tanh", ["f"], ["features"])]
    return save(path, nodes, [("x", dtype, shape)], [("features", F, shape)], {})


def lookup(path: Path, shape: Sequence[int | str | None]) -> Path:
    """Rows of a table of 100 by int64 indices of this rank 2 shape, averaged to 4 features."""
    nodes = [
        helper.make_node("Gather", ["table", "x"], ["rows"]),
        helper.make_node("ReduceMean", ["rows"], ["features"], axes=[1], keepdims=0),
    ]
    rows: list[int | str | None] = [shape[0], 4]
    inputs = [("x", TensorProto.INT64, shape)]
    return save(path, nodes, inputs, [("features", F, rows)], {"table": weights(100, 4)})


def recurrent(path: Path) -> Path:
    """state_out = (x + state_in) * gain; y = state_out. Inputs: x, state_in, and gain as an int64 scalar."""
    nodes = [
        helper.make_node("Cast", ["gain"], ["gain_float"], to=F),
        helper.make_node("Add", ["x", "state_in"], ["sum"]),
        helper.make_node("Mul", ["sum", "gain_float"], ["state_out"]),
        helper.make_node("Identity", ["state_out"], ["y"]),
    ]
    inputs = [("x", F, ["batch", 3]), ("state_in", F, ["batch", 3]), ("gain", TensorProto.INT64, [])]
    return save(path, nodes, inputs, [("y", F, ["batch", 3]), ("state_out", F, ["batch", 3])], {})


def with_if(path: Path) -> Path:
    """h = x @ w; feature = h or -h by its sum, chosen in an If whose branches take h from outside; then a head."""
    branches = [
        helper.make_graph(
            [helper.make_node(op, ["h"], [name])], name, [], [helper.make_tensor_value_info(name, F, None)]
        )
        for op, name in (("Identity", "kept"), ("Neg", "turned"))
    ]
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("ReduceMax", ["h"], ["top"], keepdims=0),
        helper.make_node("Greater", ["top", "zero"], ["positive"]),
        helper.make_node("If", ["positive"], ["chosen"], then_branch=branches[0], else_branch=branches[1]),
        helper.make_node("Tanh", ["chosen"], ["feature"]),
        helper.make_node("MatMul", ["feature", "head"], ["y"]),
    ]
    constants = {"w": weights(4, 5), "head": weights(5, 2), "zero": np.array(0, np.float32)}
    return save(path, nodes, [("x", F, [1, 4])], [("y", F, [1, 2])], constants)


def autoencoder(path: Path) -> Path:
    """8 -> 5 -> 2 -> 5 -> 8 with Relu between."""
    nodes, constants, now = [], {}, "x"
    for index, (a, b) in enumerate(((8, 5), (5, 2), (2, 5), (5, 8))):
        constants[f"w{index}"] = weights(a, b, seed=index)
        nodes.append(helper.make_node("MatMul", [now, f"w{index}"], [f"m{index}"]))
        now = "y" if index == 3 else f"r{index}"
        nodes.append(helper.make_node("Identity" if index == 3 else "Relu", [f"m{index}"], [now]))
    return save(path, nodes, [("x", F, ["n", 8])], [("y", F, ["n", 8])], constants)


def with_external_data(path: Path) -> Path:
    """The classifier with its weights in PATH.data."""
    model = onnx.load(classifier(path))
    onnx.save(
        model,
        path,
        save_as_external_data=True,
        location=path.name + ".data",
        size_threshold=0,
        convert_attribute=False,
    )
    return path
