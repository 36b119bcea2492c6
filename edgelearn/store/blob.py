"""A snapshot as bytes and back: words as JSON, arrays as safetensors, one digest over both."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import StoreError
from edgelearn.types import Array, Snapshot

SCHEMA = 2  # the newest meaning of a snapshot's arrays and words that this program knows

_INTEGERS = {f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}
_DTYPES = _INTEGERS | {"bool", "float16", "float32", "float64", "complex64"}


class Record(NamedTuple):
    """A snapshot as it lies in the table."""

    meta: bytes
    blob: bytes
    sha256: str


class DamagedError(Exception):
    """A record that is not what was saved; the message is the reason."""


def encode(snapshot: Snapshot) -> Record:
    """Return the record of a snapshot; raises StoreError for what JSON or safetensors cannot hold."""
    from safetensors.numpy import save

    try:
        meta = json.dumps(snapshot.meta, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise StoreError(f"the words of a snapshot must be plain finite JSON: {error}") from error
    blob = save({name: _storable(name, array) for name, array in snapshot.arrays.items()})
    return Record(meta, blob, digest(meta, blob))


def decode(record: Record) -> Snapshot:
    """Return the snapshot of a record, its arrays writable and the caller's own; raises DamagedError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    check(record)
    try:
        return Snapshot(load(record.blob), words(record.meta))
    except (SafetensorError, ValueError, KeyError) as error:
        raise DamagedError(f"it cannot be decoded ({error})") from error


def check(record: Record) -> None:
    """Raise DamagedError unless the bytes are the ones that were saved."""
    if digest(record.meta, record.blob) != record.sha256:
        raise DamagedError("its bytes are not the ones that were saved (sha-256 differs)")


def words(meta: bytes) -> Mapping[str, Any]:
    """Return the words of a record; raises ValueError when they are not a JSON object."""
    value = json.loads(meta)
    if not isinstance(value, dict):
        raise ValueError("its words are not a JSON object")
    return value


def digest(meta: bytes, blob: bytes) -> str:
    """Return sha-256 over both; the length in front keeps a byte from changing sides."""
    hashed = hashlib.sha256(len(meta).to_bytes(8, "little") + meta)
    hashed.update(blob)
    return hashed.hexdigest()


def _storable(name: str, array: Array) -> Array:
    if not isinstance(name, str) or name == "__metadata__":
        raise StoreError(f"an array cannot be stored under the name {name!r}; use another one")
    if array.dtype.name not in _DTYPES:
        raise StoreError(f"array {name!r} has dtype {array.dtype}, which safetensors cannot hold; convert it")
    return np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")
