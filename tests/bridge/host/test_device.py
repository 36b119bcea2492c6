"""Every call of a device, over memory and a pty."""

import threading
import time

import numpy as np
import pytest

from firmware_bridge.device import connect
from firmware_bridge.notices import Unplugged
from firmware_bridge.protocol.errors import (
    BridgeError,
    CommandError,
    DeadlineError,
    FrameError,
    MalformedError,
    PortError,
    RefusedError,
)
from tests.bridge.host.fake import LAYOUT, FakeDevice

X = [1.0, -2.0, 0.5, 4.0]


@pytest.fixture(params=["memory", "pty"])
def pair(request, bench):
    device = FakeDevice()
    url = bench.named(device) if request.param == "memory" else bench.plugged(device)
    return device, bench.connect(url, baud=2_000_000)


def test_a_device_says_who_it_is(pair):
    device, host = pair
    said = host.hello()
    assert (said.firmware, said.rule, said.number, said.n_pre, said.n_post) == (
        "fake 1",
        "delta",
        "f32",
        4,
        3,
    )
    assert (said.layout, said.boot, said.mtu) == (LAYOUT, device.boot, 512)


def test_what_is_taught_arrives_once_and_in_order(pair):
    device, host = pair
    for label in range(20):
        host.learn(X, label)
    for label in range(20, 700):
        host.learn(np.array(X, np.float32), label, wait=False)
    host.flush()
    host.learn_last(700)
    host.reward(0.5)
    assert device.learned == list(range(701))


def test_a_prediction_has_a_label_and_exact_scores(pair):
    _, host = pair
    assert host.predict(X) == (1, (1.0, -2.0, 0.5))
    with pytest.raises(CommandError, match="no window") as caught:
        host.predict()
    assert caught.value.code == "NOTHING"


def test_a_q15_head_gets_q15_and_scores_are_integers(bench):
    host = bench.connect(bench.named(FakeDevice(number="q15")))
    assert host.predict([0.5, -0.25, 1.0, 0.0]) == (None, (16384, -8192, 32767))


def test_a_state_goes_there_and_back_equal(pair):
    device, host = pair
    for label in range(800):
        host.learn(X, label, wait=False)
    told = []
    state = host.read_state(lambda done, total: told.append((done, total)))
    assert state.data == device.state()
    assert told[-1] == (3200, 3200)
    host.reset()
    assert device.learned == []
    host.write_state(state)
    assert device.learned == list(range(800))
    assert device.saved[0] == device.learned


def test_a_state_of_another_layer_is_refused_and_nothing_sent(pair):
    device, host = pair
    state = host.read_state()
    with pytest.raises(CommandError, match="another head") as caught:
        host.write_state(state._replace(layout=1))
    assert (caught.value.code, caught.value.detail) == ("LAYOUT", LAYOUT)
    assert device.applied == 0


def test_what_the_device_refuses_is_said_also_when_nobody_waited(pair):
    _, host = pair
    with pytest.raises(CommandError, match="3 classes"):
        host.learn(X, 30000)
    host.learn(X, 30001, wait=False)
    host.learn(X, 1, wait=False)
    with pytest.raises(CommandError, match="3 classes"):
        host.flush()
    host.flush()


def test_impossible_arguments_are_refused_before_anything_is_sent(pair):
    device, host = pair
    for call in (
        lambda: host.learn(X[:3], 1),
        lambda: host.configure(rate_hz=100, window=10, features=["median"]),
        lambda: host.reset("everything"),
        lambda: host.learn(X, 1 << 20),
        lambda: host.learn(X, "cat"),
        lambda: host.learn(X, -1),
        lambda: host.learn_last(1.5),
        lambda: host.learn(None, 1),
        lambda: host.reward(float("nan")),
        lambda: host.reward(1e39),
        lambda: host.reward("good"),
        lambda: host.configure(rate_hz=100, window=0),
        lambda: host.configure(rate_hz=10.5, window=1),
        lambda: host.configure(rate_hz=100, window=10, features="mean"),
        lambda: host.write_state(b"bytes"),
    ):
        with pytest.raises(MalformedError):
            call()
    host.learn(X, 5)
    assert device.learned == [5]


def test_a_message_larger_than_the_device_takes_names_both_sizes(bench):
    device = FakeDevice(mtu=72)
    host = bench.connect(bench.named(device))
    host._session.hello = host._session.hello._replace(n_pre=40)
    with pytest.raises(FrameError, match="166 bytes, the device takes 72"):
        host.learn([0.0] * 40, 1)
    host.write_state(host.read_state())  # in parts that fit


def test_every_window_is_received_or_a_gap(pair):
    _, host = pair
    host.configure(rate_hz=1000, window=2, channels=2, features=["mean", "energy"])
    host.stream()
    expected = 0
    for _, window in zip(range(200), host.windows(timeout_s=5.0), strict=False):
        assert window.index == expected + window.gap
        assert abs(time.monotonic() - window.time_s) < 5
        expected = window.index + 1
    seen = host.statistics()
    assert seen.windows_received >= 200
    host.stream(False)
    rest = list(host.windows())
    assert all(window.index >= expected for window in rest)


def test_windows_nobody_takes_go_oldest_first_and_are_gaps(bench):
    device = FakeDevice()
    device.every_s = 0.0
    host = bench.connect(bench.named(device))
    host.stream()
    while not host.statistics(device=False).windows_dropped:
        time.sleep(0.01)
    host.stream(False)
    first, *rest = host.windows()
    assert first.gap == first.index
    seen = host.statistics(device=False)
    made = 1 + first.gap + sum(1 + window.gap for window in rest)
    assert (
        made <= seen.windows_received + seen.windows_missing <= made + 1
    )  # a gap at the end has no window yet
    assert len(rest) + 1 == seen.windows_received - seen.windows_dropped


def test_no_window_in_time_is_a_deadline(pair):
    with pytest.raises(DeadlineError, match="stream"):
        next(pair[1].windows(timeout_s=0.05))


def test_counters_of_both_ends_are_there(pair):
    _, host = pair
    seen = host.statistics()
    assert seen.device["frames_received"] == 1
    assert seen.device["saves"] == 14
    assert seen.host["frames_sent"] > 0
    assert seen.round_trip_ms > 0


def test_several_threads_may_teach_at_once(pair):
    device, host = pair
    threads = [
        threading.Thread(target=lambda k=k: [host.learn(X, 100 * k + i) for i in range(30)]) for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(device.learned) == sorted(100 * k + i for k in range(4) for i in range(30))


def test_leaving_the_block_waits_for_what_was_sent(bench):
    device = FakeDevice()
    with connect(bench.named(device)) as host:
        for label in range(300):
            host.learn(X, label, wait=False)
    assert device.learned == list(range(300))
    for wait in (True, False):
        with pytest.raises(PortError, match="closed"):
            host.learn(X, 1, wait=wait)


def test_close_ends_the_thread_and_calls_that_wait(bench):
    device = FakeDevice()
    host = bench.connect(bench.named(device), timeout_s=60.0)
    device.hold_answers = True
    caught = []

    def wait():
        try:
            host.learn(X, 1)
        except PortError as error:
            caught.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not device.learned:
        time.sleep(0.001)
    host.close()
    waiting.join()
    assert len(caught) == 1
    assert not [thread for thread in threading.enumerate() if thread.name == "firmware_bridge"]
    assert list(host.windows()) == []


def test_a_second_host_goes_on_from_what_the_device_applied(bench):
    device = FakeDevice()
    url = bench.plugged(device)
    for start in (0, 10, 20):
        with connect(url) as host:
            for label in range(start, start + 10):
                host.learn(X, label)
    assert device.learned == list(range(30))


def test_a_device_that_stays_silent_ends_in_a_deadline_that_says_what_to_check(bench):
    url = bench.plugged(FakeDevice())
    bench.connect(url).close()
    device = FakeDevice()
    device._run = lambda _: None
    with pytest.raises(DeadlineError, match=r"powered.*baud.*firmware"):
        bench.connect(bench.named(device, "mute"), timeout_s=0.3)
    device = FakeDevice()
    host = bench.connect(bench.named(device, "busy"))
    host._session.timeout_s = 0.3  # not of the greeting: a slow machine needs longer
    device.hold_answers = True
    with pytest.raises(DeadlineError, match=r"Learn had no answer.*busy or stuck"):
        host.learn(X, 1)


def test_garbage_is_no_device(bench):
    device = FakeDevice()

    def babble(port):
        try:
            while True:
                port.write(bytes(range(256)) * 8)
                port.read(0.005)
        except PortError:
            pass

    device._run = babble
    with pytest.raises(DeadlineError, match="no frames of this link"):
        bench.connect(bench.named(device), timeout_s=2.0)
    assert not [thread for thread in threading.enumerate() if thread.name == "firmware_bridge"]


def test_a_flood_of_garbage_between_frames_costs_nothing_learned(bench):
    device = FakeDevice()
    host = bench.connect(bench.named(device))
    port = device._port
    stop = threading.Event()

    def flood():
        while not stop.wait(0.002):
            with device._lock:
                port.write(b"\x00" + bytes(range(1, 256)) * 4 + b"\x00")

    flooding = threading.Thread(target=flood)
    flooding.start()
    for label in range(200):
        host.learn(X, label, wait=False)
    host.flush()
    stop.set()
    flooding.join()
    assert device.learned == list(range(200))
    assert (
        host.statistics(device=False).host["bad_frames"] + host.statistics(device=False).host["oversize"] > 0
    )


def test_a_wrong_key_is_said_at_once(bench):
    url = bench.named(FakeDevice(key=b"a" * 32))
    with pytest.raises(RefusedError, match="key"):
        bench.connect(url, key=b"b" * 32, timeout_s=30.0)
    with pytest.raises(RefusedError):
        bench.connect(url, timeout_s=30.0)
    assert bench.connect(url, key=b"a" * 32).hello().n_pre == 4


def test_another_schema_is_said_with_both_values(bench, monkeypatch):
    from firmware_bridge.protocol import handshake

    device = FakeDevice()
    url = bench.named(device)
    true = handshake.Handshake.hello

    def lying(self, *given):
        said = true(self, *given)
        return said._replace(schema=0xBAD) if said.role else said

    monkeypatch.setattr(handshake.Handshake, "hello", lying)
    with pytest.raises(RefusedError, match=r"(?i)bad"):
        bench.connect(url, timeout_s=30.0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"timeout_s": 0}, "above 0"),
        ({"timeout_s": float("nan")}, "above 0"),
        ({"timeout_s": None}, "above 0"),
        ({"key": b"short"}, "32 bytes, this one has 5"),
        ({"key": "6b" * 32}, "fromhex"),
        ({"baud": 0}, "whole number"),
        ({"baud": "fast"}, "whole number"),
        ({"baud": 10**12}, "whole number"),
        ({"url": None}, "path or a URL"),
        ({"url": ""}, "no name of a port"),
        ({"url": "/dev/tty\0"}, "no name of a port"),
        ({"url": "serial://"}, "needs a path"),
        ({"url": "socket://127.0.0.1:9"}, "nobody listens"),
        ({"url": "/dev/null"}, "cannot be used|no serial port"),
    ],
)
def test_what_cannot_be_opened_is_said_in_a_sentence(bench, given, words):
    with pytest.raises(BridgeError, match=words):
        connect(**{"url": bench.named(FakeDevice())} | given)


def test_closing_says_what_was_given_up_and_what_was_refused_once(bench):
    device = FakeDevice()
    url = bench.named(device)
    host = bench.connect(url)
    device.hold_answers = True
    for label in range(3):
        host.learn(X, label, wait=False)
    with pytest.raises(PortError, match=r"3 commands.*flush"):
        host.close()
    host.close()
    device.hold_answers = False
    host = bench.connect(url)
    host.learn(X, 30000, wait=False)
    while host._session.ledger.pending:
        time.sleep(0.001)
    with pytest.raises(CommandError, match="3 classes"):
        host.close()
    host.close()


def test_leaving_the_block_while_it_is_unplugged_is_a_deadline_and_ends(bench):
    device, notices = FakeDevice(), []
    url = bench.plugged(device)

    def use():
        with connect(url, timeout_s=30.0, notice=notices.append) as host:
            device.pull()
            while not any(isinstance(notice, Unplugged) for notice in notices):
                time.sleep(0.001)
            host._session.timeout_s = 0.3
            host.learn(X, 1, wait=False)

    with pytest.raises(DeadlineError, match="unplugged"):
        use()
    assert not [thread for thread in threading.enumerate() if thread.name == "firmware_bridge"]
