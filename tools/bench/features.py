"""Features of the public recordings, through the project's own Extractor."""

from itertools import pairwise
from typing import Any, NamedTuple

from tools.bench import data


class Split(NamedTuple):
    """Features (n, D) float32 and labels (n,) to learn from and to test on."""

    x: Any
    y: Any
    test_x: Any
    test_y: Any


def camera() -> Split:
    """CIFAR-10 through MobileNet v1 0.25 (256 features), images resized by the Extractor."""
    from edgelearn.extractor import Extractor

    images = data.arrays("cifar10")
    extractor = Extractor(data.network("mobilenet_v1_0.25_128_quant.feat"))
    return Split(
        extractor.many(images["x_train"]),
        images["y_train"].astype(int),
        extractor.many(images["x_test"]),
        images["y_test"].astype(int),
    )


def speech(label: str) -> Split:
    """Spoken digits through openWakeWord (96 features); ``label`` is "digit" or "speaker"; takes 0-9 are the test."""
    import numpy as np

    from edgelearn.extractor import Extractor

    sounds = data.arrays("fsdd")
    mel = Extractor(data.network("oww_melspectrogram"))
    embedding = Extractor(data.network("oww_embedding_model"), cut=None)
    bounds = sounds["offset"]
    x = np.stack([_embed(sounds["audio"][a:b], mel, embedding) for a, b in pairwise(bounds)])
    y, test = sounds[label].astype(int), sounds["take"] < 10
    return Split(x[~test], y[~test], x[test], y[test])


def _embed(audio: Any, mel: Any, embedding: Any) -> Any:
    """One second around the recording (8 kHz int16) -> mean of its three windows' embeddings (96,)."""
    import numpy as np

    n = len(audio)
    twice = np.fft.irfft(np.fft.rfft(audio.astype(np.float64)), 2 * n) * 2.0  # band-limited, 16 kHz
    twice = twice[max(0, n - 8000) : max(0, n - 8000) + 16000]
    second = np.zeros(16000, np.float32)
    start = (16000 - len(twice)) // 2
    second[start : start + len(twice)] = twice
    frames = mel(second).reshape(-1, 32) / np.float32(10.0) + np.float32(2.0)
    windows = [frames[i : i + 76, :, None] for i in range(0, len(frames) - 75, 8)]
    return embedding.many(windows).mean(axis=0)
