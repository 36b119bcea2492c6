"""Heads in fixed point and what happens to them: the same for the definition and for C, here and on a Cortex-M."""

from typing import NamedTuple

import numpy as np

from edgelearn.fixed import delta, neurons, signals, softhebb, stdp, three_factor
from edgelearn.fixed.head import FixedHead, Settings
from edgelearn.types import Array

FULL = (-32768, 32767)
LIF = neurons.Lif(31170, 2000, 1, 0, 2, 1 << 20, 21000, 20, 700, 0)
ONE_SPIKE = LIF._replace(one_spike=1, threshold=0, theta_plus=0)  # no drive is just at the threshold
SOFT = neurons.Softmax(23634, 10)  # t = 1


class Call(NamedTuple):
    """One call of a device, and the state that is written where ``what`` is w."""

    what: str  # p, l, r, w
    x: Array
    label: int
    reward: float
    state: bytes = b""


def _settings() -> dict[str, Settings]:
    error, fast = "label_error", (20971, 17)
    slow = delta.Params(16384, 30, *FULL)
    three = three_factor.Params(*fast, *FULL, 29491, 3)
    pair = stdp.Params(26214, 16, 20000, 14, 31170, 31170, 32767, 0, 0, 0, 16383)
    gentle = pair._replace(additive=1, soft=1, one=4096, t_pre=12, t_post=11)
    hebb, still = softhebb.Params(26214, 18, 13), signals.Reward(1311)
    return {
        "delta": Settings("delta", delta.Params(*fast, *FULL), "linear", (), error, (), 64, 10),
        "delta relu": Settings("delta", delta.Params(*fast, -3000, 2000), "relu", (), error, (), 7, 3, 14, 2),
        "delta softmax": Settings("delta", delta.Params(*fast, *FULL), "softmax", SOFT, error, (), 17, 5, 8),
        "delta slow": Settings("delta", slow, "linear", (), error, (), 5, 2),
        "delta of one": Settings("delta", delta.Params(32767, 1, *FULL), "linear", (), error, (), 1, 1),
        "three_factor": Settings("three_factor", three, "linear", (), "reward", still, 64, 10),
        "three_factor softmax": Settings(
            "three_factor", three._replace(decay=32767, s=0, t=30), "softmax", SOFT, error, (), 9, 4, 11
        ),
        "three_factor lif": Settings(
            "three_factor", three, "lif", ONE_SPIKE, "reward", still, 13, 6, 12, 5
        ),
        "softhebb": Settings("softhebb", hebb, "softmax", SOFT, "competition", (), 64, 10, 13),
        "softhebb coarse": Settings(
            "softhebb", softhebb.Params(32767, 14, 8), "softmax", SOFT._replace(shift=4), "competition", (), 5, 3, 8
        ),
        "softhebb fine": Settings(
            "softhebb", softhebb.Params(16384, 30, 14), "softmax", SOFT, "competition", (), 11, 4, 14
        ),
        "stdp": Settings("stdp", pair, "lif", LIF, "unsupervised", (), 64, 10, 14),
        "stdp soft": Settings(
            "stdp", gentle, "lif", LIF._replace(soft=0, reset=-300, fade=0), "reward", still, 15, 6, 13, 3
        ),
        "ncm": Settings("ncm", (), "linear", (), error, (), 64, 10),
        "ncm small": Settings("ncm", (), "linear", (), error, (), 3, 2),
    }  # fmt: skip


SETTINGS = _settings()


def calls(settings: Settings, seed: int, n: int) -> list[Call]:
    """Return ``n`` calls: inputs ordinary, sparse, at the ends of their range; some bad ones; states of any bits."""
    rng, made = np.random.default_rng(seed), []
    size = len(FixedHead(settings).state_bytes())
    for k in range(n):
        x = rng.integers(-32768, 32768, settings.n_pre)
        kind = rng.integers(6)
        if kind == 0:
            x = np.where(rng.random(settings.n_pre) < 0.7, 0, x)
        if kind == 1:
            x = rng.choice([-32768, 32767, 0, 1, -1], settings.n_pre)
        if kind == 2:
            x = np.full(settings.n_pre, rng.choice([-32768, 32767, 0]))
        what = rng.choice(["p", "l", "r"], p=[0.2, 0.5, 0.3])
        reward = float(
            np.float32(rng.choice([rng.normal(), 7.9999, -8.0, 8.0, 1e-4, -1e30, np.nan, 2e-4, -2e-4]))
        )
        state = b""
        if k % 50 == 25:
            what, state = "w", rng.bytes(size)
        if k % 100 == 75 and settings.rule == "softhebb":
            what, state = "w", settled(settings, rng)
        label = int(rng.integers(-1, settings.n_post + 1))
        made.append(Call(str(what), x.astype(np.int16), label, reward, state))
    return made


def settled(settings: Settings, rng: np.random.Generator) -> bytes:
    """Return a state whose units' weights have norms near 1, where steps are small."""
    head = FixedHead(settings)
    one = round(2**settings.weight_bits / np.sqrt(settings.n_pre))
    w = rng.choice([-one, one], (settings.n_pre, settings.n_post))
    w[0] += rng.integers(-3, 4, settings.n_post)
    head.state["w"] = w.astype(np.int16)
    return head.state_bytes()


def begun(settings: Settings, seed: int) -> FixedHead:
    """Return a head whose state is of any bits; of zeros for seed 0."""
    head = FixedHead(settings)
    if seed == 0:
        return head
    head.load_bytes(np.random.default_rng(seed).bytes(len(head.state_bytes())))
    return head


def answered(head: FixedHead, call: Call) -> tuple[str, int, list[int], bytes]:
    """Return what the definition makes of a call: code, label, scores (of a prediction, else []), state."""
    if call.what == "w":
        head.load_bytes(call.state)
        return "OK", -2, [], head.state_bytes()
    if call.what == "p":
        said = head.predict(call.x)
        assert said.scores is not None
        return said.code, said.label, said.scores.tolist(), head.state_bytes()
    said = head.learn(call.x, call.label) if call.what == "l" else head.reward(call.x, call.reward)
    return said.code, -2, [], head.state_bytes()
