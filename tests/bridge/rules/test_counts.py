"""The instructions of a step stay what budget.json says, within 2 %, and below what was asked for."""

import json

import pytest

pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")

from tools.firmware import count, plan
from tools.firmware.compilers import BuildError, compiler

KNOWN = json.loads(plan.BUDGET.read_text())["instructions"]
LIMITS = {"delta.f32.m4f": 8_000, "delta.q15.m0": 22_000}
WITHIN = 0.02


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("count")
    try:
        used = compiler("zig", count.PORTS["m0"], found)
    except BuildError as error:
        pytest.skip(str(error))
    assert KNOWN["compiler"] == f"{used.name} {used.version}"
    return found


@pytest.mark.parametrize("core", count.CORES)
@pytest.mark.parametrize("name", count.HEADS)
def test_a_step_takes_as_many_instructions_as_written_down(name, core, folder):
    found = count.instructions(count.HEADS[name], core, folder / core / name)
    again = "after a change that is meant: python3 -m tools.firmware.count"
    assert found == pytest.approx(KNOWN[f"{name}.{core}"], rel=WITHIN), again


def test_every_count_is_of_a_head_and_below_its_limit():
    assert set(KNOWN) - {"compiler"} == {f"{name}.{core}" for name in count.HEADS for core in count.CORES}
    assert all(KNOWN[name] <= limit for name, limit in LIMITS.items())


def test_a_count_follows_what_runs(folder):
    """A label it has not ends a step before the passes over the weights; a function of one constant is that short."""
    chip = count.learner(count.HEADS["delta.f32"].make(), "m0", folder / "m0" / "once")
    chip.call("el_learner_start")
    x = count.samples(1)[0]
    assert chip.count("el_learner_learn", x, 11) < 100
    assert chip.count("el_learner_learn", x, 1) > 640
    assert chip.count("el_learner_state_size") < 10
