"""Many samples at once, by matrix products: how a desktop trains a layer; a device learns one at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgelearn.errors import InputError, UnsupportedError
from edgelearn.neurons import Neuron
from edgelearn.rules import Rule
from edgelearn.signals import Signal
from edgelearn.types import F32

CACHED = 1 << 15  # values worked on at a time: 128 KiB


class Batch:
    """The batch forms of a layer's parts, and the arrays they use again and again.

    Its methods raise UnsupportedError for a part that has no form for many samples.
    """

    def __init__(self, rule: Rule, neuron: Neuron, signal: Signal, code: Neuron | None, steps: int) -> None:
        self._rule, self._neuron, self._signal, self._code, self._steps = rule, neuron, signal, code, steps
        self._kept: dict[str, F32] = {}

    def see(self, w: F32, rows: F32) -> F32:
        """Return what the next layer sees of ``rows`` (n, n_pre) at weights ``w`` (n_pre, n_post): (n, n_post)."""
        part = self._code or self._neuron
        form, seen = self._form(part), np.empty((len(rows), w.shape[1]), np.float32)
        for few in _slices(seen):
            seen[few] = form(part.params, rows[few] @ w)
        return seen

    def compete(self, w: F32, rows: F32, teach: F32) -> tuple[F32, F32, F32]:
        """Return what is seen, post and third (n, n_post), in arrays that the next batch overwrites.

        rows (n, n_pre), teach (n, n_teach).
        """
        if self._rule.sees == "slope":
            raise UnsupportedError(
                f"rule {self._rule.name} sees slopes, which a batch does not have: use learn_one"
            )
        out_of, third_of, code = self._form(self._neuron), self._form(self._signal), self._code
        see = None if code is None else self._form(code)
        u, seen, third = (self._keep(name, len(rows), w.shape[1]) for name in ("drive", "seen", "third"))
        post = u if self._rule.sees == "drive" else self._keep("out", len(rows), w.shape[1])
        np.matmul(rows, w, out=u)
        for few in _slices(u):
            out = out_of(self._neuron.params, u[few])
            third[few] = third_of(self._signal.params, out, teach[few])
            seen[few] = out if see is None or code is None else see(code.params, u[few])
            if post is not u:
                post[few] = out
        return seen, post, third

    def step(self, state: Any, w: F32, rows: F32, post: F32, third: F32) -> None:
        """Move ``w`` and the rule's ``state``, in place, along the sum of the changes asked for.

        Raises InputError, with nothing moved, when weights would no longer be finite.
        """
        after, moved = self._form(self._rule)(self._rule.params, state, w, rows, post, third)
        if not np.isfinite(moved).all():
            raise InputError(
                "learning this batch would take weights beyond what float32 holds; nothing was learned: scale the "
                "samples, or lower eta"
            )
        w[...] = moved
        for mine, new in zip(state, after, strict=True):
            mine[...] = new

    def _form(self, part: Neuron | Signal | Rule) -> Callable[..., Any]:
        if part.batch is None or (part is self._neuron and self._steps > 1):
            raise UnsupportedError(
                f"{part.name} has no form for many samples at once; use learn_one or transform"
            )
        return part.batch

    def _keep(self, name: str, n: int, n_post: int) -> F32:
        """Return a kept array (n, n_post): fresh pages for each batch would cost more than the products do."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < n:
            kept = self._kept[name] = np.empty((n, n_post), np.float32)
        return kept[:n]


def _slices(rows: F32) -> list[slice]:
    """Return slices of rows: what is made of a few stays in the cache, and costs no fresh pages."""
    few = max(1, CACHED // rows.shape[1])
    return [slice(start, start + few) for start in range(0, len(rows), few)]
