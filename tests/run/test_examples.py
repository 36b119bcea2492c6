"""The examples run, show what they claim beside their controls, and name every key there is."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from edgelearn.run import config
from edgelearn.run.config import load
from edgelearn.sources import KINDS
from tests.run.running import ROOT

EXAMPLES = ROOT / "examples"


def run(name: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_digits_never_seen_by_the_network_are_learned_and_without_learning_they_are_not() -> None:
    ours, control = re.findall(r"on 0-4: ([\d.]+) +on 5-9: ([\d.]+)", run("adapt_digits.py"))
    assert min(map(float, ours)) > 0.9
    assert float(control[1]) == 0


def test_a_sensor_without_a_network_and_labels_at_random_stay_at_chance() -> None:
    truth, chance = map(float, re.findall(r"([\d.]+)$", run("sensor_features.py"), re.MULTILINE))
    assert truth > 0.8
    assert chance < 0.45  # of three states


def test_the_truth_reaches_the_next_process() -> None:
    assert "classes ['cup', 'bowl'], now 'bowl'" in run("late_labels.py")


def test_a_device_teaches_the_host_with_the_same_bits() -> None:
    said = run("microcontroller.py")
    before, after = map(float, re.findall(r": (0\.\d+|1\.0+)", said))
    assert after > before
    assert after > 0.9
    assert "the same scores: True" in said


def test_the_example_configuration_of_a_device_loads() -> None:
    assert isinstance(load(EXAMPLES / "device_run.toml").source, KINDS["device"])


def test_the_example_configuration_loads() -> None:
    loaded = load(EXAMPLES / "run.toml")
    assert loaded.store is not None
    assert loaded.store.path == EXAMPLES / "learned.db"


@pytest.mark.parametrize("table", [config.ExtractorTable, config.LearnerTable, config.StoreTable,
                                   config.FeedbackTable, config.OutputTable, *KINDS.values()])  # fmt: skip
def test_the_example_configuration_names_every_key(table: type) -> None:
    text = (EXAMPLES / "run.toml").read_text()
    for field in fields(table):
        assert re.search(rf"^(# )?{field.name} =", text, re.MULTILINE), field.name


def test_the_unit_runs_what_exists() -> None:
    unit = (EXAMPLES / "edgelearn.service").read_text()
    assert "Type=notify" in unit
    assert re.search(r"^ExecStart=\S+/edgelearn run \S+\.toml$", unit, re.MULTILINE)
    assert re.search(r"^StateDirectory=", unit, re.MULTILINE)
    assert Path(EXAMPLES / "run.toml").is_file()
