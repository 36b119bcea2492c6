"""From a file and a wish to the exact bytes a session loads.

Rule 1: what ``Extractor(path, cut=T)`` loads is byte for byte what ``cut(path, T)`` writes, so both have one
fingerprint: the SHA-256 of these bytes, in which the preprocessing is written.
Rule 2: a cut file, and a file whose only output is the tensor wanted, need no onnx package.
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from edgelearn.errors import ConfigError, ModelError
from edgelearn.extractor import graph, preprocess, wire
from edgelearn.extractor.choose import choose
from edgelearn.extractor.preprocess import Preprocess

_CHOOSE = "to choose where to cut (cut=None takes the first output as it is)"


class Prepared(NamedTuple):
    """What a session loads."""

    data: bytes
    cut: str  # the tensor that becomes the feature vector
    declared: Preprocess
    note: str

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def read(path: Path) -> tuple[bytes, wire.Header]:
    """The file and its outline. Raises ModelError when it is absent, truncated, or no ONNX file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        header = wire.header(data)
    except wire.WireError as error:
        raise ModelError(
            f"{path} is not an ONNX file, or a truncated one ({error}); copy or export it again."
        ) from error
    for name in header.external:
        if not (path.parent / name).is_file():
            raise ModelError(
                f"{path.name} keeps weights in {name!r}, which is not beside it; copy that file there too."
            )
    return data, header


def prepare(path: Path, cut: str | None, declared: Preprocess) -> Prepared:
    """Decide on the cut and make the bytes.

    Raises ConfigError when ``cut`` is no name, ModelError, and MissingExtraError when onnx is needed.
    """
    if not (cut is None or isinstance(cut, str)):
        raise ConfigError(f'cut is the name of a tensor, "auto" or None, not {cut!r}.')
    source, header = read(path)
    metadata = header.metadata
    own = metadata.get(wire.CUT)
    if wire.PREPROCESS in metadata:
        declared = declared.over(preprocess.from_json(metadata[wire.PREPROCESS]))
    data, name, note = source, own if cut in (None, "auto") else cut, ""
    if header.external:
        data = graph.load(source, path, why="to read weights kept beside a network").to_bytes()
    if name is None and cut is None:
        name = header.outputs[0]
    elif name is None:
        name, note = choose(graph.load(data, path, why=_CHOOSE), declared.constants)
    if cut is not None and name != own and header.outputs != [name]:
        data = graph.load(data, path).cut(name, declared.constants)
        inputs = wire.header(data).inputs  # constants the cut network does not need any more are left behind
        declared = replace(
            declared, constants={key: declared.constants[key] for key in declared.constants if key in inputs}
        )
    if name not in wire.header(data).outputs:
        raise ModelError(f"{path.name} was cut at {name!r}, which it does not have any more; cut it again.")
    origin = metadata.get(wire.SOURCE) or hashlib.sha256(source).hexdigest()
    stamped = wire.stamp(data, {wire.CUT: name, wire.SOURCE: origin, wire.PREPROCESS: declared.to_json()})
    return Prepared(stamped, name, declared, note)
