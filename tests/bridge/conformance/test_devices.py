"""Four kinds of device keep the same promises: the Python twin, a process, a board in QEMU, and one of your own.

The last is named on the command line: python -m pytest tests/bridge/conformance --device serial:///dev/ttyACM0
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from edgelearn.emulator.heads import head
from edgelearn.emulator.qemu import QemuBoard
from edgelearn.emulator.serving import serving
from edgelearn.emulator.twin import Twin
from edgelearn.errors import InputError
from edgelearn.testing import check_device
from firmware_bridge.transport import open_port
from tests.bridge.conformance.made import HEADS
from tests.bridge.device.process import device

KEY = bytes(range(32))
PREBUILT = Path(__file__).parents[3] / "firmware_bridge" / "firmware" / "prebuilt"


def wave(number: int) -> list[int]:
    """Return eight channels of whatever, each sample another."""
    return [(number * (37 + channel)) % 65536 - 32768 for channel in range(8)]


@pytest.mark.parametrize("name", ["default", "three_factor", "q15"])
def test_the_python_twin(name: str) -> None:
    made = HEADS[name]()
    with serving(Twin(head(made), sensor=wave), f"twin {name}") as runner:
        check_device(lambda: open_port(runner.url), made)


def test_the_python_twin_with_a_key() -> None:
    with serving(Twin(head(HEADS["ncm"]()), sensor=wave, key=KEY), "twin with a key") as runner:
        check_device(lambda: open_port(runner.url), HEADS["ncm"](), key=KEY)


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


@pytest.mark.parametrize("board", ["mps2_an386", "microbit"])
def test_the_firmware_on_a_board_in_qemu(board: str, qemu: str) -> None:  # noqa: ARG001 (skips where it is absent)
    with QemuBoard(PREBUILT / f"{board}.elf", board) as running:
        check_device(lambda: open_port(running.url))


def test_the_device_of_your_own(request: pytest.FixtureRequest, absent: Callable[[str], None]) -> None:
    url = request.config.getoption("--device")
    if url is None:
        absent("no device of your own; name it with --device serial:///dev/…")
    key = request.config.getoption("--device-key")
    check_device(lambda: open_port(url), key=None if key is None else key.read_bytes())


def test_check_device_takes_a_function() -> None:
    with pytest.raises(InputError, match="a function that opens the line"):
        check_device("/dev/ttyACM0")  # type: ignore[arg-type]
