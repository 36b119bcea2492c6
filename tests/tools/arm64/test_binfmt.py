"""The registration with the kernel is taken back in every case; a folder and fake programs stand for the kernel."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools._venv import ROOT
from tools.arm64 import binfmt
from tools.arm64.needs import Arm64Error

Programs = Callable[[str, str], None]
Wait = Callable[[Callable[[], bool]], None]


@pytest.fixture
def kernel(tmp_path: Path, programs: Programs) -> Path:
    """Return a folder that stands for binfmt_misc; it shows an entry that a killed run left."""
    programs("mountpoint", "exit 0")
    folder = tmp_path / "binfmt"
    folder.mkdir()
    (folder / binfmt.NAME).write_text("enabled\n")
    return folder


def entry(kernel: Path) -> str:
    return (kernel / binfmt.NAME).read_text()


@pytest.fixture
def registered(kernel: Path) -> Iterator[None]:
    with binfmt.registered("/usr/bin/qemu", (), str(kernel)):
        yield


def test_an_entry_left_by_a_killed_run_goes_before_the_new_one_comes(kernel: Path, registered: None) -> None:  # noqa: ARG001
    assert entry(kernel) == "-1\n"
    line = (kernel / "register").read_text()
    assert line == f":edgelearn-arm64:M::{binfmt.MAGIC}:{binfmt.MASK}:/usr/bin/qemu:F"
    assert len(line) < 256  # the kernel reads no more of the offset, magic and mask
    assert binfmt.MAGIC.count("\\x") + len("ELF") == 20 == binfmt.MASK.count("\\x")


@pytest.mark.parametrize("ended", [None, KeyboardInterrupt, SystemExit, Arm64Error])
def test_the_entry_is_taken_back_however_the_block_ends(
    ended: type[BaseException] | None, kernel: Path
) -> None:
    def block() -> None:
        with binfmt.registered("/usr/bin/qemu", (), str(kernel)):
            (kernel / binfmt.NAME).write_text("enabled\n")
            if ended is not None:
                raise ended

    if ended is None:
        block()
    else:
        with pytest.raises(ended):
            block()
    assert entry(kernel) == "-1\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_entry_is_taken_back_when_the_command_is_killed(
    ending: signal.Signals, kernel: Path, wait: Wait
) -> None:
    program = (
        "import time\nfrom pathlib import Path\nfrom tools.arm64.binfmt import registered\n"
        f"with registered('/usr/bin/qemu', (), {str(kernel)!r}):\n"
        f"    Path({str(kernel / binfmt.NAME)!r}).write_text('enabled')\n"
        "    print('in', flush=True)\n    time.sleep(987)\n"
    )
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        assert entry(kernel) == "enabled"
        os.killpg(process.pid, ending)  # as a terminal does it
    wait(lambda: entry(kernel) == "-1\n")


@pytest.mark.parametrize("refused", ["the control files", "the entry"])
def test_a_kernel_that_refuses_is_said_so(refused: str, kernel: Path, programs: Programs) -> None:
    if refused == "the control files":
        programs("mountpoint", "exit 1")
        programs("mount", "exit 32")
    else:
        (kernel / "register").mkdir()
    with (
        pytest.raises(Arm64Error, match="not in a container"),
        binfmt.registered("/usr/bin/qemu", (), str(kernel)),
    ):
        pass
