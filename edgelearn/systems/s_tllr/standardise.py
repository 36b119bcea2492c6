r"""Weight standardisation: each unit's weights are centred and brought to one norm, its gain is learned.

.. math:: \hat w_{ij} = a_j\, (w_{ij} - \mu_j) / \sqrt{n\, \sigma_j^2 + 10^{-4}}

Qiao et al. 2019, arXiv 1903.10520; in the form of Brock et al. 2021, ICLR, "Characterizing signal propagation",
eq. 2. Without it deep spiking nets fall silent.
"""

import numpy as np

from edgelearn.types import Array

_SMALL = 1e-4


def forward(w: Array, gain: Array) -> Array:
    """Return the standardised weights: w (n_pre, n_post), gain (n_post,)."""
    return gain * _unit(w)[0]


def backward(w: Array, gain: Array, grad: Array) -> tuple[Array, Array]:
    """Return the gradients of w and of gain from that of the standardised weights, ``grad`` (n_pre, n_post)."""
    unit, scale = _unit(w)
    along = (grad * unit).sum(axis=0)
    centred = (gain * scale) * (grad - along * unit)
    return centred - centred.mean(axis=0), along


def _unit(w: Array) -> tuple[Array, Array]:
    centred = w - w.mean(axis=0)
    scale = 1 / np.sqrt((centred * centred).sum(axis=0) + w.dtype.type(_SMALL))
    return centred * scale, scale
