"""One conformance check for every rule, ours and users' own: ``check_rule(my_rule.rule())``."""

from typing import Any

import numpy as np

from edgelearn.errors import InputError
from edgelearn.rules import Rule
from edgelearn.testing.fills import FILLS, SHAPES, fill, same_bits
from edgelearn.types import F32, Array

GUARD = np.float32(-77.0)  # stands around every array: a kernel that writes there writes outside its synapse


def check_rule(rule: Rule, seed: int = 0) -> None:
    """Raise AssertionError naming the promise that the rule does not keep."""
    for check in (_state, _twins, _pure, _dtype, _bounds, _local, _batch, _refuses):
        with np.errstate(all="ignore"):
            check(rule, np.random.default_rng(seed))


def _expect(holds: bool, rule: Rule, promise: str) -> None:
    if not holds:
        raise AssertionError(f"rule {rule.name}: {promise}")


def _draw(name: str, rng: np.random.Generator, n_pre: int, n_post: int) -> tuple[F32, F32, F32, F32]:
    """Return w, pre, post and third; weights stay ordinary, as those of a layer that lives."""
    w = fill("random" if name == "spikes" else name, rng, (n_pre, n_post))
    return w, fill(name, rng, (n_pre,)), fill(name, rng, (n_post,)), fill(name, rng, (n_post,))


def _state(rule: Rule, rng: np.random.Generator) -> None:
    w, pre, post, third = _draw("random", rng, 7, 4)
    before = rule.init(7, 4)
    after, moved = rule.step(rule.params, before, w, pre, post, third)
    for name, a, b in zip(before._fields, before, after, strict=True):
        same = isinstance(b, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
        _expect(same, rule, f"state.{name} keeps its shape and dtype from init through step")
    _expect(moved.shape == w.shape, rule, "step returns weights (n_pre, n_post)")
    kinds = {type(value) for value in rule.params}
    _expect(kinds <= {np.float32}, rule, "params are np.float32")


def _twins(rule: Rule, rng: np.random.Generator) -> None:
    for n_pre, n_post in SHAPES:
        for name in FILLS:
            state, (w, *_) = rule.init(n_pre, n_post), _draw(name, rng, n_pre, n_post)
            kept, mine = [np.array(a) for a in state], np.array(w)
            for _ in range(4):
                _, pre, post, third = _draw(name, rng, n_pre, n_post)
                state, w = rule.step(rule.params, state, w, pre, post, third)
                rule.kernel(mine, pre, post, third, *kept, *rule.params)
                same = same_bits(w, mine) and all(map(same_bits, state, kept))
                _expect(same, rule, f"kernel equals step bit for bit ({name}, {n_pre} x {n_post})")


def _pure(rule: Rule, rng: np.random.Generator) -> None:
    arrays = [_guarded(a) for a in _draw("random", rng, 9, 6)]
    state = [_guarded(a) for a in rule.init(9, 6)]
    inside, kept = [a for _, a in arrays], [a for _, a in state]
    before = [np.array(a) for a in (*inside, *kept)]
    rule.step(rule.params, rule.init(9, 6)._make(kept), *inside)
    same = all(map(same_bits, before, (*inside, *kept)))
    _expect(same, rule, "step leaves its arguments as they were")
    rule.kernel(*inside, *kept, *rule.params)
    same = all(map(same_bits, before[1:4], inside[1:]))
    _expect(same, rule, "kernel leaves pre, post and third as they were")
    whole = all(
        (around[:8] == GUARD).all() and (around[-8:] == GUARD).all() for around, _ in (*arrays, *state)
    )
    _expect(whole, rule, "kernel writes inside its arrays only")


def _guarded(array: Array) -> tuple[Array, Array]:
    around = np.full(array.size + 16, GUARD).astype(array.dtype)
    inside = around[8 : 8 + array.size].reshape(array.shape)
    inside[...] = array
    return around, inside


def _dtype(rule: Rule, rng: np.random.Generator) -> None:
    args = [a.astype(np.float64) for a in _draw("random", rng, 7, 4)]
    state = rule.init(7, 4)
    double = state._make(a.astype(np.float64) if a.dtype == np.float32 else a for a in state)
    _, moved = rule.step(rule.params, double, *args)
    _expect(moved.dtype == np.float64, rule, "step works in the dtype it is given")


def _bounds(rule: Rule, rng: np.random.Generator) -> None:
    if not {"low", "high"} <= set(rule.params._fields):
        return
    low, high = rule.params.low, rule.params.high
    for name in ("random", "positive"):
        state, (w, *_) = rule.init(7, 4), _draw(name, rng, 7, 4)
        w = np.clip(w, low, high)
        for _ in range(20):
            _, pre, post, third = _draw(name, rng, 7, 4)
            state, w = rule.step(rule.params, state, w, pre, post, third)
            _expect(bool(((w >= low) & (w <= high)).all()), rule, "weights stay within low and high")


def _local(rule: Rule, rng: np.random.Generator) -> None:
    """Change what one synapse cannot see, and see whether it moves differently."""
    if rule.local == "layer":
        return
    state, (w, *_) = rule.init(6, 5), _draw("random", rng, 6, 5)
    history = [_draw("random", rng, 6, 5)[1:] for _ in range(3)]
    changed = [tuple(np.array(a) for a in row) for row in history]
    other = np.array(w)
    for row in changed:
        row[1][1:] += 1  # post and third of every unit but the first
        row[2][1:] += 1
        if rule.local == "synapse":
            row[0][1:] += 1  # pre of every input but the first
    other[:, 1:] += 1
    if rule.local == "synapse":
        other[1:, :] += 1
    one, two = _run(rule, state, w, history), _run(rule, state, other, changed)
    seen = np.s_[0, 0] if rule.local == "synapse" else np.s_[:, 0]
    same = same_bits(np.atleast_1d(one[seen]), np.atleast_1d(two[seen]))
    _expect(same, rule, f"a synapse sees no further than its {rule.local} (local={rule.local!r})")


def _run(rule: Rule, state: Any, w: F32, history: list[Any]) -> Array:
    for pre, post, third in history:
        state, w = rule.step(rule.params, state, w, pre, post, third)
    return w


def _batch(rule: Rule, rng: np.random.Generator) -> None:
    if rule.batch is None:
        return
    w, pre, post, third = (a.astype(np.float64) for a in _draw("random", rng, 7, 4))
    one = rule.step(rule.params, rule.init(7, 4), w, pre, post, third)[1] - w
    many = rule.batch(rule.params, rule.init(7, 4), w, pre[None], post[None], third[None])[1] - w
    scale = float((one * many).sum() / (one * one).sum())
    close = scale > 0 and bool(np.abs(many - scale * one).max() <= 1e-6 * np.abs(many).max())
    _expect(close, rule, "a batch of one moves the weights along step")


def _refuses(rule: Rule, rng: np.random.Generator) -> None:
    w, pre, post, third = _draw("random", rng, 7, 4)
    bad = np.array(third)
    bad[2] = np.nan
    before = np.array(w)
    for attempt in (
        (w, pre, post, bad),
        (w, pre[:-1], post, third),
        (w, pre, post[:-1], third),
        (w.astype(np.float64), pre, post, third),
        (w.astype(np.int64), pre, post, third),
        (w, pre.astype(np.float64), post, third),
    ):
        try:
            rule.learn(rule.init(7, 4), *attempt)
        except InputError:
            continue
        raise AssertionError(f"rule {rule.name}: learn refuses bad arrays (InputError was not raised)")
    _expect(same_bits(before, w), rule, "refused arrays change nothing")
