"""A host on a virtual wire: every call, times of the clock, no thread, exactly once through unplugging."""

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.wire.serial_wire import SerialWire
from edgelearn.sources import DeviceWindows, Item, Missed, Pause
from edgelearn.types import Sample
from firmware_bridge import measure, memory
from firmware_bridge.aio import connect_async
from firmware_bridge.device import connect
from firmware_bridge.notices import Restarted, Resumed, Silent, Unplugged
from firmware_bridge.protocol.errors import CommandError, DeadlineError, PortError
from firmware_bridge.testing.faults import Faults
from firmware_bridge.transport import open_port
from tests.emulator.wire.story import BAD, Tapped, clouds, pattern

X = clouds()[0]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_every_call_works_without_a_thread(clock: VirtualClock) -> None:
    before = threading.active_count()
    with SerialWire(Tapped(sensor=lambda k: [k]), clock=clock) as wire, connect(wire.url) as device:
        assert device.virtual
        assert device.hello().firmware == "python twin"
        device.learn(X[0], 1)
        device.predict(X[1])
        device.learn_last(2)
        with pytest.raises(CommandError, match="classes"):
            device.learn(X[0], 9)
        state = device.read_state()
        device.reset()
        device.write_state(state)
        assert device.read_state().data == state.data
        device.save()
        device.configure(rate_hz=100, window=10)
        device.stream()
        indices = [window.index for window, _ in zip(device.windows(timeout_s=1.0), range(5), strict=False)]
        device.stream(False)
        assert indices == list(range(5))
        assert device.statistics().device["learned"] == 2
        assert threading.active_count() == before
    assert 0.5 < clock.now_us() / 1e6 < 3.0
    assert memory.names() == []


def test_a_deadline_is_one_of_virtual_time(clock: VirtualClock) -> None:
    with SerialWire(clock=clock) as wire, pytest.raises(DeadlineError, match="for 60 s"):
        connect(wire.url, timeout_s=60.0)
    assert clock.now_us() == 60_000_000


def test_a_line_too_bad_for_long_frames_is_named(clock: VirtualClock) -> None:
    twin, faults = Tapped(sensor=lambda k: [k]), Faults(flip=0.01)
    with (
        pytest.raises(DeadlineError, match=r"ReadState .* \d+ frames came damaged .* cable"),
        SerialWire(twin, faults=faults, seed=2, clock=clock) as wire,
        connect(wire.url, timeout_s=2.0) as device,
    ):
        device.read_state()


def state_over(faults: Faults, seed: int) -> bytes:
    twin, clock = Tapped(sensor=lambda k: [k]), VirtualClock()
    with (
        SerialWire(twin, faults=faults, seed=seed, clock=clock) as wire,
        connect(wire.url, timeout_s=3.0) as device,
    ):
        device.learn(X[0], 1)
        return device.read_state().data


def test_a_long_answer_crosses_a_bad_line_before_its_deadline() -> None:
    """Two in three of its frames are damaged: with waits that double without end, four of the seeds fail."""
    good = state_over(Faults(), seed=0)
    assert all(state_over(Faults(flip=3e-3), seed) == good for seed in range(60))


def test_a_wait_for_windows_ends_at_its_time(clock: VirtualClock) -> None:
    with SerialWire(Tapped(), clock=clock) as wire, connect(wire.url) as device:
        before_us = clock.now_us()
        assert device.next_window(0.0) is None
        assert clock.now_us() == before_us
        assert device.next_window(1.2345) is None
        assert clock.now_us() == before_us + 1_234_500


def test_unplugged_while_teaching_everything_is_learned_once_and_in_order(clock: VirtualClock) -> None:
    twin, notices = Tapped(), []
    with SerialWire(twin, faults=BAD, seed=5, clock=clock) as wire:
        with connect(wire.url, notice=notices.append, timeout_s=20.0) as device:
            taught = []
            for k in range(200):
                device.learn(X[k % 30], k % 3, wait=False)
                taught.append(k % 3)
                if k % 40 == 20:
                    clock.sleep(0.1)  # until some have gone, and some are on their way
                    wire.unplug(for_s=0.01 * k)
                    clock.sleep(0.02 * k)
        assert twin.labels == taught
        assert wire.counts.unplugged == 5
    kinds = [type(notice) for notice in notices]
    assert kinds.count(Unplugged) == kinds.count(Resumed) == 5
    assert Restarted not in kinds


def test_a_restart_is_told_and_what_was_not_saved_is_counted(clock: VirtualClock) -> None:
    twin, notices = Tapped(), []
    with SerialWire(twin, clock=clock) as wire, connect(wire.url, notice=notices.append) as device:
        device.learn(X[0], 0)
        clock.at(clock.now_us() + 100_000, lambda: twin.reboot(clock.now_us()))
        clock.sleep(1.0)
        device.learn(X[1], 1)
        assert device.statistics().learned_lost == 1
    assert [notice.lost for notice in notices if isinstance(notice, Restarted)] == [1]


def test_windows_after_a_restart_have_the_time_they_were_made(clock: VirtualClock) -> None:
    twin = Tapped(sensor=lambda k: [k % 500])
    with SerialWire(twin, clock=clock) as wire, connect(wire.url) as device:
        device.configure(rate_hz=500, window=20)
        device.stream()
        clock.sleep(5.0)
        twin.reboot(clock.now_us())  # its own clock begins anew
        clock.sleep(2.0)
        windows = [window for _ in range(1000) if (window := device.next_window(0.0))]
        assert 0.0 <= clock.now_us() / 1e6 - windows[-1].time_s < 0.2


def test_a_silent_device_is_noticed_although_nobody_calls(clock: VirtualClock) -> None:
    notices = []
    with SerialWire(Tapped(), clock=clock) as wire, connect(wire.url, notice=notices.append):
        wire._carrier.to_host._latency_us = 3_600_000_000
        clock.sleep(10.0)
        wire._carrier.to_host._latency_us = 0
    assert any(isinstance(notice, Silent) for notice in notices)


def test_a_second_host_follows_the_first_and_takes_its_place(clock: VirtualClock) -> None:
    with SerialWire(Tapped(), clock=clock) as wire:
        for label in range(2):
            with connect(wire.url) as device:
                device.learn(X[0], label)
                assert device.statistics().device["learned"] == label + 1
        before = wire.counts.to_host.lost
        clock.sleep(1.0)
        assert wire.counts.to_host.lost > before, "nobody has the port open"


def test_a_later_wire_of_the_same_seed_is_another_host(clock: VirtualClock) -> None:
    twin = Tapped()
    for label in range(3):
        with SerialWire(twin, clock=clock) as wire, connect(wire.url) as device:
            device.learn(X[0], label)
    assert twin.labels == [0, 1, 2]


def driven(source: DeviceWindows, enough: int) -> Iterator[Item]:
    items = iter(source)
    while enough:
        item = next(items)
        if isinstance(item, Pause):
            assert item.seconds == 0.0, "the source lets virtual time pass itself"
            continue
        enough -= isinstance(item, Sample)
        yield item
    items.close()  # type: ignore[attr-defined]


def windows(faults: Faults, seed: int) -> list[tuple[object, ...]]:
    clock = VirtualClock()
    with SerialWire(Tapped(sensor=lambda k: [k % 1000]), faults=faults, seed=seed, clock=clock) as wire:
        wire.unplug(at_s=2.0, for_s=3.0)
        source = DeviceWindows(wire.url, 1000, 20, timeout_s=30.0)
        return [
            (item.id, item.time_s, item.x.tobytes()) if isinstance(item, Sample) else tuple(item)
            for item in driven(source, 200)
        ]


def test_a_source_on_a_virtual_clock_has_its_times_and_is_the_same_each_time() -> None:
    found = windows(BAD, 3)
    assert found == windows(BAD, 3) != windows(BAD, 4)
    samples = [(number, time_s) for number, time_s, x in (item for item in found if len(item) == 3)]
    assert any(len(item) == 2 for item in found), "some went missing while it was unplugged"
    times = np.array([time_s for _, time_s in samples])
    first = times[0] - 0.02 * samples[0][0]
    assert 0 < first < 2.0
    expected = first + 0.02 * np.array([number for number, _ in samples])
    assert np.abs(times - expected).max() < 0.02


def test_what_did_not_arrive_is_missed() -> None:
    missed = [item for item in windows(Faults(), 1) if len(item) == 2]
    assert sum(int(count) for count, _ in missed) > 0  # type: ignore[call-overload]
    assert all("did not arrive" in str(reason) for _, reason in missed)
    assert Missed._fields == ("samples", "reason")


def test_a_loop_of_several_threads_is_refused(clock: VirtualClock) -> None:
    twin = Tapped()
    with SerialWire(twin, clock=clock) as wire, pytest.raises(PortError, match="virtual clock"):
        asyncio.run(connect_async(wire.url))
    assert (clock.now_us(), bytes(twin.heard)) == (0, b"")  # before any time passed
    assert not [thread for thread in threading.enumerate() if "firmware_bridge" in thread.name]


def test_a_line_is_measured_in_its_own_time() -> None:
    def measured() -> tuple[measure.Rate, list[float]]:
        with SerialWire(Tapped(), clock=VirtualClock(), baud=115_200) as wire, connect(wire.url) as device:
            return measure.up(device, 2.0), measure.round_trips(device, 20)

    rate, trips = measured()
    assert 0.7 < rate.bytes_s / 11_520 < 1.0  # ten bits a byte; the rest are heads of messages
    assert 2.0 <= rate.seconds < 2.5
    assert trips[0] > 2.0  # ms: there and back again
    assert measured() == (rate, trips)


def test_an_error_in_the_link_reaches_who_waits_and_ends_it(clock: VirtualClock) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    with SerialWire(Tapped(), clock=clock) as wire:
        device = connect(wire.url, notice=broken)
        wire.unplug()
        with pytest.raises(ZeroDivisionError):
            clock.sleep(1.0)
        assert device.ended
        assert not device._session.link.running
        clock.sleep(1.0)


def test_what_is_on_the_way_is_lost_though_the_plug_is_back_at_once(clock: VirtualClock) -> None:
    with SerialWire(clock=clock, latency_us=100_000) as wire:
        near, far = open_port(wire.url), wire.far
        near.write(b"there")
        far.write(b"back")
        clock.sleep(0.05)
        wire.unplug(for_s=0.01)
        clock.sleep(0.3)
        assert far.read(0.0) == b""
        assert (wire.counts.to_device.lost, wire.counts.to_host.lost) == (5, 4)
        assert wire.counts.to_device.balance == wire.counts.to_host.balance == 0


def test_a_device_that_goes_on_answering_has_all_the_time_it_needs(clock: VirtualClock) -> None:
    with SerialWire(Tapped(), clock=clock, baud=9600) as wire, connect(wire.url, timeout_s=1.0) as device:
        for k in range(100):
            device.learn(X[k % 30], k % 3, wait=False)
        start_us = clock.now_us()
        device.flush()
        assert clock.now_us() - start_us > 2_000_000


def test_a_bare_wire_is_two_ports(clock: VirtualClock) -> None:
    with SerialWire(clock=clock, latency_us=5_000, baud=1_000_000) as wire:
        host = open_port(wire.url)
        data = pattern(100)
        assert wire.far.write(data) == host.write(data[::-1]) == 100
        assert wire.far.read(0.0) == b""
        assert clock.now_us() == 0
        came = host.read(1.0)
        assert clock.now_us() == 7_000  # looked at each millisecond: taken at 1 ms, 10 µs a byte, latency
        assert came == data
        assert wire.far.read(1.0) == data[::-1]
        before_us = clock.now_us()
        assert host.read(0.25) == b""
        assert clock.now_us() == before_us + 250_000


def test_the_far_port_stays_while_the_host_is_unplugged(clock: VirtualClock) -> None:
    with SerialWire(clock=clock) as wire:
        host = open_port(wire.url)
        wire.unplug(for_s=1.0)
        with pytest.raises(PortError, match="vanished"):
            host.read(0.1)
        with pytest.raises(PortError, match="nothing is plugged in"):
            open_port(wire.url)
        wire.far.write(b"lost")
        clock.sleep(1.5)
        host = open_port(wire.url)
        wire.far.write(b"heard")
        assert host.read(0.1) == b"heard"


def test_a_forgotten_wire_gives_its_name_back_and_has_no_more_turns(clock: VirtualClock) -> None:
    twin = Tapped()
    wire: SerialWire | None = SerialWire(twin, clock=clock)
    clock.sleep(0.01)
    said = len(twin.said)
    assert said > 0
    wire = None
    assert wire is None
    assert memory.names() == []
    clock.sleep(1.0)
    assert len(twin.said) == said


def test_an_error_in_the_device_reaches_who_waits(clock: VirtualClock) -> None:
    class Broken(Tapped):
        def receive(self, data: bytes, now_us: int) -> None:
            raise ArithmeticError(f"at {now_us}: {len(data)} bytes")

    with SerialWire(Broken(), clock=clock) as wire, pytest.raises(ArithmeticError, match="at 4000"):
        connect(wire.url)
    assert memory.names() == []
