"""The real networks of the public pack: every one loads, and the features are those of its cut twin, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from edgelearn.extractor import Extractor, cut, inspect

pytestmark = pytest.mark.data

# Where each network is cut, and how many features it has there.
FEATURES = {
    "mobilenet_v2_1.0_224_quant": ("MobilenetV2/Logits/AvgPool_prequant", 1280),
    "mobilenet_v1_0.25_128_quant": ("MobilenetV1/Logits/AvgPool_1a/AvgPool_prequant", 256),
    "vww_mnv1_025_96_f32": ("model/average_pooling2d/AvgPool", 256),
    "vww_mnv1_025_96_int8": ("model/average_pooling2d/AvgPool_prequant", 256),
    "resnet8_cifar10_f32": ("model/average_pooling2d/AvgPool", 64),
    "resnet8_cifar10_int8": ("model/average_pooling2d/AvgPool_prequant", 64),
    "mnist_cntk": ("Pooling160_Output_0", 256),
    "kws_dscnn_f32": ("functional_1/average_pooling2d/AvgPool", 64),
    "kws_dscnn_int8": ("functional_1/average_pooling2d/AvgPool_prequant", 64),
    "oww_embedding_model": ("conv2d_19", 96),
    "ad_toycar_f32": ("Relu__25:0", 8),
}
TWINS = sorted(set(FEATURES) - {"oww_embedding_model", "ad_toycar_f32"})
CONSTANTS = {"silero_vad_16k_op15": {"sr": 16000}}
LENGTHS = {"silero_vad_16k_op15": 576, "oww_melspectrogram": 1760}


def sample(extractor: Extractor, name: str, seed: int = 0) -> np.ndarray[Any, Any]:
    """A random sample over the whole range of the input's dtype."""
    shape = [LENGTHS[name] if size is None else size for size in extractor.input_shape]
    rng = np.random.default_rng(seed)
    if extractor.input_dtype.kind == "f":
        return rng.standard_normal(shape).astype(extractor.input_dtype)
    limits = np.iinfo(extractor.input_dtype)
    return rng.integers(limits.min, limits.max, shape, extractor.input_dtype, endpoint=True)


def test_every_network_of_the_pack_loads(data_dir: Path) -> None:
    paths = sorted((data_dir / "extractors").glob("*.onnx"))
    assert len(paths) >= 23
    for path in paths:
        name = path.name.removesuffix(".onnx").removesuffix(".feat")
        extractor = Extractor(path, constants=CONSTANTS.get(name))
        features = extractor(sample(extractor, name))
        assert features.shape == (extractor.n_features,)
        assert np.isfinite(features).all()


@pytest.mark.parametrize("name", sorted(FEATURES))
def test_auto_finds_the_feature_tensor(data_dir: Path, name: str) -> None:
    extractor = Extractor(data_dir / "extractors" / f"{name}.onnx")
    assert (extractor.cut, extractor.n_features) == FEATURES[name]


@pytest.mark.parametrize("name", TWINS)
def test_features_are_those_of_the_twin_bit_for_bit(data_dir: Path, tmp_path: Path, name: str) -> None:
    path, out = data_dir / "extractors" / f"{name}.onnx", tmp_path / "cut.onnx"
    twin = ort.InferenceSession(data_dir / "extractors" / f"{name}.feat.onnx")
    assert cut(path, FEATURES[name][0], out).file_bytes < path.stat().st_size
    here, device = Extractor(path, FEATURES[name][0]), Extractor(out)
    assert here.fingerprint == device.fingerprint
    for seed in range(3):
        x = sample(here, name, seed)
        theirs = np.asarray(twin.run(None, {twin.get_inputs()[0].name: x[None]})[0])[0]
        np.testing.assert_array_equal(here(x), theirs)
        np.testing.assert_array_equal(device(x), theirs)


def test_silero_keeps_its_state(data_dir: Path) -> None:
    path = data_dir / "extractors" / "silero_vad_16k_op15.onnx"
    extractor = Extractor(path, constants={"sr": 16000})
    session = ort.InferenceSession(path)
    state, rate = np.zeros((2, 1, 128), np.float32), np.array(16000, np.int64)
    for seed in range(4):
        x = sample(extractor, "silero_vad_16k_op15", seed) * np.float32(0.1)
        speech, state = session.run(["output", "stateN"], {"input": x[None], "state": state, "sr": rate})
        np.testing.assert_array_equal(extractor(x), speech[0])


def test_resnet8_needs_12_million_products(data_dir: Path) -> None:
    report = inspect(data_dir / "extractors" / "resnet8_cifar10_f32.onnx")
    shares = {tensor.name: tensor.macs_share for tensor in report.tensors}
    # 640 products in the head of 12.5 million (MLPerf Tiny gives 12.5 M for this network).
    head = 1 - (shares["model/average_pooling2d/AvgPool"] or 0)
    assert 640 / head == pytest.approx(12.5e6, rel=0.01)
