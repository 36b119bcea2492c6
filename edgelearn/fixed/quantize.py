r"""From float32 to fixed point: a layer or a nearest class mean as a head for a core without an FPU.

Inputs are scaled by a power of two, k bits, so that the samples shown just fit [-1, 1]. The drive must not change, so
weights are scaled back, and a rate that multiplies an input and moves a weight grows by :math:`4^k`. A weight gets 12
fraction bits, [-8, 8), or as many fewer as leave the largest four times its size; where a rule bounds its weights, as
many as the bounds leave, at most 14. Constants of a unit in the drive's scale are rounded to 12 bits and must be below
8.
"""

import math
from typing import Any

import numpy as np

from edgelearn.errors import ConfigError, InputError, UnsupportedError
from edgelearn.fixed import delta, ncm, neurons, signals, softhebb, stdp, three_factor
from edgelearn.fixed.head import NEURONS, RULES, SIGNALS, FixedHead, Settings
from edgelearn.fixed.number import DRIVE_BITS, HIGHEST, INPUT_BITS, LOWEST, fixed, rate
from edgelearn.layer import Layer
from edgelearn.readouts.ncm import NCM
from edgelearn.types import Array

MOST = 2**15  # units, and time steps
ROOM = 4.0  # how many times its size a weight may grow


def quantize(learned: Layer | NCM, samples: Array) -> FixedHead:
    """Return a head that starts with what ``learned`` knows; ``samples`` (n, n_pre) show how large inputs are.

    The one given stays as it is. Raises UnsupportedError for parts that have no fixed-point form, ConfigError for
    settings that do not fit, and InputError for samples of another shape or not finite, or nothing learned yet.
    """
    if isinstance(learned, NCM):
        return _ncm(learned, samples)
    _check_parts(learned)
    if learned.n_pre is None:
        raise InputError(
            "the layer has no weights yet: call bind(n_pre), or let it learn, before it is exported"
        )
    k = _input_bits(samples, learned.n_pre)
    if learned.rule.name in ("softhebb", "stdp"):
        if k > 0:
            raise ConfigError(
                f"{learned.rule.name} depends on the scale of its inputs, and these are above 1: scale them to [-1, 1] "
                "before the layer learns"
            )
        k = 0
    w = learned.w * np.float64(2.0**k)
    bits = _weight_bits(learned, w, 2.0**k)
    rule = _rule(learned, k, bits)
    settings = Settings(
        learned.rule.name, rule, learned.neuron.name, _neuron(learned), learned.signal.name, _signal(learned),
        learned.n_pre, learned.n_post, bits, learned.steps, 2.0**-k,
    )  # fmt: skip
    head = FixedHead(settings)
    low, high = (LOWEST, HIGHEST) if learned.rule.name == "softhebb" else (rule.low, rule.high)
    head.state["w"] = np.clip(np.floor(w * 2.0**bits + 0.5), low, high).astype(np.int16)
    _carry_state(learned, head, k)
    return head


def _check_parts(layer: Layer) -> None:
    for kind, name, known in (
        ("rule", layer.rule.name, tuple(r for r in RULES if r != "ncm")),
        ("neuron", layer.neuron.name, NEURONS),
        ("signal", layer.signal.name, SIGNALS),
    ):
        if name not in known:
            raise UnsupportedError(
                f"{kind} {name} has no fixed-point form; there are {', '.join(known)}. Export it as number='f32'"
            )
    if layer.code is not None or layer.kind != "dense" or layer.rule.sees == "slope":
        raise UnsupportedError(
            "a fixed-point head is one dense layer without code whose rule does not see slopes"
        )
    if layer.rule.name == "softhebb" and (layer.neuron.name, layer.signal.name) != ("softmax", "competition"):
        raise UnsupportedError("softhebb in fixed point needs the neuron softmax and the signal competition")
    if max(layer.steps, layer.n_post) > MOST:
        raise ConfigError(f"a fixed-point head has at most {MOST} units and steps, whose sums 32 bits hold")


def _input_bits(samples: Array, n_pre: int) -> int:
    """Return k, below 0 too: inputs over 2**k are within [-1, 1], and in its upper half."""
    given = np.asarray(samples, np.float64)
    if given.ndim != 2 or given.shape[1] != n_pre or not len(given) or not np.isfinite(given).all():
        raise InputError(
            f"samples must be finite, with shape (n, {n_pre}) and n at least 1, not {given.shape}"
        )
    top = float(np.abs(given).max())
    return math.ceil(math.log2(top)) if top > 0 else 0


def _weight_bits(layer: Layer, w: Array, by: float) -> int:
    """Return the fraction bits of a weight; ``by`` is what the inputs were divided by."""
    most, rule = float(np.abs(w).max()), layer.rule
    bounds = [] if rule.name == "softhebb" else [float(rule.params.low) * by, float(rule.params.high) * by]
    bounded = bool(bounds) and bool(np.isfinite(bounds).all())
    reach = max(map(abs, bounds)) if bounded else most * ROOM
    bits = min(14 if bounded else 12, 15 - math.ceil(math.log2(max(reach, 2.0**-20))))
    if bits < 8:
        raise ConfigError(
            f"weights reach {most:g} for inputs in [-1, 1], too large for fixed point: let the layer learn from inputs "
            "scaled to [-1, 1], or bound its weights by low and high"
        )
    return bits


def _rule(layer: Layer, k: int, bits: int) -> Any:
    p, out = layer.rule.params, 15 if layer.neuron.name == "softmax" else DRIVE_BITS
    third = DRIVE_BITS if layer.signal.name in ("unsupervised", "reward") else out
    if layer.rule.name == "softhebb":
        return softhebb.Params(*rate("eta", float(p.eta)), bits)
    low, high = (fixed(float(v) * 2.0**k, bits) for v in (p.low, p.high))
    if layer.rule.name == "delta":
        return delta.Params(*rate("eta", float(p.eta) * 4.0**k * 2.0 ** (bits - third)), low, high)
    if layer.rule.name == "three_factor":
        trace = _trace_bits(float(p.decay), out)
        eta = rate("eta", float(p.eta) * 4.0**k * 2.0 ** (bits - third - trace + INPUT_BITS))
        return three_factor.Params(*eta, low, high, _decay(p.decay), out - trace)
    return _stdp(p, third, bits, low, high)


def _trace_bits(decay: float, out: int) -> int:
    """Return the fraction bits of a trace: outputs of 1 and inputs of 1 for ever leave it room for twice that."""
    return min(out, max(0, 14 - math.ceil(math.log2(1 / (1 - decay)))))


def _decay(value: float) -> int:
    return min(fixed(float(value), 15), HIGHEST)


def _stdp(p: Any, third: int, bits: int, low: int, high: int) -> stdp.Params:
    one = 1 << DRIVE_BITS if p.additive else HIGHEST
    if p.soft and high - low > HIGHEST:
        raise ConfigError("soft bounds must be less than 2**15 weight units apart: bring low and high nearer")
    # third (its bits) · trace (one) [· span (bits) / 2**15] gives weight units
    by = 2.0 ** (INPUT_BITS - third) / one * (2.0**INPUT_BITS if p.soft else 2.0**bits)
    return stdp.Params(
        *rate("eta_pre", float(p.eta_pre) * by), *rate("eta_post", float(p.eta_post) * by),
        _decay(p.decay_pre), _decay(p.decay_post), one, int(p.additive), int(p.soft), low, high,
    )  # fmt: skip


def _neuron(layer: Layer) -> Any:
    p, name = layer.neuron.params, layer.neuron.name
    if name == "softmax":
        return neurons.Softmax(*rate("t", float(p.t) * math.log2(math.e) * 2.0 ** (16 - DRIVE_BITS)))
    if name != "lif":
        return ()
    for field in ("threshold", "reset", "theta_plus", "inhibition"):
        if not abs(getattr(p, field)) < 8:
            raise ConfigError(f"{field} must be below 8 in fixed point, not {getattr(p, field):g}")
    if p.refractory > HIGHEST:
        raise ConfigError(f"refractory must be at most {HIGHEST} steps in fixed point, not {p.refractory:g}")
    fade = rate("1 - theta_decay", (1 - float(p.theta_decay)) * 2.0**15)
    return neurons.Lif(
        _decay(p.decay), fixed(p.threshold, DRIVE_BITS), int(p.soft), fixed(p.reset, DRIVE_BITS), int(p.refractory),
        fixed(p.theta_plus, 28, 0, 2**31 - 1), *fade, fixed(p.inhibition, DRIVE_BITS), int(p.one_spike),
    )  # fmt: skip


def _signal(layer: Layer) -> Any:
    if layer.signal.name != "reward":
        return ()
    return signals.Reward(min(fixed(float(layer.signal.params.alpha), 16, 0, 2**16), 2**16 - 1))


def _carry_state(layer: Layer, head: FixedHead, k: int) -> None:
    """Take over what rule, neuron and signal remember between samples."""
    s, found = head.settings, layer.state()
    if s.rule == "three_factor":
        bits = s.out_bits - s.rule_params.s
        head.state["trace"] = _fixed_array(found["rule.trace"] * 2.0**-k, bits, np.int16)
    if s.rule == "stdp":
        for name in ("x", "y"):
            head.state[name] = np.minimum(
                np.floor(found[f"rule.{name}"] * s.rule_params.one + 0.5), HIGHEST
            ).astype(np.int16)
    if s.neuron == "lif":
        head.state["theta"] = _fixed_array(found["neuron.theta"], 28, np.int32)
    if s.signal == "reward":
        head.state["baseline"] = _fixed_array(found["signal.baseline"], 28, np.int32)


def _fixed_array(value: Array, bits: int, kind: Any) -> Array:
    info = np.iinfo(kind)
    return np.clip(np.floor(value.astype(np.float64) * 2.0**bits + 0.5), info.min, info.max).astype(kind)


def _ncm(readout: NCM, samples: Array) -> FixedHead:
    if readout.n_features is None or not readout.classes_:
        raise InputError(
            "the nearest class mean knows no class yet: let it learn one sample of each before it is exported"
        )
    k, found = _input_bits(samples, readout.n_features), readout.state()
    counts = found["counts"]
    head = FixedHead(
        Settings("ncm", (), "linear", (), "label_error", (), readout.n_features, len(counts), 15, 1, 2.0**-k)
    )
    total = found["sums"].astype(np.float64) + found["origin"].astype(np.float64)[:, None] * counts
    less = np.minimum(
        1.0, ncm.FULL / np.maximum(counts, 1)
    )  # a class beyond what the head counts keeps its mean
    kept = np.floor(counts * less).astype(np.int32)
    mean = total / np.maximum(counts, 1)
    head.state["sums"] = _fixed_array(mean * kept * 2.0**-k, INPUT_BITS, np.int32)
    head.state |= ncm.held(ncm.State(head.state["sums"], kept))._asdict()
    return head
