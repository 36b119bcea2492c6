"""Child processes that call one of the user's functions on a folder, under a recorder or without one."""

import inspect
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from edgelearn.emulator.native import NativeError, built
from edgelearn.emulator.power.log import PowerError
from edgelearn.emulator.scratch import Scratch
from edgelearn.errors import ConfigError

RECORDERS = ("auto", "native", "python")
CANNOT_SEE = {
    "native": "writes through shared mappings, io_uring, static programs, and children whose environment was cleared",
    "python": "what C code writes by itself (SQLite, numpy's tofile), shared mappings, and every child process",
    "none": "nothing is recorded",
}
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 50_000_000  # containers often give it 64 MB
_RUNNER = Path(__file__).with_name("runner.py")
_INSIDE = "EDGELEARN_POWER_INSIDE"
_SOURCE = Path(__file__).with_name("c") / "recorder.c"


class Home(NamedTuple):
    """Where a function is found again by another process."""

    file: str
    module: str
    qualname: str


class Child(NamedTuple):
    """A process that leads a group, and the file with all it said."""

    process: "subprocess.Popen[bytes]"
    said: IO[bytes]

    def end(self) -> None:
        """Kill it with its whole group, as a power cut does."""
        with suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()

    def finish(self, function: Home, deadline_s: float) -> None:
        """Wait for it to end well; raises PowerError with its last words if it does not."""
        try:
            code = self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise PowerError(
                f"{function.qualname} was not done after {deadline_s:g} s and was ended; raise deadline_s, "
                "or save less"
            ) from None
        if code:
            self.said.seek(0)
            words = self.said.read().decode(errors="replace").strip()[-2000:]
            raise PowerError(f"{function.qualname} failed in its process (exit code {code}): {words}")


def home(function: Callable[..., Any]) -> Home:
    """Return where a function lives; raises ConfigError unless it stands at the top of a file.

    Raises PowerError in such a process: its file calls power_cut while it is loaded, and would without end.
    """
    if _INSIDE in os.environ:
        raise PowerError(
            "power cuts are asked for while the file of the function is loaded to be called; ask for them in a test, "
            "or below `if __name__ == '__main__':`"
        )
    qualname = getattr(function, "__qualname__", "")
    module = sys.modules.get(getattr(function, "__module__", "") or "")
    file = getattr(module, "__file__", None)
    if not inspect.isfunction(function) or "<" in qualname or file is None:
        raise ConfigError(
            f"{function!r} cannot be called in a fresh process; define it with `def` at the top of a file"
        )
    name = function.__module__
    return Home(file, "main_of_the_parent" if name == "__main__" else name, qualname)


def choose(recorder: str) -> tuple[str, Path | None]:
    """Return "native" with its library, or "python"; raises ConfigError for another word, NativeError if not built."""
    if recorder not in RECORDERS:
        raise ConfigError(f"a recorder is one of {', '.join(RECORDERS)}, not {recorder!r}")
    if recorder == "python":
        return "python", None
    try:
        if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
            raise NativeError("the native recorder runs on 64-bit Linux; use recorder='python'")
        library = built(_SOURCE, flags=("-pthread", "-ldl"))
        if set(str(library)) & set(" :"):  # LD_PRELOAD is a list
            raise NativeError(
                f"{library} cannot be loaded from a path with a space or colon; set XDG_CACHE_HOME"
            )
        return "native", library
    except NativeError:
        if recorder == "native":
            raise
        return "python", None


def begin(start: Path | None, folder: Path) -> Path:
    """Make a folder that holds what ``start`` holds (None: nothing); raises ConfigError when that is no folder."""
    if start is None:
        folder.mkdir()
    elif not Path(start).is_dir():
        raise ConfigError(
            f"{start} is no folder to begin with; give one that is there, or None for an empty disk"
        )
    else:
        shutil.copytree(start, folder, symlinks=True)
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a folder of our own, in memory where the system has one: thousands of states are written there."""
    fits = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    memory = _MEMORY if fits else None
    with Scratch("edgelearn-power-", memory) as folder:
        yield folder.path


@contextmanager
def _life() -> Iterator[tuple[int, ...]]:
    """Yield the end of a pipe for the child: it hangs up when this process ends, however it does. () off Linux."""
    if not sys.platform.startswith("linux"):
        yield ()
        return
    ends = os.pipe()
    try:
        yield ends[:1]
    finally:
        for end in ends:
            os.close(end)


@contextmanager
def started(
    function: Home, what: str, folder: Path, log: Path, recorder: str = "none", library: Path | None = None
) -> Iterator[Child]:
    """Yield the process that calls a function ("save" or "load"); it and all it started are gone afterwards.

    On Linux they are gone also when this process is killed.
    """
    words = {**function._asdict(), "what": what, "folder": str(folder), "log": str(log), "recorder": recorder}
    environment = {**os.environ, _INSIDE: "1"}
    if library is not None:
        others = environment.get("LD_PRELOAD", "")
        environment["LD_PRELOAD"] = f"{library} {others}".strip()
        environment |= {"EDGELEARN_POWER_FOLDER": str(folder), "EDGELEARN_POWER_LOG": str(log)}
    with (
        tempfile.TemporaryFile() as said,
        _life() as life,
        subprocess.Popen(
            [sys.executable, "-P", str(_RUNNER), json.dumps(words | {"path": sys.path, "life": list(life)})],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
            pass_fds=life,
            start_new_session=True,
        ) as process,
    ):
        child = Child(process, said)
        try:
            yield child
        finally:
            child.end()
