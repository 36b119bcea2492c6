"""Multiply-accumulates of a network for one sample, and the share of them up to each tensor.

Counted: convolutions, matrix products and recurrent layers, float or quantised (QDQ or QLinear). A node whose
shapes stay unknown counts 0; of the branches of an If the dearest counts; the body of a Loop counts once.
"""

from collections.abc import Mapping
from math import prod
from typing import Any

from edgelearn.extractor.graph import Graph, Known, reads, subgraphs

_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
_QUANTISED = {"QLinearConv", "QLinearMatMul", "QGemm"}  # (x, scale, zero, w, ...)
_CONVOLUTION = {"Conv", "FusedConv", "ConvInteger", "QLinearConv"}
_MATRIX = {"MatMul", "MatMulInteger", "QLinearMatMul", "FusedMatMul", "Gemm", "FusedGemm", "QGemm"}


def shares(graph: Graph) -> dict[str, float | None]:
    """For each tensor the MACs it needs over those of the whole network; None when none are counted."""
    costs: list[int] = []
    before: dict[str, int] = {}  # a tensor's costly ancestors, one bit each
    for node in graph.nodes:
        bits = 0
        for name in reads(node):
            bits |= before.get(name, 0)
        if cost := _cost(node, graph.known):
            bits |= 1 << len(costs)
            costs.append(cost)
        before.update(dict.fromkeys(node.output, bits))
    total = sum(costs)
    return {name: _sum(costs, bits) / total if total else None for name, bits in before.items()}


def _sum(costs: list[int], bits: int) -> int:
    return sum(cost for index, cost in enumerate(costs) if bits >> index & 1)


def _cost(node: Any, known: Mapping[str, Known]) -> int:
    branches = [sum(_cost(inner, known) for inner in graph.node) for graph in subgraphs(node)]
    if branches:
        return max(branches)
    if node.op_type in _CONVOLUTION:
        return _elements(known, node.output[0]) * prod(_shape(known, _weight(node))[1:])
    if node.op_type == "ConvTranspose":
        return _elements(known, node.input[0]) * prod(_shape(known, node.input[1])[1:])
    if node.op_type in _MATRIX:
        return _elements(known, node.output[0]) * _inner(node, known)
    if node.op_type in _GATES:
        return _recurrent(node, known)
    return 0


def _weight(node: Any) -> str:
    return str(node.input[3 if node.op_type in _QUANTISED else 1])


def _inner(node: Any, known: Mapping[str, Known]) -> int:
    """Length of the sum in a matrix product."""
    transposed = any(item.name == "transA" and item.i for item in node.attribute)
    shape = _shape(known, node.input[0])
    return shape[0 if transposed else -1] if shape else 0


def _recurrent(node: Any, known: Mapping[str, Known]) -> int:
    numbers = {item.name: item.i for item in node.attribute}
    directions = 2 if any(item.s == b"bidirectional" for item in node.attribute) else 1
    hidden = numbers.get("hidden_size", 0)
    steps, batch, wide = _shape(known, node.input[0]) or (
        1,
        1,
        hidden,
    )  # inside an If the input may be unknown
    return int(steps * batch * directions * _GATES[node.op_type] * hidden * (wide + hidden))


def _shape(known: Mapping[str, Known], name: str) -> tuple[int, ...]:
    """The shape, free dimensions as 1; () when unknown."""
    shape = known[name].shape if name in known else None
    return tuple(1 if size is None else size for size in shape or ())


def _elements(known: Mapping[str, Known], name: str) -> int:
    return prod(_shape(known, name)) if name in known and known[name].shape is not None else 0
