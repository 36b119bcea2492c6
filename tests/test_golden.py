"""The golden files: written when told to, compared otherwise, equal to the bit after reading."""

import numpy as np
import pytest

from tests import golden

CASES = [{"n": 2, "w": golden.exact(1, (2, 3)), "at": np.array([4]), "steps": [{"eta": np.float32(-0.0)}]}]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(golden, "VECTORS", tmp_path)
    monkeypatch.delenv(golden.VARIABLE, raising=False)
    return tmp_path


def test_arrays_come_back_to_the_bit():
    golden.write(golden.VECTORS, "rules", "some", CASES)
    (case,) = golden.read("rules", "some")
    assert np.array_equal(case["w"].view(np.uint32), CASES[0]["w"].view(np.uint32))
    assert np.signbit(case["steps"][0]["eta"])
    assert case["at"].dtype.kind == "i"
    assert case["n"] == 2


def test_a_missing_or_stale_file_says_how_it_is_written(monkeypatch):
    with pytest.raises(
        AssertionError, match=r"some\.json is not what .* EDGELEARN_WRITE_VECTORS=1 writes it"
    ):
        golden.write_or_compare("rules", "some", CASES)
    monkeypatch.setenv(golden.VARIABLE, "1")
    golden.write_or_compare("rules", "some", CASES)
    monkeypatch.delenv(golden.VARIABLE)
    golden.write_or_compare("rules", "some", CASES)
    moved = CASES[0]["w"] + np.float32(2**-16)
    with pytest.raises(AssertionError, match=r"some\.json is not what the definition says"):
        golden.write_or_compare("rules", "some", [{**CASES[0], "w": moved}])


def test_nan_is_no_golden_vector():
    with pytest.raises(AssertionError, match="a golden vector has NaN"):
        golden.write(golden.VECTORS, "rules", "some", [np.full(2, np.nan, np.float32)])


def test_exact_numbers_are_the_same_everywhere():
    assert golden.exact(0, (3,)).tolist() == [2.191375732421875, -3.6834259033203125, -7.3444366455078125]
