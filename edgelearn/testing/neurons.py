"""One conformance check for every neuron, ours and users' own.

>>> from edgelearn.neurons import triangle
>>> from edgelearn.testing import check_neuron
>>> check_neuron(triangle.neuron(power=0.7))

The promises of a neuron's parts: ``step`` is a pure function that works in the dtype it is given; ``kernel`` is equal
to it bit for bit, in place, and touches nothing else; ``batch`` is ``step`` for many samples; ``slope`` is the
derivative of ``out`` unless it is a ``surrogate``; a unit sees no further than ``local`` says; ``still`` keeps what
does not fade as it is. Layers smaller than ``init`` accepts are left out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from edgelearn.errors import ConfigError, InputError
from edgelearn.neurons import Neuron
from edgelearn.testing.fills import FILLS, SHAPES, fill, same_bits
from edgelearn.testing.guard import GUARDS, guarded, stays_inside
from edgelearn.types import F32, Array

SIZES = sorted({n_post for _, n_post in SHAPES})
STEPS = 6  # of one sample, for units with memory
Outputs = tuple[Any, Array, Array]  # state, out and slope


def check_neuron(neuron: Neuron, seed: int = 0) -> None:
    """Raise AssertionError naming the promise that the neuron does not keep, InputError for what is no neuron."""
    if not isinstance(neuron, Neuron):
        raise InputError(
            f"check_neuron takes a Neuron, such as neurons.make('relu'), not {type(neuron).__name__}"
        )
    for check in (_parts, _pure, _dtype, _inside, _twins, _slope, _local, _still, _batch):
        with np.errstate(all="ignore"):
            check(neuron, np.random.default_rng(seed))


def _expect(holds: bool, neuron: Neuron, promise: str) -> None:
    if not holds:
        raise AssertionError(f"neuron {neuron.name}: {promise}")


def _sizes(neuron: Neuron) -> list[int]:
    return [n for n in SIZES if _accepts(neuron, n)]


def _accepts(neuron: Neuron, n: int) -> bool:
    try:
        neuron.init(n)
    except ConfigError:
        return False
    return True


def _kernel(neuron: Neuron, state: Any, drive: F32) -> Outputs:
    """Return what the kernel makes of copies; its outputs start as NaN, so that none is left unwritten."""
    kept, out, slope = (
        state._make(map(np.array, state)),
        np.full_like(drive, np.nan),
        np.full_like(drive, np.nan),
    )
    neuron.kernel(drive, out, slope, *kept, *neuron.params)
    return kept, out, slope


def _same(one: Outputs, two: Outputs) -> bool:
    return all(map(same_bits, (*one[0], *one[1:]), (*two[0], *two[1:])))


def _parts(neuron: Neuron, rng: np.random.Generator) -> None:
    sizes = _sizes(neuron)
    _expect(bool(sizes), neuron, f"init accepts a layer of at most {SIZES[-1]} units")
    _expect(hasattr(neuron.kernel, "dispatcher"), neuron, "kernel is marked @compiled()")
    _expect({type(v) for v in neuron.params} <= {np.float32}, neuron, "params are np.float32")
    state, drive = neuron.init(sizes[-1]), fill("random", rng, (sizes[-1],))
    after, out, slope = neuron.step(neuron.params, state, drive)
    for name, a, b in zip(state._fields, state, after, strict=True):
        same = isinstance(b, np.ndarray) and (a.shape, a.dtype) == (b.shape, b.dtype)
        _expect(same, neuron, f"state.{name} keeps its shape and dtype from init through step")
    _expect(out.shape == slope.shape == drive.shape, neuron, "step returns out and slope (n_post,)")
    _expect(set(neuron.fades) <= set(state._fields), neuron, "fades names fields of the state")


def _pure(neuron: Neuron, rng: np.random.Generator) -> None:
    n = _sizes(neuron)[-1]
    for name in FILLS:
        state, drive = neuron.init(n), fill(name, rng, (n,))
        before = [np.array(a) for a in (*state, drive)]
        first, again = (neuron.step(neuron.params, state, drive) for _ in range(2))
        _expect(
            all(map(same_bits, before, (*state, drive))), neuron, "step leaves its arguments as they were"
        )
        _expect(_same(first, again), neuron, "step gives the same result a second time")
        shared = any(np.shares_memory(a, b) for a in first[1:] for b in (drive, *state, *first[0]))
        _expect(not shared, neuron, "step returns arrays of its own")


def _dtype(neuron: Neuron, rng: np.random.Generator) -> None:
    n = _sizes(neuron)[-1]
    drive = rng.normal(size=n)
    double = neuron.init(n)._make(
        a.astype(np.float64) if a.dtype == np.float32 else a for a in neuron.init(n)
    )
    for state, given in ((double, drive), (neuron.init(n), drive.astype(np.float32))):
        after, out, slope = neuron.step(neuron.params, state, given)
        kinds = {a.dtype for a in (out, slope, *after) if a.dtype.kind == "f"}
        _expect(kinds == {given.dtype}, neuron, "step works in the dtype it is given, float32 or float64")


def _inside(neuron: Neuron, rng: np.random.Generator) -> None:
    """Run the kernel amid two different guards; neither may change, nor make a difference."""
    for n in _sizes(neuron):
        drives, results = [fill("random", rng, (n,)) for _ in range(3)], []
        for value in GUARDS:
            kept = guarded([np.zeros(n, np.float32), np.zeros(n, np.float32), *neuron.init(n)], value)
            for drive in drives:
                given = guarded([drive], value)
                whole = stays_inside(neuron.kernel, (*given, *kept), neuron.params)
                _expect(whole, neuron, f"kernel writes inside its arrays only ({n} units)")
                _expect(same_bits(drive, given[0].inside), neuron, "kernel leaves drive as it was")
            results.append([g.inside for g in kept])
        _expect(all(map(same_bits, *results)), neuron, f"kernel reads inside its arrays only ({n} units)")


def _twins(neuron: Neuron, rng: np.random.Generator) -> None:
    for n in _sizes(neuron):
        for name in FILLS:
            one = two = (neuron.init(n), np.zeros(0), np.zeros(0))
            for _ in range(STEPS):
                drive = fill(name, rng, (n,))
                one = neuron.step(neuron.params, one[0], drive)
                two = _kernel(neuron, two[0], drive)
                _expect(_same(one, two), neuron, f"kernel equals step bit for bit ({name}, {n} units)")


def _slope(neuron: Neuron, rng: np.random.Generator) -> None:
    if neuron.surrogate:
        return
    n, small = _sizes(neuron)[-1], 1e-6
    drive = rng.normal(size=n)
    out: Callable[[Array], Array] = lambda u: neuron.step(neuron.params, neuron.init(n), u)[1]  # noqa: E731
    slope = neuron.step(neuron.params, neuron.init(n), drive)[2]
    for j in range(n):
        push = small * (np.arange(n) == j)
        rise = (out(drive + push)[j] - out(drive - push)[j]) / (2 * small)
        close = abs(rise - slope[j]) <= 1e-4 * max(1.0, abs(rise))
        _expect(close, neuron, "slope is the derivative of out by its own drive (or surrogate=True)")


def _local(neuron: Neuron, rng: np.random.Generator) -> None:
    """Change the drive of all other units, and see whether one unit does differently."""
    if neuron.local == "layer":
        return
    n = _sizes(neuron)[-1]
    for j in (0, n - 1):
        one = two = (neuron.init(n), np.zeros(0), np.zeros(0))
        for _ in range(STEPS):
            drive = fill("random", rng, (n,))
            other = drive + np.float32(3)
            other[j] = drive[j]
            one, two = neuron.step(neuron.params, one[0], drive), neuron.step(neuron.params, two[0], other)
            same = all(same_bits(a[j : j + 1], b[j : j + 1]) for a, b in zip(one[1:], two[1:], strict=True))
            _expect(same, neuron, "a unit sees its own drive only (or local='layer')")


def _still(neuron: Neuron, rng: np.random.Generator) -> None:
    if neuron.still is None:
        return
    n = _sizes(neuron)[-1]
    _expect(type(neuron.still) is type(neuron.params), neuron, "still is other values of the same params")
    state = neuron.init(n)
    for _ in range(STEPS):
        state = neuron.step(neuron.params, state, 3 * fill("positive", rng, (n,)))[0]
    after = neuron.step(neuron.still, state, 3 * fill("positive", rng, (n,)))[0]
    lasting = [name for name in state._fields if name not in neuron.fades]
    same = all(same_bits(getattr(state, name), getattr(after, name)) for name in lasting)
    _expect(same, neuron, "with still, what does not fade stays as it is")


def _batch(neuron: Neuron, rng: np.random.Generator) -> None:
    if neuron.batch is None:
        return
    n = _sizes(neuron)[-1]
    drives = fill("random", rng, (5, n))
    before = np.array(drives)
    many = neuron.batch(neuron.params, drives)
    _expect(same_bits(before, drives), neuron, "batch leaves its arguments as they were")
    _expect(many.dtype == np.float32, neuron, "batch works in the dtype it is given")
    each = np.stack([neuron.step(neuron.params, neuron.init(n), drive)[1] for drive in drives])
    close = many.shape == each.shape and np.allclose(many, each, rtol=1e-4, atol=1e-6)
    _expect(close, neuron, "batch gives each sample what step gives it, but for rounding")
