"""The process itself: its lines and its options."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.bridge.device.process import Host, device, terminal


def test_standard_input_and_output_are_a_line_that_ends_with_them(program: Path) -> None:
    ours, theirs = os.pipe(), os.pipe()
    with subprocess.Popen([str(program), "--stdio"], stdin=ours[0], stdout=theirs[1]) as run:
        os.close(ours[0])
        os.close(theirs[1])
        os.set_blocking(theirs[0], False)
        answers = b""
        while answers.count(b"\0") < 3:  # a HELLO, again and again
            try:
                answers += os.read(theirs[0], 4096)
            except BlockingIOError:
                continue
        os.close(ours[1])
        assert run.wait() == 0
        os.close(theirs[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "which line?"),
        (["--pty", "--stdio"], "which line?"),
        (["--fast"], "there is no option --fast"),
        (["--pty", "--flash"], "--flash needs a value"),
        (
            ["--pty", "--flash", "/no/such/folder/flash"],
            "cannot open the flash file: No such file or directory",
        ),
        (["--pty", "--key", "00" * 32], "this build has no keys; build it with -DEL_AUTH=1"),
        (["--socket", "x" * 200], "the path of a socket is too long"),
    ],
)
def test_wrong_options_are_told(program: Path, options: list[str], said: str) -> None:
    run = subprocess.run([str(program), *options], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith(f"device: {said}\n")


def test_a_cut_that_is_no_number_is_told(program: Path) -> None:
    environment = os.environ | {"EL_CUT_AT": "3:x"}
    run = subprocess.run(
        [str(program), "--pty"], capture_output=True, text=True, check=False, env=environment
    )
    assert run.returncode == 2
    assert "EL_CUT_AT must be a number" in run.stderr


def test_a_terminal_left_and_taken_again_goes_on(program: Path) -> None:
    with device(program) as run:
        for _ in range(3):
            with terminal(run.path) as file:
                Host(file).open()
