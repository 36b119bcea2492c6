"""QEMU behind the same interface: it talks, it is reset, and it refuses what it cannot do."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.opening import open_board
from edgelearn.emulator.boards.qemu import QemuError, program
from edgelearn.emulator.boards.serving import serving
from edgelearn.errors import UnsupportedError
from firmware_bridge.device import connect

PATIENCE_S = 60.0


@pytest.fixture
def it() -> Iterator[Any]:
    try:
        program()
    except QemuError as error:
        pytest.skip(str(error))
    with open_board("cortex-m4f", engine="qemu", seed=4) as made:
        yield made


def test_it_talks_and_after_a_reset_it_is_another_boot(it: Any) -> None:
    with serving(it, "qemu board") as runner, connect(runner.url, timeout_s=PATIENCE_S) as device:
        first = device.hello().boot
        device.predict([0.5] * 64)
        with runner.lock:
            it.reset()
        device.predict([0.5] * 64)
        end_s = time.monotonic() + PATIENCE_S
        while device.hello().boot == first:
            assert time.monotonic() < end_s
            time.sleep(0.01)


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.power_cut(),
        lambda it: it.power_on(),
        lambda it: it.brown_out(at_instruction=5),
        lambda it: it.reset(at_instruction=5),
        lambda it: it.flip("el_seed", 0),
        lambda it: it.flip_randomly(1000),
        lambda it: it.attach_sensor(lambda *_: 0),
        lambda it: it.instructions,
        lambda it: it.functions(),
        lambda it: it.stack_high_water_bytes,
        lambda it: it.ram_used_bytes,
        lambda it: it.wear,
        lambda it: it.age_flash(5),
        lambda it: it.report(),
    ],
)
def test_what_qemu_cannot_do_names_what_can(ask: Callable[[Any], object], it: Any) -> None:
    with pytest.raises(UnsupportedError, match="engine='unicorn'"):
        ask(it)


def test_the_firmware_of_another_core_is_refused_here_too() -> None:
    with pytest.raises(BoardError, match="Cortex-M0 does not run"):
        open_board("rp2040", engine="qemu", firmware=prebuilt.image("mps2_an386"))
