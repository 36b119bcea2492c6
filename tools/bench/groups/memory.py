"""What is left behind by a step, and how long single steps take."""

import gc
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import percentiles

ALLOCATED_STEPS = 20_000
SLOPE_STEPS, LOOKS = 1_000_000, 10
LATENCY_STEPS = 100_000
SETTLE = 30_000  # steps before anything is counted: the ledger of tickets is full by then
NAMES = ("slda", "learner")


def measure() -> Iterator[Measured]:
    for name, d in (("slda", 512), ("learner", 64)):
        yield _allocated(name, _step(name, d))
    for name in NAMES:
        yield _slope(name, _step(name, 64))
    yield from _latency()


def _step(name: str, d: int) -> Callable[[], object]:
    """Return one step of predict and learn, warmed up."""
    import numpy as np

    from edgelearn.learner import Learner
    from edgelearn.readouts import make

    rng = np.random.default_rng(0)
    rows = list(rng.normal(size=(64, d)).astype(np.float32))
    stream = cycle([(x, i % 10) for i, x in enumerate(rows)])
    if name == "slda":
        readout = make("slda")

        def step() -> None:
            x, label = next(stream)
            readout.predict_one(x)
            readout.learn_one(x, label)
    else:
        learner = Learner(None, make("slda"))

        def step() -> None:
            x, label = next(stream)
            learner.feedback(learner.predict_one(x).ticket, label=label)

    for _ in range(SETTLE if name == "learner" else 1000):
        step()
    return step


def _allocated(name: str, step: Callable[[], object]) -> Measured:
    gc.collect()
    before = sys.getallocatedblocks()
    _repeat(step, ALLOCATED_STEPS)
    gc.collect()
    blocks = sys.getallocatedblocks() - before
    tracemalloc.start()
    _repeat(step, 100)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    _repeat(step, ALLOCATED_STEPS)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Measured(
        f"memory.allocated_{name}", (after - before) / ALLOCATED_STEPS,
        detail={"steps": ALLOCATED_STEPS, "bytes in all": after - before, "blocks in all": blocks},
    )  # fmt: skip


def _slope(name: str, step: Callable[[], object]) -> Measured:
    import numpy as np

    _repeat(step, SLOPE_STEPS // LOOKS)
    resident = [_resident()]
    for _ in range(LOOKS):
        _repeat(step, SLOPE_STEPS // LOOKS)
        resident.append(_resident())
    steps = np.arange(LOOKS + 1) * (SLOPE_STEPS // LOOKS)
    slope = float(np.polyfit(steps, resident, 1)[0])
    return Measured(f"memory.slope_{name}", slope, detail={"resident bytes": resident, "steps": SLOPE_STEPS})


def _resident() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel says no VmRSS")


def _latency() -> Iterator[Measured]:
    detail: dict[str, dict[str, float]] = {}
    for d in (64, 256, 512):
        for name in NAMES:
            step = _step(name, d)
            for clock in (time.thread_time_ns, time.perf_counter_ns):
                words = "CPU" if clock is time.thread_time_ns else "wall"
                detail[f"{name} {d} {words}"] = percentiles(step, LATENCY_STEPS // (d // 64), clock)
    for point in ("p50", "p99", "p99.9"):
        yield Measured(
            f"memory.{point.replace('.', '')}", detail["slda 256 CPU"][point],
            note="; ".join(f"{case} {points[point]:.1f}" for case, points in detail.items()),
        )  # fmt: skip


def _repeat(step: Callable[[], object], times: int) -> None:
    for _ in range(times):
        step()


GROUP = Group(
    "memory",
    (
        *(
            Figure(
                f"memory.allocated_{name}", "bytes/step",
                f"net allocated a step over {ALLOCATED_STEPS} steps of predict + learn ({name})", Goal("<=", 0.05),
            )
            for name in NAMES
        ),
        *(
            Figure(
                f"memory.slope_{name}", "bytes/step",
                f"slope of resident memory over {SLOPE_STEPS} steps ({name})", Goal("|.|<=", 0.01),
            )
            for name in NAMES
        ),
        Figure("memory.p50", "us", "one predict + learn, streaming LDA, 256 features, CPU time: median"),
        Figure("memory.p99", "us", "the same, 99 %"),
        Figure("memory.p999", "us", "the same, 99.9 %"),
    ),
    measure,
)  # fmt: skip
