"""The folder of the root, and which of its steps are done.

Rule 1: a step is done when its key stands in the root's own record, written after the act; another key does it again.
Rule 2: only a folder with that record, or an empty or absent one, is ever touched.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tools.arm64.needs import Arm64Error

RECORD = "edgelearn-arm64.json"


class Step(NamedTuple):
    """`key` says all that the result depends on."""

    name: str
    key: str
    act: Callable[[], None]


def claim(root: Path) -> None:
    """Make the folder this command's own. Raises Arm64Error for a folder that holds something else."""
    if (root / RECORD).is_file():
        return
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Arm64Error(f"{root} holds something else; name an empty or absent folder with --root")
    root.mkdir(parents=True, exist_ok=True)
    _write(root, {})


def do(root: Path, step: Step, say: Callable[[str], None]) -> None:
    """Do a step unless it is done."""
    done = _read(root)
    if done.get(step.name) == step.key:
        say(f"{step.name}: there already")
        return
    say(f"{step.name}: being made, which takes minutes")
    done.pop(step.name, None)
    _write(root, done)
    step.act()
    _write(root, {**_read(root), step.name: step.key})


def empty(root: Path) -> None:
    """Remove everything that was made; no step is done then."""
    _write(root, {})
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != RECORD:
            path.unlink()


def _read(root: Path) -> dict[str, str]:
    done: dict[str, str] = json.loads((root / RECORD).read_text())
    return done


def _write(root: Path, done: dict[str, str]) -> None:
    (root / RECORD).write_text(json.dumps(done))
