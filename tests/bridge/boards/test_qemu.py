"""The firmware on QEMU's boards, by both compilers: it learns what Python learns; and QEMU never outlives its owner."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn import export
from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.qemu import QemuBoard, QemuError
from firmware_bridge.device import connect
from tests.bridge.boards.conftest import Build
from tests.bridge.boards.talk import learn, samples
from tools.firmware.compilers import COMPILERS

OWNER = """\
import sys, time
from pathlib import Path
from edgelearn.emulator.boards.qemu import QemuBoard
board = QemuBoard(Path(sys.argv[1]), "microbit")
print(board._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", prebuilt.BOARDS)
@pytest.mark.usefixtures("qemu")
def test_it_learns_to_the_last_bit_what_python_learns(board: str, compiler: str, firmware: Build) -> None:
    head = prebuilt.head(board)
    with QemuBoard(firmware(compiler, board).elf, board) as running, connect(running.url) as device:
        assert device.hello().firmware == board
        for x, label in samples(head, 30):
            device.learn(x, label)
            learn(head, x, label)
        assert any(export.state_bytes(head))
        assert device.read_state().data == export.state_bytes(head)


@pytest.mark.parametrize("board", prebuilt.BOARDS)
@pytest.mark.usefixtures("qemu")
def test_what_was_saved_outlives_a_reset_and_not_its_process(board: str) -> None:
    head = prebuilt.head(board)
    boots = set()
    with QemuBoard(prebuilt.image(board), board) as running:
        with connect(running.url) as device:
            boots.add(device.hello().boot)
            for x, label in samples(head, 5):
                device.learn(x, label)
            saved = device.read_state().data
            device.save()
            running.reset()
            _until(lambda: device.hello().boot not in boots)
            boots.add(device.hello().boot)
            assert device.hello().applied == 5
            assert device.read_state().data == saved
        running.boot()  # QEMU keeps flash in its memory only
        with connect(running.url) as device:
            boots.add(device.hello().boot)
            assert device.hello().applied == 0
            assert not any(device.read_state().data)
    assert len(boots) == 3


@pytest.mark.parametrize("line", ["tcp", "pty", "unix"])
@pytest.mark.usefixtures("qemu")
def test_the_line_is_where_the_url_says(line: str, tmp_path: Path) -> None:
    with QemuBoard(prebuilt.image("microbit"), "microbit", line=line, folder=tmp_path) as running:
        if line == "unix":
            assert Path(running.url).is_socket()
        else:
            with connect(running.url) as device:
                assert device.hello().firmware == "microbit"


@pytest.mark.usefixtures("qemu")
def test_it_sleeps_when_it_has_nothing_to_do() -> None:
    with QemuBoard(prebuilt.image("mps2_an386"), "mps2_an386") as running, connect(running.url):
        began_s, before_s = time.monotonic(), _cpu_s(running)
        time.sleep(1.0)
        used_s = _cpu_s(running) - before_s
        assert used_s < (time.monotonic() - began_s) / 2  # a firmware that spins takes it all


@pytest.mark.usefixtures("qemu")
def test_closed_it_is_gone() -> None:
    running = QemuBoard(prebuilt.image("microbit"), "microbit")
    assert running.running()
    running.close()
    assert not running.running()
    running.close()


@pytest.mark.usefixtures("qemu")
def test_dropped_it_is_gone() -> None:
    process = QemuBoard(prebuilt.image("microbit"), "microbit")._process
    _until(lambda: process.poll() is not None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_it_dies_with_an_owner_who_was_killed(qemu: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(prebuilt.image("microbit"))], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        process = Path("/proc") / owner.stdout.readline().strip()
        assert (process / "cmdline").read_bytes().startswith(qemu.encode())
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    _until(lambda: not process.exists() or "State:\tZ" in (process / "status").read_text())


def test_without_qemu_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(QemuError, match="sudo apt install qemu-system-arm"):
        QemuBoard(prebuilt.image("microbit"), "microbit")


@pytest.mark.usefixtures("qemu")
def test_what_qemu_says_when_it_will_not_start_is_told(tmp_path: Path) -> None:
    with pytest.raises(QemuError, match=r"it said: .*(long|exist|socket)"):
        QemuBoard(prebuilt.image("microbit"), "microbit", line="unix", folder=tmp_path / "missing")


@pytest.mark.parametrize(("board", "line"), [("teapot", "tcp"), ("microbit", "string"), ("microbit", "unix")])
def test_what_is_not_there_is_refused(board: str, line: str) -> None:
    with pytest.raises(QemuError, match=r"there is no board|line is tcp"):
        QemuBoard(prebuilt.image("microbit"), board, line=line)


def _cpu_s(running: QemuBoard) -> float:
    fields = Path(f"/proc/{running._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
