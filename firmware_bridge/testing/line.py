"""A serial line between two descriptors, in real time: paced to a baud rate, with a delay, and with damage by a seed.

    python -m firmware_bridge.testing.line --baud 115200 --delay-ms 10 --error-rate 1e-5 --seed 1 /dev/pts/7

joins that port to a fresh pty and prints its path; the host opens it as if the device hung on a cable. SIGTERM ends
it, and prints what it carried as JSON. An idle line saves nothing up; one that was held up by the machine catches up.
"""

import argparse
import json
import os
import random
import select
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from firmware_bridge.testing import faults

TICK_S = 0.001
CATCH_UP_S = 0.05  # longer pauses of the machine are lost to the line
READ_BYTES = 65536


class Damage(faults.Damage):
    """Flips, drops and inserts bytes, one in 1 / ``rate`` on average: eight, one and one of ten."""

    def __init__(self, rate: float, seed: int) -> None:
        mix = faults.Faults(drop=0.1 * rate, flip=0.8 * rate, insert=0.1 * rate)
        super().__init__(mix, random.Random(seed))

    @property
    def count(self) -> int:
        """How many bytes were hurt."""
        return self.counts.total()


class Way:
    """One direction."""

    def __init__(self, source: int, target: int, baud: int, delay_s: float, damage: Damage) -> None:
        self.source, self.target, self.damage = source, target, damage
        self.carried = 0
        self._per_s, self._delay_s = baud / 10, delay_s
        self._done_s = time.monotonic()  # until when the line was busy
        self._under_way: deque[tuple[float, bytes]] = deque()

    def idle(self, now_s: float) -> None:
        """Note that nothing was there to carry until ``now_s``."""
        self._done_s = now_s

    def turn(self, now_s: float) -> bool:
        """Move what may move by ``now_s``; returns whether anything is under way."""
        self._done_s = max(self._done_s, now_s - CATCH_UP_S)
        allowed = int((now_s - self._done_s) * self._per_s)
        data = _read(self.source, allowed) if allowed else b""
        if data:
            self.carried += len(data)
            self._under_way.append((now_s + self._delay_s, self.damage(data)))
        self._done_s = self._done_s + len(data) / self._per_s if len(data) == allowed else now_s
        while self._under_way and self._under_way[0][0] <= now_s:
            when_s, data = self._under_way.popleft()
            if left := data[_write(self.target, data) :]:
                self._under_way.appendleft((when_s, left))
                break
        return bool(data or self._under_way)


class Line:
    """Joins two descriptors, ``host`` and ``device``, until they fail or ``stopped``; `run` blocks."""

    def __init__(
        self,
        host: int,
        device: int,
        *,
        baud: int,
        delay_s: float = 0.0,
        error_rate: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.down = Way(host, device, baud, delay_s, Damage(error_rate, 2 * seed))
        self.up = Way(device, host, baud, delay_s, Damage(error_rate, 2 * seed + 1))
        for descriptor in (host, device):
            os.set_blocking(descriptor, False)

    def run(self, stopped: Callable[[], bool]) -> None:
        """Carry bytes; raises OSError when an end has gone."""
        while not stopped():
            now_s = time.monotonic()
            busy = [way.turn(now_s) for way in (self.down, self.up)]
            if not any(busy):
                select.select([self.down.source, self.up.source], [], [], 10 * TICK_S)
                for way in (self.down, self.up):
                    way.idle(time.monotonic())  # the first byte begins now
            time.sleep(TICK_S)

    def counts(self) -> dict[str, int]:
        """Return bytes carried and damaged, each direction."""
        return {
            "down_bytes": self.down.carried, "up_bytes": self.up.carried,
            "down_damaged": self.down.damage.count, "up_damaged": self.up.damage.count,
        }  # fmt: skip


def raw_pty() -> tuple[int, int, str]:
    """Return a fresh raw pty: its master, its slave (the master fails once no slave is open), its path."""
    import tty

    master, slave = os.openpty()
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


def main(argv: Sequence[str]) -> int:
    """Run a line until SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_bridge.testing.line", description="A paced line."
    )
    parser.add_argument("device", help="path of the device's port")
    parser.add_argument("--baud", type=int, default=115200)
    parser.add_argument("--delay-ms", type=float, default=0.0, help="one way")
    parser.add_argument("--error-rate", type=float, default=0.0, help="bytes damaged of those carried")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    master, slave, path = raw_pty()
    device = os.open(options.device, os.O_RDWR | os.O_NOCTTY)
    line = Line(
        master, device, baud=options.baud, delay_s=options.delay_ms / 1e3,
        error_rate=options.error_rate, seed=options.seed,
    )  # fmt: skip
    sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    try:
        line.run(stopped.is_set)
    finally:
        os.close(slave)
    sys.stdout.write(json.dumps(line.counts()) + "\n")
    return 0


def _read(descriptor: int, n: int) -> bytes:
    try:
        return os.read(descriptor, min(n, READ_BYTES))
    except BlockingIOError:
        return b""


def _write(descriptor: int, data: bytes) -> int:
    try:
        return os.write(descriptor, data)
    except BlockingIOError:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
