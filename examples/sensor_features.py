"""A vibration sensor without a network: spectra of windows are features, a new state of the machine appears.

The signal is made here. The control is the same loop with labels drawn at random: it must stay at chance.
"""

import numpy as np

from edgelearn import Learner
from edgelearn.sources import windows

RATE_HZ, WINDOW, HOP = 1000, 256, 128
HUM_HZ = {"idle": (50,), "running": (50, 120), "worn": (50, 120, 310)}
random = np.random.default_rng(0)


def record(state: str, seconds: float) -> np.ndarray:
    """Return the acceleration (n,) of a machine in a state."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    phases = random.uniform(0, 2 * np.pi, len(HUM_HZ[state]))
    hum = sum(np.sin(2 * np.pi * hz * t + phase) for hz, phase in zip(HUM_HZ[state], phases, strict=True))
    return (hum + random.normal(0, 2, len(t))).astype(np.float32)


def features(window: np.ndarray) -> np.ndarray:
    """Return the logarithm of the spectrum (WINDOW // 2 + 1,) float32."""
    return np.log1p(np.abs(np.fft.rfft(window))).astype(np.float32)


def run(shuffled: bool) -> float:
    """Test, then train, on 24 recordings; return the share of right decisions."""
    learner = Learner(readout="slda", budget="1MB")
    right = []
    for turn in range(24):
        state = ("idle", "running", "worn")[turn % 3]  # "worn" was never seen before the third
        for _, window in windows([record(state, 4.0)], WINDOW, HOP):
            right.append(learner.predict_one(features(window)).best == state)
            learner.learn_one(features(window), str(random.choice(list(HUM_HZ))) if shuffled else state)
    return float(np.mean(right))


print(f"learned from the truth:        {run(shuffled=False):.3f}")
print(f"learned from labels at random: {run(shuffled=True):.3f}")
