"""``--edge-profile NAME``: this pytest starts itself again as a command on the device, and gives way to it.

Rule 1: the caps are of the whole suite: pytest, its workers and all that the tests start share the device's memory.
Rule 2: the suite inside knows by a variable that it is inside; there the option is only the default profile.
Rule 3: output passes through as it comes; the exit code is the suite's, 124 after the deadline, 137 where memory or
storage ended it. What stopped it, and the tests it was in, are the last lines on standard error.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edgelearn.emulator.plugin.options import INNER

if TYPE_CHECKING:
    from edgelearn.emulator.device.result import Result

_NAME = "edgelearn-marks"


def run(config: pytest.Config) -> int | None:
    """Run the suite on the profile of the option; None where there is none, or we are on it already."""
    if not config.getoption("edge_profile") or INNER in os.environ:
        return None
    from edgelearn.errors import EdgelearnError

    try:
        return _on_device(config)
    except KeyboardInterrupt:
        return pytest.ExitCode.INTERRUPTED
    except EdgelearnError as error:
        raise pytest.UsageError(f"--edge-profile: {error}") from error


def mark(config: pytest.Config) -> None:
    """On a device, keep in a file which test this process is in, so that a suite that is stopped can name it."""
    folder = os.environ.get(INNER)
    if folder:
        config.pluginmanager.register(_Marks(Path(folder, f"{os.getpid()}")), _NAME)


class _Marks:
    def __init__(self, file: Path) -> None:
        self._file = file

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._file.write_text(nodeid)

    def pytest_runtest_logfinish(self) -> None:
        self._file.unlink(missing_ok=True)


def _on_device(config: pytest.Config) -> int:
    from edgelearn.emulator.device.edge import EdgeDevice
    from edgelearn.emulator.device.passing import Passing, exit_code, unwound_by

    device = EdgeDevice(config.getoption("edge_profile"), folder=config.invocation_params.dir)
    if config.invocation_params.plugins:
        raise pytest.UsageError(
            "--edge-profile starts pytest again; it cannot carry plugins given to pytest.main()"
        )
    with (
        unwound_by(signal.SIGTERM),
        tempfile.TemporaryDirectory(prefix="edgelearn-suite-") as marks,
        Passing(_command(config)) as passing,
    ):
        result = device.run(
            passing.command,
            deadline_s=config.getoption("edge_deadline"),
            env={**passing.env, INNER: marks},
        )
        running = sorted(
            {file.read_text() for file in Path(marks).iterdir()}
        )  # xdist tells its controller too
    for line in _told(result, running):
        sys.stderr.write(line + "\n")
    return exit_code(result)


def _command(config: pytest.Config) -> list[str]:
    """Return the same pytest as a command; ``python -m pytest`` has this folder in its path, ``pytest`` has not."""
    path = [] if Path(sys.argv[0]).name == "__main__.py" else ["-P"]
    colour = ["--color=yes"] if sys.stdout.isatty() else []  # a pipe would have none
    return [sys.executable, *path, "-m", "pytest", *colour, *config.invocation_params.args]


def _told(result: "Result", running: Iterable[str]) -> Iterable[str]:
    from edgelearn.emulator.profiles.figure import written

    peak, cap = (
        written(size, "bytes/").rstrip("/") for size in (result.peak_rss_bytes, result.ram_cap_bytes)
    )
    yield (
        f"edgelearn: the suite ran on {result.profile.name}: {peak} at its peak, of {cap} allowed "
        f"({result.held['ram'].by}), {written(result.cpu_s, 's')} of CPU time"
    )
    for note in result.notes:
        yield f"edgelearn: {note}"
    if result.stopped not in (None, "error"):
        yield f"edgelearn: the suite was stopped: {result.stopped} ({result.why})"
        yield from (f"edgelearn: stopped in {test}" for test in running)
