"""python3 -m tools train-demo: rebuild edgelearn/demo/assets, byte for byte on one machine.

A small convolutional network learns the digits 0-4 of scikit-learn's handwritten digits, from the training
part of a stratified split. It never sees a 5-9, nor any digit of the test part. Written are the network
with its head (ONNX), the same network cut below its head, and the data with the split.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.extractor import cut
from edgelearn.extractor.preprocess import declare
from edgelearn.extractor.wire import PREPROCESS
from edgelearn.types import F32, Array
from tools._venv import ROOT

ASSETS = ROOT / "edgelearn" / "demo" / "assets"
OPSET, IR = 13, 8  # old enough for every runtime the package supports
CHANNELS = (16, 24)  # 24 maps of 2 x 2: 96 features
KNOWN = 5  # the digits 0-4
SCALE = 1 / 16  # pixels are 0..16; the network takes 0..1, declared in its metadata
EPOCHS, BATCH, RATE, DECAY, SEED = 30, 32, 1e-3, 1e-4, 0
TEST_FRACTION = 0.25


def main(argv: Sequence[str]) -> int:
    """Train, export, cut; return the exit code."""
    if argv:
        print("tools train-demo takes no arguments", file=sys.stderr)
        return 2
    images, labels, train, test = digits()
    np.savez_compressed(ASSETS / "digits.npz", x=images, y=labels, train=train, test=test)
    known = train[labels[train] < KNOWN]
    weights = fit(images[known, None].astype(np.float32) * np.float32(SCALE), labels[known])
    export(weights, ASSETS / "digits04.onnx")
    report = cut(ASSETS / "digits04.onnx", "auto", ASSETS / "digits04.features.onnx")
    print(f"{len(known)} digits 0-4 learned; {report.n_features} features at {report.cut}")
    return 0


def digits() -> tuple[Array, Array, Array, Array]:
    """Return images (1797, 8, 8) uint8 in 0..16, labels (1797,), and the indices of train and test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    labels = data.target.astype(np.int64)
    train, test = train_test_split(
        np.arange(len(labels)), test_size=TEST_FRACTION, random_state=SEED, stratify=labels
    )
    return data.images.astype(np.uint8), labels, np.sort(train), np.sort(test)


def fit(x: F32, y: Array) -> dict[str, F32]:
    """Train on images (n, 1, 8, 8) in [0, 1] and labels (n,) below KNOWN; return the weights by name."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(SEED)
    first, second = CHANNELS
    net = nn.Sequential(
        *(nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(second * 4, KNOWN)),
    )
    optimizer = torch.optim.Adam(net.parameters(), RATE, weight_decay=DECAY)
    images, labels = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(labels)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
    names = ("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "head.weight", "head.bias")
    return {name: p.detach().numpy() for name, p in zip(names, net.parameters(), strict=True)}


def export(weights: dict[str, F32], path: Path) -> None:
    """Write the network as ONNX: image (N, 1, 8, 8) -> logits (N, KNOWN)."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    nodes = [
        *_block("conv1", "image"),
        *_block("conv2", "conv1.pool"),
        helper.make_node("Flatten", ["conv2.pool"], ["features"], axis=1),
        helper.make_node("Gemm", ["features", "head.weight", "head.bias"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "digits04",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", KNOWN])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="edgelearn"
    )
    checker.check_model(model, full_check=True)
    helper.set_model_props(model, {PREPROCESS: declare(scale=SCALE).to_json()})
    save(model, path)


def _block(name: str, source: str) -> list[Any]:
    """Return convolution, ReLU and 2 x 2 pooling."""
    from onnx import helper

    inputs = [source, f"{name}.weight", f"{name}.bias"]
    return [
        helper.make_node("Conv", inputs, [f"{name}.conv"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", [f"{name}.conv"], [f"{name}.relu"]),
        helper.make_node("MaxPool", [f"{name}.relu"], [f"{name}.pool"], kernel_shape=[2, 2], strides=[2, 2]),
    ]
