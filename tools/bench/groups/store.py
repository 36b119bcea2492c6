"""What a save costs: the time prediction waits, the time in all, and what is written."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.bench.figure import Figure, Group, Measured

WIDTHS = (256, 512)
SAVES = 15
CLASSES = 10


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn.learner import Learner

    for d in WIDTHS:
        rng = np.random.default_rng(0)
        X = rng.normal(size=(1000, d)).astype(np.float32)
        with tempfile.TemporaryDirectory() as folder:
            learner = Learner(None, "slda", store=Path(folder) / "state.db", save_every_s=None)
            learner.learn_many(X, np.arange(len(X)) % CLASSES)
            yield from _saves(learner, X, d)
            learner.close()


def _saves(learner: Any, X: Any, d: int) -> Iterator[Measured]:
    import numpy as np

    copies, waits, quiet, reports = [], [], [], []
    learner.predict_one(X[0])
    for _ in range(SAVES):
        start = time.perf_counter()
        learner.snapshot()
        copies.append(time.perf_counter() - start)
        learner.learn_one(X[0], 0)
        saving = threading.Thread(target=lambda: reports.append(learner.save()))
        saving.start()
        waits.append(_longest(learner, X, saving.is_alive))
        saving.join()
        quiet.append(_longest(learner, X, _for(reports[-1].seconds)))
    yield Measured(
        f"store.waits_d{d}", 1e3 * float(np.median(waits)), spread=1e3 * float(np.std(waits)),
        note=f"the least of {SAVES} saves {1e3 * min(waits):.2f} ms; "
        f"{1e3 * np.median(quiet):.2f} ms in as long without one",
    )  # fmt: skip
    yield Measured(f"store.copies_d{d}", 1e3 * float(np.median(copies)), spread=1e3 * float(np.std(copies)))
    yield Measured(f"store.saves_d{d}", 1e3 * float(np.median([report.seconds for report in reports])))
    yield Measured(
        f"store.writes_d{d}", float(np.median([report.bytes_written for report in reports])),
        note=f"payload {reports[-1].payload_bytes} bytes",
    )  # fmt: skip


def _for(seconds: float) -> Callable[[], bool]:
    until = time.perf_counter() + seconds
    return lambda: time.perf_counter() < until


def _longest(learner: Any, X: Any, going: Callable[[], bool]) -> float:
    """Return the longest of the predictions made one after the other while ``going``, in seconds."""
    longest, i = 0.0, 0
    while going():
        start = time.perf_counter()
        learner.predict_one(X[i % len(X)])
        longest, i = max(longest, time.perf_counter() - start), i + 1
    return longest


GROUP = Group(
    "store",
    tuple(
        Figure(f"store.{what}_d{d}", unit, f"{words}, streaming LDA, {d} features, {CLASSES} classes")
        for d in WIDTHS
        for what, unit, words in (
            ("waits", "ms", "longest prediction while a save runs in another thread"),
            ("copies", "ms", "the part of a save that holds predictions up: a copy of the state"),
            ("saves", "ms", "one save, until durable"),
            ("writes", "bytes", "handed to the file system by one save"),
        )
    ),
    measure,
)
