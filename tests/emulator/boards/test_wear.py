"""Every erase wears a page; beyond its endurance bits stick, and the firmware's store sees it."""

import random

import pytest

from edgelearn.emulator.boards.flash import ERASED, Flash, Memory
from tests.emulator.boards.made import Talk, board, samples

PLACE, PAGE = Memory(0x1000, 0x400), 0x100


def worn(erases: int, seed: int = 0) -> Flash:
    made = Flash(PLACE, PAGE, random.Random(seed), endurance=10)
    for _ in range(erases):
        made.erase(PLACE.address + PAGE)
    return made


def test_erases_are_counted_page_by_page_and_nothing_sticks_within_endurance() -> None:
    made = worn(10)
    assert made.wear.erases == (0, 10, 0, 0)
    assert made.wear.stuck == 0
    assert set(made.bytes) == {ERASED}


def test_beyond_endurance_bits_stick_in_that_page_the_same_from_one_seed() -> None:
    made = worn(200)
    assert 150 < made.wear.stuck <= 190
    made.erase(PLACE.address + PAGE)
    low = [at for at, value in enumerate(made.bytes) if value != ERASED]
    assert low
    assert all(PAGE <= at < 2 * PAGE for at in low)
    for at in range(0, PAGE, 4):
        made.write(PLACE.address + PAGE + at, 0)
    assert any(made.bytes[PAGE : 2 * PAGE])  # and some at 1
    assert worn(200).bytes == worn(200).bytes != worn(200, seed=1).bytes


def test_years_of_use_in_one_call() -> None:
    made = worn(0)
    made.age(12)
    assert made.wear.erases == (12,) * 4
    assert 4 <= made.wear.stuck <= 8
    made.erase(0)  # outside: nothing happens
    assert made.wear.erases == (12,) * 4


def test_life_is_predicted_from_saves_a_day() -> None:
    made = worn(0)
    assert made.wear.years(20) == pytest.approx(1 / 365.25)
    assert worn(10).wear.years(20) == 0
    assert made.wear.years(0) is None
    assert Flash(PLACE, PAGE, random.Random(0)).wear.years(24) is None


def test_each_save_erases_one_slot_in_turn() -> None:
    it = board(counted=False)
    talk = Talk(it)
    assert it.wear.erases == (0, 0)
    seen = []
    for _ in range(3):
        assert talk.save() == "OK"
        seen.append(it.wear.erases)
    assert sorted(seen[0]) == [0, 1]
    assert seen[1] == (1, 1)
    assert sorted(seen[2]) == [1, 2]
    assert it.wear.endurance == 10_000


def test_a_worn_out_flash_is_told_and_the_state_of_before_stays() -> None:
    it = board(counted=False)
    talk = Talk(it)
    talk.learn(samples(1)[0], 1)
    assert talk.save() == "OK"
    assert it.wear.stuck == 0
    it.age_flash(9_000)
    assert it.wear.stuck == 0
    assert talk.save() == "OK"
    it.age_flash(21_000)
    assert it.wear.stuck > 1_000
    assert talk.save() == "FLASH"
