"""Two tasks of spiking nets in time: a pattern to be drawn, and a cue that must outlast a delay of many leaks."""

from typing import NamedTuple

import numpy as np

from edgelearn.types import F32, I64


class Sequences(NamedTuple):
    """x (n, T, n_in), target (n, T, n_out), counts (T,): how much the loss of each step counts."""

    x: F32
    target: F32
    counts: F32


def pattern(seed: int, steps: int = 1000, n_in: int = 20) -> Sequences:
    """Return one second of noise, always the same, and the sum of four sines to be drawn while it lasts.

    Sines of 1, 2, 3 and 5 Hz of random phase and size (Bellec et al. 2020, supplement, "pattern generation").
    """
    rng = np.random.default_rng(seed)
    time_s = np.arange(steps) / 1000
    wave = sum(
        rng.uniform(0.5, 2) * np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 2 * np.pi))
        for hz in (1, 2, 3, 5)
    )
    target = (wave / np.abs(wave).max()).astype(np.float32)
    x = (rng.random((1, steps, n_in)) < 0.05).astype(np.float32)
    return Sequences(x, target[None, :, None], np.ones(steps, np.float32))


CLASSES, CHANNELS = 4, 20
CUE, DELAY, GO = 20, 200, 20  # steps of 1 ms
RATE, NOISE = (
    0.4,
    0.01,
)  # chance of a spike a step: of a class's own channels during the cue, and of all at any time


def recall(rng: np.random.Generator, n: int) -> tuple[Sequences, I64]:
    """Return cues, and their classes (n,): one of four sets of channels is lively for 20 ms, then nothing for 200 ms.

    The last channel asks for the answer in the last 20 ms, which alone count.
    """
    y, steps = rng.integers(0, CLASSES, n), CUE + DELAY + GO
    rate = np.full((n, steps, CHANNELS + 1), NOISE)
    own = np.arange(CHANNELS) // (CHANNELS // CLASSES) == y[:, None]
    rate[:, :CUE, :CHANNELS] = np.where(own, RATE, NOISE)[:, None]
    rate[:, :, -1] = np.arange(steps) >= CUE + DELAY
    x = (rng.random(rate.shape) < rate).astype(np.float32)
    target = np.repeat(np.eye(CLASSES, dtype=np.float32)[y][:, None], steps, axis=1)
    return Sequences(x, target, (np.arange(steps) >= CUE + DELAY).astype(np.float32)), y
