"""C sources of this package as shared libraries, built with the C compiler that is there, once.

>>> library = built(Path(__file__).with_name("recorder.c"), flags=("-pthread",))

Rule 1: a library is kept under a hash of its source, its headers, its compiler and its flags, so it is never stale.
Rule 2: it appears in the cache whole or not at all; any number of processes may build the same one at once.
"""

import atexit
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from edgelearn.errors import EdgelearnError

NAMES = ("cc", "gcc", "clang")
_FLAGS = ("-O2", "-std=c99", "-shared", "-fPIC")
_DEADLINE_S = 300.0  # the first build of ziglang builds its libc too


class NativeError(EdgelearnError, RuntimeError):
    """There is no C compiler, or it refused a source; the message says which package brings one."""


def built(source: Path, *, flags: Sequence[str] = ()) -> Path:
    """Return the shared library of one C99 file, built if no earlier call did; raises NativeError.

    It may include the headers (``*.h``) beside it. ``flags`` come after it, so that libraries may be named.
    """
    command = compiler()
    if command is None:
        raise NativeError(
            f"no C compiler was found to build {source.name}; install one with `apt install gcc libc6-dev` "
            "or `pip install ziglang`, or name yours in $CC"
        )
    folder = _cache_folder()
    library = folder / f"{source.stem}-{_key(source, command, flags)}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix=f"{source.stem}-") as place:
            fresh = Path(place, library.name)
            _compile([*command, *_FLAGS, str(source), *flags, "-o", str(fresh)], source)
            fresh.replace(library)
    return library


def compiler() -> list[str] | None:
    """Return the command of the C compiler: $CC, cc, gcc, clang, or clang of the package ziglang; None without one."""
    named = shlex.split(os.environ.get("CC", ""))
    if named and shutil.which(named[0]):
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return [found]
    if importlib.util.find_spec("ziglang") is not None:
        return [sys.executable, "-m", "ziglang", "cc"]
    return None


def _compile(command: list[str], source: Path) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DEADLINE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NativeError(f"{shlex.join(command)} could not be run to the end: {error}") from error
    if done.returncode:
        raise NativeError(
            f"{shlex.join(command[:1])} refused {source.name} (is libc6-dev, or musl-dev, installed?): "
            f"{done.stderr.strip() or f'exit code {done.returncode}'}"
        )


def _key(source: Path, command: list[str], flags: Sequence[str]) -> str:
    program = Path(shutil.which(command[0]) or command[0]).resolve()
    stat = program.stat()
    parts = [*command, *_FLAGS, *flags, str(program), str(stat.st_size), str(stat.st_mtime_ns)]
    parts += [platform.platform(), platform.machine()]
    hashed = hashlib.sha256("\0".join(parts).encode())
    for file in (source, *sorted(source.parent.glob("*.h"))):
        hashed.update(b"\0" + file.read_bytes())
    return hashed.hexdigest()[:24]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    try:
        folder = Path(base).expanduser() / "edgelearn" / "native"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home, or one that is read-only
        return _folder_of_this_process()
    return folder if os.access(folder, os.W_OK) else _folder_of_this_process()


@cache
def _folder_of_this_process() -> Path:
    folder = tempfile.mkdtemp(prefix="edgelearn-native-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
