"""Samples brought to the network: resizing against onnxruntime, order of the declared steps, notes and refusals."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from edgelearn.errors import ConfigError, InputError, ModelError
from edgelearn.extractor import Extractor
from edgelearn.extractor.adapt import Adapter, image_layout
from edgelearn.extractor.preprocess import Preprocess, declare, from_json
from edgelearn.extractor.resize import Bilinear
from tests.extractor import tiny_networks as tiny

Arrays = np.ndarray[Any, Any]
SIZES = st.integers(1, 12)


def adapted(
    x: Arrays, shape: tuple[int | None, ...], dtype: str, **declared: Any
) -> tuple[Arrays, list[str]]:
    """What the network would be given."""
    plan = Adapter(shape, np.dtype(dtype), declare(**declared)).plan(x.shape, x.dtype)
    out = np.full(plan.shape, 99, dtype)
    plan.fill(x, out)
    return out, plan.notes


def image(*shape: int) -> Arrays:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


@settings(max_examples=40)
@given(SIZES, SIZES, SIZES, SIZES)
def test_bilinear_is_the_resize_operator_of_onnx(
    height: int, width: int, to_height: int, to_width: int
) -> None:
    source = np.random.default_rng(height * 13 + width).random((height, width, 3)).astype(np.float32)
    nodes = [helper.make_node("Resize", ["x", "", "", "size"], ["y"], mode="linear")]
    size = np.array([1, 3, to_height, to_width], np.int64)
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "resize",
        [value("x", tiny.F, None)],
        [value("y", tiny.F, None)],
        [helper.make_tensor("size", 7, [4], size)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    theirs = ort.InferenceSession(model.SerializeToString()).run(
        None, {"x": source.transpose(2, 0, 1)[None]}
    )[0]
    ours = Bilinear((height, width), (to_height, to_width), 3)(source)
    np.testing.assert_allclose(ours, np.asarray(theirs)[0].transpose(1, 2, 0), atol=1e-6)


@settings(max_examples=25)
@given(SIZES, SIZES, SIZES, SIZES)
def test_resizing_a_flat_image_leaves_it_flat(height: int, width: int, to_height: int, to_width: int) -> None:
    out = Bilinear((height, width), (to_height, to_width), 1)(np.full((height, width, 1), 7, np.uint8))
    np.testing.assert_array_equal(out, np.full((to_height, to_width, 1), 7))


@pytest.mark.parametrize(
    ("source", "target"), [("HWC", "CHW"), ("CHW", "HWC"), ("HWC", "HWC"), ("CHW", "CHW")]
)
def test_layout_follows_the_network(source: str, target: str) -> None:
    picture = image(6, 5, 3)
    shapes = {"HWC": picture, "CHW": picture.transpose(2, 0, 1)}
    out, notes = adapted(shapes[source], shapes[target].shape, "uint8")
    np.testing.assert_array_equal(out, shapes[target])
    assert notes == ([] if source == target else [f"samples are brought from {source} to {target}"])


def test_a_declared_layout_settles_what_the_shape_leaves_open() -> None:
    picture = image(3, 9, 3)
    out, _ = adapted(picture, (3, 3, 9), "uint8", layout="HWC")
    np.testing.assert_array_equal(out, picture.transpose(2, 0, 1))
    _, notes = adapted(picture, (3, 3, 9), "uint8", layout="CHW")
    assert notes == ["images of 9x3 are resized to 3x9 (bilinear)"]
    with pytest.raises(InputError):
        adapted(image(5, 6, 3), (3, 5, 6), "uint8", layout="CHW")


def test_gray_images_fill_all_channels() -> None:
    gray = image(6, 5)
    for shape in ((6, 5, 3), (3, 6, 5)):
        out, notes = adapted(gray, shape, "float32")
        np.testing.assert_array_equal(out, np.broadcast_to(gray[..., None] if shape[2] == 3 else gray, shape))
        assert notes[0] == "gray images are repeated in 3 channels"
    np.testing.assert_array_equal(adapted(gray, (1, 6, 5), "uint8")[0][0], gray)
    np.testing.assert_array_equal(adapted(gray[..., None], (6, 5, 3), "uint8")[0][..., 2], gray)


@pytest.mark.parametrize(
    ("shape", "wanted", "hint"),
    [
        ((6, 5, 4), (1, 6, 5), r"convert it to gray first \(`channels = 1` for edgelearn run\)"),
        ((6, 5, 3), (6, 5, 1), "convert it to gray first"),
        ((6, 5, 4), (6, 5, 3), r"convert it to RGB first \(`channels = 3`"),
        ((9, 6, 5, 3), (3, 8, 8), "give many samples to many()"),
        ((9, 6, 6), (8, 8, 1), "give many samples to many()"),
        ((1, 6, 5, 3), (3, 8, 8), "leave out the batch dimension"),
    ],
)
def test_a_refusal_says_what_to_do(shape: tuple[int, ...], wanted: tuple[int, ...], hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        adapted(image(*shape), wanted, "float32")
    with pytest.raises(InputError) as caught:
        adapted(image(9, 7), wanted, "float32", resize=False)
    assert "many" not in str(caught.value)


def test_bytes_for_a_float_network_are_noted_unless_scaling_is_declared() -> None:
    picture = image(4, 4, 3)
    assert "0..255" in adapted(picture, (4, 4, 3), "float32")[1][0]
    assert adapted(picture, (4, 4, 3), "float32", scale=1)[1] == []
    assert adapted(picture, (4, 4, 3), "uint8")[1] == []
    assert adapted(picture.astype(np.float32), (4, 4, 3), "float32")[1] == []


def test_the_declared_order_is_resize_scale_mean_std_layout() -> None:
    picture = image(4, 4, 3)
    mean, std = [0.1, 0.2, 0.3], [2.0, 3.0, 4.0]
    out, notes = adapted(picture, (3, 8, 8), "float32", scale=1 / 255, mean=mean, std=std)
    big = Bilinear((4, 4), (8, 8), 3)(picture) * np.float32(1 / 255)
    wanted = (big - np.array(mean, np.float32)) / np.array(std, np.float32)
    np.testing.assert_array_equal(out, wanted.transpose(2, 0, 1))
    assert notes == ["images of 4x4 are resized to 8x8 (bilinear)", "samples are brought from HWC to CHW"]


def test_nothing_is_scaled_unless_declared() -> None:
    picture = image(4, 4, 3)
    np.testing.assert_array_equal(adapted(picture, (4, 4, 3), "float32")[0], picture)
    np.testing.assert_array_equal(
        adapted(picture, (4, 4, 3), "float32", mean=128)[0], picture - np.float32(128)
    )


def test_integers_are_rounded_and_clipped() -> None:
    x = np.array([-300.0, -128.5, -0.5, 0.5, 1.5, 126.6, 300.0])
    np.testing.assert_array_equal(adapted(x, (7,), "int8")[0], [-128, -128, 0, 0, 2, 127, 127])
    np.testing.assert_array_equal(adapted(x, (7,), "uint8")[0], [0, 0, 0, 0, 2, 127, 255])
    wide = np.array([2**62 + 1, -(2**62) - 1, 2**31])
    np.testing.assert_array_equal(adapted(wide, (3,), "int64")[0], wide)
    np.testing.assert_array_equal(adapted(wide, (3,), "int32")[0], [2**31 - 1, -(2**31), 2**31 - 1])
    assert "mean=128" in adapted(image(4, 4, 3), (4, 4, 3), "int8")[1][0]
    np.testing.assert_array_equal(
        adapted(image(4, 4, 3), (4, 4, 3), "int8", mean=128)[0], image(4, 4, 3) - 128.0
    )


def test_what_counts_as_an_image_to_resize() -> None:
    assert adapted(image(9, 7, 1), (4, 4, 1), "uint8")[0].shape == (4, 4, 1)
    assert adapted(image(8, 8).astype(np.float32), (1, 28, 28), "float32")[0].shape == (1, 28, 28)
    with pytest.raises(InputError, match="49x10x1"):  # a spectrogram of another length is no image
        adapted(np.zeros((48, 10, 1), np.float32), (49, 10, 1), "float32")
    with pytest.raises(InputError, match="4x4x3"):
        adapted(image(5, 5, 3), (4, 4, 3), "uint8", resize=False)


def test_a_declared_size_is_for_networks_that_take_any() -> None:
    out, notes = adapted(image(5, 5, 3), (3, None, None), "float32", resize=(6, 7))
    assert out.shape == (3, 6, 7)
    assert "images of 5x5 are resized to 6x7 (bilinear)" in notes
    assert adapted(image(5, 5, 3), (3, None, None), "float32")[0].shape == (3, 5, 5)
    with pytest.raises(ConfigError, match="6x7"):
        adapted(image(5, 5, 3), (3, 5, 5), "float32", resize=(6, 7))


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((32, 32, 3), "HWC"),
        ((3, 32, 32), "CHW"),
        ((1, 28, 28), "CHW"),
        ((28, 28, 1), "HWC"),
        ((640,), None),
        ((49, 10, 64), None),
    ],
)
def test_image_layout(shape: tuple[int, ...], layout: str | None) -> None:
    assert image_layout(shape) == layout


@pytest.mark.parametrize(
    "wrong",
    [
        {"std": 0},
        {"mean": float("nan")},
        {"scale": "two"},
        {"scale": [1, 2]},
        {"mean": []},
        {"layout": "NHWC"},
        {"resize": (0, 3)},
    ],
)
def test_impossible_declarations(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        declare(**wrong)


def test_one_mean_a_channel_has_to_fit(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="2 numbers for 3 channels"):
        Extractor(tiny.classifier(tmp_path / "net.onnx"), mean=[1, 2])


@given(
    st.none() | st.floats(-1e6, 1e6),
    st.none() | st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3),
    st.sampled_from([None, "HWC", "CHW"]),
    st.sampled_from([None, True, False, (3, 4)]),
)
def test_a_declaration_survives_its_json(scale: Any, mean: Any, layout: Any, resize: Any) -> None:
    declared = declare(scale=scale, mean=mean, layout=layout, resize=resize, constants={"sr": np.int64(5)})
    assert from_json(declared.to_json()) == declared
    assert declared.over(Preprocess()) == declared
    assert Preprocess().over(declared) == declared


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"gamma": 2}', '{"resize": null, "std": [0]}'])
def test_a_damaged_declaration_is_refused(text: str) -> None:
    with pytest.raises((ModelError, ConfigError)):
        from_json(text)
