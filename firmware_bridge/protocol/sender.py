"""The sending half of the reliable channel. `SPEC.md`, 4.

Rule 1. A message is kept until it is acknowledged; at most `window` of them are under way.
Rule 2. The costs of all frames sent, each once, never pass the limit the other end gave.
Rule 3. The line keeps order: what was transmitted before a frame sent once that arrived, and did not, is lost.
Rule 4. Only what rule 3 cannot see is left to the timer.
Numbers here count on without end; the wire carries their lower halves.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from firmware_bridge.protocol.constants import FRAME_COST
from firmware_bridge.protocol.messages import TYPES, Message, encode
from firmware_bridge.protocol.roundtrip import RoundTrip


class Outgoing(NamedTuple):
    """A message and its bytes."""

    message: Message
    type: int
    payload: bytes

    @property
    def cost(self) -> int:
        """Credit it takes, bytes."""
        return len(self.payload) + FRAME_COST


@dataclass(slots=True)
class Flight:
    """A message under way."""

    out: Outgoing
    end_cost: int  # costs of the session up to and with it
    transmission: int = 0  # number of the latest
    sent_us: int = 0
    times: int = 0
    lost: bool = True  # wants to be transmitted, for the first time or again
    arrived: bool = False


def outgoing(message: Message) -> Outgoing:
    """Return ``message`` with its bytes; raises MalformedError for a value that does not fit."""
    return Outgoing(message, TYPES[type(message)], encode(message))


def nearest(low: int, around: int, bits: int) -> int:
    """Return the number whose lower ``bits`` are ``low`` and that is nearest to ``around``."""
    half = 1 << (bits - 1)
    return around + ((low - around + half) & (2 * half - 1)) - half


class Sender:
    """Messages on their way to the other end."""

    def __init__(self, window: int) -> None:
        self._window = window
        self.round_trip = RoundTrip()
        self._queue: deque[Outgoing] = deque()
        self._flights: deque[Flight] = deque()  # of numbers base, base + 1, …
        self._transmissions = 0
        self._start(0)

    def _start(self, rx_buffer: int) -> None:
        self.base = 0  # lowest number not acknowledged
        self._sent_cost, self._rx_buffer, self._limit = 0, rx_buffer, rx_buffer
        self._progress_us = 0

    @property
    def waiting(self) -> int:
        """Messages not acknowledged, queued ones included."""
        return len(self._flights) + len(self._queue)

    def send(self, out: Outgoing) -> None:
        """Queue a message."""
        self._queue.append(out)

    def restart(self, rx_buffer: int) -> list[Message]:
        """Begin a new session in which the other end takes ``rx_buffer`` bytes; return all that was waiting."""
        given_back = [flight.out.message for flight in self._flights] + [out.message for out in self._queue]
        self._flights.clear()
        self._queue.clear()
        self.round_trip = RoundTrip()
        self._start(rx_buffer)
        return given_back

    def resume(self) -> None:
        """Transmit again all that was not acknowledged."""
        for flight in self._flights:
            flight.lost = not flight.arrived
        self.round_trip.acknowledged()

    def acknowledged(self, ack: int, now_us: int, sack: int = 0, limit: int | None = None) -> bool:
        """Take the other end's ``ack`` (16 bits), ``sack`` and ``limit`` (32); False for one never sent."""
        ack = nearest(ack, self.base, 16)
        if ack > self.base + len(self._flights):
            return False
        if ack < self.base:
            return True
        arrived = [self._flights.popleft() for _ in range(ack - self.base)]
        self.base = ack
        if arrived:
            self._raise_limit(arrived[-1].end_cost + self._rx_buffer)
        if limit is not None:
            self._raise_limit(limit)
        fresh = [flight for flight in arrived if not flight.arrived]
        if sack:
            # the frame `ack` itself is missing: bit 0 is the one after it
            ahead = [flight for i, flight in enumerate(self._flights) if i and sack >> (i - 1) & 1]
            fresh += [flight for flight in ahead if not flight.arrived]
        if fresh:
            self._progress(fresh, now_us)
        return True

    def _raise_limit(self, limit: int) -> None:
        more = (limit - self._limit) & 0xFFFFFFFF
        if more <= self._sent_cost + self._rx_buffer - self._limit:
            self._limit += more

    def _progress(self, fresh: list[Flight], now_us: int) -> None:
        for flight in fresh:
            flight.arrived, flight.lost = True, False
        self._progress_us = now_us
        once = [flight for flight in fresh if flight.times == 1]
        if not once:
            return  # which of its transmissions arrived is not known, nor how long that took
        self.round_trip.acknowledged()
        latest = max(once, key=lambda flight: flight.transmission)
        for flight in self._flights:
            if flight.transmission < latest.transmission and not flight.arrived:
                flight.lost = True
        self.round_trip.measured(now_us - latest.sent_us)

    def take(self, now_us: int) -> tuple[int, Outgoing, bool] | None:
        """Return the number, message and whether it was sent before, of what is to be transmitted now."""
        for i, flight in enumerate(self._flights):
            if flight.lost:
                return self._transmitted(self.base + i, flight, now_us)
        if not self._may_start():
            return None
        out = self._queue.popleft()
        self._sent_cost += out.cost
        self._flights.append(Flight(out, self._sent_cost))
        return self._transmitted(self.base + len(self._flights) - 1, self._flights[-1], now_us)

    def _transmitted(self, number: int, flight: Flight, now_us: int) -> tuple[int, Outgoing, bool]:
        self._transmissions += 1
        flight.transmission, flight.sent_us, flight.lost = self._transmissions, now_us, False
        flight.times += 1
        return number, flight.out, flight.times > 1

    def _may_start(self) -> bool:
        if not self._queue or len(self._flights) >= self._window:
            return False
        return self._sent_cost + self._queue[0].cost <= self._limit

    @property
    def ready(self) -> bool:
        """Whether `take` has something."""
        return self._may_start() or any(flight.lost for flight in self._flights)

    @property
    def expires_us(self) -> int | None:
        """When the oldest frame is to be sent again, or None where it is not on the line."""
        # the oldest may have arrived: the other end's user puts it off
        if not self._flights or self._flights[0].lost or self._flights[0].arrived:
            return None
        return max(self._flights[0].sent_us, self._progress_us) + self.round_trip.timeout_us

    def expire(self, now_us: int) -> None:
        """Send the oldest frame again if it has waited too long; all of them if that happens time after time."""
        expires_us = self.expires_us
        if expires_us is not None and now_us >= expires_us:
            for flight in self._flights if self.round_trip.doubled else [self._flights[0]]:
                flight.lost = not flight.arrived
            self.round_trip.expired()
