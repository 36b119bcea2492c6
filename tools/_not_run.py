"""A pytest plugin of `tools test`: the last line names what was not run because a program is missing."""

from collections import Counter

import pytest

# Words in the reason of a skip -> what is absent, and how it is had.
MISSING = {
    "qemu-system-arm": "qemu-system-arm is absent (sudo apt install qemu-system-arm)",
    "C compiler": "a C compiler, or Linux, is absent (sudo apt install gcc libc6-dev)",
}
_missed: dict[str, Counter[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember a test that was skipped with such words in the reason."""
    for words, absent in MISSING.items():
        if report.skipped and words in str(report.longrepr):
            _missed.setdefault(absent, Counter())[report.nodeid.split("::")[0]] += 1


def pytest_unconfigure() -> None:
    """Say it after everything pytest itself says."""
    told = [
        f"since {absent}: {', '.join(f'{file} ({count})' for file, count in sorted(files.items()))}"
        for absent, files in sorted(_missed.items())
    ]
    if told:
        print(f"not run, {'; '.join(told)}")
    _missed.clear()
