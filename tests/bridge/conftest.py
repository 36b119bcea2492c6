"""C that tests need, compiled once a session with the system's compiler."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware_bridge" / "firmware"
INCLUDE, SOURCES = FIRMWARE / "include", FIRMWARE / "src"
STRICT = (
    "-std=c99", "-ffp-contract=off", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Werror",
    f"-I{INCLUDE}", f"-I{SOURCES}",
)  # fmt: skip
SANITIZED = (
    "-O1",
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
)
TRAPPED = (
    "-O1",
    "-g",
    "-fsanitize=undefined",
    "-fsanitize-undefined-trap-on-error",
)  # needs no runtime: for libraries
LINK = ("frame", "link", "link_session", "link_send", "link_take", "link_stream", "auth")

Build = Callable[[str, Sequence[Path], Sequence[str]], Path]
Library = Callable[[str, Sequence[Path], Sequence[str]], ctypes.CDLL]


def link_sources() -> list[Path]:
    """Return the files that make frame and link."""
    return [SOURCES / f"{name}.c" for name in LINK]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return build(name, sources, flags): the path of a program; the same name is compiled once."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: install gcc or clang")
    folder, made = tmp_path_factory.mktemp("c"), {}

    def compiled(name: str, sources: Sequence[Path], flags: Sequence[str]) -> Path:
        wanted = (tuple(sources), tuple(flags))
        if name not in made:
            command = [compiler, *STRICT, *flags, *map(str, sources), "-o", str(folder / name)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
            assert done.returncode == 0, done.stderr
            made[name] = wanted
        assert made[name] == wanted, f"{name} was built from other sources or with other flags"
        return folder / name

    return compiled


@pytest.fixture(scope="session")
def library(build: Build) -> Library:
    """Return library(name, sources, flags): the shared library, loaded."""
    loaded: dict[str, ctypes.CDLL] = {}

    def opened(name: str, sources: Sequence[Path], flags: Sequence[str]) -> ctypes.CDLL:
        path = build(f"{name}.so", sources, ("-shared", "-fPIC", *flags))
        if name not in loaded:
            loaded[name] = ctypes.CDLL(str(path))
        return loaded[name]

    return opened
