"""What one end of a connection is, tells its user, and counts."""

from dataclasses import dataclass
from typing import NamedTuple

from firmware_bridge.protocol.messages import Hello, Message


class Identity(NamedTuple):
    """What this end says of itself in HELLO."""

    role: int
    boot: int  # not 0, never used before
    mtu: int = 512  # largest payload taken, bytes; 72 (a HELLO) at least
    rx_buffer: int = 65536  # credits given, bytes
    tick_hz: int = 1_000_000
    applied: int = 0
    layout: int = 0
    rule: int = 0
    number: int = 0
    n_pre: int = 0
    n_post: int = 0
    firmware: bytes = b""


class Opened(NamedTuple):
    """The other end is there. In a new session (not ``resumed``) nothing queued before is kept by the link."""

    hello: Hello
    resumed: bool
    returned: list[
        Message
    ]  # sent or queued and not acknowledged, oldest first; what of them arrived `applied` tells


class Received(NamedTuple):
    """A message; reliable ones in order, each once."""

    message: Message


class Missing(NamedTuple):
    """Windows ``first`` … ``first + count - 1`` will never come."""

    first: int
    count: int  # type: ignore[assignment]  # of windows, not tuple.count


class Refused(NamedTuple):
    """The other end cannot be talked to; the link goes on trying."""

    reason: str


class Lost(NamedTuple):
    """The other end has gone silent; the session is remembered."""

    reason: str


Event = Opened | Received | Missing | Refused | Lost


@dataclass(slots=True)
class Counts:
    """Counters of one end since it started, named as in the message `Counters`."""

    frames_sent: int = 0
    frames_received: int = 0
    resent: int = 0
    duplicates: int = 0
    bad_frames: int = 0
    oversize: int = 0
    bad_tag: int = 0
    unexpected: int = 0
    refused_hello: int = 0
    malformed: int = 0
