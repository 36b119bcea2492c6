"""What a run says at its end: the table, the verdicts, junitxml, and the same through xdist."""

from xml.etree import ElementTree

import pytest

from tests.emulator.plugin.projects import made, table_of

pytest_plugins = ("pytester",)

TESTS = """
import unittest
import pytest, work

@pytest.mark.edge_budget(ram="200MB", writes_per_day="50MB", stack="2KB")
def test_held(edge_device):
    device = edge_device("pi-4b", ram="120MB")
    assert device.run(work.samples, 20).value == 20
    assert device.run(work.write, 1000, covers_s=86400).ok

@pytest.mark.edge_budget(ram="40MB", writes_per_day="50MB")
def test_broken(edge_device):
    assert edge_device().run(work.hold, 60_000_000, covers_s=86400).ok

@pytest.mark.edge_budget(ram="40MB")
def test_own_budget_of_a_run(edge_device):
    from edgelearn.emulator.profiles.budget import Budget
    result = edge_device().run(work.hold, 60_000_000, budget=Budget(ram="1GB"))
    assert result.verdict.ok

@pytest.mark.edge_budget(p99_ms=20)
def test_nothing_measured():
    pass

def test_power(power_cut):
    report = power_cut(work.save_in_place, work.load)
    with pytest.raises(AssertionError):
        report.check()

def test_wire(serial_wire, virtual_clock):
    wire = serial_wire(faults={"drop": 0.1})
    wire.far.write(bytes(200))
    virtual_clock.sleep(1.0)

@pytest.mark.edge_budget(instructions=10, stack="4KB")
def test_board(board):
    board().run(10_000)

def test_plain():
    pass

def test_nothing_to_say(sensor):
    pass

class TestUnit(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def given(self, serial_wire):
        self.wire = serial_wire

    def test_in_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.wire(name=f"wire-{part}")
"""


def test_what_stands_in_the_report(pytester: pytest.Pytester) -> None:
    pytest.importorskip("unicorn")
    made(pytester, TESTS)
    done = pytester.runpytest_inprocess("--junitxml=out.xml")
    done.assert_outcomes(passed=8, failed=2)
    rows = table_of(done.outlines)
    assert set(rows) == {
        "test_held", "test_broken", "test_own_budget_of_a_run", "test_nothing_measured", "test_power", "test_wire",
        "test_board", "test_in_parts",
    }  # fmt: skip
    assert rows["test_in_parts"].count("wire:") == 3
    says_of_a_device(rows)
    assert "save_in_place" in rows["test_power"]
    assert "0 corrupt" not in rows["test_power"]
    assert "200 bytes sent" in rows["test_wire"]
    assert " dropped" in rows["test_wire"]
    assert "instructions" in rows["test_board"]
    assert "BROKEN: instructions" in rows["test_board"]
    in_junitxml(pytester)
    fails_with_the_table(done)


def test_the_workers_of_xdist_give_the_same_rows(pytester: pytest.Pytester) -> None:
    made(pytester, "def test_wire" + TESTS.partition("def test_wire")[2].partition("@pytest")[0])
    rows = [table_of(pytester.runpytest_inprocess(*more).outlines) for more in ((), ("-n", "1"))]
    assert rows[0] == rows[1]
    assert set(rows[0]) == {"test_wire"}


def says_of_a_device(rows: dict[str, str]) -> None:
    assert "pi-4b" in rows["test_held"]
    assert "120 MB" in rows["test_held"]
    assert " to " in rows["test_held"]  # p99, predicted
    assert "open: stack" in rows["test_held"]
    assert "pi-zero-2w" in rows["test_broken"]
    assert "BROKEN: ram" in rows["test_broken"]
    assert "BROKEN" not in rows["test_own_budget_of_a_run"]
    assert "open: p99_ms" in rows["test_nothing_measured"]


def in_junitxml(pytester: pytest.Pytester) -> None:
    found = {}
    for case in ElementTree.parse(pytester.path / "out.xml").iter("testcase"):
        found[case.get("name")] = {p.get("name"): str(p.get("value")) for p in case.iter("property")}
    assert set(found["test_broken"]) == {"edgelearn.ram", "edgelearn.writes_per_day"}
    said = dict(part.split("=") for part in found["test_broken"]["edgelearn.ram"].split())
    assert (said["limit"], said["unit"], said["basis"], said["holds"]) == (
        "40000000.0", "bytes", "measured", "false",
    )  # fmt: skip
    assert 60e6 < float(said["low"]) == float(said["high"]) < 120e6
    assert found["test_held"]["edgelearn.ram"].endswith("holds=true")
    assert found["test_held"]["edgelearn.stack"].endswith("holds=open")
    assert found["test_plain"] == {}


def fails_with_the_table(done: pytest.RunResult) -> None:
    done.stdout.fnmatch_lines_random(
        [
            "budget: broken (1 of 2 lines broken)",
            "  ram * at most 40 MB * measured * BROKEN",
            "*writes_per_day*held",
        ]
    )
