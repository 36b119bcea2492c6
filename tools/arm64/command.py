"""python3 -m tools arm64: the tests on emulated arm64, in a Debian root that is made once (root and Linux needed)."""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tools._venv import ROOT
from tools.arm64 import checkout, cpu, debian, packages, root, suite, summary
from tools.arm64.binfmt import registered
from tools.arm64.inside import inside
from tools.arm64.needs import Arm64Error, check

LOCK = Path("/run/edgelearn-arm64.lock")
NAMED = ("numpy", "numba", "llvmlite", "onnxruntime", "unicorn", "ziglang")


def main(argv: Sequence[str]) -> int:
    """Make what is missing, run the tests, print the summary; return 1 when a test or a step failed."""
    arguments, pytest = _parser().parse_known_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # leaves the blocks below as Ctrl-C does
    try:
        qemu = check()
        chosen = suite.groups(ROOT / "tests", arguments.only)
        with _alone(), registered(qemu):
            _prepare(arguments.root.resolve())
            return _test(arguments.root.resolve(), qemu, chosen, pytest)
    except KeyboardInterrupt:
        return 130
    except Arm64Error as error:
        print(f"tools arm64: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python3 -m tools arm64", description=__doc__, epilog="All other arguments go to pytest."
    )
    parser.add_argument("--root", type=Path, default=ROOT / ".arm64", help="folder of the system (.arm64)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="FOLDER", help="folders below tests/, to go on after a stop"
    )
    return parser


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the machine's one lock: two runs would take each other's registration back."""
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Arm64Error("another run is going on; wait for its end") from None
        yield


def _prepare(folder: Path) -> None:
    root.claim(folder)
    root.do(folder, debian.step(folder), _say)
    cpu.write(folder)
    _say("the checkout: being copied")
    checkout.copy(ROOT, folder / packages.COPY.strip("/"), without=folder)
    root.do(folder, packages.step(folder, ROOT / "pyproject.toml"), _say)
    for name in (suite.RESULTS, suite.DATA):
        (folder / name).mkdir(exist_ok=True)
    shutil.rmtree(folder / suite.NUMBA_CACHE.strip("/"), ignore_errors=True)  # it does not see edits


def _test(folder: Path, qemu: str, chosen: Sequence[suite.Group], pytest: Sequence[str]) -> int:
    about = _about(folder, qemu)
    _say(about)
    data = os.environ.get("EDGELEARN_DATA")
    outcomes: list[summary.Outcome] = []
    try:
        for outcome in suite.run(folder, chosen, pytest, Path(data) if data else None, _say):
            outcomes.append(outcome)
    finally:  # what ended before Ctrl-C counts
        not_run = [group.name for group in chosen[len(outcomes) :] if group.name != suite.JIT_OFF]
        print(summary.text(outcomes, not_run, about), flush=True)
    return 0 if summary.fine(outcomes) else 1


def _about(folder: Path, qemu: str) -> str:
    """Return the date and all versions; raise Arm64Error when the root does not run."""
    program = (
        "import platform as p; "
        "print(p.machine(), p.freedesktop_os_release()['PRETTY_NAME'], f'Python {p.python_version()}', sep=', ')"
    )
    done = subprocess.run(
        inside(folder, ["python", "-c", program]), capture_output=True, text=True, check=False
    )
    machine, _, system = done.stdout.strip().partition(", ")
    if machine != "aarch64":
        raise Arm64Error(f"the root does not run ({done.stderr.strip()}); remove {folder} and run this again")
    version = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=True).stdout
    return (
        f"{date.today()}, {version.splitlines()[0]}, {cpu.NAME}, {system}, {packages.versions(folder, NAMED)}"
    )


def _say(text: str) -> None:
    print(f"tools arm64: {text}", file=sys.stderr, flush=True)
