"""Golden vectors: what the definitions make of exact inputs, for twins in any language (tests/vectors/*/*.json).

A file holds cases, nested as their maker likes; `WORDS`, which stands in each file, says how their arrays are written.
Cases hold no NaN: its payload is nobody's law. EDGELEARN_WRITE_VECTORS=1 writes the files anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.types import F32

VECTORS = Path(__file__).parent / "vectors"
VARIABLE = "EDGELEARN_WRITE_VECTORS"
WORDS = "bits: uint32 bit patterns of float32, row after row; values: whole numbers"


def exact(seed: int, shape: tuple[int, ...], exponent: int = 0) -> F32:
    """Return ordinary numbers of both signs below 8 · 2**exponent, from raw bits: the same with every NumPy."""
    raw = np.asarray(np.random.PCG64(seed).random_raw(int(np.prod(shape)))) >> np.uint64(44)
    whole = raw.astype(np.int64) - 2**19
    return np.ldexp(whole.astype(np.float64), exponent - 16).astype(np.float32).reshape(shape)


def write_or_compare(kind: str, name: str, cases: list[Any]) -> None:
    """Raise AssertionError unless vectors/<kind>/<name>.json holds these cases; write it when told to."""
    if os.environ.get(VARIABLE):
        write(VECTORS, kind, name, cases)
    path = VECTORS / kind / f"{name}.json"
    stale = f"{path.name} is not what the definition says; {VARIABLE}=1 writes it anew"
    assert path.exists() and json.loads(path.read_text())["cases"] == _coded(cases), stale  # noqa: PT018 (one promise)


def write(folder: Path, kind: str, name: str, cases: list[Any]) -> Path:
    """Write folder/<kind>/<name>.json and return its path."""
    path = folder / kind / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"words": WORDS, "cases": _coded(cases)}) + "\n")
    return path


def read(kind: str, name: str) -> list[Any]:
    """Return the cases of a file, with arrays where there were arrays."""
    cases: list[Any] = _decoded(json.loads((VECTORS / kind / f"{name}.json").read_text())["cases"])
    return cases


def _coded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _coded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_coded(part) for part in value]
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        if array.dtype != np.float32:
            return {"shape": list(array.shape), "values": array.ravel().tolist()}
        assert not np.isnan(array).any(), "a golden vector has NaN"
        return {"shape": list(array.shape), "bits": array.ravel().view(np.uint32).tolist()}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "bits" in value:
        return np.array(value["bits"], np.uint32).view(np.float32).reshape(value["shape"])
    if "values" in value:
        return np.array(value["values"]).reshape(value["shape"])
    return {key: _decoded(part) for key, part in value.items()}
