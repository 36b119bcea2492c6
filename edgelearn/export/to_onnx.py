"""Learned layers as an ONNX network: what was learned on a device, frozen, and shipped as an ordinary `Extractor`.

Rule 1: what cannot be said in ONNX is refused here, by name. Rule 2: the file appears whole or not at all. Rule 3: it
gives the features of `chain.run` but for rounding: onnxruntime sums products in another order and other pieces than
NumPy's BLAS, each sum of n products apart by about sqrt(n) 2^-24 of the sum of their magnitudes. Features agree to
1e-5 of the largest; where units compete for ranks (k_winners), drives that are equal but for that may change places,
and a power below 1 widens the gap next to 0 (to 1e-4 at 0.7). Rule 4: weights stay what was
learned, in float32 and inside the file; any that are not finite are refused.
"""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from edgelearn.errors import ConfigError, MissingExtraError, UnsupportedError
from edgelearn.export.to_onnx_ops import WRITERS, Nodes, write
from edgelearn.extractor import Extractor, Preprocess, graph, preparation, wire
from edgelearn.layer import Layer
from edgelearn.learner import Learner
from edgelearn.replacing import check_replaceable, replacing
from edgelearn.systems import chain

OPSET, IR = 13, 8  # read by onnxruntime 1.17 and everything since
FEATURES = "features"


class Shipped(NamedTuple):
    """What was written."""

    path: str
    input_shape: tuple[int | None, ...]  # of one sample
    n_features: int
    operations: list[str]  # those of the layers, first to last
    file_bytes: int
    fingerprint: str  # that of an `Extractor` of the file


class _Below(NamedTuple):
    """What the layers stand on: a network so far, and the tensor of it that they see."""

    model: Any
    tensor: str
    preprocess: Preprocess


def to_onnx(
    what: Any, path: str | PathLike[str], *, onto: Extractor | str | PathLike[str] | None = None
) -> Shipped:
    """Write what ``what`` computes as an ONNX network that loads as an `Extractor`.

    ``what`` is a `Layer`, a list of them (``learner.layers``) or of operations (`edgelearn.systems.chain`), or a system
    with ``frozen()``. The network takes one float32 sample: values (n,), or a map (height, width, channels) where the
    first layer is convolutional. ``onto``, an Extractor or an .onnx file, comes below the layers, in the same file,
    with its preprocessing.

    Raises UnsupportedError for what ONNX cannot express, ConfigError for layers that have not learned, do not fit or
    hold NaN, and for a path that cannot be written, MissingExtraError without the onnx package, ModelError for a
    network that cannot be used; nothing is written then.
    """
    if not isinstance(path, str | PathLike):
        raise ConfigError(f"path must be the name of the file to write, not {path!r}")
    target, ops = Path(path), chain_of(what)
    check_replaceable(target)
    _need_onnx()
    _check_finite(ops)
    takes, n_features = _sizes(ops)
    below = _fresh(takes) if onto is None else _network(onto, takes)
    try:
        data = _joined(below, ops, takes, n_features)
        with replacing(target) as partial:
            partial.write_bytes(data)
            made = Extractor(partial)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error.strerror}") from error
    return Shipped(str(target), made.input_shape, n_features, _names(ops), len(data), made.fingerprint)


def chain_of(what: Any) -> list[chain.Op]:
    """Return the operations of a Layer, a list of them, or a system; raises as `to_onnx`."""
    if isinstance(what, Learner):
        raise ConfigError(
            "a Learner is more than its features: give its layers, to_onnx(learner.layers, …, onto=learner.extractor)"
        )
    if callable(getattr(what, "frozen", None)) and not isinstance(what, type):
        what = list(what.frozen())
    if isinstance(what, Layer):
        return chain.of_layer(what)
    if not isinstance(what, Sequence) or isinstance(what, str) or not what:
        raise UnsupportedError(
            f"a {type(what).__name__} has no frozen form that ONNX could express: give a Layer, a list of one or more, "
            "or a system with frozen(); units that spike in time stay with the device that runs them"
        )
    ops: list[chain.Op] = []
    for i, part in enumerate(what):
        if isinstance(part, Layer):
            ops += chain.of_layer(part, f"layer {i}")
        elif type(part) in WRITERS:
            ops.append(part)
        else:
            raise UnsupportedError(
                f"item {i} is a {type(part).__name__}, and only Layers and operations of a chain are written; leave "
                "it out, or give a system as a whole"
            )
    return ops


def _names(ops: Sequence[chain.Op]) -> list[str]:
    return [type(op).__name__ for op in ops]


def _check_finite(ops: Sequence[chain.Op]) -> None:
    """Raise ConfigError, naming the operation, where something learned is NaN or infinite."""
    for i, (op, name) in enumerate(zip(ops, _names(ops), strict=True)):
        learned = [value for value in cast(tuple[object, ...], op) if isinstance(value, np.ndarray)]
        if not all(np.isfinite(value).all() for value in learned):
            raise ConfigError(
                f"operation {i} ({name}) holds values that are not finite, so its features would be of no use; go back "
                "to a version that was kept before, or learn anew"
            )


def _need_onnx() -> None:
    try:
        import onnx  # noqa: F401 (asks whether it is there)
    except ImportError as error:
        raise MissingExtraError(
            "The onnx package is needed to write a network: pip install 'edgelearn[cut]'. The device that loads "
            "the file needs none."
        ) from error


def _sizes(ops: Sequence[chain.Op]) -> tuple[tuple[int, ...], int]:
    """Return the shape of one sample and the number of features; raises ConfigError where operations do not fit."""
    for op in ops:
        if isinstance(op, chain.Dense):
            shape: tuple[int, ...] = (len(op.w),)
            break
        if isinstance(op, chain.Conv | chain.Pool):
            shape = op.shape
            break
    else:
        raise ConfigError(
            "nothing here has weights, so no number of inputs is known; give layers that learned"
        )
    try:
        made = chain.run(ops, np.zeros((1, int(np.prod(shape))), np.float32))
    except ValueError as error:
        raise ConfigError(
            f"the layers do not fit one another, each must take what the one below gives: {error}"
        ) from error
    return shape, made.shape[1]


def _fresh(takes: tuple[int, ...]) -> _Below:
    """Return a network that only has its input, and says what that is."""
    from onnx import TensorProto, helper

    axes = "height, width, channels" if len(takes) == 3 else "values"
    says = f"A sample is {takes} ({axes}), float32."
    sample = helper.make_tensor_value_info("sample", TensorProto.FLOAT, ["N", *takes])
    model = helper.make_model(
        helper.make_graph([], "layers", [sample], [], doc_string=says),
        producer_name="edgelearn",
        ir_version=IR,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    return _Below(model, "sample", Preprocess())


def _network(onto: Extractor | str | PathLike[str], takes: tuple[int, ...]) -> _Below:
    extractor = onto if isinstance(onto, Extractor) else Extractor(onto)
    name, n, wanted = extractor.path.name, extractor.n_features, int(np.prod(takes))
    if n is None:
        raise UnsupportedError(
            f"{name} gives features of a length that depends on the sample, and layers take {wanted}; "
            "give a network of one input size"
        )
    if n != wanted:
        raise ConfigError(
            f"{name} gives {n} features, and the layers take {wanted}; give what they learned on"
        )
    prepared = preparation.prepare(extractor.path, extractor.cut, extractor.preprocess)
    found = graph.load(prepared.data, extractor.path, why="to put layers on a network")
    model = found.model if found.opset >= OPSET else _newer(found.model, name)
    model.ir_version = max(model.ir_version, IR)
    return _Below(model, prepared.cut, prepared.declared)


def _newer(model: Any, name: str) -> Any:
    import onnx

    try:
        return onnx.version_converter.convert_version(model, OPSET)
    except RuntimeError as error:
        raise UnsupportedError(
            f"{name} is older than opset {OPSET}, and cannot be brought to it ({str(error).splitlines()[0]}); export "
            "it anew, or write the layers without onto"
        ) from error


def _joined(below: _Below, ops: Sequence[chain.Op], takes: tuple[int, ...], n_features: int) -> bytes:
    """Return the network below with the operations on top, as the bytes of a file."""
    from onnx import TensorProto, checker, helper

    model, net = below.model, below.model.graph
    nodes = Nodes(
        max(item.version for item in model.opset_import if item.domain in ("", "ai.onnx")), _prefix(net)
    )
    x = nodes.add("Cast", below.tensor, to=TensorProto.FLOAT)
    x = nodes.add("Reshape", x, nodes.whole(-1, int(np.prod(takes))))
    seen: list[str] = []
    for op in ops:
        x = write(nodes, op, x)
        seen += [x] if isinstance(op, chain.Tap) else []
    name = nodes.prefix + FEATURES
    nodes.nodes.append(helper.make_node("Concat", seen or [x], [name], name=name, axis=1))
    net.node.extend(nodes.nodes)
    net.initializer.extend(nodes.weights)
    net.doc_string = f"{net.doc_string} Learned layers: {', '.join(_names(ops))}.".lstrip()
    others = [value for value in net.output if value.name != below.tensor]
    del net.output[:]
    net.output.extend([helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, n_features]), *others])
    checker.check_model(model)
    data: bytes = model.SerializeToString(deterministic=True)
    return wire.stamp(data, {wire.CUT: name, wire.PREPROCESS: below.preprocess.to_json()})


def _prefix(net: Any) -> str:
    """Return what no name in the network begins with: it may itself have been written here."""
    names = [*(name for node in net.node for name in node.output), *(item.name for item in net.initializer)]
    depth = 1
    while any(name.startswith(f"layers{depth}/") for name in names):
        depth += 1
    return f"layers{depth}/"
