"""The bad wire itself: as bad as asked for, the same for the same seed, in order."""

from random import Random

import pytest

from firmware_bridge.testing.wire import Faults, Line


def line(faults: Faults, seed: int = 1, **options) -> Line:
    return Line(Random(seed), faults, **{"baud": 115_200, "latency_us": 0, "ahead_us": 10**9} | options)


def sent(one: Line, chunks: list[bytes]) -> bytes:
    for chunk in chunks:
        one.give(chunk, 0)
    return one.take(10**12)


def test_a_good_line_changes_nothing_and_takes_the_time_of_its_bytes():
    one = line(Faults(), latency_us=5_000)
    one.give(bytes(1152), 0)
    assert one.take(104_900) == b""
    assert one.take(105_000) == bytes(1152)


def test_there_is_room_for_what_the_port_buffers():
    one = line(Faults(), ahead_us=10_000)
    assert one.room(0) == 115
    one.give(bytes(115), 0)
    assert one.room(0) == 0
    assert one.room(5_000) == 57


@pytest.mark.parametrize("name", ["drop", "flip", "insert"])
def test_bytes_are_spoilt_as_often_as_asked(name):
    one = line(Faults(**{name: 0.01}))
    got = sent(one, [b"\x55" * 1000] * 100)
    assert one.damage[name] == pytest.approx(1000, rel=0.15)
    assert set(+one.damage) == {name}
    assert len(got) == 100_000 + {"drop": -1, "flip": 0, "insert": 1}[name] * one.damage[name]


def test_chunks_come_again_are_cut_and_stall_in_order():
    again = line(Faults(repeat=0.5))
    assert len(sent(again, [b"ab"] * 100)) == 200 + 2 * again.damage["repeat"]
    cut = line(Faults(cut=0.5))
    assert 100 < len(sent(cut, [b"ab"] * 100)) < 200
    late = line(Faults(delay=0.5))
    assert sent(late, [bytes([i]) for i in range(100)]) == bytes(range(100))
    assert late.damage["delay"] > 20


def test_the_same_seed_does_the_same():
    faults = Faults(1e-3, 1e-3, 1e-3, 0.1, 0.1, 0.1)
    chunks = [Random(2).randbytes(300)] * 50
    assert sent(line(faults, seed=4), chunks) == sent(line(faults, seed=4), chunks)
    assert sent(line(faults, seed=4), chunks) != sent(line(faults, seed=5), chunks)


def test_a_line_that_was_cut_begins_anew_without_the_lag_of_before():
    one = line(Faults(delay=1.0, delay_us=10**9))
    one.give(b"old", 0)
    one.faults = Faults()
    one.clear()
    one.give(b"new", 0)
    assert one.take(1_000) == b"new"
