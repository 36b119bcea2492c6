"""Golden vectors of fixed point, current by test: trajectories of every kind of head, for twins in any language."""

import zlib
from typing import Any

import numpy as np
import pytest

from edgelearn.fixed.head import NO_LABEL, FixedHead
from firmware_bridge.protocol.constants import CODES
from tests import golden
from tests.bridge.fixed.heads import SETTINGS

FILES = sorted({name.split()[0] for name in SETTINGS})
STEPS = 12


def inputs(seed: int, k: int, n_pre: int) -> np.ndarray:
    """Return a sample from raw bits, the same with every NumPy: ordinary, sparse, or at the ends of the range."""
    raw = np.asarray(np.random.PCG64(1000 * seed + k).random_raw(n_pre)) >> np.uint64(48)
    x = raw.astype(np.int64) - 2**15
    if k % 3 == 1:
        x = np.where(x % 3 == 0, x, 0)
    return (np.where(x < 0, -32768, 32767) if k % 4 == 3 else x).astype(np.int16)


def case(name: str) -> dict[str, Any]:
    settings, steps = SETTINGS[name], []
    words = {
        key: list(value) if isinstance(value, tuple) else value for key, value in settings._asdict().items()
    }
    head = FixedHead(settings)
    seed = zlib.crc32(name.encode()) % 1000
    raw = np.asarray(np.random.PCG64(seed).random_raw(len(head.state_bytes()))) & np.uint64(0xFF)
    head.load_bytes(raw.astype(np.uint8).tobytes())
    start = head.state_bytes()
    for k in range(STEPS):
        x = inputs(seed, k, settings.n_pre)
        reward, label = [0.75, -1.5, 0.001][k % 3], k % settings.n_post
        rewarded = settings.signal == "reward"
        said = head.reward(x, reward) if rewarded else head.learn(x, label if k != 5 else NO_LABEL)
        seen = head.predict(x)
        assert seen.scores is not None
        steps.append({
            "x": x, "label": label if k != 5 else NO_LABEL, "reward": np.float32(reward), "code": CODES[said.code],
            "scores": seen.scores, "predicted": seen.label, "state_crc": zlib.crc32(head.state_bytes()),
        })  # fmt: skip
    return {
        "name": name,
        "head": words,
        "start": start.hex(),
        "steps": steps,
        "end": head.state_bytes().hex(),
    }


def cases(file: str) -> list[dict[str, Any]]:
    return [case(name) for name in SETTINGS if name.split()[0] == file]


@pytest.mark.parametrize("file", FILES)
def test_the_vectors_are_what_the_definition_says(file):
    golden.write_or_compare("fixed", file, cases(file))
