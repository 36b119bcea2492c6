"""One conformance check for every rule, ours and users' own.

>>> from edgelearn.rules import oja
>>> from edgelearn.testing import check_rule
>>> check_rule(oja.rule(eta=0.02))

The promises of a rule's parts: ``step`` is a pure function that works in the dtype it is given; ``kernel`` is equal
to it bit for bit, in place, and touches nothing else; ``batch`` moves along the samples' steps; a synapse sees no
further than ``local`` says; weights stay within ``low`` and ``high`` where the rule has them, and move on ordinary
input as ``third`` says.
"""

from collections.abc import Callable
from typing import Any, get_args

import numpy as np

from edgelearn.errors import InputError
from edgelearn.rules import Rule
from edgelearn.rules.base import Local, Sees
from edgelearn.testing.fills import FILLS, LARGE, SHAPES, fill, same_bits
from edgelearn.testing.guard import GUARDS, guarded
from edgelearn.types import F32, Array

LONG = ((1, 1, 40), (7, 4, 40), (9, 17, 40), (3, 2, 150))  # n_pre, n_post and steps before twins are compared
Sample = tuple[F32, F32, F32]  # pre, post and third
Run = Callable[[Rule, Any, F32, list[Sample]], tuple[Any, F32]]


def check_rule(rule: Rule, seed: int = 0) -> None:
    """Raise AssertionError naming the promise that the rule does not keep, InputError for what is no rule."""
    if not isinstance(rule, Rule):
        raise InputError(f"check_rule takes a Rule, such as rules.make('oja'), not {type(rule).__name__}")
    for check in (_parts, _pure, _dtype, _inside, _twins, _long, _learns, _local, _bounds, _batch, _refuses):
        with np.errstate(all="ignore"):
            check(rule, np.random.default_rng(seed))


def _expect(holds: bool, rule: Rule, promise: str) -> None:
    if not holds:
        raise AssertionError(f"rule {rule.name}: {promise}")


def _weights(name: str, rng: np.random.Generator, n_pre: int, n_post: int) -> F32:
    return fill("random" if name == "spikes" else name, rng, (n_pre, n_post))


def _sample(name: str, rng: np.random.Generator, n_pre: int, n_post: int) -> Sample:
    return fill(name, rng, (n_pre,)), fill(name, rng, (n_post,)), fill(name, rng, (n_post,))


def _samples(rng: np.random.Generator, n: int, n_pre: int, n_post: int) -> list[Sample]:
    """Return samples as life brings them: third is now dense, now sparse, now zero altogether."""
    kinds = ("random", "zero", "spikes", "zero")
    found = []
    for k in range(n):
        pre, post, _ = _sample(("random", "spikes", "positive")[k % 3], rng, n_pre, n_post)
        found.append((pre, post, fill(kinds[k % 4], rng, (n_post,))))
    return found


def _steps(rule: Rule, state: Any, w: F32, samples: list[Sample]) -> tuple[Any, F32]:
    for sample in samples:
        state, w = rule.step(rule.params, state, w, *sample)
    return state, w


def _kernels(rule: Rule, state: Any, w: F32, samples: list[Sample]) -> tuple[Any, F32]:
    kept, mine = state._make(map(np.array, state)), np.array(w)
    for sample in samples:
        rule.kernel(mine, *sample, *kept, *rule.params)
    return kept, mine


def _same(one: tuple[Any, F32], two: tuple[Any, F32]) -> bool:
    return same_bits(one[1], two[1]) and all(map(same_bits, one[0], two[0]))


def _parts(rule: Rule, rng: np.random.Generator) -> None:
    _expect(hasattr(rule.kernel, "dispatcher"), rule, "kernel is marked @compiled()")
    _expect({type(value) for value in rule.params} <= {np.float32}, rule, "params are np.float32")
    for name, value in rule.params._asdict().items():
        usable = not np.isnan(value) if name in ("low", "high") else np.isfinite(value)
        _expect(bool(usable), rule, f"params.{name} is finite (of low and high, not NaN)")
    known = rule.sees in get_args(Sees) and rule.local in get_args(Local)
    _expect(known, rule, f"sees is one of {get_args(Sees)}, local one of {get_args(Local)}")
    w, before = _weights("random", rng, 7, 4), rule.init(7, 4)
    shared = any(np.shares_memory(a, b) for a in before for b in rule.init(7, 4))
    _expect(not shared, rule, "init makes new arrays each time")
    for sample in _samples(rng, 2, 7, 4):
        after, moved = rule.step(rule.params, before, w, *sample)
        for name, a, b in zip(before._fields, before, after, strict=True):
            same = isinstance(b, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
            _expect(same, rule, f"state.{name} keeps its shape and dtype from init through step")
        _expect(moved.shape == w.shape, rule, "step returns weights (n_pre, n_post)")


def _pure(rule: Rule, rng: np.random.Generator) -> None:
    for name in FILLS:
        state, samples = rule.init(9, 6), [_sample(name, rng, 9, 6), *_samples(rng, 2, 9, 6)]
        w = _weights(name, rng, 9, 6)
        for sample in samples:
            arrays = (*state, w, *sample)
            before = [np.array(a) for a in arrays]
            first, again = (rule.step(rule.params, state, w, *sample) for _ in range(2))
            _expect(all(map(same_bits, before, arrays)), rule, "step leaves its arguments as they were")
            _expect(_same(first, again), rule, "step gives the same result a second time")
            state, w = first


def _dtype(rule: Rule, rng: np.random.Generator) -> None:
    w, samples = _weights("random", rng, 7, 4), _samples(rng, 3, 7, 4)
    double = [tuple(_finer(a) for a in sample) for sample in samples]
    state = rule.init(7, 4)._make(map(_as_double, rule.init(7, 4)))
    _, single = _steps(rule, rule.init(7, 4), w, samples)
    _, moved = _steps(rule, state, _finer(w), double)  # type: ignore[arg-type]  # double on purpose
    kept = single.dtype == np.float32 and moved.dtype == np.float64
    _expect(kept, rule, "step works in the dtype it is given, float32 or float64")
    _expect(bool((moved != moved.astype(np.float32)).any()), rule, "step rounds to no other dtype on its way")


def _finer(array: F32) -> Array:
    """Return values that float32 cannot hold."""
    return array.astype(np.float64) * (1 + 1e-9)


def _as_double(array: Array) -> Array:
    return array.astype(np.float64) if array.dtype == np.float32 else array


def _inside(rule: Rule, rng: np.random.Generator) -> None:
    """Run the kernel amid two different guards; neither may change, nor make a difference."""
    for n_pre, n_post in SHAPES:
        w, samples = _weights("random", rng, n_pre, n_post), _samples(rng, 4, n_pre, n_post)
        results = []
        for value in GUARDS:
            kept = guarded([w, *rule.init(n_pre, n_post)], value)
            for sample in samples:
                given = guarded(sample, value)
                _run_inside(rule, [g.inside for g in (kept[0], *given, *kept[1:])])
                whole = all(g.whole for g in (*kept, *given))
                _expect(whole, rule, f"kernel writes inside its arrays only ({n_pre} x {n_post})")
                same = all(map(same_bits, sample, (g.inside for g in given)))
                _expect(same, rule, "kernel leaves pre, post and third as they were")
            results.append([g.inside for g in kept])
        same = all(map(same_bits, *results))
        _expect(same, rule, f"kernel reads inside its arrays only ({n_pre} x {n_post})")


def _run_inside(rule: Rule, arrays: list[Array]) -> None:
    try:
        rule.kernel(*arrays, *rule.params)
    except IndexError as error:  # with the JIT off NumPy sees it first
        raise AssertionError(
            f"rule {rule.name}: kernel reads and writes inside its arrays only ({error})"
        ) from error


def _twins(rule: Rule, rng: np.random.Generator) -> None:
    for n_pre, n_post in SHAPES:
        for name in FILLS:
            one = two = rule.init(n_pre, n_post), _weights(name, rng, n_pre, n_post)
            for _ in range(4):
                sample = [_sample(name, rng, n_pre, n_post)]
                one, two = _steps(rule, *one, sample), _kernels(rule, *two, sample)
                promise = f"kernel equals step bit for bit ({name}, {n_pre} x {n_post})"
                _expect(_same(one, two), rule, promise)


def _long(rule: Rule, rng: np.random.Generator) -> None:
    """Weights and state after many steps, or of a large layer: now with a third factor, now without."""
    for n_pre, n_post, steps in (*LONG, (*LARGE, 2)):
        start, samples = rule.init(n_pre, n_post), _samples(rng, steps, n_pre, n_post)
        w = _weights("random", rng, n_pre, n_post)
        one, two = _steps(rule, start, w, samples), _kernels(rule, start, w, samples)
        _expect(_same(one, two), rule, f"kernel equals step after {steps} steps ({n_pre} x {n_post})")


def _learns(rule: Rule, rng: np.random.Generator) -> None:
    """Teach weights within their bounds, and teach them again with other third factors."""
    low, high = getattr(rule.params, "low", -np.inf), getattr(rule.params, "high", np.inf)
    w, samples = np.clip(_weights("random", rng, 7, 4), low, high), _samples(rng, 40, 7, 4)
    other = [(pre, post, fill("random", rng, third.shape)) for pre, post, third in samples]
    _, moved = _steps(rule, rule.init(7, 4), w, samples)
    _, elsewhere = _steps(rule, rule.init(7, 4), w, other)
    _expect(not same_bits(moved, w), rule, "some weight moves on ordinary input")
    _expect(not same_bits(moved, elsewhere), rule, "weights move as third says")


def _local(rule: Rule, rng: np.random.Generator) -> None:
    """Change all that a synapse cannot see, and see whether it moves differently."""
    if rule.local == "layer":
        return
    shape = (5, 4)
    w, samples = _weights("random", rng, *shape), _samples(rng, 5, *shape)
    runs: tuple[Run, Run] = (_steps, _kernels)
    for run in runs:
        _, expected = run(rule, rule.init(*shape), w, samples)
        for i, j in np.ndindex(shape):
            seen = np.s_[i, j] if rule.local == "synapse" else np.s_[:, j]
            hidden = [_hidden(rule, sample, i, j) for sample in samples]
            other = w + 1
            other[seen] = w[seen]
            _, moved = run(rule, rule.init(*shape), other, hidden)
            same = same_bits(np.atleast_1d(moved[seen]), np.atleast_1d(expected[seen]))
            _expect(same, rule, f"a synapse sees no further than its {rule.local} (local={rule.local!r})")


def _hidden(rule: Rule, sample: Sample, i: int, j: int) -> Sample:
    """Return the sample with other values wherever synapse (i, j) cannot see."""
    pre, post, third = (a + 1 for a in sample)
    post[j], third[j] = sample[1][j], sample[2][j]
    if rule.local == "unit":
        return sample[0], post, third
    pre[i] = sample[0][i]
    return pre, post, third


def _bounds(rule: Rule, rng: np.random.Generator) -> None:
    if not {"low", "high"} <= set(rule.params._fields):
        return
    low, high = (float(value) for value in (rule.params.low, rule.params.high))
    low = low if np.isfinite(low) else min(high, 0.0) - 0.25
    high = high if np.isfinite(high) else low + 0.5
    tight = _with_bounds(rule, low, high)
    runs: tuple[Run, Run] = (_steps, _kernels)
    for name in ("random", "positive", "large"):
        w = np.clip(_weights(name, rng, 7, 4), low, high).astype(np.float32)
        samples = [_sample(name, rng, 7, 4) for _ in range(20)]
        ends = []
        for run in runs:
            state, moved = tight.init(7, 4), w
            for sample in samples:
                state, moved = run(tight, state, moved, [sample])
                outside = (moved < np.float32(low)) | (moved > np.float32(high))
                _expect(not outside.any(), rule, "weights stay within low and high")
            ends.append(moved)
        _expect(same_bits(*ends), rule, "kernel equals step bit for bit at the bounds")


def _with_bounds(rule: Rule, low: float, high: float) -> Rule:
    return rule._replace(params=rule.params._replace(low=np.float32(low), high=np.float32(high)))


def _batch(rule: Rule, rng: np.random.Generator) -> None:
    """The change of a batch must be a sum of its samples' changes, each with a weight above 0."""
    batch = rule.batch
    if batch is None:
        return
    if {"low", "high"} <= set(rule.params._fields):
        rule = _with_bounds(rule, -np.inf, np.inf)
    w = _as_double(_weights("random", rng, 7, 4))
    state = rule.init(7, 4)._make(map(_as_double, rule.init(7, 4)))
    for n in (1, 3):
        samples = [[_as_double(a) for a in _sample("random", rng, 7, 4)] for _ in range(n)]
        steps = np.stack([(rule.step(rule.params, state, w, *s)[1] - w).ravel() for s in samples], axis=1)
        given = [w, *map(np.stack, zip(*samples, strict=True))]
        before = [np.array(a) for a in given]
        _, moved = batch(rule.params, state, *given)
        _expect(all(map(same_bits, before, given)), rule, "batch leaves its arguments as they were")
        change = (moved - w).ravel()
        share = np.linalg.lstsq(steps, change, rcond=None)[0]
        close = bool(np.abs(steps @ share - change).max() <= 1e-6 * np.abs(change).max())
        counts = bool(
            (share > 1e-6 * np.abs(share).max()).all()
        )  # a sample left out has a rounding error, not 0
        _expect(close and counts, rule, f"a batch of {n} moves the weights along its steps")
    single = [a.astype(np.float32) for a in given]
    after, moved = batch(rule.params, rule.init(7, 4), *single)
    kept = all((a.shape, a.dtype) == (b.shape, b.dtype) for a, b in zip(after, rule.init(7, 4), strict=True))
    _expect(kept and moved.dtype == np.float32, rule, "batch works in the dtype it is given")


def _refuses(rule: Rule, rng: np.random.Generator) -> None:
    w, (pre, post, third) = _weights("random", rng, 7, 4), _sample("random", rng, 7, 4)
    bad = np.array(third)
    bad[2] = np.nan
    state, before = rule.init(7, 4), np.array(w)
    for attempt in (
        (w, pre, post, bad),
        (w, pre[:-1], post, third),
        (w, pre, post[:-1], third),
        (w.astype(np.float64), pre, post, third),
        (w.astype(np.int64), pre, post, third),
        (w, pre.astype(np.float64), post, third),
    ):
        try:
            rule.learn(state, *attempt)
        except InputError:
            continue
        raise AssertionError(f"rule {rule.name}: learn refuses bad arrays (InputError was not raised)")
    _expect(_same((state, w), (rule.init(7, 4), before)), rule, "refused arrays change nothing")
