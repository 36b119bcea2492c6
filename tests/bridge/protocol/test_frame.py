"""Frames: stuffed, checked, found again after anything."""

import tracemalloc
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.protocol.constants import CHECK_BYTES, DATA, FRAME_COST, HEADER_BYTES
from firmware_bridge.protocol.frame import Damage, Decoder, checked, encode, stuff, unstuff
from firmware_bridge.testing.damage import damage

RAW_MAX = HEADER_BYTES + 512 + CHECK_BYTES
# runs without zero around the 254 that one code byte can stand for
RUNS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 100, 253, 254, 255, 508, 509]), st.integers(0, 3)), max_size=5
)


def frames(count: int) -> bytes:
    return b"".join(encode(DATA, 20, i, 0, bytes([i]) * i, 9) for i in range(count))


@given(
    st.binary(max_size=600) | RUNS.map(lambda runs: b"".join(b"\1" * n + bytes(zeros) for n, zeros in runs))
)
def test_stuffing_leaves_no_zero_and_comes_back(raw):
    coded = stuff(raw)
    assert b"\0" not in coded
    assert len(coded) <= len(raw) + max(1, -(-len(raw) // 254))
    assert unstuff(coded) == raw


@pytest.mark.parametrize("size", [0, 1, 243, 244, 245, 498, 499, 512])
def test_a_frame_costs_what_the_specification_says(size):
    wire = encode(DATA, 20, 0x0101, 0x0101, b"\1" * size, 0x5A5A5A5A)
    assert len(wire) == size + FRAME_COST + -(-(size + FRAME_COST) // 254) + 1


@given(st.binary(max_size=1500), st.lists(st.integers(0, 1500), max_size=20), st.integers(10, 600))
def test_whole_buffer_equals_byte_by_byte_and_any_cut(data, cuts, raw_max):
    data = data.replace(b"\7", b"\0") + frames(3)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces, single = Decoder(raw_max), Decoder(raw_max)
    whole = Decoder(raw_max).feed(data)
    assert [got for i, j in pairwise(places) for got in pieces.feed(data[i:j])] == whole
    assert [got for i in range(len(data)) for got in single.feed(data[i : i + 1])] == whole


def test_a_frame_cut_in_two_is_one_frame():
    decoder, wire = Decoder(RAW_MAX), encode(DATA, 20, 1, 2, b"ab", 0)
    assert decoder.feed(wire[:5]) == []
    (raw,) = decoder.feed(wire[5:])
    assert checked(raw, 0).payload == b"ab"


def test_any_number_of_delimiters_is_one_end():
    assert len(Decoder(RAW_MAX).feed(bytes(100) + frames(1) + bytes(100) + frames(1) + bytes(3))) == 2


def test_a_frame_of_another_session_is_damaged():
    (raw,) = Decoder(RAW_MAX).feed(encode(DATA, 20, 1, 2, b"ab", 77))
    assert checked(raw, 77).payload == b"ab"
    assert checked(raw, 78) is None


def test_the_largest_frame_is_taken_and_one_byte_more_is_oversize():
    for payload in (bytes(512), b"\1" * 512):
        assert isinstance(Decoder(RAW_MAX).feed(encode(DATA, 20, 0, 0, payload, 0))[0], bytes)
        assert Decoder(RAW_MAX).feed(encode(DATA, 20, 0, 0, payload + b"\1", 0)) == [Damage.OVERSIZE]


def test_what_does_not_decode_is_broken_and_the_next_frame_is_not():
    got = Decoder(RAW_MAX).feed(b"\x05ab\0" + encode(DATA, 20, 1, 2, b"ab", 0))
    assert got[0] is Damage.BROKEN
    assert checked(got[1], 0).payload == b"ab"


def test_a_frame_too_short_to_be_one_is_none():
    assert checked(b"123456789", 0) is None
    assert checked(bytes(17), 0, tag_bytes=8) is None


@pytest.mark.parametrize("piece", [1, 1000, 100_000])
def test_a_flood_without_delimiter_costs_no_memory_and_is_told_once(piece):
    decoder = Decoder(RAW_MAX)
    flood = b"\xff" * piece
    tracemalloc.start()
    for _ in range(max(200_000 // piece, 1)):
        assert decoder.feed(flood) == []
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 5_000
    first, *rest = decoder.feed(b"\0" + frames(2))
    assert first is Damage.OVERSIZE
    assert len(rest) == 2


def test_any_bytes_are_frames_or_damage():
    rng, decoder = Random(5), Decoder(RAW_MAX)
    for _ in range(3_000):
        size = rng.randrange(400)
        noise = bytes(rng.choices(range(256), [rng.choice([1, 30])] + [1] * 255, k=size))
        for got in decoder.feed(noise):
            assert isinstance(got, Damage) or checked(got, 1) is None


def test_no_error_of_1e5_is_taken_for_a_frame_and_none_costs_more_than_one_more():
    seen = damage(100_000, seed=7)
    assert seen.undetected == 0
    assert seen.further_most == 1, "an error that makes or removes a delimiter costs one more; none costs two"
