"""python3 -m tools check: style, types and floors; all of them run, the failed ones are named."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools._venv import ROOT

CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "import-linter": ["lint-imports"],
}


def main(argv: Sequence[str]) -> int:
    """Run every check; return 1 when one failed."""
    if argv:
        print("tools check takes no arguments", file=sys.stderr)
        return 2
    failed = [name for name, command in CHECKS.items() if not _passes(name, command)]
    if failed:
        print(f"check: {', '.join(failed)} failed")
        return 1
    print(f"check: all {len(CHECKS)} passed")
    return 0


def _passes(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)
    program, *arguments = command
    scripts = Path(sys.executable).parent
    return subprocess.run([str(scripts / program), *arguments], cwd=ROOT, check=False).returncode == 0
