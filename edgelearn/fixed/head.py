"""A head in fixed point: predicts, learns and takes rewards as a device with the same settings does, bit for bit."""

from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import InputError
from edgelearn.fixed import delta, ncm, neurons, signals, softhebb, stdp, three_factor
from edgelearn.fixed.drive import drive
from edgelearn.fixed.number import DRIVE_BITS, HIGHEST, I16, INPUT_BITS, LOWEST
from edgelearn.types import Array

NO_LABEL = -1
RULES = {
    "ncm": ncm, "delta": delta, "three_factor": three_factor, "softhebb": softhebb, "stdp": stdp,
}  # fmt: skip
NEURONS = ("linear", "relu", "softmax", "lif")
SIGNALS = ("unsupervised", "competition", "label_error", "reward")


class Settings(NamedTuple):
    """What a head is before it learns. Parameters are whole numbers in the order of their `Params`; () for none."""

    rule: str
    rule_params: Any
    neuron: str
    neuron_params: Any
    signal: str
    signal_params: Any
    n_pre: int
    n_post: int
    weight_bits: int = 12  # fraction bits of a weight
    steps: int = 1  # time steps a sample is shown
    scale: float = 1.0  # an input times this is in [-1, 1)

    @property
    def out_bits(self) -> int:
        """Fraction bits of outputs and third factors."""
        return INPUT_BITS if self.neuron == "softmax" else DRIVE_BITS


class Said(NamedTuple):
    """What came of a call: a code of the bridge and the number that goes with it; nothing changed unless it is OK."""

    code: str = "OK"
    detail: int = 0
    scores: I16 | None = None  # (n_post,)
    label: int = NO_LABEL


class FixedHead:
    """The head of ``settings``, its state zeros; x is always (n_pre,) int16 of 15 fraction bits (`encode`).

    ``state`` holds what lasts between samples, by name, in the order of its bytes.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = _state(settings)

    def encode(self, x: Array) -> I16:
        """Return inputs (…, n_pre) in fixed point, scaled, to the nearest, held within [-1, 1)."""
        wide = np.floor(np.asarray(x, np.float64) * (self.settings.scale * 2**INPUT_BITS) + 0.5)
        held: I16 = np.clip(wide, LOWEST, HIGHEST).astype(np.int16)
        return held

    def predict(self, x: Array) -> Said:
        """Return scores and the class they are highest for; nothing changes. Raises InputError for another x."""
        s = self.settings
        self._check(x)
        if s.rule == "ncm":
            scores, label = ncm.predict(self._ncm(), x)
            return Said(scores=scores, label=label)
        u, rest = drive(x, self.state["w"], s.weight_bits), self._units()
        still = s.neuron_params._replace(theta_plus=0, fade=0) if s.neuron == "lif" else s.neuron_params
        total = np.zeros(s.n_post, np.int64)
        for _ in range(s.steps):
            rest, out = self._fire(still, rest, u)
            total += out
        return self._said(total)

    def learn(self, x: Array, label: int = NO_LABEL) -> Said:
        """Learn from ``x`` and, where the signal takes one, its label; scores are those while it learned."""
        s = self.settings
        self._check(x)
        if s.signal == "reward" and s.rule != "ncm":
            return Said("UNABLE")
        if (s.rule == "ncm" or s.signal == "label_error") and not 0 <= label < s.n_post:
            return Said("LABEL", s.n_post)
        if s.rule == "ncm":
            self.state |= ncm.learn(self._ncm(), x, label)._asdict()
            return Said()
        return self._taught(x, label)

    def reward(self, x: Array, reward: float) -> Said:
        """Learn what ``x`` (what was predicted last) earned, in [-8, 8)."""
        self._check(x)
        if self.settings.signal != "reward" or self.settings.rule == "ncm":
            return Said("UNABLE")
        r = signals.reward_of(reward)
        return Said("VALUE") if r is None else self._taught(x, r)

    # -- state as bytes -----------------------------------------------------------------------------------

    def state_bytes(self) -> bytes:
        """Return the state as a device sends it: arrays one after the other, little-endian, in C order."""
        return b"".join(a.astype(a.dtype.newbyteorder("<")).tobytes() for a in self.state.values())

    def load_bytes(self, data: bytes) -> None:
        """Take over what `state_bytes` or a device gave, as a device does: values no sample can make are brought back.

        Raises InputError, unchanged, for another number of bytes.
        """
        size = sum(a.nbytes for a in self.state.values())
        if len(data) != size:
            raise InputError(
                f"the state of this head has {size} bytes, not {len(data)}; it is of another head"
            )
        at, found = 0, {}
        for name, a in self.state.items():
            found[name] = (
                np.frombuffer(data, a.dtype.newbyteorder("<"), a.size, at).astype(a.dtype).reshape(a.shape)
            )
            at += a.nbytes
        self.state = _held(self.settings, found)

    # -- inside -------------------------------------------------------------------------------------------

    def _taught(self, x: Array, word: int) -> Said:
        """Show ``x`` for all steps; ``word`` is the label or the reward."""
        s, total, rest = self.settings, np.zeros(self.settings.n_post, np.int64), self._units()
        for _ in range(s.steps):
            u = drive(x, self.state["w"], s.weight_bits)
            rest, out = self._fire(s.neuron_params, rest, u)
            self._move(x, u, out, self._third(out, word))
            total += out
        if s.neuron == "lif":
            self.state["theta"] = rest.theta
        return self._said(total)

    def _units(self) -> Any:
        """Return units at rest, with what they keep between samples."""
        if self.settings.neuron != "lif":
            return None
        return neurons.lif_state(self.settings.n_post)._replace(theta=self.state["theta"])

    def _fire(self, params: Any, rest: Any, u: I16) -> tuple[Any, I16]:
        name = self.settings.neuron
        if name == "lif":
            return neurons.lif(params, rest, u)
        if name == "softmax":
            return rest, neurons.softmax(params, u)
        return rest, neurons.relu(u) if name == "relu" else neurons.linear(u)

    def _third(self, out: I16, word: int) -> I16:
        s = self.settings
        if s.signal == "reward":
            mean = signals.RewardState(self.state["baseline"])
            mean, third = signals.reward(s.signal_params, mean, s.n_post, word)
            self.state["baseline"] = mean.baseline
            return third
        if s.signal == "label_error":
            return signals.label_error(out, word, s.out_bits)
        return signals.competition(out) if s.signal == "competition" else signals.unsupervised(s.n_post)

    def _move(self, x: Array, u: I16, out: I16, third: I16) -> None:
        p, w, dither, state = (
            self.settings.rule_params,
            self.state["w"],
            int(self.state["dither"][0]),
            self.state,
        )
        match self.settings.rule:
            case "delta":
                w, dither = delta.step(p, w, x, third, dither)
            case "softhebb":
                w, dither = softhebb.step(p, w, x, u, third, dither)
            case "three_factor":
                kept = three_factor.State(state["trace"])
                kept, w, dither = three_factor.step(p, kept, w, x, out, third, dither)
                state["trace"] = kept.trace
            case "stdp":
                traces = stdp.State(state["x"], state["y"])
                traces, w, dither = stdp.step(p, traces, w, x, out, third, dither)
                state["x"], state["y"] = traces
        state["w"], state["dither"] = w, np.array([dither], np.uint32)

    def _said(self, total: Array) -> Said:
        scores = np.where(total < 0, -(-total // self.settings.steps), total // self.settings.steps)
        return Said(scores=scores.astype(np.int16), label=int(np.argmax(scores)))

    def _ncm(self) -> ncm.State:
        return ncm.State(self.state["sums"], self.state["counts"])

    def _check(self, x: Array) -> None:
        n = self.settings.n_pre
        if not isinstance(x, np.ndarray) or x.dtype != np.int16 or x.shape != (n,):
            raise InputError(f"x must be an array of int16 with shape ({n},); FixedHead.encode makes one")


def _state(s: Settings) -> dict[str, Array]:
    """Return the state before the first sample: all zeros."""
    if s.rule == "ncm":
        return dict(ncm.init(s.n_pre, s.n_post)._asdict())
    state: dict[str, Array] = {"w": np.zeros((s.n_pre, s.n_post), np.int16)}
    if s.rule == "three_factor":
        state |= three_factor.init(s.n_pre, s.n_post)._asdict()
    if s.rule == "stdp":
        state |= stdp.init(s.n_pre, s.n_post)._asdict()
    state["dither"] = np.zeros(1, np.uint32)
    if s.neuron == "lif":
        state["theta"] = neurons.lif_state(s.n_post).theta
    if s.signal == "reward":
        state |= signals.reward_state()._asdict()
    return state


def _held(s: Settings, state: dict[str, Array]) -> dict[str, Array]:
    """Return a state within the bounds that the arithmetic of its head relies on."""
    if s.rule == "ncm":
        return dict(ncm.held(ncm.State(state["sums"], state["counts"]))._asdict())
    if s.rule != "softhebb":
        state["w"] = np.clip(state["w"], s.rule_params.low, s.rule_params.high).astype(np.int16)
    if s.neuron == "lif":
        state["theta"] = np.maximum(state["theta"], 0)
    return state
