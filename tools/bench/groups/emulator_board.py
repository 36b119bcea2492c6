"""Boards of this process: how fast they compute and start, what their counts are worth, whether they repeat."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.figure import Figure, Goal, Group, Measured

if TYPE_CHECKING:
    from edgelearn.emulator.boards.board import Board

PROFILES = ("cortex-m4f", "rp2040")
RUNS, STARTS, REPEATS, LEARNED = 5, 7, 100, 25
TURNS = 4_000  # of the loop that computes
LOOP_AT = 0x80000  # code memory that the firmware does not use
# mov r0, r5; mov r1, r7; mov r2, r8; blx r6; subs r4, #1; bne back; wfi
LOOP = bytes.fromhex("2846 3946 4246 b047 013c f9d1 30bf")
DATA = 0x10000  # before the end of RAM: what the loop's function is given
# figure, function, its arguments, and what one turn of the loop is
COMPUTED = (
    ("", "el_learner_learn", (DATA, 3, 0), "a step of learning"),
    ("_short", "el_crc32", (0, DATA, 256), "a CRC of 256 bytes, 2.6 instructions a block"),
)
START = """
import time
begun = time.perf_counter()
from edgelearn.emulator.boards.opening import open_board
imported = time.perf_counter()
import unicorn
loaded = time.perf_counter()
board = open_board("cortex-m4f", counted={counted})
while not board.read():
    board.run_until(board.now_us + 100)
print(imported - begun, loaded - imported, time.perf_counter() - loaded)
"""


def measure() -> Iterator[Measured]:
    yield from _rates()
    yield from _starts()
    yield _agreement()
    yield from _repeats()


def _rates() -> Iterator[Measured]:
    from edgelearn.emulator.boards.opening import open_board

    for kind, function, given, what in COMPUTED:
        rates = {}
        for name, counted in (("uncounted", False), ("counted", True)):
            board: Any = open_board("cortex-m4f", counted=counted)
            instructions = _computing(board, 10, function, given, counted=True) / 10 if counted else 0.0
            rates[name] = [TURNS / _computing(board, TURNS, function, given) for _ in range(RUNS)]
        for name, turns_s in rates.items():
            each = [rate * instructions / 1e6 for rate in turns_s]
            yield Measured(
                f"emulator_board.{name}{kind}", statistics.median(each), spread=statistics.stdev(each),
                note=f"{instructions:.0f} instructions for {what}, {TURNS} turns, {RUNS} runs",
            )  # fmt: skip


def _computing(
    board: "Board", turns: int, function: str, given: tuple[int, int, int], *, counted: bool = False
) -> float:
    """Have a loop of calls run on the board's core, no register looked at; return seconds, or instructions."""
    import numpy as np
    from unicorn import arm_const as arm

    board.run_until(max(board.now_us, 50_000))
    machine, symbols = board._machine, board._elf.symbols
    x, uc = np.random.default_rng(0).uniform(0.1, 1.0, 64).astype("<f4").tobytes(), machine.uc
    at = machine.ram.end - DATA
    uc.mem_write(at, x)
    uc.mem_write(LOOP_AT, LOOP)
    values = {
        arm.UC_ARM_REG_R4: turns, arm.UC_ARM_REG_R6: symbols[function].address | 1, arm.UC_ARM_REG_SP: at - 16,
    }  # fmt: skip
    for register, argument in zip(
        (arm.UC_ARM_REG_R5, arm.UC_ARM_REG_R7, arm.UC_ARM_REG_R8), given, strict=True
    ):
        values[register] = at if argument == DATA else argument
    for register, value in values.items():
        uc.reg_write(register, value)
    machine.pc = LOOP_AT
    before = board.instructions if counted else 0
    if hasattr(board._pace, "counter"):
        board._pace.counter.until(2**62)
    begun = time.perf_counter()
    machine.go()
    seconds = time.perf_counter() - begun
    return board.instructions - before if counted else seconds


def _starts() -> Iterator[Measured]:
    from edgelearn.emulator.boards.opening import open_board

    for name, counted in (("start", False), ("start_counted", True)):
        runs = []
        for _ in range(STARTS):
            done = subprocess.run(
                [sys.executable, "-c", START.format(counted=counted)],
                capture_output=True,
                text=True,
                check=True,
            )
            runs.append([1000 * float(word) for word in done.stdout.split()])
        imported, unicorn, started = (statistics.median(part) for part in zip(*runs, strict=True))
        yield Measured(
            f"emulator_board.{name}", started,
            note=f"before it, once a process: {imported:.0f} ms to import edgelearn's part, {unicorn:.0f} ms unicorn",
        )  # fmt: skip
    again = []
    for _ in range(STARTS):
        begun = time.perf_counter()
        board: Any = open_board("cortex-m4f")
        while not board.read():
            board.run_until(board.now_us + 100)
        again.append(1000 * (time.perf_counter() - begun))
    yield Measured("emulator_board.start_again", statistics.median(again), spread=statistics.stdev(again))


def _agreement() -> Measured:
    from tools.firmware import judge

    if not judge.available():
        return Measured("emulator_board.qemu", float("nan"), note="qemu-system-arm or cc is missing")
    worst, notes = 0.0, []
    for port in ("mps2_an386", "microbit"):
        with tempfile.TemporaryDirectory(prefix="edgelearn-judge-") as folder:
            found = judge.compared(port, Path(folder))
        worst = max(worst, found.apart)
        notes.append(f"{port}: {sum(found.here.values())} here, {sum(found.there.values())} in QEMU")
    return Measured("emulator_board.qemu", worst, note="; ".join(notes))


def _repeats() -> Iterator[Measured]:
    differences = unequal = 0
    for run in range(REPEATS // len(PROFILES) // 2):
        for profile in PROFILES:
            for counted in (False, True):
                found, equal = _story(profile, counted)
                first = _story(profile, counted)[0] if run == 0 else _FIRST[profile, counted]
                _FIRST[profile, counted] = first
                differences += found != first
                unequal += not equal
    yield Measured("emulator_board.repeat", differences, note=f"{REPEATS} runs: bytes, flash, state, counts")
    yield Measured(
        "emulator_board.bits", unequal, note=f"{REPEATS} runs of {LEARNED} samples, {', '.join(PROFILES)}"
    )


_FIRST: dict[tuple[str, bool], object] = {}


def _story(profile: str, counted: bool) -> tuple[object, bool]:
    """Learn, save, lose the power, start again; return all there is to see, and whether Python learned the same."""
    import numpy as np

    from edgelearn import export
    from edgelearn.emulator.boards import prebuilt
    from edgelearn.emulator.boards.opening import open_board
    from edgelearn.emulator.boards.virtual import VirtualLine
    from edgelearn.fixed.head import FixedHead
    from edgelearn.testing.device_host import Host
    from firmware_bridge.protocol import messages as m

    board: Any = open_board(profile, seed=11, counted=counted)
    line = VirtualLine(board)
    host, head = Host(line.open, clock=line, entropy=bytes), prebuilt.head(board.spec.port)
    x = np.random.default_rng(1).uniform(-1, 1, (LEARNED, prebuilt.N_PRE)).astype(np.float32)
    for k, values in enumerate(head.encode(x) if isinstance(head, FixedHead) else x):
        host.ask(m.Learn, k % prebuilt.N_POST, values.tobytes())
        if isinstance(head, FixedHead):
            head.learn(values, k % prebuilt.N_POST)
        else:
            head.learn_one(values, np.eye(prebuilt.N_POST, dtype=np.float32)[k % prebuilt.N_POST])
    state = host.state()
    host.ask(m.Save)
    board.brown_out()
    board.run_until(board.now_us + 200_000)
    counts = board.functions() if counted else ()
    seen = state, bytes(board.flash.bytes), board.read(), board.now_us, counts
    return seen, state == export.state_bytes(head)


GROUP = Group(
    "emulator_board",
    (
        Figure("emulator_board.uncounted", "M instructions/s", "an emulated Cortex-M4F that computes, uncounted",
               Goal(">=", 50)),
        Figure("emulator_board.counted", "M instructions/s", "the same with all instructions counted, by function"),
        Figure("emulator_board.uncounted_short", "M instructions/s", "uncounted, a CRC: blocks of few instructions"),
        Figure("emulator_board.counted_short", "M instructions/s", "the same with all instructions counted: counting "
               "costs by the block"),
        Figure("emulator_board.start", "ms", "from open_board to the first HELLO, first board of a process",
               Goal("<=", 100)),
        Figure("emulator_board.start_counted", "ms", "the same, counted: numpy and llvmlite are loaded"),
        Figure("emulator_board.start_again", "ms", "the same, every further board", Goal("<=", 100)),
        Figure("emulator_board.qemu", "of QEMU's count", "instructions of each function of the learner, here and in "
               "QEMU: the largest difference", Goal("<=", 0.002)),
        Figure("emulator_board.repeat", "runs", f"of {REPEATS} that differ from the first of their seed",
               Goal("<=", 0)),
        Figure("emulator_board.bits", "runs", "of those in which the board did not learn what Python learns, to the "
               "last bit", Goal("<=", 0)),
    ),
    measure,
)  # fmt: skip
