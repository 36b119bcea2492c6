"""What stands behind a `Device`: commands and answers over a link that comes and goes, windows, the device's clock."""

import threading
from collections.abc import Callable
from typing import Any

from firmware_bridge.identity import Identity
from firmware_bridge.ledger import Call, Ledger
from firmware_bridge.link import Link
from firmware_bridge.notices import Notice, Refused, Restarted, Resumed, Silent, Unplugged
from firmware_bridge.protocol import events as heard
from firmware_bridge.protocol import messages as wire
from firmware_bridge.protocol.clock import Clock
from firmware_bridge.protocol.connection import Connection
from firmware_bridge.protocol.constants import FRAME_COST, ROLE_HOST
from firmware_bridge.protocol.errors import (
    BridgeError,
    CommandError,
    DeadlineError,
    FrameError,
    PortError,
    RefusedError,
)
from firmware_bridge.timing import Timing
from firmware_bridge.transport import Port, open_port
from firmware_bridge.windows import Window, Windows

PENDING_MAX = 256  # commands without an answer; more wait in the caller
REFUSAL_GRACE_S = 0.3  # a HELLO meant for an earlier host may still be on the line


def payload_max(hello: wire.Hello) -> int:
    """Return the largest message the device takes, in bytes."""
    return min(hello.mtu, hello.rx_buffer - FRAME_COST)


class Session:
    """Thread-safe. ``changed`` guards all of it; the link holds it while it handles what came.

    It lives by ``time``, its port's: this machine's, or virtual; then it has no thread, and who waits turns the link.
    """

    def __init__(
        self, url: str, baud: int, key: bytes | None, timeout_s: float, notice: Callable[[Notice], object]
    ) -> None:
        self.url, self.timeout_s, self.key = url, timeout_s, key
        self.changed = threading.Condition()
        self.ledger, self.windows, self.timing = Ledger(), Windows(), Timing(Clock)
        self.hello: wire.Hello | None = None
        self.unplugged = 0
        self.setup: dict[type[Any], tuple[Any, ...]] = {}  # what a restarted device is told again
        self._notice = notice
        self._identity = Identity(url)
        port = open_port(url, baud)
        self.time = port.time
        boot = int.from_bytes(self.time.entropy(4), "little") or 1
        identity = heard.Identity(ROLE_HOST, boot, firmware=b"host")
        self.connection = Connection(identity, key=key, entropy=self.time.entropy)
        self.link = Link(
            self.connection,
            self.time,
            lambda: open_port(url, baud),
            self._handle,
            self._feed,
            self._port_changed,
            self._crashed,
        )
        self._gone_s: float | None = None  # since when the device cannot be reached
        self._reopened = False
        self._heard_s = 0.0
        self._refusal = ""
        self._failure: BridgeError | None = None
        self._open(port)

    def command(self, kind: type[Any], *fields: Any, quiet: bool = False) -> Call:
        """Send a command; waits while too many have no answer. Raises FrameError for one the device cannot take."""
        with self.changed:
            self._until(lambda: len(self.ledger.pending) < PENDING_MAX, kind.__name__)
            if self._failure is not None:
                raise self._failure
            self._check_size(kind, fields)
            call = self.ledger.issue(kind, *fields, quiet=quiet)
        self.link.wake()
        return call

    def wait(self, call: Call) -> Any:
        """Return the answer; raises CommandError, RefusedError, DeadlineError (none came for ``timeout_s``)."""
        with self.changed:
            self._until(lambda: call.done, type(call.message).__name__)
        if call.error is not None:
            raise call.error
        return call.answer

    def flush(self) -> None:
        """Wait until every command has its answer; raises the first refusal of those nobody waited for."""
        with self.changed:
            self._until(lambda: not self.ledger.pending, "what was sent")
            if self._failure is not None:
                self.ledger.abandoned = 0
                raise self._failure
        refused, _ = self.untold()
        if refused is not None:
            raise refused

    def untold(self) -> tuple[CommandError | None, int]:
        """Return, once, the first refusal of commands nobody waited for, and how many of them were given up."""
        with self.changed:
            refused, abandoned = self.ledger.failed, self.ledger.abandoned
            self.ledger.failed, self.ledger.abandoned = None, 0
        return refused, abandoned

    def window(self, timeout_s: float | None) -> Window | None:
        """Return the next window; None at the deadline, and when the stream is off or the session closed."""
        with self.changed:
            end_s = None if timeout_s is None else self._now_s() + timeout_s
            while True:
                window = self.windows.take()
                if window is not None:
                    return window
                if isinstance(self._failure, RefusedError):
                    raise self._failure
                left_s = None if end_s is None else end_s - self._now_s()
                if self.ended or not self.streaming or (left_s is not None and left_s <= 0):
                    return None
                self.time.wait(self.changed, left_s)

    @property
    def streaming(self) -> bool:
        """Whether windows were asked for and not stopped, or nothing was said of them."""
        return self.setup.get(wire.Stream) != (0,)

    @property
    def ended(self) -> bool:
        """Whether the session was closed, or cannot go on."""
        return self._failure is not None

    def close(self) -> None:
        """End the link and the port; calls that wait end with PortError."""
        self._fail(PortError(f"{self.url} was closed"))
        self.link.stop()

    def _open(self, port: Port) -> None:
        self.link.start(port)
        try:
            with self.changed:
                self._until(lambda: self.hello is not None, "HELLO")
        except BaseException:
            self.close()
            raise

    def _until(self, ready: Callable[[], bool], what: str) -> None:
        """Wait (lock held) until ``ready``; raises what ended the session, or DeadlineError."""
        start_s, damaged = self._now_s(), self.connection.counters.bad_frames
        while not ready():
            if self._failure is not None:
                raise self._failure
            now_s = self._now_s()
            left_s = max(start_s, self._heard_s) + self.timeout_s - now_s
            if self._refusal and self.connection.state != "open":
                left_s = min(left_s, start_s + REFUSAL_GRACE_S - now_s)
            if left_s <= 0:
                raise self._late(what, self.connection.counters.bad_frames - damaged)
            self.time.wait(self.changed, left_s)

    def _late(self, what: str, damaged: int) -> BridgeError:
        if self._refusal:
            return RefusedError(self._refusal)
        waited = f"{what} had no answer from {self.url} for {self.timeout_s:g} s"
        if self.hello is None:
            check = "is the device powered, is the baud rate the firmware's, does it run this firmware?"
            if self.connection.counters.bad_frames:
                check = f"what arrives are no frames of this link ({check})"
            return DeadlineError(f"{waited}: {check}")
        if self._gone_s is not None:
            return DeadlineError(
                f"{waited}: it is unplugged or silent; check cable and power. What was sent is carried out "
                "when it is back, once, unless this device is closed before"
            )
        if damaged:
            return DeadlineError(
                f"{waited}: the link is up, but {damaged} frames came damaged meanwhile; "
                "check cable, ground and baud rate, or wait longer"
            )
        return DeadlineError(f"{waited}: the link is up, the firmware is busy or stuck; reset the device")

    def _check_size(self, kind: type[Any], fields: tuple[Any, ...]) -> None:
        assert self.hello is not None
        size, most = len(wire.encode(kind(0, *fields))), payload_max(self.hello)
        if size > most:
            raise FrameError(
                f"{kind.__name__} has {size} bytes, the device takes {most} at most: "
                "send less at once, or build the firmware with a larger EL_MTU"
            )

    def _feed(self, now: int) -> int | None:
        """Hand the link what is to be sent (in its turn); return when to be asked again."""
        with self.changed:
            if self.connection.state != "open" or self._failure is not None:
                return None
            for message in self.ledger.take():
                self.connection.send(message)
            request = self.timing.request(now)
            if request is not None:
                self.connection.note(request)
            return self.timing.due_us

    def _handle(self, events: list[Any]) -> None:
        now = self.time.now_us()
        with self.changed:
            for event in events:
                if self._failure is None:
                    self._event(event, now)
            self.changed.notify_all()

    def _event(self, event: Any, now: int) -> None:
        match event:
            case heard.Received(message):
                self._received(message, now)
            case heard.Missing(_, count):
                self.windows.lost(count)
            case heard.Opened(hello, resumed, _):
                self._opened(hello, resumed)
            case heard.Refused(reason):
                self._refusal = reason
                self._notice(Refused(reason))
            case heard.Lost(reason):
                self._gone_s = self._gone_s or now / 1e6
                self._notice(Silent(reason))

    def _received(self, message: wire.Message, now: int) -> None:
        match message:
            case wire.Window():
                time_us = self.timing.host_us(message.time_us, now)
                self.windows.add(message, time_us / 1e6)
            case wire.TimeReply():
                self.timing.reply(message, now)
            case wire.Done() | wire.Prediction() | wire.State() | wire.Counters():
                if self.ledger.answered(message):
                    self._heard_s = now / 1e6

    def _opened(self, hello: wire.Hello, resumed: bool) -> None:
        if other := self._identity.other(hello, self._reopened):
            self._fail(RefusedError(other))
            return
        first, now_s = self.hello is None, self._now_s()
        after_s = now_s - (self._gone_s or now_s)
        self.hello, self._gone_s, self._reopened, self._refusal = hello, None, False, ""
        if first:
            self.ledger.start(hello.applied)
        elif resumed:
            self._notice(Resumed(after_s, now_s))
        else:
            self._restarted(hello.applied, now_s)
        if not resumed:
            self.timing = Timing(Clock)

    def _restarted(self, applied: int, now_s: float) -> None:
        lost = self.ledger.restarted(applied)
        self._notice(Restarted(lost, len(self.ledger.pending), now_s))
        for kind, fields in self.setup.items():
            self.ledger.issue(kind, *fields, quiet=True)

    def _port_changed(self, port: Port | None, reason: str) -> None:
        if port is None:
            with self.changed:
                self.unplugged += 1
                self._gone_s = self._gone_s or self._now_s()
                self._reopened = True
            self._notice(Unplugged(reason, self._now_s()))

    def _crashed(self, error: Exception) -> None:
        self._fail(PortError(f"the link of {self.url} broke ({error!r}); connect again"))

    def _now_s(self) -> float:
        return self.time.now_us() / 1e6

    def _fail(self, error: BridgeError) -> None:
        with self.changed:
            if self._failure is None:
                self._failure = error
                self.ledger.fail(error)
            self.changed.notify_all()
        if isinstance(error, RefusedError):
            self.link.stop()
