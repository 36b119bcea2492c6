"""A receiver's FIFO: what arrives while nobody reads is lost beyond its depth, to the byte."""

import pytest

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.wire.serial_wire import SerialWire
from firmware_bridge.memory import MemoryPort
from firmware_bridge.transport import open_port
from tests.emulator.wire.story import pattern

LATENCY_US, STARTS_US = 500, 1_000  # the wire looks first after a millisecond


class Sleeper:
    """A device whose main loop stands still for a while once the first bytes have come."""

    def __init__(self, clock: VirtualClock, sleep_us: int) -> None:
        self.clock, self.sleep_us = clock, sleep_us
        self.came: list[tuple[int, bytes]] = []

    def connected(self, now_us: int) -> None: ...
    def disconnected(self, now_us: int) -> None: ...

    def receive(self, data: bytes, now_us: int) -> None:
        self.came.append((now_us, data))
        if len(self.came) == 1:
            self.clock.sleep(self.sleep_us / 1e6)

    def transmit(self, now_us: int, room: int) -> bytes:  # noqa: ARG002
        return b""


def fed(wire: SerialWire, clock: VirtualClock, data: bytes) -> MemoryPort:
    """Keep the line to the device busy with ``data``."""
    host, rest = open_port(wire.url), bytearray(data)
    assert isinstance(host, MemoryPort)

    def more() -> None:
        del rest[: host.write(bytes(rest[: host.room()]))]

    more()
    clock.every(500, more)
    return host


@pytest.mark.parametrize("baud", [9600, 115_200, 2_000_000])
@pytest.mark.parametrize("fifo_bytes", [1, 16, 64, 1024])
@pytest.mark.parametrize("sleep_us", [700, 50_123])
def test_a_device_that_sleeps_loses_what_its_fifo_cannot_keep(
    baud: int, fifo_bytes: int, sleep_us: int
) -> None:
    clock, data = VirtualClock(), pattern(60_000)
    device = Sleeper(clock, sleep_us)
    with SerialWire(device, baud=baud, latency_us=LATENCY_US, fifo_bytes=fifo_bytes, clock=clock) as wire:
        fed(wire, clock, data)
        clock.sleep(0.2)
        lost = wire.counts.to_device.overrun

        def sent(now_us: int) -> int:
            return (now_us - LATENCY_US - STARTS_US) * baud // 10_000_000

        asleep_us, first = device.came[0]
        assert sent(asleep_us) == len(first)
        meanwhile = sent(asleep_us + sleep_us) - len(first)
        assert lost == max(0, meanwhile - fifo_bytes)
        kept = len(first) + meanwhile - lost
        came = b"".join(part for _, part in device.came)
        assert came == (data[:kept] + data[kept + lost :])[: len(came)]
        assert len(came) + lost == sent(clock.now_us())
        assert wire.counts.to_device.arrived == len(came)


def test_without_a_depth_nothing_is_lost() -> None:
    clock = VirtualClock()
    device = Sleeper(clock, 100_000)
    with SerialWire(device, clock=clock) as wire:
        fed(wire, clock, pattern(2000))
        clock.sleep(1.0)
        assert wire.counts.to_device.overrun == 0
        assert b"".join(part for _, part in device.came) == pattern(2000)


def test_a_device_that_is_unplugged_in_its_sleep_is_told_when_it_wakes() -> None:
    clock, told = VirtualClock(), []

    class Told(Sleeper):
        def disconnected(self, now_us: int) -> None:
            told.append(now_us)

    with SerialWire(Told(clock, 100_000), clock=clock, fifo_bytes=8) as wire:
        open_port(wire.url).write(pattern(100))
        wire.unplug(at_s=0.05)
        clock.sleep(0.5)
        assert len(told) == 1
        assert 0.1 < told[0] / 1e6 < 0.11


def test_a_bare_end_that_is_not_read_overruns_and_one_that_waits_does_not() -> None:
    clock, data = VirtualClock(), pattern(1000)
    with SerialWire(clock=clock, fifo_bytes=16, baud=2_000_000) as wire:
        far = wire.far
        host = open_port(wire.url)
        host.write(data[:500])
        clock.sleep(0.1)
        assert wire.counts.to_device.overrun == 484
        assert far.read(0.0) == data[:16]
        host.write(data[500:])
        came = b""
        while part := far.read(0.05):
            came += part
        assert came == data[500:]
        assert wire.counts.to_device.overrun == 484
