"""When one end has to speak, and when the other has been silent too long. `SPEC.md`, 3; all times in microseconds."""

from firmware_bridge.protocol.constants import DEAD_AFTER_US, HELLO_EVERY_US, KEEPALIVE_US


class Timers:
    """Times of one end; nothing is due while the line is not there."""

    def __init__(self) -> None:
        self._there = False
        self._calling = False  # HELLO again and again: closed, or not yet sure that the other end is open
        self._said_us: int | None = None  # latest HELLO
        self._answer_us: int | None = None  # a HELLO owed
        self._sent_us = self._heard_us = 0

    def connected(self, now_us: int) -> None:
        """The line is there: call at once."""
        self._there = True
        self.call(now_us)

    def disconnected(self) -> None:
        """The line is gone."""
        self._there = False

    def call(self, now_us: int) -> None:
        """Say HELLO at once, and again until the other end is known to be open."""
        self._calling, self._answer_us = True, now_us

    def opened(self, now_us: int) -> None:
        """A session was opened; silence is counted from here, and HELLO said until the other end is known to be."""
        self._heard_us = now_us
        self._calling = True

    def heard(self, now_us: int) -> None:
        """Something of the session was heard: the other end is open."""
        self._heard_us = now_us
        self._calling = False

    def answer(self, now_us: int, at_once: bool) -> None:
        """A HELLO is owed: now, or when the latest is old enough."""
        due_us = now_us
        if not at_once and self._said_us is not None:
            due_us = max(now_us, self._said_us + HELLO_EVERY_US)
        self._answer_us = due_us if self._answer_us is None else min(due_us, self._answer_us)

    def said_hello(self, now_us: int) -> None:
        """A HELLO was sent."""
        self._said_us, self._answer_us = now_us, None

    def sent(self, now_us: int) -> None:
        """Any frame was sent."""
        self._sent_us = now_us

    def hello_due(self, now_us: int) -> bool:
        """Whether a HELLO is to be sent."""
        hello_us = self._hello_us
        return hello_us is not None and now_us >= hello_us

    def keepalive_due(self, now_us: int) -> bool:
        """Whether this end has been silent for too long."""
        return now_us >= self._sent_us + KEEPALIVE_US

    def dead(self, now_us: int) -> bool:
        """Whether the other end has been silent for too long."""
        return now_us >= self._heard_us + DEAD_AFTER_US

    def wake_us(self, is_open: bool) -> int | None:
        """Return when the next of these is due, or None for never."""
        times = [self._hello_us]
        if is_open:
            times += [self._sent_us + KEEPALIVE_US, self._heard_us + DEAD_AFTER_US]
        return min((time_us for time_us in times if time_us is not None), default=None)

    @property
    def _hello_us(self) -> int | None:
        if not self._there:
            return None
        again_us = self._said_us + HELLO_EVERY_US if self._calling and self._said_us is not None else None
        return min((time_us for time_us in (self._answer_us, again_us) if time_us is not None), default=None)
