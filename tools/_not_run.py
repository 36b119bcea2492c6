"""A pytest plugin of `tools test`: the last line names what was not run because a program is missing."""

from collections import Counter

import pytest

PROGRAM = "qemu-system-arm"
_missed: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped with the program's name in the reason."""
    if report.skipped and PROGRAM in str(report.longrepr):
        _missed[report.nodeid.split("::")[0]] += 1


def pytest_unconfigure() -> None:
    """Say it after everything pytest itself says."""
    if _missed:
        files = ", ".join(f"{file} ({count})" for file, count in sorted(_missed.items()))
        print(f"not run, since {PROGRAM} is absent (sudo apt install {PROGRAM}): {files}")
    _missed.clear()
