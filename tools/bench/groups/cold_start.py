"""What the first learned sample of a process costs, imports included, beside ``import onnxruntime``.

The numba cache is warm. Numba imports scipy at its first call where it is installed, and a device has no use for it:
each process hides it first (``sys.modules["scipy"] = None``, as good as not installed), onnxruntime's too.
"""

from collections.abc import Iterator

from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.fresh import measured

REPEATS = 15
_BARE = 'import sys; sys.modules["scipy"] = None\n'
_SAMPLE = "import numpy as np; x = np.arange(256, dtype=np.float32) / 256\n"
ORT = "onnxruntime"
VARIANTS = {
    ORT: _BARE + "import onnxruntime",
    "layer": _BARE + _SAMPLE + "from edgelearn.layer import Layer\n"
    'Layer(100, "softhebb", "softmax", "competition").learn_one(x)',
    "learner": _BARE + _SAMPLE + 'from edgelearn import Learner\nLearner(None, "slda").learn_one(x, "first")',
    f"{ORT} again": _BARE + "import onnxruntime",
    "layer, scipy": _SAMPLE + "from edgelearn.layer import Layer\n"
    'Layer(100, "softhebb", "softmax", "competition").learn_one(x)',
}


def measure() -> Iterator[Measured]:
    import numpy as np

    for code in VARIANTS.values():
        measured(code)  # fills the cache
    runs: dict[str, list[list[float]]] = {name: [] for name in VARIANTS}
    for _ in range(REPEATS):
        for name, code in VARIANTS.items():
            runs[name].append(measured(code))
    cpu = {name: np.array(rows)[:, 1] for name, rows in runs.items()}
    control = float(np.median(cpu[f"{ORT} again"] / cpu[ORT]))
    detail = {name: round(float(np.median(seconds)), 4) for name, seconds in cpu.items()}
    for name in ("layer", "learner"):
        ratios = cpu[name] / cpu[ORT]
        note = f"{detail[name]:.2f} s of CPU time, onnxruntime {detail[ORT]:.3f} s"
        if name == "layer":
            note += f"; with scipy in sight {np.median(cpu['layer, scipy'] / cpu[ORT]):.1f} x"
        value = float(np.median(ratios))
        yield Measured(f"cold_start.{name}", value, control, float(ratios.std()), note, {"cpu_s": detail})


GROUP = Group(
    "cold_start",
    (
        Figure(
            "cold_start.layer", "x", "import and first learn of a SoftHebb layer, warm cache, CPU time",
            Goal("<=", 6), "import onnxruntime",
        ),
        Figure(
            "cold_start.learner", "x", "import and first learn of a Learner with slda, warm cache, CPU time",
            Goal("<=", 6), "import onnxruntime",
        ),
    ),
    measure,
)  # fmt: skip
