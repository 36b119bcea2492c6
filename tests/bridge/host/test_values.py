"""Samples and scores between Python and the wire."""

import struct
from array import array

import numpy as np
import pytest

from firmware_bridge.protocol.constants import NUMBERS
from firmware_bridge.protocol.errors import MalformedError
from firmware_bridge.values import from_wire, samples, to_wire

F32, Q15 = NUMBERS["f32"], NUMBERS["q15"]


@pytest.mark.parametrize(
    "x",
    [
        [0.5, -1, 2.25],
        (0.5, -1.0, 2.25),
        array("f", [0.5, -1, 2.25]),
        array("d", [0.5, -1, 2.25]),
        np.array([0.5, -1, 2.25], np.float32),
        np.array([0.5, 9, -1, 9, 2.25, 9], np.float32)[::2],
        memoryview(array("f", [0.5, -1, 2.25])),
        (value for value in (0.5, -1, 2.25)),
        np.array([0.5, -1, 2.25], ">f4"),
        np.array([0.5, -1, 2.25], np.float16),
        np.array([2.25, -1, 0.5])[::-1],
        np.array([0.5, -1, 2.25], object),
    ],
)
def test_whatever_holds_numbers_becomes_float32(x):
    assert to_wire(x, F32, 3) == struct.pack("<3f", 0.5, -1, 2.25)


def test_q15_buffers_pass_and_real_numbers_are_rounded_to_even_and_saturated():
    assert to_wire(np.array([1, -2], np.int16), Q15, 2) == struct.pack("<2h", 1, -2)
    real = [0.5 / 32768, 1.5 / 32768, -0.5 / 32768, 1.0, -1.0, 7.0, -7.0, float("inf"), float("-inf")]
    wanted = [0, 2, 0, 32767, -32768, 32767, -32768, 32767, -32768]
    assert to_wire(real, Q15, 9) == struct.pack("<9h", *wanted)


@pytest.mark.parametrize(
    ("x", "number", "words"),
    [
        ([1, 2], F32, "takes 3 values, x has 2"),
        (np.zeros((3, 1), np.float32), F32, "one dimension"),
        (["a", "b", "c"], F32, "no list or array of numbers"),
        ([float("nan"), 0, 0], Q15, "NaN"),
        ([1, 2, 3], NUMBERS["none"], "no head"),
        (None, F32, "no list or array"),
        (3.0, Q15, "no list or array"),
        ("abc", F32, "no list or array"),
        ([10**400] * 3, F32, "no list or array"),
        (np.zeros(3, complex), F32, "complex"),
        (np.zeros(3, "datetime64[s]"), F32, "no list or array"),
    ],
)
def test_what_is_no_sample_is_refused(x, number, words):
    with pytest.raises(MalformedError, match=words):
        to_wire(x, number, 3)


def test_scores_are_exact_and_a_part_of_one_is_refused():
    assert from_wire(struct.pack("<2f", 0.1, -3), F32) == (float(np.float32(0.1)), -3.0)
    assert from_wire(struct.pack("<2h", 1, -2), Q15) == (1, -2)
    with pytest.raises(MalformedError):
        from_wire(b"\0" * 5, F32)


def test_a_window_is_channels_by_samples_and_numpy_takes_it():
    view = samples(struct.pack("<6h", 1, 2, 3, 4, 5, 6), "h", 2)
    assert view.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert np.asarray(view).dtype == np.int16
    assert len(samples(b"", "f", 2)) == 0
    for bad in ((b"\0" * 5, 1), (b"\0" * 6, 2), (b"\0" * 4, 0)):
        with pytest.raises(MalformedError):
            samples(bad[0], "h", bad[1])
