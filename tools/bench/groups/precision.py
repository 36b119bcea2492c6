"""Do decisions stay those of the exact solution after a million rank-1 steps?

Classes overlap (accuracy far from 1), the covariance has a condition of 1e4. Exact: all scatter summed in float64,
the same prior added, one direct solve.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tools.bench.figure import Figure, Goal, Group, Measured

SAMPLES, CHUNK, TEST = 1_000_000, 10_000, 20_000
CLASSES = 10
CONDITION = 1e4
APART = 1.3  # distance of the class means from the middle, in standard deviations


def measure() -> Iterator[Measured]:
    for d in (128, 512):
        yield _agreement(d)


class _Stream:
    """Gaussian classes of one covariance, drawn chunk by chunk from a seed."""

    def __init__(self, d: int) -> None:
        import numpy as np

        self.rng = np.random.default_rng(d)
        basis, _ = np.linalg.qr(self.rng.normal(size=(d, d)))
        self._shape = (basis * CONDITION ** (-0.5 * np.linspace(0, 1, d))).T.astype(np.float32)
        centres = self.rng.normal(size=(CLASSES, d))
        centres *= APART / np.linalg.norm(centres, axis=1, keepdims=True)
        self._centres = centres.astype(np.float32)

    def draw(self, n: int) -> tuple[Any, Any]:
        import numpy as np

        y = self.rng.integers(0, CLASSES, n)
        white = self.rng.standard_normal((n, len(self._shape)), np.float32) + self._centres[y]
        return white @ self._shape, y


class _Moments(NamedTuple):
    counts: Any  # (C,)
    sums: Any  # (C, D)
    products: Any  # (D, D)


def _agreement(d: int) -> Measured:
    import numpy as np

    from edgelearn import readouts

    stream, readout = _Stream(d), readouts.make("slda")
    moments = _Moments(np.zeros(CLASSES), np.zeros((CLASSES, d)), np.zeros((d, d)))
    for _ in range(SAMPLES // CHUNK):
        x, y = stream.draw(CHUNK)
        readout.learn_many(x, y)
        _add(moments, x.astype(np.float64), y)
    x, y = stream.draw(TEST)
    covariance, scores = _exact(moments, x.astype(np.float64), readout.state()["prior"])
    order = [readout.classes_.index(c) for c in range(CLASSES)]
    own = readout.scores_many(x)[:, order]
    accuracy = float(np.mean(own.argmax(axis=1) == y))
    return Measured(
        f"precision.d{d}",
        float(np.mean(own.argmax(axis=1) == scores.argmax(axis=1))),
        note=f"accuracy {accuracy:.3f} (exact {np.mean(scores.argmax(axis=1) == y):.3f}), condition of the "
        f"covariance {np.linalg.cond(covariance):.3g}, {TEST} decisions",
        detail={
            "largest relative error of a score": float(np.abs(own - scores).max() / np.abs(scores).max())
        },
    )


def _add(moments: _Moments, x: Any, y: Any) -> None:
    import numpy as np

    hot = np.eye(CLASSES)[y]
    moments.counts[:] += hot.sum(axis=0)
    moments.sums[:] += hot.T @ x
    moments.products[:] += x.T @ x


def _exact(moments: _Moments, x: Any, prior: Any) -> tuple[Any, Any]:
    """Return the covariance within classes (D, D), and the scores (n, C) of a direct solve."""
    import numpy as np

    means = moments.sums / moments.counts[:, None]
    scatter = moments.products - means.T @ (moments.counts[:, None] * means)
    n = moments.counts.sum()
    regular = scatter + np.diag(prior)
    directions = n * np.linalg.solve(regular, means.T)
    noise = (
        0.5 * np.trace(np.linalg.solve(regular, scatter)) / (moments.counts + 1)
    )  # of a mean, see kernels/slda.py
    return scatter / n, x @ directions - 0.5 * np.sum(means.T * directions, axis=0) + noise


GROUP = Group(
    "precision",
    tuple(
        Figure(
            f"precision.d{d}", "share", f"decisions equal to an exact solution, 1e6 samples, {d} features",
            Goal(">=", 0.999), "float64 scatter and a direct solve",
        )
        for d in (128, 512)
    ),
    measure,
)  # fmt: skip
