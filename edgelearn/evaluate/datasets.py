"""Samples and labels from any .npz: whatever is wrong with them is said in one sentence.

Nothing pickled is read. Samples with NaN or infinity are left out and counted; labels become int or str.
"""

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.errors import InputError
from edgelearn.types import Array


@dataclass(slots=True)
class Part:
    """Samples that belong together: ``x`` (n, …), ``y`` (n,), and their domains (n,) where there are any."""

    x: Array
    y: Array
    domain: Array | None = None

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Array) -> "Part":
        """Return the rows of an index array or a mask."""
        return Part(self.x[rows], self.y[rows], None if self.domain is None else self.domain[rows])


@dataclass(slots=True)
class Dataset:
    """What is evaluated: training samples, a test set if the file has one, and what was noticed."""

    train: Part
    test: Part | None = None
    refused: int = 0
    notes: list[str] = field(default_factory=list)


def load_npz(
    path: str | Path,
    keys: tuple[str, str, str | None],
    test_keys: tuple[str, str, str | None] | None = None,
) -> Dataset:
    """Read samples, labels and domains by their keys (x, y, domain or None).

    Raises InputError for a file that is no .npz, a missing key (naming those there are), arrays of objects,
    samples that are not numbers, labels that are not classes, or columns of different length.
    """
    data = Dataset(Part(np.empty(0), np.empty(0)))
    try:
        with Path(path).open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise InputError(
                    f"{path} is a single array, not an .npz; save it with np.savez(path, x=…, y=…)"
                )
            data.train = _part(archive, keys, data)
            if test_keys is not None:
                data.test = _part(archive, test_keys, data)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is not an .npz file, or a damaged one; write it again with np.savez"
        ) from error
    if data.test is not None and data.test.y.dtype.kind != data.train.y.dtype.kind:
        raise InputError(
            f"the labels {keys[1]} and {(test_keys or keys)[1]} are of different kinds; use one kind"
        )
    return data


def _drop_not_finite(part: Part, data: Dataset, what: str) -> Part:
    """Leave out samples with NaN or infinity, count and note them; raises InputError when none is left."""
    if not len(part):
        raise InputError(f"there are no {what} to evaluate on; give at least one")
    if part.x.dtype.kind == "f":
        with np.errstate(over="ignore"):
            fits: Array = np.isfinite(part.x.astype(np.float32, copy=False))
        good: Array = np.all(fits, axis=tuple(range(1, fits.ndim)))
        part = refuse(part, good, data, f"{what} have NaN, infinity or numbers too large for float32")
    return part


def refuse(part: Part, good: Array, data: Dataset, what: str) -> Part:
    """Return the samples a mask (n,) keeps; count and note the others, which are ``what``.

    Raises InputError when none is left.
    """
    n, bad = len(good), int(len(good) - good.sum())
    if bad == n:
        raise InputError(f"all {n} {what}: refused, so that nothing is left to evaluate on")
    if bad:
        data.refused += bad
        data.notes.append(f"{bad} of {n} {what}: refused, nothing was learned from them")
    return part.take(good) if bad else part


def as_features(x: Array, data: Dataset, what: str) -> Array:
    """Return ``x`` as float32 rows (n, D); anything with more axes is laid flat, and noted."""
    if x.ndim != 2:
        data.notes.append(f"{what} of shape {x.shape[1:]} were laid flat to {x[0].size} features")
    return np.ascontiguousarray(x.reshape(len(x), -1), dtype=np.float32)


def _part(archive: Any, keys: tuple[str, str, str | None], data: Dataset) -> Part:
    x_key, y_key, domain_key = keys
    x, y = _read(archive, x_key), _labels(_read(archive, y_key), y_key, data)
    if x.dtype.kind not in "fiub":
        raise InputError(f"samples {x_key!r} are {x.dtype}, not numbers; name an array of numbers with --x")
    if x.ndim == 0:
        raise InputError(f"samples {x_key!r} are a single number; an array with one row a sample is needed")
    if len(x) and not x.size:
        raise InputError(
            f"samples {x_key!r} have shape {x.shape}, so there is nothing in them; name another array"
        )
    domain = None if domain_key is None else _domains(_read(archive, domain_key), domain_key)
    for key, column in ((y_key, y), (domain_key, domain)):
        if column is not None and len(column) != len(x):
            raise InputError(
                f"{len(x)} samples in {x_key!r} but {len(column)} values in {key!r}; they belong row by row"
            )
    return _drop_not_finite(Part(x, y, domain), data, f"samples of {x_key!r}")


def _read(archive: Any, key: str) -> Array:
    if key not in archive.files:
        raise InputError(f"there is no {key!r} in the file; it has {', '.join(archive.files) or 'nothing'}")
    try:
        return np.asarray(archive[key])
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise InputError(
            f"{key!r} is an array of objects and needs pickle, which is not read; save numbers or strings"
        ) from error


def _labels(y: Array, key: str, data: Dataset) -> Array:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise InputError(f"labels {key!r} have shape {y.shape}; one label a sample, shape (n,), is needed")
    if y.dtype.kind == "f" and np.isfinite(y).all() and (y == np.round(y)).all():
        data.notes.append(f"labels {key!r} are whole {y.dtype} numbers and were read as int")
        return y.astype(np.int64)
    if y.dtype.kind in "iub":
        return y.astype(np.int64)
    if y.dtype.kind == "S":
        return np.char.decode(y, "utf-8")
    if y.dtype.kind == "U":
        return y
    raise InputError(f"labels {key!r} are {y.dtype} and not whole numbers; classes are int or str")


def _domains(domain: Array, key: str) -> Array:
    if domain.ndim != 1 or domain.dtype.kind not in "fiubUS":
        raise InputError(
            f"domains {key!r} are {domain.dtype} of shape {domain.shape}; one number or string a sample"
        )
    if domain.dtype.kind == "f" and np.isnan(domain).any():
        raise InputError(f"domains {key!r} have NaN; every sample needs its domain")
    return domain
