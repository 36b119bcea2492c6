"""Numbers between Python and the wire, without NumPy: whatever has the buffer protocol, or a sequence of numbers.

A float32 head takes buffers of format ``f`` as they are; anything else is rounded to float32. A Q15 head takes buffers
of format ``h`` as they are; real numbers become x · 2¹⁵, rounded to the nearest (half to even), saturated to int16.
"""

import math
import sys
from array import array
from typing import Any

from firmware_bridge.protocol.constants import NUMBERS
from firmware_bridge.protocol.errors import MalformedError

_CODES = {NUMBERS["f32"]: "f", NUMBERS["q15"]: "h"}
Q15_ONE = 32768


def to_wire(x: Any, number: int, n: int) -> bytes:
    """Return the bytes of a sample ``x`` (n,) for a head of ``number``.

    Raises MalformedError for another length, several dimensions, or what is no number.
    """
    code = _CODES.get(number)
    if code is None:
        raise MalformedError("the device has no head that takes samples; build its firmware with one")
    values = _as_array(x, code)
    if len(values) != n:
        raise MalformedError(f"the head takes {n} values, x has {len(values)}")
    return _little(values).tobytes()


def from_wire(data: bytes, number: int) -> tuple[float, ...]:
    """Return the values in ``data``: float32 as floats, Q15 as the integers they are."""
    code = _CODES.get(number)
    if code is None or len(data) % array(code).itemsize:
        raise MalformedError(
            f"{len(data)} bytes are no scores of this head; the firmware does not fit its HELLO"
        )
    values = array(code)
    values.frombytes(data)
    return tuple(_little(values))


def samples(data: bytes, code: str, channels: int) -> memoryview:
    """Return the values of a window, shape (channels, n), of format ``code``; NumPy takes it as it is."""
    values = array(code)
    if not channels or len(data) % (values.itemsize * channels):
        raise MalformedError(f"a window of {len(data)} bytes does not divide into {channels} channels")
    values.frombytes(data)
    shape = (channels, len(values) // channels)
    return memoryview(_little(values)).cast("B").cast(code, shape) if len(values) else memoryview(values)  # type: ignore[call-overload]


def _as_array(x: Any, code: str) -> "array[Any]":
    try:
        view = memoryview(x)
    except (TypeError, ValueError):
        values = x
    else:
        if view.ndim != 1:
            raise MalformedError(f"a sample has one dimension, x has {view.ndim}: flatten it")
        if view.format == code:
            return array(code, view.tobytes())
        if view.format.startswith("Z"):
            raise MalformedError("x holds complex numbers: give their parts or magnitudes")
        values = x
    try:
        # an iterator, since `array` takes bytes and text for its own memory
        return array("f", iter(values)) if code == "f" else array("h", map(_q15, values))
    except (TypeError, ValueError, OverflowError) as error:
        raise MalformedError(f"x is no list or array of numbers: {error}") from error


def _q15(value: float) -> int:
    if math.isnan(value):
        raise MalformedError("x holds NaN, which is no Q15 number; leave such samples out")
    if math.isinf(value):
        return Q15_ONE - 1 if value > 0 else -Q15_ONE
    return max(-Q15_ONE, min(Q15_ONE - 1, round(float(value) * Q15_ONE)))


def _little(values: "array[Any]") -> "array[Any]":
    if sys.byteorder == "big":
        values.byteswap()
    return values
