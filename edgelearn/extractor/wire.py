"""Reads and writes what edgelearn keeps in an ONNX file, without the onnx package.

An ONNX file is a protobuf message; the field numbers below are those of onnx.proto. Only the outline is
walked (weights are skipped by their length), so this costs about a millisecond and finds a truncated file.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

PREFIX = "edgelearn."
CUT = PREFIX + "cut"
SOURCE = PREFIX + "source_sha256"
PREPROCESS = PREFIX + "preprocess"

_MODEL_GRAPH, _MODEL_METADATA = 7, 14
_GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT = 5, 11, 12
_TENSOR_EXTERNAL = 13
_KEY, _VALUE, _NAME = 1, 2, 1
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are not a whole protobuf message of an ONNX model."""


class Header(NamedTuple):
    """What can be known of a file before a session exists."""

    metadata: dict[str, str]
    inputs: list[str]  # before IR version 4 also the weights
    outputs: list[str]
    external: list[str]  # files beside the model that hold weights


class _Field(NamedTuple):
    number: int
    start: int  # of the tag
    body: memoryview  # empty for numbers
    end: int


def header(data: bytes) -> Header:
    """Walk the outline of a model. Raises WireError when it is truncated or no ONNX model."""
    metadata: dict[str, str] = {}
    graph: memoryview | None = None
    for field in _fields(memoryview(data)):
        if field.number == _MODEL_METADATA:
            key, value = _entry(field.body)
            metadata[key] = value
        elif field.number == _MODEL_GRAPH:
            graph = field.body
    if graph is None:
        raise WireError("no graph")
    names: dict[int, list[str]] = {_GRAPH_INPUT: [], _GRAPH_OUTPUT: []}
    external: set[str] = set()
    for field in _fields(graph):
        if field.number in names:
            names[field.number] += [_text(part.body) for part in _fields(field.body) if part.number == _NAME]
        elif field.number == _GRAPH_INITIALIZER:
            entries = dict(
                _entry(part.body) for part in _fields(field.body) if part.number == _TENSOR_EXTERNAL
            )
            external.update({entries["location"]} if "location" in entries else ())
    if not all(names.values()):
        raise WireError("no input or no output")
    return Header(metadata, names[_GRAPH_INPUT], names[_GRAPH_OUTPUT], sorted(external))


def stamp(data: bytes, metadata: Mapping[str, str]) -> bytes:
    """The same model with this metadata in place of what edgelearn had written before."""
    view = memoryview(data)
    kept = [view[field.start : field.end] for field in _fields(view) if not _ours(field)]
    return b"".join([*kept, *(_encode(key, value) for key, value in sorted(metadata.items()))])


def _ours(field: _Field) -> bool:
    return field.number == _MODEL_METADATA and _entry(field.body)[0].startswith(PREFIX)


def _encode(key: str, value: str) -> bytes:
    parts = [(_KEY, key.encode()), (_VALUE, value.encode())]
    body = b"".join(
        _varint_bytes(number << 3 | _BYTES) + _varint_bytes(len(text)) + text for number, text in parts
    )
    return _varint_bytes(_MODEL_METADATA << 3 | _BYTES) + _varint_bytes(len(body)) + body


def _entry(body: memoryview) -> tuple[str, str]:
    parts = {field.number: field.body for field in _fields(body)}
    return _text(parts.get(_KEY, memoryview(b""))), _text(parts.get(_VALUE, memoryview(b"")))


def _text(body: memoryview) -> str:
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError as error:
        raise WireError("a name is not text") from error


def _fields(view: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(view):
        start = at
        tag, at = _varint(view, at)
        kind, body_at, end = tag & 7, at, at
        if kind == _VARINT:
            _, end = _varint(view, at)
            body_at = end
        elif kind == _BYTES:
            length, body_at = _varint(view, at)
            end = body_at + length
        elif kind in (_FIXED64, _FIXED32):
            body_at = end = at + (8 if kind == _FIXED64 else 4)
        else:
            raise WireError(f"wire type {kind}")
        if end > len(view) or tag >> 3 == 0:
            raise WireError("it ends in the middle of a field")
        yield _Field(tag >> 3, start, view[body_at:end], end)
        at = end


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(view) and shift < 64:
        byte = view[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise WireError("it ends in the middle of a number")


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
