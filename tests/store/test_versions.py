"""Versions: numbers that only grow, a bounded number of them, and a way back."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from edgelearn.errors import ConfigError, StoreError
from edgelearn.store import Store
from edgelearn.store.writes import estimate
from edgelearn.types import Snapshot
from tests.store.samples import same, snapshot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "s.db"


def numbers(store: Store) -> list[int]:
    return [version.version for version in store.versions()]


def test_resuming_is_opening(path: Path) -> None:
    with Store(path) as store:
        assert store.newest is None
        assert store.versions() == []
        store.save(snapshot(1))
        store.save(snapshot(2))
    with Store(path) as store:
        assert same(store.load(), snapshot(2))
        assert same(store.load(1), snapshot(1))


def test_a_version_says_when_what_and_how_large(path: Path) -> None:
    before = time.time()
    with Store(path) as store:
        report = store.save(snapshot(3))
        (version,) = store.versions()
    assert version.version == report.version == 1
    assert before <= version.saved_at <= time.time()
    assert version.payload_bytes == report.payload_bytes
    assert version.payload_bytes > sum(array.nbytes for array in snapshot(3).arrays.values())
    assert version.meta == snapshot(3).meta


def test_the_newest_are_kept_and_a_number_never_comes_back(path: Path) -> None:
    for start in (0, 4, 8):
        with Store(path, keep=3) as store:
            assert [store.save(snapshot(start + i)).version for i in range(4)] == [
                start + i + 1 for i in range(4)
            ]
            assert numbers(store) == [start + 2, start + 3, start + 4]


def test_keeping_one_and_keeping_fewer_than_before(path: Path) -> None:
    with Store(path, keep=4) as store:
        for number in range(4):
            store.save(snapshot(number))
    with Store(path, keep=1) as store:
        assert numbers(store) == [1, 2, 3, 4]
        store.save(snapshot(5))
        assert numbers(store) == [5]
        assert same(store.load(), snapshot(5))


def test_the_file_stops_growing(path: Path) -> None:
    sizes = []
    with Store(path, keep=3) as store:
        for number in range(40):
            payload = store.save(snapshot(number, floats=50_000)).payload_bytes
            sizes.append(path.stat().st_size)
    assert max(sizes) == max(sizes[:8])
    assert max(sizes) < 4.5 * payload


def test_a_large_save_writes_its_payload_about_once(path: Path) -> None:
    with Store(path, keep=2) as store:
        for number in range(6):
            report = store.save(snapshot(number, floats=500_000))
            assert report.payload_bytes <= report.bytes_written <= 1.08 * report.payload_bytes


@pytest.mark.parametrize("floats", [0, 1000, 30_000, 1_000_000])
def test_the_estimate_of_bytes_is_an_upper_one(path: Path, floats: int) -> None:
    with Store(path, keep=2) as store:
        for number in range(6):
            report = store.save(snapshot(number, floats=floats))
            assert report.bytes_written <= estimate(report.payload_bytes)


def test_rolling_back_makes_the_old_one_the_newest_under_a_new_number(path: Path) -> None:
    with Store(path, keep=3) as store:
        for number in range(1, 4):
            store.save(snapshot(number))
        assert store.rollback(1) == 4
        assert numbers(store) == [2, 3, 4]
        assert same(store.load(), snapshot(1))
        assert store.save(snapshot(9)).version == 5
        assert store.verify().ok


def test_versions_that_are_not_there(path: Path) -> None:
    with Store(path) as store:
        with pytest.raises(StoreError, match="holds no version yet"):
            store.load()
        store.save(snapshot(1))
        with pytest.raises(StoreError, match="holds no version 7; it holds 1"):
            store.load(7)
        with pytest.raises(StoreError, match="holds no version 7; it holds 1"):
            store.rollback(7)


def test_a_closed_store_says_so(path: Path) -> None:
    store = Store(path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.save(snapshot(1))


def test_keeping_nothing_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        Store(path, keep=0)
    assert not path.exists()


def test_threads_save_and_load_at_the_same_time(path: Path) -> None:
    failed: list[BaseException] = []
    saved = threading.Event()

    def save() -> None:
        try:
            for number in range(1, 25):
                store.save(Snapshot({"x": np.full(20_000, number)}, {"number": number}))
                saved.set()
        except BaseException as error:
            failed.append(error)

    with Store(path, keep=2) as store:
        threads = [threading.Thread(target=save) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert saved.wait(30)
        loads = 0
        while any(thread.is_alive() for thread in threads):
            loaded = store.load()
            assert (loaded.arrays["x"] == loaded.meta["number"]).all()
            loads += 1
        assert not failed
        assert loads > 1
        assert store.newest == 48
        assert store.verify().ok
