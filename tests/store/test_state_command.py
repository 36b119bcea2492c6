"""edgelearn state: one JSON object, exit codes, one sentence when something is wrong."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from edgelearn.cli import main
from edgelearn.learner import Learner
from edgelearn.store import Store
from tests.learner.layered import unsupervised
from tests.store.samples import same, snapshot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "s.db"
    with Store(path) as store:
        for number in range(1, 6):
            store.save(snapshot(number))
    return path


def state(*words: object) -> Result:
    return CliRunner().invoke(main, ["state", *map(str, words)])


def test_verify_a_good_store(path: Path) -> None:
    result = state("verify", path, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found.keys() == {"ok", "versions", "problems"}
    assert found["ok"] is True
    assert found["problems"] == []
    assert [row["version"] for row in found["versions"]] == [1, 2, 3, 4, 5]
    assert all(row["ok"] for row in found["versions"])


def test_verify_a_damaged_store(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(snapshot(2).arrays["mean"].tobytes()[6000:6100])] ^= 1
    path.write_bytes(data)
    result = state("verify", path, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["ok"] is False
    assert [row["version"] for row in found["versions"] if not row["ok"]] == [2]
    spoken = state("verify", path)
    assert spoken.exit_code == 1
    assert "version 2: its bytes are not the ones that were saved" in spoken.stderr
    assert spoken.stdout.count("good") == 4
    assert spoken.stdout.count("damaged") == 1


def test_verify_what_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("remember the milk\n" * 100)
    for name, reason in (("notes", "it is not a store"), ("gone", "there is no store")):
        result = state("verify", tmp_path / name, "--json")
        assert result.exit_code == 1
        found = json.loads(result.stdout)
        assert found["ok"] is False
        assert reason in found["problems"][0]


def test_show_what_is_learned(path: Path) -> None:
    shown = json.loads(state("show", path, "--json").stdout)
    assert shown["version"] == 5
    assert shown["labels"] == ["a", 7]
    assert shown["readout"] == "ncm"
    assert shown["n_seen"] == 5
    assert shown["bytes"] > 4000
    spoken = state("show", path)
    assert spoken.exit_code == 0
    assert "a, 7" in spoken.stdout


def test_versions_are_listed(path: Path) -> None:
    listed = json.loads(state("versions", path, "--json").stdout)
    assert [row["version"] for row in listed["versions"]] == [1, 2, 3, 4, 5]
    assert len(state("versions", path).stdout.splitlines()) == 5


def test_rollback_drops_nothing(path: Path) -> None:
    done = json.loads(state("rollback", path, "--to", 2, "--json").stdout)
    assert (done["from"], done["version"]) == (2, 6)
    with Store(path) as store:
        assert same(store.load(), snapshot(2))
        assert [version.version for version in store.versions()] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("words", [["show"], ["versions"], ["rollback", "--to", "1"]])
def test_a_missing_store_is_one_sentence_and_nothing_is_created(tmp_path: Path, words: list[str]) -> None:
    result = state(words[0], tmp_path / "s.db", *words[1:])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: there is no store at")
    assert list(tmp_path.iterdir()) == []


def test_rollback_of_a_store_in_use_names_the_process(path: Path) -> None:
    with Store(path):
        result = state("rollback", path, "--to", 2)
    assert result.exit_code == 1
    assert "already open for writing by process" in result.stderr


@pytest.mark.filterwarnings("ignore::edgelearn.HealthWarning")
def test_show_says_how_each_layer_does(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Learner(layers=[unsupervised(8), unsupervised(5, seed=1)], store=path) as learner:
        learner.adapt_many(np.ones((40, 3), np.float32))  # one sample over and over: nothing ever varies
        learner.layers[1].w[:] = np.inf
    first, second = json.loads(state("show", path, "--json").stdout)["layers"]
    assert (first["kind"], first["units"], first["rule"], first["neuron"]) == (
        "dense",
        8,
        "softhebb",
        "softmax",
    )
    assert (first["learned"], first["seen"]) == (40, 40)
    assert first["norm_min"] <= first["norm_median"] <= first["norm_max"]
    assert not any("run away" in trouble for trouble in first["troubles"])
    assert any("run away" in trouble for trouble in second["troubles"])
    spoken = state("show", path).stdout.splitlines()
    assert any(
        line.startswith("layer 0") and "8 units (softhebb" in line and "weight norms" in line
        for line in spoken
    )
    assert sum("trouble: weights have run away" in line for line in spoken) == 1
