"""The golden cases of a rule: exact inputs of several shapes, and what its definition makes of them."""

from importlib import import_module
from typing import Any

import numpy as np

from edgelearn.rules import Rule, make
from tests import golden

SHAPES = ((1, 1, 0), (3, 2, 0), (9, 5, -3), (5, 3, -140))  # n_pre, n_post, exponent of the samples
STEPS = 6


def variants(name: str) -> list[Rule]:
    """Return the rule with its defaults, and with each of its module's VARIANTS: what the defaults leave off."""
    extra = getattr(import_module(f"edgelearn.rules.{name}"), "VARIANTS", ())
    return [make(name, **settings) for settings in ({}, *extra)]


def cases(rule: Rule) -> list[dict[str, Any]]:
    """Return params, weights and state before, the samples, and weights and state after them."""
    found = [_case(rule, *shape) for shape in SHAPES]
    if {"low", "high"} <= set(rule.params._fields):
        low, high = np.float32(-0.5), np.float32(0.5)
        found.append(_case(rule._replace(params=rule.params._replace(low=low, high=high)), 4, 3, 0))
    return found


def _case(rule: Rule, n_pre: int, n_post: int, exponent: int) -> dict[str, Any]:
    w, state = golden.exact(7, (n_pre, n_post), -3), rule.init(n_pre, n_post)
    before, samples = {"w": w, **state._asdict()}, []
    for k in range(STEPS):
        pre, post, third = (
            golden.exact(3 * k + part, (n,), exponent) for part, n in enumerate((n_pre, n_post, n_post))
        )
        if k % 3 == 1:  # no third factor, as between rewards
            third = np.zeros_like(third)
        samples.append({"pre": pre, "post": post, "third": third})
        state, w = rule.step(rule.params, state, w, pre, post, third)
    after = {"w": w, **state._asdict()}
    return {"params": rule.params._asdict(), "before": before, "samples": samples, "after": after}
