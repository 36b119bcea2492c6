"""What a network offers to cut at: each tensor, its shape, its size as features, its share of the compute."""

import hashlib
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgelearn.extractor import macs
from edgelearn.extractor.choose import choose
from edgelearn.extractor.graph import Graph, load
from edgelearn.extractor.preparation import read
from edgelearn.extractor.session import Network
from edgelearn.extractor.wire import CUT

_RESHAPING = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "QuantizeLinear", "Identity"}


class TensorReport(NamedTuple):
    """A tensor that can be cut."""

    name: str
    shape: tuple[int | None, ...] | None  # for a batch of 1; None where it depends on the sample
    dtype: str
    bytes: int | None  # of the float32 feature vector
    macs_share: float | None  # multiply-accumulates up to here, over all


class Report(NamedTuple):
    """What ``inspect`` found."""

    inputs: list[dict[str, Any]]  # name, shape, dtype
    tensors: list[TensorReport]  # in the order of computation
    auto: str  # where cut="auto" cuts
    why: str
    opset: int
    sha256: str  # of the file

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return self._asdict() | {"tensors": [tensor._asdict() for tensor in self.tensors]}


def inspect(path: str | PathLike[str]) -> Report:
    """List the tensors of a network that can be cut. Raises ModelError; MissingExtraError without onnx."""
    path = Path(path)
    data, header = read(path)
    graph = load(data, path, why="to look into a network")
    Network(
        graph.to_bytes() if header.external else data, path.name
    )  # what cannot be loaded need not be listed
    auto, why = choose(graph, {})
    if CUT in header.metadata:
        auto, why = header.metadata[CUT], f"a cut file: its features are {header.metadata[CUT]!r}"
    inputs = [
        {"name": tensor.name, "shape": [_size(dim) for dim in tensor.shape], "dtype": str(tensor.dtype)}
        for tensor in graph.inputs
    ]
    return Report(inputs, _tensors(graph), auto, why, graph.opset, hashlib.sha256(data).hexdigest())


def _tensors(graph: Graph) -> list[TensorReport]:
    shares = macs.shares(graph)
    reports = []
    for node in graph.nodes:
        for name in node.output:
            known = graph.for_one(name)
            if name not in graph.live or known.dtype is None:
                continue
            quantised = known.dtype in (np.int8, np.uint8) and node.op_type not in _RESHAPING
            if known.dtype.kind == "f" or quantised:
                size = known.elements
                nbytes = None if size is None else 4 * size
                reports.append(TensorReport(name, known.shape, str(known.dtype), nbytes, shares[name]))
    return reports


def _size(dim: int | str | None) -> int | None:
    return dim if isinstance(dim, int) else None
