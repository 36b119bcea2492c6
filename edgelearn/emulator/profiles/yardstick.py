"""How fast this machine is, by three small kernels whose rates on the boards are published.

>>> measure()
Yardstick(python_rounds_s=1085.2, matmul_flops=38700000000.0, copy_bytes_s=10078000000.0)

python_rounds_s: one pass of the loops of github.com/alexdedyura/cpu-benchmark, which times 10,000 of them;
matmul_flops: a float64 matrix product on one core, as HPL is made of; copy_bytes_s: a copy of 32 MiB, as
tinymembench makes. There are no counters of instructions on most virtual machines: processor seconds are what is
counted.

Rule 1: it is measured in a process of its own with one thread, once for each process that asks, in less than a
second where nothing else runs. Rule 2: the best of several counts: another program can only slow a kernel down.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SIDE, _COPIED_BYTES = 512, 32 * 2**20
_SECONDS_EACH, _LEAST = 0.12, 3


@dataclass(frozen=True)
class Yardstick:
    """Rates of one core: rounds, floating point operations, and bytes in a second of processor time."""

    python_rounds_s: float
    matmul_flops: float
    copy_bytes_s: float

    def rates(self) -> dict[str, float]:
        """Return them by the names they have in a profile."""
        return asdict(self)


@cache
def measure() -> Yardstick:
    """Return this machine's rates; measured the first time, in a process of its own."""
    environment = os.environ | dict.fromkeys(_THREADS, "1")
    command = [sys.executable, "-P", __file__]  # by its file: it may run where this package is not installed
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return Yardstick(**json.loads(done.stdout))


def _here() -> Yardstick:
    """Return the rates as this process gets them: one that does nothing else, and computes with one thread."""
    import numpy as np

    left = np.random.default_rng(0).random((_SIDE, _SIDE))
    source = np.ones(_COPIED_BYTES // 8)
    target = np.empty_like(source)
    return Yardstick(
        python_rounds_s=_best(lambda: exec(_ROUND, {})),
        matmul_flops=2.0 * _SIDE**3 * _best(lambda: left @ left),
        copy_bytes_s=_COPIED_BYTES * _best(lambda: np.copyto(target, source)),
    )


# as text: the published script runs it at the top of a module, where names are slower than in a function
_ROUND = compile(
    """
for x in range(1, 1000):
    3.141592 * 2**x
for x in range(1, 10000):
    float(x) / 3.141592
for x in range(1, 10000):
    float(3.141592) / x
""",
    "round",
    "exec",
)


def _best(kernel: Callable[[], object]) -> float:
    """Return how often a second the kernel runs at its best; the first run only warms up."""
    kernel()
    best_s, ends_s, runs = float("inf"), time.perf_counter() + _SECONDS_EACH, 0
    while runs < _LEAST or time.perf_counter() < ends_s:
        begun = time.thread_time()
        kernel()
        best_s = min(best_s, time.thread_time() - begun)
        runs += 1
    return 1.0 / max(best_s, 1e-9)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_here().rates()))
