"""edgelearn export: from a store, or a RUN.toml, to a network that gives what the layers gave."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from edgelearn import Extractor, Layer, Learner
from edgelearn.cli import main
from edgelearn.conv import Conv
from edgelearn.export import to_onnx
from edgelearn.neurons import triangle
from edgelearn.rules import softhebb
from edgelearn.systems import chain

random = np.random.default_rng(0)
X = random.random((30, 48), dtype=np.float32)


def export(*words):
    return CliRunner().invoke(main, ["export", *map(str, words)])


def layers():
    conv = Conv(
        4,
        softhebb.rule(eta=0.1),
        "softmax",
        "competition",
        shape=(4, 4, 3),
        kernel=3,
        code=triangle.neuron(0.7),
    )
    return [conv, Layer(5, "oja", "relu")]


def test_a_store_gives_the_layers_it_learned(tmp_path):
    with Learner(layers=layers(), store=tmp_path / "s.db") as learner:
        learner.adapt_many(X)
        want = np.stack([learner.layers[1].transform(learner.layers[0].transform(x)) for x in X])
        learner.save()
        learner.adapt_many(X * 2)
        learner.save()
    result = export(tmp_path / "s.db", "--onnx", tmp_path / "net.onnx", "--version", 1, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["operations"] == ["Conv", "Triangle", "Power", "Dense", "Pointwise"]
    network = Extractor(told["path"])
    assert (network.fingerprint, network.n_features, network.input_shape) == (
        told["fingerprint"],
        5,
        (4, 4, 3),
    )
    np.testing.assert_allclose(network.many(X.reshape(-1, 4, 4, 3)), want, rtol=0, atol=1e-4 * want.max())
    spoken = export(tmp_path / "s.db", "--onnx", tmp_path / "newest.onnx")
    assert "4x4x3 -> 5 features (Conv, Triangle, Power, Dense, Pointwise)" in spoken.stdout
    assert (tmp_path / "newest.onnx").read_bytes() != (tmp_path / "net.onnx").read_bytes()


@pytest.fixture
def deployed(tmp_path):
    """A RUN.toml with a network, layers above it, and a store in which they learned."""
    w = random.standard_normal((6, 8)).astype(np.float32)
    below = to_onnx([chain.Dense(w), chain.Pointwise("relu")], tmp_path / "below.onnx")
    (tmp_path / "run.toml").write_text(
        '[source]\nkind = "lines"\n[extractor]\npath = "below.onnx"\nscale = 0.5\n[store]\npath = "s.db"\n'
        '[[layers]]\nn_post = 3\nrule = "oja"\nneuron = "relu"\n'
    )
    with Learner(
        Extractor(below.path, scale=0.5), layers=[Layer(3, "oja", "relu")], store=tmp_path / "s.db"
    ) as learner:
        learner.adapt_many(X[:, :6])
        (layer,) = learner.layers
        want = np.maximum(learner.extractor.many(X[:, :6]) @ layer.w, 0)
        learner.save()
    return tmp_path, want


def test_a_run_gives_network_and_layers_in_one_file(deployed):
    folder, want = deployed
    result = export(folder / "run.toml", "--onnx", folder / "both.onnx")
    assert result.exit_code == 0, result.output
    np.testing.assert_allclose(
        Extractor(folder / "both.onnx").many(X[:, :6]), want, rtol=0, atol=1e-5 * want.max()
    )


def test_the_layers_of_a_run_alone_take_the_features_of_its_network(deployed):
    folder, _ = deployed
    for what in ([folder / "run.toml", "--alone"], [folder / "s.db"]):
        result = export(*what, "--onnx", folder / "alone.onnx")
        assert "a sample is the features of network" in result.stderr
        assert Extractor(folder / "alone.onnx").input_shape == (8,)


def test_another_network_below_is_refused(deployed):
    folder, _ = deployed
    result = export(
        folder / "s.db", "--onnx", folder / "both.onnx", "--onto", folder / "below.onnx"
    )  # not scaled
    assert result.exit_code == 1
    assert "a RUN.toml names all of it" in " ".join(result.stderr.split())
    assert not (folder / "both.onnx").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["gone.db"], "there is no store"),
        (["plain.db"], "has learned no layers"),
        (["fresh.db"], "layer 0 of"),
        (["fresh.db", "--alone", "--onto", "x.onnx"], "contradict each other"),
        (["nostore.toml"], "has no [store]"),
        (["lif.db"], "layer 0 has neuron lif"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_sentence(words, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, made in (
        ("plain", []),
        ("fresh", [Layer(3, "oja")]),
        ("lif", [Layer(3, "stdp", "lif", steps=2)]),
    ):
        with Learner(readout="softmax", layers=made, store=f"{name}.db") as learner:
            if name != "fresh":
                learner.learn_one(X[0], "a")
            learner.save()
    (tmp_path / "nostore.toml").write_text('[source]\nkind = "lines"\n')
    result = export(*words, "--onnx", "net.onnx")
    assert result.exit_code == 1
    assert reason in result.stderr
    assert not (tmp_path / "net.onnx").exists()
