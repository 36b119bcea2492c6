"""The truth comes late: a decision is made, the process ends, another one is told what it was.

Tickets and everything learned are kept in the store; what a power cut may take is bounded by save_every.
"""

import tempfile
from pathlib import Path

import numpy as np

from edgelearn import Learner

random = np.random.default_rng(0)
centres = random.normal(0, 3, (2, 16)).astype(np.float32)


def sample(kind: int) -> np.ndarray:
    """Return features (16,) float32 of a kind."""
    return centres[kind] + random.normal(0, 1, 16).astype(np.float32)


with tempfile.TemporaryDirectory() as folder:
    store = Path(folder) / "learned.db"

    with Learner(readout="slda", store=store, save_every=100) as learner:
        for _ in range(20):
            learner.learn_one(sample(0), "cup")
        decision = learner.predict_one(sample(1))
        print(f"first process:  {decision.best!r} is the best guess, ticket {decision.ticket[:8]}…")
        learner.save()

    with Learner(readout="slda", store=store) as learner:  # hours later; it resumes by opening the store
        learner.feedback(decision.ticket, label="bowl")  # no image is needed: the ticket stands for it
        print(f"second process: classes {learner.classes_}, now {learner.predict_one(sample(1)).best!r}")
