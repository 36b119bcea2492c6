"""What a snapshot says of itself, and whether it belongs to a learner."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edgelearn.errors import StoreError
from edgelearn.readouts import Readout
from edgelearn.store import SCHEMA
from edgelearn.types import Array, Snapshot

if TYPE_CHECKING:
    from edgelearn.extractor import Extractor


def describe(readout: Readout, extractor: "Extractor | None", layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words (JSON) that go with the arrays of a readout; ``layers`` are those of the layers below."""
    return {
        "schema": SCHEMA,
        "extractor": fingerprint(extractor),
        "readout": readout.name,
        "config": readout.config(),
        "labels": readout.classes_,
        "counts": readout.counts,
        "n_features": readout.n_features,
        "n_seen": readout.n_seen,
        **layers,
    }


def check_kin(
    meta: Mapping[str, Any],
    readout: Readout,
    extractor: "Extractor | None",
    layers: Sequence[Mapping[str, Any]],
) -> None:
    """Raise StoreError unless a snapshot is of this extractor, readout and layers, and of a schema known here."""
    if not isinstance(meta.get("schema"), int) or meta["schema"] > SCHEMA:
        raise StoreError(
            f"the snapshot has schema {meta.get('schema')}, this edgelearn reads up to {SCHEMA}; upgrade edgelearn"
        )
    theirs, mine = meta.get("extractor"), fingerprint(extractor)
    if theirs != mine:
        raise StoreError(
            f"the snapshot was learned on extractor {_short(theirs)}, this one is {_short(mine)}; "
            "load that network with the same cut and preprocessing, or use another store"
        )
    kind, config = meta.get("readout"), meta.get("config")
    if (kind, config) != (readout.name, readout.config()):
        raise StoreError(
            f"the snapshot is of readout {kind} {config}, this learner has "
            f"{readout.name} {readout.config()}; use the same, or another store"
        )
    other = meta.get("layers", [])
    if other != layers:
        raise StoreError(
            f"the snapshot was learned through {_stack(other)}, this learner has {_stack(layers)}; "
            "use the same, or another store"
        )


def copied(parts: Mapping[str, Mapping[str, Array]]) -> dict[str, Array]:
    """Return copies of the arrays of all parts, each under "part/name"."""
    return {f"{name}/{key}": np.array(a) for name, arrays in parts.items() for key, a in arrays.items()}


def part(snapshot: Snapshot, name: str) -> dict[str, Array]:
    """Return the arrays of one part of a learner: "readout", "tickets", "rejection", "layer0" …."""
    prefix = f"{name}/"
    return {
        key.removeprefix(prefix): array for key, array in snapshot.arrays.items() if key.startswith(prefix)
    }


def fingerprint(extractor: "Extractor | None") -> str | None:
    """Return the fingerprint of an extractor; None for plain features."""
    return None if extractor is None else extractor.fingerprint


def _short(mark: str | None) -> str:
    return "none (plain features)" if mark is None else f"{mark[:12]}…"


def _stack(layers: Any) -> str:
    return f"layers {layers}" if layers else "no layers"
