"""What S-TLLR is made of: which neuron and rule it takes, and many samples at once through its units, any dtype."""

from typing import NamedTuple

import numpy as np

from edgelearn.errors import ConfigError
from edgelearn.neurons import Neuron, lif
from edgelearn.rules import Rule
from edgelearn.systems.s_tllr import checks
from edgelearn.types import Array


class Activity(NamedTuple):
    """A layer at one step, each (n_samples, n_post)."""

    v: Array  # potential after its reset
    out: Array  # spikes, 0 or 1
    slope: Array


def plain(neuron: Neuron) -> Neuron:
    """Return the neuron; raises ConfigError unless it is a LIF that resets softly and sees no other unit."""
    p = checks.part("neuron", neuron, Neuron).params
    if neuron.name != "lif" or not p.soft or p.refractory or p.theta_plus or p.inhibition or p.one_spike:
        raise ConfigError(
            "neuron must be a plain LIF: soft reset, no refractory steps, no adaptation, no inhibition"
        )
    return neuron


def unbounded(rule: Rule) -> Rule:
    """Return the rule; raises ConfigError unless it is `rules.stdp_eligibility` without weight bounds."""
    name, p = checks.part("rule", rule, Rule).name, rule.params
    if name != "stdp_eligibility" or np.isfinite([p.low, p.high]).any():
        raise ConfigError(f"rule must be stdp_eligibility with low and high at infinity, not {name}{p}")
    return rule


def rest(n_samples: int, n_post: int, dtype: np.dtype[np.floating]) -> Activity:
    """Return units at rest."""
    return Activity(*(np.zeros((n_samples, n_post), dtype) for _ in Activity._fields))


def advance(p: lif.Params, before: Activity, drive: Array) -> Activity:
    """Return the activity one step later; drive (n_samples, n_post)."""
    v = p.decay * before.v + drive
    above = v - p.threshold
    out = (above > 0).astype(drive.dtype)
    near = 1 - np.abs(above) / p.width
    return Activity(v - p.threshold * out, out, p.psi * np.maximum(near, 0))
