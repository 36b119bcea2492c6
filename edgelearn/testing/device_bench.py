"""What every check of a device starts from: a host in a session of its own, and what the device should be."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgelearn import export
from edgelearn.emulator.boards.heads import Answer, Head
from edgelearn.emulator.boards.heads import head as head_of
from edgelearn.fixed.head import FixedHead
from edgelearn.fixed.quantize import quantize
from edgelearn.layer import Layer
from edgelearn.testing.device_host import Clock, Host, Line
from edgelearn.types import Array
from firmware_bridge.protocol import messages as m
from firmware_bridge.protocol.constants import NUMBERS, RESETS

OpenLine = Callable[[], Line]


class Device(NamedTuple):
    """What is checked, and what it should be."""

    open_line: OpenLine
    head: object  # what its firmware was exported from
    key: bytes | None
    clock: Clock
    opened: list[Host]  # closed behind a check, however it ends

    def caller(self, key: bytes | None, *, wait: bool = True) -> Host:
        """Return a host, by default in a new session, the device as it was left."""
        host = Host(self.open_line, key, wait=wait, clock=self.clock)
        self.opened.append(host)
        return host

    def host(self) -> Host:
        """Return a host in a new session, the device back at its start."""
        host = self.caller(self.key)
        expect(host.code(m.Reset, RESETS["learned"])[0] == "OK", "RESET(learned) is answered OK")
        return host

    def model(self) -> Head:
        """Return what the device should be, at its start."""
        return head_of(self.head)


def default_head(number: int = NUMBERS["f32"]) -> Layer | FixedHead:
    """Return the head of a firmware that was given none: 64 inputs, 10 classes, delta, weights of 0."""
    layer = Layer(10, "delta", "linear", "label_error")
    layer.bind(64)
    layer.w[...] = 0.0
    return quantize(layer, np.ones((1, 64))) if number == NUMBERS["q15"] else layer


def expect(holds: bool, promise: str) -> None:
    """Raise AssertionError naming the promise unless it holds."""
    if not holds:
        raise AssertionError(f"device: {promise}")


def sample(model: Head, rng: np.random.Generator) -> Array:
    """Return a sample (n_pre,) of the head's kind of numbers, some of them 0."""
    x = rng.normal(size=model.n_pre) * (rng.uniform(size=model.n_pre) < 0.7)
    if model.dtype == "<i2":
        return (np.clip(x / 4, -1, 0.99) * 2**15).astype(np.int16)
    return x.astype(np.float32)


def taught(host: Host, model: Head, rng: np.random.Generator, n: int) -> None:
    """Teach device and model ``n`` samples, by label and, where they take one, by reward."""
    for k in range(n):
        x, label = sample(model, rng), int(rng.integers(model.n_post))
        same(host.code(m.Learn, label, x.astype(model.dtype).tobytes()), model.learn(x, label), "LEARN")
        if k % 2:
            predicted(host, model, x)
            reward = float(np.float32(rng.normal()))
            same(host.code(m.Reward, reward), model.reward(x, reward), "REWARD")


def predicted(host: Host, model: Head, x: Array) -> None:
    """Have the device predict what the model predicts."""
    said, wanted = host.ask(m.Predict, x.astype(model.dtype).tobytes()), model.predict(x)
    assert wanted.scores is not None
    expect(
        isinstance(said, m.Prediction)
        and said.scores == wanted.scores.astype(model.dtype).tobytes()
        and said.label == wanted.label,
        "PREDICT gives edgelearn's scores to the last bit, and the label of the highest",
    )


def same(code: tuple[str, int], wanted: Answer, what: str) -> None:
    """Expect what the model answered: its code, and its detail where that says something."""
    right = code[0] == wanted.code and (wanted.detail in (0, code[1]))
    expect(right, f"{what} is answered {wanted.code} {wanted.detail}, not {code}")


def same_state(host: Host, model: Head, when: str) -> None:
    """Expect the device's state to be the model's, to the last bit."""
    expect(
        host.state() == export.state_bytes(model.learned), f"its state is edgelearn's to the last bit {when}"
    )
