"""inspect and the two commands: the tensors, their sizes, their share of the compute."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from onnx import TensorProto, helper

from edgelearn.cli import main
from edgelearn.errors import ModelError
from edgelearn.extractor import Extractor, inspect
from tests.extractor import tiny_networks as tiny


def share(path: Path) -> dict[str, float | None]:
    return {tensor.name: tensor.macs_share for tensor in inspect(path).tensors}


def call(*arguments: str) -> Any:
    return CliRunner().invoke(main, list(arguments))


def test_a_classifier_is_listed(tmp_path: Path) -> None:
    report = inspect(tiny.classifier(tmp_path / "net.onnx", batch="N"))
    assert report.inputs == [{"name": "x", "shape": [None, 3, 8, 8], "dtype": "float32"}]
    assert (report.auto, report.opset) == ("pooled", 13)
    tensors = {tensor.name: tensor for tensor in report.tensors}
    assert list(tensors) == ["conv", "relu", "pooled", "flat", "logits", "y"]
    assert (tensors["pooled"].shape, tensors["pooled"].bytes) == ((1, 6, 1, 1), 24)
    conv, head = 6 * 6 * 6 * 27, 24
    assert tensors["pooled"].macs_share == pytest.approx(conv / (conv + head))
    assert tensors["logits"].macs_share == 1


@pytest.mark.parametrize("opset", [8, 13, 23])
def test_shares_do_not_depend_on_the_opset(tmp_path: Path, opset: int) -> None:
    assert share(tiny.classifier(tmp_path / "net.onnx", opset=opset))["pooled"] == pytest.approx(5832 / 5856)


def test_quantised_layers_count_like_float_ones(tmp_path: Path) -> None:
    shares = share(tiny.quantised(tmp_path / "net.onnx"))
    assert shares["pool_prequant"] == pytest.approx(5832 / 5856)
    assert "pool_q" not in shares


def test_qlinear_transposed_and_recurrent_layers_are_counted(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ConvTranspose", ["x", "up"], ["wide"], strides=[2, 2]),  # 3*4*4 inputs * 2*2*2
        helper.make_node("QuantizeLinear", ["wide", "s", "z"], ["q"]),
        helper.make_node("QLinearConv", ["q", "s", "z", "k", "s", "z", "s", "z"], ["qc"]),  # 5*8*8 * 2
        helper.make_node("DequantizeLinear", ["qc", "s", "z"], ["c"]),
        helper.make_node("Reshape", ["c", "steps"], ["r"]),  # (5, 1, 64)
        helper.make_node("LSTM", ["r", "w", "h"], ["all", "last"], hidden_size=3),  # 5 * 4*3*(64+3)
    ]
    constants = {
        "up": tiny.weights(3, 2, 2, 2),
        "s": np.array(0.1, np.float32),
        "z": np.array(0, np.uint8),
        "k": np.ones((5, 2, 1, 1), np.uint8),
        "steps": np.array([5, 1, 64], np.int64),
        "w": tiny.weights(1, 12, 64),
        "h": tiny.weights(1, 12, 3),
    }
    path = tiny.save(
        tmp_path / "net.onnx",
        nodes,
        [("x", tiny.F, [1, 3, 4, 4])],
        [("last", TensorProto.FLOAT, [1, 1, 3])],
        constants,
    )
    shares, total = share(path), 384 + 640 + 4020
    assert shares["wide"] == pytest.approx(384 / total)
    assert shares["qc"] == pytest.approx((384 + 640) / total)
    assert shares["last"] == 1


def test_a_network_without_products_has_no_shares(tmp_path: Path) -> None:
    assert share(tiny.vector(tmp_path / "net.onnx")) == {"f": None, "features": None}


def test_inspect_as_json(tmp_path: Path) -> None:
    result = call("inspect", str(tiny.classifier(tmp_path / "net.onnx")), "--json")
    read = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {"inputs", "tensors", "auto", "opset"} <= set(read)
    assert {"name", "shape", "bytes", "macs_share"} <= set(read["tensors"][0])


def test_inspect_for_people_marks_the_auto_cut(tmp_path: Path) -> None:
    result = call("inspect", str(tiny.classifier(tmp_path / "net.onnx")))
    marked = [line for line in result.stdout.splitlines() if "►" in line]
    assert len(marked) == 1
    assert "pooled" in marked[0]
    assert "99.6%" in marked[0]


def test_names_are_whole_in_a_pipe(tmp_path: Path) -> None:
    long = "a/very/long/name/" * 20
    names = (f"{long}x:0", f"{long}pool;[bold]", f"{long}y")
    result = call("inspect", str(tiny.classifier(tmp_path / "net.onnx", names=names)))
    lines = result.stdout.splitlines()
    assert len(lines) == 9  # the input, the headings, six tensors, the choice
    for name, line in zip(names, (lines[0], lines[4], lines[7]), strict=True):
        assert name in line.split()


def test_cut_at_the_command_line(tmp_path: Path) -> None:
    path, out = str(tiny.recurrent(tmp_path / "net.onnx")), str(tmp_path / "cut.onnx")
    result = call(
        "cut", path, "--at", "y", "-o", out, "--scale", "0.5", "--mean", "1", "--constant", "gain=2", "--json"
    )
    assert result.exit_code == 0, result.output
    read = json.loads(result.stdout)
    device = Extractor(out)
    assert (read["cut"], read["n_features"], read["fingerprint"]) == ("y", 3, device.fingerprint)
    np.testing.assert_array_equal(device(np.array([4, 4, 4], np.float32)), [2, 2, 2])
    picture = str(tiny.classifier(tmp_path / "image.onnx"))
    result = call("cut", picture, "-o", out, "--std", "1,2,3", "--layout", "HWC", "--resize", "off")
    assert result.exit_code == 0, result.output
    declared = Extractor(out).preprocess
    assert (declared.std, declared.layout, declared.resize) == ((1, 2, 3), "HWC", False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "poled"], "pooled"),
        (["--mean", "a,b"], "--mean"),
        (["--resize", "big"], "--resize"),
        (["--constant", "sr"], "--constant"),
    ],
)
def test_mistakes_at_the_command_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    path = str(tiny.classifier(tmp_path / "net.onnx"))
    result = call("cut", path, "-o", str(tmp_path / "cut.onnx"), *arguments)
    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "cut.onnx").exists()


def test_inspecting_what_is_no_network(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="not an ONNX file"):
        inspect(tmp_path / "net.onnx")
    result = call("inspect", str(tmp_path / "net.onnx"), "--json")
    assert (result.exit_code, result.stdout) == (1, "")
