"""What of a learner, a layer or a readout a device runs."""

from edgelearn.errors import UnsupportedError
from edgelearn.export.affine import Affine, affine
from edgelearn.fixed.head import FixedHead
from edgelearn.layer import Layer
from edgelearn.learner import Learner
from edgelearn.readouts import Readout
from edgelearn.readouts.ncm import NCM
from edgelearn.readouts.ridge import Ridge
from edgelearn.readouts.slda import SLDA
from edgelearn.types import Label

Runs = Layer | NCM | Affine | FixedHead


def head_of(head: object) -> Runs:
    """Return what a device runs of ``head``: a Layer or an NCM as they are, an SLDA or a Ridge as bias and weights.

    Raises UnsupportedError for what no firmware runs, and as `affine`.
    """
    found = _stage(head)
    if isinstance(found, SLDA | Ridge):
        return affine(found)
    if isinstance(found, Layer | NCM | Affine | FixedHead):
        return found
    if isinstance(found, Readout):
        raise UnsupportedError(f"the firmware runs ncm, slda and ridge, not {found.name}; take one of them")
    raise UnsupportedError(
        f"the firmware runs a Learner, a Layer or a readout, not a {type(found).__name__}; give one of these"
    )


def labels_of(head: object) -> list[Label]:
    """Return the labels of the classes 0, 1, … of a head; empty for a layer, whose units have no names."""
    found = _stage(head)
    return found.classes_ if isinstance(found, Readout) else []


def _stage(head: object) -> object:
    """Return the one stage of a learner that learns."""
    if not isinstance(head, Learner):
        return head
    if head.layers:
        raise UnsupportedError(
            f"the firmware runs one stage, and this learner has {len(head.layers)} layers and a readout; export one of "
            "them: to_c(learner.layers[0], …), or to_c(learner.readout, …) for features that come through the layers"
        )
    return head.readout
