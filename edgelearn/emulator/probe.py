"""Marks one sample of work, so that an emulated device can say how long samples take; free anywhere else.

>>> for window in source:
...     with sample():
...         learner.predict_one(window)

Rule 1: where nothing listens, `sample` returns one shared object that does nothing. Rule 2: a sample that raises is not
counted. Rule 3: a record is written to mapped memory, which outlives a killed process and costs no system call; each
thread of each process has a file of its own in the folder that the environment names.
"""

import mmap
import os
import struct
import threading
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from time import perf_counter_ns as _clock_ns
from time import process_time_ns as _cpu_ns

VARIABLE = "EDGELEARN_SAMPLES"
RECORD = struct.Struct("<QQ")  # ns of the wall, above 0; ns of CPU time of all threads of the process
_SHORT_NS = 50_000  # nobody waits or is put aside in so little: its wall time is its CPU time, and saves a system call
CHUNK_BYTES = 16384  # a file grows by so much, zeros where nothing is written yet


def sample() -> AbstractContextManager[None]:
    """Return what times the block it opens as one sample; nested and concurrent samples are each their own."""
    return _NOTHING if _folder is None else _Timed()


class _Timed(AbstractContextManager[None]):
    __slots__ = ("_cpu_ns", "_wall_ns")

    def __enter__(self) -> None:
        self._cpu_ns = _cpu_ns()
        self._wall_ns = _clock_ns()

    def __exit__(self, kind: object, *_: object) -> None:
        wall_ns = _clock_ns() - self._wall_ns
        if kind is None:
            cpu_ns = wall_ns if wall_ns < _SHORT_NS else _cpu_ns() - self._cpu_ns
            try:
                tape = _mine.tape
            except AttributeError:
                tape = _mine.tape = _Tape()
            tape.put(wall_ns or 1, cpu_ns)


class _Tape:
    """The records of one thread; where the folder is gone, since the run is over, they go nowhere."""

    def __init__(self) -> None:
        self._path = f"{_folder}/{os.getpid()}-{threading.get_native_id()}-{next(_number)}"
        self._size = self._at = 0
        self._more()

    def put(self, wall_ns: int, cpu_ns: int) -> None:
        RECORD.pack_into(self._view, self._at, wall_ns, cpu_ns)
        self._at += RECORD.size
        if self._at == CHUNK_BYTES:
            self._more()

    def _more(self) -> None:
        self._view: mmap.mmap | bytearray = bytearray(CHUNK_BYTES)
        self._at = 0
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.ftruncate(file, self._size + CHUNK_BYTES)
            self._view = mmap.mmap(file, CHUNK_BYTES, offset=self._size)
        finally:
            os.close(file)
        self._size += CHUNK_BYTES


def _forget() -> None:
    global _mine  # noqa: PLW0603 -- a forked child must not write into its parent's files
    _mine = threading.local()


_NOTHING = nullcontext()
_folder = os.environ.get(VARIABLE) or None
_number = count()
_mine = threading.local()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
