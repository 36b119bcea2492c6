"""The device's clock as the host sees it. `SPEC.md`, 5.

Rule 1. The offset is that of the quickest of the last exchanges: what waited on the way is most of the error.
Rule 2. The drift is the slope of the offsets of the quicker half, once they span long enough to tell it from jitter.
Rule 3. Stamps of 32 bits are those nearest to the last exchange.

Cristian, Distributed Computing 3, 1989; the choice of the quickest: Mills, RFC 5905, clock filter.
"""

from collections import deque
from statistics import median
from typing import NamedTuple

from firmware_bridge.protocol.sender import nearest

KEPT = 64  # exchanges the drift is of
NEAR = 8  # exchanges the offset is of
SPAN_US = 10_000_000  # 1 ms of jitter over it is 100 ppm, the worst of crystals


class Exchange(NamedTuple):
    """One question and its answer."""

    middle_us: int  # host's time halfway
    device_us: int
    took_us: int


class Clock:
    """Offset and drift of a device's clock, from exchanges of the time; a new one for each boot of the device."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self.drift_ppm = 0.0

    def add(self, sent_us: int, device_us: int, received_us: int) -> None:
        """Take the device's time (64 bits) and the host's when it asked and when it was answered."""
        self._exchanges.append(Exchange((sent_us + received_us) // 2, device_us, received_us - sent_us))
        self.drift_ppm = self._slope() * 1e6

    @property
    def offset_us(self) -> int | None:
        """The device's time less the host's at the quickest of the last exchanges, or None before the first."""
        if not self._exchanges:
            return None
        return self._best.device_us - self._best.middle_us

    def to_host_us(self, device_us: int) -> int:
        """Return the host's time of a device's stamp of 32 or 64 bits; raises ValueError before the first exchange."""
        if not self._exchanges:
            raise ValueError("the device's time is not known yet: exchange it first (Clock.add)")
        if device_us < 2**32:
            device_us = nearest(device_us, self._exchanges[-1].device_us, 32)
        best, drift = self._best, self.drift_ppm * 1e-6
        since_us = device_us - best.device_us
        return best.middle_us + since_us - round(since_us * drift / (1 + drift))

    @property
    def _best(self) -> Exchange:
        return min(list(self._exchanges)[-NEAR:], key=lambda exchange: exchange.took_us)

    def _slope(self) -> float:
        usual_us = median(exchange.took_us for exchange in self._exchanges)
        quick = [exchange for exchange in self._exchanges if exchange.took_us <= usual_us]
        first = quick[0]
        if quick[-1].middle_us - first.middle_us < SPAN_US:
            return 0.0
        times = [exchange.middle_us - first.middle_us for exchange in quick]
        ahead = [exchange.device_us - first.device_us - t for exchange, t in zip(quick, times, strict=True)]
        n, mean, mean_ahead = len(quick), sum(times) / len(quick), sum(ahead) / len(quick)
        spread = sum((t - mean) ** 2 for t in times)
        return sum((times[i] - mean) * (ahead[i] - mean_ahead) for i in range(n)) / spread
