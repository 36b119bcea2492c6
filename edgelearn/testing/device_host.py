"""A host for tests of devices: one end of the link over any line, with hands on every byte, id and message."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from edgelearn.closing import Closing
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.connection import Connection, Identity, Missing, Opened, Received, Refused
from firmware_bridge.protocol.constants import CODES, ROLE_HOST, STREAM
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.protocol.events import Event
from firmware_bridge.protocol.frame import Frame
from firmware_bridge.protocol.sender import Outgoing

T = TypeVar("T")
TURN_S = 0.005
PATIENCE_S = 10.0  # that a device may take for what it should do at once
_CODE_NAMES = {number: name for name, number in CODES.items()}


class Line(Protocol):
    """What carries the bytes; `firmware_bridge.transport.open_port` returns one."""

    def read(self, timeout_s: float) -> bytes: ...
    def write(self, data: bytes) -> int: ...
    def room(self) -> int: ...
    def close(self) -> None: ...


class Clock(Protocol):
    """The time that host and device go by; one that is not this machine's is `edgelearn.emulator.boards.virtual`."""

    def now_us(self) -> int: ...
    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """This machine's time."""

    def now_us(self) -> int:
        """Return microseconds that never go back."""
        return time.monotonic_ns() // 1000

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


WALL = WallClock()


class Probe(Connection):
    """An end that can also send what is no message, and sees windows that are not due."""

    heard = 0  # windows on the line, whether they were due or not

    def send_raw(self, number: int, payload: bytes) -> None:
        """Send a reliable message of this number that holds these bytes."""
        self._sender.send(Outgoing(None, number, payload))

    def _take(self, frame: Frame, number: int, now_us: int, events: list[Event]) -> None:
        self.heard += frame.kind == STREAM and frame.type == m.TYPES[m.Window]
        super()._take(frame, number, now_us, events)


class Host(Closing):
    """Opens a session at once; every answer that does not come within `PATIENCE_S` is an AssertionError.

    ``entropy`` draws its boot id and its half of a session's key.
    """

    def __init__(
        self,
        open_line: Callable[[], Line],
        key: bytes | None = None,
        *,
        wait: bool = True,
        clock: Clock = WALL,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._open_line, self.clock = open_line, clock
        boot = int.from_bytes(entropy(4), "little") | 1
        self.link = Probe(Identity(ROLE_HOST, boot), key=key, entropy=entropy)
        self.said: list[Any] = []  # messages from the device that nobody took yet
        self.windows: list[m.Window] = []
        self.missing = 0  # windows the device said are lost
        self.sessions: list[Opened] = []
        self.refused: list[str] = []
        self.sent = bytearray()  # every byte, for who wants to say it again
        self.plug()
        if wait:
            self._open()

    def _open(self) -> None:
        try:
            self.until(lambda: self.sessions or None, "a session opens")
        except AssertionError:
            self.close()
            raise
        self.next_id = self.hello.applied + 1

    @property
    def hello(self) -> m.Hello:
        """The device's latest."""
        hello: m.Hello = self.sessions[-1].hello
        return hello

    # -- the line ---------------------------------------------------------------------------------------

    def plug(self) -> None:
        """Open the line."""
        self.line = self._open_line()
        self.link.connected(self.clock.now_us())

    def unplug(self) -> None:
        """Close the line; the session is remembered."""
        self.line.close()
        self.link.disconnected(self.clock.now_us())

    def write(self, data: bytes) -> None:
        """Put bytes on the line past the link."""
        while data:
            taken = self.line.write(data[: max(self.line.room(), 1)])
            data = data[taken:]
            if not taken:
                self._hear(TURN_S)

    def flush(self) -> None:
        """Put on the line what the link has to say, and hear nothing."""
        while out := self.link.transmit(self.clock.now_us(), 4096):
            self.sent += out
            self.write(out)

    def turn(self, seconds: float = TURN_S) -> None:
        """Say what is to be said, then hear for at most so long."""
        self.flush()
        self._hear(seconds)

    def rest(self, seconds: float) -> None:
        """Take turns for so long."""
        end_us = self.clock.now_us() + seconds * 1e6
        while self.clock.now_us() < end_us:
            self.turn()

    def until(self, done: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
        """Take turns until ``done`` returns something; raises AssertionError that says what did not come."""
        end_us = self.clock.now_us() + patience_s * 1e6
        while True:
            if (found := done()) is not None:
                return found
            if self.clock.now_us() > end_us:
                raise AssertionError(f"device: {what} within {patience_s:g} s (it did not)")
            self.turn()

    def _hear(self, seconds: float) -> None:
        data = self.line.read(seconds)
        now_us = self.clock.now_us()
        for event in [*self.link.receive(data, now_us), *self.link.poll(now_us)]:
            if isinstance(event, Opened):
                self.sessions.append(event)
            elif isinstance(event, Refused):
                self.refused.append(event.reason)
            elif isinstance(event, Missing):
                self.missing += event.count
            elif isinstance(event, Received):
                (self.windows if isinstance(event.message, m.Window) else self.said).append(event.message)

    # -- commands ---------------------------------------------------------------------------------------

    def take_id(self) -> int:
        """Return the next id."""
        self.next_id += 1
        return self.next_id - 1

    def ask(self, kind: Callable[..., Any], *values: Any, number: int | None = None) -> Any:
        """Send a command, by default with the next id, and return what answers it."""
        given = self.take_id() if number is None else number
        self.link.send(kind(given, *values))
        return self.answer(given)

    def answer(self, number: int) -> Any:
        """Return what answers the command of this id."""
        return self.until(lambda: self._taken(number), f"command {number} is answered")

    def time_reply(self) -> m.TimeReply | None:
        """Return a TIME_REPLY that has come."""
        for at, message in enumerate(self.said):
            if isinstance(message, m.TimeReply):
                del self.said[at]
                return message
        return None

    def _taken(self, number: int) -> Any:
        for at, message in enumerate(self.said):
            if getattr(message, "id", None) == number:
                return self.said.pop(at)
        return None

    def code(self, kind: Callable[..., Any], *values: Any, number: int | None = None) -> tuple[str, int]:
        """Send a command and return the code, by name, and the detail of its DONE."""
        reply = self.ask(kind, *values, number=number)
        if not isinstance(reply, m.Done):
            return type(reply).__name__, 0
        return _CODE_NAMES.get(reply.code, str(reply.code)), reply.detail

    def state(self) -> bytes:
        """Return the whole state of the device."""
        data, total = b"", 1
        while len(data) < total:
            part = self.ask(m.ReadState, len(data), 4096)
            if not isinstance(part, m.State) or not part.data:
                raise AssertionError(f"device: READ_STATE at {len(data)} gives bytes, not {part!r}")
            data, total = data + part.data, part.total
        return data

    def write_state(self, state: bytes) -> None:
        """Hand over a state, without committing it."""
        most = self.hello.mtu - m.FORMS[m.WriteState].fixed.size
        for at in range(0, len(state), most):
            code = self.code(m.WriteState, at, state[at : at + most])
            if code[0] != "OK":
                raise AssertionError(f"device: WRITE_STATE at {at} is taken, not answered {code}")

    def counters(self) -> m.Counters:
        """Return what the device counted."""
        found: m.Counters = self.ask(m.Statistics)
        return found

    def close(self) -> None:
        """Leave; may be called again."""
        with suppress(PortError):
            self.line.close()
