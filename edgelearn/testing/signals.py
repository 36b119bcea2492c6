"""One conformance check for every signal, ours and users' own.

>>> from edgelearn.signals import reward
>>> from edgelearn.testing import check_signal
>>> check_signal(reward.signal(alpha=0.1))

The promises of a signal's parts: ``step`` is a pure function that works in the dtype it is given; ``kernel`` is equal
to it bit for bit, in place, and touches nothing else; ``batch`` is ``step`` for many samples; the same start gives
the same third factors; what ``check`` refuses never reaches beyond an array either.
"""

from typing import Any, get_args

import numpy as np

from edgelearn.errors import InputError
from edgelearn.signals import Signal
from edgelearn.signals.base import Teaches
from edgelearn.testing.fills import FILLS, SHAPES, fill, same_bits
from edgelearn.testing.guard import GUARDS, guarded, stays_inside
from edgelearn.types import F32, Array

SIZES = sorted({n_post for _, n_post in SHAPES})
Third = tuple[Any, Array]  # state and third
Sample = tuple[F32, F32]  # out and teach


def check_signal(signal: Signal, seed: int = 0) -> None:
    """Raise AssertionError naming the promise that the signal does not keep, InputError for what is no signal."""
    if not isinstance(signal, Signal):
        raise InputError(
            f"check_signal takes a Signal, such as signals.make('reward'), not {type(signal).__name__}"
        )
    for check in (_parts, _pure, _dtype, _inside, _twins, _check, _batch):
        with np.errstate(all="ignore"):
            check(signal, np.random.default_rng(seed))


def example(signal: Signal, n_post: int, rng: np.random.Generator) -> F32:
    """Return a ``teach`` (n_teach,) that means something to the signal."""
    n = signal.n_teach(n_post)
    if signal.teaches == "label":
        return np.where(np.arange(n) == rng.integers(n), np.float32(1), np.float32(0))
    if signal.teaches == "choice":
        return np.array([rng.integers(n_post), rng.integers(2)], np.float32)
    if signal.teaches == "real":
        return np.array([rng.integers(2)], np.float32)
    return fill("random", rng, (n,))


def _expect(holds: bool, signal: Signal, promise: str) -> None:
    if not holds:
        raise AssertionError(f"signal {signal.name}: {promise}")


def _samples(signal: Signal, rng: np.random.Generator, name: str, n_post: int) -> list[Sample]:
    """Return a few samples: two as life brings them, two with whatever float32 can hold for a ``teach``."""
    outs = [fill(name, rng, (n_post,)) for _ in range(4)]
    teaches = [example(signal, n_post, rng) for _ in range(2)]
    teaches += [fill(name, rng, (signal.n_teach(n_post),)) for _ in range(2)]
    return list(zip(outs, teaches, strict=True))


def _kernel(signal: Signal, state: Any, out: F32, teach: F32) -> Third:
    """Return what the kernel makes of copies; third starts as NaN, so that none is left unwritten."""
    kept, third = state._make(map(np.array, state)), np.full_like(out, np.nan)
    signal.kernel(out, teach, third, *kept, *signal.params)
    return kept, third


def _same(one: Third, two: Third) -> bool:
    return same_bits(one[1], two[1]) and all(map(same_bits, one[0], two[0]))


def _parts(signal: Signal, rng: np.random.Generator) -> None:
    _expect(hasattr(signal.kernel, "dispatcher"), signal, "kernel is marked @compiled()")
    _expect({type(v) for v in signal.params} <= {np.float32}, signal, "params are np.float32")
    _expect(signal.teaches in get_args(Teaches), signal, f"teaches is one of {', '.join(get_args(Teaches))}")
    for n in SIZES:
        lone = signal.n_teach(n) == 0
        _expect(
            lone == (signal.teaches == "nothing"),
            signal,
            "n_teach is 0 where it teaches nothing, and only there",
        )
        state = signal.init(n)
        after, third = signal.step(signal.params, state, *_samples(signal, rng, "random", n)[0])
        for name, a, b in zip(state._fields, state, after, strict=True):
            same = isinstance(b, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
            _expect(same, signal, f"state.{name} keeps its shape and dtype from init through step")
        _expect(third.shape == (n,), signal, "step returns a third factor (n_post,)")
        _expect(
            all(map(same_bits, signal.init(n), signal.init(n))), signal, "init gives the same state each time"
        )


def _pure(signal: Signal, rng: np.random.Generator) -> None:
    for name in FILLS:
        state = signal.init(6)
        for sample in _samples(signal, rng, name, 6):
            arrays = (*state, *sample)
            before = [np.array(a) for a in arrays]
            first, again = (signal.step(signal.params, state, *sample) for _ in range(2))
            _expect(all(map(same_bits, before, arrays)), signal, "step leaves its arguments as they were")
            _expect(_same(first, again), signal, "step gives the same result a second time")
            shared = any(np.shares_memory(first[1], a) for a in (*arrays, *first[0]))
            _expect(not shared, signal, "step returns a third factor of its own")
            state = first[0]


def _dtype(signal: Signal, rng: np.random.Generator) -> None:
    for kind in (np.float32, np.float64):
        state = signal.init(6)
        state = state._make(a.astype(kind) if a.dtype == np.float32 else a for a in state)
        sample = (a.astype(kind) for a in _samples(signal, rng, "random", 6)[0])
        after, third = signal.step(signal.params, state, *sample)
        kinds = {a.dtype for a in (third, *after) if a.dtype.kind == "f"}
        _expect(kinds == {np.dtype(kind)}, signal, "step works in the dtype it is given, float32 or float64")


def _inside(signal: Signal, rng: np.random.Generator) -> None:
    """Run the kernel amid two different guards; neither may change, nor make a difference."""
    for n in SIZES:
        samples, results = _samples(signal, rng, "random", n), []
        for index in (n, -n - 1):  # a teach that names a unit beyond the last, or before the first
            samples.append((samples[0][0], np.full(signal.n_teach(n), index, np.float32)))
        for value in GUARDS:
            kept = guarded([np.zeros(n, np.float32), *signal.init(n)], value)
            for sample in samples:
                given = guarded(sample, value)
                whole = stays_inside(signal.kernel, (*given, *kept), signal.params)
                _expect(whole, signal, f"kernel writes inside its arrays only ({n} units)")
                same = all(map(same_bits, sample, (g.inside for g in given)))
                _expect(same, signal, "kernel leaves out and teach as they were")
            results.append([g.inside for g in kept])
        _expect(all(map(same_bits, *results)), signal, f"kernel reads inside its arrays only ({n} units)")


def _twins(signal: Signal, rng: np.random.Generator) -> None:
    for n in SIZES:
        for name in FILLS:
            one = two = (signal.init(n), np.zeros(0))
            for sample in _samples(signal, rng, name, n):
                one = signal.step(signal.params, one[0], *sample)
                two = _kernel(signal, two[0], *sample)
                _expect(_same(one, two), signal, f"kernel equals step bit for bit ({name}, {n} units)")


def _check(signal: Signal, rng: np.random.Generator) -> None:
    for _ in range(20):
        signal.check(6, example(signal, 6, rng))
    if signal.teaches == "choice":
        for index in (-1, 6, 1.5):
            teach = np.array([index, 1], np.float32)
            try:
                signal.check(6, teach)
            except InputError:
                continue
            raise AssertionError(
                f"signal {signal.name}: check refuses the choice of a unit that is not there"
            )


def _batch(signal: Signal, rng: np.random.Generator) -> None:
    if signal.batch is None:
        return
    samples = [s for _ in range(2) for s in _samples(signal, rng, "random", 6)]
    out, teach = (np.stack(arrays) for arrays in zip(*samples, strict=True))
    before = [np.array(a) for a in (out, teach)]
    many = signal.batch(signal.params, out, teach)
    _expect(all(map(same_bits, before, (out, teach))), signal, "batch leaves its arguments as they were")
    each = np.stack([signal.step(signal.params, signal.init(6), *sample)[1] for sample in samples])
    close = (many.shape, many.dtype) == (each.shape, each.dtype) and np.allclose(
        many, each, rtol=1e-4, atol=1e-6
    )
    _expect(close, signal, "batch gives each sample what step gives it, but for rounding")
