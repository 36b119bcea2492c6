"""How two ends meet, meet again, and refuse each other."""

import struct

import pytest

from firmware_bridge.protocol import frame, messages
from firmware_bridge.protocol.connection import Lost, Opened, Received, Refused
from firmware_bridge.protocol.constants import (
    DEAD_AFTER_US,
    HELLO,
    HELLO_EVERY_US,
    ROLE_DEVICE,
    ROLE_HOST,
)
from tests.bridge.protocol.ends import KEY, PLENTY, end, ends, opened, over, talk


def closed_pair(**options):
    host, device = ends(**options)
    host.connected(0)
    device.connected(0)
    return host, device


def hello_frame(payload: bytes) -> bytes:
    return b"\0" + frame.encode(HELLO, 1, 0, 0, payload, 0)


def hello_of(wire: bytes) -> messages.Hello:
    for raw in frame.Decoder(600).feed(wire):
        got = frame.checked(raw, 0)
        if got is not None and got.kind == HELLO:
            return messages.decode(1, got.payload)
    raise AssertionError("no HELLO was said")


@pytest.mark.parametrize("key", [None, KEY])
def test_both_open_after_three_hellos_and_know_each_other(key):
    host, device = closed_pair(key=key)
    host.receive(b"", 0)
    over(host, device, 0)
    assert device.state == "closed"
    (told,) = over(device, host, 0)
    assert isinstance(told, Opened)
    assert not told.resumed
    assert host.peer.boot == 22
    (told,) = over(host, device, 0)
    assert isinstance(told, Opened)
    over(device, host, 0)
    assert (host.counters.frames_sent, device.counters.frames_sent) == (
        3,
        2,
    )  # two HELLOs and an ACK; HELLO and ACK


@pytest.mark.parametrize("key", [None, KEY])
def test_a_lost_line_is_the_same_session_again(key):
    host, device = opened(key=key)
    host.send(messages.Save(1))
    lost = host.transmit(1, PLENTY)
    assert lost
    for one in (host, device):
        one.disconnected(2)
        one.connected(3)
    at_host, at_device = talk(host, device, 3)
    assert [type(event) for event in at_host] == [Opened]
    assert at_host[0].resumed
    assert [type(event) for event in at_device] == [Opened, Received]
    assert host.waiting == 0


@pytest.mark.parametrize("key", [None, KEY])
def test_a_reboot_is_a_new_session_and_gives_back_what_was_not_acknowledged(key):
    host, _ = opened(key=key)
    host.send(messages.Save(1))
    host.send(messages.Save(2))
    host.transmit(1, PLENTY)
    host.send(messages.Save(3))
    again = end(ROLE_DEVICE, 33, key=key, applied=7)
    again.connected(5)
    at_host, _ = talk(host, again, 5)
    (told,) = at_host
    assert not told.resumed
    assert told.returned == [messages.Save(1), messages.Save(2), messages.Save(3)]
    assert told.hello.applied == 7
    assert host.waiting == 0
    assert host.counters.bad_tag == again.counters.bad_tag == 0


@pytest.mark.parametrize("key", [None, KEY])
def test_ends_that_met_others_in_between_begin_anew_and_lose_nothing(key):
    """Two devices on one port by turns: the first still holds a session that the host no longer has."""
    host, first = opened(key=key)
    second = end(ROLE_DEVICE, 33, key=key)
    first.send(messages.Done(1, 0, 0))
    talk(host, first, 1)
    for now_us, device in ((1_000, second), (2_000, first), (3_000, second), (4_000, first)):
        for one in (host, device):
            one.disconnected(now_us)
            one.connected(now_us)
        at_host, at_device = talk(host, device, now_us)
        at_host += talk(host, device, now_us + HELLO_EVERY_US)[0]
        assert [event.resumed for event in at_host] == [False]
        assert device.state == "open"
        host.send(messages.Save(now_us))
        device.send(messages.Done(now_us, 0, 0))
        at_host, at_device = talk(host, device, now_us + HELLO_EVERY_US)
        assert Received(messages.Save(now_us)) in at_device
        assert Received(messages.Done(now_us, 0, 0)) in at_host


@pytest.mark.parametrize("who", [ROLE_HOST, ROLE_DEVICE])
def test_a_line_back_at_one_end_only_is_found_by_the_other(who):
    host, device = opened()
    one = host if who == ROLE_HOST else device
    one.disconnected(1)
    one.connected(2)
    at_host, at_device = talk(host, device, 3)
    assert host.state == device.state == "open"
    assert [event.resumed for event in at_host + at_device] == [True]


def test_silence_closes_and_calls_and_the_same_session_comes_back():
    host, device = opened()
    assert host.poll(DEAD_AFTER_US - 1) == []
    (told,) = host.poll(DEAD_AFTER_US)
    assert isinstance(told, Lost)
    assert host.state == "closed"
    device.poll(DEAD_AFTER_US)
    at_host, at_device = talk(host, device, DEAD_AFTER_US)
    assert [event.resumed for event in at_host + at_device] == [True, True]


def test_hello_is_said_every_tenth_of_a_second_while_nobody_answers():
    host, _ = closed_pair()
    said = [now_us for now_us in range(0, 1_000_000, 1_000) if host.transmit(now_us, PLENTY)]
    assert said == list(range(0, 1_000_000, HELLO_EVERY_US))
    assert host.wake_us(950_000) == 1_000_000


@pytest.mark.parametrize("key", [None, KEY])
def test_a_lost_hello_of_an_open_end_is_said_again_until_the_other_is_open(key):
    host, device = closed_pair(key=key)
    over(host, device, 0)
    over(device, host, 0)
    assert host.transmit(0, PLENTY)  # lost: the host is open, the device is not
    assert (host.state, device.state) == ("open", "closed")
    over(host, device, HELLO_EVERY_US)
    assert device.state == "open"
    over(device, host, HELLO_EVERY_US)
    assert host.transmit(2 * HELLO_EVERY_US, PLENTY) == b"", "what was heard says that the device is open"


def spoilt(**fields) -> bytes:
    _, device = closed_pair()
    hello = hello_of(device.transmit(0, PLENTY))
    return hello_frame(messages.encode(hello._replace(**fields)))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"proto_min": 2, "proto_max": 3}, "speaks protocol 2 to 3, this end 1 to 1"),
        ({"schema": 0xDEADBEEF}, f"schema 0xdeadbeef, this end's 0x{messages.SCHEMA:08x}"),
        ({"role": ROLE_HOST}, "both ends are the host"),
        ({"role": 9}, "role 9"),
        ({"boot": 0}, "boot 0"),
        ({"flags": 1}, "the other end has a key and this end has none"),
    ],
)
def test_who_cannot_be_talked_to_is_told_once_counted_each_time_and_answered_seldom(fields, words):
    host, _ = closed_pair()
    host.transmit(0, PLENTY)
    told = [event for i in range(50) for event in host.receive(spoilt(**fields), i)]
    assert len(told) == 1
    assert isinstance(told[0], Refused)
    assert words in told[0].reason
    assert host.counters.refused_hello == 50
    assert host.state == "closed"
    assert host.transmit(60, PLENTY) == b""
    assert host.transmit(HELLO_EVERY_US, PLENTY)


def test_a_hello_of_a_later_version_may_be_of_any_length_and_is_refused_by_its_first_fields():
    host, _ = closed_pair()
    (told,) = host.receive(hello_frame(struct.pack("<BBI", 7, 9, 5) + b"what later versions say"), 0)
    assert "protocol 7 to 9" in told.reason
    assert host.receive(hello_frame(struct.pack("<BBI", 1, 1, messages.SCHEMA)), 0) == []
    assert host.counters.malformed == 1
    (told,) = host.receive(hello_frame(b"\1\1"), 0)
    assert "too short" in told.reason


def test_one_end_with_a_key_and_one_without_say_so_both():
    host, device = end(ROLE_HOST, 11, key=KEY), end(ROLE_DEVICE, 22)
    host.connected(0)
    device.connected(0)
    at_host, at_device = talk(host, device, 0)
    assert "this end has a key and the other end has none" in at_host[0].reason
    assert "the other end has a key and this end has none" in at_device[0].reason


def test_a_wrong_key_is_told_and_the_line_is_not_flooded_with_hellos():
    host, device = end(ROLE_HOST, 11, key=KEY), end(ROLE_DEVICE, 22, key=bytes(32))
    host.connected(0)
    device.connected(0)
    told = []
    for now_us in range(0, 1_000_000, 10_000):
        at_host, at_device = talk(host, device, now_us)
        told += at_host + at_device
    assert [type(event) for event in told] == [Refused, Refused]
    assert all("another key" in event.reason for event in told)
    assert host.state == device.state == "closed"
    assert host.counters.bad_tag >= 3
    assert host.counters.frames_sent + device.counters.frames_sent <= 2 * 13


def test_its_own_echo_is_nobody():
    host, _ = closed_pair()
    (told,) = host.receive(host.transmit(0, PLENTY), 0)
    assert "looped back" in told.reason


@pytest.mark.parametrize("key", [None, KEY])
def test_hellos_of_the_same_session_again_change_nothing(key):
    host, device = closed_pair(key=key)
    recorded = [host.transmit(0, PLENTY)]
    device.receive(recorded[0], 0)
    for _ in range(5):
        host.receive(device.transmit(0, PLENTY), 0)
        recorded.append(host.transmit(0, PLENTY))
        device.receive(recorded[-1], 0)
    host.send(messages.Save(1))
    assert Received(messages.Save(1)) in talk(host, device, 1)[1]
    for hello in recorded:
        assert device.receive(hello, 2) == []
    host.send(messages.Save(2))
    assert talk(host, device, 3)[1] == [Received(messages.Save(2))]
    assert device.state == "open"


def test_with_a_key_nothing_recorded_of_an_older_session_opens_or_does_anything():
    host, device = closed_pair(key=KEY)
    recorded = []
    for now_us in range(4):
        said = host.transmit(now_us, PLENTY)
        recorded.append(said)
        device.receive(said, now_us)
        host.receive(device.transmit(now_us, PLENTY), now_us)
        host.send(messages.LearnLast(now_us + 1, 3))
    recorded.append(host.transmit(9, PLENTY))
    device.receive(recorded[-1], 9)
    # the same host, later, in another session with the same device
    device.disconnected(10)
    later = end(ROLE_HOST, 44, key=KEY)
    device.connected(10)
    later.connected(10)
    talk(later, device, 10)
    for replay in (recorded, recorded[::-1]):
        for said in replay:
            assert device.receive(said, 11) == []
    assert device.state == "open"
    # and a device that has just started
    fresh = end(ROLE_DEVICE, 22, draws=9, key=KEY)
    fresh.connected(0)
    assert [event for said in recorded for event in fresh.receive(said, 12)] == []
    assert fresh.state == "closed"


def test_with_a_key_a_frame_again_or_changed_does_nothing():
    host, device = opened(key=KEY)
    host.send(messages.LearnLast(1, 3))
    said = host.transmit(1, PLENTY)
    assert device.receive(said, 1) == [Received(messages.LearnLast(1, 3))]
    assert device.receive(said, 1) == []
    assert device.counters.duplicates == 1
    session = device._handshake.session
    forged = frame.encode(
        0x11, 20, 1, 0, messages.encode(messages.LearnLast(2, 3)), session.number, lambda *_: bytes(8)
    )
    assert device.receive(forged, 1) == []
    assert device.counters.bad_tag == 1


def test_a_replayed_hello_does_not_part_two_ends_that_talk():
    host, device = closed_pair(key=KEY)
    old = end(ROLE_DEVICE, 22, draws=50, key=KEY)  # a HELLO this device said earlier in its life
    old.connected(0)
    replay = old.transmit(0, PLENTY)
    other = end(ROLE_DEVICE, 99, key=KEY)  # and one of an earlier boot
    other.connected(0)
    talk(host, device, 0)
    third = end(ROLE_HOST, 98, key=KEY)
    third.connected(0)
    assert host.receive(replay, 1) + host.receive(other.transmit(0, PLENTY), 1) == []
    assert device.receive(third.transmit(0, PLENTY), 1) == []
    assert talk(host, device, 2) == ([], [])
    host.send(messages.Save(1))
    assert talk(host, device, 3)[1] == [Received(messages.Save(1))]
    for one in (host, device):
        one.disconnected(4)
        one.connected(4)
    at_host, at_device = talk(host, device, 4)
    assert [event.resumed for event in at_host + at_device] == [True, True]


def test_notes_of_a_session_do_not_reach_the_next():
    _, device = opened()
    device.disconnected(1)
    device.note(messages.TimeReply(1, 5))
    again = end(ROLE_HOST, 44)
    again.connected(1)
    device.connected(1)
    at_host, _ = talk(again, device, 1)
    assert [type(event) for event in at_host] == [Opened]
