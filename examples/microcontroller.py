"""A layer goes to a microcontroller, learns there, and comes back: the same bits on both sides.

The device is the Python twin of the firmware, in this process. Of a board, build the firmware with the header written
here (firmware_bridge/firmware/README.md) and give `connect` its port, as /dev/serial/by-id/usb-….

    python examples/microcontroller.py
"""

import tempfile
from pathlib import Path

import numpy as np

import edgelearn
from edgelearn.emulator.boards.heads import head
from edgelearn.emulator.boards.serving import serving
from edgelearn.emulator.boards.twin import Twin
from firmware_bridge.device import connect

CLASSES, FEATURES = 3, 12
rng = np.random.default_rng(0)
centres = rng.normal(size=(CLASSES, FEATURES))


def samples(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return samples (n, FEATURES) of the classes, and their labels (n,)."""
    labels = rng.integers(CLASSES, size=n)
    return (centres[labels] + 0.5 * rng.normal(size=(n, FEATURES))).astype(np.float32), labels


learner = edgelearn.Learner(None, "ncm")
labels = np.arange(CLASSES)
learner.learn_many((centres + rng.normal(size=centres.shape)).astype(np.float32), labels)  # one sample each
x, truth = samples(300)
test_x, test_truth = samples(500)


def accuracy() -> float:
    """Return the accuracy of the host's learner."""
    return float(
        np.mean(
            [learner.predict_one(row).label == label for row, label in zip(test_x, test_truth, strict=True)]
        )
    )


print(f"on the host, one sample a class: {accuracy():.3f}")
with tempfile.TemporaryDirectory() as folder:
    written = edgelearn.export.to_c(learner, Path(folder) / "el_head.h")
print(f"as C: {written.layout.text}; {written.flash_bytes} bytes of flash, {written.ram_bytes} of RAM")

with serving(Twin(head(written.head)), "board") as board, connect(board.url) as device:
    for row, label in zip(x, truth, strict=True):
        device.learn(row, int(label), wait=False)  # the label's place in learner.classes_
    device.flush()
    device.save()
    there, state = device.predict(test_x[0]), device.read_state()

edgelearn.export.load_state(learner, state.data)
same = there.scores == tuple(learner.readout.scores_one(test_x[0]).tolist())
print(f"back on the host, after {len(x)} samples on the device: {accuracy():.3f}; the same scores: {same}")
