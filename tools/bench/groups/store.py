"""What a save costs: the time prediction waits, the time in all, and what is written."""

import tempfile
import threading
import time
from collections.abc import Iterator
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

    waits, copies, reports, quiet = [], [], [], _longest(learner, X, time.perf_counter() + 0.05)
    for _ in range(SAVES):
        start = time.perf_counter()
        learner.snapshot()
        copies.append(time.perf_counter() - start)
        learner.learn_one(X[0], 0)
        waits.append(_longest_while_saving(learner, X, reports))
    yield Measured(
        f"store.waits_d{d}", 1e3 * float(np.median(waits)), spread=1e3 * float(np.std(waits)),
        note=f"longest predict_one during a save; the copy of the state takes {1e3 * np.median(copies):.2f} ms; "
        f"longest without a save {1e3 * quiet:.2f} ms",
    )  # fmt: skip
    yield Measured(f"store.saves_d{d}", 1e3 * float(np.median([report.seconds for report in reports])))
    yield Measured(
        f"store.writes_d{d}", float(np.median([report.bytes_written for report in reports])),
        note=f"payload {reports[-1].payload_bytes} bytes",
    )  # fmt: skip


def _longest_while_saving(learner: Any, X: Any, reports: list[Any]) -> float:
    saving = threading.Thread(target=lambda: reports.append(learner.save()))
    saving.start()
    longest = 0.0
    while saving.is_alive():
        longest = max(longest, _longest(learner, X, 0.0))
    saving.join()
    return longest


def _longest(learner: Any, X: Any, until: float) -> float:
    longest, i = 0.0, 0
    while True:
        start = time.perf_counter()
        learner.predict_one(X[i % len(X)])
        now = time.perf_counter()
        longest, i = max(longest, now - start), i + 1
        if now >= until:
            return longest


GROUP = Group(
    "store",
    tuple(
        Figure(f"store.{what}_d{d}", unit, f"{words}, streaming LDA, {d} features, {CLASSES} classes")
        for d in WIDTHS
        for what, unit, words in (
            ("waits", "ms", "longest prediction while a save runs in another thread"),
            ("saves", "ms", "one save, until durable"),
            ("writes", "bytes", "handed to the file system by one save"),
        )
    ),
    measure,
)
