"""Classic mistakes are caught, each in its own way; what is right passes; both recorders, twice cut, and by kills."""

import os
from pathlib import Path

import pytest

from edgelearn.emulator.power import PowerError, kills, power_cut
from edgelearn.emulator.power.mistakes import MISTAKES, RIGHT
from tests.emulator.power import repairs, saves

# whether a mistake corrupts, and whether it loses what was acknowledged
SHOWS = {
    "in place": (True, False),
    "rename, unsynced": (True, True),
    "wrong file synced": (True, False),
    "folder unsynced": (False, True),
    "removed first": (False, True),
    "log, no checksum": (True, False),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_caught(name: str) -> None:
    report = power_cut(*MISTAKES[name])
    assert report.exhaustive
    assert (report.corrupt > 0, report.lost > 0) == SHOWS[name]
    with pytest.raises(AssertionError, match="---- power cut ----"):
        report.check()


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    report = power_cut(*RIGHT[name])
    report.check()
    assert report.exhaustive
    assert report.states > 30


@pytest.mark.parametrize("name", ["in place", "folder unsynced"])
def test_the_python_recorder_catches_the_same(name: str) -> None:
    one, other = (power_cut(*MISTAKES[name], recorder=recorder) for recorder in ("auto", "python"))
    assert (one.states, one.corrupt, one.lost) == (other.states, other.corrupt, other.lost)


def test_ext4_forgives_an_unsynced_folder_only_while_a_later_sync_comes() -> None:
    strict = power_cut(*MISTAKES["folder unsynced"])
    ext4 = power_cut(*MISTAKES["folder unsynced"], model="ext4")
    assert 0 < ext4.lost < strict.lost


def test_durable_descriptors_need_no_sync() -> None:
    power_cut(saves.durable_descriptor, saves.load_durable).check()


def test_a_failing_state_can_be_seen_again(tmp_path: Path) -> None:
    save, load = MISTAKES["rename, unsynced"]
    first, second = (power_cut(save, load, seed=5) for _ in range(2))
    assert str(first) == str(second)
    assert f".state({first.failures[0].number}, Path('state'))" in str(first)
    corrupt = next(failure for failure in first.failures if failure.kind == "corrupt")
    with pytest.raises(ValueError, match="nobody saved"):
        load(second.state(corrupt.number, tmp_path / "corrupt"))
    lost = next(failure for failure in first.failures if failure.kind == "lost")
    assert f"returned {load(second.state(lost.number, tmp_path / 'lost'))}" in lost.words
    with pytest.raises(IndexError, match="numbered from 1"):
        first.state(0, tmp_path / "none")


def test_a_save_may_begin_with_what_lies_there(tmp_path: Path) -> None:
    (tmp_path / "value").write_bytes(b"one")
    before = power_cut(repairs.replaces_two, saves.load, folder=tmp_path)
    before.check()
    assert (tmp_path / "value").read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["value"]


def test_a_second_cut_while_load_repairs() -> None:
    once = power_cut(repairs.journalled, repairs.load_badly)
    once.check()
    twice = power_cut(repairs.journalled, repairs.load_badly, again=True)
    assert twice.again > 0
    assert twice.corrupt > 0
    assert "of load on state" in str(twice)
    good = power_cut(repairs.journalled, repairs.load_well, again=True)
    good.check()
    assert good.again > 0


def test_a_load_that_knows_more_than_was_saved_is_corrupt() -> None:
    report = power_cut(repairs.replaces_two, repairs.load_from_the_future)
    assert report.corrupt > 0
    assert "nobody had begun to save" in str(report)
    wrong = power_cut(repairs.replaces_two, repairs.load_something_else)
    assert "which save never yielded" in str(wrong)


def test_kills_find_a_half_written_file() -> None:
    report = kills(repairs.slow_in_place, repairs.load_halves, n=5, seed=1)
    assert report.corrupt > 0
    with pytest.raises(AssertionError, match="acknowledgements: corrupt"):
        report.check()


def test_kills_leave_what_is_right_alone() -> None:
    save, load = RIGHT["replaced"]
    report = kills(save, load, n=6, seed=2)
    report.check()
    assert report.states == 6


def test_a_file_in_many_pieces_is_sampled_and_still_caught() -> None:
    report = power_cut(repairs.many_pieces, repairs.load_pieces, limit=300)
    assert not report.exhaustive
    assert report.states < 600
    assert report.corrupt > 0
    assert "of about 2^" in str(report)


def test_a_load_that_cannot_tell_nothing_is_refused() -> None:
    with pytest.raises(PowerError, match="load raised KeyError before anything was saved"):
        power_cut(repairs.replaces_two, repairs.load_needs_a_file)
    with pytest.raises(IndexError, match="a kill cannot be repeated"):
        kills(*RIGHT["replaced"], n=1).state(1, Path("nowhere"))


def test_nothing_is_left_behind() -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        pytest.skip("no memory folder here")
    mine = f"edgelearn-power-{os.getpid()}"
    power_cut(*MISTAKES["in place"])
    kills(*RIGHT["replaced"], n=1)
    assert not [path for path in memory.iterdir() if path.name.startswith(mine)]
