"""Resets keep RAM, cuts of power do not; flash stays, but for the operation in which the power goes."""

import pytest

from edgelearn.emulator.boards.board import Board
from edgelearn.emulator.boards.peripherals import RESET_CONTROL, RESET_NOW
from edgelearn.errors import ConfigError
from tests.emulator.boards.made import Talk, board, samples


def content(it: Board) -> bytes:
    return bytes(it._machine.uc.mem_read(it._machine.ram.address, it.ram_used_bytes))


def taught(it: Board) -> tuple[Talk, bytes]:
    talk = Talk(it)
    for k, x in enumerate(samples(3)):
        talk.learn(x, k)
    return talk, talk.state()


@pytest.mark.parametrize("profile", ["cortex-m4f", "rp2040"])
@pytest.mark.parametrize("counted", [True, False])
def test_flash_outlives_a_cut_and_what_was_not_saved_does_not(profile: str, counted: bool) -> None:
    it = board(profile, counted=counted)
    talk = Talk(it)
    x = samples(4)
    if profile == "rp2040":
        x = (x * 32767).astype("<i2")
    for k in range(3):
        talk.learn(x[k], k)
    kept = talk.state()
    assert talk.save() == "OK"
    talk.learn(x[3], 3)
    assert talk.state() != kept
    it.power_cut()
    it.power_on()
    assert Talk(it).state() == kept
    assert it.boots == 2


def test_a_board_without_power_is_silent_and_deaf() -> None:
    it = board(counted=False)
    it.power_cut()
    it.write(b"hello")
    it.run_until(1_000_000)
    it.power_on()
    before = it.read()
    it.run_until(1_100_000)
    assert before == b""
    assert it.read().count(b"mps2_an386") in (1, 2)
    assert not it.power_on()
    assert it.boots == 2  # a board that is on stays as it is


def test_a_reset_keeps_ram_and_a_brown_out_loses_it() -> None:
    it = board(seed=5)
    it.run(200_000)
    noinit = it._elf.symbols["el_seed"].address
    seed = bytes(it._machine.uc.mem_read(noinit, 4))
    it.reset()
    assert bytes(it._machine.uc.mem_read(noinit, 4)) == seed
    before = content(it)
    it.brown_out()
    assert content(it) != before
    assert bytes(it._machine.uc.mem_read(noinit, 4)) != seed
    assert it.boots == 3


@pytest.mark.parametrize("n", [0, 1, 12_345, 12_346])
def test_a_brown_out_comes_exactly_at_its_instruction(n: int) -> None:
    it, seen = board(), []
    dip = it.ram.power_up
    it.ram.power_up = lambda: (seen.append(it.instructions), dip())  # type: ignore[assignment, return-value]
    it.brown_out(at_instruction=n)
    it.run_until(50_000)
    assert seen == [n]
    assert it.boots == 2
    assert b"mps2_an386" in it.read()


def test_the_firmware_resets_itself() -> None:
    it = board(counted=False)
    it.run_until(50_000)
    it.read()
    it.chip.write(RESET_CONTROL, RESET_NOW, it.now_us)
    it.run_until(60_000)
    assert it.boots == 2
    assert b"mps2_an386" in it.read()


def test_time_goes_on_through_resets_and_cuts() -> None:
    it = board()
    it.run_until(10_000)
    it.power_cut(at_instruction=it.instructions + 50)
    it.run_until(90_000)
    assert (it.on, it.now_us) == (False, 90_000)
    it.power_on()
    it.run_until(200_000)
    assert it.now_us == 200_000


def test_a_save_that_is_cut_anywhere_leaves_the_old_state_or_the_new() -> None:
    found, last = set(), 1
    for share in (0.0, 0.001, 0.5, 0.985, 1.0):
        it = board(seed=int(share * 1000), counted=False)
        talk, old = taught(it)
        assert talk.save() == "OK"
        last = it.flash.operations
        talk.learn(samples(1, 9)[0], 7)
        new = talk.state()
        it.power_cut(at_flash_operation=1 + round(share * (last - 1)))
        with pytest.raises(AssertionError, match="is answered within"):
            talk.save()
        assert not it.on
        it.power_on()
        state = Talk(it).state()
        assert state in (old, new)
        found.add(state == new)
    assert False in found
    assert last > 600


def test_operations_are_counted_from_one() -> None:
    with pytest.raises(ConfigError, match="counted from 1"):
        board(counted=False).power_cut(at_flash_operation=0)


def test_what_was_on_the_way_is_lost_with_the_power() -> None:
    it = board(counted=False)
    it.run_until(50_000)
    it.write(bytes(9))
    first_us = it._line.next_us(it.now_us)
    assert first_us is not None
    assert first_us > it.now_us  # it takes the time of a byte
    it.power_cut()
    it.power_on()
    assert not it._line.arrived(it.now_us + 1_000_000)


def test_a_cut_that_did_not_come_is_forgotten_with_the_power() -> None:
    it = board(counted=False)
    it.power_cut(at_flash_operation=1)
    it.power_cut()
    it.power_on()
    assert Talk(it).save() == "OK"
    assert it.on


def test_what_it_said_to_nobody_is_lost() -> None:
    it = board(counted=False)
    for now_us in (0, 100_000):
        it.poll(now_us)
    assert it._line.from_board  # a HELLO
    it.connected(100_000)
    assert it.transmit(100_000, 4096) == b""
