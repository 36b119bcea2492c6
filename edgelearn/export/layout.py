"""What a device keeps of a head, as bytes: arrays little-endian, in C order, one after the other, without padding.

A text names them; its CRC-32 is the number by which device and host know that they speak of the same layer. Rule 1:
kept is what outlives a sample, in the order of the layer's own states: weights, rule, neuron, signal. Rule 2: bytes
to arrays and back is equal to the last bit. A NCM of C classes has room for these C, in the order of its labels.
"""

import zlib
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.export.affine import Affine
from edgelearn.fixed.head import FixedHead
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import Array
from firmware_bridge.protocol.constants import NEURONS, NUMBERS, RULES, SIGNALS

_DTYPES: dict[str, np.dtype[Any]] = {
    "f32": np.dtype("<f4"),
    "u32": np.dtype("<u4"),
    "i16": np.dtype("<i2"),
    "i32": np.dtype("<i4"),
}
_LAYER_RULES = [name for name in RULES if name not in ("none", "fixed", "ncm")]
_INPUTS, _UNITS = 65535, 32767  # at most: HELLO has 16 bits for them, a label one less


class Field(NamedTuple):
    """One array: ``dtype`` is a name in the layout text, ``offset`` in bytes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        """Bytes."""
        return int(np.prod(self.shape, dtype=np.int64)) * _DTYPES[self.dtype].itemsize


class Layout(NamedTuple):
    """What a device keeps; ``rule`` and ``kind`` are the numbers of HELLO, ``size`` is in bytes."""

    text: str
    rule: int
    kind: int
    n_pre: int
    n_post: int
    fields: tuple[Field, ...]

    @property
    def number(self) -> int:
        """The CRC-32 of the text."""
        return zlib.crc32(self.text.encode())

    @property
    def size(self) -> int:
        """Bytes of the state."""
        return sum(field.size for field in self.fields)


class Parts(NamedTuple):
    """What makes the layout of one kind of head; ``arrays`` are live, in the order of the layout."""

    rule: str
    number: str
    neuron: str
    signal: str
    n_pre: int
    n_post: int
    arrays: Mapping[str, Array]
    detail: str = ""  # what else the numbers in the arrays mean


@singledispatch
def parts(head: object) -> Parts:
    """Return what a device keeps of a head. Raises ConfigError for a head that has seen no sample, UnsupportedError
    for one that no firmware runs."""
    raise UnsupportedError(f"the firmware runs a Layer, a NCM or fixed weights, not a {type(head).__name__}")


def describe(head: object) -> Layout:
    """Return the layout of a head: a Layer, a NCM, an Affine, a FixedHead. Raises as `parts`."""
    own = parts(head)
    if own.n_pre > _INPUTS or own.n_post > _UNITS:
        raise UnsupportedError(
            f"the firmware has up to {_INPUTS} inputs and {_UNITS} units, not {own.n_pre} and {own.n_post}"
        )
    fields, offset = [], 0
    for name, array in own.arrays.items():
        fields.append(Field(name, _name(array), array.shape, offset))
        offset += array.nbytes
    words = [
        "edgelearn head 1", f"{own.rule} {own.number}{own.detail}", own.neuron, own.signal, f"{own.n_pre}x{own.n_post}",
        *(f"{field.name} {field.dtype} {'x'.join(map(str, field.shape))}" for field in fields),
    ]  # fmt: skip
    return Layout(
        "; ".join(words), RULES[own.rule], NUMBERS[own.number], own.n_pre, own.n_post, tuple(fields)
    )


def state_bytes(head: object) -> bytes:
    """Return what a device keeps of a head, as it travels and is stored. Raises as `parts`."""
    return b"".join(_little(array).tobytes() for array in parts(head).arrays.values())


def load_state(head: object, data: bytes) -> None:
    """Take over what a device kept; the head goes on where the device stopped.

    Raises InputError, unchanged, for bytes of another layout, and as `parts`.
    """
    layout = describe(head)
    if len(data) != layout.size:
        raise InputError(
            f"the state has {len(data)} bytes, and '{layout.text}' has {layout.size}: it is one of another layer"
        )
    found = {}
    for field in layout.fields:
        part = data[field.offset : field.offset + field.size]
        found[field.name] = np.frombuffer(part, _DTYPES[field.dtype]).reshape(field.shape)
        if not np.isfinite(found[field.name]).all():
            raise InputError(f"the state has NaN or infinity in {field.name}; nothing was changed")
    if isinstance(head, FixedHead):
        head.load_bytes(data)
        return
    _take(head, found)


# -- the kinds of heads ---------------------------------------------------------------------------------------


@parts.register
def _layer(head: Layer) -> Parts:
    if head.n_pre is None:
        raise ConfigError("this layer has seen no sample and knows no inputs yet; call layer.bind(n_pre)")
    if head.kind != "dense" or head.code is not None:
        what = f"a {head.kind} layer" if head.kind != "dense" else f"the code {head.code.name}"  # type: ignore[union-attr]
        raise UnsupportedError(f"the firmware has dense layers without code, not {what}")
    for kind, name, known in (
        ("rule", head.rule.name, _LAYER_RULES),
        ("neuron", head.neuron.name, NEURONS),
        ("signal", head.signal.name, SIGNALS),
    ):
        if name not in known:
            raise UnsupportedError(f"the firmware has no {kind} {name}; it has {', '.join(known)}")
    state = head.state()
    gone = {f"neuron.{name}" for name in head.neuron.fades} | {"recent", "n_learned"}
    arrays = {name: array for name, array in state.items() if name not in gone}
    return Parts(head.rule.name, "f32", head.neuron.name, head.signal.name, head.n_pre, head.n_post, arrays)


@parts.register
def _ncm(head: NCM) -> Parts:
    if head.n_features is None:
        raise ConfigError("this NCM has seen no sample and knows no inputs yet; teach it first")
    state = head.state()
    counts = state["counts"].astype(np.uint32)
    if (counts != state["counts"]).any():
        raise UnsupportedError("a class has more samples than the firmware counts to, 4294967295")
    return Parts("ncm", "f32", "none", "none", head.n_features, len(counts), {**state, "counts": counts})


@parts.register
def _affine(head: Affine) -> Parts:
    n_pre, n_post = head.w.shape
    return Parts("fixed", "f32", "none", "none", n_pre, n_post, {"w": head.w, "bias": head.bias})


@parts.register
def _fixed(head: FixedHead) -> Parts:
    s = head.settings
    bits = "" if s.rule == "ncm" else f" {s.weight_bits} bits"
    return Parts(s.rule, "q15", s.neuron, s.signal, s.n_pre, s.n_post, head.state, bits)


def _take(head: object, found: dict[str, Array]) -> None:
    if isinstance(head, NCM):
        if not found["counts"].all():
            empty = head.classes_[int(found["counts"].argmin())]
            raise InputError(f"the state has no sample of class {empty!r}; nothing was changed")
        assert head.n_features is not None
        arrays = found | {"counts": found["counts"].astype(np.int64)}
        head.load(arrays, head.classes_, head.n_features, int(arrays["counts"].sum()))
        return
    for name, array in parts(head).arrays.items():
        array[...] = found[name]


def _name(array: Array) -> str:
    return next(name for name, dtype in _DTYPES.items() if dtype == array.dtype.newbyteorder("<"))


def _little(array: Array) -> Array:
    return array.astype(array.dtype.newbyteorder("<"), copy=False)
