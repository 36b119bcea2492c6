"""Every message of the link, one class each: the table of which the C header is made.

A class is its wire format: fields in order, little-endian, without padding; a field of type `Rest` takes what is left
of the frame. ``encode`` and ``decode`` turn values into bytes and back; ``SCHEMA`` is the CRC-32 of the table, which
both ends compare in HELLO.
"""

import struct
import zlib
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from firmware_bridge.protocol.errors import MalformedError

U8 = Annotated[int, "B"]
U16 = Annotated[int, "H"]
U32 = Annotated[int, "I"]
U64 = Annotated[int, "Q"]
I16 = Annotated[int, "h"]
F32 = Annotated[float, "f"]
Bytes8 = Annotated[bytes, "8s"]
Bytes16 = Annotated[bytes, "16s"]
Rest = Annotated[bytes, "*"]


class Hello(NamedTuple):
    """Who an end is; the first three fields never change their place."""

    proto_min: U8
    proto_max: U8
    schema: U32
    role: U8
    flags: U8
    boot: U32
    peer: U32
    mtu: U16  # largest payload taken, bytes
    rx_buffer: U32  # credits given at the start, bytes
    tick_hz: U32  # resolution of the clock
    applied: U32  # id of the last command that changed what was learned
    layout: U32  # CRC-32 of the text that describes the state; 0: none
    rule: U8
    number: U8
    n_pre: U16
    n_post: U16
    firmware: Bytes16  # its name and version, UTF-8, zeros behind
    nonce: Bytes8
    proof: Bytes8


class Ack(NamedTuple):
    sack: U32
    limit: U32


class TimeRequest(NamedTuple):
    token: U32


class TimeReply(NamedTuple):
    token: U32
    device_us: U64


class Window(NamedTuple):
    index: U32  # type: ignore[assignment]  # not tuple.index
    time_us: U32  # of its first sample
    format: U8
    channels: U8
    count: U16  # type: ignore[assignment]  # samples a channel, also where features are sent
    data: Rest


class Gap(NamedTuple):
    next: U32


class Configure(NamedTuple):
    """Set how windows are made."""

    id: U32
    rate_hz: U32  # samples a second, per channel
    window: U16  # samples a channel
    channels: U8
    features: U8  # 0: raw


class Stream(NamedTuple):
    id: U32
    on: U8


class Predict(NamedTuple):
    id: U32
    x: Rest  # (n_pre,) of the head's number; empty: the latest window's features


class Learn(NamedTuple):
    id: U32
    label: I16  # NO_LABEL: learn without
    x: Rest  # (n_pre,)


class LearnLast(NamedTuple):
    """Teach what was predicted last."""

    id: U32
    label: I16


class Reward(NamedTuple):
    id: U32
    reward: F32


class ReadState(NamedTuple):
    id: U32
    offset: U32
    size: U16


class State(NamedTuple):
    id: U32
    offset: U32
    total: U32
    applied: U32  # a reader that sees it change starts again
    data: Rest


class WriteState(NamedTuple):
    """A part of a state, kept aside until it is committed."""

    id: U32
    offset: U32
    data: Rest


class CommitState(NamedTuple):
    """Take over, whole, and save what was written."""

    id: U32
    total: U32
    crc: U32
    layout: U32


class Save(NamedTuple):
    id: U32


class Reset(NamedTuple):
    id: U32
    what: U8


class Statistics(NamedTuple):
    id: U32


class Counters(NamedTuple):
    id: U32
    frames_sent: U32
    frames_received: U32
    resent: U32
    duplicates: U32
    bad_frames: U32
    oversize: U32
    bad_tag: U32
    unexpected: U32
    refused_hello: U32
    malformed: U32
    commands: U32
    windows_made: U32
    windows_dropped: U32
    learned: U32
    saves: U32


class Done(NamedTuple):
    id: U32
    code: U8
    detail: U32


class Prediction(NamedTuple):
    id: U32
    label: I16  # NO_LABEL where the head has no classes
    scores: Rest  # (n_post,) of the head's number


Message = Any  # one of the classes above

NUMBERED: dict[int, type[Any]] = {
    1: Hello, 2: Ack, 3: TimeRequest, 4: TimeReply, 5: Window, 6: Gap,
    16: Configure, 17: Stream, 18: Predict, 19: Learn, 20: LearnLast, 21: Reward,
    22: ReadState, 23: State, 24: WriteState, 25: CommitState, 26: Save, 27: Reset, 28: Statistics,
    29: Counters, 30: Done, 31: Prediction,
}  # fmt: skip
TYPES = {kind: number for number, kind in NUMBERED.items()}


class Form(NamedTuple):
    fields: tuple[tuple[str, str], ...]  # name, struct code; "*" for the rest
    fixed: struct.Struct
    rest: bool


def _form(kind: type[Any]) -> Form:
    hints = get_type_hints(kind, include_extras=True)
    fields = tuple((name, str(get_args(hint)[1])) for name, hint in hints.items())
    codes = [code for _, code in fields]
    rest = codes[-1] == "*"
    return Form(fields, struct.Struct("<" + "".join(codes[:-1] if rest else codes)), rest)


FORMS = {kind: _form(kind) for kind in TYPES}
TEXT = "".join(
    f"{number} {kind.__name__}: " + ", ".join(f"{name} {code}" for name, code in FORMS[kind].fields) + "\n"
    for number, kind in NUMBERED.items()
)
SCHEMA = zlib.crc32(TEXT.encode())


def encode(message: Message) -> bytes:
    """Return the payload of ``message``; raises MalformedError for a value its field cannot hold."""
    form = FORMS[type(message)]
    fixed = message[:-1] if form.rest else message
    try:
        head = form.fixed.pack(*fixed)
    except struct.error as error:
        raise MalformedError(f"{message!r} does not fit its fields: {error}") from error
    return head + bytes(message[-1]) if form.rest else head


def decode(number: int, payload: bytes) -> Message:
    """Return the message that ``payload`` is; raises MalformedError for another length or an unknown number."""
    kind = NUMBERED.get(number)
    if kind is None:
        raise MalformedError(f"there is no message number {number}")
    form, size = FORMS[kind], FORMS[kind].fixed.size
    if len(payload) < size or (len(payload) > size and not form.rest):
        least = "at least " if form.rest else ""
        raise MalformedError(f"{kind.__name__} has {least}{size} bytes, not {len(payload)}")
    values = form.fixed.unpack(payload[:size])
    return kind(*values, payload[size:]) if form.rest else kind(*values)
