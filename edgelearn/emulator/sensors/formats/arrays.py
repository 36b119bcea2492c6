"""Recordings from arrays: one, several by name, or those of an npz file.

Ragged items lie one after another along the first axis, and an array ``offset`` (items + 1,) says where each begins.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from edgelearn.emulator.sensors.formats.common import check_name, labels_of, rate_of, scalar
from edgelearn.emulator.sensors.recording import Recording
from edgelearn.errors import InputError
from edgelearn.types import I64, Array

if TYPE_CHECKING:
    from edgelearn.emulator.sensors.formats import Choice

RATES = ("rate_hz", "sample_rate")
OFFSET = "offset"


def from_npz(path: Path, choice: "Choice") -> Recording:
    """Read the arrays that are needed; raises InputError when they, or the file, cannot be read."""
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise InputError(
                    f"{path} holds one bare array; give that array itself, or save it with np.savez"
                )
            with archive:
                return from_arrays(archive, choice, str(path))
    except InputError:
        raise
    except (OSError, EOFError, BadZipFile, ValueError) as error:
        raise InputError(
            f"{path} is not an npz file of plain arrays: {error}; ragged items are kept one after another in one "
            f"array, with an array {OFFSET!r}"
        ) from error


def from_array(values: Any, choice: "Choice") -> Recording:
    """Return the recording of one array (n,) or (n, channels)."""
    if choice.key is not None or choice.item is not None or isinstance(choice.label, str):
        raise InputError(
            "key, item and a label's name choose among named arrays; give them as {'name': array}"
        )
    values = _columns(_array(values), "the array")
    rate_hz = rate_of(choice.rate_hz, None, "an array in memory")
    labels = None if choice.label is None else labels_of(choice.label, [len(values)])
    return Recording(values, rate_hz, labels, None, _full_scale(values))


def from_arrays(arrays: Mapping[str, Any], choice: "Choice", where: str) -> Recording:
    """Return the recording among named arrays; raises InputError as `load`."""
    offset = _offset(arrays, where)
    key = _key(arrays, choice, offset, where)
    values = _columns(_array(arrays[key]), f"array {key!r} of {where}")
    if offset is not None and len(values) != offset[-1]:
        raise InputError(
            f"{OFFSET} of {where} ends at {offset[-1]}, array {key!r} has {len(values)} samples; give another key"
        )
    found = next((scalar(np.asarray(arrays[name])) for name in RATES if name in arrays), None)
    rate_hz = rate_of(choice.rate_hz, found, where)
    labels, bounds = _labels(arrays, choice.label, len(values), offset, where)
    if choice.item is None:
        return Recording(values, rate_hz, labels, bounds, _full_scale(values))
    low, high = _item(offset, choice.item, where)
    if labels is not None:
        labels = labels[low:high] if bounds is None else labels[choice.item].repeat(high - low)
    return Recording(values[low:high], rate_hz, labels, None, _full_scale(values))


def _array(values: Any) -> Array:
    try:
        return np.asarray(values)
    except ValueError:
        raise InputError(
            f"the items differ in length; lay them one after another in one array, with an array {OFFSET!r} "
            "of where each begins"
        ) from None


def _columns(values: Array, what: str) -> Array:
    if values.ndim not in (1, 2):
        raise InputError(f"{what} has shape {values.shape}; a recording is (n,) or (n, channels)")
    return values[:, None] if values.ndim == 1 else values


def _full_scale(values: Array) -> float | None:
    return 32768.0 if values.dtype == np.int16 else None


def _offset(arrays: Mapping[str, Any], where: str) -> I64 | None:
    if OFFSET not in arrays:
        return None
    offset = np.asarray(arrays[OFFSET])
    whole = offset.ndim == 1 and offset.dtype.kind in "iu" and len(offset) > 1
    if not whole or offset[0] != 0 or (offset[1:] < offset[:-1]).any():
        raise InputError(
            f"{OFFSET} of {where} is not where each item begins: whole numbers from 0 that never fall"
        )
    return offset.astype(np.int64)


def _key(arrays: Mapping[str, Any], choice: "Choice", offset: I64 | None, where: str) -> str:
    if isinstance(choice.key, str):
        check_name(choice.key, arrays, "array", where)
        return choice.key
    if isinstance(choice.key, Sequence):
        raise InputError(f"key is the name of one array of {where}; columns are chosen from a CSV")
    fitting = [name for name in arrays if name not in (choice.label, OFFSET, *RATES)]
    fitting = [name for name in fitting if _fits(np.asarray(arrays[name]), offset)]
    if len(fitting) != 1:
        raise InputError(
            f"give key=…: {where} has {', '.join(fitting) or 'no'} arrays that could be the recording"
        )
    return fitting[0]


def _fits(values: Array, offset: I64 | None) -> bool:
    shaped = values.ndim in (1, 2) and values.size > 1 and values.dtype.kind in "fiu"
    return shaped and (offset is None or len(values) == offset[-1])


def _labels(
    arrays: Mapping[str, Any], label: Any, count: int, offset: I64 | None, where: str
) -> tuple[Array | None, I64 | None]:
    if label is None:
        return None, None
    if isinstance(label, str):
        check_name(label, arrays, "array", where)
        label = arrays[label]
    labels = labels_of(label, [count] if offset is None else [count, len(offset) - 1])
    return labels, None if len(labels) == count else offset


def _item(offset: I64 | None, item: int, where: str) -> tuple[int, int]:
    if offset is None:
        raise InputError(f"{where} has no array {OFFSET!r}, so it has no items; leave item out")
    if not 0 <= item < len(offset) - 1:
        raise InputError(f"{where} has items 0 to {len(offset) - 2}, not {item}")
    return int(offset[item]), int(offset[item + 1])
