"""One run on a bad wire in virtual time, and everything that can be seen of it."""

from random import Random
from typing import Any, NamedTuple

import numpy as np

from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.twin import Twin
from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.wire.serial_wire import Counts, SerialWire
from firmware_bridge.device import Statistics, connect
from firmware_bridge.protocol.errors import DeadlineError
from firmware_bridge.testing.faults import Faults
from tests.bridge.conformance.made import clouds, means

BAD = Faults(drop=3e-4, flip=1e-3, insert=3e-4, repeat=0.02, delay=0.02, cut=0.02, delay_us=20_000)


class Story(NamedTuple):
    """Two are equal when nobody can tell one run from the other."""

    to_device: bytes
    to_host: bytes
    counts: Counts
    state: bytes
    statistics: Statistics
    notices: tuple[Any, ...]
    windows: tuple[Any, ...]
    failures: tuple[Any, ...]
    now_us: int


class Tapped(Twin):
    """A twin that keeps what passes its line; its own random numbers are the same each time."""

    def __init__(self, **options: Any) -> None:
        self.heard, self.said = bytearray(), bytearray()
        self.labels: list[int] = []
        super().__init__(head(means()), entropy=Random(1).randbytes, **options)

    def receive(self, data: bytes, now_us: int) -> None:
        self.heard += data
        super().receive(data, now_us)

    def transmit(self, now_us: int, room: int) -> bytes:
        data = super().transmit(now_us, room)
        self.said += data
        return data

    def _learn(self, message: Any) -> Any:
        self.labels.append(message.label)
        return super()._learn(message)


def story(seed: int, faults: Faults = BAD) -> Story:
    """Teach, listen, unplug once for longer than a call waits."""
    clock, twin = VirtualClock(), Tapped(sensor=lambda k: [k % 500])
    notices: list[Any] = []
    failures: list[Any] = []
    windows: list[Any] = []
    with SerialWire(twin, faults=faults, fifo_bytes=512, seed=seed, clock=clock) as wire:
        wire.unplug(at_s=0.6, for_s=4.0)
        with connect(wire.url, notice=notices.append, timeout_s=3.0) as device:
            device.configure(rate_hz=500, window=20)
            device.stream()
            for row, name in zip(*clouds(), strict=True):
                try:
                    device.learn(row, "abc".index(name))
                except DeadlineError as error:
                    failures.append((clock.now_us(), str(error)))
            clock.sleep(3.0)
            device.flush()
            while window := device.next_window(0.0):
                windows.append((window.index, window.time_s, window.gap, bytes(window.values.cast("B"))))
            state, statistics = device.read_state().data, device.statistics()
        return Story(
            bytes(twin.heard), bytes(twin.said), wire.counts, state, statistics,
            tuple(notices), tuple(windows), tuple(failures), clock.now_us(),
        )  # fmt: skip


def pattern(n: int) -> bytes:
    """Return bytes that are all over the place, the same each time."""
    return np.random.default_rng(0).bytes(n)
