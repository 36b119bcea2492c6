"""Sender and receiver, frame by frame: window, credits, what is lost, counters that wrap."""

from firmware_bridge.protocol.constants import (
    FRAME_COST,
    RTO_DOUBLINGS,
    RTO_FIRST_US,
    RTO_MAX_US,
    RTO_MIN_US,
    WINDOW_MAX,
)
from firmware_bridge.protocol.messages import Predict
from firmware_bridge.protocol.receiver import Receiver
from firmware_bridge.protocol.roundtrip import RoundTrip
from firmware_bridge.protocol.sender import Sender, nearest, outgoing

COST = 4 + FRAME_COST


def sender(count: int, window: int = WINDOW_MAX, rx_buffer: int = 100_000) -> Sender:
    one = Sender(window)
    one.restart(rx_buffer)
    for i in range(count):
        one.send(outgoing(Predict(i, b"")))
    return one


def taken(one: Sender, now_us: int = 0) -> list[int]:
    out = []
    while (item := one.take(now_us)) is not None:
        out.append(item[0])
    return out


def test_no_more_than_the_window_is_under_way():
    one = sender(10, window=3)
    assert taken(one) == [0, 1, 2]
    assert one.acknowledged(1, 10)
    assert taken(one) == [3]
    assert one.waiting == 9


def test_credits_are_never_exceeded_and_an_ack_gives_them_back():
    one = sender(10, rx_buffer=3 * COST + 1)
    assert taken(one) == [0, 1, 2]
    assert not one.ready
    assert one.acknowledged(0, 10, limit=4 * COST)
    assert taken(one) == [3]
    # a frame's `ack` alone opens as much: the ACK that told the limit may be lost
    assert one.acknowledged(4, 10)
    assert taken(one) == [4, 5, 6]


def test_an_older_limit_takes_nothing_back():
    one = sender(4, rx_buffer=2 * COST)
    taken(one)
    one.acknowledged(2, 10, limit=4 * COST)
    one.acknowledged(2, 10, limit=3 * COST)
    assert taken(one) == [2, 3]


def test_a_limit_that_no_receiver_of_what_was_sent_can_give_changes_nothing():
    one = sender(10, rx_buffer=2 * COST)
    assert taken(one) == [0, 1]
    for limit in (4 * COST + 1, 2**31, 2**32 - 1):
        assert one.acknowledged(0, 10, limit=limit)
        assert taken(one) == []
    assert one.acknowledged(0, 10, limit=4 * COST)
    assert taken(one) == [2, 3]


def test_what_was_transmitted_before_a_frame_that_arrived_is_lost():
    one = sender(6)
    taken(one)
    one.acknowledged(1, 10, sack=0b100)  # 0 and 4 are here: 1, 2, 3 are lost, 5 may be on its way
    assert taken(one, 20) == [1, 2, 3]
    one.acknowledged(2, 30, sack=0b110)  # 4 and 5 too: nothing that was sent again came before 1
    assert taken(one, 40) == []
    one.acknowledged(2, 50, sack=0b111)  # 3 came; which time it was sent is not known
    one.send(outgoing(Predict(6, b"")))
    assert taken(one, 60) == [6]
    one.acknowledged(2, 70, sack=0b1111)  # 6 came, sent once, after 2
    assert taken(one, 80) == [2]
    assert one.acknowledged(7, 90)
    assert one.waiting == 0


def test_an_ack_of_what_was_never_sent_is_refused_and_an_old_one_changes_nothing():
    one = sender(3, window=2)
    taken(one)
    assert not one.acknowledged(3, 10, sack=0xFFFFFFFF, limit=2**31)
    assert one.waiting == 3
    assert one.acknowledged(2, 20)
    assert one.acknowledged(0, 30, sack=1)
    assert one.waiting == 1
    assert taken(one) == [2]


def test_the_oldest_frame_is_sent_again_when_nothing_is_heard_then_all_of_them_later_to_a_limit():
    one = sender(3)
    taken(one)
    now_us, waits = 0, []
    for again in ([0], *[[0, 1, 2]] * 5):
        waits.append(one.expires_us - now_us)
        now_us = one.expires_us
        one.expire(now_us - 1)
        assert taken(one, now_us) == []
        one.expire(now_us)
        assert taken(one, now_us) == again
    assert waits == [RTO_FIRST_US << min(i, RTO_DOUBLINGS) for i in range(6)]


def test_of_all_that_is_sent_again_nothing_is_that_arrived():
    one = sender(5)
    taken(one)
    one.acknowledged(0, 1_000, sack=0b1000)  # 4 is here: 0 to 3 are lost
    assert taken(one, 1_000) == [0, 1, 2, 3]
    one.acknowledged(0, 2_000, sack=0b1010)  # and 2, sent twice: it shows nothing of 0, 1 and 3
    assert taken(one, 2_000) == []
    for again in ([0], [0, 1, 3]):
        now_us = one.expires_us
        one.expire(now_us)
        assert taken(one, now_us) == again


def test_only_a_frame_sent_once_brings_the_wait_back_to_its_ordinary_length():
    one = sender(3, window=1)
    taken(one)
    one.expire(RTO_FIRST_US)
    assert taken(one, RTO_FIRST_US) == [0]
    one.acknowledged(1, 300_000)  # 0, sent twice: the line may be as bad as before
    assert taken(one, 300_000) == [1]
    assert one.expires_us == 300_000 + 2 * RTO_FIRST_US
    one.acknowledged(2, 301_000)
    assert taken(one, 301_000) == [2]
    assert one.expires_us == 301_000 + 1_000 + RTO_MIN_US


def test_a_session_that_is_back_waits_its_ordinary_time():
    one = sender(1)
    taken(one)
    one.expire(RTO_FIRST_US)
    one.resume()
    taken(one, 0)
    assert one.expires_us == RTO_FIRST_US


def test_an_oldest_frame_that_arrived_and_is_put_off_sends_nothing_again():
    """It was ahead of its turn and told; now it is its turn and the other end's user takes nothing."""
    one = sender(5)
    taken(one)
    one.acknowledged(0, 10, sack=1)
    assert taken(one, 20) == [0]
    one.acknowledged(1, 30)
    assert one.expires_us is None
    for now_us in range(0, 5_000_000, 100_000):
        one.expire(now_us)
        assert taken(one, now_us) == []


def test_progress_keeps_the_timer_from_running_out():
    one = sender(3)
    taken(one)
    one.acknowledged(1, 1_000)
    assert one.expires_us == 1_000 + one.round_trip.timeout_us
    one.acknowledged(1, 5_000, sack=1)
    assert one.expires_us is None, "what was overtaken is to be sent at once"
    taken(one, 6_000)
    assert one.expires_us == 6_000 + one.round_trip.timeout_us


def test_frames_sent_twice_measure_nothing():
    one = sender(1)
    taken(one)
    one.expire(RTO_FIRST_US)
    taken(one, RTO_FIRST_US)
    one.acknowledged(1, RTO_FIRST_US + 5)
    assert one.round_trip.smoothed_us is None


def test_the_time_to_wait_follows_the_round_trip_and_has_bounds():
    one = RoundTrip()
    assert one.timeout_us == RTO_FIRST_US
    for _ in range(100):
        one.measured(40_000)
    assert 40_000 + RTO_MIN_US <= one.timeout_us <= 40_000 + RTO_MIN_US + 100
    for _ in range(100):
        one.measured(10)
    assert RTO_MIN_US <= one.timeout_us < RTO_MIN_US + 2_000
    shortest_us = one.timeout_us
    for _ in range(30):
        one.expired()
    assert one.timeout_us == shortest_us << RTO_DOUBLINGS
    one.acknowledged()
    assert one.timeout_us == shortest_us
    for _ in range(100):
        one.measured(10 * RTO_MAX_US)
    assert one.timeout_us == RTO_MAX_US


def test_a_new_session_gives_back_all_in_order():
    one = sender(5, window=2)
    taken(one)
    one.acknowledged(0, 1, sack=1)
    assert [message.id for message in one.restart(1000)] == [0, 1, 2, 3, 4]
    assert one.waiting == 0
    assert taken(one) == []


def test_a_resumed_session_sends_again_what_is_not_here():
    one = sender(4)
    taken(one)
    one.acknowledged(1, 5, sack=0b1)  # 0 and 2
    assert taken(one, 6) == [1]
    one.resume()
    assert taken(one, 7) == [1, 3]


def test_a_receiver_delivers_each_once_and_in_order():
    one = Receiver(1000)
    assert one.arrived(1, 20, b"b")
    assert one.deliver() is None
    assert one.ack().sack == 0b1
    assert one.arrived(0, 20, b"a")
    assert [one.deliver(), one.deliver(), one.deliver()] == [(20, b"a"), (20, b"b"), None]
    assert not one.arrived(0, 20, b"a")
    assert not one.arrived(1, 20, b"b")
    assert one.expected == 2
    assert one.ack() == (0, 2 + 2 * FRAME_COST + 1000)


def test_a_receiver_keeps_no_more_than_a_window_ahead():
    one = Receiver(1000)
    for number in range(1, 1000):
        assert one.arrived(number, 20, b"")
    assert one.ack().sack == 0xFFFFFFFF
    assert one.arrived(0, 20, b"")
    count = 0
    while one.deliver():
        count += 1
    assert count == WINDOW_MAX + 1


def test_numbers_are_completed_around_every_wrap():
    for bits in (16, 32):
        for around in (0, 1, 2**bits - 1, 2**bits, 5 * 2**bits + 3, 2**40):
            for away in (-(2 ** (bits - 1)), -33, -1, 0, 1, 32, 2 ** (bits - 1) - 1):
                assert nearest((around + away) % 2**bits, around, bits) == around + away


def test_sequence_and_limit_go_on_past_their_wraps():
    """Sizes are such that 2**16 numbers pass, and the costs pass 2**32 as they would in weeks."""
    one, other = sender(0, rx_buffer=5_000), Receiver(5_000)
    one._sent_cost = one._limit = 2**32 - 10_000  # as after weeks
    one._limit += 5_000
    other._delivered_cost = other._told_cost = 2**32 - 10_000
    delivered = 0
    for number in range(70_000):
        one.send(outgoing(Predict(number, b"x" * 100)))
        while (item := one.take(number)) is not None:
            seq, out, _ = item
            assert other.arrived(nearest(seq & 0xFFFF, other.expected, 16), out.type, out.payload)
        while other.deliver():
            delivered += 1
        ack = other.ack()
        assert one.acknowledged(other.expected & 0xFFFF, number, ack.sack, ack.limit)
        assert one.waiting == 0, "credit must never run out between the two"
    assert delivered == 70_000
