"""Each operation of a chain as nodes of ONNX, opset 13 or newer: flat (N, values) in, flat out, as in `chain`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgelearn.conv import Shape
from edgelearn.systems import chain
from edgelearn.systems.chain.lengths import TINY
from edgelearn.types import Array

AXES_ARE_INPUTS = 18  # the opset from which reductions take their axes as an input
_NCHW, _NHWC = (0, 3, 1, 2), (0, 2, 3, 1)


class Nodes:
    """Nodes and weights as they come about; ``prefix`` keeps their names apart from those of another network."""

    def __init__(self, opset: int, prefix: str) -> None:
        self.opset, self.prefix = opset, prefix
        self.nodes: list[Any] = []
        self.weights: list[Any] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node and return the name of its output."""
        from onnx import helper

        name = f"{self.prefix}{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, value: Array) -> str:
        """Add a weight and return its name."""
        from onnx import numpy_helper

        name = f"{self.prefix}weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float | np.float32) -> str:
        """Add one float32."""
        return self.constant(np.array(value, np.float32))

    def whole(self, *values: int) -> str:
        """Add a vector of whole numbers."""
        return self.constant(np.array(values, np.int64))

    def reduced(self, kind: str, x: str) -> str:
        """Reduce the innermost axis, which stays with length 1."""
        if self.opset >= AXES_ARE_INPUTS:
            return self.add(kind, x, self.whole(-1))
        return self.add(kind, x, axes=[-1])

    def flat(self, x: str) -> str:
        """(N, …) -> (N, values)."""
        return self.add("Flatten", x, axis=1)

    def apart(self, x: str, n: int) -> str:
        """(N, values) -> (N, positions, n)."""
        return self.add("Reshape", x, self.whole(0, -1, n))

    def maps(self, x: str, shape: Shape) -> str:
        """(N, values) -> (N, height, width, channels)."""
        return self.add("Reshape", x, self.whole(0, *shape))

    def padded(self, x: str, by: int, border: str = "zero") -> str:
        """Put ``by`` pixels around maps (N, height, width, channels)."""
        if by == 0:
            return x
        mode = "reflect" if border == "reflect" else "constant"
        return self.add("Pad", x, self.whole(0, by, by, 0, 0, by, by, 0), mode=mode)


def write(nodes: Nodes, op: chain.Op, x: str) -> str:
    """Add what ``op`` makes of ``x`` (N, values) and return its name."""
    return WRITERS[type(op)](nodes, op, x)


def _dense(nodes: Nodes, op: chain.Dense, x: str) -> str:
    u = nodes.add("MatMul", x, nodes.constant(op.w))
    return u if op.b is None else nodes.add("Add", u, nodes.constant(op.b))


def _scale(nodes: Nodes, op: chain.Scale, x: str) -> str:
    product = nodes.add("Mul", nodes.apart(x, len(op.by)), nodes.constant(op.by))
    return nodes.flat(nodes.add("Add", product, nodes.constant(op.shift)))


def _pointwise(nodes: Nodes, op: chain.Pointwise, x: str) -> str:
    if op.curve == "leaky_relu":
        return nodes.add("LeakyRelu", x, alpha=float(chain.LEAK))
    return nodes.add({"relu": "Relu", "tanh": "Tanh"}[op.curve], x)


def _power(nodes: Nodes, op: chain.Power, x: str) -> str:
    return nodes.add("Pow", x, nodes.number(op.exponent))


def _triangle(nodes: Nodes, op: chain.Triangle, x: str) -> str:
    u = nodes.apart(x, op.units)
    return nodes.flat(nodes.add("Relu", nodes.add("Sub", u, nodes.reduced("ReduceMean", u))))


def _softmax(nodes: Nodes, op: chain.Softmax, x: str) -> str:
    u = nodes.add("Mul", nodes.apart(x, op.units), nodes.number(op.t))
    return nodes.flat(nodes.add("Softmax", u, axis=-1))


def _k_winners(nodes: Nodes, op: chain.KWinners, x: str) -> str:
    u = nodes.apart(x, op.units)
    best = nodes.add("TopK", u, nodes.whole(op.k), axis=-1)
    which = best + "_which"
    nodes.nodes[-1].output.append(which)
    none = nodes.add("Mul", u, nodes.number(0))
    return nodes.flat(nodes.add("ScatterElements", none, which, best, axis=-1))


def _root_mean_square(nodes: Nodes, _op: chain.RootMeanSquare, x: str) -> str:
    return _over_spread(nodes, x, x, TINY)


def _unit(nodes: Nodes, _op: chain.Unit, x: str) -> str:
    length = nodes.add("Add", nodes.reduced("ReduceL2", x), nodes.number(TINY))
    return nodes.add("Div", x, length)


def _layer_norm(nodes: Nodes, op: chain.LayerNorm, x: str) -> str:
    apart = nodes.add("Sub", x, nodes.reduced("ReduceMean", x))
    return _over_spread(nodes, apart, apart, op.eps)


def _over_spread(nodes: Nodes, x: str, apart: str, floor: float | np.float32) -> str:
    """Return x / (sqrt(mean(apart²)) + floor) along the innermost axis."""
    square = nodes.reduced("ReduceMean", nodes.add("Mul", apart, apart))
    return nodes.add("Div", x, nodes.add("Add", nodes.add("Sqrt", square), nodes.number(floor)))


def _conv(nodes: Nodes, op: chain.Conv, x: str) -> str:
    maps = nodes.padded(nodes.maps(x, op.shape), op.padding, op.border)
    if op.contrast is not None:
        return nodes.flat(nodes.add("MatMul", _contrasted(nodes, op, maps), nodes.constant(op.w)))
    w = op.w.reshape(op.kernel, op.kernel, op.shape[2], -1).transpose(3, 2, 0, 1)
    sides = nodes.add("Transpose", maps, perm=_NCHW)
    found = nodes.add("Conv", sides, nodes.constant(w), strides=[op.stride, op.stride])
    return nodes.flat(nodes.add("Transpose", found, perm=_NHWC))


def _contrasted(nodes: Nodes, op: chain.Conv, maps: str) -> str:
    """Return the patches of padded maps, each by its own mean and spread: (N, height, width, patch)."""
    seen = [(side - 1) * op.stride + 1 for side in op.shape_out[:2]]
    pixels = [(dy, dx) for dy in range(op.kernel) for dx in range(op.kernel)]
    axes, steps = nodes.whole(1, 2), nodes.whole(op.stride, op.stride)
    parts = [
        nodes.add("Slice", maps, nodes.whole(dy, dx), nodes.whole(dy + seen[0], dx + seen[1]), axes, steps)
        for dy, dx in pixels
    ]
    patches = nodes.add("Concat", *parts, axis=3)
    apart = nodes.add("Sub", patches, nodes.reduced("ReduceMean", patches))
    assert op.contrast is not None
    return _over_spread(nodes, apart, apart, op.contrast)


def _pool(nodes: Nodes, op: chain.Pool, x: str) -> str:
    sides = nodes.add("Transpose", nodes.padded(nodes.maps(x, op.shape), op.reach), perm=_NCHW)
    kind = "MaxPool" if op.how == "max" else "AveragePool"
    found = nodes.add(kind, sides, kernel_shape=[op.window] * 2, strides=[op.stride] * 2)
    return nodes.flat(nodes.add("Transpose", found, perm=_NHWC))


def _tap(_nodes: Nodes, _op: chain.Tap, x: str) -> str:
    return x


WRITERS: dict[type, Callable[[Nodes, Any, str], str]] = {
    chain.Conv: _conv,
    chain.Dense: _dense,
    chain.KWinners: _k_winners,
    chain.LayerNorm: _layer_norm,
    chain.Pointwise: _pointwise,
    chain.Pool: _pool,
    chain.Power: _power,
    chain.RootMeanSquare: _root_mean_square,
    chain.Scale: _scale,
    chain.Softmax: _softmax,
    chain.Tap: _tap,
    chain.Triangle: _triangle,
    chain.Unit: _unit,
}
