"""The committed network: what it knows, and what it cannot."""

import numpy as np
import pytest

from edgelearn.demo import stream
from edgelearn.demo.device import NETWORK
from edgelearn.demo.views import WHOLE
from edgelearn.extractor import Extractor


@pytest.fixture(scope="module")
def digits() -> stream.Digits:
    return stream.load_digits()


def test_head_knows_held_out_old_digits_and_has_no_word_for_new_ones(digits: stream.Digits) -> None:
    network = Extractor(stream.asset(WHOLE), cut=None)
    assert network.n_features == len(stream.OLD)
    old = digits.test[digits.y[digits.test] < len(stream.OLD)]
    said = network.many(digits.x[old]).argmax(axis=1)
    assert np.mean(said == digits.y[old]) > 0.97


def test_cut_network_is_the_whole_one_below_its_head(digits: stream.Digits) -> None:
    cut, whole = Extractor(stream.asset(NETWORK)), Extractor(stream.asset(WHOLE))
    assert cut.cut == whole.cut
    assert cut.fingerprint == whole.fingerprint
    some = digits.x[:20]
    np.testing.assert_array_equal(cut.many(some), whole.many(some))


def test_assets_are_small() -> None:
    assert all(stream.asset(name).stat().st_size < 100_000 for name in (NETWORK, WHOLE, "digits.npz"))
