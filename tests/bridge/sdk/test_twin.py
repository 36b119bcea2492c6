"""What the Python twin has beside the promises of every device: power that goes, and flash that the firmware reads."""

from pathlib import Path

import numpy as np
import pytest

from edgelearn import export
from edgelearn.emulator.boards.errors import PowerCutError
from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.serving import Runner, now_us, serving
from edgelearn.emulator.boards.slots import Record, Slots
from edgelearn.emulator.boards.twin import Twin
from edgelearn.emulator.boards.windows import Windows
from edgelearn.testing.device_bench import default_head
from edgelearn.testing.device_host import Host
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.messages import Configure, Gap, Window
from firmware_bridge.transport import open_port
from tests.bridge.conformance.made import clouds, means
from tests.bridge.conftest import Build
from tests.bridge.device.process import Device, device, made

OLD, NEW = bytes(range(40)), bytes(range(60, 100))


def test_flash_starts_blank_and_keeps_the_newest_record() -> None:
    slots = Slots(80)
    assert slots.newest() is None
    for version in (1, 2, 3):
        assert slots.write(10 * version, 7, bytes([version]) * 40)
        assert slots.newest() == Record(version, 10 * version, 7, bytes([version]) * 40)


def test_a_cut_anywhere_leaves_the_old_record_or_the_new_one() -> None:
    seen, cuts = set(), 0
    for cut in range(100):
        slots = Slots(80)
        slots.write(1, 7, OLD)
        slots.cut_after = cut
        whole = False
        try:
            whole = slots.write(2, 7, NEW)
        except PowerCutError:
            cuts += 1
        newest = slots.newest()
        assert newest is not None
        assert newest.data in (OLD, NEW)
        assert newest.data == NEW or not whole, "a record that was acknowledged is lost"
        seen.add(newest.data)
        slots.cut_after = None
        assert slots.write(3, 7, NEW), "after a cut the store goes on"
        assert slots.newest() == Record(newest.version + 1, 3, 7, NEW)
        if whole:
            break
    assert seen == {OLD, NEW}
    assert cuts == 1 + (len(NEW) + 32) // 8, "an erase and every unit was cut"


def test_a_record_too_large_or_flash_that_fails_leaves_the_old_one() -> None:
    slots = Slots(80)
    slots.write(1, 7, OLD)
    assert not slots.write(2, 7, bytes(81))
    slots.fails = True
    assert not slots.write(2, 7, NEW)
    assert slots.newest() == Record(1, 1, 7, OLD)


@pytest.mark.parametrize("cut", [0, 1, 20, 48])
def test_a_twin_whose_power_goes_in_a_save_has_what_was_saved_before(cut: int) -> None:
    x, names = clouds()
    twin = Twin(head(means()))
    with serving(twin, "cut") as runner, Host(lambda: open_port(runner.url)) as host:
        for row, name in zip(x[:4], names[:4], strict=True):
            host.code(m.Learn, "abc".index(name), row.tobytes())
        host.code(m.Save)
        saved, applied = host.state(), host.hello.applied + 4
        host.code(m.Learn, 0, x[5].tobytes())
        with runner.lock:
            twin.power_cut(cut)
        host.link.send(m.Save(host.take_id()))
        host.until(lambda: True if twin.dead else None, "the power goes")
        sessions = len(host.sessions)
        with runner.lock:
            twin.reboot(now_us())
        host.until(lambda: True if len(host.sessions) > sessions else None, "it is back")
        assert host.hello.applied == applied
        assert host.state() == saved


@pytest.mark.parametrize("writer", ["twin", "process"])
def test_twin_and_firmware_read_each_others_flash(writer: str, build: Build, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    program = made(build, "device", "-DEL_SLOT_BYTES=4096")
    x = np.random.default_rng(2).normal(size=(5, 64)).astype(np.float32)

    def learned(host: Host) -> tuple[bytes, int]:
        for k, row in enumerate(x):
            assert host.code(m.Learn, k, row.tobytes())[0] == "OK"
        last = host.next_id - 1
        assert host.code(m.Save)[0] == "OK"
        return host.state(), last

    def found(host: Host) -> tuple[bytes, int]:
        return host.state(), host.hello.applied

    lines = {
        "twin": lambda: serving(Twin(head(default_head()), slots=Slots(4096, flash)), "flash"),
        "process": lambda: device(program, "--flash", str(flash)),
    }
    reader = "process" if writer == "twin" else "twin"
    with lines[writer]() as running, Host(lambda: open_port(_url(running))) as host:
        left = learned(host)
    with lines[reader]() as running, Host(lambda: open_port(_url(running))) as host:
        assert found(host) == left


def test_the_state_of_another_head_in_flash_is_not_taken() -> None:
    slots = Slots(9000)
    slots.write(77, 12345, bytes(2560))
    twin = Twin(head(default_head()), slots=slots)
    with serving(twin, "other") as runner, Host(lambda: open_port(runner.url)) as host:
        assert host.hello.applied == 0
        assert host.state() == export.state_bytes(default_head())


def test_windows_that_wait_too_long_go_oldest_first_and_are_counted() -> None:
    windows = Windows()
    assert windows.configure(Configure(1, 100, 10, 2, 0), 512) is None
    windows.stream(True)
    for number in range(1000):
        windows.sample([number, -number], 100 * number)
    first = windows.next()
    assert isinstance(first, Gap)
    kept = list(iter(windows.next, None))
    assert all(isinstance(window, Window) for window in kept)
    assert [window.index for window in kept] == list(range(first.next, windows.made))
    assert windows.made == 100
    assert windows.dropped == first.next
    assert kept[0].time_us == 1000 * first.next
    assert np.frombuffer(kept[0].data, "<i2").tolist()[:2] == [10 * first.next, 10 * first.next + 1]


def test_windows_beyond_what_a_frame_or_the_memory_takes_are_refused_with_the_limit() -> None:
    windows = Windows()
    assert windows.configure(Configure(1, 100, 10, 9, 0), 512) == 8
    assert windows.configure(Configure(1, 100, 10, 1, 16), 512) == 15
    limit = windows.configure(Configure(1, 100, 5000, 1, 0), 512)
    assert limit == (512 - 12) // 2
    assert windows.config is None
    assert windows.configure(Configure(1, 100, limit, 1, 0), 512) is None


def _url(running: Runner | Device) -> str:
    return running.url if isinstance(running, Runner) else running.path
