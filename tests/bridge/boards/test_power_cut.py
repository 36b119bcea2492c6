"""The power goes at each operation on the flash of a micro:bit: what was learned is what was saved before, or after.

One run of SAVE is recorded; a cut at operation k leaves what the first k did, and half of the next. Each such flash is
opened by the firmware's store, and from every so manieth the board is started. QEMU keeps flash in its own memory, so
this is done on the board of this process.
"""

import random

import numpy as np
import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

from edgelearn.emulator.boards import elf, prebuilt
from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.cortex_m import Image
from edgelearn.emulator.boards.errors import PowerCutError
from edgelearn.emulator.boards.flash import Flash
from edgelearn.emulator.boards.peripherals import Microbit
from edgelearn.fixed.head import FixedHead
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES
from tests.bridge.boards.talk import Talk, samples

BOARD = "microbit"
STARTED = 24  # after every so manieth cut the board is started, and read out over the line
HEAD_BYTES = 64  # room for an el_store


class Recorded(Flash):
    """Remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__(Microbit.SLOTS, Microbit.PAGE_BYTES, random.Random(0))
        self.done: list[tuple[int, int | None]] = []  # address; word, None to erase

    def erase(self, address: int) -> None:
        self.done.append((address, None))
        super().erase(address)

    def write(self, address: int, word: int) -> None:
        self.done.append((address, word))
        super().write(address, word)


def flash(content: bytes, seed: int = 0) -> Flash:
    made = Flash(Microbit.SLOTS, Microbit.PAGE_BYTES, random.Random(seed))
    made.bytes[:] = content
    return made


def do(to: Flash, operation: tuple[int, int | None]) -> None:
    address, word = operation
    if word is None:
        to.erase(address)
    else:
        to.write(address, word)


def on(memory: Flash) -> Talk:
    return Talk(Board(prebuilt.image(BOARD), BOARD, flash=memory))


def opened(memory: Flash) -> tuple[int, bytes]:
    """Return what the firmware's el_store_open finds: the id of the last command, and the state."""
    image = elf.read(prebuilt.image(BOARD))
    start = memory.memory.address
    chip = Image(image._replace(parts=(*image.parts, elf.Part(start, bytes(memory.bytes)))), "m0")
    store = np.zeros(HEAD_BYTES // 4, np.uint32)
    chip.call("el_store_open", store)
    assert store[0] != 0, "there is no whole record"
    at = chip.call("el_store_data", store) - start
    return int(store[1]), bytes(memory.bytes[at : at + int(store[3])])


class Saved:
    """A board that has saved twice, and what it did to its flash the second time."""

    def __init__(self) -> None:
        head = prebuilt.head(BOARD)
        assert isinstance(head, FixedHead)
        memory = Recorded()
        talk = on(memory)
        self.states: dict[int, bytes] = {}  # by the id of the last command in it
        for part in (samples(head, 3, 1), samples(head, 3, 2)):
            for x, label in part:
                assert talk.ask(m.Learn, label, x.tobytes()).code == CODES["OK"]
            memory.done.clear()
            self.before = bytes(memory.bytes)
            answer = talk.ask(m.ReadState, 0, 1)
            self.states[answer.applied] = talk.state()
            assert talk.ask(m.Save).code == CODES["OK"]
        self.old, self.new = self.states
        self.operations = memory.done
        self.after = bytes(memory.bytes)


@pytest.fixture(scope="module")
def saved() -> Saved:
    return Saved()


def test_a_cut_at_each_operation_leaves_the_old_state_or_the_new(saved: Saved) -> None:
    pages, words = 4, (1280 + 4 + 28) // 4
    assert len(saved.operations) == pages + words
    for k, operation in enumerate(saved.operations):
        memory = flash(saved.before, seed=k)
        for earlier in saved.operations[:k]:
            do(memory, earlier)
        memory.cut_after = memory.operations
        with pytest.raises(PowerCutError):
            do(memory, operation)
        memory.cut_after = None
        _is_one_of_both(saved, memory, k)


def _is_one_of_both(saved: Saved, memory: Flash, k: int) -> None:
    replay = f"cut at operation {k} of {len(saved.operations)}"
    applied, data = opened(memory)
    assert data == saved.states.get(applied), replay
    if k % STARTED and k < len(saved.operations) - 4:
        return
    before = memory.operations
    talk = on(memory)
    assert talk.hello.applied == applied, replay
    assert memory.operations == before, f"{replay}: starting writes, and would have to be cut too"
    assert talk.state() == data, replay


def test_a_save_that_was_answered_is_whole(saved: Saved) -> None:
    replayed = flash(saved.before)
    for operation in saved.operations:
        do(replayed, operation)
    assert bytes(replayed.bytes) == saved.after
    assert opened(replayed) == (saved.new, saved.states[saved.new])
    assert on(replayed).hello.applied == saved.new


def test_the_last_operation_is_the_one_that_counts(saved: Saved) -> None:
    short = flash(saved.before)
    for operation in saved.operations[:-1]:
        do(short, operation)
    assert opened(short) == (saved.old, saved.states[saved.old])


def test_the_power_goes_while_the_board_runs(saved: Saved) -> None:
    memory = flash(saved.before)
    talk = on(memory)
    head = prebuilt.head(BOARD)
    for x, label in samples(head, 2, 3):
        talk.ask(m.Learn, label, x.tobytes())
    talk.board.power_cut(at_flash_operation=100)
    with pytest.raises(AssertionError, match="is answered within"):
        talk.ask(m.Save)
    assert not talk.board.on
    memory.cut_after = None
    assert on(memory).state() == saved.states[saved.old]


def test_a_flash_word_only_loses_bits() -> None:
    memory = flash(bytes([0xFF]) * Microbit.SLOTS.size)
    memory.write(Microbit.SLOTS.address, 0x0F0F0F0F)
    memory.write(Microbit.SLOTS.address, 0xFF00FF00)
    assert memory.bytes[:4] == bytes([0x00, 0x0F, 0x00, 0x0F])
    memory.erase(Microbit.SLOTS.address)
    assert memory.bytes[:4] == b"\xff" * 4
