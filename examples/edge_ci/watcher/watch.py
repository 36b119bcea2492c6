"""What runs on the Raspberry Pi: windows from the sensor board -> frozen network -> memory that learns -> store.

>>> with Watcher("watcher.db") as watcher:
...     for seen in watcher.follow(sensor_board("/dev/serial/by-id/usb-sensor-board")):
...         print(seen.time_s, seen.state)
>>> watcher.told("bearing", from_s, to_s)  # somebody heard it; when this returns, it is known for good
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from edgelearn import Extractor, Learner
from edgelearn.emulator import sample as timed  # costs nothing on a real device
from edgelearn.sources import DeviceWindows, Item, Missed, Pause
from edgelearn.types import Sample

NETWORK = Path(__file__).with_name("features.onnx")
RATE_HZ, WINDOW = 1000, 128
WINDOW_S = WINDOW / RATE_HZ
REMEMBERED = 5000  # windows that people may still name, some ten minutes
FIRST_ANSWER_S = 30.0  # a cable may be loose when the Pi starts


def sensor_board(port: str) -> DeviceWindows:
    """Return the windows (WINDOW,) in [-1, 1) of the sensor board on a serial port; unplugging it is only a gap."""
    return DeviceWindows(port, RATE_HZ, WINDOW, scale="unit", timeout_s=FIRST_ANSWER_S)


class Seen(NamedTuple):
    """What the watcher makes of one window."""

    number: int  # counts the windows that the board made
    time_s: float  # of its first sample
    state: str | None  # None: like nothing that anybody has named
    guess: str | None  # the state it is most like


class Watcher:
    """``store`` is a file; the watcher goes on where that one left off."""

    def __init__(self, store: str | Path) -> None:
        # only what people say is worth a write: no saves now and then
        self.learner = Learner(Extractor(NETWORK, cut=None), "slda", store=store, save_every_s=None)
        # a first call loads or compiles, which takes seconds on a Pi: now, and not while windows wait
        self.learner.predict_many([np.zeros(WINDOW, np.float32)], tickets=False)
        self.missed = 0  # windows that the board made and that never came
        self._tickets: deque[tuple[float, str]] = deque(maxlen=REMEMBERED)

    def follow(self, source: Iterable[Item]) -> Iterator[Seen]:
        """Yield what is seen in each window of a source."""
        with closing(iter(source)) as items:
            for item in items:
                match item:
                    case Sample():
                        yield self._see(item)
                    case Missed(samples):
                        self.missed += samples or 0
                    case Pause(seconds):
                        time.sleep(seconds or 0.0)

    def told(self, state: str, from_s: float, to_s: float) -> int:
        """Learn what the machine was doing, of all windows within that time; return how many those were.

        What was learned is on the disk when this returns: whoever says something once need not say it again.
        """
        meant = [(t, ticket) for t, ticket in self._tickets if from_s <= t and t + WINDOW_S <= to_s]
        for named in meant:
            self.learner.feedback(named[1], label=state)
            self._tickets.remove(named)
        self.learner.save()
        return len(meant)

    def _see(self, item: Sample) -> Seen:
        with timed():
            decision = self.learner.predict_one(item.x)
        self._tickets.append((item.time_s, decision.ticket))
        return Seen(item.id, item.time_s, decision.label, decision.best)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.learner.close()
