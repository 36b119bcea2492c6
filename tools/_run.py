"""The table of commands, and the way into the virtual environment each runs in."""

import os
import sys
from importlib import import_module
from typing import NamedTuple

from tools import _venv


class Command(NamedTuple):
    """One command: the module ``tools.<module>`` has ``main(argv) -> int``."""

    module: str
    extra: str  # of pyproject.toml, installed before the command runs
    summary: str
    venv: str = ".venv"


COMMANDS = {
    "demo": Command("demo", "demo", "new digits learned on the device, through a kill, in a minute"),
    "test": Command("test", "test", "all tests; arguments go to pytest"),
    "arm64": Command("arm64.command", "test", "all tests on emulated arm64 (Linux, root); correctness only"),
    "check": Command("check", "check", "ruff, mypy and import-linter"),
    "bench": Command("bench", "test", "every figure of the README (--list, --only NAME)"),
    "firmware": Command(
        "firmware.command", "test", "the C firmware: built, measured, kept (--compiler zig|gcc)"
    ),
    "new-rule": Command("new_rule", "test", "a new plasticity rule: its file, test and golden vectors"),
    "train-demo": Command(
        "train_demo", "train", "rebuild the demo's network and data (torch)", ".venv-train"
    ),
}


def run(argv: list[str]) -> int:
    """Run ``argv[0]`` with the other arguments; return its exit code."""
    if not argv or argv[0] in ("-h", "--help"):
        print(_usage())
        return 0
    name, *rest = argv
    if name not in COMMANDS:
        print(f"no tool is called {name!r}\n{_usage()}", file=sys.stderr)
        return 2
    command = COMMANDS[name]
    try:
        python = _venv.ensure(command.venv, command.extra)
    except _venv.VenvError as error:
        print(f"tools {name}: {error}", file=sys.stderr)
        return 1
    if not _venv.inside(command.venv):
        sys.stdout.flush()
        os.execv(python, [str(python), "-m", "tools", *argv])
    code: int = import_module(f"tools.{command.module}").main(rest)
    return code


def _usage() -> str:
    lines = [f"  {name:<11} {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: python3 -m tools COMMAND [ARGUMENTS]", "", *lines])
