"""A pytest plugin: tests on an edge device that this machine plays; installed with the package, silent until used.

>>> @pytest.mark.edge_budget(ram="350MB", p99_ms=20)
... def test_it_learns_on_a_pi(edge_device):
...     assert edge_device("pi-zero-2w").run(learn_a_day, covers_s=86400).ok

Six fixtures: `edge_device`, `serial_wire`, `board`, `sensor`, `power_cut`, `virtual_clock`; what they opened is closed
when the test ends, however it ends. ``--edge-profile NAME`` runs a whole suite on a profile.

Rule 1: importing this imports pytest and the standard library only, and no hook runs once a test before a test asks
for a fixture or has a marker. Rule 2: every random choice comes from one seed a test; a failure prints the command that
repeats it. Rule 3: an optional package that is missing is an error that names it, never a skipped test.
"""

import pytest

from edgelearn.emulator.plugin import marker, options
from edgelearn.emulator.plugin.fixtures import (
    board,
    edge_device,
    power_cut,
    sensor,
    serial_wire,
    virtual_clock,
)

__all__ = ["board", "edge_device", "power_cut", "sensor", "serial_wire", "virtual_clock"]


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    if not config.getoption("edge_profile"):
        return None
    from edgelearn.emulator.plugin import suite

    return suite.run(config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", marker.LINE)
    options.check(config)
    if config.getoption("edge_profile"):
        from edgelearn.emulator.plugin import suite

        suite.mark(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if marker.check(items):
        from edgelearn.emulator.plugin.judging import switch_on

        switch_on(config)


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:  # new in pytest 8.4
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    told = [report for report in reports if hasattr(report, "edgelearn")]
    if told:
        from edgelearn.emulator.plugin.table import lines

        told.sort(key=lambda report: report.stop)  # a test's own is after those of its subtests, and stands
        terminalreporter.section("edgelearn")
        for line in lines({report.nodeid: report.edgelearn for report in told}):
            terminalreporter.write_line(line)
