"""Stack: the layers between extractor and readout, who teaches which, and a word when one goes bad."""

import gc
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Literal, Self
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np

from edgelearn.errors import BudgetError, ConfigError, HealthWarning, LayerError
from edgelearn.health import Health
from edgelearn.kernels.checks import all_finite
from edgelearn.layer import Layer
from edgelearn.types import F32, Array, Label

CHECK_EVERY = 64  # passes from one look at the layers' health to the next

Teacher = Literal["nothing", "label", "reward"]

_owners: "WeakKeyDictionary[Layer, ReferenceType[Stack]]" = WeakKeyDictionary()


class Stack:
    """Layers, each of which sees what the one below gives it.

    ``updates`` counts the passes in which layers learned. Labels keep the number under which they were first
    taught, whatever the readout forgets. Raises ConfigError for layers that do not fit, or that nobody can teach.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        given: object = layers
        if not isinstance(given, Iterable):
            raise ConfigError(
                f"layers must be a list of Layers, not a {type(given).__name__}; give layers=[…]"
            )
        self.layers = list(layers)
        self.labels: list[Label] = []
        self.updates = 0
        self._told: set[tuple[int, str]] = set()
        self._looked = 0  # updates at the last look at health
        for i, layer in enumerate(self.layers):
            _check(i, layer, self.layers[:i])
        self._last = {layer.signal.teaches: i for i, layer in enumerate(self.layers)}

    @property
    def n_in(self) -> int | None:
        """How many features the first layer takes; None before the first sample."""
        return self.layers[0].n_pre

    @property
    def n_out(self) -> int:
        """How many features the readout sees."""
        return self.layers[-1].n_out

    def own(self) -> None:
        """Keep the layers from other stacks for as long as this one lives."""
        for layer in self.layers:
            _owners[layer] = ref(self)

    def learns_from(self, teacher: Teacher) -> bool:
        """Return whether any layer learns from this teacher."""
        return teacher in self._last

    def transform(self, x: F32) -> F32:
        """Return what the readout sees of ``x`` (n_in,) as (n_out,); nothing changes.

        Raises LayerError where weights or the sample are so large that it is not finite.
        """
        for layer in self.layers:
            x = layer.transform(x)
        return _finite(x)

    def transform_many(self, X: F32) -> F32:
        """Return the loop over `transform` of ``X`` (n, n_in), as (n, n_out)."""
        return np.stack([self.transform(x) for x in X]) if len(X) else np.zeros((0, self.n_out), np.float32)

    # -- learning: one pass, first layer to last, each on what the one below did in this pass -----------------

    def adapt(self, x: F32) -> None:
        """Let each layer that needs no teacher learn from ``x`` (n_in,)."""
        self._pass(x, "nothing", 0, 0.0)

    def teach(self, x: F32, label: Label) -> None:
        """Let each layer that is taught by labels learn from ``x`` (n_in,); `check_room` comes first."""
        labels = self.labels if label in self.labels else [*self.labels, label]
        self._pass(x, "label", labels.index(label), 1.0)
        self.labels = labels  # after the pass, which may raise

    def reward(self, x: F32, reward: float) -> None:
        """Let each layer that is taught by rewards learn from ``x`` (n_in,)."""
        self._pass(x, "reward", 0, reward)

    def check_room(self, labels: Sequence[Label]) -> None:
        """Raise BudgetError when these labels are more than a layer can be taught."""
        new = {label for label in labels if label not in self.labels}
        for i, layer in enumerate(self.layers):
            if layer.signal.teaches == "label" and len(self.labels) + len(new) > layer.n_teach:
                raise BudgetError(
                    f"layer {i} is taught at most {layer.n_teach} classes (signal {layer.signal.name}), and "
                    f"{len(self.labels)} were taught before {min(map(str, new))}; make the layer for more "
                    "(nothing was changed)"
                )

    def _pass(self, x: F32, teacher: Teacher, slot: int, value: float) -> None:
        for layer in self.layers[: self._last[teacher] + 1]:
            if layer.signal.teaches == teacher:
                hot = np.zeros(layer.n_teach, np.float32)
                hot[slot : slot + 1] = value
                x = layer.learn_one(x, hot)
            else:
                x = layer.transform(x)
            _finite(x)
        self.updates += 1

    # -- health ---------------------------------------------------------------------------------------

    def health(self) -> list[Health]:
        """Return how each layer does."""
        return [layer.health() for layer in self.layers]

    def warn(self) -> None:
        """Every `CHECK_EVERY` passes: a HealthWarning for each trouble of a layer not told before."""
        if self.updates - self._looked < CHECK_EVERY:
            return
        self._looked = self.updates
        for i, health in enumerate(self.health()):
            for trouble, sentence in health.found().items():
                if (i, trouble) not in self._told:
                    self._told.add((i, trouble))
                    warnings.warn(f"layer {i}: {sentence}", HealthWarning, stacklevel=5)

    # -- memory and state -------------------------------------------------------------------------------

    @property
    def memory_bytes(self) -> int:
        """Bytes of all layers; 0 before the first sample."""
        return sum(layer.memory_bytes for layer in self.layers)

    def bytes_with(self, n_in: int) -> int:
        """Return what `memory_bytes` is with ``n_in`` features."""
        total = 0
        for layer in self.layers:
            total += layer.memory_bytes or layer.bytes_with(n_in)
            n_in = layer.n_out
        return total

    def state(self) -> dict[str, dict[str, Array]]:
        """Return the arrays of each layer under "layer0", "layer1" …; views of live ones."""
        parts = {f"layer{i}": layer.state() for i, layer in enumerate(self.layers)}
        return parts | {"layers": {"updates": np.array(self.updates)}}

    def empty(self) -> Self:
        """Return equal layers that have seen nothing."""
        layers = [copy(layer) for layer in self.layers]
        for layer in layers:
            layer.load({})
        return type(self)(layers)

    def load(self, parts: Mapping[str, Mapping[str, Array]], labels: Sequence[Label]) -> None:
        """Take over what `state` returned, and `labels`; raises InputError for arrays of other layers."""
        for i, layer in enumerate(self.layers):
            layer.load(parts[f"layer{i}"])
            _check(i, layer, self.layers[:i])
        self.labels, self.updates = list(labels), int(parts["layers"]["updates"])
        self._looked = self.updates

    def config(self) -> list[dict[str, Any]]:
        """Return the settings of the layers as JSON."""
        return [_plain(layer.config()) for layer in self.layers]

    def words(self) -> dict[str, Any]:
        """Return what a snapshot says of the layers (JSON)."""
        health = [_plain(health._asdict()) for health in self.health()]
        learned = [layer.n_learned for layer in self.layers]
        return {
            "n_inputs": self.n_in,
            "layers": self.config(),
            "taught": list(self.labels),
            "learned": learned,
            "health": health,
        }


def _check(i: int, layer: Layer, below: list[Layer]) -> None:
    if not isinstance(layer, Layer):
        raise ConfigError(f"layer {i} is a {type(layer).__name__}, not a Layer")
    if layer in below:
        raise ConfigError(f"layer {i} is layer {below.index(layer)} once more; make one for each place")
    if _owned(layer):
        raise ConfigError(f"layer {i} belongs to another learner; make one for each")
    if below and layer.n_pre not in (None, below[-1].n_out):
        raise ConfigError(f"layer {i} has {layer.n_pre} inputs, and layer {i - 1} gives {below[-1].n_out}")
    if layer.signal.teaches not in ("nothing", "label", "reward"):
        raise ConfigError(
            f"layer {i} has signal {layer.signal.name}, which is taught {layer.signal.teaches!r}; a learner gives "
            "labels, rewards, or nothing: take another signal, or teach the layer yourself"
        )


def _owned(layer: Layer) -> bool:
    """Return whether a stack that lives owns the layer."""
    if (owner := _owners.get(layer)) is None or owner() is None:
        return False
    gc.collect()  # a learner with a store is part of a cycle, and lingers when nobody holds it any more
    return owner() is not None


def _finite(x: F32) -> F32:
    if not all_finite.dispatcher(x):
        raise LayerError(
            "a layer gives values that are not finite, for weights or a sample that are too large: roll back, "
            "scale the features, or lower eta"
        )
    return x


def _plain(value: Any) -> Any:
    """Return JSON without NaN and infinity, which a store refuses: they become text."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
