"""One direction: exact pace, latency, each fault as often as asked and counted, the same however it is cut up."""

from random import Random

import pytest

from edgelearn.emulator.wire.line import CATCH_UP_US, CHUNK_BYTES, Line
from firmware_bridge.testing.faults import Faults
from tests.emulator.wire.story import BAD, pattern


def line(faults: Faults | None = None, *, baud: int = 115_200, latency_us: int = 0, seed: int = 1) -> Line:
    return Line(baud, latency_us, faults or Faults(), Random(seed))


def carried(one: Line, data: bytes, step_us: int = 1_000) -> bytes:
    """Return all that arrives of ``data``, given as fast as the line takes it."""
    came, now_us = bytearray(), 0
    while data or one.passed().balance:
        n = one.room(now_us)
        one.give(data[:n], now_us)
        data = data[n:]
        arrived = one.take(now_us)
        one.delivered(len(arrived))
        came += arrived
        now_us += step_us
    return bytes(came)


@pytest.mark.parametrize("baud", [300, 9600, 115_200, 921_600, 2_000_000, 1_234_567])
@pytest.mark.parametrize("latency_us", [0, 777])
def test_each_byte_arrives_when_its_last_bit_has_gone(baud: int, latency_us: int) -> None:
    one = line(baud=baud, latency_us=latency_us)
    n, count, given_us = one.room(500), 0, 500
    one.give(bytes(n), given_us)
    for k in range(1, n + 1):
        due_us = given_us + -(-k * 10_000_000 // baud) + latency_us
        count += len(one.take(due_us - 1))
        assert count <= k - 1 or baud > 1_000_000, "before its time"
        count += len(one.take(due_us))
        assert count >= k
    assert count == n


@pytest.mark.parametrize("baud", [300, 115_200, 2_000_000])
@pytest.mark.parametrize("step_us", [1_000, 250])
def test_a_line_that_always_has_more_carries_its_baud_rate_exactly(baud: int, step_us: int) -> None:
    one, came = line(baud=baud), 0
    for now_us in range(0, 2_000_000 + step_us, step_us):
        one.give(bytes(one.room(now_us)), now_us)
        came += len(one.take(now_us))
        assert came == now_us * baud // 10_000_000


def test_an_idle_line_saves_nothing_up_and_a_held_up_one_catches_up() -> None:
    idle, busy = line(), line()
    busy.give(bytes(busy.room(0)), 0)
    idle.give(b"", 0)
    assert idle.room(30_000) == 24  # 2 ms, rounded up
    assert busy.room(30_000) == -(-32_000 * 115_200 // 10_000_000) - 24
    assert busy.room(10**9) == -(-(CATCH_UP_US + 2_000) * 115_200 // 10_000_000)


@pytest.mark.parametrize("name", ["drop", "flip", "insert"])
def test_bytes_are_hurt_as_often_as_asked(name: str) -> None:
    one = line(Faults(**{name: 0.01}), baud=2_000_000)
    came = carried(one, b"\x55" * 100_000)
    passed = one.passed()
    count = passed.dropped + passed.flipped + passed.inserted
    assert count == pytest.approx(1000, rel=0.15)
    changed = {"drop": passed.dropped, "flip": passed.flipped, "insert": passed.inserted}
    assert changed[name] == count
    assert len(came) == 100_000 + passed.inserted - passed.dropped
    assert came.count(b"\x55") >= 100_000 - passed.dropped - passed.flipped


def test_chunks_are_cut_and_come_again_whole() -> None:
    data = b"".join(bytes([k]) * CHUNK_BYTES for k in range(200))
    cut = line(Faults(cut=0.5))
    came = carried(cut, data)
    assert cut.passed().cut == len(data) - len(came) > 2000
    assert all(came.count(bytes([k])) <= CHUNK_BYTES for k in range(200))
    assert list(came) == sorted(came), "only ends of chunks go"
    again = line(Faults(repeat=0.5))
    came = carried(again, data)
    assert again.passed().repeated == len(came) - len(data) > 4000
    assert all(came.count(bytes([k])) % CHUNK_BYTES == 0 for k in range(200))


def test_a_stall_holds_everything_back_and_loses_nothing() -> None:
    one, data = line(Faults(delay=1.0, delay_us=100_000), seed=2), pattern(CHUNK_BYTES)
    one.give(data[:20], 0)
    arrives_us = next(now_us for now_us in range(0, 200_000, 10) if one.take(now_us))
    assert 1_800 < arrives_us < 110_000
    assert one.passed().stalled == 1
    calm, slow = line(), line(Faults(delay=0.3, delay_us=50_000))
    assert carried(calm, data * 50) == carried(slow, data * 50)
    assert slow.passed().stalled > 5


def test_damage_is_the_same_however_the_bytes_are_cut_up() -> None:
    data = pattern(20_000)
    ones = [
        carried(line(BAD, baud=baud), data, step)
        for baud, step in [(115_200, 1000), (2_000_000, 333), (9600, 9000)]
    ]
    assert ones[0] == ones[1] == ones[2] != data
    assert carried(line(BAD, seed=2), data) != ones[0]


def test_no_byte_is_forgotten() -> None:
    one = line(BAD)
    for k in range(200):
        one.give(pattern(one.room(1000 * k)), 1000 * k)
        came = one.take(1000 * k)
        one.delivered(len(came) // 2, overrun=len(came) - len(came) // 2)
    on_the_way = one.passed().balance
    assert 0 <= on_the_way < 4000
    lost = one.passed().lost
    one.clear()
    assert one.passed().lost - lost == on_the_way
    assert one.passed().balance == 0
