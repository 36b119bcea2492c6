"""A microcontroller learns ten digits over a line that damages one byte in two thousand and is unplugged twice.

The firmware's own ELF runs in `board.Board`; beside it `edgelearn.Layer` learns the same samples here. Both must end
with the same bits, each sample learned once, each sensor window received or counted as missing. All is on a virtual
clock: one seed, one story.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgelearn.demo.stream import Digits, load_digits
from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.paced import PacedBoard
from edgelearn.emulator.boards.wired import Host
from edgelearn.export.state import state_bytes
from edgelearn.layer import Layer
from edgelearn.types import F32
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from firmware_bridge.testing.wire import Faults, Wire

BOARD = "mps2_an386"
BAUD, LATENCY_US = 115_200, 5_000
BOARD_BAUD = 1_000_000  # the wire has paced the bytes already
FAULTS = Faults(drop=2e-4, flip=2e-4, insert=1e-4)
UNDER_WAY = 4  # commands sent ahead
WINDOW_RATE_HZ, WINDOW = 200, 50
UNPLUGGED_US, PATIENCE_US = 300_000, 30_000_000
PART_BYTES = 400  # of a state, each time


class Story(NamedTuple):
    """What happened; ``equal`` is whether device and host ended with the same bits."""

    taught: int
    learned: int  # by the device's own count
    answered: int
    equal: bool
    state_bytes: int
    before: float  # accuracy on held-out digits
    after: float
    damaged_bytes: int
    bad_frames: int  # seen by either end
    resent: int
    unplugged: int
    windows_made: int
    windows_received: int
    windows_missing: int
    line_s: float


class Show:
    """One run; `run` tells how far it is, from 0 to 1."""

    def __init__(self, seed: int, samples: int) -> None:
        self.digits = load_digits()
        self.order = np.random.default_rng(seed).permutation(self.digits.train)[:samples]
        self.host, self.board = Host(), Board(prebuilt.image(BOARD), BOARD, baud=BOARD_BAUD, seed=seed)
        self.wire = Wire(
            self.host.link, PacedBoard(self.board), seed=seed, faults=FAULTS, baud=BAUD,
            latency_us=LATENCY_US, on_host=self.host.hear,
        )  # fmt: skip
        head = prebuilt.head(BOARD)
        assert isinstance(head, Layer)
        self.twin = head

    def run(self, told: Callable[[float], object]) -> Story:
        """Teach, listen, compare. Raises RuntimeError when the device stops answering."""
        self._until(lambda: self.host.link.state == "open")
        self._answer(m.Configure(0, WINDOW_RATE_HZ, WINDOW, 1, 0))
        self._answer(m.Stream(0, 1))
        before, unplugged = _accuracy(self.twin, self.digits), 0
        for k, index in enumerate(self.order):
            x = pixels(self.digits, index)
            self.host.ask(m.Learn(0, int(self.digits.y[index]), x.tobytes()))
            self.twin.learn_one(x, np.eye(prebuilt.N_POST, dtype=np.float32)[self.digits.y[index]])
            self._until(lambda: self.host.open_questions <= UNDER_WAY)
            if (k + 1) % (len(self.order) // 3 + 1) == 0:
                self._unplug()
                unplugged += 1
            told((k + 1) / len(self.order))
        self._answer(m.Stream(0, 0))
        self.wire.run(1_000_000)  # the last windows, or the word that they are gone
        state = self._state()
        counters = self._answer(m.Statistics(0))
        line = (self.wire.to_host, self.wire.to_device)
        done = [one for one in self.host.answers.values() if isinstance(one, m.Done)]
        return Story(
            taught=len(self.order), learned=counters.learned,
            answered=sum(one.code == CODES["OK"] for one in done) - 3,  # configure and stream twice
            equal=state == state_bytes(self.twin), state_bytes=len(state),
            before=before, after=_accuracy(self.twin, self.digits),
            damaged_bytes=sum(sum(one.damage.values()) for one in line),
            bad_frames=self.host.link.counters.bad_frames + counters.bad_frames,
            resent=self.host.link.counters.resent + counters.resent, unplugged=unplugged,
            windows_made=counters.windows_made, windows_received=self.host.windows,
            windows_missing=self.host.missing, line_s=self.wire.now_us / 1e6,
        )  # fmt: skip

    def _state(self) -> bytes:
        data, total = b"", 1
        while len(data) < total:
            size = min(PART_BYTES, total - len(data)) if data else 1
            part = self._answer(m.ReadState(0, len(data), size))
            data, total = data + part.data, part.total
        return data

    def _answer(self, message: m.Message) -> m.Message:
        number = self.host.ask(message)
        self._until(lambda: number in self.host.answers)
        return self.host.answers[number]

    def _unplug(self) -> None:
        self.wire.unplug()
        self.wire.run(UNPLUGGED_US)
        self.wire.plug()

    def _until(self, true: Callable[[], bool]) -> None:
        if not true() and not self.wire.run(PATIENCE_US, true):
            raise RuntimeError("the emulated board stopped answering")


def pixels(digits: Digits, index: int) -> F32:
    """Return a digit as the head takes it: 64 values, their Euclidean norm 1."""
    x = digits.x[index].reshape(-1).astype(np.float32)
    return np.asarray(x / np.float32(np.linalg.norm(x)), np.float32)


def _accuracy(layer: Layer, digits: Digits) -> float:
    told = [int(np.argmax(layer.transform(pixels(digits, index)))) for index in digits.test]
    return float(np.mean(np.array(told) == digits.y[digits.test]))
