"""Layer: weights, and the three choices that make them learn: a neuron, a rule and a signal."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from edgelearn import neurons, rules, signals
from edgelearn.bounds import positive, whole
from edgelearn.errors import ConfigError, InputError
from edgelearn.health import Health, Watch
from edgelearn.kernels.checks import all_finite
from edgelearn.kernels.order import drive
from edgelearn.neurons import Neuron
from edgelearn.rules import Rule
from edgelearn.rules.base import check_array
from edgelearn.signals import Signal
from edgelearn.types import F32, Array

_NOTHING = np.zeros(0, np.float32)


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
        self.rule = rules.make(rule) if isinstance(rule, str) else rule
        self.neuron = neurons.make(neuron) if isinstance(neuron, str) else neuron
        self.signal = signals.make(signal) if isinstance(signal, str) else signal
        self.code = neurons.make(code) if isinstance(code, str) else code
        self.steps, self.seed = whole("steps", steps, 1), whole("seed", seed, 0)
        self.spread, self.start = float(positive("spread", spread)), start
        if start not in ("normal", "uniform"):
            raise ConfigError(f"start must be 'normal' or 'uniform', not {start!r}")
        if self.code is not None and self.code.init(1):
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
        if self.n_pre is not None:
            if n_pre != self.n_pre:
                raise InputError(f"the layer has {self.n_pre} inputs, not {n_pre}")
            return
        self.n_pre = n_pre
        self._allocate(n_pre)

    def transform(self, x: F32) -> F32:
        """Return what the next layer sees of ``x`` (n_pre,); nothing changes."""
        self.bind(len(x))
        self._drive(x)
        if self.code is not None:
            return self._coded()
        state = [np.array(a) for a in self._neuron_state]
        self._wake(state)
        params = self.neuron.still or self.neuron.params
        total = np.zeros(self.n_post, np.float32)
        for _ in range(self.steps):
            self.neuron.kernel.dispatcher(self._u, self._out, self._slope, *state, *params)  # type: ignore[attr-defined]
            total += self._out
        return total / np.float32(self.steps)

    def learn_one(self, x: F32, teach: F32 = _NOTHING) -> F32:
        """Learn from ``x`` (n_pre,) and ``teach`` (n_teach,); return what the next layer sees of it.

        That is what the units did while they learned, or ``code`` of the drive before.
        Raises InputError for another shape or dtype, or values that are not finite, before anything changes.
        """
        check_vector("x", x, self.n_pre)
        check_vector("teach", teach, self.n_teach)
        self.bind(len(x))
        self._wake(self._neuron_state)
        total = np.zeros(self.n_post, np.float32)
        for _ in range(self.steps):
            self._drive(x)
            self._learn(x, teach)
            total += self._out
        seen = self._coded() if self.code is not None else total / np.float32(self.steps)
        self.watch.add(seen, self.n_learned)
        self.n_learned += 1
        return seen

    # -- state ----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones; empty before the first sample."""
        if self.n_pre is None:
            return {}
        return {"w": self.w, "recent": self.watch.recent, "n_learned": np.array(self.n_learned)} | {
            f"{kind}.{name}": value
            for kind, state in self._states().items()
            for name, value in zip(state._fields, state, strict=True)
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for arrays of another layer."""
        if not arrays:
            self.n_pre, self.n_learned = None, 0
            return
        n_pre = int(arrays["w"].shape[0])
        fresh = self._empty_twin(n_pre)
        for name, mine in fresh.state().items():
            check_array(name, arrays[name], mine.shape, mine.dtype)
            if mine.ndim:
                mine[...] = arrays[name]
        fresh.n_learned = int(arrays["n_learned"])
        self.__dict__.update(fresh.__dict__)

    def config(self) -> dict[str, Any]:
        """Return the settings as JSON; two layers with equal ones may exchange their state."""
        return {
            "kind": self.kind,
            "n_post": self.n_post,
            "rule": _words(self.rule),
            "neuron": _words(self.neuron),
            "signal": _words(self.signal),
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
        """Bytes of weights, traces and all else the layer keeps, scratch included; 0 before the first sample."""
        if self.n_pre is None:
            return 0
        return sum(a.nbytes for a in (*self.state().values(), self._u, self._out, self._slope, self._third))

    def health(self) -> Health:
        """Return how the units do: silent, saturated or collapsed ones, and the norms of their weights."""
        norms = np.zeros(0, np.float32) if self.n_pre is None else np.sqrt((self.w * self.w).sum(axis=0))
        return self.watch.health(norms)

    # -- inside ---------------------------------------------------------------------------------------

    def _allocate(self, n_pre: int) -> None:
        rng = np.random.default_rng(self.seed)
        if self.start == "normal":
            drawn = rng.normal(size=(n_pre, self.n_post)) * (self.spread / np.sqrt(n_pre))
        else:
            drawn = rng.uniform(size=(n_pre, self.n_post)) * (self.spread * np.sqrt(3 / n_pre))
        self.w: F32 = drawn.astype(np.float32)
        self._rule_state = self.rule.init(n_pre, self.n_post)
        self._neuron_state = self.neuron.init(self.n_post)
        self._signal_state = self.signal.init(self.n_post)
        self._u, self._out, self._slope, self._third = (np.zeros(self.n_post, np.float32) for _ in range(4))
        self._post = {"out": self._out, "slope": self._slope, "drive": self._u}[self.rule.sees]
        self.watch = Watch(self.n_out)

    def _empty_twin(self, n_pre: int) -> "Layer":
        twin: Layer = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.n_pre = None
        twin.bind(n_pre)
        return twin

    def _states(self) -> dict[str, Any]:
        return {"rule": self._rule_state, "neuron": self._neuron_state, "signal": self._signal_state}

    def _wake(self, state: Any) -> None:
        """Start anew what fades between samples."""
        fresh = self.neuron.init(self.n_post)
        for name, mine, new in zip(fresh._fields, state, fresh, strict=True):
            if name in self.neuron.fades:
                mine[...] = new

    def _drive(self, x: F32) -> None:
        drive.dispatcher(x, self.w, self._u)

    def _learn(self, x: F32, teach: F32) -> None:
        neuron, signal, rule = self.neuron, self.signal, self.rule
        neuron.kernel.dispatcher(self._u, self._out, self._slope, *self._neuron_state, *neuron.params)  # type: ignore[attr-defined]
        signal.kernel.dispatcher(self._out, teach, self._third, *self._signal_state, *signal.params)  # type: ignore[attr-defined]
        rule.kernel.dispatcher(self.w, x, self._post, self._third, *self._rule_state, *rule.params)  # type: ignore[attr-defined]

    def _coded(self) -> F32:
        assert self.code is not None
        seen, slope = np.empty_like(self._u), np.empty_like(self._u)
        self.code.kernel.dispatcher(self._u, seen, slope, *self.code.params)  # type: ignore[attr-defined]
        return seen


def check_vector(name: str, value: object, n: int | None) -> None:
    """Raise InputError unless ``value`` is a finite float32 vector (n,)."""
    shape = (n,) if n is not None else getattr(value, "shape", None)
    if shape is None or len(shape) != 1:
        raise InputError(f"{name} must be a vector (n,), not {shape}")
    check_array(name, value, shape)
    if not all_finite.dispatcher(value):  # type: ignore[arg-type]
        raise InputError(f"{name} has NaN or infinity; nothing was learned")


def _words(part: NamedTuple) -> dict[str, Any]:
    params = part.params  # type: ignore[attr-defined]
    return {"name": part.name} | {key: float(value) for key, value in params._asdict().items()}  # type: ignore[attr-defined]
