"""The same calls under asyncio."""

import asyncio
import threading
import time

import pytest

from firmware_bridge.aio import connect_async
from firmware_bridge.protocol.errors import CommandError, DeadlineError, PortError
from tests.bridge.host.fake import FakeDevice

X = [1.0, -2.0, 0.5, 4.0]


def test_every_call_works_and_nothing_is_left_running(bench):
    device = FakeDevice()
    url = bench.named(device)

    async def work():
        async with await connect_async(url, timeout_s=3.0) as host:
            assert host.hello().firmware == "fake 1"
            await asyncio.gather(*(host.learn(X, label) for label in range(50)))
            for label in range(50, 200):
                await host.learn(X, label, wait=False)
            await host.flush()
            assert (await host.predict(X)).label == 1
            await host.learn_last(200)
            await host.reward(1.0)
            state = await host.read_state()
            await host.reset()
            await host.write_state(state)
            await host.save()
            await host.configure(rate_hz=100, window=2)
            with pytest.raises(CommandError):
                await host.learn(X, 30000)
            await host.stream()
            seen = []
            async for window in host.windows(timeout_s=5.0):
                seen.append(window.index)
                if len(seen) == 20:
                    await host.stream(False)
                    break
            assert seen == sorted(seen)
            assert (await host.statistics()).windows_received >= 20

    before = threading.active_count()
    asyncio.run(work())
    device.pull()
    assert device.learned == list(range(201))
    assert threading.active_count() <= before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("firmware_bridge")]


def test_the_loop_is_not_held_up_and_close_ends_a_call_that_waits(bench):
    device = FakeDevice()
    url = bench.named(device)

    async def work():
        host = await connect_async(url, timeout_s=60.0)
        device.hold_answers = True
        waiting = asyncio.ensure_future(host.learn(X, 1))
        ticks = 0
        while not device.learned:
            await asyncio.sleep(0.001)
            ticks += 1
        await host.close()
        with pytest.raises(PortError):
            await waiting
        return ticks

    assert asyncio.run(work()) > 0


def test_no_device_is_an_error_of_the_await():
    async def work():
        with pytest.raises(PortError):
            await connect_async("memory://nobody")

    asyncio.run(work())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("firmware_bridge")]


def test_windows_that_do_not_come_are_a_deadline(bench):
    url = bench.named(FakeDevice())

    async def work():
        async with await connect_async(url) as host:
            start = time.monotonic()
            with pytest.raises(DeadlineError):
                async for _ in host.windows(timeout_s=0.2):
                    pass
            return time.monotonic() - start

    assert asyncio.run(work()) >= 0.2


def test_an_opening_that_is_given_up_leaves_nothing_open(bench):
    device = FakeDevice()
    url = bench.named(device)

    async def work():
        with device._lock:  # it does not answer before
            opening = asyncio.ensure_future(connect_async(url, timeout_s=5.0))
            await asyncio.sleep(0.05)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening

    asyncio.run(work())
    while device._thread is None or device._thread.ident is None:  # begun by another thread
        time.sleep(0.001)
    device._thread.join()  # its line was cut
