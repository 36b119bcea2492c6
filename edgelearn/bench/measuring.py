"""Systems measured, one after the other or side by side: each figure as it is made, with the CPU time it took."""

import os
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from threading import Thread
from typing import Any, NamedTuple, cast

from edgelearn.bench import machine
from edgelearn.bench import systems as registry
from edgelearn.bench.figure import record
from edgelearn.bench.run import Run, quiet, silent
from edgelearn.errors import EdgelearnError

_BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Made(NamedTuple):
    """A figure of a system as JSON; None says that the system is done."""

    system: str
    commit: str  # of the code that measured it
    figure: dict[str, Any] | None


def one_by_one(names: Sequence[str], run: Run) -> Generator[Made, None, None]:
    """Yield the figures of each system, measured in this process, with progress bars."""
    commit = _commit()
    for name in names:
        run.say(_title(name))
        yield from _made(name, run, commit)


def side_by_side(names: Sequence[str], run: Run, jobs: int) -> Generator[Made, None, None]:
    """Yield the figures as ``jobs`` processes make them, each of one system; whole systems or an error.

    Raises EdgelearnError naming the system that could not be measured, or whose process ended early; the others are
    stopped, as they are when the iterator is closed.
    """
    for library in _BLAS:  # as many threads a process as there are cores would stand in each other's way
        os.environ.setdefault(library, "1")
    context, waiting, alive = get_context("spawn"), list(names), dict[Connection, _Started]()
    try:
        while waiting or alive:
            while waiting and len(alive) < jobs:
                name = waiting.pop(0)
                run.say(_title(name))
                _start(context, name, run, alive)
            for pipe in wait(list(alive)):
                made = _received(cast(Connection, pipe), alive)
                if made.figure is None:
                    alive.pop(cast(Connection, pipe)).process.join()
                yield made
    finally:
        for _, process in alive.values():
            process.terminate()
            process.join()


class _Started(NamedTuple):
    name: str
    process: SpawnProcess


def _start(context: SpawnContext, name: str, run: Run, alive: dict[Connection, _Started]) -> None:
    bare = run._replace(progress=quiet, say=silent)  # of two bars on one line nobody can read either
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, bare, there), daemon=True)
    with _later():  # a process half started would outlive this one
        process.start()
        alive[here] = _Started(name, process)
    there.close()  # so that the pipe ends with the process


@contextmanager
def _later() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; what is started in it never hears of it."""
    if sys.platform == "win32":
        yield
        return
    from multiprocessing.resource_tracker import ensure_running
    from signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask

    ensure_running()  # which would unblock Ctrl-C when it starts
    before = pthread_sigmask(SIG_BLOCK, {SIGINT})
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _received(pipe: Connection, alive: dict[Connection, _Started]) -> Made:
    try:
        made: Made | EdgelearnError = pipe.recv()
    except EOFError:
        name, process = alive[pipe]
        process.join()
        code = process.exitcode or 0
        how = f"killed by signal {-code}" if code < 0 else f"exit code {code}, its reason is above"
        raise EdgelearnError(f"{name} broke off ({how}); start again to go on with what is missing") from None
    if isinstance(made, EdgelearnError):
        raise made
    return made


def _work(name: str, run: Run, pipe: Connection) -> None:
    signal(SIGINT, SIG_IGN)  # Ctrl-C goes to all; who started this one ends it
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()
    try:
        for made in _made(name, run, _commit()):
            pipe.send(made)
    except EdgelearnError as error:
        pipe.send(EdgelearnError(f"{name}: {error}"))


def _end_with(starter: BaseProcess | None) -> None:
    """End when the process that started this one is gone, which may have been killed."""
    if starter is not None:
        starter.join()
        os._exit(1)


def _commit() -> str:
    """Return the commit of the code; to be asked when a process starts, which goes on with the code it started with."""
    return machine.commit(Path(__file__).parent)


def _made(name: str, run: Run, commit: str) -> Iterator[Made]:
    module = registry.load(name)
    declared = {figure.name: figure for figure in module.FIGURES}
    before = time.process_time()
    for measured in module.measure(run):
        now = time.process_time()
        yield Made(name, commit, record(declared[measured.name], measured, now - before))
        before = now
    yield Made(name, commit, None)


def _title(name: str) -> str:
    return f"{name}: {(registry.load(name).__doc__ or '').strip().splitlines()[0]}"
