"""Boards in QEMU that run the firmware, their UART on a socket or a pseudo-terminal.

>>> with QemuBoard(prebuilt("microbit"), "microbit") as board: device = connect(board.url)

Rule 1: QEMU dies with the thread that started it (PR_SET_PDEATHSIG, on Linux), with this process, and with `close`.
Rule 2: QEMU models neither the pace of a line nor its overruns: what is written waits until the firmware reads.
Rule 3: the flash of a board lives as long as its process: kept by `reset`, blank again after `boot`.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from edgelearn.closing import Closing
from edgelearn.emulator.boards import elf
from edgelearn.errors import EdgelearnError

PROGRAM = "qemu-system-arm"
MACHINES = {"mps2_an386": "mps2-an386", "microbit": "microbit"}
LINES = ("tcp", "pty", "unix")
SEED = "el_seed"  # a word in RAM that stands in for a random number generator on boards without one
ANSWER_S = 10.0
# asks the system to end QEMU when we end, then becomes QEMU; if we have ended before it asked, it ends at once
LAUNCHER = """\
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class QemuError(EdgelearnError):
    """QEMU is missing or would not run; what to do."""


def program() -> str:
    """Return the path of QEMU. Raises QemuError with the command that installs it."""
    found = shutil.which(PROGRAM)
    if found is None:
        raise QemuError(f"{PROGRAM} is absent; on Debian and Ubuntu: sudo apt install {PROGRAM}")
    return found


class QemuBoard(Closing):
    """One board; running from the start on. ``line``: tcp, pty, or unix (in ``folder``, which must exist);
    ``seed``: what the firmware finds as its random number, None for another one each time; ``extra``: more words of
    QEMU's command line.

    Raises QemuError when QEMU is absent or does not start, ElfError for a file that is none.
    """

    url: str  # socket://host:port, a path of a pseudo-terminal, or of a unix socket

    def __init__(
        self, image: Path, board: str, *, line: str = "tcp", folder: Path | None = None,
        seed: int | None = None, extra: Sequence[str] = (),
    ) -> None:  # fmt: skip
        if board not in MACHINES:
            raise QemuError(f"there is no board {board!r}; there are {', '.join(MACHINES)}")
        if line not in LINES or (line == "unix" and folder is None):
            raise QemuError("line is tcp, pty, or unix with a folder for the socket")
        self._program = program()
        self._image, self._board, self._line, self._folder = image, board, line, folder
        self._seed = elf.read(image).symbols.get(SEED)
        self._extra = list(extra)
        self._drawn = None if seed is None else seed % (1 << 32)
        self.boot()

    def boot(self) -> None:
        """Switch on: a new QEMU, all memory blank; the url may change. A board that is on is switched off first."""
        self.close()
        ours, theirs = socket.socketpair()
        ours.settimeout(ANSWER_S)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-ISc", LAUNCHER, str(os.getpid()), *self._command(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
            )
        self._control = ours
        self._answers = ours.makefile("rb")
        self._end = weakref.finalize(self, _end, self._process, ours, self._answers)
        self._heard()  # the greeting
        self._do("qmp_capabilities")
        self.url = self._where()
        self._do("cont")

    def reset(self) -> None:
        """Press the button: registers as after power-up, RAM and flash as they were."""
        self._do("system_reset")

    def close(self) -> None:
        """Switch off. A board that is off stays off."""
        if end := getattr(self, "_end", None):
            end()

    def running(self) -> bool:
        """Say whether QEMU is there."""
        return self._process.poll() is None

    def _command(self, control: int) -> list[str]:
        places = {
            "tcp": "socket,id=line,host=127.0.0.1,port=0,server=on,wait=off,nodelay=on",
            "pty": "pty,id=line",
            "unix": f"socket,id=line,path={self._folder}/{self._board}.line,server=on,wait=off",
        }
        command = [self._program, "-M", MACHINES[self._board], "-kernel", str(self._image), "-S"]
        command += ["-display", "none", "-nodefaults", "-serial", "chardev:line"]
        command += ["-chardev", places[self._line]]
        command += ["-chardev", f"socket,id=control,fd={control}", "-mon", "chardev=control,mode=control"]
        command += self._extra
        if self._seed is not None:
            drawn = int.from_bytes(os.urandom(4), "little") if self._drawn is None else self._drawn
            command += ["-device", f"loader,addr={self._seed.address},data={drawn},data-len=4"]
        return command

    def _where(self) -> str:
        chardevs = self._do("query-chardev")
        name: str = next(one["filename"] for one in chardevs if one["label"] == "line")
        if self._line == "tcp":
            return "socket://" + name.split("tcp:", 1)[1].split(",", 1)[0]
        return name.split(f"{self._line}:", 1)[1].split(",", 1)[0]

    def _do(self, command: str) -> Any:
        """Give QEMU a command and return its answer."""
        try:
            self._control.sendall(json.dumps({"execute": command}).encode() + b"\n")
        except OSError:
            raise self._gone() from None
        while "return" not in (answer := self._heard()):
            if "error" in answer:
                raise QemuError(f"QEMU refuses {command}: {answer['error'].get('desc')}")
        return answer["return"]

    def _heard(self) -> dict[str, Any]:
        try:
            line = self._answers.readline()
        except OSError:
            line = b""
        if not line:
            raise self._gone()
        heard: dict[str, Any] = json.loads(line)
        return heard

    def _gone(self) -> QemuError:
        self._process.kill()
        _, said = self._process.communicate()
        self.close()
        return QemuError(
            f"QEMU does not answer; it said: {said.decode(errors='replace').strip() or 'nothing'}"
        )


def _end(process: subprocess.Popen[bytes], control: socket.socket, answers: IO[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
    answers.close()
    control.close()
