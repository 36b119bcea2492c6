"""What the README shows runs as it stands."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import edgelearn
from edgelearn.bench.kept import Kept
from edgelearn.bench.systems import names as systems
from edgelearn.bench.table import lines, markdown
from edgelearn.cli import COMMANDS
from edgelearn.emulator.boards import heads
from edgelearn.emulator.boards.serving import serving
from edgelearn.emulator.boards.twin import Twin

pytest_plugins = ("pytester",)

README = Path(__file__).parents[1] / "README.md"
SYSTEMS = README.parent / "tools" / "bench" / "systems.json"
ASSETS = Path(edgelearn.__file__).parent / "demo" / "assets"


def blocks():
    found = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [compile(block, str(README), "exec") for block in found]


def test_the_six_lines_run(tmp_path, monkeypatch):
    shutil.copy(ASSETS / "digits04.features.onnx", tmp_path / "network.onnx")
    monkeypatch.chdir(tmp_path)
    names = {"image": np.load(ASSETS / "digits.npz")["x"][0]}
    exec(blocks()[0], names)
    learner = names["learner"]
    assert learner.classes_ == ["mug", "cup"]
    learner.close()
    resumed = edgelearn.Learner(edgelearn.Extractor("network.onnx"), "slda", store="memory.db")
    assert resumed.classes_ == ["mug", "cup"]
    resumed.close()


def test_the_layers_that_learn_run():
    rng = np.random.default_rng(0)
    names = {"unlabelled": rng.uniform(size=(20, 8)).astype(np.float32)}
    exec(blocks()[1], names)
    assert names["layer"].n_learned == 20
    assert names["learner"].classes_ == ["cup"]
    assert names["answers"].classes_ == ["left", "right"]
    assert sum(names["answers"].readout.counts) == 1


def test_what_a_system_learned_ships_as_a_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    digits = np.load(ASSETS / "digits.npz")
    x = (digits["x"].reshape(len(digits["x"]), -1)[:500] / 16).astype(np.float32)
    names = {"x": x, "y": digits["y"][:500].astype(np.int64)}
    exec(blocks()[2], names)
    assert names["epoch"] == 10
    assert names["learner"].extractor.many(x[:3]).shape == (3, 200)


def test_the_lines_for_a_microcontroller_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layer = edgelearn.Layer(10, "delta", signal="label_error")
    layer.bind(64)
    twin = Twin(heads.head(layer))
    rng = np.random.default_rng(0)
    x = rng.uniform(size=64).astype(np.float32)
    with serving(twin, "readme") as device:
        names = {"x": x, "one_hot": np.eye(10, dtype=np.float32)[3], "port": device.url}
        exec(blocks()[3], names)
    assert "EL_RULE_DELTA" in Path("el_head.h").read_text(encoding="utf-8")
    assert edgelearn.export.state_bytes(names["layer"]) == edgelearn.export.state_bytes(twin.head.learned)
    assert not np.array_equal(names["layer"].w, layer.w)


def test_the_devices_in_ci_run(pytester):
    pytest.importorskip("unicorn", reason="unicorn is missing: pip install 'edgelearn[emulate]'")
    pytester.makepyfile(
        re.findall(r"```python\n(import pytest\n.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
    )
    done = pytester.runpytest_subprocess("-q", timeout=200)
    done.assert_outcomes(passed=3)
    done.stdout.fnmatch_lines(["*power cuts in save: * states, 0 corrupt, 0 lost*"])


def test_the_table_of_systems_is_that_of_the_figures_that_are_kept():
    """Made anew by `edgelearn bench systems --markdown --results tools/bench/systems.json`."""
    text = README.read_text(encoding="utf-8")
    shown = re.findall(r"<!-- systems -->\n\n(.*?)\n\n<!-- /systems -->", text, re.DOTALL)
    kept = Kept(SYSTEMS)
    assert set(kept.systems) == set(systems())
    assert shown == [markdown(list(lines(kept, systems())))]


def test_every_command_and_picture_it_names_exists():
    text = README.read_text(encoding="utf-8")
    named = set(re.findall(r"edgelearn (\w+)(?= [\w.|-]+|$)", text, re.MULTILINE)) & set(COMMANDS)
    assert named >= {"inspect", "cut", "eval", "run", "state"}
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (README.parent / picture).is_file(), picture
