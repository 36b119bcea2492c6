"""The emulated serial line: one seed is one story, its pace is that of its baud rate, and how quick virtual time is."""

import os
import select
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from tools.bench.figure import Figure, Goal, Group, Measured

RUNS, SEED = 100, 7
PACE_S = 5.0  # each direction
BAUDS = (115200, 921600, 2000000)
IDLE_S, TAUGHT = 60.0, 2000


def measure() -> Iterator[Measured]:
    first = _story(SEED)
    differ = sum(_story(SEED) != first for _ in range(RUNS - 1))
    others = sum(_story(SEED + 1 + k) != first for k in range(5))
    unlike = float("nan") if others < 5 else differ
    yield Measured(
        "emulator_wire.repeat",
        unlike,
        note=f"bytes, states, counts, notices, failures; {others} of 5 other seeds differ",
        detail={"to_device": first[2].to_device._asdict(), "to_host": first[2].to_host._asdict()},
    )
    for baud in BAUDS:
        shares = {way: _pace(baud, way) for way in ("to device", "to host")}
        worst = max(shares.values(), key=lambda share: abs(share - 1))
        yield Measured(
            f"emulator_wire.pace_{baud}", abs(worst - 1) * 100,
            note=", ".join(f"{way} {share:.2%} of nominal" for way, share in shares.items()), detail=shares,
        )  # fmt: skip
    yield Measured("emulator_wire.idle", _speed(taught=0))
    yield Measured("emulator_wire.busy", _speed(taught=TAUGHT))


def _twin() -> Any:
    from edgelearn.emulator.boards.heads import head
    from edgelearn.emulator.boards.twin import Twin
    from edgelearn.testing.device_bench import default_head

    return Twin(head(default_head()), sensor=lambda k: [k % 1000], entropy=Random(1).randbytes)


def _story(seed: int) -> tuple[Any, ...]:
    """Teach over a bad line that is pulled twice, once for longer than a call waits; return all that can be seen."""
    import numpy as np

    from edgelearn.emulator.clock import VirtualClock
    from edgelearn.emulator.wire.serial_wire import SerialWire
    from edgelearn.export import state_bytes
    from firmware_bridge.device import connect
    from firmware_bridge.protocol.errors import BridgeError
    from firmware_bridge.testing.faults import Faults

    clock, twin, heard, seen = VirtualClock(), _twin(), list[Any](), list[Any]()
    faults = Faults(drop=2e-4, flip=1e-3, insert=2e-4, repeat=0.02, delay=0.02, cut=0.02, delay_us=20_000)
    x = np.random.default_rng(0).normal(size=(40, 64)).astype(np.float32)
    passed = bytearray()  # at the device, both ways
    receive, transmit = twin.receive, twin.transmit

    def heard_by_it(data: bytes, now_us: int) -> None:
        passed.extend(data)
        receive(data, now_us)

    def said_by_it(now_us: int, room: int) -> bytes:
        said: bytes = transmit(now_us, room)
        passed.extend(said)
        return said

    twin.receive, twin.transmit = heard_by_it, said_by_it
    with SerialWire(twin, faults=faults, fifo_bytes=256, seed=seed, clock=clock) as wire:
        wire.unplug(at_s=1.0, for_s=0.2)
        wire.unplug(at_s=2.0, for_s=1.5)
        with connect(wire.url, notice=heard.append, timeout_s=1.0) as device:
            device.configure(rate_hz=1000, window=50)
            device.stream()

            def tried(call: Any, *given: Any) -> None:
                try:
                    seen.append((clock.now_us(), call(*given)))
                except BridgeError as error:
                    seen.append((clock.now_us(), str(error)))

            for k, row in enumerate(x):
                tried(device.learn, row, k % 10)
            clock.sleep(3.0)
            for last in (device.flush, device.read_state, device.statistics):
                tried(last)
            while window := device.next_window(0.0):
                seen.append((window.time_s, bytes(window.values.cast("B"))))
            device.close(tell=False)
    return (
        clock.now_us(),
        bytes(passed),
        wire.counts,
        state_bytes(twin.head.learned),
        tuple(heard),
        tuple(seen),
    )


def _pace(baud: int, way: str) -> float:
    """Return what share of the baud rate goes through a pty, from a writer that always has more to a quick reader."""
    import serial

    from edgelearn.emulator.wire.serial_wire import SerialWire

    with (
        SerialWire(baud=baud) as wire,
        serial.Serial(wire.url, timeout=0) as near,
        serial.Serial(wire.far_url) as far,
    ):
        source, target = (
            (near.fileno(), far.fileno()) if way == "to device" else (far.fileno(), near.fileno())
        )
        for descriptor in (source, target):
            os.set_blocking(descriptor, False)
        count, began_s, now_s = 0, 0.0, 0.0
        start_s = time.monotonic()
        while not began_s or now_s - began_s < PACE_S:
            if select.select([], [source], [], 0)[1]:
                os.write(source, bytes(4096))
            came = len(os.read(target, 65536)) if select.select([target], [], [], 0.0005)[0] else 0
            now_s = time.monotonic()
            if began_s:
                count += came
            elif came and now_s - start_s > 0.5:
                began_s = now_s
    return count * 10 / baud / (now_s - began_s)


def _speed(taught: int) -> float:
    """Return how many seconds of a wire with a session on it pass in one of ours."""
    import numpy as np

    from edgelearn.emulator.clock import VirtualClock
    from edgelearn.emulator.wire.serial_wire import SerialWire
    from firmware_bridge.device import connect

    clock = VirtualClock()
    x = np.ones(64, np.float32)
    with SerialWire(_twin(), baud=921600, clock=clock) as wire, connect(wire.url, baud=921600) as device:
        start_s, start_us = time.perf_counter(), clock.now_us()
        for k in range(taught):
            device.learn(x, k % 10, wait=False)
        device.flush()
        if not taught:
            clock.sleep(IDLE_S)
        return (clock.now_us() - start_us) / 1e6 / (time.perf_counter() - start_s)


GROUP = Group(
    "emulator_wire",
    (
        Figure("emulator_wire.repeat", "differences",
               f"of {RUNS} runs of one seed on a damaged line that is pulled twice: bytes, states, counts, failures",
               Goal("<=", 0)),
        *(
            Figure(f"emulator_wire.pace_{baud}", "%", f"off the baud rate on a pty in real time at {baud}, the worse "
                   f"direction, {PACE_S:.0f} s each", Goal("<=", 1.0))
            for baud in BAUDS
        ),
        Figure("emulator_wire.idle", "times real time", "a virtual wire with a session on it, nothing to say"),
        Figure("emulator_wire.busy", "times real time", "teaching as fast as 921600 baud carry"),
    ),
    measure,
)  # fmt: skip
