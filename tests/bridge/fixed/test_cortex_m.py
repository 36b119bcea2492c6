"""The definition and C on a Cortex-M, called in an emulator: equal to the last bit, by both compilers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from edgelearn.export import to_c
from firmware_bridge.protocol.constants import CODES
from tests.bridge.fixed.heads import SETTINGS, Call, answered, begun, calls

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

from edgelearn.emulator.boards import elf
from edgelearn.emulator.boards.cortex_m import Core, Image
from tools.firmware import plan
from tools.firmware.compilers import GCC
from tools.firmware.compilers import compiler as made_by
from tools.firmware.count import PORTS, link

NAMES = {number: name for name, number in CODES.items()}
STEPS = 210


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return where the compiler's library for each core is built, once for all heads."""
    return {core: tmp_path_factory.mktemp(core) for core in PORTS}


def answer(chip: Image, call: Call, n_post: int, size: int) -> tuple[str, int, list[int], bytes]:
    scores, label, state = np.zeros(n_post, np.int16), np.full(1, -2, np.int16), np.zeros(size, np.uint8)
    code = 0
    if call.what == "w":
        chip.call("el_learner_state_write", 0, np.frombuffer(call.state, np.uint8).copy(), size)
    elif call.what == "p":
        code = chip.call("el_learner_predict", call.x, scores, label) & 0xFF
    elif call.what == "l":
        code = chip.call("el_learner_learn", call.x, call.label) & 0xFF
    else:
        code = chip.call("el_learner_reward", call.x, call.reward) & 0xFF
    chip.call("el_learner_state_read", 0, state, size)
    return NAMES[code], int(label[0]), scores.tolist() if call.what == "p" else [], state.tobytes()


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize("core", ["m0", "m4f"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_cortex_m_is_equal_to_the_definition(
    name: str, core: Core, compiler: str, libraries: dict[str, Path], tmp_path: Path
) -> None:
    if compiler == "gcc" and shutil.which(GCC) is None:
        pytest.skip(f"{GCC} is missing: apt install gcc-arm-none-eabi")
    head = begun(SETTINGS[name], 0)
    to_c(head, tmp_path / "el_head.h")
    used = made_by(compiler, PORTS[core], libraries[core])
    chip = Image(elf.read(link(used, [plan.FOLDER / "src/learner_q15.c"], tmp_path, [tmp_path])), core)
    chip.call("el_learner_start")
    for k, call in enumerate(calls(SETTINGS[name], 2, STEPS)):
        found = answer(chip, call, SETTINGS[name].n_post, len(head.state_bytes()))
        assert found == answered(head, call), f"call {k} ({call.what})"
