"""A device learns its own features without labels and without a gradient, freezes them, and ships them as ONNX.

Whoever loads the file gets an ordinary frozen network, and goes on learning on top: here ten digits, one after the
other, from five examples each. The control ships the same layer at its random start. Needs edgelearn[cut].
"""

import tempfile
from pathlib import Path

import numpy as np

import edgelearn
from edgelearn import Extractor, Layer, Learner
from edgelearn.export import to_onnx
from edgelearn.rules import sanger

digits = np.load(Path(edgelearn.__file__).parent / "demo" / "assets" / "digits.npz")
images, labels = (digits["x"].reshape(-1, 64) / 16).astype(np.float32), digits["y"]
train, test = digits["train"], digits["test"]


def ship(path: Path, n_seen: int) -> None:
    """Let a layer of 12 units see images without their labels, once; write what it has become."""
    device = Learner(layers=[Layer(12, sanger.rule(eta=0.005))])
    device.adapt_many(images[train[:n_seen]])
    to_onnx(device.layers, path)


with tempfile.TemporaryDirectory() as folder:
    for name, n_seen in (("learned features", len(train)), ("random features", 1)):
        file = Path(folder) / "features.onnx"
        ship(file, n_seen)
        learner = Learner(Extractor(file), "slda")  # on another machine, say
        for digit in range(10):
            for i in train[labels[train] == digit][:5]:
                learner.learn_one(images[i], digit)
        best = [decision.best for decision in learner.predict_many(images[test])]
        right = np.mean(np.array(best) == labels[test])
        print(f"{name:17} {file.stat().st_size} bytes; ten digits from 5 examples each: {right:.3f}")
