"""Systems measured, one after the other or side by side: each figure as it is made, with the CPU time it took."""

import os
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.context import SpawnContext
from multiprocessing.queues import Queue
from queue import Empty
from typing import Any, NamedTuple

from edgelearn.bench import systems as registry
from edgelearn.bench.figure import record
from edgelearn.bench.run import Run, quiet, silent
from edgelearn.errors import EdgelearnError

_BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_LOOK_S = 0.5  # between two looks whether a process still lives


class Made(NamedTuple):
    """A figure of a system as JSON; None says that the system is done."""

    system: str
    figure: dict[str, Any] | None


def one_by_one(names: Sequence[str], run: Run) -> Iterator[Made]:
    """Yield the figures of each system, measured in this process, with progress bars."""
    for name in names:
        run.say(_title(name))
        yield from _made(name, run)


def side_by_side(names: Sequence[str], run: Run, jobs: int) -> Iterator[Made]:
    """Yield the figures as ``jobs`` processes make them, each of one system; whole systems or an error.

    Raises EdgelearnError naming the system whose process ended early; the others are stopped.
    """
    for library in _BLAS:  # as many threads a process as there are cores would stand in each other's way
        os.environ.setdefault(library, "1")
    context, waiting, alive = get_context("spawn"), list(names), dict[str, Any]()
    queue: Queue[Made] = context.Queue()
    try:
        while waiting or alive:
            while waiting and len(alive) < jobs:
                name = waiting.pop(0)
                run.say(_title(name))
                alive[name] = _started(context, name, run, queue)
            try:
                made = queue.get(timeout=_LOOK_S)
            except Empty:
                _check(alive)
                continue
            if made.figure is None:
                alive.pop(made.system).join()
            yield made
    finally:
        for process in alive.values():
            process.terminate()
            process.join()


def _started(context: SpawnContext, name: str, run: Run, queue: "Queue[Made]") -> Any:
    bare = run._replace(progress=quiet, say=silent)  # of two bars on one line nobody can read either
    process = context.Process(target=_work, args=(name, bare, queue), daemon=True)
    process.start()
    return process


def _work(name: str, run: Run, queue: "Queue[Made]") -> None:
    for made in _made(name, run):
        queue.put(made)


def _check(alive: dict[str, Any]) -> None:
    for name, process in alive.items():
        if process.exitcode not in (None, 0):
            raise EdgelearnError(f"{name} broke off; its reason is above (exit code {process.exitcode})")


def _made(name: str, run: Run) -> Iterator[Made]:
    module = registry.load(name)
    declared = {figure.name: figure for figure in module.FIGURES}
    before = time.process_time()
    for measured in module.measure(run):
        now = time.process_time()
        yield Made(name, record(declared[measured.name], measured, now - before))
        before = now
    yield Made(name, None)


def _title(name: str) -> str:
    return f"{name}: {(registry.load(name).__doc__ or '').strip().splitlines()[0]}"
