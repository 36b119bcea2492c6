"""Projects of strangers, as texts: workloads, saves and the tests that use them."""

import re

import pytest

# pytester forgets the modules that a run in this process imported, but not that packages have them: no class may
# exist twice, so they are here before
import edgelearn.emulator.boards.opening
import edgelearn.emulator.device.ending
import edgelearn.emulator.device.passing
import edgelearn.emulator.plugin.binding
import edgelearn.emulator.plugin.suite
import edgelearn.emulator.plugin.table
import edgelearn.emulator.plugin.verdict
import edgelearn.emulator.power
import edgelearn.emulator.profiles.prediction
import edgelearn.emulator.sensors
import edgelearn.emulator.wire.serial_wire  # noqa: F401

WORK = """
import os, subprocess, sys, time
from pathlib import Path
from edgelearn.emulator.probe import sample

def samples(n):
    for _ in range(n):
        with sample():
            sum(range(1000))
    return n

def hold(size):
    held = bytearray(b"x") * size
    return len(held)

def write(size):
    Path("out.bin").write_bytes(bytes(size))

def hang(notes):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    Path(notes, "child").write_text(str(child.pid))
    Path(notes, "self.part").write_text(str(os.getpid()))
    Path(notes, "self.part").rename(Path(notes, "self"))
    time.sleep(600)

def save_in_place(folder):
    for number in range(3):
        (folder / "model").write_text(str(number) * 5000)
        yield number

def load(folder):
    file = folder / "model"
    if not file.exists():
        return None
    text = file.read_text()
    assert len(text) == 5000 and len(set(text)) == 1
    return int(text[0])
"""


def made(pytester: pytest.Pytester, tests: str, **files: str) -> None:
    """Write a project: ``work.py``, ``test_it.py`` and other files, a name each."""
    pytester.makepyfile(work=WORK, test_it=tests, **files)


def replay_of(output: str) -> list[str]:
    """Return the arguments of the command that a failure printed."""
    found = re.search(r"the same again: pytest (.+)", output)
    assert found is not None, output
    return found[1].split()


def table_of(lines: list[str]) -> dict[str, str]:
    """Return the rows of the report by the test's name, with what stands below each."""
    start = next(n for n, line in enumerate(lines) if re.fullmatch(r"=+ edgelearn =+", line))
    rows = {}
    for line in lines[start + 1 :]:
        if line.startswith("="):
            break
        if "::" in line:
            test = line.split()[0].rpartition("::")[2]
            rows[test] = line
        elif line.startswith("    "):
            rows[test] += line
    return rows
