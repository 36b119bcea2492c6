"""One error at a time in a row of frames: whether each is seen, and how many frames it costs."""

from random import Random
from typing import NamedTuple

from firmware_bridge.protocol.constants import CHECK_BYTES, DATA, HEADER_BYTES
from firmware_bridge.protocol.frame import Decoder, Frame, checked, encode

FRAMES = 4  # of a row: room for an error, for the frame lost besides, and for one that may not be
LONGEST = 300  # payload, bytes: more than one block
BURST = 15  # bytes


class Damaged(NamedTuple):
    """What became of the frames."""

    errors: int
    undetected: int  # frames taken that nobody sent so
    further_most: int  # frames lost to one error beside those it touched


class Row(NamedTuple):
    """Frames one after the other."""

    session: int
    sent: dict[int, Frame]
    ends: list[int]
    wire: bytes


def damage(errors: int, seed: int = 0) -> Damaged:
    """Spoil one place at a time: bits turned, bytes lost, inserted, swapped, zeroed, a burst."""
    rng = Random(seed)
    undetected = further_most = 0
    for number in range(errors):
        if number % 256 == 0:
            rows = [_row(rng) for _ in range(8)]
        row = rows[number % len(rows)]
        touched, spoilt = _spoil(rng, row)
        taken = _taken(spoilt, row.session)
        undetected += sum(row.sent.get(one.seq) != one for one in taken)
        further_most = max(further_most, FRAMES - len({one.seq for one in taken}) - touched)
    return Damaged(errors, undetected, further_most)


def _row(rng: Random) -> Row:
    session, frames, ends = rng.randrange(1, 2**32), [], [0]
    for seq in range(FRAMES):
        size = min(int(rng.expovariate(1 / 40)), LONGEST)
        payload = bytes(rng.choices(range(256), [50] + [1] * 255, k=size))
        frames.append(encode(DATA, 20, seq, 0, payload, session))
        ends.append(ends[-1] + len(frames[-1]))
    wire = b"".join(frames)
    return Row(session, {one.seq: one for one in _taken(wire, session)}, ends, wire)


def _taken(wire: bytes, session: int) -> list[Frame]:
    raws = Decoder(HEADER_BYTES + LONGEST + CHECK_BYTES).feed(wire)
    frames = [checked(raw, session) for raw in raws if isinstance(raw, bytes)]
    return [one for one in frames if one is not None]


def _spoil(rng: Random, row: Row) -> tuple[int, bytes]:
    """Return how many frames an error in the first two touched, and the row with it."""
    at = rng.randrange(row.ends[2])
    size = 1 if rng.random() < 0.8 else min(rng.randrange(2, BURST + 1), row.ends[2] - at)
    old = row.wire[at : at + size]
    new = ERRORS[rng.randrange(len(ERRORS))](rng, old)
    touched = sum(start < at + size and at < end for start, end in zip(row.ends, row.ends[1:], strict=False))
    return touched, row.wire[:at] + new + row.wire[at + size :]


def _flip(rng: Random, old: bytes) -> bytes:
    return bytes(byte ^ 1 << rng.randrange(8) for byte in old)


def _lose(rng: Random, old: bytes) -> bytes:  # noqa: ARG001 (one form for all)
    return b""


def _insert(rng: Random, old: bytes) -> bytes:
    return rng.randbytes(rng.randrange(1, 4)) + old


def _swap(rng: Random, old: bytes) -> bytes:  # noqa: ARG001
    return old[::-1]


def _zero(rng: Random, old: bytes) -> bytes:  # noqa: ARG001
    return bytes(len(old))


def _burst(rng: Random, old: bytes) -> bytes:
    return rng.randbytes(len(old))


ERRORS = (_flip, _lose, _insert, _swap, _zero, _burst)
