"""The card: every way to write is counted, in bytes and in pages; a quota is a full card; what it means for years."""

import dataclasses
import errno
from pathlib import Path
from typing import Any

import pytest

from edgelearn.emulator import native
from edgelearn.emulator.device import card
from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result
from edgelearn.errors import ConfigError
from tests.emulator.device import writers
from tests.emulator.device.together import asked, together


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> Path:
        raise native.NativeError("no C compiler was found to build it")

    monkeypatch.setattr(native, "built", none)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Return what became of each run."""
    used = tmp_path_factory.mktemp("used")
    (used / "old").write_bytes(b"x" * 60_000)
    return together(
        {
            "ways": asked(writers.each_way, tmp_path_factory.mktemp("outside")),
            "array": asked(writers.save_array, 50),
            "few commits": asked(writers.commits, 5),
            "many commits": asked(writers.commits, 50),
            "children": asked(["sh", "-c", "printf 12345 > a; (printf 678 >> a) & wait; cat a > b"]),
            "full": asked(writers.fill_up, 3000, device={"storage": 100_000}),
            "full for sqlite": asked(writers.commits, 100, device={"storage": 50_000}),
            "makes room": asked(writers.as_far_as_it_goes, 3000, device={"storage": 20_000}),
            "replaces": asked(writers.rotate, 50, device={"storage": 20_000}),
            "full for C": asked(writers.stream, "x", 5, 3000, device={"storage": 10_000}),
            "was not empty": asked(writers.fill_up, 1000, device={"storage": 100_000, "folder": used}),
            "unseen": asked(writers.unseen, 50_000, device={"storage": 10_000}),
            "power cut": asked(writers.cut_of_power),
            "an hour": asked(["sh", "-c", "printf x > a"], covers_s=3600),
        }
    )


@pytest.fixture
def ways(runs: dict[str, Result]) -> Result:
    """Return the run that wrote in every way, one after the other."""
    return runs["ways"]


@pytest.mark.parametrize("way", writers.WAYS)
def test_every_way_is_counted(way: str, ways: Result) -> None:
    assert ways.ok, ways.error
    size, pages, _ = writers.WAYS[way]
    assert ways.value[way] == [size, pages * card.PAGE_BYTES]


def test_the_result_counts_all_of_them(ways: Result) -> None:
    found = [ways.bytes_written, ways.written.page_bytes]
    assert found == [sum(column) for column in zip(*ways.value.values(), strict=True)]


def test_an_array_is_counted_though_numpy_writes_through_c(runs: dict[str, Result]) -> None:
    result = runs["array"]
    assert result.bytes_written == result.value == result.files["weights.npy"]


def test_commits_of_sqlite_are_counted_with_their_journals(runs: dict[str, Result]) -> None:
    few, many = runs["few commits"], runs["many commits"]
    assert few.bytes_written > few.value  # the pages, and the journal of each commit
    assert many.bytes_written > 5 * few.bytes_written


def test_children_are_counted_too(runs: dict[str, Result]) -> None:
    assert runs["children"].files == {"a": 8, "b": 8}
    assert runs["children"].bytes_written == 16


def test_a_full_card_is_named(runs: dict[str, Result]) -> None:
    result = runs["full"]
    assert result.stopped == "storage"
    assert result.error is not None
    assert "No space left" in result.error.message
    assert result.files == {"log": 100_000}  # to the last byte, as a card fills
    assert "100,000 bytes" in str(result.why)


def test_sqlite_sees_a_full_card(runs: dict[str, Result]) -> None:
    result = runs["full for sqlite"]
    assert result.stopped == "storage"
    assert result.error is not None
    assert "full" in result.error.message


def test_a_program_that_makes_room_goes_on(runs: dict[str, Result]) -> None:
    result = runs["makes room"]
    assert result.value == [20_000, errno.ENOSPC, 20_000, errno.ENOSPC]
    assert (result.ok, result.written.refused, result.files) == (True, 2, {})
    assert "found the card full" in str(result)


def test_replacing_files_makes_room(runs: dict[str, Result]) -> None:
    assert runs["replaces"].value == "never full"


def test_c_streams_see_a_full_card(runs: dict[str, Result]) -> None:
    assert runs["full for C"].value == 3


def test_what_was_there_before_takes_room(runs: dict[str, Result]) -> None:
    result = runs["was not empty"]
    assert (result.stopped, result.files["log"]) == ("storage", 40_000)


def test_what_the_library_does_not_see_is_seen_on_the_card(runs: dict[str, Result]) -> None:
    result = runs["unseen"]
    assert result.stopped == "storage"
    assert "over the 10.00 kB of its card" in str(result.why)


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_writes_are_counted_as_the_system_does() -> None:
    result = EdgeDevice("pi-zero-2w").run(
        ["dd", "if=/dev/zero", "of=big", "bs=1000", "count=700", "status=none"]
    )
    assert result.held["writes"].by == "/proc io"
    assert result.bytes_written == pytest.approx(700_000, abs=2000)
    assert result.written.page_bytes is None


@pytest.mark.usefixtures("no_compiler")
def test_without_a_compiler_a_quota_is_refused_or_weaker() -> None:
    with pytest.raises(ConfigError, match=r"storage cap cannot be held here: no C compiler .* weaker=True"):
        EdgeDevice("pi-zero-2w", storage="10KB").run(writers.rotate, 1)
    result = EdgeDevice("pi-zero-2w", storage="10KB", weaker=True).run(writers.unseen, 50_000)
    assert (result.stopped, result.held["storage"].by) == ("storage", "folder size")


def test_a_save_is_recorded_on_the_card_too(runs: dict[str, Result]) -> None:
    result = runs["power cut"]
    assert result.ok, result.error
    assert result.value == [True, 0, 0, []]


def test_writes_a_day_and_years_come_from_pages_and_the_time_the_run_stands_for(
    runs: dict[str, Result],
) -> None:
    result = runs["an hour"]
    assert result.writes_per_day_bytes == 24 * card.PAGE_BYTES
    assert result.card_years == (card.ENDLESS_YEARS, card.ENDLESS_YEARS)
    worn = dataclasses.replace(result, written=card.Written(1, 10**9, 1, 0), covers_s=86400)
    endurance = result.profile.figure("storage_endurance_bytes")
    assert worn.card_years == pytest.approx([end / (1e9 * 365.25) for end in (endurance.low, endurance.high)])
    assert card.years(1e12, 1e9) == pytest.approx(1000 / 365.25)
    assert card.years(1e12, 0.0) == card.ENDLESS_YEARS
