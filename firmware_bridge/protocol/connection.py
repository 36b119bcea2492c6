"""One end of the link: bytes and times in, events and bytes out. `SPEC.md` says what travels.

Rule 1. No port, no thread, no clock: every time is an argument, whole microseconds that never go back.
Rule 2. Nothing grows without end by what the other end sends.
Rule 3. `transmit` writes, in this order: HELLO, ACK when due, notes, messages again, new messages, the stream.
"""

import os
from collections import deque
from collections.abc import Callable
from typing import Literal

from firmware_bridge.protocol import auth, messages
from firmware_bridge.protocol.constants import (
    ACK,
    CHECK_BYTES,
    CODES,
    DATA,
    FLAG_OPEN,
    FRAME_COST,
    HEADER_BYTES,
    HELLO,
    KEY_BYTES,
    NOTE,
    ROLE_DEVICE,
    ROLE_HOST,
    STREAM,
    TAG_BYTES,
    WINDOW_MAX,
)  # fmt: skip
from firmware_bridge.protocol.errors import FrameError, MalformedError
from firmware_bridge.protocol.events import Counts, Event, Identity, Lost, Missing, Opened, Received, Refused
from firmware_bridge.protocol.frame import DELIMITER, Damage, Decoder, Frame, checked, encode
from firmware_bridge.protocol.handshake import Handshake, Verdict
from firmware_bridge.protocol.messages import (
    TYPES,
    Ack,
    Done,
    Gap,
    Hello,
    Message,
    TimeReply,
    TimeRequest,
    Window,
)
from firmware_bridge.protocol.receiver import Receiver
from firmware_bridge.protocol.sender import Outgoing, Sender, nearest, outgoing
from firmware_bridge.protocol.timers import Timers
from firmware_bridge.protocol.windows import WindowReceiver

__all__ = ["Connection", "Counts", "Event", "Identity", "Lost", "Missing", "Opened", "Received", "Refused"]

DONE_BYTES = messages.FORMS[Done].fixed.size
HELLO_BYTES = messages.FORMS[Hello].fixed.size
NOTES_MAX = 8  # kept for the line; the oldest goes
ANSWERS_MAX = 64  # messages a device has waiting before it takes no further command
ID_BYTES = 4  # of a command or its answer, first in its payload
FIRST_COMMAND = 16  # number of the first message that is a command or its answer


class Connection:
    """One end of the link. Not safe for several threads at once."""

    def __init__(
        self,
        identity: Identity,
        *,
        window: int = WINDOW_MAX,
        key: bytes | None = None,
        entropy: Callable[[int], bytes] = os.urandom,
        stream: Callable[[], Window | Gap | None] | None = None,
    ) -> None:
        """``window``: messages under way at once, 1 … 32; ``key``: 32 bytes both ends share, or None;
        ``stream`` is asked for the next window when the line is free. Raises ValueError for values no link can have."""
        if not 1 <= window <= WINDOW_MAX or identity.mtu < HELLO_BYTES or not 0 < identity.boot < 2**32:
            raise ValueError(
                f"window is 1 to {WINDOW_MAX}, mtu at least {HELLO_BYTES}, boot 1 to 2**32 - 1: "
                f"not {window}, {identity.mtu}, {identity.boot}"
            )
        if key is not None and len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._identity, self._stream = identity, stream
        self._tag_bytes = TAG_BYTES if key else 0
        self._decoder = Decoder(HEADER_BYTES + identity.mtu + self._tag_bytes + CHECK_BYTES)
        self._handshake = Handshake(identity, key, entropy)
        self._sender, self._receiver = Sender(window), Receiver(identity.rx_buffer)
        self._windows = WindowReceiver()
        self._timers = Timers()
        self._notes: deque[Outgoing] = deque(maxlen=NOTES_MAX)
        self._pending = b""  # bytes of a frame begun
        self._ack_due = False
        self._next_window: int | None = None
        self._told: str | None = None  # the refusal told last
        self.applied = identity.applied
        self.state: Literal["closed", "open"] = "closed"
        self.peer: Hello | None = None
        self.counters = Counts()

    @property
    def waiting(self) -> int:
        """Messages not yet acknowledged, queued ones included."""
        return self._sender.waiting

    @property
    def round_trip_us(self) -> int | None:
        """Smoothed time from sending a message to its acknowledgement, or None before the first."""
        return self._sender.round_trip.smoothed_us

    def connected(self, now_us: int) -> None:
        """The line is there, or there again."""
        self._closed()
        self._told = None
        self._decoder.clear()
        self._pending = DELIMITER
        self._timers.connected(now_us)

    def disconnected(self, now_us: int) -> None:  # noqa: ARG002 (every call of this class has its time)
        """The line is gone; the session is remembered."""
        self._closed()
        self._pending = b""
        self._timers.disconnected()

    def send(self, message: Message) -> None:
        """Queue a message that arrives once and in order, or comes back in `Opened.returned`.

        Raises FrameError where it is larger than the other end takes (known once it has opened), MalformedError for
        a value its field cannot hold.
        """
        self._sender.send(self._fitting(message))

    def note(self, message: Message) -> None:
        """Send a message that may be lost; raises as `send`."""
        self._notes.append(self._fitting(message))

    def receive(self, data: bytes, now_us: int) -> list[Event]:
        """Take bytes from the line, any number; return what they mean."""
        events: list[Event] = []
        for raw in self._decoder.feed(data):
            if raw is Damage.OVERSIZE:
                self.counters.oversize += 1
            elif isinstance(raw, Damage):
                self.counters.bad_frames += 1
            else:
                self._frame(raw, now_us, events)
        return events

    def poll(self, now_us: int) -> list[Event]:
        """Look at the timers; return what they mean."""
        if self.state == "open":
            self._sender.expire(now_us)
            if self._timers.dead(now_us):
                self._closed()
                self._timers.call(now_us)
                return [Lost("nothing was heard for a second: the session is kept and the other end called")]
        return []

    def transmit(self, now_us: int, room: int) -> bytes:
        """Return at most ``room`` bytes for the line; a frame may end in the next call."""
        parts, size = [self._pending], len(self._pending)
        while size < room and (frame := self._next_frame(now_us)):
            parts.append(frame)
            size += len(frame)
            self.counters.frames_sent += 1
            self._timers.sent(now_us)
        out = b"".join(parts)
        self._pending = out[max(room, 0) :]
        return out[: max(room, 0)]

    def wake_us(self, now_us: int) -> int | None:
        """Return when `poll` and `transmit` want to be called at the latest, or None for never."""
        if self._pending or (self.state == "open" and (self._ack_due or self._notes or self._sender.ready)):
            return now_us
        wake_us = self._timers.wake_us(self.state == "open")
        expires_us = self._sender.expires_us if self.state == "open" else None
        times = [time_us for time_us in (wake_us, expires_us) if time_us is not None]
        return max(min(times), now_us) if times else None

    # what is sent

    def _fitting(self, message: Message) -> Outgoing:
        out = outgoing(message)
        if self.peer is not None and len(out.payload) > self._payload_max(self.peer):
            raise FrameError(
                f"{type(message).__name__} has {len(out.payload)} bytes, the other end takes "
                f"{self._payload_max(self.peer)}: send it in parts"
            )
        return out

    @staticmethod
    def _payload_max(peer: Hello | None) -> int:
        return int(min(peer.mtu, peer.rx_buffer - FRAME_COST)) if peer else 0

    def _next_frame(self, now_us: int) -> bytes | None:
        is_open = self.state == "open"
        if self._timers.hello_due(now_us):
            hello = self._handshake.hello(is_open, self.applied)
            self._timers.said_hello(now_us)
            return encode(HELLO, TYPES[Hello], 0, 0, messages.encode(hello), 0)
        if not is_open:
            return None
        if self._ack_due and (self._receiver.must_tell or not self._sender.ready):
            return self._ack()
        if self._notes:
            out = self._notes.popleft()
            return self._encoded(NOTE, out.type, 0, out.payload)
        if (data := self._sender.take(now_us)) is not None:
            number, out, again = data
            self.counters.resent += again
            self._ack_due = False
            return self._encoded(DATA, out.type, number, out.payload)
        return self._next_of_stream(now_us)

    def _next_of_stream(self, now_us: int) -> bytes | None:
        message = self._stream() if self._stream else None
        if message is None and self._timers.keepalive_due(now_us):
            if self._next_window is None:
                return self._ack()
            message = Gap(self._next_window)
        if message is None:
            return None
        following = message.next if isinstance(message, Gap) else message.index + 1
        self._next_window = following & 0xFFFFFFFF
        out = outgoing(message)
        return self._encoded(STREAM, out.type, 0, out.payload)

    def _ack(self) -> bytes:
        self._ack_due = False
        return self._encoded(ACK, TYPES[Ack], 0, messages.encode(self._receiver.ack()))

    def _encoded(self, kind: int, number: int, seq: int, payload: bytes) -> bytes:
        session, ack, role = self._handshake.session, self._receiver.expected, self._identity.role
        assert session is not None, "open without a session"
        key = session.key
        if key is None:
            return encode(kind, number, seq, ack, payload, session.number)
        return encode(
            kind, number, seq, ack, payload, session.number,
            lambda header, payload: auth.tag(key, role, seq, ack, header, payload),
        )  # fmt: skip

    # what is heard

    def _frame(self, raw: bytes, now_us: int, events: list[Event]) -> None:
        hello = checked(raw, 0)
        if hello is not None and hello.kind == HELLO:
            self.counters.frames_received += 1
            return self._hello(hello, now_us, events)
        session = self._handshake.session
        frame = checked(raw, session.number, self._tag_bytes) if session else None
        if session is None or frame is None:
            self.counters.bad_frames += 1
            return None
        number = nearest(frame.seq, self._receiver.expected, 16) if frame.kind == DATA else 0
        if session.key is not None and not self._genuine(frame, number, session.key):
            self.counters.bad_tag += 1
            return None
        self.counters.frames_received += 1
        if self.state == "closed" or frame.kind not in (DATA, STREAM, ACK, NOTE):
            self.counters.unexpected += 1
            return None
        self._timers.heard(now_us)
        self._take(frame, number, now_us, events)
        return None

    def _genuine(self, frame: Frame, number: int, key: bytes) -> bool:
        ack = nearest(frame.ack, self._sender.base, 16)
        other = ROLE_HOST if self._identity.role == ROLE_DEVICE else ROLE_DEVICE
        return auth.equal(auth.tag(key, other, number, ack, frame.header, frame.payload), frame.tag)

    def _take(self, frame: Frame, number: int, now_us: int, events: list[Event]) -> None:
        message = None
        if frame.kind != DATA:
            message = self._decoded(frame)
        told = message if isinstance(message, Ack) else Ack(0, 0)
        limit = told.limit if message is told else None
        if not self._sender.acknowledged(frame.ack, now_us, told.sack, limit):
            self.counters.unexpected += 1
        if frame.kind == DATA:
            self.counters.duplicates += not self._receiver.arrived(number, frame.type, frame.payload)
            self._ack_due = True
        elif isinstance(message, Window | Gap):
            events += self._windows.take(message)
        elif message is not None and message is not told:
            events.append(Received(message))
        self._deliver(events)

    def _decoded(self, frame: Frame) -> Message | None:
        kinds = {STREAM: (Window, Gap), ACK: (Ack,), NOTE: (TimeRequest, TimeReply)}[frame.kind]
        try:
            message = messages.decode(frame.type, frame.payload)
        except MalformedError:
            message = None
        if isinstance(message, kinds):
            return message
        self.counters.malformed += 1
        return None

    def _deliver(self, events: list[Event]) -> None:
        while self._takes_commands and (item := self._receiver.deliver()) is not None:
            self._ack_due = True
            number, payload = item
            try:
                message = messages.decode(number, payload)
            except MalformedError:
                message = None
            if message is not None and number >= FIRST_COMMAND:
                events.append(Received(message))
            else:
                self._malformed(number, payload)

    @property
    def _takes_commands(self) -> bool:
        # a host always takes: were both ends to wait for the other to take answers, both would wait for ever
        return self._identity.role == ROLE_HOST or self._sender.waiting < ANSWERS_MAX

    def _malformed(self, number: int, payload: bytes) -> None:
        self.counters.malformed += 1
        answers = self._identity.role == ROLE_DEVICE and self._payload_max(self.peer) >= DONE_BYTES
        if answers and number >= FIRST_COMMAND and len(payload) >= ID_BYTES:
            code = CODES["MALFORMED" if number in messages.NUMBERED else "UNKNOWN"]
            self.send(Done(int.from_bytes(payload[:ID_BYTES], "little"), code, 0))

    # sessions

    def _hello(self, frame: Frame, now_us: int, events: list[Event]) -> None:
        reason = self._handshake.refusal(frame.payload)
        if reason is None:
            try:
                hello = messages.decode(frame.type, frame.payload)
            except MalformedError:
                hello = None
            if not isinstance(hello, Hello):
                self.counters.malformed += 1
                return
            reason = self._handshake.mismatch(hello)
        if reason is not None:
            self.counters.refused_hello += 1
            self._timers.answer(now_us, at_once=False)
            self._refuse(reason, events)
            return
        self._judge(hello, now_us, events)

    def _judge(self, hello: Hello, now_us: int, events: list[Event]) -> None:
        verdict, news = self._handshake.judge(hello, self.state == "open")
        fitted = verdict in (Verdict.SAME, Verdict.NEW)
        if verdict is Verdict.NEW:
            returned = self._sender.restart(hello.rx_buffer)
            self._receiver.restart()
            self._notes.clear()
            self._opened(Opened(hello, False, returned), now_us, events)
        elif verdict is Verdict.SAME and self.state == "closed":
            self._sender.resume()
            self._opened(Opened(hello, True, []), now_us, events)
        elif verdict is Verdict.WRONG:
            self.counters.bad_tag += 1
            if self._handshake.wrong_key:
                self._refuse("the other end has another key: give both the same", events)
        if fitted:
            self.peer = hello
        if fitted and hello.flags & FLAG_OPEN:
            self._timers.heard(now_us)
        else:
            self._timers.answer(now_us, at_once=news or fitted)

    def _opened(self, opened: Opened, now_us: int, events: list[Event]) -> None:
        self.state, self._told = "open", None
        self._windows.boot(opened.hello.boot)
        self._ack_due = True
        self._timers.opened(now_us)
        events.append(opened)

    def _closed(self) -> None:
        self.state = "closed"
        self._handshake.forget_heard()

    def _refuse(self, reason: str, events: list[Event]) -> None:
        if reason != self._told:
            self._told = reason
            events.append(Refused(reason))
