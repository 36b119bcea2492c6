"""Everything learned, handed from a device to the host and back: equal to the last bit, as far as both keep it."""

from edgelearn.errors import UnsupportedError
from edgelearn.export import layout
from edgelearn.export.affine import Affine
from edgelearn.export.heads import head_of
from edgelearn.learner import Learner
from edgelearn.readouts.ncm import NCM
from edgelearn.types import Snapshot


def describe(head: object) -> layout.Layout:
    """Return the layout of what a device keeps of ``head``; raises as `head_of` and `layout.describe`."""
    return layout.describe(head_of(head))


def state_bytes(head: object) -> bytes:
    """Return what a device keeps of ``head``, as it travels; raises as `describe`."""
    return layout.state_bytes(head_of(head))


def load_state(head: object, data: bytes) -> None:
    """Take over what a device learned; ``head`` goes on where the device stopped.

    A layer keeps its own count of samples and its health: the device has none. A learner becomes another snapshot of
    itself. Raises InputError, with nothing changed, for bytes of another layout, UnsupportedError for a head that a
    device only predicts with, and as `describe`.
    """
    runs = head_of(head)
    if isinstance(runs, Affine) and runs is not head:
        raise UnsupportedError(
            "a device only predicts with this readout, so it has nothing to give back; use ncm"
        )
    if not isinstance(head, Learner):
        layout.load_state(runs, data)
        return
    assert isinstance(runs, NCM)
    assert runs.n_features is not None
    snapshot, taught = head.snapshot(), NCM()
    taught.load(runs.state(), runs.classes_, runs.n_features, runs.n_seen)
    layout.load_state(taught, data)
    arrays = {**snapshot.arrays, **{f"readout/{name}": array for name, array in taught.state().items()}}
    head.restore(Snapshot(arrays, {**snapshot.meta, "counts": taught.counts, "n_seen": taught.n_seen}))
