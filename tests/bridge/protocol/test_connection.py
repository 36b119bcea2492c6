"""One end: what it sends when, what it bounds, what it counts."""

import tracemalloc
from random import Random

import pytest

from firmware_bridge.protocol import frame, messages
from firmware_bridge.protocol.connection import ANSWERS_MAX, Connection, Identity, Missing, Opened, Received
from firmware_bridge.protocol.constants import (
    ACK,
    CODES,
    DATA,
    KEEPALIVE_US,
    NOTE,
    ROLE_DEVICE,
    ROLE_HOST,
    RTO_FIRST_US,
    STREAM,
)
from firmware_bridge.protocol.errors import FrameError, MalformedError
from firmware_bridge.protocol.messages import Done, Gap, Predict, Save, TimeReply, TimeRequest, Window
from tests.bridge.protocol.ends import PLENTY, end, opened, over, talk


def raw_frame(to: Connection, kind: int, number: int, seq: int, payload: bytes) -> bytes:
    return frame.encode(kind, number, seq, 0, payload, to._handshake.session.number)


def test_messages_arrive_in_order_and_are_acknowledged():
    host, device = opened()
    for i in range(100):
        host.send(Predict(i, bytes([i])))
    assert host.waiting == 100
    _, at_device = talk(host, device, 1, rounds=8)
    assert [event.message for event in at_device] == [Predict(i, bytes([i])) for i in range(100)]
    assert host.waiting == 0
    assert host.round_trip_us == 0
    assert host.counters.resent == device.counters.duplicates == 0


@pytest.mark.parametrize("room", [1, 3, 17, 100])
def test_no_more_is_written_than_there_is_room_and_frames_go_on(room):
    host, device = opened()
    for i in range(10):
        host.send(Predict(i, bytes(40)))
    got = []
    for _ in range(2000):
        data = host.transmit(1, room)
        assert len(data) <= room
        got += device.receive(data, 1)
        host.receive(device.transmit(1, PLENTY), 1)
    assert [event.message.id for event in got] == list(range(10))
    assert host.transmit(1, 0) == b""


def test_a_message_larger_than_the_other_end_takes_is_refused_with_both_sizes():
    host, device = end(ROLE_HOST, 1), end(ROLE_DEVICE, 2, mtu=128)
    host.connected(0)
    device.connected(0)
    host.send(Predict(1, bytes(300)))  # not known yet: it comes back
    at_host, _ = talk(host, device, 0)
    assert at_host[0].returned == [Predict(1, bytes(300))]
    with pytest.raises(FrameError, match="Predict has 129 bytes, the other end takes 128: send it in parts"):
        host.send(Predict(1, bytes(125)))
    host.send(Predict(1, bytes(124)))
    assert talk(host, device, 0)[1] == [Received(Predict(1, bytes(124)))]
    with pytest.raises(FrameError):
        host.note(Predict(1, bytes(125)))


def test_what_is_larger_than_the_credit_of_the_other_end_is_refused_too():
    host, device = end(ROLE_HOST, 1), end(ROLE_DEVICE, 2, mtu=128, rx_buffer=100)
    host.connected(0)
    device.connected(0)
    talk(host, device, 0)
    with pytest.raises(FrameError, match="takes 90"):
        host.send(Predict(1, bytes(87)))
    for i in range(5):
        host.send(Predict(i, bytes(86)))
    assert len(talk(host, device, 0)[1]) == 5


def test_a_frame_larger_than_this_end_takes_is_counted_and_survived():
    host, device = opened(mtu=128)
    device.receive(raw_frame(device, DATA, 18, 0, bytes(129)), 1)
    assert device.counters.oversize == 1
    host.send(Save(1))
    assert talk(host, device, 1)[1] == [Received(Save(1))]


def test_credits_hold_between_two_ends():
    host, device = opened(rx_buffer=1000)
    for i in range(20):
        host.send(Predict(i, bytes(86)))  # 100 each
    said = host.transmit(1, PLENTY)
    assert said.count(b"\0") == 10
    device.receive(said, 1)
    assert host.transmit(1, PLENTY) == b""


def test_a_lost_ack_that_opened_credit_stops_nobody():
    """The device streams, so it is never silent; what it says carries `ack`, and that must be enough."""
    made = iter(range(10_000))
    host = end(ROLE_HOST, 1)
    device = end(ROLE_DEVICE, 2, rx_buffer=300, stream=lambda: Window(next(made), 0, 0, 1, 1, b"ab"))
    host.connected(0)
    device.connected(0)
    for _ in range(6):
        device.receive(host.transmit(0, PLENTY), 0)
        host.receive(device.transmit(0, 200), 0)
    for i in range(30):
        host.send(Predict(i, bytes(86)))
    for now_us in range(0, 3_000_000, 1000):
        device.poll(now_us)
        device.receive(host.transmit(now_us, PLENTY), now_us)
        kept = b""
        for wire in device.transmit(now_us, 60).split(b"\0"):
            raw = frame.unstuff(wire)
            if raw and raw[0] != 0x13:  # no ACK ever arrives
                kept += wire + b"\0"
        host.receive(kept, now_us)
        host.poll(now_us)
    assert host.waiting == 0


def test_an_ack_is_left_out_where_data_says_enough_and_sent_where_it_does_not():
    _, device = opened()

    def kind_of_first(seq: int) -> int:
        device.send(Save(1))
        device.receive(raw_frame(device, DATA, 26, seq, bytes(4)), 1)
        first, *_ = device.transmit(1, PLENTY).split(b"\0")
        return frame.unstuff(first)[0]

    assert kind_of_first(0) == DATA
    assert kind_of_first(2) == ACK, "number 1 is missing"


def test_half_a_frame_of_the_line_before_does_not_spoil_the_first_of_this():
    host, device = opened()
    host.send(Save(1))
    device.receive(host.transmit(1, 9), 1)
    for one in (host, device):
        one.disconnected(2)
        one.connected(2)
    assert Received(Save(1)) in talk(host, device, 2)[1]
    assert device.counters.bad_frames == 0


def test_open_ends_with_nothing_to_say_stay_open_and_say_little():
    host, device = opened()
    now_us = 0
    for _ in range(400):
        now_us = min(host.wake_us(now_us), device.wake_us(now_us))
        assert (
            not host.poll(now_us)
            + device.poll(now_us)
            + over(host, device, now_us)
            + over(device, host, now_us)
        )
        if now_us > 10_000_000:
            break
    assert now_us > 10_000_000
    assert host.counters.frames_sent < 10_000_000 / KEEPALIVE_US + 10


def test_who_has_sent_windows_says_where_it_is_while_it_is_silent():
    queue = [Window(0, 0, 0, 1, 1, b"ab"), Window(1, 0, 0, 1, 1, b"ab")]
    host, device = end(ROLE_HOST, 1), end(ROLE_DEVICE, 2, stream=lambda: queue.pop(0) if queue else None)
    host.connected(0)
    device.connected(0)
    for _ in range(2):  # the second HELLO opens the device; its windows are then lost
        over(host, device, 0)
        over(device, host, 0) if device.state == "closed" else None
    over(host, device, 0)
    device.transmit(0, PLENTY)
    assert not queue
    told = [event for event in over(device, host, KEEPALIVE_US) if isinstance(event, Missing)]
    assert told == [Missing(0, 2)]


def test_notes_go_over_are_bounded_and_are_only_of_the_time():
    host, device = opened()
    host.note(TimeRequest(5))
    assert talk(host, device, 1)[1] == [Received(TimeRequest(5))]
    for i in range(1000):
        device.note(TimeReply(i, 2**40))
    at_host, _ = talk(host, device, 1)
    assert [event.message.token for event in at_host] == list(range(992, 1000))
    assert device.receive(raw_frame(device, NOTE, 20, 0, messages.encode(messages.LearnLast(1, 1))), 1) == []
    assert device.receive(raw_frame(device, STREAM, 6, 0, b"short"), 1) == []
    assert device.counters.malformed == 2


@pytest.mark.parametrize(
    ("number", "payload", "code"),
    [(19, b"\x07\0\0\0\1", "MALFORMED"), (77, b"\x07\0\0\0\1", "UNKNOWN"), (16, b"\x07\0\0\0", "MALFORMED")],
)
def test_a_command_that_is_none_is_answered_by_the_device(number, payload, code):
    host, device = opened()
    assert device.receive(raw_frame(device, DATA, number, 0, payload), 1) == []
    assert over(device, host, 1) == [Received(Done(7, CODES[code], 0))]
    assert device.counters.malformed == 1


def test_a_host_that_takes_no_answer_gets_none():
    host, device = end(ROLE_HOST, 1, rx_buffer=18), end(ROLE_DEVICE, 2)
    host.connected(0)
    device.connected(0)
    talk(host, device, 0)
    assert device.receive(raw_frame(device, DATA, 19, 0, b"\7\0\0\0\1"), 1) == []
    assert device.counters.malformed == 1
    assert device.waiting == 0


@pytest.mark.parametrize(("number", "payload"), [(19, b"\7\0\0"), (2, bytes(8)), (1, bytes(72))])
def test_what_holds_no_id_is_counted_and_the_line_goes_on(number, payload):
    _, device = opened()
    device.receive(raw_frame(device, DATA, number, 0, payload), 1)
    assert device.counters.malformed == 1
    assert device.waiting == 0
    assert device.receive(raw_frame(device, DATA, 26, 1, bytes(4)), 1) == [Received(Save(0))]


def test_a_host_that_never_takes_answers_cannot_make_a_device_grow():
    _, device = opened()
    answered = 0
    for seq in range(2_000):
        for _ in device.receive(raw_frame(device, DATA, 26, seq & 0xFFFF, seq.to_bytes(4, "little")), 1):
            device.send(Done(seq, 0, 0))
            answered += 1
        device.transmit(1, PLENTY)
    assert answered == device.waiting == ANSWERS_MAX


def test_commands_put_off_are_carried_out_when_answers_are_taken():
    host, device = opened()
    for i in range(300):
        host.send(Save(i))
    carried_out, answers, now_us = [], 0, 0
    for _ in range(400):
        now_us += 10_000
        for event in over(host, device, now_us):
            carried_out.append(event.message.id)
            for _ in range(3):
                device.send(Done(event.message.id, 0, 0))
        answers += len(over(device, host, now_us))
        host.poll(now_us)
        device.poll(now_us)
    assert carried_out == list(range(300))
    assert answers == 900


@pytest.mark.parametrize("state", ["closed", "open"])
def test_a_flood_of_garbage_is_counted_and_costs_no_memory(state):
    host, device = opened()
    if state == "closed":
        device.disconnected(0)
        device.connected(0)
    rng = Random(8)
    noise = [rng.randbytes(4096) for _ in range(8)]
    for chunk in noise:
        device.receive(chunk, 1)
    tracemalloc.start()
    for _ in range(60):
        for chunk in noise:
            assert device.receive(chunk, 1) == []
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 10_000
    assert device.counters.bad_frames > 1000
    device.receive(b"\0", 1)
    assert any(isinstance(event, Opened) for event in talk(host, device, 2)[1]) == (state == "closed")
    host.send(Save(1))
    assert talk(host, device, 3)[1] == [Received(Save(1))]


def test_frames_of_the_session_while_closed_are_counted_and_not_delivered():
    host, device = opened()
    host.send(Save(1))
    said = host.transmit(1, PLENTY)
    device.disconnected(2)
    device.connected(2)
    assert device.receive(said, 2) == []
    assert device.counters.unexpected == 1
    talk(host, device, 3)
    host.poll(RTO_FIRST_US + 1)
    assert talk(host, device, RTO_FIRST_US + 1)[1] == [Received(Save(1))]


@pytest.mark.parametrize(
    "wrong", [{"window": 0}, {"window": 33}, {"mtu": 71}, {"boot": 0}, {"boot": 2**32}, {"key": b"short"}]
)
def test_an_end_no_link_can_have_is_refused(wrong):
    fields = {"role": ROLE_HOST, "boot": 1} | {k: v for k, v in wrong.items() if k in Identity._fields}
    options = {k: v for k, v in wrong.items() if k not in Identity._fields}
    with pytest.raises(ValueError, match=r"window is 1 to 32|a key has 32 bytes, not 5"):
        Connection(Identity(**fields), **options)


def test_a_value_that_does_not_fit_is_refused_when_it_is_sent():
    host, _ = opened()
    with pytest.raises(MalformedError):
        host.send(Save(2**32))
    host.note(TimeRequest(1))
    assert host.waiting == 0


def test_a_gap_of_the_stream_is_sent_as_it_is():
    queue = [Gap(4), Window(4, 0, 0, 1, 1, b"ab")]
    host, device = end(ROLE_HOST, 1), end(ROLE_DEVICE, 2, stream=lambda: queue.pop(0) if queue else None)
    host.connected(0)
    device.connected(0)
    at_host, _ = talk(host, device, 0)
    assert [event for event in at_host if not isinstance(event, Opened)] == [
        Missing(0, 4), Received(Window(4, 0, 0, 1, 1, b"ab")),
    ]  # fmt: skip
