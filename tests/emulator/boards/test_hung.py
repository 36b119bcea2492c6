"""A firmware that computes for ever, uncounted, is ended with a sentence; counted, its time goes on."""

import time
from pathlib import Path

import pytest

from edgelearn.emulator.boards import hung, pace
from edgelearn.emulator.boards.errors import BoardError
from tests.emulator.boards.made import board, elf_of


class Still:
    """Runs, or does not, at some time."""

    def __init__(self) -> None:
        self.running, self.now_us, self.ended = True, 5, 0

    def end(self) -> None:
        self.ended += 1


def test_what_stands_still_between_two_looks_is_ended() -> None:
    watch, still = hung.Watch(), Still()
    watch.add(still)
    assert watch.look()
    assert still.ended == 0
    watch.look()
    assert still.ended == 1


def test_what_goes_on_or_rests_is_not() -> None:
    watch, goes, rests = hung.Watch(), Still(), Still()
    watch.add(goes)
    watch.add(rests)
    rests.running = False
    for _ in range(3):
        goes.now_us += 1
        watch.look()
    assert (goes.ended, rests.ended) == (0, 0)
    del goes, rests
    assert not watch.look()  # nothing is left to look after


def test_a_loop_without_a_look_at_line_or_clock_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hung, "PATIENCE_S", 0.2)
    monkeypatch.setattr(pace, "watch", hung.Watch())
    it = board(firmware=elf_of(tmp_path), counted=False)
    started_s = time.monotonic()
    with pytest.raises(BoardError, match="without a look at line or clock; open the board with counted=True"):
        it.run_until(1_000)
    assert time.monotonic() - started_s < 30


def test_counted_its_time_goes_on(tmp_path: Path) -> None:
    it = board(firmware=elf_of(tmp_path))
    it.run_until(1_000)
    assert it.instructions == pytest.approx(168_000, abs=8)
