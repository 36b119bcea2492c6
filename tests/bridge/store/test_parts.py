"""A record comes in parts: in order, each as often as it likes, never more than there is room for."""

from pathlib import Path

import pytest

from tests.bridge.conftest import Library
from tests.bridge.store.flash import Broken, Flash, Record, flash, flash_with


@pytest.fixture(scope="module")
def store(library: Library) -> Flash:
    return flash(library)


@pytest.fixture(autouse=True)
def _blank(store: Flash) -> None:
    store.blank()
    store.boot()


def test_parts_of_any_size_make_the_record(store: Flash) -> None:
    data = bytes(range(61))
    for step in range(1, 62):
        assert store.save(Record(data, step, 3), step=step)
        assert store.boot() == Record(data, step, 3)


def test_a_part_sent_again_changes_nothing(store: Flash) -> None:
    store.begin()
    assert store.part(0, b"twelve bytes")
    assert store.part(0, b"twelve bytes")
    assert store.part(4, b"ve bytes and more")
    assert store.part(9, b"tes")
    assert store.commit(1, 2)
    assert store.boot() == Record(b"twelve bytes and more", 1, 2)


def test_a_part_that_contradicts_one_before_is_refused(store: Flash) -> None:
    store.begin()
    assert store.part(0, b"twelve bytes")
    assert not store.part(0, b"Twelve bytes")
    assert not store.part(8, b"tEs!")
    assert store.part(12, b".")
    assert store.commit(1, 2)
    assert store.boot() == Record(b"twelve bytes.", 1, 2)


def test_a_part_behind_a_hole_is_refused(store: Flash) -> None:
    store.begin()
    assert not store.part(1, b"x")


def test_parts_and_commit_need_a_begin(store: Flash) -> None:
    assert not store.part(0, b"x")
    assert not store.commit(1, 2)
    assert store.boot() is None


def test_a_record_may_fill_the_slot_and_no_more(store: Flash) -> None:
    store.begin()
    assert store.part(0, bytes(store.room))
    assert not store.part(store.room, b"x")
    assert store.commit(1, 2)
    assert store.boot() == Record(bytes(store.room), 1, 2)


def test_a_begin_that_is_left_leaves_the_old_record(store: Flash) -> None:
    assert store.save(Record(b"old", 1, 2))
    store.begin()
    store.part(0, b"new")
    assert store.boot() == Record(b"old", 1, 2)


def test_an_empty_record_is_one(store: Flash) -> None:
    assert store.save(Record(b"", 1, 2))
    assert store.boot() == Record(b"", 1, 2)


def test_the_version_may_wrap(library: Library, tmp_path: Path) -> None:
    late = Broken("{MAGIC, s->version + 1, ", "{MAGIC, s->version == 0 ? 0xFFFFFFFDU : s->version + 1, ")
    store = flash_with(library, tmp_path, late)
    store.boot()
    for number in range(8):
        assert store.save(Record(bytes([number]), number, 1))
        assert store.boot() == Record(bytes([number]), number, 1)
