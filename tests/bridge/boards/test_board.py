"""The firmware in this process: it says who it is, and learns what Python learns, to the last bit."""

from pathlib import Path

import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

from edgelearn import export
from edgelearn.emulator.boards import prebuilt
from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.elf import ElfError
from edgelearn.emulator.boards.errors import BoardError
from edgelearn.emulator.boards.serving import serving
from edgelearn.errors import ConfigError
from firmware_bridge.device import connect
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from tests.bridge.boards.conftest import Build
from tests.bridge.boards.talk import Talk, learn, samples
from tools.firmware.compilers import COMPILERS


@pytest.mark.parametrize("board", prebuilt.BOARDS)
def test_it_says_who_it_is(board: str) -> None:
    hello = Talk(Board(prebuilt.image(board), board)).hello
    layout = export.describe(prebuilt.head(board))
    assert hello.firmware.rstrip(b"\0").decode() == board
    assert (hello.layout, hello.rule, hello.number) == (layout.number, layout.rule, layout.kind)
    assert (hello.n_pre, hello.n_post, hello.tick_hz, hello.applied) == (64, 10, 1_000_000, 0)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("board", prebuilt.BOARDS)
def test_it_learns_to_the_last_bit_what_python_learns(board: str, compiler: str, firmware: Build) -> None:
    talk, head = Talk(Board(firmware(compiler, board).elf, board)), prebuilt.head(board)
    for x, label in samples(head, 40):
        assert talk.ask(m.Learn, label, x.tobytes()).code == CODES["OK"]
        learn(head, x, label)
    assert any(export.state_bytes(head))
    assert talk.state() == export.state_bytes(head)


def test_a_host_talks_to_it_at_the_pace_of_a_clock() -> None:
    board, head = Board(prebuilt.image("microbit"), "microbit"), prebuilt.head("microbit")
    with serving(board, "board") as runner, connect(runner.url, timeout_s=60) as device:
        for x, label in samples(head, 3):
            device.learn(x, label)
            learn(head, x, label)
        assert device.read_state().data == export.state_bytes(head)


@pytest.mark.parametrize("board", prebuilt.BOARDS)
def test_the_same_bytes_give_the_same_run(board: str) -> None:
    def run(pieces: int) -> tuple[bytes, int]:
        it = Board(prebuilt.image(board), board)
        it.write(bytes(range(256)) + b"\0")
        while it.now_us < 300_000:
            it.run_until(it.now_us + pieces)
        it.run_until(400_000)
        return it.read(), it.now_us

    first = run(300_000)
    assert len(first[0]) > 100
    assert run(300_000) == first


def test_so_many_instructions_and_no_more() -> None:
    it = Board(prebuilt.image("microbit"), "microbit")
    assert 1000 <= it.run(1000) < 1100  # to the end of a block
    assert it.run(10**9) < 10**7  # it goes to sleep


def test_asleep_time_leaps() -> None:
    it = Board(prebuilt.image("mps2_an386"), "mps2_an386")
    it.run_until(20_000_000)  # instantly
    assert it.now_us == 20_000_000
    hellos = it.read().count(b"mps2_an386")
    assert 195 <= hellos <= 205  # one every 100 ms, by its own clock


def test_bytes_arrive_at_the_pace_of_the_line() -> None:
    times = []
    for baud in (1_000_000, 115_200):
        talk = Talk(Board(prebuilt.image("microbit"), "microbit", baud=baud))
        start = talk.board.now_us
        talk.ask(m.Learn, 1, bytes(128))
        times.append(talk.board.now_us - start)
    assert times[1] - times[0] > 150 * (87 - 10)  # bytes, µs


def test_each_board_of_another_seed_has_another_boot_number() -> None:
    boots = {
        Talk(Board(prebuilt.image(board), board, seed=seed)).hello.boot
        for board in prebuilt.BOARDS
        for seed in range(3)
    }
    assert len(boots) == 6


def test_a_firmware_that_goes_astray_is_an_error() -> None:
    it = Board(prebuilt.image("microbit"), "microbit")
    it.run(1000)
    it._machine.pc = 0x30000000
    with pytest.raises(BoardError, match="astray at 0x30000000"):
        it.run(1000)


def test_the_firmware_of_another_board_is_refused() -> None:
    with pytest.raises(BoardError, match="for another board"):
        Board(prebuilt.image("mps2_an386"), "microbit")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no profile 'teapot'"):
        Board(prebuilt.image("microbit"), "teapot")
    (tmp_path / "text.elf").write_text("hello")
    with pytest.raises(ElfError, match="no 32-bit little-endian ELF"):
        Board(tmp_path / "text.elf", "microbit")
