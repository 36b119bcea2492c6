"""Cables that are pulled, devices that restart, names that are reused: nothing lost, nothing learned twice."""

import os
import threading
import time

import pytest

from firmware_bridge import identity
from firmware_bridge.notices import Restarted, Resumed, Unplugged
from firmware_bridge.protocol.errors import DeadlineError, RefusedError
from tests.bridge.host.fake import FakeDevice, Pty
from tests.bridge.notices import without_stalls

X = [1.0, -2.0, 0.5, 4.0]
CYCLES = int(os.environ.get("EDGELEARN_CYCLES", "30"))


def of(kind, notices):
    return [notice for notice in notices if isinstance(notice, kind)]


def until(condition):
    """Wait for what must come; the suite's own time limit ends what does not."""
    while not condition():
        time.sleep(0.001)


def test_cycles_of_unplugging_lose_nothing_and_teach_nothing_twice(bench, record_property):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.plugged(device), baud=2_000_000, notice=notices.append, timeout_s=10.0)
    taught, noticed, resumed, paths = 0, [], [], set()
    for cycle in range(CYCLES):
        for _ in range(5):
            host.learn(X, taught % 30000, wait=False)
            taught += 1
        pulled_s = time.monotonic()
        paths.add(os.path.realpath(bench.link))
        device.pull()
        host.learn(X, taught % 30000, wait=False)
        taught += 1
        time.sleep(0.001 * (cycle % 7) ** 2)
        back_s = time.monotonic()
        device.attach(Pty(bench.link))
        host.flush()
        noticed.append(of(Unplugged, notices)[-1].time_s - pulled_s)
        resumed.append(of(Resumed, notices)[-1].time_s - back_s)
    assert device.learned == [label % 30000 for label in range(taught)]
    kinds = without_stalls(notices)
    assert kinds.count(Unplugged) == kinds.count(Resumed) == CYCLES
    assert Restarted not in kinds
    assert len(paths) < CYCLES or CYCLES == 1  # the system gives the numbers again
    record_property("noticed_ms_max", 1e3 * max(noticed))
    record_property("resumed_ms_max", 1e3 * max(resumed))
    print(f"noticed within {1e3 * max(noticed):.1f} ms, resumed within {1e3 * max(resumed):.1f} ms")  # noqa: T201


def test_a_restart_sends_again_what_had_no_answer_with_the_same_numbers(bench):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.named(device), notice=notices.append)
    for label in range(10):
        host.learn(X, label)
    host.save()
    device.forget_answers = 1
    for label in range(10, 40):
        host.learn(X, label, wait=False)
    host.flush()
    assert device.learned == list(range(40))
    assert of(Restarted, notices)[0].lost == 0
    assert host.statistics(device=False).restarts == 1


def test_what_was_answered_and_not_saved_is_told_as_lost(bench):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.named(device), notice=notices.append)
    for label in range(5):
        host.learn(X, label)
    host.save()
    for label in range(5, 8):
        host.learn(X, label)
    device.restart()
    host.learn(X, 8)
    assert device.learned == [0, 1, 2, 3, 4, 8]
    assert of(Restarted, notices)[0].lost == 3
    assert host.statistics(device=False).learned_lost == 3


def test_a_state_is_written_whole_though_the_device_restarts_in_between(bench):
    device = FakeDevice()
    host = bench.connect(bench.named(device))
    for label in range(1000):
        host.learn(X, label, wait=False)
    state = host.read_state()
    host.reset()
    told = []

    def progress(done, _):
        told.append(done)
        if len(told) == 2:
            device.restart()

    host.write_state(state, progress)
    assert device.learned == list(range(1000))
    assert host.statistics(device=False).restarts == 1


def test_a_restarted_device_goes_on_streaming(bench):
    device = FakeDevice()
    host = bench.connect(bench.named(device))
    host.configure(rate_hz=100, window=2)
    host.stream()
    windows = host.windows(timeout_s=5.0)
    next(windows)
    device.restart()
    until(lambda: device.streaming)
    seen = [next(windows).index for _ in range(3)]
    while seen[-1] != seen[-2] + 1 or seen[-1] > 20:  # counts from 0 again
        seen.append(next(windows).index)


def test_asking_for_a_restart_restarts_once(bench):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.named(device), notice=notices.append)
    answer, boots = device._answer, [device.boot]

    def restarting(message):
        if type(message).__name__ == "Reset" and message.what == 1:
            device.restart()
            boots.append(device.boot)
        return answer(message)

    device._answer = restarting
    device.link.send = lambda _: None  # its answer is lost with it
    host.reset("device")
    host.learn(X, 1)
    assert len(boots) == 2
    assert device.learned == [1]


def test_another_device_behind_the_same_name_is_never_taught(bench):
    device = FakeDevice()
    host = bench.connect(bench.plugged(device))
    host.learn(X, 1)
    device.pull()
    host.learn(X, 2, wait=False)
    other = FakeDevice(layout=0x4321, firmware=b"other 2")
    bench.plugged(other)
    with pytest.raises(RefusedError, match=r"other 2 instead of fake 1.*nothing was sent"):
        host.flush()
    with pytest.raises(RefusedError):
        host.learn(X, 3)
    assert other.learned == []
    assert host.ended


@pytest.fixture
def plain(bench, monkeypatch):
    """A bench whose names are as good as /dev/ttyUSB0."""
    monkeypatch.setattr(identity, "names_one", lambda _: False)
    return bench


def test_a_twin_of_the_device_behind_a_plain_name_is_never_taught(plain):
    bench, device = plain, FakeDevice()
    host = bench.connect(bench.plugged(device))
    host.learn(X, 1)
    device.pull()
    host.learn(X, 2, wait=False)
    other = FakeDevice()
    bench.plugged(other)
    with pytest.raises(RefusedError, match="by-id"):
        host.flush()
    assert other.learned == []


def test_the_same_device_behind_a_plain_name_is_known_by_its_boot(plain):
    bench, device = plain, FakeDevice()
    host = bench.connect(bench.plugged(device))
    device.pull()
    host.learn(X, 2, wait=False)
    bench.plugged(device)
    host.flush()
    assert device.learned == [2]


def test_a_restarted_usb_device_behind_a_plain_name_is_known_by_its_serial_number(plain, monkeypatch):
    monkeypatch.setattr(identity, "serial_number", lambda _: "E6605838")
    bench, device = plain, FakeDevice()
    host = bench.connect(bench.plugged(device))
    device.pull()
    device.restart()
    host.learn(X, 2, wait=False)
    bench.plugged(device)
    host.flush()
    assert device.learned == [2]


def test_calls_while_it_is_unplugged_end_at_their_deadline_and_are_carried_out_once(bench):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.plugged(device), notice=notices.append)
    device.pull()
    until(lambda: of(Unplugged, notices))
    host._session.timeout_s = 0.3  # of that call alone: what is answered may take its time
    with pytest.raises(DeadlineError, match=r"unplugged.*once"):
        host.learn(X, 7)
    host._session.timeout_s = 30.0
    bench.plugged(device)
    host.flush()
    assert device.learned == [7]


def test_a_device_that_falls_silent_is_resumed_when_it_speaks(bench):
    device, notices = FakeDevice(), []
    host = bench.connect(bench.named(device), notice=notices.append)
    with device._lock:
        until(lambda: any(type(notice).__name__ == "Silent" for notice in notices))
    host.learn(X, 1)
    assert of(Resumed, notices)
    assert device.learned == [1]


def test_closing_while_it_is_unplugged_ends_the_thread(bench):
    device = FakeDevice()
    host = bench.connect(bench.plugged(device))
    device.pull()
    host.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "firmware_bridge"]
