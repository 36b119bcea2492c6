"""What a device is asked to run, as a command line: a program, or one function in a fresh Python.

>>> argv = command_line(train, (X, y), scratch, clock=None)
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

from edgelearn.emulator.device import runner
from edgelearn.emulator.device.values import decode, encode
from edgelearn.errors import ConfigError


def command_line(
    work: object, args: Sequence[object], scratch: Path, clock: dict[str, Any] | None
) -> list[str]:
    """Return what to execute; a function's arguments are written to ``scratch``.

    ``clock`` is the skew that a function's Python is to give itself. Raises ConfigError for work that cannot be run.
    """
    if isinstance(work, list | tuple):
        return _program(work, args)
    file, name = _named(work)
    assert isinstance(work, FunctionType)  # `_named` refuses all else
    call = {
        "path": [str(Path(entry).resolve()) for entry in sys.path],
        "module": file.stem if work.__module__ == "__main__" else work.__module__,
        "file": str(file),
        "name": name,
        "args": encode(list(args), scratch),
        "clock": clock,
    }
    (scratch / runner.CALL).write_text(json.dumps(call))
    return [sys.executable, "-P", runner.__file__, str(scratch)]


def answered(scratch: Path) -> dict[str, Any]:
    """Return ``value`` or ``error`` of the function that ran; empty where it did not come to its end."""
    file = scratch / runner.ANSWER
    if not file.exists():
        return {}
    answer: dict[str, Any] = json.loads(file.read_text())
    return {"value": decode(answer["value"], scratch)} if "value" in answer else answer


def _program(work: Sequence[object], args: Sequence[object]) -> list[str]:
    if args:
        raise ConfigError("a command takes its arguments in its list: run(['program', 'argument'])")
    if not work or not all(isinstance(word, str | os.PathLike) for word in work):
        raise ConfigError(f"a command is a list of texts, the program first, not {work!r}")
    words = [os.fspath(word) for word in work if isinstance(word, str | os.PathLike)]
    program = shutil.which(words[0])
    if program is None:
        raise ConfigError(f"there is no program {words[0]!r} to run; write its whole path, or install it")
    return [str(Path(program).absolute()), *words[1:]]


def _named(work: Any) -> tuple[Path, str]:
    what = getattr(work, "__qualname__", None) or type(work).__name__
    reason = None
    if not isinstance(work, FunctionType):
        reason = "is neither a function nor a list of texts"
    elif "<lambda>" in what:
        reason = "is a lambda"
    elif "<locals>" in what:
        reason = "is defined inside another function"
    elif "." in what:
        reason = "is a method"
    elif work.__globals__.get(work.__name__) is not work:
        reason = "is not what its module has under this name"
    elif not Path(_file(work)).is_file():
        reason = "comes from no file"
    if reason is not None:
        raise ConfigError(
            f"{what} {reason}, so a fresh Python cannot import it; define it by `def` at the top of a file, "
            "or give a command as a list of texts"
        )
    return Path(_file(work)).resolve(), work.__name__


def _file(function: Any) -> str:
    return str(function.__code__.co_filename)
