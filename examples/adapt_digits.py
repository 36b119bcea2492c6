"""A network that only knows the digits 0-4 learns 5-9 while it works; the loop is six lines.

The network and the digits come with edgelearn. The control is the same loop that never learns a 5-9.
"""

from pathlib import Path

import numpy as np

import edgelearn

ASSETS = Path(edgelearn.__file__).parent / "demo" / "assets"
digits = np.load(ASSETS / "digits.npz")
images, labels = digits["x"], digits["y"]


def adapt(stream: np.ndarray) -> edgelearn.Learner:
    """Predict each image of the stream, then learn what it was."""
    extractor = edgelearn.Extractor(ASSETS / "digits04.onnx", scale=1 / 16)
    learner = edgelearn.Learner(extractor, "slda")
    surprises = 0
    for i in stream:
        decision = learner.predict_one(images[i])  # .label, .probabilities, .margin, .ticket
        surprises += decision.best != labels[i]
        learner.learn_one(images[i], int(labels[i]))  # a label never seen makes a class
    print(f"{len(stream)} images one by one, {surprises} of them a surprise")
    return learner


def accuracy(learner: edgelearn.Learner, rows: np.ndarray) -> float:
    """Return the share of test images whose best label is right."""
    best = [decision.best for decision in learner.predict_many(images[rows])]
    return float(np.mean(np.array(best) == labels[rows]))


old_first = digits["train"][np.argsort(labels[digits["train"]], kind="stable")]  # one class after the other
new = labels[digits["test"]] >= 5
for name, stream in (("edgelearn", old_first), ("without 5-9", old_first[labels[old_first] < 5])):
    learner = adapt(stream)
    known, unknown = accuracy(learner, digits["test"][~new]), accuracy(learner, digits["test"][new])
    print(f"{name:12} accuracy on 0-4: {known:.3f}   on 5-9: {unknown:.3f}   {learner.memory_bytes} bytes")
