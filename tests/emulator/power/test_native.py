"""C sources become libraries: once, whole, by whichever compiler is there, or with a sentence that helps."""

import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edgelearn.emulator import native
from edgelearn.emulator.native import NativeError, built, compiler

pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "seven.h").write_text("#define SEVEN 7\n")
    path = tmp_path / "seven.c"
    path.write_text('#include "seven.h"\nint seven(void) { return SEVEN; }\n')
    return path


def test_it_is_built_once_and_anew_when_a_word_changes(source: Path) -> None:
    first = built(source)
    assert ctypes.CDLL(str(first)).seven() == 7
    stamp = first.stat().st_mtime_ns
    assert built(source) == first
    assert first.stat().st_mtime_ns == stamp
    (source.parent / "seven.h").write_text("#define SEVEN 8\n")
    assert ctypes.CDLL(str(built(source))).seven() == 8
    assert len({first, built(source), built(source, flags=("-DOTHER",))}) == 3


def test_many_may_build_at_once_and_nothing_else_stays(source: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: built(source), range(4)))
    (only,) = paths
    assert list(only.parent.iterdir()) == [only]


def test_what_the_compiler_says_is_passed_on(source: Path) -> None:
    source.write_text("int seven(void) { return nonsense; }\n")
    with pytest.raises(NativeError, match=r"(?s)refused seven\.c.*nonsense"):
        built(source)
    assert not list((source.parent / "cache").rglob("*.so"))


def test_without_a_compiler_it_names_two(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(source.parent))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(native.importlib.util, "find_spec", lambda _name: None)
    assert compiler() is None
    with pytest.raises(NativeError, match=r"apt install gcc libc6-dev.*pip install ziglang.*\$CC"):
        built(source)


def test_the_compiler_of_a_package_is_the_last_resort(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(source.parent))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(native.importlib.util, "find_spec", lambda _name: object())
    assert compiler() == [sys.executable, "-m", "ziglang", "cc"]


def test_cc_may_have_words(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found, *_) = compiler() or [""]
    monkeypatch.setenv("CC", f"{found} -DWORD=1")
    source.write_text("int seven(void) { return 6 + WORD; }\n")
    assert ctypes.CDLL(str(built(source))).seven() == 7


def test_a_home_that_cannot_be_written_is_no_obstacle(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source.parent / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", os.fspath(source.parent / "file"))
    assert ctypes.CDLL(str(built(source))).seven() == 7
