"""What ``import edgelearn`` costs beside ``import onnxruntime``, in fresh processes."""

from collections.abc import Iterator

from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.fresh import measured

REPEATS = 15
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
            runs[name].append(measured(code))
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
