"""A microcontroller learns ten digits over a line that damages one byte in two thousand and is unplugged twice.

The firmware's own ELF runs in `open_board`; beside it `edgelearn.Layer` learns the same samples here. Both must end
with the same bits, each sample learned once, each sensor window received or counted as missing. All is on a virtual
clock: one seed, one story.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgelearn.demo.stream import Digits, load_digits
from edgelearn.emulator import Faults, SerialWire, VirtualClock, open_board
from edgelearn.emulator.boards import prebuilt
from edgelearn.export.state import state_bytes
from edgelearn.layer import Layer
from edgelearn.types import F32
from firmware_bridge.device import Device, connect

BOARD = "mps2_an386"
BAUD, LATENCY_US = 115_200, 5_000
FAULTS = Faults(drop=2e-4, flip=2e-4, insert=1e-4)
WINDOW_RATE_HZ, WINDOW = 200, 50
UNPLUGGED_S, PATIENCE_S, LAST_WINDOWS_S = 0.3, 30.0, 1.0


class Story(NamedTuple):
    """What happened; ``equal`` is whether device and host ended with the same bits."""

    taught: int
    learned: int  # by the device's own count
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
        head = prebuilt.head(BOARD)
        assert isinstance(head, Layer)
        self.twin = head
        self.clock = VirtualClock()
        self.wire = SerialWire(
            open_board(BOARD, seed=seed, counted=True), baud=BAUD, faults=FAULTS, latency_us=LATENCY_US,
            seed=seed, clock=self.clock,
        )  # fmt: skip

    def run(self, told: Callable[[float], object]) -> Story:
        """Teach, listen, compare. Raises DeadlineError when the device stops answering."""
        before = _accuracy(self.twin, self.digits)
        with self.wire, connect(self.wire.url, timeout_s=PATIENCE_S) as device:
            device.configure(rate_hz=WINDOW_RATE_HZ, window=WINDOW)
            device.stream(True)
            self._teach(device, told)
            device.stream(False)
            self.clock.sleep(LAST_WINDOWS_S)  # the last windows, or the word that they are gone
            return self._story(device, before)

    def _teach(self, device: Device, told: Callable[[float], object]) -> None:
        for k, index in enumerate(self.order):
            x = pixels(self.digits, index)
            device.learn(x, int(self.digits.y[index]), wait=False)
            self.twin.learn_one(x, np.eye(prebuilt.N_POST, dtype=np.float32)[self.digits.y[index]])
            if (k + 1) % (len(self.order) // 3 + 1) == 0:
                self.wire.unplug()
                self.clock.sleep(UNPLUGGED_S)
                self.wire.plug()
            told((k + 1) / len(self.order))
        device.flush()

    def _story(self, device: Device, before: float) -> Story:
        state = device.read_state().data
        seen, ways = device.statistics(), self.wire.counts
        return Story(
            taught=len(self.order), learned=seen.device["learned"],
            equal=state == state_bytes(self.twin), state_bytes=len(state),
            before=before, after=_accuracy(self.twin, self.digits),
            damaged_bytes=sum(way.dropped + way.flipped + way.inserted for way in (ways.to_device, ways.to_host)),
            bad_frames=seen.host["bad_frames"] + seen.device["bad_frames"],
            resent=seen.host["resent"] + seen.device["resent"], unplugged=ways.unplugged,
            windows_made=seen.device["windows_made"], windows_received=seen.windows_received,
            windows_missing=seen.windows_missing, line_s=self.clock.now_us() / 1e6,
        )  # fmt: skip


def pixels(digits: Digits, index: int) -> F32:
    """Return a digit as the head takes it: 64 values, their Euclidean norm 1."""
    x = digits.x[index].reshape(-1).astype(np.float32)
    return np.asarray(x / np.float32(np.linalg.norm(x)), np.float32)


def _accuracy(layer: Layer, digits: Digits) -> float:
    told = [int(np.argmax(layer.transform(pixels(digits, index)))) for index in digits.test]
    return float(np.mean(np.array(told) == digits.y[digits.test]))
