"""What the tests run on a device. The standard library only, so that a fresh Python is small."""

import ctypes
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from edgelearn.emulator.probe import sample

MB = 1_000_000


def same(*values: Any) -> Any:
    return list(values)


def spike(size: int) -> None:
    """Touch that much at once, and let go of it before anybody can look."""
    with mmap.mmap(-1, size) as block:
        for at in range(0, size, 4096):
            block[at] = 1


def family(children: int, each: int) -> str:
    """Have children that touch ``each`` bytes of their own and wait."""
    code = f"import time; b = b'1' * {each}; print(flush=True); time.sleep(60)"
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(children)
    ]
    for child in started:
        assert child.stdout is not None
        child.stdout.readline()
    time.sleep(20)  # the first look at all of them together ends it
    for child in started:
        child.kill()
    return "not stopped"


def forked(children: int, shared: int) -> str:
    """Touch ``shared`` bytes, then have forks that share them and touch nothing."""
    block = b"1" * shared
    pids = []
    for _ in range(children):
        pid = os.fork()
        if pid == 0:
            time.sleep(0.3)
            os._exit(len(block) % 1)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    return "not stopped"


def parent_of_many(size: int) -> str:
    """Hold ``size`` bytes and start program after program: until it is one, a child shows its parent's memory."""
    block = b"1" * size
    for _ in range(150):
        subprocess.run(["true"], check=True)
    return "not stopped" if block else ""


def too_much_at_once(size: int) -> int:
    return len(bytearray(size))


def over_its_own_budget() -> None:
    from edgelearn.errors import BudgetError

    raise BudgetError("more than was planned")


def gives_a_set() -> set[int]:
    return {1}


def sleeps(times_s: list[float]) -> None:
    for time_s in times_s:
        with sample():
            time.sleep(time_s)


def marks(count: int) -> None:
    """Mark samples in threads, a fork, and another program; some fail, some are nested."""

    def mark() -> None:
        for _ in range(count):
            with sample():
                pass

    threads = [threading.Thread(target=mark) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sample():  # so that there is a tape that the child must not go on writing to
        pass
    with sample():
        pid = os.fork()
        if pid == 0:
            mark()
            os._exit(0)
        os.waitpid(pid, 0)
    code = "from edgelearn.emulator.probe import sample\nfor _ in range(10):\n    with sample(): pass"
    subprocess.run([sys.executable, "-c", code], check=True)
    try:
        with sample(), sample():
            raise ValueError
    except ValueError:
        pass


def hang_with_daemons(notes: Path) -> None:
    """Leave processes that nothing but SIGKILL ends, in sessions of their own, orphaned; then hang."""
    for number in range(2):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                _refuse_to_die(notes / f"daemon-{number}")
            os._exit(0)
    _refuse_to_die(notes / "first")


def leave_a_daemon(notes: Path) -> str:
    if os.fork() == 0:
        os.setsid()
        _refuse_to_die(notes / "daemon")
    while not (notes / "daemon").exists():
        time.sleep(0.01)
    return "returned"


def _refuse_to_die(note: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    whole = note.with_suffix(".part")
    whole.write_text(str(os.getpid()))
    whole.replace(note)
    time.sleep(600)


def fail(text: str) -> None:
    raise LookupError(text)


def leave() -> None:
    sys.exit(0)


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def surroundings(name: str) -> dict[str, Any]:
    return {
        "cpus": len(os.sched_getaffinity(0)), "variable": os.environ.get(name), "cwd": Path.cwd(),
        "numpy": "numpy" in sys.modules, "sigterm": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
        "no privileges": "NoNewPrivs:\t1" in Path("/proc/self/status").read_text(), "dies by": parent_death_signal(),
    }  # fmt: skip


def parent_death_signal() -> int:
    number = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(number))  # PR_GET_PDEATHSIG
    return number.value


def spin(wall_s: float) -> None:
    end = time.monotonic() + wall_s
    while time.monotonic() < end:
        pass
