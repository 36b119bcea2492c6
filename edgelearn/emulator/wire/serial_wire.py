"""A serial line between a host and an emulated device, as bad as one asks for, the same again for the same seed.

>>> clock = VirtualClock()
>>> with SerialWire(Twin(head), faults=Faults(flip=1e-4), seed=7, clock=clock) as wire, connect(wire.url) as device:
...     wire.unplug(at_s=2.0, for_s=0.3)
...     device.learn(x, 3)  # exactly once, whatever happens to the line

Rule 1: with a clock the wire lives in virtual time, in the thread that sleeps or waits for the device; its seed repeats
a run to the last byte (a device that draws random numbers needs a seed of its own: ``Twin(entropy=…)``).
Rule 2: without one it lives in real time: a pty below a name that stays, and threads; a fault hits the same bytes.
Rule 3: a device that is inside one of its calls does not read; its FIFO keeps what it can.
Rule 4: when the wire is closed, collected, or the program ends, nothing of it is left; where it is killed, its names
lead nowhere, and the next wire takes them away.
"""

import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from edgelearn.closing import Closing
from edgelearn.emulator.boards.serving import Served
from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.scratch import Scratch
from edgelearn.emulator.wire import options
from edgelearn.emulator.wire.carrier import Carrier
from edgelearn.emulator.wire.line import Line, Passed
from edgelearn.emulator.wire.places import Base, Places
from edgelearn.errors import ConfigError
from firmware_bridge.testing.faults import Faults
from firmware_bridge.timebase import MACHINE, Turning, Virtual
from firmware_bridge.transport import Port, open_port

NO_FAULTS = Faults()


class Counts(NamedTuple):
    """What happened until now."""

    to_device: Passed
    to_host: Passed
    unplugged: int  # times


class SerialWire(Closing):
    """Plugged in from the start. ``url`` is what `firmware_bridge.device.connect` opens, or pyserial, being a path.

    ``device`` hangs at the far end; None: a bare wire, whose far end is `far`, or ``far_url`` for another program.
    ``faults`` are `Faults` or a dict of them; ``latency_us`` each way; ``fifo_bytes`` is what the device's receiver
    keeps while it is not read (None: everything). ``clock`` makes time virtual; else ``folder`` is where the by-id name
    goes (None: a fresh one), and ``pty`` False means memory. Raises ConfigError for what cannot be.
    """

    def __init__(
        self,
        device: Served | None = None,
        *,
        baud: int = 115_200,
        faults: Faults | Mapping[str, float] = NO_FAULTS,
        latency_us: int = 1_000,
        fifo_bytes: int | None = None,
        seed: int = 0,
        clock: VirtualClock | None = None,
        name: str = "sensor-board",
        folder: str | Path | None = None,
        pty: bool | None = None,
    ) -> None:
        self.name, self.seed = options.name(name), options.whole("seed", seed, -(2**63), 2**63)
        self.baud, self.faults = options.whole("baud", baud, 1, options.BAUD_MAX), options.faults(faults)
        self.latency_us = options.whole("latency_us", latency_us, 0, options.LONGEST_US)
        self.fifo_bytes = None if fifo_bytes is None else options.whole("fifo_bytes", fifo_bytes, 1, 2**31)
        options.check_parts(device, clock)
        base = None if clock is None else Base(clock, self.seed)
        time = MACHINE if base is None else Virtual(base)
        places = Places(self.name, self.baud, base, folder, pty=options.wants_pty(pty, clock))
        near, far = places.named(""), places.named("-far") if device is None else places.device(device)
        self._virtual, self._bare = base is not None, device is None
        self._began_us = 0 if self._virtual else time.now_us()
        self._now_us: Callable[[], int] = time.now_us
        lines = [
            Line(self.baud, self.latency_us, self.faults, Random(f"{self.seed} {way}"))
            for way in ("to device", "to host")
        ]
        self._carrier = Carrier(
            near, far, (lines[0], lines[1]), self._now_us, fifo_bytes=self.fifo_bytes, far_stays=self._bare
        )
        turning = time.turning(self._carrier.turn, self._carrier.close)
        self._opened: list[Port] = []
        self._end = weakref.finalize(self, _ended, turning, self._carrier, self._opened, places.own)
        self._history: list[str] = []
        self._carrier.plug()
        turning.start()

    @property
    def url(self) -> str:
        """What the host opens; the same after each replug."""
        return self._carrier.near.url

    @property
    def far_url(self) -> str:
        """What a program that is the device opens. Raises ConfigError for a wire that has a device."""
        if not self._bare:
            raise ConfigError(
                f"the wire {self.name} has a device at its far end; make it without one: SerialWire()"
            )
        return self._carrier.far.url

    @property
    def far(self) -> Port:
        """The port at the far end of a bare wire, for this process; opened when it is asked for first."""
        url = self.far_url
        self._check_open()
        if not self._opened:
            self._opened.append(open_port(url, self.baud))
        return self._opened[0]

    @property
    def plugged(self) -> bool:
        """Whether host and device are joined."""
        return self._carrier.plugged

    @property
    def now_s(self) -> float:
        """The clock's time, or the time since the wire was made, in seconds."""
        return (self._now_us() - self._began_us) / 1e6

    @property
    def counts(self) -> Counts:
        """What happened until now, also when the wire is closed."""
        with self._carrier.lock:
            carrier = self._carrier
            return Counts(carrier.to_device.passed(), carrier.to_host.passed(), carrier.unplugged)

    @property
    def replay(self) -> str:
        """Python that makes this wire again and pulls it at the same times; device and clock are the caller's."""
        given = {
            "baud": self.baud, "faults": self.faults, "latency_us": self.latency_us,
            "fifo_bytes": self.fifo_bytes, "seed": self.seed, "name": self.name,
        }  # fmt: skip
        words = ["None" if self._bare else "device", *(f"{key}={value!r}" for key, value in given.items())]
        made = f"wire = SerialWire({', '.join(words + ['clock=clock'] * self._virtual)})"
        return "\n".join([made, *self._history])

    def unplug(self, *, at_s: float | None = None, for_s: float | None = None) -> None:
        """Pull the cable, now or at ``at_s`` of `now_s`; with ``for_s`` it is put back after so many seconds.

        What is on the way is lost. Raises ConfigError once the wire is closed.
        """
        when_s = self._asked("unplug", at_s, for_s)
        if at_s is None:
            self._carrier.unplug()
        else:
            self._carrier.at(self._began_us + round(when_s * 1e6), self._carrier.unplug)
        if for_s is not None:
            self._carrier.at(self._began_us + round((when_s + for_s) * 1e6), self._carrier.plug)

    def plug(self, *, at_s: float | None = None) -> None:
        """Put the cable back, now or at ``at_s`` of `now_s`. Raises ConfigError once the wire is closed."""
        when_s = self._asked("plug", at_s)
        if at_s is None:
            self._carrier.plug()
        else:
            self._carrier.at(self._began_us + round(when_s * 1e6), self._carrier.plug)

    def close(self) -> None:
        """End the threads, close what is open, take the names away; may be called again."""
        self._end()

    def __repr__(self) -> str:
        state = "closed" if not self._end.alive else "plugged in" if self.plugged else "unplugged"
        return f"<{self.replay.splitlines()[0]}: {self.url}, {state}>"

    def _asked(self, call: str, at_s: float | None, for_s: float | None = None) -> float:
        """Note what was asked for, and return when it happens."""
        self._check_open()
        when_s = self.now_s if at_s is None else options.seconds("at_s", at_s)
        words = [f"at_s={when_s:.6f}"]
        if for_s is not None:
            words.append(f"for_s={options.seconds('for_s', for_s):.6f}")
        self._history.append(f"wire.{call}({', '.join(words)})")
        return when_s

    def _check_open(self) -> None:
        if not self._end.alive:
            raise ConfigError(f"the wire {self.name} is closed; make another one")


def _ended(turning: Turning, carrier: Carrier, opened: list[Port], folder: Scratch | None) -> None:
    """Leave nothing."""
    turning.end(lambda: None)
    carrier.close()
    for port in opened:
        port.close()
    if folder is not None:
        folder.close()
