"""Writes a network up to its feature tensor as a file that stands alone, and checks it against the whole."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import ModelError
from edgelearn.extractor import roles
from edgelearn.extractor.extractor import Extractor
from edgelearn.extractor.graph import load
from edgelearn.extractor.preparation import Prepared, prepare, read
from edgelearn.extractor.preprocess import Numbers, Resize, declare
from edgelearn.extractor.roles import Tensor
from edgelearn.extractor.session import Network
from edgelearn.replacing import check_replaceable, replacing
from edgelearn.types import Array

_FREE_SIZES = (16, 128, 224, 576, 1760, 16000)  # tried in turn where a network takes any size


class CutReport(NamedTuple):
    """What was written."""

    path: str
    cut: str
    n_features: int | None  # None: depends on the sample
    file_bytes: int
    source_bytes: int  # with the weights kept beside it
    fingerprint: str  # an Extractor of the new file, or of the old one cut like this, has the same
    notes: list[str]


def cut(
    path: str | PathLike[str],
    tensor: str,
    out: str | PathLike[str],
    *,
    scale: float | None = None,
    mean: Numbers | None = None,
    std: Numbers | None = None,
    layout: str | None = None,
    resize: Resize | None = None,
    constants: Mapping[str, Any] | None = None,
) -> CutReport:
    """Write ``out``: the network up to ``tensor`` ("auto" chooses), with the preprocessing as metadata.

    Old and new are run on a random sample first and have to agree bit for bit; a note says so when they only
    do with graph optimisation off (onnxruntime fuses quantised layers differently at the end of a network).
    Raises ModelError when they do not, or for a file that cannot be used or written; ConfigError when ``out``
    is a folder or a device; MissingExtraError.
    """
    path, out = Path(path), Path(out)
    check_replaceable(out)
    declared = declare(scale, mean, std, layout, resize, constants)
    prepared = prepare(path, tensor, declared)
    if out.exists() and out.samefile(path):
        raise ModelError(f"{out} is the network itself; give the cut file another name.")
    notes = [note for note in (prepared.note, _verify(path, prepared, declared.constants)) if note]
    try:
        with replacing(out) as partial:
            partial.write_bytes(prepared.data)
            made = Extractor(partial)
    except OSError as error:
        raise ModelError(f"{out} cannot be written: {error.strerror}.") from error
    n_features = made.n_features or load(prepared.data, path).for_one(prepared.cut).elements
    sizes = (len(prepared.data), _source_bytes(path))
    return CutReport(str(out), prepared.cut, n_features, *sizes, made.fingerprint, notes)


def _source_bytes(path: Path) -> int:
    data, header = read(path)
    return len(data) + sum((path.parent / name).stat().st_size for name in header.external)


def _verify(path: Path, prepared: Prepared, given: Mapping[str, Any]) -> str:
    """Run the whole network and the cut one on a random sample. Raises ModelError; returns a note, or ""."""
    whole = load(read(path)[0], path).with_output(prepared.cut)
    full = Network(whole, path.name)
    constants = {**prepared.declared.constants, **given}
    assigned = roles.assign(full.inputs, full.outputs, constants, prepared.cut)
    roles.missing(assigned.constants, constants)
    feeds = {
        tensor.name: _random([size if isinstance(size, int) else 1 for size in tensor.shape], tensor.dtype)
        for tensor in full.inputs
    } | roles.constant_arrays(assigned.constants, constants)
    expected = _run_somehow(full, assigned.sample, prepared.cut, feeds)
    if _same(expected, _run(Network(prepared.data, "the cut network"), prepared.cut, feeds)):
        return ""
    plain, cut = (Network(data, path.name, optimise=False) for data in (whole, prepared.data))
    if _same(*(_run(network, prepared.cut, feeds) for network in (plain, cut))):
        return (
            "equal bit for bit only with graph optimisation off: onnxruntime fuses it differently at an end"
        )
    raise ModelError(
        f"The cut at {prepared.cut!r} does not compute what {path.name} does; nothing was written."
    )


def _run(network: Network, cut: str, feeds: Mapping[str, Array]) -> Array:
    return network.run([cut], {tensor.name: feeds[tensor.name] for tensor in network.inputs})[0]


def _same(one: Array, other: Array) -> bool:
    return (one.shape, one.dtype) == (other.shape, other.dtype) and one.tobytes() == other.tobytes()


def _run_somehow(full: Network, sample: Tensor, cut: str, feeds: dict[str, Array]) -> Array:
    """Put a random sample of a shape the network takes into ``feeds``; the tensor to reproduce."""
    reason: ModelError | None = None
    for size in _FREE_SIZES:
        free = [size if roles.batch_size(sample) is None or axis else 1 for axis in range(len(sample.shape))]
        shape = tuple(dim if isinstance(dim, int) else free[axis] for axis, dim in enumerate(sample.shape))
        feeds[sample.name] = _random(shape, sample.dtype)
        try:
            return _run(full, cut, feeds)
        except ModelError as error:
            reason = error
    raise ModelError(f"The cut cannot be verified, so nothing was written: {reason}")


def _random(shape: Sequence[int], dtype: "np.dtype[Any]") -> Array:
    """Small numbers for floats, all values for bytes, 0 and 1 for wide integers (they may be indices)."""
    rng = np.random.default_rng(0)
    if dtype.kind == "f":
        return rng.standard_normal(shape).astype(dtype)
    if dtype.itemsize == 1 and dtype.kind != "b":
        return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    return rng.integers(0, 2, shape).astype(dtype)
