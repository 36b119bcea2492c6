"""A wire in real time: a pty that pyserial opens, below a name that stays; gone without a trace afterwards."""

import gc
import os
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from edgelearn.emulator.clock import VirtualClock
from edgelearn.emulator.wire.serial_wire import SerialWire
from edgelearn.errors import ConfigError
from firmware_bridge import memory
from firmware_bridge.device import connect
from firmware_bridge.notices import Resumed, Unplugged
from firmware_bridge.protocol.errors import PortError
from firmware_bridge.transport import open_port
from tests.bridge.notices import without_stalls
from tests.emulator.wire.story import BAD, Tapped, clouds, pattern

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="the system has no ptys")
X = clouds()[0]
PATIENCE_S = 30.0


def until(ready: Callable[[], bool]) -> None:
    """Wait for what must come."""
    end_s = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < end_s
        time.sleep(0.002)


def left() -> tuple[int, int]:
    """Return how many descriptors and threads there are."""
    return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()


def connect_raw(url: str) -> serial.Serial:
    return serial.Serial(url, timeout=PATIENCE_S)


@pytest.fixture
def nothing_left(tmp_path: Path) -> Iterator[None]:
    before = left()
    yield
    gc.collect()
    until(lambda: left() == before)
    assert not list((tmp_path / "by-id").glob("*"))


@pytest.mark.usefixtures("nothing_left")
def test_pyserial_opens_it_and_bytes_pass_both_ways(tmp_path: Path) -> None:
    with SerialWire(baud=921_600, folder=tmp_path, name="imu") as wire:
        assert wire.url == str(tmp_path / "by-id" / "usb-edgelearn_imu-if00")
        with (
            serial.Serial(wire.url, 921_600, timeout=PATIENCE_S) as near,
            serial.Serial(wire.far_url, timeout=PATIENCE_S) as far,
        ):
            near.write(pattern(3000))
            assert far.read(3000) == pattern(3000)
            far.write(pattern(3000)[::-1])
            assert near.read(3000) == pattern(3000)[::-1]
        assert wire.counts.to_device.arrived == wire.counts.to_host.arrived == 3000


@pytest.mark.usefixtures("nothing_left")
def test_a_device_is_taught_through_damage_and_unplugging_exactly_once(tmp_path: Path) -> None:
    twin, notices, taught = Tapped(), [], list[int]()
    with SerialWire(twin, faults=BAD, seed=2, folder=tmp_path, baud=921_600) as wire:
        with connect(wire.url, baud=921_600, notice=notices.append, timeout_s=PATIENCE_S) as device:
            for k in range(60):
                device.learn(X[k % 30], k % 3, wait=False)
                taught.append(k % 3)
                if k % 20 == 10:
                    wire.unplug(at_s=wire.now_s + 0.01, for_s=0.05)
                    until(lambda: without_stalls(notices).count(Unplugged) > k // 20)  # noqa: B023 (asked at once)
                    device.flush()
        assert twin.labels == taught
        assert wire.counts.unplugged == 3
    assert without_stalls(notices) == [Unplugged, Resumed] * 3


def test_the_name_stays_whatever_it_stands_for(tmp_path: Path) -> None:
    with SerialWire(folder=tmp_path) as wire:
        for _ in range(5):
            assert Path(wire.url).is_symlink()
            assert Path(wire.url).is_char_device()
            wire.unplug()
            assert not Path(wire.url).is_symlink()
            wire.plug()
        with connect_raw(wire.url) as port:
            wire.far.write(b"there")
            assert port.read(5) == b"there"


def test_unplugging_gives_what_a_port_gives(tmp_path: Path) -> None:
    with SerialWire(folder=tmp_path) as wire, connect_raw(wire.url) as port:
        wire.unplug()
        with pytest.raises(serial.SerialException, match="no data"):
            port.read(1)
        with pytest.raises(serial.SerialException, match="write failed"):
            port.write(b"x")
        with pytest.raises(OSError, match="Input/output"):
            _ = port.in_waiting
        with pytest.raises(termios.error):
            port.flush()
        with pytest.raises(serial.SerialException, match="No such file"):
            connect_raw(wire.url)


def test_a_seed_hurts_the_same_bytes_in_real_and_in_virtual_time(tmp_path: Path) -> None:
    data, clock = pattern(4000), VirtualClock()

    def sent(wire: SerialWire) -> bytes:
        port, rest, came = open_port(wire.url, 2_000_000), data, b""
        while rest:
            rest = rest[port.write(rest[: port.room()]) :]
            came += wire.far.read(0.001)
        while wire.counts.to_device.sent < len(data) or wire.counts.to_device.balance:
            came += wire.far.read(0.001)
        while part := wire.far.read(0.05):
            came += part
        port.close()
        return came

    with SerialWire(faults=BAD, seed=9, baud=2_000_000, clock=clock) as virtual:
        expected = sent(virtual)
    with SerialWire(faults=BAD, seed=9, baud=2_000_000, folder=tmp_path) as real:
        assert sent(real) == expected != data
    with SerialWire(faults=BAD, seed=9, baud=2_000_000, pty=False) as elsewhere:
        assert sent(elsewhere) == expected


@pytest.mark.usefixtures("nothing_left")
def test_without_ptys_it_is_memory() -> None:
    twin = Tapped()
    with SerialWire(twin, pty=False, baud=921_600, name="no-pty") as wire:
        assert wire.url.startswith("memory://no-pty")
        with connect(wire.url, timeout_s=PATIENCE_S) as device:
            device.learn(X[0], 1)
            wire.unplug(for_s=0.02)
            device.learn(X[1], 2)
    assert twin.labels == [1, 2]
    assert memory.names() == []


def test_a_reader_that_does_not_read_overruns_its_fifo(tmp_path: Path) -> None:
    with (
        SerialWire(folder=tmp_path, fifo_bytes=64, baud=115_200) as wire,
        connect_raw(wire.url) as near,
        connect_raw(wire.far_url) as far,
    ):
        near.write(pattern(3000))
        until(lambda: wire.counts.to_device.sent == 3000 and not wire.counts.to_device.balance)
        passed = wire.counts.to_device
        assert passed.overrun == 3000 - passed.arrived > 0
        assert passed.arrived >= 64  # what comes in one look at a reader that had read all is kept whole
        assert far.read(passed.arrived) == pattern(3000)[: passed.arrived]


def test_two_wires_of_one_name_are_refused(tmp_path: Path) -> None:
    with SerialWire(folder=tmp_path), pytest.raises(ConfigError, match="another name or folder"):
        SerialWire(folder=tmp_path)
    with SerialWire(pty=False), pytest.raises(ConfigError, match="another name"):
        SerialWire(clock=VirtualClock())


@pytest.mark.usefixtures("nothing_left")
def test_what_a_killed_program_left_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "by-id"
    folder.mkdir()
    for name in ("usb-edgelearn_board-if00", ".usb-edgelearn_board-if00.new"):
        (folder / name).symlink_to("/dev/pts/99999")
    with SerialWire(folder=tmp_path, name="board") as wire:
        assert Path(wire.url).is_char_device()
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("bare", [True, False])
def test_a_wire_that_is_forgotten_leaves_nothing(tmp_path: Path, bare: bool) -> None:
    wire: SerialWire | None = SerialWire(None if bare else Tapped(), folder=tmp_path)
    assert wire is not None
    if bare:
        wire.far.write(b"x")
    assert left()[1] > 1
    wire = None


def test_a_program_that_fails_leaves_no_name_and_no_folder(tmp_path: Path) -> None:
    text = (
        "import sys\n"
        "from edgelearn.emulator.wire.serial_wire import SerialWire\n"
        "wire, own = SerialWire(folder=sys.argv[1]), SerialWire(name='own')\n"
        "print(own.url, flush=True)\n"
        "assert wire.plugged and own.plugged\n"
        "raise SystemExit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    assert list((tmp_path / "by-id").iterdir()) == []
    assert not Path(done.stdout.strip()).parents[1].exists()


def test_a_closed_wire_says_so(tmp_path: Path) -> None:
    wire = SerialWire(folder=tmp_path)
    wire.close()
    wire.close()
    assert "closed" in repr(wire)
    assert wire.counts.unplugged == 0
    for call in (wire.unplug, wire.plug, lambda: wire.far):
        with pytest.raises(ConfigError, match="closed; make another"):
            call()
    with pytest.raises(PortError, match="there is no port"):
        connect(wire.url)
