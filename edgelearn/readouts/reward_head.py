r"""Reward head: learns what to answer from nothing but how well the answers it gave went.

.. math::
    y &= \mathrm{softmax}(z W), \quad z = (\tfrac{x - \mu}{\sigma}, 1) \\
    W_{ik} &\leftarrow W_{ik} + \frac{\eta}{|z|^2} (r - y_k)\, z_i \quad \text{for the unit } k \text{ that answered}

A softmax neuron, the rule `delta` and the signal `reward_choice`: one unit answers, drawn by its share, and it alone
learns by how much better it went than it thought (Roelfsema & van Ooyen 2005, Neural Comput. 17:2176, AGREL without
a hidden layer). Mean and spread are those of the stream, and the step is normalised, so that eta has no unit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from edgelearn.bounds import positive
from edgelearn.errors import ConfigError, InputError
from edgelearn.kernels.order import drive
from edgelearn.kernels.standard import standardise, track
from edgelearn.neurons import softmax
from edgelearn.readouts.base import Algebra, Readout
from edgelearn.rules import delta
from edgelearn.signals import label_error, reward_choice
from edgelearn.types import F32, F64, I64, Array, Label

_NEURON = softmax.neuron()
_UNBOUND: tuple[Any, Any] = np.float32(-np.inf), np.float32(np.inf)  # the weights


class RewardHead(Readout):
    """O(C D) to learn and to predict, 4 C D bytes.

    ``classes`` are the answers it may try before anybody named one; ``eta`` is the normalised learning rate per step,
    below 2. A reward is in [-1, 1]: 1 right, 0 wrong, anything between as good as that. `learn_one` teaches the
    same weights by labels. ``counts`` are of the samples learned as, or rewarded for, a class.
    """

    name = "reward_head"
    algebra = Algebra(order_free=False, merge="approximate", unlearn="none", forget="approximate")
    keeps_statistics = False

    def __init__(self, classes: Sequence[Label] = (), eta: float = 1.0) -> None:
        super().__init__()
        self._eta = float(positive("eta", eta))
        if self._eta >= 2:
            raise ConfigError(f"eta must be below 2, where a normalised step diverges, not {eta!r}")
        given: object = classes
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ConfigError(f"classes must be a list of labels, not {given!r}")
        for label in classes:
            if self._labels.check(label) in self._labels:
                raise ConfigError(f"classes must differ; {label!r} is there twice")
            self._labels.add(self._labels.check(label))
        self._declared = list(self._labels.labels)

    def config(self) -> dict[str, Any]:
        return {"classes": list(self._declared), "eta": self._eta}

    def bytes_with(self, n_classes: int, n_features: int) -> int:
        return 4 * (3 * n_features + n_features + 1 + 2) + n_classes * (4 * (n_features + 1) + 8 + 5 * 4)

    def state(self) -> dict[str, Array]:
        return {
            "weights": self._w,
            "counts": self._counts,
            "scale": self._scale,
            "scale_n": np.array(self._scale_n),
        }

    def _bind(self, n_features: int) -> None:
        self._scale, self._scale_n = np.zeros((3, n_features), np.float32), 0
        self._z, self._choice = np.zeros(n_features + 1, np.float32), np.zeros(2, np.float32)
        self._w, self._counts = np.zeros((n_features + 1, 0), np.float32), np.zeros(0, np.int64)
        self._grow(len(self._labels))

    def _grow(self, n_classes: int) -> None:
        more = n_classes - len(self._counts)
        self._w = np.pad(self._w, ((0, 0), (0, more)))
        self._counts = np.pad(self._counts, (0, more))
        self._scratch(n_classes)

    def _scratch(self, n_classes: int) -> None:
        self._u, self._y, self._slope, self._third, self._label = np.zeros((5, n_classes), np.float32)

    def _learn(self, x: F32, c: int) -> None:
        self._label[:] = 0
        self._label[c] = 1
        self._step(x, c, label_error.kernel.dispatcher, self._label)

    def _reinforce(self, x: F32, c: int, reward: float) -> None:
        if not -1 <= reward <= 1:
            raise InputError(f"reward must be in [-1, 1], not {reward:g}: scale it; nothing was learned")
        if self.n_features is None:
            self._bind(len(x))
            self.n_features = len(x)
        self._choice[:] = c, reward
        self._step(x, c, self._hear, self._choice)

    def _hear(self, share: F32, choice: F32, third: F32) -> None:
        """Write what each unit hears of a reward into third (C,)."""
        reward_choice.kernel.dispatcher(share, choice, third)

    def _explore(self, chances: F64, u: float) -> int:
        """Draw the class by its share."""
        return min(int(np.searchsorted(chances.cumsum(), u, side="right")), len(chances) - 1)

    def _step(self, x: F32, c: int, signal: Callable[[F32, F32, F32], None], teach: F32) -> None:
        self._scale_n += 1
        track.dispatcher(x, self._scale_n, self._scale)
        eta: Any = np.float32(self._eta / self._drive(x))
        softmax.kernel.dispatcher(self._u, self._y, self._slope, *_NEURON.params)
        signal(self._y, teach, self._third)
        delta.kernel.dispatcher(self._w, self._z, self._y, self._third, eta, *_UNBOUND)
        self._counts[c] += 1

    def _drive(self, x: F32) -> float:
        square = float(standardise.dispatcher(x, self._scale, self._z))
        drive.dispatcher(self._z, self._w, self._u)
        return square

    def _scores(self, x: F32) -> F64:
        if self.n_features is None:  # answers were declared, and nothing was learned yet
            return np.zeros(len(self._labels))
        self._drive(x)
        return self._u.astype(np.float64)

    def _novelty(self, x: F32, scores: F64) -> float:  # noqa: ARG002 (one signature for all readouts)
        """Return 1 - the highest probability (Hendrycks & Gimpel 2017)."""
        return 1.0 - float(self.probabilities(scores).max())

    def _count(self, c: int) -> int:
        return 0 if self.n_features is None else int(self._counts[c])

    def _forget(self, c: int) -> None:
        if self.n_features is not None:
            self._w, self._counts = np.ascontiguousarray(np.delete(self._w, c, 1)), np.delete(self._counts, c)
            self._scratch(len(self._counts))

    def _merge(self, other: Self, indices: I64) -> None:
        """Average the weights of shared classes by their counts, in raw feature space."""
        mine, theirs = self._raw(), other._raw()
        share = other._counts / np.maximum(self._counts[indices] + other._counts, 1)
        mine[:, indices] += share * (theirs - mine[:, indices])
        mine[-1] += self._scale[0] @ mine[:-1]
        units = self._units()
        self._w[...] = np.divide(mine, units, out=np.zeros_like(mine), where=units > 0)
        self._counts[indices] += other._counts

    def _units(self) -> F64:
        """Return what turns a weight of a standardised feature into one of the feature itself (D + 1, 1)."""
        return np.append(self._scale[2], 1.0)[:, None].astype(np.float64)

    def _raw(self) -> F64:
        raw = self._w * self._units()
        raw[-1] -= self._scale[0] @ raw[:-1]
        return raw

    def _restore(self, arrays: Mapping[str, Array]) -> None:
        self._w[...], self._counts[...] = arrays["weights"], arrays["counts"]
        self._scale[...], self._scale_n = arrays["scale"], int(arrays["scale_n"])

    def _arrays(self) -> list[Array]:
        scratch = [self._z, self._choice, self._u, self._y, self._slope, self._third, self._label]
        return [self._w, self._counts, self._scale, *scratch]
