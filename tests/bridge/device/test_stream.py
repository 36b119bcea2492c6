"""Windows of the process over a line that spoils frames: every one arrives, or is told missing."""

from pathlib import Path
from random import Random

import numpy as np
import pytest

from edgelearn.emulator.boards.features import features_of
from edgelearn.kernels.order import drive
from edgelearn.types import F32, Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import CODES, FEATURES, NUMBERS
from tests.bridge.conftest import FIRMWARE, Build
from tests.bridge.device.process import Host, made, talking

ALL = sum(FEATURES.values())
COUNTING = 257  # what the sensor's first channel rises by with each sample


def counted(first: int, channels: int, count: int) -> bytes:
    """Return the samples that the sensor gives from number ``first`` on."""
    i, c = np.arange(first, first + count), np.arange(channels)[:, None]
    return ((2 * c + 1) * COUNTING * i).astype(np.uint16).tobytes()


def test_windows_hold_what_the_sensor_gave(host: Host) -> None:
    assert host.ask(m.Configure(0, 5000, 50, 2, 0)).code == 0
    assert host.ask(m.Stream(0, 1)).code == 0
    host.run(lambda: len(host.windows()) >= 100)
    first = host.windows()[0]
    start = int(np.frombuffer(first.data[:2], "<u2")[0]) * pow(COUNTING, -1, 2**16)
    for k, window in enumerate(host.windows()):
        assert window.index == k
        assert window.data == counted(start + 50 * k, 2, 50)
        assert abs((window.time_us - first.time_us) % 2**32 - 10_000 * k) <= 1


@pytest.mark.parametrize("seed", range(2))
def test_every_window_arrives_or_is_told_missing_on_a_bad_line(host: Host, seed: int) -> None:
    draw = Random(seed)

    def spoil(data: bytes) -> bytes:
        spoiled = bytearray(data)
        for at in range(len(spoiled)):
            if draw.random() < 0.002:
                spoiled[at] ^= 1 << draw.randrange(8)
        return bytes(spoiled)

    host.ask(m.Configure(0, 50000, 50, 1, 0))
    host.ask(m.Stream(0, 1))
    host.spoil = spoil
    host.run(lambda: len(host.windows()) >= 400)
    host.ask(m.Stream(0, 0))
    host.spoil = lambda data: data
    made = host.ask(m.Statistics(0)).windows_made
    host.run(lambda: len(host.windows()) + host.missing() >= made)
    host.ask(m.Statistics(0))
    assert len(host.windows()) + host.missing() == made, f"{seed=}"
    assert host.missing() > 10, f"{seed=}"


def test_features_of_another_number_than_the_head_takes_are_refused(host: Host) -> None:
    host.ask(m.Configure(0, 5000, 16, 8, ALL))
    host.ask(m.Stream(0, 1))
    host.run(lambda: bool(host.windows()))
    done = host.ask(m.Predict(0, b""))
    assert (done.code, done.detail) == (CODES["SHAPE"], 64)


def test_a_prediction_without_values_is_of_the_latest_window(build: Build, tmp_path: Path) -> None:
    head = (FIRMWARE / "include" / "el_head.h").read_text()
    assert head.count("#define EL_N_PRE 64") == 1
    (tmp_path / "el_head.h").write_text(head.replace("#define EL_N_PRE 64", "#define EL_N_PRE 32"))
    program = made(build, "device with 32 inputs", "-include", str(tmp_path / "el_head.h"))
    with talking(program, "--sample-rate", "4000") as host:
        weights = np.random.default_rng(1).normal(size=(32, 10)).astype(np.float32)
        host.write_state(weights.tobytes())
        assert host.commit(weights.tobytes()).code == 0
        host.ask(m.Configure(0, 0, 16, 8, ALL))
        host.ask(m.Stream(0, 1))
        host.run(lambda: len(host.windows()) > 3)
        host.ask(m.Configure(0, 1, 16, 8, 0))
        assert host.ask(m.Predict(0, b"")).code == CODES["NOTHING"]
        host.ask(m.Configure(0, 2000, 16, 8, ALL))  # another rate: the sensor begins again
        found = ask_until_predicted(host)
        assert found.scores in {scores_of(weights, number) for number in range(100)}


def scores_of(weights: F32, number: int) -> bytes:
    """Return the scores of the window with this number since the sensor began."""
    samples = np.frombuffer(counted(16 * number, 8, 16), np.int16).reshape(8, 16)
    scores = np.zeros(10, np.float32)
    drive.dispatcher(features_of(samples, ALL), weights, scores)
    return scores.tobytes()


def test_features_for_a_head_of_integers_are_rounded_to_the_nearest(build: Build, tmp_path: Path) -> None:
    head = (FIRMWARE / "ports" / "microbit" / "el_head.h").read_text()
    assert head.count("#define EL_N_PRE 64") == 1
    (tmp_path / "el_head.h").write_text(head.replace("#define EL_N_PRE 64", "#define EL_N_PRE 4"))
    program = made(build, "device of integers", "-include", str(tmp_path / "el_head.h"))
    with talking(program) as host:
        assert host.open().number == NUMBERS["q15"]
        for label in range(10):
            x = np.random.default_rng(label).integers(-30000, 30000, 4).astype("<i2")
            assert host.ask(m.Learn(0, label, x.tobytes())).code == 0
        host.ask(m.Configure(0, 2000, 16, 1, ALL))
        found = ask_until_predicted(host)
        assert found.scores in {host.ask(m.Predict(0, whole(number))).scores for number in range(100)}
        assert len(found.scores) == 20
        assert any(found.scores)


def whole(number: int) -> bytes:
    """Return the features of the window with this number as numbers of a head of integers."""
    scaled = features_of(np.frombuffer(counted(16 * number, 1, 16), np.int16)[None], ALL) * np.float32(32768)
    nearest = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
    numbers: Array = np.clip(nearest, -32768, 32767).astype("<i2")
    return numbers.tobytes()


def ask_until_predicted(host: Host) -> m.Prediction:
    while not isinstance(found := host.ask(m.Predict(0, b"")), m.Prediction):
        assert found.code == CODES["NOTHING"]
    return found
