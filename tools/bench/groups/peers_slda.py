"""Streaming LDA beside Avalanche's: predict and learn, one sample after the other, in one process."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from tools.bench import peers
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

D, C = 512, 10
WARM = 2000  # samples learned before anything is timed
PEER_WARM = 600
NOTE = (
    "Avalanche computes a pseudo-inverse of the D x D covariance (an SVD, O(D^3)) at the first predict after "
    "every fit, and adds a D x D outer product in float32 at every fit; here the inverse follows by rank 1, O(D^2), "
    "in float64. Who predicts rarely pays Avalanche's fit only (see the detail)."
)


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn.kernels import slda
    from tools.bench import hot

    rng = np.random.default_rng(0)
    X = rng.normal(size=(WARM, D)).astype(np.float32)
    y = rng.integers(0, C, WARM)
    variants = hot.ours("slda", (slda.scores, slda.learn), X, y) | _avalanche(X, y)
    times = interleave(variants, repeats=11)
    took = medians(times)
    yield Measured(
        "peers.slda", ratio(times, "Avalanche", "kernel"), control(times), note=NOTE,
        detail={"microseconds": took, "avalanche fit only, x": ratio(times, "Avalanche fit", "kernel")},
    )  # fmt: skip
    yield Measured("peers.slda_kernel", took["kernel"], control(times))
    for name in ("SLDA", "Learner"):
        yield Measured(
            f"peers.slda_{name.lower()}", took[name], control(times),
            note=f"{ratio(times, 'Avalanche', name):.0f} times faster than Avalanche",
        )  # fmt: skip


def _avalanche(X: Any, y: Any) -> dict[str, Callable[[], object]]:
    torch = peers.one_thread()
    both, fit = peers.streaming_lda(D, C), peers.streaming_lda(D, C)
    rows = [(torch.from_numpy(x[None]), torch.tensor([int(c)])) for x, c in zip(X, y, strict=True)]
    for x, c in rows[:PEER_WARM]:
        both.fit(x, c)
        fit.fit(x, c)
    stream, fits = cycle(rows), cycle(rows)

    def predict_and_fit() -> None:
        x, c = next(stream)
        both.predict(x)
        both.fit(x, c)

    return {"Avalanche": predict_and_fit, "Avalanche fit": lambda: fit.fit(*next(fits))}


GROUP = Group(
    "peers_slda",
    (
        Figure(
            "peers.slda", "x", f"streaming LDA, predict + learn, {D} features, {C} classes: faster by",
            Goal(">=", 500), "avalanche-lib 0.6.0 StreamingLDA, predict + fit",
        ),
        Figure("peers.slda_kernel", "us", "the same, compiled calls alone"),
        Figure("peers.slda_slda", "us", "the same through SLDA.predict_one and learn_one"),
        Figure("peers.slda_learner", "us", "the same through Learner: rejection, tickets, probabilities too"),
    ),
    measure,
    peers=True,
)  # fmt: skip
