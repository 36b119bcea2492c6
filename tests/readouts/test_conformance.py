"""Every readout keeps its promises, and the check can tell when one does not."""

import numpy as np
import pytest

from edgelearn import readouts
from edgelearn.errors import ConfigError
from edgelearn.readouts.ncm import NCM
from edgelearn.testing import check_readout

pytestmark = pytest.mark.kernels

# What the prior follows is known a little differently in another order, so decisions agree, scores to a few %.
FOLLOWS = {"slda", "ridge", "rp_ridge"}
VARIANTS = [(name, {}) for name in readouts.names() if name != "rp_ridge"] + [
    ("rp_ridge", {"hidden": 32}),  # the default width settles only after more samples than the check has
    ("slda", {"project": 8}),
    ("slda", {"prior": 4.0}),
    ("ridge", {"prior": 4.0}),
    ("rp_ridge", {"prior": 4.0, "hidden": 20}),
    ("prototypes", {"budget": 2000}),
]


@pytest.mark.parametrize(("name", "config"), VARIANTS)
def test_readout_keeps_its_promises(name, config):
    tolerance = 0.05 if name in FOLLOWS and "prior" not in config else 1e-5
    check_readout(lambda: readouts.make(name, **config), rtol=tolerance)


class Impure(NCM):
    name = "impure"

    def _scores(self, x):
        self._sums[0, 0] += 1
        return super()._scores(x)


class Forgetful(NCM):
    name = "forgetful"

    def _learn(self, x, c):
        super()._learn(x, c)
        self._sums *= np.float32(0.9)
        self._refresh()

    def _learn_stream(self, X, indices):
        for x, c in zip(X, indices, strict=True):
            self._learn(x, int(c))


class Leaky(NCM):
    name = "leaky"

    def bytes_with(self, n_classes, n_features):
        return super().bytes_with(n_classes, n_features) - 8


class HalfSaved(NCM):
    name = "half_saved"

    def _restore(self, arrays):
        super()._restore(arrays | {"carry": np.zeros_like(arrays["carry"])})


class Pretender(NCM):
    name = "pretender"

    def _unlearn(self, x, c):  # noqa: ARG002 (ignoring it is the fault)
        self._counts[c] -= 1


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Impure, "predicting changes nothing|equals the loop"),
        (Forgetful, "same scores|learns four"),
        (Leaky, "bytes_with"),
        (HalfSaved, "never having stopped"),
        (Pretender, "unlearn"),
    ],
)
def test_check_catches_a_broken_readout(broken, promise):
    with pytest.raises(AssertionError, match=promise):
        check_readout(broken)


def test_unknown_names_are_told():
    with pytest.raises(ConfigError, match="slda"):
        readouts.make("lda")
    with pytest.raises(ConfigError, match="shrink"):
        readouts.make("slda", shrink=1)
