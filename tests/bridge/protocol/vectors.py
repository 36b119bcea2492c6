"""What firmware_bridge/protocol/vectors.json holds: bytes that every implementation of SPEC.md makes and takes."""

import hashlib
from collections.abc import Callable
from typing import Any

from firmware_bridge.protocol import auth, frame, messages
from firmware_bridge.protocol.connection import Connection, Identity
from firmware_bridge.protocol.constants import ACK, DATA, HELLO, NOTE, ROLE_DEVICE, ROLE_HOST, STREAM

KEY = bytes(range(1, 33))
NONCES = {ROLE_HOST: b"hostonce", ROLE_DEVICE: b"devonce\0"}
BOOTS = {ROLE_HOST: 0x11223344, ROLE_DEVICE: 0xA0B0C0D0}
SIZES = (
    0,
    1,
    2,
    243,
    244,
    245,
    253,
    254,
    255,
    497,
    498,
    499,
    508,
    509,
    511,
    512,
)  # around the blocks of a frame
SENT_AT_US = 5_000
RX_BUFFER = 1_044  # of the smallest link in C
WORDS = (
    "Bytes are in hexadecimal, numbers decimal. Roles: 0 host, 1 device. cobs: coded without the delimiter. frames: "
    "wire with it; session is the number in the check, tag is empty where there is no key; seq and ack are full "
    "counters. handshakes: both ends connected at 0, what one says the other hears at that time; the host sends its "
    "commands when it has opened, and the device, whose `applied` is 7, answers; "
    "nonces is what each end draws, in order."
)


def ordinary(size: int, seed: int = 1) -> bytes:
    """Return ``size`` bytes of all values, the same everywhere."""
    out, state = bytearray(), seed
    for _ in range(size):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(state >> 16 & 0xFF)
    return bytes(out)


def full(size: int) -> bytes:
    """Return ``size`` bytes without zero."""
    return bytes(1 + i % 255 for i in range(size))


def cobs() -> list[dict[str, str]]:
    """Return bytes and what stuffing makes of them."""
    raws = [b"", b"\0", b"\0\0", b"\1", b"\0\1", b"\1\0", bytes(300)]
    raws += [full(n) for n in (253, 254, 255, 507, 508, 509)]
    raws += [full(254) + b"\0", b"\0" + full(254), full(253) + b"\0", full(508) + b"\0\1", ordinary(600)]
    return [{"raw": raw.hex(), "coded": frame.stuff(raw).hex()} for raw in raws]


def _frame(
    kind: int, number: int, seq: int, ack: int, payload: bytes, session: int, role: int | None
) -> dict[str, Any]:
    tag: Callable[[bytes, bytes], bytes] | None = None
    if role is not None:
        key = auth.session_key(KEY, names())

        def tag(header: bytes, payload: bytes) -> bytes:
            return auth.tag(key, role, seq, ack, header, payload)

    header = frame.HEADER.pack(kind, number, seq & 0xFFFF, ack & 0xFFFF)
    return {
        "kind": kind, "type": number, "seq": seq, "ack": ack, "payload": payload.hex(), "session": session,
        "role": role, "tag": tag(header, payload).hex() if tag else "",
        "wire": frame.encode(kind, number, seq, ack, payload, session, tag).hex(),
    }  # fmt: skip


def frames() -> list[dict[str, Any]]:
    """Return frames of all kinds, sizes and sessions, with and without tag."""
    out = [_frame(DATA, 19, size, size + 1, full(size), 0x01020304, None) for size in SIZES]
    out += [_frame(STREAM, 5, 0, 7, bytes(size), 1, None) for size in SIZES]
    out += [
        _frame(DATA, 24, 65535 - i, 65534 + i, ordinary(90 + i, i), 0xFFFFFFFF - i, None) for i in range(4)
    ]
    out += [_frame(HELLO, 1, 0, 0, ordinary(72), 0, None), _frame(ACK, 2, 0, 3, bytes(8), 0x80000000, None)]
    number = names().number()
    for role in (ROLE_HOST, ROLE_DEVICE):
        out += [
            _frame(DATA, 19, 0x1FFFE + size, 0x2FFFF, full(size), number, role)
            for size in (0, 1, 236, 237, 512)
        ]
        out += [
            _frame(NOTE, 3, 0, 0xFFFFFFFF, bytes(4), number, role),
            _frame(STREAM, 6, 0, 0, bytes(4), number, role),
        ]
    return out


def names() -> auth.Names:
    """Return what the vectors' session is made of."""
    return auth.Names(BOOTS[ROLE_HOST], BOOTS[ROLE_DEVICE], NONCES[ROLE_HOST], NONCES[ROLE_DEVICE])


def sessions() -> list[dict[str, Any]]:
    """Return session numbers and keys."""
    some = [
        names(),
        auth.Names(1, 2, bytes(8), bytes(8)),
        auth.Names(2**32 - 1, 2**31, b"\xff" * 8, ordinary(8)),
    ]
    return [
        {
            "host_boot": one.host_boot, "device_boot": one.device_boot, "host_nonce": one.host_nonce.hex(),
            "device_nonce": one.device_nonce.hex(), "number": one.number(), "key": KEY.hex(),
            "session_key": auth.session_key(KEY, one).hex(),
        }
        for one in some
    ]  # fmt: skip


def blake2s() -> list[dict[str, Any]]:
    """Return keyed and plain hashes around the block of 64 bytes; the first is that of RFC 7693, appendix B."""
    cases = [(b"", b"abc", 32)]
    cases += [
        (KEY, ordinary(size), digest)
        for size in (0, 1, 55, 63, 64, 65, 127, 128, 129, 540)
        for digest in (8, 32)
    ]
    return [
        {
            "key": key.hex(), "data": data.hex(), "size": size,
            "digest": hashlib.blake2s(data, key=key, digest_size=size).hexdigest(),
        }
        for key, data, size in cases
    ]  # fmt: skip


def example(kind: type[Any], seed: int) -> Any:
    """Return a message with other values in each field."""
    values: list[Any] = []
    for i, (_, code) in enumerate(messages.FORMS[kind].fields):
        bits = int.from_bytes(ordinary(8, 37 * seed + i), "little")
        match code:
            case "f":
                values.append(-0.15625 * (seed + i))
            case "h":
                values.append((bits & 0xFFFF) - 0x8000)
            case "8s" | "16s":
                values.append(ordinary(int(code[:-1]), seed + i))
            case "*":
                values.append(ordinary(24, seed + i))
            case _:
                values.append(bits >> (64 - 8 * {"B": 1, "H": 2, "I": 4, "Q": 8}[code]))
    return kind(*values)


def every_message() -> list[dict[str, Any]]:
    """Return one of each message."""
    out = []
    for number, kind in messages.NUMBERED.items():
        message = example(kind, number)
        fields = {k: v.hex() if isinstance(v, bytes) else v for k, v in message._asdict().items()}
        payload = messages.encode(message).hex()
        out.append({"name": kind.__name__, "number": number, "fields": fields, "payload": payload})
    return out


def handshake(key: bytes | None) -> dict[str, Any]:
    """Return what two ends say until a command is acknowledged and answered."""
    drawn = {role: [auth.BOOTS.pack(BOOTS[role], count) for count in range(2)] for role in BOOTS}

    def end(role: int) -> Connection:
        draws = iter(drawn[role])
        identity = Identity(role, BOOTS[role], applied=7 * role, rx_buffer=RX_BUFFER, firmware=b"vectors 1")
        return Connection(identity, key=key, entropy=lambda n: next(draws)[:n])

    ends = {ROLE_HOST: end(ROLE_HOST), ROLE_DEVICE: end(ROLE_DEVICE)}
    for one in ends.values():
        one.connected(0)
    steps: list[dict[str, Any]] = []
    for now_us in range(0, 12_000, 1_000):
        for role in (ROLE_HOST, ROLE_DEVICE):
            if now_us == SENT_AT_US and role == ROLE_HOST:
                ends[role].send(messages.LearnLast(8, 3))
            said = ends[role].transmit(now_us, 4096)
            if said:
                steps.append({"from": role, "at_us": now_us, "wire": said.hex()})
            for event in ends[1 - role].receive(said, now_us):
                if type(event).__name__ == "Received" and role == ROLE_HOST:
                    ends[ROLE_DEVICE].send(messages.Done(8, 0, 0))
    return {
        "key": (key or b"").hex(), "boots": [BOOTS[role] for role in (0, 1)], "rx_buffer": RX_BUFFER, "mtu": 512,
        "nonces": [[nonce.hex() for nonce in drawn[role]] for role in (0, 1)], "steps": steps,
    }  # fmt: skip


def everything() -> dict[str, Any]:
    """Return all of it."""
    return {
        "words": WORDS, "schema": messages.SCHEMA, "cobs": cobs(), "frames": frames(), "messages": every_message(),
        "sessions": sessions(), "blake2s": blake2s(), "handshakes": [handshake(None), handshake(KEY)],
    }  # fmt: skip
