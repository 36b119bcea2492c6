"""Any one byte of the first pages changed, or the end cut off: the right content, or the reason."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgelearn.cli import main
from edgelearn.errors import StoreError
from edgelearn.store import Store
from tests.store.samples import same, snapshot

PAGE = 4096
NEWEST = 3


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the file of a store of versions 1 to 3."""
    path = tmp_path_factory.mktemp("whole") / "s.db"
    with Store(path) as store:
        for number in range(1, NEWEST + 1):
            store.save(snapshot(number))
    return path.read_bytes()


def wrong(path: Path, data: bytes, *, read_only: bool) -> Iterator[str]:
    """Yield what a store with this content does that it must not."""
    path.write_bytes(data)
    try:
        with Store(path, read_only=read_only) as store:
            found = store.verify()
            if found.ok and [version.version for version in found.versions] != [1, 2, 3]:
                yield f"verified {found.versions}"
            if not (found.ok or found.problems):
                yield "not good, and no reason"
            if not same(store.load(), snapshot(NEWEST)):
                yield "loaded something else"
            store.versions()
    except StoreError:
        return


@pytest.mark.parametrize(("read_only", "mask"), [(True, 1), (False, 0xFF)])
def test_every_byte_of_the_first_two_pages(whole: bytes, tmp_path: Path, read_only: bool, mask: int) -> None:
    bad = []
    for at in (at for at in range(2 * PAGE) if whole[at] or at % 16 == 0):  # most of them are unused zeros
        data = bytearray(whole)
        data[at] ^= mask
        bad += [f"byte {at}: {what}" for what in wrong(tmp_path / "s.db", data, read_only=read_only)]
        (tmp_path / "s.db-journal").unlink(missing_ok=True)
    assert not bad


def test_truncations(whole: bytes, tmp_path: Path) -> None:
    rng = random.Random(1)
    pages = range(PAGE, len(whole), PAGE)
    for length in [*pages, *(rng.randrange(1, len(whole)) for _ in range(60))]:
        assert not list(wrong(tmp_path / "s.db", whole[:length], read_only=True))


@pytest.mark.parametrize("name", [b"version", b"number", b"meta", b"saved_at"])
@pytest.mark.parametrize("byte", [ord("x"), 0xFF])
def test_the_commands_on_a_schema_that_lost_a_name(
    whole: bytes, tmp_path: Path, name: bytes, byte: int
) -> None:
    changed = name[:2] + bytes([byte]) + name[3:]
    (tmp_path / "s.db").write_bytes(whole[:PAGE].replace(name, changed) + whole[PAGE:])
    for command in ("verify", "versions", "show"):
        done = CliRunner().invoke(main, ["state", command, str(tmp_path / "s.db")])
        assert (done.exit_code, type(done.exception)) == (1, SystemExit)
        assert done.stderr.count("\n") >= 1
