"""Seeds: one a test, the same in every process; a failure prints the command that gives it again."""

import re

import pytest

from tests.emulator.plugin.projects import made, replay_of

pytest_plugins = ("pytester",)

FLIPPED = """
import pytest

@pytest.mark.parametrize("size", [300, 301], ids=["a b", "c"])
def test_wire(serial_wire, virtual_clock, sensor, size):
    from firmware_bridge.transport import open_port
    wires = [serial_wire(name=name, faults={"flip": 0.02}) for name in ("one", "two")]
    got = []
    for wire in wires:
        wire.far.write(bytes(size))
        virtual_clock.sleep(1.0)
        got.append(wire.counts.to_host.flipped)
    drawn = [reading.values[0] for reading in noisy(sensor)]
    print("GOT", size, got, wires[0].seed, wires[1].seed, sum(drawn))
    assert not any(got)

def noisy(sensor):
    from edgelearn.emulator.sensors import Noise
    return sensor.generate(lambda t: 0 * t, 100, seconds=0.5, faults=[Noise(1.0)])
"""


def got(done: pytest.RunResult) -> list[str]:
    """Return what the tests drew, in order of the tests."""
    return sorted(re.findall(r"^GOT .*", done.stdout.str(), re.MULTILINE))


def test_the_printed_command_gives_the_same_failure(pytester: pytest.Pytester) -> None:
    made(pytester, FLIPPED)
    first = pytester.runpytest_inprocess()
    first.assert_outcomes(failed=2)
    command = [word.strip("'") for word in re.split(r" (?=--)", " ".join(replay_of(first.stdout.str())))]
    assert command[0] == "test_it.py::test_wire[a b]"
    again = pytester.runpytest_subprocess(
        *(word for part in command[1:] for word in part.split()), command[0]
    )
    again.assert_outcomes(failed=1)
    assert got(again) == got(first)[:1]


def test_another_seed_gives_another_run(pytester: pytest.Pytester) -> None:
    made(pytester, FLIPPED)
    runs = [got(pytester.runpytest_inprocess("--edge-seed", seed)) for seed in ("1", "2", "1")]
    assert runs[0] == runs[2]
    assert runs[0][0] != runs[1][0]
    assert [line.split()[-3:-1] for line in runs[0]] == [["1", "2"], ["1", "2"]]


def test_each_test_has_a_seed_and_each_wire_its_own(pytester: pytest.Pytester) -> None:
    made(pytester, FLIPPED)
    seeds = [line.split()[-3:-1] for line in got(pytester.runpytest_inprocess())]
    assert len({seed for pair in seeds for seed in pair}) == 4


def test_the_command_starts_from_the_folder_one_is_in(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeini("[pytest]\n")
    below = pytester.mkdir("below")
    (below / "test_below.py").write_text("def test_it(sensor): assert 0\n")
    monkeypatch.chdir(below)
    done = pytester.runpytest_inprocess()
    assert "below/test_below.py::test_it" not in replay_of(done.stdout.str())
    assert replay_of(done.stdout.str())[0] == "test_below.py::test_it"


@pytest.mark.parametrize("seed", ["-1", "x"])
def test_a_seed_that_is_none_is_refused(pytester: pytest.Pytester, seed: str) -> None:
    done = pytester.runpytest_inprocess(f"--edge-seed={seed}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--edge-seed: invalid*"])
