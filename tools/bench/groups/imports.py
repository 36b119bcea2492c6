"""What ``import edgelearn`` costs beside ``import onnxruntime``, in fresh processes."""

import json
import subprocess
import sys
from collections.abc import Iterator

from tools.bench.figure import Figure, Goal, Group, Measured

REPEATS = 15
_CHILD = """
import sys, time
wall, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[1])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
import json, os, resource
if os.path.exists("/proc/self/status"):  # there ru_maxrss also remembers the parent's peak
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    peak = int(lines["VmHWM"].split()[0])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([wall, cpu, peak]))
"""
VARIANTS = {
    "onnxruntime": "import onnxruntime",
    "edgelearn": "import edgelearn",
    "onnxruntime again": "import onnxruntime",
    "edgelearn.Extractor, .Learner": "import edgelearn; edgelearn.Extractor; edgelearn.Learner",
    "nothing": "pass",
}


def measure() -> Iterator[Measured]:
    import numpy as np

    runs: dict[str, list[list[float]]] = {name: [] for name in VARIANTS}
    for _ in range(REPEATS):
        for name, code in VARIANTS.items():
            runs[name].append(_child(code))
    values = {name: np.array(rows) for name, rows in runs.items()}

    def ratio(name: str, column: int) -> float:
        return float(np.median(values[name][:, column] / values["onnxruntime"][:, column]))

    detail = {
        name: dict(
            zip(("wall_s", "cpu_s", "peak_kb"), np.median(rows, axis=0).round(4).tolist(), strict=True)
        )
        for name, rows in values.items()
    }
    yield Measured("imports.time", ratio("edgelearn", 1), ratio("onnxruntime again", 1), detail=detail)
    yield Measured("imports.memory", ratio("edgelearn", 2), ratio("onnxruntime again", 2))
    yield Measured(
        "imports.used", ratio("edgelearn.Extractor, .Learner", 1), ratio("onnxruntime again", 1),
        note=f"peak memory {ratio('edgelearn.Extractor, .Learner', 2):.3f} of it; numba loads at the first sample",
    )  # fmt: skip


def _child(code: str) -> list[float]:
    done = subprocess.run([sys.executable, "-c", _CHILD, code], capture_output=True, text=True, check=True)
    row: list[float] = json.loads(done.stdout)
    return row


GROUP = Group(
    "imports",
    (
        Figure("imports.time", "x", "import edgelearn, CPU time", Goal("<=", 1.3), "import onnxruntime"),
        Figure("imports.memory", "x", "import edgelearn, peak memory", Goal("<=", 1.3), "import onnxruntime"),
        Figure(
            "imports.used", "x", "import edgelearn and both main names, CPU time", None, "import onnxruntime"
        ),
    ),
    measure,
)
