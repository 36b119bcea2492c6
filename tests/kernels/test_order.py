"""Sums run in one declared order, whatever is skipped or done eight rows at a time."""

import numpy as np
import pytest

from edgelearn.errors import InputError
from edgelearn.kernels.order import define_drive, drive, drive_ones, in_order
from edgelearn.testing.fills import FILLS, SHAPES, fill, same_bits

pytestmark = pytest.mark.kernels


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize(("n_pre", "n_post"), SHAPES)
def test_drive_equals_its_definition(name, n_pre, n_post):
    rng = np.random.default_rng(n_pre)
    x, w = fill(name, rng, (n_pre,)), fill(name, rng, (n_pre, n_post))
    out = np.full(n_post, 7, np.float32)
    with np.errstate(all="ignore"):
        drive(x, w, out)
        assert same_bits(out, define_drive(x, w))


@pytest.mark.parametrize("active", range(20))
def test_silent_inputs_take_no_part(active):
    rng = np.random.default_rng(active)
    x, w = np.zeros(40, np.float32), fill("random", rng, (40, 5))
    x[rng.permutation(40)[:active]] = fill("random", rng, (active,))
    out = np.empty(5, np.float32)
    drive(x, w, out)
    assert same_bits(
        out, in_order(x[:, None] * w)
    )  # a product with 0 leaves a sum of finite weights as it is
    w[x == 0] = np.nan
    drive(x, w, out)
    assert same_bits(out, define_drive(x, w))
    assert np.isfinite(out).all()


@pytest.mark.parametrize("active", range(10))
def test_a_list_of_spikes_drives_as_they_do(active):
    rng = np.random.default_rng(active)
    which, x = np.sort(rng.permutation(12)[:active]).astype(np.int32), np.zeros(12, np.float32)
    x[which] = 1
    w, out = fill("large", rng, (12, 5)), np.full(5, 7, np.float32)
    drive_ones(which, w, out)
    assert same_bits(out, define_drive(x, w))


def test_the_order_is_from_the_first_to_the_last():
    terms = np.array([1e8, 1.0, -1e8, 1.0], np.float32)
    assert in_order(terms) == 1.0  # any other order keeps 0 or 2
    out = np.empty(1, np.float32)
    drive(np.ones(4, np.float32), terms[:, None].copy(), out)
    assert out[0] == 1.0


def test_a_kernel_refuses_what_is_not_float32():
    w, out = np.ones((3, 2), np.float32), np.empty(2, np.float32)
    with pytest.raises(InputError, match="x must be an array of float32, not float64"):
        drive(np.ones(3), w, out)
    with pytest.raises(InputError, match="w must be an array of float32, not int64"):
        drive(w[:, 0].copy(), np.ones((3, 2), np.int64), out)
    with pytest.raises(InputError, match="x must be an array of float32, not list"):
        drive([1.0, 2.0, 3.0], w, out)
