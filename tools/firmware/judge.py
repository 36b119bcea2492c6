"""How many instructions of each function a board executes here and in QEMU, for the same commands: they should agree.

>>> here, there = compared("mps2_an386", folder, commands=50)

Rule: what is compared is the learner (``el_learner_*``), which does the same for the same commands; the rest waits
for the line, and how often it looks depends on the machine.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgelearn.emulator.boards import elf, prebuilt, report
from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.peripherals import CHIPS
from edgelearn.emulator.boards.qemu import QemuBoard, program
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.fixed.head import FixedHead
from edgelearn.testing.device_host import Host
from edgelearn.types import Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from firmware_bridge.transport import open_port

SOURCE = Path(__file__).with_suffix(".c")
JUDGED = "el_learner_"
Counts = dict[str, int]  # instructions of each function


class JudgeError(Exception):
    """There is no C compiler or no QEMU, or one of them did not do it."""


class Compared(NamedTuple):
    """The same functions, counted here and in QEMU."""

    here: Counts
    there: Counts

    @property
    def apart(self) -> float:
        """The largest difference of a function, as a fraction of what QEMU counts."""
        names = self.here.keys() | self.there.keys()
        return max(
            (abs(self.here.get(n, 0) - self.there.get(n, 0)) / max(self.there.get(n, 0), 1) for n in names),
            default=float("nan"),
        )


def available() -> bool:
    """Say whether QEMU and a C compiler are there."""
    return shutil.which("qemu-system-arm") is not None and shutil.which("cc") is not None


def compared(board: str, folder: Path, commands: int = 50) -> Compared:
    """Return the counts of so many LEARN, with PREDICT between; ``folder`` is for what it takes. Raises JudgeError,
    QemuError."""
    image, samples = prebuilt.image(board), list(_samples(board, commands))
    it = Board(image, board)
    line = VirtualLine(it)
    host = Host(line.open, clock=line, entropy=bytes)
    here = _difference(
        lambda: {f.name: f.instructions for f in it.functions()}, lambda: _teach(host, samples)
    )
    plugin = _plugin(folder)
    size = CHIPS[board].CODE.size
    extra = ("-plugin", f"{plugin},counts={folder / 'counts'},bytes={size}")
    with QemuBoard(image, board, seed=1, extra=extra) as qemu:
        counts = np.memmap(folder / "counts", np.uint64, "r")
        with Host(lambda: open_port(qemu.url), entropy=bytes) as host:
            there = _difference(lambda: _functions(image, counts), lambda: _teach(host, samples))
    return Compared(here, there)


def _samples(board: str, n: int) -> list[tuple[Array, int]]:
    rng, head = np.random.default_rng(0), prebuilt.head(board)
    x = rng.uniform(0.1, 1.0, (n, prebuilt.N_PRE)).astype(np.float32)
    values = head.encode(x) if isinstance(head, FixedHead) else x
    return [(values[k], k % prebuilt.N_POST) for k in range(n)]


def _teach(host: Host, samples: list[tuple[Array, int]]) -> None:
    for x, label in samples:
        if host.ask(m.Learn, label, x.tobytes()).code != CODES["OK"]:
            raise JudgeError("the board refused to learn")
        host.ask(m.Predict, x.tobytes())


def _difference(look: Callable[[], Counts], work: Callable[[], None]) -> Counts:
    before = look()
    work()
    found = {name: count - before.get(name, 0) for name, count in look().items()}
    return {name: count for name, count in found.items() if name.startswith(JUDGED) and count}


def _functions(image: Path, counts: Array) -> Counts:
    now = np.array(counts)  # QEMU goes on counting
    blocks = [(2 * int(at), 0, int(now[at])) for at in np.flatnonzero(now)]
    return {one.name: one.instructions for one in report.functions(elf.read(image).functions, blocks)}


def _plugin(folder: Path) -> Path:
    program()
    made = folder / "judge.so"
    command = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", str(SOURCE), "-o", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise JudgeError(f"the plugin does not build: {done.stderr.strip()}")
    return made
