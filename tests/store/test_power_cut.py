"""A store cut at every change of its files: always the old or the new version, never an error on opening."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgelearn.store import Store, database
from tests.store.power_cut import failures, prefixes, torn, unsynced, write
from tests.store.recorder import Change, RecordedConnection
from tests.store.samples import same, snapshot

SAVES = 5
# A page cache too small for one version: SQLite then writes to the database before it commits.
SPILL = {"cache_size": "2"}


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a folder in memory where there is one: thousands of small stores are synced there."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        place = Path(folder, "temporary")
        place.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        yield Path(folder)


def record(
    folder: Path, monkeypatch: pytest.MonkeyPatch, overrides: dict[str, str], keep: int = 2
) -> list[Change]:
    """Return every change a new store makes to its files in five saves, and the moments they returned."""
    log: list[Change] = []
    with monkeypatch.context() as patch:
        patch.setattr(database, "connect", lambda path, _mode: RecordedConnection(path, log, overrides))
        with Store(folder / "s.db", keep=keep) as store:
            for number in range(1, SAVES + 1):
                store.save(snapshot(number))
                log.append(Change("ack", offset=number))
    return log


@pytest.fixture(params=[{}, SPILL], ids=["cached", "spilled"])
def log(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    return record(tmp_path, monkeypatch, request.param)


def test_the_recording_sees_the_files_change(log: list[Change]) -> None:
    kinds = [change.kind for change in log]
    assert kinds.count("write") > SAVES * len(snapshot(1).arrays["mean"].tobytes()) // 4096
    assert kinds.count("sync") >= SAVES * 3  # the journal, the database, the end of the journal
    assert {change.file for change in log if change.kind == "write"} == {"s.db", "s.db-journal"}
    assert [change.offset for change in log if change.kind == "ack"] == list(range(1, SAVES + 1))


def test_the_replay_of_everything_is_the_file_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = record(tmp_path, monkeypatch, {})
    replayed = tmp_path / "replayed"
    replayed.mkdir()
    write(log, replayed)
    for name in ("s.db", "s.db-journal"):
        assert (replayed / name).read_bytes() == (tmp_path / name).read_bytes()


def test_every_prefix_is_the_old_or_the_new_version(log: list[Change], replays: Path) -> None:
    states, wrong = failures(log, prefixes(log), replays)
    assert not wrong
    assert states == len(log) + 1


def test_a_torn_last_write_is_the_old_or_the_new_version(log: list[Change], replays: Path) -> None:
    states, wrong = failures(log, torn(log, random.Random(1)), replays)
    assert not wrong
    assert states > 100


def test_lost_and_reordered_writes_leave_the_old_or_the_new_version(log: list[Change], replays: Path) -> None:
    states, wrong = failures(log, unsynced(log, random.Random(2), subsets=2), replays)
    assert not wrong
    assert states == 3 * len(log)


def test_a_cut_while_old_versions_make_room(
    tmp_path: Path, replays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = record(tmp_path, monkeypatch, {"max_page_count": "18"}, keep=5)
    with Store(tmp_path / "s.db", read_only=True) as store:
        assert len(store.versions()) < SAVES
    for name, cuts in (("whole", prefixes(log)), ("lost", unsynced(log, random.Random(4), subsets=1))):
        (replays / name).mkdir()
        assert not failures(log, cuts, replays / name)[1]


def test_a_cut_while_an_earlier_cut_is_being_undone(
    log: list[Change], replays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone = 0
    last_save = [cut for cut, change in enumerate(log) if change.kind == "ack"][-2]
    for cut in range(last_save + 1, len(log) - 1):
        place = replays / f"first{cut}"
        place.mkdir()
        write(log[:cut], place)
        durable = [*log[:cut], Change("sync", "s.db"), Change("sync", "s.db-journal")]
        undoing = durable + reopened(place, monkeypatch)
        undone += any(change.file == "s.db" for change in undoing[len(durable) :] if change.kind == "write")
        for kind, cuts in (("whole", prefixes(undoing)), ("lost", unsynced(undoing, random.Random(cut), 1))):
            after = replays / f"{kind}{cut}"
            after.mkdir()
            later = ((at, changes) for at, changes in cuts if at > len(durable))
            assert not failures(undoing, later, after)[1]
    assert undone > 5


def test_reading_what_a_dead_writer_left_changes_no_file(
    log: list[Change], replays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone_on_a_copy: list[Path] = []
    copied = database._copied
    monkeypatch.setattr(
        database, "_copied", lambda *where: undone_on_a_copy.append(where[0]) or copied(*where)
    )
    last_save = [cut for cut, change in enumerate(log) if change.kind == "ack"][-2]
    for cut in range(last_save + 1, len(log)):
        place = replays / f"dead{cut}"
        place.mkdir()
        write(log[:cut], place)
        before = {file.name: file.read_bytes() for file in place.iterdir()}
        with Store(place / "s.db", read_only=True) as store:
            assert same(store.load(), snapshot(store.newest or 0))
        assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert len(undone_on_a_copy) > 5


def reopened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """Return every change that opening the store in this folder makes."""
    log: list[Change] = []
    with monkeypatch.context() as patch:
        patch.setattr(database, "connect", lambda path, _mode: RecordedConnection(path, log, {}))
        Store(folder / "s.db").close()
    return log


@pytest.mark.parametrize(
    "overrides",
    [{"journal_mode": "OFF"}, {"journal_mode": "MEMORY"}, SPILL | {"journal_mode": "OFF"}],
    ids=["no journal", "journal in memory", "no journal, spilled"],
)
def test_a_store_without_a_journal_is_caught_by_the_prefixes(
    overrides: dict[str, str], tmp_path: Path, replays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = record(tmp_path, monkeypatch, overrides)
    assert failures(log, prefixes(log), replays)[1]


@pytest.mark.parametrize(
    "overrides",
    [{"synchronous": "OFF"}, {"synchronous": "FULL", "journal_mode": "DELETE"}],
    ids=["no sync", "journal deleted without a sync of the folder"],
)
def test_a_store_that_syncs_too_little_is_caught_by_lost_writes(
    overrides: dict[str, str], tmp_path: Path, replays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = record(tmp_path, monkeypatch, overrides)
    assert failures(log, unsynced(log, random.Random(3), subsets=2), replays)[1]
