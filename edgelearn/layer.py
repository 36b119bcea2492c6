"""Layer: weights, and the three choices that make them learn: a neuron, a rule and a signal."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from edgelearn import neurons, rules, signals
from edgelearn.batch import Batch
from edgelearn.bounds import positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.health import RUNAWAY, Health, Watch
from edgelearn.kernels.checks import LARGEST, all_below, all_finite
from edgelearn.kernels.memory import placed
from edgelearn.kernels.order import drive
from edgelearn.neurons import Neuron
from edgelearn.rules import Rule
from edgelearn.rules.base import check_array
from edgelearn.signals import Signal
from edgelearn.types import F32, Array

T = TypeVar("T")
_NOTHING = np.zeros(0, np.float32)
CALM = np.float32(1000.0)  # below it no single step makes weights run away


class Layer:
    """``n_post`` units that learn from each sample by what their synapses see.

    Parameters: ``rule``, ``neuron`` and ``signal`` are values (`edgelearn.rules.oja.rule(eta=0.02)`) or names, with
    their defaults; ``code`` is a neuron without memory through which the next layer sees the drive, where that is
    not the unit's own output; ``steps`` shows a sample so many time steps long to units with memory (their output
    is then the mean); ``spread`` is the Euclidean norm at which the weights of a unit start; ``start`` draws them
    "normal" around 0 or "uniform" above it; ``seed`` draws them again alike.

    The number of inputs is taken from the first sample. Raises ConfigError for a setting out of its bounds.
    """

    kind = "dense"

    def __init__(
        self,
        n_post: int,
        rule: str | Rule,
        neuron: str | Neuron = "linear",
        signal: str | Signal = "unsupervised",
        *,
        code: str | Neuron | None = None,
        steps: int = 1,
        spread: float = 1.0,
        start: str = "normal",
        seed: int = 0,
    ) -> None:
        self.n_post = whole("n_post", n_post, 1)
        self.rule = _part("rule", rule, Rule, rules.make)
        self.neuron = _part("neuron", neuron, Neuron, neurons.make)
        self.signal = _part("signal", signal, Signal, signals.make)
        self.code = None if code is None else _part("code", code, Neuron, neurons.make)
        self.steps, self.seed = whole("steps", steps, 1), whole("seed", seed, 0)
        self.spread, self.start = float(positive("spread", spread)), start
        self.neuron.init(self.n_post)  # which says so where it needs more units
        if start not in ("normal", "uniform"):
            raise ConfigError(f"start must be 'normal' or 'uniform', not {start!r}")
        if self.code is not None and self.code.init(self.n_post):
            raise ConfigError(f"code must be a neuron without memory, {self.code.name} has one")
        if self.code is not None and steps > 1:
            raise ConfigError("code needs steps=1: with more, the output is the mean of the units' own")
        self.n_pre: int | None = None
        self.n_learned = 0

    # -- use ------------------------------------------------------------------------------------------

    @property
    def n_out(self) -> int:
        """How many values the next layer sees."""
        return self.n_post

    @property
    def n_teach(self) -> int:
        """How many values ``teach`` has; 0 where the signal needs no teacher."""
        return self.signal.n_teach(self.n_post)

    def bind(self, n_pre: int) -> None:
        """Draw the weights for ``n_pre`` inputs; raises InputError when others were bound before."""
        if self.n_pre == n_pre:
            return
        if self.n_pre is not None:
            raise InputError(f"the layer has {self.n_pre} inputs, not {n_pre}")
        if n_pre < 1:
            raise InputError(f"n_pre must be at least 1, not {n_pre}")
        self._allocate(n_pre)
        self._place()
        self._draw()
        self.n_pre = n_pre

    def transform(self, x: F32) -> F32:
        """Return what the next layer sees of ``x`` (n_pre,); nothing that was learned changes.

        A layer that met no sample yet draws its weights for this one's number of inputs.
        Raises InputError for another shape or dtype, or values that are not finite.
        """
        check_vector("x", x, self.n_pre)
        self.bind(len(x))
        return self._seen(x)

    def transform_many(self, X: F32) -> F32:
        """Return what the next layer sees of each of ``X`` (n, n_pre): `transform`, but for rounding, by BLAS.

        Raises UnsupportedError when what it sees comes from units with memory.
        """
        self._check_many(X)
        self.bind(X.shape[1])
        return self._many.see(self.w, self._rows(X)).reshape(len(X), self.n_out)

    def _seen(self, x: F32) -> F32:
        self._drive(x)
        if self.code is not None:
            return self._coded()
        state = [np.array(a) for a in self._neuron_state]
        self._wake(state)
        params = self.neuron.still or self.neuron.params
        total = np.zeros(self.n_post, np.float32)
        for _ in range(self.steps):
            self.neuron.kernel.dispatcher(self._u, self._out, self._slope, *state, *params)
            total += self._out
        return total / np.float32(self.steps)

    def learn_one(self, x: F32, teach: F32 = _NOTHING) -> F32:
        """Learn from ``x`` (n_pre,) and ``teach`` (n_teach,); return what the next layer sees of it.

        That is what the units did while they learned, or ``code`` of the drive before.
        Raises InputError for another shape or dtype, or values that are not finite, before anything changes.
        """
        check_vector("x", x, self.n_pre)
        check_vector("teach", teach, self.n_teach)
        self.signal.check(self.n_post, teach)
        self.bind(len(x))
        seen = self._taught(x, teach)
        self._note(seen)
        return seen

    def learn_batch(self, X: F32, teach: F32 | None = None) -> F32:
        """Take one step along the sum of the changes that ``X`` (n, n_pre) and ``teach`` (n, n_teach) ask for.

        By BLAS, so the order of sums is not declared. Returns what the next layer sees (n, n_out) at the weights
        before the step: a view that the next batch overwrites. Raises UnsupportedError when neuron, rule or signal
        cannot be had for many samples at once, InputError as `learn_one`.
        """
        self._check_many(X)
        asked = np.zeros((len(X), 0), np.float32) if teach is None else teach
        check_array("teach", asked, (len(X), self.n_teach))
        for row in asked:
            check_vector("teach", row, self.n_teach)
            self.signal.check(self.n_post, row)
        self.bind(X.shape[1])
        rows = self._rows(X)
        seen, post, third = self._many.compete(
            self.w, rows, np.repeat(asked, len(rows) // max(len(X), 1), axis=0)
        )
        self._many.step(self._rule_state, self.w, rows, post, third)
        seen = seen.reshape(len(X), self.n_out)
        for row in seen:
            self._note(row)
        return seen

    def _taught(self, x: F32, teach: F32) -> F32:
        self._wake(self._neuron_state)
        total = np.zeros(self.n_post, np.float32)
        for _ in range(self.steps):
            self._drive(x)
            self._learn(x, teach)
            total += self._out
        return self._coded() if self.code is not None else total / np.float32(self.steps)

    # -- state ----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones; empty before the first sample."""
        if self.n_pre is None:
            return {}
        found: dict[str, Array] = {"w": self.w, "recent": self.watch.recent}
        found["n_learned"] = np.array(self.n_learned, np.int64)
        for kind, state in self._states().items():
            found |= {f"{kind}.{name}": value for name, value in state._asdict().items()}
        return found

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for arrays of another layer."""
        if not arrays:
            self.n_pre, self.n_learned = None, 0
            return
        fresh = self._empty_twin(self._inputs_of(check_array("w", arrays.get("w"), None)))
        fresh._place()
        mine = fresh.state()
        if strange := sorted(set(arrays) ^ set(mine)):
            raise InputError(f"this is the state of another layer: only one of the two has {strange[0]}")
        for name, value in mine.items():
            value[...] = check_array(name, arrays[name], value.shape, value.dtype)
        fresh.n_learned = int(arrays["n_learned"])
        self.__dict__.update(fresh.__dict__)

    def config(self) -> dict[str, Any]:
        """Return the settings as JSON; two layers with equal ones may exchange their state."""
        return {
            "kind": self.kind,
            "n_post": self.n_post,
            "rule": _words(self.rule) | {"sees": self.rule.sees},
            "neuron": _words(self.neuron),
            "signal": _words(self.signal) | {"n_teach": self.n_teach},
            "code": None if self.code is None else _words(self.code),
            "steps": self.steps,
            "spread": self.spread,
            "start": self.start,
            "seed": self.seed,
        }

    def bytes_with(self, n_pre: int) -> int:
        """Return what `memory_bytes` is with ``n_pre`` inputs."""
        return self._empty_twin(n_pre).memory_bytes

    @property
    def memory_bytes(self) -> int:
        """Bytes of weights, traces and all else the layer keeps, scratch included; 0 before the first sample.

        Arrays that `learn_batch` keeps are not of a device, and not counted.
        """
        if self.n_pre is None:
            return 0
        return sum(a.nbytes for a in (*self.state().values(), self._u, self._out, self._slope, self._third))

    def health(self) -> Health:
        """Return how the units do: silent, saturated or collapsed ones, and the norms of their weights."""
        if self.n_pre is None:
            return Watch(self.n_post).health(np.zeros(0, np.float32))
        with np.errstate(over="ignore"):
            return self.watch.health(np.sqrt((self.w * self.w).sum(axis=0)))

    # -- inside ---------------------------------------------------------------------------------------

    def _allocate(self, n_pre: int) -> None:
        self.w: F32 = np.zeros((n_pre, self.n_post), np.float32)
        self._rule_state = self.rule.init(n_pre, self.n_post)
        self._neuron_state = self.neuron.init(self.n_post)
        self._signal_state = self.signal.init(self.n_post)
        self._u, self._out, self._slope, self._third = (np.zeros(self.n_post, np.float32) for _ in range(4))
        self._post = {"out": self._out, "slope": self._slope, "drive": self._u}[self.rule.sees]
        self._many = Batch(self.rule, self.neuron, self.signal, self.code, self.steps)
        self.watch = Watch(self.n_post)

    def _place(self) -> None:
        self.w = placed(self.w)
        self._rule_state = self._rule_state._make(placed(a, k) for k, a in enumerate(self._rule_state, 1))

    def _draw(self) -> None:
        rng, n_pre = np.random.default_rng(self.seed), len(self.w)
        if self.start == "normal":
            self.w[...] = rng.normal(size=self.w.shape) * (self.spread / np.sqrt(n_pre))
        else:
            self.w[...] = rng.uniform(size=self.w.shape) * (self.spread * np.sqrt(3 / n_pre))

    def _empty_twin(self, n_pre: int) -> "Layer":
        """Return a layer of the same settings with weights of 0, whose memory is not touched yet."""
        twin: Layer = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._allocate(n_pre)
        twin.n_pre, twin.n_learned = n_pre, 0
        return twin

    def _states(self) -> dict[str, Any]:
        return {"rule": self._rule_state, "neuron": self._neuron_state, "signal": self._signal_state}

    def _wake(self, state: Any) -> None:
        """Start anew what fades between samples."""
        if not self.neuron.fades:
            return
        fresh = self.neuron.init(self.n_post)
        for name, mine, new in zip(fresh._fields, state, fresh, strict=True):
            if name in self.neuron.fades:
                mine[...] = new

    def _inputs_of(self, w: F32) -> int:
        """Return how many inputs a layer with these weights has."""
        return int(w.shape[0])

    def _rows(self, X: F32) -> F32:
        """Return what the weights see of ``X`` (n, n_pre): (n, len(w)), or more rows where they are shared."""
        return X

    def _note(self, seen: F32) -> None:
        self.watch.add(seen, self.n_learned)
        self.n_learned += 1

    def _check_many(self, X: F32) -> None:
        check_array("X", X, None if self.n_pre is None else (len(X), self.n_pre))
        if not all_finite.dispatcher(X.reshape(-1)):
            raise InputError("X has NaN or infinity; nothing was learned")

    def _drive(self, x: F32) -> None:
        drive.dispatcher(x, self.w, self._u)
        if not all_finite.dispatcher(self._u):
            raise InputError(
                "the sample drives the layer beyond what float32 holds; nothing was learned: scale it, or, where every "
                "sample does, roll back and lower eta"
            )

    def _learn(self, x: F32, teach: F32) -> None:
        """Learn, and take it back where weights would run away or a state would no longer be finite."""
        if all_below.dispatcher(x, CALM) and all_below.dispatcher(self._u, CALM):
            self._step(x, teach)
            return
        moving = [self.w, *(array for state in self._states().values() for array in state)]
        before = [np.array(array) for array in moving]
        self._step(x, teach)
        small = all_below.dispatcher(self.w.reshape(-1), RUNAWAY)
        if not (small and all(np.isfinite(array).all() for array in moving)):
            for array, old in zip(moving, before, strict=True):
                array[...] = old
            raise InputError(
                f"learning this sample would take weights beyond {RUNAWAY:g}; nothing was learned: scale the "
                "samples, or lower eta"
            )

    def _step(self, x: F32, teach: F32) -> None:
        neuron, signal, rule = self.neuron, self.signal, self.rule
        neuron.kernel.dispatcher(self._u, self._out, self._slope, *self._neuron_state, *neuron.params)
        signal.kernel.dispatcher(self._out, teach, self._third, *self._signal_state, *signal.params)
        rule.kernel.dispatcher(self.w, x, self._post, self._third, *self._rule_state, *rule.params)

    def _coded(self) -> F32:
        assert self.code is not None
        seen, slope = np.empty_like(self._u), np.empty_like(self._u)
        self.code.kernel.dispatcher(self._u, seen, slope, *self.code.params)
        return seen


def check_vector(name: str, value: object, n: int | None) -> None:
    """Raise InputError unless ``value`` is a finite float32 vector (n,)."""
    shape = (n,) if n is not None else getattr(value, "shape", ())
    check_array(name, value, shape)
    if len(shape) != 1:
        raise InputError(f"{name} must be a vector (n,), not {shape}")
    if n is None and shape == (0,):
        raise InputError(f"{name} is empty; it must have at least one value")
    if not all_below.dispatcher(value, LARGEST):  # type: ignore[arg-type]  # an array, as check_array saw
        raise InputError(f"{name} has NaN, infinity or values above {LARGEST:.1g}; nothing was learned")


def _part(name: str, value: str | T, kind: type[T], make: Callable[[str], T]) -> T:
    part = make(value) if isinstance(value, str) else value
    if not isinstance(part, kind):
        raise ConfigError(f"{name} must be a {kind.__name__} or the name of one, not {type(part).__name__}")
    return part


def _words(part: Neuron | Rule | Signal) -> dict[str, Any]:
    found: dict[str, Any] = {"name": part.name}
    for key, value in part.params._asdict().items():
        found[key] = float(value) if np.isfinite(value) else str(value)  # JSON has no infinity
    return found
