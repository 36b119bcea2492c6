"""How long one call takes."""

from collections.abc import Callable
from functools import partial
from time import perf_counter_ns

import numpy as np

from edgelearn.evaluate.models import Timed
from edgelearn.types import Array

CALLS, WARM_UP = 300, 30


def call_times_us(readout: Timed, X: Array, y: Array) -> tuple[float, float]:
    """Return the median wall time in µs of one learn_one and of one predict_one on rows of ``X`` (n, D).

    The readout should be trained, and is not to be used afterwards: it learns the rows once more.
    """
    rows = np.resize(np.arange(len(X)), WARM_UP + CALLS)
    labels = y.tolist()
    learn = _median_us([partial(readout.learn_one, X[i], labels[i]) for i in rows])
    return learn, _median_us([partial(readout.predict_one, X[i]) for i in rows])


def _median_us(calls: list[Callable[[], object]]) -> float:
    took = np.empty(len(calls))
    for k, call in enumerate(calls):
        start = perf_counter_ns()
        call()
        took[k] = perf_counter_ns() - start
    return float(np.median(took[WARM_UP:])) / 1000.0
