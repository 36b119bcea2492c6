"""After a test that used the emulator: its verdict, its line of the table, and how to replay it where it failed.

Registered with pytest when the first such test is met: a run that uses none of it pays for none of it.
"""

import os
import shlex
from collections.abc import Generator

import pytest

from edgelearn.emulator.plugin.marker import limits_of
from edgelearn.emulator.plugin.use import KEY, Use, use_of
from edgelearn.emulator.plugin.verdict import verdict_of

NAME = "edgelearn-judging"
ROW = "edgelearn"


def switch_on(config: pytest.Config) -> None:
    """Have tests judged from here on."""
    if not config.pluginmanager.has_plugin(NAME):
        config.pluginmanager.register(_Judging(), NAME)


class _Judging:
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge what a test used, and fail it if it passed and broke its budget."""
        if limits_of(item):
            use_of(item)  # it stands in the table even if it opens nothing
        try:
            result = yield
        finally:
            use = item.stash.get(KEY, None)
            if use is not None:
                _judge(item, use)
        if use is not None and use.budget is not None and use.verdict is not None and not use.verdict.ok:
            pytest.fail(str(use.verdict), pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        use = item.stash.get(KEY, None)
        if use is None:
            return report
        if report.failed:
            report.sections.append(("edgelearn", _replay(item, use)))
        if report.when == "call" or (report.when == "setup" and report.failed):
            from edgelearn.emulator.plugin.table import cells

            if said := cells(use):
                vars(report)[ROW] = said  # an attribute of plain values travels from xdist's workers
        return report


def _judge(item: pytest.Item, use: Use) -> None:
    """Keep the verdict of a test, and its lines for junitxml."""
    use.verdict = verdict_of(use)
    for line in use.verdict.lines if use.verdict else ():
        holds = {True: "true", False: "false", None: "open"}[line.holds]
        said = f"low={line.low} high={line.high} limit={line.limit} unit={line.unit} basis={line.basis} holds={holds}"
        item.user_properties.append((f"edgelearn.{line.name}", said))


def _replay(item: pytest.Item, use: Use) -> str:
    """Return the seed of a test and the command that repeats it from this folder."""
    words = ["pytest", shlex.quote(_from_here(item)), f"--edge-seed {use.seed}"]
    named = item.config.getoption("edge_profile")
    if named:
        words.append(f"--edge-profile {shlex.quote(named)}")
    wires = [f"\n{wire.replay}" for wire in use.wires]
    return "".join([f"seed {use.seed}; the same again: {' '.join(words)}", *wires])


def _from_here(item: pytest.Item) -> str:
    """Return the node id as it is given on the command line: node ids start at the root of the suite."""
    path, found, names = item.nodeid.partition("::")
    here = os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir)
    return here.replace(os.sep, "/") + found + names
