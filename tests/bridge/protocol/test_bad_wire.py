"""Both ends talk over a wire that spoils bytes, stalls, is cut and repeats itself, while they are unplugged and reboot."""

from random import Random

import pytest

from firmware_bridge.testing.wire import Faults
from tests.bridge.protocol.talk import KEY, Talker, converse, joined

SEEDS = range(1000, 1024)
LINE = {"baud": 460_800, "latency_us": 5_000, "tick_us": 2_000}


def faults(seed: int) -> Faults:
    """Return what this seed's wire does, from hardly anything to far too much."""
    rng = Random(seed)
    byte, chunk = 10 ** -rng.uniform(2.5, 5), 10 ** -rng.uniform(1.5, 3)
    return Faults(byte * rng.random(), byte * rng.random(), byte * rng.random(), *(chunk * rng.random() for _ in "rdc"))


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
    """The host asks HELLO.applied after each new session and goes on from there; the device keeps it through reboots."""
    wire, host, device = joined(wire_seed, faults(wire_seed), **LINE)
    learned: list[int] = []
    next_id = [1]

    def command():
        if host.end.state == "open" and host.end.waiting < 20:
            host.end.send(host_command(next_id[0]))
            next_id[0] += 1

    wire._on_host = lambda event: on_host(event, next_id)
    wire._on_device = lambda event: on_device(event, learned, device)
    for _ in range(120):
        wire.run(wire.rng.randrange(1_000, 40_000))
        command()
        what = wire.rng.random()
        if what < 0.04:
            wire.reboot(host=host.boot())
        elif what < 0.08:
            wire.reboot(device=device.boot())
            device.end.applied = len(learned)
    wire.heal()
    assert wire.run(60_000_000, until=lambda: host.end.state == "open" and not host.end.waiting)
    assert learned == list(range(1, len(learned) + 1))
    assert len(learned) == next_id[0] - 1


def host_command(number: int):
    from firmware_bridge.protocol.messages import LearnLast

    return LearnLast(number, number % 10)


def on_host(event: object, next_id: list[int]) -> None:
    if type(event).__name__ == "Opened" and not event.resumed:
        next_id[0] = event.hello.applied + 1


def on_device(event: object, learned: list[int], device: Talker) -> None:
    if type(event).__name__ == "Received" and event.message.id > len(learned):
        learned.append(event.message.id)
        device.end.applied = len(learned)
