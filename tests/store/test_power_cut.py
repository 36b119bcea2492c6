"""A store cut at every change of its files: always the old or the new version, never an error on opening."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgelearn.emulator.native import compiler
from edgelearn.emulator.power import power_cut
from edgelearn.emulator.power.recording import record
from edgelearn.store import Store, database
from tests.store import saving
from tests.store.samples import same, snapshot

Save = Callable[[Path], Iterator[int]]

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or compiler() is None,
    reason="a recorder that sees inside SQLite needs Linux and a C compiler",
)
each_store = pytest.mark.parametrize("save", [saving.cached, saving.spilled], ids=["cached", "spilled"])


@pytest.fixture(autouse=True)
def _temporary_copies_in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A reader repairs on a copy: thousands of them are synced there."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


@each_store
def test_the_recording_sees_the_files_change(save: Save) -> None:
    recorded = record(save, "save", None, recorder="native")
    kinds = [op.kind for op in recorded.ops]
    assert recorded.misses == ()  # replayed, it is the folder itself
    assert kinds.count("write") > saving.SAVES * len(snapshot(1).arrays["mean"].tobytes()) // 4096
    assert kinds.count("sync") >= saving.SAVES * 3  # the journal, the database, the end of the journal
    written = {op.path for op in recorded.ops if op.kind == "write"}
    assert written == {"s.db", "s.db-journal", "s.db.lock"}
    assert recorded.values == list(range(1, saving.SAVES + 1))


def test_a_small_page_cache_writes_before_it_commits() -> None:
    cached, spilled = (record(save, "save", None).ops for save in (saving.cached, saving.spilled))
    syncs = [sum(op.kind == "sync" for op in ops) for ops in (cached, spilled)]
    assert syncs[1] > syncs[0]


@each_store
def test_every_cut_leaves_the_old_or_the_new_version(save: Save) -> None:
    report = power_cut(save, saving.read_reopen_go_on, limit=1200)
    report.check()
    assert report.states > 600


def test_a_cut_while_old_versions_make_room() -> None:
    report = power_cut(saving.crowded, saving.read_reopen_go_on, limit=800)
    report.check()
    crowded, roomy = (transactions(save) for save in (saving.crowded, saving.cached))
    assert crowded > roomy  # each drop of an old version is one


@each_store
def test_a_cut_while_an_earlier_cut_is_being_undone(save: Save) -> None:
    report = power_cut(save, saving.reopen, limit=800, again=True)
    report.check()
    assert report.again > 50


def test_reading_what_a_dead_writer_left_changes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    undone_on_a_copy: list[Path] = []
    copied = database._copied
    monkeypatch.setattr(
        database, "_copied", lambda *where: undone_on_a_copy.append(where[0]) or copied(*where)
    )

    def read(folder: Path) -> int | None:
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        if "s.db" not in before:
            return None
        with Store(folder / "s.db", read_only=True) as store:
            newest = store.newest
            assert newest is None or same(store.load(), snapshot(newest))
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
        return newest

    power_cut(saving.cached, read, limit=600).check()
    assert len(undone_on_a_copy) > 5


@pytest.mark.parametrize(
    "save",
    [saving.no_journal, saving.journal_in_memory, saving.spilled_without_journal],
    ids=["no journal", "journal in memory", "no journal, spilled"],
)
def test_a_store_without_a_journal_is_caught(save: Save) -> None:
    assert power_cut(save, saving.reopen, limit=600).corrupt > 0


@pytest.mark.parametrize(
    "save",
    [saving.unsynced, saving.journal_deleted],
    ids=["no sync", "journal deleted without a sync of the folder"],
)
def test_a_store_that_syncs_too_little_is_caught(save: Save) -> None:
    assert power_cut(save, saving.reopen, limit=600).lost > 0


def transactions(save: Save) -> int:
    """Return how often a journal was begun."""
    ops = record(save, "save", None).ops
    return sum(op.kind == "write" and op.path == "s.db-journal" and op.offset == 0 for op in ops)
