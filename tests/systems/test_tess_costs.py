"""What TESS and Diehl & Cook cost: counted, and equal to what the shapes say."""

import numpy as np

from edgelearn.bench import costs
from edgelearn.bench.systems import diehl_cook
from edgelearn.rules import stdp_eligibility
from edgelearn.systems.s_tllr import SpikingNet, gradient
from edgelearn.systems.tess import Tess

SIZES, LATE = (7, 5, 4, 3), 2


def net(kind=Tess):
    return kind(SIZES, rule=stdp_eligibility.rule(a_post=0), late=LATE)


def test_a_local_signal_takes_two_products_a_unit_and_class_and_no_weight_of_another_layer():
    assert costs.signal(net()) == LATE * 2 * 3 * (5 + 4)
    assert costs.signal(net(SpikingNet)) == LATE * (4 * 3 + 5 * 4)


def test_products_on_the_way_back_are_signal_and_changes_of_late_steps():
    one = net()
    back = costs.macs(one, lambda x: gradient(one, x, costs.Y), 10) - costs.forward(one, 10)
    assert back == costs.signal(one) + LATE * (7 * 5 + 5 * 4 + 4 * 3)


def test_bptt_carries_errors_through_all_steps_and_makes_changes_in_each():
    row = costs._row(net(), 10)
    assert row["signal, BPTT"] == LATE * 4 * 3 + 10 * 5 * 4
    assert row["macs, BPTT"] == row["signal, BPTT"] + LATE * 4 * 3 + 10 * (7 * 5 + 5 * 4)
    assert row["forward"] == LATE * 4 * 3 + 10 * (7 * 5 + 5 * 4)
    assert (row["kept"], row["kept, BPTT"]) == (3 * 9 + 12, 10 * (7 + 2 * 9) + 3 * 9)


def test_what_bptt_keeps_grows_with_time_and_what_tess_keeps_does_not():
    table = {m.name: m.value for m in costs.measure("tess", Tess, a_post=1.0)}
    assert table["tess.memory_growth"] == 0
    assert table["tess.memory_t100"] > 5 * table["tess.memory_t10"] > 5
    assert table["tess.signal_t10"] > table["tess.signal_all_t10"] > table["tess.macs_t10"] > 1


def test_synapses_that_one_image_touches_are_counted():
    inputs, units = np.zeros((3, 4)), np.zeros((3, 2))
    inputs[0, :2], inputs[2, 1], units[1, 0] = 1, 1, 1
    driven, down, up, scaled = 3 * 2, 1, 2, 2 * 4
    assert diehl_cook._touched(inputs, units) == driven + down + up + scaled
