"""Cut files: they stand alone, carry the preprocessing, compute the same bits and have the same fingerprint."""

import errno
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from edgelearn.errors import ConfigError, ModelError
from edgelearn.extractor import Extractor, cut, cutting, inspect, wire
from tests.extractor import tiny_networks as tiny

BUILDERS = [
    tiny.classifier,
    tiny.quantised,
    tiny.with_if,
    tiny.autoencoder,
    tiny.with_external_data,
    lambda path: tiny.classifier(path, opset=8),
    lambda path: tiny.classifier(path, batch="N", layout="HWC", names=("x:0", "a/b;c:0", "y:0")),
]


@pytest.mark.parametrize("build", BUILDERS)
def test_every_tensor_can_be_cut_and_gives_the_same_bits(tmp_path: Path, build: Any) -> None:
    path, out = build(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    names = [tensor.name for tensor in inspect(path).tensors]
    assert names
    for name in names:
        report = cut(path, name, out)
        here, device = Extractor(path, name), Extractor(out)
        x = np.random.default_rng(0).integers(0, 100, here.input_shape).astype(here.input_dtype)
        np.testing.assert_array_equal(device(x), here(x))
        assert device.cut == name
        assert device.fingerprint == here.fingerprint == report.fingerprint
        assert report.n_features == device.n_features
        onnx.checker.check_model(onnx.load(out))


def test_a_cut_file_stands_alone_and_is_smaller(tmp_path: Path) -> None:
    path, out = tiny.with_external_data(tmp_path / "net.onnx"), tmp_path / "far" / "cut.onnx"
    out.parent.mkdir()
    cut(path, "pooled", out)
    model = onnx.load(out)
    assert {tensor.name for tensor in model.graph.initializer} == {"kernel", "offset"}
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    assert [value.name for value in model.graph.output] == ["pooled"]


def test_preprocessing_travels_and_can_be_declared_anew(tmp_path: Path) -> None:
    path, out = tiny.classifier(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    declared: dict[str, Any] = {"scale": 1 / 255, "mean": [0.1, 0.2, 0.3], "std": 0.5, "layout": "HWC"}
    cut(path, "auto", out, **declared)
    x = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    here, device = Extractor(path, **declared), Extractor(out)
    np.testing.assert_array_equal(device(x), here(x))
    assert device.preprocess == here.preprocess
    assert device.fingerprint == here.fingerprint
    assert Extractor(out, scale=1.0).preprocess.mean == (0.1, 0.2, 0.3)
    assert Extractor(out, scale=1.0).fingerprint not in (device.fingerprint, Extractor(path).fingerprint)
    cut(out, "auto", tmp_path / "again.onnx", scale=1.0)
    assert Extractor(tmp_path / "again.onnx").fingerprint == Extractor(out, scale=1.0).fingerprint


def test_a_fingerprint_is_of_weights_cut_and_preprocessing(tmp_path: Path) -> None:
    path = tiny.classifier(tmp_path / "net.onnx")
    model = onnx.load(path)
    model.graph.initializer[0].CopyFrom(
        onnx.numpy_helper.from_array(tiny.weights(6, 3, 3, 3, seed=9), "kernel")
    )
    other = tmp_path / "other.onnx"
    onnx.save(model, other)
    kinds = [Extractor(path), Extractor(path, "relu"), Extractor(path, mean=1), Extractor(other)]
    assert len({extractor.fingerprint for extractor in kinds}) == len(kinds)
    assert all(len(extractor.fingerprint) == 64 for extractor in kinds)
    moved = tmp_path / "moved.onnx"
    moved.write_bytes(path.read_bytes())
    assert Extractor(moved).fingerprint == kinds[0].fingerprint


def test_states_and_constants_travel(tmp_path: Path) -> None:
    path, out = tiny.recurrent(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    for where in ("y", "sum", "state_out"):
        cut(path, where, out, constants={"gain": 2})
        device = Extractor(out)
        x = np.array([1, 2, 3], np.float32)
        factors = (1, 3) if where == "sum" else (2, 6)
        np.testing.assert_array_equal(device.many([x, x]), [factors[0] * x, factors[1] * x])


def test_a_cut_before_the_state_leaves_the_state_out(tmp_path: Path) -> None:
    nodes = [onnx.helper.make_node("Tanh", ["x"], ["f"]), onnx.helper.make_node("Add", ["f", "h0"], ["hn"])]
    inputs, outputs = [("x", tiny.F, [1, 3]), ("h0", tiny.F, [1, 3])], [("hn", tiny.F, [1, 3])]
    path = tiny.save(tmp_path / "net.onnx", nodes, inputs, outputs, {})
    cut(path, "f", tmp_path / "cut.onnx")
    model = onnx.load(tmp_path / "cut.onnx")
    assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["x", "f"]


def test_a_constant_that_is_not_needed_any_more_is_left_behind(tmp_path: Path) -> None:
    nodes = [onnx.helper.make_node("Tanh", ["x"], ["f"]), onnx.helper.make_node("Mul", ["f", "gain"], ["y"])]
    inputs = [("x", tiny.F, [1, 3]), ("gain", tiny.F, [])]
    path = tiny.save(tmp_path / "net.onnx", nodes, inputs, [("y", tiny.F, [1, 3])], {})
    cut(path, "f", tmp_path / "cut.onnx", constants={"gain": 2})
    assert Extractor(tmp_path / "cut.onnx").preprocess.constants == {}
    assert (
        Extractor(path, "f", constants={"gain": 2}).fingerprint
        == Extractor(tmp_path / "cut.onnx").fingerprint
    )


def test_a_cut_that_computes_something_else_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tiny.classifier(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    right = cutting.prepare

    def wrong(*args: Any) -> Any:
        prepared = right(*args)
        model = onnx.load_from_string(prepared.data)
        model.graph.initializer[0].CopyFrom(
            onnx.numpy_helper.from_array(tiny.weights(6, 3, 3, 3, seed=9), "kernel")
        )
        return prepared._replace(data=model.SerializeToString())

    monkeypatch.setattr(cutting, "prepare", wrong)
    with pytest.raises(ModelError, match="does not compute"):
        cut(path, "pooled", out)
    assert not out.exists()


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    path = tiny.classifier(tmp_path / "net.onnx")
    with pytest.raises(ModelError, match="cannot be written"):
        cut(path, "pooled", tmp_path / "absent" / "cut.onnx")
    with pytest.raises(ModelError, match="another name"):
        cut(path, "pooled", path)


def test_a_folder_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    path = tiny.classifier(tmp_path / "net.onnx")
    link = tmp_path / "cut.onnx"
    link.symlink_to("/dev/null")
    for out in (tmp_path, link):
        with pytest.raises(ConfigError, match="a folder or a device"):
            cut(path, "pooled", out)
    assert link.is_symlink()


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tiny.classifier(tmp_path / "net.onnx"), tmp_path / "cut.onnx"
    out.write_bytes(b"older")

    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(ModelError, match=r"cut\.onnx cannot be written: No space left"):
        cut(path, "pooled", out)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["cut.onnx", "net.onnx"]
    assert out.read_bytes() == b"older"


def test_a_missing_network_is_named_when_the_cut_file_exists(tmp_path: Path) -> None:
    (tmp_path / "cut.onnx").write_bytes(b"older")
    with pytest.raises(ModelError, match=r"net\.onnx cannot be read"):
        cut(tmp_path / "net.onnx", "pooled", tmp_path / "cut.onnx")


@pytest.mark.parametrize("network", ["batch of 8", "any length"])
def test_cut_and_inspect_agree_on_the_number_of_features(tmp_path: Path, network: str) -> None:
    path = tmp_path / "net.onnx"
    if network == "any length":
        tiny.lookup(path, ("batch", "length"))
    else:
        tiny.classifier(path, batch=8)
    report, out = inspect(path), tmp_path / "cut.onnx"
    size = {tensor.name: tensor.bytes for tensor in report.tensors}[report.auto]
    extractor = Extractor(path)
    features = extractor(np.zeros([size or 3 for size in extractor.input_shape], extractor.input_dtype))
    assert size == 4 * features.size
    assert cut(path, "auto", out).n_features == features.size


def test_the_size_of_the_source_includes_weights_beside_it(tmp_path: Path) -> None:
    path = tiny.with_external_data(tmp_path / "net.onnx")
    beside = (tmp_path / "net.onnx.data").stat().st_size
    assert cut(path, "pooled", tmp_path / "cut.onnx").source_bytes == path.stat().st_size + beside


def test_stamping_replaces_only_what_is_ours(tmp_path: Path) -> None:
    model = onnx.load(tiny.classifier(tmp_path / "net.onnx"))
    onnx.helper.set_model_props(model, {"author": "somebody", "edgelearn.cut": "old"})
    long = "é" * 300
    data = wire.stamp(model.SerializeToString(), {"edgelearn.cut": "new", "edgelearn.preprocess": long})
    again = onnx.load_from_string(data)
    onnx.checker.check_model(again)
    assert {item.key: item.value for item in again.metadata_props} == {
        "author": "somebody",
        "edgelearn.cut": "new",
        "edgelearn.preprocess": long,
    }
    assert again.graph == model.graph
    header = wire.header(data)
    assert header.metadata["edgelearn.preprocess"] == long
    assert (header.inputs, header.outputs, header.external) == (["x"], ["y"], [])
    assert (
        wire.stamp(data, {key: header.metadata[key] for key in ("edgelearn.cut", "edgelearn.preprocess")})
        == data
    )


def test_a_file_truncated_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    data = tiny.classifier(tmp_path / "net.onnx").read_bytes()
    for size in range(len(data)):
        try:
            header = wire.header(data[:size])
        except wire.WireError:
            continue
        assert header.outputs == ["y"]  # only whole fields after the graph can be missing
        assert size > len(data) - 20
