"""What the pytest plugin adds to a run that does not use it: the same small suite with it and without, in turn."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tools.bench.figure import Figure, Goal, Group, Measured

REPEATS = 25
TESTS = 200
WITHOUT = ("-p", "no:edgelearn")
VARIANTS = {"without": WITHOUT, "with": (), "without again": WITHOUT}


def measure() -> Iterator[Measured]:
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pytest.ini").write_text("[pytest]\n")
        Path(folder, "test_it.py").write_text("".join(f"def test_{n}(): pass\n" for n in range(TESTS)))
        for words in VARIANTS.values():
            _run(folder, words)  # fills caches
        rows: dict[str, list[tuple[float, float]]] = {name: [] for name in VARIANTS}
        for _ in range(REPEATS):
            for name, words in VARIANTS.items():
                rows[name].append(_run(folder, words))
    wall, cpu = ({name: np.array(row)[:, k] for name, row in rows.items()} for k in (0, 1))
    added = wall["with"] - wall["without"]
    noise = float(np.median(wall["without again"] - wall["without"]))
    note = (
        f"{np.median(cpu['with'] - cpu['without']):.3f} s of CPU time; {np.median(wall['without']):.2f} s without it; "
        f"two runs without it differ by {noise:.3f} s"
    )
    control = float(np.median(wall["without again"] / wall["without"]))
    yield Measured("emulator_plugin.added", float(np.median(added)), control, float(added.std()), note)


def _run(folder: str, words: tuple[str, ...]) -> tuple[float, float]:
    """Return wall and CPU seconds of a run."""
    before, start_s = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    wall_s, after = time.perf_counter() - start_s, getrusage(RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


GROUP = Group(
    "emulator_plugin",
    (
        Figure("emulator_plugin.added", "s", f"added by the plugin to a run of {TESTS} tests that do not use it, "
               f"median of {REPEATS} pairs", Goal("<=", 0.3), "the same run without it"),
    ),
    measure,
)  # fmt: skip
