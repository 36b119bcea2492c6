"""Who is at the other end: keyed BLAKE2s (RFC 7693) over what names the session and over every frame. `SPEC.md`, 6."""

import hashlib
import hmac
import struct
import zlib
from typing import NamedTuple

from firmware_bridge.protocol.constants import ROLE_HOST, TAG_BYTES

LABEL = b"edgelearn session"
COUNTERS = struct.Struct("<II")
BOOTS = struct.Struct("<II")


class Names(NamedTuple):
    """What a session is made of: the boots and nonces of both ends."""

    host_boot: int
    device_boot: int
    host_nonce: bytes
    device_nonce: bytes

    def bytes(self) -> bytes:
        """Return them as they are hashed."""
        return BOOTS.pack(self.host_boot, self.device_boot) + self.host_nonce + self.device_nonce

    def number(self) -> int:
        """Return the session's number, which the checks of its frames carry; never 0."""
        return zlib.crc32(self.bytes()) or 1


def session_key(key: bytes, names: Names) -> bytes:
    """Return the key (32 bytes) of one session."""
    return hashlib.blake2s(LABEL + names.bytes(), key=key).digest()


def tag(session: bytes, role: int, seq: int, ack: int, header: bytes, payload: bytes) -> bytes:
    """Return the tag of a frame sent by ``role``; ``seq`` and ``ack`` are the full counters."""
    text = side(role) + COUNTERS.pack(seq & 0xFFFFFFFF, ack & 0xFFFFFFFF) + header + payload
    return hashlib.blake2s(text, key=session, digest_size=TAG_BYTES).digest()


def proof(session: bytes, role: int, hello: bytes) -> bytes:
    """Return the proof of a HELLO whose payload, with proof 0, is ``hello``."""
    return hashlib.blake2s(side(role).lower() + hello, key=session, digest_size=TAG_BYTES).digest()


def side(role: int) -> bytes:
    """Return the letter of an end."""
    return b"H" if role == ROLE_HOST else b"D"


def equal(one: bytes, other: bytes) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(one, other)
