"""The link of the firmware with the methods of a `Connection`, so that both meet on the same wire."""

import ctypes
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from firmware_bridge.protocol import messages
from firmware_bridge.protocol.connection import Counts, Event, Identity, Opened, Received
from firmware_bridge.protocol.messages import TYPES, Gap, Hello, Message, Window
from firmware_bridge.protocol.windows import WindowReceiver
from tests.bridge.conftest import TRAPPED, Library, link_sources

GLUE = Path(__file__).parent / "glue.c"
PARTS = re.compile(rb"[^\0]*\0|[^\0]+")
COUNTERS = tuple(Counts.__slots__)
HELLO = Hello(
    0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, b"", b"", b""
)  # of a peer whose HELLO C does not show

Deliver = ctypes.CFUNCTYPE(
    ctypes.c_bool, ctypes.c_void_p, ctypes.c_uint8, ctypes.POINTER(ctypes.c_uint8), ctypes.c_uint16
)
Stream = ctypes.CFUNCTYPE(
    ctypes.c_uint16, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8), ctypes.POINTER(ctypes.c_uint8)
)
OpenedCall = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_bool)
Describe = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(ctypes.c_uint8))


class User(ctypes.Structure):
    """`el_link_user`."""

    _fields_ = (
        ("user", ctypes.c_void_p), ("deliver", Deliver), ("stream", Stream), ("opened", OpenedCall),
        ("describe", Describe),
    )  # fmt: skip


class Sizes(NamedTuple):
    """What a link is compiled with."""

    mtu: int = 512
    tx_slots: int = 2
    rx_slots: int = 1
    auth: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of the compiler."""
        sizes = (f"-DEL_MTU={self.mtu}", f"-DEL_TX_SLOTS={self.tx_slots}", f"-DEL_RX_SLOTS={self.rx_slots}")
        return (*sizes, f"-DEL_AUTH={int(self.auth)}")

    @property
    def name(self) -> str:
        """Name of what is compiled."""
        return f"link_{self.mtu}_{self.tx_slots}_{self.rx_slots}_{'auth' if self.auth else 'open'}"


def link_library(library: Library, sizes: Sizes) -> ctypes.CDLL:
    """Return the link of these sizes; undefined behaviour ends the process."""
    lib = library(sizes.name, [*link_sources(), GLUE], (*TRAPPED, *sizes.flags))
    lib.el_link_transmit.restype = lib.glue_size.restype = lib.glue_waiting.restype = ctypes.c_size_t
    lib.el_link_send.restype = lib.el_link_room.restype = lib.el_link_open.restype = ctypes.c_bool
    lib.el_link_mtu.restype = ctypes.c_uint16
    lib.glue_round_trip_us.restype = lib.glue_credit_left.restype = ctypes.c_uint32
    return lib


class CLink:
    """A `Connection` whose work is done in C. ``takes`` says whether the user takes a message now."""

    def __init__(
        self,
        lib: ctypes.CDLL,
        identity: Identity,
        *,
        key: bytes | None = None,
        stream: Callable[[], Window | Gap | None] | None = None,
        takes: Callable[[], bool] = lambda: True,
        now_us: int = 0,
    ) -> None:
        self._lib, self._stream, self._takes = lib, stream, takes
        self._memory = ctypes.create_string_buffer(lib.glue_size())
        self._link = ctypes.addressof(self._memory)
        self._events: list[Event] = []
        self._queue: deque[Message] = deque()
        self._kept: deque[Message] = deque()  # given to C, not acknowledged
        self._windows = WindowReceiver()
        self._putting_off = False
        self.applied = identity.applied
        self._user = User(
            None,
            Deliver(self._deliver),
            Stream(self._next_of_stream),
            OpenedCall(self._opened),
            Describe(lambda _user, hello: self._lib.glue_describe(hello, self.applied, identity.firmware)),
        )
        user = ctypes.byref(self._user)
        self._call("init", user, identity.role, identity.boot, key, now_us & 0xFFFFFFFF)

    def connected(self, now_us: int) -> None:
        """As of `Connection`."""
        self._call("connected", now_us & 0xFFFFFFFF)

    def disconnected(self, now_us: int) -> None:
        """C learns it from silence, or from `connected`."""

    def send(self, message: Message) -> None:
        """As of `Connection`."""
        self._queue.append(message)

    def receive(self, data: bytes, now_us: int) -> list[Event]:
        """As of `Connection`; frame by frame, so that what was acknowledged before a new session is known."""
        for part in PARTS.findall(data):
            self._call("receive", part, ctypes.c_size_t(len(part)), now_us & 0xFFFFFFFF)
            self._forget()
        return self._told()

    def poll(self, now_us: int) -> list[Event]:
        """As of `Connection`."""
        if self._putting_off:
            self._call("poke", now_us & 0xFFFFFFFF)
        return self._told()

    def transmit(self, now_us: int, room: int) -> bytes:
        """As of `Connection`."""
        while self._queue and self._send(self._queue[0]):
            self._kept.append(self._queue.popleft())
        out = ctypes.create_string_buffer(max(room, 1))
        n = self._call("transmit", out, ctypes.c_size_t(room), now_us & 0xFFFFFFFF)
        left = self._lib.glue_credit_left(ctypes.c_void_p(self._link))
        assert left < 2**32 - 2**16, "more was sent than there was credit for"
        return out.raw[:n]

    @property
    def state(self) -> Literal["closed", "open"]:
        """As of `Connection`."""
        return "open" if self._call("open") else "closed"

    @property
    def waiting(self) -> int:
        """As of `Connection`."""
        return len(self._queue) + len(self._kept)

    @property
    def mtu(self) -> int:
        """The largest payload the other end takes."""
        return int(self._call("mtu"))

    @property
    def round_trip_us(self) -> int | None:
        """As of `Connection`."""
        return self._lib.glue_round_trip_us(ctypes.c_void_p(self._link)) or None

    @property
    def counters(self) -> Counts:
        """As of `Connection`."""
        values = (ctypes.c_uint32 * len(COUNTERS))()
        self._lib.glue_counters(ctypes.c_void_p(self._link), values)
        return Counts(*values)

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._lib, f"el_link_{name}")(ctypes.c_void_p(self._link), *arguments)

    def _told(self) -> list[Event]:
        events, self._events = self._events, []
        return events

    def _forget(self) -> None:
        while len(self._kept) > self._lib.glue_waiting(ctypes.c_void_p(self._link)):
            self._kept.popleft()

    def _send(self, message: Message) -> bool:
        # in two parts, as the firmware does: fixed fields, then what they are about
        payload = messages.encode(message)
        head, body = payload[:4], payload[4:]
        return bool(self._call("send", TYPES[type(message)], head, len(head), body or None, len(body)))

    def _deliver(self, _user: int, number: int, at: Any, size: int) -> bool:
        message = messages.decode(number, ctypes.string_at(at, size))
        if isinstance(message, Window | Gap):
            self._events += self._windows.take(message)
            return True
        self._putting_off = not self._takes()
        if not self._putting_off:
            self._events.append(Received(message))
        return not self._putting_off

    def _next_of_stream(self, _user: int, number: Any, to: Any) -> int:
        message = self._stream() if self._stream else None
        if message is None:
            return 0
        payload = messages.encode(message)
        number[0] = TYPES[type(message)]
        ctypes.memmove(to, payload, len(payload))
        return len(payload)

    def _opened(self, _user: int, resumed: bool) -> None:
        returned = [] if resumed else [*self._kept, *self._queue]
        if not resumed:
            self._kept.clear()
            self._queue.clear()
        self._events.append(Opened(HELLO, resumed, returned))
