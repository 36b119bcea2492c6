"""Where to cut when nobody says: the tensor a classifier looks at.

1. Walk back from the first output through what decorates a classifier (softmax, bias, quantisation, reshapes)
   to a linear layer with constant weights on one vector a sample: MatMul, Gemm, or Conv on a 1x1 map.
2. Its input, walked back through reshapes and (de)quantisation to the float tensor that was computed.
3. An output as large as the input is an autoencoder: the narrowest tensor everything goes through.
4. Otherwise (embedding network, detector, gate, front end): the first output, before its softmax if any.
"""

from collections.abc import Mapping
from typing import Any

from edgelearn.extractor.graph import Graph, reads

_SHAPING = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Cast", "Transpose"}
_QUANTISING = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"}
_SOFTMAX = {"Softmax", "LogSoftmax", "Sigmoid", "HardSigmoid", "QLinearSoftmax", "QLinearSigmoid"}
_DECORATION = (
    {"Add", "Sub", "Mul", "Div", "Clip", "ArgMax", "TopK", "QLinearAdd"} | _SHAPING | _QUANTISING | _SOFTMAX
)
_LINEAR = {"MatMul", "Gemm", "MatMulInteger", "QLinearMatMul", "QGemm", "FusedMatMul", "FusedGemm"}
_CONVOLUTION = {"Conv", "QLinearConv", "ConvInteger", "FusedConv"}


def choose(graph: Graph, constants: Mapping[str, Any]) -> tuple[str, str]:
    """The tensor to cut at, and a sentence that says what it is."""
    assigned = graph.roles(constants)
    output = next(
        (tensor.name for tensor in graph.outputs if tensor.name not in assigned.states.values()), ""
    )
    output = output or graph.outputs[0].name
    if narrow := _bottleneck(graph, assigned.sample.name, output):
        return narrow, f"auto cut at {narrow!r}: the bottleneck of an autoencoder"
    name, before_softmax = output, output
    while (node := graph.producer.get(name)) is not None and node.op_type in _DECORATION:
        following = _live_input(graph, node)
        if following is None:
            break
        name = following
        if node.op_type in _SOFTMAX:
            before_softmax = name
    if node is not None and _classifies(graph, node):
        feature = _computed(graph, _live_input(graph, node) or name)
        return feature, f"auto cut at {feature!r}: the input of the classifier"
    chosen = before_softmax if before_softmax in graph.producer else output
    return chosen, f"auto cut at {chosen!r}: no classifier was found, so the first output is taken"


def _live_input(graph: Graph, node: Any) -> str | None:
    """The one input that depends on the sample; None when there are several or none."""
    live = [name for name in node.input if name in graph.live]
    return live[0] if len(live) == 1 else None


def _classifies(graph: Graph, node: Any) -> bool:
    source = _live_input(graph, node)
    if source is None or node.op_type not in _LINEAR | _CONVOLUTION:
        return False
    shape = graph.known[source].shape if source in graph.known else None
    if node.op_type in _CONVOLUTION:
        return shape is not None and all(size == 1 for size in shape[2:])
    return shape is None or all(size in (1, None) for size in shape[1:-1])


def _computed(graph: Graph, name: str) -> str:
    """Back through what only reshapes or quantises; the last float tensor on the way."""
    chosen = name
    while (node := graph.producer.get(name)) is not None:
        known = graph.known.get(name)
        if known is None or known.dtype is None or known.dtype.kind == "f":
            chosen = name
        following = _live_input(graph, node)
        if node.op_type not in _SHAPING | _QUANTISING or following is None:
            break
        name = following
    return chosen


def _bottleneck(graph: Graph, source: str, output: str) -> str | None:
    """The narrowest tensor all that reaches the output goes through, when the output is as large as the input."""
    wide, same = (graph.known[name].elements if name in graph.known else None for name in (source, output))
    if wide is None or wide != same:
        return None
    sizes = [
        (size, -index, name)
        for index, name in enumerate(graph.producer)
        if name in graph.live and name in graph.known and (size := graph.known[name].elements) and size < wide
    ]
    return next(
        (name for *_, name in sorted(sizes) if not _reaches(graph, source, output, without=name)), None
    )


def _reaches(graph: Graph, source: str, output: str, without: str) -> bool:
    reached = {source}
    for node in graph.nodes:
        if not reached.isdisjoint(reads(node)):
            reached.update(set(node.output) - {without})
    return output in reached
