"""The link in C against the link in Python and against itself, on a bad line: each message once, in order."""

import ctypes
from collections.abc import Callable
from random import Random

import pytest

from firmware_bridge.protocol.connection import Connection, Event, Identity, Missing, Received
from firmware_bridge.protocol.constants import ROLE_DEVICE, ROLE_HOST
from firmware_bridge.protocol.messages import Predict, TimeReply, TimeRequest, Window
from firmware_bridge.testing.wire import End, Faults, Wire
from tests.bridge.conftest import Library
from tests.bridge.firmware.c_link import CLink, Sizes, link_library
from tests.bridge.firmware.parties import FAULTS, Party, converse, meet

KEY = bytes(range(32))
SMALL, TINY, LARGE = Sizes(), Sizes(mtu=128, tx_slots=3, rx_slots=0), Sizes(tx_slots=16, rx_slots=15)
HEAD = 4  # fixed bytes of PREDICT


def make_c(lib: ctypes.CDLL, role: int, rng: Random, key: bytes | None, lazy: float) -> Callable[[], End]:
    def made() -> End:
        return CLink(
            lib, Identity(role, rng.randrange(1, 2**32)), key=key, takes=lambda: rng.random() >= lazy,
            now_us=rng.randrange(2**32),
        )  # fmt: skip

    return made


def make_python(role: int, rng: Random, key: bytes | None) -> Callable[[], End]:
    return lambda: Connection(
        Identity(role, rng.randrange(1, 2**32), rx_buffer=4096), key=key, entropy=rng.randbytes
    )


def parties(
    library: Library, sizes: Sizes, other: Sizes | None, seed: int, lazy: float = 0.0
) -> tuple[Party, Party]:
    """Return a host (of Python where ``other`` is None) and a device of C."""
    rng, key = Random(seed), KEY if sizes.auth else None
    device = Party(make_c(link_library(library, sizes), ROLE_DEVICE, rng, key, lazy), sizes.mtu - HEAD)
    if other is None:
        return Party(make_python(ROLE_HOST, rng, key), 512 - HEAD), device
    return Party(make_c(link_library(library, other), ROLE_HOST, rng, key, lazy), other.mtu - HEAD), device


def all_pairs(function: Callable) -> Callable:
    """Run with all sizes of the C device, against Python and against C."""
    for mark in (
        pytest.mark.parametrize(
            "sizes", [SMALL, SMALL._replace(auth=True), TINY, LARGE], ids=lambda one: one.name
        ),
        pytest.mark.parametrize("other", ["python", "c"]),
    ):
        function = mark(function)
    return function


def couple(library: Library, other: str, sizes: Sizes, seed: int, lazy: float = 0.0) -> tuple[Party, Party]:
    return parties(library, sizes, None if other == "python" else SMALL._replace(auth=sizes.auth), seed, lazy)


@all_pairs
@pytest.mark.parametrize("faults", FAULTS)
@pytest.mark.parametrize("seed", range(3))
def test_every_message_comes_once_and_in_order(
    library: Library, other: str, sizes: Sizes, faults: str, seed: int
) -> None:
    host, device = couple(library, other, sizes, seed)
    wire = meet(host, device, seed, FAULTS[faults], baud=1_000_000)
    converse(wire, host, device, 60)
    assert len(host.heard) > 20
    assert len(device.heard) > 20


@all_pairs
@pytest.mark.parametrize("seed", range(4))
def test_reboots_and_cuts_lose_nothing_that_was_acknowledged(
    library: Library, other: str, sizes: Sizes, seed: int
) -> None:
    host, device = couple(library, other, sizes, seed)
    wire = meet(host, device, seed, FAULTS["stalling"], baud=1_000_000)

    steps = iter(range(150))

    def happens() -> None:
        step = next(steps)
        what = {10: 2, 11: 3, 12: 9, 13: 9, 14: 9, 15: 9, 40: 0, 60: 1}.get(step, wire.rng.randrange(20))
        if what == 0:
            wire.reboot(device=device.boot())
        elif what == 1:
            wire.reboot(host=host.boot())
        elif what == 2 and wire.plugged:
            wire.unplug()
        elif not wire.plugged and what < 10:
            wire.plug()

    converse(wire, host, device, 150, happens)
    assert device.sessions > 1
    assert device.resumed > 0


@all_pairs
@pytest.mark.parametrize("seed", range(3))
def test_a_user_who_is_not_ready_gets_the_message_later(
    library: Library, other: str, sizes: Sizes, seed: int
) -> None:
    host, device = couple(library, other, sizes, seed, lazy=0.5)
    wire = meet(host, device, seed, FAULTS["noisy"], baud=1_000_000)
    converse(wire, host, device, 60)
    assert len(device.heard) == device.partner.serial


@all_pairs
def test_an_unplugged_line_resumes_the_session(library: Library, other: str, sizes: Sizes) -> None:
    host, device = couple(library, other, sizes, 0)
    wire = meet(host, device, 0, Faults(), baud=1_000_000)
    wire.run(100_000)
    for gap_us in (5_000, 400_000, 3_000_000):
        for party in (host, device):
            for _ in range(4):
                party.say()
        wire.run(3_000)
        wire.unplug()
        wire.run(gap_us)
        wire.plug()
        took = wire.run(500_000, until=lambda: host.end.waiting == device.end.waiting == 0)
        assert took, "not resumed within half a second"
    assert (host.sessions, device.sessions) == (1, 1)
    assert (len(host.heard), len(device.heard)) == (12, 12)


@pytest.mark.parametrize("way", ["from C", "to C"])
def test_a_window_lost_whole_is_sent_again_at_once(library: Library, way: str) -> None:
    host, device = parties(library, LARGE, None, 0)
    wire = meet(host, device, 0, Faults(), baud=10_000_000, latency_us=50_000)
    wire.run(300_000)
    party, line = (device, wire.to_host) if way == "from C" else (host, wire.to_device)
    for _ in range(3):
        party.say()
        wire.run(200_000)
    for _ in range(14):
        party.say()
    wire.run(20_000)
    line.clear()
    assert wire.run(1_500_000, until=lambda: party.end.waiting == 0)


def test_what_is_put_off_after_it_was_told_makes_the_host_neither_busy_nor_loud(library: Library) -> None:
    took: list[Event] = []
    takes = iter([True])  # one message, then none
    device = CLink(link_library(library, LARGE), Identity(ROLE_DEVICE, 5), takes=lambda: next(takes, False))
    host = Connection(Identity(ROLE_HOST, 6), entropy=Random(0).randbytes)
    now_us = 0
    for end in (host, device):
        end.connected(now_us)

    def exchange() -> None:
        took.extend(device.poll(now_us) + device.receive(host.transmit(now_us, 10_000), now_us))
        host.receive(device.transmit(now_us, 10_000), now_us)

    for _ in range(4):
        exchange()
    took.clear()
    for number in range(3):
        host.send(Predict(number, b""))
    _, second, third, _ = host.transmit(now_us, 10_000).split(b"\0")
    device.receive(b"\0" + second + b"\0" + third + b"\0", now_us)
    host.receive(device.transmit(now_us, 10_000), now_us)
    for _ in range(500):
        now_us += 10_000
        host.poll(now_us)
        exchange()
        assert host.wake_us(now_us) > now_us
    assert took == [Received(Predict(0, b""))]
    assert host.counters.resent == 1
    takes = iter([True] * 2)
    exchange()
    assert [event.message.id for event in took] == [0, 1, 2]
    assert host.waiting == 0


def test_numbers_wrap_without_a_gap(library: Library) -> None:
    host, device = parties(library, LARGE._replace(auth=True), LARGE._replace(auth=True), 0)
    host.most = device.most = 0
    wire = meet(host, device, 0, Faults(flip=2e-6), baud=100_000_000)
    wire.run(20_000)
    while device.serial < 66_500:
        for _ in range(15):
            device.say()
        wire.step()
    host.say()
    converse(wire, host, device, 3)
    assert len(host.heard) == device.serial


def test_a_flood_of_garbage_is_survived(library: Library) -> None:
    host, device = parties(library, SMALL, None, 0)
    wire = meet(host, device, 0, Faults(), baud=1_000_000)
    wire.run(100_000)
    device.end.receive(wire.rng.randbytes(300_000), wire.now_us)
    device.end.receive(b"\x55" * 300_000, wire.now_us)
    assert device.end.counters.bad_frames > 100
    assert device.end.counters.oversize > 0
    converse(wire, host, device, 5)
    assert host.sessions == 1


def test_windows_lost_are_accounted_for(library: Library) -> None:
    made, count = 0, 3_000

    def window() -> Window | None:
        nonlocal made
        if made == count:
            return None
        made += 1
        return Window(made - 1, 0, 0, 1, 2, made.to_bytes(4, "little"))

    got: list[int] = []
    missing = 0

    def told(event: Event) -> None:
        nonlocal missing
        if isinstance(event, Missing):
            assert event.first == len(got) + missing
            missing += event.count
        elif isinstance(event, Received):
            assert event.message.index == len(got) + missing
            got.append(event.message.index)

    rng = Random(1)
    device = CLink(link_library(library, SMALL), Identity(ROLE_DEVICE, 5), stream=window)
    host = Connection(Identity(ROLE_HOST, 6), entropy=rng.randbytes)
    wire = Wire(host, device, seed=1, faults=Faults(flip=1e-3, cut=0.01), baud=460_800, on_host=told)
    wire.run(2_000_000)
    wire.heal()
    wire.run(1_000_000)
    assert missing > 10
    assert len(got) + missing == made == count


def test_the_clock_of_the_device_is_told_with_64_bits(library: Library) -> None:
    replies: list[TimeReply] = []
    device = CLink(link_library(library, SMALL), Identity(ROLE_DEVICE, 5))
    host = Connection(Identity(ROLE_HOST, 6), entropy=Random(1).randbytes)
    wire = Wire(host, device, seed=1, on_host=lambda event: replies.append(getattr(event, "message", None)))
    wire.run(100_000)
    wire.now_us = 2**32 - 50_000
    wire.run(100_000)
    host.note(TimeRequest(77))
    wire.run(20_000)
    [reply] = [one for one in replies if isinstance(one, TimeReply)]
    assert reply.token == 77
    assert 0 <= wire.now_us - reply.device_us < 20_000
