"""Every system that can be frozen gives the same features as a file, alone and with a layer on top."""

from importlib import import_module
from pkgutil import walk_packages

import numpy as np
import pytest

from edgelearn import Extractor, systems
from edgelearn.export import to_onnx
from edgelearn.systems import chain
from edgelearn.systems.deep_hebbian import DeepHebbian, levels
from edgelearn.systems.forward_forward import ForwardForward
from edgelearn.systems.forward_forward_unlabelled import UnlabelledForwardForward
from edgelearn.systems.grlu import GRLU
from edgelearn.systems.krotov_hopfield import KrotovHopfield
from edgelearn.systems.lls import LLS, SMALL_FIELDS, dense, small_conv
from edgelearn.systems.lpl import LPL
from edgelearn.systems.predictive_coding import PredictiveCoding
from edgelearn.systems.softhebb import Published
from edgelearn.systems.softhebb import conv as softhebb_conv

SHAPE, N = (16, 16, 1), 256
random = np.random.default_rng(0)
X, Y = random.random((120, N), dtype=np.float32), np.arange(120) % 3
ROWS = [Published(6, 5, 1.0, 0.08, 0.7, "max", 4), Published(8, 3, 0.65, 0.005, 1.4, "mean", 2)]

MAKES = {
    "DeepHebbian": lambda: (DeepHebbian(SHAPE, levels(6, 9)), ()),
    "DeepHebbian whitened": lambda: (DeepHebbian(SHAPE, levels(6, 9), whiten=0.1), ()),
    "ForwardForward": lambda: (ForwardForward((N, 20, 15), 3), (Y,)),
    "UnlabelledForwardForward": lambda: (UnlabelledForwardForward(SHAPE, (20, 15)), ()),
    "GRLU": lambda: (GRLU((N, 20, 3)), (Y,)),
    "KrotovHopfield": lambda: (KrotovHopfield(N, 20), ()),
    "LLS": lambda: (LLS(dense((N, 20, 15)), 3), (Y,)),
    "LLS conv": lambda: (LLS(small_conv(SHAPE), 3, fields=SMALL_FIELDS), (Y,)),
    "LPL": lambda: (LPL((N, 20, 15)), (lambda _rng, X, who: (X[who], 0.9 * X[who]),)),
    "PredictiveCoding": lambda: (PredictiveCoding((N, 20, 15, 3)), (Y,)),
    "SoftHebb": lambda: (softhebb_conv(SHAPE, ROWS), ()),
}  # fmt: skip


def learned(name):
    net, more = MAKES[name]()
    found = net.fit(X, *more) if name in ("SoftHebb", "GRLU") else net.fit(X, *more, epochs=1, batch=40)
    if found is not net:
        next(found)
    return net


@pytest.mark.parametrize("name", MAKES)
def test_features_of_the_file_are_those_of_the_system(name, tmp_path):
    net = learned(name)
    want, within = net.features(X), 1e-4 if name == "SoftHebb" else 1e-5  # its power 0.7 is steep next to 0
    network = Extractor(to_onnx(net, tmp_path / "net.onnx").path)
    got = network.many(X.reshape(len(X), *network.input_shape))
    np.testing.assert_allclose(got, want, rtol=0, atol=within * np.abs(want).max())
    top = chain.Dense(random.standard_normal((want.shape[1], 5)).astype(np.float32))
    both = Extractor(to_onnx([top], tmp_path / "both.onnx", onto=network).path)
    got = both.many(X.reshape(len(X), *network.input_shape))
    np.testing.assert_allclose(got, top(want), rtol=0, atol=within * np.abs(top(want)).max())


def test_every_system_that_can_be_frozen_was_tried():
    found = set()
    for module in walk_packages(systems.__path__, "edgelearn.systems."):
        members = vars(import_module(module.name)).values()
        found |= {kind.__name__ for kind in members if isinstance(kind, type) and hasattr(kind, "frozen")}
    assert found - {"GoodnessLayers", "Stage"} == {name.split()[0] for name in MAKES}
