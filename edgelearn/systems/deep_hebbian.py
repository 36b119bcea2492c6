r"""Deep Hebbian: filters of local patches learned by winner-take-all, each at its own rate, layer on layer.

For a patch c of a map, one after the other:

.. math::
    x &= V (c - \bar c) / (\mathrm{std}(c) + 0.1), \quad u = W^\top x \\
    m_j &= 1 \text{ for } j = \arg\max_k (u_k - b_k), \text{ else } 0, \quad b \leftarrow b + \beta (m - 1/K) \\
    w_j &\leftarrow w_j + m_j \max(\eta_{min}, 1/(1 + n_j)) (x - w_j), \text{ to norm 1}

Neuron `linear`, rule `competitive`, signal `conscience`. Patches with std(c) < ``blank`` teach nothing: else
they would win most units. The code is the triangle max(0, u - mean u), of which a max pool keeps the highest in each
field; the next layer sees that map, a linear readout the maps of all layers. V is 1, or whitens the patches the first
layer sees: from their second moments, once, before anything is learned.

The composition is this project's own, of known parts: competition of Rumelhart & Zipser 1985, Cognitive Science 9:75;
conscience of DeSieno 1988, IEEE ICNN 1:117; contrast, whitening, triangle and pools of Coates, Ng & Lee 2011,
AISTATS 15:215, sections 3.2-3.3. A check on learning is the same network that never fits: unit filters drawn at random.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from edgelearn.bounds import at_least, positive, whole
from edgelearn.conv import Shape
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.order import drive
from edgelearn.rules import competitive
from edgelearn.signals import Signal, conscience
from edgelearn.systems import chain
from edgelearn.systems.chain.maps import contrasted
from edgelearn.systems.epochs import train
from edgelearn.systems.net import Net, image_shape, samples
from edgelearn.types import F32, I64, Array

FLOOR, BLANK = 0.1, 0.05  # of the standard deviation of a patch: added to it; none below, unless said
BETA = 1e-3  # of the conscience
SETTLE = 2000  # images whose patches say how to whiten
_NOTHING = np.zeros(0, np.float32)


class Level(NamedTuple):
    """One layer: ``units`` filters of ``kernel`` x ``kernel``, zeros around the map, fields of ``pool`` x ``pool``."""

    units: int
    kernel: int
    padding: int
    pool: int


def levels(first: int, second: int) -> tuple[Level, Level]:
    """Return the two layers that are measured, of so many units."""
    return Level(first, 7, 0, 4), Level(second, 3, 1, 2)


class DeepHebbian(Net):
    """Layers on maps of ``shape`` (height, width, channels), which learn at once from ``looks`` patches an image.

    ``signal`` says who learns; `conscience` by default, with `unsupervised` all do, which must fail. ``whiten`` is what
    is added to the variances that whitening divides by, above 0: patches without their mean have a variance of 0.
    Raises ConfigError for a setting out of its bounds.
    """

    def __init__(
        self, shape: Shape, layers: Sequence[Level], *, eta_min: float = 1e-3, signal: Signal | None = None,
        whiten: float | None = None, blank: float = BLANK, looks: int = 20, seed: int = 0,
    ) -> None:  # fmt: skip
        self.levels = tuple(layers) if isinstance(layers, Sequence) else ()
        self.looks = whole("looks", looks, 1)
        self.rule = competitive.rule(eta_min)
        self.signal = _untaught(conscience.signal(BETA) if signal is None else signal)
        self.whiten = None if whiten is None else float(positive("whiten", whiten))
        self.blank = at_least("blank", blank, 0)
        self.rng = np.random.default_rng(whole("seed", seed, 0))
        self.shapes = _shapes(shape, self.levels)
        self.arrays: dict[str, Array] = {}
        for k, level in enumerate(self.levels):
            w = self.rng.standard_normal((level.kernel**2 * self.shapes[k][2], level.units), np.float32)
            self.arrays[f"w{k}"] = w / np.sqrt((w * w).sum(axis=0))
            for name, state in (("rule", self.rule.init(*w.shape)), ("signal", self.signal.init(w.shape[1]))):
                self.arrays |= {f"{name}{k}.{field}": value for field, value in state._asdict().items()}
        if self.whiten is not None:
            self.arrays["whiten"] = np.eye(len(self.arrays["w0"]), dtype=np.float32)

    def fit(self, X: F32, *, epochs: int = 1, batch: int = 100, shuffled: bool = True) -> Iterator[int]:
        """Learn from images ``X`` (n, height * width * channels), yielding the number of epochs done after each.

        The patches of ``batch`` images are seen in random order; ``shuffled`` False keeps the images in theirs. The
        first call settles the whitening. Raises InputError for others, before anything is learned.
        """
        X = self._images(X)

        def step(who: I64, done: float) -> None:  # noqa: ARG001 (each unit has its own rate)
            self.learn(X[who])

        found = train(step, len(X), epochs=epochs, batch=batch, rng=self.rng, shuffled=shuffled)
        if not self.arrays["rule0.wins"].any():
            self.settle(X)
        return found

    def settle(self, X: F32) -> None:
        """Take the whitening from the first images of ``X`` (n, values); raises InputError where all are blank."""
        if self.whiten is None:
            return
        X, before = self._images(X), self.rng.bit_generator.state
        seen = self._patches(0, X[:SETTLE])
        if not len(seen):
            self.rng.bit_generator.state = before
            raise InputError(
                "all patches are blank: there is nothing to whiten; give images with values in [0, 1]"
            )
        variance, axes = np.linalg.eigh(seen.T.astype(np.float64) @ seen / len(seen))
        self.arrays["whiten"][...] = axes / np.sqrt(np.maximum(variance, 0) + self.whiten) @ axes.T

    def learn(self, X: F32) -> None:
        """Let each layer look at patches of a few images (n, values), or of what the one below makes of them."""
        X = self._images(X)
        for k in range(len(self.levels)):
            seen = self._patches(k, X)
            self._compete(k, seen @ self.arrays["whiten"] if k == 0 and self.whiten is not None else seen)
            if k < len(self.levels) - 1:
                X = chain.run(self._level(k)[:-1], X)

    def features(self, X: F32) -> F32:
        """Return the pooled maps of all layers side by side (n, values)."""
        return chain.run(self.frozen(), self._images(X))

    def frozen(self) -> list[chain.Op]:
        """Return the operations of `features`."""
        return [op for k in range(len(self.levels)) for op in self._level(k)]

    # -- inside ---------------------------------------------------------------------------------------

    def _compete(self, k: int, patches: F32) -> None:
        """Learn from patches (n, n_patch), one after the other."""
        w, rule, signal = self.arrays[f"w{k}"], self.rule, self.signal
        kept, bias = self._state(f"rule{k}."), self._state(f"signal{k}.")
        u, third = (np.empty(w.shape[1], np.float32) for _ in range(2))
        drives, says, moves = drive.dispatcher, signal.kernel.dispatcher, rule.kernel.dispatcher
        for x in patches:
            drives(x, w, u)
            says(u, _NOTHING, third, *bias, *signal.params)
            moves(w, x, u, third, *kept, *rule.params)

    def _state(self, prefix: str) -> list[Any]:
        return [array for name, array in self.arrays.items() if name.startswith(prefix)]

    def _patches(self, k: int, X: F32) -> F32:
        """Return what layer k sees at ``looks`` random places of each map (n, values), without the blank ones."""
        level, shape = self.levels[k], self.shapes[k]
        around = (level.padding, level.padding)
        maps = np.pad(X.reshape(-1, *shape), ((0, 0), around, around, (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(maps, (level.kernel,) * 2, axis=(1, 2))
        image = self.rng.permutation(np.repeat(np.arange(len(maps)), self.looks))
        y, x = (self.rng.integers(side, size=len(image)) for side in windows.shape[1:3])
        seen = windows[image, y, x].transpose(0, 2, 3, 1).reshape(len(image), len(self.arrays[f"w{k}"]))
        return contrasted(seen[seen.std(axis=1) >= self.blank], FLOOR)

    def _level(self, k: int) -> list[chain.Op]:
        level, w = self.levels[k], self.arrays[f"w{k}"]
        if k == 0 and self.whiten is not None:
            w = self.arrays["whiten"] @ w
        conv = chain.Conv(w, self.shapes[k], level.kernel, 1, level.padding, "zero", FLOOR)
        pool = chain.Pool(conv.shape_out, "max", level.pool, level.pool)
        return [conv, chain.Triangle(level.units), pool, chain.Tap()]

    def _images(self, X: F32) -> F32:
        return samples(X, int(np.prod(self.shapes[0])))


def _untaught(signal: object) -> Signal:
    """Return the signal; raises ConfigError for one that waits for a teacher: nobody is there."""
    if not isinstance(signal, Signal) or signal.teaches != "nothing":
        raise ConfigError(
            f"signal must be a Signal without a teacher, e.g. signals.make('unsupervised'), not {signal!r}"
        )
    return signal


def _shapes(shape: Shape, layers: Sequence[Level]) -> list[Shape]:
    """Return the shapes of the maps before, between and after the layers; raises ConfigError where nothing is left."""
    height, width, channels = image_shape(shape)
    found = [(height, width, channels)]
    if not layers or not all(isinstance(level, Level) for level in layers):
        raise ConfigError("layers must be a list of at least one Level")
    for level in layers:
        whole("units", level.units, 2), whole("kernel", level.kernel, 1)
        whole("padding", level.padding, 0), whole("pool", level.pool, 1)
        height, width = (
            (side + 2 * level.padding - level.kernel + 1) // level.pool for side in (height, width)
        )
        if min(height, width) < 1:
            raise ConfigError(
                f"{level} leaves nothing of a map of shape {found[-1]}: take a smaller kernel or pool"
            )
        found.append((height, width, level.units))
    return found
