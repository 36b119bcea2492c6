"""Timing that can be trusted on a shared machine: variants interleaved in one process, thread CPU time.

Rule 1: A B C A B C …, so that a slow minute hits all alike; a ratio is the median of the ratios repeat by repeat.
Rule 2: the clock is the CPU time of the thread, which leaves out what other processes took.
Rule 3: one of the variants runs twice under two names (A/A); how far its ratio is from 1 is the control.
Rule 4: everything runs once, and then until a repeat is long enough to time, before anything is counted.
"""

import gc
import time
from collections.abc import Callable, Mapping

import numpy as np

Times = dict[str, list[float]]  # microseconds a call, one value a repeat

LONG_ENOUGH_NS = 4_000_000
AGAIN = "A/A"


def interleave(
    variants: Mapping[str, Callable[[], object]],
    *,
    repeats: int = 15,
    long_enough_ns: int = LONG_ENOUGH_NS,
    clock: Callable[[], int] = time.thread_time_ns,
) -> Times:
    """Return microseconds a call of every variant, repeat by repeat; the first variant runs twice, as `AGAIN`.

    The repeats run the variants forth and back in turn.
    """
    names = list(variants)
    runs = {**variants, AGAIN: variants[names[0]]}
    calls = {name: _calls(runs[name], clock, long_enough_ns) for name in names}
    calls[AGAIN] = calls[names[0]]
    order = [*names, AGAIN]
    times: Times = {name: [] for name in order}
    gc.collect()
    for repeat in range(repeats):
        for name in order if repeat % 2 == 0 else reversed(order):
            times[name].append(_once(runs[name], calls[name], clock) / calls[name] / 1e3)
    return times


def ratio(times: Times, over: str, under: str) -> float:
    """Return the median of ``over / under``, repeat by repeat."""
    return float(np.median(np.array(times[over]) / np.array(times[under])))


def control(times: Times) -> float:
    """Return the A/A ratio: 1 when the machine was quiet."""
    return ratio(times, AGAIN, next(iter(times)))


def medians(times: Times) -> dict[str, float]:
    """Return the median microseconds a call of every variant."""
    return {name: round(float(np.median(values)), 3) for name, values in times.items()}


def percentiles(run: Callable[[], object], calls: int, clock: Callable[[], int]) -> dict[str, float]:
    """Return p50, p99 and p99.9 of single calls, in microseconds."""
    values = np.empty(calls, np.int64)
    for i in range(calls):
        start = clock()
        run()
        values[i] = clock() - start
    points = np.percentile(values, (50, 99, 99.9)) / 1e3
    return {name: round(float(at), 3) for name, at in zip(("p50", "p99", "p99.9"), points, strict=True)}


def _calls(run: Callable[[], object], clock: Callable[[], int], long_enough_ns: int) -> int:
    run()
    calls = 1
    while (taken := _once(run, calls, clock)) < long_enough_ns:
        calls = max(2 * calls, min(10 * calls, calls * long_enough_ns // max(taken, 1) + 1))
    return calls


def _once(run: Callable[[], object], calls: int, clock: Callable[[], int]) -> int:
    start = clock()
    for _ in range(calls):
        run()
    return clock() - start
