"""One conformance check for every layer: any neuron, rule and signal put together, ours and users' own.

>>> from edgelearn.layer import Layer
>>> from edgelearn.testing import check_layer
>>> check_layer(lambda: Layer(5, "delta", "softmax", "label_error"))

The promises: `learn_one` is the definitions of neuron, signal and rule put together, bit for bit; `transform` changes
nothing; a state that was saved and loaded goes on as if it had never stopped; the settings are JSON; memory is known
before it is taken; what is refused leaves the layer as it was; the seed alone says where weights start.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from edgelearn.errors import InputError, UnsupportedError
from edgelearn.kernels.order import define_drive
from edgelearn.layer import Layer
from edgelearn.testing.fills import fill, same_bits
from edgelearn.testing.signals import example
from edgelearn.types import F32, Array

Make = Callable[[], Layer]
Sample = tuple[F32, F32]  # x and teach
FILLS = ("random", "positive", "spikes", "zero")


def check_layer(make: Make, n_pre: int = 12, seed: int = 0) -> None:
    """Raise AssertionError naming the promise that the layer does not keep.

    ``make`` returns a new layer, alike each time; ``n_pre`` is a number of inputs it accepts. Raises InputError for a
    ``make`` that does not.
    """
    if not callable(make) or not isinstance(make(), Layer):
        raise InputError("check_layer takes a function that returns a new layer: lambda: Layer(5, 'oja')")
    for check in (_start, _config, _memory, _composed, _pure, _many, _resumes, _refuses, _loads):
        rng = np.random.default_rng(seed)
        layer = make()
        samples = [
            (2 * fill(FILLS[k % 4], rng, (n_pre,)), example(layer.signal, layer.n_post, rng))
            for k in range(8)
        ]
        check(make, samples)


def _expect(holds: bool, promise: str) -> None:
    if not holds:
        raise AssertionError(f"layer: {promise}")


def _taught(make: Make, samples: list[Sample]) -> Layer:
    layer = make()
    for sample in samples:
        layer.learn_one(*sample)
    return layer


def _copied(layer: Layer) -> dict[str, Array]:
    return {name: np.array(value) for name, value in layer.state().items()}


def _same(one: Mapping[str, Array], two: Mapping[str, Array]) -> bool:
    return set(one) == set(two) and all(same_bits(one[name], two[name]) for name in one)


def _start(make: Make, samples: list[Sample]) -> None:
    one, two = make(), make()
    _expect(not one.state() and one.memory_bytes == 0, "a layer that met no sample keeps nothing")
    _expect(one.health().seen == 0 and not one.health().troubles(), "a layer that met no sample is healthy")
    for layer in (one, two):
        layer.bind(len(samples[0][0]))
    _expect(_same(one.state(), two.state()), "two layers that are made alike start alike")


def _config(make: Make, samples: list[Sample]) -> None:
    words = make().config()
    text = json.dumps(words, allow_nan=False)  # ValueError for what JSON does not have
    _expect(json.loads(text) == words, "config is JSON and comes back the same")
    _expect(
        _taught(make, samples).config() == words, "config is equal for equal layers, whatever they learned"
    )


def _memory(make: Make, samples: list[Sample]) -> None:
    layer, n_pre = make(), len(samples[0][0])
    told = layer.bytes_with(n_pre)
    _expect(layer.n_pre is None and not layer.state(), "bytes_with leaves the layer as it was")
    _expect(_taught(make, samples).memory_bytes == told, "bytes_with tells what memory_bytes will be")


def _composed(make: Make, samples: list[Sample]) -> None:
    """Put the definitions together by hand; a layer that shares weights does this at each place, in its own test."""
    layer = make()
    if layer.kind != "dense":
        return
    layer.bind(len(samples[0][0]))
    w = np.array(layer.w)
    states: dict[str, Any] = {"rule": layer.rule.init(*w.shape)}
    states |= {"neuron": layer.neuron.init(layer.n_post), "signal": layer.signal.init(layer.n_post)}
    for x, teach in samples:
        mine = layer.learn_one(x, teach)
        w, seen = _defined(layer, states, w, x, teach)
        _expect(same_bits(mine, seen), "learn_one returns what the definitions say, bit for bit")
        _expect(same_bits(layer.w, w), "learn_one moves the weights as the definitions say, bit for bit")
        for kind, state in states.items():
            kept = [layer.state().get(f"{kind}.{name}", np.zeros(0)) for name in state._fields]
            same = all(map(same_bits, kept, state))
            _expect(same, f"learn_one keeps the state of the {kind} that its definition says, bit for bit")


def _defined(layer: Layer, states: dict[str, Any], w: F32, x: F32, teach: F32) -> tuple[F32, Array]:
    """Return the next weights and what is seen; ``states`` moves on."""
    neuron, rule, signal = layer.neuron, layer.rule, layer.signal
    fresh = neuron.init(layer.n_post)._asdict()
    states["neuron"] = states["neuron"]._replace(**{name: fresh[name] for name in neuron.fades})
    total = np.zeros(layer.n_post, np.float32)
    for _ in range(layer.steps):
        drive = define_drive(x, w)
        states["neuron"], out, slope = neuron.step(neuron.params, states["neuron"], drive)
        states["signal"], third = signal.step(signal.params, states["signal"], out, teach)
        post = {"out": out, "slope": slope, "drive": drive}[rule.sees]
        states["rule"], w = rule.step(rule.params, states["rule"], w, x, post, third)
        total = total + out
    if layer.code is not None:
        return w, layer.code.step(layer.code.params, layer.code.init(layer.n_post), drive)[1]
    return w, total / np.float32(layer.steps)


def _pure(make: Make, samples: list[Sample]) -> None:
    layer, fresh = _taught(make, samples), make()
    before = _copied(layer)
    for x, _ in samples:
        kept = np.array(x)
        first = np.array(layer.transform(x))
        _expect(same_bits(first, layer.transform(x)), "transform gives the same a second time")
        _expect(
            first.shape == (layer.n_out,) and first.dtype == np.float32, "transform returns (n_out,) float32"
        )
        _expect(same_bits(kept, x), "transform leaves x as it was")
    _expect(_same(before, layer.state()), "transform changes nothing that was learned")
    fresh.transform(samples[0][0])
    _expect(
        _same(_taught(make, samples).state(), _go_on(fresh, samples)),
        "transform first changes no lesson after",
    )


def _go_on(layer: Layer, samples: list[Sample]) -> dict[str, Array]:
    for sample in samples:
        layer.learn_one(*sample)
    return layer.state()


def _many(make: Make, samples: list[Sample]) -> None:
    layer = _taught(make, samples)
    X = np.stack([x for x, _ in samples])
    try:
        many = layer.transform_many(X)
    except UnsupportedError:
        return
    each = np.stack([layer.transform(x) for x in X])
    close = many.shape == each.shape and np.allclose(many, each, rtol=1e-3, atol=1e-4)
    _expect(close, "transform_many is transform of each, but for rounding")


def _resumes(make: Make, samples: list[Sample]) -> None:
    layer, other = _taught(make, samples[:4]), make()
    saved = _copied(layer)
    other.load(saved)
    _expect(_same(layer.state(), other.state()), "state comes back through load bit for bit")
    seen = [same_bits(layer.learn_one(*s), other.learn_one(*s)) for s in samples[4:]]
    same = all(seen) and _same(layer.state(), other.state()) and layer.health() == other.health()
    _expect(same, "a layer that was saved and loaded goes on as if it had never stopped, bit for bit")
    _expect(
        not any(np.shares_memory(a, saved[name]) for name, a in other.state().items()),
        "load copies what it takes",
    )
    other.load({})
    _expect(not other.state() and other.n_learned == 0, "load of nothing makes the layer new")
    _expect(_same(_go_on(other, samples[:4]), saved), "a layer made new learns as a new one")


def _refuses(make: Make, samples: list[Sample]) -> None:
    layer, new = _taught(make, samples), make()
    before, (x, teach) = _copied(layer), samples[0]
    bad_x = [x.astype(np.float64), np.arange(len(x)), x[None], x[:0], *_not_finite(x), x.tolist()]
    bad_teach = [np.append(teach, np.float32(0)), teach.astype(np.float64), teach[None], *_not_finite(teach)]
    cases: list[tuple[Any, ...]] = [(a, teach) for a in bad_x] + [(x, a) for a in bad_teach]
    for case in cases:
        for one in (layer, new):
            _raises(one.learn_one, case, "learn_one refuses an x or teach that cannot be used")
    for a in (*bad_x, x[:-1]):
        _raises(layer.transform, (a,), "transform refuses an x that cannot be used")
    _raises(layer.learn_one, (x[:-1], teach), "learn_one refuses another number of inputs")
    _expect(_same(before, layer.state()), "what is refused changes nothing")
    _expect(new.n_pre is None and not new.state(), "what is refused does not bind the layer")


def _not_finite(values: F32) -> list[F32]:
    """Return copies with a NaN and an infinity; none of an empty vector."""
    found = []
    for bad in (np.nan, np.inf) if len(values) else ():
        found.append(np.array(values))
        found[-1][-1] = bad
    return found


def _loads(make: Make, samples: list[Sample]) -> None:
    layer = _taught(make, samples)
    before, good = _copied(layer), _copied(_taught(make, samples[:3]))
    wider = np.zeros((len(good["w"]), layer.n_post + 1), np.float32)
    for name, value in (("w", wider), ("w", good["w"].astype(np.float64)), ("recent", good["recent"][1:])):
        _raises(layer.load, (good | {name: value},), "load refuses arrays of another shape or dtype")
    for name in good:
        less = {key: value for key, value in good.items() if key != name}
        _raises(layer.load, (less,), "load refuses a state that is not whole")
    _raises(layer.load, (good | {"other": wider},), "load refuses a state with more than its own")
    _expect(_same(before, layer.state()), "a state that is refused changes nothing")


def _raises(use: Callable[..., object], args: tuple[Any, ...], promise: str) -> None:
    try:
        use(*args)
    except InputError:
        return
    raise AssertionError(f"layer: {promise} (InputError was not raised)")
