"""Bits flip where and when they are told to, and from one seed always the same ones."""

import pytest

from edgelearn.emulator.boards.board import Board
from edgelearn.errors import ConfigError
from tests.emulator.boards.made import RAM, Talk, board, samples


def byte(it: Board, address: int) -> int:
    return int(it._machine.uc.mem_read(address, 1)[0])


def test_one_bit_of_a_variable_and_no_other() -> None:
    it = board(counted=False)
    address = it._elf.symbols["el_seed"].address
    before = bytes(it._machine.uc.mem_read(RAM, it.ram_used_bytes))
    it.flip("el_seed", 3, offset=1)
    after = bytes(it._machine.uc.mem_read(RAM, it.ram_used_bytes))
    assert [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b] == [address + 1 - RAM]
    assert byte(it, address + 1) == before[address + 1 - RAM] ^ 8
    it.flip(address + 1, 3)
    assert byte(it, address + 1) == before[address + 1 - RAM]
    assert it.flipped == 2


def test_a_bit_flips_at_its_instruction() -> None:
    it = board()
    address = it._elf.symbols["el_seed"].address
    before = byte(it, address)
    it.flip(address, 0, at_instruction=5_000)
    it.run(4_000)
    assert byte(it, address) == before
    it.run(2_000)
    assert byte(it, address) == before ^ 1


def test_what_is_not_in_ram_is_refused() -> None:
    it = board(counted=False)
    with pytest.raises(ConfigError, match="did you mean el_seed"):
        it.flip("el_sed", 0)
    with pytest.raises(ConfigError, match="no bit 0 at 0x100 in RAM"):
        it.flip(0x100, 0)
    with pytest.raises(ConfigError, match="no bit 8"):
        it.flip("el_seed", 8)
    with pytest.raises(ConfigError, match="1 or more"):
        it.flip_randomly(0)


def test_random_flips_come_as_often_as_said_and_the_same_from_one_seed() -> None:
    def run(seed: int) -> tuple[int, int, bytes]:
        it = board(seed=seed)
        it.flip_randomly(5_000)
        try:
            it.run_until(20_000)
        except Exception as error:  # a flip may send the firmware astray: the same way each time
            return it.flipped, it.instructions, str(error).encode()
        return it.flipped, it.instructions, bytes(it._machine.uc.mem_read(RAM, 192 << 10))

    first = run(1)
    assert 0.3 < first[0] * 5_000 / first[1] < 3
    assert run(1) == first
    assert run(2) != first


def test_a_flip_in_what_was_learned_is_seen() -> None:
    it = board(counted=False)
    talk = Talk(it)
    talk.learn(samples(1)[0], 1)
    state = talk.state()
    at = bytes(it._machine.uc.mem_read(RAM, it.ram_used_bytes)).index(state[:256])
    it.flip(RAM + at, 6)
    flipped = talk.state()
    assert sum((a ^ b).bit_count() for a, b in zip(state, flipped, strict=True)) == 1
