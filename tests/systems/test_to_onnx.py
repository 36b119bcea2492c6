"""Layers written as ONNX give the same features in onnxruntime, load as an ordinary extractor, or are refused whole."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from edgelearn import Extractor, Layer, Learner
from edgelearn.conv import Conv
from edgelearn.errors import ConfigError, MissingExtraError, UnsupportedError
from edgelearn.export import to_onnx
from edgelearn.export.to_onnx_ops import WRITERS
from edgelearn.extractor import wire
from edgelearn.neurons import k_winners, triangle
from edgelearn.rules import softhebb
from edgelearn.systems import chain
from edgelearn.systems.deep_hebbian import DeepHebbian
from edgelearn.systems.diehl_cook import DiehlCook

ROOT = Path(__file__).resolve().parents[2]
SHAPE = (8, 6, 3)
WITHIN = 1e-5  # of the largest feature: sums in another order
random = np.random.default_rng(0)


def drawn(*shape):
    return random.standard_normal(shape).astype(np.float32)


STACKS = {
    "dense": [chain.Dense(drawn(20, 7), drawn(7))],
    "leaky": [chain.Dense(drawn(20, 7)), chain.Pointwise("leaky_relu")],
    "tanh": [chain.Dense(drawn(20, 7)), chain.Pointwise("tanh"), chain.Dense(drawn(7, 3))],
    "softmax": [chain.Dense(drawn(20, 7)), chain.Softmax(7, 2.0)],
    "winners": [chain.Dense(drawn(20, 12)), chain.KWinners(12, 3)],
    "triangle": [chain.Dense(drawn(20, 7)), chain.Triangle(7), chain.Power(1.4)],
    "lengths": [chain.RootMeanSquare(), chain.Dense(drawn(20, 7)), chain.LayerNorm(), chain.Unit()],
    "taps": [chain.Scale(drawn(4), drawn(4)), chain.Dense(drawn(20, 7)), chain.Tap(), chain.Unit(), chain.Tap()],
    "pool": [chain.Pool(SHAPE, "mean", 4), chain.Scale(drawn(3), drawn(3))],
    "wide pool": [chain.Conv(drawn(27, 5), SHAPE, 3, 1, 1), chain.Triangle(5), chain.Pool((8, 6, 5), "max", 4)],
    "odd pool": [chain.Conv(drawn(27, 5), SHAPE, 3, 1, 1), chain.Pool((8, 6, 5), "max", 3, 3)],
    "conv zero": [chain.Conv(drawn(27, 5), SHAPE, 3, 2, 1, "zero"), chain.Pointwise("relu")],
    "contrast": [chain.Conv(drawn(27, 5), SHAPE, 3, 2, 1, "reflect", 0.1), chain.KWinners(5, 2)],
    "contrast zero": [chain.Conv(drawn(75, 5), SHAPE, 5, 1, 2, "zero", 0.01), chain.Dense(drawn(240, 4))],
}  # fmt: skip


def agree(want, got):
    np.testing.assert_allclose(got, want, rtol=0, atol=WITHIN * np.abs(want).max())


@pytest.mark.parametrize("name", STACKS)
def test_every_operation_gives_the_same_in_onnxruntime(name, tmp_path):
    shipped = to_onnx(STACKS[name], tmp_path / "net.onnx")
    network = Extractor(shipped.path)
    X = drawn(9, *network.input_shape)
    want = chain.run(STACKS[name], X.reshape(9, -1))
    assert shipped.n_features == network.n_features == want.shape[1]
    assert network.fingerprint == shipped.fingerprint
    assert network.notes == []
    agree(want, network.many(X))


@pytest.mark.parametrize("name", STACKS)
def test_the_file_is_whole_valid_and_means_the_same_to_every_runtime(name, tmp_path):
    import onnx
    import onnxruntime
    from onnx.reference import ReferenceEvaluator

    shipped = to_onnx(STACKS[name], tmp_path / "net.onnx")
    model = onnx.load(shipped.path)
    onnx.checker.check_model(model, full_check=True)
    assert wire.header(Path(shipped.path).read_bytes()).external == []
    ((sample,), (features,)) = model.graph.input, model.graph.output
    sizes = [[d.dim_value for d in value.type.tensor_type.shape.dim] for value in (sample, features)]
    assert sizes == [[0, *shipped.input_shape], [0, shipped.n_features]]
    assert model.graph.doc_string.endswith(f"Learned layers: {', '.join(shipped.operations)}.")
    assert {item.data_type for item in model.graph.initializer} <= {
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.INT64,
    }
    X = drawn(3, *shipped.input_shape)
    want = chain.run(STACKS[name], X.reshape(3, -1))
    agree(want, ReferenceEvaluator(model).run(None, {sample.name: X})[0])
    levels = onnxruntime.GraphOptimizationLevel
    for level in (levels.ORT_DISABLE_ALL, levels.ORT_ENABLE_BASIC, levels.ORT_ENABLE_ALL):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        session = onnxruntime.InferenceSession(shipped.path, options, providers=["CPUExecutionProvider"])
        agree(want, session.run(None, {sample.name: X})[0])


def test_every_operation_there_is_was_tried():
    there = {getattr(chain, name) for name in chain.__all__ if isinstance(getattr(chain, name), type)} - {
        chain.Op
    }
    assert there == set(WRITERS) == {type(op) for ops in STACKS.values() for op in ops}


def test_a_batch_may_be_of_any_size_and_the_opset_is_old_enough(tmp_path):
    import onnx
    import onnxruntime

    to_onnx(STACKS["conv zero"], tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    X = drawn(5, *SHAPE)
    agree(chain.run(STACKS["conv zero"], X.reshape(5, -1)), session.run(None, {"sample": X})[0])
    assert [item.version for item in onnx.load(tmp_path / "net.onnx").opset_import] == [13]


def test_layers_of_a_learner_learn_freeze_ship_and_a_readout_goes_on_above(tmp_path):
    layers = [Conv(5, softhebb.rule(eta=0.1), "softmax", "competition", shape=SHAPE, kernel=3, code=triangle.neuron()),
              Layer(9, "oja", k_winners.neuron(6))]  # fmt: skip
    device = Learner(layers=layers)
    X = np.abs(drawn(40, 144)) / 10
    device.adapt_many(X)
    shipped = to_onnx(device.layers, tmp_path / "own.onnx")
    want = np.stack([device.layers[1].transform(device.layers[0].transform(x)) for x in X])
    on_top = Learner(Extractor(shipped.path), "slda", store=tmp_path / "top.db")
    agree(want, np.stack([on_top.features(x.reshape(SHAPE)) for x in X]))
    on_top.learn_many(X.reshape(-1, *SHAPE), [i % 2 for i in range(40)])
    on_top.learn_one(X[0].reshape(SHAPE), 2)
    assert on_top.classes_ == [0, 1, 2]
    on_top.close()
    with Learner(Extractor(shipped.path), "slda", store=tmp_path / "top.db") as again:
        assert again.classes_ == [0, 1, 2]


def test_layers_on_a_network_are_one_file_with_its_preprocessing(tmp_path):
    below = to_onnx([chain.Dense(drawn(12, 8)), chain.Pointwise("tanh")], tmp_path / "below.onnx")
    scaled = Extractor(below.path, scale=1 / 255, mean=0.5)
    above = [chain.Dense(drawn(8, 3)), chain.Pointwise("relu")]
    shipped = to_onnx(above, tmp_path / "both.onnx", onto=scaled)
    whole = Extractor(shipped.path)
    assert whole.preprocess == scaled.preprocess
    X = random.integers(0, 256, (6, 12)).astype(np.uint8)
    agree(chain.run(above, scaled.many(X)), whole.many(X))
    thrice = Extractor(to_onnx([chain.Dense(drawn(3, 2))], tmp_path / "three.onnx", onto=shipped.path).path)
    assert thrice.n_features == 2


@pytest.mark.parametrize("opset", [12, 13, 17, 18, 21])
def test_the_operator_set_of_the_network_below_is_kept_or_brought_up(opset, tmp_path):
    """Reductions take their axes as an attribute before 18 and as an input since; 12 is too old and is converted."""
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info
    body = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [value("x", TensorProto.FLOAT, ["N", 20])],
                             [value("y", TensorProto.FLOAT, ["N", 20])])  # fmt: skip
    below = helper.make_model(body, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.save(below, tmp_path / "below.onnx")
    above = [*STACKS["lengths"], chain.Dense(drawn(7, 12)), *STACKS["winners"][1:], chain.Softmax(12, 0.5)]
    shipped = to_onnx(above, tmp_path / "both.onnx", onto=tmp_path / "below.onnx")
    made = onnx.load(shipped.path)
    onnx.checker.check_model(made, full_check=True)
    assert (made.opset_import[0].version, made.ir_version) == (max(opset, 13), 8)
    X = drawn(6, 20)
    agree(chain.run(above, np.maximum(X, 0)), Extractor(shipped.path).many(X))


def test_convolutions_and_dense_layers_mix_below_each_other_and_on_maps_of_a_network(tmp_path):
    below = to_onnx(
        [chain.Conv(drawn(27, 4), SHAPE, 3, 1, 1), chain.Pointwise("tanh")], tmp_path / "below.onnx"
    )
    layers = [
        Conv(5, "oja", "relu", shape=(8, 6, 4), kernel=3, stride=2, padding=2),
        Layer(16, "oja", "tanh"),
        Conv(3, "oja", "relu", code=k_winners.neuron(2), shape=(4, 4, 1), kernel=2, padding=1, border="zero"),
    ]
    device = Learner(Extractor(below.path), layers=layers)
    X = drawn(30, *SHAPE)
    device.adapt_many(X)
    want = device.extractor.many(X)
    for layer in device.layers:
        want = np.stack([layer.transform(row) for row in want])
    whole = Extractor(to_onnx(device.layers, tmp_path / "whole.onnx", onto=device.extractor).path)
    agree(want, whole.many(X))
    agree(want[:1], whole.many(X[:1]))


@pytest.mark.data
@pytest.mark.parametrize("name", ["mnist_cntk", "kws_dscnn_int8", "oww_embedding_model"])
def test_layers_go_on_networks_that_others_made(name, tmp_path, data_dir):
    below = Extractor(data_dir / "extractors" / f"{name}.onnx")
    layer = Layer(16, "oja", "relu")
    layer.bind(below.n_features)
    whole = Extractor(to_onnx(layer, tmp_path / "both.onnx", onto=below).path)
    X = drawn(3, *below.input_shape)
    agree(np.maximum(below.many(X) @ layer.w, 0), whole.many(X))


def bound(*settings, **more):
    layer = Layer(*settings, **more)
    layer.bind(3)
    return layer


def broken(value):
    layer = bound(4, "oja")
    layer.w[1, 2] = value
    return layer


class Frozen(NamedTuple):
    ops: list[Any]

    def frozen(self):
        return self.ops


class Silent:
    frozen = "no"


REFUSED = {
    "spikes": (lambda: [bound(4, "stdp", "lif")], UnsupportedError, "layer 0 has neuron lif.*give the layer a code"),
    "time": (lambda: bound(4, "oja", "relu", steps=3), UnsupportedError, "3 time steps long.*make it with steps=1"),
    "nan": (lambda: broken(np.nan), ConfigError, r"operation 0 \(Dense\) holds values that are not finite"),
    "infinity": (lambda: [bound(3, "oja"), broken(-np.inf)], ConfigError, r"operation 1 \(Dense\) holds values"),
    "a kind of system": (lambda: DeepHebbian, UnsupportedError, "a type has no frozen form"),
    "diehl and cook": (lambda: DiehlCook(4, n_pre=9), UnsupportedError, "a DiehlCook has no frozen form"),
    "not learned": (lambda: [Layer(3, "oja")], ConfigError, "layer 0 met no sample yet"),
    "nothing": (list, UnsupportedError, "at least|one or more"),
    "a learner": (Learner, ConfigError, "onto=learner.extractor"),
    "a file": (lambda: "net.onnx", UnsupportedError, "a str has no frozen form"),
    "of another make": (lambda: Frozen([np.zeros(3)]), UnsupportedError, "item 0 is a ndarray"),
    "nothing frozen": (lambda: Frozen([]), UnsupportedError, "a list has no frozen form"),
    "a word frozen": (lambda: Silent(), UnsupportedError, "a Silent has no frozen form"),
    "something else": (lambda: [np.zeros(3)], UnsupportedError, "item 0 is a ndarray"),
    "no weights": (lambda: [chain.Unit()], ConfigError, "nothing here has weights"),
    "no fit": (lambda: [chain.Dense(drawn(4, 3)), chain.Dense(drawn(4, 3))], ConfigError, "do not fit one another"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_is_named_and_leaves_what_was_there(name, tmp_path):
    make, error, reason = REFUSED[name]
    there = tmp_path / "net.onnx"
    there.write_bytes(b"as before")
    with pytest.raises(error, match=reason):
        to_onnx(make(), there)
    assert there.read_bytes() == b"as before"
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]


def test_a_network_that_does_not_fit_below_is_refused(tmp_path):
    below = to_onnx([chain.Dense(drawn(12, 8))], tmp_path / "below.onnx")
    with pytest.raises(ConfigError, match=r"below.onnx gives 8 features, and the layers take 20"):
        to_onnx(STACKS["dense"], tmp_path / "both.onnx", onto=below.path)
    assert not (tmp_path / "both.onnx").exists()


def test_places_that_cannot_be_written_are_named(tmp_path):
    with pytest.raises(ConfigError, match="name of the file to write, not 3"):
        to_onnx(STACKS["dense"], 3)
    with pytest.raises(ConfigError, match="is a folder"):
        to_onnx(STACKS["dense"], tmp_path)
    with pytest.raises(ConfigError, match="cannot be written"):
        to_onnx(STACKS["dense"], tmp_path / "no" / "such" / "folder.onnx")


def test_a_disk_that_is_full_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "net.onnx").write_bytes(b"as before")

    def half(path, data):
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(ConfigError, match=r"net\.onnx cannot be written: No space left"):
        to_onnx(STACKS["dense"], tmp_path / "net.onnx")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("net.onnx", b"as before")]


def test_without_the_package_the_command_that_installs_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'edgelearn\[cut\]'"):
        to_onnx(STACKS["dense"], tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def test_the_example_learns_its_own_features():
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "own_features.py")],
        capture_output=True, text=True, check=False, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    learned, drawn_at_random = (float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines())
    assert learned > drawn_at_random + 0.05
