r"""Latent prediction: say now what you said a frame ago, but do not fall silent, and do not say what others say.

.. math::
    m_j &= -(y_j - y'_j) + \lambda_1 \frac{c_j}{\sigma^2_j + \epsilon}
           - \lambda_2 \frac{2}{n - 1} \sum_{k \ne j} C_{jk}\, c_k, \quad c = y - \bar y \\
    \sigma^2 &\leftarrow \sigma^2 + \alpha\, (c^2 - \sigma^2), \quad
    C \leftarrow C + \alpha\, (c\, c^\top - C), \quad \bar y \leftarrow \bar y + \alpha\, c

The other view y' is what the units did at the sample before, so samples must follow each other in time. Mean, variance
and covariance run along, and move after they were used; of the first sample only its output is kept. With the rule
`hebb`, which ``sees`` the slope, m goes down the gradient of

.. math::
    L = \langle (y_j - y'_j)^2 \rangle_j - \lambda_1 \langle \log(\sigma^2_j + \epsilon) \rangle_j
        + \lambda_2 \langle C_{jk}^2 \rangle_{j \ne k}

by the newer view alone, the means held. `of_pairs` is the same over a batch, where both views follow the gradient.

Halvagal & Zenke 2023, Nat. Neurosci. 26:1906, "Methods". Decorrelation squares the covariance, as the authors' code and
its erratum have it: https://github.com/fmi-basel/latent-predictive-learning (eq. 6 as printed multiplies squares).
"""

from typing import NamedTuple

import numpy as np

from edgelearn.bounds import at_least, fraction, positive
from edgelearn.compiled import compiled
from edgelearn.kernels.order import in_order
from edgelearn.signals.base import Signal, nobody
from edgelearn.types import F32, Array


class Params(NamedTuple):
    predict: np.float32  # weight of the predictive term, >= 0: published 1
    hebb: np.float32  # lambda_1, of the variance, >= 0: published 1
    decorrelate: np.float32  # lambda_2, of the covariance, >= 0: published 10
    epsilon: (
        np.float32
    )  # least variance, > 0: published 1e-4, of a batch; a running one lags, and asks for more
    alpha: np.float32  # share of a sample in mean, variance and covariance, in [0, 1)


class State(NamedTuple):
    previous: F32  # (n_post,) output at the sample before
    mean: F32  # (n_post,)
    variance: F32  # (n_post,) starts at 1
    covariance: F32  # (n_post, n_post), 0 on the diagonal
    started: F32  # (1,) 1 once there is a sample before


def init(n_post: int) -> State:
    """Return the state before the first sample."""
    none = np.zeros((4, n_post), np.float32)
    return State(
        none[0], none[1], none[2] + 1, np.zeros((n_post, n_post), np.float32), np.zeros(1, np.float32)
    )


def step(p: Params, s: State, out: Array, teach: Array) -> tuple[State, Array]:
    """Return the next state and the third factor (n_post,)."""
    if s.started[0] == 0:
        return s._replace(previous=np.array(out), mean=np.array(out), started=s.started + 1), np.zeros_like(
            out
        )
    c = out - s.mean
    third = _third(p, out - s.previous, c, s.variance, in_order(s.covariance * c[:, None]))
    covariance = s.covariance + p.alpha * (c[:, None] * c - s.covariance)
    np.fill_diagonal(covariance, 0)
    variance = s.variance + p.alpha * (c * c - s.variance)
    return State(np.array(out), s.mean + p.alpha * c, variance, covariance, s.started), third


def _third(p: Params, change: Array, c: Array, variance: Array, crossed: Array) -> Array:
    """Return m of ``change`` y - y', centred outputs c, and ``crossed``, the sum over k of C c: (n_post,) each."""
    return (-p.predict * change + p.hebb * c / (variance + p.epsilon)) - _each(p, c.shape[-1]) * crossed


def _each(p: Params, n_post: int) -> np.float32:
    """Return what one covariance weighs."""
    return np.float32(2) * p.decorrelate / np.float32(max(n_post - 1, 1))


@compiled()
def kernel(
    out: F32, teach: F32, third: F32, previous: F32, mean: F32, variance: F32, covariance: F32, started: F32,
    predict: float, hebb: float, decorrelate: float, epsilon: float, alpha: float,
) -> None:  # fmt: skip
    """`step` in place."""
    n = out.shape[0]
    third[:] = np.float32(0.0)
    if started[0] == np.float32(0.0):
        started[0] = np.float32(1.0)
        previous[:], mean[:] = out, out
        return
    for k in range(n):
        c = out[k] - mean[k]
        for j in range(n):
            third[j] += covariance[k, j] * c
            covariance[k, j] += alpha * (c * (out[j] - mean[j]) - covariance[k, j])
        covariance[k, k] = np.float32(0.0)
    each = np.float32(2.0) * decorrelate / np.float32(max(n - 1, 1))
    for j in range(n):
        c = out[j] - mean[j]
        third[j] = (-predict * (out[j] - previous[j]) + hebb * c / (variance[j] + epsilon)) - each * third[j]
        variance[j] += alpha * (c * c - variance[j])
    for j in range(n):
        mean[j] += alpha * (out[j] - mean[j])
        previous[j] = out[j]


def of_pairs(p: Params, one: Array, two: Array) -> tuple[Array, Array]:
    """Return the third factors of both views of a batch, ``one`` and ``two`` (n, n_post), n >= 2: (n, n_post) each.

    Times -2 / (n n_post) they are the gradient of L, its second and third part the mean over the two views, with the
    unbiased variance and covariance of the batch: so each weighs half of what it does in `step`.
    """
    share = one.dtype.type(len(one) / (len(one) - 1) / 2)
    p = p._replace(hebb=p.hebb * share, decorrelate=p.decorrelate * share)
    return _of_view(p, one, two), _of_view(p, two, one)


def _of_view(p: Params, out: Array, other: Array) -> Array:
    c = out - out.mean(axis=0)
    covariance = c.T @ c / out.dtype.type(len(out) - 1)
    variance = np.diagonal(covariance).copy()
    np.fill_diagonal(covariance, 0)
    return _third(p, out - other, c, variance, c @ covariance)


def signal(
    predict: float = 1.0,
    hebb: float = 1.0,
    decorrelate: float = 10.0,
    epsilon: float = 0.01,
    alpha: float = 0.001,
) -> Signal:
    """Return the signal; raises ConfigError for a weight below 0, epsilon <= 0 or an alpha outside [0, 1)."""
    params = Params(
        at_least("predict", predict, 0),
        at_least("hebb", hebb, 0),
        at_least("decorrelate", decorrelate, 0),
        positive("epsilon", epsilon),
        fraction("alpha", alpha),
    )
    return Signal("latent_prediction", params, init, step, kernel, "nothing", nobody)
