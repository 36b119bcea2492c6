"""Damage: refused with the reason and the way back, never spread to what is good."""

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from edgelearn.cli import main
from edgelearn.errors import StoreError
from edgelearn.store import Store
from edgelearn.types import Snapshot
from tests.store.samples import same, snapshot

PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store of versions 1 to 4."""
    path = tmp_path / "the store.db"
    with Store(path, keep=4) as store:
        for number in range(1, 5):
            store.save(snapshot(number))
    return path


@contextmanager
def file_of(path: Path) -> Iterator[bytearray]:
    data = bytearray(path.read_bytes())
    yield data
    path.write_bytes(data)


def flip_a_bit_of(path: Path, number: int) -> None:
    """Change one bit in the middle of a version's largest array."""
    needle = snapshot(number).arrays["mean"].tobytes()[6000:6100]
    with file_of(path) as data:
        assert data.count(needle) == 1
        data[data.index(needle) + 50] ^= 4


def lead_into(path: Path, number: int, other: int) -> None:
    """Make the chain of pages of one version go on in a page of another."""
    with file_of(path) as data:
        first, second = (
            data.index(snapshot(one).arrays["mean"].tobytes()[6000:6100]) // PAGE for one in (number, other)
        )
        data[first * PAGE : first * PAGE + 4] = (second + 1).to_bytes(4, "big")


def command_in(sentence: str) -> list[str]:
    found = re.search("`edgelearn (state rollback .*)` returns to it", sentence)
    assert found is not None, sentence
    return shlex.split(found[1])


def test_a_damaged_version_is_refused_and_the_command_it_names_mends_the_store(path: Path) -> None:
    flip_a_bit_of(path, 4)
    flip_a_bit_of(path, 3)
    with (
        Store(path, read_only=True) as store,
        pytest.raises(StoreError, match=r"version 4 of .*sha-256 differs") as raised,
    ):
        store.load()
    assert "the newest good version is 2" in str(raised.value)
    result = CliRunner().invoke(main, command_in(str(raised.value)))
    assert result.exit_code == 0, result.output
    with Store(path) as store:
        assert same(store.load(), snapshot(2))
        assert [version.version for version in store.versions()] == [1, 2, 5]
        assert store.verify().ok
        assert store.save(snapshot(9)).version == 6


def test_verify_names_every_damaged_version(path: Path) -> None:
    flip_a_bit_of(path, 2)
    with Store(path, read_only=True) as store:
        found = store.verify()
        assert same(store.load(), snapshot(4))
    assert not found.ok
    assert found.damaged == [2]
    assert [version.version for version in found.versions] == [1, 2, 3, 4]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("version 2: ")


@pytest.mark.parametrize(
    "change",
    [
        "meta = '{\"schema\": 1}'",
        "meta = '['",
        "meta = x'ff00'",
        "blob = x'00'",
        "sha256 = 'abc'",
        "blob = 7",
    ],
)
def test_any_column_that_changed_is_damage(path: Path, change: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE version SET {change} WHERE number = 4")
    with Store(path) as store:
        with pytest.raises(StoreError, match=r"version 4 of .* is damaged.*the newest good version is 3"):
            store.load()
        assert store.verify().damaged == [4]
        store.rollback(3)
        assert same(store.load(), snapshot(3))
        assert store.verify().ok


def test_a_damaged_version_is_not_rolled_back_to(path: Path) -> None:
    flip_a_bit_of(path, 2)
    with Store(path) as store:
        with pytest.raises(StoreError, match=r"version 2 .* damaged.*the newest good version is 4"):
            store.rollback(2)
        assert store.newest == 4


def test_no_good_version_left(path: Path) -> None:
    for number in range(1, 5):
        flip_a_bit_of(path, number)
    with Store(path) as store:
        with pytest.raises(StoreError, match="no good version is left; move the file away"):
            store.load()
        assert store.save(snapshot(5)).version == 5
        assert same(store.load(), snapshot(5))


def test_pages_led_astray_do_not_take_a_good_version_with_them(path: Path) -> None:
    lead_into(path, 1, 4)
    with Store(path, keep=4) as store:
        for number in range(5, 15):
            store.save(snapshot(number))
            assert same(store.load(), snapshot(number))
            assert same(store.load(number - 1), snapshot(number - 1))
        assert store.verify().damaged == [1]
        store.rollback(14)
        assert store.verify().ok
        assert same(store.load(), snapshot(14))
        assert [version.version for version in store.versions()] == [12, 13, 14, 15]


def test_a_structure_in_disorder_is_a_finding_and_not_an_error(path: Path) -> None:
    with file_of(path) as data:
        data[PAGE : PAGE + 100] = bytes(100)  # the page of the rows themselves
    with Store(path, read_only=True) as store:
        found = store.verify()
        with pytest.raises(StoreError, match="it is damaged; see `edgelearn state verify`"):
            store.load()
    assert not found.ok
    assert found.problems


def test_the_old_file_stays_when_it_cannot_be_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    flip_a_bit_of(path, 4)
    files = {file.name for file in path.parent.iterdir()}
    with Store(path) as store:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", refuse)
            with pytest.raises(StoreError, match="No space left on device"):
                store.rollback(3)
        assert {file.name for file in path.parent.iterdir()} == files
        assert [version.version for version in store.versions()] == [1, 2, 3, 4]
        assert store.rollback(3) == 5
        assert same(store.load(), snapshot(3))
    assert {file.name for file in path.parent.iterdir()} == files


@pytest.mark.parametrize("schema", [3, "new"])
def test_a_newer_schema_is_refused(tmp_path: Path, schema: object) -> None:
    with Store(tmp_path / "s.db") as store:
        store.save(snapshot(1))
        store.save(Snapshot({"x": np.zeros(2)}, {"schema": schema}))
        with pytest.raises(
            StoreError, match=rf"version 2 .* has schema {schema!r}, and this edgelearn knows 2"
        ):
            store.load()
        assert store.verify().ok
        assert same(store.load(1), snapshot(1))
