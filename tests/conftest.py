"""Tests marked ``data`` run where EDGELEARN_DATA names the public data sets, and are deselected elsewhere."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

VARIABLE = "EDGELEARN_DATA"
DESELECTED = pytest.StashKey[int]()

# the same examples in each run, and none judged by how long it took: a red run is repeated by running it again
settings.register_profile(
    "repeated", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeated")


def pytest_configure(config: pytest.Config) -> None:
    folder = os.environ.get(VARIABLE)
    if folder and not Path(folder).is_dir():
        raise pytest.UsageError(
            f"{VARIABLE} is {folder}, which is no folder; unset it or name the data sets' folder"
        )
    config.stash[DESELECTED] = 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get(VARIABLE):
        return
    without = [item for item in items if item.get_closest_marker("data")]
    if without:
        config.stash[DESELECTED] = len(without)
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if not item.get_closest_marker("data")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    count = config.stash[DESELECTED]
    if count:
        terminalreporter.write_line(
            f"deselected: {count} tests need the public data sets; set {VARIABLE} to run them"
        )


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the folder of the public data sets."""
    return Path(os.environ[VARIABLE])


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """What a shell starts in its background ignores SIGINT, and so would all that a test starts and interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
