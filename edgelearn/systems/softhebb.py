r"""SoftHebb: layers that learn filters by soft competition, all at once, in one pass and without a label.

.. math::
    u &= W^\top x, \quad y = \mathrm{softmax}(t\, u), \quad m_j = y_j \text{ for the best, else } -y_j \\
    \Delta w_{ij} &= \eta \sqrt{|\,\|w_j\| - 1|}\; m_j (x_i - u_j w_{ij}) / M, \quad h_j = \max(0, u_j - \bar u)^q

Neuron `softmax` y, signal `competition` m, rule `softhebb`, which says what M is: at norm 1 a unit has converged. h,
the `triangle`, is what the next stage sees. A convolutional stage does so at each position of its map, its input at
mean 0 and variance 1 in every channel (`maps`), and pools.

Dense: Moraitis et al. 2022, Neuromorph. Comput. Eng. 2:044017. Convolutional: Journé et al. 2023, ICLR, "Hebbian
deep learning without feedback", with the settings of its code. A linear readout of `SoftHebb.features` tells how
good the filters are; its control is the same network with ``spread=1`` and `SoftHebb.settle` in place of
`SoftHebb.fit`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np

from edgelearn.bounds import positive, whole
from edgelearn.conv import Conv, Shape
from edgelearn.errors import ConfigError, InputError
from edgelearn.layer import Layer
from edgelearn.neurons import softmax, triangle
from edgelearn.readouts.vectors import as_matrix
from edgelearn.rules import softhebb
from edgelearn.systems import chain
from edgelearn.systems.maps import POOLS, Standard, pooled
from edgelearn.systems.net import image_shape
from edgelearn.types import F32, Array


class Stage(NamedTuple):
    """One layer and what lies around it; the power comes after pooling, where a maximum commutes with it."""

    layer: Layer
    power: float = 1.0  # q of the triangle code max(0, u - mean u)^q
    standard: Standard | None = None  # of what the layer sees
    pool: str | None = None  # "max" or "mean", over maps of a `Conv`
    window: int = 2  # side of a pool in pixels; the shift is 2

    @property
    def shape_out(self) -> Shape:
        """(height, width, channels) of the map that the next stage sees."""
        assert isinstance(self.layer, Conv)
        height, width, channels = self.layer.shape_out
        return (height, width, channels) if self.pool is None else (height // 2, width // 2, channels)

    @property
    def n_out(self) -> int:
        """How many values the next stage sees."""
        return self.layer.n_out if self.pool is None else int(np.prod(self.shape_out))

    def learn(self, X: F32) -> F32:
        """Learn from ``X`` (n, n_pre) and return what the next stage sees."""
        return self._after(self.layer.learn_batch(X if self.standard is None else self.standard.learn(X)))

    def see(self, X: F32, settle: bool = False) -> F32:
        """Return what the next stage sees; ``settle`` lets the statistics of the input follow ``X``."""
        if self.standard is not None:
            X = self.standard.learn(X) if settle else self.standard.transform(X)
        return self._after(self.layer.transform_many(X))

    def frozen(self, name: str) -> list[chain.Op]:
        """Return the operations of `see`; raises ConfigError, by ``name``, for a layer that met no sample yet."""
        ops: list[chain.Op] = [] if self.standard is None else [chain.Scale(*self.standard.affine())]
        ops += chain.of_layer(self.layer, name)
        if self.pool is not None:
            assert isinstance(self.layer, Conv)
            ops.append(chain.Pool(self.layer.shape_out, "max" if self.pool == "max" else "mean", self.window))
        return ops if self.power == 1 else [*ops, chain.Power(self.power)]

    def _after(self, code: F32) -> F32:
        if self.pool is not None:
            assert isinstance(self.layer, Conv)
            code = pooled(code.reshape(-1, *self.layer.shape_out), self.pool, self.window)
        seen = code.reshape(len(code), -1)
        return seen if self.power == 1 else np.power(seen, np.float32(self.power))


def _check_stage(stage: object) -> None:
    if not isinstance(stage, Stage) or not isinstance(stage.layer, Layer):
        raise ConfigError(f"a stage must be a Stage of a Layer, not {type(stage).__name__}")
    if not isinstance(stage.standard, Standard | None):
        raise ConfigError(f"standard must be a Standard or None, not {type(stage.standard).__name__}")
    positive("power", stage.power)
    odd = whole("window", stage.window, 2) % 2
    if stage.pool is None:
        return
    if stage.pool not in POOLS or odd:
        raise ConfigError(
            f"pool must be one of {', '.join(POOLS)} with an even window, not {stage.pool} of {stage.window}"
        )
    sides = stage.layer.shape_out[:2] if isinstance(stage.layer, Conv) else (0,)
    if not all(side and side % 2 == 0 for side in sides):
        raise ConfigError(f"pool halves maps of even sides, not what a layer gives with sides {sides}")


def _parts(stage: Stage) -> dict[str, Layer | Standard]:
    parts: dict[str, Layer | Standard] = {"layer": stage.layer}
    return parts if stage.standard is None else parts | {"standard": stage.standard}


class SoftHebb:
    """Stages that learn from the same batches, each from what the one below makes of them.

    ``batch`` samples share a step. Raises ConfigError for a batch below 1, no stage at all, a power that is not above
    0, and a pool that a stage cannot have. `fit`, `settle` and `features` raise InputError, with nothing changed, for
    an ``X`` of another width, or with values that are not finite or above `edgelearn.kernels.checks.LARGEST`.
    """

    def __init__(self, stages: Sequence[Stage], batch: int) -> None:
        if not isinstance(stages, Iterable) or not (found := tuple(stages)):
            raise ConfigError("stages must be a list of at least one Stage")
        for stage in found:
            _check_stage(stage)
        self.stages, self.batch = found, whole("batch", batch, 1)

    def fit(self, X: F32) -> Self:
        """Learn from ``X`` (n, n_pre), float32, in its order, once; further calls go on learning."""
        for few in self._batches(X):
            for stage in self.stages:
                few = stage.learn(few)  # noqa: PLW2901 (what the next stage sees)
        return self

    def settle(self, X: F32) -> Self:
        """Take the statistics that standardise from ``X`` (n, n_pre); no weight moves."""
        for few in self._batches(X):
            for stage in self.stages:
                few = stage.see(few, settle=True)  # noqa: PLW2901 (the same)
        return self

    def features(self, X: F32, depth: int | None = None) -> F32:
        """Return what comes out of the first ``depth`` stages (all without it) for ``X`` (n, n_pre): (n, n_out).

        Raises ConfigError for a depth that is not a whole number from 1 to the number of stages.
        """
        n_stages = len(self.stages)
        if depth is not None and whole("depth", depth, 1) > n_stages:
            raise ConfigError(f"depth must be at most {n_stages}, the number of stages, not {depth}")
        stages = self.stages[:depth]
        out = [np.zeros((0, stages[-1].n_out), np.float32)]
        for few in self._batches(X):
            for stage in stages:
                few = stage.see(few)  # noqa: PLW2901 (the same)
            out.append(few)
        return np.concatenate(out)

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`, which they give but for rounding.

        Raises ConfigError before anything was learned or settled.
        """
        return [op for i, stage in enumerate(self.stages) for op in stage.frozen(f"stage {i}")]

    def state(self) -> dict[str, Array]:
        """Return everything learned as arrays, views of live ones, named by stage and part."""
        return {
            f"{i}.{part}.{name}": array
            for i, stage in enumerate(self.stages)
            for part, kept in _parts(stage).items()
            for name, array in kept.state().items()
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take over what `state` returned; raises InputError, unchanged, for arrays of another network."""
        if not isinstance(arrays, Mapping):
            raise InputError(f"a state is what state() returned, not {type(arrays).__name__}")
        names = [f"{i}.{part}." for i, stage in enumerate(self.stages) for part in _parts(stage)]
        if strange := sorted(name for name in arrays if not name.startswith(tuple(names))):
            raise InputError(f"this is the state of another network: no part here is of {strange[0]}")
        before = {name: np.array(array) for name, array in self.state().items()}
        try:
            self._load(arrays)
        except InputError:
            self._load(before)
            raise

    def _load(self, arrays: Mapping[str, Array]) -> None:
        for i, stage in enumerate(self.stages):
            for part, kept in _parts(stage).items():
                own = f"{i}.{part}."
                kept.load({name[len(own) :]: a for name, a in arrays.items() if name.startswith(own)})

    def _batches(self, X: F32) -> list[F32]:
        """Return ``X`` in batches, once all of it is known to fit: statistics move before a layer could refuse."""
        rows = as_matrix(X, self.stages[0].layer.n_pre)
        if len(rows):
            self._bind(rows.shape[1])
        return [rows[start : start + self.batch] for start in range(0, len(rows), self.batch)]

    def _bind(self, width: int) -> None:
        for stage in self.stages:
            if stage.standard is not None and width % len(stage.standard.mean):
                raise InputError(f"{width} values are no pixels of {len(stage.standard.mean)} channels each")
            stage.layer.bind(width)
            width = stage.n_out


def dense(
    n_units: int = 2000,
    eta: float = 0.5,
    t: float = 12.0,
    spread: float = 25.0,
    batch: int = 32,
    seed: int = 0,
) -> SoftHebb:
    """Return one dense layer for input of about [0, 1]; its norms start at ``spread`` and end at 1.

    ``t`` must suit the input: at t=1 pixels in [0, 1] leave a single winner.
    """
    layer = Layer(
        n_units,
        softhebb.rule(eta=eta),
        softmax.neuron(t=t),
        "competition",
        code=triangle.neuron(),
        spread=spread,
        seed=seed,
    )
    return SoftHebb([Stage(layer)], batch)


class Published(NamedTuple):
    """One layer of the network for CIFAR-10."""

    n_units: int
    kernel: int
    t: float
    eta: float
    power: float
    pool: str
    window: int


PUBLISHED = (
    Published(96, 5, 1.0, 0.08, 0.7, "max", 4),
    Published(384, 3, 0.65, 0.005, 1.4, "max", 4),
    Published(1536, 3, 0.25, 0.01, 1.0, "mean", 2),
)


def conv(
    shape: Shape,
    rows: Sequence[Published] = PUBLISHED,
    spread: float = 25.0,
    batch: int = 10,
    seed: int = 0,
) -> SoftHebb:
    """Return convolutional stages for maps of ``shape`` (height, width, channels), the input of each standardised."""
    if not isinstance(rows, Iterable) or not all(isinstance(row, Published) for row in rows):
        raise ConfigError(f"rows must be a list of Published, not {rows!r}")
    shape = image_shape(shape)
    stages, first = [], whole("seed", seed, 0)
    for number, row in enumerate(rows):
        layer = Conv(
            row.n_units,
            softhebb.rule(eta=row.eta),
            softmax.neuron(t=row.t),
            "competition",
            shape=shape,
            kernel=row.kernel,
            padding=row.kernel // 2,
            code=triangle.neuron(),
            spread=spread,
            seed=first + number,
        )
        stages.append(Stage(layer, row.power, Standard(shape[2]), row.pool, row.window))
        shape = stages[-1].shape_out
    return SoftHebb(stages, batch)
