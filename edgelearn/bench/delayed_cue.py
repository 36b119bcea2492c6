"""The delayed cue: a task that no net solves from what it sees when it must answer.

Feed-forward units solve it by a slow leak, and learn it only where the trace of the input lasts as long. Where the
leak is too fast to remember, recurrent weights must hold the cue, and they are learned by the same trace.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from edgelearn.bench import bptt
from edgelearn.bench.figure import Measured
from edgelearn.bench.means import over_seeds
from edgelearn.bench.run import Run
from edgelearn.neurons import lif
from edgelearn.rules import stdp_eligibility
from edgelearn.systems import s_tllr
from edgelearn.systems.s_tllr import SpikingNet
from edgelearn.types import Array

CLASSES, CHANNELS, STEPS = 8, 40, 16
CUE, GO = 4, 3  # steps at the start that carry the class, and at the end that ask for it
NOISE, RATE = 0.02, 0.9
UNITS, ETA, BATCHES, BATCH, TESTS = 150, 2e-3, 1500, 32, 2000
SLOW, FAST = 0.95, 0.5  # leaks
Variants = dict[str, dict[str, Any]]
VARIANTS: Variants = {  # of S-TLLR
    "cue": {},
    "cue_no_trace": {"lam_pre": 0.0},
    "cue_frozen": {"teaching": "frozen"},
    "cue_bptt": {"gradient": bptt.gradient},
    "cue_recurrent": {"decay": FAST, "recurrent": True},
    "cue_recurrent_frozen": {"decay": FAST, "recurrent": True, "teaching": "frozen"},
    "cue_recurrent_bptt": {"decay": FAST, "recurrent": True, "gradient": bptt.gradient},
    "cue_forward": {"decay": FAST},
}
LAMBDAS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)


def draw(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    """Return spikes (STEPS, n, CHANNELS + 1) and classes (n,).

    Each class has channels of its own that fire at ``RATE`` during the cue; all fire at ``NOISE`` all the time; the
    last channel asks for the answer.
    """
    y = rng.integers(0, CLASSES, n)
    rate = np.full((STEPS, n, CHANNELS + 1), NOISE)
    own = np.arange(CHANNELS) // (CHANNELS // CLASSES) == y[:, None]
    rate[:CUE, :, :CHANNELS] = np.where(own, RATE, NOISE)
    rate[:, :, -1] = np.arange(STEPS)[:, None] >= STEPS - GO
    return (rng.random(rate.shape) < rate).astype(np.float32), y


def measure(run: Run, system: str, variants: Variants) -> Iterator[Measured]:
    """Yield a figure of ``system`` for each variant."""
    for name, settings in variants.items():
        seeds = run.progress(range(run.seeds), name, run.seeds)
        values = [accuracy(seed=seed, **settings) for seed in seeds]
        yield over_seeds(f"{system}.{name}", values)


def over_lambda(run: Run, **settings: Any) -> list[tuple[float, float]]:
    """Return (trace of the input, accuracy) where a picture needs it."""
    lambdas = () if run.pictures is None or run.quick else LAMBDAS
    return [
        (lam_pre, accuracy(lam_pre=lam_pre, **settings))
        for lam_pre in run.progress(lambdas, "cue, over the trace", len(lambdas))
    ]


def accuracy(
    lam_pre: float = 0.95, seed: int = 0, gradient: s_tllr.Gradient = s_tllr.gradient, **settings: Any
) -> float:
    """Return the share of other draws named rightly in the steps that ask, after learning."""
    learning = net(lam_pre, seed, **settings)
    for _ in s_tllr.fit(
        learning, lambda rng, who: draw(rng, len(who)), BATCHES * BATCH, epochs=1, batch=BATCH, seed=seed,
        gradient=gradient,
    ):  # fmt: skip
        pass
    return s_tllr.accuracy(learning, *draw(np.random.default_rng(1_000_000), TESTS), GO)


def net(
    lam_pre: float = 0.95,
    seed: int = 0,
    decay: float = SLOW,
    kind: type[SpikingNet] = SpikingNet,
    **settings: Any,
) -> SpikingNet:
    """Return a net for the task, as it is drawn."""
    return kind(
        (CHANNELS + 1, UNITS, CLASSES), lif.neuron(decay=decay),
        stdp_eligibility.rule(ETA, lam_pre=lam_pre, a_post=0),
        late=GO, standardised=False, seed=seed, **settings,
    )  # fmt: skip
