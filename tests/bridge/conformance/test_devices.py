"""All kinds of device keep the same promises: the Python twin, a process, a board here and in QEMU, and one of yours.

The last is named on the command line: python -m pytest tests/bridge/conformance --device serial:///dev/ttyACM0
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.opening import open_board
from edgelearn.emulator.boards.serving import serving
from edgelearn.emulator.boards.twin import Twin
from edgelearn.emulator.boards.virtual import VirtualLine
from edgelearn.errors import InputError
from edgelearn.testing import check_device
from firmware_bridge.transport import open_port
from tests.bridge.conformance.made import HEADS
from tests.bridge.device.process import device

KEY = bytes(range(32))


def wave(number: int) -> list[int]:
    """Return eight channels of whatever, each sample another."""
    return [(number * (37 + channel)) % 65536 - 32768 for channel in range(8)]


@pytest.mark.parametrize("name", ["three_factor", "q15"])
def test_the_python_twin(name: str) -> None:
    made = HEADS[name]()
    line = VirtualLine(Twin(head(made), sensor=wave))
    check_device(line.open, made, clock=line)


def test_the_python_twin_with_a_key() -> None:
    line = VirtualLine(Twin(head(HEADS["ncm"]()), sensor=wave, key=KEY))
    check_device(line.open, HEADS["ncm"](), key=KEY, clock=line)


def test_the_python_twin_in_a_thread_by_the_time_of_this_machine() -> None:
    with serving(Twin(head(HEADS["default"]()), sensor=wave), "twin") as runner:
        check_device(lambda: open_port(runner.url))


@pytest.mark.parametrize(
    "name", ["default", "stdp", "ncm", "slda", "q15"]
)  # `sdk` has each kind, in C, without a wire
def test_the_firmware_as_a_process(name: str, build_device: Callable[..., Path]) -> None:
    made = None if name == "default" else HEADS[name]()
    with device(build_device(name, made)) as process:
        check_device(lambda: open_port(process.path), made)


def test_the_firmware_as_a_process_with_a_key(build_device: Callable[..., Path]) -> None:
    with device(build_device("key", None, "-DEL_AUTH=1"), "--key", KEY.hex()) as process:
        check_device(lambda: open_port(process.path), key=KEY)


@pytest.mark.parametrize("board", prebuilt.BOARDS)
def test_the_firmware_on_a_board_of_this_process(board: str) -> None:
    pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")
    line = VirtualLine(open_board(board, counted=True))
    check_device(line.open, clock=line)


@pytest.mark.parametrize("board", prebuilt.BOARDS)
def test_the_firmware_on_a_board_in_qemu(board: str, qemu: str) -> None:  # noqa: ARG001 (skips where it is absent)
    with open_board(board, engine="qemu") as running, serving(running, "qemu") as runner:
        check_device(lambda: open_port(runner.url))


def test_the_device_of_your_own(request: pytest.FixtureRequest, absent: Callable[[str], None]) -> None:
    url = request.config.getoption("--device")
    if url is None:
        absent("no device of your own; name it with --device serial:///dev/…")
    key = request.config.getoption("--device-key")
    check_device(lambda: open_port(url), key=None if key is None else key.read_bytes())


def test_check_device_takes_a_function() -> None:
    with pytest.raises(InputError, match="a function that opens the line"):
        check_device("/dev/ttyACM0")  # type: ignore[arg-type]
