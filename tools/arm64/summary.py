"""What a run found: counted from pytest's JUnit files, folder by folder and in all."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

FINE = (0, 5)  # pytest: all passed; the caller's selection holds none of these tests


class Outcome(NamedTuple):
    """One folder: counts, pytest's own seconds, the failed tests, and what else went wrong."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: tuple[str, ...] = ()
    broken: str = ""  # a sentence, when pytest did not get to its end


def read(name: str, result: Path, code: int) -> Outcome:
    """Read one JUnit file; a missing one is an outcome too."""
    if not result.is_file():
        return Outcome(name, broken=f"pytest ended with code {code} before it had a result")
    suite = ElementTree.parse(result).getroot().find("testsuite")
    assert suite is not None  # pytest writes one
    count = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    failures = tuple(
        f"{case.get('classname')}::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    )
    broken = "" if failed or code in FINE else f"pytest ended with code {code}"
    passed = count["tests"] - failed - count["skipped"]
    return Outcome(name, passed, failed, count["skipped"], float(suite.get("time", 0)), failures, broken)


def fine(outcomes: Sequence[Outcome]) -> bool:
    """Say whether nothing failed and every folder got to its end."""
    return not any(one.failed or one.broken for one in outcomes)


def text(outcomes: Sequence[Outcome], not_run: Sequence[str], about: str) -> str:
    """Return the table, what failed, was cut short or not reached, and one line of sums: when, and with what."""
    rows = [_row("folder", "passed", "failed", "skipped", "minutes")]
    for one in outcomes:
        rows.append(_row(one.name, one.passed, one.failed, one.skipped, f"{one.seconds / 60:.1f}"))
    failures = [f"FAILED {failure}" for one in outcomes for failure in one.failures]
    failures += [f"BROKEN {one.name}: {one.broken}" for one in outcomes if one.broken]
    if not_run:
        failures.append(f"NOT RUN, go on with --only {' '.join(not_run)}")
    passed, failed, skipped = (
        sum(getattr(one, kind) for one in outcomes) for kind in ("passed", "failed", "skipped")
    )
    minutes = sum(one.seconds for one in outcomes) / 60
    sums = f"{passed} passed, {failed} failed, {skipped} skipped in {minutes:.0f} minutes"
    return "\n".join([*rows, *failures, f"{sums}; {about}"])


def _row(name: str, *cells: object) -> str:
    return f"{name:<24}" + "".join(f"{cell!s:>9}" for cell in cells)
