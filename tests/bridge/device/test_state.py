"""A state is written in parts, and taken over whole or not at all; what was saved survives the power."""

import zlib
from itertools import count
from pathlib import Path
from random import Random

import numpy as np
import pytest

from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from tests.bridge.conftest import Build
from tests.bridge.device.process import Device, Host, made, talking, terminal

STATE = 64 * 10 * 4
X = np.linspace(-1, 1, 64, dtype=np.float32).tobytes()


def random_state(seed: int) -> bytes:
    return np.random.default_rng(seed).normal(size=STATE // 4).astype(np.float32).tobytes()


def test_a_write_that_is_left_leaves_everything_as_it_was(program: Path, tmp_path: Path) -> None:
    flash = ["--flash", str(tmp_path / "flash.bin")]
    with talking(program, *flash) as host:
        assert host.ask(m.Learn(0, 1, X)).code == 0
        assert host.ask(m.Save(0)).code == 0
        state = host.read_state()
        host.write_state(random_state(1)[:900])
        assert host.read_state() == state
    with talking(program, *flash) as host:
        assert host.read_state() == state


def test_learning_between_the_parts_does_not_harm_them(host: Host) -> None:
    state = random_state(2)
    host.write_state(state[:1200])
    assert host.ask(m.Learn(0, 1, X)).code == 0
    for at in range(1200, STATE, 200):
        assert host.ask(m.WriteState(0, at, state[at : at + 200])).code == 0
    assert host.commit(state).code == 0
    assert host.read_state() == state


def test_saving_between_the_parts_cancels_the_write(host: Host) -> None:
    state = random_state(3)
    host.write_state(state)
    before = host.read_state()
    assert host.ask(m.Save(0)).code == 0
    assert host.commit(state).code == CODES["CHECK"]
    assert host.read_state() == before


def test_a_commit_with_another_check_or_layout_is_refused(host: Host) -> None:
    state, layout = random_state(4), host.open().layout
    host.write_state(state)
    check = zlib.crc32(state)
    assert host.ask(m.CommitState(0, STATE, check ^ 1, layout)).code == CODES["CHECK"]
    assert host.ask(m.CommitState(0, STATE, check, layout ^ 1)) == m.Done(
        host.next_id - 1, CODES["LAYOUT"], layout
    )
    assert host.ask(m.CommitState(0, STATE - 4, check, layout)).code == CODES["RANGE"]
    assert host.commit(state).code == 0
    assert host.commit(state).code == CODES["CHECK"]  # it is taken over already
    assert host.read_state() == state


def test_a_write_that_begins_again_forgets_the_first(host: Host) -> None:
    host.write_state(random_state(5)[:700])
    host.write_state(random_state(6))
    assert host.commit(random_state(6)).code == 0
    assert host.read_state() == random_state(6)


def test_more_than_a_state_is_refused_and_what_was_written_stands(host: Host) -> None:
    host.write_state(random_state(9))
    for offset, size in ((STATE, 1), (STATE - 2, 3), (0, 0)):
        done = host.ask(m.WriteState(0, offset, bytes(size)))
        assert (done.code, done.detail) == ((CODES["RANGE"], STATE) if size else (0, 0))
        assert (host.commit(random_state(9)).code == 0) == bool(size)
        host.write_state(random_state(9))


def test_what_was_committed_is_saved_and_its_id_with_it(program: Path, tmp_path: Path) -> None:
    flash = ["--flash", str(tmp_path / "flash.bin")]
    with talking(program, *flash) as host:
        host.write_state(random_state(7))
        assert host.commit(random_state(7)).code == 0
        committed = host.next_id - 1
    with talking(program, *flash) as host:
        assert host.open().applied == committed
        assert host.read_state() == random_state(7)


def test_the_state_of_another_layout_in_flash_is_ignored_and_counted(program: Path, tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    with talking(program, "--flash", str(flash)) as host:
        blank = host.read_state()
        assert host.ask(m.Learn(0, 1, X)).code == 0
        assert host.ask(m.Save(0)).code == 0
    relabel(flash)
    with talking(program, "--flash", str(flash)) as host:
        assert host.open().applied == 0
        assert host.read_state() == blank
        assert host.ask(m.Statistics(0)).malformed == 1
        assert host.ask(m.Save(0)).code == 0


def relabel(flash: Path) -> None:
    """Give the one record in a flash file another layout."""
    data = bytearray(flash.read_bytes())
    start = data.index(b"ELS1")
    data[start + 12] ^= 1
    data[start + 24 : start + 28] = zlib.crc32(data[start : start + 24]).to_bytes(4, "little")
    flash.write_bytes(data)


def test_a_flash_too_small_for_a_state_is_told_and_does_no_harm(build: Build) -> None:
    with talking(made(build, "device with little flash", "-DEL_SLOT_BYTES=2048")) as host:
        assert host.ask(m.Learn(0, 1, X)).code == 0
        before = host.read_state()
        assert host.ask(m.Save(0)).code == CODES["FLASH"]
        assert host.ask(m.WriteState(0, 0, bytes(100))).code == CODES["FLASH"]
        assert host.commit(random_state(1)).code == CODES["CHECK"]
        assert host.read_state() == before


# -- power cuts: the process is killed in the middle of an operation on its flash ------------------------


def cut_run(program: Path, flash: Path, cut: str, task: str) -> tuple[bool, bytes, bool]:
    """Run the task with the power cut there; return whether it was answered, what was wanted, whether it was cut."""
    run = Device(program, "--pty", "--flash", str(flash), environment={"EL_CUT_AT": cut})
    with terminal(run.path) as file:
        host = Host(file)
        host.open()
        assert host.ask(m.Learn(0, 1, X)).code == 0
        wanted = host.read_state() if task == "save" else random_state(8)
        if task == "save":
            number = host.tell(m.Save(0))
        else:
            for at in range(0, STATE, 500):
                host.tell(m.WriteState(0, at, wanted[at : at + 500]))
            assert host.link.peer is not None
            number = host.tell(m.CommitState(0, STATE, zlib.crc32(wanted), host.link.peer.layout))

        def done() -> bool:
            return run.process.poll() is not None or any(e.message.id == number for e in host.received())

        host.run(done)
        cut_off = run.process.poll() is not None
    answered = any(e.message.id == number and e.message.code == 0 for e in host.received())
    run.close()
    return answered, wanted, cut_off


def state_of(program: Path, flash: Path) -> bytes:
    with talking(program, "--flash", str(flash)) as host:
        return host.read_state()


@pytest.mark.parametrize("task", ["save", "write"])
def test_a_cut_at_any_operation_of_the_flash_leaves_the_old_or_the_new_state(
    quick: Path, tmp_path: Path, task: str
) -> None:
    """Units of 512 bytes, so that there are few operations; the store's own tests cut small ones."""
    flash, draw = tmp_path / "flash.bin", Random(12)
    stands = state_of(quick, flash)
    for cut in count():
        where = f"{cut}:{draw.choice((0, 1, 20, 511, 4000))}"
        answered, wanted, cut_off = cut_run(quick, flash, where, task)
        found = state_of(quick, flash)
        assert found in ((wanted,) if answered else (stands, wanted)), f"EL_CUT_AT={where}"
        stands = found
        if not cut_off:
            assert answered
            assert cut > 6
            break


@pytest.fixture(scope="module")
def quick(build: Build) -> Path:
    return made(build, "device with large units", "-DEL_FLASH_UNIT=512", "-DEL_SLOT_BYTES=4096")
