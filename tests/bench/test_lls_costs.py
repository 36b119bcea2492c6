"""The counts of LLS and SoftHebb are those a reader gets by hand."""

import numpy as np
import pytest

from edgelearn.bench import backprop, backprop_conv, lls_costs, softhebb_costs
from edgelearn.systems.conv_block import Block
from edgelearn.systems.lls import LLS, dense
from edgelearn.systems.softhebb import PUBLISHED, conv
from edgelearn.systems.softhebb import dense as softhebb

CONV = (Block((8, 8, 1), 6, 3, "max", 2), Block((4, 4, 6), 16))


@pytest.mark.parametrize(
    ("net", "twin", "signal", "signal_bp"),
    [
        (
            LLS(dense((20, 30, 40)), 5),
            backprop.Backprop(backprop.Setting((20, 30, 40, 5), normalised=True)),
            2 * 5 * (30 + 40),  # two products a class and unit
            30 * 40 + 40 * 5,  # the weights above the first layer
        ),
        (
            LLS(CONV, 5, fields=(2, 1)),
            backprop_conv.BackpropConv(backprop_conv.Setting(CONV, n_classes=5)),
            2 * 5 * (4 * 6 + 16),
            96 * 16 + 16 * 5,
        ),
    ],
    ids=["dense", "conv"],
)
def test_the_signal_takes_two_products_a_class_and_field(net, twin, signal, signal_bp):
    found = {m.name: m.value for m in lls_costs.measure("lls", net, twin)}
    assert found["lls.signal"] == signal
    assert found["lls.signal_bp"] == signal_bp
    assert found["lls.signal_fewer"] == pytest.approx(signal_bp / signal)


def test_one_layer_is_kept_at_a_time():
    assert lls_costs.cost(LLS(dense((20, 30, 40)), 5)).bytes == 4 * (30 + 40 + 40)
    assert lls_costs.cost(LLS(CONV, 5, fields=(2, 1))).bytes == 4 * (64 + 6 * 64 + 4 * 6)


def test_softhebb_takes_three_products_a_weight_and_position():
    one, two = softhebb(7), conv((8, 8, 3), PUBLISHED[:2])
    one.settle(np.zeros((1, 20), np.float32))
    two.settle(np.zeros((1, 192), np.float32))
    assert softhebb_costs.cost(one) == (4 * (20 + 14), 3 * 20 * 7)
    assert softhebb_costs.cost(two).macs == 3 * (64 * 75 * 96 + 16 * 9 * 96 * 384)
    assert softhebb_costs.cost(two).bytes == 4 * (16 * 96 + 4 * 384 + 2 * 384)
