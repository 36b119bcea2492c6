"""A command on an emulated Linux board, its output passed on while it runs, its samples read as they come.

>>> with Passing(["python", "train.py"]) as passing:
...     result = EdgeDevice("pi-zero-2w", folder=Path.cwd()).run(passing.command, env=passing.env)
>>> sys.exit(exit_code(result))

Rule 1: a device gives a command files for its output; a shell that becomes the command puts pipes of ours there.
Rule 2: what the command wrote before it ended has been passed on when the block ends.
"""

import os
import selectors
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from edgelearn.emulator.probe import RECORD, VARIABLE
from edgelearn.errors import ConfigError

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result

STDOUT, STDERR = 1, 2
ENDED_BY_DEADLINE, KILLED, CANNOT_START = 124, 137, 126  # as timeout(1), a shell after SIGKILL, a shell
_BECOME = f'printf %s "${VARIABLE}" >"$0/samples"; exec "$@" >"$0/1" 2>"$0/2"'
_PART_BYTES, _TURN_S = 65536, 0.05

Write = Callable[[bytes], object]


class Passing:
    """``command`` is what the device is to run; ``out`` and ``err`` get its bytes, in a thread of their own.

    Without them they go to our own standard output and error. Raises ConfigError for a program that is not there, and
    when the block ends OSError where our output could not be written.
    """

    env = MappingProxyType(
        {"PYTHONUNBUFFERED": "1"}
    )  # or Python keeps lines back, since a pipe is no terminal

    def __init__(self, command: Sequence[str], out: Write | None = None, err: Write | None = None) -> None:
        if not command or shutil.which(command[0]) is None:
            raise ConfigError(
                f"there is no program {command[0] if command else ''!r} to run; write its whole path, or install it"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="edgelearn-command-"))
        self.command = ["/bin/sh", "-c", _BECOME, str(self._folder), *command]
        self._write = {STDOUT: out or writes_to(STDOUT), STDERR: err or writes_to(STDERR)}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._pass_on, name="output of a device")
        self._read_bytes: Counter[str] = Counter()
        self._error: OSError | None = None

    def __enter__(self) -> Self:
        for number in self._write:
            os.mkfifo(self._folder / str(number))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        shutil.rmtree(self._folder, ignore_errors=True)
        if kind is None and self._error is not None:
            raise self._error

    def samples_ms(self) -> list[float]:
        """Return the times of the samples that came since the last call."""
        found_ms: list[float] = []
        with suppress(OSError):  # before it started, and once its folder is gone
            for file in Path((self._folder / "samples").read_text()).iterdir():
                found_ms += self._new_ms(file)
        return found_ms

    def _new_ms(self, file: Path) -> list[float]:
        """Return what one thread's tape of the probe has more; what is not written yet is zeros."""
        with file.open("rb") as tape:
            tape.seek(self._read_bytes[file.name])
            data = tape.read()
        records = RECORD.iter_unpack(data[: len(data) // RECORD.size * RECORD.size])
        found_ms = [wall_ns / 1e6 for wall_ns, _ in takewhile(lambda record: record[0], records)]
        self._read_bytes[file.name] += len(found_ms) * RECORD.size
        return found_ms

    def _pass_on(self) -> None:
        """Hand on what comes, until the run has ended and nothing is left."""
        with selectors.DefaultSelector() as selector:
            for number, write in self._write.items():
                pipe = os.open(self._folder / str(number), os.O_RDONLY | os.O_NONBLOCK)
                selector.register(pipe, selectors.EVENT_READ, write)
            while selector.get_map():
                ended = self._ended.is_set()  # asked before looking: what came until then is still seen
                ready = selector.select(_TURN_S)
                for key, _ in ready:
                    if not self._handed_on(key.fd, key.data):
                        selector.unregister(key.fd)
                        os.close(key.fd)
                if ended and not ready:
                    break
            for key in list(selector.get_map().values()):
                os.close(key.fd)

    def _handed_on(self, pipe: int, write: Write) -> bool:
        """Return whether more may come; where it cannot be written the pipe ends, as it would in a shell."""
        try:
            data = os.read(pipe, _PART_BYTES)
            if data:
                write(data)
        except OSError as error:
            self._error = self._error or error
            return False
        return bool(data)


def writes_to(number: int) -> Write:
    """Return what writes bytes to one of our descriptors, all of them."""

    def write(data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(number, left) :]

    return write


@contextmanager
def unwound_by(*numbers: signal.Signals) -> Iterator[None]:
    """Have a signal raise SystemExit, so that what was opened is closed; its code is a shell's, 128 + the number."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = [(number, signal.signal(number, end)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def exit_code(result: "Result") -> int:
    """Return the command's own exit code, 124 after the deadline, 137 where a cap ended it, 128 + n by a signal."""
    if result.stopped == "deadline":
        return ENDED_BY_DEADLINE
    if result.exit_code is None:
        return CANNOT_START if result.stopped == "error" else KILLED
    if result.stopped == "memory":
        return KILLED
    return result.exit_code if result.exit_code >= 0 else 128 - result.exit_code
