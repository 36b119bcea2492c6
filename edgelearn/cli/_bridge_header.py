"""The readout in a store, for ``edgelearn bridge flash-header``."""

from pathlib import Path

from edgelearn import readouts
from edgelearn.errors import StoreError, UnsupportedError
from edgelearn.readouts import Readout
from edgelearn.snapshots import part
from edgelearn.store import Store


def readout_of(path: Path) -> Readout:
    """Return the readout of the newest version; raises StoreError, UnsupportedError where layers lie below it."""
    with Store(path, read_only=True) as store:
        snapshot = store.load()
    meta = snapshot.meta
    if meta.get("layers"):
        raise UnsupportedError(
            f"{path} holds {len(meta['layers'])} layers below its readout; the firmware runs one stage: "
            "export it in Python, with edgelearn.export.to_c(learner.readout, …)"
        )
    if meta.get("n_features") is None:
        raise StoreError(f"{path} has learned nothing yet; there is no head to write")
    try:
        readout = readouts.make(meta["readout"], **meta["config"])
        readout.load(part(snapshot, "readout"), meta["labels"], meta["n_features"], meta["n_seen"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"{path} holds no readout that can be read here: {error!r}") from error
    return readout
