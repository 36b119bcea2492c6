"""Both ends talk over a wire that spoils bytes, stalls, is cut, repeats itself, while they are unplugged and reboot."""

from random import Random

import pytest

from firmware_bridge.protocol.connection import Opened, Received
from firmware_bridge.protocol.messages import LearnLast
from firmware_bridge.testing.wire import Faults, Wire
from tests.bridge.protocol.talk import KEY, converse, joined, pair

SEEDS = range(1000, 1016)
LINE = {"baud": 460_800, "latency_us": 5_000, "tick_us": 2_000}


def faults(seed: int) -> Faults:
    """Return what this seed's wire does, from hardly anything to far too much."""
    rng = Random(seed)
    byte, chunk = 10 ** -rng.uniform(2.5, 5), 10 ** -rng.uniform(1.5, 3)
    return Faults(
        byte * rng.random(), byte * rng.random(), byte * rng.random(), *(chunk * rng.random() for _ in "rdc")
    )


@pytest.fixture(params=[None, KEY], ids=["open", "authenticated"])
def key(request):
    return request.param


def test_every_message_arrives_once_and_in_order(wire_seed, key):
    wire, host, device = joined(wire_seed, faults(wire_seed), key, **LINE)
    converse(wire, host, device, 60, lambda: None)
    assert host.serial
    assert host.returned == device.returned == 0, "no end was restarted, so nothing may come back"
    assert device.heard == list(range(1, host.serial + 1))
    assert host.heard == list(range(1, device.serial + 1))


def test_unplugging_loses_and_repeats_nothing(wire_seed, key):
    wire, host, device = joined(wire_seed, faults(wire_seed), key, **LINE)

    def happens():
        if wire.plugged and wire.rng.random() < 0.2:
            wire.unplug()
        elif not wire.plugged and wire.rng.random() < 0.5:
            wire.plug()

    converse(wire, host, device, 80, happens)
    assert host.returned == device.returned == 0
    assert device.heard == list(range(1, host.serial + 1))
    assert host.heard == list(range(1, device.serial + 1))


def test_reboots_of_either_end_repeat_nothing_and_lose_nothing_silently(wire_seed, key):
    wire, host, device = joined(wire_seed, faults(wire_seed), key, **LINE)

    def happens():
        what = wire.rng.random()
        if what < 0.05:
            wire.reboot(host=host.boot())
        elif what < 0.1:
            wire.reboot(device=device.boot())
        elif what < 0.15:
            wire.unplug()
            wire.plug()

    converse(wire, host, device, 80, happens)
    assert host.opened
    assert device.opened


def test_learning_commands_are_carried_out_once_whatever_restarts(wire_seed):
    """The host goes on after HELLO.applied in each new session; the device keeps `applied` through reboots."""
    host, device = pair(Random(wire_seed))
    learned: list[int] = []
    following = 1

    def on_host(event):
        nonlocal following
        if isinstance(event, Opened) and not event.resumed:
            following = event.hello.applied + 1

    def on_device(event):
        if isinstance(event, Received) and event.message.id > len(learned):
            learned.append(event.message.id)
            device.end.applied = len(learned)

    wire = Wire(
        host.end, device.end, seed=wire_seed, faults=faults(wire_seed), on_host=on_host, on_device=on_device, **LINE
    )  # fmt: skip
    for _ in range(120):
        wire.run(wire.rng.randrange(1_000, 40_000))
        if host.end.state == "open":
            host.end.send(LearnLast(following, following % 10))
            following += 1
        what = wire.rng.random()
        if what < 0.04:
            wire.reboot(host=host.boot())
        elif what < 0.08:
            wire.reboot(device=device.boot())
            device.end.applied = len(learned)
    wire.heal()
    assert wire.run(60_000_000, until=lambda: host.end.state == "open" and not host.end.waiting)
    assert learned == list(range(1, following))
