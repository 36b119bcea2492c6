"""The power goes at every operation on flash, anywhere in it: the record is the old one or the new one."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from tests.bridge.conftest import Library
from tests.bridge.store.flash import Broken, Flash, Record, flash, flash_with

OLD = Record(bytes(range(41)), applied=7, layout=11)
NEW = Record(bytes(range(200, 143, -1)), applied=9, layout=11)
LAST = Record(b"\xff" * 30 + b"\x00" * 11, applied=10, layout=11)


@pytest.fixture(scope="module", params=[1, 4, 8, 32], ids=lambda unit: f"unit{unit}")
def store(request: pytest.FixtureRequest, library: Library) -> Flash:
    return flash(library, unit=request.param)


def cuts(store: Flash, record: Record) -> Iterator[tuple[int, int]]:
    """Every operation that saving ``record`` takes, each with some amounts of it done; ends as it began."""
    before = store.content
    assert store.save(record)
    operations = store.operations
    yield from product(range(operations), (0, 1, 3, 7, 8, 31))
    store.content = before


def checked(store: Flash, allowed: tuple[Record | None, ...], replay: str) -> Record | None:
    """Return the record found after a boot, which has to be one of ``allowed``, and changes nothing in flash."""
    before = store.content
    found = store.boot()
    assert found in allowed, replay
    assert store.content == before, replay
    return found


def old_or_new(store: Flash) -> None:
    """Cut every operation of a save onto the blank flash, and of the next one."""
    for stands, wanted in ((None, OLD), (OLD, NEW)):
        assert checked(store, (stands,), "before any cut") == stands
        before = store.content
        for cut, torn in cuts(store, wanted):
            for garbage in (1, 2, 3):
                store.content = before
                store.boot()
                assert store.save(wanted, cut=cut, torn=torn, garbage=garbage) is None
                checked(store, (stands, wanted), f"{cut=} {torn=} {garbage=}")
        store.content = before
        store.boot()
        assert store.save(wanted)


def cut_again_and_again(store: Flash, seed: int, rounds: int) -> None:
    """Save with a cut anywhere, boot, save with a cut anywhere …; what was answered is never lost."""
    draw = Random(seed)
    store.blank()
    stands = store.boot()
    for number in range(rounds):
        wanted = Record(draw.randbytes(draw.randrange(60)), number, draw.randrange(2**32))
        cut, torn, garbage = draw.randrange(40), draw.randrange(9), draw.randrange(2**32)
        replay = f"cut_again_and_again(store, seed={seed}, rounds={number + 1})"
        said = store.save(wanted, cut=cut, torn=torn, garbage=garbage, step=draw.randrange(1, 40))
        assert said is not False, f"{replay}: nothing was wrong with the flash"
        allowed = (wanted,) if said else (stands, wanted)
        stands = checked(store, allowed, replay)
    assert store.misused == 0, f"cut_again_and_again(store, {seed=}, {rounds=}): a unit was written twice"


def worn_flash(store: Flash) -> None:
    """Let each unit of the flash in turn lose what is written to it: saving says so, and the old record stands."""
    store.blank()
    store.boot()
    assert store.save(OLD)
    before = store.content
    for unit in range(len(before) // 8):
        store.content = before
        store.boot()
        store.wear(unit)
        said = store.save(NEW)
        store.wear(-1)
        checked(store, (NEW,) if said else (OLD,), f"{unit=}")


def header_before_payload(store: Flash) -> None:
    """Have a cache before the flash that turns the order round."""
    store.blank()
    store.cache()
    old_or_new(store)
    store.blank()


def any_byte_changed(store: Flash) -> None:
    """Change each byte of a flash that holds two records: one of the two is found."""
    store.blank()
    store.boot()
    assert store.save(OLD)
    assert store.save(NEW)
    before = store.content
    for at, bit in product(range(len(before)), (0, 7)):
        store.content = before[:at] + bytes([before[at] ^ 1 << bit]) + before[at + 1 :]
        checked(store, (OLD, NEW), f"{at=} {bit=}")
    store.content = before


def test_a_cut_at_any_operation_leaves_the_old_or_the_new_record(store: Flash) -> None:
    store.blank()
    old_or_new(store)


def test_so_does_one_where_the_header_gets_there_first(store: Flash) -> None:
    header_before_payload(store)


def test_a_byte_that_changed_by_itself_gives_no_record_that_never_was(store: Flash) -> None:
    any_byte_changed(store)


def test_a_second_cut_after_any_first_one_leaves_the_old_or_a_new_record(store: Flash) -> None:
    store.blank()
    store.boot()
    assert store.save(OLD)
    before = store.content
    for first, torn in cuts(store, NEW):
        if torn in (1, 8):
            store.content = before
            store.boot()
            store.save(NEW, cut=first, torn=torn)
            stands, halfway = store.boot(), store.content
            for second, garbage in product(range(20), (4, 5)):
                store.content = halfway
                store.boot()
                said = store.save(LAST, cut=second, torn=3, garbage=garbage)
                allowed = (LAST,) if said else (stands, LAST)
                checked(store, allowed, f"{first=} {torn=} {second=} {garbage=}")


@pytest.mark.parametrize("seed", range(4))
def test_cuts_one_after_the_other_never_lose_what_was_answered(store: Flash, seed: int) -> None:
    cut_again_and_again(store, seed, rounds=3000)


def test_flash_that_forgets_is_noticed(library: Library) -> None:
    worn_flash(flash(library))


BROKEN = {
    "the payload is not read back": Broken(
        "el_port_flash_write(slot, offset, from, n) && memcmp(EL_FLASH(slot) + offset, from, n) == 0",
        "el_port_flash_write(slot, offset, from, n)",
    ),
    "it writes over the newest record": Broken("    return 1U - s->slot;", "    return s->slot;"),
    "the older record wins": Broken("(h.version - s->version) < 0", "(s->version - h.version) < 0"),
    "nothing is erased": Broken("s->writing = el_port_flash_erase(other(s));", "s->writing = true;"),
    "the header is believed unread": Broken(" && h->header_check == header_check(h)", ""),
    "half a payload is believed": Broken(
        "h->payload_check == el_crc32(0, payload_of(slot), h->size)", "payload_of(slot) != NULL"
    ),
    "the version stands still": Broken("{MAGIC, s->version + 1, ", "{MAGIC, 1, "),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_store_is_found(library: Library, tmp_path: Path, name: str) -> None:
    broken = flash_with(library, tmp_path, BROKEN[name])
    with pytest.raises(AssertionError):
        everything(broken)


def everything(store: Flash) -> None:
    old_or_new(store)
    header_before_payload(store)
    any_byte_changed(store)
    worn_flash(store)
    for seed in range(4):
        cut_again_and_again(store, seed, rounds=3000)
